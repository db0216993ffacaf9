package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/queue"
)

// Incident implements store.Cases.
func (s *Store) Incident(ctx context.Context, workspace string, id correlate.IncidentID) (incident.Incident, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return incident.Incident{}, orNotFound(err, "incident", id)
	}
	var doc []byte
	if err := one(ctx, s.db, "SELECT doc FROM incident WHERE key = ?", []any{key(ws, int64(id))}, &doc); err != nil {
		return incident.Incident{}, fmt.Errorf("incident %d: %w", id, err)
	}
	return head(doc)
}

func head(doc []byte) (incident.Incident, error) {
	var i incident.Incident
	data, err := unpack(doc)
	if err == nil {
		err = decode(data, &i)
	}
	return i, err
}

// queueOf brings the queue of a workspace up to date.
func (s *Store) queueOf(ctx context.Context, ws int64) (*queue.Index, error) {
	s.mu.Lock()
	x := s.queues[ws]
	if x == nil {
		x = queue.New()
		s.queues[ws] = x
	}
	s.mu.Unlock()
	err := x.Refresh(func(rev int64) ([]queue.Row, error) {
		var rows []queue.Row
		err := each(ctx, s.db, func(r Rows) error {
			var row queue.Row
			var k, rev int64
			var facets string
			if err := r.Scan(&k, &rev, &facets); err != nil {
				return err
			}
			if err := decode([]byte(facets), &row); err != nil {
				return err
			}
			row.ID, row.Rev = number(k), rev
			rows = append(rows, row)
			return nil
		}, "SELECT key, rev, facets FROM incident WHERE ws = ? AND rev > ?", ws, rev)
		return rows, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the queue: %w", err)
	}
	return x, nil
}

// queueFilter translates a query. What the queue does not hold in memory, the
// search and the entities, is asked of the database.
func (s *Store) queueFilter(ctx context.Context, ws int64, q *store.IncidentQuery) (*queue.Filter, error) {
	f := &queue.Filter{
		Values: map[queue.Field][]string{
			queue.Status: q.Statuses, queue.Severity: q.Severities, queue.Owner: q.Owners, queue.Classification: q.Classifications,
			queue.Determination: q.Determinations, queue.Priority: q.Priorities, queue.Tag: q.Tags, queue.Tactic: q.Tactics,
			queue.Product: q.Products, queue.ServiceSource: q.ServiceSources, queue.DetectionSource: q.DetectionSources,
		},
		Redirected: slices.Contains(q.Statuses, string(incident.Redirected)),
		ActiveFrom: restriction(q.ActiveFrom), ActiveTo: restriction(q.ActiveTo),
		UpdatedFrom: restriction(q.UpdatedFrom), CreatedFrom: restriction(q.CreatedFrom),
	}
	for field, values := range f.Values {
		f.Values[field] = cleanAll(values)
	}
	if q.Entity != 0 {
		e, err := s.standing(ctx, ws, q.Entity)
		if err != nil {
			return nil, err
		}
		if f.Among, err = s.numbers(ctx, "incident", "incident_entity", "entity = ?", e); err != nil {
			return nil, fmt.Errorf("looking for incidents of entity %d: %w", q.Entity, err)
		}
	}
	if words := searchWords(q.Search); len(words) > 0 {
		found, err := s.search(ctx, ws, words)
		if err != nil {
			return nil, fmt.Errorf("searching incidents: %w", err)
		}
		if q.Entity != 0 {
			found = common(f.Among, found)
		}
		f.Among = found
	}
	return f, nil
}

func cleanAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = clean(v)
	}
	return out
}

func restriction(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return micros(t)
}

func common(a, b []int64) []int64 {
	in := make(map[int64]bool, len(a))
	for _, n := range a {
		in[n] = true
	}
	return slices.DeleteFunc(b, func(n int64) bool { return !in[n] })
}

// search gives the incidents that match every word: "#12" only by id, "12" by id
// or text, anything else by text.
func (s *Store) search(ctx context.Context, ws int64, words []string) ([]int64, error) {
	f := &filter{}
	f.add("key > ? AND key < ?", key(ws, 0)-1, key(ws+1, 0))
	for _, w := range words {
		digits, exact := strings.CutPrefix(w, "#")
		id, err := strconv.ParseInt(digits, 10, 64)
		isID := err == nil && checkNumber("", id) == nil
		switch {
		case isID && exact:
			f.add("key = ?", key(ws, id))
		case isID:
			f.add("(key = ? OR "+s.dialect.Contains+"(search, ?) > 0)", key(ws, id), w)
		default:
			f.add(s.dialect.Contains+"(search, ?) > 0", w)
		}
	}
	return s.numbers(ctx, "key", "incident_text", strings.Join(f.parts, " AND "), f.args...)
}

// numbers reads a column of keys in one row: a row for each would take longer
// than the search itself.
func (s *Store) numbers(ctx context.Context, column, table, where string, args ...any) ([]int64, error) {
	var joined *string
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s", fmt.Sprintf(s.dialect.Concat, column), table, where)
	if err := one(ctx, s.db, query, args, &joined); err != nil {
		return nil, err
	}
	out := []int64{}
	if joined == nil {
		return out, nil
	}
	for n := range strings.SplitSeq(*joined, ",") {
		k, err := strconv.ParseInt(n, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading keys: %w", err)
		}
		out = append(out, number(k))
	}
	return out, nil
}

// Incidents implements store.Cases.
func (s *Store) Incidents(ctx context.Context, q store.IncidentQuery) (store.Page[incident.Incident], error) {
	none := store.Page[incident.Incident]{Items: []incident.Incident{}}
	shape := q
	shape.Paging = store.Paging{}
	cur := cursorsOf("incidents", shape)
	at, err := cur.numbered(q.Cursor, 2)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, q.Workspace)
	if err != nil || !ok {
		return none, err
	}
	x, err := s.queueOf(ctx, ws)
	if err != nil {
		return none, err
	}
	f, err := s.queueFilter(ctx, ws, &q)
	if err != nil {
		return none, err
	}
	var after *queue.Key
	if at != nil {
		after = &queue.Key{Number: at.numbers[0], ID: at.numbers[1], Text: at.text}
	}
	limit := pageSize(q.Paging)
	keys := page(x.Select(f, queue.Order{By: string(q.Sort), Asc: q.Asc}, after, limit+1), limit, cur, func(k queue.Key) position {
		return position{numbers: []int64{k.Number, k.ID}, text: k.Text}
	})
	items, err := s.heads(ctx, ws, keys.Items)
	return store.Page[incident.Incident]{Items: items, Next: keys.Next}, err
}

// heads reads incidents in the given order.
func (s *Store) heads(ctx context.Context, ws int64, order []queue.Key) ([]incident.Incident, error) {
	at := make(map[int64]int, len(order))
	keys := make([]int64, len(order))
	for i, k := range order {
		at[key(ws, k.ID)], keys[i] = i, key(ws, k.ID)
	}
	out := make([]incident.Incident, len(order))
	err := inLists(keys, func(marks string, args []any) error {
		return each(ctx, s.db, func(r Rows) error {
			var k int64
			var doc []byte
			if err := r.Scan(&k, &doc); err != nil {
				return err
			}
			i, err := head(doc)
			out[at[k]] = i
			return err
		}, "SELECT key, doc FROM incident WHERE key IN "+marks, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("reading incidents: %w", err)
	}
	return out, nil
}

// IncidentFacets implements store.Cases.
func (s *Store) IncidentFacets(ctx context.Context, q store.IncidentQuery) (store.Facets, error) {
	out := store.Facets{Fields: map[string][]store.Facet{}}
	for name := range queue.Fields {
		out.Fields[name] = []store.Facet{}
	}
	ws, ok, err := s.known(ctx, q.Workspace)
	if err != nil || !ok {
		return out, err
	}
	x, err := s.queueOf(ctx, ws)
	if err != nil {
		return out, err
	}
	f, err := s.queueFilter(ctx, ws, &q)
	if err != nil {
		return out, err
	}
	total, counts := x.Facets(f, maxFacets)
	out.Total = total
	for name, field := range queue.Fields {
		for _, c := range counts[field] {
			out.Fields[name] = append(out.Fields[name], store.Facet{Value: c.Value, Count: c.Count})
		}
	}
	return out, nil
}

// Histogram implements store.Cases.
func (s *Store) Histogram(ctx context.Context, workspace string, from, to time.Time) ([]store.HourCount, error) {
	out := []store.HourCount{}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok || !from.Before(to) {
		return out, err
	}
	x, err := s.queueOf(ctx, ws)
	if err != nil {
		return out, err
	}
	first, last := floorDiv(micros(from), microsPerHour), floorDiv(micros(to)-1, microsPerHour)
	if last-first >= maxHours {
		return out, fmt.Errorf("a histogram of %d hours: %w", last-first+1, errNumber)
	}
	created := x.CreatedPerHour(first*microsPerHour, (last+1)*microsPerHour, microsPerHour)
	for h := first; h <= last; h++ {
		out = append(out, store.HourCount{Hour: moment(h * microsPerHour), Incidents: created[h]})
	}
	err = each(ctx, s.db, func(r Rows) error {
		var hour int64
		var n int
		err := r.Scan(&hour, &n)
		if err == nil {
			out[hour-first].Alerts = n
		}
		return err
	}, "SELECT hour, alerts FROM alert_hour WHERE ws = ? AND hour BETWEEN ? AND ?", ws, first, last)
	return out, err
}

// maxHours bounds a histogram: ten years.
const maxHours = 10 * 366 * 24
