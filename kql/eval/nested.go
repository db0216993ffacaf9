package eval

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// nesting is a top-nested that is being computed.
type nesting struct {
	x      *run
	n      *plan.TopNested
	items  []rowFunc
	counts []int // -1: all
	others []value.Value
	aggs   []*aggregator
	out    rows
}

func (x *run) topNested(n *plan.TopNested, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	t := &nesting{x: x, n: n}
	c := x.compiler(n.Input.Columns(), outer)
	for _, l := range n.Levels {
		if err := t.prepare(c, l, outer); err != nil {
			return nil, err
		}
	}
	if err := t.level(0, in, nil); err != nil {
		return nil, err
	}
	return t.out, nil
}

func (t *nesting) prepare(c *compiler, l plan.NestedLevel, outer *scope) error {
	item, err := t.x.expr(c, l.Item.Expr)
	if err != nil {
		return err
	}
	count := -1
	if l.Count != nil {
		if count, err = t.x.count(l.Count, outer); err != nil {
			return err
		}
	}
	var others value.Value
	if l.Others != nil {
		if others, err = t.x.constant(l.Others, outer); err != nil {
			return err
		}
	}
	a, err := t.x.aggregator(c, []plan.Agg{l.Agg})
	t.items, t.counts, t.others, t.aggs = append(t.items, item.fn), append(t.counts, count), append(t.others, others), append(t.aggs, a)
	return err
}

// bucket is a value of a level with its rows.
type bucket struct {
	value  value.Value
	result value.Value
	rows   rows
}

// level computes a level within the rows of the levels above, whose values and
// aggregates are in prefix.
func (t *nesting) level(i int, in rows, prefix []value.Value) error {
	if i == len(t.n.Levels) {
		t.out = append(t.out, prefix)
		return t.x.grow(prefix, len(t.out))
	}
	buckets, err := t.buckets(i, in)
	if err != nil {
		return err
	}
	l := t.n.Levels[i]
	key := plan.SortKey{Desc: l.Desc, NullsFirst: !l.Desc}
	slices.SortStableFunc(buckets, func(a, b *bucket) int { return compareKeys(a.result, b.result, key) })
	keep := len(buckets)
	if t.counts[i] >= 0 {
		keep = min(keep, t.counts[i])
	}
	for _, b := range buckets[:keep] {
		if err := t.descend(i, b, prefix); err != nil {
			return err
		}
	}
	if l.Others == nil || keep == len(buckets) {
		return nil
	}
	rest := &bucket{value: t.others[i]}
	for _, b := range buckets[keep:] {
		rest.rows = append(rest.rows, b.rows...)
	}
	if rest.result, err = t.result(i, rest.rows); err != nil {
		return err
	}
	return t.descend(i, rest, prefix)
}

func (t *nesting) descend(i int, b *bucket, prefix []value.Value) error {
	row := append(slices.Clone(prefix), b.value)
	if !t.n.Levels[i].Hidden {
		row = append(row, b.result)
	}
	return t.level(i+1, b.rows, row)
}

func (t *nesting) buckets(i int, in rows) ([]*bucket, error) {
	index := map[string]*bucket{}
	var out []*bucket
	var buf []byte
	typ := t.n.Levels[i].Item.Col.Type
	for _, row := range in {
		v := fit(t.items[i](row), typ)
		buf = v.AppendKey(buf[:0])
		b, ok := index[string(buf)]
		if !ok {
			b = &bucket{value: v}
			index[string(buf)] = b
			out = append(out, b)
		}
		b.rows = append(b.rows, row)
	}
	for _, b := range out {
		var err error
		if b.result, err = t.result(i, b.rows); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// result is the aggregate of a level over rows.
func (t *nesting) result(i int, in rows) (value.Value, error) {
	a := t.aggs[i]
	acc, err := newAccumulator(a.aggs[0])
	if err != nil {
		return value.Value{}, err
	}
	g := &group{accs: []accumulator{acc}}
	for _, row := range in {
		if err := a.add(g, row); err != nil {
			return value.Value{}, err
		}
	}
	return a.row(g)[0], nil
}
