//go:build conformance

package telemetry_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/telemetry"
)

// huntingQuery is a real query with what the reference checker says about it.
type huntingQuery struct {
	ID            string   `json:"id"`
	Query         string   `json:"query"`
	Tables        []string `json:"tables"`
	ParserColumns []string `json:"parser_columns"`
	Needs         []string `json:"needs"`
	Verdict       struct {
		OK       bool     `json:"ok"`
		Semantic bool     `json:"semantic_ok"`
		Messages []string `json:"semantic_messages"`
	} `json:"verdict"`
}

func huntingQueries(t testing.TB) []huntingQuery {
	t.Helper()
	root := os.Getenv("CLEW_SHARED")
	if root == "" {
		t.Fatal("set CLEW_SHARED to the folder with the samples")
	}
	f, err := os.Open(filepath.Join(root, "kql", "hunting-queries.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []huntingQuery
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var q huntingQuery
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		out = append(out, q)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// builtinSchema hands the built-in tables to the checker.
type builtinSchema struct {
	tables map[string]*check.Table
	names  []string
}

func newBuiltinSchema() *builtinSchema {
	s := &builtinSchema{tables: map[string]*check.Table{}}
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

func (s *builtinSchema) Table(name string) (*check.Table, bool) {
	t, ok := s.tables[name]
	return t, ok
}
func (s *builtinSchema) Tables() []string                        { return s.names }
func (s *builtinSchema) Function(string) (*check.Function, bool) { return nil, false }
func (s *builtinSchema) Functions() []string                     { return nil }

// unknown tells whether a finding is about a table, column or function that the
// schema does not have.
func unknown(d syntax.Diagnostic) bool {
	return slices.Contains([]string{check.CodeUnknownName, check.CodeUnknownTable, check.CodeUnknownFunction}, d.Code)
}

// TestConformanceOfHuntingQueries checks real queries against the built-in
// tables and compares verdicts, column names and types with the reference.
func TestConformanceOfHuntingQueries(t *testing.T) {
	schema := newBuiltinSchema()
	var typed, checked, excused, compared, equal, lax int
	missing := map[string]int{}
	for _, q := range huntingQueries(t) {
		r := check.Check(syntax.Parse(q.Query), check.Options{Schema: schema, AllowExternalData: true})
		errs := slices.DeleteFunc(slices.Clone(r.Diagnostics), func(d syntax.Diagnostic) bool { return d.Severity != syntax.Error })
		if q.Verdict.OK && !q.Verdict.Semantic && len(errs) == 0 {
			lax++
			t.Logf("%s is accepted, the reference says %s", q.ID, strings.Join(q.Verdict.Messages, "; "))
		}
		if !q.Verdict.Semantic {
			continue
		}
		typed++
		switch {
		case len(errs) == 0:
			checked++
		case !slices.ContainsFunc(errs, func(d syntax.Diagnostic) bool { return !unknown(d) }):
			excused++
			missing[errs[0].Message]++
			continue
		default:
			i := slices.IndexFunc(errs, func(d syntax.Diagnostic) bool { return !unknown(d) })
			at := errs[i].Start
			t.Logf("%s is refused: %s [%d] %.90q\n    %s", q.ID, errs[i].Message, at, q.Query[max(0, at-40):], strings.Join(q.Needs, " "))
			continue
		}
		if q.ParserColumns == nil {
			continue
		}
		compared++
		var got []string
		for _, c := range r.Columns {
			got = append(got, c.Name+":"+c.Type.String())
		}
		if slices.Equal(got, q.ParserColumns) {
			equal++
		} else {
			t.Logf("%s: %s\n    %.200q", q.ID, difference(got, q.ParserColumns), q.Query)
		}
	}
	var names []string
	for m, n := range missing {
		names = append(names, m+" ×"+string(rune('0'+min(n, 9))))
	}
	slices.Sort(names)
	t.Logf("not in our schema:\n  %s", strings.Join(names, "\n  "))
	share := func(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
	t.Logf("%d that the reference type-checks: %d check (%.2f %%), %d lack only a table or column (sum %.2f %%), %d wrongly refused",
		typed, checked, share(checked, typed), excused, share(checked+excused, typed), typed-checked-excused)
	t.Logf("columns: %d of %d equal (%.2f %%); %d accepted that the reference refuses", equal, compared, share(equal, compared), lax)
	if share(checked+excused, typed) < 99 || share(equal, compared) < 95 {
		t.Error("too many differ from the reference")
	}
}

// difference shows the first column that is not the same.
func difference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		g, w := "-", "-"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return "column " + g + ", want " + w
		}
	}
	return "same"
}
