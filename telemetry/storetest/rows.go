package storetest

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

func everyType(t *testing.T) *telemetry.Table {
	return table(t, "Every", "B bool", "I int", "L long", "R real", "D decimal", "Timestamp datetime", "S timespan", "G guid", "T string", "J dynamic")
}

// typesComeBack stores extremes of each type and reads the same.
func typesComeBack(t *testing.T, e Engine) {
	s := open(t, e)
	of := everyType(t)
	ensure(t, s, of)
	want := [][]value.Value{
		{
			value.BoolOf(true), value.IntOf(math.MaxInt32), value.LongOf(math.MaxInt64), value.RealOf(math.MaxFloat64),
			{Type: value.Decimal, Text: "12345678901234567890.123456789"}, value.DateTimeOf(value.MaxDateTime), value.TimeSpanOf(math.MaxInt64),
			{Type: value.Guid, Text: "74be27de-1e4e-49d9-b579-fe0b331d3642"}, text("text"), value.JSONOf(`{"a":[1,9007199254740993,null],"b":"x"}`),
		},
		{
			value.BoolOf(false), value.IntOf(math.MinInt32), value.LongOf(math.MinInt64), value.RealOf(-0.1),
			{Type: value.Decimal, Text: "-1"}, value.DateTimeOf(0), value.TimeSpanOf(math.MinInt64),
			{Type: value.Guid, Text: "00000000-0000-0000-0000-000000000000"}, text(""), value.JSONOf(`""`),
		},
		{
			value.NullOf(value.Bool), value.NullOf(value.Int), value.NullOf(value.Long), value.NullOf(value.Real), value.NullOf(value.Decimal),
			value.NullOf(value.DateTime), value.NullOf(value.TimeSpan), value.NullOf(value.Guid), text(""), value.NullOf(value.Dynamic),
		},
	}
	for _, w := range want {
		appendRows(t, s, row(of, w...))
	}
	equal(t, stored(t, s, ws, of, `ORDER BY "L" DESC NULLS LAST`), want)
	for _, special := range []float64{math.Inf(1), math.Inf(-1)} {
		appendRows(t, s, row(of, value.Value{}, value.Value{}, value.LongOf(7), value.RealOf(special)))
		got := stored(t, s, ws, of, `WHERE "L" = 7 ORDER BY "R" DESC`)
		if last := got[len(got)-1][3]; last.Null || !math.IsInf(last.Float, 0) {
			t.Errorf("%v came back as %+v", special, last)
		}
	}
}

// textsComeBack stores texts that quoting and encoding could spoil.
func textsComeBack(t *testing.T, e Engine) {
	s := open(t, e)
	of := table(t, "Texts", "N long", "T string", "J dynamic")
	ensure(t, s, of)
	texts := []string{
		"", "a", "twelve bytes", "thirteen byte", "it's", `"double"`, `back\slash`, `\'; DROP TABLE x; --`, "null\x00byte", "tab\tline\nreturn\r",
		"мир", "日本語の文字列テスト", "🧵🧶", "\u202e\u200b", "$1 {p1:String} ? %s ${x}", long(100_000), "\xef\xbb\xbfBOM", strings.Repeat("é", 2048), " trailing ",
	}
	var rows []telemetry.Row
	var want [][]value.Value
	for i, x := range texts {
		w := []value.Value{value.LongOf(int64(i)), text(x), value.JSONOf(x)}
		rows, want = append(rows, row(of, w...)), append(want, w)
	}
	appendRows(t, s, rows...)
	equal(t, stored(t, s, ws, of, `ORDER BY "N"`), want)

	appendRows(t, s, row(of, value.LongOf(1000), text("bad \xff\xfe utf-8 that is long enough")))
	got := stored(t, s, ws, of, `WHERE "N" = 1000`)
	if x := got[0][1].Text; x != "bad \uFFFD utf-8 that is long enough" {
		t.Errorf("bytes that are no text came back as %q", x)
	}
}

// manyRows goes over the borders of the engines' own units.
func manyRows(t *testing.T, e Engine) {
	s := open(t, e)
	of := events(t)
	ensure(t, s, of)
	total := 0
	for _, n := range []int{1, 2047, 2048, 2049, 10_000} {
		appendRows(t, s, numbered(of, total, n)...)
		total += n
	}
	got := stored(t, s, ws, of, `ORDER BY "N"`)
	if len(got) != total {
		t.Fatalf("%d rows came back of %d", len(got), total)
	}
	for i, r := range got {
		want := row(of, value.DateTimeOf(value.UnixEpoch+int64(i)*value.Second), value.LongOf(int64(i)), text(r[2].Text))
		if r[0] != want.Cells[0].Value || r[1] != want.Cells[1].Value || !strings.HasPrefix(r[2].Text, "row ") {
			t.Fatalf("row %d is %v", i, r)
		}
	}
}

// sparse stores rows of several tables that fill different columns.
func sparse(t *testing.T, e Engine) {
	s := open(t, e)
	a, b := table(t, "A", "N long", "T string", "R real"), table(t, "B", "N long", "T string")
	ensure(t, s, a, b)
	none := value.Value{}
	appendRows(t, s, row(a, value.LongOf(1)), row(b, value.LongOf(2), text("x")), row(a, none, text("y")), row(a), row(a, value.LongOf(3), none, value.RealOf(1.5)))
	equal(t, stored(t, s, ws, a, `ORDER BY "N" NULLS FIRST, "T"`), [][]value.Value{
		{value.NullOf(value.Long), text(""), value.NullOf(value.Real)},
		{value.NullOf(value.Long), text("y"), value.NullOf(value.Real)},
		{value.LongOf(1), text(""), value.NullOf(value.Real)},
		{value.LongOf(3), text(""), value.RealOf(1.5)},
	})
	equal(t, stored(t, s, ws, b, ""), [][]value.Value{{value.LongOf(2), text("x")}})
}

// appendIsWhole stores nothing of rows that can't all be stored.
func appendIsWhole(t *testing.T, e Engine) {
	s := open(t, e)
	of := events(t)
	ensure(t, s, of)
	rows := append(numbered(of, 0, 100), row(of, value.Value{}, text("not a number")))
	if err := s.Append(t.Context(), ws, rows); err == nil {
		t.Fatal("a text in a column of numbers was stored")
	}
	rows[100] = telemetry.Row{Table: of, Cells: []telemetry.Cell{{Column: 77, Value: text("x")}}}
	if err := s.Append(t.Context(), ws, rows); err == nil {
		t.Fatal("a cell of a column that is not there was stored")
	}
	if n := count(t, s, ws, "Events"); n != 0 {
		t.Errorf("%d rows of refused appends are there", n)
	}
}

func appendOfUnknownTable(t *testing.T, e Engine) {
	s := open(t, e)
	of, other := events(t), table(t, "Other", "N long")
	ensure(t, s, of)
	err := s.Append(t.Context(), ws, append(numbered(of, 0, 3), row(other, value.LongOf(1))))
	if !errors.Is(err, telemetry.ErrNoTable) {
		t.Errorf("got %v", err)
	}
	if n := count(t, s, ws, "Events"); n != 0 {
		t.Errorf("%d rows of a refused append are there", n)
	}
}
