package check_test

import (
	"os"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
)

// FuzzCheck looks for texts that crash or hang the checker, whose findings lie
// outside of the text, or whose plan breaks its promises.
func FuzzCheck(f *testing.F) {
	queries, err := os.ReadFile("testdata/queries.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, q := range strings.Split(string(queries), "\n") {
		f.Add(q)
	}
	f.Add(longQuery)
	f.Add("let f=(a:long){f(a)}; let g=(a:long){a+a}; print g(g(g(1))), f(1)")
	f.Fuzz(func(t *testing.T, query string) {
		opts := options()
		opts.Trace = true
		r := check.Check(syntax.Parse(query), opts)
		for _, d := range r.Diagnostics {
			if d.Start < 0 || d.Start > d.End || d.End > len(query) {
				t.Fatalf("a finding from %d to %d in a text of %d: %s", d.Start, d.End, len(query), d.Message)
			}
		}
		if r.Plan == nil {
			return
		}
		for _, p := range verifyPlan(r.Plan) {
			t.Fatalf("%s: %s", query, p)
		}
	})
}
