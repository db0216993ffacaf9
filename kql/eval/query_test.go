package eval_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

var update = flag.Bool("update", false, "write the golden results anew")

// noon is the time of all queries.
var noon = value.ParseDateTime("2024-05-06T12:00:00").Num

// generous limits are for queries that are no attack.
var generous = eval.Limits{Rows: 5_000_000, Bytes: 2 << 30, Steps: 200_000_000}

// execute checks a query and runs it; columns that only the data can tell are
// found first.
func execute(query string, limits eval.Limits) (eval.Table, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	env := eval.Env{Now: noon, Limits: limits}
	opts := check.Options{Now: noon, AllowExternalData: true, PluginColumns: map[int][]check.Column{}}
	for range 8 {
		r := check.Check(syntax.Parse(query), opts)
		if !r.OK() {
			for _, d := range r.Diagnostics {
				if d.Severity == syntax.Error {
					return eval.Table{}, fmt.Errorf("refused: %s", d.Message)
				}
			}
		}
		if r.Plan == nil {
			return eval.Table{}, errors.New("no query")
		}
		if len(r.Plan.Open) == 0 {
			return eval.Run(ctx, r.Plan.Root, env)
		}
		open := r.Plan.Open[0]
		cols, err := eval.Discover(ctx, open, env)
		if err != nil {
			return eval.Table{}, err
		}
		shown := []check.Column{}
		for _, c := range cols {
			shown = append(shown, check.Column{Name: c.Name, Type: c.Type})
		}
		opts.PluginColumns[open.Offset] = shown
	}
	return eval.Table{}, fmt.Errorf("columns of plugins stay open")
}

// text writes a table: its columns, then a line of cells per row.
func text(t eval.Table) string {
	var b strings.Builder
	for i, c := range t.Cols {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.Name + ":" + c.Type.String())
	}
	for _, row := range t.Rows {
		b.WriteString("\n")
		for i, v := range row {
			if i > 0 {
				b.WriteString(" | ")
			}
			switch {
			case v.Null:
				b.WriteString("null")
			case v.Type == value.Dynamic:
				b.WriteString(v.Text)
			default:
				b.WriteString(v.String())
			}
		}
	}
	return b.String()
}

// TestQueries runs the golden queries: a query, a line of dashes, its result,
// an empty line. Those about graphs have a file of their own.
func TestQueries(t *testing.T) {
	for _, file := range []string{"queries.txt", "graphs.txt"} {
		t.Run(file, func(t *testing.T) { goldenQueries(t, filepath.Join("testdata", file)) })
	}
}

func goldenQueries(t *testing.T, path string) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, part := range strings.Split(strings.TrimSpace(string(b)), "\n\n") {
		query, want, _ := strings.Cut(part, "\n---\n")
		got := ""
		if table, err := execute(query, generous); err != nil {
			got = "error: " + err.Error()
		} else {
			got = text(table)
		}
		out.WriteString(query + "\n---\n" + got + "\n\n")
		if !*update && got != want {
			t.Errorf("%s\ngives\n%s\nwant\n%s", query, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLimits wants hostile queries to end with the name of the limit.
func TestLimits(t *testing.T) {
	small := eval.Limits{Rows: 10_000, Bytes: 20 << 20, Steps: 200_000}
	for _, c := range []struct{ query, limit string }{
		{"range x from 1 to 1000000000000 step 1", "rows"},
		{"print a = range(1, 100000, 1) | mv-expand a", "rows"},
		{"print a = range(1, 300, 1) | mv-expand b = a | mv-expand c = a | mv-expand d = a | count", "rows"},
		{"range x from 1 to 5000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 5000 step 1 | extend k = 1) on k | count", "rows"},
		{"range x from 1 to 9000 step 1 | extend s = strrep('abcdefgh', 1000)", "bytes"},
		{"range x from 1 to 9000 step 1 | summarize l = make_list(strrep('abcdefgh', 1000))", "bytes"},
		{"range x from 1 to 900 step 1 | mv-apply y = range(1, 900, 1) on (where y > 1000)", "steps"},
		{"print t = datetime(2020-01-01) | make-series count() on t from datetime(1900-01-01) to datetime(2020-01-01) step 1ms", "rows"},
		{"range x from 1 to 9000 step 1 | extend g = 1 | evaluate ipv4_lookup((range n from 1 to 9000 step 1 | extend net = '10.0.0.0/8', ip = '1.1.1.1'), g, net)", "steps"},
		{"range x from 1 to 60 step 1 | extend k = 1 | join kind=inner (range y from 1 to 60 step 1 | extend k = 1) on k | make-graph x --> y with_node_id=n | graph-match cycles=all (a)-[e*1..50]->(b) where a.n == 1 and a.n + b.n == 0 project a.n", "steps"},
		{"range x from 1 to 60 step 1 | extend k = 1 | join kind=inner (range y from 1 to 60 step 1 | extend k = 1) on k | make-graph x --> y with_node_id=n | graph-match (a)-->(b)-->(c)-->(d) project a.n", "rows"},
		{"range x from 1 to 9000 step 1 | make-graph x --> x with_node_id=n | graph-match (a)-[e]->(b) project strrep('abcdefgh', 1000)", "bytes"},
		{"range x from 1 to 6000 step 1 | extend y = x + 10000 | make-graph x --> y with_node_id=n | graph-to-table nodes", "rows"},
		{"range x from 1 to 5000 step 1 | extend y = x + 1 | make-graph x --> y with_node_id=n | graph-shortest-paths (a)-[e*1..1000]->(b) where a.n > b.n project a.n", "steps"},
		{"range x from 1 to 60 step 1 | extend k = 1 | join kind=inner (range y from 1 to 60 step 1 | extend k = 1) on k | make-graph x --> y with_node_id=n | graph-shortest-paths (a)-[e*3..9]->(b) where a.n == 1 and any(e, x > 100) project a.n", "steps"},
	} {
		_, err := execute(c.query, small)
		var limit *eval.LimitError
		if !errors.As(err, &limit) || limit.Limit != c.limit {
			t.Errorf("%s: %v, want the limit of %s", c.query, err, c.limit)
		}
	}
}

// TestCancel wants a run to end with its context.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := check.Check(syntax.Parse("range x from 1 to 100000 step 1 | count"), check.Options{})
	if _, err := eval.Run(ctx, r.Plan.Root, eval.Env{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestCancelSearch wants the search of a pattern, which makes no rows for a long
// time, to end with its context.
func TestCancelSearch(t *testing.T) {
	r := check.Check(syntax.Parse("range x from 1 to 60 step 1 | extend k = 1 | join kind=inner (range y from 1 to 60 step 1 | extend k = 1) on k"+
		" | make-graph x --> y with_node_id=n | graph-match cycles=all (a)-[e*1..50]->(b) where a.n + b.n == 0 project a.n"), check.Options{})
	ctx := &endsLater{Context: context.Background(), after: 20}
	if _, err := eval.Run(ctx, r.Plan.Root, eval.Env{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// endsLater is a context that is cancelled once it has been looked at so often.
type endsLater struct {
	context.Context
	after int
}

func (c *endsLater) Err() error {
	if c.after--; c.after < 0 {
		return context.Canceled
	}
	return nil
}

// TestScanAndHost runs over stored rows and asks the host for what only it knows.
func TestScanAndHost(t *testing.T) {
	id := &plan.Column{Name: "Id", Type: value.Long}
	name := &plan.Column{Name: "Name", Type: value.String}
	scan := &plan.Scan{Table: "T", Cols: []*plan.Column{id, name}, Stored: []string{"id", "name"}}
	ask := &plan.Plugin{Name: "FileProfile", Input: scan, Cols: []*plan.Column{{Name: "Seen", Type: value.Long}}}
	env := eval.Env{
		Scan: func(context.Context, *plan.Scan) ([][]value.Value, error) {
			return [][]value.Value{{value.LongOf(1), value.NullOf(value.String)}, {value.JSONOf("null"), value.StringOf("b")}}, nil
		},
		Plugin: func(_ context.Context, p *plan.Plugin, in eval.Table, _ []value.Value) ([][]value.Value, error) {
			return [][]value.Value{{value.LongOf(int64(len(in.Rows)))}}, nil
		},
	}
	got, err := eval.Run(context.Background(), scan, env)
	if err != nil || text(got) != "Id:long, Name:string\n1 | \nnull | b" {
		t.Errorf("scan: %v, %s", err, text(got))
	}
	if got, err = eval.Run(context.Background(), ask, env); err != nil || text(got) != "Seen:long\n2" {
		t.Errorf("plugin: %v, %s", err, text(got))
	}
	if _, err = eval.Run(context.Background(), ask, eval.Env{Scan: env.Scan}); !errors.Is(err, eval.ErrUnsupported) {
		t.Errorf("without a host: %v", err)
	}
}

// event is what a process event looks like in memory.
var event = []*plan.Column{{Name: "Timestamp", Type: value.DateTime}, {Name: "FileName", Type: value.String}, {Name: "ProcessCommandLine", Type: value.String},
	{Name: "ProcessId", Type: value.Long}, {Name: "InitiatingProcessFileName", Type: value.String}, {Name: "AdditionalFields", Type: value.Dynamic}}

func events() [][]value.Value {
	at := value.DateTimeOf(noon)
	return [][]value.Value{
		{at, value.StringOf("powershell.exe"), value.StringOf(`"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe" -nop -w hidden -EncodedCommand SQBFAFgA`), value.LongOf(4242), value.StringOf("winword.exe"), value.JSONOf(`{"Level":"High"}`)},
		{at, value.StringOf("svchost.exe"), value.StringOf(`C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule`), value.LongOf(900), value.StringOf("services.exe"), value.NullOf(value.Dynamic)},
		{at, value.StringOf("chrome.exe"), value.StringOf(`"C:\Program Files\Google\Chrome\Application\chrome.exe" --type=renderer --lang=en-US`), value.LongOf(5200), value.StringOf("chrome.exe"), value.NullOf(value.Dynamic)},
	}
}

// schema is one table of events.
type schema struct{}

func (schema) Table(name string) (*check.Table, bool) {
	t := &check.Table{Name: "Events"}
	for _, c := range event {
		t.Columns = append(t.Columns, check.Column{Name: c.Name, Type: c.Type})
	}
	return t, name == "Events"
}
func (schema) Tables() []string                        { return []string{"Events"} }
func (schema) Function(string) (*check.Function, bool) { return nil, false }
func (schema) Functions() []string                     { return nil }

// predicate compiles the condition of a filter over events.
func predicate(t testing.TB, condition string) eval.Test {
	t.Helper()
	r := check.Check(syntax.Parse("Events | where "+condition), check.Options{Schema: schema{}, Now: noon})
	if !r.OK() {
		t.Fatalf("%s: %v", condition, r.Diagnostics)
	}
	filter, ok := r.Plan.Root.(*plan.Filter)
	if !ok {
		t.Fatalf("%s: the root is %T", condition, r.Plan.Root)
	}
	is, err := eval.Predicate(filter.Predicate, eval.LayoutOf(filter.Columns()), eval.Env{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return is
}

func TestPredicate(t *testing.T) {
	for _, c := range []struct{ condition, want string }{
		{"FileName =~ 'POWERSHELL.EXE' and ProcessCommandLine has_any ('-enc', 'encodedcommand')", "100"},
		{"ProcessId between (1000 .. 5000) or InitiatingProcessFileName endswith 'chrome.exe'", "101"},
		{"ProcessCommandLine matches regex @'(?i)-k\\s+netsvcs'", "010"},
		{"tostring(AdditionalFields.Level) == 'High'", "100"},
		{"AdditionalFields.Level != 'High'", "011"},
		{"FileName in~ ('SVCHOST.exe', 'x') and not(ProcessId == 1)", "010"},
		{"Timestamp > ago(1h) and strlen(FileName) < 12", "011"},
		{"isempty(tostring(AdditionalFields)) and ProcessId % 2 == 0", "011"},
	} {
		is, got := predicate(t, c.condition), ""
		for _, row := range events() {
			if is(row) {
				got += "1"
			} else {
				got += "0"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.condition, got, c.want)
		}
	}
}

func BenchmarkPredicate(b *testing.B) {
	is := predicate(b, "FileName =~ 'powershell.exe' and ProcessCommandLine has_any ('-enc', 'encodedcommand', 'frombase64string') and InitiatingProcessFileName in~ ('winword.exe', 'excel.exe') and ProcessId > 4")
	rows := events()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		is(rows[i%len(rows)])
	}
}

func BenchmarkContains(b *testing.B) {
	is := predicate(b, "ProcessCommandLine contains 'mimikatz' or ProcessCommandLine has 'sekurlsa' or tostring(AdditionalFields.Level) == 'Low'")
	rows := events()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		is(rows[i%len(rows)])
	}
}

// FuzzQuery runs any text that the checker takes: it must end without a panic
// and give rows of the promised types.
func FuzzQuery(f *testing.F) {
	for _, file := range []string{"queries.txt", "graphs.txt"} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.Split(string(b), "\n\n") {
			query, _, _ := strings.Cut(part, "\n---\n")
			f.Add(query)
		}
	}
	f.Fuzz(func(t *testing.T, query string) {
		if len(query) > 2000 {
			t.Skip()
		}
		table, err := execute(query, eval.Limits{Rows: 2000, Bytes: 4 << 20, Steps: 20_000})
		if err != nil {
			return
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Cols) {
				t.Fatalf("%q: %d cells under %d columns", query, len(row), len(table.Cols))
			}
			for i, v := range row {
				if v.Type != table.Cols[i].Type {
					t.Fatalf("%q: column %s is a %s and holds a %s", query, table.Cols[i].Name, table.Cols[i].Type, v.Type)
				}
			}
		}
	})
}
