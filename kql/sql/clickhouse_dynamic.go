package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// jsonKind is the engine's name of the kind of JSON that x, or what the path
// leads to, is.
func jsonKind(x Expr, path ...Expr) Expr {
	return fn("JSONType", append([]Expr{x}, path...)...)
}

func isKind(kind Expr, name string) Expr { return &Binary{Op: "=", L: kind, R: Text(name)} }

// access reads a member by a path. An index reads an array only: the engine
// would count the members of a bag too.
func (d clickhouse) access(c *compiler, base val, path []value.Value) (val, bool) {
	x := c.typed(base)
	args := []Expr{x}
	var guards []Expr
	for _, key := range path {
		switch {
		case key.Type == value.String && key.Text != "":
			args = append(args, Text(key.Text))
		case key.Type.Integral() && key.Num > -1<<31 && key.Num < 1<<31-1:
			guards = append(guards, isKind(fn("JSONType", args[:len(args):len(args)]...), "Array"))
			n := key.Num
			if n >= 0 {
				n++
			}
			args = append(args, Number(value.LongOf(n).String()))
		default:
			return val{}, false
		}
	}
	read := Expr(fn("nullIf", fn("JSONExtractRaw", args...), Text("")))
	if guards != nil {
		read = either(&Chain{Op: "AND", Parts: guards}, read, Null)
	}
	return val{Expr: read, null: true}, true
}

// member is how a value was read from JSON, where it was by a plain path: the
// text of the member and its kind can then be read in one step.
func member(e Expr) []Expr {
	if null, ok := e.(*Func); ok && null.Name == "nullIf" {
		if f, ok := null.Args[0].(*Func); ok && f.Name == "JSONExtractRaw" {
			return f.Args
		}
	}
	return []Expr{e}
}

// textOfMember is a JSON string without its quotes, other JSON as it is, and
// null as nothing.
func textOfMember(e Expr) Expr {
	path := member(e)
	return fn("JSONExtract", append(path[:len(path):len(path)], Text("String"))...)
}

// json is a value as JSON text, never NULL; false where the engine has no exact
// way to write it.
func (d clickhouse) json(c *compiler, v val) (Expr, bool) {
	x := c.typed(v)
	if v.konst != nil {
		return Text(jsonText(*v.konst)), true
	}
	var text Expr
	switch v.t {
	case value.Dynamic:
		text = x
	case value.String:
		return fn("toJSONString", x), true
	case value.Guid:
		text = fn("concat", Text(`"`), x, Text(`"`))
	case value.Bool:
		text = &Case{When: []When{{If: x, Then: Text("true")}, {If: &Prefix{Op: "NOT", X: x}, Then: Text("false")}}}
	case value.Int, value.Long:
		text = fn("toString", x)
	case value.DateTime:
		text = fn("concat", Text(`"`), clickhouseTimeText(x), Text(`"`))
	default:
		return nil, false
	}
	if !v.null && v.t != value.Bool {
		return text, true
	}
	return fn("ifNull", text, Text("null")), true
}

// jsonText is a constant as JSON.
func jsonText(v value.Value) string {
	if v.Null && v.Type != value.String {
		return "null"
	}
	return value.Convert(v, value.Dynamic).Text
}

// elements: an array's elements, a bag's properties each as a bag of its own,
// and anything else as the one element.
func (clickhouse) elements(_ *compiler, v val, arrays bool) Expr {
	x := v.Expr
	sure := fn("assumeNotNull", x)
	open, between, closing := "{", ":", "}"
	if arrays {
		open, between, closing = "[", ",", "]"
	}
	k := Name("k")
	pair := fn("concat", Text(open), fn("toJSONString", fn("tupleElement", k, Number("1"))), Text(between), fn("tupleElement", k, Number("2")), Text(closing))
	bags := fn("arrayMap", &Lambda{Params: []string{"k"}, Body: pair}, fn("JSONExtractKeysAndValuesRaw", sure))
	list := func(e Expr) Expr { return &Cast{X: e, Type: "Array(Nullable(String))"} }
	return &Case{
		When: []When{
			{If: isNull(x), Then: list(&List{Items: []Expr{Null}})},
			{If: isKind(jsonKind(sure), "Array"), Then: list(fn("JSONExtractArrayRaw", sure))},
			{If: isKind(jsonKind(sure), "Object"), Then: list(bags)},
		},
		Else: list(&List{Items: []Expr{x}}),
	}
}

func clickhouseDynamic() map[string]rule {
	return map[string]rule{
		"parse_json": clickhouseParseJSON, "array_length": clickhouseArrayLength,
		"pack_array": clickhousePackArray, "bag_pack": clickhousePackBag,
	}
}

// clickhouseParseJSON never fails: what is no JSON is a string.
func clickhouseParseJSON(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t == value.Dynamic {
		return a[0], true
	}
	if a[0].t != value.String || a[0].konst != nil {
		return val{}, false
	}
	s := a[0].Expr
	return val{Expr: &Case{
		When: []When{{If: &Binary{Op: "=", L: s, R: Text("")}, Then: Null}, {If: fn("isValidJSON", s), Then: s}},
		Else: fn("toJSONString", s),
	}, null: true}, true
}

func clickhouseArrayLength(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.Dynamic || a[0].konst != nil {
		return val{}, false
	}
	path := member(a[0].Expr)
	n := fn("toInt64", fn("JSONLength", path...))
	return val{Expr: either(isKind(jsonKind(path[0], path[1:]...), "Array"), n, Null), null: true}, true
}

func clickhousePackArray(c *compiler, _ *plan.Call, a []val) (val, bool) {
	f := fn("concat", Text("["))
	for i, x := range a {
		e, ok := clickhouse{}.json(c, x)
		if !ok {
			return val{}, false
		}
		if i > 0 {
			f.Args = append(f.Args, Text(","))
		}
		f.Args = append(f.Args, e)
	}
	f.Args = append(f.Args, Text("]"))
	return val{Expr: f}, true
}

func clickhousePackBag(c *compiler, _ *plan.Call, a []val) (val, bool) {
	f := fn("concat", Text("{"))
	seen := map[string]bool{}
	for i, x := range a {
		if i%2 == 0 {
			if x.konst == nil || x.t != value.String || seen[x.konst.Text] {
				return val{}, false
			}
			seen[x.konst.Text] = true
		}
		e, ok := clickhouse{}.json(c, x)
		if !ok {
			return val{}, false
		}
		switch {
		case i%2 == 1:
			f.Args = append(f.Args, Text(":"))
		case i > 0:
			f.Args = append(f.Args, Text(","))
		}
		f.Args = append(f.Args, e)
	}
	f.Args = append(f.Args, Text("}"))
	return val{Expr: f}, len(a) > 0 && len(a)%2 == 0
}
