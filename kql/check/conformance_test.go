//go:build conformance

package check_test

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
)

// example is a query with what the reference checker says about it.
type example struct {
	ID            string   `json:"id"`
	Query         string   `json:"query"`
	Expect        string   `json:"expect"`
	Columns       []string `json:"columns"`
	Types         []string `json:"types"`
	ParserColumns []string `json:"parser_columns"`
	ColumnsCheck  string   `json:"columns_check"`
	Needs         []string `json:"needs"`
	Verdict       struct {
		OK       bool     `json:"ok"`
		Semantic bool     `json:"semantic_ok"`
		Messages []string `json:"semantic_messages"`
	} `json:"verdict"`
}

func examples(t testing.TB, name string) []example {
	t.Helper()
	root := os.Getenv("CLEW_SHARED")
	if root == "" {
		t.Fatal("set CLEW_SHARED to the folder with the samples")
	}
	f, err := os.Open(filepath.Join(root, "kql", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []example
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// want is the schema that the reference derived, as name:type.
func (e example) want() []string {
	if e.ParserColumns != nil {
		return e.ParserColumns
	}
	var out []string
	for i, c := range e.Columns {
		out = append(out, c+":"+e.Types[i])
	}
	return out
}

// accept tells whether the query is right: where the engine has answered, its
// word counts for more than that of the reference checker.
func (e example) accept() bool {
	if e.Expect == "rows" && len(e.Columns) > 0 {
		return true
	}
	return e.Verdict.OK && e.Verdict.Semantic
}

func firstError(r *check.Result) *syntax.Diagnostic {
	i := slices.IndexFunc(r.Diagnostics, func(d syntax.Diagnostic) bool { return d.Severity == syntax.Error })
	if i < 0 {
		return nil
	}
	return &r.Diagnostics[i]
}

// TestConformanceOfVerdictsAndSchemas compares what is accepted, and the names
// and types of the columns, with the reference.
func TestConformanceOfVerdictsAndSchemas(t *testing.T) {
	for _, name := range []string{"engine-examples.jsonl", "docs-examples.jsonl"} {
		all := examples(t, name)
		agree, compared, equal, known := 0, 0, 0, len(all)
		for _, e := range all {
			r := check.Check(syntax.Parse(e.Query), check.Options{AllowExternalData: true})
			d := firstError(r)
			switch {
			case d != nil && d.Code == check.CodeUnknownTable && e.accept():
				known-- // it reads a sample database
				continue
			case d == nil == e.accept():
				agree++
			case d != nil:
				t.Logf("%s is refused: %s [%d] %s\n    %s", e.ID, d.Message, d.Start, around(e.Query, d.Start), strings.Join(e.Needs, " "))
				continue
			default:
				t.Logf("%s is accepted, the reference says %s", e.ID, strings.Join(e.Verdict.Messages, "; "))
				continue
			}
			if d != nil {
				continue
			}
			for _, problem := range verifyPlan(r.Plan) {
				t.Errorf("%s: %s\n    %.300q", e.ID, problem, e.Query)
			}
			compared++
			if got := schemaOf(r); slices.Equal(got, e.want()) {
				equal++
			} else {
				t.Logf("%s has the columns %v, want %v\n    %.300q", e.ID, got, e.want(), e.Query)
			}
		}
		t.Logf("%s: %d of %d agree (%.2f %%), %d of %d schemas equal (%.2f %%)", name, agree, known, percent(agree, known), equal, compared, percent(equal, compared))
		if percent(agree, known) < 95 || percent(equal, compared) < 95 {
			t.Errorf("%s: too many differ from the reference", name)
		}
	}
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

func around(text string, at int) string {
	return strings.ReplaceAll(text[max(0, at-30):min(len(text), at+40)], "\n", "\\n")
}
