package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// union binds union; rel is what comes through the pipe, or nil.
func (c *checker) union(rel *relation, op *syntax.Union, cx context) *relation {
	var legs []*relation
	if rel != nil {
		legs = append(legs, rel)
	}
	fuzzy := op.Param("isfuzzy") == "true"
	broken := false
	for _, x := range op.Tables {
		more, ok := c.unionLegs(x, fuzzy, cx)
		broken = broken || !ok
		legs = append(legs, more...)
	}
	source := op.Param("withsource")
	if source == "" {
		source = op.Param("with_source")
	}
	out := c.unite(legs, source, op.Param("kind") == "inner")
	if broken && out.open == nil {
		out.open = openTable
	}
	if op.Param("isfuzzy") == "true" && len(legs) == 0 && !broken {
		c.errorf(op, CodeUnknownTable, "None of the tables of the union is known.")
	}
	return out
}

// unionLegs binds one operand of a union: a pattern stands for several tables.
// A fuzzy union goes without the tables that are not there; false tells that
// one was left out or could not be bound.
func (c *checker) unionLegs(x syntax.Expr, fuzzy bool, cx context) ([]*relation, bool) {
	if w, ok := unparen(x).(*syntax.Wildcard); ok {
		return c.wildcard(w, fuzzy, cx)
	}
	mark := len(c.diags)
	rel := c.tableOf(x, cx)
	if fuzzy {
		if missing := c.forgive(mark); missing {
			return nil, false
		}
	}
	if rel == nil {
		return nil, false
	}
	return []*relation{rel}, true
}

// forgive turns the findings about unknown tables since a mark into warnings,
// and tells whether there were any.
func (c *checker) forgive(mark int) bool {
	missing := false
	for i := mark; i < len(c.diags); i++ {
		d := &c.diags[i]
		if d.Code == CodeUnknownTable || d.Code == CodeUnknownFunction {
			missing = true
		}
	}
	if !missing {
		return false
	}
	kept := c.diags[:mark]
	for _, d := range c.diags[mark:] {
		if d.Severity == syntax.Error && d.Code == CodeUnknownTable || d.Code == CodeUnknownFunction {
			d.Severity = syntax.Warning
			d.Message += " The union goes without it."
		}
		kept = append(kept, d)
	}
	c.diags = kept
	return true
}

// wildcard lists the tables whose names match a pattern, and the views that let
// statements define.
func (c *checker) wildcard(w *syntax.Wildcard, fuzzy bool, cx context) ([]*relation, bool) {
	var legs []*relation
	for _, name := range c.schema.Tables() {
		if !matchStar(w.Pattern, name) {
			continue
		}
		c.legs++
		if c.legs > maxLegs {
			c.limit(w, "The query reads more than %d tables.", maxLegs)
			return legs, false
		}
		if t, ok := c.schema.Table(name); ok {
			legs = append(legs, c.scan(t))
		}
	}
	views := cx.env.names()
	slices.Sort(views)
	for _, name := range slices.Compact(views) {
		b := cx.env.find(name)
		if b.fn != nil && b.fn.def.View && matchStar(w.Pattern, name) {
			id := &syntax.Ident{Span: w.Span, Name: name}
			if v := c.bare(id, b.fn, cx); v.rel != nil {
				v.rel.source = name
				legs = append(legs, v.rel)
			}
		}
	}
	if len(legs) == 0 && !fuzzy {
		c.errorf(w, CodeUnknownTable, "No table has a name like '%s'.", w.Pattern)
		return nil, false
	}
	return legs, len(legs) > 0
}

// slot is a column of a union: a name and a type, with the columns of the legs
// that go into it.
type slot struct {
	name string
	t    typ
	from []*plan.Column
}

// unite puts tables one below the other. Columns of one name and different
// types become several, with the type behind the name.
func (c *checker) unite(legs []*relation, source string, inner bool) *relation {
	if len(legs) == 1 && source == "" {
		return legs[0].with(legs[0].node)
	}
	if source != "" {
		legs = labelled(legs, source)
	}
	fields := 0
	for _, leg := range legs {
		fields += len(leg.fields)
	}
	if fields*len(legs) > maxUnion {
		c.limit(syntax.Span{}, "The union of %d tables has too many columns.", len(legs))
		return c.unknownTable()
	}
	slots := slotsOf(legs)
	if inner {
		slots = slices.DeleteFunc(slots, func(s *slot) bool { return slices.Contains(s.from, nil) })
	}
	node := &plan.Union{From: make([][]*plan.Column, len(legs))}
	out := &relation{node: node, open: firstOpen(legs...)}
	for i, leg := range legs {
		node.Inputs = append(node.Inputs, leg.node)
		node.From[i] = make([]*plan.Column, len(slots))
		for j, s := range slots {
			node.From[i][j] = s.from[i]
		}
	}
	names := newNames()
	for _, s := range slots {
		f := column(names.unique(s.name), s.t)
		node.Cols = append(node.Cols, f.col)
		out.fields = append(out.fields, f)
	}
	return out
}

// slotsOf arranges the columns of a union in the order of their first
// occurrence.
func slotsOf(legs []*relation) []*slot {
	byName := map[string][]*slot{}
	var order []string
	for i, leg := range legs {
		for _, f := range leg.fields {
			list, known := byName[f.name]
			if !known {
				order = append(order, f.name)
			}
			k := slices.IndexFunc(list, func(s *slot) bool { return s.t.T == f.t.T || !s.t.known() || !f.t.known() })
			if k < 0 {
				list = append(list, &slot{name: f.name, t: f.t, from: make([]*plan.Column, len(legs))})
				k = len(list) - 1
				byName[f.name] = list
			}
			s := list[k]
			s.from[i] = f.col
			if !s.t.known() {
				s.t = f.t
			}
			if s.t.Shape != f.t.Shape {
				s.t.Shape = 0
			}
		}
	}
	var out []*slot
	for _, name := range order {
		list := byName[name]
		if len(list) > 1 {
			for _, s := range list {
				s.name += "_" + s.t.T.String()
			}
		}
		out = append(out, list...)
	}
	return out
}

// labelled puts the column with the name of the table before each leg. A leg
// that is no stored table is called after its place.
func labelled(legs []*relation, source string) []*relation {
	out := make([]*relation, len(legs))
	for i, leg := range legs {
		name := leg.source
		if name == "" {
			name = "union_arg" + itoa(i)
		}
		out[i] = label(leg, source, name)
	}
	return out
}

// label puts a column with a constant text before a table.
func label(rel *relation, name, text string) *relation {
	p := newProjection(rel.node)
	f := column(name, scalar(value.String))
	p.node.Items = append(p.node.Items, plan.Item{Col: f.col, Expr: &plan.Literal{Value: value.StringOf(text)}})
	p.fields = append(p.fields, f)
	for _, have := range rel.fields {
		if have.name != name {
			p.pass(have)
		}
	}
	out := p.relation(false)
	out.open, out.source = rel.open, rel.source
	return out
}
