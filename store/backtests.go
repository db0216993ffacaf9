package store

import (
	"context"
	"time"

	"github.com/clew-sec/clew/correlate/backtest"
)

// MaxBacktests is how many back-tests a workspace keeps; the oldest go first.
const MaxBacktests = 50

// Backtests keeps what-if runs. They belong to no incident and are not part of
// the log.
type Backtests interface {
	// CreateBacktest gives b the next number of its workspace, enqueues the job
	// in the same transaction (its Args are replaced by {"workspace", "id"}) and
	// removes those beyond MaxBacktests. ErrNotFound for a workspace that nothing
	// was ever committed to.
	CreateBacktest(ctx context.Context, workspace string, b Backtest, job Job) (Backtest, error)
	// UpdateBacktest replaces by number; ErrNotFound when it was deleted.
	UpdateBacktest(ctx context.Context, workspace string, b Backtest) error
	Backtest(ctx context.Context, workspace string, id int64) (Backtest, error)
	// Backtests lists all, newest first, without their reports.
	Backtests(ctx context.Context, workspace string) ([]Backtest, error)
	DeleteBacktest(ctx context.Context, workspace string, id int64) error
}

// BacktestState says how far a back-test has come.
type BacktestState string

// The states of a back-test. Queued and running ones go on after a restart.
const (
	BacktestQueued  BacktestState = "queued"
	BacktestRunning BacktestState = "running"
	BacktestDone    BacktestState = "done"
	BacktestFailed  BacktestState = "failed"
)

// Backtest is one what-if run.
type Backtest struct {
	ID        int64             `json:"id"`
	State     BacktestState     `json:"state"`
	By        string            `json:"by"` // who asked for it
	CreatedAt time.Time         `json:"createdAt"`
	EndedAt   time.Time         `json:"endedAt,omitzero"`
	Proposal  backtest.Proposal `json:"proposal"`
	// Done of Total log positions are replayed.
	Done     int64              `json:"done"`
	Total    int64              `json:"total"`
	Error    string             `json:"error,omitempty"` // why it failed, for people
	Findings *backtest.Findings `json:"findings,omitempty"`
}
