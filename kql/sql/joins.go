package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// sides says, for a kind of join, how SQL calls it and which side may be empty.
var sides = map[plan.JoinKind]struct {
	name        string
	left, right bool
}{
	plan.InnerUnique: {name: "INNER JOIN"},
	plan.Inner:       {name: "INNER JOIN"},
	plan.LeftOuter:   {name: "LEFT JOIN", right: true},
	plan.RightOuter:  {name: "RIGHT JOIN", left: true},
	plan.FullOuter:   {name: "FULL JOIN", left: true, right: true},
}

func (c *compiler) joinName(k plan.JoinKind) string {
	switch k {
	case plan.LeftSemi, plan.RightSemi:
		return c.d.spelling().semiJoin
	case plan.LeftAnti, plan.RightAnti:
		return c.d.spelling().antiJoin
	}
	return sides[k].name
}

func (c *compiler) join(n *plan.Join) *rel {
	left, right := c.lower(n.Left), c.lower(n.Right)
	if c.err != nil {
		return nil
	}
	c.node = n
	var lefts, rights []plan.Expr
	for _, e := range n.On {
		lefts = append(lefts, e.Left)
		rights = append(rights, e.Right)
	}
	left, lk := c.joinKeys(left, n.Left.Columns(), lefts)
	right, rk := c.joinKeys(right, n.Right.Columns(), rights)
	if c.err != nil {
		return nil
	}
	if n.Kind == plan.InnerUnique {
		left, lk = c.unique(left, n.Left.Columns(), lk)
	}
	cols := n.Right.Columns()
	if n.Kind == plan.RightSemi || n.Kind == plan.RightAnti {
		left, right, lk, rk = right, left, rk, lk
		cols = n.Left.Columns()
	}
	if _, nested := right.from.(*JoinFrom); nested && c.d.spelling().flatJoins {
		right = c.seal(right, append(cols[:len(cols):len(cols)], rk...))
	}
	if c.d.spelling().columnsInOn {
		left, right = c.solid(left, true), c.solid(right, true)
	}
	return c.joined(n.Kind, left, right, c.condition(left, right, lk, rk))
}

// joinKeys makes the keys of a side columns of it.
func (c *compiler) joinKeys(r *rel, cols []*plan.Column, keys []plan.Expr) (*rel, []*plan.Column) {
	out := make([]*plan.Column, len(keys))
	for i, k := range keys {
		if ref, ok := k.(*plan.Ref); ok && r.has(ref.Col) {
			out[i] = ref.Col
			continue
		}
		if !c.cheap(r, k) {
			r = c.seal(r, append(cols[:len(cols):len(cols)], out[:i]...))
		}
		copied := *r
		copied.cols = make(map[*plan.Column]val, len(r.cols)+1)
		for col, v := range r.cols {
			copied.cols[col] = v
		}
		r = &copied
		out[i] = c.column(k.Type())
		r.cols[out[i]] = c.scalar(k, r)
	}
	all := append(cols[:len(cols):len(cols)], out...)
	if anyConstant(r) {
		return c.seal(r, all), out
	}
	return c.source(r, all), out
}

func anyConstant(r *rel) bool {
	for _, v := range r.cols {
		if v.konst != nil {
			return true
		}
	}
	return false
}

// unique keeps one row per key: the first, where the rows have an order.
func (c *compiler) unique(r *rel, cols, keys []*plan.Column) (*rel, []*plan.Column) {
	if c.err != nil {
		return r, keys
	}
	all := append(cols[:len(cols):len(cols)], keys...)
	out := c.columns(r, all)
	q := c.rawSelect(r, dedupe(out))
	exprs := make([]Expr, len(keys))
	for i, k := range keys {
		exprs[i] = c.typed(r.cols[k])
	}
	order := orderKeys(r.order)
	c.d.firstPerKey(q, exprs, order)
	bare := *r
	bare.order = nil
	return c.over(q, &bare, dedupe(out)), keys
}

// dedupe drops columns that are there already. A key of a join is often one of
// the columns, at the end.
func dedupe(cols []*plan.Column) []*plan.Column {
	if len(cols) > 32 {
		return dedupeMany(cols)
	}
	out := make([]*plan.Column, 0, len(cols))
	for _, c := range cols {
		if !contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

func dedupeMany(cols []*plan.Column) []*plan.Column {
	seen := make(map[*plan.Column]struct{}, len(cols))
	out := make([]*plan.Column, 0, len(cols))
	for _, c := range cols {
		if _, ok := seen[c]; !ok {
			seen[c] = struct{}{}
			out = append(out, c)
		}
	}
	return out
}

func (c *compiler) condition(left, right *rel, lk, rk []*plan.Column) Expr {
	on := &Chain{Op: "AND"}
	for i := range lk {
		a, b := left.cols[lk[i]], right.cols[rk[i]]
		if a.null || b.null {
			on.Parts = append(on.Parts, distinct(c.typed(a), c.typed(b), false))
		} else {
			on.Parts = append(on.Parts, &Binary{Op: "=", L: c.typed(a), R: c.typed(b)})
		}
	}
	if len(on.Parts) == 0 {
		return True
	}
	return on
}

func (c *compiler) joined(kind plan.JoinKind, left, right *rel, on Expr) *rel {
	s := sides[kind]
	left, right = c.solid(left, s.left), c.solid(right, s.right)
	out := &rel{
		from: &JoinFrom{Kind: c.joinName(kind), L: left.from, R: right.from, On: on},
		cols: make(map[*plan.Column]val, len(left.cols)+len(right.cols)),
		part: left.part,
	}
	for col, v := range left.cols {
		out.cols[col] = c.outer(v, s.left)
	}
	switch kind {
	case plan.LeftSemi, plan.LeftAnti, plan.RightSemi, plan.RightAnti:
		out.order = left.order
		return out
	}
	for col, v := range right.cols {
		if col == ingested && left.has(ingested) {
			continue
		}
		out.cols[col] = c.outer(v, s.right)
	}
	if right.part != nil {
		c.node = nil
		c.fail("a join with the rows of the outer table on the right")
	}
	if kind == plan.Inner || kind == plan.InnerUnique || kind == plan.LeftOuter {
		out.order = append(left.order[:len(left.order):len(left.order)], backwards(right.order)...)
	}
	return out
}

// backwards is an order turned round: of several matches the last comes first,
// where nothing else tells.
func backwards(keys []orderKey) []orderKey {
	out := make([]orderKey, len(keys))
	for i, k := range keys {
		k.desc, k.nullsFirst = !k.desc, !k.nullsFirst
		out[i] = k
	}
	return out
}

// outer is a column of a side whose row may be missing: null, or an empty
// string.
func (c *compiler) outer(v val, missing bool) val {
	if !missing {
		return v
	}
	v.null = true
	return c.neverNull(v)
}

// solid makes columns of the constants of a side whose row may be missing: they
// are missing with it.
func (c *compiler) solid(r *rel, missing bool) *rel {
	from, ok := r.from.(*Sub)
	constants := false
	for _, v := range r.cols {
		constants = constants || v.konst != nil
	}
	if !missing || !constants {
		return r
	}
	out := r.fork()
	if !ok || r.where != nil {
		c.broken("constants beside a table that is no subquery")
		return r
	}
	return out.withConstants(c, from)
}

// withConstants reads the constants of r as columns of its subquery.
func (r *rel) withConstants(c *compiler, from *Sub) *rel {
	q, ok := from.Query.(*Select)
	if !ok {
		return r
	}
	for col, v := range r.cols {
		if v.konst == nil {
			continue
		}
		for _, it := range q.Items {
			if it.As == c.name(col) {
				null := v.konst.Null
				r.cols[col] = val{Expr: &Col{Table: from.As, Name: it.As}, t: v.t, null: null}
			}
		}
	}
	return r
}

func (c *compiler) union(n *plan.Union) *rel {
	if len(n.Inputs) == 0 {
		return c.constants(&plan.Values{Cols: n.Cols})
	}
	cols := make([]*plan.Column, 0, len(n.Cols))
	for _, col := range n.Cols {
		if c.need.has(col) {
			cols = append(cols, col)
		}
	}
	out := &rel{cols: make(map[*plan.Column]val, len(cols))}
	as := c.alias()
	for _, col := range cols {
		out.cols[col] = val{Expr: &Col{Table: as, Name: c.name(col)}, t: col.Type}
	}
	all := &UnionAll{}
	for i := range n.Inputs {
		q := c.leg(n, i, out)
		if c.err != nil {
			return nil
		}
		all.Parts = append(all.Parts, q)
	}
	c.node = n
	out.from = &Sub{Query: all, As: as}
	if len(all.Parts) == 1 {
		out.from = &Sub{Query: all.Parts[0], As: as}
	}
	return out
}

// leg is one input of a union, with the columns of the whole.
func (c *compiler) leg(n *plan.Union, i int, out *rel) Query {
	r := c.lower(n.Inputs[i])
	if r == nil {
		return nil
	}
	c.node = n
	if r.part != nil {
		c.fail("a union within the inner pipe of mv-apply or partition")
		return nil
	}
	leg := *r
	leg.cols = make(map[*plan.Column]val, len(n.Cols))
	var cols []*plan.Column
	for j, col := range n.Cols {
		if !c.need.has(col) {
			continue
		}
		v := c.constant(value.NullOf(col.Type))
		if from := n.From[i][j]; from != nil {
			v = c.convert(r.cols[from], col.Type)
		}
		if o := out.cols[col]; v.null {
			o.null = true
			out.cols[col] = o
		}
		leg.cols[col] = v
		cols = append(cols, col)
	}
	return c.selectOf(&leg, cols, false)
}
