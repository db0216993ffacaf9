package hunt

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/sql"
)

// supportFile is the page of documentation that TestSupportedFeatures keeps.
const supportFile = "../../docs/kql.md"

// sampleArguments are arguments of each class.
var sampleArguments = map[catalog.Class]string{
	catalog.Any: `1`, catalog.Bool: `true`, catalog.Text: `"a"`, catalog.Long: `2`, catalog.Integer: `2`, catalog.Number: `2`, catalog.Real: `1.5`,
	catalog.DateTime: `datetime(2024-01-02)`, catalog.TimeSpan: `1h`, catalog.Guid: `guid(01234567-89ab-cdef-0123-456789abcdef)`, catalog.Decimal: `decimal(1.5)`,
	catalog.Dynamic: `d`, catalog.TextOrDynamic: `"a"`, catalog.TextOrArray: `"a"`, catalog.IntegerOrArray: `2`, catalog.NumberOrBool: `2`, catalog.Array: `d`,
	catalog.Bag: `b`, catalog.NotDynamic: `2`, catalog.NotRealOrBool: `2`, catalog.Summable: `2`, catalog.Orderable: `2`, catalog.Common: `2`, catalog.CommonOrDynamic: `2`,
	catalog.CommonOrderable: `2`, catalog.Type: `typeof(long)`, catalog.Table: `(print x = 1)`,
}

func sampleCall(f *catalog.Function) string {
	var args []string
	for _, p := range f.Signatures[0].Params {
		for range max(p.Min, 0) {
			arg := sampleArguments[p.Class]
			switch {
			case len(p.Values) > 0:
				arg = `"` + p.Values[0] + `"`
			case p.Form == catalog.Column:
				arg = "n"
			}
			args = append(args, arg)
		}
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}

const sampleRows = `datatable(n: long, s: string, t: datetime, d: dynamic, b: dynamic)[1, "a", datetime(2024-01-01), dynamic([1, 2]), dynamic({"k": 1}), 2, "b", datetime(2024-01-02), dynamic([3]), dynamic({"k": 2})]`

// operatorSamples is a query for each operator.
var operatorSamples = map[string]string{
	"as": `T | as X | count`, "consume": `T | consume`, "count": `T | count`, "datatable": `datatable(x: long)[1]`, "distinct": `T | distinct s`, "evaluate": `T | evaluate bag_unpack(b) : (n: long, k: long)`,
	"extend": `T | extend x = n + 1`, "externaldata": `externaldata(x: string)["https://h.example/x"]`, "facet": `T | facet by s`, "find": `find in (T) where n == 1`, "fork": `T | fork (count)`,
	"getschema": `T | getschema`, "graph-match": `T | make-graph s --> s with_node_id=k | graph-match (a)-->(b) project a.k`, "invoke": `let f = (x: (n: long)) { x | count }; T | invoke f()`,
	"join": `T | join (T) on n`, "lookup": `T | lookup (T | project n, z = s) on n`, "make-graph": `T | make-graph s --> s with_node_id=k | graph-to-table nodes`, "graph-mark-components": `T | make-graph s --> s with_node_id=k | graph-mark-components | graph-to-table nodes`,
	"graph-shortest-paths": `T | make-graph s --> s with_node_id=k | graph-shortest-paths (a)-[e*1..3]->(b) project a.k`, "graph-to-table": `T | make-graph s --> s | graph-to-table edges`,
	"graph-where-edges": `T | make-graph s --> s | graph-where-edges n > 1 | graph-to-table edges`, "graph-where-nodes": `T | make-graph s --> s with_node_id=k | graph-where-nodes k != "" | graph-to-table nodes`, "make-series": `T | make-series count() on t step 1d`,
	"mv-apply": `T | mv-apply x = d on (summarize sum(tolong(x)))`, "mv-expand": `T | mv-expand d`, "order": `T | order by n`, "parse": `T | parse s with x`, "parse-kv": `T | parse-kv s as (k: string)`,
	"parse-where": `T | parse-where s with x`, "partition": `T | partition by s (take 1)`, "print": `print 1`, "project": `T | project n`, "project-away": `T | project-away n`,
	"project-by-names": `T | project-by-names "n"`, "project-keep": `T | project-keep n`, "project-rename": `T | project-rename m = n`, "project-reorder": `T | project-reorder s`,
	"range": `range x from 1 to 2 step 1`, "reduce": `T | reduce by s`, "render": `T | render table`, "sample": `T | sample 1`, "sample-distinct": `T | sample-distinct 1 of s`,
	"scan": `T | sort by n asc | scan declare (c: long = 0) with (step x: true => c = x.c + n;)`, "search": `T | search "a"`, "serialize": `T | serialize`, "sort": `T | sort by n`,
	"summarize": `T | summarize count() by s`, "take": `T | take 1`, "top": `T | top 1 by n`, "top-hitters": `T | top-hitters 1 of s`, "top-nested": `T | top-nested 1 of s by sum(n)`,
	"limit": `T | limit 1`, "let": `let y = 1; print y`, "assert-schema": `T | assert-schema (n: long, s: string, t: datetime, d: dynamic, b: dynamic)`,
	"union": `union T, T`, "where": `T | where n == 1`,
}

// tabular are functions that are tables, or change nothing about one.
var tabular = map[string]bool{"database": true, "materialize": true, "table": true, "toscalar": true, "cluster": true}

// how says how a query is answered: in SQL, partly in memory, or not at all.
func (w *world) how(t *testing.T, text string) string {
	t.Helper()
	r, err := w.hunter.Run(t.Context(), Request{Text: "let T = " + sampleRows + "; " + text, Workspace: "w", Check: check.Options{Schema: w.schema, Now: testNow}})
	switch {
	case err != nil:
		return "–"
	case len(r.InMemory) > 0:
		return "memory"
	}
	return "SQL"
}

// onClickHouse says the same of ClickHouse, which is not asked: what has SQL
// there is known when the query is compiled.
func (w *world) onClickHouse(t *testing.T, text, duckdb string) string {
	t.Helper()
	if duckdb == "–" {
		return duckdb
	}
	h := &Hunter{Engine: w.hunter.Engine, Dialect: sql.ClickHouse}
	p, err := h.Compile(t.Context(), Request{Text: "let T = " + sampleRows + "; " + text, Workspace: "w", Check: check.Options{Schema: w.schema, Now: testNow}})
	switch {
	case err != nil:
		return "–"
	case p.Rest != nil:
		return "memory"
	}
	return "SQL"
}

// TestSupportedFeatures keeps the tables of docs/kql.md true: they are made of
// the catalogue, and of what happens when a sample of each entry is run.
func TestSupportedFeatures(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	b.WriteString("### Operators\n\n| operator | DuckDB | ClickHouse | |\n|---|---|---|---|\n")
	for _, op := range catalog.Operators() {
		if op.Hidden {
			continue
		}
		sample, ok := operatorSamples[op.Name]
		if !ok {
			t.Errorf("no sample of the operator %s", op.Name)
		}
		how := w.how(t, sample)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", op.Name, how, w.onClickHouse(t, sample, how), op.Doc)
	}
	b.WriteString("\n### Scalar and window functions\n\n| function | DuckDB | ClickHouse | |\n|---|---|---|---|\n")
	for _, f := range catalog.ScalarFunctions() {
		if f.Hidden || f.Deprecated() || f.Name != f.Canonical {
			continue
		}
		if tabular[f.Name] {
			continue
		}
		sample := "T | serialize | extend x = " + sampleCall(f)
		how := w.how(t, sample)
		other := w.onClickHouse(t, sample, how)
		if how == "SQL" && !sql.Native(w.hunter.Dialect, f.Canonical) {
			how = "function"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, how, other, f.Doc)
	}
	b.WriteString("\n### Aggregates\n\n| aggregate | DuckDB | ClickHouse | |\n|---|---|---|---|\n")
	for _, f := range catalog.AggregateFunctions() {
		if f.Hidden || f.Deprecated() || f.Name != f.Canonical {
			continue
		}
		sample := "T | summarize x = " + sampleCall(f) + " by s"
		how := w.how(t, sample)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, how, w.onClickHouse(t, sample, how), f.Doc)
	}
	keepSection(t, supportFile, "support", b.String())
}

// keepSection compares what stands between the marks of a section with text, or
// puts it there with -update.
func keepSection(t *testing.T, file, name, text string) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok1 := strings.Cut(string(page), begin)
	held, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no section %s", file, name)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+text+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if held != text {
		t.Errorf("the section %s of %s is not up to date; run with -update", name, file)
	}
}
