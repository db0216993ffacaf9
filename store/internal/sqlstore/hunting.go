package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/store"
)

var errWatchlist = fmt.Errorf("a watchlist holds at most %d MiB", store.MaxWatchlistBytes>>20)

// inside runs f in a transaction with the number of the workspace, which it
// makes when there is none. The row is locked, so that numbers are given out
// one after the other.
func (s *Store) inside(ctx context.Context, workspace string, f func(tx Tx, ws int64) error) error {
	return s.db.Write(ctx, func(tx Tx) error {
		name := clean(workspace)
		if _, err := tx.Exec(ctx, "INSERT INTO workspace (name) VALUES (?) ON CONFLICT (name) DO NOTHING", name); err != nil {
			return err
		}
		var ws int64
		if err := one(ctx, tx, "SELECT id FROM workspace WHERE name = ?"+s.dialect.Lock, []any{name}, &ws); err != nil {
			return err
		}
		return f(tx, ws)
	})
}

// following is the number after the last one of a table.
func following(ctx context.Context, tx Tx, table string, ws int64) (int64, error) {
	var last int64
	err := one(ctx, tx, "SELECT COALESCE(MAX(key), 0) FROM "+table+" WHERE key > ? AND key < ?", []any{key(ws, 0), key(ws+1, 0)}, &last)
	n := number(last) + 1
	return n, errors.Join(err, checkNumber(table, n))
}

// CreateQuery implements store.Hunting.
func (s *Store) CreateQuery(ctx context.Context, workspace string, q store.SavedQuery) (store.SavedQuery, error) {
	err := s.inside(ctx, workspace, func(tx Tx, ws int64) error {
		var kept int64
		if err := one(ctx, tx, "SELECT COUNT(*) FROM hunting_query WHERE ws = ?", []any{ws}, &kept); err != nil {
			return err
		}
		if kept >= store.MaxSavedQueries {
			return store.ErrConflict
		}
		var err error
		if q.ID, err = following(ctx, tx, "hunting_query", ws); err != nil {
			return err
		}
		q.Version = 1
		head, err := encode(q)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "INSERT INTO hunting_query (key, ws, version, function, head) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			key(ws, q.ID), ws, q.Version, clean(q.Function), string(head))
		if err == nil && n == 0 {
			return store.ErrConflict
		}
		return err
	})
	if err != nil {
		return store.SavedQuery{}, fmt.Errorf("saving a query of workspace %q: %w", workspace, err)
	}
	return q, nil
}

// UpdateQuery implements store.Hunting.
func (s *Store) UpdateQuery(ctx context.Context, workspace string, q store.SavedQuery) (store.SavedQuery, error) {
	held := q.Version
	q.Version++
	err := s.inside(ctx, workspace, func(tx Tx, ws int64) error {
		if checkNumber("query", q.ID) != nil {
			return store.ErrNotFound
		}
		var version, taken int64
		if err := one(ctx, tx, "SELECT version FROM hunting_query WHERE key = ?", []any{key(ws, q.ID)}, &version); err != nil {
			return err
		}
		if err := one(ctx, tx, "SELECT COUNT(*) FROM hunting_query WHERE ws = ? AND function = ? AND function <> '' AND key <> ?",
			[]any{ws, clean(q.Function), key(ws, q.ID)}, &taken); err != nil {
			return err
		}
		if version != held || taken > 0 {
			return store.ErrConflict
		}
		head, err := encode(q)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE hunting_query SET version = ?, function = ?, head = ? WHERE key = ?", q.Version, clean(q.Function), string(head), key(ws, q.ID))
		return err
	})
	if err != nil {
		return store.SavedQuery{}, fmt.Errorf("updating query %d: %w", q.ID, err)
	}
	return q, nil
}

func scanHead[T any](r Rows) (T, error) {
	var v T
	var head string
	if err := r.Scan(&head); err != nil {
		return v, err
	}
	return v, decode([]byte(head), &v)
}

// Query implements store.Hunting.
func (s *Store) Query(ctx context.Context, workspace string, id int64) (store.SavedQuery, error) {
	ws, err := s.workspace(ctx, workspace)
	if err == nil && checkNumber("query", id) != nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.SavedQuery{}, fmt.Errorf("query %d: %w", id, err)
	}
	return single(ctx, s.db, fmt.Sprintf("query %d", id), scanHead[store.SavedQuery], "SELECT head FROM hunting_query WHERE key = ?", key(ws, id))
}

// Queries implements store.Hunting.
func (s *Store) Queries(ctx context.Context, workspace string) ([]store.SavedQuery, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return []store.SavedQuery{}, err
	}
	all, err := collect(ctx, s.db, scanHead[store.SavedQuery], "SELECT head FROM hunting_query WHERE ws = ?", ws)
	slices.SortFunc(all, func(a, b store.SavedQuery) int {
		return cmp.Or(cmp.Compare(a.Folder, b.Folder), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// DeleteQuery implements store.Hunting.
func (s *Store) DeleteQuery(ctx context.Context, workspace string, id int64) error {
	ws, err := s.workspace(ctx, workspace)
	if err != nil || checkNumber("query", id) != nil {
		return fmt.Errorf("deleting query %d: %w", id, errors.Join(err, store.ErrNotFound))
	}
	n, err := s.write(ctx, "deleting a query", stmt("DELETE FROM hunting_query WHERE key = ?", key(ws, id)))
	return missing(err, n, 1, "query", id)
}

// AddRun implements store.Hunting.
func (s *Store) AddRun(ctx context.Context, workspace string, r store.Run) (store.Run, error) {
	err := s.inside(ctx, workspace, func(tx Tx, ws int64) error {
		var err error
		if r.ID, err = following(ctx, tx, "hunting_run", ws); err != nil {
			return err
		}
		head, err := encode(r)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO hunting_run (key, account, head) VALUES (?, ?, ?)", key(ws, r.ID), clean(r.User), string(head)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM hunting_run WHERE key > ? AND key <= ?", key(ws, 0), key(ws, max(0, r.ID-store.MaxRuns)))
		return err
	})
	if err != nil {
		return store.Run{}, fmt.Errorf("keeping a run in the history: %w", err)
	}
	return r, nil
}

// Runs implements store.Hunting.
func (s *Store) Runs(ctx context.Context, workspace string, f store.RunFilter) ([]store.Run, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok || f.Limit <= 0 {
		return []store.Run{}, err
	}
	below := key(ws+1, 0)
	if f.Before > 0 && checkNumber("run", f.Before) == nil {
		below = key(ws, f.Before)
	}
	query, args := "SELECT head FROM hunting_run WHERE key > ? AND key < ?", []any{key(ws, 0), below}
	if f.User != "" {
		query, args = query+" AND account = ?", append(args, clean(f.User))
	}
	return collect(ctx, s.db, scanHead[store.Run], query+" ORDER BY key DESC LIMIT ?", append(args, f.Limit)...)
}

// PutWatchlist implements store.Hunting.
func (s *Store) PutWatchlist(ctx context.Context, workspace string, w store.Watchlist) error {
	w.Name, w.Count = clean(w.Name), len(w.Items)
	items, err := encode(w.Items)
	if err != nil {
		return err
	}
	if len(items) > store.MaxWatchlistBytes {
		return fmt.Errorf("saving watchlist %q: %w", w.Name, errWatchlist)
	}
	w.Items = nil
	head, err := encode(w)
	if err != nil {
		return err
	}
	err = s.inside(ctx, workspace, func(tx Tx, ws int64) error {
		var others int64
		if err := one(ctx, tx, "SELECT COUNT(*) FROM watchlist WHERE ws = ? AND name <> ?", []any{ws, w.Name}, &others); err != nil {
			return err
		}
		if others >= store.MaxWatchlists {
			return store.ErrConflict
		}
		_, err := tx.Exec(ctx, `INSERT INTO watchlist (ws, name, head, items) VALUES (?, ?, ?, ?)
			ON CONFLICT (ws, name) DO UPDATE SET head = excluded.head, items = excluded.items`, ws, w.Name, string(head), pack(items))
		return err
	})
	if err != nil {
		return fmt.Errorf("saving watchlist %q: %w", w.Name, err)
	}
	return nil
}

// Watchlist implements store.Hunting.
func (s *Store) Watchlist(ctx context.Context, workspace, name string) (store.Watchlist, error) {
	ws, err := s.workspace(ctx, workspace)
	if err != nil {
		return store.Watchlist{}, fmt.Errorf("watchlist %q: %w", name, err)
	}
	return single(ctx, s.db, fmt.Sprintf("watchlist %q", name), scanWatchlist, "SELECT head, items FROM watchlist WHERE ws = ? AND name = ?", ws, clean(name))
}

// Watchlists implements store.Hunting.
func (s *Store) Watchlists(ctx context.Context, workspace string) ([]store.Watchlist, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return []store.Watchlist{}, err
	}
	return collect(ctx, s.db, scanHead[store.Watchlist], "SELECT head FROM watchlist WHERE ws = ? ORDER BY name", ws)
}

func scanWatchlist(r Rows) (store.Watchlist, error) {
	var w store.Watchlist
	var head string
	var packed []byte
	if err := r.Scan(&head, &packed); err != nil {
		return w, err
	}
	items, err := unpack(packed)
	if err == nil && items != nil {
		err = decode(items, &w.Items)
	}
	return w, errors.Join(err, decode([]byte(head), &w))
}

// DeleteWatchlist implements store.Hunting.
func (s *Store) DeleteWatchlist(ctx context.Context, workspace, name string) error {
	ws, err := s.workspace(ctx, workspace)
	if err != nil {
		return fmt.Errorf("deleting watchlist %q: %w", name, err)
	}
	n, err := s.write(ctx, "deleting a watchlist", stmt("DELETE FROM watchlist WHERE ws = ? AND name = ?", ws, clean(name)))
	return missing(err, n, 1, "watchlist", name)
}
