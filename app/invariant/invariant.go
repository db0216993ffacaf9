// Package invariant checks what must hold in every committed state of a
// workspace: each alert is in exactly one incident that is not redirected, the
// counts on an incident's head and of each rule are those of the alerts, entities and tasks, redirects
// lead somewhere, and the intake's balance is even. Tests use it after crashes;
// an operator may run it on any database.
package invariant

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// Report is what a check found.
type Report struct {
	AlertIDs  []string // ascending
	Incidents int      // that hold alerts
	Merges    int      // incidents that redirect
	Problems  []string
}

// Check reads a whole workspace.
func Check(ctx context.Context, st store.Store, workspace string) (Report, error) {
	c := &check{ctx: ctx, st: st, ws: workspace, heads: map[correlate.IncidentID]incident.Incident{}, alerts: map[correlate.IncidentID][]store.Alert{}}
	for _, step := range []func() error{c.readHeads, c.readAlerts, c.incidents, c.tasks, c.rules, c.suggestions, c.balance} {
		if err := step(); err != nil {
			return c.report, fmt.Errorf("checking workspace %q: %w", workspace, err)
		}
	}
	slices.Sort(c.report.AlertIDs)
	return c.report, nil
}

type check struct {
	ctx    context.Context
	st     store.Store
	ws     string
	heads  map[correlate.IncidentID]incident.Incident
	alerts map[correlate.IncidentID][]store.Alert
	report Report
}

func (c *check) problem(format string, args ...any) {
	c.report.Problems = append(c.report.Problems, fmt.Sprintf(format, args...))
}

func (c *check) readHeads() error {
	q := store.IncidentQuery{Workspace: c.ws, Sort: store.ByID, Asc: true, Paging: store.Paging{Limit: 500}}
	for _, s := range incident.Statuses() {
		q.Statuses = append(q.Statuses, string(s))
	}
	for {
		page, err := c.st.Incidents(c.ctx, q)
		if err != nil {
			return err
		}
		for _, i := range page.Items {
			if _, twice := c.heads[i.ID]; twice {
				c.problem("incident %d is listed twice", i.ID)
			}
			c.heads[i.ID] = i
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

func (c *check) readAlerts() error {
	q := store.AlertQuery{Workspace: c.ws, Brief: true, Sort: store.AlertsByStart, Asc: true, Paging: store.Paging{Limit: 500}}
	seen := map[string]bool{}
	for {
		page, err := c.st.Alerts(c.ctx, q)
		if err != nil {
			return err
		}
		for _, a := range page.Items {
			if seen[a.ID] {
				c.problem("alert %q is stored twice", a.ID)
			}
			seen[a.ID] = true
			c.alerts[a.Incident] = append(c.alerts[a.Incident], a)
			c.report.AlertIDs = append(c.report.AlertIDs, a.ID)
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

func (c *check) incidents() error {
	for _, id := range slices.Sorted(maps.Keys(c.alerts)) {
		if _, ok := c.heads[id]; !ok {
			c.problem("%d alerts are in incident %d, which does not exist", len(c.alerts[id]), id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.heads)) {
		head := c.heads[id]
		if head.Status == incident.Redirected {
			c.redirected(head)
			continue
		}
		c.report.Incidents++
		c.counts(head, c.alerts[id])
		if err := c.entities(head, c.alerts[id]); err != nil {
			return err
		}
	}
	return nil
}

func (c *check) redirected(head incident.Incident) {
	c.report.Merges++
	if n := len(c.alerts[head.ID]); n > 0 {
		c.problem("incident %d is redirected and holds %d alerts", head.ID, n)
	}
	for at, steps := head, 0; at.Status == incident.Redirected; steps++ {
		next, ok := c.heads[at.RedirectTo]
		if !ok || steps > len(c.heads) {
			c.problem("incident %d redirects to nowhere", head.ID)
			return
		}
		at = next
	}
}

func (c *check) counts(head incident.Incident, alerts []store.Alert) {
	if len(alerts) == 0 {
		c.problem("incident %d holds no alert", head.ID)
	}
	if head.Tally.Alerts != len(alerts) {
		c.problem("incident %d counts %d alerts and holds %d", head.ID, head.Tally.Alerts, len(alerts))
	}
	severities := map[string]int{}
	linked, mille := 0, 0
	for _, a := range alerts {
		severities[a.Severity]++
		if score := incident.Mille(a.Link.Score); score > 0 {
			linked, mille = linked+1, mille+score
		}
		if a.FirstActivity.Before(head.FirstActivity) || a.LastActivity.After(head.LastActivity) {
			c.problem("alert %q lies outside the times of incident %d", a.ID, head.ID)
		}
	}
	if head.Tally.Linked != linked || head.Tally.LinkMille != mille {
		c.problem("incident %d counts %d links of %d ‰ and holds %d of %d ‰", head.ID, head.Tally.Linked, head.Tally.LinkMille, linked, mille)
	}
	if !maps.Equal(severities, head.Tally.Severities) {
		c.problem("incident %d counts severities %v and holds %v", head.ID, head.Tally.Severities, severities)
	}
}

// entities compares an incident's entity rows with what its alerts mention.
func (c *check) entities(head incident.Incident, alerts []store.Alert) error {
	want := map[entity.ID]int{}
	for chunk := range slices.Chunk(alerts, 500) {
		ids := make([]string, len(chunk))
		for i, a := range chunk {
			ids[i] = a.ID
		}
		rows, err := c.st.AlertEntities(c.ctx, c.ws, ids)
		if err != nil {
			return err
		}
		type pair struct {
			alert  string
			entity entity.ID
		}
		once := map[pair]bool{}
		for _, r := range rows {
			if p := (pair{r.Alert, r.Entity}); !once[p] {
				once[p] = true
				want[r.Entity]++
			}
		}
	}
	have, scope, err := c.entityRows(head.ID)
	if err != nil {
		return err
	}
	if !maps.Equal(have, want) {
		c.problem("incident %d counts entities %v and its alerts mention %v", head.ID, have, want)
	}
	if !maps.Equal(scope, head.Scope) {
		c.problem("incident %d has scope %v and entities %v", head.ID, head.Scope, scope)
	}
	return nil
}

func (c *check) entityRows(id correlate.IncidentID) (map[entity.ID]int, map[string]int, error) {
	have, scope := map[entity.ID]int{}, map[string]int{}
	page := store.Paging{Limit: 500}
	for {
		p, err := c.st.IncidentEntities(c.ctx, c.ws, id, nil, page)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range p.Items {
			have[e.Entity] += e.Alerts
			scope[string(e.Kind)]++
		}
		if page.Cursor = p.Next; p.Next == "" {
			return have, scope, nil
		}
	}
}

func (c *check) balance() error {
	intake, err := c.st.Intake(c.ctx, c.ws)
	if err != nil {
		return err
	}
	var stored int64
	for source, b := range intake {
		if b.Received != b.New+b.Updated+b.Unchanged+b.Rejected {
			c.problem("the balance of source %q is uneven: %+v", source, b)
		}
		if b.Folded < 0 || b.Folded > b.New {
			c.problem("source %q counts %d folded alerts of %d new ones", source, b.Folded, b.New)
		}
		stored += b.New
	}
	if stored != int64(len(c.report.AlertIDs)) {
		c.problem("%d alerts were counted as new and %d are stored", stored, len(c.report.AlertIDs))
	}
	return nil
}
