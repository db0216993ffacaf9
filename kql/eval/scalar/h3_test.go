package scalar

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestH3RoundTrip wants the cell of a place to be near it, its centre to be in
// the cell, and its neighbours to be six others, or five around a pentagon.
func TestH3RoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 3000 {
		p := point{random.Float64()*2*math.Pi - math.Pi, math.Asin(2*random.Float64() - 1)}
		h, ok := h3CellOf(p, n%10)
		q := h.place()
		centre := q.at(q.x, q.y)
		again, _ := h3CellOf(centre, n%10)
		width := centre.vector().angle(q.at(q.x+1, q.y).vector())
		if !ok || again.id() != h.id() || p.vector().angle(centre.vector()) > 0.75*width {
			t.Fatalf("%v at resolution %d: %s, whose centre is in %s", p, n%10, h, again)
		}
		if around := h.ring(1); n%10 > 1 && len(around) != 6 && !(h.pentagon() && len(around) == 5) {
			t.Fatalf("%s has the neighbours %v", h, around)
		}
	}
}
