package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// A partition of which an inner pipe drops all rows is still there for a
// summarize without keys: its count is 0. Grouping by the partition can't see
// it, so the rows have to stay. Where filters alone drop them, the filters mark
// the rows that are left instead, and the aggregates take those only; the table
// is read once. Else the rows before the pipe are a table of their own, which
// an engine may only be given when it computes that once.

// based prepares the rows of an inner pipe that may lose all rows of a partition
// before it counts them.
func (c *compiler) based(r *rel, cols []*plan.Column, sub plan.Node) *rel {
	filters, all := dropping(sub)
	switch {
	case all:
		for _, f := range filters {
			c.marks[f] = true
		}
		return r
	case c.d.spelling().repeatsTables:
		return c.failed("an inner pipe that may lose all rows before it counts them")
	}
	q, t := c.closed(r, cols, false)
	name := "s" + itoa(len(c.ctes)+1)
	c.ctes = append(c.ctes, CTE{Name: name, Query: q, Materialize: true})
	t.from = &Table{Name: name, As: t.from.(*Sub).As}
	p := *r.part
	p.base, p.baseCols = name, t.cols
	t.part = &p
	return t
}

// dropping are the filters of an inner pipe below a summarize without keys. It
// reports false when something else may drop all rows there, or something above
// a filter would see the rows that are marked only.
func dropping(n plan.Node) (filters []*plan.Filter, _ bool) {
	counted, sees, all := false, false, true
	for {
		switch x := n.(type) {
		case *plan.Element:
			return filters, true
		case *plan.Aggregate:
			counted, sees = counted || len(x.Keys) == 0, len(x.Keys) > 0
		case *plan.Top:
			sees = true
			all = !counted || positive(x.Count)
		case *plan.Take:
			sees = true
			all = !counted || positive(x.Count)
		case *plan.Filter:
			if counted {
				filters = append(filters, x)
			}
			all = !counted || !sees
			sees = sees || countsRows(n)
		case *plan.Project, *plan.Sort, *plan.Serialize:
			sees = sees || countsRows(n)
		default:
			all = !counted
		}
		in := plan.Inputs(n)
		if !all || len(in) == 0 {
			return nil, all
		}
		n = in[0]
	}
}

// positive tells whether a count of rows is a constant that keeps some.
func positive(count plan.Expr) bool {
	l, ok := count.(*plan.Literal)
	return ok && !l.Value.Null && l.Value.Num > 0
}

// countsRows tells whether an expression of n looks at other rows.
func countsRows(n plan.Node) bool {
	found := false
	plan.Exprs(n, func(e plan.Expr) { found = found || depth(e) > 0 })
	return found
}

// mark is a filter that drops nothing.
func (c *compiler) mark(r *rel, predicate plan.Expr) *rel {
	out := r.fork()
	all := c.conjuncts(predicate, r)
	if before := r.part.left; before != nil {
		all = append([]Expr{r.cols[before].Expr}, all...)
	}
	p := *r.part
	out.part, out.unique = &p, false
	if len(all) == 0 {
		return out
	}
	p.left = c.column(value.Bool)
	out.cols[p.left] = val{Expr: &Chain{Op: "AND", Parts: all}, t: value.Bool, null: true}
	return out
}

// marked tells whether rows of r are marked by what is not computed yet.
func (r *rel) marked() bool {
	return r.part != nil && r.part.left != nil && !r.cols[r.part.left].simple()
}

// marked makes the aggregates of a group take the rows that filters have left.
func (g *group) marked() {
	p := g.in.part
	if p == nil || p.left == nil {
		return
	}
	g.where = g.in.cols[p.left].Expr
	after := *p
	after.left = nil
	g.out.part = &after
}
