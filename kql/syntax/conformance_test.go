//go:build conformance

package syntax_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/syntax"
)

// example is a query with what the reference parser says about it.
type example struct {
	ID      string `json:"id"`
	Query   string `json:"query"`
	Verdict struct {
		OK       bool     `json:"ok"`
		Messages []string `json:"messages"`
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

func firstError(s *syntax.Script) *syntax.Diagnostic {
	for i, d := range s.Diagnostics {
		if d.Severity == syntax.Error {
			return &s.Diagnostics[i]
		}
	}
	return nil
}

// TestConformanceAcceptsAsTheReference compares which queries are syntactically
// right.
func TestConformanceAcceptsAsTheReference(t *testing.T) {
	for _, name := range []string{"hunting-queries.jsonl", "docs-examples.jsonl", "engine-examples.jsonl"} {
		all := examples(t, name)
		agree := 0
		for _, e := range all {
			d := firstError(syntax.Parse(e.Query))
			switch {
			case d == nil == e.Verdict.OK:
				agree++
			case d != nil:
				t.Logf("%s is refused: %s [%d] …%s", e.ID, d.Message, d.Start, around(e.Query, d.Start))
			default:
				t.Logf("%s is accepted, the reference says %s", e.ID, strings.Join(e.Verdict.Messages, "; "))
			}
		}
		t.Logf("%s: %d of %d agree (%.2f %%)", name, agree, len(all), 100*float64(agree)/float64(len(all)))
		if agree*100 < len(all)*99 {
			t.Errorf("%s: fewer than 99 %% agree", name)
		}
	}
}

func around(text string, at int) string {
	return strings.ReplaceAll(text[max(0, at-40):min(len(text), at+30)], "\n", "⏎")
}

// TestConformanceFormat formats every query: the tree stays, the comments stay,
// and formatting again changes nothing.
func TestConformanceFormat(t *testing.T) {
	for _, name := range []string{"hunting-queries.jsonl", "docs-examples.jsonl", "engine-examples.jsonl"} {
		for _, e := range examples(t, name) {
			checkFormat(t, e.ID, e.Query)
			for _, st := range syntax.Parse(e.Query).Statements {
				checkSpans(t, e.Query, st, 0, len(e.Query))
			}
		}
	}
}
