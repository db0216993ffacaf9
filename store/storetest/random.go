package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// model is a workspace in plain maps, written from the contract and not from any
// backend.
type model struct {
	seq       int64
	alerts    map[string]store.Alert
	mentions  map[string][]store.AlertEntity
	incidents map[correlate.IncidentID]incident.Incident
	tasks     map[int64]incident.Task
	redirect  map[entity.ID]entity.ID
	known     map[entity.ID]bool
	told      map[string]store.RuleCount // what versions said of rules that have alerts
	log       []string
}

var runs atomic.Int64

// randomChangesAgreeWithModel writes random changes to the store and to a model
// and asks both the same questions.
func randomChangesAgreeWithModel(t *testing.T, s store.Store) {
	rapid.Check(t, func(r *rapid.T) {
		m := &model{alerts: map[string]store.Alert{}, mentions: map[string][]store.AlertEntity{}, incidents: map[correlate.IncidentID]incident.Incident{}, tasks: map[int64]incident.Task{},
			redirect: map[entity.ID]entity.ID{}, known: map[entity.ID]bool{}, told: map[string]store.RuleCount{}}
		name := "random " + strconv.FormatInt(runs.Add(1), 10)
		for range rapid.IntRange(1, 8).Draw(r, "changes") {
			c := &store.Change{Workspace: name, PrevSeq: m.seq, Seq: m.seq, At: epoch}
			rapid.SampledFrom([]func(*rapid.T, *store.Change){m.add, m.add, m.replace, m.move, m.edit, m.join, m.rework, m.work}).Draw(r, "step")(r, c)
			if err := s.Commit(t.Context(), c); err != nil {
				r.Fatalf("commit: %v", err)
			}
			m.seq = c.Seq
			m.compareCounts(r, t, s, name)
			m.compareRules(r, t, s, name)
		}
		m.compareAlerts(r, t, s, name)
		m.compareIncidents(r, t, s, name)
		m.compareTasks(r, t, s, name)
		m.compareEntities(r, t, s, name)
		m.compareLog(r, t, s, name)
	})
}

var words = []string{"", "a", "A", "b", "é", "%", "a b", "_"}

func draw(r *rapid.T, what string) string { return rapid.SampledFrom(words).Draw(r, what) }

func (m *model) alert(r *rapid.T, id string) store.Alert {
	n := rapid.IntRange(0, 5).Draw(r, "n")
	a := alertOf(id, n, correlate.IncidentID(rapid.IntRange(1, 4).Draw(r, "incident")))
	a.Title, a.Owner, a.Product = draw(r, "title"), draw(r, "owner"), draw(r, "product")
	a.Rule, a.Excluded = draw(r, "rule"), rapid.Bool().Draw(r, "excluded")
	a.Tag = rapid.SampledFrom([]correlate.RuleState{"", correlate.RuleEnabled, correlate.RuleDisabled}).Draw(r, "tag")
	a.Severity = rapid.SampledFrom([]string{"high", "medium", "low", "informational", "unknown"}).Draw(r, "severity")
	a.Status = rapid.SampledFrom([]string{"new", "resolved"}).Draw(r, "status")
	a.Tactics = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Impact", "Execution", "Discovery"}), 0, 3, rapid.ID[string]).Draw(r, "tactics")
	return a
}

func (m *model) mention(r *rapid.T, id string) []store.AlertEntity {
	var out []store.AlertEntity
	for n, e := range rapid.SliceOfN(rapid.IntRange(1, 6), 0, 4).Draw(r, "mentions") {
		out = append(out, store.AlertEntity{Alert: id, Entity: m.standing(entity.ID(e)), Kind: entity.Device, Impacted: n%2 == 0, Evidence: n, Roles: []string{"attacked"}})
	}
	return out
}

func (m *model) standing(e entity.ID) entity.ID {
	for m.redirect[e] != 0 {
		e = m.redirect[e]
	}
	return e
}

// count adds the difference that an alert's mentions make in an incident.
func (m *model) count(c *store.Change, in correlate.IncidentID, mentions []store.AlertEntity, by int) {
	once := map[entity.ID]bool{}
	for _, x := range mentions {
		d := store.IncidentEntity{Incident: in, Entity: x.Entity, Kind: x.Kind, Impacted: x.Impacted}
		if !once[x.Entity] {
			d.Alerts = by
		}
		once[x.Entity] = true
		c.IncidentEntities = append(c.IncidentEntities, d)
	}
}

func (m *model) put(c *store.Change, a store.Alert, mentions []store.AlertEntity) {
	c.Seq++
	a.Seq = c.Seq
	c.Alerts = append(c.Alerts, a)
	c.AlertEntities = append(c.AlertEntities, mentions...)
	for _, x := range mentions {
		if !m.known[x.Entity] {
			m.known[x.Entity] = true
			c.Entities = append(c.Entities, entityOf(x.Entity, entity.Device, "e"+strconv.Itoa(int(x.Entity))))
		}
	}
	m.count(c, a.Incident, mentions, 1)
	m.alerts[a.ID], m.mentions[a.ID] = a, mentions
	m.tell(&a)
	m.log = append(m.log, fmt.Sprintf("%d %s %s", a.Seq, a.ID, a.Normal))
}

func (m *model) add(r *rapid.T, c *store.Change) {
	for range rapid.IntRange(1, 4).Draw(r, "new") {
		id := "id " + strconv.Itoa(len(m.alerts))
		m.put(c, m.alert(r, id), m.mention(r, id))
	}
}

func (m *model) some(r *rapid.T) (string, bool) {
	if len(m.alerts) == 0 {
		return "", false
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.alerts))).Draw(r, "alert"), true
}

func (m *model) replace(r *rapid.T, c *store.Change) {
	id, ok := m.some(r)
	if !ok {
		return
	}
	old := m.alerts[id]
	a := m.alert(r, id)
	a.Replaces, a.Incident, a.Normal = old.Seq, old.Incident, []byte(draw(r, "normal")+"v")
	a.Excluded, a.Tag = old.Excluded, old.Tag // the stamp of the first version stays
	m.count(c, old.Incident, m.mentions[id], -1)
	m.put(c, a, m.mention(r, id))
}

func (m *model) move(r *rapid.T, c *store.Change) {
	for range rapid.IntRange(1, 3).Draw(r, "moves") {
		id, ok := m.some(r)
		if !ok {
			return
		}
		a := m.alerts[id]
		to := correlate.IncidentID(rapid.IntRange(1, 4).Draw(r, "to"))
		mv := store.AlertMove{ID: id, To: to}
		if rapid.Bool().Draw(r, "link") {
			mv.Link = &correlate.Link{Score: 0.5, Manual: true}
			a.Link = *mv.Link
		}
		m.count(c, a.Incident, m.mentions[id], -1)
		m.count(c, to, m.mentions[id], 1)
		a.Incident = to
		m.alerts[id] = a
		c.Moves = append(c.Moves, mv)
	}
	c.Seq++
	c.Commands = append(c.Commands, correlate.Command{Seq: c.Seq, Kind: correlate.CommandMove})
	m.log = append(m.log, fmt.Sprintf("%d move", c.Seq))
}

func (m *model) edit(r *rapid.T, c *store.Change) {
	status, owner := rapid.SampledFrom([]string{"new", "resolved"}).Draw(r, "status"), draw(r, "owner")
	e := store.AlertEdit{Owner: &owner}
	if rapid.Bool().Draw(r, "with status") {
		e.Status = &status
	}
	if id, ok := m.some(r); ok && rapid.Bool().Draw(r, "one") {
		e.ID = id
	} else {
		e.Incident = correlate.IncidentID(rapid.IntRange(1, 4).Draw(r, "incident"))
	}
	for id, a := range m.alerts {
		if id != e.ID && (e.ID != "" || a.Incident != e.Incident || a.Status == "resolved") {
			continue
		}
		a.Owner = owner
		if e.Status != nil {
			a.Status = status
		}
		m.alerts[id] = a
	}
	c.AlertEdits = []store.AlertEdit{e}
}

func (m *model) join(r *rapid.T, c *store.Change) {
	from, into := m.standing(entity.ID(rapid.IntRange(1, 6).Draw(r, "from"))), m.standing(entity.ID(rapid.IntRange(1, 6).Draw(r, "into")))
	if from == into || !m.known[from] || !m.known[into] {
		return
	}
	m.redirect[from] = into
	for _, rows := range m.mentions {
		for i := range rows {
			rows[i].Entity = m.standing(rows[i].Entity)
		}
	}
	c.Joins = []entity.Join{{From: from, Into: into}}
}

func (m *model) rework(r *rapid.T, c *store.Change) {
	for range rapid.IntRange(1, 3).Draw(r, "heads") {
		id := correlate.IncidentID(rapid.IntRange(1, 6).Draw(r, "id"))
		n := rapid.IntRange(0, 5).Draw(r, "n")
		i := headOf(id, n)
		i.Name, i.Owner = draw(r, "name"), draw(r, "owner")
		i.Status = rapid.SampledFrom(incident.Statuses()).Draw(r, "status")
		i.Severity = alert.Severity(rapid.SampledFrom([]string{"high", "low"}).Draw(r, "severity"))
		i.Tags = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3, rapid.ID[string]).Draw(r, "tags")
		i.Priority = rapid.IntRange(0, 100).Draw(r, "priority")
		m.incidents[id] = i
		c.Incidents = append(c.Incidents, i)
	}
}

func expect[T any](r *rapid.T, what string, want, got T) {
	if w, g := fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got); w != g {
		r.Fatalf("%s:\nwant %s\ngot  %s", what, w, g)
	}
}

func (m *model) compareAlerts(r *rapid.T, t *testing.T, s store.Store, name string) {
	q := store.AlertQuery{Workspace: name, Asc: rapid.Bool().Draw(r, "asc"), Sort: rapid.SampledFrom([]store.AlertSort{
		store.AlertsByActivity, store.AlertsByStart, store.AlertsByReceived, store.AlertsBySeverity, store.AlertsByTitle}).Draw(r, "sort")}
	some := func(what string, from []string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(from), 0, 2).Draw(r, what)
	}
	q.Statuses, q.Owners, q.Tactics = some("statuses", []string{"new", "resolved"}), some("owners", words), some("tactics", []string{"Impact", "Execution"})
	q.Incident = correlate.IncidentID(rapid.IntRange(0, 4).Draw(r, "in"))
	q.Entity = entity.ID(rapid.IntRange(0, 6).Draw(r, "entity"))
	q.Search = draw(r, "search")
	var want []store.Alert
	facets := map[string]int{}
	for _, a := range m.alerts {
		if q.Incident != 0 && a.Incident != q.Incident || !anyOf(q.Owners, a.Owner) || !anyOf(q.Tactics, a.Tactics...) ||
			q.Entity != 0 && !m.mentioned(a.ID, q.Entity) || !found(a.Title+"\n"+a.ID, q.Search) {
			continue
		}
		facets[a.Status]++
		if anyOf(q.Statuses, a.Status) {
			want = append(want, a)
		}
	}
	rank := map[string]int{"high": 4, "medium": 3, "low": 2, "informational": 1}
	slices.SortFunc(want, func(x, y store.Alert) int {
		by := map[store.AlertSort]int{
			store.AlertsByActivity: x.LastActivity.Compare(y.LastActivity), store.AlertsByStart: x.FirstActivity.Compare(y.FirstActivity),
			store.AlertsByReceived: x.Received.Compare(y.Received), store.AlertsBySeverity: rank[x.Severity] - rank[y.Severity], store.AlertsByTitle: strings.Compare(x.Title, y.Title),
		}[q.Sort]
		if by = cmp.Or(by, cmp.Compare(x.Seq, y.Seq)); q.Asc {
			return by
		}
		return -by
	})
	got := all(t, rapid.IntRange(1, 4).Draw(r, "limit"), func(p store.Paging) (store.Page[store.Alert], error) { q.Paging = p; return s.Alerts(t.Context(), q) })
	expect(r, "alerts", want, got)
	q.Paging = store.Paging{}
	f := must1(s.AlertFacets(t.Context(), q))
	statuses := map[string]int{}
	for _, x := range f.Fields["status"] {
		statuses[x.Value] = x.Count
	}
	expect(r, "status facet", facets, statuses)
	expect(r, "total", len(want), f.Total)
}

// compareCounts asks for the counts of all alerts after each change: a store may
// keep them and go on from there.
func (m *model) compareCounts(r *rapid.T, t *testing.T, s store.Store, name string) {
	if rapid.IntRange(0, 3).Draw(r, "skip") == 0 {
		return
	}
	q := store.AlertQuery{Workspace: name}
	q.Statuses = rapid.SliceOfN(rapid.SampledFrom([]string{"new", "resolved", "inProgress"}), 0, 2).Draw(r, "of status")
	q.Owners = rapid.SliceOfN(rapid.SampledFrom(words), 0, 2).Draw(r, "of owner")
	q.Tactics = rapid.SliceOfN(rapid.SampledFrom([]string{"Impact", "Execution"}), 0, 1).Draw(r, "of tactic")
	total, owners, tactics := 0, map[string]int{}, map[string]int{}
	for _, a := range m.alerts {
		status, owner, tactic := anyOf(q.Statuses, a.Status), anyOf(q.Owners, a.Owner), anyOf(q.Tactics, a.Tactics...)
		if status && tactic {
			owners[a.Owner]++
		}
		if status && owner {
			for _, name := range a.Tactics {
				tactics[name]++
			}
		}
		if status && owner && tactic {
			total++
		}
	}
	f := must1(s.AlertFacets(t.Context(), q))
	counts := func(name string) map[string]int {
		out := map[string]int{}
		for _, x := range f.Fields[name] {
			out[x.Value] = x.Count
		}
		return out
	}
	expect(r, "total", total, f.Total)
	expect(r, "owners", owners, counts("owner"))
	expect(r, "tactics", tactics, counts("tactic"))
}

func anyOf(values []string, has ...string) bool {
	if len(values) == 0 {
		return true
	}
	for _, v := range values {
		if slices.Contains(has, v) {
			return true
		}
	}
	return false
}

func found(text, search string) bool {
	for w := range strings.FieldsSeq(strings.ToLower(search)) {
		if !strings.Contains(strings.ToLower(text), w) {
			return false
		}
	}
	return true
}

func (m *model) mentioned(alert string, e entity.ID) bool {
	return slices.ContainsFunc(m.mentions[alert], func(x store.AlertEntity) bool { return x.Entity == m.standing(e) })
}

func (m *model) compareIncidents(r *rapid.T, t *testing.T, s store.Store, name string) {
	q := store.IncidentQuery{Workspace: name, Asc: rapid.Bool().Draw(r, "asc"), Sort: rapid.SampledFrom([]store.IncidentSort{
		"", store.ByCreated, store.ByPriority, store.BySeverity, store.ByStatus, store.ByName, store.ByLastActivity, store.ByID, store.ByOwner}).Draw(r, "sort")}
	q.Tags, q.Owners, q.Search = rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y"}), 0, 1).Draw(r, "tags"), rapid.SliceOfN(rapid.SampledFrom(words), 0, 2).Draw(r, "owners"), draw(r, "search")
	q.Statuses = rapid.SliceOfN(rapid.SampledFrom([]string{"active", "redirected", "resolved"}), 0, 2).Draw(r, "statuses")
	var want []incident.Incident
	tags := map[string]int{}
	for _, i := range m.incidents {
		if !anyOf(q.Statuses, string(i.Status)) || len(q.Statuses) == 0 && i.Status == incident.Redirected || !anyOf(q.Owners, i.Owner) ||
			!found(i.Name+"\n"+strings.Join(i.Tags, "\n"), q.Search) {
			continue
		}
		for _, tag := range i.Tags {
			tags[tag]++
		}
		if anyOf(q.Tags, i.Tags...) {
			want = append(want, i)
		}
	}
	rank := map[alert.Severity]int{"high": 4, "low": 2}
	slices.SortFunc(want, func(x, y incident.Incident) int {
		by := map[store.IncidentSort]int{
			"": x.UpdatedAt.Compare(y.UpdatedAt), store.ByCreated: x.CreatedAt.Compare(y.CreatedAt), store.ByPriority: x.Priority - y.Priority,
			store.BySeverity: rank[x.Severity] - rank[y.Severity], store.ByStatus: slices.Index(incident.Statuses(), x.Status) - slices.Index(incident.Statuses(), y.Status),
			store.ByName: strings.Compare(x.Name, y.Name), store.ByLastActivity: x.LastActivity.Compare(y.LastActivity), store.ByOwner: strings.Compare(x.Owner, y.Owner),
		}[q.Sort]
		if by = cmp.Or(by, cmp.Compare(x.ID, y.ID)); q.Asc {
			return by
		}
		return -by
	})
	got := all(t, rapid.IntRange(1, 4).Draw(r, "limit"), func(p store.Paging) (store.Page[incident.Incident], error) {
		q.Paging = p
		return s.Incidents(t.Context(), q)
	})
	expect(r, "incidents", incidentIDs(want), incidentIDs(got))
	q.Paging = store.Paging{}
	f := must1(s.IncidentFacets(t.Context(), q))
	counted := map[string]int{}
	for _, x := range f.Fields["tag"] {
		counted[x.Value] = x.Count
	}
	expect(r, "tag facet", tags, counted)
	expect(r, "total", len(want), f.Total)
}

func (m *model) compareEntities(r *rapid.T, t *testing.T, s store.Store, name string) {
	for in := correlate.IncidentID(1); in <= 4; in++ {
		want := map[entity.ID]int{}
		for id, a := range m.alerts {
			if a.Incident != in {
				continue
			}
			once := map[entity.ID]bool{}
			for _, x := range m.mentions[id] {
				if !once[x.Entity] {
					once[x.Entity] = true
					want[x.Entity]++
				}
			}
		}
		got := map[entity.ID]int{}
		for _, e := range all(t, 3, func(p store.Paging) (store.Page[store.IncidentEntity], error) {
			return s.IncidentEntities(t.Context(), name, in, nil, p)
		}) {
			got[e.Entity] = e.Alerts
		}
		expect(r, fmt.Sprintf("entities of incident %d", in), want, got)
	}
	for e := range m.known {
		got := must1(s.Entity(t.Context(), name, e))
		n := 0
		for id := range m.alerts {
			if m.mentioned(id, e) {
				n++
			}
		}
		expect(r, fmt.Sprintf("entity %d", e), fmt.Sprint(m.standing(e), n), fmt.Sprint(got.ID, got.Alerts))
	}
}

func (m *model) compareLog(r *rapid.T, t *testing.T, s store.Store, name string) {
	var got []string
	for e, err := range s.Replay(t.Context(), name, 0) {
		switch {
		case err != nil:
			r.Fatal(err)
		case e.Command != nil:
			got = append(got, fmt.Sprintf("%d %s", e.Seq, e.Command.Kind))
		default:
			got = append(got, fmt.Sprintf("%d %s %s", e.Seq, e.AlertID, e.Normal))
		}
	}
	expect(r, "log", m.log, got)
}
