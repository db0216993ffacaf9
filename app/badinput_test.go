package app_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/store"
)

// good is a readable alert.
func good(id string) string {
	return `{"@odata.type":"#microsoft.graph.security.alert","id":"` + id + `","title":"Alert ` + id + `","severity":"low","createdDateTime":"2026-03-04T10:00:00Z","evidence":[{"@odata.type":"#microsoft.graph.security.ipEvidence","ipAddress":"203.0.113.5"}]}`
}

// with is a good alert with one more member.
func with(id, member string) string { return strings.TrimSuffix(good(id), "}") + "," + member + "}" }

func evidences(n int) string {
	return strings.TrimSuffix(strings.Repeat(`{"@odata.type":"#microsoft.graph.security.ipEvidence","ipAddress":"203.0.113.5"},`, n), ",")
}

func gz(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	z.Close()
	return b.Bytes()
}

// gzipBomb packs zeros of that many bytes behind a good alert. Zip packs the same.
func gzipBomb(bytesOut int64) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write([]byte(good("a") + "\n"))
	_, _ = io.CopyN(z, blanks{}, bytesOut)
	z.Close()
	return b.Bytes()
}

func zipBomb(bytesOut int64) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, _ := z.Create("alerts.jsonl")
	_, _ = f.Write([]byte(good("a") + "\n"))
	_, _ = io.CopyN(f, blanks{}, bytesOut)
	z.Close()
	return b.Bytes()
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// badCase is a file with something wrong in it.
type badCase struct {
	content  []byte
	accepted int    // alerts
	record   int    // the bad record, 0: the file as a whole
	field    string // JSON pointer
	reason   string // part of it
	size     int    // of the record, at least
	status   int    // by HTTP; 202 when 0
}

// badCases are small, and each has a good alert before what is wrong, and one
// behind it where reading can go on.
func badCases() map[string]badCase {
	between := func(bad string) []byte { return []byte(good("a") + "\n" + bad + "\n" + good("z") + "\n") }
	return map[string]badCase{
		"broken JSON in the middle":   {content: between(`{"id":"b","title":`), accepted: 2, record: 2, reason: "not valid JSON"},
		"no JSON at all":              {content: between(`hello there`), accepted: 2, record: 2, reason: "a record begins with {"},
		"list broken in the middle":   {content: []byte("[" + good("a") + "," + good("b") + "}]"), accepted: 2, record: 3, reason: "broken"},
		"name twice":                  {content: between(with("b", `"title":"again"`)), accepted: 2, record: 2, field: "/title", reason: "twice"},
		"invalid UTF-8":               {content: between(with("b", "\"description\":\"\xff\xfe\"")), accepted: 2, record: 2, field: "/description", reason: "UTF-8"},
		"number for text":             {content: between(with("b", `"description":5`)), accepted: 2, record: 2, field: "/description", reason: "a number instead of a string"},
		"text for list":               {content: between(strings.Replace(good("b"), `"evidence":[`, `"categories":"x","evidence":[`, 1)), accepted: 2, record: 2, field: "/categories"},
		"evidence is no object":       {content: between(`{"@odata.type":"#microsoft.graph.security.alert","id":"b","title":"B","createdDateTime":"2026-03-04T10:00:00Z","evidence":[5]}`), accepted: 2, record: 2, field: "/evidence/0"},
		"wrong type in evidence":      {content: between(strings.Replace(good("b"), `"203.0.113.5"`, `{"a":1}`, 1)), accepted: 2, record: 2, field: "/evidence/0/ipAddress"},
		"absurd time":                 {content: between(with("b", `"firstActivityDateTime":"9020-01-01T00:00:00Z"`)), accepted: 2, record: 2, field: "/firstActivityDateTime", reason: "lies outside 1990 to 2100"},
		"time before all computers":   {content: between(with("b", `"lastActivityDateTime":"1701-01-01T12:00:00Z"`)), accepted: 2, record: 2, field: "/lastActivityDateTime"},
		"no time":                     {content: between(with("b", `"lastUpdateDateTime":"yesterday"`)), accepted: 2, record: 2, field: "/lastUpdateDateTime"},
		"deep nesting":                {content: between(with("b", `"additionalData":{"a":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+"}")), accepted: 2, record: 2, reason: "nested 5002 deep"},
		"100,000 pieces of evidence":  {content: between(strings.Replace(good("b"), `"evidence":[`, `"evidence":[`+evidences(100_000)+",", 1)), accepted: 2, record: 2, reason: "8100228 bytes, at most 4194304", size: 8_100_228},
		"3,000 pieces of evidence":    {content: between(strings.Replace(good("b"), `"evidence":[`, `"evidence":[`+evidences(3000)+",", 1)), accepted: 2, record: 2, field: "/evidence", reason: "more than 2000"},
		"title of 100,000 characters": {content: between(strings.Replace(good("b"), `"Alert b"`, `"`+strings.Repeat("x", 100_000)+`"`, 1)), accepted: 2, record: 2, field: "/title", reason: "100000 bytes of text", size: 100_000},
		"unknown format":              {content: between(`{"hello":"world"}`), accepted: 2, record: 2, reason: "no source recognises"},
		"truncated gzip":              {content: gz(good("a") + "\n" + good("b") + "\n" + random(50_000))[:20_000], accepted: 2, record: 3, reason: "cut off"},
		"not a gzip":                  {content: []byte("\x1f\x8bhello"), reason: "not a readable archive", status: 400},
		"not a zip":                   {content: []byte("PK\x03\x04hello"), reason: "not a readable archive", status: 400},
		"UTF-16":                      {content: []byte("\xff\xfe{\x00}\x00"), reason: "UTF-16", status: 400},
	}
}

// random is text that does not pack well.
func random(n int) string {
	x := uint32(1)
	var b strings.Builder
	for b.Len() < n {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b.WriteByte(byte(65 + x%26))
	}
	return b.String()
}

func TestBadInputByImport(t *testing.T) {
	t.Parallel()
	for name, c := range badCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "alerts.jsonl")
			if err := os.WriteFile(file, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			data := filepath.Join(dir, "data")
			var out, text bytes.Buffer
			err := app.Import(t.Context(), app.Config{Data: data}, app.IO{Out: &out, Err: &text}, app.ImportOptions{Workspace: "default", Files: []string{file}})
			if err == nil {
				t.Error("no problem was reported")
			}
			if shown := text.String(); !strings.Contains(shown, c.reason) || !strings.Contains(shown, c.field) ||
				c.record > 0 && !strings.Contains(shown, fmt.Sprintf("record %d", c.record)) {
				t.Errorf("shown: %.600s", shown)
			}
			a, err := app.New(t.Context(), app.Config{Data: data})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Stop(t.Context())
			p, err := a.Store().Rejects(t.Context(), "default", store.Paging{})
			if err != nil {
				t.Fatal(err)
			}
			checkDeadLetter(t, c, p.Items, "alerts.jsonl")
			alerts, err := a.Store().Alerts(t.Context(), store.AlertQuery{Workspace: "default"})
			if err != nil || len(alerts.Items) != c.accepted {
				t.Errorf("%d alerts were accepted instead of %d: %v", len(alerts.Items), c.accepted, err)
			}
		})
	}
}

func checkDeadLetter(t *testing.T, c badCase, dead []store.Reject, origin string) {
	t.Helper()
	if len(dead) != 1 {
		t.Fatalf("%d dead letters: %+v", len(dead), dead)
	}
	d := dead[0]
	if d.Record != c.record || !strings.HasPrefix(d.Field, c.field) || c.field != "" && d.Field == "" || !strings.Contains(d.Reason, c.reason) || d.Origin != origin || len(d.Raw) > 64<<10 || d.RawBytes < int64(c.size) {
		d.Raw = nil
		t.Errorf("dead letter %+v", d)
	}
}

func TestBadInputByHTTP(t *testing.T) {
	t.Parallel()
	p := serve(t, t.TempDir())
	defer p.stop()
	p.becomeAdministrator()
	for name, c := range badCases() {
		if c.status == 0 {
			c.status = 202
		}
		// Each case has alerts of its own.
		content := c.content
		origin := strings.ReplaceAll(name, " ", "-")
		text := p.send(c.status, "POST", "/api/v1/ingest/auto?origin="+origin, content, "Authorization", "Bearer "+p.token, "Content-Type", "application/octet-stream")
		if c.status == 202 {
			var r receipt
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			if r.New+r.Updated+r.Unchanged != c.accepted || r.Rejected != 1 {
				t.Errorf("%s: %+v", name, r)
			}
		} else if !strings.Contains(string(text), c.reason) {
			t.Errorf("%s: %s", name, text)
		}
		dead := call[page[store.Reject]](p, 200, "GET", "/api/v1/rejects?limit=1", nil)
		if len(dead.Items) == 0 || dead.Items[0].Origin != origin {
			t.Errorf("%s: no dead letter: %+v", name, dead.Items)
			continue
		}
		checkDeadLetter(t, c, dead.Items, origin)
	}
}

// TestScriptInTitlesStaysText: what attackers write comes out as it went in, as
// text, and with headers that keep a browser from taking it for anything else.
func TestScriptInTitlesStaysText(t *testing.T) {
	t.Parallel()
	p := serve(t, t.TempDir())
	defer p.stop()
	p.becomeAdministrator()
	const script = `<script>alert(1)</script><img src=x onerror=alert(2)>`
	r := p.deliver(202, []byte(strings.Replace(good("x"), "Alert x", script, 1)))
	if r.New != 1 {
		t.Fatalf("%+v", r)
	}
	type row struct{ Title string }
	list := call[page[row]](p, 200, "GET", "/api/v1/alerts", nil)
	if len(list.Items) != 1 || list.Items[0].Title != script {
		t.Errorf("%+v", list)
	}
	resp, err := p.http.Get(p.url + "/api/v1/alerts")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if ct := resp.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q %v", ct, resp.Header)
	}
	if csp := resp.Header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe-inline") || csp == "" {
		t.Errorf("policy %q", csp)
	}
	p.send(200, "GET", fmt.Sprintf("/api/v1/incidents/%d/story", r.Records[0].IncidentID), nil)
}
