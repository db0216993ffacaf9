package check

import (
	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/value"
)

// resultType derives the type of a call.
func resultType(sig *catalog.Signature, places []int, args []argument) typ {
	r := sig.Result
	switch r.Rule {
	case catalog.SameAs:
		return argType(args, r.Of)
	case catalog.ArrayOf:
		return typ{value.Dynamic, catalog.ArrayShape}
	case catalog.Promoted:
		t := argType(args, r.Of)
		return typ{promoted(t.T), t.Shape}
	case catalog.CommonType:
		return common(sig, places, args)
	case catalog.CommonPlain:
		return commonPlain(sig, places, args)
	case catalog.WidestType:
		return widestArgument(args)
	case catalog.TypeArgument:
		return argType(args, len(args)-1)
	case catalog.FirstType:
		return argType(args, 0)
	case catalog.PercentileType:
		return percentileType(argType(args, r.Of))
	case catalog.Tuple:
		return scalar(r.Columns[0].Type)
	case catalog.Rest:
		return argType(args, 0)
	}
	return typ{r.Type, r.Shape}
}

func argType(args []argument, i int) typ {
	if i < 0 || i >= len(args) {
		return unknown
	}
	return args[i].e.t
}

// widestArgument is the type of bin: the wider of its numbers, an int made a
// long.
func widestArgument(args []argument) typ {
	t := value.Unknown
	for _, a := range args {
		t = max(t, a.e.t.T)
	}
	return scalar(promoted(t))
}

// percentileType is the type of a percentile: whole numbers give long, decimals
// real.
func percentileType(t typ) typ {
	switch t.T {
	case value.Int:
		return scalar(value.Long)
	case value.Decimal:
		return scalar(value.Real)
	}
	return scalar(t.T)
}

func commonClass(c catalog.Class) bool {
	return c == catalog.Common || c == catalog.CommonOrDynamic || c == catalog.CommonOrderable
}

// commonTypes lists the types of the arguments that must be alike.
func commonTypes(sig *catalog.Signature, places []int, args []argument) []typ {
	var out []typ
	for i, a := range args {
		if places[i] >= 0 && commonClass(sig.Params[places[i]].Class) {
			out = append(out, a.e.t)
		}
	}
	return out
}

// commonOf is the type that a list of types shares: the same, or the widest
// number; false when there is none.
func commonOf(types []typ) (typ, bool) {
	out := unknown
	for _, t := range types {
		switch {
		case !t.known():
		case !out.known():
			out = t
		case out.T == t.T:
			if out.Shape != t.Shape {
				out.Shape = catalog.AnyShape
			}
		case out.T.Numeric() && t.T.Numeric():
			out = scalar(widest(out.T, t.T))
		default:
			return unknown, false
		}
	}
	return out, true
}

func common(sig *catalog.Signature, places []int, args []argument) typ {
	t, _ := commonOf(commonTypes(sig, places, args))
	return t
}

// commonPlain is the type of iff and case: dynamic values take on the type of
// the others, and what has no common type is dynamic.
func commonPlain(sig *catalog.Signature, places []int, args []argument) typ {
	var plain []typ
	all := commonTypes(sig, places, args)
	for _, t := range all {
		if t.known() && !t.dynamic() {
			plain = append(plain, t)
		}
	}
	if len(plain) == 0 {
		t, _ := commonOf(all)
		return t
	}
	if t, ok := commonOf(plain); ok {
		return t
	}
	return scalar(value.Dynamic)
}

// commonFits tells whether the arguments that must be alike are.
func commonFits(sig *catalog.Signature, places []int, args []argument) bool {
	if sig.Result.Rule != catalog.CommonType {
		return true
	}
	_, ok := commonOf(commonTypes(sig, places, args))
	return ok
}
