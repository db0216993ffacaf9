package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// run is one execution of a plan.
type run struct {
	ctx      context.Context
	env      Env
	shared   map[*plan.Shared][][]value.Value
	compiled map[plan.Expr]*compiledExpr
	tables   map[plan.Node]Table // tables that expressions read
	elements map[*plan.Element]*scope
	inside   map[*plan.Shared]bool // whether it reads the rows of an inner pipe
	steps    int64
	bytes    int64
}

// compiledExpr keeps an expression that an inner pipe computes again and again.
type compiledExpr struct {
	code code
	test test
}

type rows = [][]value.Value

// valueSize is what a value takes beside its text, in bytes.
const valueSize = 40

// step counts handled rows and looks at the context now and then.
func (x *run) step(n int) error {
	before := x.steps
	x.steps += int64(n)
	if m := x.env.Limits.Steps; m > 0 && x.steps > m {
		return &LimitError{"steps", m}
	}
	if before/1024 != x.steps/1024 {
		return x.ctx.Err()
	}
	return nil
}

// grow counts a row that is made and the size of the table so far.
func (x *run) grow(row []value.Value, size int) error {
	if m := x.env.Limits.Rows; m > 0 && int64(size) > m {
		return &LimitError{"rows", m}
	}
	x.bytes += int64(len(row)+1) * valueSize
	for i := range row {
		x.bytes += int64(len(row[i].Text))
	}
	if m := x.env.Limits.Bytes; m > 0 && x.bytes > m {
		return &LimitError{"bytes", m}
	}
	return x.step(1)
}

// spend counts bytes that are no row: lists of aggregates.
func (x *run) spend(n int) error {
	x.bytes += int64(n)
	if m := x.env.Limits.Bytes; m > 0 && x.bytes > m {
		return &LimitError{"bytes", m}
	}
	return nil
}

// node computes a node. outer is the scope around an inner pipe.
func (x *run) node(n plan.Node, outer *scope) (rows, error) {
	if t, ok := x.env.Fetched[n]; ok {
		return t.Rows, nil
	}
	if err := x.ctx.Err(); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *plan.Use:
		return x.use(n, outer)
	case *plan.Scan:
		return x.scan(n)
	case *plan.Values:
		return n.Rows, nil
	case *plan.Range:
		return x.rangeRows(n, outer)
	case *plan.External:
		return x.external(n)
	case *plan.Element:
		return x.element(n)
	case *plan.Filter:
		return x.filter(n, outer)
	case *plan.Project:
		return x.project(n, outer)
	case *plan.Sort:
		return x.sort(n, outer)
	case *plan.Top:
		return x.top(n, outer)
	case *plan.Take:
		return x.take(n, outer)
	case *plan.Serialize:
		return x.node(n.Input, outer)
	case *plan.Union:
		return x.union(n, outer)
	case *plan.Join:
		return x.join(n, outer)
	case *plan.Aggregate:
		return x.aggregate(n, outer)
	}
	return x.rareNode(n, outer)
}

func (x *run) rareNode(n plan.Node, outer *scope) (rows, error) {
	switch n := n.(type) {
	case *plan.MvExpand:
		return x.mvExpand(n, outer)
	case *plan.MvApply:
		return x.mvApply(n, outer)
	case *plan.Partition:
		return x.partition(n, outer)
	case *plan.MakeSeries:
		return x.makeSeries(n, outer)
	case *plan.Parse:
		return x.parse(n, outer)
	case *plan.ParseKV:
		return x.parseKV(n, outer)
	case *plan.TopNested:
		return x.topNested(n, outer)
	case *plan.Match:
		return x.match(n, outer)
	case *plan.Reduce:
		return x.reduce(n, outer)
	case *plan.Plugin:
		return x.plugin(n, outer)
	case *plan.GraphNodes:
		return x.graphNodes(n, outer)
	case *plan.GraphComponents:
		return x.graphComponents(n, outer)
	case *plan.GraphMatch:
		return x.graphMatch(n, outer)
	}
	return nil, fmt.Errorf("operator %T: %w", n, ErrUnsupported)
}

// compiler for expressions over the columns of a node.
func (x *run) compiler(cols []*plan.Column, outer *scope) *compiler {
	return &compiler{scope: &scope{layout: LayoutOf(cols), outer: outer}, env: &x.env, table: x.table}
}

// table computes a table that an expression reads, once.
func (x *run) table(n plan.Node) (Table, error) {
	if t, ok := x.tables[n]; ok {
		return t, nil
	}
	r, err := x.node(n, nil)
	if err != nil {
		return Table{}, err
	}
	t := Table{Cols: n.Columns(), Rows: r}
	x.tables[n] = t
	return t, nil
}

// expr compiles an expression once in a run.
func (x *run) expr(c *compiler, e plan.Expr) (code, error) {
	if k, ok := x.compiled[e]; ok && k.code.fn != nil {
		return k.code, nil
	}
	k, err := c.compile(e)
	if err != nil {
		return code{}, err
	}
	x.compiled[e] = &compiledExpr{code: k}
	return k, nil
}

// windowed compiles an expression that may have window functions; without any
// once in a run.
func (x *run) windowed(c *compiler, e plan.Expr) (code, error) {
	if k, ok := x.compiled[e]; ok && k.code.fn != nil {
		return k.code, nil
	}
	before := len(c.windows.list)
	k, err := c.compile(e)
	if err == nil && len(c.windows.list) == before {
		x.compiled[e] = &compiledExpr{code: k}
	}
	return k, err
}

// inner is the scope of an inner pipe, the same one each time.
func (x *run) inner(e *plan.Element, layout Layout, outer *scope) *scope {
	s, ok := x.elements[e]
	if !ok {
		s = &scope{layout: layout, outer: outer}
		x.elements[e] = s
	}
	return s
}

// exprs compiles several expressions.
func (x *run) exprs(c *compiler, list []plan.Expr) ([]rowFunc, error) {
	out := make([]rowFunc, len(list))
	for i, e := range list {
		k, err := x.expr(c, e)
		if err != nil {
			return nil, err
		}
		out[i] = k.fn
	}
	return out, nil
}

// constant computes an expression that reads no column of the row.
func (x *run) constant(e plan.Expr, outer *scope) (value.Value, error) {
	k, err := x.compiler(nil, outer).compile(e)
	if err != nil {
		return value.Value{}, err
	}
	return k.fn(nil), nil
}

// count computes a number of rows; null is none.
func (x *run) count(e plan.Expr, outer *scope) (int, error) {
	v, err := x.constant(e, outer)
	if err != nil {
		return 0, err
	}
	n := value.Convert(v, value.Long)
	return int(max(0, min(n.Num, 1<<40))), nil
}

// use computes a shared table once. One that is defined within an inner pipe has
// other rows each time the pipe runs.
func (x *run) use(n *plan.Use, outer *scope) (rows, error) {
	if r, ok := x.shared[n.Shared]; ok {
		return r, nil
	}
	if x.readsElement(n.Shared) {
		return x.node(n.Shared.Node, outer)
	}
	r, err := x.node(n.Shared.Node, nil)
	if err != nil {
		return nil, err
	}
	x.shared[n.Shared] = r
	return r, nil
}

// readsElement tells whether a shared table is made of the rows of an inner pipe
// around it.
func (x *run) readsElement(s *plan.Shared) bool {
	reads, known := x.inside[s]
	if !known {
		x.inside[s] = false // it does not read itself
		reads = x.hasElement(s.Node)
		x.inside[s] = reads
	}
	return reads
}

func (x *run) hasElement(n plan.Node) bool {
	in := plan.Inputs(n)
	switch n := n.(type) {
	case *plan.Element:
		return true
	case *plan.Use:
		return x.readsElement(n.Shared)
	case *plan.MvApply, *plan.Partition:
		in = in[:1]
	}
	return slices.ContainsFunc(in, x.hasElement)
}

func (x *run) scan(n *plan.Scan) (rows, error) {
	if x.env.Scan == nil {
		return nil, fmt.Errorf("table %s: %w", n.Table, ErrUnsupported)
	}
	r, err := x.env.Scan(x.ctx, n)
	if err != nil {
		return nil, fmt.Errorf("reading table %s: %w", n.Table, err)
	}
	return r, x.taken(r)
}

// taken counts rows that come from outside.
func (x *run) taken(r rows) error {
	for i, row := range r {
		for k := range row {
			row[k] = fit(row[k].Normal(), row[k].Type)
		}
		if err := x.grow(row, i+1); err != nil {
			return err
		}
	}
	return nil
}

func (x *run) external(n *plan.External) (rows, error) {
	if x.env.External == nil {
		return nil, fmt.Errorf("externaldata: %w", ErrUnsupported)
	}
	r, err := x.env.External(x.ctx, n)
	if err != nil {
		return nil, fmt.Errorf("reading external data: %w", err)
	}
	return r, x.taken(r)
}

func (x *run) rangeRows(n *plan.Range, outer *scope) (rows, error) {
	var bounds [3]value.Value
	for i, e := range []plan.Expr{n.From, n.To, n.Step} {
		v, err := x.constant(e, outer)
		if err != nil {
			return nil, err
		}
		bounds[i] = v
	}
	var out rows
	var err error
	const all = 1 << 40
	limit := all
	if m := x.env.Limits.Rows; m > 0 {
		limit = int(m) + 1
	}
	scalar.Series(bounds[0], bounds[1], bounds[2], limit, func(v value.Value) {
		if err == nil {
			row := []value.Value{fit(v, n.Col.Type)}
			out = append(out, row)
			if err = x.grow(row, len(out)); err != nil {
				return
			}
		}
	})
	return out, err
}

func (x *run) element(n *plan.Element) (rows, error) {
	s, ok := x.elements[n]
	if !ok {
		return nil, fmt.Errorf("inner table outside of its operator: %w", ErrUnsupported)
	}
	return s.elementRows, nil
}

func (x *run) filter(n *plan.Filter, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	c := x.compiler(n.Columns(), outer)
	c.windows = &windowSet{}
	is, err := x.condition(c, n.Predicate)
	if err != nil {
		return nil, err
	}
	c.windows.compute(in)
	var out rows
	for i, row := range in {
		c.windows.at = i
		if is(row) == yes {
			out = append(out, row)
		}
		if err := x.step(1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// condition compiles a test once in a run, unless it has window functions.
func (x *run) condition(c *compiler, e plan.Expr) (test, error) {
	if k, ok := x.compiled[e]; ok && k.test != nil {
		return k.test, nil
	}
	t, err := c.test(e)
	if err == nil && (c.windows == nil || len(c.windows.list) == 0) {
		x.compiled[e] = &compiledExpr{test: t}
	}
	return t, err
}

func (x *run) project(n *plan.Project, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	c := x.compiler(n.Input.Columns(), outer)
	c.windows = &windowSet{}
	fns := make([]rowFunc, len(n.Items))
	for i, it := range n.Items {
		k, err := x.windowed(c, it.Expr)
		if err != nil {
			return nil, err
		}
		fns[i] = typed(k.fn, it.Expr.Type(), it.Col.Type)
	}
	c.windows.compute(in)
	out := make(rows, len(in))
	cells := make([]value.Value, len(in)*len(fns))
	for i, row := range in {
		c.windows.at = i
		made := cells[i*len(fns) : (i+1)*len(fns) : (i+1)*len(fns)]
		for k, fn := range fns {
			made[k] = fn(row)
		}
		out[i] = made
		if err := x.grow(made, i+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// typed converts where an expression has another type than its column.
func typed(fn rowFunc, have, want value.Type) rowFunc {
	if have == want || want == value.Unknown {
		return fn
	}
	return func(row []value.Value) value.Value { return fit(fn(row), want) }
}

func (x *run) take(n *plan.Take, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	count, err := x.count(n.Count, outer)
	if err != nil || count >= len(in) {
		return in, err
	}
	if !n.Random {
		return in[:count:count], nil
	}
	random := x.env.random()
	pick := append(rows(nil), in...)
	for i := range count {
		k := i + int(random()*float64(len(pick)-i))
		pick[i], pick[k] = pick[k], pick[i]
	}
	return pick[:count], nil
}

func (x *run) union(n *plan.Union, outer *scope) (rows, error) {
	var out rows
	for i, input := range n.Inputs {
		in, err := x.node(input, outer)
		if err != nil {
			return nil, err
		}
		l := LayoutOf(input.Columns())
		for _, row := range in {
			made := make([]value.Value, len(n.Cols))
			for j, col := range n.Cols {
				made[j] = value.NullOf(col.Type)
				if from := n.From[i][j]; from != nil {
					made[j] = fit(row[l[from]], col.Type)
				}
			}
			out = append(out, made)
			if err := x.grow(made, len(out)); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
