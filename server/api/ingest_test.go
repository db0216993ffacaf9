package api

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clew-sec/clew/workspace"
)

func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"@odata.type":"#microsoft.graph.security.alert","id":"a%d","title":"Alert %d","severity":"high","createdDateTime":"2026-03-04T10:00:00Z","evidence":[]}`+"\n", i, i)
	}
	return b.String()
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func zipped(text string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, _ := z.Create("alerts.json")
	_, _ = f.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func TestFormsOfBodies(t *testing.T) {
	b := newBench(t)
	array := "[" + strings.TrimSuffix(strings.ReplaceAll(lines(5), "\n", ","), ",") + "]"
	for name, c := range map[string]struct{ body, encoding string }{
		"lines":            {lines(5), ""},
		"array":            {array, ""},
		"list in value":    {`{"value":` + array + `}`, ""},
		"gzip":             {packed(lines(5)), "gzip"},
		"gzip unannounced": {packed(array), ""},
		"gzip old name":    {packed(array), "x-gzip"},
		"zip":              {zipped(lines(5)), ""},
		"identity":         {array, "identity"},
	} {
		for _, source := range []string{"graph", "auto"} {
			w := b.call("token:ingest", "POST /ingest/"+source, c.body, "Content-Encoding", c.encoding)
			if r := read[Receipt](t, w, 202); r.Received != 5 || r.New != 5 {
				t.Errorf("%s from %s: %+v", name, source, r)
			}
		}
	}
	if r := b.seen["auto"]; r.New != 5 {
		t.Errorf("not counted: %+v", b.seen)
	}
}

func TestBadRecordsDoNotSpoilTheRest(t *testing.T) {
	b := newBench(t)
	body := lines(2) + "{\"severity\":}\n" + lines(2) + "not json\n" + lines(1)
	r := read[Receipt](t, b.call("token:ingest", "POST /ingest/auto", body), 202)
	if r.New != 5 || r.Rejected != 2 || r.Received != 7 {
		t.Errorf("%+v", r)
	}
}

func TestLimitsOfBodies(t *testing.T) {
	b := newBench(t, func(o *Options) { o.MaxCompressed, o.MaxRaw = 4<<10, 64<<10 })
	bomb := packed(strings.Repeat(" ", 8<<20) + lines(1))
	for name, c := range map[string]struct {
		body, encoding string
		status         int
		accepted       bool
	}{
		"within":                  {lines(100), "", 202, true},
		"larger than raw":         {lines(1000), "", 413, false},
		"gzip larger than packed": {packed(random(8 << 10)), "gzip", 413, false},
		"gzip larger than raw":    {packed(lines(600)), "gzip", 413, true},
		"bomb":                    {bomb, "gzip", 413, false},
		"not gzip":                {lines(1), "gzip", 400, false},
		"unknown encoding":        {lines(1), "zstd", 415, false},
		"cut gzip":                {packed(random(2 << 10))[:1000], "gzip", 400, false},
		"empty":                   {"", "gzip", 400, false},
		"spaces":                  {"  \n ", "", 400, false},
	} {
		w := b.call("token:ingest", "POST /ingest/auto", c.body, "Content-Encoding", c.encoding)
		if w.Code != c.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
			continue
		}
		if c.status != 202 {
			if p := problemIn(t, w); c.accepted != (p.Receipt != nil && p.Receipt.New > 0) {
				t.Errorf("%s: accepted %+v", name, p.Receipt)
			}
		}
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
		fmt.Fprintf(&b, "%c", 33+x%90)
	}
	return b.String()
}

// unknownLength hides the length of a body, as chunked requests do.
type unknownLength struct{ io.Reader }

func TestLengthIsNotBelieved(t *testing.T) {
	b := newBench(t, func(o *Options) { o.MaxCompressed, o.MaxRaw = 4<<10, 16<<10 })
	r := httptest.NewRequest("POST", Base+"/ingest/auto", unknownLength{strings.NewReader(lines(1000))})
	r.Header.Set("Authorization", "Bearer "+b.tokens["ingest"])
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if w.Code != 413 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSenderBreaksOff(t *testing.T) {
	b := newBench(t)
	body := io.MultiReader(strings.NewReader(lines(3)), failing{})
	r := httptest.NewRequest("POST", Base+"/ingest/auto", body)
	r.Header.Set("Authorization", "Bearer "+b.tokens["ingest"])
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "broken-off") || !strings.Contains(w.Body.String(), `"new":3`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestIngestRequestsAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		most int
	}{"large": {lines(1) + strings.Repeat(" ", smallBody), 1}, "small": {lines(1), smallPerLarge}} {
		b := newBench(t, func(o *Options) { o.MaxIngests = 1 })
		b.desk.entered, b.desk.block = make(chan struct{}), make(chan struct{})
		codes := make(chan int)
		for range c.most {
			go func() { codes <- b.call("token:ingest", "POST /ingest/auto", c.body).Code }()
			<-b.desk.entered
		}
		w := b.call("token:ingest", "POST /ingest/auto", c.body)
		if p := problemIn(t, w); p.Status != 429 || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: one more: %d", name, w.Code)
		}
		close(b.desk.block)
		for range c.most {
			if code := <-codes; code != 202 {
				t.Errorf("%s: %d", name, code)
			}
		}
	}
}

func TestFailureIsLoggedOnce(t *testing.T) {
	b := newBench(t)
	b.desk.fail(errors.New("disk on fire"))
	w := b.call("token:ingest", "POST /ingest/auto", lines(2))
	if p := problemIn(t, w); p.Status != 500 || strings.Count(b.log.String(), "request failed") != 1 {
		t.Errorf("%d %s", w.Code, b.log)
	}
}

func TestWriterIsBusy(t *testing.T) {
	b := newBench(t)
	b.desk.fail(workspace.ErrBusy)
	w := b.call("token:ingest", "POST /ingest/auto", lines(2))
	if p := problemIn(t, w); p.Status != 429 || w.Header().Get("Retry-After") == "" || p.Receipt == nil {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
