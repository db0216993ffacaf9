package sql

import (
	"fmt"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// lower makes a table of SQL of a node. After an error it returns nil.
func (c *compiler) lower(n plan.Node) *rel {
	if c.err != nil {
		return nil
	}
	r := c.operator(n)
	if c.err != nil {
		return nil
	}
	return r
}

func (c *compiler) operator(n plan.Node) *rel {
	switch n := n.(type) {
	case *plan.Scan:
		return c.scan(n)
	case *plan.Values:
		return c.constants(n)
	case *plan.Use:
		return c.use(n)
	case *plan.Range:
		return c.rangeOf(n)
	case *plan.Element:
		return c.elementRows(n)
	case *plan.Filter:
		return c.filter(n)
	case *plan.Project:
		return c.project(n)
	case *plan.Aggregate:
		return c.summarize(n)
	case *plan.Join:
		return c.join(n)
	case *plan.Union:
		return c.union(n)
	case *plan.Sort:
		return c.sort(n)
	case *plan.Top:
		return c.top(n)
	case *plan.Take:
		return c.take(n)
	case *plan.Serialize:
		return c.lower(n.Input)
	}
	return c.rareOperator(n)
}

func (c *compiler) rareOperator(n plan.Node) *rel {
	switch n := n.(type) {
	case *plan.MvExpand:
		return c.mvExpand(n)
	case *plan.MvApply:
		return c.mvApply(n)
	case *plan.Partition:
		return c.partitionBy(n)
	case *plan.MakeSeries:
		return c.makeSeries(n)
	case *plan.Parse:
		return c.parse(n)
	case *plan.TopNested:
		return c.topNested(n)
	case *plan.Plugin:
		return c.plugin(n)
	}
	c.node = n
	c.fail(describe(n))
	return nil
}

// describe names a node as the language does.
func describe(n plan.Node) string {
	switch n := n.(type) {
	case *plan.Match:
		return "the operator scan"
	case *plan.Reduce:
		return "the operator reduce"
	case *plan.ParseKV:
		return "the operator parse-kv"
	case *plan.TopNested:
		return "the operator top-nested"
	case *plan.External:
		return "the operator externaldata"
	case *plan.Plugin:
		return "the plugin " + n.Name
	case *plan.GraphNodes:
		return "the operator make-graph"
	case *plan.GraphComponents:
		return "the operator graph-mark-components"
	case *plan.GraphMatch:
		if n.Shortest {
			return "the operator graph-shortest-paths"
		}
		return "the operator graph-match"
	}
	return fmt.Sprintf("%T", n)[len("*plan."):]
}

func (c *compiler) scan(n *plan.Scan) *rel {
	as := c.alias()
	r := &rel{from: &Table{Name: n.Table, Text: c.tableSQL(n.Table), As: as}, cols: make(map[*plan.Column]val, c.need.count(n.Cols))}
	for i, col := range n.Cols {
		if c.need.has(col) {
			stored := c.d.stored(&Col{Table: as, Name: n.Stored[i]}, col.Type)
			r.cols[col] = val{Expr: stored, t: col.Type, null: col.Type != value.String}
		}
	}
	if c.opts.Ingested != "" && c.need.has(ingested) {
		r.cols[ingested] = val{Expr: &Col{Table: as, Name: c.opts.Ingested}, t: value.DateTime, null: true}
	}
	return r
}

func (c *compiler) tableSQL(table string) string {
	if c.opts.TableSQL == nil {
		return ""
	}
	return c.opts.TableSQL(table)
}

// constants is a literal table. Its rows are numbered: they have an order.
func (c *compiler) constants(n *plan.Values) *rel {
	as := c.alias()
	r := &rel{cols: make(map[*plan.Column]val, len(n.Cols))}
	if len(n.Rows) == 1 {
		for i, col := range n.Cols {
			v := n.Rows[0][i]
			v.Type = col.Type
			r.cols[col] = constant(v)
		}
		return r
	}
	names := make([]string, len(n.Cols), len(n.Cols)+1)
	for i, col := range n.Cols {
		names[i] = c.name(col)
		r.cols[col] = val{Expr: &Col{Table: as, Name: names[i]}, t: col.Type, null: nullIn(n.Rows, i)}
	}
	number := c.hide()
	names = append(names, number)
	r.from = &Sub{Query: c.d.values(c, n, names), As: as, Columns: names}
	r.order = []orderKey{{val: val{Expr: &Col{Table: as, Name: number}, t: value.Long}}}
	r.natural = true
	return r
}

func nullIn(rows [][]value.Value, i int) bool {
	for _, row := range rows {
		if row[i].Null {
			return true
		}
	}
	return false
}

func constant(v value.Value) val {
	return val{Expr: Null, t: v.Type, null: v.Null, konst: &v}
}

// use reads a table that is shared: a WITH of its own.
func (c *compiler) use(n *plan.Use) *rel {
	s, ok := c.shared[n.Shared]
	if !ok {
		if n.Shared.Materialize && c.d.spelling().repeatsTables && c.uses[n.Shared] > 1 && chance(n.Shared.Node) == rows {
			c.node = n
			return c.failed("a materialized table whose rows are a matter of chance")
		}
		s = c.share(n.Shared)
		if s == nil {
			return nil
		}
		c.shared[n.Shared] = s
	}
	as := c.alias()
	r := &rel{from: &Table{Name: s.from.(*Table).Name, As: as}, cols: make(map[*plan.Column]val, len(n.Cols))}
	for i, col := range n.Shared.Node.Columns() {
		if v, ok := s.cols[col]; ok {
			r.cols[n.Cols[i]] = at(v, as)
		}
	}
	if v, ok := s.cols[ingested]; ok {
		r.cols[ingested] = at(v, as)
	}
	for _, k := range s.order {
		k.val = at(k.val, as)
		r.order = append(r.order, k)
	}
	return r
}

// at is a column of a table under another alias of it.
func at(v val, as string) val {
	if col, ok := v.Expr.(*Col); ok && v.konst == nil {
		v.Expr = &Col{Table: as, Name: col.Name}
	}
	return v
}

func (c *compiler) share(s *plan.Shared) *rel {
	r := c.lower(s.Node)
	if r == nil {
		return nil
	}
	q, out := c.closed(r, s.Node.Columns(), false)
	name := "s" + itoa(len(c.ctes)+1)
	c.ctes = append(c.ctes, CTE{Name: name, Query: q, Materialize: s.Materialize || heavy(s.Node), Inline: !s.Materialize && !heavy(s.Node)})
	out.from = &Table{Name: name, As: name}
	return out
}

// heavy tells whether a table is worth to be kept when it is read twice: all
// but rows that are only filtered and computed, which the engine better reads
// anew with the filters of each use.
func heavy(n plan.Node) bool {
	switch n.(type) {
	case *plan.Scan, *plan.Values, *plan.Use, *plan.Range:
		return false
	case *plan.Filter, *plan.Project, *plan.Serialize:
		return heavy(plan.Inputs(n)[0])
	}
	return true
}

func (c *compiler) filter(n *plan.Filter) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	r = c.aside(r, n.Input.Columns(), n.Predicate)
	if c.levels(r, n.Predicate) {
		r = c.windows(r, n.Input.Columns(), n.Predicate)
	}
	if r.wide || !c.cheap(r, n.Predicate) {
		r = c.seal(r, n.Input.Columns())
	}
	if c.marks[n] {
		return c.mark(r, n.Predicate)
	}
	out := *r
	out.unique = false
	out.where = append(r.where[:len(r.where):len(r.where)], c.conjuncts(n.Predicate, r)...)
	return &out
}

// conjuncts are the parts of a predicate that must all be true.
func (c *compiler) conjuncts(e plan.Expr, r *rel) []Expr {
	if call, ok := e.(*plan.Call); ok && call.Func == "and" {
		var out []Expr
		for _, a := range call.Args {
			out = append(out, c.conjuncts(a, r)...)
		}
		return out
	}
	p := c.truth(e, r)
	if p == True {
		return nil
	}
	return []Expr{p}
}

// cheap tells whether all columns that e reads may be computed again.
func (c *compiler) cheap(r *rel, list ...plan.Expr) bool {
	ok := true
	for _, e := range list {
		refs(e, func(col *plan.Column) {
			if v, here := r.cols[col]; here && !v.simple() {
				ok = false
			}
		})
	}
	return ok
}

// refs calls f with each column that an expression reads of its own row.
func refs(e plan.Expr, f func(*plan.Column)) {
	switch e := e.(type) {
	case *plan.Ref:
		f(e.Col)
	case *plan.Call:
		for _, a := range e.Args {
			refs(a, f)
		}
	case *plan.Convert:
		refs(e.X, f)
	case *plan.Access:
		refs(e.X, f)
		refs(e.Key, f)
	case *plan.InTable:
		refs(e.X, f)
	}
}

func (c *compiler) project(n *plan.Project) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	var exprs []plan.Expr
	for _, it := range n.Items {
		if !passes(it) && c.need.has(it.Col) {
			exprs = append(exprs, it.Expr)
		}
	}
	r = c.aside(r, n.Input.Columns(), exprs...)
	if c.levels(r, exprs...) {
		r = c.windows(r, n.Input.Columns(), exprs...)
	}
	if !c.cheap(r, exprs...) || (r.wide && len(exprs) > 0) {
		r = c.seal(r, n.Input.Columns())
	}
	return c.items(n.Items, r)
}

func passes(it plan.Item) bool {
	ref, ok := it.Expr.(*plan.Ref)
	return ok && ref.Col == it.Col
}

// items puts computed columns in the place of those of r.
func (c *compiler) items(items []plan.Item, r *rel) *rel {
	out := *r
	out.cols = make(map[*plan.Column]val, c.need.countItems(items))
	for _, col := range c.carried(r, nil) {
		out.cols[col] = r.cols[col]
	}
	for _, it := range items {
		if !c.need.has(it.Col) {
			continue
		}
		v := c.scalar(it.Expr, r)
		out.cols[it.Col] = v
		out.wide = out.wide || hasWindow(v.Expr)
	}
	return &out
}

func (c *compiler) sort(n *plan.Sort) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	r, keys := c.sortKeys(n.Keys, r, n.Input.Columns())
	out := *r
	out.unique, out.natural = false, false
	out.order = append(keys, r.order...)
	return &out
}

func (c *compiler) sortKeys(keys []plan.SortKey, r *rel, cols []*plan.Column) (*rel, []orderKey) {
	exprs := make([]plan.Expr, len(keys))
	for i, k := range keys {
		exprs[i] = k.Expr
	}
	if c.levels(r, exprs...) {
		r = c.windows(r, cols, exprs...)
	}
	if !c.cheap(r, exprs...) {
		r = c.seal(r, cols)
	}
	out := make([]orderKey, len(keys))
	for i, k := range keys {
		out[i] = orderKey{val: c.orderable(c.scalar(k.Expr, r)), desc: k.Desc, nullsFirst: k.NullsFirst}
	}
	return r, out
}

func (c *compiler) top(n *plan.Top) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	r, keys := c.sortKeys(n.Keys, r, n.Input.Columns())
	next := *r
	next.natural = false
	next.order = append(keys, r.order...)
	return c.first(&next, n.Input.Columns(), n.Count)
}

func (c *compiler) take(n *plan.Take) *rel {
	r := c.lower(n.Input)
	if r == nil {
		return nil
	}
	c.node = n
	if n.Random {
		next := *r
		next.natural = false
		next.order = []orderKey{{val: val{Expr: &Func{Name: c.d.spelling().random}, t: value.Real}}}
		r = &next
	}
	return c.first(r, n.Input.Columns(), n.Count)
}

// first keeps the first rows in the order of r; of each partition, where r has
// partitions.
func (c *compiler) first(r *rel, cols []*plan.Column, count plan.Expr) *rel {
	if r.part != nil {
		return c.firstOfEach(r, cols, count)
	}
	limit := c.scalar(count, r)
	q, out := c.closed(r, cols, true)
	if q.Limit != nil || q.LimitBy != nil {
		q, out = c.closed(out, cols, true)
		if q.Limit != nil {
			q = c.rawSelect(out, c.columns(out, cols))
			q.Order = c.ordering(out)
			out = c.over(q, out, c.columns(out, cols))
		}
	}
	q.Limit = c.limit(limit)
	return out
}

func (c *compiler) limit(v val) Expr {
	if v.konst != nil {
		return Number(itoa(int(max(v.konst.Num, 0))))
	}
	return v.Expr
}

func (c *compiler) firstOfEach(r *rel, cols []*plan.Column, count plan.Expr) *rel {
	r = c.seal(r, cols)
	number := &Func{Name: "row_number", Over: c.window(r, nil)}
	name := c.column(value.Long)
	r.cols[name] = val{Expr: number, t: value.Long}
	r.wide, r.natural = true, false
	r = c.seal(r, append(cols[:len(cols):len(cols)], name))
	limit := c.scalar(count, r)
	r.where = []Expr{&Binary{Op: "<=", L: r.cols[name].Expr, R: c.limit(limit)}}
	delete(r.cols, name)
	return r
}

// keysOf are the expressions of the keys of r's partitions.
func keysOf(r *rel) []Expr {
	if r.part == nil {
		return nil
	}
	var out []Expr
	for _, k := range r.part.keys {
		out = append(out, r.cols[k].Expr)
	}
	return out
}
