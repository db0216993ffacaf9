package app_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/web"
)

// product is the whole of Clew, served in this process on a free port.
type product struct {
	t     testing.TB
	url   string
	setup string // path of the first administrator's link
	http  http.Client
	token string
	stop  func()
}

// serve starts the product as `clew serve` does.
func serve(t testing.TB, data string) *product {
	t.Helper()
	return serveAs(t, app.Config{Data: data})
}

func serveAs(t testing.TB, cfg app.Config) *product {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- app.Serve(ctx, cfg, app.IO{Out: in, Err: io.Discard}, "")
		in.Close()
	}()
	p := &product{t: t}
	p.http.Jar, _ = cookiejar.New(nil)
	p.http.Timeout = time.Minute
	lines := bufio.NewScanner(out)
	for p.setup == "" && lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if url, ok := strings.CutPrefix(line, "Clew is ready at "); ok {
			p.url = url
		}
		if at := strings.Index(line, "/setup/"); at >= 0 && strings.HasPrefix(line, p.url) {
			p.setup = line[at:]
		}
		if strings.HasPrefix(line, "Sign in there") {
			break
		}
	}
	drained := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, out)
		close(drained)
	}()
	p.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("an orderly end: %v", err)
		}
		<-drained
		p.http.CloseIdleConnections()
	}
	if p.url == "" {
		p.stop()
		t.Fatal("the product did not start")
	}
	return p
}

// call sends a request and reads the answer into a T.
func call[T any](p *product, status int, method, path string, body any, headers ...string) T {
	p.t.Helper()
	var v T
	text := p.send(status, method, path, body, headers...)
	if len(text) > 0 {
		if err := json.Unmarshal(text, &v); err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return v
}

func (p *product) send(status int, method, path string, body any, headers ...string) []byte {
	p.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			p.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, r)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode != status {
		p.t.Fatalf("%s %s: %s instead of %d: %s", method, path, resp.Status, status, text)
	}
	return text
}

type receipt struct {
	Received, New, Updated, Unchanged, Rejected, Skipped int
	Records                                              []struct {
		Record        int
		AlertID       string
		IncidentID    int64
		Status, Field string
		Reason        string
	}
}

// deliver sends alerts with the token, as a source does.
func (p *product) deliver(status int, body []byte, headers ...string) receipt {
	p.t.Helper()
	return call[receipt](p, status, "POST", "/api/v1/ingest/auto?origin=product-test", body, append(headers, "Authorization", "Bearer "+p.token)...)
}

const phrase = "correct horse battery staple"

func (p *product) becomeAdministrator() {
	p.t.Helper()
	if p.setup == "" {
		p.t.Fatal("the first start printed no link")
	}
	signed := call[struct{ User struct{ Name, Role string } }](p, 200, "POST", "/api/v1"+p.setup, map[string]string{"user": "ada", "displayName": "Ada", "password": phrase})
	if signed.User.Name != "ada" || signed.User.Role != "admin" {
		p.t.Fatalf("%+v", signed)
	}
	p.token = call[struct{ Secret string }](p, 201, "POST", "/api/v1/tokens", map[string]any{"name": "sender", "scopes": []string{"ingest"}}).Secret
}

type head struct {
	ID         int64
	Name       string
	Status     string
	Owner      string
	Tags       []string
	RedirectTo int64
	Version    int64
	Tally      struct{ Alerts int }
}

type page[T any] struct {
	Items []T
	Next  string
}

// TestWholeProduct goes the way of a new user, from the first start to signing
// out and starting again.
func TestWholeProduct(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := serve(t, data)
	p.becomeAdministrator()
	p.delivers()
	p.reads()
	p.works()
	p.send(204, "DELETE", "/api/v1/session", nil)
	p.send(401, "GET", "/api/v1/incidents", nil)
	p.send(401, "POST", "/api/v1/session", map[string]string{"user": "ada", "password": "not that one at all"})
	p.stop()

	q := serve(t, data)
	if q.setup != "" {
		t.Error("the second start offers to make an administrator")
	}
	q.send(200, "POST", "/api/v1/session", map[string]string{"user": "ada", "password": phrase})
	if list := call[page[head]](q, 200, "GET", "/api/v1/incidents?limit=500", nil); len(list.Items) < 10 {
		t.Errorf("%d incidents after the second start", len(list.Items))
	}
	q.stop()
	checkData(t, data)
}

// checkData reads a data folder that nobody uses and holds it against what must
// be true.
func checkData(t *testing.T, data string) invariant.Report {
	t.Helper()
	a, err := app.New(t.Context(), app.Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop(t.Context())
	report, err := invariant.Check(t.Context(), a.Store(), app.DefaultWorkspace)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range report.Problems {
		t.Error(problem)
	}
	return report
}

// delivers sends the demo in each form in which senders send.
func (p *product) delivers() {
	t := p.t
	var lines [][]byte
	for d := range demo.Generate(demo.Options{Seed: 2, Days: 3, Alerts: 400, Start: time.Now().AddDate(0, 0, -3)}).Alerts() {
		text, err := d.Alert.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, text)
	}
	events := p.events()
	if r := p.deliver(202, lines[0]); r.New != 1 || r.Records[0].IncidentID == 0 {
		t.Errorf("single: %+v", r)
	}
	if line := <-events; !strings.Contains(line, `"alerts":1`) {
		t.Errorf("live update %q", line)
	}
	array := append(append([]byte("["), bytes.Join(lines[1:50], []byte(","))...), ']')
	if r := p.deliver(202, array); r.Received != 49 {
		t.Errorf("array: %+v", r)
	}
	ndjson := bytes.Join(lines[50:200], []byte("\n"))
	if r := p.deliver(202, ndjson, "Content-Type", "application/x-ndjson"); r.Received != 150 || r.Rejected != 0 {
		t.Errorf("lines: %+v", r)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Join(lines[200:], []byte("\n")))
	z.Close()
	if r := p.deliver(202, packed.Bytes(), "Content-Encoding", "gzip"); r.Received != len(lines)-200 {
		t.Errorf("gzip: %+v", r)
	}
	if r := p.deliver(202, ndjson); r.Unchanged == 0 || r.New != 0 {
		t.Errorf("again: %+v", r)
	}
	p.send(401, "POST", "/api/v1/ingest/auto", lines[0], "Authorization", "Bearer clew_wrong_token")
}

// events follows the live updates until the test ends, and gives the data of
// changes.
func (p *product) events() <-chan string {
	ctx, cancel := context.WithCancel(p.t.Context())
	p.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", p.url+"/api/v1/events", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	stream := http.Client{Jar: p.http.Jar}
	resp, err := stream.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	out := make(chan string, 1000)
	standing := make(chan struct{})
	go func() {
		defer resp.Body.Close()
		kind := ""
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if k, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				if kind = k; kind == "hello" {
					close(standing)
				}
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && kind == "change" {
				out <- data
			}
		}
	}()
	<-standing
	return out
}

// reads asks for all that the portal shows.
func (p *product) reads() {
	t := p.t
	list := call[page[head]](p, 200, "GET", "/api/v1/incidents?sort=alerts&limit=2", nil)
	if len(list.Items) != 2 || list.Next == "" || list.Items[0].Tally.Alerts < list.Items[1].Tally.Alerts {
		t.Fatalf("%+v", list)
	}
	facets := call[struct {
		Total  int
		Fields map[string][]struct {
			Value string
			Count int
		}
	}](p, 200, "GET", "/api/v1/incidents/facets", nil)
	if facets.Total < 10 || len(facets.Fields["severity"]) == 0 {
		t.Errorf("%+v", facets)
	}
	id := list.Items[0].ID
	at := fmt.Sprintf("/api/v1/incidents/%d", id)
	if h := call[head](p, 200, "GET", at, nil); h.ID != id || h.Name == "" {
		t.Errorf("%+v", h)
	}
	story := call[struct {
		Timeline []any
		Graph    struct{ Nodes []any }
	}](p, 200, "GET", at+"/story", nil)
	if len(story.Timeline) == 0 || len(story.Graph.Nodes) == 0 {
		t.Error("an empty story")
	}
	for _, part := range []string{"alerts", "entities", "activities"} {
		if l := call[page[any]](p, 200, "GET", at+"/"+part, nil); len(l.Items) == 0 {
			t.Errorf("no %s", part)
		}
	}
	p.send(200, "GET", at+"/explain", nil)
	if h := call[struct{ Hours []any }](p, 200, "GET", "/api/v1/incidents/histogram", nil); h.Hours == nil {
		t.Error("no histogram")
	}
	found := call[struct{ Incidents []head }](p, 200, "GET", fmt.Sprintf("/api/v1/search?q=%%23%d", id), nil)
	if len(found.Incidents) == 0 || found.Incidents[0].ID != id {
		t.Errorf("search: %+v", found)
	}
	if page := p.send(portalStatus(t), "GET", "/incidents", nil, "Accept", "text/html", "Sec-Fetch-Mode", "navigate"); !bytes.Contains(bytes.ToLower(page), []byte("<!doctype html>")) {
		t.Errorf("the portal's page: %.100s", page)
	}
	for _, path := range []string{"/healthz", "/api/openapi.json"} {
		p.send(200, "GET", path, nil)
	}
}

// portalStatus is how a page of the portal is answered: a build without Node says
// how to get one with the portal.
func portalStatus(t testing.TB) int {
	t.Helper()
	if _, err := fs.Stat(web.Portal(), "index.html"); err != nil {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// works patches, merges and undoes.
func (p *product) works() {
	t := p.t
	list := call[page[head]](p, 200, "GET", "/api/v1/incidents?status=active&sort=id&asc=true&limit=3", nil)
	one, two := list.Items[0], list.Items[1]
	at := fmt.Sprintf("/api/v1/incidents/%d", two.ID)
	patched := call[head](p, 200, "PATCH", at, map[string]any{"status": "inProgress", "owner": "me", "tags": []string{"vip"}, "comment": "mine"}, "If-Match", fmt.Sprintf(`"%d"`, two.Version))
	if patched.Status != "inProgress" || patched.Owner != "ada" {
		t.Errorf("%+v", patched)
	}
	p.send(412, "PATCH", at, map[string]any{"owner": ""}, "If-Match", fmt.Sprintf(`"%d"`, two.Version))
	merged := call[struct {
		Target int64
		Merges []struct{ ID, Source int64 }
	}](p, 200, "POST", "/api/v1/incidents/merge", map[string]any{"ids": []int64{one.ID, two.ID}, "reason": "one attack"})
	source := merged.Merges[0].Source
	if h := call[head](p, 200, "GET", fmt.Sprintf("/api/v1/incidents/%d", source), nil); h.Status != "redirected" || h.RedirectTo != merged.Target {
		t.Errorf("%+v", h)
	}
	p.send(409, "POST", "/api/v1/incidents/merge", map[string]any{"ids": []int64{one.ID, two.ID}})
	undone := call[struct{ Source, Target head }](p, 200, "POST", fmt.Sprintf("/api/v1/merges/%d/undo", merged.Merges[0].ID), map[string]any{"reason": "two attacks"})
	if undone.Source.ID != source || undone.Source.Status == "redirected" {
		t.Errorf("%+v", undone)
	}
	if h := call[head](p, 200, "GET", at, nil); h.Owner != "ada" || len(h.Tags) != 1 || h.Status != "inProgress" || h.Tally.Alerts != two.Tally.Alerts {
		t.Errorf("after the undo: %+v", h)
	}
	log := string(p.send(200, "GET", fmt.Sprintf("/api/v1/incidents/%d/activities", merged.Target), nil))
	if !strings.Contains(log, "mergeUndone") || !strings.Contains(log, "two attacks") {
		t.Errorf("log %s", log)
	}
}
