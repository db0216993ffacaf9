package workspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/store"
)

// BacktestRunner runs back-tests that were asked for, one at a time.
type BacktestRunner struct {
	Store     RunnerStore
	NewEngine func() correlate.Correlator
	Horizon   time.Duration // of the engine
	Now       func() time.Time
	Log       *slog.Logger
}

// RunnerStore is what a runner needs of the store.
type RunnerStore interface {
	BacktestStore
	store.Backtests
	store.Models
}

// What people read of a back-test that did not come to its end.
const (
	textInterrupted = "Clew stopped while it ran. Start it again."
	textFailed      = "The replay failed; the server's log says why. Start it again."
	textNoModel     = "The model that it was to try was deleted."
)

var errNoModel = errors.New("the model is gone")

// Recover marks back-tests as failed that ran when the process ended.
func (b *BacktestRunner) Recover(ctx context.Context, workspace string) error {
	all, err := b.Store.Backtests(ctx, workspace)
	if err != nil {
		return fmt.Errorf("looking for interrupted back-tests: %w", err)
	}
	for _, t := range all {
		if t.State != store.BacktestRunning {
			continue
		}
		t.State, t.Error, t.EndedAt = store.BacktestFailed, textInterrupted, b.Now()
		if err := b.Store.UpdateBacktest(ctx, workspace, t); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Run does a back-test that is queued and keeps what came out. Anything else is
// left alone: the job came twice, or somebody deleted the run.
func (b *BacktestRunner) Run(ctx context.Context, workspace string, id int64) error {
	t, err := b.Store.Backtest(ctx, workspace, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && t.State != store.BacktestQueued {
		return nil
	}
	if err != nil {
		return err
	}
	t.State = store.BacktestRunning
	if err := b.Store.UpdateBacktest(ctx, workspace, t); err != nil {
		return gone(err)
	}
	report, err := b.replay(ctx, workspace, &t)
	switch {
	case errors.Is(err, errNoModel):
		t.State, t.Error = store.BacktestFailed, textNoModel
	case errors.Is(err, store.ErrNotFound):
		return nil // deleted while it ran: that is how it is cancelled
	case errors.Is(err, context.Canceled):
		return err // Recover tells of it
	case err != nil:
		b.Log.Error("back-test failed", "workspace", workspace, "id", id, "err", err)
		t.State, t.Error = store.BacktestFailed, textFailed
	default:
		t.State, t.Findings = store.BacktestDone, &report
	}
	t.EndedAt = b.Now()
	return gone(b.Store.UpdateBacktest(ctx, workspace, t))
}

// replay keeps the row's progress up to date, about once a second.
func (b *BacktestRunner) replay(ctx context.Context, workspace string, t *store.Backtest) (backtest.Findings, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	told := b.Now()
	model, err := b.model(ctx, workspace, t.Proposal.Settings.Model)
	if err != nil {
		return backtest.Findings{}, err
	}
	report, err := Backtest(ctx, BacktestOptions{Workspace: workspace, Store: b.Store, Proposal: t.Proposal, NewEngine: b.NewEngine, Model: model, Horizon: b.Horizon,
		Progress: func(done, total int64) {
			t.Done, t.Total = done, total
			if now := b.Now(); now.Sub(told) >= time.Second {
				told = now
				if err := b.Store.UpdateBacktest(ctx, workspace, *t); err != nil {
					cancel(err)
				}
			}
		}})
	if errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	return report, err
}

// model reads the file of the proposed model, nil for the server's own.
func (b *BacktestRunner) model(ctx context.Context, workspace string, id int64) ([]byte, error) {
	if id == 0 {
		return nil, nil
	}
	file, err := b.Store.ModelFile(ctx, workspace, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNoModel
	}
	return file, err
}

// gone takes a deleted back-test for an answer.
func gone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// JobBacktest is the kind of job that runs a back-test.
const JobBacktest = "clew.backtest"

// ErrBacktestRuns: one is asked for or under way already.
var ErrBacktestRuns = errors.New("a back-test is under way")

// AskStore is what asking for a back-test needs of the store.
type AskStore interface {
	store.Backtests
	store.Models
}

// AskBacktest checks a request and queues it. It fails with *correlate.SettingError,
// ErrInvalid or ErrBacktestRuns.
func AskBacktest(ctx context.Context, st AskStore, workspace, by string, r backtest.Proposal, now time.Time) (store.Backtest, error) {
	if r.Days < 1 || r.Days > backtest.MaxDays {
		return store.Backtest{}, fmt.Errorf("%w: a back-test covers 1 to %d days", ErrInvalid, backtest.MaxDays)
	}
	var err error
	if r.Settings, err = r.Settings.Complete(); err != nil {
		return store.Backtest{}, err
	}
	if id := r.Settings.Model; id != 0 {
		if _, err := (Models{Store: st}).usable(ctx, workspace, id); err != nil {
			return store.Backtest{}, err
		}
	}
	all, err := st.Backtests(ctx, workspace)
	if err != nil {
		return store.Backtest{}, err
	}
	for _, t := range all {
		if t.State == store.BacktestQueued || t.State == store.BacktestRunning {
			return store.Backtest{}, fmt.Errorf("back-test %d: %w", t.ID, ErrBacktestRuns)
		}
	}
	t := store.Backtest{State: store.BacktestQueued, By: by, CreatedAt: now, Proposal: r}
	return st.CreateBacktest(ctx, workspace, t, store.Job{Kind: JobBacktest, At: now})
}
