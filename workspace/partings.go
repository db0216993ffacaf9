package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// The engine forgets a quiet incident with all that people decided about it. The
// store keeps that: case work in the incident's head, and which incidents people
// parted. A command that names a forgotten incident brings both along.

// knower is an engine that forgets.
type knower interface {
	Knows(correlate.IncidentID) bool
}

// recall enters into a command what people decided about the incidents that it
// brings back into the engine.
func (p *plan) recall(ctx context.Context, c *correlate.Command) error {
	engine, forgets := p.w.engine.(knower)
	if !forgets {
		return nil
	}
	for _, id := range broughtBack(c) {
		if id == 0 || engine.Knows(id) {
			continue
		}
		r, err := p.decided(ctx, c, id)
		if err != nil {
			return fmt.Errorf("reading what people decided about incident %d: %w", id, err)
		}
		c.Recalled = append(c.Recalled, r)
	}
	return nil
}

// broughtBack lists the incidents that a command makes known to the engine.
func broughtBack(c *correlate.Command) []correlate.IncidentID {
	switch c.Kind {
	case correlate.CommandMove:
		return append([]correlate.IncidentID{c.Incident}, c.Emptied...)
	case correlate.CommandState, correlate.CommandKeep:
		return []correlate.IncidentID{c.Incident}
	case correlate.CommandMerge, correlate.CommandUndoMerge, correlate.CommandReject, correlate.CommandUnreject:
		return append([]correlate.IncidentID{c.Incident}, c.Sources...)
	}
	return nil
}

func (p *plan) decided(ctx context.Context, c *correlate.Command, id correlate.IncidentID) (correlate.Recalled, error) {
	r := correlate.Recalled{Incident: id}
	f, err := p.load(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return r, nil // the engine made it for an alert that did not stay there
	}
	if err != nil {
		return r, err
	}
	r.State = f.head.State()
	if c.Kind != correlate.CommandKeep || p.held[c.Alerts[0]].Excluded {
		if r.Alone, err = p.alone(ctx, id); err != nil {
			return r, err
		}
	}
	r.Apart, err = p.apart(ctx, c, id)
	return r, err
}

// apart lists what people parted from an incident, by what it stands for now. When
// a merge is taken back, that is known of both by what the target stands for.
func (p *plan) apart(ctx context.Context, c *correlate.Command, id correlate.IncidentID) ([]correlate.IncidentID, error) {
	of := id
	if c.Kind == correlate.CommandUndoMerge {
		of = c.Incident
	}
	pairs, err := p.pairsOf(ctx, of)
	if err == nil && c.Kind == correlate.CommandUndoMerge {
		_, err = p.standAgain(ctx, pairs, c.Sources[0])
	}
	var out []correlate.IncidentID
	for _, x := range pairs {
		switch {
		case x.NowA == id && x.NowB != id:
			out = append(out, x.NowB)
		case x.NowB == id && x.NowA != id:
			out = append(out, x.NowA)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), err
}

// pairsOf lists the pairs of which one side stands for an incident, as this plan
// leaves them but for what people decide in it.
func (p *plan) pairsOf(ctx context.Context, id correlate.IncidentID) ([]store.Parting, error) {
	var out []store.Parting
	for _, held := range p.sourcesOf(id) {
		if err := p.settledFor(held); err != nil {
			return nil, err
		}
		pairs, err := p.w.opt.Store.Partings(ctx, p.w.opt.Name, held)
		if err != nil {
			return nil, err
		}
		out = append(out, pairs...)
	}
	for i := range out {
		out[i].NowA, out[i].NowB = p.standsFor(out[i].NowA), p.standsFor(out[i].NowB)
	}
	return out, nil
}

// standsFor goes along the merges of this plan and of the one that it stands on.
func (p *plan) standsFor(id correlate.IncidentID) correlate.IncidentID {
	if p.behind != nil {
		id = p.behind.plan.follow(id)
	}
	return p.follow(id)
}

// standAgain lets those of some pairs stand for a source again that concern it or
// what was merged into it before, in place, and gives them.
func (p *plan) standAgain(ctx context.Context, pairs []store.Parting, source correlate.IncidentID) (back []store.Parting, err error) {
	for i := range pairs {
		x := &pairs[i]
		a, err := p.passes(ctx, x.A, source)
		if err != nil {
			return nil, err
		}
		b, err := p.passes(ctx, x.B, source)
		if err != nil {
			return nil, err
		}
		if a {
			x.NowA = source
		}
		if b {
			x.NowB = source
		}
		if a || b {
			back = append(back, *x)
		}
	}
	return back, nil
}

// passes says whether an incident was merged into another one, be it by way of others.
func (p *plan) passes(ctx context.Context, id, by correlate.IncidentID) (bool, error) {
	for id != 0 && id != by {
		f, err := p.load(ctx, id)
		if err != nil {
			return false, err
		}
		id = f.head.RedirectTo
	}
	return id == by, nil
}

// alone says whether an incident holds alerts of excluded rules only.
func (p *plan) alone(ctx context.Context, id correlate.IncidentID) (bool, error) {
	some := false
	for a, in := range p.where {
		if p.follow(in) != id {
			continue
		}
		if err := p.prefetch(ctx, []string{a}); err != nil {
			return false, err
		}
		if some = true; !p.held[a].Excluded {
			return false, nil
		}
	}
	if p.created[id] {
		return some, nil
	}
	if err := p.settledFor(id); err != nil {
		return false, err
	}
	q := store.AlertQuery{Workspace: p.w.opt.Name, Incident: id, Brief: true, Paging: store.Paging{Limit: 500}}
	for {
		page, err := p.w.opt.Store.Alerts(ctx, q)
		if err != nil {
			return false, err
		}
		for _, a := range page.Items {
			if _, planned := p.where[a.ID]; planned {
				continue
			}
			if some = true; !a.Excluded {
				return false, nil
			}
		}
		if q.Cursor = page.Next; page.Next == "" {
			return some, nil
		}
	}
}

// part keeps that people parted two incidents.
func (p *plan) part(a, b correlate.IncidentID) {
	pair := correlate.Pair{A: min(a, b), B: max(a, b)}
	p.change.Partings = append(p.change.Partings, store.Parting{Pair: pair, NowA: pair.A, NowB: pair.B})
}

// unpart ends what people parted between incidents, or what was merged into them:
// their later word replaces the earlier one.
func (p *plan) unpart(ctx context.Context, ids ...correlate.IncidentID) error {
	for _, id := range ids {
		pairs, err := p.pairsOf(ctx, id)
		if err != nil {
			return fmt.Errorf("reading what people parted from incident %d: %w", id, err)
		}
		for _, x := range pairs {
			if x.Ended = x.NowA != x.NowB && slices.Contains(ids, x.NowA) && slices.Contains(ids, x.NowB); x.Ended {
				p.change.Partings = append(p.change.Partings, x)
			}
		}
	}
	return nil
}

// mergeByHand tells the engine of a person's merge, which replaces an earlier word
// that parted the incidents.
func (p *plan) mergeByHand(ctx context.Context, target correlate.IncidentID, sources []correlate.IncidentID) error {
	if _, err := p.command(ctx, correlate.Command{Kind: correlate.CommandMerge, Incident: target, Sources: sources}); err != nil {
		return err
	}
	return p.unpart(ctx, append([]correlate.IncidentID{target}, sources...)...)
}

// partAgain tells the engine that a merge is taken back.
func (p *plan) partAgain(ctx context.Context, m incident.Merge, ids []string) error {
	pairs, err := p.pairsOf(ctx, m.Target)
	if err == nil {
		pairs, err = p.standAgain(ctx, pairs, m.Source)
	}
	if err != nil {
		return fmt.Errorf("reading what people parted from incident %d: %w", m.Source, err)
	}
	if _, err := p.command(ctx, correlate.Command{Kind: correlate.CommandUndoMerge, Incident: m.Target, Sources: []correlate.IncidentID{m.Source}, Alerts: ids}); err != nil {
		return err
	}
	p.change.Partings = append(p.change.Partings, pairs...)
	p.part(m.Source, m.Target)
	return nil
}

// moveByHand tells the engine of a person's move. An incident that it leaves empty
// is merged away; the others are parted from where their alerts went.
func (p *plan) moveByHand(ctx context.Context, rows []store.Alert, c correlate.Command) (correlate.Outcome, error) {
	for _, id := range c.Sources {
		f, err := p.caseOf(ctx, id, false)
		if err != nil {
			return correlate.Outcome{}, err
		}
		if f.head.Tally.Alerts == countIn(rows, id) {
			c.Emptied = append(c.Emptied, id)
		}
	}
	out, err := p.command(ctx, c)
	if err != nil {
		return out, err
	}
	for _, id := range c.Sources {
		if !slices.Contains(c.Emptied, id) {
			p.part(id, out.Incident)
		}
	}
	return out, nil
}
