package check

import (
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// plugin is a call of evaluate while it is bound.
type plugin struct {
	fn    *catalog.Function
	op    *syntax.Evaluate
	input *relation // nil at the start of a pipe
	args  []argument
	names map[string]argument // named arguments
	table *relation           // the first table among the arguments
	node  *plan.Plugin
}

// evaluate binds evaluate.
func (c *checker) evaluate(rel *relation, op *syntax.Evaluate, cx context) *relation {
	if op.Plugin == nil {
		return c.unknownTable()
	}
	name := op.Plugin.Name
	fn := catalog.PluginFunction(name.Name)
	if fn == nil {
		var names []string
		for _, f := range catalog.PluginFunctions() {
			names = append(names, f.Name)
		}
		c.unknownName(name, CodeUnknownPlugin, "plugin", names)
		return c.unknownTable()
	}
	p := &plugin{fn: fn, op: op, input: rel, names: map[string]argument{}}
	p.node = &plan.Plugin{Name: fn.Name, Offset: op.Plugin.Pos()}
	if rel != nil {
		p.input = c.settled(rel)
		p.node.Input = p.input.node
	}
	if !c.pluginArguments(p, cx) {
		return c.unknownTable()
	}
	out := c.pluginResult(p)
	if op.Schema != nil {
		out = c.pluginSchema(p, out)
	}
	return out
}

// pluginArguments binds the arguments: tables, columns of the input or of the
// table that is looked up, and values.
func (c *checker) pluginArguments(p *plugin, cx context) bool {
	over := cx.over(p.input)
	if p.input == nil {
		over = cx
	}
	over.aggs = newAggregation()
	low, high := catalog.Many, 0
	for i := range p.fn.Signatures {
		l, h := p.fn.Signatures[i].Bounds()
		low, high = min(low, l), max(high, h)
	}
	if n := len(p.op.Plugin.Args); n < low || n > high {
		c.errorf(p.op.Plugin.Name, CodeArguments, "%s", strings.Replace(wrongCount(p.fn, n), "function", "plugin", 1))
		return false
	}
	sig := &p.fn.Signatures[0]
	for i, a := range p.op.Plugin.Args {
		arg := c.pluginArgument(p, sig, i, a, over)
		if n := a.Name(); n != nil {
			p.names[n.Name] = arg
		}
		p.args = append(p.args, arg)
		switch {
		case arg.table != nil:
			p.node.Tables = append(p.node.Tables, arg.table.node)
		case arg.typ == nil:
			p.node.Args = append(p.node.Args, arg.e.x)
		}
	}
	p.node.Aggs = over.aggs.aggs
	return true
}

func (c *checker) pluginArgument(p *plugin, sig *catalog.Signature, i int, a *syntax.NamedExpr, cx context) argument {
	param := sig.Params[min(i, len(sig.Params)-1)]
	switch {
	case param.Class == catalog.Table && a.Name() == nil && i == 0:
		p.table = c.settled(c.operand(a.X, cx))
		return argument{x: a.X, named: a, table: p.table, e: bad()}
	case param.Form == catalog.LookupColumn && p.table != nil:
		cx.row = p.table
	}
	arg := c.argument(a, cx)
	if i > 0 && len(sig.Params) > i && sig.Params[i].Form == catalog.Column && a.Name() == nil && !arg.e.missing && arg.table == nil && !isColumn(arg.e) {
		c.errorf(a.X, CodeNotColumn, "A column is expected here.")
	}
	return arg
}

// field is an argument that is a column.
func (p *plugin) field(c *checker, i int) (field, bool) {
	if i >= len(p.args) {
		return field{}, false
	}
	ref, ok := p.args[i].e.x.(*plan.Ref)
	if !ok {
		return field{}, false
	}
	return field{c.nameOf(p.args[i].x), ref.Col, p.args[i].e.t}, true
}

// pluginResult works out the columns.
func (c *checker) pluginResult(p *plugin) *relation {
	switch p.fn.Name {
	case "bag_unpack":
		return c.bagUnpack(p)
	case "pivot":
		return c.pivot(p)
	case "ipv4_lookup", "ipv6_lookup":
		return c.lookupPlugin(p, p.extraKeys(c, 3))
	case "geo_polygon_lookup", "geo_line_lookup":
		drop := map[string]bool{}
		if v, _ := constantOf(p.names["return_lookup_key"].e); v.Num == 0 {
			drop[c.nameOf(p.args[1].x)] = true
		}
		return c.lookupPlugin(p, drop)
	case "identity", "rows_near":
		return c.passPlugin(p)
	case "dcount_intersect":
		var more []field
		for i := range p.args {
			more = append(more, column("s"+itoa(i), scalar(value.Long)))
		}
		return c.pluginOf(p, append(p.columns(), more...))
	case "python", "r":
		return c.scriptPlugin(p)
	}
	spec, ok := pluginColumns[p.fn.Name]
	if !ok {
		c.errorf(p.op.Plugin, CodeUnsupported, "The plugin '%s' is not supported.", p.fn.Name)
		return c.unknownTable()
	}
	return c.pluginOf(p, c.specFields(p, spec))
}

func (p *plugin) columns() []field {
	if p.input == nil {
		return nil
	}
	return p.input.fields
}

// pluginColumns writes down the columns of plugins: name:type for a column of
// its own, @n for the column that argument n names, from_@n a new one called
// after it, @n.. for the columns that the arguments from n on name, * for the
// columns of the input.
var pluginColumns = map[string]string{
	"narrow":                     "Row:long Column:string Value:string",
	"estimate_rows_count":        "EstimatedRowsCount:long",
	"autocluster":                "SegmentId:long Count:long Percent:real *",
	"basket":                     "SegmentId:long Count:long Percent:real *",
	"diffpatterns":               "SegmentId:long CountA:long CountB:long PercentA:real PercentB:real PercentDiffAB:real *",
	"active_users_count":         "@1 @8.. dcount:long",
	"activity_counts_metrics":    "@1 @5.. count:long dcount:long new_dcount:long aggregated_dcount:long",
	"activity_engagement":        "@1 @6.. dcount_activities_inner:long dcount_activities_outer:long activity_ratio:real",
	"activity_metrics":           "@1 @5.. dcount_values:long dcount_newvalues:long retention_rate:real churn_rate:real",
	"new_activity_metrics":       "from_@1 to_@1 @6.. dcount_new_values:long dcount_retained_values:long dcount_churn_values:long retention_rate:real churn_rate:real",
	"session_count":              "@1 @6.. count_sessions:long",
	"sliding_window_counts":      "@1 @6.. Count:long Dcount:long",
	"rolling_percentile":         "@2 @5.. rolling@0:percentile",
	"funnel_sequence":            "@1 prev@6 next@6 dcount:long samples:dynamic",
	"funnel_sequence_completion": "@1 @5:string Period:timespan dcount:long",
	"infer_storage_schema":       "CslSchema:string",
	"http_request":               "ResponseHeaders:dynamic ResponseBody:dynamic",
	"http_request_post":          "ResponseHeaders:dynamic ResponseBody:dynamic",
}

// specFields makes the columns that a text of pluginColumns writes down.
func (c *checker) specFields(p *plugin, spec string) []field {
	var out []field
	for _, word := range strings.Fields(spec) {
		head, of, isArg := strings.Cut(word, "@")
		if word == "*" {
			for _, f := range p.columns() {
				out = append(out, column(f.name, f.t))
			}
			continue
		}
		if !isArg {
			name, kind, _ := strings.Cut(word, ":")
			t, _ := value.ParseType(kind)
			out = append(out, column(name, scalar(t)))
			continue
		}
		out = append(out, c.argFields(p, head, of)...)
	}
	return out
}

func (c *checker) argFields(p *plugin, head, of string) []field {
	num, kind, _ := strings.Cut(of, ":")
	num, all := strings.CutSuffix(num, "..")
	i := int(num[0] - '0')
	if all {
		var out []field
		for ; i < len(p.args); i++ {
			if f, ok := p.field(c, i); ok {
				out = append(out, column(f.name, f.t))
			}
		}
		return out
	}
	f, ok := p.field(c, i)
	if !ok {
		f = field{name: c.nameOf(p.args[min(i, len(p.args)-1)].x), t: p.args[min(i, len(p.args)-1)].e.t}
	}
	switch {
	case kind == "percentile":
		pct, bins := percentileSuffix(p.args[1].e), percentileSuffix(p.args[4].e)
		return []field{column("rolling_"+bins+"_percentile_"+f.name+"_"+pct, percentileType(f.t))}
	case kind != "":
		t, _ := value.ParseType(kind)
		return []field{column(f.name, scalar(t))}
	case strings.HasSuffix(head, "_"):
		return []field{column(head+f.name, f.t)}
	case head != "":
		return []field{column(head, f.t)}
	}
	return []field{column(f.name, f.t)}
}

// pluginOf finishes a plugin whose columns are known.
func (c *checker) pluginOf(p *plugin, fields []field) *relation {
	fresh := make([]field, len(fields))
	names := newNames()
	for i, f := range fields {
		fresh[i] = column(names.unique(f.name), f.t)
	}
	p.node.Cols = columnsOf(fresh)
	return newRelation(p.node, fresh)
}

// passPlugin is a plugin that gives rows of its input.
func (c *checker) passPlugin(p *plugin) *relation {
	out := c.pluginOf(p, p.columns())
	if p.input != nil {
		out.open, out.ordered = p.input.open, p.input.ordered
	}
	return out
}

func (c *checker) scriptPlugin(p *plugin) *relation {
	c.errorf(p.op.Plugin, CodeUnsupported, "Scripts can't be run.")
	return c.unknownTable()
}

// extraKeys are the columns of the looked-up table that are also keys.
func (p *plugin) extraKeys(c *checker, from int) map[string]bool {
	out := map[string]bool{}
	for _, a := range p.args[min(from, len(p.args)):] {
		if id := identOf(a.x); id != nil && a.named.Name() == nil {
			out[id.Name] = true
		}
	}
	return out
}

// lookupPlugin gives the columns of the input and of the looked-up table, but
// for those that are left out.
func (c *checker) lookupPlugin(p *plugin, drop map[string]bool) *relation {
	var rest []field
	if p.table != nil {
		for _, f := range p.table.fields {
			if !drop[f.name] {
				rest = append(rest, f)
			}
		}
	}
	out := c.pluginOf(p, joined(p.columns(), rest))
	if p.input != nil && p.table != nil {
		out.open = firstOpen(p.input, p.table)
	}
	return out
}

// bagUnpack gives the columns of the input without the bag; the others only the
// data can tell.
func (c *checker) bagUnpack(p *plugin) *relation {
	if len(p.args) > 0 {
		if t := p.args[0].e.t; t.known() && !t.dynamic() && t.T != value.String {
			c.errorf(p.args[0].x, CodeType, "A dynamic column is expected here, and this is a %s.", t.T)
		}
	}
	var fields []field
	bag, isColumn := p.field(c, 0)
	for _, f := range p.columns() {
		if !isColumn || f.col != bag.col {
			fields = append(fields, f)
		}
	}
	return c.openPlugin(p, fields)
}

// pivot gives the columns that the rows are kept apart by; the others only the
// data can tell. In the plan the arguments are written out: the column, the
// aggregate, the columns that are kept.
func (c *checker) pivot(p *plugin) *relation {
	var fields []field
	pivot, _ := p.field(c, 0)
	if len(p.args) == 1 {
		n := column("count_", scalar(value.Long))
		p.node.Aggs = []plan.Agg{{Func: "count", Cols: []*plan.Column{n.col}}}
		p.node.Args = append(p.node.Args, n.ref())
	}
	if len(p.args) > 2 {
		for i := 2; i < len(p.args); i++ {
			if f, ok := p.field(c, i); ok {
				fields = append(fields, f)
			}
		}
		return c.openPlugin(p, fields)
	}
	used := map[string]bool{pivot.name: true}
	if len(p.args) > 1 {
		for _, n := range usedNames(p.args[1].x) {
			used[n] = true
		}
	}
	for _, f := range p.columns() {
		if !used[f.name] {
			fields = append(fields, f)
			p.node.Args = append(p.node.Args, f.ref())
		}
	}
	return c.openPlugin(p, fields)
}

// openPlugin finishes a plugin that gives further columns. Those that the data
// has shown are put behind.
func (c *checker) openPlugin(p *plugin, fields []field) *relation {
	shown, ok := c.opts.PluginColumns[p.node.Offset]
	for _, col := range shown {
		if !named(fields, col.Name) {
			fields = append(fields, field{name: col.Name, t: scalar(col.Type)})
		} else {
			for i := range fields {
				if fields[i].name == col.Name {
					fields[i].t = scalar(col.Type)
				}
			}
		}
	}
	out := c.pluginOf(p, fields)
	if !ok {
		p.node.Open = true
		out.open = p.node
		c.open = append(c.open, p.node)
	}
	return out
}

// pluginSchema applies the schema that is written behind the call: its columns
// and, with a star, those of the input before them.
func (c *checker) pluginSchema(p *plugin, out *relation) *relation {
	written := c.schemaFields(p.op.Schema)
	var fields []field
	if p.op.Schema.Open {
		for _, f := range out.fields {
			if !named(written, f.name) {
				fields = append(fields, f)
			}
		}
	}
	if p.node.Open {
		p.node.Open = false
		c.open = c.open[:len(c.open)-1]
	}
	return c.pluginOf(p, append(fields, written...))
}
