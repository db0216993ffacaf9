package api

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func TestFilterReachesTheStore(t *testing.T) {
	b := newBench(t)
	w := b.call("analyst", "GET /incidents?status=active&status=resolved&severity=high&owner=none&owner=me&owner=ada&classification=unknown"+
		"&determination=malware&tag=a,b&tag=c&tactic=execution&product=P&serviceSource=s&detectionSource=d&priority=top&entity=7"+
		"&from=2026-01-01T01:00:00%2B01:00&to=2026-02-01T00:00:00Z&updatedFrom=2026-01-02T00:00:00Z&createdFrom=2026-01-03T00:00:00Z"+
		"&q=two+words&sort=priority&asc=true&limit=7", "")
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	want := store.IncidentQuery{
		Workspace: "default", Statuses: []string{"active", "resolved"}, Severities: []string{"high"}, Owners: []string{"", "the-analyst", "ada"},
		Classifications: []string{"unknown"}, Determinations: []string{"malware"}, Tags: []string{"a,b", "c"}, Tactics: []string{"execution"},
		Products: []string{"P"}, ServiceSources: []string{"s"}, DetectionSources: []string{"d"}, Priorities: []string{"top"}, Entity: 7,
		ActiveFrom: day(1), ActiveTo: day(32), UpdatedFrom: day(2), CreatedFrom: day(3), Search: "two words",
		Sort: store.ByPriority, Asc: true, Paging: store.Paging{Limit: 7},
	}
	if diff := cmp.Diff(want, b.store.LastQuery, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	b.call("analyst", "GET /incidents/1/alerts?status=new&owner=none&severity=low&category=c&rule=r&q=x&receivedFrom=2026-01-02T00:00:00Z", "")
	wantAlerts := store.AlertQuery{
		Workspace: "default", Incident: 1, Statuses: []string{"new"}, Owners: []string{""}, Severities: []string{"low"}, Categories: []string{"c"}, Rule: "r",
		Search: "x", ReceivedFrom: day(2), Brief: true, Sort: store.AlertsByStart, Asc: true, Paging: store.Paging{Limit: 50},
	}
	if diff := cmp.Diff(wantAlerts, b.store.LastQuery, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestPagesDoNotOverlap(t *testing.T) {
	b := newBench(t)
	seen := map[string]bool{}
	next := ""
	for range 10 {
		l := read[List[AlertRow]](t, b.call("viewer", "GET /alerts?limit=1&cursor="+url.QueryEscape(next), ""), 200)
		for _, a := range l.Items {
			if seen[a.ID] {
				t.Errorf("%s twice", a.ID)
			}
			seen[a.ID] = true
		}
		if next = l.Next; next == "" {
			break
		}
	}
	if len(seen) != 2 || next != "" {
		t.Errorf("%v, then %q", seen, next)
	}
}

func TestIfMatch(t *testing.T) {
	b := newBench(t)
	etag := b.call("viewer", "GET /incidents/1", "").Header().Get("ETag")
	for header, want := range map[string]string{etag: "7]", `W/"7"`: "7]", "": "null]", "*": "null]", `"0"`: "0]"} {
		b.desk.taken()
		w := b.call("analyst", "PATCH /incidents/1", `{"comment":"x"}`, "If-Match", header)
		if calls := b.desk.taken(); w.Code != 200 || len(calls) != 1 || !strings.HasSuffix(calls[0], want) {
			t.Errorf("%q: %d %v", header, w.Code, calls)
		}
	}
	for _, bad := range []string{`"x"`, `"-1"`, `"99999999999999999999"`, `"1", "2"`} {
		if p := problemIn(t, b.call("analyst", "PATCH /incidents/1", `{"comment":"x"}`, "If-Match", bad)); p.Status != 422 {
			t.Errorf("%q: %d", bad, p.Status)
		}
	}
}

func TestTaskIsChangedOnTheVersionThatWasRead(t *testing.T) {
	b := newBench(t)
	for _, method := range []string{"PATCH", "DELETE"} {
		body := map[string]string{"PATCH": `{"title":"x"}`}[method]
		for header, want := range map[string]string{`"3"`: "3]", "": "null]"} {
			b.desk.taken()
			w := b.call("analyst", method+" /incidents/1/tasks/30", body, "If-Match", header)
			if calls := b.desk.taken(); w.Code >= 300 || len(calls) != 1 || !strings.HasSuffix(calls[0], want) {
				t.Errorf("%s with %q: %d %v", method, header, w.Code, calls)
			}
		}
		if p := problemIn(t, b.call("analyst", method+" /incidents/1/tasks/30", body, "If-Match", "x")); p.Status != 422 {
			t.Errorf("%s with nonsense: %d", method, p.Status)
		}
		b.desk.fail(incident.ErrStale)
		if p := problemIn(t, b.call("analyst", method+" /incidents/1/tasks/30", body, "If-Match", `"1"`)); p.Status != 412 {
			t.Errorf("%s of an old version: %d", method, p.Status)
		}
		b.desk.fail(nil)
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	b := newBench(t)
	many := strings.TrimSuffix(strings.Repeat("1,", 501), ",")
	for route, body := range map[string]string{
		"POST /incidents/update":                    `{"ids":[` + many + `],"patch":{}}`,
		"POST /incidents/merge":                     `{"ids":[1,2,3,4,5,6]}`,
		"POST /alerts/move":                         `{"alertIds":[]}`,
		"POST /incidents/1/comments":                `{"text":"` + strings.Repeat("x", 30001) + `"}`,
		"POST /incidents/1/tasks":                   `{"title":"` + strings.Repeat("x", 151) + `"}`,
		"PATCH /incidents/1/tasks/1":                `{"description":"` + strings.Repeat("x", 3001) + `"}`,
		"PATCH /incidents/1":                        `{"name":"` + strings.Repeat("x", 2<<20) + `"}`,
		"PATCH /alerts/a1":                          `{"status":"done"}`,
		"POST /alerts/update":                       `{"ids":["a"],"patch":{"nonsense":1}}`,
		"GET /alerts?limit=501":                     "",
		"GET /alerts?severity=critical":             "",
		"GET /entities?kind=ghost":                  "",
		"GET /search?q=" + strings.Repeat("x", 201): "",
	} {
		b.desk.taken()
		w := b.call("analyst", route, body)
		if p := problemIn(t, w); p.Status < 400 || p.Status >= 500 {
			t.Errorf("%s: %d", route, p.Status)
		}
		if calls := b.desk.taken(); len(calls) > 0 {
			t.Errorf("%s reached the workspace: %v", route, calls)
		}
	}
}

// Whatever the query, the answer is a page or a problem, and never a failure of
// the server.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"status=active&limit=1", "limit=-1", "cursor=%00", "from=0000-00-00T00:00:00Z", "entity=9223372036854775808",
		"q=%ff%fe", "status=&status=active", "asc=maybe", "tag=" + strings.Repeat("a,", 60), "workspace=%22", "&&==;;", "owner=me&owner=none"} {
		f.Add(seed)
	}
	var b *bench
	f.Fuzz(func(t *testing.T, query string) {
		if b == nil {
			b = newBench(t)
		}
		for _, path := range []string{"/incidents", "/alerts", "/incidents/1/alerts", "/entities", "/search", "/activity"} {
			r := &http.Request{Method: "GET", URL: &url.URL{Path: Base + path, RawQuery: query}, Header: http.Header{}, Body: http.NoBody, RemoteAddr: "192.0.2.1:1"}
			r.AddCookie(b.cookies["viewer"])
			w := httptest.NewRecorder()
			b.handler.ServeHTTP(w, r)
			if w.Code >= 500 || w.Body.Len() == 0 {
				t.Errorf("%s?%q: %d %s", path, query, w.Code, w.Body)
			}
		}
	})
}
