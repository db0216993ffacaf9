package store_test

import (
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
	if store.RulesIn(changes[:1]) || !store.RulesIn(changes[:2]) || !store.RulesIn(changes[2:3]) {
		t.Error("what is about a rule is not told from what is not")
	}
}
