package entity

import (
	"hash/maphash"
	"strings"
)

// texts are texts that were made a little while ago. One alert after the other makes
// the same ones, by bringing a domain's name into lower case or by writing it before
// an account's: they are made once, not each time. They are kept in no order and give
// way to each other. Of nil, and of a long one, each text is new.
type texts struct {
	seed      maphash.Seed
	slots     [1 << 10]string
	addresses [1 << 9]readAddress
}

// readAddress is a text that was read as an address, and what normalIP makes of it.
type readAddress struct {
	read, text string
	private    bool
}

// maxRecentText bounds the texts that are kept, in bytes.
const maxRecentText = 256

func newTexts() *texts { return &texts{seed: maphash.MakeSeed()} }

// of gives the bytes as a text.
func (t *texts) of(b []byte) string {
	if t == nil || len(b) > maxRecentText {
		return string(b)
	}
	s := &t.slots[maphash.Bytes(t.seed, b)%uint64(len(t.slots))]
	if *s != string(b) {
		*s = string(b)
	}
	return *s
}

// address is normalIP, which one alert after the other asks about the same addresses.
func (t *texts) address(read string) (text string, private bool) {
	if t == nil || len(read) > maxRecentText {
		return normalIP(read)
	}
	a := &t.addresses[maphash.String(t.seed, read)%uint64(len(t.addresses))]
	if a.read != read {
		// The alert's own text would keep the whole alert in memory.
		a.read = strings.Clone(read)
		a.text, a.private = normalIP(a.read)
	}
	return a.text, a.private
}
