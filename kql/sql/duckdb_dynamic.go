package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func duckdbDynamic() map[string]rule {
	return map[string]rule{
		"parse_json": duckdbParseJSON, "array_length": duckdbArrayLength,
		"pack_array": duckdbPackArray, "bag_pack": duckdbPackBag,
	}
}

// duckdbParseJSON never fails: what is no JSON is a string.
func duckdbParseJSON(c *compiler, call *plan.Call, a []val) (val, bool) {
	if a[0].t == value.Dynamic {
		return a[0], true
	}
	if a[0].t != value.String || a[0].konst != nil {
		return val{}, false
	}
	s := a[0].Expr
	valid := &Func{Name: "json_valid", Args: []Expr{s}}
	text := &Cast{X: &Func{Name: "to_json", Args: []Expr{s}}, Type: "VARCHAR"}
	return val{Expr: &Case{When: []When{{If: valid, Then: s}, {If: &Binary{Op: "=", L: s, R: Text("")}, Then: Null}}, Else: text}, null: true}, true
}

func duckdbArrayLength(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.Dynamic || a[0].konst != nil {
		return val{}, false
	}
	kind := &Func{Name: "json_type", Args: []Expr{a[0].Expr}}
	n := &Cast{X: &Func{Name: "json_array_length", Args: []Expr{a[0].Expr}}, Type: "BIGINT"}
	return val{Expr: &Case{When: []When{{If: &Binary{Op: "=", L: kind, R: Text("ARRAY")}, Then: n}}}, null: true}, true
}

// json is a value as a member of JSON that SQL makes; false where it has to be
// made by a function.
func (d duckdb) json(c *compiler, v val) (Expr, bool) {
	switch v.t {
	case value.Dynamic:
		return &Cast{X: c.typed(v), Type: "JSON"}, true
	case value.String, value.Guid, value.Bool, value.Int, value.Long:
		return c.typed(v), true
	case value.DateTime:
		return d.timeText(c.typed(v)), true
	}
	made := c.convert(v, value.Dynamic)
	return &Cast{X: c.typed(made), Type: "JSON"}, true
}

func duckdbPackArray(c *compiler, _ *plan.Call, a []val) (val, bool) {
	f := &Func{Name: "json_array"}
	for _, x := range a {
		e, ok := duckdb{}.json(c, x)
		if !ok || x.konst != nil && x.t == value.Dynamic {
			return val{}, false
		}
		f.Args = append(f.Args, e)
	}
	return val{Expr: &Cast{X: f, Type: "VARCHAR"}}, true
}

func duckdbPackBag(c *compiler, _ *plan.Call, a []val) (val, bool) {
	f := &Func{Name: "json_object"}
	seen := map[string]bool{}
	for i, x := range a {
		if i%2 == 0 {
			if x.konst == nil || x.t != value.String || seen[x.konst.Text] {
				return val{}, false
			}
			seen[x.konst.Text] = true
		}
		e, ok := duckdb{}.json(c, x)
		if !ok {
			return val{}, false
		}
		f.Args = append(f.Args, e)
	}
	return val{Expr: &Cast{X: f, Type: "VARCHAR"}}, len(a) > 0
}
