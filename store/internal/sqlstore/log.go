package sqlstore

import (
	"context"
	"fmt"
	"iter"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

// Position implements store.Log.
func (s *Store) Position(ctx context.Context, workspace string) (int64, error) {
	var seq int64
	err := each(ctx, s.db, func(r Rows) error { return r.Scan(&seq) }, "SELECT seq FROM workspace WHERE name = ?", clean(workspace))
	return seq, err
}

// Workspaces implements store.Log, by name.
func (s *Store) Workspaces(ctx context.Context) ([]string, error) {
	out := []string{}
	err := each(ctx, s.db, func(r Rows) error {
		var name string
		err := r.Scan(&name)
		out = append(out, name)
		return err
	}, "SELECT name FROM workspace ORDER BY name")
	return out, err
}

// replayStep is how many entries are read at once: the reader must not hold a
// transaction open for as long as it takes to feed the engine.
const replayStep = 1000

// Replay implements store.Log. Entries that are committed while it runs may come or not.
func (s *Store) Replay(ctx context.Context, workspace string, after int64) iter.Seq2[store.LogEntry, error] {
	return func(yield func(store.LogEntry, error) bool) {
		ws, ok, err := s.known(ctx, workspace)
		if err != nil {
			yield(store.LogEntry{}, err)
		}
		for ok && err == nil {
			var step []store.LogEntry
			if step, err = s.replayFrom(ctx, ws, after); err != nil {
				yield(store.LogEntry{}, fmt.Errorf("reading the log after position %d: %w", after, err))
				return
			}
			for _, e := range step {
				if !yield(e, nil) {
					return
				}
				after = e.Seq
			}
			ok = len(step) > 0
		}
	}
}

func (s *Store) replayFrom(ctx context.Context, ws, after int64) ([]store.LogEntry, error) {
	var out []store.LogEntry
	from, to := key(ws, after), key(ws+1, 0)
	err := each(ctx, s.db, func(r Rows) error {
		e, err := scanLog(r)
		out = append(out, e)
		return err
	}, fmt.Sprintf(`SELECT key, '' AS command, alert, source, received, normal, record FROM alert_log WHERE key > ? AND key < ?
		UNION ALL SELECT key, doc, '', '', 0, NULL, NULL FROM command_log WHERE key > ? AND key < ? ORDER BY key LIMIT %d`, replayStep), from, to, from, to)
	return out, err
}

func scanLog(r Rows) (store.LogEntry, error) {
	var e store.LogEntry
	var k, received int64
	var command string
	var normal []byte
	if err := r.Scan(&k, &command, &e.AlertID, &e.Source, &received, &normal, &e.Record); err != nil {
		return e, err
	}
	e.Seq = number(k)
	if command != "" {
		e.Command = &correlate.Command{}
		return e, decode([]byte(command), e.Command)
	}
	var err error
	e.Received = moment(received)
	e.Normal, err = unpack(normal)
	return e, err
}

// Placements implements store.Log.
func (s *Store) Placements(ctx context.Context, workspace string) iter.Seq2[store.Placement, error] {
	return func(yield func(store.Placement, error) bool) {
		ws, ok, err := s.known(ctx, workspace)
		if err != nil {
			yield(store.Placement{}, err)
		}
		after := key(ws, 0)
		for ok && err == nil {
			var step []store.Placement
			if step, after, err = s.placementsFrom(ctx, ws, after); err != nil {
				yield(store.Placement{}, fmt.Errorf("reading where alerts are: %w", err))
				return
			}
			for _, p := range step {
				if !yield(p, nil) {
					return
				}
			}
			ok = len(step) > 0
		}
	}
}

func (s *Store) placementsFrom(ctx context.Context, ws, after int64) (out []store.Placement, last int64, err error) {
	last = after
	err = each(ctx, s.db, func(r Rows) error {
		var p store.Placement
		var in int64
		err := r.Scan(&last, &p.AlertID, &in)
		p.Incident = correlate.IncidentID(number(in))
		out = append(out, p)
		return err
	}, fmt.Sprintf("SELECT key, id, incident FROM alert WHERE key > ? AND key < ? ORDER BY key LIMIT %d", replayStep), after, key(ws+1, 0))
	return out, last, err
}

// LastEntity implements store.Log.
func (s *Store) LastEntity(ctx context.Context, workspace string) (entity.ID, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return 0, err
	}
	var last int64
	err = one(ctx, s.db, "SELECT COALESCE(MAX(key), 0) FROM entity WHERE key > ? AND key < ?", []any{key(ws, 0), key(ws+1, 0)}, &last)
	if err != nil || last == 0 {
		return 0, err
	}
	return entity.ID(number(last)), nil
}

// SaveCheckpoint implements store.Log.
func (s *Store) SaveCheckpoint(ctx context.Context, workspace string, seq int64, snapshot []byte) error {
	ws, err := s.workspace(ctx, workspace)
	if err != nil {
		return fmt.Errorf("saving a checkpoint of workspace %q: %w", workspace, err)
	}
	doc := pack(snapshot)
	if doc == nil {
		doc = []byte{}
	}
	err = s.db.Write(ctx, func(tx Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO checkpoint (key, snapshot) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET snapshot = excluded.snapshot", key(ws, seq), doc); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM checkpoint WHERE key > ? AND key < ? AND key NOT IN
			(SELECT key FROM checkpoint WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 2)`, key(ws, 0)-1, key(ws+1, 0), key(ws, 0), key(ws+1, 0))
		return err
	})
	if err != nil {
		return fmt.Errorf("saving a checkpoint of workspace %q: %w", workspace, err)
	}
	return nil
}

// Checkpoint implements store.Log.
func (s *Store) Checkpoint(ctx context.Context, workspace string) (int64, []byte, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return 0, nil, orNotFound(err, "checkpoint of workspace", workspace)
	}
	var k int64
	var doc []byte
	err = one(ctx, s.db, "SELECT key, snapshot FROM checkpoint WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1",
		[]any{key(ws, 0), key(ws+1, 0)}, &k, &doc)
	if err != nil {
		return 0, nil, fmt.Errorf("reading the checkpoint of workspace %q: %w", workspace, err)
	}
	snapshot, err := unpack(doc)
	return number(k), snapshot, err
}
