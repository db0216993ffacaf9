package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// context is what the names in an expression can refer to.
type context struct {
	env   *scope
	row   *relation // the columns; nil where there are none
	right *relation // in the conditions of a join: the right side
	aggs  *aggregation
	steps *stepStates
	graph *patternScope // the elements of a graph pattern
	path  *pathElement  // within map, all and any: what the expression is about
}

// inner is the context of a subquery or function body: no columns are seen.
func (cx context) inner() context { return context{env: cx.env} }

// expr is a bound scalar expression.
type expr struct {
	x      plan.Expr
	t      typ
	weight int // nodes, were it written out
	// tuple holds the columns of a call that yields several; x is the first.
	tuple       []tupleItem
	missing     bool // it could not be bound; reported already
	placeholder bool // stands for an argument that is not known yet
}

type tupleItem struct {
	name string
	e    expr
}

func leaf(x plan.Expr, t typ) expr { return expr{x: x, t: t, weight: 1} }

func literal(v value.Value) expr { return leaf(&plan.Literal{Value: v}, scalar(v.Type)) }

// bad stands for what could not be bound.
func bad() expr {
	return expr{x: &plan.Literal{Value: value.NullOf(value.Dynamic)}, t: unknown, weight: 1, missing: true}
}

// unseen stands for a column that only the data can tell.
func unseen() expr {
	e := leaf(&plan.Literal{Value: value.NullOf(value.Dynamic)}, unknown)
	e.placeholder = true
	return e
}

func call(fn string, t typ, args ...expr) expr {
	e := expr{t: t, weight: 1}
	xs := make([]plan.Expr, len(args))
	for i, a := range args {
		xs[i] = a.x
		e.weight += a.weight
	}
	e.x = &plan.Call{Func: fn, Args: xs, Result: t.T}
	return e
}

// bound is a bound expression of any kind: exactly one field is set.
type bound struct {
	e   *expr
	rel *relation
	fn  *lambda
}

// scalarOf binds an expression that must be a scalar.
func (c *checker) scalarOf(x syntax.Expr, cx context) expr {
	b := c.bind(x, cx)
	switch {
	case b.e != nil:
		if b.e.weight > maxWeight {
			c.limit(x, "The expression is too large once functions and variables are written out.")
			return bad()
		}
		return *b.e
	case b.rel != nil:
		c.errorf(x, CodeNotScalar, "A table can't stand here; take one value of it with toscalar().")
	case b.fn != nil:
		c.errorf(x, CodeNotScalar, "The function needs an argument list.")
	}
	return bad()
}

// tableOf binds an expression that must be a table; nil after an error.
func (c *checker) tableOf(x syntax.Expr, cx context) *relation {
	rel := c.sourceOf(x, cx)
	if rel != nil && rel.graph != nil {
		c.errorf(x, CodeNotTable, "A table is expected here, and this is a graph.")
		return nil
	}
	return rel
}

// sourceOf binds an expression that must be a table or a graph; nil after an
// error.
func (c *checker) sourceOf(x syntax.Expr, cx context) *relation {
	b := c.bindSource(x, cx)
	switch {
	case b.rel != nil:
		return b.rel
	case b.e != nil && !b.e.missing:
		c.errorf(x, CodeNotTable, "A table is expected here.")
	case b.fn != nil:
		c.errorf(x, CodeNotTable, "The function needs an argument list.")
	}
	return nil
}

// bindSource binds what should be a table, so that an unknown name is told to
// be one.
func (c *checker) bindSource(x syntax.Expr, cx context) bound {
	if id, ok := unparen(x).(*syntax.Ident); ok {
		cx.row = nil
		return c.sourceName(id, cx)
	}
	return c.bind(x, cx)
}

func unparen(x syntax.Expr) syntax.Expr {
	for {
		p, ok := x.(*syntax.Paren)
		if !ok {
			return x
		}
		x = p.X
	}
}

// bind binds an expression of any kind.
func (c *checker) bind(x syntax.Expr, cx context) bound {
	if x == nil || !c.step(x) {
		return boundExpr(bad())
	}
	c.depth++
	defer func() { c.depth-- }()
	if c.depth > maxDepth {
		c.limit(x, "The query is nested too deeply once its functions are written out.")
		return boundExpr(bad())
	}
	return c.bindNode(x, cx)
}

func boundExpr(e expr) bound { return bound{e: &e} }

func boundTable(r *relation) bound {
	if r == nil {
		return boundExpr(bad())
	}
	return bound{rel: r}
}

func (c *checker) bindNode(x syntax.Expr, cx context) bound {
	switch x := x.(type) {
	case *syntax.Paren:
		return c.bind(x.X, cx)
	case *syntax.Ident:
		return c.name(x, cx)
	case *syntax.Call:
		return c.call(x, cx)
	case *syntax.Member:
		return c.member(x, cx)
	case *syntax.Lambda:
		return bound{fn: &lambda{def: x, env: cx.env}}
	case *syntax.Bad:
		return boundExpr(bad())
	}
	if r, ok := c.tabular(x, cx); ok {
		c.checkWidth(r, x)
		return boundTable(r)
	}
	return boundExpr(c.scalarNode(x, cx))
}

// scalarNode binds the nodes that are scalars always.
func (c *checker) scalarNode(x syntax.Expr, cx context) expr {
	switch x := x.(type) {
	case *syntax.Literal:
		return literalOf(x.Value)
	case *syntax.Unary:
		return c.unary(x, cx)
	case *syntax.Binary:
		return c.binary(x, cx)
	case *syntax.Between:
		return c.between(x, cx)
	case *syntax.In:
		return c.in(x, cx)
	case *syntax.Index:
		return c.index(x, cx)
	case *syntax.Wildcard:
		c.errorf(x, CodeType, "A star can't stand here.")
	case *syntax.TypeOf:
		c.errorf(x, CodeType, "typeof() can't stand here.")
	case *syntax.EntityGroup:
		c.errorf(x, CodeUnsupported, "Entity groups are not supported.")
	}
	return bad()
}

// literalOf binds a constant; the shape of a dynamic one is plain to see.
func literalOf(v value.Value) expr {
	e := literal(v)
	if v.Type != value.Dynamic || v.Null {
		return e
	}
	switch text := strings.TrimSpace(v.Text); {
	case text == "" || text == "null":
	case text[0] == '[':
		e.t.Shape = catalog.ArrayShape
	case text[0] == '{':
		e.t.Shape = catalog.BagShape
	default:
		e.t.Shape = catalog.ScalarShape
	}
	return e
}

// name binds a name: a column, a variable, a table or a function without
// arguments.
func (c *checker) name(id *syntax.Ident, cx context) bound {
	if f, ok := c.columnOf(id, cx); ok {
		return boundExpr(f.expr())
	}
	if e := cx.elementNamed(id.Name); e != nil {
		return boundExpr(cx.graph.whole(c, e, id))
	}
	if b, ok := c.variable(id, cx); ok {
		return b
	}
	if cx.row != nil && cx.row.open != nil {
		cx.row.infer(id.Name)
		return boundExpr(unseen())
	}
	if b, ok := c.storedName(id, cx); ok {
		return b
	}
	if cx.row == nil {
		c.unknownName(id, CodeUnknownName, "column, table, variable or function", c.visible(cx))
	} else {
		c.unknownName(id, CodeUnknownName, "column, variable or function", c.visible(cx))
	}
	return boundExpr(bad())
}

// columnOf finds a column of the row, and notes the use for editors.
func (c *checker) columnOf(id *syntax.Ident, cx context) (field, bool) {
	if cx.row == nil {
		return field{}, false
	}
	f, ok := cx.row.find(id.Name)
	if ok {
		c.trace.column(id, f)
	}
	return f, ok
}

// variable finds what a let statement, a parameter or as has defined.
func (c *checker) variable(id *syntax.Ident, cx context) (bound, bool) {
	b := cx.env.find(id.Name)
	if b == nil {
		return bound{}, false
	}
	c.trace.variable(id, b)
	switch {
	case b.scalar != nil:
		return bound{e: b.scalar}, true
	case b.table != nil:
		return bound{rel: c.use(b.table)}, true
	case b.fn != nil:
		return c.bare(id, b.fn, cx), true
	}
	return boundExpr(bad()), true
}

// bare binds a function that is named without an argument list: allowed where
// it needs no argument.
func (c *checker) bare(id *syntax.Ident, fn *lambda, cx context) bound {
	for _, p := range fn.def.Params {
		if p.Default == nil {
			c.errorf(id, CodeArguments, "The function '%s' needs an argument list.", id.Name)
			return boundExpr(bad())
		}
	}
	return c.inline(id, id, fn, nil, cx)
}

// storedName finds a stored table or a saved function.
func (c *checker) storedName(id *syntax.Ident, cx context) (bound, bool) {
	if t, ok := c.schema.Table(id.Name); ok {
		c.trace.table(id, t)
		return bound{rel: c.scan(t)}, true
	}
	if fn := c.saved(id.Name); fn != nil {
		c.trace.function(id, fn)
		return c.bare(id, fn, cx), true
	}
	return bound{}, false
}

// sourceName binds a name at a place where a table is expected.
func (c *checker) sourceName(id *syntax.Ident, cx context) bound {
	if b, ok := c.variable(id, cx); ok {
		return b
	}
	if b, ok := c.storedName(id, cx); ok {
		return b
	}
	if len(c.diags) >= maxDiagnostics {
		return boundExpr(bad())
	}
	c.unknownName(id, CodeUnknownTable, "table or tabular function", slices.Concat(cx.env.names(), c.schema.Tables(), c.schema.Functions()))
	return boundExpr(bad())
}

// visible lists the names that an expression could mean.
func (c *checker) visible(cx context) []string {
	var out []string
	if len(c.diags) >= maxDiagnostics {
		return nil
	}
	if cx.row != nil {
		out = append(out, cx.row.names()...)
	}
	if cx.graph != nil {
		for name := range cx.graph.elements {
			out = append(out, name)
		}
	}
	out = append(out, cx.env.names()...)
	if cx.row == nil {
		out = append(out, c.schema.Tables()...)
	}
	return append(out, c.schema.Functions()...)
}

// scan reads a stored table.
func (c *checker) scan(t *Table) *relation {
	s := &plan.Scan{Table: t.Name, Cols: make([]*plan.Column, len(t.Columns)), Stored: make([]string, len(t.Columns))}
	cols := make([]plan.Column, len(t.Columns))
	fields := make([]field, len(t.Columns))
	for i, col := range t.Columns {
		cols[i] = plan.Column{Name: col.Name, Type: col.Type}
		s.Cols[i], s.Stored[i] = &cols[i], cmp.Or(col.Stored, col.Name)
		fields[i] = field{name: col.Name, col: &cols[i], t: scalar(col.Type)}
	}
	c.note(t.Name)
	c.work += len(fields) / 2
	return &relation{node: s, fields: fields, source: t.Name}
}

func (c *checker) note(table string) {
	for _, t := range c.tables {
		if t == table {
			return
		}
	}
	c.tables = append(c.tables, table)
}

// index binds X[I].
func (c *checker) index(x *syntax.Index, cx context) expr {
	base, key := c.scalarOf(x.X, cx), c.scalarOf(x.I, cx)
	if e, ok := tupleElement(base, key); ok {
		return e
	}
	switch {
	case !base.t.known():
		return unseen()
	case !base.t.dynamic():
		c.errorf(x, CodeType, "Only a dynamic value has elements, and this is a %s.", base.t.T)
		return bad()
	case base.t.Shape == catalog.BagShape && key.t.known() && key.t.T != value.String && !key.t.dynamic():
		c.errorf(x.I, CodeType, "A property bag is read by a text.")
	case base.t.Shape == catalog.ArrayShape && key.t.known() && !key.t.T.Integral() && !key.t.dynamic():
		c.errorf(x.I, CodeType, "An array is read by a whole number.")
	case key.t.known() && key.t.T != value.String && !key.t.T.Integral() && !key.t.dynamic():
		c.errorf(x.I, CodeType, "A dynamic value is read by a text or a whole number, and this is a %s.", key.t.T)
	}
	return expr{x: &plan.Access{X: base.x, Key: key.x}, t: scalar(value.Dynamic), weight: base.weight + key.weight + 1}
}

// tupleElement is f(…)[n] of a call that gives several columns: the n-th of them.
func tupleElement(base, key expr) (expr, bool) {
	if len(base.tuple) == 0 || len(base.tuple) == 1 && base.t.dynamic() {
		return expr{}, false
	}
	v, ok := constantOf(key)
	if !ok || !v.Type.Integral() || v.Num < 0 || v.Num >= int64(len(base.tuple)) {
		base.tuple = nil
		return base, true
	}
	e := base.tuple[v.Num].e
	e.tuple = nil
	return e, true
}

// member binds X.Sel: a property, the state of a scan step, a side of a join,
// or a table of another database.
func (c *checker) member(x *syntax.Member, cx context) bound {
	if id, ok := x.X.(*syntax.Ident); ok {
		if b, ok := c.qualified(id, x, cx); ok {
			return b
		}
	}
	if isDatabase(x.X, cx) {
		return c.foreign(x, cx)
	}
	if b, ok := c.patternMember(x, cx); ok {
		return b
	}
	base := c.scalarOf(x.X, cx)
	var key expr
	switch sel := x.Sel.(type) {
	case *syntax.Ident:
		key = literal(value.StringOf(sel.Name))
	case *syntax.Bad:
		return boundExpr(bad())
	default:
		c.errorf(x.Sel, CodeType, "A property name is expected behind the dot.")
		return boundExpr(bad())
	}
	if base.t.known() && !base.t.dynamic() {
		c.errorf(x.Sel, CodeUnknownName, "'%s' can't be read: only a dynamic value has properties, and this is a %s.", c.textOf(x.Sel), base.t.T)
		return boundExpr(bad())
	}
	if !base.t.known() {
		return boundExpr(unseen())
	}
	return boundExpr(expr{x: &plan.Access{X: base.x, Key: key.x}, t: scalar(value.Dynamic), weight: base.weight + 2})
}

func (c *checker) textOf(n syntax.Node) string {
	if n.Pos() < 0 || n.End() > len(c.text) || n.Pos() > n.End() || c.site != nil {
		return "…"
	}
	return c.text[n.Pos():n.End()]
}

// qualified binds $left.a, $right.a and the state of a step.
func (c *checker) qualified(id *syntax.Ident, x *syntax.Member, cx context) (bound, bool) {
	var rel *relation
	switch {
	case id.Name == "$left" && cx.right != nil:
		rel = cx.row
	case id.Name == "$right" && cx.right != nil:
		rel = cx.right
	case cx.steps != nil:
		return cx.steps.read(c, id, x)
	case cx.graph != nil:
		return cx.graph.member(c, id, x, cx)
	}
	if rel == nil {
		return bound{}, false
	}
	sel, ok := x.Sel.(*syntax.Ident)
	if !ok {
		return boundExpr(bad()), true
	}
	cx.row, cx.right = rel, nil
	if f, ok := c.columnOf(sel, cx); ok {
		return boundExpr(f.expr()), true
	}
	if rel.open == nil {
		c.unknownName(sel, CodeUnknownName, "column of the "+strings.TrimPrefix(id.Name, "$")+" side", c.candidates(rel))
	}
	return boundExpr(bad()), true
}
