package store

import (
	"slices"
	"strings"

	"github.com/clew-sec/clew/correlate"
)

// ruleChange begins the words of a change that is about a rule.
const ruleChange = "rule "

// AboutRule is the change of what is set for a rule, named as settings name it.
func AboutRule(rule, before, after string) SettingChange {
	return SettingChange{What: ruleChange + rule, Rule: rule, Before: before, After: after}
}

// rule is what the change is about, empty when that is no rule. Versions of before
// changes had the rule have it in the words only.
func (c *SettingChange) rule() string {
	if c.Rule != "" {
		return c.Rule
	}
	rule, _ := strings.CutPrefix(c.What, ruleChange)
	if rule == c.What {
		return ""
	}
	return rule
}

// RulesIn says whether any of the changes is about a rule.
func RulesIn(changes []SettingChange) bool {
	return slices.ContainsFunc(changes, func(c SettingChange) bool { return c.rule() != "" })
}

// NameRules gives the changes with the titles of their rules in place of what
// settings name them by, as far as titles are known.
func NameRules(changes []SettingChange, rules []RuleCount) []SettingChange {
	titles := make(map[string]string, len(rules))
	for _, r := range rules {
		key := r.Rule[:min(len(r.Rule), correlate.MaxRuleName)]
		if _, twice := titles[key]; !twice {
			titles[key] = r.Title
		}
	}
	out := slices.Clone(changes)
	for i := range out {
		c := &out[i]
		if c.Rule = c.rule(); c.Rule != "" && titles[c.Rule] != "" {
			c.What = ruleChange + titles[c.Rule]
		}
	}
	return out
}
