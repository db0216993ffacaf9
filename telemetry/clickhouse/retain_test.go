package clickhouse_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/clickhouse"
)

// TestRetain lets the server itself remove rows that are too old.
func TestRetain(t *testing.T) {
	s := openAt(t, t.TempDir()).(*clickhouse.Store)
	t.Cleanup(func() { s.Close() })
	table, err := telemetry.NewTable("Kept", "", "", []telemetry.Column{{Name: "Timestamp", Type: value.DateTime}, {Name: "N", Type: value.Long}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ensure(t.Context(), "w", []*telemetry.Table{table}); err != nil {
		t.Fatal(err)
	}
	put := func(at time.Time, n int64) {
		row := telemetry.Row{Table: table, Cells: []telemetry.Cell{{Column: 0, Value: value.DateTimeOf(value.TicksOf(at))}, {Column: 1, Value: value.LongOf(n)}}}
		if err := s.Append(t.Context(), "w", []telemetry.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	left := func() string {
		rows, err := s.Query(t.Context(), telemetry.Statement{SQL: "SELECT N FROM " + s.TableSQL("w", "Kept") + " ORDER BY N", Columns: []telemetry.ResultColumn{{Name: "N", Type: value.Long}}}, telemetry.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var out []string
		for r, err := range rows.All() {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, strconv.FormatInt(r[0].Num, 10))
		}
		return strings.Join(out, " ")
	}
	now := time.Now()
	day := 24 * time.Hour
	exec := func(statement string) {
		resp, err := http.Post(engine.URL(), "", strings.NewReader(statement))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatal(statement, resp.Header)
		}
	}
	merge := func() { exec("OPTIMIZE TABLE " + s.TableSQL("w", "Kept") + " FINAL") }
	for _, step := range []struct {
		keep time.Duration
		want string
	}{{0, "1 2 3"}, {100 * day, "2 3"}, {5 * day, "3"}, {0, "1 2 3"}} {
		if err := s.Retain(t.Context(), "w", "Kept", step.keep); err != nil {
			t.Fatal(err)
		}
		if err := s.Retain(t.Context(), "w", "Kept", step.keep); err != nil {
			t.Fatal("once more:", err)
		}
		exec("TRUNCATE TABLE " + s.TableSQL("w", "Kept"))
		put(now.Add(-400*day), 1)
		put(now.Add(-10*day), 2)
		put(now, 3)
		merge()
		if got := left(); got != step.want {
			t.Errorf("kept for %v: %q, want %q", step.keep, got, step.want)
		}
	}
}
