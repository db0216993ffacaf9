package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// makeSeries groups twice: rows into steps of the axis, and the steps of each
// key into arrays, with defaults for the steps that have no row.
func (c *compiler) makeSeries(n *plan.MakeSeries) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	if r.part != nil {
		return c.failed("make-series within mv-apply or partition")
	}
	on := c.column(n.On.Type())
	exprs := []plan.Expr{n.On}
	for _, k := range n.Keys {
		exprs = append(exprs, k.Expr)
	}
	if r.wide || !c.cheap(r, exprs...) {
		r = c.seal(r, n.Input.Columns())
	}
	next := *r
	next.cols = make(map[*plan.Column]val, len(r.cols)+1)
	for col, v := range r.cols {
		next.cols[col] = v
	}
	next.cols[on] = c.scalar(n.On, r)
	for _, k := range n.Keys {
		next.cols[k.Col] = c.scalar(k.Expr, r)
	}
	if c.err != nil {
		return nil
	}
	kept := c.kept(&next, n, on)
	if kept == nil {
		return nil
	}
	return c.gathered(n, kept, on)
}

// kept makes the rows a table of its own where its extremes are asked for too.
func (c *compiler) kept(r *rel, n *plan.MakeSeries, on *plan.Column) *rel {
	cols := append(n.Input.Columns(), on)
	for _, k := range n.Keys {
		cols = append(cols, k.Col)
	}
	cols = dedupe(cols)
	if n.From != nil && n.To != nil {
		return c.seal(r, cols)
	}
	if c.d.spelling().repeatsTables && chance(n.Input) != none {
		return c.failed("make-series whose ends rows tell that are a matter of chance")
	}
	q, t := c.closed(r, cols, false)
	name := "s" + itoa(len(c.ctes)+1)
	c.ctes = append(c.ctes, CTE{Name: name, Query: q, Materialize: true})
	as := t.from.(*Sub).As
	t.from = &Table{Name: name, As: as}
	return t
}

// axis is the first step, the number of steps and their width. Where the data
// tells the ends, low and steps are columns that hold them.
type axis struct {
	from, step val
	count      Expr
	low, steps *plan.Column
}

// at is the axis as it is read from a table.
func (a axis) at(r *rel) axis {
	if a.low != nil {
		a.from, a.count = r.cols[a.low], r.cols[a.steps].Expr
	}
	return a
}

// keys are the columns of the axis as keys of a group.
func (a axis) keys() []*plan.Column {
	if a.low == nil {
		return nil
	}
	return []*plan.Column{a.low, a.steps}
}

// axisOf finds the axis. Where the data tells an end, it is put beside each row.
func (c *compiler) axisOf(n *plan.MakeSeries, r *rel, on *plan.Column) axis {
	empty := &rel{cols: map[*plan.Column]val{}}
	a := axis{step: c.scalar(n.Step, empty)}
	table, _ := r.from.(*Table)
	bound := func(e plan.Expr, name string) Expr {
		if e != nil {
			return c.typed(c.convert(c.scalar(e, empty), on.Type))
		}
		return &Func{Name: name, Args: []Expr{&Col{Table: table.As, Name: c.name(on)}}}
	}
	f, t, s := bound(n.From, "min"), bound(n.To, "max"), c.typed(a.step)
	if n.From == nil {
		f = c.d.floorTo(f, s, on.Type)
	}
	span := Expr(&Binary{Op: "-", L: t, R: f})
	a.count = c.d.ceiling(span, s, on.Type)
	if n.To == nil {
		a.count = &Binary{Op: "+", L: c.d.floorQuotient(span, s, on.Type), R: Number("1")}
	}
	a.from = val{Expr: f, t: on.Type}
	if table != nil && (n.From == nil || n.To == nil) {
		a.low, a.steps = c.column(on.Type), c.column(value.Long)
		q := &Select{From: &Table{Name: table.Name, As: table.As}, Items: []Item{{Expr: f, As: c.name(a.low)}, {Expr: a.count, As: c.name(a.steps)}}}
		as := c.alias()
		r.from = &JoinFrom{Kind: "CROSS JOIN", L: r.from, R: &Sub{Query: q, As: as}}
		r.cols[a.low] = val{Expr: &Col{Table: as, Name: c.name(a.low)}, t: on.Type, null: true}
		r.cols[a.steps] = val{Expr: &Col{Table: as, Name: c.name(a.steps)}, t: value.Long, null: true}
	}
	return a.at(r)
}

func (c *compiler) gathered(n *plan.MakeSeries, r *rel, on *plan.Column) *rel {
	a := c.axisOf(n, r, on)
	if c.err != nil {
		return nil
	}
	at := r.cols[on].Expr
	offset := &Binary{Op: "-", L: at, R: c.typed(a.from)}
	r.where = append(r.where, &Binary{Op: ">=", L: at, R: c.typed(a.from)})
	index := c.column(value.Long)
	r.cols[index] = val{Expr: c.d.floorQuotient(offset, c.typed(a.step), on.Type), t: value.Long, null: true}
	r.where = append(r.where, &Binary{Op: "<", L: r.cols[index].Expr, R: a.count})
	g := c.group(r)
	for _, k := range n.Keys {
		g.key(k.Col, r.cols[k.Col])
	}
	for _, col := range append(a.keys(), index) {
		g.key(col, r.cols[col])
	}
	var values []*plan.Column
	for _, agg := range n.Aggs {
		col := c.column(aggregateType(agg))
		g.aggregate(plan.Agg{Func: agg.Func, Args: agg.Args, Cols: []*plan.Column{col}})
		values = append(values, col)
	}
	if c.err != nil {
		return nil
	}
	return c.series(n, g.out, index, values, a)
}

// aggregateType is the type of the elements of a series.
func aggregateType(a plan.SeriesAgg) value.Type {
	switch a.Func {
	case "count", "countif", "dcount", "dcountif", "count_distinct":
		return value.Long
	case "avg", "avgif", "stdev", "stdevif", "variance", "varianceif", "stdevp", "variancep":
		if len(a.Args) > 0 && isTicks(a.Args[0].Type()) {
			return a.Args[0].Type()
		}
		return value.Real
	}
	if len(a.Args) > 0 {
		if t := a.Args[0].Type(); t != value.Int || a.Func != "sum" && a.Func != "sumif" {
			return t
		}
	}
	return value.Long
}

// series puts the steps of each key into arrays.
func (c *compiler) series(n *plan.MakeSeries, r *rel, index *plan.Column, values []*plan.Column, a axis) *rel {
	inner := []*plan.Column{index}
	for _, k := range n.Keys {
		inner = append(inner, k.Col)
	}
	inner = append(inner, a.keys()...)
	r = c.seal(r, append(inner, values...))
	a = a.at(r)
	g := c.group(r)
	g.order = nil
	for _, k := range n.Keys {
		g.key(k.Col, r.cols[k.Col])
	}
	for _, col := range a.keys() {
		g.key(col, r.cols[col])
	}
	empty := &rel{cols: map[*plan.Column]val{}}
	for i, agg := range n.Aggs {
		def := number(0)
		if agg.Default != nil {
			def = c.scalar(agg.Default, empty)
		}
		def = c.convert(def, values[i].Type)
		list := c.d.scatter(c, r.cols[index].Expr, r.cols[values[i]], a.count, def)
		g.bind(agg.Cols[0], val{Expr: list, t: value.Dynamic})
	}
	a = a.at(g.out)
	i := val{Expr: Name("i"), t: value.Long}
	g.out.cols[n.Axis] = val{Expr: c.d.axis(c, a.count, c.step(n.On.Type(), a.from, a.step, i)), t: value.Dynamic}
	if c.err != nil {
		return nil
	}
	g.out.where = append(g.out.where, &Binary{Op: ">", L: a.count, R: Number("0")})
	return g.out
}
