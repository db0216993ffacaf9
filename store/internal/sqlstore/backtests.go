package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/clew-sec/clew/store"
)

// backtestArgs are the arguments of the job that runs a back-test.
type backtestArgs struct {
	Workspace string `json:"workspace"`
	ID        int64  `json:"id"`
}

// CreateBacktest implements store.Backtests.
func (s *Store) CreateBacktest(ctx context.Context, workspace string, b store.Backtest, job store.Job) (store.Backtest, error) {
	err := s.db.Write(ctx, func(tx Tx) error {
		var ws, last int64
		if err := one(ctx, tx, "SELECT id FROM workspace WHERE name = ?"+s.dialect.Lock, []any{clean(workspace)}, &ws); err != nil {
			return err
		}
		if err := one(ctx, tx, "SELECT COALESCE(MAX(key), 0) FROM backtest WHERE key > ? AND key < ?", []any{key(ws, 0), key(ws+1, 0)}, &last); err != nil {
			return err
		}
		b.ID = number(last) + 1
		if err := checkNumber("back-test", b.ID); err != nil {
			return err
		}
		if err := putBacktest(ctx, tx, ws, b); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM backtest WHERE key > ? AND key <= ?", key(ws, 0), key(ws, max(0, b.ID-store.MaxBacktests))); err != nil {
			return err
		}
		var err error
		if job.Args, err = encode(backtestArgs{workspace, b.ID}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, []store.Job{job})
	})
	if err != nil {
		return store.Backtest{}, fmt.Errorf("creating a back-test of workspace %q: %w", workspace, err)
	}
	return b, nil
}

// putBacktest inserts or replaces a row.
func putBacktest(ctx context.Context, tx Tx, ws int64, b store.Backtest) error {
	findings, err := encode(b.Findings)
	if err != nil {
		return err
	}
	b.Findings = nil
	head, err := encode(b)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO backtest (key, head, findings) VALUES (?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET head = excluded.head, findings = excluded.findings`, key(ws, b.ID), string(head), pack(findings))
	return err
}

// UpdateBacktest implements store.Backtests.
func (s *Store) UpdateBacktest(ctx context.Context, workspace string, b store.Backtest) error {
	err := s.onBacktest(ctx, workspace, b.ID, func(tx Tx, ws int64) error {
		var k int64
		if err := one(ctx, tx, "SELECT key FROM backtest WHERE key = ?", []any{key(ws, b.ID)}, &k); err != nil {
			return err
		}
		return putBacktest(ctx, tx, ws, b)
	})
	if err != nil {
		return fmt.Errorf("updating back-test %d: %w", b.ID, err)
	}
	return nil
}

// onBacktest runs f in a transaction; ErrNotFound when there can't be such a row.
func (s *Store) onBacktest(ctx context.Context, workspace string, id int64, f func(tx Tx, ws int64) error) error {
	ws, err := s.workspace(ctx, workspace)
	switch {
	case err != nil:
		return err
	case checkNumber("back-test", id) != nil:
		return store.ErrNotFound
	}
	return s.db.Write(ctx, func(tx Tx) error { return f(tx, ws) })
}

// DeleteBacktest implements store.Backtests.
func (s *Store) DeleteBacktest(ctx context.Context, workspace string, id int64) error {
	err := s.onBacktest(ctx, workspace, id, func(tx Tx, ws int64) error {
		n, err := tx.Exec(ctx, "DELETE FROM backtest WHERE key = ?", key(ws, id))
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("deleting back-test %d: %w", id, err)
	}
	return nil
}

// Backtest implements store.Backtests.
func (s *Store) Backtest(ctx context.Context, workspace string, id int64) (store.Backtest, error) {
	ws, err := s.workspace(ctx, workspace)
	if err == nil && checkNumber("back-test", id) != nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Backtest{}, fmt.Errorf("back-test %d: %w", id, err)
	}
	return single(ctx, s.db, fmt.Sprintf("back-test %d", id), scanBacktest, "SELECT head, findings FROM backtest WHERE key = ?", key(ws, id))
}

// Backtests implements store.Backtests.
func (s *Store) Backtests(ctx context.Context, workspace string) ([]store.Backtest, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return []store.Backtest{}, err
	}
	return collect(ctx, s.db, scanBacktest, "SELECT head, NULL FROM backtest WHERE key > ? AND key < ? ORDER BY key DESC", key(ws, 0), key(ws+1, 0))
}

func scanBacktest(r Rows) (store.Backtest, error) {
	var b store.Backtest
	var head string
	var packed []byte
	if err := r.Scan(&head, &packed); err != nil {
		return b, err
	}
	findings, err := unpack(packed)
	if err == nil && findings != nil {
		err = decode(findings, &b.Findings)
	}
	return b, errors.Join(err, decode([]byte(head), &b))
}
