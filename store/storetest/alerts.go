package storetest

import (
	"bytes"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func wholeAlert() store.Alert {
	return store.Alert{
		ID: "da-1", Source: "graph", Received: at(5), Updated: at(6), Incident: 3,
		Link: correlate.Link{
			Score: 0.875, Alerts: []correlate.LinkedAlert{{ID: "x", Title: "<b>", Score: 0.5}},
			Entities: []correlate.SharedEntity{{ID: 4, Kind: entity.IP, Label: "203.0.113.9", Alerts: 2, Total: 100}},
			Reasons:  []correlate.Reason{correlate.SameAsset}, Facts: []correlate.Fact{{Feature: "f", Weight: -1.25, Text: "t"}},
			Gap: 30, TacticFrom: "a", TacticTo: "b", Manual: true, Model: "m1",
		},
		Normal: bytes.Repeat([]byte(`{"a":"é\u0000"}`), 400), Raw: []byte{0, 1, 2, 255},
		Title: "Odd sign-in", Severity: "high", Status: "inProgress", Classification: "truePositive", Determination: "malware", Owner: "mara",
		Category: "InitialAccess", Tactics: []string{"InitialAccess", "Execution"}, Techniques: []string{"T1078", "T1059.001"},
		Product: "Sensor", ServiceSource: "s", DetectionSource: "d", Rule: "r", FirstActivity: at(1), LastActivity: at(2),
	}
}

func alertComesBackWhole(t *testing.T, s store.Store) {
	b := newBook(t, s)
	bare := store.Alert{ID: "bare"}
	c := b.alerts(wholeAlert(), bare)
	for _, want := range c.Alerts {
		equal(t, "alert "+want.ID, want, must1(s.Alert(t.Context(), home, want.ID)))
	}
	page := must1(s.Alerts(t.Context(), store.AlertQuery{Workspace: home, Brief: true}))
	equal(t, "brief list", c.Alerts, page.Items, cmpopts.IgnoreFields(store.Alert{}, "Normal", "Raw"))
	for _, a := range page.Items {
		if a.Normal != nil || a.Raw != nil {
			t.Errorf("brief %s has a body", a.ID)
		}
	}
	got := must1(s.AlertsByID(t.Context(), home, []string{"bare", "none", "da-1", "bare"}))
	slices.SortFunc(got, func(x, y store.Alert) int { return int(x.Seq - y.Seq) })
	equal(t, "by id", c.Alerts, got)
}

func replacedAlerts(t *testing.T, s store.Store) {
	b := newBook(t, s)
	first := b.alerts(alertOf("a", 1, 1), alertOf("b", 2, 1))
	c := b.next()
	c.Entities = []store.Entity{entityOf(1, entity.IP, "one"), entityOf(2, entity.IP, "two")}
	c.AlertEntities = []store.AlertEntity{{Alert: "a", Entity: 1, Kind: entity.IP}, {Alert: "b", Entity: 1, Kind: entity.IP}}
	b.commit(c)

	c = b.next()
	v2 := wholeAlert()
	v2.ID, v2.Replaces, v2.Received = "a", first.Alerts[0].Seq, first.Alerts[0].Received
	c.Alerts = []store.Alert{v2}
	c.AlertEntities = []store.AlertEntity{{Alert: "a", Entity: 2, Kind: entity.IP, Roles: []string{"attacker"}, Verdict: "malicious", Impacted: true, Evidence: 3}}
	b.commit(c)
	equal(t, "second version", c.Alerts[0], must1(s.Alert(t.Context(), home, "a")))
	equal(t, "its mentions", c.AlertEntities, must1(s.AlertEntities(t.Context(), home, []string{"a"})))
	equal(t, "the other's mentions", []store.AlertEntity{{Alert: "b", Entity: 1, Kind: entity.IP}}, must1(s.AlertEntities(t.Context(), home, []string{"b"})))

	// Two versions in one change, and one of them of a new alert.
	c = b.next()
	v3, n1, n2 := alertOf("a", 7, 2), alertOf("n", 8, 2), alertOf("n", 9, 2)
	v3.Seq, v3.Replaces = c.Seq+1, must1(s.Alert(t.Context(), home, "a")).Seq
	n1.Seq, n2.Seq, n2.Replaces = c.Seq+2, c.Seq+3, c.Seq+2
	c.Seq, c.Alerts = c.Seq+3, []store.Alert{v3, n1, n2}
	b.commit(c)
	equal(t, "third version", v3, must1(s.Alert(t.Context(), home, "a")))
	equal(t, "second version of the new one", n2, must1(s.Alert(t.Context(), home, "n")))
	equal(t, "by position", []string{"a", "n"}, must1(s.AlertIDs(t.Context(), home, 2)))
}

func movesAndEdits(t *testing.T, s store.Store) {
	b := newBook(t, s)
	resolved := alertOf("d", 4, 1)
	resolved.Status, resolved.Owner = "resolved", "old"
	b.alerts(alertOf("a", 1, 1), alertOf("b", 2, 1), alertOf("c", 3, 1), resolved)
	link := &correlate.Link{Score: 0.25, Manual: true}
	text := func(v string) *string { return &v }
	c := b.next()
	c.Moves = []store.AlertMove{{ID: "a", To: 2}, {ID: "b", To: 2}, {ID: "a", To: 3, Link: link}, {ID: "b", To: 4}, {ID: "c", To: 4}}
	c.AlertEdits = []store.AlertEdit{{ID: "c", Status: text("inProgress"), Owner: text("")}, {Incident: 4, Owner: text("mara"), Classification: text("falsePositive")}}
	b.commit(c)
	get := func(id string) store.Alert { return must1(s.Alert(t.Context(), home, id)) }
	if a := get("a"); a.Incident != 3 || a.Link.Score != 0.25 || a.Seq != 1 {
		t.Errorf("a: %+v", a)
	}
	if a := get("c"); a.Incident != 4 || a.Owner != "mara" || a.Status != "inProgress" || a.Classification != "falsePositive" {
		t.Errorf("c: %+v", a)
	}
	c = b.next()
	c.AlertEdits = []store.AlertEdit{{Incident: 1, Owner: text("new"), Status: text("resolved"), Determination: text("malware")}}
	b.commit(c)
	if a := get("d"); a.Owner != "old" || a.Determination != "" {
		t.Errorf("an alert that is resolved already was edited: %+v", a)
	}
	equal(t, "in 4", []string{"b", "c"}, must1(s.AlertIDs(t.Context(), home, 4)))
}

// shelf is a set of alerts that differ in every field that is filtered by.
func shelf(t testing.TB, s store.Store) {
	b := newBook(t, s)
	for i := range 6 {
		a := alertOf("al-"+strconv.Itoa(i), 10*i, correlate.IncidentID(i%2+1))
		pick := func(v ...string) string { return v[i%len(v)] }
		a.Severity, a.Status, a.Owner = pick("high", "low", "medium"), pick("new", "resolved"), pick("", "mara", "noor")
		a.Classification, a.Category = pick("unknown", "truePositive"), pick("Malware", "Phishing", "Other")
		a.Product, a.ServiceSource, a.DetectionSource = pick("P", "Q"), pick("s1", "s2", "s3"), pick("d1", "d2")
		a.Rule = pick("r1", "r2", "r3")
		a.Tactics = [][]string{{"Impact"}, {"Impact", "Execution"}, nil}[i%3]
		c := b.next()
		c.Alerts = []store.Alert{a}
		c.Entities = []store.Entity{entityOf(entity.ID(i%2+1), entity.Device, "d")}
		c.AlertEntities = []store.AlertEntity{{Alert: a.ID, Entity: entity.ID(i%2 + 1), Kind: entity.Device}}
		b.commit(c)
	}
}

func alertFilters(t *testing.T, s store.Store) {
	shelf(t, s)
	for name, c := range map[string]struct {
		q    store.AlertQuery
		want string
	}{
		"nothing":           {store.AlertQuery{}, "012345"},
		"incident":          {store.AlertQuery{Incident: 2}, "135"},
		"entity":            {store.AlertQuery{Entity: 1}, "024"},
		"unknown entity":    {store.AlertQuery{Entity: 99}, ""},
		"status":            {store.AlertQuery{Statuses: []string{"new"}}, "024"},
		"severity":          {store.AlertQuery{Severities: []string{"high", "low"}}, "0134"},
		"owner":             {store.AlertQuery{Owners: []string{"mara"}}, "14"},
		"nobody":            {store.AlertQuery{Owners: []string{""}}, "03"},
		"classification":    {store.AlertQuery{Classifications: []string{"truePositive"}}, "135"},
		"category":          {store.AlertQuery{Categories: []string{"Phishing"}}, "14"},
		"tactic":            {store.AlertQuery{Tactics: []string{"Execution"}}, "14"},
		"one of tactics":    {store.AlertQuery{Tactics: []string{"Execution", "Impact"}}, "0134"},
		"part of a tactic":  {store.AlertQuery{Tactics: []string{"Impac"}}, ""},
		"product":           {store.AlertQuery{Products: []string{"Q"}}, "135"},
		"other case":        {store.AlertQuery{Products: []string{"q"}}, ""},
		"service":           {store.AlertQuery{ServiceSources: []string{"s1"}}, "03"},
		"detection":         {store.AlertQuery{DetectionSources: []string{"d1"}}, "024"},
		"rule":              {store.AlertQuery{Rule: "r3"}, "25"},
		"active from":       {store.AlertQuery{ActiveFrom: at(31)}, "345"},
		"active to":         {store.AlertQuery{ActiveTo: at(30)}, "012"},
		"received from":     {store.AlertQuery{ReceivedFrom: at(40)}, "45"},
		"search a word":     {store.AlertQuery{Search: "aLERT 30"}, "3"},
		"search an id":      {store.AlertQuery{Search: "AL-4"}, "4"},
		"search a wildcard": {store.AlertQuery{Search: "%"}, ""},
		"combined":          {store.AlertQuery{Statuses: []string{"new"}, Severities: []string{"low", "medium"}}, "24"},
		"contradiction":     {store.AlertQuery{Incident: 1, Products: []string{"Q"}}, ""},
	} {
		c.q.Sort, c.q.Asc = store.AlertsByStart, true
		got := ""
		for _, id := range listAlerts(t, s, c.q) {
			got += id[3:]
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func alertOrders(t *testing.T, s store.Store) {
	b := newBook(t, s)
	for i := range 9 {
		a := alertOf(strconv.Itoa(i), 0, 1)
		a.Title = []string{"b", "B", "a"}[i%3]
		a.Severity = []string{"low", "high", "informational", "odd"}[i%4]
		a.FirstActivity, a.LastActivity, a.Received = at(i%2), at(i%3), at(i%4)
		b.alerts(a)
	}
	for by, want := range map[store.AlertSort]string{
		"": "036147258", store.AlertsByActivity: "036147258", store.AlertsByStart: "024681357", store.AlertsByReceived: "048152637",
		store.AlertsBySeverity: "372604815", store.AlertsByTitle: "147258036",
	} {
		for _, asc := range []bool{true, false} {
			got := ""
			for _, id := range listAlerts(t, s, store.AlertQuery{Sort: by, Asc: asc}) {
				got += id
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

func alertFacets(t *testing.T, s store.Store) {
	shelf(t, s)
	q := store.AlertQuery{Workspace: home, Statuses: []string{"new"}, Tactics: []string{"Impact"}}
	f := must1(s.AlertFacets(t.Context(), q))
	equal(t, "facets", store.Facets{Total: 2, Fields: map[string][]store.Facet{
		"status": {{Value: "new", Count: 2}, {Value: "resolved", Count: 2}}, "tactic": {{Value: "Impact", Count: 2}, {Value: "Execution", Count: 1}},
		"severity": {{Value: "high", Count: 1}, {Value: "low", Count: 1}}, "product": {{Value: "P", Count: 2}},
		"serviceSource": {{Value: "s1", Count: 1}, {Value: "s2", Count: 1}}, "detectionSource": {{Value: "d1", Count: 2}},
		"category": {{Value: "Malware", Count: 1}, {Value: "Phishing", Count: 1}}, "classification": {{Value: "unknown", Count: 2}},
		"owner": {{Value: "", Count: 1}, {Value: "mara", Count: 1}},
	}}, f)
	all := must1(s.AlertFacets(t.Context(), store.AlertQuery{Workspace: home, Statuses: []string{"new"}, Severities: []string{"high"}, Owners: []string{""},
		Classifications: []string{"unknown"}, Categories: []string{"Malware"}, Tactics: []string{"Impact"}, Products: []string{"P"},
		ServiceSources: []string{"s1"}, DetectionSources: []string{"d1"}}))
	if all.Total != 1 || len(all.Fields["status"]) != 1 {
		t.Errorf("every field filtered: %+v", all)
	}
}

func histogram(t *testing.T, s store.Store) {
	b := newBook(t, s)
	c := b.next()
	c.Alerts = []store.Alert{alertOf("a", 0, 1), alertOf("b", 1, 1), alertOf("c", 120, 1)}
	c.Incidents = []incident.Incident{headOf(1, 0), headOf(2, 60)}
	b.commit(c)
	c = b.next()
	again := alertOf("a", 0, 1)
	again.Replaces = 1
	c.Alerts = []store.Alert{again}
	c.Incidents = []incident.Incident{headOf(1, 0)}
	b.commit(c)
	hour := epoch.Truncate(time.Hour)
	equal(t, "hours", []store.HourCount{
		{Hour: hour.Add(-time.Hour)}, {Hour: hour, Alerts: 2, Incidents: 1}, {Hour: hour.Add(time.Hour), Incidents: 1}, {Hour: hour.Add(2 * time.Hour), Alerts: 1},
	}, must1(s.Histogram(t.Context(), home, epoch.Add(-time.Hour), hour.Add(3*time.Hour))))
}
