package duckdb_test

import (
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
)

// TestFunctions calls functions in Go from SQL, with every type, with nulls and
// with one that fails.
func TestFunctions(t *testing.T) {
	same := func(typ value.Type) telemetry.Function {
		return telemetry.Function{Name: "same_" + typ.String(), Args: []value.Type{typ}, Result: typ, Eval: func(a []value.Value) value.Value { return a[0] }}
	}
	functions := []telemetry.Function{
		same(value.String), same(value.Long), same(value.Int), same(value.Bool), same(value.Real), same(value.Dynamic),
		{Name: "joined", Args: []value.Type{value.String, value.Long}, Result: value.String, Eval: func(a []value.Value) value.Value {
			return value.StringOf(strings.Repeat(a[0].Text, int(a[1].Num)))
		}},
		{Name: "null_is", Args: []value.Type{value.Long}, Result: value.Bool, Nulls: true, Eval: func(a []value.Value) value.Value { return value.BoolOf(a[0].Null) }},
		{Name: "null_of", Args: []value.Type{value.Long}, Result: value.Long, Eval: func(a []value.Value) value.Value { return value.NullOf(value.Long) }},
		{Name: "fails", Args: []value.Type{value.Long}, Result: value.Long, Eval: func(a []value.Value) value.Value { panic("at once") }},
		{Name: "now_constant", Result: value.Long, Eval: func([]value.Value) value.Value { return value.LongOf(42) }},
	}
	s, err := duckdb.Open(t.Context(), duckdb.Options{Functions: functions})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for sql, want := range map[string]string{
		"SELECT same_string('мир')": "мир", "SELECT same_string(repeat('x', 100))": strings.Repeat("x", 100), "SELECT same_long(-5)::VARCHAR": "-5",
		"SELECT same_int(7::INTEGER)::VARCHAR": "7", "SELECT same_bool(true)::VARCHAR": "true", "SELECT same_real(0.5::DOUBLE)::VARCHAR": "0.5",
		`SELECT same_dynamic('{"a":1}')`: `{"a":1}`, "SELECT joined('ab', 3)": "ababab", "SELECT coalesce(joined('x', NULL), 'null')": "null", "SELECT joined(NULL, 3)": "", /* texts are never null */
		"SELECT null_is(NULL)::VARCHAR": "true", "SELECT null_is(1)::VARCHAR": "false", "SELECT (null_of(1) IS NULL)::VARCHAR": "true",
		"SELECT now_constant()::VARCHAR": "42",
		"SELECT count(*)::VARCHAR FROM range(10000) r(i) WHERE joined('x', i % 3) = 'xx' AND null_is(CASE WHEN i % 2 = 0 THEN i END)": "1666",
	} {
		if got := one(t, s, sql); got != want {
			t.Errorf("%s = %q, want %q", sql, got, want)
		}
	}
	if _, err := s.Query(t.Context(), telemetry.Statement{SQL: "SELECT fails(i) FROM range(10) r(i)"}, telemetry.Limits{}); err == nil || !strings.Contains(err.Error(), "at once") {
		t.Errorf("a function that fails: %v", err)
	}
}

func one(t *testing.T, s telemetry.Store, sql string) string {
	t.Helper()
	rows, err := s.Query(t.Context(), telemetry.Statement{SQL: sql, Columns: []telemetry.ResultColumn{{Name: "x", Type: value.String}}}, telemetry.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	for r, err := range rows.All() {
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return r[0].Text
	}
	t.Fatalf("%s: no row", sql)
	return ""
}
