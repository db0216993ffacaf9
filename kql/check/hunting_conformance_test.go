//go:build conformance

package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
)

// unknown tells whether a finding is about a table, column or function that the
// schema does not have.
func unknown(d syntax.Diagnostic) bool {
	return slices.Contains([]string{check.CodeUnknownName, check.CodeUnknownTable, check.CodeUnknownFunction}, d.Code)
}

// TestConformanceOfHuntingQueries checks real queries against the built-in
// tables and compares verdicts, column names and types with the reference.
func TestConformanceOfHuntingQueries(t *testing.T) {
	schema := newTelemetrySchema()
	var typed, checked, excused, compared, equal, lax int
	missing := map[string]int{}
	for _, q := range examples(t, "hunting-queries.jsonl") {
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
			if r.Plan == nil {
				continue // it only defines names
			}
			for _, problem := range verifyPlan(r.Plan) {
				t.Errorf("%s: %s", q.ID, problem)
			}
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
		got := schemaOf(r)
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
	t.Logf("%d that the reference type-checks: %d check (%.2f %%), %d lack only a table or column (sum %.2f %%), %d wrongly refused",
		typed, checked, percent(checked, typed), excused, percent(checked+excused, typed), typed-checked-excused)
	t.Logf("columns: %d of %d equal (%.2f %%); %d accepted that the reference refuses", equal, compared, percent(equal, compared), lax)
	if percent(checked+excused, typed) < 99 || percent(equal, compared) < 95 {
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
