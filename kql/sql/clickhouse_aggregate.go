package sql

import (
	"math"
	"slices"
	"strconv"

	"github.com/clew-sec/clew/kql/value"
)

func (clickhouse) aggregate(name string) aggregateRule { return clickhouseAggregates[name] }

var clickhouseAggregates map[string]aggregateRule

func init() {
	clickhouseAggregates = map[string]aggregateRule{
		"count": clickhouseCount, "sum": clickhouseSum, "avg": clickhouseAvg, "min": clickhouseExtreme("minOrNull"), "max": clickhouseExtreme("maxOrNull"),
		"dcount": clickhouseDistinct, "count_distinct": clickhouseDistinct,
		"stdev": clickhouseSpread("stddevSampStable"), "stdevp": clickhouseSpread("stddevPopStable"),
		"variance": clickhouseSpread("varSampStable"), "variancep": clickhouseSpread("varPopStable"),
		"make_list": clickhouseList(false), "make_list_with_nulls": clickhouseList(true), "make_set": clickhouseSet,
		"arg_max": clickhouseArg(true), "arg_min": clickhouseArg(false), "take_any": clickhouseAny,
		"percentile": clickhousePercentile, "percentiles": clickhousePercentile,
		"binary_all_or": clickhouseBits("groupBitOrOrNull"), "binary_all_and": clickhouseBits("groupBitAndOrNull"), "binary_all_xor": clickhouseBits("groupBitXorOrNull"),
	}
}

// over is a call of an aggregate function under the aggregate's condition.
func (x *aggregation) over(name string, args ...Expr) *Func {
	return &Func{Name: name, Args: args, Filter: x.filter}
}

func clickhouseCount(g *group, x *aggregation) bool {
	g.bind(x.cols[0], val{Expr: fn("toInt64", x.over("count", Name("*")))})
	return true
}

// clickhouseSum is 0 over nothing, and wraps around by itself.
func clickhouseSum(g *group, x *aggregation) bool {
	switch a := x.args[0]; {
	case a.t == value.Real:
		g.bind(x.cols[0], val{Expr: fn("ifNull", x.over("sum", g.c.typed(a)), double(0))})
	case a.t == value.Int || a.t == value.Long || a.t == value.TimeSpan:
		g.bind(x.cols[0], val{Expr: fn("ifNull", x.over("sum", fn("toInt64", g.c.typed(a))), fn("toInt64", Number("0")))})
	default:
		return false
	}
	return true
}

func clickhouseAvg(g *group, x *aggregation) bool {
	e := g.c.typed(x.args[0])
	count := x.over("count", e)
	switch x.args[0].t {
	case value.Int, value.Long:
		sum := fn("ifNull", x.over("sum", fn("toInt64", e)), Number("0"))
		g.bind(x.cols[0], val{Expr: &Binary{Op: "/", L: fn("toFloat64", sum), R: fn("toFloat64", count)}})
	case value.Real:
		g.bind(x.cols[0], val{Expr: fn("ifNull", x.over("avg", e), fn("toFloat64", Text("nan")))})
	case value.DateTime, value.TimeSpan:
		sum := x.over("sum", fn("toInt128", e))
		mean := fn("toInt64", fn("intDiv", sum, fn("toInt128", fn("greatest", count, Number("1")))))
		g.bind(x.cols[0], val{Expr: either(&Binary{Op: ">", L: count, R: Number("0")}, mean, Null), null: true})
	default:
		return false
	}
	return true
}

// clickhouseExtreme is NaN where there is one.
func clickhouseExtreme(name string) aggregateRule {
	return func(g *group, x *aggregation) bool {
		a := x.args[0]
		if a.t == value.Dynamic || a.t == value.Decimal {
			return false
		}
		g.bind(x.cols[0], g.c.neverNull(val{Expr: x.extreme(g, name), t: a.t, null: true}))
		return true
	}
}

func (x *aggregation) extreme(g *group, name string) Expr {
	e := g.c.typed(x.args[0])
	least := x.over(name, e)
	if x.args[0].t != value.Real {
		return least
	}
	nans := x.over("sum", fn("toInt64", fn("isNaN", e)))
	return either(&Binary{Op: ">", L: nans, R: Number("0")}, fn("toFloat64", Text("nan")), least)
}

func clickhouseDistinct(g *group, x *aggregation) bool {
	if len(x.args) == 0 {
		return false
	}
	g.bind(x.cols[0], val{Expr: fn("toInt64", x.over("uniqExact", g.c.typed(x.args[0])))})
	return true
}

// clickhouseSpread is 0 of a single value and of none.
func clickhouseSpread(name string) aggregateRule {
	return func(g *group, x *aggregation) bool {
		if t := x.args[0].t; !t.Integral() && t != value.Real {
			return false
		}
		e := fn("toFloat64", g.c.typed(x.args[0]))
		some := &Binary{Op: ">", L: x.over("count", e), R: Number("1")}
		g.bind(x.cols[0], val{Expr: either(some, fn("ifNull", x.over(name, e), double(0)), double(0))})
		return true
	}
}

func clickhouseBits(name string) aggregateRule {
	return func(g *group, x *aggregation) bool {
		if !x.args[0].t.Integral() {
			return false
		}
		g.bind(x.cols[0], val{Expr: x.over(name, fn("toInt64", g.c.typed(x.args[0]))), null: true})
		return true
	}
}

// rank is what orders the rows of a group as a tuple of numbers in rising order;
// false where the keys are none.
func rank(order []OrderKey, types []value.Type) (Expr, bool) {
	keys := fn("tuple")
	for i, k := range order {
		if !isWhole(types[i]) {
			return nil, false
		}
		e := fn("toInt64", k.Expr)
		if k.Desc {
			e = fn("negate", e)
		}
		switch {
		case k.Plain:
		case k.NullsFirst:
			e = fn("ifNull", e, Number("-9223372036854775808"))
		default:
			e = fn("ifNull", e, Number("9223372036854775807"))
		}
		keys.Args = append(keys.Args, e)
	}
	return keys, true
}

// ranked is the order of the rows that a group is made of.
func (g *group) ranked() (Expr, bool) {
	var types []value.Type
	for _, k := range g.in.order {
		if k.konst == nil {
			types = append(types, k.t)
		}
	}
	return rank(g.order, types)
}

// texts is the list of the JSON texts of a group's values, in the order of its
// rows where they have one.
func (g *group) texts(x *aggregation, item Expr, only Expr) (Expr, bool) {
	filter := x.filter
	if only != nil {
		filter = only
		if x.filter != nil {
			filter = &Chain{Op: "AND", Parts: []Expr{x.filter, only}}
		}
	}
	if len(g.order) == 0 {
		return &Func{Name: "groupArray", Args: []Expr{item}, Filter: filter}, true
	}
	key, ok := g.ranked()
	if !ok {
		return nil, false
	}
	return inRank(&Func{Name: "groupArray", Args: []Expr{fn("tuple", item, key)}, Filter: filter}), true
}

// inRank sorts a list of pairs by their second members, and gives the first.
func inRank(pairs Expr) Expr {
	p := Name("p")
	by := func(i string) Expr {
		return &Lambda{Params: []string{"p"}, Body: fn("tupleElement", p, Number(i))}
	}
	return fn("arrayMap", by("1"), fn("arraySort", by("2"), pairs))
}

func clickhouseList(nulls bool) aggregateRule {
	return func(g *group, x *aggregation) bool {
		n, ok := sizeOf(x, 1)
		item, ok2 := clickhouse{}.json(g.c, x.args[0])
		if !ok || !ok2 {
			return false
		}
		if list := g.gathered(x, "groupArray", n); list != nil && !nulls {
			g.bind(x.cols[0], val{Expr: list})
			return true
		}
		var only Expr
		if x.args[0].null && !nulls && x.args[0].t != value.Dynamic {
			only = notNull(x.args[0].Expr)
		}
		list, ok := g.texts(x, item, only)
		if ok && x.args[0].t == value.Dynamic {
			list = flattenedTexts(list)
		}
		if ok {
			g.bind(x.cols[0], val{Expr: jsonArray(firstOf(list, n))})
		}
		return ok
	}
}

// flattenedTexts is a list of JSON texts in which arrays are replaced by their
// items.
func flattenedTexts(list Expr) Expr {
	j := fn("ifNull", Name("j"), Text("null")) // an array can't be of a type with NULL
	items := fn("if", isKind(jsonKind(j), "Array"), fn("JSONExtractArrayRaw", j), &List{Items: []Expr{j}})
	return fn("arrayFlatten", fn("arrayMap", &Lambda{Params: []string{"j"}, Body: items}, list))
}

// firstOf is the first n elements of a list, which is no longer than the limit
// of all lists.
func firstOf(list Expr, n int64) Expr {
	return fn("arraySlice", list, Number("1"), Number(strconv.FormatInt(n, 10)))
}

// clickhouseSet keeps the order in which the elements first come.
func clickhouseSet(g *group, x *aggregation) bool {
	n, ok := sizeOf(x, 1)
	v := x.args[0]
	if !ok || v.t == value.Dynamic {
		return false
	}
	item, ok := clickhouse{}.json(g.c, v)
	if !ok {
		return false
	}
	if list := g.gathered(x, "groupUniqArray", n); list != nil {
		g.bind(x.cols[0], val{Expr: list})
		return true
	}
	var only Expr
	if v.null {
		only = notNull(v.Expr)
	}
	list, ok := g.texts(x, item, only)
	if !ok {
		return false
	}
	if f, plain := list.(*Func); plain && f.Name == "groupArray" {
		f.Name = "groupUniqArray"
	} else {
		list = fn("arrayDistinct", list)
	}
	g.bind(x.cols[0], val{Expr: jsonArray(firstOf(list, n))})
	return true
}

// gathered is the JSON array of the first n values that an aggregate gathers,
// without NULL, of rows in no order. The values become JSON after that, so that
// this is done for those that are kept only. It is nil where there is an order, or
// the values have no other form than JSON.
func (g *group) gathered(x *aggregation, name string, n int64) Expr {
	v := x.args[0]
	if len(g.order) > 0 || v.konst != nil || v.t == value.Dynamic {
		return nil
	}
	item, ok := clickhouse{}.json(g.c, val{Expr: Name("x"), t: v.t})
	if !ok {
		return nil
	}
	gather := x.over(name, v.Expr)
	gather.Params = []Expr{Number(strconv.FormatInt(n, 10))}
	return jsonArray(fn("arrayMap", &Lambda{Params: []string{"x"}, Body: item}, gather))
}

func (d clickhouse) collect(c *compiler, v val, order []OrderKey, filter Expr) Expr {
	e, ok := d.json(c, v)
	if !ok || len(order) > 0 {
		c.fail("an array of " + v.t.String())
		return Null
	}
	return jsonArray(firstOf(&Func{Name: "groupArray", Args: []Expr{e}, Filter: filter}, listLimit))
}

// clickhouseArg finds the row with the greatest or least value. Rows without a
// value count only where there are no others. A tuple keeps the NULLs of the row.
func clickhouseArg(greatest bool) aggregateRule {
	name, extreme := "argMax", "maxOrNull"
	if !greatest {
		name, extreme = "argMin", "minOrNull"
	}
	return func(g *group, x *aggregation) bool {
		by := x.args[0]
		if by.t == value.Dynamic || by.t == value.Decimal {
			return false
		}
		if g.c.need.has(x.cols[0]) {
			g.bind(x.cols[0], g.c.neverNull(val{Expr: x.extreme(g, extreme), t: by.t, null: true}))
		}
		x.row(g, name, clickhouseKey(g.c, by, greatest))
		return true
	}
}

// perTuple is how many columns are picked at once: each of them repeats the text
// of all.
const perTuple = 8

// perSearch is how many texts are picked one by one: up to there a search for each
// is quicker than tuples. Of several rows with the same key all find the same,
// since they see the rows in one order.
const perSearch = 2

// allTexts tells whether columns are all texts, which are never NULL.
func (x *aggregation) allTexts(g *group, columns []int) bool {
	for _, i := range columns {
		if v := x.args[i]; v.t != value.String || v.null || v.konst != nil {
			return false
		}
	}
	return true
}

// row binds the columns behind the first to those of the row that a function
// picks by a key. They come as tuples, so that the engine does not look for the
// row once for each.
func (x *aggregation) row(g *group, name string, key Expr) {
	var needed []int
	for i := 1; i < len(x.cols); i++ {
		if g.c.need.has(x.cols[i]) {
			needed = append(needed, i)
		}
	}
	if len(needed) <= perSearch && x.allTexts(g, needed) {
		for _, i := range needed {
			g.bind(x.cols[i], val{Expr: x.over(name, g.c.typed(x.args[i]), key), t: value.String})
		}
		return
	}
	for some := range slices.Chunk(needed, perTuple) {
		cells := fn("tuple")
		for _, i := range some {
			cells.Args = append(cells.Args, g.cell(x.args[i]))
		}
		for at, i := range some {
			cell := fn("tupleElement", x.over(name, cells, key), Number(itoa(at+1)))
			g.bind(x.cols[i], g.c.neverNull(val{Expr: cell, t: x.args[i].t, null: true}))
		}
	}
}

// cell is a value as a member of a tuple, which keeps NULL.
func (g *group) cell(v val) Expr {
	e := g.c.typed(v)
	if v.t != value.String {
		return fn("toNullable", e)
	}
	return e
}

// picked is the value of the row that a function picks by a key.
func (x *aggregation) picked(g *group, name string, v val, key Expr) Expr {
	return fn("tupleElement", x.over(name, fn("tuple", g.cell(v)), key), Number("1"))
}

// clickhouseKey is what a row competes with: without a value it loses against
// all that have one, and NaN wins.
func clickhouseKey(c *compiler, by val, greatest bool) Expr {
	e := c.typed(by)
	switch {
	case by.t == value.String:
		return e
	case by.t == value.Guid && greatest:
		return fn("ifNull", e, Text(""))
	case by.t == value.Guid:
		return fn("ifNull", e, Text("~"))
	case by.t == value.Real:
		worst := int64(1)
		if greatest {
			worst = -1
		}
		best := fn("if", fn("isNaN", e), Number(strconv.FormatInt(-worst, 10)), Number("0"))
		return fn("tuple", fn("ifNull", fn("toInt8", best), Number(strconv.FormatInt(worst, 10))), fn("if", fn("isNaN", fn("ifNull", e, double(0))), double(0), fn("ifNull", e, double(0))))
	}
	last := int64(math.MaxInt64)
	if greatest {
		last = math.MinInt64
	}
	return fn("ifNull", fn("toInt64", e), fn("toInt64", Number(strconv.FormatInt(last, 10))))
}

// clickhouseAny takes the columns of any row: of the first, where rows have an
// order.
func clickhouseAny(g *group, x *aggregation) bool {
	key, ok := g.ranked()
	if !ok {
		return false
	}
	for i, col := range x.cols {
		if !g.c.need.has(col) {
			continue
		}
		v := val{t: x.args[i].t, null: true}
		switch {
		case len(x.cols) == 1 && v.t != value.Dynamic && v.t != value.String:
			// Of a single column a row with a value.
			seen := &aggregation{filter: x.filter}
			if x.args[i].null {
				only := notNull(x.args[i].Expr)
				seen.filter = only
				if x.filter != nil {
					seen.filter = &Chain{Op: "AND", Parts: []Expr{x.filter, only}}
				}
			}
			v.Expr = seen.first(g, x.args[i], key)
		default:
			v.Expr = x.first(g, x.args[i], key)
		}
		g.bind(col, g.c.neverNull(v))
	}
	return true
}

func (x *aggregation) first(g *group, v val, key Expr) Expr {
	if len(g.order) > 0 {
		return x.picked(g, "argMin", v, key)
	}
	return fn("tupleElement", x.over("any", fn("tuple", g.cell(v))), Number("1"))
}

// clickhousePercentile is an existing value, the lower one of two.
func clickhousePercentile(g *group, x *aggregation) bool {
	a := x.args[0]
	if len(x.args) != len(x.cols)+1 || !isWhole(a.t) && a.t != value.Real || a.konst != nil {
		return false
	}
	for i, col := range x.cols {
		p, ok := fraction(x.args[i+1])
		if !ok {
			return false
		}
		sorted := fn("arraySort", x.over("groupArray", g.c.typed(a)))
		at := fn("toInt64", fn("greatest", fn("ceil", &Binary{Op: "*", L: fn("length", sorted), R: p}), Number("1")))
		e := either(&Binary{Op: ">", L: fn("length", sorted), R: Number("0")}, &Index{X: sorted, I: at}, Null)
		g.bind(col, g.c.convert(val{Expr: e, t: a.t, null: true}, col.Type))
	}
	return true
}
