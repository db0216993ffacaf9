package clickhouse_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/clickhouse"
	"github.com/clew-sec/clew/telemetry/clickhouse/chdb"
	"github.com/clew-sec/clew/telemetry/storetest"
)

// engine is the real engine, one for all tests: it does not like to be started
// and ended often within one process.
var engine *chdb.Engine

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "clew-clickhouse")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	library, err := chdb.Find()
	if err == nil {
		engine, err = chdb.Start(library, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := errors.Join(engine.Close(), goleak.Find()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// openAt gives each folder databases of its own.
func openAt(t *testing.T, dir string) telemetry.Store {
	t.Helper()
	s, err := clickhouse.Open(t.Context(), clickhouse.Options{URL: engine.URL(), Prefix: fmt.Sprintf("clew%x", sha256.Sum256([]byte(dir)))[:20]})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var argTypes = map[value.Type]string{
	value.Bool: "Bool", value.Int: "Int32", value.Long: "Int64", value.Real: "Float64", value.DateTime: "Int64", value.TimeSpan: "Int64",
	value.String: "String", value.Dynamic: "String",
}

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Engine{
		Open: openAt,
		Arg: func(n int, t value.Type) string {
			if t == value.String {
				return fmt.Sprintf("{p%d:String}", n)
			}
			return fmt.Sprintf("{p%d:Nullable(%s)}", n, argTypes[t])
		},
		Numbers: func(n int64) string { return fmt.Sprintf("(SELECT number AS i FROM numbers(%d))", n) },
		Slow:    "SELECT count() FROM numbers(10000000000000) WHERE number * number % 7 = 3",
		Hungry:  "SELECT groupArray(concat(toString(number), repeat('x', 1000))) FROM numbers(100000000)",
		Forbidden: []string{
			"DROP DATABASE clew", "DELETE FROM clew_default.Events WHERE 1", "ALTER TABLE clew_default.Events DELETE WHERE 1", "SET readonly = 0",
			"INSERT INTO clew_default.Events (N) VALUES (1)", "CREATE TABLE x (i Int8) ENGINE = Memory", "SELECT 1; DROP DATABASE clew", "TRUNCATE TABLE clew_default.Events",
			"KILL QUERY WHERE 1", "SYSTEM SHUTDOWN", "ATTACH TABLE x", "OPTIMIZE TABLE clew_default.Events",
		},
	})
}
