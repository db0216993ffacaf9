package value

import "math"

// Convert is the conversion of the language to a type: toint(), tostring() and
// so on. What can't be converted is null. To dynamic, a value keeps its kind; a
// string is not parsed.
func Convert(v Value, to Type) Value {
	if v.Type == to {
		return v
	}
	if v.Type == Dynamic && to != Dynamic {
		if to == String {
			return StringOf(v.String())
		}
		if v = v.Scalar(); v.Type == Dynamic {
			return NullOf(to)
		}
		return Convert(v, to)
	}
	if v.Null {
		return NullOf(to)
	}
	switch to {
	case Bool:
		return toBool(v)
	case Int:
		return toInt(v)
	case Long:
		return toLong(v)
	case Real:
		return toReal(v)
	case Decimal:
		return toDecimal(v)
	case DateTime, TimeSpan:
		return toTime(v, to)
	case Guid:
		if v.Type == String {
			return ParseGuid(v.Text)
		}
	case String:
		return StringOf(v.String())
	case Dynamic:
		return v.JSON().Value()
	}
	return NullOf(to)
}

func toBool(v Value) Value {
	switch v.Type {
	case Int, Long, TimeSpan:
		return BoolOf(v.Num != 0)
	case Real:
		return BoolOf(v.Float != 0)
	case Decimal:
		d, ok := v.decimal()
		return BoolOf(ok && d.coef.Sign() != 0)
	case String:
		return ParseBool(v.Text)
	}
	return NullOf(Bool)
}

// toInt wraps whole numbers that are too great and saturates others.
func toInt(v Value) Value {
	switch v.Type {
	case String:
		return ParseInt(v.Text)
	case Real:
		if math.IsNaN(v.Float) {
			return NullOf(Int)
		}
		return IntOf(int32(max(math.MinInt32, min(math.MaxInt32, v.Float))))
	}
	n := toLong(v)
	if n.Null {
		return NullOf(Int)
	}
	return IntOf(int32(n.Num))
}

func toLong(v Value) Value {
	switch v.Type {
	case Bool, Int, Long, DateTime, TimeSpan:
		return LongOf(v.Num)
	case Real:
		return realToLong(v.Float)
	case Decimal:
		d, ok := v.decimal()
		if !ok {
			break
		}
		if n, ok := d.truncate(); ok {
			return LongOf(n)
		}
	case String:
		return ParseLong(v.Text)
	}
	return NullOf(Long)
}

// realToLong cuts the fraction off and saturates.
func realToLong(f float64) Value {
	switch {
	case math.IsNaN(f):
		return NullOf(Long)
	case f >= math.MaxInt64:
		return LongOf(math.MaxInt64)
	case f <= math.MinInt64:
		return LongOf(math.MinInt64)
	}
	return LongOf(int64(f))
}

func toReal(v Value) Value {
	switch v.Type {
	case Bool, Int, Long, DateTime, TimeSpan:
		return RealOf(float64(v.Num))
	case Decimal:
		if d, ok := v.decimal(); ok {
			return RealOf(d.float())
		}
	case String:
		return ParseReal(v.Text)
	}
	return NullOf(Real)
}

func toDecimal(v Value) Value {
	switch v.Type {
	case Bool, Int, Long, Real:
		if d, ok := v.decimal(); ok {
			return d.value()
		}
	case String:
		return ParseDecimal(v.Text)
	}
	return NullOf(Decimal)
}

// toTime reads text, and numbers as ticks.
func toTime(v Value, to Type) Value {
	switch v.Type {
	case String:
		return Parse(v.Text, to)
	case Int, Long, Real:
		n := toLong(v)
		if n.Null || to == DateTime && !InDateTimeRange(n.Num) {
			return NullOf(to)
		}
		return Value{Type: to, Num: n.Num}
	}
	return NullOf(to)
}
