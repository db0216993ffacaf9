package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/sqlstore"
)

// database is the connection pool as the statements see it.
type database struct {
	pool     *pgxpool.Pool
	enqueuer *river.Client[pgx.Tx]
	numbered sync.Map // statements with "?" to those with "$1"
}

// number replaces each "?" by the number of its argument. No statement of this
// store has a "?" in a literal.
func (d *database) number(query string) string {
	if q, ok := d.numbered.Load(query); ok {
		return q.(string)
	}
	var b strings.Builder
	n := 0
	for rest := query; ; {
		before, after, found := strings.Cut(rest, "?")
		b.WriteString(before)
		if !found {
			break
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		rest = after
	}
	d.numbered.Store(query, b.String())
	return b.String()
}

// Query implements sqlstore.Querier.
func (d *database) Query(ctx context.Context, query string, args ...any) (sqlstore.Rows, error) {
	return read(d.pool.Query(ctx, d.number(query), args...))
}

func read(r pgx.Rows, err error) (sqlstore.Rows, error) {
	if err != nil {
		return nil, known(err)
	}
	return rows{r}, nil
}

// rows reports the contract's errors.
type rows struct{ pgx.Rows }

func (r rows) Err() error { return known(r.Rows.Err()) }

func (r rows) Close() error {
	r.Rows.Close()
	return nil
}

// Write implements sqlstore.DB. The context can't end a transaction that has
// begun: otherwise nobody could tell whether it was committed.
func (d *database) Write(ctx context.Context, f func(sqlstore.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	tx, err := d.pool.Begin(ctx)
	if err != nil {
		return known(err)
	}
	if err := f(&transaction{d: d, tx: tx}); err != nil {
		if undo := tx.Rollback(ctx); undo != nil && !errors.Is(undo, pgx.ErrTxClosed) {
			err = errors.Join(err, fmt.Errorf("rolling back: %w", undo))
		}
		return err
	}
	return known(tx.Commit(ctx))
}

// Close implements sqlstore.DB.
func (d *database) Close() error {
	d.pool.Close()
	return nil
}

type transaction struct {
	d  *database
	tx pgx.Tx
}

// Query implements sqlstore.Querier.
func (t *transaction) Query(ctx context.Context, query string, args ...any) (sqlstore.Rows, error) {
	return read(t.tx.Query(context.WithoutCancel(ctx), t.d.number(query), args...))
}

// Exec implements sqlstore.Tx.
func (t *transaction) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := t.tx.Exec(context.WithoutCancel(ctx), t.d.number(query), args...)
	return tag.RowsAffected(), known(err)
}

// Enqueue implements sqlstore.Tx.
func (t *transaction) Enqueue(ctx context.Context, all []store.Job) error {
	params := make([]river.InsertManyParams, len(all))
	for i, j := range all {
		params[i] = river.InsertManyParams{Args: sqlstore.JobArgs{Job: j}, InsertOpts: sqlstore.JobOptions(j)}
	}
	if _, err := t.d.enqueuer.InsertManyTx(ctx, t.tx, params); err != nil {
		return fmt.Errorf("enqueueing %d jobs: %w", len(all), known(err))
	}
	return nil
}

// known gives the contract's error for one of PostgreSQL; the codes are those of
// appendix A of its manual.
func known(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	var contract error
	switch e.Code {
	case "53100": // disk_full
		contract = store.ErrFull
	case "23505", "40001", "40P01": // unique_violation, serialization_failure, deadlock_detected
		contract = store.ErrConflict
	case "25006", "42501": // read_only_sql_transaction, insufficient_privilege
		contract = store.ErrReadOnly
	}
	if contract == nil || errors.Is(err, contract) {
		return err
	}
	return fmt.Errorf("%w: %w", contract, err)
}
