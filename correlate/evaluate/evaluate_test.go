package evaluate_test

import (
	"math"
	"strings"
	"testing"

	"github.com/clew-sec/clew/correlate/evaluate"
)

func truthOf(labels string) evaluate.Truth {
	t := evaluate.Truth{}
	for i, l := range labels {
		id := string(rune('0' + i))
		t[id] = evaluate.Label{ID: id, Attack: l != '.', Incident: string(l)}
		if l == '.' {
			t[id] = evaluate.Label{ID: id, Incident: "single:" + id}
		}
	}
	return t
}

func grouping(s string) map[string]string {
	out := map[string]string{}
	for i, g := range s {
		out[string(rune('0'+i))] = string(g)
	}
	return out
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestScore(t *testing.T) {
	t.Parallel()
	perfect := evaluate.Score(truthOf("AAABBB"), grouping("xxxyyy"))
	if perfect.BestF1 != 1 || perfect.B3 != 1 || perfect.ARI != 1 || perfect.Merged != 0 {
		t.Errorf("perfect: %+v", perfect)
	}
	one := evaluate.Score(truthOf("AAABBB"), grouping("xxxxxx"))
	if one.Merged != 2 || !near(one.Purity, 0.5) || one.Captured != 1 {
		t.Errorf("all in one: %+v", one)
	}
	// The textbook split: {A A B} {A B B} has B-cubed precision and recall 5/9.
	if mix := evaluate.Score(truthOf("AAABBB"), grouping("xxyxyy")); !near(mix.B3, 5.0/9) {
		t.Errorf("mixed: %+v", mix)
	}
	alone := evaluate.Score(truthOf("AAABBB"), nil)
	if alone.Unassigned != 6 || alone.Incidents != 6 {
		t.Errorf("alone: %+v", alone)
	}
	noisy := evaluate.Score(truthOf("AAA..."), grouping("xxxxyz"))
	if !near(noisy.Contamination, 0.25) || !near(noisy.Purity, 0.75) {
		t.Errorf("noisy: %+v", noisy)
	}
}

func TestReadTruth(t *testing.T) {
	t.Parallel()
	got, err := evaluate.ReadTruth(strings.NewReader(`{"id":"1","kind":"attack","incident":"A","phase":"x"}

{"id":"2","kind":"background","incident":null,"ambiguous":true}
`))
	if err != nil || !got["1"].Attack || got["2"].Incident != "single:2" || !got["2"].Ambiguous {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := evaluate.ReadTruth(strings.NewReader("{")); err == nil {
		t.Error("took half an object")
	}
}
