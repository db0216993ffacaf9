package telemetry

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clew-sec/clew/kql/value"
)

func TestBuiltinTables(t *testing.T) {
	tables := Tables()
	if len(tables) < 200 {
		t.Fatalf("%d tables", len(tables))
	}
	for _, table := range tables {
		if got, ok := Lookup(table.Name); !ok || got != table {
			t.Errorf("Lookup(%s) does not find the table", table.Name)
		}
		if i, ok := table.Column(table.Columns[0].Name); !ok || i != 0 {
			t.Errorf("%s: the first column is at %d, %v", table.Name, i, ok)
		}
		if table.Family == "" {
			t.Errorf("%s has no family", table.Name)
		}
		if i := table.TimeColumn(); i >= 0 && table.Columns[i].Name != table.Time {
			t.Errorf("%s: time column %d is not %s", table.Name, i, table.Time)
		}
	}
	if _, ok := Lookup("alertinfo"); ok {
		t.Error("names are compared without case")
	}
}

// TestTimeOfTables: hunters of either portal find the time under the name they
// know in every table of Defender XDR that has one.
func TestTimeOfTables(t *testing.T) {
	for _, name := range []string{"DeviceProcessEvents", "AlertInfo", "EmailEvents", "IdentityLogonEvents", "CloudAppEvents"} {
		table, _ := Lookup(name)
		_, a := table.Column(Timestamp)
		_, b := table.Column(TimeGenerated)
		if !a || !b || table.Time != Timestamp {
			t.Errorf("%s: Timestamp %v, TimeGenerated %v, time column %q", name, a, b, table.Time)
		}
	}
	for _, name := range []string{"SecurityEvent", "SigninLogs", "Syslog"} {
		if table, _ := Lookup(name); table.Time != TimeGenerated {
			t.Errorf("%s: time column %q", name, table.Time)
		}
	}
}

func TestColumnMeanings(t *testing.T) {
	table, _ := Lookup("DeviceFileEvents")
	for column, want := range map[string]string{
		"FolderPath":                  "Path of the file with its name",
		"InitiatingProcessFolderPath": "Process that acted: path of the file with its name",
	} {
		i, _ := table.Column(column)
		if got := table.Columns[i].Doc; got != want {
			t.Errorf("%s: %q, want %q", column, got, want)
		}
	}
}

func TestNewTableRefuses(t *testing.T) {
	long := Column{Name: strings.Repeat("a", MaxNameLength+1), Type: value.Long}
	many := make([]Column, MaxColumns+1)
	for name, columns := range map[string][]Column{
		"none":        {},
		"too many":    many,
		"twice":       {{Name: "a", Type: value.Long}, {Name: "a", Type: value.Real}},
		"no type":     {{Name: "a"}},
		"quote":       {{Name: `a"b`, Type: value.Long}},
		"digit first": {{Name: "1a", Type: value.Long}},
		"long name":   {long},
	} {
		if _, err := NewTable("T_CL", "custom", "", columns); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := NewTable("a b", "custom", "", []Column{{Name: "a", Type: value.Long}}); err == nil {
		t.Error("a table name with a blank is taken")
	}
}

func TestSchemaFilesAreChecked(t *testing.T) {
	for name, text := range map[string]string{
		"type":    "table T\n  A strng\n",
		"word":    "tabel T\n",
		"twice":   "table T\n  A int\ntable T\n  A int\n",
		"columns": "table T\n  A int\n  A int\n",
	} {
		files := fstest.MapFS{"schema/x.txt": {Data: []byte(text)}, "schema/columns.md": {Data: []byte("- `A`: B\n")}}
		if _, err := readCatalog(files); err == nil {
			t.Errorf("%s: %q is taken", name, text)
		}
	}
}

func TestBatch(t *testing.T) {
	table, _ := Lookup("AlertInfo")
	at, _ := table.Column("Title")
	var b Batch
	buffer := []byte("first")
	b.Begin(table)
	b.Set(at, value.StringOf(b.Text(buffer)))
	b.End()
	mark := b.Mark()
	b.Begin(table)
	b.Set(at, value.StringOf("dropped"))
	b.Begin(table)
	b.Set(at, value.StringOf("second"))
	b.End()
	copy(buffer, "XXXXX")

	if len(b.Rows) != 2 {
		t.Fatalf("%d rows", len(b.Rows))
	}
	for i, want := range []string{"first", "second"} {
		if v, ok := b.Rows[i].Field("Title"); !ok || v.Text != want || len(b.Rows[i].Cells) != 1 {
			t.Errorf("row %d is %+v, want the title %q", i, b.Rows[i].Cells, want)
		}
	}
	if _, ok := b.Rows[0].Field("Nothing"); ok {
		t.Error("a column that is not there is filled")
	}
	if _, ok := b.Rows[0].Field("Severity"); ok {
		t.Error("a column that was not set is filled")
	}
	b.Begin(table)
	b.Truncate(mark)
	b.End()
	if len(b.Rows) != 1 {
		t.Errorf("%d rows after Truncate", len(b.Rows))
	}
	b.Reset()
	if len(b.Rows) != 0 {
		t.Errorf("%d rows after Reset", len(b.Rows))
	}
}

// TestRowsOutgrowBlocks keeps rows whole while the batch takes more and more
// memory, also when the batch is used again.
func TestRowsOutgrowBlocks(t *testing.T) {
	columns := make([]Column, MaxColumns)
	for i := range columns {
		columns[i] = Column{Name: "c" + strconv.Itoa(i), Type: value.Long}
	}
	table, err := NewTable("Wide", "", "", columns)
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	for round := range 3 {
		for i := range 200 {
			b.Begin(table)
			for c := range i * 7 % MaxColumns {
				b.Set(c, value.LongOf(int64(round*1_000_000+i*1000+c)))
			}
			if i%10 == 9 {
				b.Drop()
				continue
			}
			b.End()
		}
		at := 0
		for i := range 200 {
			if i%10 == 9 {
				continue
			}
			row := b.Rows[at]
			at++
			if len(row.Cells) != i*7%MaxColumns {
				t.Fatalf("row %d has %d cells", i, len(row.Cells))
			}
			for c, cell := range row.Cells {
				if cell.Column != c || cell.Value.Num != int64(round*1_000_000+i*1000+c) {
					t.Fatalf("round %d, row %d, cell %d is %+v", round, i, c, cell)
				}
			}
		}
		if at != len(b.Rows) {
			t.Fatalf("%d rows", len(b.Rows))
		}
		b.Reset()
	}
}

func TestTextsNeverChange(t *testing.T) {
	var b Batch
	var kept []string
	for i := range 10_000 {
		p := []byte(strings.Repeat(string(rune('a'+i%26)), i%70))
		kept = append(kept, b.Text(p))
		clear(p)
		if i%1000 == 0 {
			b.Reset()
		}
	}
	for i, s := range kept {
		if want := strings.Repeat(string(rune('a'+i%26)), i%70); s != want {
			t.Fatalf("text %d is %q, want %q", i, s, want)
		}
	}
}

// TestOrderOfColumns: a query that projects nothing shows the columns in the
// order of the reference: those of the SIEM sorted without regard to case and
// leading underscores, then those that only Defender XDR has.
func TestOrderOfColumns(t *testing.T) {
	for name, want := range map[string]string{
		"AlertInfo": "AlertId AttackTechniques _BilledSize Category DetectionSource _IsBillable ServiceSource Severity SourceSystem " +
			"TenantId TimeGenerated Title Type Timestamp",
		"Syslog": "_BilledSize CollectorHostName Computer EventTime Facility HostIP HostName _IsBillable ProcessID ProcessName _ResourceId " +
			"SeverityLevel SourceSystem _SubscriptionId SyslogMessage TimeGenerated Type",
		"AADSpnSignInEventsBeta": "Timestamp Application ApplicationId IsManagedIdentity ErrorCode CorrelationId ServicePrincipalName " +
			"ServicePrincipalId ResourceDisplayName ResourceId ResourceTenantId IPAddress Country State City Latitude Longitude RequestId ReportId",
	} {
		table, _ := Lookup(name)
		var got []string
		for _, c := range table.Columns {
			got = append(got, c.Name)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s\nwant %s", name, s, want)
		}
	}
	for _, table := range Tables() {
		if _, both := table.Column(Timestamp); both || table.Time != TimeGenerated || strings.HasSuffix(table.Name, "_CL") {
			continue
		}
		key := func(c Column) string { return strings.ToLower(strings.TrimLeft(c.Name, "_")) }
		if !slices.IsSortedFunc(table.Columns, func(a, b Column) int { return strings.Compare(key(a), key(b)) }) {
			t.Errorf("%s: the columns are not sorted", table.Name)
		}
	}
}
