package correlate

import (
	"math"
	"testing"
)

// What is read from tables is what it stands for, within what a split of a tree
// could notice.
func TestTablesAreClose(t *testing.T) {
	t.Parallel()
	for x := 1e-7; x < 1e9; x *= 1.013 {
		if got, want := float64(log1(x)), math.Log(1+x); math.Abs(got-want) > 2e-5 {
			t.Errorf("log1(%g) = %g, want %g", x, got, want)
		}
		want := min(greatest, -math.Log(-math.Expm1(-x)))
		if got := surpriseOf(x); math.Abs(got-want) > 5e-4 {
			t.Errorf("surpriseOf(%g) = %g, want %g", x, got, want)
		}
	}
	for dt := int64(1); dt < 40*24*3600; dt += 4799 {
		if got, want := fall(dt), math.Exp(-float64(dt)/memory); math.Abs(got-want) > 1e-12 {
			t.Errorf("fall(%d) = %g, want %g", dt, got, want)
		}
	}
	if surpriseOf(0) != greatest || surpriseOf(math.Inf(1)) != 0 || fall(0) != 1 || fall(math.MaxInt64/2) != 0 || log1(math.Inf(1)) != 30 || log1(0) != 0 {
		t.Error("a limit is off")
	}
}
