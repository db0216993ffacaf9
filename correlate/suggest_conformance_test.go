//go:build conformance

package correlate_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
)

// TestConformanceSuggestions counts how many suggestions name two parts of one attack: both
// incidents hold mostly alerts of the same true one at that moment.
func TestConformanceSuggestions(t *testing.T) {
	shared := os.Getenv("CLEW_SHARED")
	if shared == "" {
		t.Fatal("CLEW_SHARED names no folder with labelled alerts")
	}
	told, right := map[correlate.SuggestionKind]int{}, map[correlate.SuggestionKind]int{}
	for _, set := range labelledSets {
		if set.kind != "enterprise" {
			continue
		}
		file := filepath.Join(shared, "data", "correlation", "dev", set.name)
		truth := readTruth(t, file+".truth.jsonl.gz")
		f, open, held := newFlow(correlate.Options{}), suggested{}, contents{}
		as := readAlerts(t, file+".alerts.jsonl.gz")
		for _, a := range as {
			out := f.add(a)
			f.outs = f.outs[:0]
			held.take(a.ID, f.home(a.ID), out, truth)
			open.take(out)
			for _, s := range out.Suggestions {
				told[s.Kind]++
				if l := held.mostly(s.A); l != "" && l == held.mostly(s.B) {
					right[s.Kind]++
				}
			}
		}
		t.Logf("%-24s %d suggestions are open after %d alerts", set.name, len(open), len(as))
		if len(open) > len(as)/20 {
			t.Errorf("%s: more than one suggestion per 20 alerts", set.name)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(told)) {
		t.Logf("%-16s %d of %d name one attack", kind, right[kind], told[kind])
	}
	if near := correlate.SuggestNear; 5*right[near] < 2*told[near] {
		t.Errorf("%d of %d suggestions below the threshold are right", right[near], told[near])
	}
}

// contents counts the true incidents of each incident's alerts.
type contents map[correlate.IncidentID]map[string]int

func (c contents) of(id correlate.IncidentID) map[string]int {
	if c[id] == nil {
		c[id] = map[string]int{}
	}
	return c[id]
}

func (c contents) take(alertID string, home correlate.IncidentID, out correlate.Outcome, truth evaluate.Truth) {
	if l, ok := truth[alertID]; ok {
		c.of(home)[l.Incident]++
	}
	for _, m := range out.Merges {
		for l, n := range c[m.From] {
			c.of(m.Into)[l] += n
		}
	}
}

// mostly is the true incident that most of an incident's alerts belong to.
func (c contents) mostly(id correlate.IncidentID) string {
	best, most := "", 0
	for _, l := range slices.Sorted(maps.Keys(c[id])) {
		if c[id][l] > most {
			best, most = l, c[id][l]
		}
	}
	return best
}
