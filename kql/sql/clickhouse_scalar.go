package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func (clickhouse) rule(name string) rule { return clickhouseRules[name] }

var clickhouseRules map[string]rule

func init() {
	clickhouseRules = map[string]rule{
		"==": equality(false), "!=": equality(true),
		"<": ordering("<"), "<=": ordering("<="), ">": ordering(">"), ">=": ordering(">="),
		"=~": foldedEquality(false), "!~": foldedEquality(true),
		"in": clickhouseIn(false, false), "!in": clickhouseIn(true, false), "in~": clickhouseIn(false, true), "!in~": clickhouseIn(true, true),
		"between": within(false), "!between": within(true),
		"+": clickhouseArithmetic("+"), "-": clickhouseArithmetic("-"), "*": clickhouseArithmetic("*"), "/": clickhouseDivide, "%": clickhouseModulo, "neg": clickhouseNegate,
		"isnull": nullTest(false), "isnotnull": nullTest(true), "isempty": emptyTest(false), "isnotempty": emptyTest(true),
		"coalesce": firstNotNull, "bin": clickhouseBin, "abs": clickhouseAbs,
		"tostring": conversionTo(value.String), "toint": conversionTo(value.Int), "tolong": conversionTo(value.Long), "toreal": conversionTo(value.Real),
		"todouble": conversionTo(value.Real), "todatetime": conversionTo(value.DateTime), "totimespan": conversionTo(value.TimeSpan),
		"tobool": conversionTo(value.Bool), "todecimal": conversionTo(value.Decimal), "toguid": conversionTo(value.Guid),
	}
	for _, group := range []map[string]rule{clickhouseText(), clickhouseTime(), clickhouseDynamic(), clickhouseLists()} {
		for name, r := range group {
			clickhouseRules[name] = r
		}
	}
}

// clickhouseIn compares one by one what is no set of constants, which alone the
// engine's IN takes.
func clickhouseIn(not, fold bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if v, ok := c.in(a, not, fold, false); ok {
			return v, true
		}
		if fold || a[0].t == value.Dynamic {
			return val{}, false
		}
		chain := &Chain{Op: "OR"}
		for _, x := range c.spread(a[1:], a[0].t) {
			if x.t == value.Dynamic && a[0].t == value.String {
				chain.Parts = append(chain.Parts, fn("has", textsOf(c.typed(x)), c.typed(a[0])))
				continue
			}
			if x.t != a[0].t || x.null {
				return val{}, false
			}
			same, ok := c.equal(a[0], x, false, false)
			if !ok {
				return val{}, false
			}
			chain.Parts = append(chain.Parts, same.Expr)
		}
		if not {
			return val{Expr: &Prefix{Op: "NOT", X: chain}}, len(chain.Parts) > 0
		}
		return val{Expr: chain}, len(chain.Parts) > 0
	}
}

func isWhole(t value.Type) bool { return t.Integral() || isTicks(t) }

// clickhouseArithmetic goes on at the other end where 64 bits overflow, as the
// language does.
func clickhouseArithmetic(op string) rule {
	return func(c *compiler, call *plan.Call, a []val) (val, bool) {
		l, r := a[0], a[1]
		known := func(t value.Type) bool { return isWhole(t) || t == value.Real }
		real := l.t == value.Real || r.t == value.Real
		switch {
		case !known(l.t) || !known(r.t), real && (isTicks(l.t) || isTicks(r.t)):
			return val{}, false
		case l.t == value.DateTime && r.t == value.TimeSpan:
			return shifted(c, op, l, r)
		case r.t == value.DateTime && l.t == value.TimeSpan && op == "+":
			return shifted(c, op, r, l)
		case (l.t == value.DateTime || r.t == value.DateTime) && (op != "-" || l.t != r.t):
			return val{}, false
		}
		e := Expr(&Binary{Op: op, L: c.typed(l), R: c.typed(r)})
		if call.Result == value.Int {
			e = fn("toInt32", e)
		}
		return val{Expr: e, null: l.null || r.null}, true
	}
}

func clickhouseDivide(c *compiler, call *plan.Call, a []val) (val, bool) {
	l, r := a[0], a[1]
	x, y := c.typed(l), c.typed(r)
	switch {
	case call.Result == value.Real && isWhole(l.t) && isWhole(r.t):
		return val{Expr: &Binary{Op: "/", L: fn("toFloat64", x), R: fn("toFloat64", y)}, null: l.null || r.null}, true
	case isWhole(l.t) && isWhole(r.t):
		if r.konst != nil && r.konst.Num != 0 && r.konst.Num != -1 {
			return val{Expr: fn("intDiv", x, y), null: l.null || r.null}, true
		}
		return val{Expr: fn("intDivOrNull", x, y), null: true}, r.konst == nil || r.konst.Num == 0
	case (l.t == value.Real || l.t.Integral()) && (r.t == value.Real || r.t.Integral()):
		return val{Expr: &Binary{Op: "/", L: fn("toFloat64", x), R: fn("toFloat64", y)}, null: l.null || r.null}, true
	}
	return val{}, false
}

// clickhouseModulo is never negative for whole numbers.
func clickhouseModulo(c *compiler, _ *plan.Call, a []val) (val, bool) {
	l, r := a[0], a[1]
	if !l.t.Integral() || !r.t.Integral() || r.konst == nil || r.konst.Null || r.konst.Num <= 0 {
		return val{}, false
	}
	return val{Expr: fn("toInt64", fn("positiveModulo", fn("toInt64", c.typed(l)), fn("toInt64", c.typed(r)))), null: l.null}, true
}

func clickhouseNegate(c *compiler, _ *plan.Call, a []val) (val, bool) {
	switch a[0].t {
	case value.Real, value.Long, value.TimeSpan:
		return val{Expr: fn("negate", c.typed(a[0])), null: a[0].null}, true
	}
	return val{}, false
}

func clickhouseAbs(c *compiler, _ *plan.Call, a []val) (val, bool) {
	switch a[0].t {
	case value.Real:
		return val{Expr: fn("abs", c.typed(a[0])), null: a[0].null}, true
	case value.Long, value.TimeSpan:
		return val{Expr: fn("toInt64", fn("abs", c.typed(a[0]))), null: a[0].null}, true
	}
	return val{}, false
}

// clickhouseBin rounds down to a multiple.
func clickhouseBin(c *compiler, _ *plan.Call, a []val) (val, bool) {
	x, step := a[0], a[1]
	if step.konst == nil || step.konst.Null {
		return val{}, false
	}
	switch {
	case x.t == value.DateTime && step.t == value.TimeSpan && step.konst.Num > 0:
		// Quicker for this engine than taking the rest away; times are never negative.
		return val{Expr: &Binary{Op: "*", L: wholeQuotient(c.typed(x), step.konst.Num), R: number(step.konst.Num).Expr}, null: x.null}, true
	case (x.t.Integral() && step.t.Integral() || x.t == value.TimeSpan && step.t == value.TimeSpan) && step.konst.Num > 0:
		return val{Expr: clickhouse{}.floorTo(fn("toInt64", c.typed(x)), number(step.konst.Num).Expr, value.Long), null: x.null}, true
	case x.t == value.Real && step.t == value.Real && step.konst.Float > 0:
		return val{Expr: clickhouse{}.floorTo(c.typed(x), c.typed(step), value.Real), null: x.null}, true
	}
	return val{}, false
}

func (clickhouse) floorQuotient(a, b Expr, t value.Type) Expr {
	if t == value.Real {
		return fn("toInt64", fn("floor", &Binary{Op: "/", L: a, R: b}))
	}
	return fn("intDiv", a, b)
}

func (clickhouse) ceiling(a, b Expr, t value.Type) Expr {
	if t == value.Real {
		return fn("toInt64", fn("ceil", &Binary{Op: "/", L: a, R: b}))
	}
	return fn("intDiv", &Binary{Op: "+", L: a, R: &Binary{Op: "-", L: b, R: Number("1")}}, b)
}

func (clickhouse) floorTo(x, step Expr, t value.Type) Expr {
	if t == value.Real {
		return &Binary{Op: "*", L: fn("floor", &Binary{Op: "/", L: x, R: step}), R: step}
	}
	return &Binary{Op: "-", L: x, R: fn("toInt64", fn("positiveModulo", x, step))}
}

// scatter puts the values of a group at their indices.
func (d clickhouse) scatter(c *compiler, index Expr, v val, n Expr, def val) Expr {
	item, ok := d.json(c, v)
	other, ok2 := d.json(c, def)
	if !ok || !ok2 {
		c.fail("an array of " + v.t.String())
		return Null
	}
	indices, values, i := fn("groupArray", fn("assumeNotNull", index)), fn("groupArray", item), Name("i")
	pick := either(fn("has", indices, i), &Index{X: values, I: fn("indexOf", indices, i)}, other)
	return jsonArray(fn("arrayMap", &Lambda{Params: []string{"i"}, Body: pick}, steps(n)))
}

func (d clickhouse) axis(c *compiler, n Expr, f val) Expr {
	item, ok := d.json(c, f)
	if !ok {
		c.fail("an array of " + f.t.String())
		return Null
	}
	return jsonArray(fn("arrayMap", &Lambda{Params: []string{"i"}, Body: item}, steps(n)))
}

// steps is the numbers from 0 below n.
func steps(n Expr) Expr {
	count := fn("ifNull", fn("toInt64", n), Number("0"))
	return fn("arrayMap", &Lambda{Params: []string{"s"}, Body: fn("toInt64", Name("s"))}, fn("range", fn("toUInt64", fn("greatest", count, Number("0")))))
}

// jsonArray is a list of JSON texts as an array.
func jsonArray(list Expr) Expr {
	return fn("concat", Text("["), fn("arrayStringConcat", list, Text(",")), Text("]"))
}
