package syntax_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/syntax"
)

func TestPathFindsWhatStandsAtTheCursor(t *testing.T) {
	cases := []struct{ text, want string }{
		{"T | where a == b¦ and c", "ExprStmt Pipe Where Binary Binary Ident"},
		{"T | where f(a, b¦)", "ExprStmt Pipe Where Call NamedExpr Ident"},
		{"T | join (U | where x¦) on y", "ExprStmt Pipe Join Paren Pipe Where Ident"},
		{"let x = 1; T | take x¦", "ExprStmt Pipe Take Ident"},
		{"T | where a.¦", "ExprStmt Pipe Where Member Bad"},
		{"T | extend a = 1, b¦ = 2", "ExprStmt Pipe Extend NamedExpr Ident"},
		{"T | mv-apply x on (take 5¦)", "ExprStmt Pipe MvApply SubPipe Take Literal"},
		{"¦T", "ExprStmt Ident"},
	}
	for _, c := range cases {
		offset := strings.Index(c.text, "¦")
		var got []string
		for _, n := range syntax.Path(syntax.Parse(strings.Replace(c.text, "¦", "", 1)), offset) {
			got = append(got, strings.TrimPrefix(fmt.Sprintf("%T", n), "*syntax."))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.text, strings.Join(got, " "), c.want)
		}
	}
}

// TestWalkMissesNoName looks for every name of the samples in the walk.
func TestWalkMissesNoName(t *testing.T) {
	files, _ := filepath.Glob("testdata/tree/*.kql")
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		covered := map[int]bool{}
		s := syntax.Parse(string(text))
		syntax.WalkScript(s, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.Ident, *syntax.Literal, *syntax.TypeName, *syntax.Wildcard:
				for i := n.Pos(); i < n.End(); i++ {
					covered[i] = true
				}
			case syntax.Op:
				covered[n.Base().Keyword.Pos()] = true
			}
			return true
		})
		for _, tok := range syntax.Lex(string(text)) {
			if tok.Kind == syntax.Identifier && !covered[tok.Start] && !structural[string(text[tok.Start:tok.End])] {
				t.Errorf("%s: the walk has no %s at %d", path, text[tok.Start:tok.End], tok.Start)
			}
		}
	}
}

// structural are names that the tree holds as plain text.
var structural = map[string]bool{"all": true, "storage": true, "csv": true, "delta": true}
