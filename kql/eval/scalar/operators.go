package scalar

import (
	"math"

	"github.com/clew-sec/clew/kql/value"
)

var operators = map[string]*Function{
	"+":   arithmetic('+'),
	"-":   arithmetic('-'),
	"*":   arithmetic('*'),
	"/":   arithmetic('/'),
	"%":   arithmetic('%'),
	"neg": lenient(1, 1, value.Unknown, func(a []value.Value) value.Value { return Negate(a[0]) }),
	"==":  comparison(func(c int) bool { return c == 0 }, false, true),
	"!=":  comparison(func(c int) bool { return c != 0 }, true, true),
	"<>":  comparison(func(c int) bool { return c != 0 }, true, true),
	"<":   comparison(func(c int) bool { return c < 0 }, false, false),
	"<=":  comparison(func(c int) bool { return c <= 0 }, false, false),
	">":   comparison(func(c int) bool { return c > 0 }, false, false),
	">=":  comparison(func(c int) bool { return c >= 0 }, false, false),
	"and": lenient(0, -1, value.Bool, func(a []value.Value) value.Value { return logical(a, false) }),
	"or":  lenient(0, -1, value.Bool, func(a []value.Value) value.Value { return logical(a, true) }),
	"not": fixed(1, value.Bool, func(a []value.Value) value.Value {
		v := value.Convert(a[0], value.Bool)
		if v.Null {
			return v
		}
		return value.BoolOf(v.Num == 0)
	}),
	"between":  lenient(3, 3, value.Bool, func(a []value.Value) value.Value { return between(a, true) }),
	"!between": lenient(3, 3, value.Bool, func(a []value.Value) value.Value { return between(a, false) }),
	"in":       membership(false, true),
	"!in":      membership(false, false),
	"in~":      membership(true, true),
	"!in~":     membership(true, false),
}

func arithmetic(op byte) *Function {
	return lenient(2, 2, value.Unknown, func(a []value.Value) value.Value { return Arithmetic(op, a[0], a[1]) })
}

// Arithmetic computes + - * / or %. Whole numbers give a long and wrap around,
// division by zero gives null, the remainder is never negative.
func Arithmetic(op byte, a, b value.Value) value.Value {
	a, b = a.Scalar(), b.Scalar()
	t := arithmeticType(op, a.Type, b.Type)
	switch {
	case t == value.Unknown || a.Null || b.Null:
		return value.NullOf(t)
	case t == value.Decimal:
		return value.DecimalArithmetic(op, a, b)
	case t == value.Long:
		return wholeArithmetic(op, a.Num, b.Num)
	case t == value.Real && !isTime(a.Type):
		x, _ := number(a)
		y, _ := number(b)
		return value.RealOf(realArithmetic(op, x, y))
	}
	return timeArithmetic(op, a, b, t)
}

func isTime(t value.Type) bool { return t == value.DateTime || t == value.TimeSpan }

// arithmeticType is the type of the result, Unknown where there is none.
func arithmeticType(op byte, a, b value.Type) value.Type {
	if a == value.Bool {
		a = value.Int
	}
	if b == value.Bool {
		b = value.Int
	}
	switch {
	case a.Integral() && b.Integral():
		return value.Long
	case a.Numeric() && b.Numeric():
		return max(a, b)
	case !isTime(a) && !isTime(b), !isTime(a) && !a.Numeric(), !isTime(b) && !b.Numeric():
		return value.Unknown
	}
	switch {
	case op == '+' && (a == value.DateTime || b == value.DateTime), op == '-' && a == value.DateTime && b != value.DateTime:
		return value.DateTime
	case op == '/' && isTime(a) && isTime(b):
		return value.Real
	}
	return value.TimeSpan
}

func wholeArithmetic(op byte, a, b int64) value.Value {
	switch op {
	case '+':
		return value.LongOf(a + b)
	case '-':
		return value.LongOf(a - b)
	case '*':
		return value.LongOf(a * b)
	}
	if b == 0 {
		return value.NullOf(value.Long)
	}
	if op == '/' {
		return value.LongOf(a / b)
	}
	return value.LongOf(remainder(a, b))
}

// remainder is never negative.
func remainder(a, b int64) int64 {
	if b == 0 || b == -1 {
		return 0
	}
	m := a % b
	if m < 0 {
		m += max(b, -b)
	}
	return m
}

func realArithmetic(op byte, a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		return a / b
	}
	m := math.Mod(a, b)
	if m < 0 {
		m += math.Abs(b)
	}
	return m
}

// timeArithmetic computes with datetimes and timespans, and numbers beside them.
func timeArithmetic(op byte, a, b value.Value, t value.Type) value.Value {
	switch op {
	case '+':
		return timeResult(a.Num+b.Num, t)
	case '-':
		return timeResult(a.Num-b.Num, t)
	case '*':
		return scaled(a, b)
	}
	if t == value.Real {
		return value.RealOf(float64(a.Num) / float64(b.Num))
	}
	if b.Num == 0 && b.Type != value.Real {
		return value.NullOf(t)
	}
	if op == '%' {
		return value.TimeSpanOf(remainder(a.Num, b.Num))
	}
	if b.Type.Integral() {
		return value.TimeSpanOf(a.Num / b.Num)
	}
	f, _ := number(b)
	return ticksOf(float64(a.Num) / f)
}

func timeResult(ticks int64, t value.Type) value.Value {
	if t == value.DateTime && !value.InDateTimeRange(ticks) {
		return value.NullOf(t)
	}
	return value.Value{Type: t, Num: ticks}
}

func scaled(a, b value.Value) value.Value {
	if a.Type != value.Real && b.Type != value.Real && a.Type != value.Decimal && b.Type != value.Decimal {
		return value.TimeSpanOf(a.Num * b.Num)
	}
	x, _ := number(a)
	y, _ := number(b)
	return ticksOf(x * y)
}

func ticksOf(f float64) value.Value {
	if !(math.Abs(f) < math.MaxInt64) {
		return value.NullOf(value.TimeSpan)
	}
	return value.TimeSpanOf(int64(f))
}

// Negate is unary minus: of a whole number a long.
func Negate(v value.Value) value.Value {
	v = v.Scalar()
	switch v.Type {
	case value.Real:
		v.Float = -v.Float
	case value.TimeSpan:
		v.Num = -v.Num
	case value.Decimal:
		return value.DecimalArithmetic('-', value.LongOf(0), v)
	case value.Int, value.Long:
		v.Type, v.Num = value.Long, -v.Num
	default:
		return value.NullOf(value.Long)
	}
	return v
}

// comparison makes a comparing operator. oneNull is the result when one side is
// null; where not defined, that is null.
func comparison(is func(int) bool, oneNull, defined bool) *Function {
	null := value.NullOf(value.Bool)
	return lenient(2, 2, value.Bool, func(args []value.Value) value.Value {
		a, b := args[0].Normal(), args[1].Normal()
		if a.Null || b.Null {
			if !defined || a.Null && b.Null {
				return null
			}
			return value.BoolOf(oneNull)
		}
		order, ok := value.Compare(a, b)
		if !ok {
			return value.BoolOf(oneNull)
		}
		return value.BoolOf(is(order))
	})
}

// logical is and (until false) or or (until true), with null for unknown.
func logical(args []value.Value, until bool) value.Value {
	out := value.BoolOf(!until)
	for _, a := range args {
		switch a = value.Convert(a, value.Bool); {
		case a.Null:
			out = a
		case (a.Num != 0) == until:
			return value.BoolOf(until)
		}
	}
	return out
}

func between(a []value.Value, want bool) value.Value {
	if a[0].Null || a[1].Null || a[2].Null {
		return value.NullOf(value.Bool)
	}
	low, ok1 := value.Compare(a[0], a[1])
	high, ok2 := value.Compare(a[0], a[2])
	return value.BoolOf((ok1 && ok2 && low >= 0 && high <= 0) == want)
}

// membership makes in, !in and their forms without case.
func membership(fold, want bool) *Function {
	f := lenient(1, -1, value.Bool, func(a []value.Value) value.Value {
		set := NewSet(fold, a[1:]...)
		return value.BoolOf(set.Has(a[0]) == want)
	})
	f.Bind = func(consts []*value.Value) Func {
		values, ok := allConstant(consts[min(1, len(consts)):])
		if !ok {
			return nil
		}
		set := NewSet(fold, values...)
		return func(a []value.Value) value.Value { return value.BoolOf(set.Has(a[0]) == want) }
	}
	return f
}

func allConstant(consts []*value.Value) ([]value.Value, bool) {
	values := make([]value.Value, len(consts))
	for i, c := range consts {
		if c == nil {
			return nil, false
		}
		values[i] = *c
	}
	return values, true
}
