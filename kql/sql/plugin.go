package sql

import (
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// plugin lowers the plugins that are SQL once their columns are known.
func (c *compiler) plugin(n *plan.Plugin) *rel {
	switch {
	case n.Open:
		c.broken("the columns of %s are not known yet", n.Name)
		return nil
	case n.Name == "bag_unpack" && n.Input != nil && len(n.Args) > 0:
		return c.bagUnpack(n)
	case n.Name == "pivot" && n.Input != nil && len(n.Args) > 0:
		return c.pivot(n)
	case n.Name == "identity" && n.Input != nil:
		return c.rename(n)
	}
	c.node = n
	return c.failed("the plugin " + n.Name)
}

// BagPrefix is the prefix that bag_unpack puts before the names of properties.
func BagPrefix(n *plan.Plugin) string {
	if len(n.Args) < 2 {
		return ""
	}
	l, ok := n.Args[1].(*plan.Literal)
	if !ok || slices.Contains([]string{"error", "replace_source", "keep_source"}, l.Value.Text) {
		return ""
	}
	return l.Value.Text
}

// bagUnpack makes columns of the properties of a bag. A column of the input
// that is not the bag stays.
func (c *compiler) bagUnpack(n *plan.Plugin) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	ref, ok := n.Args[0].(*plan.Ref)
	if !ok {
		return c.failed("bag_unpack of what is no column")
	}
	if !c.cheap(r, ref) {
		r = c.seal(r, n.Input.Columns())
	}
	bag := c.convert(c.scalar(ref, r), value.Dynamic)
	out := *r
	out.cols = map[*plan.Column]val{}
	for _, col := range c.carried(r, nil) {
		out.cols[col] = r.cols[col]
	}
	prefix := BagPrefix(n)
	for _, col := range n.Cols {
		if !c.need.has(col) {
			continue
		}
		if in := named(n.Input.Columns(), col.Name); in != nil && in != ref.Col {
			out.cols[col] = c.convert(c.scalar(&plan.Ref{Col: in}, r), col.Type)
			continue
		}
		key := value.StringOf(strings.TrimPrefix(col.Name, prefix))
		v, ok := c.d.access(c, bag, []value.Value{key})
		if !ok {
			v, ok = c.call("access", value.Dynamic, []val{bag, c.constant(key)})
		}
		if !ok {
			return c.failed("the property " + key.Text)
		}
		v.t = value.Dynamic
		out.cols[col] = c.convert(v, col.Type)
	}
	return &out
}

func named(cols []*plan.Column, name string) *plan.Column {
	for _, c := range cols {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// pivot groups by the columns that stay, and has an aggregate for each value of
// the pivot column, over the rows that have it.
func (c *compiler) pivot(n *plan.Plugin) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	exprs := append([]plan.Expr{}, n.Args[0])
	for _, a := range n.Aggs {
		exprs = append(exprs, a.Args...)
	}
	if r.wide || !c.cheap(r, exprs...) {
		r = c.seal(r, n.Input.Columns())
	}
	by := c.convert(c.scalar(n.Args[0], r), value.String)
	agg := plan.Agg{Func: "count"}
	if len(n.Aggs) > 0 {
		agg = n.Aggs[0]
	}
	g := c.group(r)
	keys := PivotKeys(n)
	for _, col := range n.Cols {
		if in := named(keys, col.Name); in != nil {
			g.key(col, c.scalar(&plan.Ref{Col: in}, r))
		}
	}
	for _, col := range n.Cols {
		if named(keys, col.Name) == nil && c.need.has(col) {
			same := &Binary{Op: "=", L: c.typed(by), R: Text(col.Name)}
			g.where = same
			g.aggregate(plan.Agg{Func: agg.Func, Args: agg.Args, Cols: []*plan.Column{col}})
			g.where = nil
		}
	}
	if len(g.q.Items) == 0 {
		g.hidden(&Func{Name: "count", Args: []Expr{Name("*")}})
	}
	if c.err != nil {
		return nil
	}
	return g.out
}

// PivotKeys are the columns of the input that a pivot groups by: those that are
// named, or all that neither the pivot nor its aggregate reads.
func PivotKeys(n *plan.Plugin) []*plan.Column {
	var keys []*plan.Column
	if len(n.Args) > 2 {
		for _, a := range n.Args[2:] {
			if ref, ok := a.(*plan.Ref); ok {
				keys = append(keys, ref.Col)
			}
		}
		return keys
	}
	used := map[*plan.Column]bool{}
	mark := func(col *plan.Column) { used[col] = true }
	refs(n.Args[0], mark)
	for _, a := range n.Aggs {
		for _, e := range a.Args {
			refs(e, mark)
		}
	}
	for _, col := range n.Input.Columns() {
		if !used[col] {
			keys = append(keys, col)
		}
	}
	return keys
}

// rename hands the input on under other columns.
func (c *compiler) rename(n *plan.Plugin) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	out := *r
	out.cols = map[*plan.Column]val{}
	for _, col := range c.carried(r, nil) {
		out.cols[col] = r.cols[col]
	}
	for i, col := range n.Input.Columns() {
		if v, ok := r.cols[col]; ok && i < len(n.Cols) {
			out.cols[n.Cols[i]] = v
		}
	}
	return &out
}

func (c *compiler) topNested(n *plan.TopNested) *rel {
	c.node = n
	return c.failed("the operator top-nested")
}
