package sql

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenNow is the time of the queries: 2024-05-01.
const goldenNow int64 = 638_501_184_000_000_000

// fixedSchema is a schema of two tables.
type fixedSchema struct{}

var fixedTables = map[string]*check.Table{
	"Events": {Name: "Events", Columns: []check.Column{
		{Name: "Timestamp", Type: value.DateTime}, {Name: "DeviceId", Type: value.String}, {Name: "User", Type: value.String},
		{Name: "Command", Type: value.String}, {Name: "Size", Type: value.Long}, {Name: "Score", Type: value.Real},
		{Name: "Fields", Type: value.Dynamic}, {Name: "Ok", Type: value.Bool},
	}},
	"Devices": {Name: "Devices", Columns: []check.Column{
		{Name: "Timestamp", Type: value.DateTime}, {Name: "DeviceId", Type: value.String}, {Name: "Name", Type: value.String}, {Name: "Port", Type: value.Int},
	}},
}

func (fixedSchema) Table(name string) (*check.Table, bool)  { t, ok := fixedTables[name]; return t, ok }
func (fixedSchema) Tables() []string                        { return []string{"Devices", "Events"} }
func (fixedSchema) Function(string) (*check.Function, bool) { return nil, false }
func (fixedSchema) Functions() []string                     { return nil }

// planOf is the plan of a text over the fixed tables.
func planOf(t testing.TB, text string) *plan.Plan {
	t.Helper()
	r := check.Check(syntax.Parse(text), check.Options{Schema: fixedSchema{}, Now: goldenNow})
	if !r.OK() {
		t.Fatalf("%v\n%s", r.Diagnostics, text)
	}
	return r.Plan
}

// TestGolden compares the SQL of each query of testdata/golden with what is
// written beside it, for each dialect. With -update it is written anew.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.kql")
	if err != nil || len(files) == 0 {
		t.Fatal("no queries", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range dialectsForTests() {
			p, err := Compile(planOf(t, string(text)), d, Options{Now: goldenNow})
			if err != nil {
				t.Errorf("%s: %s: %v", f, d.Name(), err)
				continue
			}
			golden(t, strings.TrimSuffix(f, ".kql")+"."+d.Name()+".sql", p.Explain())
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s differs; run with -update if that is meant.\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}
