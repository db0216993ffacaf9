package sqlstore

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/store"
)

const selectRules = "SELECT rule, title, product, alerts, incidents, excluded, stamp, first, last FROM alert_rule"

// readRules appends the rules that a filter selects.
func (s *Store) readRules(ctx context.Context, out []store.RuleCount, f *filter, order string) ([]store.RuleCount, error) {
	err := each(ctx, s.db, func(r Rows) error {
		var c store.RuleCount
		var first, last, stamp int64
		err := r.Scan(&c.Rule, &c.Title, &c.Product, &c.Alerts, &c.Incidents, &c.Excluded, &stamp, &first, &last)
		c.First, c.Last = moment(first), moment(last)
		_, c.Tag = unstamp(stamp)
		out = append(out, c)
		return err
	}, selectRules+f.where()+order, f.args...)
	if err != nil {
		return nil, fmt.Errorf("listing the rules: %w", err)
	}
	return out, nil
}

// Rules implements store.Controls.
func (s *Store) Rules(ctx context.Context, workspace string) ([]store.RuleCount, error) {
	out := []store.RuleCount{}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return out, err
	}
	f := &filter{}
	f.add("ws = ?", ws)
	return s.readRules(ctx, out, f, fmt.Sprintf(" ORDER BY alerts DESC, rule LIMIT %d", store.MaxRules))
}

// RulePage implements store.Controls. The first step reads as much as a page holds, so that
// one which everything belongs to costs no more than itself; few steps read the rest.
func (s *Store) RulePage(ctx context.Context, q store.RuleQuery) (store.Page[store.RuleCount], error) {
	none := store.Page[store.RuleCount]{Items: []store.RuleCount{}}
	cur := cursorsOf("rules", [2]string{q.Workspace, q.Search})
	at, err := cur.numbered(q.Cursor, 1)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, q.Workspace)
	if err != nil || !ok {
		return none, err
	}
	limit := pageSize(q.Paging)
	items := none.Items
	for n := limit + 1; len(items) <= limit; n = min(16*n, store.MaxRules) {
		step, err := s.rulesAfter(ctx, ws, at, n)
		if err != nil {
			return none, err
		}
		for i := range step {
			wanted, err := wantsRule(&q, &step[i])
			if err != nil {
				return none, err
			}
			if wanted && len(items) <= limit {
				items = append(items, step[i])
			}
		}
		if len(step) < n {
			break
		}
		at = endOfRules(step[n-1])
	}
	return page(items, limit, cur, func(c store.RuleCount) position { return *endOfRules(c) }), nil
}

func wantsRule(q *store.RuleQuery, c *store.RuleCount) (bool, error) {
	if !q.Finds(c) || q.Wants == nil {
		return q.Finds(c), nil
	}
	return q.Wants(c)
}

func endOfRules(c store.RuleCount) *position {
	return &position{numbers: []int64{int64(c.Alerts)}, text: c.Rule}
}

func (s *Store) rulesAfter(ctx context.Context, ws int64, at *position, n int) ([]store.RuleCount, error) {
	f := &filter{}
	f.add("ws = ?", ws)
	if at != nil {
		f.add("alerts <= ?", at.numbers[0])
		f.add("(alerts < ? OR rule > ?)", at.numbers[0], at.text)
	}
	return s.readRules(ctx, nil, f, fmt.Sprintf(" ORDER BY alerts DESC, rule LIMIT %d", n))
}

// RulesNamed implements store.Controls.
func (s *Store) RulesNamed(ctx context.Context, workspace string, names []string) ([]store.RuleCount, error) {
	out := []store.RuleCount{}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return out, err
	}
	err = inLists(hashes(names), func(marks string, args []any) (err error) {
		f := &filter{}
		f.add("ws = ?", ws)
		f.add("hash IN "+marks, args...)
		out, err = s.readRules(ctx, out, f, "")
		return err
	})
	return out, err
}
