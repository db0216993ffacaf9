package sql

import (
	"math"
	"strconv"

	"github.com/clew-sec/clew/kql/value"
)

func (duckdb) aggregate(name string) aggregateRule { return duckdbAggregates[name] }

var duckdbAggregates map[string]aggregateRule

func init() {
	duckdbAggregates = map[string]aggregateRule{
		"count": duckdbCount, "sum": duckdbSum, "avg": duckdbAvg, "min": extreme("min"), "max": extreme("max"),
		"dcount": duckdbDistinct, "count_distinct": duckdbDistinct,
		"stdev": spread("stddev_samp"), "stdevp": spread("stddev_pop"), "variance": spread("var_samp"), "variancep": spread("var_pop"),
		"make_list": duckdbList(false), "make_list_with_nulls": duckdbList(true), "make_set": duckdbSet,
		"arg_max": argExtreme(true), "arg_min": argExtreme(false), "take_any": duckdbAny,
		"percentile": duckdbPercentile, "percentiles": duckdbPercentile, "percentiles_array": duckdbPercentilesArray,
		"make_bag":      duckdbBag,
		"binary_all_or": bits("bit_or"), "binary_all_and": bits("bit_and"), "binary_all_xor": bits("bit_xor"),
	}
}

func duckdbCount(g *group, x *aggregation) bool {
	g.bind(x.cols[0], val{Expr: &Func{Name: "count", Args: []Expr{Name("*")}, Filter: x.filter}})
	return true
}

// duckdbSum is 0 over nothing, and wraps around.
func duckdbSum(g *group, x *aggregation) bool {
	a := x.args[0]
	switch a.t {
	case value.Real:
		g.bind(x.cols[0], val{Expr: &Func{Name: "coalesce", Args: []Expr{x.call("sum"), double(0)}}})
	case value.Int, value.Long, value.TimeSpan:
		g.bind(x.cols[0], val{Expr: wholeSum(x.call("sum"))})
	default:
		return false
	}
	return true
}

// wholeSum brings a sum, of 128 bits, into 64.
func wholeSum(sum Expr) Expr {
	fits := &Cast{X: sum, Type: "BIGINT", Try: true}
	return &Func{Name: "coalesce", Args: []Expr{fits, low64(sum), Number("0")}}
}

func duckdbAvg(g *group, x *aggregation) bool {
	switch x.args[0].t {
	case value.Int, value.Long:
		mean := &Binary{Op: "/", L: &Cast{X: wholeSum(x.call("sum")), Type: "DOUBLE"}, R: &Cast{X: x.call("count"), Type: "DOUBLE"}}
		g.bind(x.cols[0], val{Expr: mean})
	case value.Real:
		g.bind(x.cols[0], val{Expr: &Func{Name: "coalesce", Args: []Expr{x.call("avg"), nan}}})
	case value.DateTime, value.TimeSpan:
		count := x.call("count")
		g.bind(x.cols[0], val{Expr: &Cast{X: &Binary{Op: "//", L: x.call("sum"), R: count}, Type: "BIGINT"}, null: true})
	default:
		return false
	}
	return true
}

func extreme(name string) aggregateRule {
	return func(g *group, x *aggregation) bool {
		a := x.args[0]
		if a.t == value.Dynamic || a.t == value.Decimal {
			return false
		}
		v := val{Expr: x.call(name), t: a.t, null: a.null || len(g.q.Group) == 0 || x.filter != nil}
		if a.t == value.Real && name == "min" {
			v.Expr = leastReal(x)
		}
		g.bind(x.cols[0], g.c.neverNull(v))
		return true
	}
}

var nan = &Cast{X: Text("nan"), Type: "DOUBLE"}

// leastReal is NaN where there is one: in both directions NaN comes first.
func leastReal(x *aggregation) Expr {
	any := x.call("bool_or")
	any.Args = []Expr{&Func{Name: "isnan", Args: any.Args}}
	return &Case{When: []When{{If: any, Then: nan}}, Else: x.call("min")}
}

func duckdbDistinct(g *group, x *aggregation) bool {
	f := x.call("count")
	f.Distinct = true
	if x.args[0].konst != nil {
		f.Args = []Expr{g.c.typed(x.args[0])}
	}
	g.bind(x.cols[0], val{Expr: f})
	return true
}

// spread is a standard deviation or variance: 0 of a single value and of none.
func spread(name string) aggregateRule {
	return func(g *group, x *aggregation) bool {
		if !x.args[0].t.Numeric() {
			return false
		}
		if x.args[0].t == value.Decimal {
			return false
		}
		of := x.call(name)
		if x.args[0].t == value.Real {
			finite := &Func{Name: "isfinite", Args: of.Args}
			of.Filter = both(x.filter, finite)
			endless := x.call("bool_or")
			endless.Args = []Expr{&Prefix{Op: "NOT", X: finite}}
			e := &Case{When: []When{{If: endless, Then: nan}}, Else: &Func{Name: "coalesce", Args: []Expr{of, double(0)}}}
			g.bind(x.cols[0], val{Expr: e})
			return true
		}
		g.bind(x.cols[0], val{Expr: &Func{Name: "coalesce", Args: []Expr{of, double(0)}}})
		return true
	}
}

func bits(name string) aggregateRule {
	return func(g *group, x *aggregation) bool {
		if !x.args[0].t.Integral() {
			return false
		}
		g.bind(x.cols[0], val{Expr: x.call(name), null: true})
		return true
	}
}

// listLimit is the greatest number of elements of a list or set.
const listLimit = 1048576

// sizeOf is the limit that a call sets; false where it is no constant.
func sizeOf(x *aggregation, at int) (int64, bool) {
	if len(x.args) <= at {
		return listLimit, true
	}
	k := x.args[at].konst
	if k == nil {
		return 0, false
	}
	if k.Null || k.Num > listLimit || k.Num <= 0 {
		return listLimit, true
	}
	return k.Num, true
}

func duckdbList(nulls bool) aggregateRule {
	return func(g *group, x *aggregation) bool {
		n, ok := sizeOf(x, 1)
		item, ok2 := duckdb{}.json(g.c, x.args[0])
		if !ok || !ok2 {
			return false
		}
		f := &Func{Name: "list", Args: []Expr{item}, Order: g.order, Filter: x.filter}
		if x.args[0].null && !nulls && x.args[0].t != value.Dynamic {
			f.Filter = both(f.Filter, notNull(x.args[0].Expr))
		}
		list := Expr(f)
		if x.args[0].t == value.Dynamic {
			list = flattened(f)
		}
		g.bind(x.cols[0], val{Expr: jsonList(list, n)})
		return true
	}
}

// flattened is a list of JSON in which arrays are replaced by their items.
func flattened(list Expr) Expr {
	e := Name("e")
	items := &Case{
		When: []When{{If: &Binary{Op: "=", L: &Func{Name: "json_type", Args: []Expr{e}}, R: Text("ARRAY")}, Then: &Func{Name: "json_extract", Args: []Expr{e, Text("$[*]")}}}},
		Else: &List{Items: []Expr{e}},
	}
	return &Func{Name: "flatten", Args: []Expr{&Func{Name: "list_transform", Args: []Expr{list, &Lambda{Params: []string{"e"}, Body: items}}}}}
}

func both(a, b Expr) Expr {
	if a == nil {
		return b
	}
	return &Chain{Op: "AND", Parts: []Expr{a, b}}
}

// jsonList is a list as JSON text, of n elements at most.
func jsonList(list Expr, n int64) Expr {
	cut := &Slice{X: &Func{Name: "coalesce", Args: []Expr{list, &List{}}}, From: Number("1"), To: Number(strconv.FormatInt(n, 10))}
	return &Cast{X: &Func{Name: "to_json", Args: []Expr{cut}}, Type: "VARCHAR"}
}

// duckdbBag merges bags; of a property the first value counts.
func duckdbBag(g *group, x *aggregation) bool {
	if x.args[0].t != value.Dynamic {
		return false
	}
	item, _ := duckdb{}.json(g.c, x.args[0])
	list := &Func{Name: "list", Args: []Expr{item}, Order: g.order, Filter: x.filter}
	v, ok := g.c.call("make_bag", value.Dynamic, []val{{Expr: jsonList(list, listLimit), t: value.Dynamic}})
	g.bind(x.cols[0], v)
	return ok
}

// duckdbSet keeps the order in which the elements first come.
func duckdbSet(g *group, x *aggregation) bool {
	n, ok := sizeOf(x, 1)
	if !ok {
		return false
	}
	v := x.args[0]
	if v.t == value.Dynamic {
		return false
	}
	f := &Func{Name: "list", Args: []Expr{g.c.typed(v)}, Distinct: true, Filter: x.filter}
	if len(g.order) > 0 {
		f = &Func{Name: "list", Args: f.Args, Order: g.order, Filter: x.filter}
	}
	if v.null {
		f.Filter = both(f.Filter, notNull(v.Expr))
	}
	list := Expr(f)
	if len(g.order) > 0 {
		list = inOrder(f)
	}
	item := val{Expr: Name("e"), t: v.t}
	e, ok := duckdb{}.json(g.c, item)
	if !ok {
		return false
	}
	if e != item.Expr {
		list = &Func{Name: "list_transform", Args: []Expr{list, &Lambda{Params: []string{"e"}, Body: e}}}
	}
	g.bind(x.cols[0], val{Expr: jsonList(list, n)})
	return true
}

// inOrder drops the repetitions of a list and keeps its order.
func inOrder(list Expr) Expr {
	e := Name("e")
	first := &Binary{Op: "=", L: &Func{Name: "list_position", Args: []Expr{list, e}}, R: Name("i")}
	return &Func{Name: "list_filter", Args: []Expr{list, &Lambda{Params: []string{"e", "i"}, Body: first}}}
}

func (d duckdb) collect(c *compiler, v val, order []OrderKey, filter Expr) Expr {
	e, _ := d.json(c, v)
	f := &Func{Name: "list", Args: []Expr{e}, Order: order, Filter: filter}
	return jsonList(f, listLimit)
}

// argExtreme finds the row with the greatest or least value. Rows without a
// value count only where there are no others.
func argExtreme(greatest bool) aggregateRule {
	name := "arg_max_null"
	if !greatest {
		name = "arg_min_null"
	}
	return func(g *group, x *aggregation) bool {
		by := x.args[0]
		if by.t == value.Dynamic || by.t == value.Decimal {
			return false
		}
		used := make([]int, 0, len(x.cols))
		for i, col := range x.cols {
			if g.c.need.has(col) {
				used = append(used, i)
			}
		}
		if len(used) == 0 {
			return true
		}
		key := &aggregation{args: x.args, filter: x.filter}
		empty := len(g.q.Group) == 0 || x.filter != nil
		for _, i := range used {
			a := x.args[i]
			v := val{t: a.t, null: a.null || empty}
			if i == 0 {
				v.Expr = key.call(map[bool]string{true: "max", false: "min"}[greatest])
				if by.t == value.Real && !greatest {
					v.Expr = leastReal(key)
				}
			} else {
				v.Expr = &Func{Name: name, Args: []Expr{g.c.typed(a), extremeKey(by, greatest)}, Filter: x.filter}
			}
			g.bind(x.cols[i], g.c.neverNull(v))
		}
		return true
	}
}

// extremeKey is what a row competes with: without a value it loses against all
// that have one.
func extremeKey(by val, greatest bool) Expr {
	if by.t == value.Real && !greatest && by.konst == nil {
		first := double(math.Inf(-1))
		by.Expr = &Case{When: []When{{If: &Func{Name: "isnan", Args: []Expr{by.Expr}}, Then: first}}, Else: by.Expr}
	}
	if !by.null {
		return by.Expr
	}
	last := Expr(Number("9223372036854775807"))
	switch {
	case by.t == value.Bool:
		last = word(!greatest)
	case by.t == value.Guid && greatest:
		last = Text("")
	case by.t == value.Guid:
		last = Text("~")
	case by.t == value.Real:
		last = double(math.Inf(map[bool]int{true: -1, false: 1}[greatest]))
	case by.t == value.Int:
		last = Number("2147483647")
		if greatest {
			last = Number("-2147483648")
		}
	case greatest:
		last = &Cast{X: Text("-9223372036854775808"), Type: "BIGINT"}
	}
	return &Func{Name: "coalesce", Args: []Expr{by.Expr, last}}
}

// duckdbAny takes the columns of any row: of the first, where rows have an
// order.
func duckdbAny(g *group, x *aggregation) bool {
	if len(x.cols) == 1 && x.args[0].t != value.Dynamic {
		f := x.call("any_value")
		f.Order = g.order
		v := val{Expr: f, t: x.args[0].t, null: x.args[0].null || len(g.q.Group) == 0 || x.filter != nil}
		if x.args[0].konst != nil {
			f.Args[0] = g.c.typed(x.args[0])
		}
		g.bind(x.cols[0], g.c.neverNull(v))
		return true
	}
	empty := len(g.q.Group) == 0 || x.filter != nil
	for i, col := range x.cols {
		if g.c.need.has(col) {
			f := &Func{Name: "first", Args: []Expr{g.c.typed(x.args[i])}, Order: g.order, Filter: x.filter}
			g.bind(col, g.c.neverNull(val{Expr: f, t: x.args[i].t, null: x.args[i].null || empty}))
		}
	}
	return true
}

// duckdbPercentile is an existing value, the lower one of two.
func duckdbPercentile(g *group, x *aggregation) bool {
	if len(x.args) != len(x.cols)+1 || x.args[0].t == value.Dynamic || x.args[0].t == value.Decimal {
		return false
	}
	for i, col := range x.cols {
		p, ok := fraction(x.args[i+1])
		if !ok {
			return false
		}
		f := &Func{Name: "quantile_disc", Args: []Expr{x.args[0].Expr, p}, Filter: x.filter}
		v := val{Expr: f, t: x.args[0].t, null: true}
		g.bind(col, g.c.convert(v, col.Type))
	}
	return true
}

// fraction is a constant percentile as a share of 1.
func fraction(v val) (Expr, bool) {
	if v.konst == nil || v.konst.Null {
		return nil, false
	}
	p := value.Convert(*v.konst, value.Real).Float / 100
	if !(p >= 0 && p <= 1) {
		return nil, false
	}
	return Number(strconv.FormatFloat(p, 'f', -1, 64)), true
}

func duckdbPercentilesArray(g *group, x *aggregation) bool {
	list := &List{}
	for _, a := range g.c.spread(x.args[1:], value.Real) {
		p, ok := fraction(a)
		if !ok {
			return false
		}
		list.Items = append(list.Items, p)
	}
	v := x.args[0]
	if v.t == value.Dynamic || isTicks(v.t) || len(list.Items) == 0 {
		return false
	}
	f := &Func{Name: "quantile_disc", Args: []Expr{v.Expr, list}, Filter: x.filter}
	g.bind(x.cols[0], val{Expr: &Cast{X: &Func{Name: "to_json", Args: []Expr{f}}, Type: "VARCHAR"}, null: true})
	return true
}
