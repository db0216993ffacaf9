package correlate

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/clew-sec/clew/entity"
)

// TestSharesLikeAMap does the same to shares and to a map, below and above the
// number that is looked through.
func TestSharesLikeAMap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, most := range []int64{4, fewShares, 3 * fewShares} {
		var s shares
		like := map[entity.ID]*share{}
		for range 2000 {
			id := entity.ID(1 + random.Int64N(most))
			switch {
			case like[id] == nil:
				like[id] = &share{}
				s.put(id, like[id])
			case random.IntN(2) == 0:
				s.remove(id)
				delete(like, id)
			}
			s.remove(0)
			if s.get(id) != like[id] || s.len() != len(like) {
				t.Fatalf("entity %d: %v of %d, want %v of %d", id, s.get(id), s.len(), like[id], len(like))
			}
		}
		if want := slices.Sorted(maps.Keys(like)); !slices.Equal(s.ids(), want) {
			t.Fatalf("holds %v, want %v", s.ids(), want)
		}
	}
}
