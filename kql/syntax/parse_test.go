package syntax_test

import (
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/syntax"
)

func TestDeepNestingIsToldAndEnds(t *testing.T) {
	for _, open := range []string{"(", "[", "f(", "dynamic([", "- (", "{", "T | where x in ("} {
		s := syntax.Parse("print x = " + strings.Repeat(open, 10_000))
		if len(s.Diagnostics) == 0 || len(s.Diagnostics) > 100 {
			t.Errorf("%q: %d diagnostics", open, len(s.Diagnostics))
		}
	}
	s := syntax.Parse("print " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000))
	if len(s.Diagnostics) != 1 || s.Diagnostics[0].Code != syntax.CodeDepth {
		t.Errorf("%v", s.Diagnostics)
	}
}

func TestAllErrorsAreToldAtOnce(t *testing.T) {
	s := syntax.Parse("T\n| wher x == 1\n| extend y = \n| summarise count() by z\n| take 5 6\n| project a,, b")
	var codes []string
	for _, d := range s.Diagnostics {
		codes = append(codes, d.Code)
	}
	if got := strings.Join(codes, " "); got != "unknown-operator missing-expression unknown-operator expected missing-expression" {
		t.Error(got)
	}
	if s.Diagnostics[0].Suggestions[0] != "where" || s.Diagnostics[2].Suggestions[0] != "summarize" {
		t.Error(s.Diagnostics)
	}
	if pipe := s.Statements[0].(*syntax.ExprStmt).X.(*syntax.Pipe); len(pipe.Ops) != 5 {
		t.Errorf("%d operators are left", len(pipe.Ops))
	}
}
