package store

import (
	"context"
	"fmt"
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

// RulesIn reads the rules that any of the changes is about, as far as they have
// alerts. A name of full length may be cut: then it reads all that Rules lists.
func RulesIn(ctx context.Context, s Controls, workspace string, changes []SettingChange) ([]RuleCount, error) {
	var names []string
	read := func() ([]RuleCount, error) { return s.RulesNamed(ctx, workspace, names) }
	for i := range changes {
		rule := changes[i].rule()
		if len(rule) >= correlate.MaxRuleName {
			read = func() ([]RuleCount, error) { return s.Rules(ctx, workspace) }
		}
		if rule != "" {
			names = append(names, rule)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	rules, err := read()
	if err != nil {
		return nil, fmt.Errorf("reading the titles of rules: %w", err)
	}
	return rules, nil
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
