package hunt

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
)

const testNow int64 = 638_501_184_000_000_000

var testColumns = map[string][]telemetry.Column{
	"Events": {
		{Name: "Timestamp", Type: value.DateTime}, {Name: "DeviceId", Type: value.String}, {Name: "User", Type: value.String},
		{Name: "Command", Type: value.String}, {Name: "Size", Type: value.Long}, {Name: "Score", Type: value.Real},
		{Name: "Fields", Type: value.Dynamic}, {Name: "Ok", Type: value.Bool},
	},
	"Devices": {
		{Name: "Timestamp", Type: value.DateTime}, {Name: "DeviceId", Type: value.String}, {Name: "Name", Type: value.String}, {Name: "Port", Type: value.Int},
		{Name: "PORT", Type: value.Long}, // engines may take it for the one before
	},
}

// world is the same rows in an engine and in memory.
type world struct {
	hunter *Hunter
	schema *Schema
	rows   map[string][][]value.Value
}

func newWorld(t testing.TB) *world {
	t.Helper()
	store, err := duckdb.Open(t.Context(), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return worldOn(t, store, sql.DuckDB)
}

// worldOn fills a store.
func worldOn(t testing.TB, store telemetry.Store, d sql.Dialect) *world {
	t.Helper()
	w := &world{hunter: &Hunter{Engine: store, Dialect: d}, rows: map[string][][]value.Value{}}
	var tables []*telemetry.Table
	rnd := rand.New(rand.NewPCG(7, 7))
	var batch []telemetry.Row
	for _, name := range []string{"Events", "Devices"} {
		table, err := telemetry.NewTable(name, "", "", testColumns[name])
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
		for range 300 {
			row := randomRow(rnd, table.Columns)
			w.rows[name] = append(w.rows[name], row)
			batch = append(batch, filled(table, row))
		}
	}
	if err := store.Ensure(t.Context(), "w", tables); err != nil {
		t.Fatal(err)
	}
	if err := store.Append(t.Context(), "w", batch); err != nil {
		t.Fatal(err)
	}
	w.schema = NewSchema(tables, nil)
	return w
}

// filled is a row of the store.
func filled(t *telemetry.Table, cells []value.Value) telemetry.Row {
	r := telemetry.Row{Table: t}
	for i, v := range cells {
		if !v.Null {
			r.Cells = append(r.Cells, telemetry.Cell{Column: i, Value: v})
		}
	}
	return r
}

// randomRow has repeated keys, nulls, empty texts and values at the edges.
func randomRow(rnd *rand.Rand, cols []telemetry.Column) []value.Value {
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	row := make([]value.Value, len(cols))
	for i, c := range cols {
		v := value.NullOf(c.Type)
		if c.Type != value.String && rnd.IntN(6) == 0 {
			row[i] = v
			continue
		}
		switch c.Type {
		case value.DateTime:
			v = value.DateTimeOf(testNow - rnd.Int64N(2*value.Day))
		case value.Long:
			v = value.LongOf(rnd.Int64N(20) - 5)
		case value.Int:
			v = value.IntOf(int32(rnd.IntN(3000)))
		case value.Real:
			v = value.RealOf(float64(rnd.IntN(1000)) / 8)
		case value.Bool:
			v = value.BoolOf(rnd.IntN(2) == 0)
		case value.Dynamic:
			v = value.JSONOf(pick(`{"proc":{"name":"cmd"},"a b":3,"list":["x","y",1]}`, `{"list":[]}`, `{"proc":{"name":null},"list":[true]}`, `[1,2]`, `"text"`, `{"list":{"k":1}}`, `{"n":1.5}`))
		case value.String:
			v = value.StringOf(pick("", "bob", "Bob", "alice", "root", "a'b", "powershell -enc alpha", "x user=eve id=42 y", "curl http://h/", "beta-2", "srv-1", "srv_2", "ÄÖ", "d1", "d2", "d3"))
		}
		row[i] = v
	}
	return row
}

func (w *world) scan(_ context.Context, s *plan.Scan) ([][]value.Value, error) {
	var out [][]value.Value
	names := (&telemetry.Table{Columns: testColumns[s.Table]}).StoredNames()
	for _, row := range w.rows[s.Table] {
		cells := make([]value.Value, len(s.Cols))
		for i, name := range s.Stored {
			at := slices.Index(names, name)
			if at < 0 {
				return nil, fmt.Errorf("no column %s", name)
			}
			cells[i] = row[at]
		}
		out = append(out, cells)
	}
	return out, nil
}

// orderless are queries whose result is any of several.
var orderless = []string{"take.kql", "distinct.kql", "summarize.kql", "lookup.kql", "join_innerunique.kql", "arg_max.kql", "windows.kql", "partition.kql", "scan_in_memory.kql", "sets.kql"}

// TestSQLMeansWhatTheEvaluatorMeans runs queries on DuckDB and in memory, over
// the same rows.
func TestSQLMeansWhatTheEvaluatorMeans(t *testing.T) { newWorld(t).compareAll(t) }

func (w *world) compareAll(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob("../../kql/sql/testdata/golden/*.kql")
	if err != nil || len(files) == 0 {
		t.Fatal("no queries", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(orderless, filepath.Base(f)) {
			continue
		}
		w.compare(t, filepath.Base(f), string(text))
	}
	for _, text := range predicates() {
		w.compare(t, text, "Events | where "+text+" | project Timestamp, DeviceId, User, Command, Size, Score, Ok")
	}
	for _, text := range expressions {
		w.compare(t, text, "Events | project Timestamp, x = "+text)
	}
	for _, text := range aggregates {
		w.compare(t, text, "Events | summarize x = "+text+" by User, Ok")
		w.compare(t, text, "Events | where Size > 1000 | summarize x = "+text)
	}
	for _, text := range pipes {
		w.compare(t, text, text)
	}
}

// expressions have the functions that SQL says by itself, and some that it
// calls.
var expressions = []string{
	`split(Command, " ")[1]`, `split(User, "b")`, `split(Command, " ", 9)`, `set_has_element(Fields.list, User)`, `replace_regex(Command, "([a-z])([0-9])", @"\2-\1")`, `trim("[a-z]", Command)`,
	`trim_start("[a-z]+", Command)`, `trim_end("[0-9a-z]+", Command)`, `Command has_any (User, DeviceId)`, `Command has_any (split(User, " "))`, `Command has_any (Fields.list)`,
	`User in (split(Command, " "))`, `User !in (split(Command, " "))`, `startofday(now())`, `toint(Fields.proc)`, `toint(Fields.list[0])`, `toint(Fields[0])`,
	`Size + 1`, `Size - Score`, `Size * 3`, `Size * 1000000000000000000`, `Size + 9223372036854775807`, `Size / 0`, `Size % 5`, `Size / -2`, `-Size % 3`, `Score / 0.0`,
	`Timestamp + 1h`, `Timestamp - 3d`, `Timestamp - datetime(2024-01-01)`, `datetime(9999-12-31) + 1d * Size`, `1h * Size`, `(now() - Timestamp) / 1h`,
	`bin(Size, 4)`, `bin(Score, 2.5)`, `bin(Timestamp, 7d)`, `bin(Timestamp - ago(2d), 1h)`, `startofday(Timestamp)`, `startofweek(Timestamp)`, `startofmonth(Timestamp)`,
	`startofyear(Timestamp)`, `endofday(Timestamp)`, `dayofmonth(Timestamp)`, `monthofyear(Timestamp)`, `getyear(Timestamp)`, `hourofday(Timestamp)`, `dayofweek(Timestamp)`,
	`dayofyear(Timestamp)`, `week_of_year(Timestamp)`, `datetime_diff("day", Timestamp, ago(5d))`, `datetime_diff("week", Timestamp, ago(50d))`, `format_datetime(Timestamp, "yyyy-MM-dd")`,
	`tostring(Size)`, `tostring(Score)`, `tostring(Ok)`, `tostring(Timestamp)`, `tostring(Fields)`, `tostring(Timestamp - now())`, `toint(Score)`, `tolong(Command)`, `todouble(User)`,
	`toint(Size)`, `tobool(User)`, `tolong(Ok)`, `todecimal(Score)`, `todatetime(Size)`, `toint(Fields.n)`, `todouble(Fields.n)`, `tolong(Fields["a b"])`, `tobool(Fields.list[0])`,
	`Fields.proc`, `Fields.proc.name`, `Fields.list[0]`, `Fields.list[-1]`, `Fields[1]`, `Fields[User]`, `Fields.list[Size]`, `array_length(Fields.list)`, `bag_keys(Fields)`, `gettype(Fields)`,
	`parse_json(Command)`, `parse_json(tostring(Fields)).n`, `pack_array(Size, User, Ok, Fields)`, `bag_pack("a", Size, "b", User, "c", Timestamp)`, `bag_merge(Fields, dynamic({"z":1}))`,
	`split(Command, " ")`, `split(Command, " ", 1)`, `strcat_array(Fields.list, ",")`, `set_has_element(Fields.list, "x")`, `array_sort_asc(Fields.list)`, `array_slice(Fields.list, 0, 1)`,
	`strlen(Command)`, `toupper(Command)`, `tolower(User)`, `substring(Command, 2)`, `substring(Command, 2, 3)`, `substring(Command, -3)`, `replace_string(Command, "e", "EE")`,
	`replace_regex(Command, "[aeiou]", "_")`, `trim(" ", Command)`, `indexof(Command, "e")`, `countof(Command, "e")`, `reverse(Command)`, `extract("(\\w+)=(\\w+)", 2, Command)`,
	`extract("([0-9]+)", 1, Command, typeof(long))`, `extract_all("(\\w)", User)`, `strcat(User, Size, Ok)`, `coalesce(User, "none")`, `coalesce(Size, 0)`, `iff(isnull(Size), -1, Size)`,
	`hash_sha256(User)`, `hash_md5(User)`, `base64_encode_tostring(Command)`, `url_encode(Command)`, `parse_url(Command).Host`, `isnan(Score)`, `round(Score, 1)`, `abs(Size)`, `sign(Size)`,
	`max_of(Size, 3)`, `min_of(Score, 10.0)`, `case(Ok, 1, Size > 3, 2, 3)`, `Size == Score`, `Size != int(null)`, `Size > int(null)`, `Ok and Size > 3`, `Ok or Size > 3`, `not(Ok)`,
	`User in (DeviceId, "bob")`, `User has_any ("bob", "alice")`, `Size between (2 .. 4)`, `Size !between (2 .. 4)`, `isempty(Fields)`, `isnull(Fields.proc.name)`, `isnull(Fields.nothing)`,
}

var aggregates = []string{
	`count()`, `countif(Size > 2)`, `sum(Size)`, `sum(Score)`, `sumif(Size, Ok)`, `avg(Size)`, `avg(Score)`, `avg(Timestamp)`, `min(Size)`, `max(Score)`, `min(Timestamp)`, `max(Command)`, `minif(Size, Size > 3)`,
	`dcount(Command)`, `dcountif(Command, Size > 2)`, `count_distinct(Size)`, `stdev(Size)`, `variance(Score)`, `stdevp(Size)`, `percentile(Size, 50)`, `percentile(Score, 90)`, `percentiles(Size, 5, 95)`,
	`array_sort_asc(make_set(Command))`, `array_sort_asc(make_list(Size))`, `array_sort_asc(make_set_if(Size, Size > 2))`, `array_length(make_list(User))`, `array_length(make_list(Fields))`, `array_length(make_list(Fields.list))`, `array_sort_asc(make_list_if(Fields.list, Ok))`, `array_length(make_list(Fields.list, 3))`, `binary_all_or(Size)`, `max(Size) - min(Size)`,
}

var pipes = []string{
	`Events | where isnotnull(Size) | summarize arg_max(Size, User, Command) by DeviceId | join kind=leftanti Events on Size, User, Command, DeviceId | count`,
	`Events | where isnotnull(Size) | extend Size = Size / 4 | summarize arg_min(Size, User, Command) by Ok | join kind=leftanti (Events | extend Size = Size / 4) on Size, User, Command | count`,
	`Devices | where PORT > 3 | summarize sum(PORT), sum(Port), max(PORT - Port)`,
	`Devices | summarize arg_max(PORT, *) by DeviceId | summarize sum(PORT) by DeviceId`,
	`Events | join kind=inner (Devices | project-rename other = PORT) on DeviceId | summarize sum(other), sum(Port) by DeviceId`,
	`Events | join kind=inner (Devices | summarize p = max(Port) by DeviceId | join kind=inner (Events | summarize n = count() by DeviceId) on DeviceId | project DeviceId, n, p) on DeviceId | summarize count(), sum(n), sum(p) by DeviceId`,
	`Events | where Size > 9 | join kind=rightsemi Devices on DeviceId | join kind=inner Events on DeviceId | join kind=leftouter (Devices | summarize by DeviceId, Name) on DeviceId | extend both = strcat(Name, '/', Name1) | summarize count(), sum(PORT) by DeviceId, Name, User, both`,
	`Events | join kind=inner Devices on DeviceId | summarize count() by DeviceId, Name`,
	`Events | join kind=leftouter (Devices | where Port > 1500) on DeviceId | summarize count(), sum(Port) by DeviceId, Name`,
	`Events | join kind=rightouter (Devices | where Port > 1500) on DeviceId | summarize count() by DeviceId1`,
	`Events | join kind=fullouter (Devices | where Port > 2900) on DeviceId | summarize count() by DeviceId, DeviceId1`,
	`Events | join kind=leftsemi (Devices | where Port > 2900) on DeviceId | count`,
	`Events | join kind=rightanti (Devices | where Port > 1000) on $left.User == $right.Name | summarize count() by Name`,
	`Events | where Size in ((Devices | project tolong(Port % 5))) | count`,
	`Events | where User !in ((Devices | where Port > 100 | project Name)) | count`,
	`Events | where User has_any ((Devices | project Name)) | count`,
	`Events | extend m = toscalar(Devices | summarize max(Port)) | summarize sum(m)`,
	`union Events, Devices | summarize count() by DeviceId, isnull(Port)`,
	`union kind=inner Events, Devices | summarize count() by DeviceId`,
	`Events | mv-expand Fields | summarize count() by tostring(Fields)`,
	`Events | mv-expand bagexpansion=array Fields | summarize count() by tostring(Fields)`,
	`Events | mv-expand with_itemindex=i f = Fields.list to typeof(string) | summarize count() by i, f`,
	`Events | mv-apply f = Fields.list on (extend s = tostring(f) | where s != "" | summarize n = count(), l = max(s)) | summarize count() by n, l`,
	`Events | mv-apply f = Fields.list on (where gettype(f) == "string" | where tostring(f) != "x" | summarize n = count(), s = sum(strlen(tostring(f))), a = avg(strlen(tostring(f))), m = make_set(tostring(f))) | summarize count() by n, s, a, tostring(m)`,
	`Events | mv-apply f = Fields.list on (where tostring(f) != "" | summarize n = count() by k = tostring(f) | summarize top = max(n), all = sum(n)) | summarize count() by top, all`,
	`Events | mv-apply f = Fields.list on (where tostring(f) != "" | summarize n = count() | where n > 0 | summarize m = count()) | summarize count() by m`,
	`Events | mv-apply f = Fields.list on (where tostring(f) != "" | top 1 by tostring(f) asc | summarize n = count(), l = max(tostring(f))) | summarize count() by n, l`,
	`Events | mv-apply f = Fields.list on (top 1 by tostring(f) asc | where tostring(f) != "" | summarize n = count(), l = max(tostring(f))) | summarize count() by n, l`,
	`Events | mv-apply f = Fields.list on (sort by tostring(f) asc | where tostring(f) != "x" | extend r = row_number() | summarize n = max(r)) | summarize count() by n`,
	`Events | partition hint.strategy=native by User (where Size > 17 | summarize n = count(), m = max(Size)) | summarize count() by n, m`,
	`Events | mv-apply f = Fields.list on (top 1 by tostring(f) desc) | summarize count() by tostring(f)`,
	`Events | where Size > 10 | extend x = Score > 50 | make-graph User --> DeviceId with_node_id=n | graph-match (a)-[e]->(b)<-[f]-(c) where a.n != c.n and e.Ok project a.n, b.n, c.n, e.Size, f.x | summarize count(), sum(e_Size), countif(f_x) by a_n, b_n, c_n`,
	`let G = Events | where isnotempty(User) | make-graph User --> DeviceId with (Devices | summarize Port = max(Port) by DeviceId) on DeviceId; G | graph-mark-components | graph-to-table nodes | summarize count(), max(Port) by ComponentId | join kind=fullouter (G | graph-where-nodes Port > 1000 | graph-where-edges Size > 3 | graph-to-table edges with_source_id=s | summarize count() by s = s % 5) on $left.ComponentId == $right.s`,
	`Events | make-graph User --> DeviceId with (Devices | extend Ok = Port > 1000 | distinct DeviceId, Ok) on DeviceId partitioned-by Ok (graph-to-table nodes | count)`,
	`Events | as E | make-graph User -- DeviceId with_node_id=n | graph-shortest-paths output=all (a)-[e*1..4]-(b) where a.n == "bob" and b.n startswith "srv" project b.n, k = array_length(e) | summarize count() by b_n, tostring(k) | where b_n in ((E | project DeviceId))`,
	`Events | make-series n = count(), s = sum(Size) default=-1 on Timestamp from ago(2d) to now() step 6h by User`,
	`Events | make-series n = count() on Timestamp step 6h by User`,
	`Events | make-series n = count(), m = max(Score) default=0 on Size from -2 step 2`,
	`Events | make-series n = count() on Score to 100.0 step 12.5 by Ok`,
	`Events | summarize n = count() by User | sort by User asc | extend r = row_number(), c = row_cumsum(n), p = prev(n), q = next(n, 1, -1)`,
	`Events | summarize n = count() by User, Ok | sort by User asc, Ok asc | extend r = row_number(1, User != prev(User)), d = row_rank_dense(User), m = row_rank_min(User)`,
	`Events | distinct User | sort by User desc | take 3`,
	`Events | summarize n = count() by User | top 3 by User asc`,
	`Events | parse Command with * "user=" u " id=" id:long * | summarize count() by u, id`,
	`Events | parse-where Command with u "=" rest | summarize count() by u, rest`,
	`Events | evaluate bag_unpack(Fields) | count`,
	`Events | evaluate pivot(Ok, count(), User)`,
	`Events | partition by Ok (summarize n = count() by User | top 2 by User asc)`,
	`let E = Events | where Size > 2; E | summarize a = count() by User | join kind=inner (E | summarize b = dcount(Command) by User) on User | project User, a, b`,
	`let L = Devices | summarize make_set(Name); Devices | take 3 | mv-apply l = toscalar(L) to typeof(string) on (where l has "a" | summarize n = count()) | summarize count() by n`,
	`let N = toscalar(Devices | count); Events | where Size * N > 20 | extend w = Size + N, l = array_length(pack_array(N, Size)) | summarize s = sum(w * N), m = max(l) by User`,
	`Events | where Command matches regex "user=(?<who>[a-z]+)" | extend who = extract("user=(?<who>[a-z]+)", 1, Command) | summarize count() by who`,
	`Devices | where Port > 2500 | partition by Name { Events | where User == toscalar(Name) | summarize n = count() | extend who = toscalar(Name) }`,
	`range x from 1 to 20 step 3 | extend y = x * x, z = strcat("n", x)`,
	`range t from ago(3d) to now() step 12h | summarize count() by bin(t, 1d)`,
	`print a = 1, b = "x" | union (print a = 2, c = 3.5)`,
	`Events | summarize arg_max(Size, User, Ok) | project Size`,
	`Events | extend a = strlen(User), b = strcat(User, Command), c = Score + 1 | summarize arg_max(Timestamp, User, Command, Size, Score, Fields, DeviceId, a, b, c) by Ok`,
	`Events | summarize arg_min(Timestamp, *)`,
	`Events | summarize s = array_length(make_set(Command, 3)), l = array_length(make_list(Size, 4)) by User`,
	`Events | where Size > 1000 | summarize arg_max(Size, User), take_any(User), make_list(Size)`,
	`Events | search "alpha" | count`,
	`search in (Events, Devices) "alpha" or Port > 2900 | summarize count() by $table, User, Name`,
	`search in (Events, Devices) Timestamp > ago(1d) and "b*" | summarize count() by $table, DeviceId`,
	`search in (Events, Devices) not("alpha") and isnull(Port) | count`,
	`find in (Events, Devices) where "alpha" or DeviceId == "x" project DeviceId, User | summarize count() by source_, DeviceId, User`,
}

// predicates are conditions over every kind of column, and their negations.
func predicates() []string {
	list := []string{
		`Size == 3`, `Size != 3`, `Size > 3`, `Size <= Score`, `Size in (1, 2, 3)`, `Size !in (1, 2, 3)`, `Score == 1.5`, `Score between (2 .. 50)`,
		`User == "bob"`, `User =~ "BOB"`, `User !~ "BOB"`, `User in~ ("BOB", "Alice")`, `Command has "alpha"`, `Command !has "alpha"`, `Command has "srv"`,
		`Command contains "SRV"`, `Command startswith "CURL"`, `Command endswith "Y"`, `Command has_cs "curl"`, `Command hasprefix "pow"`, `Command hassuffix "enc"`,
		`Command has "beta-2"`, `Command has_any ("alpha", "42")`, `Command has_all ("user", "eve")`, `Command matches regex "[0-9]{2}"`, `Command has ""`,
		`isempty(User)`, `isnotempty(User)`, `isnull(Size)`, `isnotnull(Size)`, `Ok`, `Ok == true`, `Ok != true`, `isnull(Fields)`, `isempty(tostring(Fields.proc.name))`,
		`tostring(Fields.list[0]) == "x"`, `toint(Fields["a b"]) == 3`, `array_length(Fields.list) > 1`, `Timestamp > ago(1d)`, `Timestamp - ago(1d) > 1h`,
		`bin(Timestamp, 1h) == startofday(Timestamp)`, `hourofday(Timestamp) < 5`, `Size % 3 == 1`, `Size / 2 == 1`, `Size + Size == 6`, `-Size > 0`,
		`iff(Ok, Size, 0) > 2`, `case(Size > 5, "a", Size > 2, "b", "c") == "b"`, `coalesce(Size, 7) == 7`, `strlen(Command) > 10`, `substring(Command, 0, 4) == "curl"`,
		`tolower(User) == "bob"`, `strcat(User, "-", DeviceId) has "bob"`, `Size == Score`, `tostring(Size) == "3"`, `tolong(User) == 1`, `todouble(Size) > 2.5`,
		`tobool(Size)`, `dayofweek(Timestamp) == 2d`, `datetime_diff("hour", now(), Timestamp) < 10`, `extract("id=([0-9]+)", 1, Command) == "42"`, `Score / 0 > 1`,
	}
	for _, p := range slices.Clone(list) {
		list = append(list, "not("+p+")", "("+p+") or Size == 7")
	}
	return list
}

func (w *world) compare(t *testing.T, name, text string) {
	t.Helper()
	opt := check.Options{Schema: w.schema, Now: testNow}
	request := Request{Text: text, Workspace: "w", Check: opt, Limits: Limits{Rows: 100_000}.complete()}
	got, err := w.hunter.Run(t.Context(), request)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	checked, err := w.hunter.prepare(t.Context(), &request)
	if err != nil {
		t.Fatal(err)
	}
	want, err := eval.Run(t.Context(), checked.Plan.Root, eval.Env{Scan: w.scan, Now: testNow})
	if err != nil {
		t.Errorf("%s: in memory: %v", name, err)
		return
	}
	a, b := printed(got.Rows), printed(want.Rows)
	if !slices.Equal(a, b) {
		t.Errorf("%s: %d rows from SQL, %d from memory\n%s", name, len(a), len(b), difference(a, b))
	}
}

func printed(rows [][]value.Value) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = string(AppendRowJSON(nil, rounded(row)))
	}
	slices.Sort(out)
	return out
}

// rounded is a row with twelve digits of its reals: in what order rows are
// added up is nobody's promise.
func rounded(row []value.Value) []value.Value {
	out := slices.Clone(row)
	for i, v := range out {
		if v.Type == value.Real && !v.Null {
			out[i].Float, _ = strconv.ParseFloat(strconv.FormatFloat(v.Float, 'g', 12, 64), 64)
		}
	}
	return out
}

// difference lists a few rows that only one side has.
func difference(a, b []string) string {
	var out strings.Builder
	for _, side := range []struct {
		name        string
		have, other []string
	}{{"only SQL: ", a, b}, {"only memory: ", b, a}} {
		n := 0
		for _, row := range side.have {
			if _, ok := slices.BinarySearch(side.other, row); !ok && n < 3 {
				n++
				out.WriteString(side.name + row + "\n")
			}
		}
	}
	return out.String()
}
