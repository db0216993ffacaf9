package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

// maxRejoined is how many incidents that are not in the cache get their scope
// counted anew when two of their entities turn out to be one. What lies beyond
// (an entity that is everywhere) is counted anew when the incident next changes.
const maxRejoined = 200

// join follows an alias that the engine found: everything that mentioned From
// mentions Into now. The store does the same to its own rows.
func (p *plan) join(ctx context.Context, j entity.Join) error {
	ids, err := p.mentioning(ctx, j.From)
	if err != nil {
		return err
	}
	for _, id := range ids {
		both := 0
		if f := p.w.cases.files[id]; f.entities[j.Into] != nil {
			if both, err = p.mentioningBoth(ctx, id, j); err != nil {
				return err
			}
		}
		p.rejoin(id, j, both)
	}
	p.rekeyDeltas(j)
	p.joined[j.From] = j.Into
	for _, rows := range p.mentions {
		for i := range rows {
			if rows[i].Entity == j.From {
				rows[i].Entity = j.Into
			}
		}
	}
	return nil
}

// mentioningBoth counts the alerts of an incident that mention both entities:
// they were counted for each and count once from now on. The store is asked by
// the names and places that it knows, those from before this plan.
func (p *plan) mentioningBoth(ctx context.Context, id correlate.IncidentID, j entity.Join) (int, error) {
	both := map[string]bool{}
	for alertID, rows := range p.mentions {
		if p.follow(p.where[alertID]) == id && mentionsBoth(rows, j) {
			both[alertID] = true
		}
	}
	for _, held := range p.sourcesOf(id) {
		for _, from := range p.aliases(j.From) {
			if err := p.heldWithBoth(ctx, held, id, from, j, both); err != nil {
				return 0, err
			}
		}
	}
	var moved []store.Alert
	for alertID, to := range p.where {
		if _, planned := p.mentions[alertID]; !planned && p.follow(to) == id {
			moved = append(moved, store.Alert{ID: alertID})
		}
	}
	for chunk := range slices.Chunk(moved, 500) {
		if err := p.addBoth(ctx, chunk, j, both); err != nil {
			return 0, err
		}
	}
	return len(both), nil
}

// sourcesOf lists the incidents that the store knows whose alerts are in id now.
func (p *plan) sourcesOf(id correlate.IncidentID) []correlate.IncidentID {
	all := []correlate.IncidentID{id}
	for from := range p.redirect {
		if p.follow(from) == id {
			all = append(all, from)
		}
	}
	return slices.DeleteFunc(all, func(i correlate.IncidentID) bool { return p.created[i] })
}

// aliases lists the names under which the store may hold an entity.
func (p *plan) aliases(id entity.ID) []entity.ID {
	all := []entity.ID{id}
	for from := range p.joined {
		if p.renamed(from) == id {
			all = append(all, from)
		}
	}
	return slices.DeleteFunc(all, func(e entity.ID) bool { return p.isNew[e] })
}

// heldWithBoth reads the alerts that the store has in incident held under the
// entity from, and enters those that are in id now and mention both.
func (p *plan) heldWithBoth(ctx context.Context, held, id correlate.IncidentID, from entity.ID, j entity.Join, both map[string]bool) error {
	if err := p.settledFor(held, id); err != nil {
		return err
	}
	q := store.AlertQuery{Workspace: p.w.opt.Name, Incident: held, Entity: from, Brief: true, Paging: store.Paging{Limit: 500}}
	for {
		page, err := p.w.opt.Store.Alerts(ctx, q)
		if err != nil {
			return fmt.Errorf("reading the alerts of incident %d: %w", held, err)
		}
		here := slices.DeleteFunc(page.Items, func(a store.Alert) bool {
			_, planned := p.mentions[a.ID]
			return planned || p.whereIs(a) != id
		})
		if err := p.addBoth(ctx, here, j, both); err != nil {
			return err
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// addBoth enters those of some held alerts that mention both.
func (p *plan) addBoth(ctx context.Context, alerts []store.Alert, j entity.Join, both map[string]bool) error {
	if len(alerts) == 0 {
		return nil
	}
	byAlert, err := p.mentionsOfAll(ctx, alerts)
	if err != nil {
		return err
	}
	for alertID, rows := range byAlert {
		if mentionsBoth(rows, j) {
			both[alertID] = true
		}
	}
	return nil
}

func mentionsBoth(rows []store.AlertEntity, j entity.Join) bool {
	from, into := false, false
	for _, r := range rows {
		from, into = from || r.Entity == j.From, into || r.Entity == j.Into
	}
	return from && into
}

// rejoin moves the row of one entity of a case file to the other.
func (p *plan) rejoin(id correlate.IncidentID, j entity.Join, both int) {
	f := p.w.cases.files[id]
	if p.touched[id] == nil {
		p.touched[id] = f
		p.order = append(p.order, id)
	}
	from := f.entities[j.From]
	delete(f.entities, j.From)
	f.rescope = true
	if into := f.entities[j.Into]; into != nil {
		addRow(into, from)
		into.Alerts -= both
		return
	}
	from.Entity = j.Into
	if label := p.labels[j.Into]; label != "" {
		from.Label = label
	}
	f.entities[j.Into] = from
}

// rewriteJoined replaces the rows of the incidents that changed around a joined
// entity as a whole: differences to rows that the store joins itself would
// depend on what it does first.
func (p *plan) rewriteJoined() {
	joined := map[entity.ID]bool{}
	for _, j := range p.change.Joins {
		joined[p.renamed(j.Into)] = true
	}
	whole := map[correlate.IncidentID]bool{}
	for _, key := range p.deltaOrder {
		whole[key.incident] = whole[key.incident] || joined[key.entity]
	}
	for _, id := range p.order {
		for e := range joined {
			whole[id] = whole[id] || p.touched[id].entities[e] != nil
		}
		if whole[id] {
			p.rewrite(p.touched[id])
		}
	}
}

func (p *plan) rewrite(f *caseFile) {
	p.dropDeltas(f.head.ID)
	p.change.ResetEntities = append(p.change.ResetEntities, f.head.ID)
	for _, id := range slices.Sorted(maps.Keys(f.entities)) {
		row := *f.entities[id]
		row.Incident = f.head.ID
		p.change.IncidentEntities = append(p.change.IncidentEntities, row)
	}
}

func (p *plan) rekeyDeltas(j entity.Join) {
	order := p.deltaOrder[:0]
	for _, key := range p.deltaOrder {
		if key.entity != j.From {
			order = append(order, key)
			continue
		}
		d := p.deltas[key]
		delete(p.deltas, key)
		into := rowKey{key.incident, j.Into}
		if have := p.deltas[into]; have != nil {
			addRow(have, d)
			continue
		}
		d.Entity = j.Into
		p.deltas[into] = d
		order = append(order, into)
	}
	p.deltaOrder = order
}

// mentioning lists the incidents that mention an entity, ascending, and brings
// them into the cache.
func (p *plan) mentioning(ctx context.Context, id entity.ID) ([]correlate.IncidentID, error) {
	var out []correlate.IncidentID
	for _, i := range p.order {
		if p.touched[i].entities[id] != nil {
			out = append(out, i)
		}
	}
	if p.isNew[id] {
		slices.Sort(out)
		return out, nil
	}
	held, err := p.holding(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, i := range held {
		f, err := p.load(ctx, i)
		if err != nil {
			return nil, err
		}
		if p.touched[i] == nil && f.entities[id] != nil {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// holding lists the incidents that mention an entity: those that the store knows,
// as the batch that this plan stands on leaves them.
func (p *plan) holding(ctx context.Context, id entity.ID) ([]correlate.IncidentID, error) {
	if err := p.settledForJoin(id); err != nil {
		return nil, err
	}
	held, err := p.w.opt.Store.IncidentsMentioning(ctx, p.w.opt.Name, id, maxRejoined+1)
	if err == nil && len(held) > maxRejoined {
		// What is cut off depends on what is stored already.
		if err := p.settled(); err != nil {
			return nil, err
		}
		p.wide = true
		held, err = p.w.opt.Store.IncidentsMentioning(ctx, p.w.opt.Name, id, maxRejoined)
		held = append(held, p.w.cases.mentioning(id)...)
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the incidents of entity %d: %w", id, err)
	}
	if p.behind == nil {
		return held, nil
	}
	before := p.behind.plan
	held = slices.DeleteFunc(held, func(i correlate.IncidentID) bool { return before.touched[i] != nil })
	for i, f := range before.touched {
		if f.entities[id] != nil {
			held = append(held, i)
		}
	}
	return held, nil
}

// addRow adds the counts of one row to another of the same incident.
func addRow(to, more *store.IncidentEntity) {
	to.Alerts += more.Alerts
	to.Impacted = to.Impacted || more.Impacted
	if worse(more.Verdict, to.Verdict) {
		to.Verdict = more.Verdict
	}
	for _, r := range more.Roles {
		to.Roles = addRole(to.Roles, r)
	}
	if to.First.IsZero() || (!more.First.IsZero() && more.First.Before(to.First)) {
		to.First = more.First
	}
	if more.Last.After(to.Last) {
		to.Last = more.Last
	}
}
