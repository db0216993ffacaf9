package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// scalar lowers an expression over the columns of r.
func (c *compiler) scalar(e plan.Expr, r *rel) val {
	switch e := e.(type) {
	case *plan.Literal:
		return c.constant(e.Value)
	case *plan.Ref:
		return c.ref(e, r)
	case *plan.Call:
		return c.callOf(e, r)
	case *plan.Convert:
		return c.convert(c.scalar(e.X, r), e.To)
	case *plan.Access:
		return c.access(e, r)
	case *plan.ToScalar:
		if v, ok := r.cols[c.scalars[e]]; ok {
			return v
		}
		return c.toScalar(e)
	case *plan.InTable:
		return c.inTable(e, r)
	}
	return c.fail("a state of scan")
}

func (c *compiler) constant(v value.Value) val {
	return val{Expr: c.d.literal(v, false), t: v.Type, null: v.Null, konst: &v}
}

func (c *compiler) ref(e *plan.Ref, r *rel) val {
	v, ok := r.cols[e.Col]
	if !ok {
		c.broken("the expression reads column %q, which is not in scope", e.Col.Name)
		return val{Expr: Null, t: e.Col.Type, null: true}
	}
	if v.konst != nil {
		v.Expr = c.d.literal(*v.konst, false)
	}
	return v
}

// bare is the expression of v beside another operand that settles the type.
func (c *compiler) bare(v val) Expr {
	if v.konst != nil {
		return c.d.literal(*v.konst, true)
	}
	return v.Expr
}

func (c *compiler) callOf(e *plan.Call, r *rel) val {
	switch e.Func {
	case "and", "or":
		return c.logic(e, r)
	case "not":
		return c.not(e, r)
	case "iff":
		return c.iff(e, r)
	case "case":
		return c.caseOf(e, r)
	case "now":
		return c.now(e, r)
	case "ingestion_time":
		if v, ok := r.cols[ingested]; ok {
			return v
		}
		return c.constant(value.NullOf(value.DateTime))
	}
	if v, ok := r.window(e); ok {
		return v
	}
	args := make([]val, len(e.Args))
	for i, a := range e.Args {
		args[i] = c.scalar(a, r)
	}
	if c.err != nil {
		return val{Expr: Null, t: e.Result, null: true}
	}
	return c.apply(e, args)
}

// apply is a call over arguments that have been lowered.
func (c *compiler) apply(e *plan.Call, args []val) val {
	if isWindow(e.Func) {
		return c.fail("the window function " + e.Func + " at this place")
	}
	if rule := c.d.rule(e.Func); rule != nil {
		if v, ok := rule(c, e, args); ok {
			v.t = e.Result
			return c.neverNull(v)
		}
	}
	if v, ok := c.call(e.Func, e.Result, args); ok {
		return v
	}
	return c.fail("the function " + e.Func)
}

// neverNull keeps strings from being NULL.
func (c *compiler) neverNull(v val) val {
	if v.t != value.String || !v.null || v.konst != nil {
		return v
	}
	v.Expr = &Func{Name: "coalesce", Args: []Expr{v.Expr, Text("")}}
	v.null = false
	return v
}

// convert brings a value to another type. A conversion to the same type is
// none.
func (c *compiler) convert(v val, to value.Type) val {
	if v.t == to {
		return v
	}
	if v.konst != nil {
		return c.constant(value.Convert(*v.konst, to))
	}
	if out, ok := c.d.convert(c, v, to); ok {
		out.t = to
		return c.neverNull(out)
	}
	if out, ok := c.call("to"+to.String(), to, []val{v}); ok {
		return out
	}
	return c.fail("the conversion of " + v.t.String() + " to " + to.String())
}

// now is a constant while a query runs.
func (c *compiler) now(e *plan.Call, r *rel) val {
	now := value.DateTimeOf(c.opts.Now)
	if len(e.Args) == 0 {
		return c.constant(now)
	}
	return c.apply(&plan.Call{Func: "+", Result: value.DateTime}, []val{c.constant(now), c.scalar(e.Args[0], r)})
}

// logic is and and or: of three values, as in SQL.
func (c *compiler) logic(e *plan.Call, r *rel) val {
	out := val{t: value.Bool}
	chain := &Chain{Op: "AND"}
	if e.Func == "or" {
		chain.Op = "OR"
	}
	for _, a := range e.Args {
		v := c.scalar(a, r)
		out.null = out.null || v.null
		chain.Parts = append(chain.Parts, v.Expr)
	}
	out.Expr = chain
	return out
}

func (c *compiler) not(e *plan.Call, r *rel) val {
	v := c.scalar(e.Args[0], r)
	return val{Expr: &Prefix{Op: "NOT", X: v.Expr}, t: value.Bool, null: v.null}
}

func (c *compiler) iff(e *plan.Call, r *rel) val {
	then, other := c.scalar(e.Args[1], r), c.scalar(e.Args[2], r)
	then, other = c.convert(then, e.Result), c.convert(other, e.Result)
	return val{
		Expr: &Case{When: []When{{If: c.truth(e.Args[0], r), Then: c.typed(then)}}, Else: c.typed(other)},
		t:    e.Result, null: then.null || other.null,
	}
}

func (c *compiler) caseOf(e *plan.Call, r *rel) val {
	out := &Case{}
	v := val{Expr: out, t: e.Result}
	n := len(e.Args) - 1
	for i := 0; i+1 < len(e.Args); i += 2 {
		then := c.convert(c.scalar(e.Args[i+1], r), e.Result)
		out.When = append(out.When, When{If: c.truth(e.Args[i], r), Then: c.typed(then)})
		v.null = v.null || then.null
	}
	if n%2 == 0 {
		other := c.convert(c.scalar(e.Args[n], r), e.Result)
		out.Else = c.typed(other)
		v.null = v.null || other.null
	} else {
		v.null = true
	}
	return c.neverNull(v)
}

// truth lowers a predicate where NULL and FALSE have the same effect: there the
// plain operators of SQL serve, which engines are quick at.
func (c *compiler) truth(e plan.Expr, r *rel) Expr {
	switch e := e.(type) {
	case *plan.Literal:
		if e.Value.Num != 0 && !e.Value.Null {
			return True
		}
		return False
	case *plan.Call:
		switch e.Func {
		case "and", "or":
			chain := &Chain{Op: map[string]string{"and": "AND", "or": "OR"}[e.Func]}
			for _, a := range e.Args {
				chain.Parts = append(chain.Parts, c.truth(a, r))
			}
			return chain
		case "==":
			a, b := c.scalar(e.Args[0], r), c.scalar(e.Args[1], r)
			if v, ok := c.equal(a, b, false, true); ok {
				return v.Expr
			}
		case "in":
			if v, ok := c.inList(e, r, true); ok {
				return v.Expr
			}
		}
	case *plan.InTable:
		return c.inTable(e, r).Expr
	}
	v := c.scalar(e, r)
	if v.t != value.Bool {
		v = c.convert(v, value.Bool)
	}
	return v.Expr
}

// access reads members of a dynamic value; a path of constant keys is one step.
func (c *compiler) access(e *plan.Access, r *rel) val {
	path, base := accessPath(e)
	if len(path) == 0 {
		key := c.scalar(e.Key, r)
		if out, ok := c.call("access", value.Dynamic, []val{c.scalar(e.X, r), key}); ok {
			return out
		}
		return c.fail("a member by a computed name")
	}
	v := c.scalar(base, r)
	if out, ok := c.d.access(c, v, path); ok {
		out.t = value.Dynamic
		return out
	}
	for _, key := range path {
		var ok bool
		if v, ok = c.call("access", value.Dynamic, []val{v, c.constant(key)}); !ok {
			return c.fail("the access to a member")
		}
	}
	return v
}

// accessPath is the path of constant keys at the end of a chain of accesses.
func accessPath(e *plan.Access) ([]value.Value, plan.Expr) {
	key, ok := e.Key.(*plan.Literal)
	if !ok || key.Value.Null {
		return nil, e
	}
	if in, ok := e.X.(*plan.Access); ok {
		if path, base := accessPath(in); path != nil {
			return append(path, key.Value), base
		}
	}
	return []value.Value{key.Value}, e.X
}

// toScalar is a subquery of one value.
func (c *compiler) toScalar(e *plan.ToScalar) val {
	cols := e.Node.Columns()
	r := c.lower(e.Node)
	if r == nil {
		return val{Expr: Null, null: true}
	}
	q := c.selectOf(r, cols[:1], true)
	if q.Limit == nil && !single(e.Node) {
		q.Limit = Number("1")
	}
	return c.neverNull(val{Expr: &Scalar{Query: q}, t: cols[0].Type, null: true})
}

// aside makes columns of the subqueries in expressions, where that is asked for.
func (c *compiler) aside(r *rel, cols []*plan.Column, exprs ...plan.Expr) *rel {
	if !c.apart {
		return r
	}
	var found []*plan.ToScalar
	for _, e := range exprs {
		found = scalarsIn(e, found)
	}
	if len(found) == 0 {
		return r
	}
	out := r.fork()
	cols = cols[:len(cols):len(cols)]
	if c.scalars == nil {
		c.scalars = map[*plan.ToScalar]*plan.Column{}
	}
	for _, e := range found {
		col := c.column(e.Type())
		out.cols[col] = c.toScalar(e)
		c.scalars[e] = col
		cols = append(cols, col)
	}
	return c.seal(out, cols)
}

// scalarsIn adds the subqueries of one value within an expression.
func scalarsIn(e plan.Expr, list []*plan.ToScalar) []*plan.ToScalar {
	switch e := e.(type) {
	case *plan.Call:
		for _, a := range e.Args {
			list = scalarsIn(a, list)
		}
	case *plan.Convert:
		return scalarsIn(e.X, list)
	case *plan.Access:
		return scalarsIn(e.Key, scalarsIn(e.X, list))
	case *plan.InTable:
		return scalarsIn(e.X, list)
	case *plan.ToScalar:
		return append(list, e)
	}
	return list
}

// single tells whether a table has one row at most.
func single(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Keys) == 0
	case *plan.Project:
		return single(n.Input)
	case *plan.Values:
		return len(n.Rows) <= 1
	}
	return false
}

// orderable is v as a key of an order.
func (c *compiler) orderable(v val) val {
	v = c.d.comparable(v)
	if v.t == value.Real && !c.d.spelling().nanIsGreatest {
		v.null = true // NaN goes with the nulls
	}
	return v
}
