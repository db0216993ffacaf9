package catalog

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// entry is a row of the table.
//
// Sig holds the signatures, separated by " | ". A parameter is written
//
//	name: class          exactly once
//	name?: class         at most once
//	name+: class         once or more;  name{2,64}: class  so often
//	name*: class         any number of times
//	name: const class    constant; also literal, column, lookup, shared, star,
//	                     starred, aggregate, element
//	name: literal text(a b c)   one of these texts
//
// and the result as a type name, array, bag, $n (the type of argument n),
// []$n, promoted $n, common, commonplain, widest, typearg, firsttype, percentile $n,
// rest, opaque, or tuple(suffix type, …).
//
// Tags are separated by blanks: first, fn, pre=…, only=…, single, ifcolumn
// name the column; old=… names the successor; is=… says what the entry is
// another name of; varies; hidden.
type entry struct {
	name, sig, doc, tags string
}

// group is a part of the table.
type group struct {
	title   string
	kind    Kind
	entries []entry
}

var groups = []group{
	{"Strings", Scalar, stringFunctions},
	{"Conversion", Scalar, conversionFunctions},
	{"Conditions", Scalar, conditionFunctions},
	{"Numbers", Scalar, mathFunctions},
	{"Date and time", Scalar, timeFunctions},
	{"Dynamic values", Scalar, dynamicFunctions},
	{"Hashes and encodings", Scalar, hashFunctions},
	{"Network", Scalar, networkFunctions},
	{"Series", Scalar, seriesFunctions},
	{"Sketches", Scalar, sketchFunctions},
	{"Geography", Scalar, geoFunctions},
	{"Units", Scalar, unitFunctions},
	{"Query and data", Scalar, contextFunctions},
	{"Tables", Scalar, tableFunctions},
	{"Graphs", Scalar, graphFunctions},
	{"Window functions", Window, windowFunctions},
	{"Aggregates", Aggregate, aggregateFunctions},
	{"Plugins", Plugin, pluginFunctions},
}

var classes = map[string]Class{
	"any": Any, "bool": Bool, "text": Text, "long": Long, "integer": Integer, "number": Number, "real": Real, "datetime": DateTime,
	"timespan": TimeSpan, "guid": Guid, "decimal": Decimal, "dynamic": Dynamic, "text/dynamic": TextOrDynamic, "text/array": TextOrArray,
	"integer/array": IntegerOrArray, "number/bool": NumberOrBool, "array": Array, "bag": Bag, "notdynamic": NotDynamic,
	"notrealbool": NotRealOrBool, "summable": Summable, "orderable": Orderable, "common": Common, "common/dynamic": CommonOrDynamic,
	"common/orderable": CommonOrderable, "type": Type, "table": Table,
}

var forms = map[string]Form{
	"const": Constant, "literal": Literal, "column": Column, "lookup": LookupColumn, "shared": CommonColumn, "star": Star,
	"starred": StarAllowed, "aggregate": AggregateCall, "element": Element,
}

// String returns the class as a reader of help expects it.
func (c Class) String() string {
	for name, k := range classes {
		if k == c {
			return classWords(name)
		}
	}
	return "any"
}

var classWord = map[string]string{
	"any": "scalar", "text": "string", "integer": "long", "text/dynamic": "string or dynamic", "text/array": "string or dynamic array",
	"integer/array": "long or dynamic array", "number/bool": "number or bool", "array": "dynamic array", "bag": "dynamic bag",
	"notdynamic": "scalar but dynamic", "notrealbool": "scalar but real or bool", "summable": "number, datetime or timespan",
	"orderable": "orderable scalar", "common": "scalar", "common/dynamic": "scalar", "common/orderable": "orderable scalar",
}

func classWords(name string) string {
	if w, ok := classWord[name]; ok {
		return w
	}
	return name
}

func (e entry) function(g group) *Function {
	f := &Function{Name: e.name, Kind: g.kind, Group: g.title, Doc: e.doc, Canonical: e.name}
	for _, s := range strings.Split(e.sig, " | ") {
		f.Signatures = append(f.Signatures, parseSignature(e.name, s))
	}
	for _, tag := range strings.Fields(e.tags) {
		f.apply(tag)
	}
	return f
}

func (f *Function) apply(tag string) {
	key, arg, _ := strings.Cut(tag, "=")
	switch key {
	case "first":
		f.Naming = ByArgument
	case "fn":
		f.Naming = ByFunction
	case "pre":
		f.Naming, f.Prefix = ByPrefix, arg
	case "only":
		f.Naming, f.Prefix = ByPrefixOnly, arg
	case "prefix":
		f.Prefix = arg
	case "single":
		f.Naming = ByOnlyColumn
	case "ifcolumn":
		f.Naming = ByColumnValue
	case "old":
		f.Successor, f.Canonical, f.Hidden = arg, arg, true
	case "is":
		f.Canonical = arg
	case "varies":
		f.Varies = true
	case "hidden":
		f.Hidden = true
	default:
		panic("catalog: " + f.Name + ": unknown tag " + tag)
	}
}

func parseSignature(name, s string) Signature {
	shut := strings.LastIndex(s, ") ")
	if i := strings.Index(s, ") tuple("); i >= 0 {
		shut = i
	}
	if s == "" || s[0] != '(' || shut < 0 {
		panic(fmt.Sprintf("catalog: %s: signature %q", name, s))
	}
	sig := Signature{Result: parseResult(name, s[shut+2:])}
	if s[1:shut] != "" {
		for _, p := range strings.Split(s[1:shut], ", ") {
			sig.Params = append(sig.Params, parseParam(name, p))
		}
	}
	return sig
}

func parseParam(name, s string) Param {
	left, right, ok := strings.Cut(s, ": ")
	if !ok {
		panic(fmt.Sprintf("catalog: %s: parameter %q", name, s))
	}
	p := occurrences(left)
	if values, rest, ok := cutValues(right); ok {
		p.Values, right = values, rest
	}
	if form, class, ok := strings.Cut(right, " "); ok {
		p.Form, right = must(forms, name, form), class
	}
	p.Class = must(classes, name, right)
	return p
}

func occurrences(s string) Param {
	p := Param{Name: s, Min: 1, Max: 1}
	switch s[len(s)-1] {
	case '?':
		p.Name, p.Min = s[:len(s)-1], 0
	case '*':
		p.Name, p.Min, p.Max = s[:len(s)-1], 0, Many
	case '+':
		p.Name, p.Max = s[:len(s)-1], Many
	case '}':
		name, span, _ := strings.Cut(s[:len(s)-1], "{")
		low, high, _ := strings.Cut(span, "-")
		p.Name = name
		p.Min, _ = strconv.Atoi(low)
		p.Max, _ = strconv.Atoi(high)
	}
	return p
}

func cutValues(s string) (values []string, rest string, ok bool) {
	rest, list, ok := strings.Cut(s, "(")
	if !ok {
		return nil, s, false
	}
	return strings.Fields(strings.TrimSuffix(list, ")")), rest, true
}

var rules = map[string]Rule{
	"common": CommonType, "commonplain": CommonPlain, "widest": WidestType, "typearg": TypeArgument, "firsttype": FirstType, "rest": Rest, "opaque": Opaque,
}

func parseResult(name, s string) Result {
	if r, ok := rules[s]; ok {
		return Result{Rule: r}
	}
	word, arg, _ := strings.Cut(s, "$")
	of, _ := strconv.Atoi(arg)
	switch strings.TrimSpace(word) {
	case "":
		return Result{Rule: SameAs, Of: of}
	case "[]":
		return Result{Rule: ArrayOf, Of: of, Type: value.Dynamic, Shape: ArrayShape}
	case "promoted":
		return Result{Rule: Promoted, Of: of}
	case "percentile":
		return Result{Rule: PercentileType, Of: of}
	case "array":
		return Result{Type: value.Dynamic, Shape: ArrayShape}
	case "bag":
		return Result{Type: value.Dynamic, Shape: BagShape}
	}
	if list, ok := strings.CutPrefix(s, "tuple("); ok {
		return Result{Rule: Tuple, Columns: parseTuple(strings.TrimSuffix(list, ")"))}
	}
	t, ok := value.ParseType(s)
	if !ok {
		panic(fmt.Sprintf("catalog: %s: result %q", name, s))
	}
	return Result{Type: t}
}

func parseTuple(s string) []TupleColumn {
	var out []TupleColumn
	for _, c := range strings.Split(s, ", ") {
		suffix, kind, _ := strings.Cut(c, " ")
		t, _ := value.ParseType(kind)
		out = append(out, TupleColumn{suffix, t})
	}
	return out
}

func must[T any](m map[string]T, name, key string) T {
	v, ok := m[key]
	if !ok {
		panic(fmt.Sprintf("catalog: %s: %q is not known", name, key))
	}
	return v
}
