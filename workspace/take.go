package workspace

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

// storedLimits reads back what was accepted: anything that got in comes out,
// whatever limits hold for senders today.
var storedLimits = alert.Limits{MaxBytes: 1 << 30, MaxDepth: 1000, MaxEvidence: 1 << 20, MaxItems: 1 << 24, MaxString: 1 << 30, MaxText: 1 << 30}

// take plans the alerts of a group of requests as one transaction, while the one
// before it is being committed, and sends it on its way. Each request is answered
// once it is committed.
func (w *Workspace) take(ctx context.Context, group []*request) {
	p, err := w.tryPlan(ctx, group)
	if landed := w.land(ctx); !landed && (err == nil || errors.Is(err, errOvertaken)) {
		// It was planned on top of a batch that is not in the store.
		p, err = w.tryPlan(ctx, group)
	}
	if err == nil {
		w.launch(ctx, p, group)
	} else {
		answer(group, w.mend(ctx, group, err))
	}
	w.tidy(ctx)
}

// mend tries a group once more after a failure that need not come again.
func (w *Workspace) mend(ctx context.Context, group []*request, err error) error {
	if errors.Is(err, store.ErrConflict) {
		// Another writer went first. Its log is the truth; ours is planned anew.
		w.opt.Log.Warn("another writer moved the log on; starting again from the store", "workspace", w.opt.Name)
		err = w.tryTake(ctx, group)
	}
	var crash *crashError
	if errors.As(err, &crash) {
		err = w.takeSingly(ctx, group, crash)
	}
	return err
}

// tryTake plans and commits. On an error nothing is committed of the transaction
// that failed, and the engine is rebuilt before the next use.
func (w *Workspace) tryTake(ctx context.Context, group []*request) error {
	p, err := w.tryPlan(ctx, group)
	if err == nil {
		if err = w.conclude(ctx, p); err != nil {
			w.engine = nil
		}
	}
	return err
}

// tryPlan places the alerts of a group. After an error the engine is rebuilt
// before the next use.
func (w *Workspace) tryPlan(ctx context.Context, group []*request) (p *plan, err error) {
	if err := w.ready(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil {
			err = &crashError{value: v, stack: debug.Stack()}
		}
		if err != nil {
			w.engine = nil
		}
	}()
	for _, r := range group {
		r.results, r.intake = nil, map[string]store.Intake{}
	}
	return w.planAll(ctx, group)
}

// crashError is a panic while an alert was placed.
type crashError struct {
	value any
	stack []byte
}

func (e *crashError) Error() string { return fmt.Sprintf("internal error: %v", e.value) }

func (w *Workspace) planAll(ctx context.Context, group []*request) (*plan, error) {
	p, err := w.planFor(ctx, group)
	if err != nil {
		return nil, err
	}
	for _, r := range group {
		p.reject(r)
		for i := range r.alerts {
			in := &r.alerts[i]
			if err := p.distinct(ctx, in); err != nil {
				return nil, err
			}
			res, err := p.arrive(ctx, in)
			if err != nil {
				return nil, fmt.Errorf("placing alert %q: %w", in.alert.ID, err)
			}
			p.count(r, in.source, res)
		}
	}
	return p, p.finish(ctx)
}

func (w *Workspace) planFor(ctx context.Context, group []*request) (*plan, error) {
	p := w.newPlan(w.now())
	p.arrivals = true
	var ids []string
	for _, r := range group {
		for i := range r.alerts {
			ids = append(ids, r.alerts[i].alert.ID)
		}
	}
	if err := p.prefetch(ctx, ids); err != nil {
		return nil, err
	}
	ids = ids[:0]
	for _, r := range group {
		for i := range r.alerts {
			if in := &r.alerts[i]; p.taken(in.alert.ID, in.source) {
				ids = append(ids, ownID(in.alert.ID, in.source))
			}
		}
	}
	return p, p.prefetch(ctx, ids)
}

// conclude commits a completed plan.
func (w *Workspace) conclude(ctx context.Context, p *plan) error {
	if err := w.write(ctx, p); err != nil {
		return err
	}
	w.seq = p.change.Seq
	return nil
}

// write commits what a plan changes and tells the followers. It may run beside
// the owner.
func (w *Workspace) write(ctx context.Context, p *plan) error {
	if p.empty() {
		return nil
	}
	if err := w.opt.Store.Commit(ctx, &p.change); err != nil {
		return fmt.Errorf("writing log positions %d to %d: %w", p.change.PrevSeq+1, p.change.Seq, err)
	}
	w.hub.publish(p.event())
	return nil
}

// taken says that another source uses an alert id.
func (p *plan) taken(id, source string) bool {
	held, known := p.held[id]
	return known && held.Source != source
}

func ownID(id, source string) string { return source + "~" + id }

// distinct gives an alert whose id another source uses already an id of its own.
func (p *plan) distinct(ctx context.Context, in *prepared) error {
	id := in.alert.ID
	for p.taken(id, in.source) {
		id = ownID(id, in.source)
		if _, known := p.held[id]; !known {
			if err := p.prefetch(ctx, []string{id}); err != nil {
				return err
			}
		}
	}
	if id == in.alert.ID {
		return nil
	}
	a := *in.alert
	a.ID = id
	normal, err := a.MarshalJSON()
	if err != nil {
		return fmt.Errorf("encoding alert %q: %w", id, err)
	}
	in.alert, in.normal = &a, normal
	return nil
}

// takeSingly finds the alert that makes the engine fail: each goes alone, and
// the one that fails is kept as a dead letter instead of blocking the rest.
func (w *Workspace) takeSingly(ctx context.Context, group []*request, first *crashError) error {
	w.opt.Log.Error("placing a batch failed; trying its alerts one by one", "err", first, "stack", string(first.stack))
	for _, r := range group {
		var results []RecordResult
		total := map[string]store.Intake{}
		for i := range r.alerts {
			one := &request{alerts: r.alerts[i : i+1]}
			if i == 0 {
				one.rejects = r.rejects
			}
			err := w.tryTake(ctx, []*request{one})
			var crash *crashError
			if errors.As(err, &crash) {
				err = w.bury(ctx, one, crash)
			}
			if err != nil {
				return err
			}
			results = append(results, one.results...)
			addIntake(total, one.intake)
		}
		r.results, r.intake = results, total
	}
	return nil
}

// bury keeps an alert that can't be placed as a dead letter.
func (w *Workspace) bury(ctx context.Context, r *request, why *crashError) error {
	in := r.alerts[0]
	w.opt.Log.Error("an alert can't be placed; it is kept as a dead letter", "alert", in.alert.ID, "err", why)
	raw := in.raw
	if raw == nil {
		raw = in.normal
	}
	r.rejects = append(r.rejects, store.Reject{
		At: in.received, Source: in.source, Origin: in.origin, Record: in.record,
		Reason: "the correlation engine could not place this alert: " + why.Error(),
		Raw:    raw[:min(len(raw), maxRawKept)], RawBytes: int64(len(raw)),
	})
	r.alerts = nil
	return w.tryTake(ctx, []*request{r})
}

// reject enters a request's dead letters into the plan.
func (p *plan) reject(r *request) {
	for _, d := range r.rejects {
		p.change.Rejects = append(p.change.Rejects, d)
		p.count(r, d.Source, RecordResult{Record: d.Record, Status: StatusRejected, Field: d.Field, Reason: d.Reason})
	}
}

// count enters a result into the balance of its source.
func (p *plan) count(r *request, source string, res RecordResult) {
	one := store.Intake{Received: 1, Last: p.at}
	switch res.Status {
	case StatusNew:
		one.New = 1
		if res.Folded {
			one.Folded = 1
		}
	case StatusUpdated:
		one.Updated = 1
	case StatusUnchanged:
		one.Unchanged = 1
	case StatusRejected:
		one.Rejected = 1
	}
	addIntake(p.change.Intake, map[string]store.Intake{source: one})
	addIntake(r.intake, map[string]store.Intake{source: one})
	if len(r.results) < maxResults {
		r.results = append(r.results, res)
	}
}

func addIntake(to, more map[string]store.Intake) {
	for source, m := range more {
		t := to[source]
		t.Received += m.Received
		t.New += m.New
		t.Updated += m.Updated
		t.Unchanged += m.Unchanged
		t.Rejected += m.Rejected
		t.Folded += m.Folded
		if m.Last.After(t.Last) {
			t.Last = m.Last
		}
		to[source] = t
	}
}

// ready rebuilds the engine after a failure. What is being committed must be in
// the store by then.
func (w *Workspace) ready(ctx context.Context) error {
	if w.engine == nil {
		w.land(ctx)
	}
	if w.engine != nil {
		return nil
	}
	return w.rebuild(ctx)
}

// tidy runs between requests: it bounds the caches and saves a checkpoint when
// the log has grown enough.
func (w *Workspace) tidy(ctx context.Context) {
	w.cases.trim()
	if len(w.seen) > 500_000 {
		clear(w.seen)
	}
	if w.seq-w.checkpoint >= w.opt.CheckpointEvery {
		w.land(ctx)
		if err := w.saveCheckpoint(ctx); err != nil {
			w.opt.Log.Warn("no checkpoint now; a restart replays more of the log", "err", err)
		}
	}
}

// runCommand plans and commits one analyst's command.
func (w *Workspace) runCommand(ctx context.Context, r *request) (err error) {
	w.land(ctx)
	for range 2 {
		if err = w.tryCommand(ctx, r); !errors.Is(err, store.ErrConflict) || r.ctx.Err() != nil {
			break
		}
		w.engine = nil
	}
	w.tidy(ctx)
	return err
}

func (w *Workspace) tryCommand(ctx context.Context, r *request) (err error) {
	if err := w.ready(ctx); err != nil {
		return err
	}
	p := w.newPlan(w.now())
	defer func() {
		if v := recover(); v != nil {
			err = &crashError{value: v, stack: debug.Stack()}
			w.opt.Log.Error("a command failed", "err", err, "stack", string(debug.Stack()))
		}
		if err != nil {
			w.abandon(p)
		}
	}()
	if err := r.command(ctx, p); err != nil {
		return err
	}
	if err := p.finish(ctx); err != nil {
		return err
	}
	return w.conclude(ctx, p)
}

// abandon drops what a failed command may have moved on. The engine is kept when
// the command failed before it took a log position: then it refused to change.
func (w *Workspace) abandon(p *plan) {
	if p.change.Seq != p.change.PrevSeq {
		w.engine = nil
		return
	}
	for id := range p.touched {
		w.cases.drop(id)
	}
}

// apply hands a command to the engine and enters it into the log.
func (p *plan) apply(ctx context.Context, c correlate.Command) (correlate.Outcome, error) {
	c.Seq = p.change.Seq + 1
	if err := p.recall(ctx, &c); err != nil {
		return correlate.Outcome{}, err
	}
	out, err := p.w.engine.Apply(c)
	if err != nil {
		return out, err
	}
	p.nextSeq()
	c.Keep(&out)
	p.change.Commands = append(p.change.Commands, c)
	return out, nil
}
