//go:build conformance

package hunt

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
)

// TestConformanceHuntingQueriesRun runs the real queries that check against the
// built-in tables, which are empty: what was accepted has to run.
func TestConformanceHuntingQueriesRun(t *testing.T) {
	store, err := duckdb.Open(t.Context(), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	huntEmpty(t, store, sql.DuckDB)
	if store := clickHouse(t); store != nil {
		huntEmpty(t, store, sql.ClickHouse)
	}
}

func huntEmpty(t *testing.T, store telemetry.Store, d sql.Dialect) {
	t.Helper()
	if err := store.Ensure(t.Context(), "empty", telemetry.Tables()); err != nil {
		t.Fatal(err)
	}
	h := &Hunter{Engine: store, Dialect: d, Surroundings: nothingAround{}}
	schema := NewSchema(telemetry.Tables(), nil)
	var ran, refused, limited int
	failed := map[string][]string{}
	for id, text := range huntingQueries(t) {
		_, err := h.Run(t.Context(), Request{
			Text: text, Workspace: "empty", Check: check.Options{Schema: schema, Now: testNow, AllowExternalData: false},
			Limits: Limits{Rows: 100, Time: time.Minute},
		})
		switch cause := causeOf(err); {
		case err == nil:
			ran++
		case cause == "":
			refused++
		case errors.Is(err, sql.ErrTooLarge):
			limited++ // a search for all columns of all tables
		default:
			failed[cause] = append(failed[cause], id)
		}
	}
	t.Logf("%s: %d ran, %d were refused, %d are too large", d.Name(), ran, refused, limited)
	for cause, ids := range failed {
		slices.Sort(ids)
		t.Errorf("%s: %d failed: %s\n  %s", d.Name(), len(ids), cause, strings.Join(ids[:min(len(ids), 4)], "\n  "))
	}
}

var named = regexp.MustCompile(`'[^']*'|"[^"]*"|\d+`)

// causeOf is the kind of a failure; "" where the query is none that can run.
func causeOf(err error) string {
	var rejected *Rejected
	if err == nil || errors.As(err, &rejected) {
		return ""
	}
	text := named.ReplaceAllString(err.Error(), "…")
	return text[:min(len(text), 200)]
}

func huntingQueries(t *testing.T) map[string]string {
	in, err := os.Open(filepath.Join(os.Getenv("CLEW_SHARED"), "kql", "hunting-queries.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out := map[string]string{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct{ ID, Query string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out[c.ID] = c.Query
	}
	return out
}

// nothingAround knows of no watchlist, file or address.
type nothingAround struct{}

func (nothingAround) Call(context.Context, string, *plan.Plugin, eval.Table, []value.Value) ([][]value.Value, error) {
	return nil, nil
}

func (nothingAround) Knows(string) bool { return true }
