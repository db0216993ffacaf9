package duckdb_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openAt(t *testing.T, dir string) telemetry.Store {
	t.Helper()
	s, err := duckdb.Open(t.Context(), duckdb.Options{File: filepath.Join(dir, "telemetry.duckdb"), TempLimit: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Engine{
		Open:    openAt,
		Arg:     func(n int, _ value.Type) string { return fmt.Sprintf("$%d", n) },
		Numbers: func(n int64) string { return fmt.Sprintf("range(%d) r(i)", n) },
		Slow:    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3",
		Hungry:  "SELECT list(i || repeat('x', 1000)) FROM range(100000000) r(i)",
		Forbidden: []string{
			"DROP SCHEMA clew CASCADE", "DELETE FROM w_default.\"Events\"", "SET enable_external_access = true", "RESET memory_limit",
			"ATTACH '/tmp/other.duckdb'", "COPY (SELECT 1) TO '/tmp/clew-out.csv'", "INSTALL httpfs", "LOAD httpfs", "SELECT * FROM read_csv('/etc/passwd')",
			"SELECT * FROM '/etc/passwd'", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM glob('/*')", "CREATE TABLE x (i int)", "INSERT INTO w_default.\"Events\" DEFAULT VALUES",
			"SELECT 1; DELETE FROM w_default.\"Events\"", "EXPORT DATABASE '/tmp/x'", "CHECKPOINT", "BEGIN", "EXPLAIN ANALYZE DELETE FROM w_default.\"Events\"",
		},
	})
}
