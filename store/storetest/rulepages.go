package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

// manyRules writes alerts of n rules, of which the first have more of them.
func manyRules(b *book, n int) {
	var all []store.Alert
	for i := range n {
		for k := range 1 + 12/(1+i) {
			a := alertOf(fmt.Sprint(i, "-", k), i, correlate.IncidentID(1+i))
			a.Rule, a.Title, a.Product = fmt.Sprintf("rule %03d", (i*37)%n), fmt.Sprintf("Übung %d", i%5), []string{"One", "Two"}[i%2]
			a.Tag = []correlate.RuleState{"", correlate.RuleDisabled}[i%3/2]
			all = append(all, a)
		}
	}
	b.alerts(all...)
}

func rulePages(t *testing.T, s store.Store) {
	none := must1(s.RulePage(t.Context(), store.RuleQuery{Workspace: home}))
	equal(t, "before anything", store.Page[store.RuleCount]{}, none)
	b := newBook(t, s)
	manyRules(b, 60)
	every := must1(s.Rules(t.Context(), home))
	list := func(q store.RuleQuery, limit int) []store.RuleCount {
		q.Workspace = home
		return all(t, limit, func(p store.Paging) (store.Page[store.RuleCount], error) {
			q.Paging = p
			return s.RulePage(t.Context(), q)
		})
	}
	tagged := func(c *store.RuleCount) (bool, error) { return c.Tag == correlate.RuleDisabled, nil }
	for name, q := range map[string]store.RuleQuery{
		"all": {}, "searched": {Search: "ONE übung  3"}, "found by its name": {Search: "rule 037"}, "none": {Search: "nothing"},
		"no pattern": {Search: "rule%"}, "wanted": {Wants: tagged}, "searched and wanted": {Search: "two", Wants: tagged},
	} {
		want := []store.RuleCount{}
		for _, c := range every {
			if q.Finds(&c) && (q.Wants == nil || c.Tag == correlate.RuleDisabled) {
				want = append(want, c)
			}
		}
		for _, limit := range []int{1, 7, 60, 500} {
			equal(t, fmt.Sprint(name, " by ", limit), want, list(q, limit))
		}
	}
	first := must1(s.RulePage(t.Context(), store.RuleQuery{Workspace: home, Paging: store.Paging{Limit: 3}}))
	for name, q := range map[string]store.RuleQuery{
		"of another search":    {Workspace: home, Search: "two", Paging: store.Paging{Cursor: first.Next}},
		"of another workspace": {Workspace: "other", Paging: store.Paging{Cursor: first.Next}},
		"made up":              {Workspace: home, Paging: store.Paging{Cursor: "7"}},
	} {
		if _, err := s.RulePage(t.Context(), q); !errors.Is(err, store.ErrBadCursor) {
			t.Errorf("a cursor %s: %v", name, err)
		}
	}
	broken := errors.New("broken")
	if _, err := s.RulePage(t.Context(), store.RuleQuery{Workspace: home, Wants: func(*store.RuleCount) (bool, error) { return false, broken }}); !errors.Is(err, broken) {
		t.Errorf("what nobody can tell: %v", err)
	}
	named := must1(s.RulesNamed(t.Context(), home, []string{every[4].Rule, "nobody", every[59].Rule, every[4].Rule}))
	equal(t, "by name", []store.RuleCount{every[4], every[59]}, named, cmpopts.SortSlices(func(x, y store.RuleCount) bool { return x.Alerts > y.Alerts }))
	equal(t, "by name elsewhere", []store.RuleCount{}, must1(s.RulesNamed(t.Context(), "other", []string{every[4].Rule})))
}

// BenchmarkRules reads a page of 50 of 5,000 rules, the first, the middle and one that
// is searched for, and all of them at once.
func BenchmarkRules(b *testing.B, s store.Store) {
	bk := newBook(b, s)
	for from := range 10 {
		var all []store.Alert
		for i := range 500 {
			for k := range 1 + (i % 3) {
				a := alertOf(fmt.Sprint(from, "-", i, "-", k), i, correlate.IncidentID(1+i))
				a.Rule, a.Title = fmt.Sprintf("%s %d-%d", strings.Repeat("rule ", 5), from, i), fmt.Sprintf("Title %d", i)
				all = append(all, a)
			}
		}
		bk.alerts(all...)
	}
	q := store.RuleQuery{Workspace: home, Paging: store.Paging{Limit: 50}}
	middle := q
	for range 50 {
		middle.Cursor = must1(s.RulePage(b.Context(), middle)).Next
	}
	found := q
	found.Search = "title 499"
	for name, q := range map[string]store.RuleQuery{"first page": q, "middle page": middle, "search": found} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must1(s.RulePage(b.Context(), q))
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			must1(s.Rules(b.Context(), home))
		}
	})
}
