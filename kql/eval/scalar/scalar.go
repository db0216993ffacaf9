// Package scalar holds the scalar functions and operators of the Kusto Query
// Language as pure functions over values. The evaluator calls them for each
// row, and hosts register them as user-defined functions of a SQL engine that
// lacks them.
//
// All are total: whatever the arguments, they return a value of the right type,
// null where the language says null, and never panic. They read no clock and no
// state, and are safe for concurrent use. Their input is hostile: results are
// bounded in size, regular expressions run in linear time, nesting is limited.
package scalar

import (
	"maps"
	"slices"

	"github.com/clew-sec/clew/kql/value"
)

// Func computes a function of its arguments, which it does not keep.
type Func func(args []value.Value) value.Value

// Function is one function or operator of the language.
type Function struct {
	// Min and Max are the number of arguments; Max -1 means any number.
	Min, Max int
	// Result is the type of the result. Unknown where it follows from the
	// arguments.
	Result value.Type
	// Call computes the function.
	Call Func
	// Bind, where not nil, prepares the function for arguments that are constant
	// (not nil in consts): regular expressions are compiled, lists read once. It
	// returns nil where nothing is gained.
	Bind func(consts []*value.Value) Func
}

// MaxText is the greatest size in bytes of a text that a function makes.
const MaxText = 16 << 20

// maxItems is the greatest number of items of an array that a function makes.
const maxItems = 1 << 20

// Lookup finds a function by its standard name, or an operator by its sign.
func Lookup(name string) (*Function, bool) {
	f, ok := table[name]
	return f, ok
}

// Names lists all functions and operators in order.
func Names() []string { return slices.Sorted(maps.Keys(table)) }

// Call computes a function of any name. ok is false where there is no such
// function for that number of arguments.
func Call(name string, args ...value.Value) (v value.Value, ok bool) {
	f, ok := table[name]
	if !ok || !f.takes(len(args)) {
		return value.Value{}, false
	}
	return f.Call(args), true
}

func (f *Function) takes(n int) bool { return n >= f.Min && (f.Max < 0 || n <= f.Max) }

// BindConstants prepares f for a call of which some arguments are constant.
func (f *Function) BindConstants(consts []*value.Value) Func {
	if f.Bind != nil {
		if bound := f.Bind(consts); bound != nil {
			return bound
		}
	}
	return f.Call
}

var table = map[string]*Function{}

func init() {
	for _, group := range []map[string]*Function{
		operators, textOperators, conversions, choices, textFunctions, regexFunctions, mathFunctions, bitFunctions, timeFunctions, timeParts,
		dynamicFunctions, bagFunctions, arrayFunctions, setFunctions, encodings, hashes, parsers, ipv4Functions, ipv6Functions,
		seriesMath, seriesFunctions, seriesModels, geoFunctions, shapeFunctions, cellFunctions, overlayFunctions, polygonFunctions, h3Functions, units, sketches,
	} {
		maps.Copy(table, group)
	}
	for alias, name := range aliases {
		table[alias] = table[name]
	}
}

// aliases are other names of functions.
var aliases = map[string]string{
	"iif": "iff", "notnull": "isnotnull", "notempty": "isnotempty", "toboolean": "tobool", "todouble": "toreal", "parsejson": "parse_json",
	"todynamic": "parse_json", "toobject": "parse_json", "extractjson": "extract_json", "extractall": "extract_all", "pack": "bag_pack",
	"pack_dictionary": "bag_pack", "replace": "replace_regex", "getmonth": "monthofyear", "weekofyear": "week_of_year", "floor": "bin",
	"parseurl": "parse_url", "base64_decodestring": "base64_decode_tostring", "base64_encodestring": "base64_encode_tostring",
	"parseurlquery": "parse_urlquery",

	"make_string": "unicode_codepoints_to_string", "totime": "totimespan", "datepart": "datetime_part", "arraylength": "array_length",
	"array_iif": "array_iff", "merge_tdigest": "tdigest_merge", "to_utf8": "unicode_codepoints_from_string", "array_strcat": "strcat_array",
}

// fixed makes a function of n arguments that is null when one of them is.
func fixed(n int, result value.Type, call Func) *Function {
	return ranged(n, n, result, call)
}

// ranged is fixed with optional arguments.
func ranged(least, most int, result value.Type, call Func) *Function {
	return &Function{Min: least, Max: most, Result: result, Call: func(args []value.Value) value.Value {
		for i := range args {
			if args[i].Null {
				return value.NullOf(result)
			}
		}
		return call(args)
	}}
}

// lenient makes a function that looks at nulls itself.
func lenient(least, most int, result value.Type, call Func) *Function {
	return &Function{Min: least, Max: most, Result: result, Call: call}
}

// textOf makes a function of one text.
func textOf(call func(s string) value.Value, result value.Type) *Function {
	return lenient(1, 1, result, func(args []value.Value) value.Value { return call(args[0].String()) })
}

// whole reads an argument as a whole number, def where it is absent or null.
func whole(args []value.Value, i int, def int64) int64 {
	if i >= len(args) {
		return def
	}
	if v := value.Convert(args[i], value.Long); !v.Null {
		return v.Num
	}
	return def
}

// number reads an argument as a real.
func number(v value.Value) (float64, bool) {
	if v.Type == value.Real {
		return v.Float, !v.Null
	}
	r := value.Convert(v, value.Real)
	return r.Float, !r.Null
}

// truth reads an argument as a bool; null is false.
func truth(args []value.Value, i int, def bool) bool {
	if i >= len(args) {
		return def
	}
	v := value.Convert(args[i], value.Bool)
	return !v.Null && v.Num != 0
}

// array reads a dynamic array.
func array(v value.Value) ([]value.JSON, bool) {
	if v.Null || v.Type != value.Dynamic {
		return nil, false
	}
	j := v.JSON()
	return j.Items, j.Kind == value.KindArray
}

// bag reads a property bag.
func bag(v value.Value) (value.JSON, bool) {
	if v.Null || v.Type != value.Dynamic {
		return value.JSON{}, false
	}
	j := v.JSON()
	return j, j.Kind == value.KindBag
}

// list makes a dynamic array.
func list(items []value.JSON) value.Value { return value.ArrayOf(items...).Value() }

// texts makes a dynamic array of texts.
func texts(items []string) value.Value {
	b := []byte{'['}
	for i, s := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = value.AppendQuoted(b, s)
	}
	return value.JSONOf(string(append(b, ']')))
}

// scalarText is an element of an array as text.
func scalarText(j value.JSON) string {
	switch j.Kind {
	case value.KindString:
		return j.Text
	case value.KindNull:
		return ""
	}
	return j.String()
}

// null of dynamic.
var nothing = value.NullOf(value.Dynamic)
