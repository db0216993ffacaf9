package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// Bounds of taking one entity apart. What lies beyond is refused as a whole.
const (
	MaxDividedAlerts    = 20_000
	MaxDividedIncidents = 500
)

// division is what taking an entity apart comes to, before it is done.
type division struct {
	whole        store.Entity
	sep          entity.Separation
	goes, both   []string
	mentions     map[string][]store.AlertEntity // of goes and both; the part has id 0
	incidents    map[correlate.IncidentID]*store.SplitIncident
	first, last  time.Time // of the alerts that mention the part
	stayingAlert map[correlate.IncidentID]bool
}

// PreviewSplit says what taking identifiers away from an entity would concern. It
// changes nothing.
func (w *Workspace) PreviewSplit(ctx context.Context, id entity.ID, ids []entity.Identifier) (store.EntitySplit, error) {
	d, err := w.divide(ctx, id, ids)
	if err != nil {
		return store.EntitySplit{}, err
	}
	return d.record(), nil
}

// SplitEntity makes an entity of its own of identifiers of an entity: a person
// says that they were never the same. The two are kept apart from then on, alerts
// mention whom they named, and open incidents that held alerts of both are looked
// at again.
func (w *Workspace) SplitEntity(ctx context.Context, actor incident.Actor, id entity.ID, ids []entity.Identifier, reason string) (store.EntitySplit, error) {
	var out store.EntitySplit
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		d, err := w.divide(ctx, id, ids)
		if err != nil {
			return err
		}
		out, err = p.splitEntity(ctx, actor, d, reason)
		return err
	})
	return out, err
}

// UndoSplit makes one entity again of one that was taken apart. Alerts that left
// their incident for it return, unless somebody has decided otherwise since.
func (w *Workspace) UndoSplit(ctx context.Context, actor incident.Actor, id int64, reason string) (store.EntitySplit, error) {
	var out store.EntitySplit
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		s, err := w.opt.Store.EntitySplit(ctx, w.opt.Name, id)
		if err != nil {
			return fmt.Errorf("reading split %d: %w", id, err)
		}
		out, err = p.rejoinEntity(ctx, actor, s, reason)
		return err
	})
	return out, err
}

// divide reads what an entity's alerts say and on which side each stands.
func (w *Workspace) divide(ctx context.Context, id entity.ID, ids []entity.Identifier) (*division, error) {
	e, err := w.opt.Store.Entity(ctx, w.opt.Name, id)
	if err != nil {
		return nil, fmt.Errorf("reading entity %d: %w", id, err)
	}
	d := &division{whole: e, mentions: map[string][]store.AlertEntity{}, incidents: map[correlate.IncidentID]*store.SplitIncident{}, stayingAlert: map[correlate.IncidentID]bool{}}
	for _, l := range e.Identifiers {
		if slices.Contains(ids, l.Identifier) {
			d.sep.Going = append(d.sep.Going, l.Identifier)
		} else {
			d.sep.Staying = append(d.sep.Staying, l.Identifier)
		}
	}
	switch {
	case len(ids) == 0 || len(d.sep.Going) < len(slices.Compact(slices.SortedFunc(slices.Values(ids), compareIdentifiers))):
		return nil, fmt.Errorf("%w: name identifiers that the entity has", ErrInvalid)
	case len(d.sep.Staying) == 0:
		return nil, fmt.Errorf("%w: these are all identifiers of the entity; a split must leave some", ErrInvalid)
	}
	return d, w.readDivided(ctx, d)
}

func compareIdentifiers(a, b entity.Identifier) int {
	return slices.Compare([]string{string(a.Kind), a.Type, a.Scope, a.Value}, []string{string(b.Kind), b.Type, b.Scope, b.Value})
}

func (w *Workspace) readDivided(ctx context.Context, d *division) error {
	if d.whole.Alerts > MaxDividedAlerts || d.whole.Incidents > MaxDividedIncidents {
		return fmt.Errorf("%w: %d alerts in %d incidents mention the entity; at most %d in %d can be attributed anew", ErrInvalid,
			d.whole.Alerts, d.whole.Incidents, MaxDividedAlerts, MaxDividedIncidents)
	}
	q := store.AlertQuery{Workspace: w.opt.Name, Entity: d.whole.ID, Sort: store.AlertsByStart, Asc: true, Paging: store.Paging{Limit: 500}}
	for {
		page, err := w.opt.Store.Alerts(ctx, q)
		if err != nil {
			return fmt.Errorf("reading the alerts of entity %d: %w", d.whole.ID, err)
		}
		if err := w.attribute(ctx, d, page.Items); err != nil {
			return err
		}
		if q.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	for id, i := range d.incidents {
		head, err := w.opt.Store.Incident(ctx, w.opt.Name, id)
		if err != nil {
			return fmt.Errorf("reading incident %d: %w", id, err)
		}
		i.Name, i.Closed = head.Name, head.Status == incident.Resolved
		i.Both = i.Both || d.stayingAlert[id]
	}
	return nil
}

// attribute decides for some alerts which of their mentions go.
func (w *Workspace) attribute(ctx context.Context, d *division, alerts []store.Alert) error {
	ids := make([]string, len(alerts))
	for i, a := range alerts {
		ids[i] = a.ID
	}
	all, err := w.opt.Store.AlertEntities(ctx, w.opt.Name, ids)
	if err != nil {
		return fmt.Errorf("reading what %d alerts mention: %w", len(ids), err)
	}
	rows := map[string][]store.AlertEntity{}
	for _, m := range all {
		rows[m.Alert] = append(rows[m.Alert], m)
	}
	for _, row := range alerts {
		a, err := alert.Decode(row.Normal, storedLimits)
		if err != nil {
			return fmt.Errorf("reading alert %q: %w", row.ID, err)
		}
		d.enter(row, rows[row.ID], entity.Extract(a))
	}
	return nil
}

// enter notes an alert whose mentions of the entity go, in whole or in part.
func (d *division) enter(row store.Alert, rows []store.AlertEntity, mentions []entity.Mention) {
	goes, stays := map[int]bool{}, map[int]bool{}
	for _, m := range mentions {
		if m.Kind != d.whole.Kind || !slices.ContainsFunc(m.Identifiers, d.names) {
			continue
		}
		if d.sep.Goes(m.Identifiers) {
			goes[m.Evidence] = true
		} else {
			stays[m.Evidence] = true
		}
	}
	var out []store.AlertEntity
	gone, kept := false, false
	for _, r := range rows {
		if r.Entity == d.whole.ID && goes[r.Evidence] {
			part := r
			part.Entity = 0
			out, gone = append(out, part), true
			if !stays[r.Evidence] {
				continue
			}
		}
		out, kept = append(out, r), kept || r.Entity == d.whole.ID
	}
	if !gone {
		d.stayingAlert[row.Incident] = true
		return
	}
	d.note(row, kept)
	d.mentions[row.ID] = out
}

func (d *division) names(id entity.Identifier) bool {
	return slices.Contains(d.sep.Going, id) || slices.Contains(d.sep.Staying, id)
}

func (d *division) note(row store.Alert, kept bool) {
	if kept {
		d.both = append(d.both, row.ID)
	} else {
		d.goes = append(d.goes, row.ID)
	}
	i := d.incidents[row.Incident]
	if i == nil {
		i = &store.SplitIncident{ID: row.Incident}
		d.incidents[row.Incident] = i
	}
	i.Alerts++
	i.Both = i.Both || kept
	if d.first.IsZero() || row.FirstActivity.Before(d.first) {
		d.first = row.FirstActivity
	}
	if row.LastActivity.After(d.last) {
		d.last = row.LastActivity
	}
}

func (d *division) record() store.EntitySplit {
	s := store.EntitySplit{Entity: d.whole.ID, Identifiers: d.sep.Going, Alerts: len(d.mentions), Moves: []store.SplitMove{}, Incidents: []store.SplitIncident{}}
	for _, id := range slices.Sorted(maps.Keys(d.incidents)) {
		s.Incidents = append(s.Incidents, *d.incidents[id])
	}
	return s
}

// splitEntity carries a division out.
func (p *plan) splitEntity(ctx context.Context, actor incident.Actor, d *division, reason string) (store.EntitySplit, error) {
	s := d.record()
	out, err := p.apply(ctx, correlate.Command{Kind: correlate.CommandDivide, Division: &correlate.Division{
		Separation: d.sep, Entity: d.whole.ID, Kind: d.whole.Kind, Alerts: d.goes, Both: d.both,
	}})
	if err != nil {
		return s, err
	}
	s.ID, s.Part, s.At, s.Actor, s.Reason = p.change.Seq, out.Entities[0].ID, p.at, actor, reason
	p.partOff(d, s)
	if err := p.reevaluate(ctx, d, &s, out.Moves); err != nil {
		return s, err
	}
	p.change.EntitySplits = append(p.change.EntitySplits, s)
	return s, nil
}

// partOff writes the new entity and who mentions it.
func (p *plan) partOff(d *division, s store.EntitySplit) {
	part := store.Entity{ID: s.Part, Kind: d.whole.Kind, Label: nameOf(d.sep.Going), FirstSeen: d.first, LastSeen: d.last}
	if len(d.mentions) == 0 {
		part.FirstSeen, part.LastSeen = d.whole.FirstSeen, d.whole.LastSeen
	}
	part.Critical = p.w.criticality(s.Part) == correlate.CriticalityCritical
	whole := store.Entity{ID: d.whole.ID, Kind: d.whole.Kind, FirstSeen: d.whole.FirstSeen, LastSeen: d.whole.LastSeen}
	whole.Critical = p.w.criticality(d.whole.ID) == correlate.CriticalityCritical
	whole.Label = nameOf(d.sep.Staying)
	p.labels[part.ID], p.labels[whole.ID], p.isNew[part.ID] = part.Label, whole.Label, true
	p.change.Entities = append(p.change.Entities, whole, part)
	p.change.Divisions = append(p.change.Divisions, store.Division{From: whole.ID, Into: part.ID, Identifiers: d.sep.Going, Split: s.ID})
	for _, id := range slices.Sorted(maps.Keys(d.mentions)) {
		rows := d.mentions[id]
		for i := range rows {
			if rows[i].Entity == 0 {
				rows[i].Entity = part.ID
			}
		}
		p.mentions[id] = rows
		p.arrived = append(p.arrived, id)
		p.change.Remention = append(p.change.Remention, id)
	}
}

// nameOf picks the identifier that says most to a person.
func nameOf(ids []entity.Identifier) string {
	for _, typ := range []string{"upn", "fqdn", "hostName", "sam", "name"} {
		for _, id := range ids {
			if id.Type == typ && typ == "sam" {
				return id.Scope + `\` + id.Value
			}
			if id.Type == typ {
				return id.Value
			}
		}
	}
	return ids[0].Value
}

// reevaluate counts the incidents anew and carries out the engine's moves, each
// told in the logs.
func (p *plan) reevaluate(ctx context.Context, d *division, s *store.EntitySplit, moves []correlate.Move) error {
	leaving := map[correlate.IncidentID][]correlate.Move{}
	for _, m := range moves {
		leaving[m.From] = append(leaving[m.From], m)
	}
	for n := range s.Incidents {
		i := &s.Incidents[n]
		f, err := p.caseOf(ctx, i.ID, false)
		if err != nil {
			return err
		}
		rows, err := p.alertsOf(ctx, i.ID)
		if err != nil {
			return err
		}
		i.Moved = len(leaving[i.ID])
		p.log(incident.DivisionLog(i.ID, incident.DivisionEntry{
			Entity: d.whole.Label, Part: p.labels[s.Part], Alerts: i.Alerts, Moved: i.Moved, Closed: i.Closed, Split: s.ID, At: p.at, Actor: s.Actor, Reason: s.Reason,
		}))
		if i.Moved == 0 {
			f.rescope = true
			if err := p.recount(ctx, f, rows); err != nil {
				return err
			}
			continue
		}
		why := fmt.Sprintf("%s was taken apart; what tied the alerts here was another one's name.", d.whole.Label)
		gone, err := p.depart(ctx, f, rows, leaving[i.ID], why)
		if err != nil {
			return err
		}
		s.Moves = append(s.Moves, gone...)
	}
	return nil
}

// depart moves alerts of an incident to another together, each with its own link,
// and gives what they had before.
func (p *plan) depart(ctx context.Context, from *caseFile, rows []store.Alert, moves []correlate.Move, why string) ([]store.SplitMove, error) {
	to, err := p.caseOf(ctx, moves[0].To, moves[0].Created)
	if err != nil {
		return nil, err
	}
	links := map[string]correlate.Link{}
	for _, m := range moves {
		links[m.AlertID] = m.Link
	}
	var group, rest []store.Alert
	var out []store.SplitMove
	for _, a := range rows {
		if _, leaves := links[a.ID]; !leaves {
			rest = append(rest, a)
			continue
		}
		group = append(group, a)
		out = append(out, store.SplitMove{Alert: a.ID, From: from.head.ID, To: to.head.ID, Link: a.Link})
	}
	var arrived []store.Alert
	if !moves[0].Created {
		if arrived, err = p.alertsOf(ctx, to.head.ID); err != nil {
			return nil, err
		}
	}
	if err := p.recount(ctx, from, rest); err != nil {
		return nil, err
	}
	if err := p.recount(ctx, to, append(arrived, group...)); err != nil {
		return nil, err
	}
	n := note{actor: incident.Correlation, reason: Reason{Text: why}, links: links, created: moves[0].Created}
	if err := p.transfer(ctx, from, to, group, incident.SpanOf(members(rest)), n); err != nil {
		return nil, err
	}
	for _, a := range group {
		link := links[a.ID]
		p.relocate([]string{a.ID}, to.head.ID, &link)
	}
	return out, nil
}

// rejoinEntity takes a split back.
func (p *plan) rejoinEntity(ctx context.Context, actor incident.Actor, s store.EntitySplit, reason string) (store.EntitySplit, error) {
	if !s.UndoneAt.IsZero() {
		return s, incident.Undecided("undone", "in force")
	}
	whole, err := p.w.opt.Store.Entity(ctx, p.w.opt.Name, s.Entity)
	if err != nil {
		return s, fmt.Errorf("reading entity %d: %w", s.Entity, err)
	}
	part, err := p.w.opt.Store.Entity(ctx, p.w.opt.Name, s.Part)
	if err != nil {
		return s, fmt.Errorf("reading entity %d: %w", s.Part, err)
	}
	back, links, err := p.returning(ctx, s)
	if err != nil {
		return s, err
	}
	out, err := p.command(ctx, correlate.Command{Kind: correlate.CommandRejoin, Division: &correlate.Division{
		Separation: entity.Separation{Number: s.ID}, Entity: whole.ID, Part: part.ID, Kind: whole.Kind, Back: back,
	}})
	if err != nil {
		return s, err
	}
	if err := p.joinAll(ctx, out.Joins); err != nil {
		return s, err
	}
	moved := map[correlate.IncidentID]int{}
	for _, m := range out.Moves {
		moved[m.To]++
	}
	for len(out.Moves) > 0 {
		first := out.Moves[0]
		same := func(m correlate.Move) bool { return m.From == first.From && m.To == first.To }
		var group []correlate.Move
		for _, m := range out.Moves {
			if same(m) {
				m.Link = links[m.AlertID]
				group = append(group, m)
			}
		}
		out.Moves = slices.DeleteFunc(out.Moves, same)
		if err := p.comeBack(ctx, group, whole.Label); err != nil {
			return s, err
		}
	}
	s.UndoneAt, s.UndoneBy = p.at, actor.Name
	p.change.EntitySplits = append(p.change.EntitySplits, s)
	return s, p.tellRejoined(ctx, s, incident.DivisionEntry{Entity: whole.Label, Part: part.Label, Undone: true, Split: s.ID, At: p.at, Actor: actor, Reason: reason}, moved)
}

// returning lists the alerts that are still where the split put them, with the
// links that they had before.
func (p *plan) returning(ctx context.Context, s store.EntitySplit) ([]correlate.Return, map[string]correlate.Link, error) {
	ids := make([]string, len(s.Moves))
	for i, m := range s.Moves {
		ids[i] = m.Alert
	}
	if err := p.prefetch(ctx, ids); err != nil {
		return nil, nil, err
	}
	var out []correlate.Return
	links := map[string]correlate.Link{}
	for _, m := range s.Moves {
		a, ok := p.held[m.Alert]
		if !ok || a.Incident != m.To {
			continue
		}
		from, err := p.w.load(ctx, m.To)
		if err != nil {
			return nil, nil, err
		}
		to, err := p.w.load(ctx, m.From)
		if err != nil {
			return nil, nil, err
		}
		if from.head.Status == incident.Resolved || incident.CanMove(from.head, to.head, incident.Correlation) != nil {
			continue
		}
		out = append(out, correlate.Return{Alert: m.Alert, From: m.To, To: m.From})
		links[m.Alert] = m.Link
	}
	return out, links, nil
}

func (p *plan) comeBack(ctx context.Context, moves []correlate.Move, label string) error {
	from, err := p.caseOf(ctx, moves[0].From, false)
	if err != nil {
		return err
	}
	rows, err := p.alertsOf(ctx, from.head.ID)
	if err != nil {
		return err
	}
	_, err = p.depart(ctx, from, rows, moves, label+" is one entity again.")
	return err
}

// tellRejoined tells the incidents that were told of the split.
func (p *plan) tellRejoined(ctx context.Context, s store.EntitySplit, entry incident.DivisionEntry, moved map[correlate.IncidentID]int) error {
	for _, i := range s.Incidents {
		f, err := p.caseOf(ctx, i.ID, false)
		if err != nil {
			return err
		}
		if f.head.Status == incident.Redirected {
			continue
		}
		f.rescope = true
		entry.Moved = moved[i.ID]
		p.log(incident.DivisionLog(i.ID, entry))
	}
	return nil
}
