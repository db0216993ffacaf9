package sqlstore

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
)

var intoTask = newInsertion("incident_task (key, incident, position, doc)",
	"ON CONFLICT (key) DO UPDATE SET incident = excluded.incident, position = excluded.position, doc = excluded.doc")

func (w *writing) forgetTasks() error {
	keys := make([]int64, len(w.c.ForgetTasks))
	for i, id := range w.c.ForgetTasks {
		if err := checkNumber("task", id); err != nil {
			return err
		}
		keys[i] = key(w.ws, id)
	}
	return inLists(keys, func(marks string, args []any) error {
		_, err := w.exec("DELETE FROM incident_task WHERE key IN "+marks, args...)
		return err
	})
}

// tasks writes the last version of each task: one statement must not meet a key twice.
func (w *writing) tasks() error {
	last := map[int64]int{}
	for i, t := range w.c.Tasks {
		if err := checkNumber("task", t.ID); err != nil {
			return err
		}
		last[t.ID] = i
	}
	rows := make([]int, 0, len(last))
	for i, t := range w.c.Tasks {
		if last[t.ID] == i {
			rows = append(rows, i)
		}
	}
	return w.insert(intoTask, len(rows), func(n int, args []any) []any {
		t := &w.c.Tasks[rows[n]]
		return append(args, key(w.ws, t.ID), key(w.ws, int64(t.Incident)), int64(t.Position), w.p.tasks[rows[n]])
	})
}

// Tasks implements store.Cases.
func (s *Store) Tasks(ctx context.Context, workspace string, id correlate.IncidentID) ([]incident.Task, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok || checkNumber("incident", int64(id)) != nil {
		return []incident.Task{}, err
	}
	list, err := collect(ctx, s.db, scanTask, "SELECT doc FROM incident_task WHERE incident = ? ORDER BY position, key", key(ws, int64(id)))
	if err != nil {
		return nil, fmt.Errorf("listing the tasks of incident %d: %w", id, err)
	}
	return list, nil
}

func scanTask(r Rows) (incident.Task, error) {
	var t incident.Task
	var doc []byte
	if err := r.Scan(&doc); err != nil {
		return t, err
	}
	data, err := unpack(doc)
	if err == nil {
		err = decode(data, &t)
	}
	return t, err
}
