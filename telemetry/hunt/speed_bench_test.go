package hunt

import (
	"context"
	"flag"
	"fmt"
	"iter"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb/engine"
)

var update = flag.Bool("update", false, "write generated sections of the documentation anew")

var benchRows = flag.Int("hunt.rows", rowsFromEnvironment(), "rows of the table of BenchmarkAgainstSQL")

// rowsFromEnvironment is what CLEW_BENCH_ROWS says, or the size of the bar.
func rowsFromEnvironment() int {
	if n, err := strconv.Atoi(os.Getenv("CLEW_BENCH_ROWS")); err == nil && n > 0 {
		return n
	}
	return 10_000_000
}

// plainEngine is DuckDB without the store around it, filled by SQL.
type plainEngine struct {
	conn  *engine.Conn
	known map[string]bool
}

func (e *plainEngine) TableSQL(_, table string) string { return `"` + table + `"` }

func (e *plainEngine) Define(_ context.Context, list []telemetry.Function) error {
	for _, f := range list {
		if !e.known[f.Name] {
			if err := e.conn.Register(engine.Function(f)); err != nil {
				return err
			}
			e.known[f.Name] = true
		}
	}
	return nil
}

type plainRows struct {
	rows *engine.Rows
	cols []telemetry.ResultColumn
}

func (e *plainEngine) Query(ctx context.Context, s telemetry.Statement, _ telemetry.Limits) (telemetry.Rows, error) {
	rows, err := e.conn.Query(ctx, s.SQL)
	if err != nil {
		return nil, err
	}
	r := &plainRows{rows: rows, cols: s.Columns}
	if s.Columns == nil {
		for _, c := range rows.Columns() {
			r.cols = append(r.cols, telemetry.ResultColumn{Name: c.Name, Type: c.Type})
		}
	}
	types := make([]value.Type, len(r.cols))
	for i, c := range r.cols {
		types[i] = c.Type
	}
	return r, rows.As(types)
}

func (r *plainRows) Columns() []telemetry.ResultColumn { return r.cols }
func (r *plainRows) Close() error                      { r.rows.Close(); return nil }

func (r *plainRows) All() iter.Seq2[[]value.Value, error] {
	return func(yield func([]value.Value, error) bool) {
		row := make([]value.Value, len(r.cols))
		for {
			ok, err := r.rows.Next(row)
			if err != nil {
				yield(nil, err)
				return
			}
			if !ok || !yield(row, nil) {
				return
			}
		}
	}
}

const benchTable = `CREATE TABLE "DeviceProcessEvents" AS SELECT
	638000000000000000 + i * 2600000 AS "Timestamp", 'device-' || (i * 7919) %% 2000 AS "DeviceId", 'host' || (i * 7919) %% 2000 || '.corp.example' AS "DeviceName",
	CASE i %% 3 WHEN 0 THEN 'ProcessCreated' WHEN 1 THEN 'OpenProcess' ELSE 'ProcessEnded' END AS "ActionType",
	CASE i %% 11 WHEN 0 THEN 'powershell.exe' WHEN 1 THEN 'cmd.exe' WHEN 2 THEN 'svchost.exe' ELSE 'app' || i %% 97 || '.exe' END AS "FileName",
	'C:\Program Files\vendor' || i %% 53 || '\bin' AS "FolderPath",
	CASE i %% 101 WHEN 0 THEN 'powershell.exe -NoProfile -EncodedCommand SQBFAFgA' || i ELSE 'C:\Windows\system32\app' || i %% 97 || '.exe --config "C:\etc\' || i %% 1009 || '.json" --run' END AS "ProcessCommandLine",
	'user' || (i * 31) %% 5000 AS "AccountName", (i * 13) %% 65536 AS "ProcessId", 'parent' || i %% 41 || '.exe' AS "InitiatingProcessFileName",
	(i * 17) %% 900000 AS "ReportId" FROM range(%d) t(i)`

var benchColumns = []telemetry.Column{
	{Name: "Timestamp", Type: value.DateTime}, {Name: "DeviceId", Type: value.String}, {Name: "DeviceName", Type: value.String},
	{Name: "ActionType", Type: value.String}, {Name: "FileName", Type: value.String}, {Name: "FolderPath", Type: value.String},
	{Name: "ProcessCommandLine", Type: value.String}, {Name: "AccountName", Type: value.String}, {Name: "ProcessId", Type: value.Long},
	{Name: "InitiatingProcessFileName", Type: value.String}, {Name: "ReportId", Type: value.Long},
}

// races are ten typical queries, and each as somebody would write it in SQL.
var races = []struct{ name, kql, sql string }{
	{"count by hour", `DeviceProcessEvents | where Timestamp > datetime(2022-10-10) | summarize count() by bin(Timestamp, 1h)`,
		`SELECT "Timestamp" - "Timestamp" % 36000000000, count(*) FROM "DeviceProcessEvents" WHERE "Timestamp" > 638009568000000000 GROUP BY 1`},
	{"has", `DeviceProcessEvents | where ProcessCommandLine has "encodedcommand" | project Timestamp, DeviceName, ProcessCommandLine | take 1000000`,
		`SELECT "Timestamp", "DeviceName", "ProcessCommandLine" FROM "DeviceProcessEvents" WHERE contains(lower("ProcessCommandLine"), 'encodedcommand') AND regexp_matches("ProcessCommandLine", '(?i)(^|[^\p{L}\p{N}])encodedcommand($|[^\p{L}\p{N}])') LIMIT 1000000`},
	{"contains", `DeviceProcessEvents | where ProcessCommandLine contains "app42.exe" | count`,
		`SELECT count(*) FROM "DeviceProcessEvents" WHERE contains(lower("ProcessCommandLine"), 'app42.exe')`},
	{"equals", `DeviceProcessEvents | where FileName =~ "PowerShell.exe" and ActionType == "ProcessCreated" | summarize Devices = dcount(DeviceId), n = count() by AccountName | top 20 by n`,
		`SELECT "AccountName", count(DISTINCT "DeviceId"), count(*) n FROM "DeviceProcessEvents" WHERE lower("FileName") = 'powershell.exe' AND "ActionType" = 'ProcessCreated' GROUP BY 1 ORDER BY n DESC LIMIT 20`},
	{"newest", `DeviceProcessEvents | where DeviceId == "device-77" | top 100 by Timestamp desc`,
		`SELECT * FROM "DeviceProcessEvents" WHERE "DeviceId" = 'device-77' ORDER BY "Timestamp" DESC LIMIT 100`},
	{"arg_max", `DeviceProcessEvents | summarize arg_max(Timestamp, FileName, AccountName) by DeviceId`,
		`SELECT "DeviceId", max("Timestamp"), arg_max("FileName", "Timestamp"), arg_max("AccountName", "Timestamp") FROM "DeviceProcessEvents" GROUP BY 1`},
	{"join", `DeviceProcessEvents | where FileName == "cmd.exe" | summarize First = min(Timestamp) by DeviceId | join kind=inner (DeviceProcessEvents | where FileName == "powershell.exe" | project DeviceId, T2 = Timestamp, AccountName) on DeviceId | where T2 between (First .. (First + 1h)) | summarize count() by AccountName`,
		`SELECT "AccountName", count(*) FROM (SELECT "DeviceId", min("Timestamp") f FROM "DeviceProcessEvents" WHERE "FileName" = 'cmd.exe' GROUP BY 1) a JOIN "DeviceProcessEvents" b ON a."DeviceId" = b."DeviceId" WHERE b."FileName" = 'powershell.exe' AND b."Timestamp" BETWEEN f AND f + 36000000000 GROUP BY 1`},
	{"in", `DeviceProcessEvents | where FileName in~ ("powershell.exe", "pwsh.exe", "cmd.exe") | summarize count() by FileName, InitiatingProcessFileName`,
		`SELECT "FileName", "InitiatingProcessFileName", count(*) FROM "DeviceProcessEvents" WHERE lower("FileName") IN ('powershell.exe', 'pwsh.exe', 'cmd.exe') GROUP BY 1, 2`},
	{"make_set", `DeviceProcessEvents | summarize Users = make_set(AccountName, 100), n = count() by FileName`,
		`SELECT "FileName", CAST(to_json(list(DISTINCT "AccountName")[1:100]) AS VARCHAR), count(*) FROM "DeviceProcessEvents" GROUP BY 1`},
	{"extend", `DeviceProcessEvents | extend Folder = tolower(FolderPath), Later = Timestamp + 1h, Next = ProcessId + 1 | where Folder startswith "c:\\program files\\vendor1" | summarize max(Later), sum(Next) by Folder`,
		`SELECT f, max(l), sum(n) FROM (SELECT lower("FolderPath") f, "Timestamp" + 36000000000 l, "ProcessId" + 1 n FROM "DeviceProcessEvents") WHERE starts_with(f, 'c:\program files\vendor1') GROUP BY 1`},
}

// BenchmarkAgainstSQL runs each query as KQL and as SQL in turns, and reports
// the ratio of the fastest runs.
func BenchmarkAgainstSQL(b *testing.B) {
	db, err := engine.Open("", []engine.Setting{{Name: "threads", Value: "2"}, {Name: "memory_limit", Value: "4GB"}})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Exec(b.Context(), fmt.Sprintf(benchTable, *benchRows)); err != nil {
		b.Fatal(err)
	}
	table, err := telemetry.NewTable("DeviceProcessEvents", "", "", benchColumns)
	if err != nil {
		b.Fatal(err)
	}
	h := &Hunter{Engine: &plainEngine{conn: conn, known: map[string]bool{}}, Dialect: sql.DuckDB}
	schema := NewSchema([]*telemetry.Table{table}, nil)
	for _, race := range races {
		b.Run(race.name, func(b *testing.B) {
			run(b, h, Request{Text: race.kql, Check: check.Options{Schema: schema}, Limits: Limits{Rows: 2_000_000}}, race.sql)
		})
	}
}

// run races a query against a statement.
func run(b *testing.B, h *Hunter, r Request, statement string) {
	kql, plain := time.Hour, time.Hour
	for range max(b.N, 5) {
		plain = min(plain, timed(b, func() error { return drained(b.Context(), h.Engine, statement) }))
		kql = min(kql, timed(b, func() error {
			_, err := h.Run(b.Context(), r)
			return err
		}))
	}
	b.ReportMetric(float64(kql.Microseconds())/1000, "kql-ms")
	b.ReportMetric(float64(plain.Microseconds())/1000, "sql-ms")
	b.ReportMetric(float64(kql)/float64(plain), "ratio")
	b.ReportMetric(0, "ns/op")
}

// drained runs a statement to its end.
func drained(ctx context.Context, e Engine, statement string) error {
	rows, err := e.Query(ctx, telemetry.Statement{SQL: statement}, telemetry.Limits{})
	if err != nil {
		return err
	}
	defer rows.Close()
	for _, err := range rows.All() {
		if err != nil {
			return err
		}
	}
	return nil
}

func timed(b *testing.B, f func() error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
