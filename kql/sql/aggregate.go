package sql

import (
	"math"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// group is a SELECT with aggregates, on its way.
type group struct {
	c     *compiler
	q     *Select
	as    string
	in    *rel
	order []OrderKey
	out   *rel
	where Expr // a condition that all aggregates have, or nil
}

// aggregateRule lowers one aggregate; it binds the columns of a by g.bind. ok is
// false where it can't be said.
type aggregateRule func(g *group, a *aggregation) bool

// aggregation is one aggregate with its arguments lowered. Filter is the
// condition of the functions that end in "if".
type aggregation struct {
	name   string
	args   []val
	cols   []*plan.Column
	filter Expr
}

func (c *compiler) summarize(n *plan.Aggregate) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	var exprs []plan.Expr
	plan.Exprs(n, func(e plan.Expr) { exprs = append(exprs, e) })
	r = c.aside(r, n.Input.Columns(), exprs...)
	if r.wide || r.marked() || !c.cheap(r, exprs...) {
		r = c.seal(r, n.Input.Columns())
	}
	g := c.group(r)
	g.marked()
	g.keys(n.Keys)
	for _, a := range n.Aggs {
		if c.need.any(a.Cols) || len(a.Cols) == 0 {
			g.aggregate(a)
		}
	}
	if len(g.q.Items) == 0 {
		g.q.Items = []Item{{Expr: &Func{Name: "count", Args: []Expr{Name("*")}}, As: c.hide()}}
	}
	if c.err != nil {
		return nil
	}
	if r.part != nil && len(n.Keys) == 0 && r.part.base != "" {
		return c.withEmpty(g.out, r.part, n.Aggs)
	}
	return g.out
}

// withEmpty adds the partitions of which no row was left, with what aggregates
// are of nothing.
func (c *compiler) withEmpty(r *rel, p *partition, aggs []plan.Agg) *rel {
	as := c.alias()
	q := &Select{From: &Table{Name: p.base, As: as}}
	inner := c.alias()
	out := &rel{cols: map[*plan.Column]val{}, part: p}
	for _, list := range [][]*plan.Column{p.keys, p.carry} {
		for _, col := range list {
			if v, ok := p.baseCols[col]; ok && (c.need.has(col) || contains(p.keys, col)) {
				e := Expr(&Col{Table: as, Name: c.name(col)})
				if contains(p.keys, col) {
					q.Group = append(q.Group, e)
				} else {
					e = &Func{Name: c.d.spelling().anyValue, Args: []Expr{e}}
				}
				q.Items = append(q.Items, Item{Expr: e, As: c.name(col)})
				out.cols[col] = val{Expr: &Col{Table: inner, Name: c.name(col)}, t: col.Type, null: v.null}
			}
		}
	}
	var on []Expr
	for _, k := range p.keys {
		on = append(on, distinct(out.cols[k].Expr, c.typed(r.cols[k]), false))
	}
	r = c.source(r, aggColumns(aggs))
	out.from = &JoinFrom{Kind: "LEFT JOIN", L: &Sub{Query: q, As: inner}, R: r.from, On: &Chain{Op: "AND", Parts: on}}
	for _, a := range aggs {
		for _, col := range a.Cols {
			if v, ok := r.cols[col]; ok {
				out.cols[col] = c.orEmpty(a.Func, v)
			}
		}
	}
	return out
}

func aggColumns(aggs []plan.Agg) []*plan.Column {
	var out []*plan.Column
	for _, a := range aggs {
		out = append(out, a.Cols...)
	}
	return out
}

// orEmpty is an aggregate's result, or what it is of no rows.
func (c *compiler) orEmpty(name string, v val) val {
	base, _ := splitCondition(name)
	none := value.NullOf(v.t)
	switch base {
	case "count", "sum", "dcount", "count_distinct", "stdev", "variance", "stdevp", "variancep":
		none = value.Convert(value.LongOf(0), v.t)
	case "avg":
		if v.t == value.Real {
			none = value.RealOf(math.NaN())
		}
	case "make_list", "make_set", "make_list_with_nulls":
		none = value.JSONOf("[]")
	case "make_bag":
		none = value.JSONOf("{}")
	}
	if none.Null {
		v.null = true
		return v
	}
	v.Expr = &Func{Name: "coalesce", Args: []Expr{v.Expr, c.d.literal(none, false)}}
	return v
}

func (c *compiler) group(r *rel) *group {
	g := &group{c: c, q: &Select{From: r.from, Where: r.where}, as: c.alias(), in: r, order: orderKeys(r.order)}
	g.out = &rel{from: &Sub{Query: g.q, As: g.as}, cols: map[*plan.Column]val{}, part: r.part}
	g.partitions()
	return g
}

// partitions groups by the keys of r's partitions, and carries what belongs to
// them.
func (g *group) partitions() {
	if g.in.part == nil {
		return
	}
	for _, k := range g.in.part.keys {
		g.key(k, g.in.cols[k])
	}
	for _, col := range g.in.part.carry {
		v, ok := g.in.cols[col]
		if !ok {
			continue
		}
		if v.konst == nil {
			v.Expr = &Func{Name: g.c.d.spelling().anyValue, Args: []Expr{v.Expr}}
		}
		g.bind(col, v)
	}
}

func (g *group) keys(keys []plan.Item) {
	constants := 0
	for _, k := range keys {
		v := g.c.scalar(k.Expr, g.in)
		if v.konst != nil {
			constants++
			g.out.cols[k.Col] = v
			continue
		}
		g.key(k.Col, v)
	}
	if constants > 0 && len(g.q.Group) == 0 {
		some := g.hidden(&Func{Name: "count", Args: []Expr{Name("*")}})
		g.out.where = []Expr{&Binary{Op: ">", L: some, R: Number("0")}}
	}
	g.firstSeen(len(keys))
}

// firstSeen orders the groups of a numbered table by their first rows.
func (g *group) firstSeen(keys int) {
	if keys == 0 || len(g.in.order) != 1 {
		return
	}
	k := g.in.order[0]
	if k.konst != nil || k.null || k.desc || k.t != value.Long {
		return
	}
	first := g.hidden(&Func{Name: "min", Args: []Expr{k.Expr}})
	g.out.order = []orderKey{{val: val{Expr: first, t: value.Long}}}
}

func (g *group) key(col *plan.Column, v val) {
	g.q.Group = append(g.q.Group, v.Expr)
	g.bind(col, v)
}

// bind makes a column of the result of an expression over the group.
func (g *group) bind(col *plan.Column, v val) {
	if !g.c.need.has(col) {
		return
	}
	name := g.c.name(col)
	g.q.Items = append(g.q.Items, Item{Expr: g.c.typed(v), As: name})
	v.t = col.Type
	v.konst = nil
	g.out.cols[col] = through(v, g.as, name)
}

// hidden computes e within the group, for expressions around it.
func (g *group) hidden(e Expr) Expr {
	name := g.c.hide()
	g.q.Items = append(g.q.Items, Item{Expr: e, As: name})
	return &Col{Table: g.as, Name: name}
}

func (g *group) aggregate(a plan.Agg) {
	name, at := splitCondition(a.Func)
	x := &aggregation{name: name, cols: a.Cols}
	for i, e := range a.Args {
		if i == at {
			x.filter = g.c.truth(e, g.in)
			continue
		}
		x.args = append(x.args, g.c.scalar(e, g.in))
	}
	if g.where != nil {
		x.filter = both(x.filter, g.where)
	}
	if g.c.err != nil {
		return
	}
	rule := g.c.d.aggregate(name)
	if rule == nil || !rule(g, x) {
		g.c.fail("the aggregate " + a.Func)
	}
}

// splitCondition is the name of an aggregate without "if", and which argument
// its condition is; -1 where it has none.
func splitCondition(name string) (string, int) {
	switch name {
	case "countif":
		return "count", 0
	case "binary_all_or", "buildschema":
		return name, -1
	}
	if base, ok := strings.CutSuffix(name, "_if"); ok {
		return base, 1
	}
	if base, ok := strings.CutSuffix(name, "if"); ok {
		return base, 1
	}
	return name, -1
}

// simple is an aggregate that is one call of a function of SQL.
func (x *aggregation) call(name string) *Func {
	args := make([]Expr, 0, 1)
	if len(x.args) > 0 {
		args = append(args, x.args[0].Expr)
	}
	return &Func{Name: name, Args: args, Filter: x.filter}
}
