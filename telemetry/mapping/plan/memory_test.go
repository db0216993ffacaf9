package plan

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
)

func key(i int) []byte { return fmt.Append(nil, i) }

// TestProcessesComeBackWhole fills every field, also with nothing and with much.
func TestProcessesComeBackWhole(t *testing.T) {
	m := NewMemory()
	var want Process
	fields := reflect.ValueOf(&want).Elem()
	for i := range fields.NumField() {
		fields.Field(i).SetBytes(bytes.Repeat([]byte{byte('a' + i)}, i*i*40))
	}
	name := []byte("host\x001")
	m.Started(name, &want)
	clear(name) // is copied
	got, ok := m.Find([]byte("host\x001"))
	for i := range fields.NumField() {
		if g := reflect.ValueOf(got).Field(i).Bytes(); !ok || !bytes.Equal(g, fields.Field(i).Bytes()) {
			t.Errorf("field %d came back as %q", i, g)
		}
	}
	if len(want.fields()) != fields.NumField() {
		t.Error("a field is not packed")
	}
}

func TestProcessesAreForgottenOldestFirst(t *testing.T) {
	m := NewMemory()
	for i := range maxProcesses + 10 {
		m.Started(key(i), &Process{CommandLine: key(i)})
	}
	for i, want := range map[int]bool{0: false, 9: false, 10: true, maxProcesses + 9: true} {
		if p, ok := m.Find(key(i)); ok != want || want && string(p.CommandLine) != fmt.Sprint(i) {
			t.Errorf("process %d: %v %v", i, p, ok)
		}
	}
	m.Started(key(10), &Process{CommandLine: []byte("anew")})
	if p, _ := m.Find(key(10)); string(p.CommandLine) != "anew" || len(m.known) != maxProcesses {
		t.Errorf("%v, %d known", p, len(m.known))
	}
}

func TestProcessesAreBoundedInBytes(t *testing.T) {
	m := NewMemory()
	for i := range 10_000 {
		m.Started(key(i), &Process{CommandLine: bytes.Repeat([]byte("x"), 30_000)})
	}
	m.Started([]byte("huge"), &Process{CommandLine: bytes.Repeat([]byte("x"), 100_000)})
	if _, ok := m.Find([]byte("huge")); ok {
		t.Error("a huge command line is kept")
	}
	total := 0
	for _, packed := range m.known {
		p := unpack(packed)
		total += p.size()
	}
	if total != m.bytes || total > maxProcessBytes || len(m.known) < 1000 {
		t.Errorf("%d processes hold %d bytes, counted as %d", len(m.known), total, m.bytes)
	}
}

func TestDevicesAreDescribedOnceAnHour(t *testing.T) {
	m := NewMemory()
	for i, c := range []struct {
		device string
		hour   int64
		want   bool
	}{{"a", 5, true}, {"a", 5, false}, {"b", 5, true}, {"a", 4, false}, {"a", 6, true}} {
		if got := m.Describe([]byte(c.device), c.hour); got != c.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}
