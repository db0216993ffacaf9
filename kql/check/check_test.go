package check_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

var update = flag.Bool("update", false, "write the golden files anew")

// smallSchema has a table with a column of each type, and another that shares
// some.
type smallSchema struct{ functions map[string]string }

var smallTables = []*check.Table{
	{Name: "T", Columns: columnsOf("b:bool", "i:int", "l:long", "r:real", "de:decimal", "dt:datetime", "ts:timespan", "g:guid", "s:string", "d:dynamic")},
	{Name: "U", Columns: columnsOf("s:string", "l:long", "x:real", "z:string")},
}

func columnsOf(specs ...string) []check.Column {
	var out []check.Column
	for _, s := range specs {
		name, kind, _ := strings.Cut(s, ":")
		t, _ := value.ParseType(kind)
		out = append(out, check.Column{Name: name, Type: t})
	}
	return out
}

func (s smallSchema) Table(name string) (*check.Table, bool) {
	i := slices.IndexFunc(smallTables, func(t *check.Table) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return smallTables[i], true
}
func (s smallSchema) Tables() []string { return []string{"T", "U"} }
func (s smallSchema) Function(name string) (*check.Function, bool) {
	text, ok := s.functions[name]
	return &check.Function{Name: name, Text: text}, ok
}
func (s smallSchema) Functions() []string {
	var out []string
	for n := range s.functions {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

func options() check.Options {
	return check.Options{Schema: smallSchema{}, Now: 638_000_000_000_000_000, AllowExternalData: true}
}

// describe is a result as the golden file has it.
func describe(query string, r *check.Result) string {
	var b strings.Builder
	b.WriteString(query + "\n")
	b.WriteString("    " + strings.Join(schemaOf(r), ", "))
	if r.Open {
		b.WriteString(", …")
	}
	b.WriteString("\n")
	for _, d := range r.Diagnostics {
		b.WriteString("    " + d.Severity.String() + ": " + d.Message + " ‹" + query[d.Start:d.End] + "›\n")
	}
	return b.String()
}

func schemaOf(r *check.Result) []string {
	var out []string
	for _, c := range r.Columns {
		out = append(out, c.Name+":"+c.Type.String())
	}
	return out
}

// TestSchemas binds queries of each kind and compares columns and findings with
// the golden file.
func TestSchemas(t *testing.T) {
	queries, err := os.ReadFile("testdata/queries.txt")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, q := range strings.Split(strings.TrimSpace(string(queries)), "\n") {
		r := check.Check(syntax.Parse(q), options())
		if r.OK() {
			for _, p := range verifyPlan(r.Plan) {
				t.Errorf("%s: %s", q, p)
			}
		}
		b.WriteString(describe(q, r) + "\n")
	}
	const golden = "testdata/schemas.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("other than %s:\n%s", golden, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return a[i] + "\nwant " + b[min(i, len(b)-1)]
		}
	}
	return "shorter"
}

func messages(r *check.Result) string {
	var out []string
	for _, d := range r.Diagnostics {
		out = append(out, d.Message)
	}
	return strings.Join(out, "\n")
}

// TestLimitsOnHostileTexts wants a clear error, and soon.
func TestLimitsOnHostileTexts(t *testing.T) {
	doubling := "let f0=(a:long){a+a};"
	for i := 1; i < 40; i++ {
		n, m := string(rune('0'+i/10))+string(rune('0'+i%10)), string(rune('0'+(i-1)/10))+string(rune('0'+(i-1)%10))
		if i == 1 {
			m = "0"
		}
		doubling += " let f" + n + "=(a:long){f" + m + "(a)+f" + m + "(a)};"
	}
	chain := "let a0=1+rand();"
	for i := 1; i < 60; i++ {
		chain += " let a" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "=a" + map[bool]string{true: "0", false: string(rune('0'+(i-1)/10)) + string(rune('0'+(i-1)%10))}[i == 1] + "+1*a" + map[bool]string{true: "0", false: string(rune('0'+(i-1)/10)) + string(rune('0'+(i-1)%10))}[i == 1] + ";"
	}
	for name, query := range map[string]string{
		"functions that double": doubling + " print f39(1)",
		"variables that double": chain + " print a59",
		"many columns":          "print " + strings.Repeat("1,", 20000) + "1",
		"many wildcards":        "union " + strings.Repeat("*,", 2000) + "*",
	} {
		r := check.Check(syntax.Parse(query), options())
		if r.OK() || !slices.ContainsFunc(r.Diagnostics, func(d syntax.Diagnostic) bool { return d.Code == check.CodeLimit }) {
			t.Errorf("%s: no limit is named: %.300s", name, messages(r))
		}
	}
}

func TestLongChainsAreFine(t *testing.T) {
	r := check.Check(syntax.Parse("T | where s == 'a'"+strings.Repeat(" or s == 'b'", 20000)), options())
	if !r.OK() {
		t.Errorf("%.300s", messages(r))
	}
}

func TestSavedFunctions(t *testing.T) {
	opts := options()
	opts.Schema = smallSchema{functions: map[string]string{
		"Recent":   "(since: timespan = 1d) { T | where dt > ago(since) }",
		"Wrong":    "() { T | where nope == 1 }",
		"Loop":     "() { Loop() }",
		"Double":   "(x: long) { x * 2 }",
		"WithBase": "(base: (s: string)) { base | extend n = strlen(s) }",
	}}
	for query, want := range map[string]string{
		"Recent | count":              "Count:long",
		"Recent(7d) | project s":      "s:string",
		"print x = Double(2)":         "x:long",
		"U | invoke WithBase()":       "s:string, l:long, x:real, z:string, n:long",
		"Recnt | count":               "did you mean 'Recent'?",
		"Wrong | take 1":              "In the saved function Wrong: The name 'nope'",
		"Loop | take 1":               "calls itself",
		"let Recent = U; Recent":      "s:string, l:long, x:real, z:string",
		"T | extend y = Double(s)":    "y:long",
		"Recent('x', 2) | take 1":     "takes 1 argument, not 2",
		"T | extend y = Double()":     "needs an argument for 'x'",
		"let f = (x: long) { x }; f ": "needs an argument list",
	} {
		r := check.Check(syntax.Parse(query), opts)
		if got := strings.Join(schemaOf(r), ", ") + "\n" + messages(r); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestWatchlistsAndSurroundings(t *testing.T) {
	opts := options()
	opts.Watchlist = func(name string) ([]check.Column, bool) {
		return columnsOf("Host:string", "Owner:string"), name == "servers"
	}
	for query, want := range map[string]string{
		"_GetWatchlist('servers') | project Host, SearchKey":                     "Host:string, SearchKey:string",
		"_GetWatchlist('servers') | project Hots":                                "did you mean 'Host'?",
		"_GetWatchlist('others') | project Anything":                             "Anything:unknown",
		"U | invoke FileProfile(s, 100) | project Signer, s":                     "Signer:string, s:string",
		"DeviceFromIP('10.0.0.1', now()) | project DeviceId":                     "DeviceId:string",
		"FileProfile('a') | take 1":                                              "is called by invoke",
		"T | where s in ((_GetWatchlist('servers') | project Host)) | project s": "s:string",
	} {
		r := check.Check(syntax.Parse(query), opts)
		if got := strings.Join(schemaOf(r), ", ") + "\n" + messages(r); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// TestColumnsOfPlugins checks a query twice, as a server does: first without the
// columns that only the data can tell, then with them.
func TestColumnsOfPlugins(t *testing.T) {
	query := "T | project s, d | evaluate bag_unpack(d) | project s, a, b"
	first := check.Check(syntax.Parse(query), options())
	if !first.OK() || len(first.Plan.Open) != 1 {
		t.Fatalf("%v", first.Diagnostics)
	}
	opts := options()
	opts.PluginColumns = map[int][]check.Column{first.Plan.Open[0].Offset: columnsOf("a:long", "b:string")}
	second := check.Check(syntax.Parse(query), opts)
	if got := strings.Join(schemaOf(second), ", "); got != "s:string, a:long, b:string" || len(second.Plan.Open) != 0 {
		t.Errorf("columns %s, still open: %v", got, second.Plan.Open)
	}
}

func TestSuggestions(t *testing.T) {
	for query, want := range map[string]string{
		"DeviceProcesEvents | take 1":                        "DeviceProcessEvents",
		"DeviceProcessEvents | where FileNme == 'a'":         "FileName",
		"DeviceProcessEvents | extend x = tolwer(FileName)":  "tolower",
		"DeviceProcessEvents | summarize dcont(FileName)":    "dcount",
		"DeviceProcessEvents | evaluate bagunpack(FileName)": "bag_unpack",
	} {
		r := check.Check(syntax.Parse(query), check.Options{Schema: newTelemetrySchema()})
		if len(r.Diagnostics) != 1 || !slices.Contains(r.Diagnostics[0].Suggestions, want) {
			t.Errorf("%s: %+v, want %s", query, r.Diagnostics, want)
		}
	}
}

// TestWideTablesAreBounded wants limits before a text of a megabyte has taken
// much memory.
func TestWideTablesAreBounded(t *testing.T) {
	var wide strings.Builder
	wide.WriteString("print ")
	for i := range 9000 {
		if i > 0 {
			wide.WriteByte(',')
		}
		wide.WriteString("1")
	}
	for name, tail := range map[string]string{
		"extend":  strings.Repeat("|extend a=1", 60000),
		"pattern": "|project-reorder " + strings.Repeat("p*,", 100000) + "p*",
		"search":  strings.Repeat("|search 'x'", 60000),
		"pack":    "|extend x=" + strings.Repeat("pack_all(),y=", 30000) + "1",
		"unknown": "|where " + strings.Repeat("nope1 == 1 or ", 50000) + "true",
	} {
		r := check.Check(syntax.Parse(wide.String()+tail), options())
		if r.OK() {
			t.Errorf("%s: no finding", name)
		}
	}
	r := check.Check(syntax.Parse("union "+strings.Repeat("T,", 200000)+"T"), options())
	if r.OK() {
		t.Error("a union of 200,000 tables: no finding")
	}
}

// TestSharedTables looks at how tables with a name are put into a plan.
func TestSharedTables(t *testing.T) {
	for query, want := range map[string]int{
		"let a = T | where l > 1; a | count":                             0, // used once: in place
		"let a = T | where l > 1; a | join a on s":                       1,
		"let a = materialize(T | where l > 1); a | count":                1,
		"let a = materialize(T); let c = a | where l > 1; union a, c, c": 2,
		"let a = T; let unused = U; a":                                   0,
		"T | as X | where s in ((X | project s))":                        1,
	} {
		r := check.Check(syntax.Parse(query), options())
		if !r.OK() {
			t.Errorf("%s: %s", query, messages(r))
			continue
		}
		for _, p := range verifyPlan(r.Plan) {
			t.Errorf("%s: %s", query, p)
		}
		if len(r.Plan.Shared) != want {
			t.Errorf("%s: %d shared tables, want %d", query, len(r.Plan.Shared), want)
		}
	}
}
