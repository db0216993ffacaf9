package check

import (
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// form binds a call that is no function of values only.
type form func(*checker, *syntax.Call, context) bound

// specialForms are the names with a form of their own.
var specialForms map[string]form

// ownCalls are library functions whose call in the plan is not simply the call
// with its arguments; false: it is after all.
var ownCalls map[string]func(*checker, *syntax.Call, []argument, context) (expr, bool)

func init() {
	specialForms = map[string]form{
		"toscalar": (*checker).toScalar, "materialize": (*checker).materialize, "table": (*checker).tableCall,
		"materialized_view": (*checker).tableCall, "external_table": (*checker).tableCall, "stored_query_result": (*checker).tableCall,
		"pack_all": (*checker).packAll, "bag_pack_columns": (*checker).packColumns,
		"column_ifexists": (*checker).columnIfExists, "columnifexists": (*checker).columnIfExists, "iscolumnexists": (*checker).isColumn,
		"column_names_of": (*checker).columnNames,
	}
	ownCalls = map[string]func(*checker, *syntax.Call, []argument, context) (expr, bool){
		"now": (*checker).now, "ago": (*checker).ago, "pack_array": (*checker).packArray, "replace": (*checker).oldReplace,
		"bin_auto": (*checker).binAuto,
	}
}

// toScalar binds toscalar(table).
func (c *checker) toScalar(x *syntax.Call, cx context) bound {
	if !c.oneArgument(x) {
		return boundExpr(bad())
	}
	b := c.bindArgument(x.Args[0].X, cx)
	switch {
	case b.e != nil:
		return b
	case b.rel == nil:
		c.errorf(x.Args[0], CodeNotTable, "A table is expected here.")
		return boundExpr(bad())
	case len(b.rel.fields) == 0:
		if b.rel.open == nil {
			c.errorf(x.Args[0], CodeNotTable, "The table has no column.")
		}
		return boundExpr(bad())
	}
	first := b.rel.fields[0]
	rel := b.rel
	if cols := rel.node.Columns(); len(cols) == 0 || cols[0] != first.col {
		rel = rel.keep(rel.fields[:1])
	}
	if first.col == nil {
		return boundExpr(bad())
	}
	return boundExpr(leaf(&plan.ToScalar{Node: rel.node}, first.t))
}

// bindArgument binds an argument that is a table most likely.
func (c *checker) bindArgument(x syntax.Expr, cx context) bound {
	inner := cx.inner()
	if id, ok := unparen(x).(*syntax.Ident); ok {
		if cx.row != nil {
			if f, ok := cx.row.find(id.Name); ok {
				return boundExpr(f.expr())
			}
		}
		return c.sourceName(id, inner)
	}
	return c.bind(x, inner)
}

func (c *checker) oneArgument(x *syntax.Call) bool {
	if len(x.Args) != 1 {
		c.errorf(x.Name, CodeArguments, "'%s' takes 1 argument, not %d.", x.Name.Name, len(x.Args))
		return false
	}
	return true
}

// materialize binds materialize(table).
func (c *checker) materialize(x *syntax.Call, cx context) bound {
	if !c.oneArgument(x) {
		return boundExpr(bad())
	}
	rel := c.sourceOf(x.Args[0].X, cx.inner())
	if rel == nil {
		return boundExpr(bad())
	}
	if rel.graph != nil {
		rel.graph.nodes.plan.Materialize, rel.graph.edges.plan.Materialize = true, true
		return boundTable(rel)
	}
	out := rel.with(rel.node)
	out.materialize = true
	return boundTable(out)
}

// tableCall binds table("name") and its like.
func (c *checker) tableCall(x *syntax.Call, cx context) bound {
	if len(x.Args) == 0 {
		c.errorf(x.Name, CodeArguments, "'%s' takes the name of a table.", x.Name.Name)
		return boundExpr(bad())
	}
	e := c.scalarOf(x.Args[0].X, cx)
	v, ok := constantOf(e)
	if !ok || v.Type != value.String {
		if e.placeholder || e.missing {
			return boundTable(c.unknownTable())
		}
		c.errorf(x.Args[0], CodeConstant, "The name of the table must be a constant text.")
		return boundExpr(bad())
	}
	if t, ok := c.schema.Table(v.Text); ok {
		return boundTable(c.scan(t))
	}
	c.unknownName(&syntax.Ident{Span: syntax.Span{Start: x.Args[0].Pos(), Stop: x.Args[0].End()}, Name: v.Text}, CodeUnknownTable, "table", c.schema.Tables())
	return boundExpr(bad())
}

// unknownTable stands for a table that could not be bound: every column name is
// good.
func (c *checker) unknownTable() *relation {
	return &relation{node: &plan.Values{}, open: openTable, ordered: true}
}

// databases are the calls whose members are tables and functions.
var databases = map[string]bool{"database": true, "cluster": true, "workspace": true, "app": true, "adx": true, "resource": true}

// isDatabase tells whether an expression names a database or cluster.
func isDatabase(x syntax.Expr, cx context) bool {
	switch x := x.(type) {
	case *syntax.Call:
		return databases[x.Name.Name] && cx.env.find(x.Name.Name) == nil
	case *syntax.Member:
		call, ok := x.Sel.(*syntax.Call)
		return ok && call.Name.Name == "database" && isDatabase(x.X, cx)
	}
	return false
}

// foreign binds a table or function of a named database, which stands for the
// one database there is.
func (c *checker) foreign(x *syntax.Member, cx context) bound {
	switch sel := x.Sel.(type) {
	case *syntax.Ident:
		if b, ok := c.storedName(sel, cx.inner()); ok {
			return b
		}
		c.unknownName(sel, CodeUnknownTable, "table", c.schema.Tables())
	case *syntax.Call:
		if sel.Name.Name == "table" {
			return c.tableCall(sel, cx)
		}
		return c.call(sel, cx.inner())
	default:
		c.errorf(x.Sel, CodeNotTable, "A table is expected here.")
	}
	return boundExpr(bad())
}

// now and ago are the time of the query, which is known.
func (c *checker) now(_ *syntax.Call, args []argument, _ context) (expr, bool) {
	e := literal(value.DateTimeOf(c.opts.Now))
	if len(args) == 0 {
		return e, true
	}
	return c.folded(call("+", scalar(value.DateTime), e, args[0].e)), true
}

func (c *checker) ago(_ *syntax.Call, args []argument, _ context) (expr, bool) {
	return c.folded(call("-", scalar(value.DateTime), literal(value.DateTimeOf(c.opts.Now)), args[0].e)), true
}

// oldReplace is replace_regex with its arguments in another order.
func (c *checker) oldReplace(_ *syntax.Call, args []argument, _ context) (expr, bool) {
	text := func(i int) expr { return convert(args[i].e, value.String) }
	return call("replace_regex", scalar(value.String), text(2), text(0), text(1)), true
}

// binAuto is bin, or bin_at, by the options of the request.
func (c *checker) binAuto(_ *syntax.Call, args []argument, _ context) (expr, bool) {
	size, ok := c.settings["query_bin_auto_size"]
	if !ok {
		return expr{}, false
	}
	if at, ok := c.settings["query_bin_auto_at"]; ok {
		return call("bin_at", args[0].e.t, args[0].e, size, at), true
	}
	return call("bin", args[0].e.t, args[0].e, size), true
}

// packArray writes out pack_array(*).
func (c *checker) packArray(x *syntax.Call, args []argument, cx context) (expr, bool) {
	if len(args) != 1 || !args[0].star {
		return expr{}, false
	}
	var xs []expr
	if cx.row != nil && c.spend(len(cx.row.fields), x) {
		for _, f := range cx.row.fields {
			xs = append(xs, f.expr())
		}
	}
	return call("pack_array", typ{value.Dynamic, catalog.ArrayShape}, xs...), true
}

// packAll writes out pack_all(): bag_pack of all columns under their names.
// With the argument true, what is null or empty is left out.
func (c *checker) packAll(x *syntax.Call, cx context) bound {
	fn := "bag_pack"
	for _, a := range x.Args {
		v, ok := constantOf(c.scalarOf(a.X, cx))
		if !ok {
			c.errorf(a, CodeConstant, "The argument must be true or false.")
		} else if v.Num != 0 {
			fn = "bag_pack_present"
		}
	}
	if cx.row == nil || !c.spend(len(cx.row.fields), x) {
		return boundExpr(call(fn, typ{value.Dynamic, catalog.BagShape}))
	}
	return boundExpr(packed(fn, cx.row.fields))
}

func packed(fn string, fields []field) expr {
	xs := make([]expr, 0, 2*len(fields))
	for _, f := range fields {
		xs = append(xs, literal(value.StringOf(f.name)), f.expr())
	}
	return call(fn, typ{value.Dynamic, catalog.BagShape}, xs...)
}

// packColumns writes out bag_pack_columns(a, b).
func (c *checker) packColumns(x *syntax.Call, cx context) bound {
	if len(x.Args) == 0 {
		c.errorf(x.Name, CodeArguments, "The function 'bag_pack_columns' takes at least 1 argument.")
	}
	var fields []field
	for _, a := range x.Args {
		if w, ok := a.X.(*syntax.Wildcard); ok && cx.row != nil {
			if c.spend(len(cx.row.fields), w) {
				fields = append(fields, matching(cx.row.fields, w.Pattern)...)
			}
			continue
		}
		e := c.scalarOf(a.X, cx)
		if ref, ok := e.x.(*plan.Ref); ok {
			fields = append(fields, field{name: c.nameOf(a.X), col: ref.Col, t: e.t})
		} else if !e.missing && e.t.known() {
			c.errorf(a, CodeNotColumn, "A column is expected here.")
		}
	}
	return boundExpr(packed("bag_pack", fields))
}

// matching lists the fields whose names match a pattern with stars.
func matching(fields []field, pattern string) []field {
	var out []field
	for _, f := range fields {
		if matchStar(pattern, f.name) {
			out = append(out, f)
		}
	}
	return out
}

// matchStar tells whether a name matches a pattern in which a star stands for
// any text.
func matchStar(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	rest := name[len(first) : len(name)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return true
}

// columnIfExists binds column_ifexists("name", default).
func (c *checker) columnIfExists(x *syntax.Call, cx context) bound {
	if len(x.Args) != 2 {
		c.errorf(x.Name, CodeArguments, "The function '%s' takes 2 arguments, not %d.", x.Name.Name, len(x.Args))
		return boundExpr(bad())
	}
	other := c.scalarOf(x.Args[1].X, cx)
	if id, ok := x.Args[0].X.(*syntax.Ident); ok && cx.row != nil {
		if f, ok := cx.row.find(id.Name); ok && f.t.T != value.String {
			c.errorf(id, CodeConstant, "The name of the column must be a constant text.")
			return boundExpr(other)
		}
	}
	e := c.scalarOf(x.Args[0].X, cx)
	v, ok := constantOf(e)
	switch {
	case !ok && (e.missing || e.placeholder):
		return boundExpr(leaf(bad().x, other.t))
	case !ok || v.Type != value.String:
		c.errorf(x.Args[0], CodeConstant, "The name of the column must be a constant text.")
		return boundExpr(other)
	}
	if cx.row == nil {
		return boundExpr(other)
	}
	f, found := cx.row.find(v.Text)
	switch {
	case found:
		e := f.expr()
		return boundExpr(e)
	case cx.row.open != nil:
		return boundExpr(leaf(other.x, other.t))
	}
	return boundExpr(other)
}

// isColumn binds iscolumnexists("name").
func (c *checker) isColumn(x *syntax.Call, cx context) bound {
	if !c.oneArgument(x) {
		return boundExpr(bad())
	}
	v, _ := constantOf(c.scalarOf(x.Args[0].X, cx))
	found := false
	if cx.row != nil {
		_, found = cx.row.find(v.Text)
	}
	return boundExpr(literal(value.BoolOf(found)))
}

// columnNames binds column_names_of(table): a constant array.
func (c *checker) columnNames(x *syntax.Call, cx context) bound {
	if !c.oneArgument(x) {
		return boundExpr(bad())
	}
	rel := c.tableOf(x.Args[0].X, cx.inner())
	if rel == nil {
		return boundExpr(bad())
	}
	items := make([]value.JSON, 0, len(rel.fields))
	for _, f := range rel.fields {
		items = append(items, value.TextJSON(f.name))
	}
	e := literal(value.JSONOf(value.ArrayOf(items...).String()))
	e.t.Shape = catalog.ArrayShape
	return boundExpr(e)
}
