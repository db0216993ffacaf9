// Package ingest stores events as they come: rows of requests that arrive
// together are committed together, what is acknowledged is durable, and who
// comes when too much is waiting is told to come again.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/clew-sec/clew/telemetry"
)

// Appender is the part of a store that a Writer needs.
type Appender interface {
	Append(ctx context.Context, workspace string, rows []telemetry.Row) error
}

// Limits bound what a writer holds.
type Limits struct {
	// Waiting is how many rows may wait for a commit, by default 200,000. A request
	// alone may be larger.
	Waiting int
	// Commit is about how many rows are committed at once, by default 50,000.
	Commit int
}

const (
	defaultWaiting = 200_000
	defaultCommit  = 50_000
	// maxCommits is how many are under way at the same time.
	maxCommits = 2
)

// Writer gathers the rows of a workspace into commits: while some are under way,
// what arrives forms the next. It may be used by several goroutines.
type Writer struct {
	store     Appender
	workspace string
	limits    Limits

	mu      sync.Mutex
	waiting []*request
	rows    int // of waiting
	closed  bool
	commits int // under way
	idle    sync.WaitGroup
	ctx     context.Context
	stop    context.CancelFunc
}

// request is the rows of one Write.
type request struct {
	rows  []telemetry.Row
	taken bool
	done  chan error
}

// NewWriter writes to a workspace of a store.
func NewWriter(store Appender, workspace string, l Limits) *Writer {
	if l.Waiting <= 0 {
		l.Waiting = defaultWaiting
	}
	if l.Commit <= 0 {
		l.Commit = defaultCommit
	}
	w := &Writer{store: store, workspace: workspace, limits: l}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// Write stores rows and returns when they are durable. The rows are the
// writer's until then. telemetry.ErrBusy says that too many are waiting: nothing
// was stored.
func (w *Writer) Write(ctx context.Context, rows []telemetry.Row) error {
	if len(rows) == 0 {
		return nil
	}
	r, err := w.enqueue(rows)
	if err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if w.withdraw(r) {
			return context.Cause(ctx)
		}
		// A commit has them: the rows can't be given back before it ends.
		return <-r.done
	}
}

func (w *Writer) enqueue(rows []telemetry.Row) (*request, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, telemetry.ErrClosed
	}
	if w.rows > 0 && w.rows+len(rows) > w.limits.Waiting {
		return nil, fmt.Errorf("%d events wait to be stored: %w", w.rows, telemetry.ErrBusy)
	}
	r := &request{rows: rows, done: make(chan error, 1)}
	w.waiting = append(w.waiting, r)
	w.rows += len(rows)
	if w.commits < maxCommits {
		w.commits++
		w.idle.Go(w.commitAll)
	}
	return r, nil
}

// withdraw takes a request back that no commit has begun with.
func (w *Writer) withdraw(r *request) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.taken {
		return false
	}
	for i, q := range w.waiting {
		if q == r {
			w.waiting = append(w.waiting[:i], w.waiting[i+1:]...)
			w.rows -= len(r.rows)
			return true
		}
	}
	return false
}

// commitAll commits until nothing waits.
func (w *Writer) commitAll() {
	var all []telemetry.Row
	for {
		group := w.take()
		if len(group) == 0 {
			return
		}
		if len(group) == 1 {
			group[0].done <- w.store.Append(w.ctx, w.workspace, group[0].rows)
			continue
		}
		all = all[:0]
		for _, r := range group {
			all = append(all, r.rows...)
		}
		err := w.store.Append(w.ctx, w.workspace, all)
		clear(all)
		for _, r := range group {
			// One request that can't be stored must not take the others with it.
			if err != nil && ownFault(err) {
				r.done <- w.store.Append(w.ctx, w.workspace, r.rows)
				continue
			}
			r.done <- err
		}
	}
}

// ownFault tells whether an error may be about some of the rows only.
func ownFault(err error) bool {
	for _, general := range []error{telemetry.ErrBusy, telemetry.ErrClosed, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, general) {
			return false
		}
	}
	return true
}

func (w *Writer) take() []*request {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, rows := 0, 0
	for n < len(w.waiting) && (n == 0 || rows+len(w.waiting[n].rows) <= w.limits.Commit) {
		w.waiting[n].taken = true
		rows += len(w.waiting[n].rows)
		n++
	}
	group := w.waiting[:n:n]
	w.waiting = append([]*request(nil), w.waiting[n:]...)
	w.rows -= rows
	if n == 0 {
		w.commits--
	}
	return group
}

// Waiting is how many rows wait for a commit.
func (w *Writer) Waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rows
}

// Close refuses new rows and waits until those that wait are stored.
func (w *Writer) Close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.idle.Wait()
	w.stop()
}
