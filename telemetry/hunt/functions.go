package hunt

import (
	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// own are functions that statements call and the language has not.
var own = map[string]func([]value.Value) value.Value{"access": access, "make_bag": makeBag}

// callable tells whether a function can be called from within a statement.
func callable(name string) bool {
	_, ok := scalar.Lookup(name)
	return ok || own[name] != nil || name == placeFunction
}

// define makes the functions of a statement known to the engine.
func (r *runner) define(list []sql.Function) error {
	d, ok := r.hunter.Engine.(definer)
	if !ok || len(list) == 0 {
		return nil
	}
	out := make([]telemetry.Function, len(list))
	for i, f := range list {
		out[i] = telemetry.Function{Name: f.Name, Args: f.Args, Result: f.Result, Nulls: true, Eval: r.implementation(f)}
	}
	return d.Define(r.ctx, out)
}

// implementation is the evaluator's function, with results of the type that the
// checker promised.
func (r *runner) implementation(f sql.Function) func([]value.Value) value.Value {
	if call, ok := own[f.Func]; ok {
		return call
	}
	if f.Func == placeFunction {
		return r.hunter.place
	}
	fn, _ := scalar.Lookup(f.Func) // there is one: the statement calls no other
	call := fn.Call
	return func(args []value.Value) value.Value {
		v := call(args)
		if v.Type != f.Result {
			return value.Convert(v, f.Result)
		}
		return v
	}
}

// access reads a member by a name or an index that is computed.
func access(args []value.Value) value.Value {
	switch key := args[1]; {
	case args[0].Null || key.Null:
		return value.NullOf(value.Dynamic)
	case key.Type.Integral():
		return args[0].Element(key.Num)
	default:
		return args[0].Member(key.String())
	}
}

// makeBag merges an array of bags; of a property the first value counts.
func makeBag(args []value.Value) value.Value {
	list, ok := value.ParseJSON(args[0].Text)
	out := value.JSON{Kind: value.KindBag}
	if !ok {
		return out.Value()
	}
	seen := map[string]bool{}
	for _, bag := range list.Items {
		for i, key := range bag.Keys {
			if !seen[key] {
				seen[key] = true
				out.Keys, out.Items = append(out.Keys, key), append(out.Items, bag.Items[i])
			}
		}
	}
	return out.Value()
}
