package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/clew-sec/clew/store"
)

// Trials keeps back-tests of one workspace.
type Trials struct {
	mu   sync.Mutex
	Past []store.Backtest // by number
	Jobs []store.Job
}

var _ store.Backtests = (*Trials)(nil)

func (b *Trials) find(id int64) (int, error) {
	at := slices.IndexFunc(b.Past, func(t store.Backtest) bool { return t.ID == id })
	if at < 0 {
		return 0, store.ErrNotFound
	}
	return at, nil
}

// CreateBacktest implements store.Backtests.
func (b *Trials) CreateBacktest(_ context.Context, _ string, t store.Backtest, job store.Job) (store.Backtest, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t.ID = 1
	if n := len(b.Past); n > 0 {
		t.ID = b.Past[n-1].ID + 1
	}
	b.Past, b.Jobs = append(b.Past, t), append(b.Jobs, job)
	return t, nil
}

// UpdateBacktest implements store.Backtests.
func (b *Trials) UpdateBacktest(_ context.Context, _ string, t store.Backtest) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, err := b.find(t.ID)
	if err == nil {
		b.Past[at] = t
	}
	return err
}

// Backtest implements store.Backtests.
func (b *Trials) Backtest(_ context.Context, _ string, id int64) (store.Backtest, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, err := b.find(id)
	if err != nil {
		return store.Backtest{}, err
	}
	return b.Past[at], nil
}

// Backtests implements store.Backtests.
func (b *Trials) Backtests(context.Context, string) ([]store.Backtest, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.Past)
	slices.Reverse(out)
	for i := range out {
		out[i].Findings = nil
	}
	return out, nil
}

// DeleteBacktest implements store.Backtests.
func (b *Trials) DeleteBacktest(_ context.Context, _ string, id int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, err := b.find(id)
	if err == nil {
		b.Past = slices.Delete(b.Past, at, at+1)
	}
	return err
}
