package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/clew-sec/clew/store"
)

// alertGroup is what the facets count an alert by, in the order of alertFacets.
type alertGroup [9]string

// alertGroups counts alerts.
type alertGroups map[alertGroup]int

func groupOf(a *store.Alert) alertGroup {
	return alertGroup{
		clean(a.Status), clean(a.Severity), clean(a.Product), clean(a.ServiceSource), clean(a.DetectionSource), clean(a.Category),
		clean(a.Classification), clean(a.Owner), list(a.Tactics),
	}
}

// edited is the group of an alert after its case work was changed.
func (g alertGroup) edited(e *store.AlertEdit) alertGroup {
	for i, to := range map[int]*string{0: e.Status, 6: e.Classification, 7: e.Owner} {
		if to != nil {
			g[i] = clean(*to)
		}
	}
	return g
}

func (c alertGroups) add(g alertGroup, n int) {
	if c[g] += n; c[g] == 0 {
		delete(c, g)
	}
}

// groupCache keeps the counts of all alerts of each workspace, and follows the
// commits of this process: counting anew reads every alert. It starts when the
// counts are first asked for.
type groupCache struct {
	mu   sync.RWMutex
	kept map[int64]*keptGroups
}

type keptGroups struct {
	rev    int64 // of the workspace, that the counts stand for
	counts alertGroups
}

// maxGroups bounds the counts of a workspace. Products that put a different value
// into each alert make more; these are counted anew for each question.
const maxGroups = 20_000

func (c *groupCache) has(ws int64) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.kept[ws] != nil
}

// use calls f with the counts of a workspace at a revision and tells whether there
// are any. They must not be changed or kept.
func (c *groupCache) use(ws, rev int64, f func(alertGroups)) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	k := c.kept[ws]
	if k == nil || k.rev != rev {
		return false
	}
	f(k.counts)
	return true
}

func (c *groupCache) keep(ws, rev int64, counts alertGroups) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[int64]*keptGroups{}
	}
	if k := c.kept[ws]; k == nil || k.rev < rev {
		c.kept[ws] = &keptGroups{rev, counts}
	}
}

// follow enters what the commit of a revision changed; nil when it was not
// counted. What does not stand at the revision before is dropped.
func (c *groupCache) follow(ws, rev int64, change alertGroups) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.kept[ws]
	if k == nil || k.rev >= rev {
		return
	}
	if change == nil || k.rev != rev-1 || len(k.counts) > maxGroups {
		delete(c.kept, ws)
		return
	}
	for g, n := range change {
		k.counts.add(g, n)
	}
	k.rev = rev
}

// groupable tells whether a query filters by nothing but what the facets count.
func groupable(q *store.AlertQuery) bool {
	return q.Incident == 0 && q.Entity == 0 && q.Rule == "" && q.ActiveFrom.IsZero() && q.ActiveTo.IsZero() && q.ReceivedFrom.IsZero() &&
		len(searchWords(q.Search)) == 0
}

// facetsOf answers a groupable query from counts.
func facetsOf(counts alertGroups, q *store.AlertQuery) store.Facets {
	filters := alertValues(q)
	wanted, items := make([][]string, len(alertFacets)), make([]map[string]int, len(alertFacets))
	for i, f := range alertFacets {
		wanted[i], items[i] = cleanAll(filters[f.name]), map[string]int{}
	}
	out := store.Facets{Fields: map[string][]store.Facet{}}
	for g, n := range counts {
		failing, which := 0, -1
		for i := range g {
			if !g.matches(i, wanted[i]) {
				failing, which = failing+1, i
			}
		}
		if failing == 0 {
			out.Total += n
		}
		for i := range g {
			if failing == 0 || failing == 1 && which == i {
				for _, v := range g.values(i) {
					items[i][v] += n
				}
			}
		}
	}
	for i, f := range alertFacets {
		out.Fields[f.name] = topFacets(items[i])
	}
	return out
}

// values are what a facet shows of a group: a list for the tactics, one for the others.
func (g alertGroup) values(facet int) []string {
	if alertFacets[facet].name == "tactic" {
		return unlist(g[facet])
	}
	return []string{g[facet]}
}

func (g alertGroup) matches(facet int, wanted []string) bool {
	if len(wanted) == 0 {
		return true
	}
	if alertFacets[facet].name != "tactic" {
		return slices.Contains(wanted, g[facet])
	}
	return slices.ContainsFunc(wanted, func(v string) bool { return strings.Contains(g[facet], unit+item(v)+unit) })
}

func groupColumns() string {
	names := make([]string, len(alertFacets))
	for i, f := range alertFacets {
		names[i] = f.column
	}
	return strings.Join(names, ", ")
}

// readGroups counts the alerts that a condition selects.
func readGroups(ctx context.Context, q Querier, where string, args ...any) (alertGroups, error) {
	counts := alertGroups{}
	err := each(ctx, q, func(r Rows) error {
		var g alertGroup
		var n int
		err := r.Scan(g.scan(&n)...)
		counts.add(g, n)
		return err
	}, "SELECT COUNT(*), "+groupColumns()+" FROM alert a WHERE "+where+" GROUP BY "+groupColumns(), args...)
	return counts, err
}

func (g *alertGroup) scan(before ...any) []any {
	for i := range g {
		before = append(before, &g[i])
	}
	return before
}

// countGroups answers a groupable query from the kept counts, and counts first
// when there are none of now. One statement reads revision and counts, so that
// they belong together.
func (s *Store) countGroups(ctx context.Context, ws int64, q *store.AlertQuery) (out store.Facets, err error) {
	var rev int64
	if err := one(ctx, s.db, "SELECT rev FROM workspace WHERE id = ?", []any{ws}, &rev); err != nil {
		return out, err
	}
	if s.groups.use(ws, rev, func(counts alertGroups) { out = facetsOf(counts, q) }) {
		return out, nil
	}
	counts := alertGroups{}
	err = each(ctx, s.db, func(r Rows) error {
		var g alertGroup
		var n int
		err := r.Scan(g.scan(&rev, &n)...)
		counts.add(g, n)
		return err
	}, "SELECT (SELECT rev FROM workspace WHERE id = ?), COUNT(*), "+groupColumns()+" FROM alert a WHERE a.ws = ? GROUP BY "+groupColumns(), ws, ws)
	if err != nil {
		return out, fmt.Errorf("counting alerts: %w", err)
	}
	out = facetsOf(counts, q)
	if len(counts) > 0 && len(counts) <= maxGroups {
		s.groups.keep(ws, rev, counts)
	}
	return out, nil
}

// regroup counts what writing the alerts changes: those that are held under the
// keys are replaced, the rows come.
func (w *writing) regroup(held []int64, rows []int) error {
	if w.groups == nil {
		return nil
	}
	err := inLists(held, func(marks string, args []any) error {
		old, err := readGroups(w.ctx, w.tx, "a.key IN "+marks, args...)
		for g, n := range old {
			w.groups.add(g, -n)
		}
		return err
	})
	for _, i := range rows {
		w.groups.add(groupOf(&w.c.Alerts[i]), 1)
	}
	return err
}

// regroupEdited counts what an edit is about to change.
func (w *writing) regroupEdited(e *store.AlertEdit, where string, args ...any) error {
	if w.groups == nil {
		return nil
	}
	old, err := readGroups(w.ctx, w.tx, where, args...)
	for g, n := range old {
		w.groups.add(g, -n)
		w.groups.add(g.edited(e), n)
	}
	return err
}
