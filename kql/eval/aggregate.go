package eval

import (
	"fmt"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// accumulator takes in the arguments of an aggregate row by row.
type accumulator interface {
	add(args []value.Value)
	// results are the values of the columns of the aggregate.
	results() []value.Value
}

// sized is an accumulator that keeps values; it tells how many bytes it has
// taken since the last time.
type sized interface{ taken() int }

// group is the rows of one combination of keys.
type group struct {
	keys []value.Value
	accs []accumulator
}

// aggregator collects groups.
type aggregator struct {
	x     *run
	aggs  []plan.Agg
	args  [][]rowFunc
	bufs  [][]value.Value
	index map[string]*group
	order []*group
}

func (x *run) aggregator(c *compiler, aggs []plan.Agg) (*aggregator, error) {
	a := &aggregator{x: x, aggs: aggs, index: map[string]*group{}}
	for _, agg := range aggs {
		fns, err := x.exprs(c, agg.Args)
		if err != nil {
			return nil, err
		}
		a.args = append(a.args, fns)
		a.bufs = append(a.bufs, make([]value.Value, len(fns)))
		if _, err := newAccumulator(agg); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// group finds or begins the group of a key.
func (a *aggregator) group(key []byte, keys func() []value.Value) (*group, error) {
	if g, ok := a.index[string(key)]; ok {
		return g, nil
	}
	g := &group{keys: keys()}
	for _, agg := range a.aggs {
		acc, err := newAccumulator(agg)
		if err != nil {
			return nil, err
		}
		g.accs = append(g.accs, acc)
	}
	a.index[string(key)] = g
	a.order = append(a.order, g)
	return g, a.x.grow(g.keys, len(a.order))
}

// add takes a row into a group.
func (a *aggregator) add(g *group, row []value.Value) error {
	for i, acc := range g.accs {
		buf := a.bufs[i]
		for k, fn := range a.args[i] {
			buf[k] = fn(row)
		}
		acc.add(buf)
		if s, ok := acc.(sized); ok {
			if err := a.x.spend(s.taken()); err != nil {
				return err
			}
		}
	}
	return a.x.step(1)
}

// row puts keys and results together.
func (a *aggregator) row(g *group) []value.Value {
	row := append([]value.Value(nil), g.keys...)
	for i, acc := range g.accs {
		out := acc.results()
		for k, col := range a.aggs[i].Cols {
			v := value.NullOf(col.Type)
			if k < len(out) {
				v = fit(out[k], col.Type)
			}
			row = append(row, v)
		}
	}
	return row
}

func (x *run) aggregate(n *plan.Aggregate, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	c := x.compiler(n.Input.Columns(), outer)
	keys, err := x.exprs(c, itemExprs(n.Keys))
	if err != nil {
		return nil, err
	}
	a, err := x.aggregator(c, n.Aggs)
	if err != nil {
		return nil, err
	}
	if len(n.Keys) == 0 {
		if _, err := a.group(nil, func() []value.Value { return nil }); err != nil {
			return nil, err
		}
	}
	if err := a.addAll(in, keys, n.Keys); err != nil {
		return nil, err
	}
	out := make(rows, len(a.order))
	for i, g := range a.order {
		out[i] = a.row(g)
		if err := x.grow(out[i], len(out)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *aggregator) addAll(in rows, keys []rowFunc, items []plan.Item) error {
	var buf []byte
	values := make([]value.Value, len(keys))
	for _, row := range in {
		buf = buf[:0]
		for i, fn := range keys {
			values[i] = fit(fn(row), items[i].Col.Type)
			buf = values[i].AppendKey(buf)
		}
		g, err := a.group(buf, func() []value.Value { return append([]value.Value(nil), values...) })
		if err != nil {
			return err
		}
		if err := a.add(g, row); err != nil {
			return err
		}
	}
	return nil
}

func itemExprs(items []plan.Item) []plan.Expr {
	out := make([]plan.Expr, len(items))
	for i, it := range items {
		out[i] = it.Expr
	}
	return out
}

// newAccumulator begins an aggregate.
func newAccumulator(agg plan.Agg) (accumulator, error) {
	if n := len(agg.Cols); n == 0 {
		return nil, fmt.Errorf("aggregate %s without a column: %w", agg.Func, ErrUnsupported)
	}
	if base, cond := conditional(agg); base != "" {
		inner := agg
		inner.Func = base
		inner.Args = append(append([]plan.Expr(nil), agg.Args[:cond]...), agg.Args[cond+1:]...)
		acc, err := newAccumulator(inner)
		return &conditionalAcc{acc: acc, cond: cond}, err
	}
	make, ok := accumulators[agg.Func]
	if !ok || len(agg.Args) < make.args {
		return nil, fmt.Errorf("aggregate %s with %d arguments: %w", agg.Func, len(agg.Args), ErrUnsupported)
	}
	return make.new(agg), nil
}

// conditional names the aggregate that a form with a condition is made of, and
// where its condition stands.
func conditional(agg plan.Agg) (base string, cond int) {
	form, ok := conditionalForms[agg.Func]
	if !ok || len(agg.Args) <= form.cond {
		return "", 0
	}
	return form.base, form.cond
}

var conditionalForms = map[string]struct {
	base string
	cond int
}{
	"countif": {"count", 0}, "sumif": {"sum", 1}, "avgif": {"avg", 1}, "minif": {"min", 1}, "maxif": {"max", 1}, "dcountif": {"dcount", 1},
	"count_distinctif": {"count_distinct", 1}, "stdevif": {"stdev", 1}, "varianceif": {"variance", 1}, "variancepif": {"variancep", 1},
	"stdevpif": {"stdevp", 1}, "covarianceif": {"covariance", 2}, "covariancepif": {"covariancep", 2}, "make_list_if": {"make_list", 1},
	"make_set_if": {"make_set", 1}, "make_bag_if": {"make_bag", 1}, "take_anyif": {"take_any", 1}, "hll_if": {"hll", 1},
}

// conditionalAcc hands on the rows for which its condition holds.
type conditionalAcc struct {
	acc  accumulator
	cond int
	buf  []value.Value
}

func (a *conditionalAcc) add(args []value.Value) {
	if truth(args[a.cond]) != yes {
		return
	}
	a.buf = append(append(a.buf[:0], args[:a.cond]...), args[a.cond+1:]...)
	a.acc.add(a.buf)
}

func (a *conditionalAcc) results() []value.Value { return a.acc.results() }

func (a *conditionalAcc) taken() int {
	if s, ok := a.acc.(sized); ok {
		return s.taken()
	}
	return 0
}
