package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// graphForms are the functions over the elements of a pattern. They are there
// within graph-match and graph-shortest-paths only.
var graphForms map[string]form

func init() {
	graphForms = map[string]form{
		"map": (*checker).foldPath, "all": (*checker).foldPath, "any": (*checker).foldPath, "inner_nodes": (*checker).strayInnerNodes,
		"node_degree_in":  func(c *checker, x *syntax.Call, cx context) bound { return c.nodeValue(x, plan.PropertyInDegree, cx) },
		"node_degree_out": func(c *checker, x *syntax.Call, cx context) bound { return c.nodeValue(x, plan.PropertyOutDegree, cx) },
		"node_id":         func(c *checker, x *syntax.Call, cx context) bound { return c.nodeValue(x, plan.PropertyID, cx) },
		"labels":          (*checker).labels,
	}
}

// graphFunction binds a function over a graph pattern; false: the name is none.
func (c *checker) graphFunction(x *syntax.Call, cx context) (bound, bool) {
	build, ok := graphForms[x.Name.Name]
	if !ok {
		return bound{}, false
	}
	if cx.graph != nil {
		return build(c, x, cx), true
	}
	if x.Name.Name == "any" || c.saved(x.Name.Name) != nil {
		return bound{}, false // an old name of the aggregate take_any, or somebody's own function
	}
	c.errorf(x.Name, CodeUnsupported, "'%s' can be used within graph-match and graph-shortest-paths only.", x.Name.Name)
	return boundExpr(bad()), true
}

// path is the first argument of map, all and any: an edge, or its inner nodes.
func (c *checker) path(x syntax.Expr, cx context) (e *patternElement, inner bool) {
	x = unparen(x)
	if call, ok := x.(*syntax.Call); ok && call.Name.Name == "inner_nodes" && len(call.Args) == 1 {
		inner, x = true, unparen(call.Args[0].X)
	}
	if id, ok := x.(*syntax.Ident); ok {
		if e = cx.elementNamed(id.Name); e != nil && e.edge {
			return e, inner
		}
	}
	c.errorf(x, CodeArguments, "An edge of the pattern is expected here, or its inner nodes: inner_nodes(edge).")
	return nil, false
}

// foldPath binds map, all and any.
func (c *checker) foldPath(x *syntax.Call, cx context) bound {
	if len(x.Args) != 2 || x.Args[0].X == nil || x.Args[1].X == nil {
		c.errorf(x.Name, CodeArguments, "The function '%s' takes 2 arguments, not %d.", x.Name.Name, len(x.Args))
		return boundExpr(bad())
	}
	e, inner := c.path(x.Args[0].X, cx)
	if e == nil {
		return boundExpr(bad())
	}
	fields := cx.graph.graph.edgeFields
	if inner {
		fields = cx.graph.graph.nodeFields
	}
	if !c.spend(len(fields), x) {
		return boundExpr(bad())
	}
	rel, props := elementRow(fields)
	within := cx.over(rel)
	within.aggs, within.path = nil, &pathElement{inner: inner, props: &props, have: map[plan.PropertyKind]*plan.Column{}}
	c.trace.row(x.Args[1].Pos(), x.Args[1].End(), within)
	fold := plan.FoldKind(x.Name.Name)
	y := c.scalarOf(x.Args[1].X, within)
	if fold != plan.FoldMap && y.t.known() && y.t.T != value.Bool && !y.t.dynamic() {
		c.errorf(x.Args[1], CodeType, "A condition must be a bool, and this is a %s.", y.t.T)
	}
	if y.missing {
		return boundExpr(expr{x: bad().x, t: overPath(fold, e, inner, nil, y).t, weight: 1, missing: true})
	}
	return boundExpr(overPath(fold, e, inner, usedProps(props, y.x), y))
}

// usedProps are the properties that an expression reads.
func usedProps(props []plan.GraphProperty, x plan.Expr) []plan.GraphProperty {
	read := map[*plan.Column]bool{}
	plan.Walk(x, func(e plan.Expr) {
		if ref, ok := e.(*plan.Ref); ok {
			read[ref.Col] = true
		}
	})
	return slices.DeleteFunc(props, func(p plan.GraphProperty) bool { return !read[p.Col] })
}

func (c *checker) strayInnerNodes(x *syntax.Call, _ context) bound {
	c.errorf(x.Name, CodeArguments, "inner_nodes() can only be the first argument of map(), all() and any().")
	return boundExpr(bad())
}

// nodeValue binds what is told of a node: of the one that is named, or without
// an argument of the inner node that map, all or any is about.
func (c *checker) nodeValue(x *syntax.Call, kind plan.PropertyKind, cx context) bound {
	t := scalar(propertyTypes[kind])
	if len(x.Args) == 0 && cx.path != nil && cx.path.inner {
		col := cx.path.have[kind]
		if col == nil {
			p := newProperty(kind, nil)
			*cx.path.props = append(*cx.path.props, p)
			col, cx.path.have[kind] = p.Col, p.Col
		}
		return boundExpr(leaf(&plan.Ref{Col: col}, t))
	}
	if len(x.Args) == 1 {
		if id, ok := unparen(x.Args[0].X).(*syntax.Ident); ok {
			if e := cx.elementNamed(id.Name); e != nil && !e.edge {
				return boundExpr(leaf(&plan.Ref{Col: cx.graph.property(e, kind, nil)}, t))
			}
		}
	}
	c.errorf(x, CodeArguments, "'%s' takes a node of the pattern; without an argument it stands within map(), all() or any() over inner_nodes().", x.Name.Name)
	return boundExpr(leaf(bad().x, t))
}

// labels binds labels(): graphs that make-graph makes have none.
func (c *checker) labels(x *syntax.Call, cx context) bound {
	for _, a := range x.Args {
		if id, ok := unparen(a.X).(*syntax.Ident); !ok || cx.elementNamed(id.Name) == nil {
			c.errorf(a, CodeArguments, "'labels' takes a node or edge of the pattern.")
		}
	}
	e := literal(value.JSONOf("[]"))
	e.t = array
	return boundExpr(e)
}
