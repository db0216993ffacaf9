package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/clew-sec/clew/kql/value"
)

// Conn is one connection. It must not be used by two goroutines at a time.
type Conn struct{ conn duck.Connection }

// Close closes the connection. Rows and appenders of it must be closed before.
func (c *Conn) Close() { duck.Disconnect(&c.conn) }

// interruptEvery is how often a cancelled statement is told to stop: the engine
// forgets an interrupt that arrives before the statement runs.
const interruptEvery = 10 * time.Millisecond

// watch interrupts what runs on the connection once ctx is done, until the
// returned function is called.
func (c *Conn) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
		tick := time.NewTicker(interruptEvery)
		defer tick.Stop()
		for {
			duck.Interrupt(c.conn)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(done); <-ended }
}

// Exec runs one statement or several, separated by semicolons and without
// arguments, and returns how many rows the last one changed.
func (c *Conn) Exec(ctx context.Context, sql string) (changed int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer c.watch(ctx)()
	all, n, err := c.extract(sql)
	defer duck.DestroyExtracted(&all)
	for i := 0; i < n && err == nil; i++ {
		changed, err = c.execOne(all, i)
	}
	if err != nil {
		return 0, errors.Join(err, ctx.Err())
	}
	return changed, nil
}

// extract takes a text apart into statements.
func (c *Conn) extract(sql string) (all duck.ExtractedStatements, n int, err error) {
	n = int(duck.ExtractStatements(c.conn, sql, &all))
	if n > 0 {
		return all, n, nil
	}
	if m := duck.ExtractStatementsError(all); m != "" {
		return all, 0, newError(m)
	}
	return all, 0, errors.New("the statement is empty")
}

func (c *Conn) execOne(all duck.ExtractedStatements, i int) (int64, error) {
	var stmt duck.PreparedStatement
	defer duck.DestroyPrepare(&stmt)
	if duck.PrepareExtractedStatement(c.conn, all, duck.IdxT(i), &stmt) == duck.StateError {
		return 0, newError(duck.PrepareError(stmt))
	}
	var pending duck.PendingResult
	defer duck.DestroyPending(&pending)
	if duck.PendingPrepared(stmt, &pending) == duck.StateError {
		return 0, newError(duck.PendingError(pending))
	}
	var res duck.Result
	defer duck.DestroyResult(&res)
	if err := finish(pending, &res); err != nil {
		return 0, err
	}
	return int64(duck.RowsChanged(&res)), nil
}

// Pauses of finish.
const (
	firstPause = 50 * time.Microsecond
	maxPause   = time.Millisecond
)

// finish works on a statement until its result is there. What is left for this
// thread to do is done in it; while the engine's own threads do the last of it,
// such as writing a commit to the disk, it sleeps. The engine's own way to wait
// asks again and again without a pause, which costs a processor for as long.
func finish(pending duck.PendingResult, res *duck.Result) error {
	for pause := firstPause; ; {
		state := duck.PendingExecuteTask(pending)
		if state == duck.PendingStateError {
			return newError(duck.PendingError(pending))
		}
		if duck.PendingExecutionIsFinished(state) {
			break
		}
		if state != duck.PendingStateNoTasksAvailable {
			pause = firstPause
			continue
		}
		time.Sleep(pause)
		pause = min(2*pause, maxPause)
	}
	if duck.ExecutePending(pending, res) == duck.StateError {
		return newError(duck.ResultError(res))
	}
	return nil
}

// Query runs one SELECT with its arguments ($1, $2, …) and returns its rows as
// the engine makes them. The rows must be closed.
func (c *Conn) Query(ctx context.Context, sql string, args ...value.Value) (*Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &Rows{conn: c, ctx: ctx, stop: c.watch(ctx)}
	if err := r.start(sql, args); err != nil {
		r.Close()
		return nil, errors.Join(err, ctx.Err())
	}
	return r, nil
}

func (r *Rows) start(sql string, args []value.Value) error {
	if err := r.prepare(sql); err != nil {
		return err
	}
	if n := int(duck.NParams(r.stmt)); n != len(args) {
		return fmt.Errorf("the statement has %d arguments, given are %d", n, len(args))
	}
	for i, a := range args {
		if err := bind(r.stmt, duck.IdxT(i+1), a); err != nil {
			return err
		}
	}
	var pending duck.PendingResult
	defer duck.DestroyPending(&pending)
	if duck.PendingPreparedStreaming(r.stmt, &pending) == duck.StateError {
		return newError(duck.PendingError(pending))
	}
	if err := finish(pending, &r.res); err != nil {
		return err
	}
	r.describe()
	return nil
}

// prepare refuses text of more than one statement: what follows a semicolon
// would be somebody else's.
func (r *Rows) prepare(sql string) error {
	all, n, err := r.conn.extract(sql)
	defer duck.DestroyExtracted(&all)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("one statement expected, found %d", n)
	}
	if duck.PrepareExtractedStatement(r.conn.conn, all, 0, &r.stmt) == duck.StateError {
		return newError(duck.PrepareError(r.stmt))
	}
	if t := duck.PreparedStatementType(r.stmt); t != duck.StatementTypeSelect {
		return errors.New("only SELECT can be queried")
	}
	return nil
}

func bind(stmt duck.PreparedStatement, i duck.IdxT, v value.Value) error {
	state := duck.StateError
	switch {
	case v.Null:
		state = duck.BindNull(stmt, i)
	case v.Type == value.Bool:
		state = duck.BindBoolean(stmt, i, v.Num != 0)
	case v.Type == value.Int:
		state = duck.BindInt32(stmt, i, int32(v.Num))
	case v.Type == value.Long || v.Type == value.DateTime || v.Type == value.TimeSpan:
		state = duck.BindInt64(stmt, i, v.Num)
	case v.Type == value.Real:
		state = duck.BindDouble(stmt, i, v.Float)
	case v.Type != value.Unknown:
		state = duck.BindVarcharLength(stmt, i, v.Text, duck.IdxT(len(v.Text)))
	}
	if state == duck.StateError {
		return fmt.Errorf("argument %d of type %s can't be bound", i, v.Type)
	}
	return nil
}
