// Package sourcetest holds what the tests of all sources share: golden cases
// from files, and the properties that hold for every source whatever it is fed.
package sourcetest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/reader"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Golden runs every testdata/*.json and *.jsonl of a source's folder through src
// and compares the alerts, skipped records and errors with the .golden file of
// the same name.
func Golden(t *testing.T, src source.Source) {
	t.Helper()
	inputs, err := filepath.Glob(filepath.Join("testdata", "*.json*"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no cases in testdata: %v", err)
	}
	for _, path := range inputs {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			compare(t, strings.TrimSuffix(path, filepath.Ext(path))+".golden", shown(t, src, path))
		})
	}
}

// shown gives what a file becomes, in a form for people.
func shown(t *testing.T, src source.Source, path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	everything := strings.Contains(path, "everything")
	conv := reader.Conversion{Sources: []source.Source{src}, Options: source.Options{Everything: everything}}
	for res, err := range reader.Alerts(context.Background(), bytes.NewReader(data), conv, reader.Options{Name: filepath.Base(path)}) {
		switch {
		case err != nil:
			out.WriteString("error: " + err.Error() + "\n")
		case res.Skipped != "":
			out.WriteString("skipped: " + res.Skipped + "\n")
		}
		for _, a := range res.Alerts {
			text, err := a.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			value := jsontext.Value(text)
			if err := value.Indent(jsontext.WithIndent("  ")); err != nil {
				t.Fatal(err)
			}
			out.Write(append(value, '\n'))
		}
		if len(res.Alerts) > 0 && src.Recognise(res.Record.Raw) < 50 {
			t.Errorf("record %d is not recognised", res.Record.Number)
		}
	}
	return out.Bytes()
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// Fuzz feeds src with anything, starting from the files in testdata.
func Fuzz(f *testing.F, src source.Source) {
	inputs, err := filepath.Glob(filepath.Join("testdata", "*.json*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range inputs {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			f.Add(bytes.TrimSpace(line), false)
		}
		f.Add(data, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, everything bool) {
		Hold(t, src, data, source.Options{Everything: everything})
	})
}

// Hold checks what must hold for every record: confidence between 0 and 100,
// typed errors, alerts with an id that are the same each time and that read back
// as they were written.
func Hold(t *testing.T, src source.Source, record jsontext.Value, opt source.Options) {
	t.Helper()
	if c := src.Recognise(record); c < 0 || c > 100 {
		t.Fatalf("confidence %d", c)
	}
	alerts, err := src.Alerts(bytes.Clone(record), opt)
	var fe *alert.FieldError
	if err != nil && !source.IsNotAlert(err) && !errors.As(err, &fe) {
		t.Fatalf("error of type %T: %v", err, err)
	}
	if err == nil && len(alerts) == 0 && src.Name() != "graph" {
		t.Fatal("neither alerts nor an error")
	}
	again, _ := src.Alerts(record, opt)
	for i, a := range alerts {
		first, err := a.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		second, err := again[i].AppendJSON(nil)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("not the same twice:\n%s\n%s", first, second)
		}
		if a.ID == "" {
			t.Fatalf("no id: %s", first)
		}
		if _, err := alert.Decode(first, opt.Limits); err != nil {
			t.Fatalf("does not read back: %v\n%s", err, first)
		}
	}
}
