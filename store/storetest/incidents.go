package storetest

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func wholeIncident() incident.Incident {
	i := headOf(5, 3)
	i.Name, i.NameEdited, i.Status, i.Severity, i.SeverityEdited = "Ünder attack", true, incident.InProgress, alert.SeverityHigh, true
	i.Classification, i.Determination, i.Owner = alert.ClassificationTruePositive, alert.DeterminationMalware, "mara"
	i.Tags, i.SystemTags = []string{"a", "b"}, []string{"Critical asset"}
	i.Priority, i.PriorityFactors = 88, []incident.PriorityFactor{{Name: "severity", Points: 35, Text: "x"}}
	i.ResolvingComment, i.RedirectTo, i.UpdatedBy, i.ResolvedAt = "done", 9, "noor", at(9)
	i.Tally = incident.Tally{
		Alerts: 2, Severities: map[string]int{"high": 2}, Statuses: map[string]int{"new": 2}, Tactics: map[string]int{"Impact": 1},
		Techniques: map[string]int{"T1486": 1}, Products: map[string]int{"P": 2}, Sources: map[string]int{"s": 2}, Detections: map[string]int{"d": 2},
		Titles: map[string]int{"t": 1, "": 1}, Linked: 1, LinkMille: 900,
	}
	i.Scope = map[string]int{"device": 2}
	i.TopAssets = []incident.AssetRef{{ID: 4, Kind: "device", Label: "SRV-1", Critical: true}}
	i.Version = 12
	return i
}

func incidentComesBackWhole(t *testing.T, s store.Store) {
	b := newBook(t, s)
	want := wholeIncident()
	b.incidents(want)
	equal(t, "incident", want, must1(s.Incident(t.Context(), home, 5)))
	c := b.next()
	older := want.Clone()
	older.Version = 13
	newer := want.Clone()
	newer.Name, newer.Version, newer.Tags = "Renamed", 14, nil
	c.Incidents = []incident.Incident{older, newer}
	b.commit(c)
	equal(t, "the last of two versions", newer, must1(s.Incident(t.Context(), home, 5)))
	equal(t, "by its new name", []int{5}, listIncidents(t, s, store.IncidentQuery{Search: "renamed"}))
	equal(t, "by its old name", []int{}, listIncidents(t, s, store.IncidentQuery{Search: "ünder"}))
	equal(t, "by a tag that is gone", []int{}, listIncidents(t, s, store.IncidentQuery{Tags: []string{"a"}}))
}

// caseLoad is a set of incidents that differ in all that is filtered by.
func caseLoad(t testing.TB, s store.Store) {
	b := newBook(t, s)
	c := b.next()
	for n := range 6 {
		i := headOf(correlate.IncidentID(n+1), 10*n)
		pick := func(v ...string) string { return v[n%len(v)] }
		i.Status = incident.Status(pick("active", "inProgress", "resolved"))
		i.Severity, i.Owner = alert.Severity(pick("high", "low")), pick("", "mara", "noor")
		i.Classification, i.Determination = alert.Classification(pick("unknown", "truePositive")), alert.Determination(pick("unknown", "malware", "phishing"))
		i.Tags, i.SystemTags = [][]string{{"x"}, {"x", "y"}, nil}[n%3], [][]string{nil, {"Critical asset"}}[n%2]
		i.Priority = []int{90, 85, 15, 14, 0, 100}[n]
		i.Tally.Alerts = n
		i.Tally.Tactics = map[string]int{pick("Impact", "Execution"): 1}
		i.Tally.Products, i.Tally.Sources, i.Tally.Detections = map[string]int{pick("P", "Q", "R"): 1}, map[string]int{pick("s1", "s2"): 2}, map[string]int{"d1": 1, pick("d1", "d2"): 1}
		i.TopAssets = []incident.AssetRef{{ID: int64(n), Kind: "device", Label: "HOST-" + strconv.Itoa(n)}}
		c.Incidents = append(c.Incidents, i)
		c.IncidentEntities = append(c.IncidentEntities, store.IncidentEntity{Incident: i.ID, Entity: entity.ID(n%2 + 1), Kind: entity.Device, Alerts: 1})
	}
	gone := headOf(7, 70)
	gone.Status, gone.RedirectTo = incident.Redirected, 1
	c.Incidents = append(c.Incidents, gone)
	b.commit(c)
}

func incidentFilters(t *testing.T, s store.Store) {
	caseLoad(t, s)
	for name, c := range map[string]struct {
		q    store.IncidentQuery
		want string
	}{
		"nothing":         {store.IncidentQuery{}, "123456"},
		"status":          {store.IncidentQuery{Statuses: []string{"active", "resolved"}}, "1346"},
		"redirected":      {store.IncidentQuery{Statuses: []string{"redirected"}}, "7"},
		"redirected too":  {store.IncidentQuery{Statuses: []string{"redirected", "active"}}, "147"},
		"severity":        {store.IncidentQuery{Severities: []string{"high"}}, "135"},
		"owner":           {store.IncidentQuery{Owners: []string{"mara", ""}}, "1245"},
		"nobody":          {store.IncidentQuery{Owners: []string{""}}, "14"},
		"classification":  {store.IncidentQuery{Classifications: []string{"truePositive"}}, "246"},
		"determination":   {store.IncidentQuery{Determinations: []string{"malware", "phishing"}}, "2356"},
		"tag":             {store.IncidentQuery{Tags: []string{"y"}}, "25"},
		"system tag":      {store.IncidentQuery{Tags: []string{"Critical asset"}}, "246"},
		"tactic":          {store.IncidentQuery{Tactics: []string{"Execution"}}, "246"},
		"product":         {store.IncidentQuery{Products: []string{"R", "none"}}, "36"},
		"service":         {store.IncidentQuery{ServiceSources: []string{"s2"}}, "246"},
		"detection":       {store.IncidentQuery{DetectionSources: []string{"d2"}}, "246"},
		"top":             {store.IncidentQuery{Priorities: []string{"top"}}, "16"},
		"medium":          {store.IncidentQuery{Priorities: []string{"medium"}}, "23"},
		"low":             {store.IncidentQuery{Priorities: []string{"low"}}, "45"},
		"entity":          {store.IncidentQuery{Entity: 1}, "135"},
		"unknown entity":  {store.IncidentQuery{Entity: 77}, ""},
		"active from":     {store.IncidentQuery{ActiveFrom: at(31)}, "456"},
		"active to":       {store.IncidentQuery{ActiveTo: at(30)}, "123"},
		"updated from":    {store.IncidentQuery{UpdatedFrom: at(40)}, "56"},
		"created from":    {store.IncidentQuery{CreatedFrom: at(50)}, "6"},
		"search name":     {store.IncidentQuery{Search: "INCIDENT 20"}, "3"},
		"search id":       {store.IncidentQuery{Search: "#4"}, "4"},
		"search number":   {store.IncidentQuery{Search: "2"}, "23"},
		"search asset":    {store.IncidentQuery{Search: "host-5"}, "6"},
		"search tag":      {store.IncidentQuery{Search: "critical"}, "246"},
		"search and more": {store.IncidentQuery{Search: "host", Entity: 2, Statuses: []string{"active"}}, "4"},
		"combined":        {store.IncidentQuery{Severities: []string{"high"}, Owners: []string{""}}, "1"},
	} {
		c.q.Sort, c.q.Asc = store.ByID, true
		got := ""
		for _, id := range listIncidents(t, s, c.q) {
			got += strconv.Itoa(id)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	for _, c := range []struct {
		entity entity.ID
		limit  int
		want   []correlate.IncidentID
	}{
		{1, 9, []correlate.IncidentID{5, 3, 1}},
		{2, 2, []correlate.IncidentID{6, 4}},
		{77, 9, []correlate.IncidentID{}},
	} {
		got := must1(s.IncidentsMentioning(t.Context(), home, c.entity, c.limit))
		equal(t, "incidents that mention entity "+strconv.Itoa(int(c.entity)), c.want, got)
	}
}

func incidentOrders(t *testing.T, s store.Store) {
	b := newBook(t, s)
	for n := range 9 {
		i := headOf(correlate.IncidentID(n+1), 0)
		i.Name, i.Owner = []string{"b", "B", "a"}[n%3], []string{"", "z", "Z"}[n%3]
		i.Status = incident.Statuses()[n%3]
		i.Severity = alert.Severity([]string{"low", "high", "informational", "unknown"}[n%4])
		i.UpdatedAt, i.CreatedAt, i.LastActivity = at(n%2), at(-n), at(n%4)
		i.Priority, i.Tally.Alerts = n%2, n%3
		b.incidents(i)
	}
	for by, want := range map[store.IncidentSort]string{
		"": "135792468", store.ByUpdated: "135792468", store.ByCreated: "987654321", store.ByPriority: "135792468",
		store.BySeverity: "483715926", store.ByStatus: "147258369", store.ByName: "258369147", store.ByAlerts: "147258369",
		store.ByLastActivity: "159263748", store.ByID: "123456789", store.ByOwner: "147369258",
	} {
		for _, asc := range []bool{true, false} {
			got := ""
			for _, id := range listIncidents(t, s, store.IncidentQuery{Sort: by, Asc: asc}) {
				got += strconv.Itoa(id)
			}
			order := []byte(want)
			if !asc {
				slices.Reverse(order)
			}
			if got != string(order) {
				t.Errorf("by %q, ascending %v: got %s, want %s", by, asc, got, order)
			}
		}
	}
}

func incidentFacets(t *testing.T, s store.Store) {
	caseLoad(t, s)
	f := must1(s.IncidentFacets(t.Context(), store.IncidentQuery{Workspace: home, Statuses: []string{"active", "inProgress"}, Tags: []string{"y"}, Search: "host"}))
	equal(t, "facets", store.Facets{Total: 2, Fields: map[string][]store.Facet{
		"status": {{Value: "inProgress", Count: 2}}, "severity": {{Value: "high", Count: 1}, {Value: "low", Count: 1}}, "owner": {{Value: "mara", Count: 2}},
		"classification": {{Value: "truePositive", Count: 1}, {Value: "unknown", Count: 1}}, "determination": {{Value: "malware", Count: 2}},
		"tag":    {{Value: "x", Count: 4}, {Value: "Critical asset", Count: 2}, {Value: "y", Count: 2}},
		"tactic": {{Value: "Execution", Count: 1}, {Value: "Impact", Count: 1}}, "product": {{Value: "Q", Count: 2}},
		"serviceSource": {{Value: "s1", Count: 1}, {Value: "s2", Count: 1}}, "detectionSource": {{Value: "d1", Count: 2}, {Value: "d2", Count: 1}},
		"priority": {{Value: "low", Count: 1}, {Value: "medium", Count: 1}},
	}}, f)
}

func search(t *testing.T, s store.Store) {
	names := []string{"100% sure", "under_score", `back\slash`, `it's "quoted"`, "ÄRGER in Köln", "plain", "a.b*c(d", "tab\tand\nline"}
	b := newBook(t, s)
	for n, name := range names {
		i := headOf(correlate.IncidentID(n+100), n)
		i.Name = name
		a := alertOf("id-"+strconv.Itoa(n), n, 1)
		a.Title = name
		c := b.next()
		c.Incidents, c.Alerts = []incident.Incident{i}, []store.Alert{a}
		c.Entities = []store.Entity{entityOf(entity.ID(n+1), entity.File, name)}
		b.commit(c)
	}
	for q, want := range map[string]int{
		"%": 0, "_": 1, `\`: 2, "'": 3, `"QUOTED"`: 3, "ärger KÖLN": 4, "köln ärger": 4, "PLAIN": 5, ".b*": 6, "(": 6, "line": 7, "köln plain": -1, "100%": 0,
	} {
		wantAlerts, wantIncidents := []string{}, []int{}
		if want >= 0 {
			wantAlerts, wantIncidents = []string{"id-" + strconv.Itoa(want)}, []int{want + 100}
		}
		equal(t, "alerts with "+q, wantAlerts, listAlerts(t, s, store.AlertQuery{Search: q}))
		equal(t, "incidents with "+q, wantIncidents, listIncidents(t, s, store.IncidentQuery{Search: q}))
		found := must1(s.Entities(t.Context(), store.EntityQuery{Workspace: home, Search: q})).Items
		if want >= 0 && (len(found) != 1 || int(found[0].ID) != want+1) || want < 0 && len(found) > 0 {
			t.Errorf("entities with %q: %+v", q, found)
		}
	}
}

func cursors(t *testing.T, s store.Store) {
	caseLoad(t, s)
	shelf2 := newBook(t, s)
	shelf2.seq = must1(s.Position(t.Context(), home))
	shelf2.alerts(alertOf("a", 1, 1), alertOf("b", 2, 1))
	ctx := t.Context()
	q := store.IncidentQuery{Workspace: home, Paging: store.Paging{Limit: 2}}
	good := must1(s.Incidents(ctx, q)).Next
	alerts := must1(s.Alerts(ctx, store.AlertQuery{Workspace: home, Paging: store.Paging{Limit: 1}})).Next
	if good == "" || alerts == "" {
		t.Fatal("no cursor")
	}
	for name, c := range map[string]struct{ cursor, by string }{
		"of another order": {good, "name"}, "of another list": {alerts, ""}, "not one": {"!", ""}, "cut": {good[:len(good)-3], ""},
		"changed": {"A" + good[1:], ""}, "empty base64": {"AAAA", ""}, "text": {"1 OR 1=1", ""},
	} {
		q.Cursor, q.Sort = c.cursor, store.IncidentSort(c.by)
		if _, err := s.Incidents(ctx, q); !isBadCursor(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"alerts":     second(s.Alerts(ctx, store.AlertQuery{Workspace: home, Paging: store.Paging{Cursor: good}})),
		"entities":   second(s.Entities(ctx, store.EntityQuery{Workspace: home, Paging: store.Paging{Cursor: good}})),
		"activities": second(s.Activities(ctx, store.ActivityQuery{Workspace: home, Paging: store.Paging{Cursor: good}})),
		"rejects":    second(s.Rejects(ctx, home, store.Paging{Cursor: good})),
		"involved":   second(s.IncidentEntities(ctx, home, 1, nil, store.Paging{Cursor: good})),
	} {
		if !isBadCursor(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(must1(s.Incidents(ctx, store.IncidentQuery{Workspace: home, Paging: store.Paging{Limit: 100_000}})).Items); n != 6 {
		t.Errorf("%d incidents with a huge limit", n)
	}
}

func second[T any](_ T, err error) error { return err }

func times(t *testing.T, s store.Store) {
	b := newBook(t, s)
	for n, at := range []time.Time{
		{}, time.Unix(0, 0), time.Unix(0, 1000), time.Unix(-1, 999_999_000), time.Date(1970, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		a := alertOf("t"+strconv.Itoa(n), n, 1)
		a.FirstActivity, a.LastActivity, a.Received, a.Updated = at, at, at, at
		b.alerts(a)
		got := must1(s.Alert(t.Context(), home, a.ID))
		if !got.FirstActivity.Equal(at) || !got.Received.Equal(at) || got.FirstActivity.IsZero() != at.IsZero() || got.FirstActivity.Location() != time.UTC {
			t.Errorf("%v came back as %v", at, got.FirstActivity)
		}
	}
	fine := alertOf("fine", 1, 1)
	fine.FirstActivity = time.Date(2025, 1, 2, 3, 4, 5, 123456789, time.UTC)
	b.alerts(fine)
	if got := must1(s.Alert(t.Context(), home, "fine")).FirstActivity; !got.Equal(fine.FirstActivity.Truncate(time.Microsecond)) {
		t.Errorf("nanoseconds came back as %v", got)
	}
}

func textOrderIsByBytes(t *testing.T, s store.Store) {
	names := []string{"a", "B", "é", "Z", "z", "_", "-", "1", "10", "9", "Ω", "日本", "\U0001F600", "aa", "A b", "a-b", ""}
	b := newBook(t, s)
	for n, name := range names {
		i := headOf(correlate.IncidentID(n+1), n)
		i.Name = name
		a := alertOf("x"+name, n, 1)
		a.Title = name
		c := b.next()
		c.Incidents, c.Alerts = []incident.Incident{i}, []store.Alert{a}
		b.commit(c)
	}
	want := slices.Clone(names)
	slices.Sort(want)
	var alerts, incidents []string
	for _, id := range listAlerts(t, s, store.AlertQuery{Sort: store.AlertsByTitle, Asc: true}) {
		alerts = append(alerts, id[1:])
	}
	for _, id := range listIncidents(t, s, store.IncidentQuery{Sort: store.ByName, Asc: true}) {
		incidents = append(incidents, names[id-1])
	}
	equal(t, "alerts", want, alerts)
	equal(t, "incidents", want, incidents)
}
