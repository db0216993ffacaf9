package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// The kinds of housekeeping.
const (
	KindExpire     = "clew.expire"     // sessions and invitations that have expired
	KindCheckpoint = "clew.checkpoint" // the engine's state, for a quick next start
	KindRetention  = "clew.retention"  // dead letters that are too old
)

// Keeper is what housekeeping needs of the store.
type Keeper interface {
	DeleteExpired(ctx context.Context, now time.Time) (int, error)
	DeleteRejects(ctx context.Context, before time.Time) (int, error)
}

// Housekeeping configures the standing jobs.
type Housekeeping struct {
	Store Keeper
	Now   func() time.Time // time.Now when nil
	// Checkpoint saves the state of every workspace's engine.
	Checkpoint func(context.Context) error
	// KeepRejects is how long dead letters are kept, 90 days when 0.
	KeepRejects time.Duration
	Log         *slog.Logger // discarded when nil
}

// Kinds gives the standing jobs: expiry hourly, checkpoints every ten minutes,
// retention daily.
func (h Housekeeping) Kinds() []Kind {
	if h.Now == nil {
		h.Now = time.Now
	}
	if h.KeepRejects == 0 {
		h.KeepRejects = 90 * 24 * time.Hour
	}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	out := []Kind{
		{Name: KindExpire, Every: time.Hour, AtStart: true, Do: h.expire},
		{Name: KindRetention, Every: 24 * time.Hour, AtStart: true, Do: h.retain, Timeout: 10 * time.Minute},
	}
	if h.Checkpoint != nil {
		out = append(out, Kind{Name: KindCheckpoint, Every: 10 * time.Minute, Timeout: 10 * time.Minute,
			Do: func(ctx context.Context, _ []byte) error { return h.Checkpoint(ctx) }})
	}
	return out
}

func (h Housekeeping) expire(ctx context.Context, _ []byte) error {
	n, err := h.Store.DeleteExpired(ctx, h.Now())
	if err != nil {
		return fmt.Errorf("removing expired sessions: %w", err)
	}
	h.Log.Debug("removed expired sessions and invitations", "count", n)
	return nil
}

func (h Housekeeping) retain(ctx context.Context, _ []byte) error {
	n, err := h.Store.DeleteRejects(ctx, h.Now().Add(-h.KeepRejects))
	if err != nil {
		return fmt.Errorf("removing old dead letters: %w", err)
	}
	h.Log.Debug("removed old dead letters", "count", n)
	return nil
}
