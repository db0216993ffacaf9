package mapping

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/rowtest"
)

func sampleLines(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("*/testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, f := range files {
		if strings.HasSuffix(f, ".rows") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			out = append(out, bytes.Clone(bytes.TrimSpace(line)))
		}
	}
	return out
}

// FuzzMap: whatever a record holds, it becomes rows that engines can keep, or an
// error and no rows, be its format recognised or given.
func FuzzMap(f *testing.F) {
	for _, line := range sampleLines(f) {
		f.Add(byte(255), line)
	}
	for i := range Formats() {
		f.Add(byte(i), []byte("<13>Mar  2 07:14:09 h a[9]: type=USER_LOGIN msg=audit(1772435649.100:4714): x='y=z'"))
	}
	f.Fuzz(func(t *testing.T, format byte, record []byte) {
		m := NewAuto(Options{Received: value.UnixEpoch})
		if int(format) < len(Formats()) {
			m, _ = New(Formats()[format].Name, Options{Received: value.UnixEpoch})
		}
		var batch telemetry.Batch
		for range 2 { // the second time with what the first left behind
			batch.Reset()
			if err := m.Map(record, &batch); err != nil && len(batch.Rows) > 0 {
				t.Fatalf("%d rows beside the error %v", len(batch.Rows), err)
			}
			checkFits(t, batch.Rows)
		}
		batch.Reset()
		_ = m.Flush(&batch) // an event that lacks its time is refused
		checkFits(t, batch.Rows)
	})
}

func checkFits(t *testing.T, rows []telemetry.Row) {
	t.Helper()
	for _, row := range rows {
		for _, c := range row.Cells {
			if err := rowtest.Fits(row.Table.Columns[c.Column].Type, c.Value); err != nil {
				t.Fatalf("%s.%s: %v", row.Table.Name, row.Table.Columns[c.Column].Name, err)
			}
		}
	}
}

func TestBadRecords(t *testing.T) {
	deep := `{"EventID":1,"Channel":"x","a":` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`
	wide := `{"EventID":1,"Channel":"x","a":[` + strings.Repeat(`1,`, 30_000) + `1]}`
	for name, c := range map[string]struct{ record, want string }{
		"no JSON":    {`{"EventID":`, "no JSON"},
		"deep":       {deep, "a: nested too deep"},
		"wide":       {wide, "a: too many values"},
		"no format":  {`{"a":1}`, ErrUnrecognised.Error()},
		"no time":    {`{"EventID":4624,"Channel":"Security","Hostname":"h"}`, "bears no time"},
		"wrong time": {`{"EventID":4624,"Channel":"Security","Hostname":"h","TimeCreated":"soon"}`, `System.TimeCreated: no time: "soon"`},
		"doctype":    {`<Event ><!DOCTYPE x [<!ENTITY a "b">]></Event>`, "document type"},
		"half XML":   {`<Event ><System>`, "no XML"},
	} {
		var batch telemetry.Batch
		err := NewAuto(Options{}).Map([]byte(c.record), &batch)
		if err == nil || !strings.Contains(err.Error(), c.want) || len(batch.Rows) > 0 {
			t.Errorf("%s: %v and %d rows, want the error %q", name, err, len(batch.Rows), c.want)
		}
	}
	big := []byte(`{"EventID":1,"Channel":"` + strings.Repeat("x", 1000) + `"}`)
	opt := Options{}
	opt.Limits.Size, opt.Limits.Depth, opt.Limits.Fields = 100, 10, 100
	if err := NewAuto(opt).Map(big, &telemetry.Batch{}); err == nil || !strings.Contains(err.Error(), "at most 100") {
		t.Errorf("a record over the limit: %v", err)
	}
}

// TestOddJSON: what JSON allows but few expect.
func TestOddJSON(t *testing.T) {
	const head = `{"EventID":4688,"Channel":"Security","Hostname":"h","TimeCreated":"2026-01-01T00:00:00Z",`
	for name, c := range map[string]struct{ record, column, want string }{
		"the first of two keys counts": {head + `"CommandLine":"a","CommandLine":"b"}`, "ProcessCommandLine", "a"},
		"bad UTF-8":                    {head + "\"CommandLine\":\"a\xff\xfeb\"}", "ProcessCommandLine", "a\uFFFDb"},
		"escapes":                      {head + `"CommandLine":"\u0041\t\ud83d\ude00"}`, "ProcessCommandLine", "A\t\U0001F600"},
		"NUL":                          {head + `"CommandLine":"a\u0000b"}`, "ProcessCommandLine", "a\x00b"},
		"number as text":               {head + `"CommandLine":12.50}`, "ProcessCommandLine", "12.50"},
		"object as text":               {head + `"CommandLine":{"a":[1,null]}}`, "ProcessCommandLine", `{"a":[1,null]}`},
		"no number":                    {head + `"CommandLine":nan}`, "ProcessCommandLine", "nan"},
		"not JSON's escapes":           {head + `"Foo":"\u0007\u007f"}`, "AdditionalFields", "{\"Foo\":\"\\u0007\x7f\"}"},
	} {
		var batch telemetry.Batch
		if err := NewAuto(Options{}).Map([]byte(c.record), &batch); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if v, _ := batch.Rows[0].Field(c.column); v.Text != c.want {
			t.Errorf("%s: %q, want %q", name, v.Text, c.want)
		}
		rowtest.Check(t, batch.Rows[0])
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := New("nothing", Options{}); err == nil {
		t.Error("a format that does not exist is taken")
	}
	if _, ok := Recognise([]byte(`{"a":1}`), Options{}); ok {
		t.Error("any object is an event")
	}
	for _, f := range Formats() {
		if _, err := New(f.Name, Options{}); err != nil {
			t.Error(err)
		}
	}
	if err := NewAuto(Options{}).Map([]byte("what"), &telemetry.Batch{}); !errors.Is(err, ErrUnrecognised) {
		t.Errorf("got %v", err)
	}
}
