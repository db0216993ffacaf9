package storetest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

// tell enters what a version says of its rule.
func (m *model) tell(a *store.Alert) {
	told, known := m.told[a.Rule]
	if !known || a.FirstActivity.Before(told.First) {
		told.First = a.FirstActivity
	}
	if !known || a.LastActivity.After(told.Last) {
		told.Last = a.LastActivity
	}
	told.Rule, told.Title, told.Product, told.Tag = a.Rule, a.Title, a.Product, a.Tag
	m.told[a.Rule] = told
}

// compareRules counts the alerts of each rule anew, after each change.
func (m *model) compareRules(r *rapid.T, t *testing.T, s store.Store, name string) {
	want := recountRules(slices.Collect(maps.Values(m.alerts)))
	for rule := range m.told {
		if !slices.ContainsFunc(want, func(c store.RuleCount) bool { return c.Rule == rule }) {
			delete(m.told, rule) // it begins anew
		}
	}
	for i := range want {
		c, told := &want[i], m.told[want[i].Rule]
		c.Title, c.Product, c.Tag, c.First, c.Last = told.Title, told.Product, told.Tag, told.First, told.Last
	}
	expect(r, "rules", want, must1(s.Rules(t.Context(), name)))
}

// recountRules is what Rules must give, as far as the alerts as they are now say.
func recountRules(all []store.Alert) []store.RuleCount {
	counts, in, latest := map[string]store.RuleCount{}, map[string]map[correlate.IncidentID]bool{}, map[string]int64{}
	for _, a := range all {
		c := counts[a.Rule]
		if c.Alerts == 0 {
			in[a.Rule] = map[correlate.IncidentID]bool{}
			c = store.RuleCount{Rule: a.Rule, First: a.FirstActivity, Last: a.LastActivity}
		}
		in[a.Rule][a.Incident] = true
		c.Alerts, c.Incidents = c.Alerts+1, len(in[a.Rule])
		if a.Excluded {
			c.Excluded++
		}
		if a.Seq >= latest[a.Rule] {
			c.Title, c.Product, c.Tag, latest[a.Rule] = a.Title, a.Product, a.Tag, a.Seq
		}
		if a.FirstActivity.Before(c.First) {
			c.First = a.FirstActivity
		}
		if a.LastActivity.After(c.Last) {
			c.Last = a.LastActivity
		}
		counts[a.Rule] = c
	}
	return slices.SortedFunc(maps.Values(counts), func(a, b store.RuleCount) int {
		return cmp.Or(cmp.Compare(b.Alerts, a.Alerts), strings.Compare(a.Rule, b.Rule))
	})
}

func ruleCounts(t *testing.T, s store.Store) {
	b := newBook(t, s)
	alert := func(id string, n int, in correlate.IncidentID, rule string, excluded bool) store.Alert {
		a := alertOf(id, n, in)
		a.Rule, a.Product, a.Excluded = rule, "P", excluded
		return a
	}
	tagged := alert("e", 2, 4, "r3", true)
	tagged.Tag = correlate.RuleDisabled
	first := b.alerts(alert("a", 1, 1, "r1", true), alert("b", 5, 2, "r1", true), alert("c", 3, 2, "r1", false), alert("d", 9, 2, "r2", false), tagged)
	want := []store.RuleCount{
		{Rule: "r1", Title: "Alert 3", Product: "P", Alerts: 3, Incidents: 2, Excluded: 2, First: at(1), Last: at(6)},
		{Rule: "r2", Title: "Alert 9", Product: "P", Alerts: 1, Incidents: 1, First: at(9), Last: at(10)},
		{Rule: "r3", Title: "Alert 2", Product: "P", Alerts: 1, Incidents: 1, Excluded: 1, Tag: correlate.RuleDisabled, First: at(2), Last: at(3)},
	}
	check := func(when string) {
		t.Helper()
		equal(t, when, want, must1(s.Rules(t.Context(), home)))
	}
	check("new alerts")
	must1(s.Rules(t.Context(), home))[0].Alerts = 99 // a reader's own copy
	check("again")

	// All of r1 into one incident, and one of them on and back in one change.
	c := b.next()
	c.Moves = []store.AlertMove{{ID: "c", To: 1}, {ID: "b", To: 1}, {ID: "a", To: 7, Link: &correlate.Link{Manual: true}}, {ID: "a", To: 1}}
	b.commit(c)
	want[0].Incidents = 1
	check("after moves")
	c = b.next()
	c.Moves = []store.AlertMove{{ID: "b", To: 2}}
	b.commit(c)
	want[0].Incidents = 2
	check("after a move back")

	// A later version may name another rule. It takes along that it was excluded
	// when it came; a rule without alerts is no more.
	again := alert("e", 20, 4, "r2", false)
	again.Replaces = first.Alerts[4].Seq
	b.alerts(again)
	want = []store.RuleCount{want[0],
		{Rule: "r2", Title: "Alert 20", Product: "P", Alerts: 2, Incidents: 2, Excluded: 1, Tag: correlate.RuleDisabled, First: at(9), Last: at(21)},
	}
	check("after another rule")

	// Two versions in one change, of which the first names a rule that has no alerts.
	c = b.next()
	passing, final := alert("f", 30, 9, "r4", true), alert("f", 31, 1, "r1", false)
	passing.Seq, final.Seq, final.Replaces, c.Seq = c.Seq+1, c.Seq+2, c.Seq+1, c.Seq+2
	c.Alerts = []store.Alert{passing, final}
	b.commit(c)
	want[0].Title, want[0].Alerts, want[0].Excluded, want[0].Last = "Alert 31", 4, 3, at(32)
	check("two versions at once")

	// What fails counts nothing.
	c = b.next()
	c.Alerts = []store.Alert{alert("g", 40, 1, "r1", false)}
	c.Seq++
	c.Alerts[0].Seq = c.Seq
	c.Moves = []store.AlertMove{{ID: "nobody", To: 1}}
	if err := s.Commit(t.Context(), c); err == nil {
		t.Fatal("an alert that is not there was moved")
	}
	check("after a change that failed")
	equal(t, "another workspace", []store.RuleCount{}, must1(s.Rules(t.Context(), "elsewhere")))
}

// longRules are longer than an index takes, and differ at their end.
func longRules(t *testing.T, s store.Store) {
	b := newBook(t, s)
	var all []store.Alert
	for n, end := range []string{"a", "b", "\x00", "\xff", "\ufffd"} {
		a := alertOf(strconv.Itoa(n), n, 1)
		a.Rule = strings.Repeat("é", 10_000) + end
		all = append(all, a)
	}
	b.alerts(all...)
	got := must1(s.Rules(t.Context(), home))
	total := 0
	for _, c := range got {
		total += c.Alerts
	}
	if total != len(all) || len(got) < 3 {
		t.Errorf("%d rules of %d alerts", len(got), total)
	}
}

// WriteRules writes alerts of several rules in two workspaces, with later versions
// and moves, and gives the rules of both. Backends test with it that a migration
// counts what was written before there were counts.
func WriteRules(t testing.TB, s store.Store) map[string][]store.RuleCount {
	t.Helper()
	out := map[string][]store.RuleCount{}
	for _, name := range []string{home, "elsewhere"} {
		b := newBook(t, s)
		b.workspace = name
		var all []store.Alert
		for n := range 40 {
			a := alertOf(strconv.Itoa(n), n, correlate.IncidentID(1+n%5))
			a.Rule, a.Product, a.Excluded = []string{"", "r1", "é", strings.Repeat("long ", 2000), name}[n%7%5], name, n%3 == 0
			a.Tag = []correlate.RuleState{"", correlate.RuleEnabled, correlate.RuleDisabled}[n%4%3]
			all = append(all, a)
		}
		written := b.alerts(all...)
		again := written.Alerts[25] // neither the first nor the last of its rule
		again.Replaces, again.Seq, again.Rule, again.Title = again.Seq, 0, "r1", "said last"
		b.alerts(again)
		c := b.next()
		c.Moves = []store.AlertMove{{ID: all[0].ID, To: 5}, {ID: all[7].ID, To: 9}}
		b.commit(c)
		out[name] = must1(s.Rules(t.Context(), name))
		now := must1(s.Alerts(t.Context(), store.AlertQuery{Workspace: name, Paging: store.Paging{Limit: 500}})).Items
		equal(t, "rules of "+name, recountRules(now), out[name])
	}
	return out
}

// CheckRules compares the rules with what WriteRules gave, and checks that they are
// counted on from there.
func CheckRules(t testing.TB, s store.Store, want map[string][]store.RuleCount) {
	t.Helper()
	for name, rules := range want {
		equal(t, "rules of "+name, rules, must1(s.Rules(t.Context(), name)))
		b := newBook(t, s)
		b.workspace, b.seq = name, must1(s.Position(t.Context(), name))
		all := must1(s.Alerts(t.Context(), store.AlertQuery{Workspace: name, Paging: store.Paging{Limit: 500}})).Items
		c := b.next()
		for _, a := range all {
			c.Moves = append(c.Moves, store.AlertMove{ID: a.ID, To: 3})
		}
		b.commit(c)
		for i := range rules {
			rules[i].Incidents = 1
		}
		equal(t, "rules of "+name+" in one incident", rules, must1(s.Rules(t.Context(), name)))
	}
}
