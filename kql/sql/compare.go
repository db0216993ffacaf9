package sql

import (
	"math"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// equal is == and !=. Against null they are false and true; two nulls make
// null. With truth, NULL may stand for FALSE.
func (c *compiler) equal(a, b val, not, truth bool) (val, bool) {
	if a.t == value.Dynamic || b.t == value.Dynamic {
		return val{}, false
	}
	if isNaN(a) || isNaN(b) {
		return val{Expr: word(not), t: value.Bool}, true
	}
	a, b = c.d.comparable(a), c.d.comparable(b)
	op := "="
	if not {
		op = "<>"
	}
	out := val{Expr: &Binary{Op: op, L: c.beside(a, b), R: c.beside(b, a)}, t: value.Bool}
	if guard := c.notNaN(a, b); guard != nil && (!not || truth) {
		out.Expr = &Chain{Op: "AND", Parts: []Expr{out.Expr, guard}}
	}
	switch {
	case !a.null && !b.null, truth && !not:
		return out, true
	case a.null && b.null:
		out.null = true
		out.Expr = &Case{
			When: []When{{If: &Chain{Op: "AND", Parts: []Expr{isNull(a.Expr), isNull(b.Expr)}}, Then: Null}},
			Else: distinct(a.Expr, b.Expr, not),
		}
		return out, true
	}
	out.Expr = distinct(c.beside(a, b), c.beside(b, a), not)
	return out, true
}

// beside is v next to w: without its type where w tells it.
func (c *compiler) beside(v, w val) Expr {
	if w.konst == nil {
		return c.bare(v)
	}
	return c.typed(v)
}

func isNaN(v val) bool { return v.konst != nil && v.t == value.Real && math.IsNaN(v.konst.Float) }

// notNaN is the condition under which equality of reals is that of numbers;
// nil where no NaN can be.
func (c *compiler) notNaN(a, b val) Expr {
	if a.t != value.Real || a.konst != nil || b.konst != nil || !c.d.spelling().nanIsGreatest {
		return nil
	}
	return &Prefix{Op: "NOT", X: &Func{Name: "isnan", Args: []Expr{a.Expr}}}
}

func isNull(e Expr) Expr  { return &Postfix{X: e, Op: "IS NULL"} }
func notNull(e Expr) Expr { return &Postfix{X: e, Op: "IS NOT NULL"} }

func distinct(a, b Expr, not bool) Expr {
	if not {
		return &Binary{Op: "IS DISTINCT FROM", L: a, R: b}
	}
	return &Binary{Op: "IS NOT DISTINCT FROM", L: a, R: b}
}

// less is < and its kin. NaN is neither less nor greater than anything.
func (c *compiler) less(op string, a, b val) (val, bool) {
	if a.t == value.Dynamic || b.t == value.Dynamic {
		return val{}, false
	}
	if isNaN(a) || isNaN(b) {
		return val{Expr: False, t: value.Bool}, true
	}
	a, b = c.d.comparable(a), c.d.comparable(b)
	out := val{Expr: &Binary{Op: op, L: c.beside(a, b), R: c.beside(b, a)}, t: value.Bool, null: a.null || b.null}
	greatest := a
	if op[0] == '<' {
		greatest = b
	}
	if greatest.t == value.Real && greatest.konst == nil && c.d.spelling().nanIsGreatest {
		nan := &Func{Name: "isnan", Args: []Expr{greatest.Expr}}
		out.Expr = &Chain{Op: "AND", Parts: []Expr{out.Expr, &Prefix{Op: "NOT", X: nan}}}
	}
	return out, true
}

func (c *compiler) between(args []val, not bool) (val, bool) {
	low, ok1 := c.less(">=", args[0], args[1])
	high, ok2 := c.less("<=", args[0], args[2])
	out := val{Expr: &Chain{Op: "AND", Parts: []Expr{low.Expr, high.Expr}}, t: value.Bool, null: low.null || high.null}
	if not {
		out.Expr = &Prefix{Op: "NOT", X: out.Expr}
	}
	return out, ok1 && ok2
}

// inList is in and !in over values of which no array expands.
func (c *compiler) inList(e *plan.Call, r *rel, truth bool) (val, bool) {
	args := make([]val, len(e.Args))
	for i, a := range e.Args {
		args[i] = c.scalar(a, r)
	}
	return c.in(args, false, false, truth)
}

// in tells whether args[0] is among the others.
func (c *compiler) in(args []val, not, fold, truth bool) (val, bool) {
	x := args[0]
	list := &In{X: x.Expr, Not: not}
	if fold {
		list.X = c.lowered(x)
	}
	for _, a := range c.spread(args[1:], x.t) {
		switch {
		case a.t != x.t:
			return val{}, false
		case a.konst != nil && a.konst.Null:
			continue
		case a.null || a.konst == nil && c.d.spelling().constantIn:
			return val{}, false
		case fold:
			list.List = append(list.List, c.lowered(a))
		case x.konst == nil:
			list.List = append(list.List, c.bare(a))
		default:
			list.List = append(list.List, c.typed(a))
		}
	}
	if x.t == value.Dynamic {
		return val{}, false
	}
	out := val{Expr: list, t: value.Bool}
	if len(list.List) == 0 {
		out.Expr = word(not)
	} else if x.null && !(truth && !not) {
		out.Expr = &Func{Name: "coalesce", Args: []Expr{list, word(not)}}
	}
	return out, true
}

func word(b bool) Word {
	if b {
		return True
	}
	return False
}

// spread takes constant arrays among the values of a set apart.
func (c *compiler) spread(args []val, t value.Type) []val {
	var out []val
	for _, a := range args {
		if a.t != value.Dynamic || a.konst == nil || t == value.Dynamic {
			out = append(out, a)
			continue
		}
		for _, item := range elementsOf(*a.konst) {
			out = append(out, c.constant(value.Convert(item, t)))
		}
	}
	return out
}

// elementsOf are the elements of a constant array, or the value itself.
func elementsOf(v value.Value) []value.Value {
	j, ok := value.ParseJSON(v.Text)
	if !ok || j.Kind != value.KindArray {
		return []value.Value{v.Scalar()}
	}
	out := make([]value.Value, len(j.Items))
	for i, item := range j.Items {
		out[i] = value.JSONOf(item.String())
	}
	return out
}

// lowered is a text in lower case.
func (c *compiler) lowered(v val) Expr {
	if v.konst != nil && (isASCII(v.konst.Text) || !c.d.spelling().foldsByItself) {
		return Text(strings.ToLower(v.konst.Text))
	}
	if v.konst != nil {
		return &Func{Name: c.d.spelling().lower, Args: []Expr{Text(v.konst.Text)}}
	}
	if v.folded {
		return v.Expr
	}
	return &Func{Name: c.d.spelling().lower, Args: []Expr{v.Expr}}
}

// inTable tests for membership in the first column of a table.
func (c *compiler) inTable(e *plan.InTable, r *rel) val {
	x := c.scalar(e.X, r)
	col := e.Node.Columns()[0]
	in := c.lower(e.Node)
	if in == nil {
		return val{Expr: False, t: value.Bool}
	}
	switch e.Op {
	case "has_any", "has_all":
		return c.hasTable(e, x, in)
	}
	v := in.cols[col]
	not, fold := e.Op[0] == '!', strings.HasSuffix(e.Op, "~")
	if v.null || v.konst != nil {
		in = c.seal(in, []*plan.Column{col})
		v = in.cols[col]
	}
	if v.null {
		in.where = append(in.where, notNull(v.Expr))
	}
	list := &In{X: x.Expr, Not: not}
	if fold {
		list.X = c.lowered(x)
		in.cols[col] = val{Expr: c.lowered(v), t: v.t}
	}
	list.Query = c.selectOf(in, []*plan.Column{col}, false)
	out := val{Expr: list, t: value.Bool}
	if x.null {
		out.Expr = &Func{Name: "coalesce", Args: []Expr{list, word(not)}}
	}
	return out
}

// hasTable is has_any and has_all over the terms of a table, which are brought
// into one array first.
func (c *compiler) hasTable(e *plan.InTable, x val, in *rel) val {
	col := e.Node.Columns()[0]
	in = c.seal(in, []*plan.Column{col})
	list := c.d.collect(c, in.cols[col], nil, nil)
	q := &Select{Items: []Item{{Expr: list, As: c.hide()}}, From: in.from}
	terms := val{Expr: &Scalar{Query: q}, t: value.Dynamic}
	return c.apply(&plan.Call{Func: e.Op, Result: value.Bool}, []val{x, terms})
}
