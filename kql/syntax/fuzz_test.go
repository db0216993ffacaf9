package syntax_test

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/syntax"
)

// seed gives a fuzzer the samples and some odd texts.
func seed(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.kql")
	if err != nil || len(files) == 0 {
		f.Fatal("no samples: ", err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, s := range []string{"", "\xff", "\\", "'", "h@", "```", "T|", "T|where", "(((((", "dynamic(", "let f = (", "{p[-1]}", "“a”", "0x", "1.e",
		"a.[", "print -", "T | render", "\u2028", "#x", "T | project a*b*1", "x matches regex", "in~", "!in~", "!"} {
		f.Add(s)
	}
}

func FuzzLexer(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		toks := syntax.Lex(text)
		for i, tok := range toks {
			if tok.Start < end || tok.End > len(text) || tok.End < tok.Start || tok.End == tok.Start && i != len(toks)-1 {
				t.Fatalf("token %d of %q is %+v", i, text, tok)
			}
			end = tok.End
		}
		if toks[len(toks)-1].Kind != syntax.EOF {
			t.Fatal("no end")
		}
	})
}

func FuzzParser(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		s := syntax.Parse(text)
		for _, d := range s.Diagnostics {
			if d.Start < 0 || d.Start > d.End || d.End > len(text) || d.Message == "" || d.Code == "" || !utf8.ValidString(d.Message) {
				t.Fatalf("%q: %+v", text, d)
			}
		}
		for _, st := range s.Statements {
			checkSpans(t, text, st, 0, len(text))
		}
	})
}

// checkSpans checks that each node lies in the one around it.
func checkSpans(t *testing.T, text string, n syntax.Node, from, to int) {
	t.Helper()
	if n.Pos() < from || n.Pos() > n.End() || n.End() > to {
		t.Fatalf("%q: %T is at %d to %d, outside of %d to %d", text, n, n.Pos(), n.End(), from, to)
	}
	syntax.Walk(n, func(c syntax.Node) bool {
		if c != n {
			checkSpans(t, text, c, n.Pos(), n.End())
		}
		return c == n
	})
}

func FuzzFormat(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) { checkFormat(t, "fuzz", text) })
}
