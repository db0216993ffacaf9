package clickhouse_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
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
	if os.Getenv(appendTo) != "" {
		os.Exit(appendOnce())
	}
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
			"SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a Int8')", "SELECT * FROM file('/etc/passwd', 'RawBLOB')", "SELECT file('/etc/passwd')",
			"SELECT * FROM remote('127.0.0.1', system, one)", "SELECT * FROM s3('http://127.0.0.1:1/x')", "SELECT * FROM executable('x', 'CSV', 'a Int8')",
			"SELECT * FROM system.tables", "SELECT name FROM `system`.`users`", "SELECT * FROM information_schema.tables",
			"KILL QUERY WHERE 1", "SYSTEM SHUTDOWN", "ATTACH TABLE x", "OPTIMIZE TABLE clew_default.Events",
		},
	})
}

// harmless are functions that give tables, and nothing from elsewhere.
var harmless = []string{"numbers", "numbers_mt", "zeros", "zeros_mt", "values", "SQLStandardValues", "format", "generateSeries", "generate_series", "primes", "null"}

// TestTableFunctions holds that every function of the engine that gives a table
// is refused, but for the harmless ones.
func TestTableFunctions(t *testing.T) {
	s := openAt(t, t.TempDir())
	t.Cleanup(func() { s.Close() })
	resp, err := http.Post(engine.URL()+"?default_format=Native", "", strings.NewReader("SELECT concat(' ', arrayStringConcat(groupArray(name), ' ')) AS list FROM system.table_functions"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Contains(body, []byte("remoteSecure")) {
		t.Fatalf("%q, %v", body, err)
	}
	for _, name := range strings.Fields(string(body))[1:] { // behind the head of the block
		_, err := read(t, s, "SELECT * FROM "+name+"() LIMIT 0")
		refused := err != nil && strings.Contains(err.Error(), "not for queries")
		if refused == slices.Contains(harmless, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLargeStatement runs statements beyond the bounds that the server has by
// itself.
func TestLargeStatement(t *testing.T) {
	s := openAt(t, t.TempDir())
	t.Cleanup(func() { s.Close() })
	list := strings.Repeat("10000000, ", 120_000) + "1"
	for _, sql := range []string{
		"SELECT number FROM numbers(2) WHERE number IN (" + list + ")",
		"SELECT " + strings.Repeat("abs(", 900) + "1" + strings.Repeat(")", 900) + " AS x",
		"SELECT x FROM values('x Int64'" + strings.Repeat(", 1", 60_000) + ") LIMIT 1",
	} {
		if n, err := read(t, s, sql); err != nil || n != 1 {
			t.Errorf("%.80s…: %d rows, %v", sql, n, err)
		}
	}
}
