package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/syntax"
)

// The codes of the findings of the checker.
const (
	CodeUnknownName     = "unknown-name"
	CodeUnknownTable    = "unknown-table"
	CodeUnknownFunction = "unknown-function"
	CodeUnknownPlugin   = "unknown-plugin"
	CodeType            = "wrong-type"
	CodeOperands        = "wrong-operands"
	CodeArguments       = "wrong-arguments"
	CodeConstant        = "not-constant"
	CodeNotColumn       = "not-a-column"
	CodeDuplicate       = "duplicate-name"
	CodeNotTable        = "not-a-table"
	CodeNotScalar       = "not-a-scalar"
	CodeAggregate       = "aggregate-not-allowed"
	CodeJoin            = "wrong-join"
	CodeUnion           = "wrong-union"
	CodeSerialize       = "not-serialized"
	CodeRecursion       = "recursion"
	CodeLimit           = "limit"
	CodeDeprecated      = "deprecated"
	CodeUnsupported     = "unsupported"
	CodeForbidden       = "forbidden"
	CodeParameter       = "unknown-parameter"
	CodeCompare         = "odd-comparison"
	CodeValue           = "wrong-value"
)

// report adds a finding. Within a saved function it is told where the function
// is called.
func (c *checker) report(severity syntax.Severity, at syntax.Node, code, format string, args ...any) *syntax.Diagnostic {
	start, end := at.Pos(), at.End()
	message := fmt.Sprintf(format, args...)
	if c.site != nil {
		start, end = c.site.start, c.site.end
		message = fmt.Sprintf("In the saved function %s: %s", c.calls[len(c.calls)-1], message)
	}
	if len(c.diags) >= maxDiagnostics {
		return &syntax.Diagnostic{}
	}
	d := syntax.Diagnostic{Start: start, End: max(start, end), Message: message, Code: code, Severity: severity}
	if slices.ContainsFunc(c.diags, func(o syntax.Diagnostic) bool { return o.Start == d.Start && o.End == d.End && o.Message == d.Message }) {
		return &syntax.Diagnostic{}
	}
	c.diags = append(c.diags, d)
	return &c.diags[len(c.diags)-1]
}

func (c *checker) errorf(at syntax.Node, code, format string, args ...any) *syntax.Diagnostic {
	return c.report(syntax.Error, at, code, format, args...)
}

func (c *checker) warnf(at syntax.Node, code, format string, args ...any) *syntax.Diagnostic {
	return c.report(syntax.Warning, at, code, format, args...)
}

// limit reports that the text asks for too much, and stops the check.
func (c *checker) limit(at syntax.Node, format string, args ...any) {
	if !c.stopped {
		c.stopped = true
		c.errorf(at, CodeLimit, format, args...)
	}
}

// step counts a node and tells whether the check may go on.
func (c *checker) step(at syntax.Node) bool {
	c.work++
	if c.work > maxWork {
		c.limit(at, "The query is too large: more than %d expressions once its functions are written out.", maxWork)
	}
	return !c.stopped
}

// spend counts what an operator costs that touches so many columns, for a text of
// a few bytes a time can ask for a great many.
func (c *checker) spend(columns int, at syntax.Node) bool {
	c.work += columns / 2
	return c.step(at)
}

// unknownName reports a name that nothing in scope has, with what may have been
// meant.
func (c *checker) unknownName(at *syntax.Ident, code, kind string, candidates []string) {
	if len(c.diags) >= maxDiagnostics {
		return
	}
	d := c.errorf(at, code, "The name '%s' is not a known %s.", at.Name, kind)
	near := nearest(at.Name, candidates)
	if len(near) == 0 {
		return
	}
	d.Message = strings.TrimSuffix(d.Message, ".") + "; did you mean '" + near[0] + "'?"
	d.Suggestions = near
}

// candidates are the columns that a mistyped name may mean; none once so much is
// wrong that no more is reported.
func (c *checker) candidates(rel *relation) []string {
	if len(c.diags) >= maxDiagnostics {
		return nil
	}
	return rel.names()
}

// maxCandidates keeps the search for similar names short.
const maxCandidates = 3000

// nearest returns up to three of the candidates that are most like a name, best
// first.
func nearest(name string, candidates []string) []string {
	type hit struct {
		name string
		dist int
	}
	if len(candidates) > maxCandidates {
		candidates = candidates[:maxCandidates]
	}
	limit := max(1, len(name)/3)
	if len(name) > 64 {
		return nil
	}
	var hits []hit
	lower := strings.ToLower(name)
	for _, n := range candidates {
		if n == "" || n == name || len(n) > len(name)+limit || len(name) > len(n)+limit {
			continue
		}
		if d := distance(lower, strings.ToLower(n)); d <= limit {
			hits = append(hits, hit{n, d})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		if a.dist != b.dist {
			return a.dist - b.dist
		}
		return strings.Compare(a.name, b.name)
	})
	var out []string
	for _, h := range hits {
		if !slices.Contains(out, h.name) && len(out) < 3 {
			out = append(out, h.name)
		}
	}
	return out
}

// distance is the number of letters to insert, remove, replace or swap to make
// one text of the other.
func distance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
