package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// rel is a table on its way into SQL: what will be one SELECT, to which further
// operators are still added.
type rel struct {
	from  From
	where []Expr
	cols  map[*plan.Column]val
	order []orderKey // the order of rows; empty where they have none
	// wide is set when a column is a window function, which WHERE and GROUP BY
	// must not see on the same level.
	wide bool
	// natural says that the order is that in which the engine reads the rows anyhow.
	natural bool
	part    *partition
	// calls are the window functions that have been computed as columns, and
	// unique says that the order
	// is the number of the row, without gaps.
	calls     map[*plan.Call]*plan.Column
	stretches map[*plan.Call]stretch
	unique    bool
}

// partition is what the inner pipe of mv-apply and partition carries along: the
// keys that tell the outer rows or partitions apart, and the outer columns.
type partition struct {
	keys  []*plan.Column
	carry []*plan.Column
	// base is the shared table of all rows of the partitions, where it matters that
	// one may lose all its rows; baseCols are its columns.
	base     string
	baseCols map[*plan.Column]val
	// left is the column that is true of the rows which the filters of the inner
	// pipe have left, where the others stay for their partition's sake; else nil.
	left *plan.Column
}

type orderKey struct {
	val
	desc, nullsFirst bool
}

func (r *rel) has(col *plan.Column) bool { _, ok := r.cols[col]; return ok }

// columns are those that r must hand on: what the node gives and is needed, and
// what a partition carries.
func (c *compiler) columns(r *rel, cols []*plan.Column) []*plan.Column {
	out := make([]*plan.Column, 0, len(cols))
	for _, col := range cols {
		if c.need.has(col) && r.has(col) {
			out = append(out, col)
		}
	}
	return dedupe(c.carried(r, out))
}

func (c *compiler) carried(r *rel, out []*plan.Column) []*plan.Column {
	if r.has(ingested) && !contains(out, ingested) {
		out = append(out, ingested)
	}
	if r.part == nil {
		return out
	}
	for _, list := range [][]*plan.Column{r.part.keys, r.part.carry} {
		for _, col := range list {
			if r.has(col) && !contains(out, col) {
				out = append(out, col)
			}
		}
	}
	if left := r.part.left; left != nil && !contains(out, left) {
		out = append(out, left)
	}
	return out
}

func contains(list []*plan.Column, col *plan.Column) bool {
	for _, c := range list {
		if c == col {
			return true
		}
	}
	return false
}

// selectOf closes r into a SELECT of the columns, in the order of rows when
// ordered. A SELECT that would only pass on what the one within gives is not
// made.
func (c *compiler) selectOf(r *rel, cols []*plan.Column, ordered bool) *Select {
	q := c.rawSelect(r, cols)
	if ordered {
		q.Order = c.ordering(r)
	}
	return merge(q)
}

// ordering is what has to be asked for to have the rows of r in their order.
func (c *compiler) ordering(r *rel) []OrderKey {
	if r.natural && c.d.spelling().keepsOrder {
		return nil
	}
	return orderKeys(r.order)
}

// rawSelect is the SELECT of r as it stands.
func (c *compiler) rawSelect(r *rel, cols []*plan.Column) *Select {
	q := &Select{From: r.from, Where: r.where}
	for _, col := range cols {
		v, ok := r.cols[col]
		if !ok {
			c.broken("column %q is not among those of its table", col.Name)
			return q
		}
		q.Items = append(q.Items, Item{Expr: c.typed(v), As: c.name(col)})
	}
	if len(cols) == 0 {
		q.Items = []Item{{Expr: Number("1"), As: "h0_"}}
	}
	return q
}

// typed is the expression of v, with the type of a constant said.
func (c *compiler) typed(v val) Expr {
	if v.konst != nil {
		return c.d.literal(*v.konst, false)
	}
	return v.Expr
}

func orderKeys(keys []orderKey) []OrderKey {
	var out []OrderKey
	for _, k := range keys {
		if k.konst != nil {
			continue
		}
		out = append(out, OrderKey{Expr: k.Expr, Desc: k.desc, NullsFirst: k.nullsFirst, Plain: !k.null})
	}
	return out
}

// merge drops a SELECT around another one that only picks columns of it.
func merge(q *Select) *Select {
	sub, ok := q.From.(*Sub)
	if !ok || q.Where != nil || sub.Columns != nil {
		return q
	}
	in, ok := sub.Query.(*Select)
	if !ok || in.LimitBy != nil || in.DistinctOn != nil || in.ArrayJoin != nil || hasUnnest(in) {
		return q
	}
	find := make(map[string]Expr, len(in.Items))
	for _, it := range in.Items {
		find[it.As] = it.Expr
	}
	items := make([]Item, len(q.Items))
	for i, it := range q.Items {
		col, ok := it.Expr.(*Col)
		if !ok || col.Table != sub.As || find[col.Name] == nil {
			return q
		}
		items[i] = Item{Expr: find[col.Name], As: it.As}
	}
	out := *in
	if len(q.Order) > 0 && !sameOrder(q.Order, in, sub.As, find) {
		if in.Limit != nil {
			return q
		}
		order := make([]OrderKey, len(q.Order))
		for i, k := range q.Order {
			col, ok := k.Expr.(*Col)
			if !ok || col.Table != sub.As {
				return q
			}
			order[i] = k
			order[i].Expr = find[col.Name]
		}
		out.Order = order
	}
	out.Items = items
	return &out
}

// sameOrder tells whether the inner SELECT gives its rows in that order by
// itself.
func sameOrder(want []OrderKey, in *Select, as string, find map[string]Expr) bool {
	if len(want) > len(in.Order) {
		return false
	}
	for i, k := range want {
		col, ok := k.Expr.(*Col)
		if !ok || col.Table != as || find[col.Name] != in.Order[i].Expr || k.Desc != in.Order[i].Desc {
			return false
		}
	}
	return true
}

func hasUnnest(q *Select) bool {
	for _, it := range q.Items {
		if f, ok := it.Expr.(*Func); ok && f.Name == "unnest" {
			return true
		}
	}
	return false
}

// seal closes r into a subquery; what comes after reads its columns by name.
func (c *compiler) seal(r *rel, cols []*plan.Column) *rel {
	_, out := c.closed(r, cols, false)
	return out
}

// closed is the SELECT of r, in the order of rows when ordered, and the table
// that reads it.
func (c *compiler) closed(r *rel, cols []*plan.Column, ordered bool) (*Select, *rel) {
	out := c.columns(r, cols)
	q := c.rawSelect(r, out)
	if ordered {
		q.Order = c.ordering(r)
	}
	n := c.over(q, r, out)
	q = merge(q)
	n.from.(*Sub).Query = q
	return q, n
}

// fork is r with columns of its own to add to.
func (r *rel) fork() *rel {
	out := *r
	out.cols = make(map[*plan.Column]val, len(r.cols)+2)
	for col, v := range r.cols {
		out.cols[col] = v
	}
	return &out
}

// over reads the columns of q, the SELECT of r. The keys of r's order that are
// no columns of it are added to q, out of sight.
func (c *compiler) over(q *Select, r *rel, cols []*plan.Column) *rel {
	as := c.alias()
	n := &rel{cols: make(map[*plan.Column]val, len(cols)), part: r.part, natural: r.natural}
	for _, col := range cols {
		n.cols[col] = through(r.cols[col], as, c.name(col))
	}
	for _, k := range r.order {
		if k.konst == nil {
			n.order = append(n.order, c.orderThrough(q, k, as))
		}
	}
	n.from = &Sub{Query: q, As: as}
	return n
}

func (c *compiler) orderThrough(q *Select, k orderKey, as string) orderKey {
	for _, it := range q.Items {
		if sameCol(it.Expr, k.Expr) {
			k.val = through(k.val, as, it.As)
			return k
		}
	}
	name := c.hide()
	q.Items = append(q.Items, Item{Expr: k.Expr, As: name})
	k.val = through(k.val, as, name)
	return k
}

func sameCol(a, b Expr) bool {
	if a == b {
		return true
	}
	x, ok1 := a.(*Col)
	y, ok2 := b.(*Col)
	return ok1 && ok2 && *x == *y
}

// through is v as read from outside of the SELECT that computes it.
func through(v val, as, name string) val {
	if v.konst != nil {
		return v
	}
	v.Expr, v.sum = &Col{Table: as, Name: name}, nil
	return v
}

// source is r as something to join: itself where it is nothing but a table, or
// a subquery.
func (c *compiler) source(r *rel, cols []*plan.Column) *rel {
	if r.where == nil && !r.wide && allSimple(r) && r.from != nil {
		return r
	}
	return c.seal(r, cols)
}

func allSimple(r *rel) bool {
	for _, v := range r.cols {
		if !v.simple() {
			return false
		}
	}
	return true
}

// column makes a column that the query does not have.
func (c *compiler) column(t value.Type) *plan.Column {
	col := &plan.Column{Name: "", Type: t}
	c.need[col] = struct{}{}
	return col
}
