package check

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// expansion is a bound column of mv-expand or mv-apply.
type expansion struct {
	name    string
	replace bool // it takes the place of a column of the input
	item    plan.Expansion
	f       field
}

// expandedColumns binds the columns that are expanded.
func (c *checker) expandedColumns(rel *relation, list []*syntax.ExpandColumn, cx context) []expansion {
	var out []expansion
	names := newNames()
	for _, x := range list {
		if x.X == nil || x.X.X == nil {
			continue
		}
		out = append(out, c.expansion(rel, x, names, cx))
	}
	return out
}

func (c *checker) expansion(rel *relation, x *syntax.ExpandColumn, names *nameTable, cx context) expansion {
	e := c.scalarOf(x.X.X, cx.over(rel))
	if e.t.known() && !e.t.dynamic() {
		c.errorf(x.X.X, CodeType, "Only a dynamic value can be expanded, and this is a %s.", e.t.T)
	}
	out := expansion{name: c.nameOf(x.X.X)}
	if n := x.X.Name(); n != nil {
		out.name = n.Name
	}
	if out.name == "" {
		out.name = "Column1"
	}
	_, out.replace = rel.find(out.name)
	if !out.replace || names.has(out.name) {
		out.name = names.unique(out.name)
	} else {
		names.add(out.name)
	}
	t := scalar(value.Dynamic)
	if x.To != nil && x.To.Type != nil {
		t = scalar(x.To.Type.Type)
	}
	out.f = column(out.name, t)
	out.item = plan.Expansion{Expr: e.x, Col: out.f.col, To: t.T}
	return out
}

// mvExpand binds mv-expand.
func (c *checker) mvExpand(rel *relation, op *syntax.MvExpand, cx context) *relation {
	list := c.expandedColumns(rel, op.Columns, cx)
	node := &plan.MvExpand{Input: rel.node, Arrays: op.Param("bagexpansion") == "array" || op.Param("kind") == "array"}
	node.Limit = c.rowLimit(op.Limit, cx)
	fields := expandedFields(rel.fields, list)
	for _, e := range list {
		node.Items = append(node.Items, e.item)
	}
	if name := op.Param("with_itemindex"); name != "" {
		f := column(name, scalar(value.Long))
		node.Index = f.col
		fields = append(fields, f)
	}
	node.Out = columnsOf(fields)
	return &relation{node: node, fields: fields, open: rel.open, ordered: rel.ordered}
}

func (c *checker) rowLimit(x syntax.Expr, cx context) plan.Expr {
	if x == nil {
		return nil
	}
	return c.whole(x, cx)
}

// expandedFields are the columns of a table with expanded ones in their places,
// and new ones behind.
func expandedFields(fields []field, list []expansion) []field {
	out := make([]field, 0, len(fields)+len(list))
	for _, f := range fields {
		for _, e := range list {
			if e.name == f.name {
				f = e.f
			}
		}
		out = append(out, f)
	}
	for _, e := range list {
		if !e.replace {
			out = append(out, e.f)
		}
	}
	return out
}

// mvApply binds mv-apply: the inner pipe runs over the rows of one row's
// arrays. The result has the columns of the input but those that are expanded,
// and behind them those of the inner pipe that the input has not.
func (c *checker) mvApply(rel *relation, op *syntax.MvApply, cx context) *relation {
	list := c.expandedColumns(rel, op.Columns, cx)
	node := &plan.MvApply{Input: rel.node, Limit: c.rowLimit(op.Limit, cx)}
	for _, e := range list {
		node.Items = append(node.Items, e.item)
	}
	var outer []field
	for _, f := range rel.fields {
		if !expands(list, f.name) {
			outer = append(outer, f)
		}
	}
	element := append([]field{}, outer...)
	for _, e := range list {
		element = append(element, e.f)
	}
	if name := op.Param("with_itemindex"); name != "" {
		f := column(name, scalar(value.Long))
		node.Index = f.col
		element = append(element, f)
	}
	node.Element = &plan.Element{Cols: columnsOf(element)}
	sub := &relation{node: node.Element, fields: element, open: rel.open, ordered: true}
	if op.Body != nil {
		sub = c.operators(sub, op.Body.Ops, op.Body.Bars, op.Body.End(), cx)
	}
	node.Sub = sub.node
	fields := merged(outer, sub.fields)
	node.Out = columnsOf(fields)
	return &relation{node: node, fields: fields, open: firstOpen(rel, sub)}
}

func expands(list []expansion, name string) bool {
	for _, e := range list {
		if e.name == name {
			return true
		}
	}
	return false
}

func named(fields []field, name string) bool {
	for _, f := range fields {
		if f.name == name {
			return true
		}
	}
	return false
}

// partition binds partition by X (pipe) and partition by X { query }.
func (c *checker) partition(rel *relation, op *syntax.Partition, cx context) *relation {
	by := identOf(op.By)
	if by == nil {
		c.errorf(op.By, CodeNotColumn, "A column is expected behind by.")
		return c.unknownTable()
	}
	if !c.hasColumn(rel, by, cx) {
		return c.unknownTable()
	}
	f, _ := rel.find(by.Name)
	if op.Body == nil {
		return c.partitionQuery(rel, by, f, op, cx)
	}
	element := &plan.Element{Cols: columnsOf(rel.fields)}
	sub := &relation{node: element, fields: rel.fields, open: rel.open, ordered: rel.ordered}
	sub = c.operators(sub, op.Body.Ops, op.Body.Bars, op.Body.End(), cx)
	node := &plan.Partition{Input: rel.node, By: f.col, Element: element, Sub: sub.node}
	return &relation{node: node, fields: sub.fields, open: sub.open}
}

// partitionQuery binds partition by X { query }: the query reads tables of its
// own, and of the partition only the value of X, as a constant.
func (c *checker) partitionQuery(rel *relation, by *syntax.Ident, f field, op *syntax.Partition, cx context) *relation {
	if f.col == nil {
		return c.unknownTable()
	}
	key := column(f.name, f.t)
	value := key.expr()
	inner := context{env: cx.env.child()}
	inner.env.define(&binding{name: f.name, at: by, scalar: &value})
	sub := c.tableOf(op.Query, inner)
	if sub == nil {
		return c.unknownTable()
	}
	sub = c.settled(sub)
	node := &plan.Partition{Input: rel.node, By: f.col, Element: &plan.Element{Cols: []*plan.Column{key.col}}, Sub: sub.node, Query: true}
	return &relation{node: node, fields: sub.fields, open: sub.open}
}
