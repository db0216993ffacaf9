package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// mvExpand makes a row of each element of arrays that run side by side.
func (c *compiler) mvExpand(n *plan.MvExpand) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	return c.expand(r, n.Input.Columns(), n.Items, n.Index, n.Limit, n.Arrays)
}

func (c *compiler) expand(r *rel, cols []*plan.Column, items []plan.Expansion, index *plan.Column, limit plan.Expr, arrays bool) *rel {
	var exprs []plan.Expr
	for _, it := range items {
		exprs = append(exprs, it.Expr)
	}
	r = c.aside(r, cols, exprs...)
	if r.wide || !c.cheap(r, exprs...) {
		r = c.seal(r, cols)
	}
	lists := c.lists(r, items, limit, arrays)
	if c.err != nil {
		return nil
	}
	out := c.columns(r, cols)
	q := c.rawSelect(r, out)
	return c.unnested(r, q, out, items, index, lists)
}

func (c *compiler) lists(r *rel, items []plan.Expansion, limit plan.Expr, arrays bool) []Expr {
	lists := make([]Expr, len(items))
	for i, it := range items {
		v := c.scalar(it.Expr, r)
		if v.t != value.Dynamic {
			v = c.convert(v, value.Dynamic)
		}
		v.Expr = c.typed(v)
		lists[i] = c.d.elements(c, v, arrays)
		if limit != nil {
			lists[i] = c.d.prefix(lists[i], c.limit(c.scalar(limit, r)))
		}
	}
	return lists
}

// unnested is the table of the rows that lists make. The order of rows is that
// of r, and within it that of the elements.
func (c *compiler) unnested(r *rel, q *Select, cols []*plan.Column, items []plan.Expansion, index *plan.Column, lists []Expr) *rel {
	out := c.over(q, r, cols)
	as := out.from.(*Sub).As
	var unnest []Item
	raw := make([]string, len(items))
	for i := range items {
		raw[i] = c.hide()
		unnest = append(unnest, Item{Expr: lists[i], As: raw[i]})
	}
	number := c.hide()
	longest := c.d.length(lists[0])
	if len(lists) > 1 {
		longest = c.longest(lists)
	}
	unnest = append(unnest, Item{Expr: c.d.indices(longest), As: number})
	c.d.unnest(q, unnest)
	for i, it := range items {
		v := val{Expr: &Col{Table: as, Name: raw[i]}, t: value.Dynamic, null: true}
		if it.To != value.Unknown && it.To != value.Dynamic {
			v = c.convert(v, it.To)
		}
		out.cols[it.Col] = v
	}
	at := val{Expr: &Col{Table: as, Name: number}, t: value.Long}
	if index != nil {
		out.cols[index] = at
	}
	out.order = append(out.order, orderKey{val: at})
	return out
}

func (c *compiler) longest(lists []Expr) Expr {
	f := &Func{Name: "greatest"}
	for _, l := range lists {
		f.Args = append(f.Args, c.d.length(l))
	}
	return f
}

// mvApply runs the inner pipe for all rows of the outer table at once: each row
// has a number, which the inner pipe carries along as a partition.
func (c *compiler) mvApply(n *plan.MvApply) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	outer := n.Input.Columns()
	if r.part != nil {
		return c.failed("mv-apply within mv-apply or partition")
	}
	r = c.seal(r, outer)
	row := c.column(value.Long)
	r.cols[row] = val{Expr: &Func{Name: "row_number", Over: &Window{Order: orderKeys(r.order)}}, t: value.Long}
	r.wide, r.natural = true, false
	with := append(outer[:len(outer):len(outer)], row)
	r = c.seal(r, with)
	r.part = &partition{keys: []*plan.Column{row}, carry: outer}
	r = c.expand(r, with, n.Items, n.Index, n.Limit, false)
	if r == nil {
		return nil
	}
	return c.inner(c.based(r, n.Element.Cols, n.Sub), n.Element, n.Sub)
}

// inner lowers an inner pipe over the rows of r.
func (c *compiler) inner(r *rel, element *plan.Element, sub plan.Node) *rel {
	c.elements[element] = r
	out := c.lower(sub)
	if out == nil {
		return nil
	}
	done := *out
	done.part = nil
	return &done
}

func (c *compiler) failed(what string) *rel {
	c.fail(what)
	return nil
}

// elementRows is the source of an inner pipe.
func (c *compiler) elementRows(n *plan.Element) *rel {
	r, ok := c.elements[n]
	if !ok {
		c.broken("an inner pipe without its outer table")
		return nil
	}
	copied := *r
	return &copied
}

// partitionBy runs the inner pipe for all partitions at once.
func (c *compiler) partitionBy(n *plan.Partition) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	cols := n.Input.Columns()
	if n.Query {
		return c.failed("a partition with a query of its own")
	}
	if r.part != nil {
		return c.failed("partition within mv-apply or partition")
	}
	r = c.seal(r, cols)
	key := c.column(n.By.Type)
	r.cols[key] = r.cols[n.By]
	r.part = &partition{keys: []*plan.Column{key}}
	for i, col := range n.Element.Cols {
		if i < len(cols) && col != cols[i] {
			r.cols[col] = r.cols[cols[i]]
		}
	}
	return c.inner(c.based(r, n.Element.Cols, n.Sub), n.Element, n.Sub)
}
