package eval

import (
	"math"
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// sorter orders rows by keys that are computed once.
type sorter struct {
	keys []plan.SortKey
	fns  []rowFunc
}

func (x *run) sorter(cols []*plan.Column, keys []plan.SortKey, outer *scope) (*sorter, error) {
	c := x.compiler(cols, outer)
	s := &sorter{keys: keys}
	for _, k := range keys {
		code, err := x.expr(c, k.Expr)
		if err != nil {
			return nil, err
		}
		s.fns = append(s.fns, code.fn)
	}
	return s, nil
}

// keyed is a row and its keys.
type keyed struct {
	row  []value.Value
	keys []value.Value
}

func (s *sorter) sort(in rows) rows {
	list := make([]keyed, len(in))
	cells := make([]value.Value, len(in)*len(s.fns))
	for i, row := range in {
		keys := cells[i*len(s.fns) : (i+1)*len(s.fns)]
		for k, fn := range s.fns {
			keys[k] = fn(row)
		}
		list[i] = keyed{row, keys}
	}
	slices.SortStableFunc(list, s.compare)
	out := make(rows, len(list))
	for i := range list {
		out[i] = list[i].row
	}
	return out
}

func (s *sorter) compare(a, b keyed) int {
	for i, k := range s.keys {
		if order := compareKeys(a.keys[i], b.keys[i], k); order != 0 {
			return order
		}
	}
	return 0
}

// compareKeys puts null at its end, and NaN beside it.
func compareKeys(a, b value.Value, k plan.SortKey) int {
	if ga, gb := gap(a), gap(b); ga > 0 || gb > 0 {
		if k.NullsFirst {
			return gb - ga
		}
		return ga - gb
	}
	order, _ := value.Compare(a, b)
	if k.Desc {
		return -order
	}
	return order
}

// gap is 2 for null, 1 for NaN, 0 for values in order.
func gap(v value.Value) int {
	switch {
	case v.Normal().Null:
		return 2
	case v.Type == value.Real && math.IsNaN(v.Float):
		return 1
	}
	return 0
}

func (x *run) sort(n *plan.Sort, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	s, err := x.sorter(n.Columns(), n.Keys, outer)
	if err != nil {
		return nil, err
	}
	return s.sort(in), x.step(len(in))
}

func (x *run) top(n *plan.Top, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	count, err := x.count(n.Count, outer)
	if err != nil {
		return nil, err
	}
	s, err := x.sorter(n.Columns(), n.Keys, outer)
	if err != nil {
		return nil, err
	}
	out := s.sort(in)
	return out[:min(count, len(out))], x.step(len(in))
}
