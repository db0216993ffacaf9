package sqlstore

import (
	"fmt"
	"strings"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

// maxSearch bounds the searchable text of an entity, in characters.
const maxSearch = 16 << 10

func intoEntity(d Dialect) *insertion {
	return newInsertion("entity (key, ws, kind, label, critical, redirect_to, first_seen, last_seen, search)", fmt.Sprintf(
		`ON CONFLICT (key) DO UPDATE SET
		kind = CASE WHEN excluded.kind = '' THEN entity.kind ELSE excluded.kind END,
		label = CASE WHEN excluded.label = '' THEN entity.label ELSE excluded.label END,
		critical = excluded.critical,
		redirect_to = CASE WHEN excluded.redirect_to = 0 THEN entity.redirect_to ELSE excluded.redirect_to END,
		first_seen = CASE WHEN entity.first_seen = %[1]d OR (excluded.first_seen <> %[1]d AND excluded.first_seen < entity.first_seen)
			THEN excluded.first_seen ELSE entity.first_seen END,
		last_seen = CASE WHEN excluded.last_seen > entity.last_seen THEN excluded.last_seen ELSE entity.last_seen END,
		search = CASE WHEN length(entity.search) > %[2]d OR %[3]s(entity.search, excluded.search) > 0 THEN entity.search
			ELSE entity.search || excluded.search END`, noTime, maxSearch, d.Contains))
}

var (
	intoIdentifier = newInsertion("entity_identifier (entity, hash, kind, type, scope, value, alert, inventory, at)", "ON CONFLICT DO NOTHING")
	intoMention    = newInsertion("alert_entity (alert, entity, evidence, kind, impacted, verdict, roles)", "")
	intoInvolved   = newInsertion("incident_entity (incident, entity, kind, impacted, verdict, roles, alerts, first, last)",
		fmt.Sprintf(`ON CONFLICT (incident, entity) DO UPDATE SET
		impacted = incident_entity.impacted | excluded.impacted,
		verdict = CASE WHEN excluded.verdict > incident_entity.verdict THEN excluded.verdict ELSE incident_entity.verdict END,
		roles = incident_entity.roles | excluded.roles,
		alerts = incident_entity.alerts + excluded.alerts,
		first = CASE WHEN incident_entity.first = %[1]d OR (excluded.first <> %[1]d AND excluded.first < incident_entity.first)
			THEN excluded.first ELSE incident_entity.first END,
		last = CASE WHEN excluded.last > incident_entity.last THEN excluded.last ELSE incident_entity.last END`, noTime))
)

func (w *writing) entities() error {
	rows := combineEntities(w.c.Entities)
	for _, e := range rows {
		if err := checkNumber("entity", int64(e.ID)); err != nil {
			return err
		}
	}
	err := w.insert(w.dialect.entity, len(rows), func(i int, args []any) []any {
		e := &rows[i]
		redirect := int64(0)
		if e.RedirectTo != 0 {
			redirect = key(w.ws, int64(e.RedirectTo))
		}
		return append(args, key(w.ws, int64(e.ID)), w.ws, clean(string(e.Kind)), clean(e.Label), flag(e.Critical), redirect,
			micros(e.FirstSeen), micros(e.LastSeen), searchOf(e))
	})
	if err != nil {
		return err
	}
	type learnt struct {
		entity int64
		store.LearntIdentifier
	}
	var all []learnt
	for _, e := range rows {
		for _, l := range e.Identifiers {
			all = append(all, learnt{key(w.ws, int64(e.ID)), l})
		}
	}
	return w.insert(intoIdentifier, len(all), func(i int, args []any) []any {
		l := &all[i]
		kind, typ, scope, value := clean(string(l.Kind)), clean(l.Type), clean(l.Scope), clean(l.Value)
		return append(args, l.entity, hash(kind, typ, scope, value), kind, typ, scope, value, clean(l.Alert), clean(l.Inventory), micros(l.At))
	})
}

// combineEntities makes one row of several for the same entity.
func combineEntities(in []store.Entity) []store.Entity {
	at := map[entity.ID]int{}
	out := make([]store.Entity, 0, len(in))
	for _, e := range in {
		n, ok := at[e.ID]
		if !ok {
			at[e.ID] = len(out)
			e.Identifiers = e.Identifiers[:len(e.Identifiers):len(e.Identifiers)]
			out = append(out, e)
			continue
		}
		have := &out[n]
		have.Critical = e.Critical
		have.Identifiers = append(have.Identifiers, e.Identifiers...)
		if e.Kind != "" {
			have.Kind = e.Kind
		}
		if e.Label != "" {
			have.Label = e.Label
		}
		if e.RedirectTo != 0 {
			have.RedirectTo = e.RedirectTo
		}
		if have.FirstSeen.IsZero() || !e.FirstSeen.IsZero() && e.FirstSeen.Before(have.FirstSeen) {
			have.FirstSeen = e.FirstSeen
		}
		if e.LastSeen.After(have.LastSeen) {
			have.LastSeen = e.LastSeen
		}
	}
	return out
}

func searchOf(e *store.Entity) string {
	var b strings.Builder
	line := func(s string) {
		if s != "" && b.Len() < maxSearch {
			b.WriteString(folded(s))
			b.WriteByte('\n')
		}
	}
	line(e.Label)
	for _, l := range e.Identifiers {
		line(l.Value)
	}
	return b.String()
}

// joins makes one entity of two. What From had goes to Into; where both had a
// row, the rows are combined.
func (w *writing) joins() error {
	for _, j := range w.c.Joins {
		if j.From == j.Into {
			continue
		}
		if err := w.join(key(w.ws, int64(j.From)), key(w.ws, int64(j.Into))); err != nil {
			return fmt.Errorf("joining entity %d into %d: %w", j.From, j.Into, err)
		}
	}
	return nil
}

// joining are the steps that make one entity of two, with the keys that they take
// in order. The statements are the same for all joins, so that they stay prepared.
func joining(d Dialect) []joinStep {
	const given = "CAST(? AS BIGINT)"
	return []joinStep{
		// The alerts that mention both count once: take them off before the rows are added up.
		{`UPDATE incident_entity SET alerts = alerts - (SELECT COUNT(DISTINCT f.alert) FROM alert_entity f
			JOIN alert_entity i ON i.alert = f.alert AND i.entity = ? JOIN alert a ON a.key = f.alert
			WHERE f.entity = ? AND a.incident = incident_entity.incident) WHERE entity = ?`, "iff"},
		{`INSERT INTO incident_entity (incident, entity, kind, impacted, verdict, roles, alerts, first, last)
			SELECT incident, ` + given + `, kind, impacted, verdict, roles, alerts, first, last FROM incident_entity WHERE entity = ? ` +
			strings.TrimLeft(intoInvolved.tail, " "), "if"},
		{"DELETE FROM incident_entity WHERE entity = ?", "f"},
		{`INSERT INTO alert_entity (alert, entity, evidence, kind, impacted, verdict, roles)
			SELECT alert, ` + given + `, evidence, kind, impacted, verdict, roles FROM alert_entity WHERE entity = ? ON CONFLICT DO NOTHING`, "if"},
		{"DELETE FROM alert_entity WHERE entity = ?", "f"},
		{`INSERT INTO entity_identifier (entity, hash, kind, type, scope, value, alert, inventory, at)
			SELECT ` + given + `, hash, kind, type, scope, value, alert, inventory, at FROM entity_identifier WHERE entity = ? ON CONFLICT DO NOTHING`, "if"},
		{"DELETE FROM entity_identifier WHERE entity = ?", "f"},
		{`INSERT INTO entity (key, ws, kind, label, critical, redirect_to, first_seen, last_seen, search)
			SELECT ` + given + `, ws, kind, '', CASE WHEN critical > (SELECT COALESCE(MAX(critical), 0) FROM entity WHERE key = ?) THEN critical
				ELSE (SELECT COALESCE(MAX(critical), 0) FROM entity WHERE key = ?) END, 0, first_seen, last_seen, search
			FROM entity WHERE key = ? ` + d.entity.tail, "iiif"},
		{"UPDATE entity_conflict SET entity = ? WHERE entity = ?", "if"},
		{"UPDATE entity_conflict SET other = ? WHERE other = ?", "if"},
		{"UPDATE entity SET redirect_to = ? WHERE key = ?", "if"},
		{"UPDATE entity SET redirect_to = ? WHERE redirect_to = ? AND redirect_to <> 0", "if"},
	}
}

// joinStep is a statement and which keys it takes: f the entity that goes, i the
// one that it goes into.
type joinStep struct{ query, takes string }

func (w *writing) join(from, into int64) error {
	for _, s := range w.dialect.joining {
		args := make([]any, len(s.takes))
		for n, key := range s.takes {
			args[n] = from
			if key == 'i' {
				args[n] = into
			}
		}
		if _, err := w.exec(s.query, args...); err != nil {
			return err
		}
	}
	return nil
}

// joined follows the joins of this change: rows that were planned before one of
// them still name the entity that is gone.
func (w *writing) joined(id entity.ID) entity.ID {
	for _, j := range w.c.Joins {
		if j.From == id {
			id = j.Into
		}
	}
	return id
}

type mentionKey struct {
	alert, entity int64
	evidence      int
}

func (w *writing) alertEntities() error {
	if err := w.forgetReplaced(); err != nil {
		return err
	}
	ids := make([]string, len(w.c.AlertEntities))
	for i, m := range w.c.AlertEntities {
		ids[i] = m.Alert
	}
	if err := w.lookUp(ids); err != nil {
		return err
	}
	at := map[mentionKey]bool{}
	rows := make([]store.AlertEntity, 0, len(w.c.AlertEntities))
	keys := make([]mentionKey, 0, len(w.c.AlertEntities))
	for _, m := range w.c.AlertEntities {
		alert, ok := w.keys[clean(m.Alert)]
		if !ok {
			return fmt.Errorf("alert %q: %w", m.Alert, store.ErrNotFound)
		}
		k := mentionKey{alert, key(w.ws, int64(w.joined(m.Entity))), m.Evidence}
		if !at[k] {
			at[k] = true
			keys, rows = append(keys, k), append(rows, m)
		}
	}
	return w.insert(intoMention, len(rows), func(i int, args []any) []any {
		m, k := &rows[i], keys[i]
		return append(args, k.alert, k.entity, int64(k.evidence), clean(string(m.Kind)), flag(m.Impacted), clean(m.Verdict), list(m.Roles))
	})
}

func (w *writing) forgetReplaced() error {
	var replaced []int64
	for i := range w.c.Alerts {
		if a := &w.c.Alerts[i]; a.Replaces > 0 && a.Replaces <= w.c.PrevSeq {
			replaced = append(replaced, w.keys[clean(a.ID)])
		}
	}
	if err := w.lookUp(w.c.Remention); err != nil {
		return err
	}
	for _, id := range w.c.Remention {
		k, ok := w.keys[clean(id)]
		if !ok {
			return fmt.Errorf("alert %q: %w", id, store.ErrNotFound)
		}
		replaced = append(replaced, k)
	}
	return inLists(replaced, func(marks string, args []any) error {
		_, err := w.exec("DELETE FROM alert_entity WHERE alert IN "+marks, args...)
		return err
	})
}

func (w *writing) resetEntities() error {
	keys := make([]int64, len(w.c.ResetEntities))
	for i, id := range w.c.ResetEntities {
		keys[i] = key(w.ws, int64(id))
	}
	return inLists(keys, func(marks string, args []any) error {
		_, err := w.exec("DELETE FROM incident_entity WHERE incident IN "+marks, args...)
		return err
	})
}

type involvedKey struct{ incident, entity int64 }

// involvedRow is a difference in the form in which it is added.
type involvedRow struct {
	key                                           involvedKey
	kind                                          entity.Kind
	impacted, verdict, roles, alerts, first, last int64
}

func (w *writing) incidentEntities() error {
	rows, shrunk := w.sumInvolved()
	err := w.insert(intoInvolved, len(rows), func(i int, args []any) []any {
		r := &rows[i]
		return append(args, r.key.incident, r.key.entity, clean(string(r.kind)), r.impacted, r.verdict, r.roles, r.alerts, r.first, r.last)
	})
	if err != nil {
		return err
	}
	return inLists(shrunk, func(marks string, args []any) error {
		_, err := w.exec("DELETE FROM incident_entity WHERE alerts <= 0 AND incident IN "+marks, args...)
		return err
	})
}

// sumInvolved adds up the differences for the same row, and lists the incidents
// in which a row may have reached 0.
func (w *writing) sumInvolved() (rows []involvedRow, shrunk []int64) {
	at, listed := map[involvedKey]int{}, map[int64]bool{}
	for _, d := range w.c.IncidentEntities {
		r := involvedRow{
			key:  involvedKey{key(w.ws, int64(d.Incident)), key(w.ws, int64(w.joined(d.Entity)))},
			kind: d.Kind, impacted: flag(d.Impacted), verdict: verdictRank(d.Verdict), roles: roleBits(d.Roles),
			alerts: int64(d.Alerts), first: micros(d.First), last: micros(d.Last),
		}
		if d.Alerts <= 0 && !listed[r.key.incident] {
			listed[r.key.incident] = true
			shrunk = append(shrunk, r.key.incident)
		}
		n, ok := at[r.key]
		if !ok {
			at[r.key] = len(rows)
			rows = append(rows, r)
			continue
		}
		have := &rows[n]
		have.impacted |= r.impacted
		have.verdict = max(have.verdict, r.verdict)
		have.roles |= r.roles
		have.alerts += r.alerts
		if have.first == noTime || r.first != noTime && r.first < have.first {
			have.first = r.first
		}
		have.last = max(have.last, r.last)
	}
	return rows, shrunk
}
