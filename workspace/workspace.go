// Package workspace is the single writer of one workspace. It takes alerts and
// analysts' commands in one order, hands them to the correlation engine, turns
// what the engine decides into case files, and commits every batch as one
// transaction; only then is the caller told. After a restart it rebuilds the
// engine from the last checkpoint and the log behind it.
//
// The engine lives in memory and the store is the truth: when a commit fails the
// engine is thrown away and built again, so the two can never disagree.
package workspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

// Errors of this package; those of store, incident and correlate pass through.
var (
	// ErrBusy: too much is waiting. Try again later; nothing was taken.
	ErrBusy = errors.New("too many requests are waiting")
	// ErrClosed: the workspace is shutting down. Nothing was taken.
	ErrClosed = errors.New("the workspace is closed")
	// ErrInvalid: the request itself is wrong; wrapped with what.
	ErrInvalid = errors.New("invalid request")
)

// Store is what a workspace needs of the store.
type Store interface {
	store.Writer
	store.Cases
	store.Controls
	store.Inventory
	store.Models
	store.Log
}

// Options configures a workspace. Name, Store, NewEngine and RestoreEngine are
// required.
type Options struct {
	Name          string
	Store         Store
	NewEngine     func() correlate.Correlator
	RestoreEngine func(snapshot []byte) (correlate.Correlator, error)
	// Model is the one that the engines are made with, the built-in one when nil.
	Model      *correlate.Model
	Now        func() time.Time // time.Now when nil
	Log        *slog.Logger     // discarded when nil
	MaxBatch   int              // alerts in one transaction, 1,000 when 0
	MaxWaiting int              // requests waiting for the writer, 256 when 0
	// CheckpointEvery is how many log positions may lie between two engine
	// checkpoints, 50,000 when 0.
	CheckpointEvery int64
}

func (o *Options) complete() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Model == nil {
		o.Model = correlate.BuiltIn()
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 1000
	}
	if o.MaxWaiting == 0 {
		o.MaxWaiting = 256
	}
	if o.CheckpointEvery == 0 {
		o.CheckpointEvery = 50_000
	}
}

// Workspace accepts alerts and commands. Safe for concurrent use.
type Workspace struct {
	opt   Options
	hub   hub
	queue chan *request

	// stop ends the owner; done is closed when it has ended.
	stop     context.CancelFunc
	done     chan struct{}
	closing  chan struct{}
	closeOne sync.Once

	// What follows belongs to the owner goroutine alone.
	engine     correlate.Correlator // nil: to be rebuilt from the store
	flight     *flight              // the batch that is being committed, if any
	seq        int64                // log position after it
	checkpoint int64
	cases      *caseCache
	seen       map[entity.ID]time.Time // last sight of an entity as it was written
	critical   map[entity.ID]bool
	clashes    map[[3]entity.Identifier]bool // contradictions that were written lately
}

// request is a unit of work for the owner: alerts to place, or a command.
type request struct {
	ctx     context.Context
	alerts  []prepared
	rejects []store.Reject
	intake  map[string]store.Intake
	bytes   int // of alerts and rejects
	command func(context.Context, *plan) error
	results []RecordResult
	reply   chan error
}

// Open rebuilds the engine of a workspace from its store and starts its owner.
// The context bounds the rebuilding only.
func Open(ctx context.Context, opt Options) (*Workspace, error) {
	opt.complete()
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	w := &Workspace{
		opt:     opt,
		queue:   make(chan *request, opt.MaxWaiting),
		stop:    stop,
		done:    make(chan struct{}),
		closing: make(chan struct{}),
	}
	err := w.rebuild(ctx)
	if err == nil {
		err = w.tellModel(ctx)
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("opening workspace %q: %w", opt.Name, err)
	}
	go w.own(run)
	return w, nil
}

// Name is the workspace's name.
func (w *Workspace) Name() string { return w.opt.Name }

// Close refuses new work, finishes what is waiting, saves a checkpoint and ends
// the owner. When ctx ends first, the work that is left is refused.
func (w *Workspace) Close(ctx context.Context) error {
	w.closeOne.Do(func() { close(w.closing) })
	select {
	case <-w.done:
	case <-ctx.Done():
		w.stop()
		<-w.done
	}
	w.hub.close()
	return context.Cause(ctx)
}

// Checkpoint saves the engine's state, so that the next start is quick.
func (w *Workspace) Checkpoint(ctx context.Context) error {
	return w.do(ctx, func(ctx context.Context, p *plan) error { return w.saveCheckpoint(ctx) })
}

// submit hands a request to the owner and waits for its answer.
func (w *Workspace) submit(ctx context.Context, r *request) error {
	if err := w.enqueue(ctx, r); err != nil {
		return err
	}
	return w.await(ctx, r)
}

func (w *Workspace) enqueue(ctx context.Context, r *request) error {
	r.ctx, r.reply = ctx, make(chan error, 1)
	select {
	case <-w.closing:
		return ErrClosed
	default:
	}
	select {
	case w.queue <- r:
		return nil
	case <-w.closing:
		return ErrClosed
	case <-ctx.Done():
		return ErrBusy
	}
}

// await waits for the owner even when the caller's context ends: the work may
// be committed at any moment, and a wrong "failed" makes senders repeat it.
func (w *Workspace) await(_ context.Context, r *request) error {
	select {
	case err := <-r.reply:
		return err
	case <-w.done:
		select {
		case err := <-r.reply:
			return err
		default:
			return ErrClosed
		}
	}
}

func (w *Workspace) do(ctx context.Context, f func(context.Context, *plan) error) error {
	return w.submit(ctx, &request{command: f})
}

// own runs in the owner goroutine until the workspace is closed.
func (w *Workspace) own(ctx context.Context) {
	defer close(w.done)
	defer w.stop()
	defer w.land(ctx)
	for {
		select {
		case r := <-w.queue:
			w.serve(ctx, r)
		case <-w.landed():
			w.land(ctx)
		case <-w.closing:
			w.drain(ctx)
			w.land(ctx)
			if err := w.saveCheckpoint(ctx); err != nil {
				w.opt.Log.Warn("no checkpoint at the end; the next start replays the log", "err", err)
			}
			return
		case <-ctx.Done():
			return
		}
	}
}

func (w *Workspace) drain(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case r := <-w.queue:
			w.serve(ctx, r)
		default:
			return
		}
	}
}

// serve carries out one command, or as many waiting alert requests as fit in
// one transaction: under load the commits are shared.
func (w *Workspace) serve(ctx context.Context, r *request) {
	for r != nil {
		if r.command != nil {
			r.reply <- w.runCommand(ctx, r)
			return
		}
		b := batch{requests: []*request{r}, alerts: len(r.alerts), bytes: r.bytes}
		r = w.gather(&b)
		w.take(ctx, b.requests)
		if !b.full(w.opt.MaxBatch) && r == nil {
			// What comes while it is committed goes together.
			w.land(ctx)
		}
	}
}

// batch is what goes in one transaction.
type batch struct {
	requests      []*request
	alerts, bytes int
}

// full says that more of the kind is likely to come: then the next batch is
// planned while this one is committed.
func (b *batch) full(most int) bool { return b.alerts >= most || b.bytes >= maxBatchBytes }

// gather adds the alert requests that wait, as far as they fit. It gives the
// request that does not, nil when none is left.
func (w *Workspace) gather(b *batch) *request {
	for b.alerts < w.opt.MaxBatch {
		select {
		case r := <-w.queue:
			if r.command != nil || b.alerts+len(r.alerts) > w.opt.MaxBatch {
				return r
			}
			b.requests, b.alerts, b.bytes = append(b.requests, r), b.alerts+len(r.alerts), b.bytes+r.bytes
		default:
			return nil
		}
	}
	return nil
}
