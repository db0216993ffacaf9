package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
	"github.com/google/go-cmp/cmp"
)

func TestChangesNameRulesByTheirTitles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", correlate.MaxRuleName)
	changes := []store.SettingChange{
		{What: "default of rules", Before: "a", After: "b"},
		{What: "rule r1", After: "kept before changes had their rule"},
		store.AboutRule("r1", "a", "b"),
		store.AboutRule("unheard", "a", "b"),
		store.AboutRule("untitled", "a", "b"),
		store.AboutRule(long, "a", "b"),
	}
	before := append([]store.SettingChange(nil), changes...)
	got := store.NameRules(changes, []store.RuleCount{{Rule: "r1", Title: "Port scan"}, {Rule: "untitled"}, {Rule: long + "k", Title: "Long"}})
	want := []store.SettingChange{
		{What: "default of rules", Before: "a", After: "b"},
		{What: "rule Port scan", Rule: "r1", After: "kept before changes had their rule"},
		{What: "rule Port scan", Rule: "r1", Before: "a", After: "b"},
		{What: "rule unheard", Rule: "unheard", Before: "a", After: "b"},
		{What: "rule untitled", Rule: "untitled", Before: "a", After: "b"},
		{What: "rule Long", Rule: long, Before: "a", After: "b"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, changes); diff != "" {
		t.Error("what was given was changed", diff)
	}
}

// asked is a store that says what it was asked for.
type asked struct {
	store.Controls
	names []string
	all   bool
}

func (a *asked) Rules(context.Context, string) ([]store.RuleCount, error) {
	a.all = true
	return nil, nil
}

func (a *asked) RulesNamed(_ context.Context, _ string, names []string) ([]store.RuleCount, error) {
	a.names = names
	return nil, nil
}

// TestRulesOfChanges: no more is read than the changes are about, and nothing where
// they are about no rule. A name that may be cut is looked for among all.
func TestRulesOfChanges(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", correlate.MaxRuleName)
	none, worded, rule := store.SettingChange{What: "default of rules"}, store.SettingChange{What: "rule r1"}, store.AboutRule("r2", "a", "b")
	for name, c := range map[string]struct {
		changes []store.SettingChange
		names   []string
		all     bool
	}{
		"no rule":      {[]store.SettingChange{none}, nil, false},
		"rules":        {[]store.SettingChange{none, worded, rule}, []string{"r1", "r2"}, false},
		"one is long":  {[]store.SettingChange{rule, store.AboutRule(long, "a", "b")}, nil, true},
		"long, others": {[]store.SettingChange{store.AboutRule(long, "a", "b"), rule}, nil, true},
	} {
		a := &asked{}
		if _, err := store.RulesIn(t.Context(), a, "w", c.changes); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.names, a.names); diff != "" || a.all != c.all {
			t.Errorf("%s: all %v %s", name, a.all, diff)
		}
	}
}
