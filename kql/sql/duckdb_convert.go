package sql

import (
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

func isText(t value.Type) bool { return t == value.String || t == value.Guid }

func isTicks(t value.Type) bool { return t == value.DateTime || t == value.TimeSpan }

// convert says in SQL what is exact there; the rest is left to functions of the
// evaluator.
func (d duckdb) convert(c *compiler, v val, to value.Type) (val, bool) {
	switch to {
	case value.String:
		return d.toText(c, v)
	case value.Long, value.Int:
		return d.toWhole(v, to)
	case value.Real:
		return d.toReal(v)
	case value.Dynamic:
		return d.toDynamic(c, v)
	case value.Bool:
		if v.t.Integral() {
			return val{Expr: &Binary{Op: "<>", L: v.Expr, R: Number("0")}, null: v.null}, true
		}
	case value.TimeSpan:
		if v.t == value.Long {
			return v, true
		}
	}
	return val{}, false
}

func (d duckdb) toText(c *compiler, v val) (val, bool) {
	switch v.t {
	case value.Guid:
		return v, true
	case value.Bool:
		e := &Case{When: []When{{If: v.Expr, Then: Text("True")}, {If: &Prefix{Op: "NOT", X: v.Expr}, Then: Text("False")}}}
		return val{Expr: e, null: v.null}, true
	case value.Int, value.Long:
		return val{Expr: &Cast{X: v.Expr, Type: "VARCHAR"}, null: v.null}, true
	case value.DateTime:
		return val{Expr: d.timeText(v.Expr), null: v.null}, true
	case value.Dynamic:
		return val{Expr: textOfJSON(v.Expr), null: true}, true
	}
	return val{}, false
}

// textOfJSON is a JSON string without its quotes, other JSON as it is. Reading
// of a member and of its text are one step.
func textOfJSON(e Expr) Expr {
	if cast, ok := e.(*Cast); ok && cast.Type == "VARCHAR" {
		if f, ok := cast.X.(*Func); ok && f.Name == "json_extract" && len(f.Args) == 2 {
			return &Func{Name: "json_extract_string", Args: f.Args}
		}
	}
	return &Func{Name: "json_extract_string", Args: []Expr{e, Text("$")}}
}

// timeText is a datetime as the language writes it, with seven digits of the
// second.
func (d duckdb) timeText(ticks Expr) Expr {
	seconds := &Func{Name: "strftime", Args: []Expr{timestamp(ticks), Text("%Y-%m-%dT%H:%M:%S.%f")}}
	last := &Cast{X: &Binary{Op: "%", L: ticks, R: Number("10")}, Type: "VARCHAR"}
	return &Chain{Op: "||", Parts: []Expr{seconds, last, Text("Z")}}
}

const (
	unixEpoch   = Number("621355968000000000")
	unixEpochUs = Number("62135596800000000")
)

// timestamp is a datetime as the engine's own, which has microseconds.
func timestamp(ticks Expr) Expr {
	return &Func{Name: "make_timestamp", Args: []Expr{&Binary{Op: "-", L: &Binary{Op: "//", L: ticks, R: Number("10")}, R: unixEpochUs}}}
}

// ticksOf is the engine's time stamp in ticks.
func ticksOf(timestamp Expr) Expr {
	us := &Func{Name: "epoch_us", Args: []Expr{timestamp}}
	return &Binary{Op: "+", L: &Binary{Op: "*", L: us, R: Number("10")}, R: unixEpoch}
}

func (d duckdb) toWhole(v val, to value.Type) (val, bool) {
	name := d.typeName(to, true)
	switch v.t {
	case value.Int, value.Long, value.Bool:
		return val{Expr: &Cast{X: v.Expr, Type: name, Try: to == value.Int && v.t == value.Long}, null: v.null || to == value.Int}, true
	case value.DateTime, value.TimeSpan:
		if to == value.Long {
			return v, true
		}
	}
	return val{}, false
}

func (d duckdb) toReal(v val) (val, bool) {
	switch v.t {
	case value.Int, value.Long, value.Bool:
		return val{Expr: &Cast{X: v.Expr, Type: "DOUBLE"}, null: v.null}, true
	case value.Decimal:
		return d.comparable(v), true
	}
	return val{}, false
}

// toDynamic makes JSON.
func (d duckdb) toDynamic(c *compiler, v val) (val, bool) {
	if v.t == value.Real || v.t == value.Decimal || v.t == value.TimeSpan {
		return val{}, false
	}
	e := v.Expr
	if v.t == value.DateTime {
		e = d.timeText(e)
	}
	return val{Expr: &Cast{X: &Func{Name: "to_json", Args: []Expr{e}}, Type: "VARCHAR"}, null: v.null}, true
}

// access reads a member by a path of JSON.
func (d duckdb) access(c *compiler, base val, path []value.Value) (val, bool) {
	var b strings.Builder
	b.WriteByte('$')
	for _, key := range path {
		switch {
		case key.Type == value.String && plainKey(key.Text):
			b.WriteByte('.')
			b.WriteString(key.Text)
		case key.Type == value.String && key.Text != "" && !strings.ContainsAny(key.Text, "\"\\*\x00"):
			b.WriteString(`."` + key.Text + `"`)
		case key.Type.Integral() && key.Num >= 0:
			b.WriteString("[" + value.LongOf(key.Num).String() + "]")
		case key.Type.Integral():
			b.WriteString("[#" + value.LongOf(key.Num).String() + "]")
		default:
			return val{}, false
		}
	}
	if b.Len() > 4000 {
		return val{}, false
	}
	read := &Cast{X: &Func{Name: "json_extract", Args: []Expr{c.typed(base), Text(b.String())}}, Type: "VARCHAR"}
	return val{Expr: read, null: true}, true
}

func plainKey(k string) bool {
	for i := 0; i < len(k); i++ {
		ch := k[i]
		if !(ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch == '_' || i > 0 && ch >= '0' && ch <= '9') {
			return false
		}
	}
	return k != ""
}
