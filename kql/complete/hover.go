package complete

import (
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
)

// Hover is help on a word.
type Hover struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// HoverAt explains the word at an offset; false when there is nothing to say.
func HoverAt(text string, at int, opts check.Options) (Hover, bool) {
	d := open(text, at, opts)
	h, ok := d.hoverName()
	if !ok {
		h, ok = d.hoverWord()
	}
	h.Start += d.shift
	h.End += d.shift
	return h, ok
}

// hoverName explains a name that the checker has resolved.
func (d *document) hoverName() (Hover, bool) {
	for i := len(d.trace.Names) - 1; i >= 0; i-- {
		u := &d.trace.Names[i]
		if d.at < u.Start || d.at > u.End || u.End > len(d.text) {
			continue
		}
		h := Hover{Start: u.Start, End: u.End}
		switch {
		case u.Kind == check.UseColumn:
			h.Title, h.Text = d.columnHelp(u.Column)
		case u.Kind == check.UseTable:
			h.Title, h.Text = u.Name+" ("+columnCount(len(u.Table.Columns))+")", u.Table.Doc
		case u.Lambda != nil:
			_, doc := d.lambdaNamed(u.Name)
			h.Title, h.Text = lambdaLabel(u.Name, u.Lambda), doc
		case u.Columns != nil:
			h.Title, h.Text = u.Name+" (table)", columnList(u.Columns)
		default:
			h.Title = u.Name + ": " + u.Column.Type.String()
		}
		return h, true
	}
	return Hover{}, false
}

func (d *document) columnHelp(col check.Column) (title, text string) {
	title = col.Name + ": " + col.Type.String()
	table, stored := d.storedColumn(col.Name)
	if stored == nil {
		return title, ""
	}
	return title, strings.TrimSpace(table.Name + ": " + stored.Doc)
}

// columnList names the first columns of a table.
func columnList(cols []check.Column) string {
	const most = 20
	var names []string
	for i, c := range cols {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, c.Name+": "+c.Type.String())
	}
	return strings.Join(names, ", ")
}

// hoverWord explains a function, an operator or a predicate.
func (d *document) hoverWord() (Hover, bool) {
	for i, t := range d.tokens {
		if d.at < t.Start || d.at > t.End || t.Kind != syntax.Identifier && t.Kind != syntax.Keyword {
			continue
		}
		word := d.textOf(t)
		h := Hover{Start: t.Start, End: t.End}
		called := i+1 < len(d.tokens) && d.tokens[i+1].Kind == syntax.LeftParen
		plugin := i > 0 && d.textOf(d.tokens[i-1]) == "evaluate"
		if f := d.functionNamed(word, plugin); f != nil && called {
			h.Title, h.Text = label(word, &f.Signatures[0]), functionHelp(f)
			return h, true
		}
		if o := catalog.OperatorNamed(word); o != nil {
			h.Title, h.Text = o.Syntax, o.Doc
			return h, true
		}
		if p := catalog.PredicateNamed(word); p != nil {
			h.Title, h.Text = p.Syntax, p.Doc
			return h, true
		}
		if doc := check.EnvironmentHelp(word); doc != "" {
			h.Title, h.Text = word+"(…)", doc
			return h, true
		}
	}
	return Hover{}, false
}

func functionHelp(f *catalog.Function) string {
	if f.Deprecated() && f.Successor != f.Name {
		return f.Doc + " An old name: use " + f.Successor + "."
	}
	return f.Doc
}
