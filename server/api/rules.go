package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

type listRulesInput struct {
	InWorkspace
	InPage
	State []string `query:"state,explode" enum:"default,enabled,disabled" maxItems:"3" doc:"What is set for the rule."`
	Now   []string `query:"effective,explode" enum:"enabled,disabled" maxItems:"2" doc:"What holds for its next alert."`
	Q     string   `query:"q" maxLength:"200" doc:"Words that all occur in the rule's id, title or product."`
}

// RuleRow is a rule with what is set for it and what came of it.
type RuleRow struct {
	store.RuleCount
	State     correlate.RuleState `json:"state" doc:"What is set for the rule: default when nothing is."`
	Effective correlate.RuleState `json:"effective" doc:"What holds for its next alert: enabled or disabled."`
	By        string              `json:"by" enum:"rule,tag,default" doc:"What decides that: a setting for the rule, the tag in the description of its latest alert, or the default."`
	Grouping  correlate.Grouping  `json:"grouping" doc:"How its alerts are grouped while it is excluded."`
	Own       bool                `json:"ownGrouping" doc:"The grouping is set for this rule."`
}

// behindAlerts begins the cursors of the rules that have settings but no alerts:
// they come last. No cursor of a store begins so.
const behindAlerts = "~"

func (s *service) listRules(ctx context.Context, in *listRulesInput) (*ListOutput[RuleRow], error) {
	v, err := s.Store.CorrelationSettings(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	l := &ruleList{service: s, ctx: ctx, in: in, settings: v.Settings, set: map[string]correlate.RuleControl{}}
	for _, r := range v.Settings.Rules {
		l.set[r.Rule] = r
	}
	out := List[RuleRow]{Items: []RuleRow{}}
	at, behind := strings.CutPrefix(in.Cursor, behindAlerts)
	if !behind {
		p, err := s.Store.RulePage(ctx, store.RuleQuery{Workspace: in.Workspace, Search: in.Q, Wants: l.wants, Paging: store.Paging{Limit: in.Limit, Cursor: in.Cursor}})
		if err != nil {
			return nil, err
		}
		for i := range p.Items {
			out.Items = append(out.Items, l.row(p.Items[i]))
		}
		if out.Next = p.Next; p.Next != "" {
			return &ListOutput[RuleRow]{Body: out}, nil
		}
		at = "0"
	}
	err = l.unraised(&out, at)
	return &ListOutput[RuleRow]{Body: out}, err
}

// ruleList lists rules as they were asked for.
type ruleList struct {
	*service
	ctx      context.Context
	in       *listRulesInput
	settings correlate.Settings
	set      map[string]correlate.RuleControl
	all      []store.RuleCount // read when a name is so long that it is cut
}

// row joins what came of a rule with what is set for it. Rules are named as settings
// name them, cut to the same length.
func (l *ruleList) row(c store.RuleCount) RuleRow {
	c.Rule = cutRule(c.Rule)
	r := RuleRow{RuleCount: c, State: correlate.RuleDefault, Grouping: correlate.DefaultGrouping()}
	if set, ok := l.set[c.Rule]; ok {
		r.State = set.State
		if set.Grouping != nil {
			r.Grouping, r.Own = *set.Grouping, true
		}
	}
	r.decide(l.settings.Default)
	return r
}

func cutRule(name string) string { return name[:min(len(name), correlate.MaxRuleName)] }

// wants says whether a rule belongs to the list. Of those whose names are the same
// once they are cut, the one with most alerts does.
func (l *ruleList) wants(c *store.RuleCount) (bool, error) {
	if c.Rule == "" || !l.fits(l.row(*c)) {
		return false, nil
	}
	if len(c.Rule) < correlate.MaxRuleName {
		return true, nil
	}
	first, err := l.longest(c.Rule)
	return first == c.Rule, err
}

// longest gives the first rule of which a long name is the beginning, empty without one.
func (l *ruleList) longest(name string) (string, error) {
	if l.all == nil {
		var err error
		if l.all, err = l.Store.Rules(l.ctx, l.in.Workspace); err != nil {
			return "", err
		}
	}
	for i := range l.all {
		if cutRule(l.all[i].Rule) == cutRule(name) {
			return l.all[i].Rule, nil
		}
	}
	return "", nil
}

func (l *ruleList) fits(r RuleRow) bool {
	return (len(l.in.State) == 0 || slices.Contains(l.in.State, string(r.State))) && (len(l.in.Now) == 0 || slices.Contains(l.in.Now, string(r.Effective)))
}

// unraised fills a page with the rules that have settings but no alerts, from the
// one on at which an earlier page ended.
func (l *ruleList) unraised(out *List[RuleRow], at string) error {
	from, err := strconv.Atoi(at)
	if err != nil || from < 0 || from > len(l.settings.Rules) {
		return store.ErrBadCursor
	}
	raised, err := l.raised()
	if err != nil {
		return err
	}
	q := store.RuleQuery{Search: l.in.Q}
	for n, set := range l.settings.Rules[from:] {
		c := store.RuleCount{Rule: set.Rule}
		if raised[set.Rule] || !q.Finds(&c) || !l.fits(l.row(c)) {
			continue
		}
		if len(out.Items) == l.in.Limit {
			out.Next = behindAlerts + strconv.Itoa(from+n)
			return nil
		}
		out.Items = append(out.Items, l.row(c))
	}
	return nil
}

// raised says which of the rules that have settings have alerts.
func (l *ruleList) raised() (map[string]bool, error) {
	out := map[string]bool{}
	names := make([]string, 0, len(l.set))
	for _, r := range l.settings.Rules {
		names = append(names, r.Rule)
		if len(r.Rule) == correlate.MaxRuleName {
			first, err := l.longest(r.Rule)
			if err != nil {
				return nil, err
			}
			out[r.Rule] = first != ""
		}
	}
	counts, err := l.Store.RulesNamed(l.ctx, l.in.Workspace, names)
	for i := range counts {
		out[counts[i].Rule] = true
	}
	return out, err
}

func (r *RuleRow) decide(byDefault correlate.RuleState) {
	switch {
	case r.State != correlate.RuleDefault:
		r.Effective, r.By = r.State, "rule"
	case r.Tag != "":
		r.Effective, r.By = r.Tag, "tag"
	default:
		r.Effective, r.By = cmp.Or(byDefault, correlate.RuleEnabled), "default"
	}
}
