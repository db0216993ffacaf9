package duckdb_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/mapping"
)

// sampleLines are the records of the samples of all event mappings.
func sampleLines(t *testing.T) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../mapping/*/testdata/*")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	var out [][]byte
	for _, f := range files {
		if strings.HasSuffix(f, ".rows") || strings.HasSuffix(f, "/fuzz") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				out = append(out, line)
			}
		}
	}
	return out
}

// TestEngineKeepsSamples: the rows of all samples go into an engine and come out
// of it as they were.
func TestEngineKeepsSamples(t *testing.T) {
	store, err := duckdb.Open(t.Context(), duckdb.Options{File: filepath.Join(t.TempDir(), "telemetry.duckdb")})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var batch telemetry.Batch
	m := mapping.NewAuto(mapping.Options{Received: value.UnixEpoch + 20_500*value.Day})
	for _, line := range sampleLines(t) {
		_ = m.Map(line, &batch) // the samples hold records that are refused
	}
	want := map[*telemetry.Table]int{}
	var tables []*telemetry.Table
	for _, row := range batch.Rows {
		if want[row.Table]++; want[row.Table] == 1 {
			tables = append(tables, row.Table)
		}
	}
	if err := store.Ensure(t.Context(), "acme", tables); err != nil {
		t.Fatal(err)
	}
	if err := store.Append(t.Context(), "acme", batch.Rows); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		checkStored(t, store, table, batch.Rows, want[table])
	}
}

// checkStored compares each column of a table with what was appended, as a
// multiset.
func checkStored(t *testing.T, store telemetry.Store, table *telemetry.Table, rows []telemetry.Row, want int) {
	t.Helper()
	s := telemetry.Statement{SQL: "SELECT "}
	for i, name := range table.StoredNames() {
		if i > 0 {
			s.SQL += ", "
		}
		s.SQL += `"` + name + `"`
		s.Columns = append(s.Columns, telemetry.ResultColumn{Name: name, Type: table.Columns[i].Type})
	}
	s.SQL += " FROM " + store.TableSQL("acme", table.Name)
	result, err := store.Query(t.Context(), s, telemetry.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	got, put := make([][]string, len(table.Columns)), make([][]string, len(table.Columns))
	n := 0
	for cells, err := range result.All() {
		if err != nil {
			t.Fatal(err)
		}
		n++
		for i, v := range cells {
			got[i] = append(got[i], written(v))
		}
	}
	for _, row := range rows {
		if row.Table != table {
			continue
		}
		for i, c := range table.Columns {
			v, ok := row.Get(i)
			if !ok {
				v = value.NullOf(c.Type)
			}
			put[i] = append(put[i], written(v))
		}
	}
	if n != want {
		t.Errorf("%s: %d rows, want %d", table.Name, n, want)
	}
	for i, c := range table.Columns {
		slices.Sort(got[i])
		slices.Sort(put[i])
		if !slices.Equal(got[i], put[i]) {
			t.Errorf("%s.%s: %.200q, want %.200q", table.Name, c.Name, got[i], put[i])
		}
	}
}

func written(v value.Value) string {
	if v.Null {
		return "null"
	}
	return fmt.Sprint(v.Num, v.Float, v.Text)
}
