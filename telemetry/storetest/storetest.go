// Package storetest is the one suite of tests for what telemetry.Store
// promises. Both engines run it.
package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// Engine is what the suite must know of an engine.
type Engine struct {
	// Open opens the store of a folder, the same rows for the same folder.
	Open func(t *testing.T, dir string) telemetry.Store
	// Arg writes the nth argument (from 1) of a type in SQL.
	Arg func(n int, t value.Type) string
	// Numbers is a FROM clause of n rows with the column i from 0.
	Numbers func(n int64) string
	// Slow is a SELECT that runs for minutes and gives one row.
	Slow string
	// Hungry is a SELECT that needs more memory than the store may use.
	Hungry string
	// Forbidden are statements that must be refused, and leave nothing behind.
	Forbidden []string
}

// Run runs the suite.
func Run(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Engine)
	}{
		{"TypesComeBack", typesComeBack}, {"TextsComeBack", textsComeBack}, {"ManyRows", manyRows}, {"Sparse", sparse},
		{"EnsureGrows", ensureGrows}, {"EnsureConflicts", ensureConflicts}, {"NamesThatDifferInCase", namesThatDifferInCase},
		{"BuiltInTables", builtInTables}, {"Workspaces", workspaces}, {"AppendIsWhole", appendIsWhole}, {"AppendOfUnknownTable", appendOfUnknownTable},
		{"Reopen", reopen}, {"RowLimit", rowLimit}, {"ByteLimit", byteLimit}, {"TimeLimit", timeLimit}, {"MemoryLimit", memoryLimit}, {"Cancel", cancelled},
		{"CloseEarly", closeEarly}, {"BadQuery", badQuery}, {"Forbidden", forbidden}, {"ArgumentsComeBack", argumentsComeBack},
		{"WantedTypes", wantedTypes}, {"Expire", expire}, {"Stats", stats}, {"Drop", drop}, {"Concurrency", concurrency}, {"Closed", closed},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, e) })
	}
}

// ws is the workspace of most cases.
const ws = "default"

func open(t *testing.T, e Engine) telemetry.Store {
	t.Helper()
	s := e.Open(t, t.TempDir())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}

// table declares a table of "name type" columns.
func table(t *testing.T, name string, columns ...string) *telemetry.Table {
	t.Helper()
	var cols []telemetry.Column
	for _, c := range columns {
		n, typ, _ := strings.Cut(c, " ")
		vt, ok := value.ParseType(typ)
		if !ok {
			t.Fatalf("no type %q", typ)
		}
		cols = append(cols, telemetry.Column{Name: n, Type: vt})
	}
	out, err := telemetry.NewTable(name, "", "", cols)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ensure(t *testing.T, s telemetry.Store, tables ...*telemetry.Table) {
	t.Helper()
	if err := s.Ensure(t.Context(), ws, tables); err != nil {
		t.Fatal(err)
	}
}

// row fills the columns of a table in order; a zero value.Value leaves one out.
func row(of *telemetry.Table, vs ...value.Value) telemetry.Row {
	r := telemetry.Row{Table: of}
	for i, v := range vs {
		if v != (value.Value{}) {
			r.Cells = append(r.Cells, telemetry.Cell{Column: i, Value: v})
		}
	}
	return r
}

func appendRows(t *testing.T, s telemetry.Store, rows ...telemetry.Row) {
	t.Helper()
	if err := s.Append(t.Context(), ws, rows); err != nil {
		t.Fatal(err)
	}
}

// read reads a whole result.
func read(t *testing.T, s telemetry.Store, q telemetry.Statement, l telemetry.Limits) ([][]value.Value, error) {
	t.Helper()
	rows, err := s.Query(t.Context(), q, l)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]value.Value
	for r, err := range rows.All() {
		if err != nil {
			return out, err
		}
		out = append(out, append([]value.Value(nil), r...))
	}
	return out, nil
}

// mustRead reads a whole result that has no error.
func mustRead(t *testing.T, s telemetry.Store, q telemetry.Statement) [][]value.Value {
	t.Helper()
	out, err := read(t, s, q, telemetry.Limits{Time: time.Minute})
	if err != nil {
		t.Fatalf("%s: %v", q.SQL, err)
	}
	return out
}

// stored reads the columns of a table in their own types.
func stored(t *testing.T, s telemetry.Store, workspace string, of *telemetry.Table, tail string) [][]value.Value {
	t.Helper()
	var names []string
	q := telemetry.Statement{}
	for i, n := range of.StoredNames() {
		names = append(names, `"`+n+`"`)
		q.Columns = append(q.Columns, telemetry.ResultColumn{Name: of.Columns[i].Name, Type: of.Columns[i].Type})
	}
	q.SQL = "SELECT " + strings.Join(names, ", ") + " FROM " + s.TableSQL(workspace, of.Name) + " " + tail
	return mustRead(t, s, q)
}

func count(t *testing.T, s telemetry.Store, workspace, table string) int64 {
	t.Helper()
	rows := mustRead(t, s, telemetry.Statement{
		SQL: "SELECT count(*) FROM " + s.TableSQL(workspace, table), Columns: []telemetry.ResultColumn{{Name: "n", Type: value.Long}},
	})
	return rows[0][0].Num
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func wantLimit(t *testing.T, err error, want telemetry.Limit) {
	t.Helper()
	var l *telemetry.LimitError
	if !errors.As(err, &l) || l.Limit != want {
		t.Fatalf("got the error %v, want the limit of %s", err, want)
	}
	if !strings.Contains(err.Error(), "limit") && !strings.Contains(err.Error(), "memory") {
		t.Errorf("the message %q does not name the limit", err)
	}
}

func text(s string) value.Value { return value.StringOf(s) }

// long is a text that no engine keeps in place.
func long(n int) string { return strings.Repeat("0123456789", n/10) }

func numbered(of *telemetry.Table, from, n int) []telemetry.Row {
	rows := make([]telemetry.Row, n)
	for i := range rows {
		rows[i] = row(of, value.DateTimeOf(value.UnixEpoch+int64(from+i)*value.Second), value.LongOf(int64(from+i)), text(fmt.Sprintf("row %d", from+i)))
	}
	return rows
}

func events(t *testing.T) *telemetry.Table {
	t.Helper()
	return table(t, "Events", "Timestamp datetime", "N long", "Text string")
}
