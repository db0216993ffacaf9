package complete

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
)

// add keeps an item if what is written so far can lead to it.
func (c *completer) add(item Completion) {
	if c.word != "" && !leadsTo(c.word, item.Label) {
		return
	}
	c.items = append(c.items, item)
}

// leadsTo tells whether a word is a part of a name, or its letters occur in it in
// this order, the first one first.
func leadsTo(word, name string) bool {
	word, name = strings.ToLower(word), strings.ToLower(name)
	if strings.Contains(name, word) {
		return true
	}
	if name == "" || name[0] != word[0] {
		return false
	}
	for i := 0; i < len(word); i++ {
		at := strings.IndexByte(name, word[i])
		if at < 0 {
			return false
		}
		name = name[at+1:]
	}
	return true
}

// rank puts those that begin with the word first, then those that contain it,
// and drops what is there twice.
func (c *completer) rank() {
	word := strings.ToLower(c.word)
	slices.SortStableFunc(c.items, func(a, b Completion) int { return quality(word, a.Label) - quality(word, b.Label) })
	seen := map[string]bool{}
	c.items = slices.DeleteFunc(c.items, func(i Completion) bool {
		key := i.Kind + " " + i.Label
		twice := seen[key]
		seen[key] = true
		return twice
	})
}

func quality(word, label string) int {
	label = strings.ToLower(label)
	switch {
	case word == "" || strings.HasPrefix(label, word):
		return 0
	case strings.Contains(label, word):
		return 1
	}
	return 2
}

// columns offers columns, with the description that the stored table has.
func (c *completer) columns(cols []check.Column) {
	for _, col := range cols {
		item := Completion{Label: col.Name, Kind: "column", Detail: col.Type.String(), Insert: bracketed(col.Name)}
		if _, stored := c.storedColumn(col.Name); stored != nil {
			item.Info = stored.Doc
		}
		c.add(item)
	}
}

// bracketed is a name as it must be written, "" where that is as it stands.
func bracketed(name string) string {
	tokens := syntax.Lex(name)
	if len(tokens) == 2 && tokens[0].Kind == syntax.Identifier && tokens[0].End == len(name) {
		return ""
	}
	if len(tokens) == 2 && tokens[0].Kind == syntax.Keyword {
		return "['" + name + "']"
	}
	quoted := strings.ReplaceAll(strings.ReplaceAll(name, `\`, `\\`), `'`, `\'`)
	return "['" + quoted + "']"
}

// variables offers the names that let statements before the cursor define;
// tabular ones only where a table is wanted.
func (c *completer) variables(tables bool) {
	for _, s := range c.lets() {
		if s.Name == nil || s.Value == nil || s.Stop > c.at {
			continue
		}
		switch v := s.Value.(type) {
		case *syntax.Lambda:
			c.add(Completion{Label: s.Name.Name, Kind: "function", Detail: lambdaLabel(s.Name.Name, v), Insert: s.Name.Name + "("})
		default:
			if kind, detail := c.letKind(s.Value); !tables || kind == "table" {
				c.add(Completion{Label: s.Name.Name, Kind: kind, Detail: detail})
			}
		}
	}
	if !tables {
		c.parameters()
	}
}

// lets lists the let statements, those in functions too.
func (d *document) lets() []*syntax.Let {
	var out []*syntax.Let
	syntax.WalkScript(d.script, func(n syntax.Node) bool {
		if s, ok := n.(*syntax.Let); ok {
			out = append(out, s)
		}
		return true
	})
	return out
}

func (c *completer) letKind(x syntax.Expr) (kind, detail string) {
	switch x := x.(type) {
	case *syntax.Pipe, *syntax.DataTable, *syntax.ExternalData, *syntax.Union, *syntax.Range, *syntax.Print, *syntax.Search, *syntax.Find:
		return "table", ""
	case *syntax.Call:
		if x.Name.Name == "materialize" {
			return "table", ""
		}
	case *syntax.Ident:
		if _, ok := c.schema().Table(x.Name); ok {
			return "table", ""
		}
	case *syntax.Literal:
		return "variable", x.Value.Type.String()
	case *syntax.Paren:
		return c.letKind(x.X)
	}
	return "variable", ""
}

// parameters offers the parameters of the functions that the cursor is in.
func (c *completer) parameters() {
	syntax.WalkScript(c.script, func(n syntax.Node) bool {
		if l, ok := n.(*syntax.Lambda); ok && l.Pos() <= c.at && c.at <= l.End() {
			for _, p := range l.Params {
				if p.Name != nil {
					c.add(Completion{Label: p.Name.Name, Kind: "variable", Detail: paramType(p)})
				}
			}
		}
		return true
	})
}

func paramType(p *syntax.Param) string {
	switch {
	case p.Type != nil:
		return p.Type.Type.String()
	case p.Schema != nil:
		return "table"
	}
	return ""
}

// functions offers functions of the library; old names and inner ones are left
// out.
func (c *completer) functions(list []*catalog.Function) {
	for _, f := range list {
		if f.Hidden {
			continue
		}
		c.add(Completion{Label: f.Name, Kind: "function", Detail: label(f.Name, &f.Signatures[0]), Info: f.Doc, Insert: f.Name + "("})
	}
}

func (c *completer) savedFunctions() {
	s := c.schema()
	for _, name := range s.Functions() {
		item := Completion{Label: name, Kind: "function", Insert: name + "("}
		if f, ok := s.Function(name); ok {
			item.Info = f.Doc
			if l := lambdaOf(f.Text); l != nil {
				item.Detail = lambdaLabel(name, l)
			}
		}
		c.add(item)
	}
}

func (c *completer) environment() {
	for _, name := range check.EnvironmentNames() {
		c.add(Completion{Label: name, Kind: "function", Info: check.EnvironmentHelp(name), Insert: name + "("})
	}
}

func columnCount(n int) string {
	if n == 1 {
		return "1 column"
	}
	return fmt.Sprintf("%d columns", n)
}

// lambdaOf parses the text of a saved function, or returns nil.
func lambdaOf(text string) *syntax.Lambda {
	script := syntax.Parse("let f = " + text + ";")
	if len(script.Statements) == 0 {
		return nil
	}
	let, ok := script.Statements[0].(*syntax.Let)
	if !ok {
		return nil
	}
	l, _ := let.Value.(*syntax.Lambda)
	return l
}
