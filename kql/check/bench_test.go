package check_test

import (
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/telemetry"
)

// telemetrySchema hands the built-in tables to the checker.
type telemetrySchema struct {
	tables map[string]*check.Table
	names  []string
}

func newTelemetrySchema() *telemetrySchema {
	s := &telemetrySchema{tables: map[string]*check.Table{}}
	for _, t := range telemetry.Tables() {
		table := &check.Table{Name: t.Name, Doc: t.Doc}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, check.Column{Name: c.Name, Type: c.Type, Doc: c.Doc})
		}
		s.tables[t.Name] = table
		s.names = append(s.names, t.Name)
	}
	return s
}

func (s *telemetrySchema) Table(name string) (*check.Table, bool) {
	t, ok := s.tables[name]
	return t, ok
}
func (s *telemetrySchema) Tables() []string                        { return s.names }
func (s *telemetrySchema) Function(string) (*check.Function, bool) { return nil, false }
func (s *telemetrySchema) Functions() []string                     { return nil }

// longQuery has fifty lines, as a detection that somebody has worked on.
const longQuery = `let lookback = 7d;
let threshold = 5;
let suspicious = dynamic(["powershell.exe", "pwsh.exe", "cmd.exe", "wscript.exe", "cscript.exe", "mshta.exe"]);
let encoded = @"(?i)-e(nc|ncodedcommand)?\s+[A-Za-z0-9+/=]{20,}";
let isAdmin = (account: string) { account endswith "-adm" or account startswith "admin" };
let rareParents = DeviceProcessEvents
    | where Timestamp > ago(lookback)
    | where FileName in~ (suspicious)
    | summarize Devices = dcount(DeviceId), Starts = count() by InitiatingProcessFileName
    | where Devices < threshold
    | project InitiatingProcessFileName;
let downloads = DeviceNetworkEvents
    | where Timestamp > ago(lookback)
    | where ActionType == "ConnectionSuccess"
    | where RemoteIPType == "Public" and isnotempty(RemoteUrl)
    | extend Host = tostring(parse_url(RemoteUrl).Host)
    | where Host !endswith ".microsoft.com"
    | summarize FirstContact = min(Timestamp), Hosts = make_set(Host, 50) by DeviceId, InitiatingProcessId;
DeviceProcessEvents
| where Timestamp > ago(lookback)
| where FileName in~ (suspicious)
| where ProcessCommandLine matches regex encoded
    or ProcessCommandLine has_any ("DownloadString", "IEX", "FromBase64String")
| where InitiatingProcessFileName in (rareParents)
| extend Admin = isAdmin(AccountName)
| extend Decoded = base64_decode_tostring(extract(@"\s([A-Za-z0-9+/=]{20,})", 1, ProcessCommandLine))
| extend Length = strlen(ProcessCommandLine), Hour = hourofday(Timestamp)
| extend Score = case(
    Admin and Length > 1000, 90,
    Admin, 70,
    Length > 1000, 50,
    Hour < 6 or Hour > 20, 40,
    10)
| where Score >= 40
| join kind=leftouter (
    downloads
    | project DeviceId, ProcessId = InitiatingProcessId, FirstContact, Hosts
) on DeviceId, ProcessId
| extend Delay = FirstContact - Timestamp
| where isnull(Delay) or Delay between (0s .. 10m)
| mv-expand Contacted = Hosts to typeof(string)
| summarize
    arg_max(Timestamp, ProcessCommandLine, Decoded, Score),
    Starts = count(),
    Contacts = make_set(Contacted, 100),
    Devices = dcount(DeviceId)
    by DeviceName, AccountName, bin(Timestamp, 1d)
| extend Title = strcat("Encoded command on ", DeviceName, " by ", AccountName)
| project-reorder Title, Score, Timestamp
| sort by Score desc, Timestamp asc
| take 100
`

func BenchmarkCheck(b *testing.B) {
	schema := newTelemetrySchema()
	script := syntax.Parse(longQuery)
	r := check.Check(script, check.Options{Schema: schema})
	if !r.OK() {
		b.Fatal(r.Diagnostics)
	}
	b.ReportAllocs()
	for b.Loop() {
		check.Check(script, check.Options{Schema: schema})
	}
}
