package correlate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAgendaIsAQueue does the same to an agenda and to a slice.
func TestAgendaIsAQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var a agenda[int]
	var like []due[int]
	for n := range 20_000 {
		if random.IntN(5) < 3 {
			a.push(n, int64(n))
			like = append(like, due[int]{n, int64(n)})
		}
		before := int64(n - random.IntN(3000))
		d, ok := a.take(before)
		want := len(like) > 0 && like[0].At < before
		if ok != want || ok && d != like[0] {
			t.Fatalf("took %v %v before %d of %v", d, ok, before, like[:min(len(like), 3)])
		}
		if ok {
			like = like[1:]
		}
		if n%997 == 0 {
			if list := a.list(); !slices.Equal(list, like) || a.len() != len(like) {
				t.Fatalf("holds %d, want %d", len(list), len(like))
			}
			a.load(like)
		}
	}
}
