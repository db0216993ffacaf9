package workspace

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// Limits of single commands.
const (
	MaxMerged = 5    // incidents in one merge
	MaxMoved  = 1000 // alerts in one move
	MaxEdited = 1000 // alerts in one update
)

// Reason is why a person merges or moves: words, and members of the enumeration
// correlationReason.
type Reason struct {
	Text    string
	Reasons []correlate.Reason
}

// Patch is what can be changed of an incident.
type Patch = incident.Patch

// UpdateIncident changes an incident's case work. It fails with
// *incident.InvalidError, *incident.RefusedError, incident.ErrStale or
// store.ErrNotFound.
func (w *Workspace) UpdateIncident(ctx context.Context, actor incident.Actor, id correlate.IncidentID, patch Patch) (incident.Incident, error) {
	var out incident.Incident
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		f, err := p.caseOf(ctx, id, false)
		if err != nil {
			return err
		}
		res, err := incident.Apply(f.head, patch, p.at, actor)
		if err != nil {
			return err
		}
		if !res.Changed {
			out = f.head
			p.forget(id)
			return nil
		}
		if err := p.restate(ctx, f, res); err != nil {
			return err
		}
		out = f.head
		return nil
	})
	return out, err
}

// restate takes over a patched head, tells the engine what it must know of it,
// and carries to the alerts what belongs to them.
func (p *plan) restate(ctx context.Context, f *caseFile, res incident.Applied) error {
	before := f.head.State()
	f.head = res.Incident
	p.log(res.Activities...)
	if after := f.head.State(); after != before {
		if _, err := p.command(ctx, correlate.Command{Kind: correlate.CommandState, Incident: f.head.ID, State: after}); err != nil {
			return err
		}
	}
	edit := store.AlertEdit{
		Incident: f.head.ID, Owner: res.AlertOwner, Status: res.AlertStatus,
		Classification: res.AlertClassification, Determination: res.AlertDetermination,
	}
	if edit != (store.AlertEdit{Incident: f.head.ID}) {
		p.change.AlertEdits = append(p.change.AlertEdits, edit)
	}
	if res.AlertStatus != nil {
		f.head.Tally.Statuses = map[string]int{*res.AlertStatus: f.head.Tally.Alerts}
	}
	return nil
}

// forget takes an incident that did not change out of the plan.
func (p *plan) forget(id correlate.IncidentID) {
	delete(p.touched, id)
	p.order = slices.DeleteFunc(p.order, func(o correlate.IncidentID) bool { return o == id })
}

// Comment adds a comment to an incident's log.
func (w *Workspace) Comment(ctx context.Context, actor incident.Actor, id correlate.IncidentID, text string) (incident.Activity, error) {
	var out incident.Activity
	var at int
	var c *store.Change
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		f, err := p.caseOf(ctx, id, false)
		if err != nil {
			return err
		}
		head, a, err := incident.Comment(f.head, text, p.at, actor)
		if err != nil {
			return err
		}
		f.head = head
		p.log(a)
		at, c = len(p.change.Activities)-1, &p.change
		return nil
	})
	if err == nil {
		out = c.Activities[at] // with the id that the store gave it
	}
	return out, err
}

// AlertPatch is what can be changed of alerts. Nil fields stay.
type AlertPatch struct {
	Status         *string `json:"status,omitempty"`
	Owner          *string `json:"owner,omitempty"`
	Classification *string `json:"classification,omitempty"`
	Determination  *string `json:"determination,omitempty"`
	Comment        *string `json:"comment,omitempty"` // goes into the log of each incident concerned
}

// UpdateAlerts changes the case work of alerts and says how many there were.
func (w *Workspace) UpdateAlerts(ctx context.Context, actor incident.Actor, ids []string, patch AlertPatch) (int, error) {
	if len(ids) == 0 || len(ids) > MaxEdited {
		return 0, fmt.Errorf("%w: between 1 and %d alerts can be changed at once", ErrInvalid, MaxEdited)
	}
	n := 0
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		rows, err := p.rowsOf(ctx, ids)
		if err != nil {
			return err
		}
		n = len(rows)
		return p.editAlerts(ctx, actor, rows, patch)
	})
	return n, err
}

// rowsOf reads alerts that must all exist.
func (p *plan) rowsOf(ctx context.Context, ids []string) ([]store.Alert, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if err := p.prefetch(ctx, ids); err != nil {
		return nil, err
	}
	rows := make([]store.Alert, 0, len(ids))
	for _, id := range ids {
		a, ok := p.held[id]
		if !ok {
			return nil, fmt.Errorf("alert %q: %w", id, store.ErrNotFound)
		}
		rows = append(rows, a)
	}
	return rows, nil
}

func (p *plan) editAlerts(ctx context.Context, actor incident.Actor, rows []store.Alert, patch AlertPatch) error {
	byIncident := map[correlate.IncidentID][]store.Alert{}
	var order []correlate.IncidentID
	for _, r := range rows {
		if byIncident[r.Incident] == nil {
			order = append(order, r.Incident)
		}
		byIncident[r.Incident] = append(byIncident[r.Incident], r)
	}
	for _, id := range order {
		f, err := p.caseOf(ctx, id, false)
		if err != nil {
			return err
		}
		edited, activities, err := incident.EditAlerts(f.head, alertStates(byIncident[id]), incident.AlertPatch(patch), p.at, actor)
		if err != nil {
			return err
		}
		f.head = edited.Incident
		p.log(activities...)
		for _, a := range edited.Alerts {
			p.change.AlertEdits = append(p.change.AlertEdits, store.AlertEdit{
				ID: a.ID, Status: &a.Status, Owner: &a.Owner, Classification: &a.Classification, Determination: &a.Determination,
			})
		}
	}
	return nil
}

func alertStates(rows []store.Alert) []incident.AlertState {
	out := make([]incident.AlertState, len(rows))
	for i, r := range rows {
		out[i] = incident.AlertState{ID: r.ID, Title: r.Title, Status: r.Status, Owner: r.Owner, Classification: r.Classification, Determination: r.Determination}
	}
	return out
}

// Merge merges two to five incidents into the one of them that holds the most.
func (w *Workspace) Merge(ctx context.Context, actor incident.Actor, ids []correlate.IncidentID, why Reason) (correlate.IncidentID, []incident.Merge, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) < 2 || len(ids) > MaxMerged {
		return 0, nil, fmt.Errorf("%w: between 2 and %d different incidents can be merged at once", ErrInvalid, MaxMerged)
	}
	var target correlate.IncidentID
	var merges []incident.Merge
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		into, sources, err := p.direct(ctx, ids)
		if err != nil {
			return err
		}
		target = into
		if err := p.mergeByHand(ctx, target, sources); err != nil {
			return err
		}
		for _, s := range sources {
			m, err := p.merge(ctx, target, s, note{actor: actor, reason: why})
			if err != nil {
				return err
			}
			merges = append(merges, m)
		}
		return nil
	})
	return target, merges, err
}

// direct chooses the target and refuses what may not be merged, before anything
// is changed.
func (p *plan) direct(ctx context.Context, ids []correlate.IncidentID) (target correlate.IncidentID, sources []correlate.IncidentID, err error) {
	heads := make([]incident.Incident, 0, len(ids))
	for _, id := range ids {
		f, err := p.caseOf(ctx, id, false)
		if err != nil {
			return 0, nil, err
		}
		heads = append(heads, f.head)
		if last := len(heads) - 1; last > 0 {
			heads[0], heads[last] = incident.Direct(heads[0], heads[last])
		}
	}
	for i, s := range heads[1:] {
		for _, t := range heads[:i+1] {
			if err := incident.CanMerge(t, s); err != nil {
				return 0, nil, err
			}
		}
		sources = append(sources, s.ID)
	}
	return heads[0].ID, sources, nil
}

// UndoMerge takes a merge back: the source's alerts, comments, tasks, owner and tags
// are in place again, and the engine will not repeat it.
func (w *Workspace) UndoMerge(ctx context.Context, actor incident.Actor, mergeID int64, reason string) (source, target incident.Incident, err error) {
	err = w.do(ctx, func(ctx context.Context, p *plan) error {
		m, err := p.w.opt.Store.Merge(ctx, p.w.opt.Name, mergeID)
		if err != nil {
			return fmt.Errorf("reading merge %d: %w", mergeID, err)
		}
		s, t, err := p.undo(ctx, actor, m, reason)
		if err != nil {
			return err
		}
		source, target = s, t
		return nil
	})
	return source, target, err
}

func (p *plan) undo(ctx context.Context, actor incident.Actor, m incident.Merge, reason string) (source, target incident.Incident, err error) {
	t, s, err := p.pair(ctx, m.Target, m.Source)
	if err != nil {
		return source, target, err
	}
	back, stay, err := p.divide(ctx, m)
	if err != nil {
		return source, target, err
	}
	if err := incident.CanUndo(m, t.head, s.head, len(back)); err != nil {
		return source, target, err
	}
	ids := make([]string, len(back))
	for i, a := range back {
		ids[i] = a.ID
	}
	if err := p.partAgain(ctx, m, ids); err != nil {
		return source, target, err
	}
	if err := p.recount(ctx, t, stay); err != nil {
		return source, target, err
	}
	if err := p.recount(ctx, s, back); err != nil {
		return source, target, err
	}
	list, err := p.tasksOf(ctx, t)
	if err != nil {
		return source, target, err
	}
	lost := relinked(back, m)
	res, err := incident.UndoMerge(incident.UndoRequest{
		Merge: m, Target: t.head, Source: s.head, Returning: members(back), Unlinked: lost, Tasks: list, TargetSpan: incident.SpanOf(members(stay)),
		TargetInvolved: p.w.involved(t), SourceInvolved: p.w.involved(s), At: p.at, Actor: actor, Reason: reason,
	})
	if err != nil {
		return source, target, err
	}
	t.head, s.head = res.Target, res.Source
	p.log(res.Activities...)
	p.change.Merges = append(p.change.Merges, res.Merge)
	p.putTasks(list, map[correlate.IncidentID][]incident.Task{m.Target: res.TargetTasks, m.Source: res.SourceTasks})
	p.relocate(ids, m.Source, nil)
	p.relocate(lost, m.Source, &correlate.Link{})
	if err := p.unaccept(ctx, actor, m, reason); err != nil {
		return source, target, err
	}
	for _, e := range []store.AlertEdit{{Incident: m.Source, Owner: res.SourceOwner}, {Incident: m.Target, Owner: res.TargetOwner}} {
		if e.Owner != nil {
			p.change.AlertEdits = append(p.change.AlertEdits, e)
		}
	}
	return s.head, t.head, p.tellStates(ctx, t, s)
}

// relinked lists the alerts that got the merge's own link, which they lose again.
func relinked(back []store.Alert, m incident.Merge) []string {
	var out []string
	for _, a := range back {
		byHand := m.Link == nil && a.Link.Manual
		told := a.Link
		told.Through = nil
		if byHand || m.Link != nil && reflect.DeepEqual(told, *m.Link) {
			out = append(out, a.ID)
		}
	}
	return out
}

// divide parts the target's alerts into those that came with the merge and
// those that stay.
func (p *plan) divide(ctx context.Context, m incident.Merge) (back, stay []store.Alert, err error) {
	came := make(map[string]bool, len(m.Alerts))
	for _, id := range m.Alerts {
		came[id] = true
	}
	rows, err := p.alertsOf(ctx, m.Target)
	for _, a := range rows {
		if came[a.ID] {
			back = append(back, a)
		} else {
			stay = append(stay, a)
		}
	}
	return back, stay, err
}

// tellStates lets the engine know the case work of incidents that an undo
// brought back.
func (p *plan) tellStates(ctx context.Context, files ...*caseFile) error {
	for _, f := range files {
		if _, err := p.command(ctx, correlate.Command{Kind: correlate.CommandState, Incident: f.head.ID, State: f.head.State()}); err != nil {
			return err
		}
	}
	return nil
}

// Move puts alerts into another incident, or into a new one when to is 0: that
// is a split. The alerts may come from several incidents.
func (w *Workspace) Move(ctx context.Context, actor incident.Actor, alertIDs []string, to correlate.IncidentID, why Reason) (incident.Incident, error) {
	if len(alertIDs) == 0 || len(alertIDs) > MaxMoved {
		return incident.Incident{}, fmt.Errorf("%w: between 1 and %d alerts can be moved at once", ErrInvalid, MaxMoved)
	}
	var out incident.Incident
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		rows, err := p.rowsOf(ctx, alertIDs)
		if err != nil {
			return err
		}
		f, err := p.moveRows(ctx, rows, to, note{actor: actor, reason: why, created: to == 0})
		if err != nil {
			return err
		}
		out = f.head
		return nil
	})
	return out, err
}

func (p *plan) moveRows(ctx context.Context, rows []store.Alert, to correlate.IncidentID, n note) (*caseFile, error) {
	rows = slices.DeleteFunc(rows, func(a store.Alert) bool { return a.Incident == to })
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: the alerts are in that incident already", ErrInvalid)
	}
	if err := p.checkMove(ctx, rows, to, n); err != nil {
		return nil, err
	}
	// The incidents that the alerts leave are named: the engine may have forgotten
	// where an alert is, and still know its incident.
	c := correlate.Command{Kind: correlate.CommandMove, Incident: to}
	for _, a := range rows {
		c.Alerts = append(c.Alerts, a.ID)
		if !slices.Contains(c.Sources, a.Incident) {
			c.Sources = append(c.Sources, a.Incident)
		}
	}
	out, err := p.moveByHand(ctx, rows, c)
	if err != nil {
		return nil, err
	}
	f, err := p.caseOf(ctx, out.Incident, n.created)
	if err != nil {
		return nil, err
	}
	n.link = &correlate.Link{Manual: true, Reasons: n.reason.Reasons}
	return f, p.moveGroups(ctx, rows, f, n)
}

// checkMove refuses before anything is changed.
func (p *plan) checkMove(ctx context.Context, rows []store.Alert, to correlate.IncidentID, n note) error {
	target := incident.New(0, p.at)
	if to != 0 {
		f, err := p.caseOf(ctx, to, false)
		if err != nil {
			return err
		}
		target = f.head
	}
	for _, a := range rows {
		f, err := p.caseOf(ctx, a.Incident, false)
		if err != nil {
			return err
		}
		if err := incident.CanMove(f.head, target, n.actor); err != nil {
			return err
		}
		if n.created && f.head.Tally.Alerts <= len(rows) && f.head.Tally.Alerts == countIn(rows, a.Incident) && len(rows) == f.head.Tally.Alerts {
			return fmt.Errorf("%w: these are all alerts of incident %d; a split must leave some", ErrInvalid, a.Incident)
		}
	}
	return nil
}

func countIn(rows []store.Alert, id correlate.IncidentID) int {
	n := 0
	for _, a := range rows {
		if a.Incident == id {
			n++
		}
	}
	return n
}

// moveGroups moves the alerts incident by incident.
func (p *plan) moveGroups(ctx context.Context, rows []store.Alert, to *caseFile, n note) error {
	var arrived []store.Alert
	if !n.created {
		var err error
		if arrived, err = p.alertsOf(ctx, to.head.ID); err != nil {
			return err
		}
	}
	for len(rows) > 0 {
		source := rows[0].Incident
		var group, others []store.Alert
		for _, a := range rows {
			if a.Incident == source {
				group = append(group, a)
			} else {
				others = append(others, a)
			}
		}
		rows, arrived = others, append(arrived, group...)
		if err := p.moveGroup(ctx, group, arrived, to, n); err != nil {
			return err
		}
		n.created = false
	}
	return nil
}

func (p *plan) moveGroup(ctx context.Context, group, arrived []store.Alert, to *caseFile, n note) error {
	from, err := p.caseOf(ctx, group[0].Incident, false)
	if err != nil {
		return err
	}
	all, err := p.alertsOf(ctx, from.head.ID)
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(all, func(a store.Alert) bool {
		return slices.ContainsFunc(group, func(g store.Alert) bool { return g.ID == a.ID })
	})
	if err := p.recount(ctx, from, rest); err != nil {
		return err
	}
	if err := p.recount(ctx, to, arrived); err != nil {
		return err
	}
	return p.transfer(ctx, from, to, group, incident.SpanOf(members(rest)), n)
}
