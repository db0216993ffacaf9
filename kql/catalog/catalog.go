// Package catalog is the standard library of the query language as data:
// every function, aggregate, window function and plugin with its signatures,
// the rule that names its column, and one sentence of help; and the tabular
// operators with theirs. The checker judges calls by it, the editor completes
// and explains from it, and the documentation of supported features is made
// of it.
//
// The rows are written in a small notation (see notation.go), so that a row
// reads like the head of a manual page:
//
//	indexof(text: any, find: any, start?: integer) long
package catalog

import (
	"slices"
	"strings"
	"sync"

	"github.com/clew-sec/clew/kql/value"
)

// Kind says where a function may stand.
type Kind uint8

// The kinds of function.
const (
	Scalar    Kind = iota // anywhere in an expression
	Aggregate             // in summarize, make-series, top-nested, pivot
	Window                // in an expression over serialized rows
	Plugin                // after evaluate
)

// Naming says how a column is called that is made of a call and has no name of
// its own.
type Naming uint8

// The rules of naming. "The argument's name" is the column that the first
// argument would be, were it a column of its own.
const (
	Unnamed       Naming = iota // Column1, Column2, …
	ByArgument                  // the argument's name
	ByFunction                  // function_argument
	ByPrefix                    // Prefix_argument
	ByPrefixOnly                // Prefix
	ByOnlyColumn                // the argument's name if it is the only argument
	ByColumnValue               // the text of the first argument if that names a column
)

// Class is the set of types that an argument may have.
type Class uint8

// The classes. All of them accept an expression whose type is not known.
const (
	Any             Class = iota // any scalar
	Bool                         // bool
	Text                         // string, or dynamic of unknown shape
	Long                         // long or int
	Integer                      // long or int
	Number                       // int, long, real, decimal
	Real                         // real, long or int
	DateTime                     // datetime
	TimeSpan                     // timespan
	Guid                         // guid
	Decimal                      // decimal
	Dynamic                      // any dynamic
	TextOrDynamic                // string or any dynamic
	TextOrArray                  // string or array of strings
	IntegerOrArray               // integer or array of integers
	NumberOrBool                 // number or bool
	Array                        // dynamic that can be an array
	Bag                          // dynamic that can be a property bag
	NotDynamic                   // any but dynamic
	NotRealOrBool                // any but real and bool
	Summable                     // number, datetime or timespan
	Orderable                    // what sort accepts: any but dynamic and guid
	Common                       // same type as its like
	CommonOrDynamic              // same type as its like, dynamic beside any other type
	CommonOrderable              // same orderable type as its like
	Type                         // typeof(…)
	Table                        // a table
)

// Form restricts how an argument is written.
type Form uint8

// The forms.
const (
	Expression    Form = iota
	Constant           // known when the query is compiled
	Literal            // written out
	Column             // a column of the input
	LookupColumn       // a column of the table that is the plugin's argument
	CommonColumn       // a column of both
	Star               // only *
	StarAllowed        // an expression, or * for all columns that are left
	AggregateCall      // a call of an aggregate
	Element            // an expression over the elements of the first argument
)

// Many is the upper limit of a parameter that repeats without limit.
const Many = 1 << 20

// Param is one parameter.
type Param struct {
	Name     string
	Class    Class
	Form     Form
	Min, Max int      // occurrences; 1, 1 for a plain one
	Values   []string // the texts that are allowed, if they are a fixed set
}

// Optional tells whether the parameter can be left out.
func (p Param) Optional() bool { return p.Min == 0 }

// Repeats tells whether the parameter can occur several times.
func (p Param) Repeats() bool { return p.Max > 1 }

// Rule says what type a call has.
type Rule uint8

// The rules. Parameter n counts from 0.
const (
	Fixed          Rule = iota // Result.Type with Result.Shape
	SameAs                     // the type of argument Result.Of
	ArrayOf                    // dynamic array of the type of argument Result.Of
	Promoted                   // the type of argument Result.Of, int widened to long
	CommonType                 // the type that the Common arguments share
	CommonPlain                // the same; dynamic counts only if all are dynamic
	WidestType                 // the widest number among the arguments
	TypeArgument               // the type that typeof(…) in the last argument names
	FirstType                  // the type that typeof(…) in the first argument names
	Tuple                      // several columns: Result.Columns
	PercentileType             // the type of argument Result.Of, numbers widened
	Rest                       // one column for each argument, as arg_max and take_any
	Opaque                     // columns that a plugin works out itself
)

// Shape is what is known of a dynamic value.
type Shape uint8

// The shapes.
const (
	AnyShape Shape = iota
	ArrayShape
	BagShape
	ScalarShape
)

// Result is the rule for the type of a call.
type Result struct {
	Rule    Rule
	Type    value.Type
	Shape   Shape
	Of      int
	Columns []TupleColumn
}

// TupleColumn is one column of a call that yields several. Its name is the
// function's name, the argument's name and this suffix.
type TupleColumn struct {
	Suffix string
	Type   value.Type
}

// Signature is one way to call a function.
type Signature struct {
	Params []Param
	Result Result
}

// Bounds returns how many arguments the signature takes, at least and at most.
func (s *Signature) Bounds() (low, high int) {
	for _, p := range s.Params {
		low += p.Min
		high += p.Max
	}
	return low, high
}

// Function is one entry of the library.
type Function struct {
	Name       string
	Kind       Kind
	Group      string // the heading under which documentation lists it
	Signatures []Signature
	Naming     Naming
	Prefix     string // for the namings that use one
	Doc        string // one sentence
	Successor  string // set on a deprecated name: what to use instead
	Canonical  string // the name under which compilers know it; Name if not an alias
	Varies     bool   // gives another value at each call, such as rand
	Hidden     bool   // accepted but not offered
}

// Deprecated tells whether a newer name should be used.
func (f *Function) Deprecated() bool { return f.Successor != "" }

// library is the parsed table.
type library struct {
	scalars, aggregates, plugins map[string]*Function
	operators                    map[string]*Operator
}

var load = sync.OnceValue(func() *library {
	l := &library{scalars: map[string]*Function{}, aggregates: map[string]*Function{}, plugins: map[string]*Function{}, operators: map[string]*Operator{}}
	for _, g := range groups {
		for _, e := range g.entries {
			f := e.function(g)
			l.shelf(f.Kind)[f.Name] = f
		}
	}
	for i := range operators {
		l.operators[operators[i].Name] = &operators[i]
	}
	return l
})

func (l *library) shelf(k Kind) map[string]*Function {
	switch k {
	case Aggregate:
		return l.aggregates
	case Plugin:
		return l.plugins
	default:
		return l.scalars
	}
}

// ScalarFunction finds a scalar or window function by its exact name, or nil.
func ScalarFunction(name string) *Function { return load().scalars[name] }

// AggregateFunction finds an aggregate by its exact name, or nil.
func AggregateFunction(name string) *Function { return load().aggregates[name] }

// PluginFunction finds a plugin of evaluate by its exact name, or nil.
func PluginFunction(name string) *Function { return load().plugins[name] }

// ScalarFunctions returns all scalar and window functions, sorted by name. The
// entries are shared: callers must not change them.
func ScalarFunctions() []*Function { return sorted(load().scalars) }

// AggregateFunctions returns all aggregates, sorted by name.
func AggregateFunctions() []*Function { return sorted(load().aggregates) }

// PluginFunctions returns all plugins, sorted by name.
func PluginFunctions() []*Function { return sorted(load().plugins) }

func sorted(m map[string]*Function) []*Function {
	out := make([]*Function, 0, len(m))
	for _, f := range m {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *Function) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// String returns the word for the kind: scalar, aggregate, window or plugin.
func (k Kind) String() string { return [...]string{"scalar", "aggregate", "window", "plugin"}[k] }
