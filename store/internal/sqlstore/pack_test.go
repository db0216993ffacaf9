package sqlstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestDictionaryIsFrozen: stored data can't be read with any other one.
func TestDictionaryIsFrozen(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(dictionary)
	if got := hex.EncodeToString(sum[:]); got != "a96c5510cf145de81ccf718b46c545954e1aa8f2a624cf83ece45420f8ac5ab8" {
		t.Errorf("the dictionary has changed to %s: data in the field is unreadable now; add a new one beside it", got)
	}
}

func TestPackedComesBack(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 1))
	noise := make([]byte, 3*maxShort)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	for _, data := range [][]byte{
		nil, []byte("x"), []byte(`{"id":"a"}`), dictionary, dictionary[100:5000], noise[:1000], noise, noise[:maxShort], noise[:maxShort+1],
		[]byte(strings.Repeat("long ", maxShort)), bytes.Repeat(noise, 8),
	} {
		packed := pack(data)
		got, err := unpack(packed)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, %d packed: %d bytes, %v", len(data), len(packed), len(got), err)
		}
	}
	if n := len(pack(dictionary[100:5000])); n > 200 {
		t.Errorf("known text of 4,900 bytes takes %d", n)
	}
	if got, err := unpack([]byte("\x00as it is")); err != nil || string(got) != "as it is" {
		t.Errorf("%q %v", got, err)
	}
	// As they were packed before there was a dictionary.
	if got, err := unpack(packer.EncodeAll([]byte("frame"), nil)); err != nil || string(got) != "frame" {
		t.Errorf("%q %v", got, err)
	}
}

// TestDamagedDataIsAnError: never a panic, and no more memory than the limits.
func TestDamagedDataIsAnError(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	good := pack([]byte(`{"@odata.type":"#microsoft.graph.security.alert","id":"a"}`))
	for range 2000 {
		bad := bytes.Clone(good)
		bad[1+rnd.IntN(len(bad)-1)] = byte(rnd.Uint32())
		out, err := unpack(bad[:1+rnd.IntN(len(bad))])
		if err == nil && len(out) > maxShort {
			t.Fatalf("%d bytes", len(out))
		}
	}
	for _, bad := range [][]byte{{1}, {1, 0xff, 0xff, 0xff, 0xff, 0x0f}, {2, 3}, {0x28}} {
		if _, err := unpack(bad); err == nil {
			t.Errorf("%x was read", bad)
		}
	}
}
