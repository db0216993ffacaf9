package syntax_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/syntax"
)

// fiftyLines is a query of fifty lines as people write them.
func fiftyLines(t testing.TB) string {
	text, err := os.ReadFile("testdata/format/long.formatted")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func BenchmarkParse(b *testing.B) {
	text := fiftyLines(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		syntax.Parse(text)
	}
}

func BenchmarkFormat(b *testing.B) {
	s := syntax.Parse(fiftyLines(b))
	b.ReportAllocs()
	for b.Loop() {
		syntax.Format(s, syntax.Options{})
	}
}

// TestTimeIsLinear parses much of each shape that could make a parser slow.
func TestTimeIsLinear(t *testing.T) {
	shapes := map[string]string{
		"or": "x == 1 or ", "pipe": "T | where a == 1\n| ", "in": "a in (b, ", "tuple": "(a, b, c, ", "dots": "a.b.", "dashes": "a-b-",
		"quotes": "\"a\" ", "braces": "{", "brackets": "['a", "hyphens": "project-away ", "open quote": "'a\n", "errors": ") ] } ; ",
		"lets": "let a = 1;\n", "no bars": "T\nwhere x\n", "list": "a, ", "wild": "a*b", "union": "union (T | ", "json": "dynamic([", "curly": "“",
		"calls": "f(a=", "comments": "// x\n", "types": "datetime(", "between": "a between (b .. ", "minus": "- ", "names": "['a' ",
	}
	for name, shape := range shapes {
		text := "T | where " + strings.Repeat(shape, 1<<18/len(shape))
		start := time.Now()
		syntax.Parse(text)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}
