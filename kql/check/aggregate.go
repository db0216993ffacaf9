package check

import (
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// aggregation collects the aggregates that an operator computes.
type aggregation struct {
	aggs []plan.Agg
	own  map[*plan.Column]bool // the columns that aggregates make
	keys map[*plan.Column]bool // columns that are keys as they stand: a star leaves them out
}

func newAggregation() *aggregation {
	return &aggregation{own: map[*plan.Column]bool{}, keys: map[*plan.Column]bool{}}
}

// add notes an aggregate and returns the columns that it gives.
func (a *aggregation) add(fn string, args []expr, items []tupleItem) expr {
	agg := plan.Agg{Func: fn}
	for _, e := range args {
		agg.Args = append(agg.Args, e.x)
	}
	for i := range items {
		col := &plan.Column{Name: items[i].name, Type: items[i].e.t.plan()}
		a.own[col] = true
		agg.Cols = append(agg.Cols, col)
		items[i].e.x, items[i].e.weight = &plan.Ref{Col: col}, 1
	}
	a.aggs = append(a.aggs, agg)
	first := items[0].e
	first.tuple = items
	return first
}

// aggregateCall binds a call of an aggregate.
func (c *checker) aggregateCall(x *syntax.Call, fn *catalog.Function, cx context) expr {
	if fn.Deprecated() {
		c.report(syntax.Information, x.Name, CodeDeprecated, "'%s' is an old name; use '%s'.", fn.Name, fn.Successor)
	}
	if cx.aggs == nil {
		c.errorf(x.Name, CodeAggregate, "The aggregate '%s' can't stand here; it belongs to summarize and its like.", fn.Name)
		for _, a := range x.Args {
			c.argument(a, cx)
		}
		return bad()
	}
	args := c.arguments(x, cx, fn)
	sig, places := c.choose(x, fn, args)
	if sig == nil {
		e := bad()
		e.t = failedType(fn, args)
		if e.t.known() {
			e.missing = false
			return cx.aggs.add(fn.Canonical, nil, []tupleItem{{c.callName(x), e}})
		}
		return e
	}
	if build, ok := ownAggregates[fn.Canonical]; ok {
		return build(c, fn, x, sig, places, args, cx)
	}
	t := resultType(sig, places, args)
	xs := make([]expr, len(args))
	for i, a := range args {
		xs[i] = coerce(a.e, sig.Params[places[i]].Class, t)
	}
	name := fn.Canonical
	if name == "count" && len(args) == 1 {
		name, xs = countOf(xs)
	}
	return cx.aggs.add(name, xs, []tupleItem{{c.callName(x), leaf(nil, t)}})
}

// countOf is count(x): of a condition it counts the rows for which it holds, of
// anything else all rows.
func countOf(xs []expr) (string, []expr) {
	if xs[0].t.T == value.Bool {
		return "countif", xs
	}
	return "count", nil
}

type aggregateBuilder func(*checker, *catalog.Function, *syntax.Call, *catalog.Signature, []int, []argument, context) expr

// ownAggregates give several columns or ones with names of their own.
var ownAggregates map[string]aggregateBuilder

func init() {
	ownAggregates = map[string]aggregateBuilder{
		"arg_max": (*checker).extreme, "arg_min": (*checker).extreme, "take_any": (*checker).takeAny,
		"percentiles": (*checker).percentiles, "percentilesw": (*checker).percentiles,
		"percentiles_array": (*checker).percentileArray, "percentilesw_array": (*checker).percentileArray,
	}
}

// extreme binds arg_max and arg_min: the extreme, and for its row the other
// arguments. A star stands for all columns that are neither keys nor named.
func (c *checker) extreme(fn *catalog.Function, x *syntax.Call, _ *catalog.Signature, _ []int, args []argument, cx context) expr {
	old := fn.Prefix != ""
	first := c.argName(x)
	if first == "" || old {
		first = fn.Canonical[len("arg_"):] + "_" + first
	}
	items := []tupleItem{{first, leaf(nil, args[0].e.t)}}
	xs := []expr{args[0].e}
	seen := map[string]bool{}
	if id, ok := args[0].x.(*syntax.Ident); ok {
		seen[id.Name] = true
	}
	for i, a := range args[1:] {
		if a.star {
			for _, f := range c.remaining(cx, seen) {
				xs = append(xs, f.expr())
				items = append(items, tupleItem{prefixed(old, first, f.name), leaf(nil, f.t)})
			}
			continue
		}
		if id, ok := a.x.(*syntax.Ident); ok {
			seen[id.Name] = true
		}
		xs = append(xs, a.e)
		name := prefixed(old, first, c.nameOf(a.x))
		if c.nameOf(a.x) == "" {
			name = fn.Canonical[len("arg_"):] + "_" + c.argName(x) + "_arg" + itoa(i+1)
		}
		items = append(items, tupleItem{name, leaf(nil, a.e.t)})
	}
	return cx.aggs.add(fn.Canonical, xs, items)
}

func prefixed(old bool, prefix, name string) string {
	if old {
		return prefix + "_" + name
	}
	return name
}

// remaining lists the columns that a star stands for.
func (c *checker) remaining(cx context, seen map[string]bool) []field {
	var out []field
	if cx.row == nil {
		return nil
	}
	c.work += len(cx.row.fields) / 2
	for _, f := range cx.row.fields {
		if !cx.aggs.keys[f.col] && !seen[f.name] {
			out = append(out, f)
		}
	}
	return out
}

// takeAny binds take_any and its old name any.
func (c *checker) takeAny(fn *catalog.Function, x *syntax.Call, _ *catalog.Signature, _ []int, args []argument, cx context) expr {
	old := fn.Name == "any"
	var items []tupleItem
	var xs []expr
	for i, a := range args {
		if a.star {
			for _, f := range c.remaining(cx, nil) {
				xs = append(xs, f.expr())
				items = append(items, tupleItem{prefixed(old, "any", f.name), leaf(nil, f.t)})
			}
			continue
		}
		xs = append(xs, a.e)
		name := c.nameOf(a.x)
		if name == "" && (!old || i > 0) {
			items = append(items, tupleItem{"any_arg" + itoa(i), leaf(nil, a.e.t)})
			continue
		}
		items = append(items, tupleItem{prefixed(old, "any", name), leaf(nil, a.e.t)})
	}
	if len(items) == 0 {
		return bad()
	}
	return cx.aggs.add(fn.Canonical, xs, items)
}

// percentiles binds percentile, percentiles and their weighted forms: a column
// for each percentile.
func (c *checker) percentiles(fn *catalog.Function, x *syntax.Call, sig *catalog.Signature, _ []int, args []argument, cx context) expr {
	head := 1
	if strings.HasPrefix(fn.Name, "percentilew") || strings.HasPrefix(fn.Name, "percentilesw") {
		head = 2
	}
	t := percentileType(args[0].e.t)
	base := "percentile_" + c.argName(x) + "_"
	var items []tupleItem
	xs := make([]expr, 0, len(args))
	for i, a := range args {
		xs = append(xs, a.e)
		if i >= head {
			items = append(items, tupleItem{base + percentileSuffix(a.e), leaf(nil, t)})
		}
	}
	return cx.aggs.add(fn.Canonical, xs, items)
}

// percentileSuffix writes a percentile as a part of a name: 99.9 as 99_9.
func percentileSuffix(e expr) string {
	v, ok := constantOf(e)
	switch {
	case !ok:
		return ""
	case v.Type.Integral():
		return strconv.FormatInt(v.Num, 10)
	case v.Type == value.Real:
		return strings.ReplaceAll(strconv.FormatFloat(v.Float, 'f', -1, 64), ".", "_")
	case v.Type == value.Decimal:
		return strings.ReplaceAll(v.Text, ".", "_")
	}
	return ""
}

func (c *checker) percentileArray(fn *catalog.Function, x *syntax.Call, _ *catalog.Signature, _ []int, args []argument, cx context) expr {
	xs := make([]expr, 0, len(args))
	for _, a := range args {
		xs = append(xs, a.e)
	}
	item := tupleItem{"percentiles_" + c.argName(x), leaf(nil, typ{value.Dynamic, catalog.ArrayShape})}
	return cx.aggs.add(fn.Canonical, xs, []tupleItem{item})
}
