package workspace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

// rebuild makes the engine anew from the newest checkpoint and the log behind it. A
// checkpoint that can't be read is passed over: the log holds everything. What was
// decided is repeated as it is recorded there, whatever this version would decide.
func (w *Workspace) rebuild(ctx context.Context) error {
	w.engine, w.cases = nil, newCaseCache()
	w.seen, w.critical = map[entity.ID]time.Time{}, map[entity.ID]bool{}
	w.clashes = map[[3]entity.Identifier]bool{}
	engine, from, err := w.fromCheckpoint(ctx)
	if err != nil {
		return err
	}
	r := repetition{w: w, engine: engine, from: from, last: from}
	if err := r.run(ctx); err != nil {
		return err
	}
	position, err := w.opt.Store.Position(ctx, w.opt.Name)
	if err != nil {
		return fmt.Errorf("reading the log position: %w", err)
	}
	w.engine, w.seq, w.checkpoint = engine, position, from
	if err := r.settle(ctx); err != nil {
		return err
	}
	return w.renew(ctx)
}

// renewer is an engine that goes on with an earlier model until it is told that
// everything has been replayed.
type renewer interface{ Renew() bool }

// renew lets a new model decide from here on. The state at this point is kept
// first: a replay must not weigh with the new model what the old one decided.
func (w *Workspace) renew(ctx context.Context) error {
	r, ok := w.engine.(renewer)
	if !ok || !r.Renew() {
		return nil
	}
	w.checkpoint = -1
	if err := w.saveCheckpoint(ctx); err != nil {
		return fmt.Errorf("changing to another model: %w", err)
	}
	w.opt.Log.Info("another model correlates from here on", "seq", w.seq)
	return nil
}

func (w *Workspace) fromCheckpoint(ctx context.Context) (correlate.Correlator, int64, error) {
	seq, snapshot, err := w.opt.Store.Checkpoint(ctx, w.opt.Name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return w.opt.NewEngine(), 0, nil
	case err != nil:
		return nil, 0, fmt.Errorf("reading the checkpoint: %w", err)
	}
	engine, err := w.opt.RestoreEngine(snapshot)
	if err != nil {
		w.opt.Log.Warn("checkpoint not usable, replaying the whole log", "seq", seq, "err", err)
		return w.opt.NewEngine(), 0, nil
	}
	return engine, seq, nil
}

func (w *Workspace) saveCheckpoint(ctx context.Context) error {
	if w.engine == nil || w.seq == w.checkpoint {
		return nil
	}
	snapshot, err := w.engine.Snapshot()
	if err != nil {
		return fmt.Errorf("taking a snapshot of the engine: %w", err)
	}
	if err := w.opt.Store.SaveCheckpoint(ctx, w.opt.Name, w.seq, snapshot); err != nil {
		return fmt.Errorf("saving the checkpoint at position %d: %w", w.seq, err)
	}
	w.checkpoint = w.seq
	return nil
}
