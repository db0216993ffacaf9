package check

import (
	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// call binds Name(Args…): a function of the query, a special form, an
// aggregate, a function of the library, or a saved one.
func (c *checker) call(x *syntax.Call, cx context) bound {
	name := x.Name.Name
	if b := cx.env.find(name); b != nil && b.fn != nil {
		c.trace.variable(x.Name, b)
		return c.inline(x, x.Name, b.fn, x.Args, cx)
	} else if b != nil && b.pattern != nil {
		c.trace.variable(x.Name, b)
		return c.patternCall(x, nil, b.pattern, cx)
	} else if b != nil && (b.broken || b.table != nil && len(x.Args) == 0) {
		bd, _ := c.variable(x.Name, cx)
		return bd
	}
	if b, ok := c.graphFunction(x, cx); ok {
		return b
	}
	if form, ok := specialForms[name]; ok {
		return form(c, x, cx)
	}
	if fn := catalog.AggregateFunction(name); fn != nil && (cx.aggs != nil || catalog.ScalarFunction(name) == nil) {
		return boundExpr(c.aggregateCall(x, fn, cx))
	}
	if fn := catalog.ScalarFunction(name); fn != nil {
		return boundExpr(c.libraryCall(x, fn, cx))
	}
	if fn := c.saved(name); fn != nil {
		c.trace.function(x.Name, fn)
		return c.inline(x, x.Name, fn, x.Args, cx)
	}
	if env, ok := environment[name]; ok {
		return boundTable(c.environmentCall(x, env, nil, cx))
	}
	return c.unknownFunction(x, cx)
}

func (c *checker) unknownFunction(x *syntax.Call, cx context) bound {
	if len(c.diags) >= maxDiagnostics {
		return boundExpr(bad())
	}
	var names []string
	for _, f := range catalog.ScalarFunctions() {
		names = append(names, f.Name)
	}
	if cx.aggs != nil {
		for _, f := range catalog.AggregateFunctions() {
			names = append(names, f.Name)
		}
	}
	names = append(append(names, cx.env.names()...), c.schema.Functions()...)
	c.unknownName(x.Name, CodeUnknownFunction, "function", names)
	for _, a := range x.Args {
		c.bind(a.X, cx)
	}
	return boundExpr(bad())
}

// libraryCall binds a call of a scalar or window function.
func (c *checker) libraryCall(x *syntax.Call, fn *catalog.Function, cx context) expr {
	if fn.Deprecated() && fn.Name != fn.Successor {
		c.report(syntax.Information, x.Name, CodeDeprecated, "'%s' is an old name; use '%s'.", fn.Name, fn.Successor)
	}
	if fn.Kind == catalog.Window && cx.row != nil && !cx.row.ordered {
		c.warnf(x.Name, CodeSerialize, "'%s' needs rows in a fixed order: put serialize or sort by before it.", fn.Name)
	}
	args := c.arguments(x, cx, fn)
	sig, places := c.choose(x, fn, args)
	if sig == nil {
		e := leaf(bad().x, failedType(fn, args))
		e.missing = true
		return e
	}
	return c.apply(fn, sig, places, args, x, cx)
}

// failedType is the type of a call that could not be bound: that of its only or
// first signature, so that what follows can still be judged.
func failedType(fn *catalog.Function, args []argument) typ {
	sig := &fn.Signatures[0]
	places := make([]int, len(args))
	for i := range places {
		places[i] = min(i, len(sig.Params)-1)
	}
	return resultType(sig, places, args)
}

// argument is a bound argument with how it was written.
type argument struct {
	e     expr
	x     syntax.Expr
	named *syntax.NamedExpr
	typ   *syntax.TypeOf // typeof(…)
	star  bool
	table *relation
}

// arguments binds the arguments of a library function: scalars all of them, but
// for typeof and a star.
func (c *checker) arguments(x *syntax.Call, cx context, fn *catalog.Function) []argument {
	inner := cx
	inner.aggs = nil
	if cx.aggs != nil && fn.Kind != catalog.Aggregate {
		inner.aggs = cx.aggs
	}
	args := make([]argument, len(x.Args))
	for i, a := range x.Args {
		args[i] = c.argument(a, inner)
	}
	return args
}

func (c *checker) argument(a *syntax.NamedExpr, cx context) argument {
	arg := argument{x: a.X, named: a}
	switch t := a.X.(type) {
	case *syntax.TypeOf:
		arg.typ = t
		arg.e = leaf(&plan.Literal{Value: value.NullOf(typeOf(t))}, scalar(typeOf(t)))
	case *syntax.Wildcard:
		arg.star = t.Pattern == "*"
		arg.e = bad()
		if !arg.star {
			c.errorf(t, CodeType, "Only a single star can stand here.")
		}
	default:
		if b := c.bind(a.X, cx); b.rel != nil {
			arg.table = b.rel
			arg.e = bad()
		} else if b.e != nil {
			arg.e = *b.e
		} else {
			c.errorf(a.X, CodeArguments, "The function needs an argument list.")
			arg.e = bad()
		}
	}
	return arg
}

func typeOf(t *syntax.TypeOf) value.Type {
	if t.Type == nil {
		return value.Unknown
	}
	return t.Type.Type
}

// apply makes the bound call.
func (c *checker) apply(fn *catalog.Function, sig *catalog.Signature, places []int, args []argument, x *syntax.Call, cx context) expr {
	c.regexArgument(fn.Canonical, args)
	if build, ok := ownCalls[fn.Canonical]; ok {
		if e, ok := build(c, x, args, cx); ok {
			return e
		}
	}
	t := resultType(sig, places, args)
	xs := make([]expr, 0, len(args))
	for i, a := range args {
		switch {
		case a.typ != nil:
		case sig.Result.Rule == catalog.WidestType:
			xs = append(xs, convert(a.e, t.T))
		default:
			xs = append(xs, coerce(a.e, sig.Params[places[i]].Class, t))
		}
	}
	e := call(fn.Canonical, t, xs...)
	switch sig.Result.Rule {
	case catalog.TypeArgument, catalog.FirstType:
		e = convertCall(e, t)
	case catalog.Tuple:
		return c.tuple(fn, sig, e, args, x)
	}
	return e
}

// convertCall has a function that yields a text give a value of another type.
func convertCall(e expr, t typ) expr {
	e.x.(*plan.Call).Result = value.String
	e.t = scalar(value.String)
	return convert(e, t.T)
}

// coerce brings an argument to the type that its parameter takes.
func coerce(e expr, class catalog.Class, result typ) expr {
	switch class {
	case catalog.Text, catalog.TextOrDynamic:
		if class == catalog.Text {
			return convert(e, value.String)
		}
	case catalog.Long, catalog.Integer:
		if e.t.T == value.Int {
			return convert(e, value.Long)
		}
	case catalog.Real:
		return convert(e, value.Real)
	case catalog.Common, catalog.CommonOrDynamic, catalog.CommonOrderable:
		return convert(e, result.T)
	}
	return e
}

// tuple makes the columns of a call that yields several. At run time such a
// function gives a property bag, with the suffixes as keys.
func (c *checker) tuple(fn *catalog.Function, sig *catalog.Signature, e expr, args []argument, x *syntax.Call) expr {
	if fn.Canonical == "array_sort_asc" || fn.Canonical == "array_sort_desc" {
		return c.sortedArrays(fn, args)
	}
	base := fn.Name + "_" + c.argName(x)
	var items []tupleItem
	for _, col := range sig.Result.Columns {
		items = append(items, tupleItem{base + "_" + col.Suffix, property(e, col.Suffix, col.Type)})
	}
	first := items[0].e
	first.tuple = items
	return first
}

// property reads one property of a bag as a type.
func property(e expr, key string, t value.Type) expr {
	e.x.(*plan.Call).Result = value.Dynamic
	out := expr{x: &plan.Access{X: e.x, Key: &plan.Literal{Value: value.StringOf(key)}}, t: scalar(value.Dynamic), weight: e.weight + 2}
	return convert(out, t)
}

// sortedArrays binds array_sort_asc and array_sort_desc. In the plan the last
// argument says whether nulls come last. With several arrays the call gives an
// array of arrays.
func (c *checker) sortedArrays(fn *catalog.Function, args []argument) expr {
	nullsLast := literal(value.BoolOf(true))
	arrays := args
	if n := len(args); n > 1 && args[n-1].e.t.T == value.Bool {
		nullsLast, arrays = args[n-1].e, args[:n-1]
	}
	xs := make([]expr, 0, len(args)+1)
	for _, a := range arrays {
		xs = append(xs, a.e)
	}
	array := typ{value.Dynamic, catalog.ArrayShape}
	e := call(fn.Canonical, array, append(xs, nullsLast)...)
	var items []tupleItem
	for i, a := range arrays {
		item := e
		if len(arrays) > 1 {
			item = expr{x: &plan.Access{X: e.x, Key: &plan.Literal{Value: value.LongOf(int64(i))}}, t: array, weight: e.weight + 2}
		}
		items = append(items, tupleItem{c.nameOf(a.x) + "_sorted", item})
	}
	first := items[0].e
	first.tuple = items
	return first
}
