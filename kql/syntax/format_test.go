package syntax_test

import (
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/syntax"
)

// checkFormat checks what formatting promises.
func checkFormat(t *testing.T, id, query string) {
	t.Helper()
	before := syntax.Parse(query)
	once := syntax.Format(before, syntax.Options{})
	after := syntax.Parse(once)
	if len(before.Diagnostics) > 0 {
		return
	}
	if a, b := dump(before.Statements), dump(after.Statements); a != b {
		t.Errorf("%s: another tree\n%s\n%v\n%s", id, once, after.Diagnostics, firstDifference(a, b))
	}
	if a, b := comments(before), comments(after); a != b {
		t.Errorf("%s: comments %q became %q", id, a, b)
	}
	if again := syntax.Format(after, syntax.Options{}); again != once {
		t.Errorf("%s: formatting again changes\n%s", id, firstDifference(once, again))
	}
	for _, line := range strings.Split(once, "\n") {
		if strings.TrimRight(line, " ") != line && !strings.ContainsAny(query, "`~\t") {
			t.Errorf("%s: white space at the end of %q", id, line)
		}
	}
}

func comments(s *syntax.Script) string {
	var out []string
	for _, c := range s.Comments {
		out = append(out, strings.TrimRight(s.Text[c.Start:c.Stop], " \t\r\f"))
	}
	return strings.Join(out, "\n")
}

func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return a[max(0, i-80):min(len(a), i+80)] + "\n---- became ----\n" + b[max(0, i-80):min(len(b), i+80)]
}
