package entity

import (
	"testing"

	"pgregory.net/rapid"
)

// A table by digests answers as a map does, whatever is held and taken away in which
// order, with digests that point to few places.
func TestByDigestAnswersAsAMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var table byDigest[int]
		held := map[digest]*int{}
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			d := digest{rapid.Uint64Range(0, 40).Draw(t, "place"), rapid.Uint64Range(0, 2).Draw(t, "part")}
			if rapid.IntRange(0, 2).Draw(t, "taken away") == 0 {
				table.remove(d)
				delete(held, d)
			} else {
				v := new(int)
				table.set(d, v)
				held[d] = v
			}
		}
		if table.len() != len(held) {
			t.Fatalf("%d are held, want %d", table.len(), len(held))
		}
		for place := range uint64(41) {
			for part := range uint64(3) {
				if d := (digest{place, part}); table.get(d) != held[d] {
					t.Fatalf("%v gives %v, want %v", d, table.get(d), held[d])
				}
			}
		}
	})
}
