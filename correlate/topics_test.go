package correlate_test

import (
	"math"
	"testing"

	"github.com/clew-sec/clew/correlate"
)

// A link tells each thing once, the weightiest first, and only what concerns its
// incident.
func TestFactsTellEachThingOnce(t *testing.T) {
	t.Parallel()
	e := correlate.New(correlate.Options{})
	links := 0
	for i, a := range company(8, 1500) {
		l := e.Add(correlate.Arrival{Seq: int64(i + 1), Received: a.CreatedDateTime, Alert: a}).Link
		if len(l.Facts) == 0 {
			continue
		}
		links++
		told, last := map[string]bool{}, math.Inf(1)
		for _, f := range l.Facts {
			if f.Text == "" || f.Feature == "" || told[f.Text] {
				t.Fatalf("alert %d: %+v", i, l.Facts)
			}
			if told[f.Text] = true; math.Abs(f.Weight) > last {
				t.Fatalf("alert %d: not in order: %+v", i, l.Facts)
			}
			last = math.Abs(f.Weight)
		}
	}
	if links < 100 {
		t.Errorf("only %d links were looked at", links)
	}
}
