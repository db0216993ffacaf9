package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// plan collects what one transaction will change. Building it moves the engine
// and the cached case files on; when it does not get committed both are dropped.
type plan struct {
	w      *Workspace
	at     time.Time // of the last arrival or the command
	change store.Change
	behind *flight // the batch this one is planned on while it is being committed, nil when it is stored

	held     map[string]store.Alert // the version that the store or this plan holds, by alert id
	arrived  []string               // alerts of this plan, each once
	where    map[string]correlate.IncidentID
	relinked map[string]correlate.Link      // of alerts that a merge or a move gave another one
	mentions map[string][]store.AlertEntity // of alerts of this plan
	touched  map[correlate.IncidentID]*caseFile
	order    []correlate.IncidentID // touched, in order of first touch
	created  map[correlate.IncidentID]bool
	redirect map[correlate.IncidentID]correlate.IncidentID
	// unsettled are the incidents whose heads do not count all their alerts yet.
	unsettled []correlate.IncidentID
	labels    map[entity.ID]string
	isNew     map[entity.ID]bool // entities that the store does not hold yet
	joined    map[entity.ID]entity.ID
	wide      bool // an entity was joined that more incidents mention than were read
	alerts    int
	arrivals  bool // alerts are placed, as opposed to a person's command

	tasks map[correlate.IncidentID][]incident.Task // of incidents whose tasks this plan changed

	suggestions map[correlate.Pair]store.Suggestion
	suggested   []correlate.Pair // in order of first mention
	told        int64            // suggestions of the engine, for their numbers

	deltas      map[rowKey]*store.IncidentEntity
	deltaOrder  []rowKey
	entities    map[entity.ID]*store.Entity
	entityOrder []entity.ID
}

type rowKey struct {
	incident correlate.IncidentID
	entity   entity.ID
}

func (w *Workspace) newPlan(at time.Time) *plan {
	return &plan{
		w: w, at: at, behind: w.flight,
		change:   store.Change{Workspace: w.opt.Name, PrevSeq: w.seq, Seq: w.seq, At: at, Intake: map[string]store.Intake{}},
		held:     map[string]store.Alert{},
		where:    map[string]correlate.IncidentID{},
		relinked: map[string]correlate.Link{},
		mentions: map[string][]store.AlertEntity{},
		touched:  map[correlate.IncidentID]*caseFile{},
		created:  map[correlate.IncidentID]bool{},
		redirect: map[correlate.IncidentID]correlate.IncidentID{},
		labels:   map[entity.ID]string{},
		isNew:    map[entity.ID]bool{},
		joined:   map[entity.ID]entity.ID{},
		deltas:   map[rowKey]*store.IncidentEntity{},

		tasks:       map[correlate.IncidentID][]incident.Task{},
		suggestions: map[correlate.Pair]store.Suggestion{},
		entities:    map[entity.ID]*store.Entity{},
	}
}

// nextSeq takes the next log position.
func (p *plan) nextSeq() int64 {
	p.change.Seq++
	return p.change.Seq
}

// prefetch reads the held versions of all alerts that arrive, in one query.
func (p *plan) prefetch(ctx context.Context, ids []string) error {
	stored := make([]string, 0, len(ids))
	for _, id := range ids {
		a, known, err := p.planned(id)
		switch {
		case err != nil:
			return err
		case known:
			p.held[id] = a
		default:
			stored = append(stored, id)
		}
	}
	if len(stored) == 0 {
		return nil
	}
	held, err := p.w.opt.Store.AlertsByID(ctx, p.w.opt.Name, stored)
	if err != nil {
		return fmt.Errorf("looking for alerts that are held already: %w", err)
	}
	for _, a := range held {
		if to, ok := p.where[a.ID]; ok {
			a.Incident = to
		}
		if l, ok := p.relinked[a.ID]; ok {
			a.Link = l
		}
		p.held[a.ID] = a
	}
	return nil
}

// advance moves the plan's time to an arrival. Alerts that came at clearly
// different times, as history does that is loaded after the fact, are logged each
// at its own.
func (p *plan) advance(to time.Time) {
	if p.alerts == 0 {
		p.at = to
	}
	if to.Sub(p.at) > time.Minute {
		for _, id := range p.unsettled {
			p.settle(p.touched[id])
		}
		p.unsettled = p.unsettled[:0]
	}
	if to.After(p.at) {
		p.at = to
	}
}

// arrive places one alert.
func (p *plan) arrive(ctx context.Context, in *prepared) (RecordResult, error) {
	p.advance(in.received)
	res := RecordResult{Record: in.record, AlertID: in.alert.ID, Status: StatusNew}
	old, known := p.held[in.alert.ID]
	if known {
		if why, same := unchanged(old, in); same {
			res.Status, res.Incident, res.Reason = StatusUnchanged, p.whereIs(old), why
			return res, nil
		}
		res.Status = StatusUpdated
	}
	seq := p.nextSeq()
	out := p.w.engine.Add(correlate.Arrival{Seq: seq, Source: in.source, Received: in.received, Alert: in.alert})
	record := out.Record()
	res.Folded = out.Folded && !known
	if err := p.skipPassing(ctx, &out); err != nil {
		return res, err
	}
	if err := p.resolve(ctx, in, &out); err != nil {
		return res, err
	}
	for _, m := range out.Merges {
		link := m.Link
		if _, err := p.merge(ctx, m.Into, m.From, note{actor: incident.Correlation, link: &link, cause: causeOf(in.alert, link)}); err != nil {
			return res, err
		}
	}
	if known {
		old = p.held[old.ID] // where merges put it
		if err := p.bringHome(ctx, &out, old); err != nil {
			return res, err
		}
	}
	row := newRow(seq, in, out, old)
	row.Record = record.Append(make([]byte, 0, 16+8*len(record.Made.Digests)))
	row.Incident = p.follow(out.Incident)
	if err := p.place(ctx, row, &out, old); err != nil {
		return res, err
	}
	res.Incident = row.Incident
	for _, m := range out.Moves {
		if err := p.move(ctx, m.AlertID, m); err != nil {
			return res, err
		}
		if m.AlertID == row.ID {
			res.Incident = m.To
		}
	}
	return res, p.suggest(ctx, &out)
}

// maxCause bounds the title of the alert that tied two incidents together, as engines
// bound those of peers.
const maxCause = 200

// causeOf names the alert that the link of a merge tells of.
func causeOf(a *alert.Alert, l correlate.Link) correlate.LinkedAlert {
	title := strings.ToValidUTF8(a.Title[:min(len(a.Title), maxCause)], "")
	return correlate.LinkedAlert{ID: a.ID, Title: title, Score: l.Score}
}

// skipPassing leaves out an incident that the engine made for the alert and merged
// in the same breath: it was never kept, so the alert simply joins the target.
func (p *plan) skipPassing(ctx context.Context, out *correlate.Outcome) error {
	if !out.Created {
		return nil
	}
	for i, m := range out.Merges {
		if p.touched[m.From] != nil || p.w.cases.get(m.From) != nil {
			continue
		}
		if err := p.settledFor(m.From); err != nil {
			return err
		}
		_, err := p.w.opt.Store.Incident(ctx, p.w.opt.Name, m.From)
		if errors.Is(err, store.ErrNotFound) {
			p.redirect[m.From] = m.Into
			out.Created = false
			if unlinked(out.Link) {
				out.Link = m.Link
			}
			out.Merges = slices.Delete(slices.Clone(out.Merges), i, i+1)
			return nil
		}
		if err != nil {
			return fmt.Errorf("looking for incident %d: %w", m.From, err)
		}
	}
	return nil
}

// bringHome keeps an update where its alert is. The engine forgets alerts after a
// while and places a late update like a new alert; it is told where it belongs.
// Nobody decided anything: the incident that the update seemed to fit may still be
// one with its own.
func (p *plan) bringHome(ctx context.Context, out *correlate.Outcome, old store.Alert) error {
	home := p.whereIs(old)
	if unlinked(out.Link) || p.follow(out.Incident) != home {
		out.Link = old.Link
	}
	if p.follow(out.Incident) == home {
		out.Created = false
		return nil
	}
	kept, err := p.apply(ctx, correlate.Command{Kind: correlate.CommandKeep, Incident: home, Alerts: []string{old.ID}, Manual: old.Link.Manual})
	if err != nil {
		return fmt.Errorf("keeping alert %q in incident %d: %w", old.ID, home, err)
	}
	out.Withdrawn = append(slices.Clone(out.Withdrawn), kept.Withdrawn...)
	out.Suggestions = slices.DeleteFunc(slices.Clone(out.Suggestions), func(s correlate.Suggestion) bool { return slices.Contains(kept.Withdrawn, s.Pair) })
	out.Incident, out.Created = home, false
	out.Moves = slices.DeleteFunc(slices.Clone(out.Moves), func(m correlate.Move) bool { return m.AlertID == old.ID })
	return nil
}

// unchanged tells whether an arriving version brings nothing new: it equals the
// held one, or it is older. Then the newer one stays.
func unchanged(old store.Alert, in *prepared) (why string, same bool) {
	if bytes.Equal(old.Normal, in.normal) {
		return "", true
	}
	updated := in.alert.LastUpdateDateTime
	if updated.IsZero() || len(old.Normal) == 0 {
		return "", false
	}
	held, err := alert.Decode(old.Normal, storedLimits)
	if err == nil && updated.Before(held.LastUpdateDateTime) {
		return "a newer version of this alert is held", true
	}
	return "", false
}

func (p *plan) whereIs(a store.Alert) correlate.IncidentID {
	if id, ok := p.where[a.ID]; ok {
		return p.follow(id)
	}
	return p.follow(a.Incident)
}

// follow goes along the merges of this plan.
func (p *plan) follow(id correlate.IncidentID) correlate.IncidentID {
	for {
		to, ok := p.redirect[id]
		if !ok {
			return id
		}
		id = to
	}
}

// place puts the row into the plan and into its incident.
func (p *plan) place(ctx context.Context, row store.Alert, out *correlate.Outcome, old store.Alert) error {
	mentions := alertEntities(row.ID, out.Entities)
	f, err := p.caseOf(ctx, row.Incident, out.Created)
	if err != nil {
		return err
	}
	if old.ID != "" {
		if err := p.replace(ctx, f, row, old); err != nil {
			return err
		}
	} else {
		f.added = append(f.added, member(row))
	}
	p.put(row)
	p.mentions[row.ID] = mentions
	p.involve(f, row, mentions, 1)
	p.unsettled = append(p.unsettled, row.Incident)
	p.alerts++
	return nil
}

// replace takes the held version of an alert out of its incident's counts. The
// engine keeps an updated alert where it is, or says so with a move.
func (p *plan) replace(ctx context.Context, f *caseFile, row, old store.Alert) error {
	mentions, err := p.mentionsOf(ctx, old.ID)
	if err != nil {
		return err
	}
	p.settle(f) // the held version may be of this plan
	p.involve(f, old, mentions, -1)
	f.updated = append(f.updated, incident.Update{Old: member(old), New: member(row)})
	return nil
}

// put keeps the row as the alert's latest version. Every version of a plan is
// written, so that a replay of the log sees what the engine saw.
func (p *plan) put(row store.Alert) {
	if _, repeated := p.mentions[row.ID]; !repeated {
		p.arrived = append(p.arrived, row.ID)
	}
	p.change.Alerts = append(p.change.Alerts, row)
	p.held[row.ID] = row
	p.where[row.ID] = row.Incident
}

func (p *plan) mentionsOf(ctx context.Context, alertID string) ([]store.AlertEntity, error) {
	m, ok := p.mentions[alertID]
	if ok {
		return m, nil
	}
	if m, ok = p.plannedMentions(alertID); !ok {
		var err error
		if m, err = p.w.opt.Store.AlertEntities(ctx, p.w.opt.Name, []string{alertID}); err != nil {
			return nil, fmt.Errorf("reading what alert %q mentions: %w", alertID, err)
		}
	}
	p.rename(m)
	return m, nil
}

// rename gives rows from the store the entities that this plan joined since.
func (p *plan) rename(rows []store.AlertEntity) {
	for i := range rows {
		rows[i].Entity = p.renamed(rows[i].Entity)
	}
}

// renamed goes along the joins of this plan and of those that it stands on.
func (p *plan) renamed(id entity.ID) entity.ID {
	if p.behind != nil {
		id = p.behind.plan.renamed(id)
	}
	for into, ok := p.joined[id]; ok; into, ok = p.joined[id] {
		id = into
	}
	return id
}

// load reads a case file, unless it is in the cache.
func (p *plan) load(ctx context.Context, id correlate.IncidentID) (*caseFile, error) {
	if f := p.w.cases.get(id); f != nil {
		return f, nil
	}
	if err := p.settledFor(id); err != nil {
		return nil, err
	}
	return p.w.load(ctx, id)
}

// caseOf gives the case file to change, made new when created. An incident that
// the engine made for an alert which did not stay there comes into being with the
// first alert that does.
func (p *plan) caseOf(ctx context.Context, id correlate.IncidentID, created bool) (*caseFile, error) {
	if f, ok := p.touched[id]; ok {
		return f, nil
	}
	var f *caseFile
	if !created {
		var err error
		f, err = p.load(ctx, id)
		if err != nil && !(p.arrivals && errors.Is(err, store.ErrNotFound)) {
			return nil, err
		}
	}
	if f == nil {
		f = &caseFile{head: incident.New(id, p.at), entities: map[entity.ID]*store.IncidentEntity{}}
		p.w.cases.put(id, f)
		p.created[id] = true
	}
	p.touched[id] = f
	p.order = append(p.order, id)
	return f, nil
}

// note appends to the activity log.
func (p *plan) log(a ...incident.Activity) { p.change.Activities = append(p.change.Activities, a...) }

func (p *plan) empty() bool {
	c := &p.change
	return c.Seq == c.PrevSeq && len(c.Rejects) == 0 && len(c.Intake) == 0 && len(c.Activities) == 0 &&
		len(c.Incidents) == 0 && len(c.Entities) == 0 && len(c.Joins) == 0 && len(c.AlertEdits) == 0 && len(c.Suggestions) == 0 && len(c.Partings) == 0 && len(c.Jobs) == 0 && len(c.Imports) == 0
}

// event says what followers need to know.
func (p *plan) event() Event {
	e := Event{Seq: p.change.Seq, At: p.change.At, Alerts: p.alerts}
	for _, i := range p.change.Incidents {
		e.Incidents = append(e.Incidents, i.ID)
	}
	for _, s := range p.change.Suggestions {
		e.Incidents = append(e.Incidents, s.A, s.B)
	}
	slices.Sort(e.Incidents)
	e.Incidents = slices.Compact(e.Incidents)
	return e
}
