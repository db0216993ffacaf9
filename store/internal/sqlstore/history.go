package sqlstore

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// Activities implements store.Cases. Without an incident it lists the log of the
// whole workspace, each entry where it happened. Entries that a merge copied are
// left out once that merge is undone, and an entry tells of a merge that can be
// undone only as long as it is not.
func (s *Store) Activities(ctx context.Context, q store.ActivityQuery) (store.Page[incident.Activity], error) {
	none := store.Page[incident.Activity]{Items: []incident.Activity{}}
	shape := q
	shape.Paging = store.Paging{}
	cur := cursorsOf("activities", shape)
	at, err := cur.numbered(q.Cursor, 1)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, q.Workspace)
	if err != nil || !ok {
		return none, err
	}
	limit := pageSize(q.Paging)
	f := s.activityFilter(ws, &q, at)
	items := []incident.Activity{}
	err = each(ctx, s.db, func(r Rows) error {
		a, err := scanActivity(r)
		items = append(items, a)
		return err
	}, fmt.Sprintf(`SELECT y.key, y.doc, COALESCE(m.undone_at, %d) FROM activity y
		LEFT JOIN incident_merge m ON m.ws = %d AND m.id = y.merge_id%s ORDER BY y.key DESC LIMIT %d`, int64(noTime), ws, f.where(), limit+1), f.args...)
	if err != nil {
		return none, fmt.Errorf("listing activities: %w", err)
	}
	return page(items, limit, cur, func(a incident.Activity) position { return position{numbers: []int64{key(ws, a.ID)}} }), nil
}

func (s *Store) activityFilter(ws int64, q *store.ActivityQuery, at *position) *filter {
	f := &filter{}
	if q.Incident != 0 {
		f.add("y.incident = ?", key(ws, int64(q.Incident)))
		f.add(fmt.Sprintf("(y.origin = 0 OR COALESCE(m.undone_at, %[1]d) = %[1]d)", int64(noTime)))
	} else {
		f.add("y.key > ? AND y.key < ? AND y.origin = 0", key(ws, 0), key(ws+1, 0))
	}
	f.anyOf("y.kind", q.Kinds)
	f.anyOf("y.actor_kind", q.Actors)
	f.words(s.dialect, "y.search", q.Search)
	if at != nil {
		f.add("y.key < ?", at.numbers[0])
	}
	return f
}

func scanActivity(r Rows) (incident.Activity, error) {
	var a incident.Activity
	var k, undone int64
	var doc string
	if err := r.Scan(&k, &doc, &undone); err != nil {
		return a, err
	}
	if err := decode([]byte(doc), &a); err != nil {
		return a, err
	}
	a.ID = number(k)
	a.Undoable = a.Undoable && undone == noTime
	return a, nil
}

// Merge implements store.Cases.
func (s *Store) Merge(ctx context.Context, workspace string, id int64) (incident.Merge, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return incident.Merge{}, orNotFound(err, "merge", id)
	}
	all, err := s.readMerges(ctx, "ws = ? AND id = ?", ws, id)
	if err != nil || len(all) == 0 {
		return incident.Merge{}, orNotFound(err, "merge", id)
	}
	return all[0], nil
}

// MergesInto implements store.Cases.
func (s *Store) MergesInto(ctx context.Context, workspace string, id correlate.IncidentID) ([]incident.Merge, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return []incident.Merge{}, err
	}
	return s.readMerges(ctx, "ws = ? AND target = ? ORDER BY at DESC, id DESC", ws, int64(id))
}

func (s *Store) readMerges(ctx context.Context, where string, args ...any) ([]incident.Merge, error) {
	out := []incident.Merge{}
	err := each(ctx, s.db, func(r Rows) error {
		var doc []byte
		if err := r.Scan(&doc); err != nil {
			return err
		}
		var m incident.Merge
		data, err := unpack(doc)
		if err == nil {
			err = decode(data, &m)
		}
		out = append(out, m)
		return err
	}, "SELECT doc FROM incident_merge WHERE "+where, args...)
	return out, err
}

// Rejects implements store.Cases, newest first.
func (s *Store) Rejects(ctx context.Context, workspace string, p store.Paging) (store.Page[store.Reject], error) {
	none := store.Page[store.Reject]{Items: []store.Reject{}}
	cur := cursorsOf("rejects", workspace)
	at, err := cur.numbered(p.Cursor, 1)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return none, err
	}
	before, limit := key(ws+1, 0), pageSize(p)
	if at != nil {
		before = key(ws, at.numbers[0])
	}
	items := []store.Reject{}
	err = each(ctx, s.db, func(r Rows) error {
		x, err := scanReject(r)
		items = append(items, x)
		return err
	}, fmt.Sprintf(`SELECT key, at, source, origin, record, field, reason, raw, raw_bytes FROM reject
		WHERE key > ? AND key < ? ORDER BY key DESC LIMIT %d`, limit+1), key(ws, 0), before)
	if err != nil {
		return none, fmt.Errorf("listing rejects: %w", err)
	}
	return page(items, limit, cur, func(x store.Reject) position { return position{numbers: []int64{x.ID}} }), nil
}

func scanReject(r Rows) (store.Reject, error) {
	var x store.Reject
	var k, at int64
	var raw []byte
	err := r.Scan(&k, &at, &x.Source, &x.Origin, &x.Record, &x.Field, &x.Reason, &raw, &x.RawBytes)
	if err != nil {
		return x, err
	}
	x.ID, x.At = number(k), moment(at)
	x.Raw, err = unpack(raw)
	return x, err
}

// Intake implements store.Cases.
func (s *Store) Intake(ctx context.Context, workspace string) (map[string]store.Intake, error) {
	out := map[string]store.Intake{}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return out, err
	}
	err = each(ctx, s.db, func(r Rows) error {
		var source string
		var n store.Intake
		var last int64
		err := r.Scan(&source, &n.Received, &n.New, &n.Updated, &n.Unchanged, &n.Rejected, &n.Folded, &last)
		n.Last = moment(last)
		out[source] = n
		return err
	}, "SELECT source, received, added, updated, unchanged, rejected, folded, last FROM intake WHERE ws = ?", ws)
	return out, err
}
