package clickhouse_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/clickhouse"
)

// twoTables is a store with two tables, and a row of each.
func twoTables(t *testing.T, s *spy, prefix string) (telemetry.Store, []telemetry.Row) {
	t.Helper()
	st := behind(t, s, clickhouse.Options{Prefix: prefix})
	rows := pair()
	tables := []*telemetry.Table{rows[0].Table, rows[1].Table}
	if err := st.Ensure(t.Context(), "w", tables); err != nil {
		t.Fatal(err)
	}
	return st, rows
}

func wantCounts(t *testing.T, st telemetry.Store, want int) {
	t.Helper()
	wantCount(t, st, "First", want)
	wantCount(t, st, "Second", want)
}

func wantCount(t *testing.T, st telemetry.Store, table string, want int) {
	t.Helper()
	n, err := read(t, st, "SELECT 1 FROM "+st.TableSQL("w", table))
	if err != nil || n != want {
		t.Errorf("%s has %d rows, want %d (%v)", table, n, want, err)
	}
}

func insertInto(statement, table string) bool {
	return strings.HasPrefix(statement, "INSERT") && strings.Contains(statement, "`"+table+"`")
}

// TestRefusedSecondTable: what a server refuses of a later table is not stored in
// the earlier one either, and the repeat is stored once.
func TestRefusedSecondTable(t *testing.T) {
	s := newSpy(t, false)
	st, rows := twoTables(t, s, "clewrefused")
	s.failing(func(w http.ResponseWriter, statement string) bool {
		if insertInto(statement, "Second") {
			w.Header().Set("X-ClickHouse-Exception-Code", "241")
			http.Error(w, "Code: 241. DB::Exception: Memory limit exceeded", http.StatusInternalServerError)
			return true
		}
		return false
	})
	if err := st.Append(t.Context(), "w", rows); err == nil {
		t.Fatal("stored")
	}
	wantCounts(t, st, 0)
	s.failing(nil)
	if err := st.Append(t.Context(), "w", rows); err != nil {
		t.Fatal(err)
	}
	wantCounts(t, st, 1)
}

// TestLostAnswers: an insert that was stored but never answered is one that
// failed, and so is not there.
func TestLostAnswers(t *testing.T) {
	s := newSpy(t, false)
	st, rows := twoTables(t, s, "clewlost")
	s.losing(func(statement string) bool { return insertInto(statement, "Second") })
	if err := st.Append(t.Context(), "w", rows); err == nil {
		t.Fatal("stored")
	}
	wantCounts(t, st, 0)
	s.losing(nil)
	if err := st.Append(t.Context(), "w", rows); err != nil {
		t.Fatal(err)
	}
	wantCounts(t, st, 1)
}

// TestOneLostAnswer: the repeat of an insert whose answer was lost is known to
// the server.
func TestOneLostAnswer(t *testing.T) {
	s := newSpy(t, false)
	st, rows := twoTables(t, s, "clewonelost")
	lost := false
	s.losing(func(statement string) bool {
		first := insertInto(statement, "First") && !lost
		lost = lost || first
		return first
	})
	if err := st.Append(t.Context(), "w", rows); err != nil {
		t.Fatal(err)
	}
	wantCounts(t, st, 1)
}

// TestUndoneLater: while the server can't be reached nothing can be undone;
// that is done before anything else is stored.
func TestUndoneLater(t *testing.T) {
	s := newSpy(t, false)
	st, rows := twoTables(t, s, "clewlater")
	gone := false
	s.losing(func(statement string) bool {
		gone = gone || insertInto(statement, "Second")
		return gone
	})
	if err := st.Append(t.Context(), "w", rows); err == nil {
		t.Fatal("stored")
	}
	if err := st.Append(t.Context(), "w", rows[:1]); err == nil {
		t.Fatal("stored while what failed before is still there")
	}
	s.losing(nil)
	if err := st.Append(t.Context(), "w", rows); err != nil {
		t.Fatal(err)
	}
	wantCounts(t, st, 1)
}
