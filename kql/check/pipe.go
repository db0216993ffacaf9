package check

import (
	"strconv"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// tabular binds the nodes that are tables always; false for others.
func (c *checker) tabular(x syntax.Expr, cx context) (*relation, bool) {
	inner := cx.inner()
	switch x := x.(type) {
	case *syntax.Pipe:
		return c.pipe(x, cx), true
	case *syntax.DataTable:
		return c.dataTable(x, inner), true
	case *syntax.ExternalData:
		return c.externalData(x, inner), true
	case *syntax.Print:
		return c.print(x, inner), true
	case *syntax.Range:
		return c.rangeTable(x, inner), true
	case *syntax.Union:
		return c.union(nil, x, inner), true
	case *syntax.Search:
		return c.search(nil, x, inner), true
	case *syntax.Find:
		return c.find(x, inner), true
	case *syntax.Evaluate:
		return c.evaluate(nil, x, inner), true
	case *syntax.MacroExpand:
		c.errorf(x, CodeUnsupported, "macro-expand is not supported.")
		return c.unknownTable(), true
	}
	return nil, false
}

// pipe binds a source and the operators behind it. What follows an error is
// bound against a table of which nothing is known, so that one mistake gives
// one finding.
func (c *checker) pipe(x *syntax.Pipe, cx context) *relation {
	inner := cx.inner()
	rel := c.pipeSource(x.Source, cx)
	return c.operators(rel, x.Ops, x.Bars, x.End(), inner)
}

func (c *checker) pipeSource(x syntax.Expr, cx context) *relation {
	if cx.row == nil {
		if rel := c.sourceOf(x, cx); rel != nil {
			return rel
		}
		return c.unknownTable()
	}
	if rel := c.sourceOf(x, cx.inner()); rel != nil {
		return rel
	}
	return c.unknownTable()
}

// operators applies operators to a table. Names that as defines are seen by the
// operators behind it.
func (c *checker) operators(rel *relation, ops []syntax.Op, bars []int, end int, cx context) *relation {
	cx.env = cx.env.child()
	for i, op := range ops {
		if !c.spend(len(rel.fields), op) {
			break
		}
		stop := end
		if i+1 < len(bars) {
			stop = bars[i+1]
		}
		cx.row = rel
		c.trace.row(op.Pos(), stop, cx)
		cx.row = nil
		next := c.operator(rel, op, cx)
		if next == nil {
			next = c.unknownTable()
		}
		if !c.checkWidth(next, op) {
			break
		}
		rel = next
	}
	return rel
}

// checkWidth stops at tables with too many columns.
func (c *checker) checkWidth(rel *relation, at syntax.Node) bool {
	if rel == nil || len(rel.fields) <= maxColumns {
		return true
	}
	c.limit(at, "A table can't have more than %d columns.", maxColumns)
	return false
}

// operator applies one operator. cx has no row: each says what its expressions
// can see.
func (c *checker) operator(rel *relation, op syntax.Op, cx context) *relation {
	if out, ok := c.graphStep(rel, op, cx); ok {
		return out
	}
	switch op := op.(type) {
	case *syntax.Where:
		return c.where(rel, op, cx)
	case *syntax.Extend:
		return c.extend(rel, op.Columns, cx)
	case *syntax.Project:
		return c.project(rel, op.Columns, cx)
	case *syntax.Summarize:
		return c.summarize(rel, op, cx)
	case *syntax.Distinct:
		return c.distinct(rel, op, cx)
	case *syntax.Join:
		return c.join(rel, op, cx)
	case *syntax.Lookup:
		return c.lookup(rel, op, cx)
	case *syntax.Union:
		return c.union(rel, op, cx)
	case *syntax.Sort:
		return c.sort(rel, op, cx)
	case *syntax.Top:
		return c.top(rel, op, cx)
	case *syntax.Take:
		return c.take(rel, op.N, false, cx)
	case *syntax.Sample:
		return c.take(rel, op.N, true, cx)
	case *syntax.Count:
		return c.count(rel, op)
	}
	return c.columnOperator(rel, op, cx)
}

func (c *checker) columnOperator(rel *relation, op syntax.Op, cx context) *relation {
	switch op := op.(type) {
	case *syntax.ProjectAway:
		return c.projectAway(rel, op, cx)
	case *syntax.ProjectKeep:
		return c.projectKeep(rel, op, cx)
	case *syntax.ProjectRename:
		return c.projectRename(rel, op, cx)
	case *syntax.ProjectReorder:
		return c.projectReorder(rel, op, cx)
	case *syntax.ProjectByNames:
		return c.projectByNames(rel, op, cx)
	case *syntax.MvExpand:
		return c.mvExpand(rel, op, cx)
	case *syntax.MvApply:
		return c.mvApply(rel, op, cx)
	case *syntax.MakeSeries:
		return c.makeSeries(rel, op, cx)
	case *syntax.ParseOp:
		return c.parse(rel, op, cx)
	case *syntax.ParseKV:
		return c.parseKV(rel, op, cx)
	case *syntax.Evaluate:
		return c.evaluate(rel, op, cx)
	case *syntax.Invoke:
		return c.invoke(rel, op, cx)
	case *syntax.Search:
		return c.search(rel, op, cx)
	}
	return c.rareOperator(rel, op, cx)
}

func (c *checker) rareOperator(rel *relation, op syntax.Op, cx context) *relation {
	switch op := op.(type) {
	case *syntax.SampleDistinct:
		return c.sampleDistinct(rel, op, cx)
	case *syntax.TopHitters:
		return c.topHitters(rel, op, cx)
	case *syntax.TopNested:
		return c.topNested(rel, op, cx)
	case *syntax.Partition:
		return c.partition(rel, op, cx)
	case *syntax.Reduce:
		return c.reduce(rel, op, cx)
	case *syntax.Scan:
		return c.scanOperator(rel, op, cx)
	case *syntax.Serialize:
		out := c.extend(rel, op.Columns, cx)
		out = out.with(&plan.Serialize{Input: out.node})
		out.ordered = true
		return out
	case *syntax.GetSchema:
		return c.getSchema(rel)
	case *syntax.As:
		return c.as(rel, op, cx)
	case *syntax.Render:
		c.renderHint(rel, op)
		return rel
	case *syntax.ExecuteAndCache:
		return rel
	case *syntax.Consume:
		return newRelation(&plan.Take{Input: rel.keep(nil).node, Count: &plan.Literal{Value: value.LongOf(0)}}, nil)
	case *syntax.AssertSchema:
		return c.assertSchema(rel, op)
	case *syntax.MakeGraph:
		return c.makeGraph(rel, op, cx)
	case *syntax.BadOp:
		return c.unknownTable()
	}
	name := "This operator"
	if k := op.Base().Keyword; k != nil {
		name = "'" + k.Name + "'"
	}
	c.errorf(op, CodeUnsupported, "%s is not supported.", name)
	return c.unknownTable()
}

// over is the context of expressions over the rows of a table.
func (cx context) over(rel *relation) context {
	cx.row = rel
	return cx
}

// where binds a filter.
func (c *checker) where(rel *relation, op *syntax.Where, cx context) *relation {
	e := c.predicate(op.X, cx.over(rel))
	return rel.with(&plan.Filter{Input: rel.node, Predicate: e.x})
}

// predicate binds a condition.
func (c *checker) predicate(x syntax.Expr, cx context) expr {
	e := c.scalarOf(x, cx)
	if e.t.known() && e.t.T != value.Bool {
		c.errorf(x, CodeType, "A condition must be a bool, and this is a %s.", e.t.T)
	}
	return e
}

// whole binds a number of rows.
func (c *checker) whole(x syntax.Expr, cx context) plan.Expr {
	e := c.scalarOf(x, cx)
	if e.t.known() && !e.t.T.Integral() {
		c.errorf(x, CodeType, "A whole number is expected here, and this is a %s.", e.t.T)
	} else if !e.missing && !isConstant(e.x) {
		c.errorf(x, CodeConstant, "The number of rows must be a constant.")
	}
	return convert(e, value.Long).x
}

func (c *checker) take(rel *relation, n syntax.Expr, random bool, cx context) *relation {
	return rel.with(&plan.Take{Input: rel.node, Count: c.whole(n, cx), Random: random})
}

// count binds count: one row with the number of rows.
func (c *checker) count(rel *relation, op *syntax.Count) *relation {
	name := "Count"
	if op.As != nil {
		name = op.As.Name
	}
	f := column(name, scalar(value.Long))
	node := &plan.Aggregate{Input: rel.node, Aggs: []plan.Agg{{Func: "count", Cols: []*plan.Column{f.col}}}}
	return newRelation(node, []field{f})
}

// sort binds sort by.
func (c *checker) sort(rel *relation, op *syntax.Sort, cx context) *relation {
	var keys []plan.SortKey
	for _, o := range op.By {
		keys = append(keys, c.sortKey(o, cx.over(rel)))
	}
	out := rel.with(&plan.Sort{Input: rel.node, Keys: keys})
	out.ordered = true
	return out
}

func (c *checker) sortKey(o *syntax.Order, cx context) plan.SortKey {
	e := c.scalarOf(o.X.X, cx)
	c.notDynamic(o.X.X, e, "sort by")
	k := plan.SortKey{Expr: e.x, Desc: o.Dir != "asc"}
	k.NullsFirst = o.Nulls == "first" || o.Nulls == "" && !k.Desc
	return k
}

// notDynamic reports a dynamic value where only plain ones can be compared.
func (c *checker) notDynamic(x syntax.Node, e expr, what string) {
	if e.t.dynamic() {
		d := c.errorf(x, CodeType, "A dynamic value can't be used in %s; convert it, for example by tostring().", what)
		if text := c.textOf(x); text != "…" {
			d.Suggestions = []string{"tostring(" + text + ")"}
		}
	}
}

// top binds top N by.
func (c *checker) top(rel *relation, op *syntax.Top, cx context) *relation {
	n := c.whole(op.N, cx)
	var keys []plan.SortKey
	if op.By != nil {
		keys = append(keys, c.sortKey(op.By, cx.over(rel)))
	}
	out := rel.with(&plan.Top{Input: rel.node, Count: n, Keys: keys})
	out.ordered = true
	return out
}

// as gives a table a name that the rest of the pipe and later statements can
// use.
func (c *checker) as(rel *relation, op *syntax.As, cx context) *relation {
	if op.Name == nil {
		return rel
	}
	s := c.share(op.Name.Name, rel, false)
	b := &binding{name: op.Name.Name, at: op.Name, table: s}
	cx.env.define(b)
	if cx.env.parent != nil {
		c.root.define(b)
	}
	out := c.use(s)
	out.source = op.Name.Name
	return out
}

// getSchema is a table of the columns.
func (c *checker) getSchema(rel *relation) *relation {
	fields := []field{column("ColumnName", scalar(value.String)), column("ColumnOrdinal", scalar(value.Long)),
		column("DataType", scalar(value.String)), column("ColumnType", scalar(value.String))}
	v := &plan.Values{Cols: columnsOf(fields)}
	for i, f := range rel.fields {
		v.Rows = append(v.Rows, []value.Value{value.StringOf(f.name), value.LongOf(int64(i)), value.StringOf(dataTypes[f.t.T]), value.StringOf(f.t.T.String())})
	}
	return newRelation(v, fields)
}

// dataTypes are the names that getschema prints as DataType.
var dataTypes = map[value.Type]string{
	value.Bool: "System.SByte", value.Int: "System.Int32", value.Long: "System.Int64", value.Real: "System.Double",
	value.Decimal: "System.Data.SqlTypes.SqlDecimal", value.DateTime: "System.DateTime", value.TimeSpan: "System.TimeSpan",
	value.Guid: "System.Guid", value.String: "System.String", value.Dynamic: "System.Object",
}

// assertSchema compares the columns with what is asserted.
func (c *checker) assertSchema(rel *relation, op *syntax.AssertSchema) *relation {
	if rel.open != nil || op.Schema == nil {
		return rel
	}
	for _, col := range op.Schema.Columns {
		f, ok := rel.find(col.Name.Name)
		if !ok {
			c.errorf(col, CodeUnknownName, "The table has no column '%s'.", col.Name.Name)
		} else if f.t.known() && f.t.T != col.Type.Type {
			c.errorf(col, CodeType, "The column '%s' is a %s.", f.name, f.t.T)
		}
	}
	return rel
}

// renderHint notes the chart that the query asks for.
func (c *checker) renderHint(rel *relation, op *syntax.Render) {
	if op.Chart == nil || c.site != nil {
		return
	}
	r := &plan.Render{Kind: op.Chart.Name, Properties: map[string]string{}}
	for _, p := range op.Properties {
		if p.Name == nil {
			continue
		}
		r.Properties[p.Name.Name] = c.renderValue(p)
	}
	c.render = r
}

func (c *checker) renderValue(p *syntax.RenderProperty) string {
	out := ""
	for i, n := range p.Names {
		if i > 0 {
			out += ","
		}
		out += n.Name
	}
	switch v := p.Value.(type) {
	case *syntax.Ident:
		return v.Name
	case *syntax.Literal:
		return literalText(v.Value)
	case nil:
		return out
	}
	return c.textOf(p.Value)
}

func literalText(v value.Value) string {
	switch {
	case v.Type == value.Bool:
		return strconv.FormatBool(v.Num != 0)
	case v.Type.Integral():
		return strconv.FormatInt(v.Num, 10)
	case v.Type == value.Real:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	}
	return v.Text
}
