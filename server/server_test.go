package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/api"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/source/catalog"
	"github.com/clew-sec/clew/store/sqlite"
	"github.com/clew-sec/clew/workspace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const phrase = "correct horse battery"

// shop is the whole HTTP side on a real database, over a real network.
type shop struct {
	t      *testing.T
	server *Server
	base   string
	client *http.Client
	log    *lockedBuffer
	ws     *workspace.Workspace
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func open(t *testing.T, change ...func(*Options)) *shop {
	t.Helper()
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, db.Close()) })
	ws, err := workspace.Open(ctx, workspace.Options{
		Name: "default", Store: db,
		NewEngine:     func() correlate.Correlator { return correlate.New(correlate.Options{}) },
		RestoreEngine: func(b []byte) (correlate.Correlator, error) { return correlate.Restore(b, correlate.Options{}) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, ws.Close(ctx)) })
	s := &shop{t: t, log: &lockedBuffer{}, ws: ws}
	opt := Options{
		Store: db, Workspaces: []Workspace{ws}, Sources: catalog.All(), Version: "test",
		Portal:       fstest.MapFS{"index.html": {Data: []byte("<!doctype html><meta content=__CSP_NONCE__>")}},
		Log:          slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		PasswordCost: auth.Cost{Memory: 64, Time: 1, Parallel: 2},
	}
	for _, c := range change {
		c(&opt)
	}
	if s.server, err = New(opt); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.server.Close)
	listener := httptest.NewUnstartedServer(nil)
	listener.Config = s.server.HTTP("")
	listener.Start()
	t.Cleanup(listener.Close)
	t.Cleanup(s.server.Close)
	s.base, s.client = listener.URL, listener.Client()
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// administrator signs the first administrator in by the link.
func (s *shop) administrator() *http.Cookie {
	s.t.Helper()
	secret, needed, err := auth.EnsureAdministrator(context.Background(), s.server.opt.Store, time.Now())
	if err != nil || !needed {
		s.t.Fatal(needed, err)
	}
	r := s.do("POST", "/api/v1/setup/"+secret, `{"password":"`+phrase+`"}`)
	if r.status != 200 {
		s.t.Fatalf("%d %s", r.status, r.body)
	}
	return r.cookies[0]
}

type reply struct {
	status  int
	body    string
	header  http.Header
	cookies []*http.Cookie
}

// do sends a request; extra are headers as pairs, or a *http.Cookie.
func (s *shop) do(method, path, body string, extra ...any) reply {
	s.t.Helper()
	req, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(extra); i++ {
		switch e := extra[i].(type) {
		case *http.Cookie:
			req.AddCookie(e)
		case string:
			req.Header.Set(e, extra[i+1].(string))
			i++
		}
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{res.StatusCode, string(text), res.Header, res.Cookies()}
}

func into[T any](t *testing.T, r reply, status int) (v T) {
	t.Helper()
	if r.status != status {
		t.Fatalf("%d instead of %d: %s", r.status, status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return v
}

// attack is three alerts about one device and user, as Graph sends them.
func attack() string {
	var b strings.Builder
	for i, title := range []string{"Suspicious attachment opened", "Encoded script started", "Credential theft tool prevented"} {
		fmt.Fprintf(&b, `{"@odata.type":"#microsoft.graph.security.alert","id":"da%d","providerAlertId":"%d","title":%q,"severity":"high","status":"new",
"category":"Execution","serviceSource":"microsoftDefenderForEndpoint","createdDateTime":"2026-03-04T10:0%d:00Z","firstActivityDateTime":"2026-03-04T10:0%d:00Z",
"lastActivityDateTime":"2026-03-04T10:0%d:30Z","evidence":[
{"@odata.type":"#microsoft.graph.security.deviceEvidence","deviceDnsName":"fin-01.corp.example","mdeDeviceId":"73e7e2de709dff64ef64b1d0c30e67fab63279db","createdDateTime":"2026-03-04T10:00:00Z"},
{"@odata.type":"#microsoft.graph.security.userEvidence","userAccount":{"accountName":"ada","userPrincipalName":"ada@corp.example","domainName":"corp"},"createdDateTime":"2026-03-04T10:00:00Z"}]}
`, i, i, title, i, i, i)
	}
	return "[" + strings.ReplaceAll(strings.TrimSpace(b.String()), "}]}\n{", "}]},\n{") + "]"
}

func TestFromAlertToStory(t *testing.T) {
	t.Parallel()
	s := open(t)
	admin := s.administrator()
	receipt := into[api.Receipt](t, s.do("POST", "/api/v1/ingest/auto", attack(), admin), 202)
	if receipt.Received != 3 || receipt.New != 3 || len(receipt.Records) != 3 {
		t.Fatalf("%+v", receipt)
	}
	again := into[api.Receipt](t, s.do("POST", "/api/v1/ingest/graph", attack(), admin), 202)
	if again.New != 0 || again.Unchanged+again.Updated != 3 {
		t.Errorf("sent again: %+v", again)
	}
	list := into[api.List[incident.Incident]](t, s.do("GET", "/api/v1/incidents?severity=high", "", admin), 200)
	if len(list.Items) == 0 || list.Items[0].Tally.Alerts != 3 {
		t.Fatalf("%+v", list)
	}
	path := fmt.Sprintf("/api/v1/incidents/%d", list.Items[0].ID)
	for _, part := range []string{"", "/alerts", "/entities", "/activities", "/story", "/explain", "/merges"} {
		if r := s.do("GET", path+part, "", admin); r.status != 200 || strings.Contains(r.body, "null") {
			t.Errorf("%s: %d %s", part, r.status, r.body)
		}
	}
	for _, other := range []string{"/incidents/facets", "/incidents/histogram", "/alerts", "/alerts/facets", "/alerts/" + receipt.Records[0].AlertID,
		"/alerts/" + receipt.Records[1].AlertID + "/explain", "/entities?kind=device", "/entities/1", "/entities/1/alerts", "/entities/1/incidents",
		"/search?q=fin-01", "/sources", "/rejects", "/activity", "/people", "/users", "/tokens"} {
		if r := s.do("GET", "/api/v1"+other, "", admin); r.status != 200 || strings.Contains(r.body, ":null") {
			t.Errorf("%s: %d %s", other, r.status, r.body)
		}
	}
	s.caseWork(admin, path, receipt)
}

// caseWork takes an incident through what an analyst does to it.
func (s *shop) caseWork(admin *http.Cookie, path string, receipt api.Receipt) {
	s.t.Helper()
	read := s.do("GET", path, "", admin)
	changed := s.do("PATCH", path, `{"status":"inProgress","owner":"me","tags":["vip"],"comment":"looking"}`, admin, "If-Match", read.header.Get("ETag"))
	if i := into[incident.Incident](s.t, changed, 200); i.Owner != "admin" || i.Status != incident.InProgress || changed.header.Get("ETag") == read.header.Get("ETag") {
		s.t.Errorf("%+v", i)
	}
	if r := s.do("PATCH", path, `{"name":"late"}`, admin, "If-Match", read.header.Get("ETag")); r.status != 412 {
		s.t.Errorf("a stale change: %d %s", r.status, r.body)
	}
	moved := into[api.Moved](s.t, s.do("POST", "/api/v1/alerts/move", fmt.Sprintf(`{"alertIds":[%q],"reason":"unrelated"}`, receipt.Records[2].AlertID), admin), 200)
	if moved.Incident.ID == 0 || fmt.Sprintf("/api/v1/incidents/%d", moved.Incident.ID) == path {
		s.t.Errorf("%+v", moved)
	}
	into[incident.Activity](s.t, s.do("POST", path+"/comments", `{"text":"done"}`, admin), 201)
	if r := s.do("PATCH", path, `{"determination":"phishing","classification":"falsePositive"}`, admin); r.status != 422 {
		s.t.Errorf("a determination that does not fit: %d %s", r.status, r.body)
	}
	if r := s.do("PATCH", "/api/v1/incidents/9999", `{"name":"x"}`, admin); r.status != 404 {
		s.t.Errorf("%d %s", r.status, r.body)
	}
	alerts := into[api.Count](s.t, s.do("POST", "/api/v1/alerts/update", fmt.Sprintf(`{"ids":[%q],"patch":{"status":"resolved"}}`, receipt.Records[0].AlertID), admin), 200)
	if alerts.Updated != 1 {
		s.t.Errorf("%+v", alerts)
	}
}

func TestLiveUpdates(t *testing.T) {
	t.Parallel()
	s := open(t)
	admin := s.administrator()
	req, _ := http.NewRequest("GET", s.base+"/api/v1/events", nil)
	req.AddCookie(admin)
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Content-Encoding") != "" {
		t.Fatalf("%v", res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	wait := func(want string) string {
		t.Helper()
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), want) {
				return lines.Text()
			}
		}
		t.Fatalf("the stream ended before %q: %v", want, lines.Err())
		return ""
	}
	wait("event: hello")
	into[api.Receipt](t, s.do("POST", "/api/v1/ingest/auto", attack(), admin), 202)
	wait("event: change")
	if data := wait("data: "); !strings.Contains(data, `"incidents":[1`) || !strings.Contains(data, `"alerts":3`) {
		t.Error(data)
	}
	s.server.Close()
	for lines.Scan() {
	}
	if lines.Err() != nil {
		t.Errorf("the stream was cut, not ended: %v", lines.Err())
	}
	if r := s.do("GET", "/api/v1/events", "", admin); r.status != 503 {
		t.Errorf("a stream after the end: %d %s", r.status, r.body)
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := open(t, func(o *Options) { o.PublicURL = "https://clew.example" })
	admin := s.administrator()
	const path, body = "/api/v1/session/settings", `{"a":1}`
	for name, c := range map[string]struct {
		headers []any
		status  int
	}{
		"the portal":        {[]any{"Sec-Fetch-Site", "same-origin"}, 200},
		"no browser":        {nil, 200},
		"public URL":        {[]any{"Origin", "https://clew.example", "Sec-Fetch-Site", "cross-site"}, 200},
		"another site":      {[]any{"Sec-Fetch-Site", "cross-site"}, 403},
		"a sister site":     {[]any{"Sec-Fetch-Site", "same-site"}, 403},
		"an old browser":    {[]any{"Origin", "https://evil.example"}, 403},
		"a sandboxed frame": {[]any{"Origin", "null"}, 403},
	} {
		r := s.do("PUT", path, body, append(c.headers, admin)...)
		if r.status != c.status {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		if r.status == 403 && (r.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(r.body, "requestId")) {
			t.Errorf("%s: %s", name, r.body)
		}
	}
	if r := s.do("GET", "/api/v1/session", "", admin, "Sec-Fetch-Site", "cross-site"); r.status != 200 {
		t.Errorf("reading is refused: %d", r.status)
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, path := range []string{"/", "/incidents/1", "/api/v1/session", "/api/openapi.json", "/api/nothing", "/healthz", "/readyz", "/metrics", "/assets/none.js"} {
		r := s.do("GET", path, "", "Accept", "text/html")
		h := r.header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" || h.Get("Referrer-Policy") != "no-referrer" ||
			h.Get("Cross-Origin-Opener-Policy") != "same-origin" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" ||
			h.Get("Permissions-Policy") == "" || len(h.Get("X-Request-Id")) != 16 {
			t.Errorf("%s: %v", path, h)
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "base-uri 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
		if h.Get("Server") != "" || h.Get("Access-Control-Allow-Origin") != "" || h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	if r := s.do("GET", "/api/openapi.json", ""); r.status != 200 || !json.Valid([]byte(r.body)) {
		t.Errorf("the document: %d", r.status)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var bad error
	s := open(t, func(o *Options) { o.Ready = func(context.Context) error { return bad } })
	if r := s.do("GET", "/healthz", ""); r.status != 200 || r.body != "ok\n" {
		t.Errorf("%d %q", r.status, r.body)
	}
	if r := s.do("GET", "/readyz", ""); r.status != 200 || r.body != "ready\n" {
		t.Errorf("%d %q", r.status, r.body)
	}
	bad = errors.New("disk at /secret/path")
	if r := s.do("GET", "/readyz", ""); r.status != 503 || strings.Contains(r.body, "secret") || !strings.Contains(s.log.String(), "secret") {
		t.Errorf("%d %q", r.status, r.body)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := open(t)
	admin := s.administrator()
	s.do("POST", "/api/v1/ingest/auto", attack(), admin)
	for i := range 50 {
		s.do("GET", fmt.Sprintf("/api/v1/incidents/%d", i+1), "", admin)
		s.do("GET", fmt.Sprintf("/nonsense/%d", i), "")
		s.do("POST", fmt.Sprintf("/api/v1/ingest/source%d", i), "{}", admin)
	}
	r := s.do("GET", "/metrics", "")
	for _, want := range []string{
		`clew_http_requests_total{route="GET /api/v1/incidents/{id}",status="200"} `, `clew_http_requests_total{route="GET /api/v1/incidents/{id}",status="404"} `,
		`clew_ingest_records_total{result="new",source="auto"} 3`, `clew_live_clients{workspace="default"} 0`, "go_goroutines",
	} {
		if !strings.Contains(r.body, want) {
			t.Errorf("no %s", want)
		}
	}
	if n := strings.Count(r.body, "clew_http_requests_total{"); n > 12 {
		t.Errorf("%d series of requests", n)
	}
	if strings.Contains(r.body, "nonsense") || strings.Contains(r.body, "source7") {
		t.Error("a caller made labels")
	}
	if r := s.do("GET", "/metrics", "", "X-Forwarded-For", "203.0.113.5"); r.status != 401 {
		t.Errorf("through a proxy on this machine: %d", r.status)
	}
	if r := s.do("GET", "/metrics", "", "X-Forwarded-For", "203.0.113.5", admin); r.status != 200 {
		t.Errorf("with the permission: %d", r.status)
	}
}

func TestPanicEndsOneRequestOnly(t *testing.T) {
	t.Parallel()
	s := open(t)
	broken := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			w.WriteHeader(http.StatusOK)
		}
		panic("secret detail")
	})
	for path, status := range map[string]int{"/early": 500, "/late": 200} {
		w := httptest.NewRecorder()
		s.server.serve(broken, w, httptest.NewRequest("GET", path, nil))
		if w.Code != status || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if !strings.Contains(s.log.String(), "secret detail") {
		t.Error("the panic was not logged")
	}
	if r := s.do("GET", "/healthz", ""); r.status != 200 {
		t.Errorf("afterwards: %d", r.status)
	}
}

func TestQueryThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	if r := s.do("GET", "/api/v1/incidents?q=%zz", ""); r.status != 400 || !strings.Contains(r.body, "requestId") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestAnswersArePacked(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := s.do("GET", "/api/openapi.json", "", "Accept-Encoding", "gzip")
	if r.header.Get("Content-Encoding") != "gzip" || r.header.Get("Vary") == "" {
		t.Errorf("%v", r.header)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{}); err == nil {
		t.Error("a server without a store")
	}
	s := open(t)
	bad := s.server.opt
	bad.PublicURL = "not a url"
	if _, err := New(bad); err == nil {
		t.Error("a public URL that is none")
	}
}
