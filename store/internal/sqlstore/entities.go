package sqlstore

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

// standing gives the key of an entity, after redirects.
func (s *Store) standing(ctx context.Context, ws int64, id entity.ID) (int64, error) {
	k := key(ws, int64(id))
	var to int64
	err := each(ctx, s.db, func(r Rows) error { return r.Scan(&to) }, "SELECT redirect_to FROM entity WHERE key = ?", k)
	if to != 0 {
		k = to
	}
	return k, err
}

const entityColumns = "e.key, e.kind, e.label, e.critical, e.redirect_to, e.first_seen, e.last_seen"

func scanEntity(r Rows) (store.Entity, error) {
	var e store.Entity
	var k, critical, redirect, first, last int64
	err := r.Scan(&k, &e.Kind, &e.Label, &critical, &redirect, &first, &last)
	e.ID, e.RedirectTo, e.Critical = entity.ID(number(k)), entity.ID(number(redirect)), critical != 0
	e.FirstSeen, e.LastSeen = moment(first), moment(last)
	return e, err
}

// readEntities reads entities and counts what mentions them.
func (s *Store) readEntities(ctx context.Context, ws int64, tail string, args ...any) ([]store.Entity, error) {
	out := []store.Entity{}
	err := each(ctx, s.db, func(r Rows) error {
		e, err := scanEntity(r)
		out = append(out, e)
		return err
	}, "SELECT "+entityColumns+" FROM entity e"+tail, args...)
	if err != nil {
		return nil, err
	}
	return out, s.countMentions(ctx, ws, out)
}

func (s *Store) countMentions(ctx context.Context, ws int64, entities []store.Entity) error {
	at := map[int64]*store.Entity{}
	keys := make([]int64, len(entities))
	for i := range entities {
		keys[i] = key(ws, int64(entities[i].ID))
		at[keys[i]] = &entities[i]
	}
	count := func(query string, field func(*store.Entity) *int) error {
		return inLists(keys, func(marks string, args []any) error {
			return each(ctx, s.db, func(r Rows) error {
				var k int64
				var n int
				err := r.Scan(&k, &n)
				if err == nil {
					*field(at[k]) = n
				}
				return err
			}, fmt.Sprintf(query, marks), args...)
		})
	}
	if err := count("SELECT entity, COUNT(DISTINCT alert) FROM alert_entity WHERE entity IN %s GROUP BY entity", func(e *store.Entity) *int { return &e.Alerts }); err != nil {
		return err
	}
	return count("SELECT entity, COUNT(*) FROM incident_entity WHERE entity IN %s GROUP BY entity", func(e *store.Entity) *int { return &e.Incidents })
}

// Entities implements store.Cases. Identifiers are left out.
func (s *Store) Entities(ctx context.Context, q store.EntityQuery) (store.Page[store.Entity], error) {
	none := store.Page[store.Entity]{Items: []store.Entity{}}
	shape := q
	shape.Paging = store.Paging{}
	cur := cursorsOf("entities", shape)
	at, err := cur.numbered(q.Cursor, 2)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, q.Workspace)
	if err != nil || !ok {
		return none, err
	}
	f := &filter{}
	f.add("e.ws = ? AND e.redirect_to = 0", ws)
	f.anyOf("e.kind", kindNames(q.Kinds))
	f.words(s.dialect, "e.search", q.Search)
	if at != nil {
		f.add("(e.last_seen, e.key) < (?, ?)", at.numbers[0], at.numbers[1])
	}
	limit := pageSize(q.Paging)
	items, err := s.readEntities(ctx, ws, fmt.Sprintf("%s ORDER BY e.last_seen DESC, e.key DESC LIMIT %d", f.where(), limit+1), f.args...)
	if err != nil {
		return none, fmt.Errorf("listing entities: %w", err)
	}
	return page(items, limit, cur, func(e store.Entity) position {
		return position{numbers: []int64{micros(e.LastSeen), key(ws, int64(e.ID))}}
	}), nil
}

func kindNames(kinds []entity.Kind) []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = string(k)
	}
	return out
}

// Entity implements store.Cases.
func (s *Store) Entity(ctx context.Context, workspace string, id entity.ID) (store.Entity, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return store.Entity{}, orNotFound(err, "entity", id)
	}
	k, err := s.standing(ctx, ws, id)
	if err != nil {
		return store.Entity{}, err
	}
	all, err := s.EntitiesByID(ctx, workspace, []entity.ID{entity.ID(number(k))})
	if err != nil || len(all) == 0 {
		return store.Entity{}, orNotFound(err, "entity", id)
	}
	return all[0], nil
}

// EntitiesByID implements store.Cases. Redirected entities are given as they are.
func (s *Store) EntitiesByID(ctx context.Context, workspace string, ids []entity.ID) ([]store.Entity, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return nil, err
	}
	keys := make([]int64, 0, len(ids))
	seen := map[entity.ID]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			keys = append(keys, key(ws, int64(id)))
		}
	}
	var out []store.Entity
	err = inLists(keys, func(marks string, args []any) error {
		some, err := s.readEntities(ctx, ws, " WHERE e.key IN "+marks, args...)
		if err != nil {
			return err
		}
		out = append(out, some...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading entities: %w", err)
	}
	return out, s.identifiers(ctx, ws, keys, out)
}

func (s *Store) identifiers(ctx context.Context, ws int64, keys []int64, entities []store.Entity) error {
	at := map[int64]*store.Entity{}
	for i := range entities {
		at[key(ws, int64(entities[i].ID))] = &entities[i]
	}
	return inLists(keys, func(marks string, args []any) error {
		return each(ctx, s.db, func(r Rows) error {
			var k, when int64
			var l store.LearntIdentifier
			if err := r.Scan(&k, &l.Kind, &l.Type, &l.Scope, &l.Value, &l.Alert, &l.Inventory, &when); err != nil {
				return err
			}
			l.At = moment(when)
			if e := at[k]; e != nil {
				e.Identifiers = append(e.Identifiers, l)
			}
			return nil
		}, "SELECT entity, kind, type, scope, value, alert, inventory, at FROM entity_identifier WHERE entity IN "+marks+" ORDER BY entity, at, kind, type, scope, value", args...)
	})
}

// IncidentEntities implements store.Cases: impacted ones first, then those that
// most alerts mention, then by id.
func (s *Store) IncidentEntities(ctx context.Context, workspace string, id correlate.IncidentID, kinds []entity.Kind, p store.Paging) (store.Page[store.IncidentEntity], error) {
	none := store.Page[store.IncidentEntity]{Items: []store.IncidentEntity{}}
	cur := cursorsOf("incident entities", []any{workspace, id, kinds})
	at, err := cur.numbered(p.Cursor, 3)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return none, err
	}
	f := &filter{}
	f.add("i.incident = ?", key(ws, int64(id)))
	f.anyOf("i.kind", kindNames(kinds))
	if at != nil {
		f.add("(-i.impacted, -i.alerts, i.entity) > (?, ?, ?)", at.numbers[0], at.numbers[1], at.numbers[2])
	}
	limit := pageSize(p)
	items := []store.IncidentEntity{}
	err = each(ctx, s.db, func(r Rows) error {
		e, err := scanInvolved(r)
		items = append(items, e)
		return err
	}, fmt.Sprintf(`SELECT i.incident, i.entity, i.kind, COALESCE(e.label, ''), i.impacted, i.verdict, i.roles, i.alerts, i.first, i.last
		FROM incident_entity i LEFT JOIN entity e ON e.key = i.entity%s ORDER BY -i.impacted, -i.alerts, i.entity LIMIT %d`, f.where(), limit+1), f.args...)
	if err != nil {
		return none, fmt.Errorf("listing the entities of incident %d: %w", id, err)
	}
	return page(items, limit, cur, func(e store.IncidentEntity) position {
		return position{numbers: []int64{-flag(e.Impacted), int64(-e.Alerts), key(ws, int64(e.Entity))}}
	}), nil
}

// IncidentsMentioning implements store.Cases.
func (s *Store) IncidentsMentioning(ctx context.Context, workspace string, id entity.ID, limit int) ([]correlate.IncidentID, error) {
	out := []correlate.IncidentID{}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return out, err
	}
	e, err := s.standing(ctx, ws, id)
	if err != nil {
		return out, err
	}
	err = each(ctx, s.db, func(r Rows) error {
		var k int64
		err := r.Scan(&k)
		out = append(out, correlate.IncidentID(number(k)))
		return err
	}, fmt.Sprintf("SELECT incident FROM incident_entity WHERE entity = ? ORDER BY incident DESC LIMIT %d", max(limit, 0)), e)
	if err != nil {
		return nil, fmt.Errorf("listing the incidents of entity %d: %w", id, err)
	}
	return out, nil
}

func scanInvolved(r Rows) (store.IncidentEntity, error) {
	var e store.IncidentEntity
	var in, id, impacted, verdict, roles, first, last int64
	err := r.Scan(&in, &id, &e.Kind, &e.Label, &impacted, &verdict, &roles, &e.Alerts, &first, &last)
	e.Incident, e.Entity, e.Impacted = correlate.IncidentID(number(in)), entity.ID(number(id)), impacted != 0
	e.Verdict, e.Roles, e.First, e.Last = verdictOf(verdict), rolesOf(roles), moment(first), moment(last)
	return e, err
}

const mentionColumns = "a.id, m.entity, m.kind, m.impacted, m.verdict, m.roles, m.evidence"

func readMentions(ctx context.Context, q Querier, tail string, args ...any) ([]store.AlertEntity, error) {
	out := []store.AlertEntity{}
	err := each(ctx, q, func(r Rows) error {
		var m store.AlertEntity
		var id, impacted int64
		var roles string
		err := r.Scan(&m.Alert, &id, &m.Kind, &impacted, &m.Verdict, &roles, &m.Evidence)
		m.Entity, m.Impacted, m.Roles = entity.ID(number(id)), impacted != 0, unlist(roles)
		out = append(out, m)
		return err
	}, "SELECT "+mentionColumns+" FROM alert a JOIN alert_entity m ON m.alert = a.key"+tail, args...)
	return out, err
}

// IncidentAlertEntities implements store.Cases.
func (s *Store) IncidentAlertEntities(ctx context.Context, workspace string, id correlate.IncidentID, limit int) ([]store.AlertEntity, bool, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok || limit <= 0 {
		return []store.AlertEntity{}, false, err
	}
	out, err := readMentions(ctx, s.db, fmt.Sprintf(" WHERE a.incident = ? ORDER BY a.first_activity, a.seq, m.evidence, m.entity LIMIT %d", limit+1), key(ws, int64(id)))
	if err != nil {
		return nil, false, fmt.Errorf("listing what the alerts of incident %d mention: %w", id, err)
	}
	return out[:min(len(out), limit)], len(out) > limit, nil
}

// AlertEntities implements store.Cases: by log position of the alert, then in the
// order of its evidence.
func (s *Store) AlertEntities(ctx context.Context, workspace string, alerts []string) ([]store.AlertEntity, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return nil, err
	}
	out := []store.AlertEntity{}
	err = inLists(hashes(alerts), func(marks string, args []any) error {
		some, err := readMentions(ctx, s.db, " WHERE a.ws = ? AND a.id_hash IN "+marks+" ORDER BY a.seq, m.evidence, m.entity", append([]any{ws}, args...)...)
		out = append(out, some...)
		return err
	})
	return out, err
}
