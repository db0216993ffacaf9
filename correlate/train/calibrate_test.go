package train

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPlattFindsTheLine recovers the line that labels were drawn from, whatever the
// scores are.
func TestPlattFindsTheLine(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, want := range []struct{ slope, offset float64 }{{1, 0}, {0.4, -1.3}, {3, 2}, {0.05, -4}} {
		var scores, weights []float64
		var right []bool
		for range 50_000 {
			x := rnd.NormFloat64() * 4
			scores, weights = append(scores, x), append(weights, 1)
			right = append(right, rnd.Float64() < 1/(1+math.Exp(-(want.slope*x+want.offset))))
		}
		c := platt(scores, weights, right)
		if math.Abs(c.Slope-want.slope) > 0.15 || math.Abs(c.Offset-want.offset) > 0.2 {
			t.Errorf("slope %v and offset %v, want %v and %v", c.Slope, c.Offset, want.slope, want.offset)
		}
	}
}

// TestPlattStaysWithinBounds: scores that part right from wrong without an
// exception, that part them the wrong way, or that are all one.
func TestPlattStaysWithinBounds(t *testing.T) {
	for name, c := range map[string]struct {
		scores []float64
		right  []bool
	}{
		"parted":        {[]float64{-9, -8, -7.5, 4, 5, 6}, []bool{false, false, false, true, true, true}},
		"far off":       {[]float64{-900, -890, -880, 900}, []bool{false, false, false, true}},
		"the wrong way": {[]float64{-9, -8, 4, 5}, []bool{true, true, false, false}},
		"all one":       {[]float64{2, 2, 2}, []bool{true, false, true}},
		"all right":     {[]float64{1, 2, 3}, []bool{true, true, true}},
	} {
		weights := make([]float64, len(c.scores))
		for i := range weights {
			weights[i] = 1
		}
		got := platt(c.scores, weights, c.right)
		if math.IsNaN(got.Slope) || got.Slope > steepest || math.IsNaN(got.Offset) || math.Abs(got.Offset) > 1000 {
			t.Errorf("%s: slope %v, offset %v", name, got.Slope, got.Offset)
		}
	}
}
