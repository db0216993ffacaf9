package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func (duckdb) rule(name string) rule { return duckdbRules[name] }

var duckdbRules map[string]rule

func init() {
	duckdbRules = map[string]rule{
		"==": equality(false), "!=": equality(true),
		"<": ordering("<"), "<=": ordering("<="), ">": ordering(">"), ">=": ordering(">="),
		"=~": foldedEquality(false), "!~": foldedEquality(true),
		"in": membership(false, false), "!in": membership(true, false), "in~": membership(false, true), "!in~": membership(true, true),
		"between": within(false), "!between": within(true),
		"+": duckdbArithmetic("+"), "-": duckdbArithmetic("-"), "*": duckdbArithmetic("*"), "/": duckdbDivide, "%": duckdbModulo, "neg": duckdbNegate,
		"isnull": nullTest(false), "isnotnull": nullTest(true), "isempty": emptyTest(false), "isnotempty": emptyTest(true),
		"rand": duckdbRandom, "new_guid": duckdbGuid,
		"coalesce": firstNotNull, "bin": duckdbBin, "abs": duckdbAbs,
		"tostring": conversionTo(value.String), "toint": conversionTo(value.Int), "tolong": conversionTo(value.Long), "toreal": conversionTo(value.Real),
		"todouble": conversionTo(value.Real), "todatetime": conversionTo(value.DateTime), "totimespan": conversionTo(value.TimeSpan),
		"tobool": conversionTo(value.Bool), "todecimal": conversionTo(value.Decimal), "toguid": conversionTo(value.Guid),
	}
	for _, group := range []map[string]rule{duckdbText(), duckdbTime(), duckdbDynamic()} {
		for name, r := range group {
			duckdbRules[name] = r
		}
	}
}

func equality(not bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) { return c.equal(a[0], a[1], not, false) }
}

func ordering(op string) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) { return c.less(op, a[0], a[1]) }
}

func foldedEquality(not bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].t != value.String || a[1].t != value.String {
			return val{}, false
		}
		op := "="
		if not {
			op = "<>"
		}
		return val{Expr: &Binary{Op: op, L: c.lowered(a[0]), R: c.lowered(a[1])}}, true
	}
}

func membership(not, fold bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) { return c.in(a, not, fold, false) }
}

func within(not bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) { return c.between(a, not) }
}

func conversionTo(t value.Type) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].konst != nil {
			return c.constant(value.Convert(*a[0].konst, t)), true
		}
		return c.convert(a[0], t), true
	}
}

func nullTest(not bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		x := a[0]
		switch {
		case x.t == value.String || !x.null:
			return val{Expr: word(not)}, true
		case x.t == value.Dynamic && not:
			return val{Expr: &Func{Name: "coalesce", Args: []Expr{&Binary{Op: "<>", L: x.Expr, R: Text("null")}, False}}}, true
		case x.t == value.Dynamic:
			return val{Expr: &Func{Name: "coalesce", Args: []Expr{&Binary{Op: "=", L: x.Expr, R: Text("null")}, True}}}, true
		case not:
			return val{Expr: notNull(x.Expr)}, true
		}
		return val{Expr: isNull(x.Expr)}, true
	}
}

func emptyTest(not bool) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		op := "="
		if not {
			op = "<>"
		}
		switch a[0].t {
		case value.String:
			return val{Expr: &Binary{Op: op, L: a[0].Expr, R: Text("")}}, true
		case value.Dynamic:
			text := c.convert(a[0], value.String)
			return val{Expr: &Binary{Op: op, L: text.Expr, R: Text("")}}, true
		}
		return nullTest(not)(c, nil, a)
	}
}

// firstNotNull is coalesce, to which an empty string is as missing as null.
func firstNotNull(c *compiler, call *plan.Call, a []val) (val, bool) {
	if call.Result == value.Dynamic {
		return val{}, false
	}
	out := val{null: true}
	f := &Func{Name: "coalesce"}
	for i, x := range a {
		x = c.convert(x, call.Result)
		e := c.typed(x)
		if call.Result == value.String && i+1 < len(a) {
			e = &Func{Name: "nullif", Args: []Expr{e, Text("")}}
		}
		f.Args = append(f.Args, e)
		out.null = out.null && x.null
	}
	out.Expr = f
	return out, true
}

// wrapped is arithmetic of 64 bits that goes on at the other end where it
// overflows: the engine's own while it fits, the evaluator's where not.
func wrapped(c *compiler, op string, l, r val) (val, bool) {
	x, y := parts(c, l, r), parts(c, r, l)
	slow, ok := c.call(op, value.Long, []val{{Expr: x.wrapping, t: value.Long}, {Expr: y.wrapping, t: value.Long}})
	s := &sum{plain: &Binary{Op: op, L: x.plain, R: y.plain}, wrapping: slow.Expr}
	e := &Func{Name: "coalesce", Args: []Expr{&Func{Name: "TRY", Args: []Expr{s.plain}}, s.wrapping}}
	return val{Expr: e, null: l.null || r.null, sum: s}, ok
}

func parts(c *compiler, v, beside val) *sum {
	if v.sum != nil {
		return v.sum
	}
	e := c.beside(v, beside)
	if beside.konst == nil {
		e = c.bare(v)
	}
	if v.t == value.Int {
		e = &Cast{X: e, Type: "BIGINT"}
	}
	return &sum{plain: e, wrapping: e}
}

// low64 is the signed number of the low 64 bits.
func low64(wide Expr) Expr {
	const two63, two64 = Number("9223372036854775808"), Number("18446744073709551616")
	h := func(e Expr) Expr { return &Cast{X: e, Type: "HUGEINT"} }
	up := &Binary{Op: "%", L: &Binary{Op: "+", L: &Binary{Op: "%", L: wide, R: h(two64)}, R: &Binary{Op: "+", L: h(two64), R: h(two63)}}, R: h(two64)}
	return &Cast{X: &Binary{Op: "-", L: up, R: h(two63)}, Type: "BIGINT"}
}

// small tells whether adding v to a datetime stays within 64 bits.
func small(v val) bool {
	return v.konst != nil && !v.konst.Null && v.konst.Num < 1<<62 && v.konst.Num > -1<<62
}

func duckdbArithmetic(op string) rule {
	return func(c *compiler, call *plan.Call, a []val) (val, bool) {
		l, r := a[0], a[1]
		out := val{null: l.null || r.null}
		x, y := c.beside(l, r), c.beside(r, l)
		real := l.t == value.Real || r.t == value.Real
		switch {
		case l.t == value.Dynamic || r.t == value.Dynamic || isText(l.t) || isText(r.t) || l.t == value.Decimal || r.t == value.Decimal:
			return val{}, false
		case real && (isTicks(l.t) || isTicks(r.t)):
			return val{}, false
		case real, op == "-" && l.t == value.DateTime && r.t == value.DateTime:
			out.Expr = &Binary{Op: op, L: x, R: y}
		case l.t == value.DateTime && r.t == value.TimeSpan:
			return shifted(c, op, l, r)
		case r.t == value.DateTime && l.t == value.TimeSpan && op == "+":
			return shifted(c, op, r, l)
		case l.t == value.DateTime || r.t == value.DateTime:
			return val{}, false
		default:
			return wrapped(c, op, l, r)
		}
		return out, true
	}
}

// shifted moves a datetime by a constant span; beyond the calendar it is null.
func shifted(c *compiler, op string, t, by val) (val, bool) {
	if !small(by) || t.konst != nil || !t.simple() {
		return val{}, false
	}
	n := by.konst.Num
	if op == "-" {
		n = -n
	}
	moved := &Binary{Op: op, L: t.Expr, R: c.bare(by)}
	fits := &Binary{Op: "<=", L: t.Expr, R: number(value.MaxDateTime - n).Expr}
	if n < 0 {
		fits = &Binary{Op: ">=", L: t.Expr, R: number(-n).Expr}
	}
	return val{Expr: &Case{When: []When{{If: fits, Then: moved}}}, null: true}, true
}

func duckdbDivide(c *compiler, call *plan.Call, a []val) (val, bool) {
	l, r := a[0], a[1]
	out := val{null: true}
	whole := func(t value.Type) bool { return t.Integral() || isTicks(t) }
	switch {
	case l.t == value.Dynamic || r.t == value.Dynamic || l.t == value.Decimal || r.t == value.Decimal:
		return val{}, false
	case call.Result == value.Real && whole(l.t) && whole(r.t):
		out.Expr = &Binary{Op: "/", L: &Cast{X: l.Expr, Type: "DOUBLE"}, R: &Cast{X: r.Expr, Type: "DOUBLE"}}
	case whole(l.t) && whole(r.t):
		if r.konst == nil || r.konst.Num == -1 {
			return val{}, false
		}
		out.Expr = &Binary{Op: "//", L: c.beside(l, r), R: c.beside(r, l)}
		out.null = l.null || r.null || r.konst.Num == 0
	case isTicks(l.t) || isTicks(r.t):
		return val{}, false
	default:
		out.Expr = &Binary{Op: "/", L: c.typed(l), R: c.typed(r)}
		out.null = l.null || r.null
	}
	return out, true
}

// duckdbModulo is never negative for whole numbers.
func duckdbModulo(c *compiler, call *plan.Call, a []val) (val, bool) {
	l, r := a[0], a[1]
	if !l.t.Integral() || !r.t.Integral() || r.konst == nil || r.konst.Null || r.konst.Num <= 0 || r.konst.Num > 1<<61 {
		return val{}, false
	}
	m := c.bare(r)
	rest := &Binary{Op: "%", L: c.typed(l), R: m}
	return val{Expr: &Binary{Op: "%", L: &Binary{Op: "+", L: rest, R: m}, R: m}, null: l.null}, true
}

func duckdbNegate(c *compiler, call *plan.Call, a []val) (val, bool) {
	switch a[0].t {
	case value.Real:
		return val{Expr: &Prefix{Op: "-", X: a[0].Expr}, null: a[0].null}, true
	case value.Long, value.TimeSpan:
		return wrapped(c, "-", number(0), a[0])
	}
	return val{}, false
}

// duckdbRandom is a number from 0 up to 1, or a whole one below a constant.
func duckdbRandom(c *compiler, _ *plan.Call, a []val) (val, bool) {
	r := &Func{Name: "random"}
	if len(a) == 0 {
		return val{Expr: r}, true
	}
	if a[0].konst == nil || a[0].konst.Null {
		return val{}, false
	}
	n := value.Convert(*a[0].konst, value.Real)
	return val{Expr: &Func{Name: "floor", Args: []Expr{&Binary{Op: "*", L: r, R: double(n.Float)}}}}, true
}

func duckdbGuid(*compiler, *plan.Call, []val) (val, bool) {
	return val{Expr: &Cast{X: &Func{Name: "uuid"}, Type: "VARCHAR"}}, true
}

func duckdbAbs(c *compiler, call *plan.Call, a []val) (val, bool) {
	if a[0].t == value.Real {
		return val{Expr: &Func{Name: "abs", Args: []Expr{a[0].Expr}}, null: a[0].null}, true
	}
	return val{}, false
}

// duckdbBin rounds down to a multiple. A datetime is never negative, so there
// the remainder is what it seems.
func duckdbBin(c *compiler, call *plan.Call, a []val) (val, bool) {
	x, step := a[0], a[1]
	if step.konst == nil || step.konst.Null {
		return val{}, false
	}
	out := val{null: x.null}
	n := step.konst.Num
	switch {
	case x.t == value.DateTime && step.t == value.TimeSpan && n > 0:
		m := c.bare(step)
		out.Expr = &Binary{Op: "-", L: x.Expr, R: &Binary{Op: "%", L: x.Expr, R: m}}
	case (x.t.Integral() && step.t.Integral() || x.t == value.TimeSpan && step.t == value.TimeSpan) && n > 0 && n < 1<<61:
		m := c.bare(step)
		rest := &Binary{Op: "%", L: &Binary{Op: "+", L: &Binary{Op: "%", L: c.typed(x), R: m}, R: m}, R: m}
		return wrapped(c, "-", x, val{Expr: rest, t: value.Long, null: x.null})
	case x.t == value.Real && step.t == value.Real && step.konst.Float > 0:
		s := c.typed(step)
		out.Expr = &Binary{Op: "*", L: &Func{Name: "floor", Args: []Expr{&Binary{Op: "/", L: c.typed(x), R: s}}}, R: s}
	default:
		return val{}, false
	}
	return out, true
}
