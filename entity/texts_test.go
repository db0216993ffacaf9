package entity

import (
	"testing"

	"pgregory.net/rapid"
)

// An address that was read before is what it was then, and giving way to others, of
// which there are more than places, changes nothing.
func TestAddressesAreReadTheSameAgain(t *testing.T) {
	t.Parallel()
	recent := newTexts()
	rapid.Check(t, func(t *rapid.T) {
		read := rapid.SampledFrom([]string{"", " 10.1.2.3 ", "[fd00::1]", "127.0.0.1", "203.0.113.9:443", "nonsense"}).Draw(t, "text")
		if rapid.Bool().Draw(t, "any") {
			read = rapid.StringMatching(`(10|203\.0)\.[0-9]{1,2}\.[0-9]{1,2}(\.7)?`).Draw(t, "address")
		}
		for range 2 {
			text, private := recent.address(read)
			if want, of := normalIP(read); text != want || private != of {
				t.Fatalf("%q is read as %q, %v, want %q, %v", read, text, private, want, of)
			}
		}
	})
}

// A text of digits and dots is an address, however wrong, and so is one with a colon.
func TestAddressesAreNoNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": false, "10.1.2.3": true, "300.1": true, "7": true, "::1": true, "ws-7": false, "7.ws": false, "1.2.3.x": false} {
		if isAddress(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
