package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

const alertColumns = `a.key, a.id, a.seq, a.replaces, a.source, a.received, a.updated, a.incident, a.severity, a.status, a.classification,
	a.determination, a.owner, a.category, a.tactics, a.techniques, a.product, a.service_source, a.detection_source, a.rule,
	a.first_activity, a.last_activity, a.title, a.link, COALESCE((SELECT x.stamp FROM alert_stamp x WHERE x.key = a.key), 0)`

func scanAlert(r Rows, more ...any) (store.Alert, error) {
	var a store.Alert
	var k, received, updated, in, first, last, stamp int64
	var tactics, techniques, link string
	err := r.Scan(append([]any{&k, &a.ID, &a.Seq, &a.Replaces, &a.Source, &received, &updated, &in, &a.Severity, &a.Status, &a.Classification,
		&a.Determination, &a.Owner, &a.Category, &tactics, &techniques, &a.Product, &a.ServiceSource, &a.DetectionSource, &a.Rule,
		&first, &last, &a.Title, &link, &stamp}, more...)...)
	if err != nil {
		return a, err
	}
	a.Received, a.Updated, a.FirstActivity, a.LastActivity = moment(received), moment(updated), moment(first), moment(last)
	a.Incident = correlate.IncidentID(number(in))
	a.Excluded, a.Tag = unstamp(stamp)
	a.Tactics, a.Techniques = unlist(tactics), unlist(techniques)
	return a, decode([]byte(link), &a.Link)
}

// readAlerts reads alerts with their bodies, or without when brief.
func readAlerts(ctx context.Context, q Querier, brief bool, tail string, args ...any) ([]store.Alert, error) {
	out := []store.Alert{}
	if brief {
		err := each(ctx, q, func(r Rows) error {
			a, err := scanAlert(r)
			out = append(out, a)
			return err
		}, "SELECT "+alertColumns+" FROM alert a"+tail, args...)
		return out, err
	}
	err := each(ctx, q, func(r Rows) error {
		var normal, raw []byte
		a, err := scanAlert(r, &normal, &raw)
		if err != nil {
			return err
		}
		if a.Normal, err = unpack(normal); err != nil {
			return fmt.Errorf("alert %q: %w", a.ID, err)
		}
		if a.Raw, err = unpack(raw); err != nil {
			return fmt.Errorf("alert %q: %w", a.ID, err)
		}
		out = append(out, a)
		return nil
	}, fmt.Sprintf("SELECT %s, l.normal, l.raw FROM alert a JOIN alert_log l ON l.key = a.ws * %d + a.seq", alertColumns, int64(1)<<keyBits)+tail, args...)
	return out, err
}

// alertFacets names the columns that are counted, by facet. alertGroup holds their
// values in this order.
var alertFacets = []struct{ name, column string }{
	{"status", "a.status"}, {"severity", "a.severity"}, {"product", "a.product"}, {"serviceSource", "a.service_source"},
	{"detectionSource", "a.detection_source"}, {"category", "a.category"}, {"classification", "a.classification"},
	{"owner", "a.owner"}, {"tactic", "a.tactics"},
}

// alertValues are the values that a query selects, by facet.
func alertValues(q *store.AlertQuery) map[string][]string {
	return map[string][]string{
		"status": q.Statuses, "severity": q.Severities, "product": q.Products, "serviceSource": q.ServiceSources,
		"detectionSource": q.DetectionSources, "category": q.Categories, "classification": q.Classifications, "owner": q.Owners, "tactic": q.Tactics,
	}
}

// alertFilter gives the conditions of a query but those of one facet, and which
// facets are filtered by.
func (s *Store) alertFilter(ctx context.Context, ws int64, q *store.AlertQuery, except string) (*filter, map[string]bool, error) {
	f, filtered := &filter{}, map[string]bool{}
	if q.Incident != 0 {
		f.add("a.incident = ?", key(ws, int64(q.Incident)))
	} else {
		f.add("a.ws = ?", ws)
	}
	if q.Entity != 0 {
		e, err := s.standing(ctx, ws, q.Entity)
		if err != nil {
			return nil, nil, err
		}
		f.add("a.key IN (SELECT m.alert FROM alert_entity m WHERE m.entity = ?)", e)
	}
	values := alertValues(q)
	for _, facet := range alertFacets {
		v := values[facet.name]
		filtered[facet.name] = len(v) > 0
		switch {
		case facet.name == except:
		case facet.name == "tactic":
			f.anyItem(s.dialect, facet.column, v)
		default:
			f.anyOf(facet.column, v)
		}
	}
	if q.Rule != "" {
		f.add("a.rule = ?", clean(q.Rule))
	}
	f.from("a.last_activity", q.ActiveFrom)
	f.before("a.first_activity", q.ActiveTo)
	f.from("a.received", q.ReceivedFrom)
	f.words(s.dialect, "a.search", q.Search)
	return f, filtered, nil
}

// Alerts implements store.Cases.
func (s *Store) Alerts(ctx context.Context, q store.AlertQuery) (store.Page[store.Alert], error) {
	none := store.Page[store.Alert]{Items: []store.Alert{}}
	shape := q
	shape.Paging, shape.Brief = store.Paging{}, false
	cur := cursorsOf("alerts", shape)
	at, err := cur.read(q.Cursor)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, q.Workspace)
	if err != nil || !ok {
		return none, err
	}
	f, _, err := s.alertFilter(ctx, ws, &q, "")
	if err != nil {
		return none, err
	}
	o := alertOrderOf(q.Sort)
	if err := o.resume(f, at, q.Asc); err != nil {
		return none, err
	}
	limit := pageSize(q.Paging)
	items, err := readAlerts(ctx, s.db, q.Brief, f.where()+o.clause(q.Asc, limit+1), f.args...)
	if err != nil {
		return none, fmt.Errorf("listing alerts: %w", err)
	}
	return page(items, limit, cur, o.end), nil
}

// alertOrder is a column to sort by and how to take its value from an alert.
type alertOrder struct {
	column string
	number func(*store.Alert) int64
	text   bool
}

func alertOrderOf(by store.AlertSort) alertOrder {
	switch by {
	case store.AlertsByStart:
		return alertOrder{column: "a.first_activity", number: func(a *store.Alert) int64 { return micros(a.FirstActivity) }}
	case store.AlertsByReceived:
		return alertOrder{column: "a.received", number: func(a *store.Alert) int64 { return micros(a.Received) }}
	case store.AlertsBySeverity:
		return alertOrder{column: "a.severity_rank", number: func(a *store.Alert) int64 { return int64(severityRank(a.Severity)) }}
	case store.AlertsByTitle:
		return alertOrder{column: "a.title", text: true}
	}
	return alertOrder{column: "a.last_activity", number: func(a *store.Alert) int64 { return micros(a.LastActivity) }}
}

func (o alertOrder) end(a store.Alert) position {
	if o.text {
		return position{numbers: []int64{a.Seq}, text: a.Title}
	}
	return position{numbers: []int64{o.number(&a), a.Seq}}
}

// resume restricts a filter to what comes after a position.
func (o alertOrder) resume(f *filter, at *position, asc bool) error {
	if at == nil {
		return nil
	}
	sign := "<"
	if asc {
		sign = ">"
	}
	condition := fmt.Sprintf("(%s, a.seq) %s (?, ?)", o.column, sign)
	switch {
	case o.text && len(at.numbers) == 1:
		f.add(condition, at.text, at.numbers[0])
	case !o.text && len(at.numbers) == 2:
		f.add(condition, at.numbers[0], at.numbers[1])
	default:
		return store.ErrBadCursor
	}
	return nil
}

func (o alertOrder) clause(asc bool, limit int) string {
	dir := " DESC"
	if asc {
		dir = ""
	}
	return fmt.Sprintf(" ORDER BY %s%s, a.seq%s LIMIT %d", o.column, dir, dir, limit)
}

// AlertFacets implements store.Cases.
func (s *Store) AlertFacets(ctx context.Context, q store.AlertQuery) (store.Facets, error) {
	out := store.Facets{Fields: map[string][]store.Facet{}}
	for _, facet := range alertFacets {
		out.Fields[facet.name] = []store.Facet{}
	}
	ws, ok, err := s.known(ctx, q.Workspace)
	if err != nil || !ok {
		return out, err
	}
	if groupable(&q) {
		return s.countGroups(ctx, ws, &q)
	}
	q.Paging, q.Sort, q.Asc, q.Brief = store.Paging{}, "", false, false
	kept, err := s.counted.ask(ctx, s.db, ws, fmt.Sprintf("%+v", q), func() (store.Facets, error) { return s.countAlerts(ctx, ws, q, out) })
	return clone(kept), err
}

// countAlerts counts all facets of a query.
func (s *Store) countAlerts(ctx context.Context, ws int64, q store.AlertQuery, out store.Facets) (store.Facets, error) {
	f, filtered, err := s.alertFilter(ctx, ws, &q, "")
	if err != nil {
		return out, err
	}
	var shared []int
	for i, facet := range alertFacets {
		if !filtered[facet.name] {
			shared = append(shared, i)
		}
	}
	if out.Total, err = s.countTogether(ctx, f, shared, out.Fields); err != nil {
		return out, fmt.Errorf("counting alerts: %w", err)
	}
	for i, facet := range alertFacets {
		if !filtered[facet.name] {
			continue
		}
		f, _, err := s.alertFilter(ctx, ws, &q, facet.name)
		if err != nil {
			return out, err
		}
		if _, err := s.countTogether(ctx, f, []int{i}, out.Fields); err != nil {
			return out, fmt.Errorf("counting alerts by %s: %w", facet.name, err)
		}
	}
	return out, nil
}

// countTogether counts the rows of one filter by several columns in one pass.
func (s *Store) countTogether(ctx context.Context, f *filter, facets []int, fields map[string][]store.Facet) (total int, err error) {
	columns := make([]string, len(facets))
	counts := make([]map[string]int, len(facets))
	for n, i := range facets {
		columns[n], counts[n] = alertFacets[i].column, map[string]int{}
	}
	query := "SELECT COUNT(*) FROM alert a" + f.where()
	if len(columns) > 0 {
		group := strings.Join(columns, ", ")
		query = "SELECT COUNT(*), " + group + " FROM alert a" + f.where() + " GROUP BY " + group
	}
	values := make([]string, len(facets))
	var rows int
	dest := []any{&rows}
	for n := range values {
		dest = append(dest, &values[n])
	}
	err = each(ctx, s.db, func(r Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		total += rows
		for n, i := range facets {
			if alertFacets[i].name != "tactic" {
				counts[n][values[n]] += rows
				continue
			}
			for _, t := range unlist(values[n]) {
				counts[n][t] += rows
			}
		}
		return nil
	}, query, f.args...)
	for n, i := range facets {
		fields[alertFacets[i].name] = topFacets(counts[n])
	}
	return total, err
}

const maxFacets = 50

func topFacets(counts map[string]int) []store.Facet {
	out := make([]store.Facet, 0, len(counts))
	for v, c := range counts {
		out = append(out, store.Facet{Value: v, Count: c})
	}
	slices.SortFunc(out, func(a, b store.Facet) int {
		if d := b.Count - a.Count; d != 0 {
			return d
		}
		return strings.Compare(a.Value, b.Value)
	})
	return out[:min(len(out), maxFacets)]
}

// Alert implements store.Cases.
func (s *Store) Alert(ctx context.Context, workspace, id string) (store.Alert, error) {
	all, err := s.AlertsByID(ctx, workspace, []string{id})
	if err != nil || len(all) == 0 {
		return store.Alert{}, orNotFound(err, "alert", id)
	}
	return all[0], nil
}

func orNotFound(err error, what string, id any) error {
	if err == nil {
		err = store.ErrNotFound
	}
	return fmt.Errorf("%s %v: %w", what, id, err)
}

// AlertsByID implements store.Cases.
func (s *Store) AlertsByID(ctx context.Context, workspace string, ids []string) ([]store.Alert, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return nil, err
	}
	var out []store.Alert
	err = inLists(hashes(ids), func(marks string, args []any) error {
		some, err := readAlerts(ctx, s.db, false, " WHERE a.ws = ? AND a.id_hash IN "+marks, append([]any{ws}, args...)...)
		out = append(out, some...)
		return err
	})
	return out, err
}

// cleaned gives the ids in the form in which they are kept, each once.
func cleaned(ids []string) []string {
	out := cleanAll(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

// AlertIDs implements store.Cases.
func (s *Store) AlertIDs(ctx context.Context, workspace string, id correlate.IncidentID) ([]string, error) {
	out := []string{}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return out, err
	}
	err = each(ctx, s.db, func(r Rows) error {
		var alert string
		err := r.Scan(&alert)
		out = append(out, alert)
		return err
	}, "SELECT id FROM alert WHERE incident = ? ORDER BY seq", key(ws, int64(id)))
	return out, err
}
