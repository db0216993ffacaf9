package backtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
)

// placement reads "a1 b1 c2": alert a is in incident 1, and so on.
func placement(text string) ([]string, backtest.Placement) {
	var order []string
	at := map[string]correlate.IncidentID{}
	for _, word := range strings.Fields(text) {
		order = append(order, word[:1])
		at[word[:1]] = correlate.IncidentID(word[1] - '0')
	}
	return order, func(id string) correlate.IncidentID { return at[id] }
}

// told puts a difference into a few words.
func told(d backtest.Difference) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d to %d, same %d, elsewhere %d, appeared %d, vanished %d", d.Before.Incidents, d.After.Incidents, d.Same, d.Elsewhere, d.Appeared, d.Vanished)
	for _, c := range d.Merges {
		b.WriteString("; merge")
		for _, p := range c.Parts {
			fmt.Fprintf(&b, " #%d(%s)", p.Incident, strings.Join(p.Sample, ""))
		}
		fmt.Fprintf(&b, " to #%d(%s)", c.Whole.Incident, strings.Join(c.Whole.Sample, ""))
	}
	for _, c := range d.Splits {
		fmt.Fprintf(&b, "; split #%d(%s) to", c.Whole.Incident, strings.Join(c.Whole.Sample, ""))
		for _, p := range c.Parts {
			fmt.Fprintf(&b, " #%d(%s)", p.Incident, strings.Join(p.Sample, ""))
		}
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after, want string }{
		"nothing":         {"", "", "0 to 0, same 0, elsewhere 0, appeared 0, vanished 0"},
		"the same":        {"a1 b1 c2", "a7 b7 c3", "2 to 2, same 2, elsewhere 0, appeared 0, vanished 0"},
		"merge":           {"a1 b1 c2", "a4 b4 c4", "2 to 1, same 0, elsewhere 1, appeared 0, vanished 1; merge #1(ab) #2(c) to #1(abc)"},
		"split":           {"a1 b1 c1", "a4 b4 c5", "1 to 2, same 0, elsewhere 1, appeared 1, vanished 0; split #1(abc) to #1(ab) #0(c)"},
		"one alert moves": {"a1 b1 c1 d2 e2", "a4 b4 c5 d5 e5", "2 to 2, same 0, elsewhere 1, appeared 0, vanished 0"},
		"exchange":        {"a1 b1 c1 d2 e2 f2", "a4 b4 d4 e5 f5 c5", "2 to 2, same 0, elsewhere 2, appeared 0, vanished 0"},
		"ties go to the first": {
			"a1 b1", "a4 b5", "1 to 2, same 0, elsewhere 1, appeared 1, vanished 0; split #1(ab) to #1(a) #0(b)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order, before := placement(c.before)
			_, after := placement(c.after)
			if diff := cmp.Diff(c.want, told(backtest.Compare(order, before, after, before))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever the groupings are, the counts of a difference add up, and read
// backwards it says the opposite.
func TestCompareBalances(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "alerts")
		var order []string
		before, after := map[string]correlate.IncidentID{}, map[string]correlate.IncidentID{}
		for i := range n {
			id := fmt.Sprint(i)
			order = append(order, id)
			before[id] = correlate.IncidentID(rapid.IntRange(1, 9).Draw(t, "before"))
			after[id] = correlate.IncidentID(rapid.IntRange(1, 9).Draw(t, "after"))
		}
		at := func(m map[string]correlate.IncidentID) backtest.Placement {
			return func(id string) correlate.IncidentID { return m[id] }
		}
		there := backtest.Compare(order, at(before), at(after), at(before))
		back := backtest.Compare(order, at(after), at(before), at(after))
		if there.Before.Incidents-there.Vanished+there.Appeared != there.After.Incidents {
			t.Errorf("%s", told(there))
		}
		if there.Appeared != back.Vanished || there.Same != back.Same || there.Merging != back.Splitting || there.Before != back.After {
			t.Errorf("there: %s\nback: %s", told(there), told(back))
		}
		same := backtest.Compare(order, at(before), at(before), at(before))
		if same.Same != same.Before.Incidents || same.Elsewhere+same.Merging+same.Splitting != 0 {
			t.Errorf("%s", told(same))
		}
	})
}

func TestGroupingFollowsMergesAndMoves(t *testing.T) {
	t.Parallel()
	var g backtest.Grouping
	for _, out := range []correlate.Outcome{
		{AlertID: "a", Incident: 1, Created: true},
		{AlertID: "b", Incident: 2, Created: true},
		{AlertID: "c", Incident: 3, Created: true, Merges: []correlate.Merge{{From: 2, Into: 1}}},
		{AlertID: "a", Incident: 1, Update: true},
		{Incident: 4, Moves: []correlate.Move{{AlertID: "a", From: 1, To: 4}, {AlertID: "unknown", From: 1, To: 4}}},
		{AlertID: "d", Incident: 3, Merges: []correlate.Merge{{From: 1, Into: 3}}},
	} {
		g.Enter(out)
	}
	got := ""
	for _, id := range g.Alerts() {
		got += fmt.Sprint(id, g.Incident(id), " ")
	}
	if want := "a4 b3 c3 d3 "; got != want {
		t.Errorf("%q instead of %q", got, want)
	}
	if g.Incidents() != 2 || g.Incident("unknown") != 0 {
		t.Errorf("%d incidents", g.Incidents())
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	f := backtest.Feedback{
		Decisions: map[string]backtest.Decision{
			"a": {Incident: 1, Attack: true}, "b": {Incident: 1, Attack: true}, "c": {Incident: 2}, "d": {Incident: 3},
		},
		Apart: []backtest.Apart{{Alert: "c", From: 1}, {Alert: "d", From: 1}},
	}
	order, good := placement("a1 b1 c2 d3 e4")
	want := backtest.Judgement{Decided: 4, Confirmed: 1, BestF1: 1, Captured: 1, Purity: 1, Parted: 2}
	if diff := cmp.Diff(want, backtest.Judge(f, order, good)); diff != "" {
		t.Error(diff)
	}
	_, bad := placement("a1 b1 c1 d3 e1")
	want = backtest.Judgement{Decided: 4, Confirmed: 1, BestF1: 0.8, Captured: 1, Purity: 2. / 3, Contamination: 1. / 3, Parted: 2, Rejoined: 1}
	if diff := cmp.Diff(want, backtest.Judge(f, order, bad)); diff != "" {
		t.Error(diff)
	}
	if got := backtest.Judge(backtest.Feedback{}, order, good); got != (backtest.Judgement{}) {
		t.Errorf("without decisions: %+v", got)
	}
}
