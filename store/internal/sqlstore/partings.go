package sqlstore

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

var intoParting = newInsertion("parting (ws, a, b, now_a, now_b)",
	"ON CONFLICT (ws, a, b) DO UPDATE SET now_a = excluded.now_a, now_b = excluded.now_b")

// partings lets the pairs follow the merges of the change, then writes those that
// people decided about.
func (w *writing) partings() error {
	if err := w.followMerges(); err != nil {
		return err
	}
	last := map[correlate.Pair]int{}
	for i, p := range w.c.Partings {
		last[p.Pair] = i
	}
	var rows []store.Parting
	for i, p := range w.c.Partings {
		if last[p.Pair] != i {
			continue
		}
		if !p.Ended {
			rows = append(rows, p)
		} else if _, err := w.exec("DELETE FROM parting WHERE ws = ? AND a = ? AND b = ?", w.ws, int64(p.A), int64(p.B)); err != nil {
			return err
		}
	}
	return w.insert(intoParting, len(rows), func(i int, args []any) []any {
		p := &rows[i]
		return append(args, w.ws, int64(p.A), int64(p.B), int64(p.NowA), int64(p.NowB))
	})
}

// followMerges carries the pairs of incidents that were merged away over to what
// they were merged into. Most merges concern none.
func (w *writing) followMerges() error {
	into := map[int64]int64{}
	var away []int64
	for _, i := range w.p.heads {
		if h := &w.c.Incidents[i]; h.Status == incident.Redirected {
			into[int64(h.ID)] = int64(h.RedirectTo)
			away = append(away, int64(h.ID))
		}
	}
	for _, side := range []string{"now_a", "now_b"} {
		var hit []int64
		err := inLists(away, func(marks string, args []any) error {
			return each(w.ctx, w.tx, func(r Rows) error {
				var id int64
				err := r.Scan(&id)
				hit = append(hit, id)
				return err
			}, "SELECT DISTINCT "+side+" FROM parting WHERE ws = ? AND "+side+" IN "+marks, append([]any{w.ws}, args...)...)
		})
		if err != nil {
			return err
		}
		for _, id := range hit {
			to := id
			for into[to] != 0 {
				to = into[to]
			}
			if _, err := w.exec("UPDATE parting SET "+side+" = ? WHERE ws = ? AND "+side+" = ?", to, w.ws, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Partings implements store.Controls.
func (s *Store) Partings(ctx context.Context, workspace string, id correlate.IncidentID) ([]store.Parting, error) {
	out := []store.Parting{}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return out, err
	}
	f := &filter{}
	f.add("ws = ?", ws)
	if id != 0 {
		f.add("(now_a = ? OR now_b = ?)", int64(id), int64(id))
	}
	err = each(ctx, s.db, func(r Rows) error {
		var p store.Parting
		err := r.Scan(&p.A, &p.B, &p.NowA, &p.NowB)
		out = append(out, p)
		return err
	}, "SELECT a, b, now_a, now_b FROM parting"+f.where()+" ORDER BY a, b", f.args...)
	if err != nil {
		return nil, fmt.Errorf("listing what people parted: %w", err)
	}
	return out, nil
}
