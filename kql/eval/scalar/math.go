package scalar

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/clew-sec/clew/kql/value"
)

var mathFunctions = map[string]*Function{
	"abs": fixed(1, value.Unknown, func(a []value.Value) value.Value { return absolute(a[0].Scalar()) }),
	"sign": fixed(1, value.Real, func(a []value.Value) value.Value {
		f, ok := number(a[0])
		if !ok {
			return value.NullOf(value.Real)
		}
		return value.RealOf(sign(f))
	}),
	"sqrt":     real1(math.Sqrt),
	"exp":      real1(math.Exp),
	"exp2":     real1(math.Exp2),
	"exp10":    real1(func(f float64) float64 { return math.Pow(10, f) }),
	"log":      logarithm(math.Log),
	"log2":     logarithm(math.Log2),
	"log10":    logarithm(math.Log10),
	"sin":      real1(math.Sin),
	"cos":      real1(math.Cos),
	"tan":      real1(math.Tan),
	"cot":      real1(func(f float64) float64 { return 1 / math.Tan(f) }),
	"asin":     real1(math.Asin),
	"acos":     real1(math.Acos),
	"atan":     real1(math.Atan),
	"atan2":    real2(math.Atan2),
	"pow":      real2(math.Pow),
	"degrees":  real1(func(f float64) float64 { return f * (180 / math.Pi) }),
	"radians":  real1(func(f float64) float64 { return f * (math.Pi / 180) }),
	"pi":       lenient(0, 0, value.Real, func([]value.Value) value.Value { return value.RealOf(math.Pi) }),
	"gamma":    real1(math.Gamma),
	"loggamma": real1(logGamma),
	"erf":      real1(math.Erf),
	"erfc":     real1(math.Erfc),
	"beta_cdf": fixed(3, value.Real, func(a []value.Value) value.Value { return real3(a, betaCDF) }),
	"beta_inv": fixed(3, value.Real, betaInverseOf),
	"beta_pdf": fixed(3, value.Real, func(a []value.Value) value.Value { return real3(a, betaDensity) }),
	"round":    ranged(1, 2, value.Unknown, round),
	"ceiling":  fixed(1, value.Unknown, ceiling),
	"bin":      ranged(2, 2, value.Unknown, func(a []value.Value) value.Value { return Bin(a[0], a[1]) }),
	"bin_at":   fixed(3, value.Unknown, func(a []value.Value) value.Value { return BinAt(a[0], a[1], a[2]) }),
	"welch_test": fixed(6, value.Real, func(a []value.Value) value.Value {
		return welch(a)
	}),
}

func real1(f func(float64) float64) *Function {
	return fixed(1, value.Real, func(a []value.Value) value.Value {
		x, ok := number(a[0])
		if !ok {
			return value.NullOf(value.Real)
		}
		return value.RealOf(f(x))
	})
}

func real2(f func(x, y float64) float64) *Function {
	return fixed(2, value.Real, func(a []value.Value) value.Value {
		x, okx := number(a[0])
		y, oky := number(a[1])
		if !okx || !oky {
			return value.NullOf(value.Real)
		}
		return value.RealOf(f(x, y))
	})
}

func real3(a []value.Value, f func(x, y, z float64) float64) value.Value {
	var x [3]float64
	for i := range x {
		var ok bool
		if x[i], ok = number(a[i]); !ok {
			return value.NullOf(value.Real)
		}
	}
	return value.RealOf(f(x[0], x[1], x[2]))
}

// logarithm is null of negative numbers.
func logarithm(f func(float64) float64) *Function {
	return fixed(1, value.Real, func(a []value.Value) value.Value {
		x, ok := number(a[0])
		if !ok || x < 0 {
			return value.NullOf(value.Real)
		}
		return value.RealOf(f(x))
	})
}

func logGamma(f float64) float64 {
	g, _ := math.Lgamma(f)
	return g
}

func sign(f float64) float64 {
	switch {
	case f > 0:
		return 1
	case f < 0:
		return -1
	}
	return 0
}

func absolute(v value.Value) value.Value {
	switch v.Type {
	case value.Int, value.Long:
		return value.LongOf(max(v.Num, -v.Num))
	case value.TimeSpan:
		return value.TimeSpanOf(max(v.Num, -v.Num))
	case value.Real:
		return value.RealOf(math.Abs(v.Float))
	case value.Decimal:
		if order, _ := value.Compare(v, value.LongOf(0)); order < 0 {
			return Negate(v)
		}
		return v
	}
	return value.NullOf(value.Real)
}

// round rounds half away from zero, to a number of digits.
func round(a []value.Value) value.Value {
	v := a[0].Scalar()
	digits := max(-15, min(15, whole(a, 1, 0)))
	if v.Type == value.Decimal {
		return value.Convert(roundReal(value.Convert(v, value.Real).Float, digits), value.Decimal)
	}
	f, ok := number(v)
	if !ok {
		return value.NullOf(value.Real)
	}
	return roundReal(f, digits)
}

func roundReal(f float64, digits int64) value.Value {
	if digits == 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return value.RealOf(math.Round(f))
	}
	scale := math.Pow(10, math.Abs(float64(digits)))
	if digits < 0 {
		return value.RealOf(math.Round(f/scale) * scale)
	}
	out := math.Round(f*scale) / scale
	if math.IsInf(out, 0) {
		out = f
	}
	return value.RealOf(out)
}

func ceiling(a []value.Value) value.Value {
	switch v := a[0].Scalar(); v.Type {
	case value.Int, value.Long:
		return value.LongOf(v.Num)
	default:
		f, ok := number(v)
		if !ok {
			return value.NullOf(value.Real)
		}
		return value.Convert(value.RealOf(math.Ceil(f)), map[bool]value.Type{true: value.Decimal, false: value.Real}[v.Type == value.Decimal])
	}
}

// Bin rounds down to a multiple of the size, counted from zero; of datetimes
// from 0001-01-01.
func Bin(v, size value.Value) value.Value {
	v, size = v.Scalar(), size.Scalar()
	switch {
	case isTime(v.Type):
		step := value.Convert(size, value.Long)
		if step.Null || step.Num <= 0 {
			return value.NullOf(v.Type)
		}
		return timeResult(v.Num-remainder(v.Num, step.Num), v.Type)
	case v.Type.Integral() && size.Type.Integral():
		if size.Num <= 0 {
			return value.NullOf(value.Long)
		}
		return value.LongOf(v.Num - remainder(v.Num, size.Num))
	}
	f, okf := number(v)
	s, oks := number(size)
	if !okf || !oks || !(s > 0) {
		return value.NullOf(value.Real)
	}
	return value.RealOf(math.Floor(f/s) * s)
}

// BinAt is Bin with a fixed point that begins a bin.
func BinAt(v, size, at value.Value) value.Value {
	v, size, at = v.Scalar(), size.Scalar(), at.Scalar()
	switch {
	case isTime(v.Type):
		step := value.Convert(size, value.Long)
		if step.Null || step.Num <= 0 || at.Type != v.Type {
			return value.NullOf(v.Type)
		}
		return timeResult(v.Num-remainder(v.Num-at.Num, step.Num), v.Type)
	case v.Type.Integral() && size.Type.Integral() && at.Type.Integral():
		if size.Num <= 0 {
			return value.NullOf(value.Long)
		}
		return value.LongOf(v.Num - remainder(v.Num-at.Num, size.Num))
	}
	f, okf := number(v)
	s, oks := number(size)
	p, okp := number(at)
	if !okf || !oks || !okp || !(s > 0) {
		return value.NullOf(value.Real)
	}
	return value.RealOf(math.Floor((f-p)/s)*s + p)
}

var bitFunctions = map[string]*Function{
	"binary_and":         bits2(func(a, b int64) int64 { return a & b }),
	"binary_or":          bits2(func(a, b int64) int64 { return a | b }),
	"binary_xor":         bits2(func(a, b int64) int64 { return a ^ b }),
	"binary_shift_left":  bits2(func(a, b int64) int64 { return a << uint(b&63) }),
	"binary_shift_right": bits2(func(a, b int64) int64 { return a >> uint(b&63) }),
	"binary_not": fixed(1, value.Long, func(a []value.Value) value.Value {
		v := value.Convert(a[0], value.Long)
		v.Num = ^v.Num
		return v
	}),
	"bitset_count_ones": fixed(1, value.Long, func(a []value.Value) value.Value {
		v := value.Convert(a[0], value.Long)
		v.Num = int64(bits.OnesCount64(uint64(v.Num)))
		return v
	}),
}

func bits2(f func(a, b int64) int64) *Function {
	return fixed(2, value.Long, func(a []value.Value) value.Value {
		x, y := value.Convert(a[0], value.Long), value.Convert(a[1], value.Long)
		if x.Null || y.Null {
			return value.NullOf(value.Long)
		}
		return value.LongOf(f(x.Num, y.Num))
	})
}

func toHex(a []value.Value) value.Value {
	u := uint64(whole(a, 0, 0))
	if a[0].Type == value.Int {
		u = uint64(uint32(u))
	}
	s := strconv.FormatUint(u, 16)
	for n := min(whole(a, 1, 0), 64); int64(len(s)) < n; {
		s = "0" + s
	}
	return value.StringOf(s)
}
