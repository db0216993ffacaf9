package eval

import (
	"fmt"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// maxSteps is the greatest number of steps of an axis.
const maxSteps = 1_048_576

// axis is the axis of a make-series.
type axis struct {
	start, step value.Value
	steps       []value.Value
}

// series is one combination of keys: its groups by step.
type seriesRows struct {
	keys  []value.Value
	steps map[int]*group
}

func (x *run) makeSeries(n *plan.MakeSeries, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	c := x.compiler(n.Input.Columns(), outer)
	on, err := x.expr(c, n.On)
	if err != nil {
		return nil, err
	}
	ax, err := x.axis(n, in, on.fn, outer)
	if err != nil || len(ax.steps) == 0 {
		return nil, err
	}
	aggs := make([]plan.Agg, len(n.Aggs))
	for i, a := range n.Aggs {
		aggs[i] = a.Agg
	}
	a, err := x.aggregator(c, aggs)
	if err != nil {
		return nil, err
	}
	keys, err := x.exprs(c, itemExprs(n.Keys))
	if err != nil {
		return nil, err
	}
	all, err := a.series(in, on.fn, ax, keys, n.Keys)
	if err != nil {
		return nil, err
	}
	return x.seriesTable(n, a, all, ax, outer)
}

// axis computes the steps. Without bounds they cover the data.
func (x *run) axis(n *plan.MakeSeries, in rows, on rowFunc, outer *scope) (axis, error) {
	step, err := x.constant(n.Step, outer)
	if err != nil {
		return axis{}, err
	}
	low, high := dataBounds(in, on, step)
	ax := axis{start: low, step: step}
	end, open := high, false
	if n.From != nil {
		if ax.start, err = x.constant(n.From, outer); err != nil {
			return axis{}, err
		}
	}
	if n.To != nil {
		open = true
		if end, err = x.constant(n.To, outer); err != nil {
			return axis{}, err
		}
	}
	if ax.start.Null || end.Null || step.Null {
		return ax, nil
	}
	whole := scalar.Series(ax.start, end, step, maxSteps, func(v value.Value) {
		if order, _ := value.Compare(v, end); !open || order < 0 {
			ax.steps = append(ax.steps, v)
		}
	})
	if !whole {
		return axis{}, fmt.Errorf("the axis of make-series: %w", &LimitError{"rows", maxSteps})
	}
	return ax, nil
}

// dataBounds are the first and last bins that have data.
func dataBounds(in rows, on rowFunc, step value.Value) (low, high value.Value) {
	low, high = value.NullOf(value.Long), value.NullOf(value.Long)
	for _, row := range in {
		v := on(row)
		if v.Null {
			continue
		}
		if order, ok := value.Compare(v, low); low.Null || ok && order < 0 {
			low = v
		}
		if order, ok := value.Compare(v, high); high.Null || ok && order > 0 {
			high = v
		}
	}
	if low.Null {
		return low, high
	}
	return scalar.Bin(low, step), high
}

// index finds the step of a value, -1 outside of the axis.
func (ax axis) index(v value.Value) int {
	if v.Null {
		return -1
	}
	at := -1
	switch distance := scalar.Arithmetic('-', v, ax.start); distance.Type {
	case value.Long, value.TimeSpan:
		step := value.Convert(ax.step, value.Long)
		if step.Null || step.Num <= 0 || distance.Num < 0 {
			return -1
		}
		at = int(min(distance.Num/step.Num, maxSteps))
	default:
		d, s := value.Convert(distance, value.Real), value.Convert(ax.step, value.Real)
		if d.Null || s.Null || d.Float < 0 || !(d.Float/s.Float < maxSteps) {
			return -1
		}
		at = int(d.Float / s.Float)
	}
	if at >= len(ax.steps) {
		return -1
	}
	return at
}

// series takes the rows into groups by keys and step.
func (a *aggregator) series(in rows, on rowFunc, ax axis, keys []rowFunc, items []plan.Item) ([]*seriesRows, error) {
	index := map[string]*seriesRows{}
	var order []*seriesRows
	for _, row := range in {
		at := ax.index(on(row))
		if at < 0 {
			continue
		}
		values := make([]value.Value, len(keys))
		var key []byte
		for i, fn := range keys {
			values[i] = fit(fn(row), items[i].Col.Type)
			key = values[i].AppendKey(key)
		}
		s, ok := index[string(key)]
		if !ok {
			s = &seriesRows{keys: values, steps: map[int]*group{}}
			index[string(key)] = s
			order = append(order, s)
		}
		g, err := a.group(value.LongOf(int64(at)).AppendKey(key), func() []value.Value { return nil })
		if err != nil {
			return nil, err
		}
		s.steps[at] = g
		if err := a.add(g, row); err != nil {
			return nil, err
		}
	}
	return order, nil
}

func (x *run) seriesTable(n *plan.MakeSeries, a *aggregator, all []*seriesRows, ax axis, outer *scope) (rows, error) {
	defaults := make([]value.JSON, len(n.Aggs))
	for i, agg := range n.Aggs {
		defaults[i] = value.LongJSON(0)
		if agg.Default == nil {
			continue
		}
		v, err := x.constant(agg.Default, outer)
		if err != nil {
			return nil, err
		}
		defaults[i] = v.JSON()
	}
	steps := make([]value.JSON, len(ax.steps))
	for i, v := range ax.steps {
		steps[i] = v.JSON()
	}
	axisValue := value.ArrayOf(steps...).Value()
	var out rows
	for _, s := range all {
		row := append([]value.Value(nil), s.keys...)
		for i := range n.Aggs {
			row = append(row, s.array(i, len(ax.steps), defaults[i]))
		}
		row = append(row, axisValue)
		out = append(out, row)
		if err := x.grow(row, len(out)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// array are the results of one aggregate along the axis.
func (s *seriesRows) array(agg, n int, def value.JSON) value.Value {
	items := make([]value.JSON, n)
	for i := range items {
		items[i] = def
		if g, ok := s.steps[i]; ok {
			items[i] = value.JSON{}
			if out := g.accs[agg].results(); len(out) > 0 {
				items[i] = out[0].JSON()
			}
		}
	}
	return value.ArrayOf(items...).Value()
}
