package sqlstore

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/store"
)

// modelArgs are the arguments of the job that trains a model.
type modelArgs struct {
	Workspace string `json:"workspace"`
	ID        int64  `json:"id"`
}

// CreateModel implements store.Models.
func (s *Store) CreateModel(ctx context.Context, workspace string, m store.Model, file []byte, jobs ...store.Job) (store.Model, error) {
	err := s.inside(ctx, workspace, func(tx Tx, ws int64) error {
		var kept int64
		if err := one(ctx, tx, "SELECT COUNT(*) FROM model WHERE ws = ?", []any{ws}, &kept); err != nil {
			return err
		}
		if kept >= store.MaxModels {
			return store.ErrTooMany
		}
		var err error
		if m.ID, err = nextModel(ctx, tx, ws); err != nil {
			return err
		}
		head, err := encode(m)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "INSERT INTO model (key, ws, version, head, file) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			key(ws, m.ID), ws, clean(m.Version), string(head), pack(file))
		if err == nil && n == 0 {
			err = store.ErrConflict
		}
		if err != nil || len(jobs) == 0 {
			return err
		}
		args, err := encode(modelArgs{workspace, m.ID})
		if err != nil {
			return err
		}
		for i := range jobs {
			jobs[i].Args = args
		}
		return tx.Enqueue(ctx, jobs)
	})
	if err != nil {
		return store.Model{}, fmt.Errorf("keeping model %q of workspace %q: %w", m.Version, workspace, err)
	}
	return m, nil
}

// nextModel counts on, deleted models included: settings name models by number.
func nextModel(ctx context.Context, tx Tx, ws int64) (int64, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO model_count (ws, last) VALUES (?, 1)
		ON CONFLICT (ws) DO UPDATE SET last = model_count.last + 1`, ws); err != nil {
		return 0, err
	}
	var last int64
	if err := one(ctx, tx, "SELECT last FROM model_count WHERE ws = ?", []any{ws}, &last); err != nil {
		return 0, err
	}
	return last, checkNumber("model", last)
}

// onModel runs f in a transaction; ErrNotFound when there is no such row.
func (s *Store) onModel(ctx context.Context, workspace string, id int64, f func(tx Tx, ws int64) error) error {
	ws, err := s.workspace(ctx, workspace)
	switch {
	case err != nil:
		return err
	case checkNumber("model", id) != nil:
		return store.ErrNotFound
	}
	return s.db.Write(ctx, func(tx Tx) error {
		var k int64
		if err := one(ctx, tx, "SELECT key FROM model WHERE key = ?"+s.dialect.Lock, []any{key(ws, id)}, &k); err != nil {
			return err
		}
		return f(tx, ws)
	})
}

// UpdateModel implements store.Models.
func (s *Store) UpdateModel(ctx context.Context, workspace string, m store.Model, file []byte) error {
	err := s.onModel(ctx, workspace, m.ID, func(tx Tx, ws int64) error {
		head, err := encode(m)
		if err != nil {
			return err
		}
		var others int64
		if err := one(ctx, tx, "SELECT COUNT(*) FROM model WHERE ws = ? AND version = ? AND key <> ?", []any{ws, clean(m.Version), key(ws, m.ID)}, &others); err != nil {
			return err
		}
		if others > 0 {
			return store.ErrConflict
		}
		_, err = tx.Exec(ctx, "UPDATE model SET version = ?, head = ?, file = COALESCE(?, file) WHERE key = ?", clean(m.Version), string(head), pack(file), key(ws, m.ID))
		return err
	})
	if err != nil {
		return fmt.Errorf("updating model %d: %w", m.ID, err)
	}
	return nil
}

// DeleteModel implements store.Models.
func (s *Store) DeleteModel(ctx context.Context, workspace string, id int64) error {
	err := s.onModel(ctx, workspace, id, func(tx Tx, ws int64) error {
		_, err := tx.Exec(ctx, "DELETE FROM model WHERE key = ?", key(ws, id))
		return err
	})
	if err != nil {
		return fmt.Errorf("deleting model %d: %w", id, err)
	}
	return nil
}

// Model implements store.Models.
func (s *Store) Model(ctx context.Context, workspace string, id int64) (store.Model, error) {
	ws, err := s.workspace(ctx, workspace)
	if err == nil && checkNumber("model", id) != nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Model{}, fmt.Errorf("model %d: %w", id, err)
	}
	return single(ctx, s.db, fmt.Sprintf("model %d", id), scanModel, "SELECT head FROM model WHERE key = ?", key(ws, id))
}

// ModelFile implements store.Models.
func (s *Store) ModelFile(ctx context.Context, workspace string, id int64) ([]byte, error) {
	ws, err := s.workspace(ctx, workspace)
	if err == nil && checkNumber("model", id) != nil {
		err = store.ErrNotFound
	}
	var packed []byte
	if err == nil {
		err = one(ctx, s.db, "SELECT file FROM model WHERE key = ?", []any{key(ws, id)}, &packed)
	}
	if err == nil && packed == nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("the file of model %d: %w", id, err)
	}
	return unpack(packed)
}

// Models implements store.Models.
func (s *Store) Models(ctx context.Context, workspace string) ([]store.Model, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return []store.Model{}, err
	}
	return collect(ctx, s.db, scanModel, "SELECT head FROM model WHERE ws = ? ORDER BY key DESC", ws)
}

func scanModel(r Rows) (store.Model, error) {
	var m store.Model
	var head string
	if err := r.Scan(&head); err != nil {
		return m, err
	}
	return m, decode([]byte(head), &m)
}
