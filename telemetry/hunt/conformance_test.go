//go:build conformance

package hunt

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/clickhouse"
	"github.com/clew-sec/clew/telemetry/clickhouse/chdb"
)

// bars are the shares of cases that are to be right, and floors those that were
// reached: the test prints both, and fails below what was reached.
var bars = []struct {
	cases  string
	bars   map[string]float64
	floors map[string]float64
}{
	{"engine-examples.jsonl", map[string]float64{"duckdb": 0.95, "clickhouse": 0.93}, map[string]float64{"duckdb": 0.99, "clickhouse": 0.99}},
	{"docs-examples.jsonl", map[string]float64{"duckdb": 0.93, "clickhouse": 0.90}, map[string]float64{"duckdb": 0.93, "clickhouse": 0.93}},
}

// TestConformanceResults runs the queries with known answers on each engine that
// is there, and prints how many are right.
func TestConformanceResults(t *testing.T) {
	root := os.Getenv("CLEW_SHARED")
	if root == "" {
		t.Fatal("set CLEW_SHARED to the folder with the samples")
	}
	t.Logf("%-24s %-12s %6s %6s %8s %6s", "cases", "engine", "cases", "right", "share", "bar")
	for _, engine := range conformanceEngines(t) {
		for _, b := range bars {
			file := filepath.Join(root, "kql", b.cases)
			figures := score(t, engine.hunter, filepath.Join(root, "kql", "compare.py"), file, filepath.Join(t.TempDir(), "results.jsonl"))
			bar, floor := b.bars[engine.name], b.floors[engine.name]
			verdict := "met"
			if figures.Share < bar {
				verdict = "NOT MET"
			}
			t.Logf("%-24s %-12s %6d %6d %7.2f%% %5.0f%% %s", b.cases, engine.name, figures.Cases, figures.Right, figures.Share*100, bar*100, verdict)
			if figures.Share < floor {
				t.Errorf("%s on %s: %.4f right, less than the %.2f that were reached", b.cases, engine.name, figures.Share, floor)
			}
		}
	}
}

type figures struct {
	Cases int     `json:"cases"`
	Right int     `json:"right"`
	Share float64 `json:"share"`
}

// score writes the answers and has them compared.
func score(t *testing.T, h *Hunter, compare, cases, out string) figures {
	t.Helper()
	in, err := os.Open(cases)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	dst, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer dst.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct{ ID, Query string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(dst, "%s\n", Answer(t.Context(), h, c.ID, Request{
			Text: c.Query, Check: check.Options{Now: testNow}, Limits: Limits{Rows: 100_000, Time: time.Minute},
		}))
	}
	text, err := exec.Command("python3", compare, "rows", "--json", "--cases", cases, "--results", out).Output()
	if err != nil {
		t.Fatal(err)
	}
	var f figures
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

type conformanceEngine struct {
	name   string
	hunter *Hunter
}

// conformanceEngines are DuckDB and, where its library is installed, ClickHouse.
func conformanceEngines(t *testing.T) []conformanceEngine {
	out := []conformanceEngine{{"duckdb", newWorld(t).hunter}}
	if store := clickHouse(t); store != nil {
		out = append(out, conformanceEngine{"clickhouse", &Hunter{Engine: store, Dialect: sql.ClickHouse}})
	}
	return out
}

// engineStarted is the one engine of the process: it can't be started twice.
// stores counts the stores in it, each of which has databases of its own.
var (
	engineStarted *chdb.Engine
	stores        int
)

func clickHouse(t testing.TB) telemetry.Store {
	t.Helper()
	library, err := chdb.Find()
	if err != nil {
		t.Logf("ClickHouse is not measured: %v", err)
		return nil
	}
	if engineStarted == nil {
		dir, err := os.MkdirTemp("", "clew-clickhouse")
		if err != nil {
			t.Fatal(err)
		}
		if engineStarted, err = chdb.Start(library, dir); err != nil {
			t.Fatal(err)
		}
	}
	stores++
	store, err := clickhouse.Open(t.Context(), clickhouse.Options{URL: engineStarted.URL(), Prefix: fmt.Sprintf("clew%d", stores)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// TestConformanceClickHouse compares ClickHouse with the evaluator, as
// TestSQLMeansWhatTheEvaluatorMeans does DuckDB.
func TestConformanceClickHouse(t *testing.T) {
	if store := clickHouse(t); store != nil {
		w := worldOn(t, store, sql.ClickHouse)
		w.compareAll(t)
		t.Run("texts", w.textsComeBackEqual)
		t.Run("names", w.namesComeBackEqual)
	}
}
