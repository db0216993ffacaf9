package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// Limits of a graph pattern.
const (
	maxPatternElements = 100  // nodes and edges of a pattern
	maxPatternHops     = 1000 // edges of a variable length
)

// patternElement is a named node or edge of a pattern.
type patternElement struct {
	name     string
	edge     bool
	index    int // of the Points or Links of the node
	variable bool
}

// patternScope is what expressions over a match can see: the elements of the
// pattern by their names.
type patternScope struct {
	graph    openGraph
	node     *plan.GraphMatch
	elements map[string]*patternElement
	columns  map[propertyKey]*plan.Column
	lift     lifted
}

// propertyKey is a property of an element of a pattern.
type propertyKey struct {
	element *patternElement
	kind    plan.PropertyKind
	from    *plan.Column
}

// lifted is what an expression reads of the single edges of a variable length.
// Such an expression is computed for each edge, unless arrays is set: then a
// property of a variable length is the array of its values.
type lifted struct {
	arrays   bool
	link     *patternElement
	several  bool // edges of more than one variable length are read
	props    []plan.GraphProperty
	readable map[*plan.Column]*plan.Column
}

// pathElement is the edge or inner node that the expression within map(), all()
// or any() is about.
type pathElement struct {
	inner bool
	props *[]plan.GraphProperty
	have  map[plan.PropertyKind]*plan.Column
}

// graphMatch binds graph-match and graph-shortest-paths.
func (c *checker) graphMatch(g *graph, op *syntax.GraphMatch, cx context) *relation {
	open := c.openGraph(g)
	node := &plan.GraphMatch{Graph: open.Graph, Shortest: op.Shortest, Cycles: plan.CyclesUniqueEdges}
	s := &patternScope{graph: open, node: node, elements: map[string]*patternElement{}, columns: map[propertyKey]*plan.Column{}}
	if op.Shortest {
		node.Cycles, node.Ties = plan.CyclesAll, c.oneOf(op, "output", "any", "all") == "all"
	} else {
		node.Cycles = plan.Cycles(c.oneOf(op, "cycles", string(plan.CyclesUniqueEdges), string(plan.CyclesAll), string(plan.CyclesNone)))
	}
	if !c.patterns(s, op, cx) {
		return c.unknownTable()
	}
	cx.graph, cx.row = s, nil
	if op.Where != nil {
		for _, part := range conjuncts(op.Where) {
			e := c.liftedExpr(part, plan.FoldAll, cx)
			if e.t.known() && e.t.T != value.Bool && !e.t.dynamic() {
				c.errorf(part, CodeType, "A condition must be a bool, and this is a %s.", e.t.T)
			}
			node.Where = append(node.Where, convert(e, value.Bool).x)
		}
	}
	if len(op.Project) == 0 {
		c.errorf(keyword(op), CodeValue, "A match needs project with the columns of its result.")
		return c.unknownTable()
	}
	return c.matchColumns(s, op, cx)
}

// matchColumns binds the columns of a match. As in the language, what is
// computed of a variable length is dynamic.
func (c *checker) matchColumns(s *patternScope, op *syntax.GraphMatch, cx context) *relation {
	var items []item
	for _, n := range op.Project {
		if n.X == nil {
			continue
		}
		e := c.liftedExpr(n.X, plan.FoldMap, cx)
		if e.t.known() && !e.t.dynamic() && s.readsPath(n.X) {
			e = convert(e, value.Dynamic)
		}
		items = append(items, c.itemsOf(n, e)...)
	}
	c.distinctNames(items, newNames())
	out := newRelation(s.node, nil)
	for _, it := range items {
		if it.name == "" {
			continue
		}
		f := column(it.name, it.e.t)
		s.node.Items = append(s.node.Items, plan.Item{Col: f.col, Expr: it.e.x})
		out.fields = append(out.fields, f)
	}
	if s.graph.Part != nil && len(s.node.Points) > 0 {
		first := s.property(&patternElement{}, plan.PropertyColumn, s.graph.Part)
		out.part = &plan.Column{Name: s.graph.Part.Name, Type: s.graph.Part.Type}
		s.node.Items = append(s.node.Items, plan.Item{Col: out.part, Expr: &plan.Ref{Col: first}})
	}
	return out
}

// readsPath tells whether an expression names a variable length.
func (s *patternScope) readsPath(x syntax.Expr) bool {
	found := false
	syntax.Walk(x, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok {
			if e := s.elements[id.Name]; e != nil && e.variable {
				found = true
			}
		}
		return !found
	})
	return found
}

// patterns binds the patterns: false after an error.
func (c *checker) patterns(s *patternScope, op *syntax.GraphMatch, cx context) bool {
	before := len(c.diags)
	total := 0
	for _, p := range op.Patterns {
		if total += len(p.Steps); total > maxPatternElements {
			c.errorf(p, CodeLimit, "A graph pattern can't have more than %d nodes and edges.", maxPatternElements)
			return false
		}
		if !c.pattern1(s, p, cx) {
			return false
		}
	}
	switch {
	case !s.connected():
		c.errorf(op.Patterns[len(op.Patterns)-1], CodeValue, "The patterns must be connected: each must share a named node with another.")
	case op.Shortest && len(op.Patterns) != 1:
		c.errorf(op.Patterns[1], CodeValue, "Shortest paths have a single pattern.")
	case op.Shortest && !slices.ContainsFunc(s.node.Links, func(l plan.GraphLink) bool { return l.Variable }):
		c.errorf(op.Patterns[0], CodeValue, "Shortest paths need an edge of variable length in the pattern, such as -[e*1..5]->.")
	}
	return len(c.diags) == before
}

// pattern1 binds one pattern: nodes and edges in turn, a node at both ends.
func (c *checker) pattern1(s *patternScope, p *syntax.GraphPattern, cx context) bool {
	left := -1
	for i, step := range p.Steps {
		edge, isEdge := step.(*syntax.GraphEdge)
		if isEdge != (i%2 == 1) || isEdge && i+1 == len(p.Steps) {
			c.errorf(step, CodeValue, "Nodes and edges take turns in a pattern, with a node at both ends: (a)-[e]->(b).")
			return false
		}
		if isEdge {
			if !c.link(s, edge, cx) {
				return false
			}
			continue
		}
		point, ok := c.point(s, step.(*syntax.GraphNode))
		if !ok {
			return false
		}
		if i > 0 {
			l := &s.node.Links[len(s.node.Links)-1]
			l.Left, l.Right = left, point
		}
		left = point
	}
	return len(p.Steps) > 0
}

// point is the number of a node of the pattern.
func (c *checker) point(s *patternScope, n *syntax.GraphNode) (int, bool) {
	at := len(s.node.Points)
	if n.Name != nil {
		if e := s.elements[n.Name.Name]; e != nil {
			if e.edge {
				c.errorf(n.Name, CodeDuplicate, "'%s' is an edge of the pattern already.", n.Name.Name)
			}
			return e.index, !e.edge
		}
		s.elements[n.Name.Name] = &patternElement{name: n.Name.Name, index: at}
	}
	s.node.Points = append(s.node.Points, plan.GraphElement{})
	return at, true
}

// link adds an edge of the pattern.
func (c *checker) link(s *patternScope, e *syntax.GraphEdge, cx context) bool {
	l := plan.GraphLink{Forward: e.Right || !e.Left, Backward: e.Left || !e.Right, Variable: e.Variable, Min: 1, Max: 1}
	if e.Variable {
		low, okLow := c.hops(e.From, cx)
		high, okHigh := c.hops(e.To, cx)
		if !okLow || !okHigh {
			return false
		}
		if low > high {
			c.errorf(e, CodeValue, "The least length of a path can't be above the greatest.")
			return false
		}
		l.Min, l.Max = low, high
	}
	if e.Name != nil {
		if s.elements[e.Name.Name] != nil {
			c.errorf(e.Name, CodeDuplicate, "'%s' is in the pattern already; each edge needs a name of its own.", e.Name.Name)
			return false
		}
		s.elements[e.Name.Name] = &patternElement{name: e.Name.Name, edge: true, index: len(s.node.Links), variable: e.Variable}
	}
	s.node.Links = append(s.node.Links, l)
	return true
}

// hops is a bound of a variable length.
func (c *checker) hops(x syntax.Expr, cx context) (int, bool) {
	e := c.scalarOf(x, cx)
	v, ok := constantOf(e)
	switch {
	case e.missing:
		return 0, false
	case e.placeholder:
		return 1, true
	case !ok || v.Null || !v.Type.Integral() || v.Num < 0:
		c.errorf(x, CodeConstant, "The length of a path must be a constant whole number.")
		return 0, false
	case v.Num > maxPatternHops:
		c.errorf(x, CodeLimit, "A path can't be longer than %d edges.", maxPatternHops)
		return 0, false
	}
	return int(v.Num), true
}

// connected tells whether all nodes of the pattern hang together.
func (s *patternScope) connected() bool {
	group := make([]int, len(s.node.Points))
	for i := range group {
		group[i] = i
	}
	for range group {
		for _, l := range s.node.Links {
			g := min(group[l.Left], group[l.Right])
			group[l.Left], group[l.Right] = g, g
		}
	}
	return !slices.ContainsFunc(group, func(g int) bool { return g != 0 })
}

// property is the column under which a match has a property of an element that
// is a single node or edge.
func (s *patternScope) property(e *patternElement, kind plan.PropertyKind, from *plan.Column) *plan.Column {
	key := propertyKey{e, kind, from}
	if col := s.columns[key]; col != nil {
		return col
	}
	p := newProperty(kind, from)
	s.columns[key] = p.Col
	if e.edge {
		l := &s.node.Links[e.index]
		l.Props = append(l.Props, p)
		return p.Col
	}
	point := &s.node.Points[e.index]
	point.Props = append(point.Props, p)
	return p.Col
}

var propertyTypes = map[plan.PropertyKind]value.Type{plan.PropertyID: value.String, plan.PropertyInDegree: value.Long, plan.PropertyOutDegree: value.Long}

func newProperty(kind plan.PropertyKind, from *plan.Column) plan.GraphProperty {
	if kind == plan.PropertyColumn {
		return plan.GraphProperty{Col: &plan.Column{Name: from.Name, Type: from.Type}, From: from}
	}
	return plan.GraphProperty{Col: &plan.Column{Name: "", Type: propertyTypes[kind]}, Kind: kind}
}

// fields are the properties that an element has.
func (s *patternScope) fields(e *patternElement) []field {
	if e.edge {
		return s.graph.edgeFields
	}
	return s.graph.nodeFields
}

// read reads a property of an element.
func (s *patternScope) read(e *patternElement, f field) expr {
	switch {
	case f.col == nil:
		return f.expr()
	case !e.variable:
		return leaf(&plan.Ref{Col: s.property(e, plan.PropertyColumn, f.col)}, f.t)
	case s.lift.arrays:
		p := newProperty(plan.PropertyColumn, f.col)
		return overPath(plan.FoldMap, e, false, []plan.GraphProperty{p}, leaf(&plan.Ref{Col: p.Col}, f.t))
	}
	return leaf(&plan.Ref{Col: s.lift.column(e, f.col)}, f.t)
}

// column is the column of a single edge of a variable length.
func (l *lifted) column(e *patternElement, from *plan.Column) *plan.Column {
	if l.link != nil && l.link != e {
		l.several = true
	}
	l.link = e
	if col := l.readable[from]; col != nil {
		return col
	}
	p := newProperty(plan.PropertyColumn, from)
	l.props = append(l.props, p)
	if l.readable == nil {
		l.readable = map[*plan.Column]*plan.Column{}
	}
	l.readable[from] = p.Col
	return p.Col
}

// array is the type of what map gives.
var array = typ{value.Dynamic, catalog.ArrayShape}

func overPath(fold plan.FoldKind, e *patternElement, inner bool, props []plan.GraphProperty, x expr) expr {
	t := array
	if fold != plan.FoldMap {
		t = scalar(value.Bool)
		x = convert(x, value.Bool)
	}
	return expr{x: &plan.OverPath{Fold: fold, Link: e.index, Inner: inner, Props: props, X: x.x}, t: t, weight: x.weight + 1}
}

// liftedExpr binds an expression over a match. One that reads properties of a
// variable length holds for each of its edges: it gives an array, or as a
// condition must be true of all. Where that makes no sense, because several
// lengths are read or the types do not fit, the properties are arrays.
func (c *checker) liftedExpr(x syntax.Expr, fold plan.FoldKind, cx context) expr {
	s := cx.graph
	mark, unnamed := len(c.diags), c.unnamed
	s.lift = lifted{}
	e := c.scalarOf(x, cx)
	if s.lift.link == nil {
		return e
	}
	if !s.lift.several && !hasError(c.diags[mark:]) {
		return overPath(fold, s.lift.link, false, s.lift.props, e)
	}
	found := slices.Clone(c.diags[mark:])
	several := s.lift.several
	c.diags, c.unnamed = c.diags[:mark], unnamed
	s.lift = lifted{arrays: true}
	e = c.scalarOf(x, cx)
	if !several && hasError(c.diags[mark:]) {
		c.diags = append(c.diags[:mark], found...)
	}
	return e
}

func hasError(list []syntax.Diagnostic) bool {
	return slices.ContainsFunc(list, func(d syntax.Diagnostic) bool { return d.Severity == syntax.Error })
}

// elementNamed is the element of the pattern that a name means, or nil.
func (cx context) elementNamed(name string) *patternElement {
	if cx.graph == nil {
		return nil
	}
	return cx.graph.elements[name]
}

// member reads element.property; false: the name is none of an element. A
// dynamic column of the element around goes first.
func (s *patternScope) member(c *checker, id *syntax.Ident, x *syntax.Member, cx context) (bound, bool) {
	e := s.elements[id.Name]
	if e == nil {
		return bound{}, false
	}
	if cx.row != nil {
		if f, ok := cx.row.find(id.Name); ok && f.t.dynamic() {
			return bound{}, false
		}
	}
	sel, ok := x.Sel.(*syntax.Ident)
	if !ok {
		if _, isBad := x.Sel.(*syntax.Bad); !isBad {
			c.errorf(x.Sel, CodeType, "A property name is expected behind the dot.")
		}
		return boundExpr(bad()), true
	}
	fields := s.fields(e)
	for _, f := range fields {
		if f.name == sel.Name {
			c.trace.column(sel, f)
			return boundExpr(s.read(e, f)), true
		}
	}
	if s.graph.edgeRel.open != nil {
		return boundExpr(unseen()), true
	}
	kind := "property of the nodes"
	if e.edge {
		kind = "property of the edges"
	}
	c.unknownName(sel, CodeUnknownName, kind, newRelation(nil, fields).names())
	return boundExpr(bad()), true
}

// whole is an element as it stands: the bag of its properties, and for a
// variable length the array of those of its edges.
func (s *patternScope) whole(c *checker, e *patternElement, at syntax.Node) expr {
	fields := s.fields(e)
	if !c.spend(len(fields), at) {
		return bad()
	}
	if !e.variable {
		var read []field
		for _, f := range fields {
			if f.col != nil {
				read = append(read, field{name: f.name, col: s.property(e, plan.PropertyColumn, f.col), t: f.t})
			}
		}
		return packed("bag_pack", read)
	}
	rel, props := elementRow(fields)
	return overPath(plan.FoldMap, e, false, props, packed("bag_pack", rel.fields))
}

// elementRow is the row of the properties of an edge or inner node, each under a
// column of its own.
func elementRow(fields []field) (*relation, []plan.GraphProperty) {
	rel := newRelation(nil, nil)
	var props []plan.GraphProperty
	for _, f := range fields {
		if f.col == nil {
			rel.fields = append(rel.fields, f)
			continue
		}
		p := newProperty(plan.PropertyColumn, f.col)
		props = append(props, p)
		rel.fields = append(rel.fields, field{name: f.name, col: p.Col, t: f.t})
	}
	return rel, props
}
