//go:build conformance

package hunt

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/telemetry"
)

// clickhouseTable fills the table of the race as benchTable does.
const clickhouseTable = `INSERT INTO %s ("Timestamp", "DeviceId", "DeviceName", "ActionType", "FileName", "FolderPath", "ProcessCommandLine", "AccountName", "ProcessId",
	"InitiatingProcessFileName", "ReportId", "_ingested") SELECT
	638000000000000000 + i * 2600000, concat('device-', toString((i * 7919) %% 2000)), concat('host', toString((i * 7919) %% 2000), '.corp.example'),
	multiIf(i %% 3 = 0, 'ProcessCreated', i %% 3 = 1, 'OpenProcess', 'ProcessEnded'),
	multiIf(i %% 11 = 0, 'powershell.exe', i %% 11 = 1, 'cmd.exe', i %% 11 = 2, 'svchost.exe', concat('app', toString(i %% 97), '.exe')),
	concat('C:\\Program Files\\vendor', toString(i %% 53), '\\bin'),
	if(i %% 101 = 0, concat('powershell.exe -NoProfile -EncodedCommand SQBFAFgA', toString(i)),
		concat('C:\\Windows\\system32\\app', toString(i %% 97), '.exe --config "C:\\etc\\', toString(i %% 1009), '.json" --run')),
	concat('user', toString((i * 31) %% 5000)), (i * 13) %% 65536, concat('parent', toString(i %% 41), '.exe'), (i * 17) %% 900000, 0
	FROM (SELECT toInt64(number) AS i FROM numbers(%d))`

// clickhouseRaces are the races in ClickHouse's SQL, by name. T is the table.
var clickhouseRaces = map[string]string{
	"count by hour": `SELECT intDiv(Timestamp, 36000000000) * 36000000000 AS h, count() FROM T WHERE Timestamp > 638009568000000000 GROUP BY h`,
	"has":           `SELECT Timestamp, DeviceName, ProcessCommandLine FROM T WHERE positionCaseInsensitive(ProcessCommandLine, 'encodedcommand') > 0 AND match(ProcessCommandLine, '(?i)(^|[^\\p{L}\\p{N}])encodedcommand($|[^\\p{L}\\p{N}])') LIMIT 1000000`,
	"contains":      `SELECT count() FROM T WHERE positionCaseInsensitive(ProcessCommandLine, 'app42.exe') > 0`,
	"equals":        `SELECT AccountName, uniqExact(DeviceId), count() AS n FROM T WHERE lower(FileName) = 'powershell.exe' AND ActionType = 'ProcessCreated' GROUP BY AccountName ORDER BY n DESC LIMIT 20`,
	"newest":        `SELECT Timestamp, DeviceId, DeviceName, ActionType, FileName, FolderPath, ProcessCommandLine, AccountName, ProcessId, InitiatingProcessFileName, ReportId FROM T WHERE DeviceId = 'device-77' ORDER BY Timestamp DESC LIMIT 100`,
	"arg_max":       `SELECT DeviceId, max(Timestamp), argMax(FileName, Timestamp), argMax(AccountName, Timestamp) FROM T GROUP BY DeviceId`,
	"join":          `SELECT AccountName, count() FROM (SELECT DeviceId, min(Timestamp) AS f FROM T WHERE FileName = 'cmd.exe' GROUP BY DeviceId) AS a JOIN T AS b ON a.DeviceId = b.DeviceId WHERE b.FileName = 'powershell.exe' AND b.Timestamp BETWEEN f AND f + 36000000000 GROUP BY AccountName`,
	"in":            `SELECT FileName, InitiatingProcessFileName, count() FROM T WHERE lower(FileName) IN ('powershell.exe', 'pwsh.exe', 'cmd.exe') GROUP BY FileName, InitiatingProcessFileName`,
	"make_set":      `SELECT FileName, toJSONString(groupUniqArray(100)(AccountName)), count() FROM T GROUP BY FileName`,
	"extend":        `SELECT f, max(l), sum(n) FROM (SELECT lower(FolderPath) AS f, Timestamp + 36000000000 AS l, ProcessId + 1 AS n FROM T) WHERE startsWith(f, 'c:\\program files\\vendor1') GROUP BY f`,
}

// BenchmarkAgainstClickHouse is BenchmarkAgainstSQL on ClickHouse.
func BenchmarkAgainstClickHouse(b *testing.B) {
	st := clickHouse(b)
	if st == nil {
		b.Fatal("ClickHouse's engine is not there")
	}
	table, err := telemetry.NewTable("DeviceProcessEvents", "", "", benchColumns)
	if err != nil {
		b.Fatal(err)
	}
	if err := st.Ensure(b.Context(), "w", []*telemetry.Table{table}); err != nil {
		b.Fatal(err)
	}
	name := st.TableSQL("w", table.Name)
	fill(b, fmt.Sprintf(clickhouseTable, name, *benchRows))
	h := &Hunter{Engine: st, Dialect: sql.ClickHouse}
	schema := NewSchema([]*telemetry.Table{table}, nil)
	for _, race := range races {
		b.Run(race.name, func(b *testing.B) {
			plain := strings.NewReplacer("FROM T ", "FROM "+name+" ", "JOIN T ", "JOIN "+name+" ", "FROM T)", "FROM "+name+")").Replace(clickhouseRaces[race.name])
			request := Request{Text: race.kql, Workspace: "w", Check: check.Options{Schema: schema}, Limits: Limits{Rows: 2_000_000}}
			run(b, h, request, plain)
		})
	}
}

// fill runs a statement that changes something.
func fill(b *testing.B, statement string) {
	b.Helper()
	resp, err := http.Post(engineStarted.URL()+"/?"+url.Values{"max_partitions_per_insert_block": {"0"}}.Encode(), "", strings.NewReader(statement))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.Fatal("filling the table: ", resp.Header)
	}
}
