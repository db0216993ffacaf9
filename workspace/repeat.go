package workspace

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// follower is an engine that can repeat what it did, as it is recorded.
type follower interface {
	Follow(last entity.ID)
	Followed() correlate.Followed
	Settle(iter.Seq2[string, correlate.IncidentID]) int
	Restate(correlate.IncidentID, correlate.State)
	Told() bool
	Part(a, b correlate.IncidentID)
	CaughtUp()
	Entities() *entity.Resolver
}

// repetition feeds an engine the log behind a checkpoint. What comes out is in the
// store already.
type repetition struct {
	w          *Workspace
	engine     correlate.Correlator
	from, last int64
	follower   follower // nil when the engine is none
	highest    entity.ID
	refused    int // commands that were carried out once and are refused now
	unread     int // records that can't be read
	entries    int
}

func (r *repetition) run(ctx context.Context) error {
	opt := r.w.opt
	if r.follower, _ = r.engine.(follower); r.follower != nil {
		var err error
		if r.highest, err = opt.Store.LastEntity(ctx, opt.Name); err != nil {
			return fmt.Errorf("looking for the last entity: %w", err)
		}
		r.follower.Follow(r.highest)
	}
	for e, err := range opt.Store.Replay(ctx, opt.Name, r.from) {
		if err != nil {
			return fmt.Errorf("replaying the log after position %d: %w", r.last, err)
		}
		if err := r.feed(e); err != nil {
			return fmt.Errorf("replaying position %d: %w", e.Seq, err)
		}
		r.last = e.Seq
		r.entries++
	}
	return nil
}

// feed repeats one log entry.
func (r *repetition) feed(e store.LogEntry) error {
	if e.Command != nil {
		// It was carried out once, and people saw it. Were it to keep the workspace
		// shut now, nobody could do anything about it.
		if _, err := r.engine.Apply(*e.Command); err != nil {
			r.refused++
			r.w.opt.Log.Error("a command of the log is refused by this version; the store keeps what it did", "seq", e.Seq, "kind", e.Command.Kind, "err", err)
		}
		return nil
	}
	a, err := alert.Decode(e.Normal, storedLimits)
	if err != nil {
		return fmt.Errorf("reading alert %q: %w", e.AlertID, err)
	}
	record, err := correlate.ParseRecorded(e.Record)
	if errors.Is(err, correlate.ErrRecord) {
		r.unread++
	}
	r.engine.Add(correlate.Arrival{Seq: e.Seq, Source: e.Source, Received: e.Received, Alert: a, Recorded: record})
	return nil
}

// settle brings engine and store together where they differ, and tells of it.
func (r *repetition) settle(ctx context.Context) error {
	if r.follower == nil {
		return nil
	}
	how := r.follower.Followed()
	log := r.w.opt.Log
	if how.Otherwise > 0 {
		log.Info("this version would have decided otherwise about some alerts of the past; what was decided is kept",
			"alerts", how.Otherwise, "repeated", r.entries, "from", r.from)
	}
	whole := r.from == 0 && r.entries > 0
	if whole || how.Unrecorded > 0 || r.refused > 0 {
		if err := r.compare(ctx, how); err != nil {
			return err
		}
	}
	if err := r.adopt(ctx, how); err != nil {
		return err
	}
	told := r.follower.Told()
	if err := r.remind(ctx); err != nil {
		return err
	}
	if whole || !told || how.Otherwise+how.Unrecorded+r.refused+len(how.Made)+len(how.Joins) > 0 {
		r.w.checkpoint = -1
		return r.w.saveCheckpoint(ctx)
	}
	return nil
}

// compare holds where the engine has alerts against the store, and lets the store
// be right.
func (r *repetition) compare(ctx context.Context, how correlate.Followed) error {
	var broken error
	moved := r.follower.Settle(func(yield func(string, correlate.IncidentID) bool) {
		for p, err := range r.w.opt.Store.Placements(ctx, r.w.opt.Name) {
			if err != nil {
				broken = err
				return
			}
			if !yield(p.AlertID, p.Incident) {
				return
			}
		}
	})
	if broken != nil {
		return fmt.Errorf("comparing the engine with the store: %w", broken)
	}
	astray := 0
	if how.Unrecorded > 0 {
		var err error
		if astray, err = r.astray(ctx); err != nil {
			return err
		}
	}
	if moved+r.refused+astray == 0 {
		return nil
	}
	r.w.opt.Log.Warn("replaying the log came to another result than the store has; alerts stay where the store has them",
		"alerts", moved, "refused", r.refused, "unrecorded", how.Unrecorded, "unreadable", r.unread, "entities", astray)
	return r.restate(ctx)
}

// maxCompared bounds the entities that are held against the store.
const maxCompared = 1000

// astray counts, of some entities, those that are called otherwise in the store.
func (r *repetition) astray(ctx context.Context) (n int, err error) {
	every, k := r.follower.Entities().Len()/maxCompared+1, 0
	for id, known := range r.follower.Entities().Each() {
		if k++; k%every != 0 || len(known) == 0 || id > r.highest {
			continue
		}
		e, err := r.w.opt.Store.Entity(ctx, r.w.opt.Name, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return n, fmt.Errorf("reading entity %d: %w", id, err)
		}
		same := func(k entity.Known) bool {
			return slices.ContainsFunc(e.Identifiers, func(l store.LearntIdentifier) bool { return l.Identifier == k.Identifier })
		}
		if !slices.ContainsFunc(known, same) {
			n++
		}
	}
	return n, nil
}

// restate tells the engine the case work of all incidents.
func (r *repetition) restate(ctx context.Context) error {
	q := store.IncidentQuery{Workspace: r.w.opt.Name, Sort: store.ByID, Asc: true, Paging: store.Paging{Limit: 500}}
	for _, s := range incident.Statuses() {
		q.Statuses = append(q.Statuses, string(s))
	}
	for {
		page, err := r.w.opt.Store.Incidents(ctx, q)
		if err != nil {
			return fmt.Errorf("reading the case work of incidents: %w", err)
		}
		for _, i := range page.Items {
			r.follower.Restate(i.ID, i.State())
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// remind tells the engine what people decided about the incidents that it knows, when
// an earlier version forgot that with the incidents.
func (r *repetition) remind(ctx context.Context) error {
	if r.follower.Told() {
		return nil
	}
	if err := r.restate(ctx); err != nil {
		return err
	}
	p := r.w.newPlan(r.w.now())
	pairs, err := r.w.opt.Store.Partings(ctx, r.w.opt.Name, 0)
	for i := 0; i < len(pairs) && err == nil; i++ {
		err = p.renewPair(ctx, &pairs[i])
		r.follower.Part(pairs[i].NowA, pairs[i].NowB)
	}
	if err == nil {
		err = r.w.conclude(ctx, p)
	}
	if err != nil {
		return fmt.Errorf("telling the engine what people decided: %w", err)
	}
	r.follower.CaughtUp()
	r.w.opt.Log.Info("the engine was told again what people decided", "parted", len(pairs))
	return nil
}

// renewPair enters what a pair that a migration found stands for now.
func (p *plan) renewPair(ctx context.Context, x *store.Parting) error {
	was := *x
	for _, side := range []*correlate.IncidentID{&x.NowA, &x.NowB} {
		f, err := p.load(ctx, *side)
		for err == nil && f.head.RedirectTo != 0 {
			*side = f.head.RedirectTo
			f, err = p.load(ctx, *side)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if *x != was {
		p.change.Partings = append(p.change.Partings, *x)
	}
	return nil
}

// adopt writes what this version read of the past's entities and the store does not
// have: alerts to come may name them.
func (r *repetition) adopt(ctx context.Context, how correlate.Followed) error {
	if len(how.Made)+len(how.Joins) == 0 {
		return nil
	}
	p := r.w.newPlan(r.w.now())
	for _, s := range how.Made {
		p.change.Entities = append(p.change.Entities, adopted(s))
		p.labels[s.ID], p.isNew[s.ID] = s.Mention.Label, true
	}
	joins, err := r.unjoined(ctx, how.Joins)
	if err == nil {
		err = p.joinAll(ctx, joins)
	}
	if err == nil {
		err = p.finish(ctx)
	}
	if err == nil {
		err = r.w.conclude(ctx, p)
	}
	if err != nil {
		return fmt.Errorf("writing entities that this version reads: %w", err)
	}
	r.w.opt.Log.Warn("this version reads other entities in alerts of the past; those that it found are in the store now, alerts keep what they mention",
		"entities", len(how.Made), "joins", len(joins))
	return nil
}

func adopted(s entity.Seen) store.Entity {
	e := store.Entity{ID: s.ID, Kind: s.Mention.Kind, Label: s.Mention.Label}
	for _, k := range s.Learnt {
		at := micro(k.At)
		if e.FirstSeen.IsZero() || at.Before(e.FirstSeen) {
			e.FirstSeen = at
		}
		if at.After(e.LastSeen) {
			e.LastSeen = at
		}
		e.Identifiers = append(e.Identifiers, store.LearntIdentifier{Identifier: k.Identifier, Alert: k.Alert, Inventory: k.Inventory, At: at})
	}
	return e
}

// unjoined leaves out the joins that the store has.
func (r *repetition) unjoined(ctx context.Context, joins []entity.Join) ([]entity.Join, error) {
	ids := make([]entity.ID, len(joins))
	for i, j := range joins {
		ids[i] = j.From
	}
	held, err := r.w.opt.Store.EntitiesByID(ctx, r.w.opt.Name, ids)
	if err != nil {
		return nil, fmt.Errorf("reading %d entities: %w", len(ids), err)
	}
	stands := map[entity.ID]bool{}
	for _, e := range held {
		stands[e.ID] = e.RedirectTo == 0
	}
	var out []entity.Join
	for _, j := range joins {
		if stands[j.From] {
			stands[j.From] = false
			out = append(out, j)
		}
	}
	return out, nil
}
