package sql

import (
	"errors"
	"strings"
)

// writer prints a tree in the syntax of a dialect.
type writer struct {
	strings.Builder
	d    Dialect
	full bool
	// deep counts the lambdas and TRYs around, where the dialect takes no
	// subqueries there; misplaced is set when there is one all the same.
	deep      int
	misplaced bool
}

// MaxText is the greatest size of a statement. A query whose expressions would
// make a larger one is refused.
const MaxText = 8 << 20

// ErrTooLarge is the error of a query whose SQL would be larger than MaxText.
var ErrTooLarge = errors.New("the query is too large: its SQL would have more than 8 MB")

// errMisplaced is the error of a subquery where the dialect takes none.
var errMisplaced = errors.New("a subquery stands where the engine takes none")

// Print returns the text of a query, or ErrTooLarge.
func Print(q Query, d Dialect) (string, error) {
	w := &writer{d: d}
	w.Grow(2048)
	q.writeTo(w)
	switch {
	case w.full:
		return "", ErrTooLarge
	case w.misplaced && d.spelling().plainLambdas:
		return "", errMisplaced
	}
	return w.String(), nil
}

func (w *writer) ident(name string) { w.d.WriteIdent(&w.Builder, name) }

func (w *writer) exprs(list []Expr) {
	if w.Len() > MaxText {
		w.full = true
		return
	}
	for i, e := range list {
		if i > 0 {
			w.WriteString(", ")
		}
		e.writeTo(w)
	}
}

// operand writes an expression that stands beside an operator: in parentheses
// unless it holds together by itself.
func (w *writer) operand(e Expr) {
	if w.Len() > MaxText {
		w.full = true
		return
	}
	if bare(e) {
		e.writeTo(w)
		return
	}
	w.WriteByte('(')
	e.writeTo(w)
	w.WriteByte(')')
}

func bare(e Expr) bool {
	switch e := e.(type) {
	case *Binary, *Chain, *Prefix, *Postfix, *In, *Lambda, *Case:
		return false
	case Number:
		return e == "" || e[0] != '-'
	}
	return true
}

func (e *Col) writeTo(w *writer) {
	if e.Table != "" {
		w.WriteString(e.Table)
		w.WriteByte('.')
	}
	w.ident(e.Name)
}

func (e Number) writeTo(w *writer) { w.WriteString(string(e)) }
func (e Text) writeTo(w *writer)   { w.d.WriteText(&w.Builder, string(e)) }
func (e Word) writeTo(w *writer)   { w.WriteString(string(e)) }
func (e Name) writeTo(w *writer)   { w.WriteString(string(e)) }

func (e *Func) writeTo(w *writer) {
	if e.Name == "TRY" {
		w.deep++
		defer func() { w.deep-- }()
	}
	w.WriteString(e.Name)
	if e.Params != nil {
		w.WriteByte('(')
		w.exprs(e.Params)
		w.WriteByte(')')
	}
	w.WriteByte('(')
	if e.Distinct {
		w.WriteString("DISTINCT ")
	}
	w.exprs(e.Args)
	if e.Order != nil {
		w.WriteString(" ORDER BY ")
		w.order(e.Order)
	}
	w.WriteByte(')')
	if e.Filter != nil {
		w.WriteString(" FILTER (WHERE ")
		e.Filter.writeTo(w)
		w.WriteByte(')')
	}
	if e.Over != nil {
		w.WriteString(" OVER (")
		w.window(e.Over)
		w.WriteByte(')')
	}
}

func (w *writer) window(o *Window) {
	sep := ""
	if o.Partition != nil {
		w.WriteString("PARTITION BY ")
		w.exprs(o.Partition)
		sep = " "
	}
	if o.Order != nil {
		w.WriteString(sep + "ORDER BY ")
		w.order(o.Order)
		sep = " "
	}
	if o.Frame != "" {
		w.WriteString(sep + o.Frame)
	}
}

func (w *writer) order(keys []OrderKey) {
	for i, k := range keys {
		if i > 0 {
			w.WriteString(", ")
		}
		w.operand(k.Expr)
		if k.Desc {
			w.WriteString(" DESC")
		}
		switch {
		case k.Plain:
		case k.NullsFirst:
			w.WriteString(" NULLS FIRST")
		default:
			w.WriteString(" NULLS LAST")
		}
	}
}

func (e *Binary) writeTo(w *writer) {
	w.operand(e.L)
	w.WriteByte(' ')
	w.WriteString(e.Op)
	w.WriteByte(' ')
	w.operand(e.R)
}

func (e *Chain) writeTo(w *writer) {
	for i, p := range e.Parts {
		if i > 0 {
			w.WriteByte(' ')
			w.WriteString(e.Op)
			w.WriteByte(' ')
		}
		if inner, ok := p.(*Chain); ok && inner.Op == e.Op {
			p.writeTo(w)
			continue
		}
		w.operand(p)
	}
}

func (e *Prefix) writeTo(w *writer) {
	w.WriteString(e.Op)
	w.WriteByte(' ')
	w.operand(e.X)
}

func (e *Postfix) writeTo(w *writer) {
	w.operand(e.X)
	w.WriteByte(' ')
	w.WriteString(e.Op)
}

func (e *Cast) writeTo(w *writer) { w.d.writeCast(w, e) }

func (e *Case) writeTo(w *writer) {
	w.WriteString("CASE")
	for _, b := range e.When {
		w.WriteString(" WHEN ")
		b.If.writeTo(w)
		w.WriteString(" THEN ")
		b.Then.writeTo(w)
	}
	if e.Else != nil {
		w.WriteString(" ELSE ")
		e.Else.writeTo(w)
	}
	w.WriteString(" END")
}

func (e *In) writeTo(w *writer) {
	w.operand(e.X)
	if e.Not {
		w.WriteString(" NOT")
	}
	w.WriteString(" IN (")
	if e.Query != nil {
		e.Query.writeTo(w)
	} else {
		w.exprs(e.List)
	}
	w.WriteByte(')')
}

func (e *Scalar) writeTo(w *writer) {
	w.misplaced = w.misplaced || w.deep > 0
	w.WriteByte('(')
	e.Query.writeTo(w)
	w.WriteByte(')')
}

func (e *Lambda) writeTo(w *writer) {
	w.deep++
	w.d.writeLambda(w, e)
	w.deep--
}

func (e *List) writeTo(w *writer) {
	w.WriteByte('[')
	w.exprs(e.Items)
	w.WriteByte(']')
}

func (e *Index) writeTo(w *writer) {
	w.operand(e.X)
	w.WriteByte('[')
	e.I.writeTo(w)
	w.WriteByte(']')
}

func (e *Slice) writeTo(w *writer) {
	w.operand(e.X)
	w.WriteByte('[')
	e.From.writeTo(w)
	w.WriteByte(':')
	e.To.writeTo(w)
	w.WriteByte(']')
}

func (e *Field) writeTo(w *writer) {
	w.WriteByte('(')
	e.X.writeTo(w)
	w.WriteString(").")
	w.ident(e.Name)
}
