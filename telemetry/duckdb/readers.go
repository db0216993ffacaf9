package duckdb

import (
	"context"
	"sync"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb/engine"
)

// readers are the connections of queries, and the queries that run on them.
type readers struct {
	free chan *engine.Conn

	mu      sync.Mutex
	running map[int]context.CancelCauseFunc
	next    int
	closed  bool
	all     []*engine.Conn
	active  sync.WaitGroup
}

func newReaders(ctx context.Context, db *engine.DB, n int) (*readers, error) {
	r := &readers{free: make(chan *engine.Conn, n), running: map[int]context.CancelCauseFunc{}}
	for range n {
		c, err := db.Connect()
		if err != nil {
			r.close()
			return nil, err
		}
		r.all = append(r.all, c)
		if err := c.Measure(ctx); err != nil {
			r.close()
			return nil, err
		}
		r.free <- c
	}
	return r, nil
}

// take waits for a free connection. The returned context ends when the query is
// told to, with the cause; done gives the connection back.
func (r *readers) take(ctx context.Context) (_ context.Context, c *engine.Conn, done func(), err error) {
	ctx, id, err := r.enter(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	select {
	case c := <-r.free:
		return ctx, c, func() { r.free <- c; r.leave(id) }, nil
	case <-ctx.Done():
		r.leave(id)
		return nil, nil, nil, context.Cause(ctx)
	}
}

func (r *readers) enter(ctx context.Context) (context.Context, int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, 0, telemetry.ErrClosed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r.next++
	r.running[r.next] = cancel
	r.active.Add(1)
	return ctx, r.next, nil
}

func (r *readers) leave(id int) {
	r.mu.Lock()
	cancel := r.running[id]
	delete(r.running, id)
	r.mu.Unlock()
	cancel(nil)
	r.active.Done()
}

// stop ends all queries that run or wait now, and says how many these were.
func (r *readers) stop(cause error) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, cancel := range r.running {
		cancel(cause)
	}
	return len(r.running)
}

// close ends all queries and waits for their connections.
func (r *readers) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop(telemetry.ErrClosed)
	r.active.Wait()
	for _, c := range r.all {
		c.Close()
	}
}

// side is a connection for small statements, one at a time.
type side struct {
	turn chan struct{}
	conn *engine.Conn
}

func newSide(db *engine.DB) (*side, error) {
	c, err := db.Connect()
	if err != nil {
		return nil, err
	}
	return &side{turn: make(chan struct{}, 1), conn: c}, nil
}

func (s *side) do(ctx context.Context, f func(*engine.Conn) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.conn == nil {
		return telemetry.ErrClosed
	}
	return f(s.conn)
}

func (s *side) close() {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.conn.Close()
	s.conn = nil
}
