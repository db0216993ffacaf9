package check

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// constantOf returns the value of an expression that is known now.
func constantOf(e expr) (value.Value, bool) {
	lit, ok := e.x.(*plan.Literal)
	if !ok || e.missing || e.placeholder {
		return value.Value{}, false
	}
	return lit.Value, lit.Value.Type != value.Unknown
}

// isConstant tells whether an expression reads no row and no table, so that its
// value is known before the query runs.
func isConstant(x plan.Expr) bool {
	switch x := x.(type) {
	case *plan.Literal:
		return true
	case *plan.Convert:
		return isConstant(x.X)
	case *plan.Access:
		return isConstant(x.X) && isConstant(x.Key)
	case *plan.ToScalar:
		return true
	case *plan.Call:
		for _, a := range x.Args {
			if !isConstant(a) {
				return false
			}
		}
		return true
	}
	return false
}

// folded computes arithmetic over constants whose result is beyond doubt: whole
// numbers without overflow, times and spans of time.
func (c *checker) folded(e expr) expr {
	x := e.x.(*plan.Call)
	args := make([]value.Value, 0, 2)
	for _, a := range x.Args {
		lit, ok := a.(*plan.Literal)
		if !ok || lit.Value.Null || lit.Value.Type == value.Unknown {
			return e
		}
		args = append(args, lit.Value)
	}
	if v, ok := fold(x.Func, x.Result, args); ok {
		return literal(v)
	}
	return e
}

func fold(fn string, result value.Type, args []value.Value) (value.Value, bool) {
	if len(args) == 1 && fn == "neg" {
		return foldSign(result, args[0])
	}
	if len(args) != 2 {
		return value.Value{}, false
	}
	a, b := args[0], args[1]
	switch {
	case a.Type == value.Real && b.Type == value.Real && result == value.Real:
		return foldReal(fn, a.Float, b.Float)
	case a.Type == value.TimeSpan && b.Type == value.Real && fn == "*":
		return spanOf(float64(a.Num) * b.Float)
	case a.Type == value.Real && b.Type == value.TimeSpan && fn == "*":
		return spanOf(a.Float * float64(b.Num))
	}
	return foldWhole(fn, result, a, b)
}

func foldReal(fn string, a, b float64) (value.Value, bool) {
	switch fn {
	case "+":
		return value.RealOf(a + b), true
	case "-":
		return value.RealOf(a - b), true
	case "*":
		return value.RealOf(a * b), true
	}
	return value.Value{}, false
}

func spanOf(ticks float64) (value.Value, bool) {
	if ticks > 9e18 || ticks < -9e18 {
		return value.Value{}, false
	}
	return value.TimeSpanOf(int64(ticks)), true
}

func foldSign(result value.Type, v value.Value) (value.Value, bool) {
	switch {
	case v.Type == value.Real:
		return value.RealOf(-v.Float), true
	case v.Type.Integral() || v.Type == value.TimeSpan:
		if v.Num == minInt64 {
			return v, false
		}
		return value.Value{Type: result, Num: -v.Num}, true
	}
	return v, false
}

const minInt64 = -1 << 63

// foldWhole folds what is held in whole numbers.
func foldWhole(fn string, result value.Type, a, b value.Value) (value.Value, bool) {
	if !whole(a.Type) || !whole(b.Type) || !whole(result) {
		return value.Value{}, false
	}
	var n int64
	ok := true
	switch fn {
	case "+":
		n = a.Num + b.Num
		ok = (n > a.Num) == (b.Num > 0)
	case "-":
		n = a.Num - b.Num
		ok = (n < a.Num) == (b.Num > 0)
	case "*":
		n = a.Num * b.Num
		ok = a.Num == 0 || n/a.Num == b.Num && !(a.Num == -1 && b.Num == minInt64)
	default:
		return value.Value{}, false
	}
	if result == value.DateTime && (n < 0 || n > value.MaxDateTime) {
		ok = false
	}
	return value.Value{Type: result, Num: n}, ok
}

func whole(t value.Type) bool {
	return t == value.Long || t == value.Int || t == value.DateTime || t == value.TimeSpan
}
