package workspace

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

// flight is a planned batch while it is being committed. The next batch is
// planned on top of it meanwhile: what the store does not hold yet is taken from
// here. Only one is under way at a time. Nobody changes its plan any more.
type flight struct {
	plan  *plan
	group []*request
	done  chan struct{} // closed when the commit has ended
	err   error         // why it failed; to be read after done
}

// errOvertaken says that the batch which a plan stands on was not committed: the
// plan must be thrown away.
var errOvertaken = errors.New("the batch before this one was not committed")

// launch commits a plan in the background. When that succeeds its senders are
// told at once; a failure waits for land.
func (w *Workspace) launch(ctx context.Context, p *plan, group []*request) {
	p.behind = nil
	f := &flight{plan: p, group: group, done: make(chan struct{})}
	w.flight = f
	w.seq = p.change.Seq
	go func() {
		defer close(f.done)
		defer func() {
			if v := recover(); v != nil {
				f.err = &crashError{value: v, stack: debug.Stack()}
			}
		}()
		if f.err = w.write(ctx, p); f.err == nil {
			answer(group, nil)
		}
	}()
}

func answer(group []*request, err error) {
	for _, r := range group {
		r.reply <- err
	}
}

// land waits for the batch under way. One that failed is tried once more where
// that may help, on an engine that is built anew from the store; false says that
// a plan which stands on the batch must be thrown away.
func (w *Workspace) land(ctx context.Context) bool {
	f := w.flight
	if f == nil {
		return true
	}
	<-f.done
	w.flight = nil
	if f.err == nil {
		return true
	}
	w.engine = nil
	answer(f.group, w.mend(ctx, f.group, f.err))
	return false
}

// landed tells whether a batch is under way that has ended.
func (w *Workspace) landed() <-chan struct{} {
	if w.flight == nil {
		return nil
	}
	return w.flight.done
}

// settled waits until the batch that this plan stands on is committed.
func (p *plan) settled() error {
	if p.behind == nil {
		return nil
	}
	<-p.behind.done
	if p.behind.err != nil {
		return errOvertaken
	}
	p.behind = nil
	return nil
}

// settledFor waits when the batch that this plan stands on touches one of the
// incidents: the store may not hold them as they are.
func (p *plan) settledFor(ids ...correlate.IncidentID) error {
	if p.behind == nil {
		return nil
	}
	before := p.behind.plan
	for _, id := range ids {
		if before.touched[id] != nil || before.wide {
			return p.settled()
		}
	}
	return nil
}

// settledForAlerts waits when the batch that this plan stands on touches one of
// the alerts.
func (p *plan) settledForAlerts(ids []string) error {
	if p.behind == nil {
		return nil
	}
	for _, id := range ids {
		if _, there := p.behind.plan.where[id]; there {
			return p.settled()
		}
	}
	return nil
}

// settledForEntities waits when the batch that this plan stands on writes one of
// the entities.
func (p *plan) settledForEntities(ids []entity.ID) error {
	if p.behind == nil {
		return nil
	}
	before := p.behind.plan
	for _, id := range ids {
		if _, joined := before.joined[id]; joined || before.entities[id] != nil {
			return p.settled()
		}
	}
	return nil
}

// settledForJoin waits when the batch that this plan stands on joined an entity
// with another one.
func (p *plan) settledForJoin(id entity.ID) error {
	if p.behind == nil {
		return nil
	}
	for _, j := range p.behind.plan.change.Joins {
		if j.From == id || j.Into == id {
			return p.settled()
		}
	}
	return nil
}

// planned gives an alert as the batch that this plan stands on leaves it. Known
// is false when that batch has nothing to do with the alert. It waits for a batch
// that changes alerts which it does not hold.
func (p *plan) planned(id string) (a store.Alert, known bool, err error) {
	if p.behind == nil {
		return a, false, nil
	}
	before := p.behind.plan
	if len(before.change.AlertEdits) > 0 {
		return a, false, p.settled()
	}
	if _, there := before.where[id]; !there {
		return a, false, nil
	}
	if a, known = before.held[id]; !known {
		return a, false, p.settled()
	}
	a.Incident = before.whereIs(a)
	return a, true, nil
}

// plannedMentions gives what an alert of the batch that this plan stands on mentions.
func (p *plan) plannedMentions(alertID string) ([]store.AlertEntity, bool) {
	if p.behind == nil {
		return nil, false
	}
	m, ok := p.behind.plan.mentions[alertID]
	return append([]store.AlertEntity(nil), m...), ok
}
