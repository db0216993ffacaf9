package workspace

import (
	"context"
	"fmt"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/store"
)

// BacktestStore is what a back-test reads. It writes nothing.
type BacktestStore interface {
	store.Cases
	store.Log
}

// BacktestOptions says what to replay. All but Model and Progress are required.
type BacktestOptions struct {
	Workspace string
	Store     BacktestStore
	Proposal  backtest.Proposal
	NewEngine func() correlate.Correlator
	// Model is the file of the model that is tried, nil to try none but that of
	// NewEngine.
	Model []byte
	// Horizon is how long before the compared days the engines are fed, so that
	// they know what is common.
	Horizon time.Duration
	// Progress is told now and then how many log positions are done.
	Progress func(done, total int64)
}

// Backtest replays the alerts of a workspace through two engines, one with the
// settings as they were in force and one with the proposed ones, and says what
// would be different and which of the two agrees better with people. Case work of
// people is left out of both: it named incidents that a replay does not make.
func Backtest(ctx context.Context, opt BacktestOptions) (backtest.Findings, error) {
	r := replay{opt: opt, now: opt.NewEngine(), then: opt.NewEngine(), listed: map[string]bool{}}
	if err := r.prepare(ctx); err != nil {
		return backtest.Findings{}, err
	}
	if err := r.run(ctx); err != nil {
		return backtest.Findings{}, err
	}
	stored, err := r.stored(ctx)
	if err != nil {
		return backtest.Findings{}, err
	}
	people, err := ReadFeedback(ctx, opt.Store, opt.Workspace)
	if err != nil {
		return backtest.Findings{}, err
	}
	out := backtest.Findings{From: r.first, To: r.last}
	out.Difference = backtest.Compare(r.alerts, r.before.Incident, r.after.Incident, func(id string) correlate.IncidentID { return stored[id] })
	out.InForce = backtest.Judge(people, r.alerts, r.before.Incident)
	out.Proposed = backtest.Judge(people, r.alerts, r.after.Incident)
	return out, nil
}

// replay feeds two engines.
type replay struct {
	opt           BacktestOptions
	now, then     correlate.Correlator
	before, after backtest.Grouping
	total         int64
	warm, from    time.Time
	first, last   time.Time
	listed        map[string]bool
	alerts        []string // those compared, in order of arrival
}

// prepare finds the end of the log and gives the second engine its settings.
func (r *replay) prepare(ctx context.Context) error {
	var err error
	if r.total, err = r.opt.Store.Position(ctx, r.opt.Workspace); err != nil {
		return fmt.Errorf("reading the log position: %w", err)
	}
	newest, err := r.opt.Store.Alerts(ctx, store.AlertQuery{Workspace: r.opt.Workspace, Sort: store.AlertsByReceived, Brief: true, Paging: store.Paging{Limit: 1}})
	if err != nil {
		return fmt.Errorf("looking for the newest alert: %w", err)
	}
	if len(newest.Items) > 0 {
		r.from = newest.Items[0].Received.AddDate(0, 0, -r.opt.Proposal.Days)
		r.warm = r.from.Add(-r.opt.Horizon)
	}
	_, err = r.then.Apply(correlate.Command{Kind: correlate.CommandSettings, Settings: &r.opt.Proposal.Settings, Model: r.opt.Model})
	if err != nil {
		return fmt.Errorf("using the proposed settings: %w", err)
	}
	return nil
}

// progressStep is after how many log entries progress is told and the context
// looked at.
const progressStep = 512

func (r *replay) run(ctx context.Context) error {
	n := 0
	for e, err := range r.opt.Store.Replay(ctx, r.opt.Workspace, 0) {
		if err != nil {
			return fmt.Errorf("replaying the log: %w", err)
		}
		if n++; n%progressStep == 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			r.tell(e.Seq)
		}
		if err := r.feed(e); err != nil {
			return fmt.Errorf("replaying position %d: %w", e.Seq, err)
		}
	}
	r.tell(r.total)
	return nil
}

func (r *replay) tell(done int64) {
	if r.opt.Progress != nil {
		r.opt.Progress(min(done, r.total), r.total)
	}
}

func (r *replay) feed(e store.LogEntry) error {
	if e.Command != nil {
		return r.command(*e.Command)
	}
	if e.Received.Before(r.warm) {
		return nil
	}
	a, err := alert.Decode(e.Normal, storedLimits)
	if err != nil {
		return fmt.Errorf("reading alert %q: %w", e.AlertID, err)
	}
	in := correlate.Arrival{Seq: e.Seq, Source: e.Source, Received: e.Received, Alert: a}
	r.before.Enter(r.now.Add(in))
	r.after.Enter(r.then.Add(in))
	if !e.Received.Before(r.from) && !r.listed[e.AlertID] {
		r.alerts = append(r.alerts, e.AlertID)
		if r.first.IsZero() {
			r.first = e.Received
		}
		r.last = e.Received
	}
	r.listed[e.AlertID] = true
	return nil
}

// command repeats what is known of entities. Settings hold for the first engine
// only, case work and where alerts were for neither.
func (r *replay) command(c correlate.Command) error {
	switch c.Kind {
	case correlate.CommandState, correlate.CommandMerge, correlate.CommandUndoMerge, correlate.CommandMove,
		correlate.CommandKeep, correlate.CommandReject, correlate.CommandUnreject:
		return nil
	}
	out, err := r.now.Apply(c)
	if err != nil {
		return err
	}
	r.before.Enter(out)
	if c.Kind == correlate.CommandSettings {
		return nil
	}
	if out, err = r.then.Apply(c); err != nil {
		return err
	}
	r.after.Enter(out)
	return nil
}

// stored reads where the compared alerts are now.
func (r *replay) stored(ctx context.Context) (map[string]correlate.IncidentID, error) {
	out := make(map[string]correlate.IncidentID, len(r.alerts))
	q := store.AlertQuery{Workspace: r.opt.Workspace, ReceivedFrom: r.from, Sort: store.AlertsByReceived, Asc: true, Brief: true, Paging: store.Paging{Limit: 500}}
	for {
		page, err := r.opt.Store.Alerts(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("reading where alerts are: %w", err)
		}
		for _, a := range page.Items {
			out[a.ID] = a.Incident
		}
		if q.Cursor = page.Next; page.Next == "" {
			return out, nil
		}
	}
}
