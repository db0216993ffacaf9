package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// summarize binds summarize.
func (c *checker) summarize(rel *relation, op *syntax.Summarize, cx context) *relation {
	over := cx.over(rel)
	keys := c.keys(op.Keys, over)
	aggs := newAggregation()
	for _, k := range keys {
		if ref, ok := k.e.x.(*plan.Ref); ok {
			aggs.keys[ref.Col] = true
		}
	}
	over.aggs = aggs
	items := c.items(op.Aggregates, over)
	c.onlyAggregates(items, aggs)
	names := newNames()
	c.distinctNames(keys, names)
	c.aggregateNames(items, keys, names)
	return c.aggregated(rel, keys, items, aggs)
}

// keys binds the expressions to group by.
func (c *checker) keys(list []*syntax.NamedExpr, cx context) []item {
	keys := c.items(list, cx)
	for _, k := range keys {
		c.notDynamic(exprAt(k.at), k.e, "a group")
	}
	return keys
}

// exprAt is the expression of a named one, for messages about its value.
func exprAt(n syntax.Node) syntax.Node {
	if named, ok := n.(*syntax.NamedExpr); ok && named.X != nil {
		return named.X
	}
	return n
}

// onlyAggregates reports columns that stand outside of aggregates.
func (c *checker) onlyAggregates(items []item, aggs *aggregation) {
	for _, it := range items {
		if it.e.missing {
			continue
		}
		if ref := strayColumn(it.e.x, aggs.own); ref != "" {
			c.errorf(exprAt(it.at), CodeAggregate, "'%s' is not an aggregate; put it behind by, or into an aggregate such as take_any().", ref)
		}
	}
}

// strayColumn names a column of the input that an expression reads, or "".
func strayColumn(x plan.Expr, own map[*plan.Column]bool) string {
	switch x := x.(type) {
	case *plan.Ref:
		if !own[x.Col] {
			return x.Col.Name
		}
	case *plan.Convert:
		return strayColumn(x.X, own)
	case *plan.Access:
		return strayColumn(x.X, own)
	case *plan.InTable:
		return strayColumn(x.X, own)
	case *plan.Call:
		for _, a := range x.Args {
			if s := strayColumn(a, own); s != "" {
				return s
			}
		}
	}
	return ""
}

// aggregateNames gives aggregates their names; a written one that is also the
// name of a key as it stands is an error.
func (c *checker) aggregateNames(items, keys []item, names *nameTable) {
	all := append(slices.Clone(keys), items...)
	for i := range items {
		it := &items[i]
		it.explicit = it.written
		switch {
		case it.written && names.has(it.name):
			it.name = c.clash(it, all[:len(keys)+i], names)
		case it.name == "":
			it.name = names.unique(c.columnName())
		default:
			it.name = names.unique(it.name)
		}
		all[len(keys)+i] = *it
	}
}

// aggregated makes the plan: the aggregates, and on top of them what is
// computed from aggregates.
func (c *checker) aggregated(rel *relation, keys, items []item, aggs *aggregation) *relation {
	node := &plan.Aggregate{Input: rel.node, Aggs: aggs.aggs}
	var fields []field
	for _, k := range keys {
		if k.name == "" {
			continue
		}
		f := field{name: k.name, t: k.e.t}
		if ref, ok := k.e.x.(*plan.Ref); ok && !keyed(node.Keys, ref.Col) {
			f.col = ref.Col
		} else {
			f.col = &plan.Column{Name: k.name, Type: k.e.t.plan()}
		}
		node.Keys = append(node.Keys, plan.Item{Col: f.col, Expr: k.e.x})
		fields = append(fields, f)
	}
	computed := false
	var post []item
	for _, it := range items {
		if it.name == "" {
			continue
		}
		ref, ok := it.e.x.(*plan.Ref)
		computed = computed || !ok || !aggs.own[ref.Col]
		post = append(post, it)
	}
	if !computed {
		for _, it := range post {
			fields = append(fields, field{it.name, it.e.x.(*plan.Ref).Col, it.e.t})
		}
		return newRelation(node, fields)
	}
	out := newProjection(node)
	for _, f := range fields {
		out.pass(f)
	}
	for _, it := range post {
		out.add(it.name, it.e)
	}
	return out.relation(false)
}

func keyed(keys []plan.Item, col *plan.Column) bool {
	return slices.ContainsFunc(keys, func(i plan.Item) bool { return i.Col == col })
}

// distinct binds distinct: an aggregate without aggregates.
func (c *checker) distinct(rel *relation, op *syntax.Distinct, cx context) *relation {
	items := c.keys(op.Columns, cx.over(rel))
	c.distinctNames(items, newNames())
	out := c.aggregated(rel, items, nil, newAggregation())
	if len(op.Columns) == 1 {
		if w, ok := op.Columns[0].X.(*syntax.Wildcard); ok && w.Pattern == "*" {
			out.open = rel.open
		}
	}
	return out
}

// sampleDistinct binds sample-distinct N of X.
func (c *checker) sampleDistinct(rel *relation, op *syntax.SampleDistinct, cx context) *relation {
	n := c.whole(op.N, cx)
	items := c.keys([]*syntax.NamedExpr{{Span: syntax.Span{Start: op.Of.Pos(), Stop: op.Of.End()}, X: op.Of}}, cx.over(rel))
	c.distinctNames(items, newNames())
	out := c.aggregated(rel, items, nil, newAggregation())
	return out.with(&plan.Take{Input: out.node, Count: n})
}

// topHitters binds top-hitters N of X by Y: the largest groups.
func (c *checker) topHitters(rel *relation, op *syntax.TopHitters, cx context) *relation {
	n := c.whole(op.N, cx)
	keys := c.items([]*syntax.NamedExpr{op.Of}, cx.over(rel))
	c.distinctNames(keys, newNames())
	aggs := newAggregation()
	var it item
	if op.By == nil {
		name := "approximate_count_" + c.nameOf(op.Of.X)
		it = item{name: name, e: aggs.add("count", nil, []tupleItem{{name, leaf(nil, scalar(value.Long))}})}
	} else {
		by := c.scalarOf(op.By.X, cx.over(rel))
		name := "approximate_sum_" + c.nameOf(op.By.X)
		it = item{name: name, e: aggs.add("sum", []expr{by}, []tupleItem{{name, leaf(nil, scalar(promoted(by.t.T)))}})}
	}
	out := c.aggregated(rel, keys, []item{it}, aggs)
	return hitters(out, n, it.e.x)
}

// hitters takes the largest groups and, as the engine does, gives the smallest
// of them first; of equal ones the last value goes first.
func hitters(rel *relation, n, weight plan.Expr) *relation {
	top := []plan.SortKey{{Expr: weight, Desc: true}}
	order := []plan.SortKey{{Expr: weight, NullsFirst: true}}
	if f := rel.fields[0]; !f.t.dynamic() && f.col != nil {
		top = append(top, plan.SortKey{Expr: f.ref(), Desc: true})
		order = append(order, plan.SortKey{Expr: f.ref(), Desc: true})
	}
	out := rel.with(&plan.Sort{Input: &plan.Top{Input: rel.node, Count: n, Keys: top}, Keys: order})
	out.ordered = true
	return out
}
