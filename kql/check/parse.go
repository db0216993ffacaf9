package check

import (
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// parse binds parse and parse-where.
func (c *checker) parse(rel *relation, op *syntax.ParseOp, cx context) *relation {
	src := c.scalarOf(op.X, cx.over(rel))
	node := &plan.Parse{Input: rel.node, Source: textSource(src), Kind: parseKind(op.Param("kind")), Flags: op.Param("flags"), Where: op.Where}
	var made []field
	seen := map[string]bool{}
	for i, p := range op.Pattern {
		switch {
		case p.Star:
			node.Pieces = append(node.Pieces, plan.ParsePiece{Star: true})
		case p.Text != nil:
			node.Pieces = append(node.Pieces, plan.ParsePiece{Text: p.Text.Value.Text})
		case p.Column != nil:
			if i > 0 && op.Pattern[i-1].Text == nil {
				c.errorf(p, CodeValue, "A column must follow a text in the pattern.")
			}
			f := column(p.Column.Name, scalar(parsedType(p)))
			if seen[f.name] {
				c.errorf(p.Column, CodeDuplicate, "The column '%s' is there already.", f.name)
				continue
			}
			seen[f.name] = true
			made = append(made, f)
			node.Pieces = append(node.Pieces, plan.ParsePiece{Col: f.col})
		}
	}
	fields := merged(rel.fields, made)
	node.Out = columnsOf(fields)
	return &relation{node: node, fields: fields, open: rel.open, ordered: rel.ordered}
}

// textSource brings what is parsed to a text.
func textSource(e expr) plan.Expr { return convert(e, value.String).x }

func parsedType(p *syntax.ParsePart) value.Type {
	if p.Type == nil {
		return value.String
	}
	return p.Type.Type
}

func parseKind(kind string) plan.ParseKind {
	switch k := plan.ParseKind(kind); k {
	case plan.ParseRelaxed, plan.ParseRegex:
		return k
	}
	return plan.ParseSimple
}

// merged puts new columns into a table: in the place of those of the same name,
// else behind.
func merged(fields, made []field) []field {
	out := make([]field, 0, len(fields)+len(made))
	for _, f := range fields {
		for _, m := range made {
			if m.name == f.name {
				f = m
			}
		}
		out = append(out, f)
	}
	for _, m := range made {
		if !named(fields, m.name) {
			out = append(out, m)
		}
	}
	return out
}

// parseKV binds parse-kv.
func (c *checker) parseKV(rel *relation, op *syntax.ParseKV, cx context) *relation {
	src := c.scalarOf(op.X, cx.over(rel))
	made := c.schemaFields(op.Schema)
	node := &plan.ParseKV{Input: rel.node, Source: textSource(src), Keys: columnsOf(made)}
	for _, p := range op.Properties {
		c.kvProperty(node, p, cx)
	}
	fields := merged(rel.fields, made)
	node.Out = columnsOf(fields)
	return &relation{node: node, fields: fields, open: rel.open, ordered: rel.ordered}
}

func (c *checker) kvProperty(node *plan.ParseKV, p *syntax.Property, cx context) {
	if p.Name == nil || p.Value == nil {
		return
	}
	v, _ := constantOf(c.propertyValue(p.Value, cx))
	switch p.Name.Name {
	case "pair_delimiter":
		node.PairDelimiter = v.Text
	case "kv_delimiter":
		node.KeyValueDelimiter = v.Text
	case "quote":
		node.Quotes = quotes(v)
	case "escape":
		node.Escape = v.Text
	case "greedy":
		node.Greedy = v.Num != 0
	case "regex":
		node.Regex = v.Text
	default:
		c.errorf(p.Name, CodeParameter, "parse-kv has no property '%s'.", p.Name.Name)
	}
}

// propertyValue binds the value of a property; a word stands for itself.
func (c *checker) propertyValue(x syntax.Expr, cx context) expr {
	if id, ok := x.(*syntax.Ident); ok && cx.env.find(id.Name) == nil {
		switch strings.ToLower(id.Name) {
		case "true", "false":
			return literal(value.BoolOf(strings.EqualFold(id.Name, "true")))
		}
		return literal(value.StringOf(id.Name))
	}
	return c.scalarOf(x, cx)
}

// quotes are the characters that a text or an array of texts names.
func quotes(v value.Value) []string {
	if v.Type == value.Dynamic {
		return textsOf(v)
	}
	if v.Text == "" {
		return nil
	}
	return []string{v.Text}
}

// makeSeries binds make-series.
func (c *checker) makeSeries(rel *relation, op *syntax.MakeSeries, cx context) *relation {
	over := cx.over(rel)
	node := &plan.MakeSeries{Input: rel.node}
	keys := c.keys(op.Keys, over)
	c.distinctNames(keys, newNames())
	aggs := newAggregation()
	aggCx := over
	aggCx.aggs = aggs
	var items []item
	var defaults []plan.Expr
	for _, s := range op.Aggregates {
		list := c.items([]*syntax.NamedExpr{s.X}, aggCx)
		c.onlyAggregates(list, aggs)
		items = append(items, list...)
		defaults = append(defaults, c.seriesDefault(s, list, over))
	}
	names := newNames()
	for _, k := range keys {
		names.add(k.name)
	}
	c.aggregateNames(items, keys, names)
	fields := c.seriesKeys(node, keys)
	fields = append(fields, c.seriesColumns(node, items, defaults, aggs)...)
	axis := c.seriesAxis(node, op, over, names)
	return newRelation(node, append(fields, axis))
}

func (c *checker) seriesDefault(s *syntax.SeriesColumn, list []item, cx context) plan.Expr {
	if s.Default == nil {
		return nil
	}
	e := c.scalarOf(s.Default, cx)
	if len(list) > 0 && list[0].e.t.T.Numeric() && e.t.T.Numeric() {
		e = convert(e, widest(list[0].e.t.T, e.t.T))
	}
	return e.x
}

func (c *checker) seriesKeys(node *plan.MakeSeries, keys []item) []field {
	var fields []field
	for _, k := range keys {
		f := column(k.name, k.e.t)
		if ref, ok := k.e.x.(*plan.Ref); ok && !keyed(node.Keys, ref.Col) {
			f.col = ref.Col
		}
		node.Keys = append(node.Keys, plan.Item{Col: f.col, Expr: k.e.x})
		fields = append(fields, f)
	}
	return fields
}

// seriesColumns turns aggregates into columns of arrays. Each must be one
// aggregate; computing with them is done behind the operator.
func (c *checker) seriesColumns(node *plan.MakeSeries, items []item, defaults []plan.Expr, aggs *aggregation) []field {
	var fields []field
	for i, it := range items {
		f := column(it.name, scalar(value.Dynamic))
		ref, ok := it.e.x.(*plan.Ref)
		if !ok || !aggs.own[ref.Col] {
			if !it.e.missing {
				c.errorf(exprAt(it.at), CodeAggregate, "An aggregate is expected here, and nothing around it.")
			}
			fields = append(fields, f)
			continue
		}
		for _, a := range aggs.aggs {
			if a.Cols[0] == ref.Col {
				a.Cols = []*plan.Column{f.col}
				s := plan.SeriesAgg{Agg: a}
				if i < len(defaults) {
					s.Default = defaults[i]
				}
				node.Aggs = append(node.Aggs, s)
			}
		}
		fields = append(fields, f)
	}
	return fields
}

// seriesAxis binds the axis: its column, bounds and step.
func (c *checker) seriesAxis(node *plan.MakeSeries, op *syntax.MakeSeries, cx context, names *nameTable) field {
	name, on := "", bad()
	if op.On != nil {
		on = c.scalarOf(op.On.X, cx)
		name = c.nameOf(op.On.X)
		if n := op.On.Name(); n != nil {
			name = n.Name
		}
	}
	if name == "" {
		name = "Column1"
	}
	if on.t.known() && !fitsType(catalog.Summable, on.t) {
		c.errorf(op.On, CodeType, "The axis must be a number, datetime or timespan, and this is a %s.", on.t.T)
	}
	f := column(names.unique(name), scalar(value.Dynamic))
	node.On, node.Axis = on.x, f.col
	// No column is seen by the ends and the step, so a variable of the same name is.
	node.From, node.To = c.bound(op.From, on, cx.inner()), c.bound(op.To, on, cx.inner())
	if op.Step != nil {
		node.Step = c.axisStep(op.Step, on, cx.inner())
	}
	return f
}

// bound binds an end of the axis, which must be of the axis' kind.
func (c *checker) bound(x syntax.Expr, on expr, cx context) plan.Expr {
	if x == nil {
		return nil
	}
	e := c.scalarOf(x, cx)
	if !sameKind(e.t.T, on.t.T) {
		c.errorf(x, CodeType, "An end of this axis is a %s, and this is a %s.", on.t.T, e.t.T)
	}
	if on.t.T.Numeric() && e.t.T.Numeric() {
		return convert(e, on.t.T).x
	}
	return e.x
}

// axisStep binds the step of an axis: a timespan along times, a number along
// numbers.
func (c *checker) axisStep(x syntax.Expr, on expr, cx context) plan.Expr {
	e := c.scalarOf(x, cx)
	want := on.t.T
	if want == value.DateTime {
		want = value.TimeSpan
	}
	if !sameKind(e.t.T, want) {
		c.errorf(x, CodeType, "The step of a %s axis is a %s, and this is a %s.", on.t.T, want, e.t.T)
	}
	return e.x
}

// sameKind tells whether two types are equal or both numbers; what is not known
// is not held against anybody.
func sameKind(a, b value.Type) bool {
	return a == b || a == value.Unknown || b == value.Unknown || a.Numeric() && b.Numeric()
}

// topNested binds top-nested.
func (c *checker) topNested(rel *relation, op *syntax.TopNested, cx context) *relation {
	node := &plan.TopNested{Input: rel.node}
	names := newNames()
	var fields []field
	for _, l := range op.Levels {
		level, more := c.nestedLevel(rel, l, names, cx)
		node.Levels = append(node.Levels, level)
		fields = append(fields, more...)
	}
	out := newRelation(node, fields)
	out.ordered = true
	return out
}

func (c *checker) nestedLevel(rel *relation, l *syntax.TopNestedLevel, names *nameTable, cx context) (plan.NestedLevel, []field) {
	over := cx.over(rel)
	level := plan.NestedLevel{Desc: l.By == nil || l.By.Dir != "asc"}
	if l.N != nil {
		level.Count = c.whole(l.N, cx)
	}
	key := item{e: bad()}
	if list := c.items([]*syntax.NamedExpr{l.Of}, over); len(list) > 0 {
		key = list[0]
	}
	c.notDynamic(l.Of, key.e, "top-nested")
	f := column(names.unique(orName(key.name, "Column1")), key.e.t)
	if ref, ok := key.e.x.(*plan.Ref); ok {
		f.col = ref.Col
	}
	level.Item = plan.Item{Col: f.col, Expr: key.e.x}
	if l.Others != nil {
		level.Others = convert(c.scalarOf(l.Others, cx), key.e.t.T).x
	}
	aggs := newAggregation()
	over.aggs = aggs
	agg := item{e: bad()}
	if l.By != nil {
		if list := c.items([]*syntax.NamedExpr{l.By.X}, over); len(list) > 0 {
			agg = list[0]
		}
	}
	name := "aggregated_" + f.name
	if agg.written {
		name = agg.name
	}
	g := column(names.unique(name), agg.e.t)
	if len(aggs.aggs) > 0 {
		level.Agg = aggs.aggs[0]
		level.Agg.Cols = []*plan.Column{g.col}
	} else if !agg.e.missing {
		c.errorf(l, CodeAggregate, "An aggregate is expected behind by.")
	}
	return level, []field{f, g}
}

func orName(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

// reduce binds reduce by: the patterns of a text column.
func (c *checker) reduce(rel *relation, op *syntax.Reduce, cx context) *relation {
	node := &plan.Reduce{Input: rel.node, Threshold: 0.1}
	if op.By != nil {
		node.Source = textSource(c.scalarOf(op.By.X, cx.over(rel)))
	}
	for _, p := range op.Properties {
		if p.Name == nil || p.Value == nil {
			continue
		}
		v, _ := constantOf(c.propertyValue(p.Value, cx))
		switch p.Name.Name {
		case "threshold":
			node.Threshold = value.Convert(v, value.Real).Float
		case "characters":
			node.Chars = v.Text
		}
	}
	fields := []field{column("Pattern", scalar(value.String)), column("Count", scalar(value.Long)), column("Representative", scalar(value.String))}
	node.Cols = columnsOf(fields)
	return newRelation(node, fields)
}
