package eval

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// expander turns the arrays of a row into rows.
type expander struct {
	items  []plan.Expansion
	fns    []rowFunc
	arrays bool
	limit  int // rows of one row at most; -1: none
}

func (x *run) expander(cols []*plan.Column, items []plan.Expansion, limit plan.Expr, arrays bool, outer *scope) (*expander, error) {
	e := &expander{items: items, arrays: arrays, limit: -1}
	c := x.compiler(cols, outer)
	for _, it := range items {
		k, err := x.expr(c, it.Expr)
		if err != nil {
			return nil, err
		}
		e.fns = append(e.fns, k.fn)
	}
	if limit != nil {
		n, err := x.count(limit, outer)
		if err != nil {
			return nil, err
		}
		e.limit = n
	}
	return e, nil
}

// expand calls do with the elements of each place of the arrays, side by side.
func (e *expander) expand(row []value.Value, do func(index int, elements []value.Value) error) error {
	lists := make([][]value.Value, len(e.fns))
	longest := 0
	for i, fn := range e.fns {
		lists[i] = elements(fn(row), e.items[i].To, e.arrays)
		longest = max(longest, len(lists[i]))
	}
	if e.limit >= 0 {
		longest = min(longest, e.limit)
	}
	for k := range longest {
		made := make([]value.Value, len(lists))
		for i, l := range lists {
			made[i] = value.NullOf(e.items[i].To)
			if k < len(l) {
				made[i] = l[k]
			}
		}
		if err := do(k, made); err != nil {
			return err
		}
	}
	return nil
}

// elements are the items of an array, or the properties of a bag; null and
// scalars are one element.
func elements(v value.Value, to value.Type, arrays bool) []value.Value {
	v = v.Normal()
	if v.Null || v.Type != value.Dynamic {
		return []value.Value{value.Convert(v, to)}
	}
	j := v.JSON()
	switch j.Kind {
	case value.KindArray:
		out := make([]value.Value, len(j.Items))
		for i, item := range j.Items {
			out[i] = value.Convert(item.Value(), to)
		}
		return out
	case value.KindBag:
		out := make([]value.Value, len(j.Items))
		for i, item := range j.Items {
			out[i] = value.Convert(property(j.Keys[i], item, arrays).Value(), to)
		}
		return out
	}
	return []value.Value{value.Convert(v, to)}
}

// property is a bag of one property, or a pair of its name and value.
func property(key string, v value.JSON, pair bool) value.JSON {
	if pair {
		return value.ArrayOf(value.TextJSON(key), v)
	}
	return value.JSON{Kind: value.KindBag, Keys: []string{key}, Items: []value.JSON{v}}
}

// picker takes the values of columns from a row and from further ones.
type picker struct {
	from []int // index in the row, or -1
	more []int // index in the further values
	cols []*plan.Column
}

func newPicker(out []*plan.Column, row Layout, more Layout) picker {
	p := picker{cols: out}
	for _, c := range out {
		i, inRow := row[c]
		k, inMore := more[c]
		if inMore {
			i = -1
		} else if !inRow {
			i, k = -1, -1
		}
		p.from, p.more = append(p.from, i), append(p.more, k)
	}
	return p
}

func (p picker) pick(row, more []value.Value) []value.Value {
	out := make([]value.Value, len(p.cols))
	for i, c := range p.cols {
		switch {
		case p.from[i] >= 0:
			out[i] = row[p.from[i]]
		case p.more[i] >= 0 && p.more[i] < len(more):
			out[i] = fit(more[p.more[i]], c.Type)
		default:
			out[i] = value.NullOf(c.Type)
		}
	}
	return out
}

// expansionLayout places the columns that an expansion makes, and its index.
func expansionLayout(items []plan.Expansion, index *plan.Column) Layout {
	l := Layout{}
	for i, it := range items {
		l[it.Col] = i
	}
	if index != nil {
		l[index] = len(items)
	}
	return l
}

func (x *run) mvExpand(n *plan.MvExpand, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	e, err := x.expander(cols, n.Items, n.Limit, n.Arrays, outer)
	if err != nil {
		return nil, err
	}
	p := newPicker(n.Out, LayoutOf(cols), expansionLayout(n.Items, n.Index))
	var out rows
	for _, row := range in {
		err := e.expand(row, func(index int, elements []value.Value) error {
			made := p.pick(row, append(elements, value.LongOf(int64(index))))
			out = append(out, made)
			return x.grow(made, len(out))
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (x *run) mvApply(n *plan.MvApply, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	layout := LayoutOf(cols)
	e, err := x.expander(cols, n.Items, n.Limit, false, outer)
	if err != nil {
		return nil, err
	}
	inner := x.inner(n.Element, layout, outer)
	element := newPicker(n.Element.Cols, layout, expansionLayout(n.Items, n.Index))
	result := newPicker(n.Out, layout, without(LayoutOf(n.Sub.Columns()), layout))
	var out rows
	for _, row := range in {
		inner.row, inner.elementRows = row, nil
		err := e.expand(row, func(index int, elements []value.Value) error {
			inner.elementRows = append(inner.elementRows, element.pick(row, append(elements, value.LongOf(int64(index)))))
			return x.grow(elements, len(inner.elementRows))
		})
		if err != nil {
			return nil, err
		}
		if out, err = x.applySub(n, inner, result, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// without are the places of the columns that others do not have.
func without(l, others Layout) Layout {
	out := Layout{}
	for c, i := range l {
		if _, ok := others[c]; !ok {
			out[c] = i
		}
	}
	return out
}

// applySub runs the inner pipe for one row. A row without elements is lost.
func (x *run) applySub(n *plan.MvApply, inner *scope, result picker, out rows) (rows, error) {
	if len(inner.elementRows) == 0 {
		return out, nil
	}
	row := inner.row
	sub, err := x.node(n.Sub, inner)
	if err != nil {
		return nil, err
	}
	for _, s := range sub {
		made := result.pick(row, s)
		out = append(out, made)
		if err := x.grow(made, len(out)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (x *run) partition(n *plan.Partition, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	by := LayoutOf(n.Input.Columns())[n.By]
	parts := map[string]int{}
	var order []rows
	for _, row := range in {
		key := string(row[by].AppendKey(nil))
		i, ok := parts[key]
		if !ok {
			i = len(order)
			parts[key] = i
			order = append(order, nil)
		}
		order[i] = append(order[i], row)
	}
	inner := x.inner(n.Element, Layout{}, outer)
	if n.Query {
		inner.layout = LayoutOf(n.Element.Cols)
	}
	var out rows
	for _, part := range order {
		inner.elementRows = part
		if n.Query {
			inner.row = []value.Value{part[0][by]}
		}
		sub, err := x.node(n.Sub, inner)
		if err != nil {
			return nil, err
		}
		for _, row := range sub {
			out = append(out, row)
			if err := x.grow(row, len(out)); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
