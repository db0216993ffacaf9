package syntax

import (
	"sort"
	"strings"
)

// Options say how Format writes. The zero value means the defaults.
type Options struct {
	Indent int // spaces a level, 4 if 0
	Width  int // the width beyond which lists are broken into lines, 100 if 0
}

// Format writes a script in its usual form: one operator a line behind its bar,
// nested queries indented, long lists broken, comments kept. Only white space
// changes, so the result means the same; formatting it again changes nothing. A
// script with errors is returned as it is.
func Format(s *Script, o Options) string {
	for _, d := range s.Diagnostics {
		if d.Severity == Error {
			return s.Text
		}
	}
	if o.Indent <= 0 {
		o.Indent = 4
	}
	if o.Width <= 0 {
		o.Width = 100
	}
	f := newFormatter(s, o)
	f.measure()
	f.layOut()
	return f.write()
}

// gap is the white space before a token on the same line.
type gap uint8

const (
	byKind  gap = iota // as the kinds of the tokens say
	glued              // none
	spaced             // one blank
	newline            // the token begins a line
)

// formatter decides the white space before each token, then writes all tokens.
// It never changes a token.
type formatter struct {
	script *Script
	opt    Options
	toks   []Token
	gaps   []gap
	indent []int  // of the line that the token begins, in levels
	blank  []bool // an empty line before it stays, if there is one
	// width is the length of all tokens before one on one line, hard how many of
	// them, or of the comments between, can't stand inside a line.
	width, hard []int
}

func newFormatter(s *Script, o Options) *formatter {
	toks := Lex(s.Text)
	n := len(toks)
	return &formatter{script: s, opt: o, toks: toks, gaps: make([]gap, n), indent: make([]int, n), blank: make([]bool, n),
		width: make([]int, n+1), hard: make([]int, n+1)}
}

// index is the first token that begins at or behind an offset.
func (f *formatter) index(offset int) int {
	return sort.Search(len(f.toks)-1, func(i int) bool { return f.toks[i].Start >= offset })
}

// span is the tokens of a node: from the first to before the last.
func (f *formatter) span(n Node) (int, int) { return f.index(n.Pos()), f.index(n.End()) }

// measure sets the gaps inside lines and the widths that follow from them.
func (f *formatter) measure() {
	WalkScript(f.script, func(n Node) bool {
		f.setGaps(n)
		return true
	})
	comments := f.script.Comments
	for i, t := range f.toks {
		length := t.End - t.Start
		hard := f.hard[i+1]
		if strings.Contains(f.script.Text[t.Start:t.End], "\n") {
			hard = 1
		}
		for len(comments) > 0 && comments[0].Start < t.Start {
			comments = comments[1:]
			hard++
		}
		if i > 0 && f.space(i) {
			length++
		}
		f.hard[i+1] = f.hard[i] + hard
		f.width[i+1] = f.width[i] + length
	}
}

// fits tells whether the tokens from a to before b have place in one line at an
// indentation, after used columns.
func (f *formatter) fits(a, b, level, used int) bool {
	return a >= b || f.hard[b]-f.hard[min(a+1, b)] == 0 && f.width[b]-f.width[a]+used+level*f.opt.Indent <= f.opt.Width
}

// space tells whether a blank stands before token i when it does not begin a
// line.
func (f *formatter) space(i int) bool {
	switch f.gaps[i] {
	case glued:
		return false
	case spaced:
		return true
	}
	switch a, b := f.toks[i-1].Kind, f.toks[i].Kind; {
	case a == LeftParen, a == LeftBracket, a == Dot, a == LeftBrace, a == AtSign && b != Identifier:
		return false
	case b == RightParen, b == RightBracket, b == Comma, b == Semicolon, b == Dot, b == RightBrace, b == Colon, b == EOF:
		return false
	}
	return true
}

// glue lets the tokens from a to before b stand without white space before
// them.
func (f *formatter) glue(a, b int) {
	for i := a; i < b && i < len(f.gaps); i++ {
		f.gaps[i] = glued
	}
}

// setGaps sets what the kinds of the tokens do not tell.
func (f *formatter) setGaps(n Node) {
	a, b := f.span(n)
	switch n := n.(type) {
	case *Wildcard, *GraphPattern:
		f.glue(a+1, b)
	case *Pipe:
		f.hardBars(n.Ops, n.Bars)
	case *SubPipe:
		f.hardBars(n.Ops, n.Bars)
	case *Ident:
		if n.Client {
			f.glue(a+1, b)
		}
		if n.Scope != "" {
			f.glue(b-2, b)
		}
	case *Literal:
		f.literalGaps(a, b)
	case *TypeOf:
		f.glue(a+1, a+2)
	case *Unary:
		f.glue(a+1, a+2)
	case *Call:
		if n.Open >= 0 {
			f.glue(f.index(n.Open), f.index(n.Open)+1)
		}
	case *Index:
		open := f.index(n.X.End())
		f.glue(open, open+1)
	case *Binary:
		i := f.index(n.OpPos.Start)
		f.gaps[i], f.gaps[i+1] = spaced, spaced
	case *Property:
		f.glueAround(n.Name)
	case *RenderProperty:
		if n.Names == nil || n.Name.Name != "by" {
			f.glueAround(n.Name)
		}
	case *Column:
		f.colonGaps(n.Name)
	case *Param:
		f.colonGaps(n.Name)
	case *ParsePart:
		if n.Column != nil && n.Type != nil {
			f.colonGaps(n.Column)
		}
	case *FindColumn:
		if n.Type != nil {
			f.colonGaps(n.X)
		}
	case *DataTable:
		f.schemaGaps(a, n.Schema, n.Contextual)
	case *ExternalData:
		f.schemaGaps(a, n.Schema, false)
	case *InlineExternal:
		f.externalGaps(a, b)
	case *MakeGraph:
		f.glue(f.index(n.Source.End())+1, f.index(n.Target.Pos()))
	case *SeriesColumn:
		if n.Default != nil {
			f.glue(f.index(n.Default.Pos())-1, f.index(n.Default.Pos())+1)
		}
	case *Evaluate:
		if n.Schema != nil {
			f.gaps[f.index(n.Schema.Pos())-1] = spaced
		}
	case *PatternCase:
		if n.Path != nil {
			f.glue(f.index(n.Path.Pos())-1, f.index(n.Path.Pos()))
		}
	}
}

// hardBars keeps pipes of several operators out of lines.
func (f *formatter) hardBars(ops []Op, bars []int) {
	if len(ops) < 2 {
		return
	}
	for _, b := range bars {
		f.hard[f.index(b)+1] = 1
	}
}

// externalGaps writes the clauses of inline_external_table as name=value.
func (f *formatter) externalGaps(a, b int) {
	for i := a; i < b; i++ {
		switch f.script.Text[f.toks[i].Start:f.toks[i].End] {
		case "kind", "dataformat", "pathformat":
			if f.toks[i+1].Kind == Assign {
				f.glue(i+1, i+3)
			}
		}
	}
}

// glueAround removes the blanks around the equals sign behind a name.
func (f *formatter) glueAround(name Node) {
	i := f.index(name.End())
	if f.toks[i].Kind == Assign {
		f.glue(i, i+2)
	}
}

// colonGaps writes name:type without blanks.
func (f *formatter) colonGaps(name Node) {
	i := f.index(name.End())
	f.glue(i, i+2)
}

// literalGaps writes dynamic({"a": 1}) and signed numbers.
func (f *formatter) literalGaps(a, b int) {
	switch t := f.toks[a]; {
	case t.Kind == Plus || t.Kind == Minus:
		f.glue(a+1, b)
	case t.Kind == Keyword:
		f.glue(a+1, a+2)
		for i := a + 2; i < b; i++ {
			if f.toks[i-1].Kind == Minus || f.toks[i-1].Kind == Keyword && f.toks[i].Kind == LeftParen {
				f.gaps[i] = glued
			}
		}
	}
}

// schemaGaps writes datatable(a:long)[….
func (f *formatter) schemaGaps(a int, s *Schema, contextual bool) {
	if f.toks[a+1].Kind == LeftParen {
		f.glue(a+1, a+2)
	}
	if end := f.index(s.End()); f.toks[end].Kind == LeftBracket && !contextual {
		f.glue(end, end+1)
	}
}
