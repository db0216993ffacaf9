package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

func names(tables []*telemetry.Table) []string {
	var out []string
	for _, t := range tables {
		out = append(out, t.Name)
	}
	return out
}

// ensureGrows adds columns to a table that has rows.
func ensureGrows(t *testing.T, e Engine) {
	s := open(t, e)
	one := table(t, "Grows", "N long")
	ensure(t, s, one)
	ensure(t, s, one)
	appendRows(t, s, row(one, value.LongOf(1)))
	two := table(t, "Grows", "N long", "T string", "Timestamp datetime", "J dynamic")
	ensure(t, s, two)
	none := value.Value{}
	appendRows(t, s, row(two, value.LongOf(2), text("x"), none, value.JSONOf("[]")))
	// Rows of the older version still go in, and ensuring it takes nothing away.
	ensure(t, s, one)
	appendRows(t, s, row(one, value.LongOf(3)))
	equal(t, stored(t, s, ws, two, `ORDER BY "N"`), [][]value.Value{
		{value.LongOf(1), text(""), value.NullOf(value.DateTime), value.NullOf(value.Dynamic)},
		{value.LongOf(2), text("x"), value.NullOf(value.DateTime), value.JSONOf("[]")},
		{value.LongOf(3), text(""), value.NullOf(value.DateTime), value.NullOf(value.Dynamic)},
	})
	got, err := s.Tables(t.Context(), ws)
	if err != nil || len(got) != 1 || len(got[0].Columns) != 4 || got[0].Columns[3].Type != value.Dynamic || got[0].Time != telemetry.Timestamp {
		t.Errorf("Tables: %v, %v", got, err)
	}
}

func ensureConflicts(t *testing.T, e Engine) {
	s := open(t, e)
	ensure(t, s, table(t, "Taken", "N long", "T string"))
	for _, other := range []*telemetry.Table{
		table(t, "Taken", "N real", "T string"), table(t, "Taken", "T string", "N long"), table(t, "Taken", "Z long"), table(t, "taken", "N long", "T string"),
	} {
		fresh := table(t, "Fresh", "N long")
		if err := s.Ensure(t.Context(), ws, []*telemetry.Table{fresh, other}); !errors.Is(err, telemetry.ErrConflict) {
			t.Errorf("%v: got %v", other.Columns, err)
		}
		if got, err := s.Tables(t.Context(), ws); err != nil || !slices.Equal(names(got), []string{"Taken"}) {
			t.Errorf("after a conflict there are %v, %v", names(got), err)
		}
	}
}

// namesThatDifferInCase keeps columns apart that an engine would take for one.
func namesThatDifferInCase(t *testing.T, e Engine) {
	s := open(t, e)
	of := table(t, "Cases", "ISP string", "Isp string", "isp long", "_ingested string", "_Ingested long", "select string")
	ensure(t, s, of)
	want := []value.Value{text("a"), text("b"), value.LongOf(3), text("d"), value.LongOf(5), text("f")}
	appendRows(t, s, row(of, want...))
	equal(t, stored(t, s, ws, of, ""), [][]value.Value{want})
	got := mustRead(t, s, telemetry.Statement{SQL: `SELECT "` + telemetry.Ingested + `" FROM ` + s.TableSQL(ws, "Cases")})
	if n := got[0][0].Num; n < value.UnixEpoch {
		t.Errorf("the time of ingestion is %d", n)
	}
}

// builtInTables makes all tables that the product has.
func builtInTables(t *testing.T, e Engine) {
	s := open(t, e)
	all := telemetry.Tables()
	ensure(t, s, all...)
	got, err := s.Tables(t.Context(), ws)
	if err != nil || len(got) != len(all) {
		t.Fatalf("%d tables of %d, %v", len(got), len(all), err)
	}
	process, _ := telemetry.Lookup("DeviceProcessEvents")
	appendRows(t, s, telemetry.Row{Table: process, Cells: []telemetry.Cell{{Column: process.TimeColumn(), Value: value.DateTimeOf(value.UnixEpoch)}}})
	if n := count(t, s, ws, "DeviceProcessEvents"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// workspaces have tables of their own, even when their names are nearly alike or
// try to be SQL.
func workspaces(t *testing.T, e Engine) {
	s := open(t, e)
	spaces := []string{"a", "A", "a-b", "a_b", "a%5fb", `x"; DROP SCHEMA clew; --`, "мир", "a.b", "w_a", `back\slash'`}
	for i, w := range spaces {
		of := table(t, "Own", "N long", fmt.Sprintf("Only%d string", i))
		if err := s.Ensure(t.Context(), w, []*telemetry.Table{of}); err != nil {
			t.Fatalf("%q: %v", w, err)
		}
		if err := s.Append(t.Context(), w, []telemetry.Row{row(of, value.LongOf(int64(i)), text(w))}); err != nil {
			t.Fatalf("%q: %v", w, err)
		}
	}
	for i, w := range spaces {
		of := table(t, "Own", "N long", fmt.Sprintf("Only%d string", i))
		equal(t, stored(t, s, w, of, ""), [][]value.Value{{value.LongOf(int64(i)), text(w)}})
		if got, err := s.Tables(t.Context(), w); err != nil || len(got) != 1 || got[0].Columns[1].Name != of.Columns[1].Name {
			t.Errorf("%q has the tables %v, %v", w, got, err)
		}
	}
	if got, err := s.Tables(t.Context(), "unknown"); err != nil || len(got) != 0 {
		t.Errorf("an unknown workspace has the tables %v, %v", got, err)
	}
}

func reopen(t *testing.T, e Engine) {
	dir := t.TempDir()
	of := events(t)
	for i := range 3 {
		s := e.Open(t, dir)
		ensure(t, s, of)
		appendRows(t, s, numbered(of, i*10, 10)...)
		if n := count(t, s, ws, "Events"); n != int64(i+1)*10 {
			t.Errorf("after opening %d times there are %d rows", i+1, n)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func expire(t *testing.T, e Engine) {
	s := open(t, e)
	of, list := events(t), table(t, "List", "N long")
	ensure(t, s, of, list)
	appendRows(t, s, numbered(of, 0, 100)...)
	appendRows(t, s, row(of, value.Value{}, value.LongOf(1000)), row(list, value.LongOf(1)))
	if _, err := s.Expire(t.Context(), ws, "Events", value.UnixEpoch+60*value.Second); err != nil {
		t.Fatal(err)
	}
	// The row without a time goes by its ingestion, which is now.
	if n := count(t, s, ws, "Events"); n != 41 {
		t.Errorf("%d rows are left, want 41", n)
	}
	if got := stored(t, s, ws, of, `ORDER BY "N" LIMIT 1`); got[0][1].Num != 60 {
		t.Errorf("the oldest row left is %d", got[0][1].Num)
	}
	if _, err := s.Expire(t.Context(), ws, "Events", value.MaxDateTime); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Expire(t.Context(), ws, "List", value.UnixEpoch); err != nil {
		t.Fatal(err)
	}
	if n, m := count(t, s, ws, "Events"), count(t, s, ws, "List"); n != 0 || m != 1 {
		t.Errorf("%d and %d rows are left, want 0 and 1", n, m)
	}
	if _, err := s.Expire(t.Context(), ws, "Nowhere", 0); !errors.Is(err, telemetry.ErrNoTable) {
		t.Errorf("got %v", err)
	}
}

func stats(t *testing.T, e Engine) {
	s := open(t, e)
	of, list, empty := events(t), table(t, "List", "N long"), table(t, "Empty", "N long")
	ensure(t, s, of, list, empty)
	appendRows(t, s, numbered(of, 10, 100)...)
	appendRows(t, s, row(list, value.LongOf(1)))
	got, err := s.Stats(t.Context(), ws)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if got[i].Bytes < 0 {
			t.Errorf("%s has %d bytes", got[i].Table, got[i].Bytes)
		}
		got[i].Bytes = 0
	}
	equal(t, got, []telemetry.TableStats{
		{Table: "Events", Rows: 100, Oldest: value.UnixEpoch + 10*value.Second, Newest: value.UnixEpoch + 109*value.Second}, {Table: "List", Rows: 1},
	})
}

func drop(t *testing.T, e Engine) {
	s := open(t, e)
	of := events(t)
	ensure(t, s, of)
	appendRows(t, s, numbered(of, 0, 10)...)
	for range 2 {
		if err := s.Drop(t.Context(), ws, "Events"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Append(t.Context(), ws, numbered(of, 0, 1)); !errors.Is(err, telemetry.ErrNoTable) {
		t.Errorf("got %v", err)
	}
	other := table(t, "Events", "Other string")
	ensure(t, s, other)
	if n := count(t, s, ws, "Events"); n != 0 {
		t.Errorf("%d rows of the dropped table are there", n)
	}
}

func closed(t *testing.T, e Engine) {
	s := open(t, e)
	of := events(t)
	ensure(t, s, of)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Append(t.Context(), ws, numbered(of, 0, 1)); !errors.Is(err, telemetry.ErrClosed) {
		t.Errorf("Append: %v", err)
	}
	if _, err := s.Query(t.Context(), telemetry.Statement{SQL: "SELECT 1"}, telemetry.Limits{}); !errors.Is(err, telemetry.ErrClosed) {
		t.Errorf("Query: %v", err)
	}
	if err := s.Ensure(t.Context(), ws, nil); !errors.Is(err, telemetry.ErrClosed) {
		t.Errorf("Ensure: %v", err)
	}
	if err := s.Health(t.Context()); !errors.Is(err, telemetry.ErrClosed) {
		t.Errorf("Health: %v", err)
	}
}
