package workspace

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

// note says who decided a merge or a move, and why.
type note struct {
	actor   incident.Actor
	reason  Reason
	link    *correlate.Link
	cause   correlate.LinkedAlert     // the alert that link tells of, as far as it is one
	links   map[string]correlate.Link // each alert's own, in place of link
	created bool                      // the target of a move was made for it
}

// maxCopiedLog is how many entries of a merged incident's log the target copies;
// the older ones stay readable on the source.
const maxCopiedLog = 500

// merge empties source into target.
func (p *plan) merge(ctx context.Context, target, source correlate.IncidentID, n note) (incident.Merge, error) {
	t, s, err := p.pair(ctx, target, source)
	if err != nil {
		return incident.Merge{}, err
	}
	if err := incident.CanMerge(t.head, s.head); err != nil {
		return incident.Merge{}, err
	}
	ids, err := p.alertsIn(ctx, source)
	if err != nil {
		return incident.Merge{}, err
	}
	openers, err := p.openers(ctx, source, ids)
	if err != nil {
		return incident.Merge{}, err
	}
	own, coming, err := p.tasksOfBoth(ctx, t, s)
	if err != nil {
		return incident.Merge{}, err
	}
	p.pour(t, s)
	res, err := incident.MergeIncidents(incident.MergeRequest{
		ID: p.mergeID(), Target: t.head, Source: s.head, Alerts: ids, TargetTasks: own, SourceTasks: coming, Involved: p.w.involved(t), At: p.at,
		Actor: n.actor, Reason: n.reason.Text, Reasons: n.reason.Reasons, Link: n.link, Openers: len(openers),
	})
	if err != nil {
		return incident.Merge{}, err
	}
	if err := p.copyLog(ctx, res.Merge); err != nil {
		return incident.Merge{}, err
	}
	t.head, s.head = res.Target, res.Source
	p.log(res.Activities...)
	p.change.Merges = append(p.change.Merges, res.Merge)
	p.putTasks(slices.Concat(own, coming), map[correlate.IncidentID][]incident.Task{target: res.Tasks, source: nil})
	// Those that opened the source have no link of their own: the reason why they
	// are in the target is the merge's.
	p.relocate(ids, target, nil)
	for _, id := range openers {
		p.relocate([]string{id}, target, mergedLink(n, id))
	}
	p.redirect[source] = target
	if res.AlertOwner != nil {
		p.change.AlertEdits = append(p.change.AlertEdits, store.AlertEdit{Incident: target, Owner: res.AlertOwner})
	}
	return res.Merge, nil
}

// pair gives two case files whose heads count everything that came so far.
func (p *plan) pair(ctx context.Context, a, b correlate.IncidentID) (*caseFile, *caseFile, error) {
	fa, err := p.caseOf(ctx, a, false)
	if err != nil {
		return nil, nil, err
	}
	fb, err := p.caseOf(ctx, b, false)
	if err != nil {
		return nil, nil, err
	}
	p.settle(fa)
	p.settle(fb)
	return fa, fb, nil
}

// mergeID numbers merges by log position, which no other merge shares.
func (p *plan) mergeID() int64 { return p.change.Seq<<8 | int64(len(p.change.Merges)&0xff) }

// pour moves all entity rows of one case file into another.
func (p *plan) pour(t, s *caseFile) {
	for _, id := range slices.Sorted(maps.Keys(s.entities)) {
		row := s.entities[id]
		m := store.AlertEntity{Entity: id, Kind: row.Kind}
		p.delta(s.head.ID, m).Alerts -= row.Alerts
		addRow(p.delta(t.head.ID, m), row)
		if have := t.entities[id]; have != nil {
			addRow(have, row)
			continue
		}
		moved := *row
		moved.Incident = t.head.ID
		t.entities[id] = &moved
	}
	s.entities = map[entity.ID]*store.IncidentEntity{}
}

// alertsIn lists the alerts of an incident as this plan leaves them.
func (p *plan) alertsIn(ctx context.Context, id correlate.IncidentID) ([]string, error) {
	var out []string
	if !p.created[id] {
		if err := p.settledFor(id); err != nil {
			return nil, err
		}
		held, err := p.w.opt.Store.AlertIDs(ctx, p.w.opt.Name, id)
		if err != nil {
			return nil, fmt.Errorf("listing the alerts of incident %d: %w", id, err)
		}
		for _, a := range held {
			if _, elsewhere := p.where[a]; !elsewhere {
				out = append(out, a)
			}
		}
	}
	for _, a := range slices.Sorted(maps.Keys(p.where)) {
		if p.where[a] == id {
			out = append(out, a)
		}
	}
	return out, nil
}

// mergedLink is the link that the opener of a merged incident gets. It says so where
// what the link tells is about another alert.
func mergedLink(n note, opener string) *correlate.Link {
	if n.link == nil {
		return &correlate.Link{Manual: true, Reasons: n.reason.Reasons}
	}
	if n.cause.ID == "" || n.cause.ID == opener || unlinked(*n.link) {
		return n.link
	}
	link := *n.link
	link.Through = &n.cause
	return &link
}

// openers lists the alerts of an incident that have no link as this plan leaves
// them: the first one, and those that an undone merge or a split left so.
func (p *plan) openers(ctx context.Context, id correlate.IncidentID, ids []string) ([]string, error) {
	var rows []store.Alert
	if !p.created[id] {
		var err error
		if rows, err = p.alertsOf(ctx, id); err != nil {
			return nil, err
		}
	}
	links := make(map[string]correlate.Link, len(ids))
	for _, r := range rows {
		links[r.ID] = r.Link
	}
	var elsewhere []string // alerts that the store has in another incident
	for _, a := range ids {
		if held, ok := p.held[a]; ok {
			links[a] = held.Link
		} else if l, ok := p.relinked[a]; ok {
			links[a] = l
		} else if _, ok := links[a]; !ok {
			elsewhere = append(elsewhere, a)
		}
	}
	if err := p.prefetch(ctx, elsewhere); err != nil {
		return nil, err
	}
	for _, a := range elsewhere {
		links[a] = p.held[a].Link
	}
	return slices.DeleteFunc(slices.Clone(ids), func(a string) bool { return !unlinked(links[a]) }), nil
}

func unlinked(l correlate.Link) bool {
	return l.Score == 0 && !l.Manual && len(l.Alerts) == 0 && len(l.Facts) == 0
}

// relocate says that alerts are in another incident from here on.
func (p *plan) relocate(ids []string, to correlate.IncidentID, link *correlate.Link) {
	for _, id := range ids {
		p.change.Moves = append(p.change.Moves, store.AlertMove{ID: id, To: to, Link: link})
		p.where[id] = to
		if link != nil {
			p.relinked[id] = *link
		}
		if a, ok := p.held[id]; ok {
			a.Incident = to
			if link != nil {
				a.Link = *link
			}
			p.held[id] = a
		}
	}
}

func (p *plan) copyLog(ctx context.Context, m incident.Merge) error {
	var log []incident.Activity
	if !p.created[m.Source] {
		if err := p.settledFor(m.Source); err != nil {
			return err
		}
		page, err := p.w.opt.Store.Activities(ctx, store.ActivityQuery{
			Workspace: p.w.opt.Name, Incident: m.Source, Paging: store.Paging{Limit: maxCopiedLog},
		})
		if err != nil {
			return fmt.Errorf("reading the log of incident %d: %w", m.Source, err)
		}
		log = page.Items
		slices.Reverse(log)
	}
	for _, a := range p.change.Activities {
		if a.Incident == m.Source {
			log = append(log, a)
		}
	}
	p.log(incident.CopyLog(log, m)...)
	return nil
}

// move takes alerts out of one incident into another, as the engine decided.
func (p *plan) move(ctx context.Context, alertID string, m correlate.Move) error {
	from, err := p.caseOf(ctx, p.follow(m.From), false)
	if err != nil {
		return err
	}
	to, err := p.caseOf(ctx, p.follow(m.To), m.Created)
	if err != nil {
		return err
	}
	p.settle(from)
	p.settle(to)
	row, ok := p.held[alertID]
	if !ok {
		if err := p.prefetch(ctx, []string{alertID}); err != nil {
			return err
		}
		row = p.held[alertID]
	}
	mentions, err := p.mentionsOf(ctx, alertID)
	if err != nil {
		return err
	}
	p.involve(from, row, mentions, -1)
	p.involve(to, row, mentions, 1)
	link := m.Link
	return p.transfer(ctx, from, to, []store.Alert{row}, incident.Span{}, note{actor: incident.Correlation, link: &link, created: m.Created})
}

// transfer moves the alerts in the heads, the log and the store; the entity rows
// are as afterwards already.
func (p *plan) transfer(ctx context.Context, from, to *caseFile, rows []store.Alert, rest incident.Span, n note) error {
	left, there, err := p.tasksOfBoth(ctx, from, to)
	if err != nil {
		return err
	}
	res, err := incident.MoveAlerts(incident.MoveRequest{
		From: from.head, To: to.head, New: n.created, Members: members(rows), FromTasks: left, ToTasks: there, FromSpan: rest,
		FromInvolved: p.w.involved(from), ToInvolved: p.w.involved(to), At: p.at, Link: n.link, Links: n.links,
		Actor: n.actor, Reason: n.reason.Text, Reasons: n.reason.Reasons,
	})
	if err != nil {
		return err
	}
	from.head, to.head = res.From, res.To
	p.log(res.Activities...)
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	p.relocate(ids, to.head.ID, n.link)
	if res.Emptied {
		p.redirect[from.head.ID] = to.head.ID
		p.putTasks(slices.Concat(left, there), map[correlate.IncidentID][]incident.Task{to.head.ID: res.Tasks, from.head.ID: nil})
	}
	return nil
}

// recount builds an incident's entity rows anew from its alerts.
func (p *plan) recount(ctx context.Context, f *caseFile, rows []store.Alert) error {
	f.entities = map[entity.ID]*store.IncidentEntity{}
	p.dropDeltas(f.head.ID)
	p.change.ResetEntities = append(p.change.ResetEntities, f.head.ID)
	for chunk := range slices.Chunk(rows, 500) {
		byAlert, err := p.mentionsOfAll(ctx, chunk)
		if err != nil {
			return err
		}
		for _, r := range chunk {
			p.involve(f, r, byAlert[r.ID], 1)
		}
	}
	return nil
}

func (p *plan) dropDeltas(id correlate.IncidentID) {
	p.deltaOrder = slices.DeleteFunc(p.deltaOrder, func(k rowKey) bool {
		if k.incident == id {
			delete(p.deltas, k)
		}
		return k.incident == id
	})
}

func (p *plan) mentionsOfAll(ctx context.Context, rows []store.Alert) (map[string][]store.AlertEntity, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	if err := p.settledForAlerts(ids); err != nil {
		return nil, err
	}
	all, err := p.w.opt.Store.AlertEntities(ctx, p.w.opt.Name, ids)
	if err != nil {
		return nil, fmt.Errorf("reading what %d alerts mention: %w", len(ids), err)
	}
	p.rename(all)
	out := map[string][]store.AlertEntity{}
	for _, m := range all {
		if _, planned := p.mentions[m.Alert]; !planned {
			out[m.Alert] = append(out[m.Alert], m)
		}
	}
	for _, id := range ids {
		if rows, planned := p.mentions[id]; planned {
			out[id] = rows
		}
	}
	return out, p.nameEntities(ctx, all)
}

// nameEntities reads the labels of entities that the plan has not met.
func (p *plan) nameEntities(ctx context.Context, rows []store.AlertEntity) error {
	var ids []entity.ID
	for _, r := range rows {
		if _, ok := p.labels[r.Entity]; !ok {
			p.labels[r.Entity] = ""
			ids = append(ids, r.Entity)
		}
	}
	if err := p.settledForEntities(ids); err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, 500) {
		found, err := p.w.opt.Store.EntitiesByID(ctx, p.w.opt.Name, chunk)
		if err != nil {
			return fmt.Errorf("reading %d entities: %w", len(chunk), err)
		}
		for _, e := range found {
			p.labels[e.ID] = e.Label
		}
	}
	return nil
}

// alertsOf reads every alert of an incident, without payloads.
func (p *plan) alertsOf(ctx context.Context, id correlate.IncidentID) ([]store.Alert, error) {
	if err := p.settledFor(id); err != nil {
		return nil, err
	}
	var out []store.Alert
	q := store.AlertQuery{Workspace: p.w.opt.Name, Incident: id, Brief: true, Sort: store.AlertsByStart, Asc: true, Paging: store.Paging{Limit: 500}}
	for {
		page, err := p.w.opt.Store.Alerts(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("reading the alerts of incident %d: %w", id, err)
		}
		out = append(out, page.Items...)
		if q.Cursor = page.Next; page.Next == "" {
			return out, nil
		}
	}
}
