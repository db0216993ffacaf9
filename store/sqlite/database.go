package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"github.com/mattn/go-sqlite3"
	"github.com/riverqueue/river"

	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/sqlstore"
)

// connector opens connections to the database file.
type connector struct {
	path     string
	write    bool
	look     bool // only to look at it: nothing is made or changed
	copy     bool // to copy it: query_only would forbid writing the copy too
	maxBytes int64
}

const pageSize = 4096

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := (&sqlite3.SQLiteDriver{}).Open(c.name())
	if err != nil {
		return nil, known(err)
	}
	if c.write {
		// A migration hashes the names that are there.
		if err := conn.(*sqlite3.SQLiteConn).RegisterFunc("clew_hash", sqlstore.Hash, true); err != nil {
			return nil, errors.Join(fmt.Errorf("adding a function to SQLite: %w", known(err)), conn.Close())
		}
	}
	for _, p := range c.pragmas() {
		if _, err := conn.(*sqlite3.SQLiteConn).Exec("PRAGMA "+p, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("PRAGMA %s: %w", p, known(err)), conn.Close())
		}
	}
	return conn, nil
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

func (c connector) name() string {
	mode, lock := "rw", "deferred"
	if c.write {
		mode, lock = "rwc", "immediate"
	}
	// The path is made part of a URL: a "?" or "%" in it must not become an option.
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: c.path}).EscapedPath()}
	u.RawQuery = url.Values{"mode": {mode}, "_txlock": {lock}, "_busy_timeout": {"10000"}}.Encode()
	return u.String()
}

func (c connector) pragmas() []string {
	switch {
	case c.copy:
		return nil
	case c.look:
		return []string{"query_only = 1"}
	case !c.write:
		return []string{"query_only = 1", "cache_size = -16384", "temp_store = MEMORY"}
	}
	out := []string{
		fmt.Sprintf("page_size = %d", pageSize), "journal_mode = WAL", "synchronous = FULL", "foreign_keys = 1",
		"cache_size = -65536", "temp_store = MEMORY", "wal_autocheckpoint = 10000", "journal_size_limit = 67108864",
	}
	if c.maxBytes > 0 {
		out = append(out, fmt.Sprintf("max_page_count = %d", max(1, c.maxBytes/pageSize)))
	}
	return out
}

// database is the data folder's database as the statements see it.
type database struct {
	path            string
	lock            *folderLock
	writer, readers *sql.DB
	enqueuer        *river.Client[*sql.Tx]

	// statements of the writer that were used before, ready to run.
	mu         sync.Mutex
	statements map[string]*sql.Stmt
}

// Query implements sqlstore.Querier.
func (d *database) Query(ctx context.Context, query string, args ...any) (sqlstore.Rows, error) {
	return read(d.readers.QueryContext(ctx, query, args...))
}

func read(r *sql.Rows, err error) (sqlstore.Rows, error) {
	if err != nil {
		return nil, known(err)
	}
	return rows{r}, nil
}

// rows reports the contract's errors.
type rows struct{ *sql.Rows }

func (r rows) Err() error   { return known(r.Rows.Err()) }
func (r rows) Close() error { return known(r.Rows.Close()) }

// Write implements sqlstore.DB. The context can't end a transaction that has
// begun: otherwise nobody could tell whether it was committed.
func (d *database) Write(ctx context.Context, f func(sqlstore.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := d.writer.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return known(err)
	}
	t := &transaction{d: d, tx: tx}
	if err := f(t); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("rolling back: %w", undo))
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		_ = tx.Rollback() // a failed COMMIT leaves the transaction open, or it is over: both are fine now
		return known(err)
	}
	d.remember(t.unprepared)
	return nil
}

// maxStatements bounds the prepared statements of the writer.
const maxStatements = 256

// remember prepares statements for the next time. The only connection is free
// now; during a transaction it is not.
func (d *database) remember(queries []string) {
	for _, q := range queries {
		d.mu.Lock()
		full := len(d.statements) >= maxStatements
		d.mu.Unlock()
		if full {
			return
		}
		s, err := d.writer.Prepare(q)
		if err != nil {
			continue // it runs unprepared as well
		}
		d.mu.Lock()
		old := d.statements[q]
		d.statements[q] = s
		d.mu.Unlock()
		if old != nil {
			_ = old.Close() // the same statement, prepared by two at once
		}
	}
}

// Close implements sqlstore.DB.
func (d *database) Close() error {
	return errors.Join(d.closePools(), d.lock.release())
}

func (d *database) closePools() error {
	var errs []error
	d.mu.Lock()
	for _, s := range d.statements {
		errs = append(errs, s.Close())
	}
	d.statements = map[string]*sql.Stmt{}
	d.mu.Unlock()
	if d.readers != nil {
		errs = append(errs, d.readers.Close())
	}
	return errors.Join(append(errs, d.writer.Close())...)
}

// transaction is the writer's transaction.
type transaction struct {
	d          *database
	tx         *sql.Tx
	unprepared []string
}

// Query implements sqlstore.Querier.
func (t *transaction) Query(ctx context.Context, query string, args ...any) (sqlstore.Rows, error) {
	return read(t.tx.QueryContext(context.WithoutCancel(ctx), query, args...))
}

// Exec implements sqlstore.Tx.
func (t *transaction) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	t.d.mu.Lock()
	s := t.d.statements[query]
	t.d.mu.Unlock()
	var res sql.Result
	var err error
	if s != nil {
		res, err = t.tx.StmtContext(ctx, s).ExecContext(ctx, args...)
	} else {
		t.unprepared = append(t.unprepared, query)
		res, err = t.tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, known(err)
	}
	return res.RowsAffected()
}

// Enqueue implements sqlstore.Tx.
func (t *transaction) Enqueue(ctx context.Context, all []store.Job) error {
	for _, j := range all {
		if _, err := t.d.enqueuer.InsertTx(ctx, t.tx, sqlstore.JobArgs{Job: j}, sqlstore.JobOptions(j)); err != nil {
			return fmt.Errorf("enqueueing a job %q: %w", j.Kind, known(err))
		}
	}
	return nil
}

// known gives the contract's error for one of SQLite or the system.
func known(err error) error {
	if err == nil {
		return nil
	}
	if e := errorOf(err); e != nil && !errors.Is(err, e) {
		return fmt.Errorf("%w: %w", e, err)
	}
	return err
}

func errorOf(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return errorOfSystem(err)
	}
	switch e.Code {
	case sqlite3.ErrFull:
		return store.ErrFull
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen:
		if s := errorOfSystem(e.SystemErrno); s != nil {
			return s
		}
		return store.ErrReadOnly
	case sqlite3.ErrConstraint:
		return store.ErrConflict
	case sqlite3.ErrIoErr:
		return errorOfSystem(e.SystemErrno)
	}
	return nil
}
