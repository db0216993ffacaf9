package sqlstore

import (
	"fmt"
	"maps"
	"slices"

	"github.com/clew-sec/clew/store"
)

var (
	intoLog   = newInsertion("alert_log (key, alert, source, received, normal, raw, record)", "")
	intoAlert = newInsertion(`alert (key, ws, id, id_hash, seq, replaces, source, received, updated, incident, severity, severity_rank, status,
		classification, determination, owner, category, tactics, techniques, product, service_source, detection_source, rule,
		first_activity, last_activity, title, search, link)`,
		`ON CONFLICT (key) DO UPDATE SET seq = excluded.seq, replaces = excluded.replaces, source = excluded.source,
		received = excluded.received, updated = excluded.updated, incident = excluded.incident, severity = excluded.severity,
		severity_rank = excluded.severity_rank, status = excluded.status, classification = excluded.classification,
		determination = excluded.determination, owner = excluded.owner, category = excluded.category, tactics = excluded.tactics,
		techniques = excluded.techniques, product = excluded.product, service_source = excluded.service_source,
		detection_source = excluded.detection_source, rule = excluded.rule, first_activity = excluded.first_activity,
		last_activity = excluded.last_activity, title = excluded.title, search = excluded.search, link = excluded.link`)
	intoHour = newInsertion("alert_hour (ws, hour, alerts)", "ON CONFLICT (ws, hour) DO UPDATE SET alerts = alert_hour.alerts + excluded.alerts")
)

const microsPerHour = 3600 * 1_000_000

func (w *writing) alerts() error {
	held, err := w.held()
	if err != nil {
		return err
	}
	replaced := slices.Collect(maps.Values(w.keys))
	rows, err := w.latest(held)
	if err != nil {
		return err
	}
	if err := w.regroup(replaced, rows); err != nil {
		return err
	}
	w.tallyAlerts(rows)
	err = w.insert(intoLog, len(w.c.Alerts), func(i int, args []any) []any {
		a := &w.c.Alerts[i]
		came := a.Received
		if a.Replaces > 0 {
			came = a.Updated
		}
		return append(args, key(w.ws, a.Seq), clean(a.ID), clean(a.Source), micros(came), w.p.normals[i], w.p.raws[i], a.Record)
	})
	if err != nil {
		return err
	}
	if err := w.insert(intoAlert, len(rows), func(i int, args []any) []any { return w.alertRow(rows[i], args) }); err != nil {
		return err
	}
	return w.hours()
}

// latest gives the index of the last version of each alert of the change, and
// enters their keys. The key of a new alert is the position of its first version.
func (w *writing) latest(held map[string]int64) ([]int, error) {
	last := map[string]int{}
	for i := range w.c.Alerts {
		a := &w.c.Alerts[i]
		id := clean(a.ID)
		if a.Seq <= w.c.PrevSeq || a.Seq > w.c.Seq {
			return nil, fmt.Errorf("alert %q has position %d, outside of the change", a.ID, a.Seq)
		}
		if held[id] != a.Replaces {
			return nil, fmt.Errorf("alert %q replaces version %d, held is %d: %w", a.ID, a.Replaces, held[id], store.ErrConflict)
		}
		if a.Replaces == 0 {
			w.keys[id] = key(w.ws, a.Seq)
		}
		held[id] = a.Seq
		last[id] = i
	}
	rows := make([]int, 0, len(last))
	for _, i := range last {
		rows = append(rows, i)
	}
	slices.Sort(rows)
	return rows, nil
}

// held looks up which versions of the change's alerts are held already. It asks
// only for those that are to be replaced: a new alert whose id is taken fails on
// the index of the ids.
func (w *writing) held() (map[string]int64, error) {
	ids := make([]string, 0, len(w.c.Alerts))
	for i := range w.c.Alerts {
		if a := &w.c.Alerts[i]; a.Replaces != 0 {
			ids = append(ids, a.ID)
		}
	}
	held := map[string]int64{}
	err := inLists(hashes(ids), func(marks string, args []any) error {
		return each(w.ctx, w.tx, func(r Rows) error {
			var id, rule string
			var k, seq, incident, stamp int64
			if err := r.Scan(&id, &k, &seq, &rule, &incident, &stamp); err != nil {
				return err
			}
			if w.keys[id], held[id] = k, seq; stamp != 0 {
				w.rules.stamps[id] = stamp
			}
			w.rules.count(rule, incident, stamp, -1)
			return nil
		}, `SELECT a.id, a.key, a.seq, a.rule, a.incident, COALESCE(x.stamp, 0) FROM alert a LEFT JOIN alert_stamp x ON x.key = a.key
			WHERE a.ws = ? AND a.id_hash IN `+marks, append([]any{w.ws}, args...)...)
	})
	return held, err
}

func (w *writing) alertRow(i int, args []any) []any {
	a := &w.c.Alerts[i]
	return append(args, w.keys[clean(a.ID)], w.ws, clean(a.ID), hash(clean(a.ID)), a.Seq, a.Replaces, clean(a.Source), micros(a.Received), micros(a.Updated),
		key(w.ws, int64(a.Incident)), clean(a.Severity), int64(severityRank(a.Severity)), clean(a.Status), clean(a.Classification),
		clean(a.Determination), clean(a.Owner), clean(a.Category), list(a.Tactics), list(a.Techniques), clean(a.Product),
		clean(a.ServiceSource), clean(a.DetectionSource), clean(a.Rule), micros(a.FirstActivity), micros(a.LastActivity),
		clean(a.Title), folded(a.Title+"\n"+a.ID), w.p.links[i])
}

func (w *writing) hours() error {
	counts := map[int64]int64{}
	var hours []int64
	for i := range w.c.Alerts {
		if a := &w.c.Alerts[i]; a.Replaces == 0 {
			h := floorDiv(micros(a.Received), microsPerHour)
			if counts[h] == 0 {
				hours = append(hours, h)
			}
			counts[h]++
		}
	}
	return w.insert(intoHour, len(hours), func(i int, args []any) []any { return append(args, w.ws, hours[i], counts[hours[i]]) })
}

func floorDiv(a, b int64) int64 {
	if a < 0 && a%b != 0 {
		return a/b - 1
	}
	return a / b
}

// moves writes the moves in order; runs of moves that only change the incident
// go together.
func (w *writing) moves() error {
	all := w.c.Moves
	for len(all) > 0 {
		n := 1
		for all[0].Link == nil && n < len(all) && all[n].Link == nil && all[n].To == all[0].To {
			n++
		}
		if err := w.moveTo(all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func (w *writing) moveTo(run []store.AlertMove) error {
	to := key(w.ws, int64(run[0].To))
	ids := make([]string, len(run))
	for i, m := range run {
		ids[i] = m.ID
	}
	all := hashes(ids)
	if err := w.tallyMoves(to, all); err != nil {
		return err
	}
	if link := run[0].Link; link != nil {
		doc, err := text(link)
		if err != nil {
			return err
		}
		n, err := w.exec("UPDATE alert SET incident = ?, link = ? WHERE ws = ? AND id_hash = ?", to, doc, w.ws, hash(clean(run[0].ID)))
		return missing(err, n, 1, "alert", run[0].ID)
	}
	var moved int64
	err := inLists(all, func(marks string, args []any) error {
		n, err := w.exec("UPDATE alert SET incident = ? WHERE ws = ? AND id_hash IN "+marks, append([]any{to, w.ws}, args...)...)
		moved += n
		return err
	})
	return missing(err, moved, int64(len(all)), "alert", run[0].ID)
}

func missing(err error, got, want int64, what string, id any) error {
	if err == nil && got != want {
		return fmt.Errorf("%s %v: %w", what, id, store.ErrNotFound)
	}
	return err
}

func (w *writing) alertEdits() error {
	const set = `UPDATE alert SET status = COALESCE(?, status), classification = COALESCE(?, classification),
		determination = COALESCE(?, determination), owner = COALESCE(?, owner) WHERE `
	for i := range w.c.AlertEdits {
		e := &w.c.AlertEdits[i]
		args := []any{optional(e.Status), optional(e.Classification), optional(e.Determination), optional(e.Owner)}
		if e.ID == "" {
			const open = "incident = ? AND status <> 'resolved'"
			if err := w.regroupEdited(e, open, key(w.ws, int64(e.Incident))); err != nil {
				return err
			}
			if _, err := w.exec(set+open, append(args, key(w.ws, int64(e.Incident)))...); err != nil {
				return err
			}
			continue
		}
		if err := w.regroupEdited(e, "ws = ? AND id_hash = ?", w.ws, hash(clean(e.ID))); err != nil {
			return err
		}
		n, err := w.exec(set+"ws = ? AND id_hash = ?", append(args, w.ws, hash(clean(e.ID)))...)
		if err := missing(err, n, 1, "alert", e.ID); err != nil {
			return err
		}
	}
	return nil
}

func optional(s *string) any {
	if s == nil {
		return nil
	}
	return clean(*s)
}

// lookUp enters the keys of alerts that are not of this change.
func (w *writing) lookUp(ids []string) error {
	var unknown []string
	for _, id := range ids {
		if _, ok := w.keys[clean(id)]; !ok {
			unknown = append(unknown, id)
		}
	}
	return inLists(hashes(unknown), func(marks string, args []any) error {
		return each(w.ctx, w.tx, func(r Rows) error {
			var id string
			var k int64
			if err := r.Scan(&id, &k); err != nil {
				return err
			}
			w.keys[id] = k
			return nil
		}, "SELECT id, key FROM alert WHERE ws = ? AND id_hash IN "+marks, append([]any{w.ws}, args...)...)
	})
}
