package scalar

import (
	"math"

	"github.com/clew-sec/clew/kql/value"
)

var conversions = map[string]*Function{
	"tobool":     conversion(value.Bool),
	"toint":      conversion(value.Int),
	"tolong":     conversion(value.Long),
	"toreal":     conversion(value.Real),
	"todecimal":  conversion(value.Decimal),
	"todatetime": conversion(value.DateTime),
	"totimespan": conversion(value.TimeSpan),
	"toguid":     conversion(value.Guid),
	"tostring":   conversion(value.String),
	"parse_json": lenient(1, 1, value.Dynamic, func(a []value.Value) value.Value { return ToDynamic(a[0]) }),
	"gettype":    lenient(1, 1, value.String, func(a []value.Value) value.Value { return value.StringOf(TypeName(a[0])) }),
	"isnull":     lenient(1, 1, value.Bool, func(a []value.Value) value.Value { return value.BoolOf(a[0].Normal().Null) }),
	"isnotnull":  lenient(1, 1, value.Bool, func(a []value.Value) value.Value { return value.BoolOf(!a[0].Normal().Null) }),
	"isempty":    lenient(1, 1, value.Bool, func(a []value.Value) value.Value { return value.BoolOf(empty(a[0])) }),
	"isnotempty": lenient(1, 1, value.Bool, func(a []value.Value) value.Value { return value.BoolOf(!empty(a[0])) }),
	"isnan":      realTest(math.IsNaN),
	"isinf":      realTest(func(f float64) bool { return math.IsInf(f, 0) }),
	"isfinite":   realTest(func(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }),
	"isascii":    lenient(1, 1, value.Bool, func(a []value.Value) value.Value { return value.BoolOf(isASCII(a[0].String())) }),
	"isutf8":     lenient(1, 1, value.Bool, func(a []value.Value) value.Value { return value.BoolOf(validText(a[0].String())) }),
	"tohex":      ranged(1, 2, value.String, toHex),
	"dynamic_to_json": lenient(1, 1, value.String, func(a []value.Value) value.Value {
		if a[0].Null {
			return value.StringOf("")
		}
		return value.StringOf(a[0].JSON().Sorted().String())
	}),
}

func conversion(to value.Type) *Function {
	return lenient(1, 1, to, func(a []value.Value) value.Value { return value.Convert(a[0], to) })
}

// ToDynamic is parse_json: a text is read as JSON, other values keep their kind.
func ToDynamic(v value.Value) value.Value {
	switch v.Type {
	case value.Dynamic:
		return v.Normal()
	case value.String:
		return value.ParseDynamic(v.Text)
	}
	return v.JSON().Value()
}

// TypeName is gettype: the type, or for a dynamic the kind of what it holds.
func TypeName(v value.Value) string {
	if v.Type != value.Dynamic {
		return v.Type.String()
	}
	switch v = v.Normal(); v.JSON().Kind {
	case value.KindNull:
		return "null"
	case value.KindBool:
		return "bool"
	case value.KindLong:
		return "long"
	case value.KindReal:
		return "double"
	case value.KindString:
		return "string"
	case value.KindArray:
		return "array"
	}
	return "dictionary"
}

func empty(v value.Value) bool {
	v = v.Normal()
	return v.Null || v.String() == ""
}

func realTest(is func(float64) bool) *Function {
	return fixed(1, value.Bool, func(a []value.Value) value.Value {
		f, ok := number(a[0])
		return value.BoolOf(ok && is(f))
	})
}

// choices pick one of their arguments.
var choices = map[string]*Function{
	"iff":      lenient(3, 3, value.Unknown, func(a []value.Value) value.Value { return a[choose(truth(a, 0, false))] }),
	"case":     lenient(1, -1, value.Unknown, caseOf),
	"coalesce": lenient(1, -1, value.Unknown, coalesce),
	"max_of":   lenient(1, -1, value.Unknown, func(a []value.Value) value.Value { return extreme(a, 1) }),
	"min_of":   lenient(1, -1, value.Unknown, func(a []value.Value) value.Value { return extreme(a, -1) }),
	"around":   lenient(3, 3, value.Bool, around),
	"assert":   lenient(2, 2, value.Bool, func(a []value.Value) value.Value { return value.BoolOf(truth(a, 0, false)) }),
	"estimate_data_size": lenient(0, -1, value.Long, func(a []value.Value) value.Value {
		var n int64
		for _, v := range a {
			n += dataSize(v)
		}
		return value.LongOf(n)
	}),
}

func choose(yes bool) int {
	if yes {
		return 1
	}
	return 2
}

func caseOf(a []value.Value) value.Value {
	i := 0
	for ; i+1 < len(a); i += 2 {
		if truth(a, i, false) {
			return a[i+1]
		}
	}
	return a[len(a)-1]
}

// coalesce takes the first argument that is not null; of texts the first that
// is not empty.
func coalesce(a []value.Value) value.Value {
	for _, v := range a {
		v = v.Normal()
		if !v.Null && (v.Type != value.String || v.Text != "") {
			return v
		}
	}
	return a[len(a)-1]
}

// around tells whether a value lies within a distance of another.
func around(a []value.Value) value.Value {
	low, high := Arithmetic('-', a[1], a[2]), Arithmetic('+', a[1], a[2])
	return between([]value.Value{a[0].Scalar(), low, high}, true)
}

// extreme ignores nulls; NaN wins over every number.
func extreme(a []value.Value, sign int) value.Value {
	best := a[0].Normal()
	for _, v := range a[1:] {
		v = v.Normal()
		if v.Null {
			continue
		}
		if best.Null {
			best = v
			continue
		}
		order, ok := value.Compare(v, best)
		if order*sign > 0 || !ok && v.Type == value.Real && math.IsNaN(v.Float) {
			best = v
		}
	}
	return best
}

// dataSize is the size in bytes that the language tells for a value.
func dataSize(v value.Value) int64 {
	switch v.Type {
	case value.Bool:
		return 1
	case value.Int:
		return 4
	case value.Guid, value.Decimal:
		return 16
	case value.String, value.Dynamic:
		return int64(len(v.Text))
	}
	return 8
}
