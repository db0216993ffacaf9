package reader

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/catalog"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
)

func packed(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func archive(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// collect writes what Records gives as one line per step.
func collect(r io.Reader, opt Options) []string {
	var out []string
	opt.Name = "f"
	for rec, err := range Records(context.Background(), r, opt) {
		if err != nil {
			fatal := ""
			var re *RecordError
			if errors.As(err, &re) && re.Fatal {
				fatal = " fatal"
			}
			out = append(out, "error"+fatal+": "+err.Error())
			continue
		}
		out = append(out, fmt.Sprintf("%s#%d line %d @%d %s", rec.File, rec.Number, rec.Line, rec.Offset, rec.Raw))
	}
	return out
}

func TestForms(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"ndjson":         {"{\"a\":1}\n\n {\"a\":2} \r\n{\"a\":3}", []string{`f#1 line 1 @0 {"a":1}`, `f#2 line 3 @9 {"a":2}`, `f#3 line 4 @20 {"a":3}`}},
		"array":          {"[\n {\"a\":\"]}\\\"\"},\n {\"a\":2}\n]\n", []string{`f#1 line 2 @3 {"a":"]}\""}`, `f#2 line 3 @18 {"a":2}`}},
		"empty array":    {"[]", nil},
		"single pretty":  {"{\n \"a\": 1\n}\n", []string{"f#1 line 1 @0 {\n \"a\": 1\n}"}},
		"several pretty": {"{\n \"a\": 1\n}\n{\n \"a\": 2\n}", []string{"f#1 line 1 @0 {\n \"a\": 1\n}", "f#2 line 4 @12 {\n \"a\": 2\n}"}},
		"list under value": {`{"@odata.context":"c","@odata.count":2,"value":[{"a":1},{"a":2}],"@odata.nextLink":"n]}"}`,
			[]string{`f#1 line 1 @48 {"a":1}`, `f#2 line 1 @56 {"a":2}`}},
		"two pages":         {"{\"value\":[{\"a\":1}]}\n{\"value\":[{\"a\":2}]}\n", []string{`f#1 line 1 @10 {"a":1}`, `f#2 line 2 @30 {"a":2}`}},
		"value of its own":  {`{"id":1,"value":[1,2]}`, []string{`f#1 line 1 @0 {"id":1,"value":[1,2]}`}},
		"byte order mark":   {"\xef\xbb\xbf{\"a\":1}\n", []string{`f#1 line 1 @3 {"a":1}`}},
		"empty":             {" \n ", nil},
		"broken line":       {"{\"a\":1}\n{\"a\":\nnonsense\n{\"a\":4}\n", []string{`f#1 line 1 @0 {"a":1}`, `f#2 line 2 @8 {"a":`, `error: f record 3 (line 3): a record begins with {, not with "nonsense": not valid JSON`, `f#4 line 4 @23 {"a":4}`}},
		"broken first line": {"{\"a\":\n{\"a\":2}\n", []string{`f#1 line 1 @0 {"a":`, `f#2 line 2 @6 {"a":2}`}},
		"broken in array":   {`[{"a":1},{"a" 2},{"a":3}]`, []string{`f#1 line 1 @1 {"a":1}`, `f#2 line 1 @9 {"a" 2}`, `f#3 line 1 @17 {"a":3}`}},
		"lost array":        {`[{"a":1} {"a":2}]`, []string{`f#1 line 1 @1 {"a":1}`, `error fatal: f record 2 (line 1): the list is broken by "{" after 1 records; what follows was not read: not valid JSON`}},
		"open array":        {`[{"a":1},`, []string{`f#1 line 1 @1 {"a":1}`, `error fatal: f (line 1): the list is not closed after 1 records: the file ends inside a record`}},
		"cut inside":        {`[{"a":1},{"a":"x`, []string{`f#1 line 1 @1 {"a":1}`, `error fatal: f record 2 (line 1): after 1 whole records: the file ends inside a record`}},
		"utf-16":            {"\xff\xfe{\x00", []string{`error fatal: f: the text is UTF-16, only UTF-8 is read: neither JSON nor compressed JSON`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, collect(strings.NewReader(c.in), Options{})); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.want, collect(iotest.OneByteReader(strings.NewReader(c.in)), Options{})); diff != "" {
				t.Errorf("byte by byte: %s", diff)
			}
			if diff := cmp.Diff(c.want, collect(bytes.NewReader(packed(t, c.in)), Options{})); diff != "" && c.in != " \n " {
				t.Errorf("gzip: %s", diff)
			}
		})
	}
}

func TestArchives(t *testing.T) {
	z := archive(t, "a.json", `{"a":1}`, "deep/b.gz", string(packed(t, "{\"a\":2}\n{\"a\":3}\n")), "empty.txt", "")
	want := []string{`f!a.json#1 line 1 @0 {"a":1}`, `f!deep/b.gz#1 line 1 @0 {"a":2}`, `f!deep/b.gz#2 line 2 @8 {"a":3}`}
	if diff := cmp.Diff(want, collect(bytes.NewReader(z), Options{})); diff != "" {
		t.Errorf("from a stream: %s", diff)
	}
	path := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(path, z, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if diff := cmp.Diff(want, collect(f, Options{})); diff != "" {
		t.Errorf("from a file: %s", diff)
	}
}

func lastError(t *testing.T, r io.Reader, opt Options) (records int, err *RecordError) {
	t.Helper()
	for _, e := range Records(context.Background(), r, opt) {
		if e == nil {
			records++
		} else if !errors.As(e, &err) {
			t.Fatalf("%T: %v", e, e)
		}
	}
	return records, err
}

func TestTruncatedGzipGivesWhatIsWhole(t *testing.T) {
	whole := packed(t, strings.Repeat("{\"title\":\"some alert\",\"n\":123456}\n", 5000))
	n, err := lastError(t, bytes.NewReader(whole[:len(whole)/2]), Options{})
	if n < 1000 || !errors.Is(err, ErrCutOff) || !err.Fatal {
		t.Errorf("%d records, then %v", n, err)
	}
}

func TestBombs(t *testing.T) {
	zeros := packed(t, strings.Repeat(" ", 32<<20))
	for name, c := range map[string]struct {
		data []byte
		opt  Options
		want error
	}{
		"ratio":           {zeros, Options{RatioFrom: 1 << 20, MaxRatio: 500}, ErrBomb},
		"total":           {zeros, Options{MaxTotal: 1 << 20}, ErrBomb},
		"nested":          {packed(t, string(packed(t, string(packed(t, `{"a":1}`))))), Options{}, ErrBomb},
		"zip ratio":       {archive(t, "a", strings.Repeat(" ", 32<<20)), Options{RatioFrom: 1 << 20, MaxRatio: 500}, ErrBomb},
		"too many":        {archive(t, "a", "{}", "b", "{}", "c", "{}"), Options{MaxFiles: 2}, ErrBomb},
		"spool":           {archive(t, "a", "{}"), Options{MaxSpool: 10}, ErrBomb},
		"not an archive":  {[]byte("PK\x03\x04 and nothing more"), Options{}, ErrArchive},
		"not a gzip file": {[]byte("\x1f\x8bxx"), Options{}, ErrArchive},
	} {
		if _, err := lastError(t, bytes.NewReader(c.data), c.opt); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// long gives a line of n bytes without holding it.
func long(n int64) io.Reader {
	return io.MultiReader(strings.NewReader(`{"a":"`), io.LimitReader(filler{}, n), strings.NewReader("\"}\n{\"a\":2}\n"))
}

type filler struct{}

func (filler) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestLongRecords(t *testing.T) {
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"line":  func(r io.Reader) io.Reader { return io.MultiReader(strings.NewReader("{\"a\":0}\n"), r) },
		"first": func(r io.Reader) io.Reader { return r },
		"array": func(r io.Reader) io.Reader {
			return io.MultiReader(strings.NewReader(`[{"a":0},`), io.LimitReader(r, 100<<20+9), strings.NewReader(`,{"a":2}]`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := lastError(t, wrap(long(100<<20)), Options{})
			if !errors.Is(err, ErrTooLarge) || err.Fatal || n == 0 || len(err.Raw) != excerptBytes {
				t.Errorf("%d records, error %v with %d bytes", n, err, len(err.Raw))
			}
		})
	}
}

func TestGarbageEndsSoon(t *testing.T) {
	n, err := lastError(t, strings.NewReader(strings.Repeat("garbage\n", 5000)), Options{})
	if n != 0 || !errors.Is(err, ErrNotText) || err.Record != garbageLines {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	steps := 0
	for _, err := range Records(ctx, strings.NewReader("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"), Options{}) {
		steps++
		cancel()
		if steps == 2 && !errors.Is(err, context.Canceled) {
			t.Errorf("second step: %v", err)
		}
	}
	if steps != 2 {
		t.Errorf("%d steps after the context ended", steps)
	}
}

func TestConsumerMayStop(t *testing.T) {
	for _, in := range []string{"{\"a\":1}\n{\"a\":2}\n", `[{"a":1},{"a":2}]`, "x\ny\n", string(archive(t, "a", `{"a":1}`, "b", `{"a":2}`))} {
		for range Records(context.Background(), strings.NewReader(in), Options{}) {
			break
		}
	}
}

func TestAlertsMixesSourcesAndErrors(t *testing.T) {
	in := strings.Join([]string{
		`{"@odata.type":"#microsoft.graph.security.alert","id":"a1","title":"t","createdDateTime":"2025-01-01T00:00:00Z","evidence":[]}`,
		`{"timestamp":"2025-01-01T00:00:00.000001+0000","event_type":"alert","src_ip":"192.0.2.1","dest_ip":"192.0.2.2","alert":{"signature_id":7,"signature":"s","severity":1}}`,
		`{"timestamp":"2025-01-01T00:00:00.000001+0000","event_type":"flow","src_ip":"192.0.2.1","dest_ip":"192.0.2.2"}`,
		`{"@odata.type":"#microsoft.graph.security.alert","id":"a2","title":5}`,
		`{"hello":"world"}`,
		`{"id":"x","time":"2025-01-01T00:00:00Z","title":"t","entities":[`,
		`{"id":"x","time":"2025-01-01T00:00:00Z","title":"t","entities":[{"type":"ip","ip":"192.0.2.3"}]}`,
	}, "\n")
	var got []string
	for res, err := range Alerts(context.Background(), strings.NewReader(in), Conversion{Sources: catalog.All()}, Options{Name: "f"}) {
		switch {
		case err != nil:
			var fe *alert.FieldError
			path := "-"
			if errors.As(err, &fe) {
				path = fe.Path
			}
			got = append(got, fmt.Sprintf("%s %v", path, err))
		case res.Skipped != "":
			got = append(got, fmt.Sprintf("%d %s %s", res.Record.Number, res.Source.Name(), res.Skipped))
		default:
			got = append(got, fmt.Sprintf("%d %s %s", res.Record.Number, res.Source.Name(), res.Alerts[0].Title))
		}
	}
	want := []string{
		"1 graph t", "2 suricata s", "3 suricata not an alert but a flow event", "/title f record 4 (line 4): /title: a number instead of a string",
		"- f record 5 (line 5): no source recognises the record", "/entities f record 6 (line 6): /entities: not valid JSON: unexpected EOF", "7 lines t",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPartOfAListIsKept(t *testing.T) {
	in := `{"id":"1","displayName":"i","incidentWebUrl":"u","alerts":[{"id":"a","title":"t","severity":"low","createdDateTime":"2025-01-01T00:00:00Z"},{"id":"b","title":false}]}`
	results, failures := 0, 0
	for res, err := range Alerts(context.Background(), strings.NewReader(in), Conversion{Sources: catalog.All(), Options: source.Options{}}, Options{}) {
		if err != nil {
			failures++
			if !strings.Contains(err.Error(), "alerts[1]") {
				t.Errorf("error does not name the item: %v", err)
			}
			continue
		}
		results += len(res.Alerts)
	}
	if results != 1 || failures != 1 {
		t.Errorf("%d alerts, %d errors", results, failures)
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"a\":2}"), 7)
	f.Add([]byte(`{"value":[{"a":1},"x",3,null]}`), 1)
	f.Add([]byte("[{\"a\":\"\\\"\"}\n,[1,2]]"), 3)
	f.Add(packed(f, `{"a":1}`), 100)
	f.Add(archive(f, "a", `{"a":1}`), 100)
	f.Fuzz(func(t *testing.T, data []byte, chunk int) {
		opt := Options{MaxRecord: 1 << 16, MaxTotal: 1 << 22, RatioFrom: 1 << 20, MaxRatio: 100, MaxFiles: 10}
		last := 0
		for rec, err := range Records(context.Background(), bytes.NewReader(data), opt) {
			if err != nil {
				continue
			}
			if len(rec.Raw) == 0 || len(rec.Raw) > opt.MaxRecord {
				t.Fatalf("record of %d bytes", len(rec.Raw))
			}
			if rec.Number <= last && !strings.Contains(rec.File, "!") {
				t.Fatalf("record %d after %d", rec.Number, last)
			}
			last = rec.Number
		}
		for _, err := range Alerts(context.Background(), bytes.NewReader(data), Conversion{Sources: catalog.All()}, opt) {
			var re *RecordError
			if err != nil && !errors.As(err, &re) {
				t.Fatalf("%T: %v", err, err)
			}
		}
	})
}
