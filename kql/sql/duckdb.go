package sql

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// DuckDB is the dialect of DuckDB 1.5, with functions of the evaluator as
// scalar functions of its own.
var DuckDB Dialect = duckdb{}

type duckdb struct{}

func (duckdb) Name() string { return "duckdb" }

var duckdbSpelling = spelling{
	lower: "lower", random: "random", anyValue: "any_value", semiJoin: "SEMI JOIN", antiJoin: "ANTI JOIN", nanIsGreatest: true, keepsOrder: true, plainLambdas: true,
}

func (duckdb) spelling() *spelling { return &duckdbSpelling }

// WriteIdent doubles quotes. A NUL would end the text of the query, and can't
// be in a name.
func (duckdb) WriteIdent(b *strings.Builder, name string) {
	b.WriteByte('"')
	for _, r := range name {
		switch r {
		case 0:
			b.WriteRune(utf8.RuneError)
		case '"':
			b.WriteString(`""`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// WriteText doubles quotes, which is all that is special in a string of DuckDB,
// but for NUL, at which the text of the query would end.
func (duckdb) WriteText(b *strings.Builder, text string) {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, string(utf8.RuneError))
	}
	parts := strings.Split(text, "\x00")
	if len(parts) > 1 {
		b.WriteString("concat(")
	}
	for i, p := range parts {
		if i > 0 {
			b.WriteString(", chr(0), ")
		}
		b.WriteByte('\'')
		b.WriteString(strings.ReplaceAll(p, "'", "''"))
		b.WriteByte('\'')
	}
	if len(parts) > 1 {
		b.WriteByte(')')
	}
}

func (duckdb) writeCast(w *writer, e *Cast) {
	if e.Try {
		w.WriteString("TRY_")
	}
	w.WriteString("CAST(")
	e.X.writeTo(w)
	w.WriteString(" AS ")
	w.WriteString(e.Type)
	w.WriteByte(')')
}

func (duckdb) writeLambda(w *writer, e *Lambda) {
	w.WriteString("lambda ")
	w.WriteString(strings.Join(e.Params, ", "))
	w.WriteString(": ")
	w.operand(e.Body)
}

func (duckdb) cteHint(c *CTE) string {
	switch {
	case c.Materialize:
		return "MATERIALIZED "
	case c.Inline:
		return "NOT MATERIALIZED "
	}
	return ""
}

func (duckdb) settings() string { return "" }

var duckdbTypes = [...]string{
	value.Unknown: "VARCHAR", value.Bool: "BOOLEAN", value.Int: "INTEGER", value.Long: "BIGINT", value.Real: "DOUBLE", value.Decimal: "VARCHAR",
	value.DateTime: "BIGINT", value.TimeSpan: "BIGINT", value.Guid: "VARCHAR", value.String: "VARCHAR", value.Dynamic: "VARCHAR",
}

func (duckdb) typeName(t value.Type, _ bool) string { return duckdbTypes[t] }

func (d duckdb) stored(e Expr, _ value.Type) Expr { return e }

// comparable compares decimals, which are text, as binary64.
func (d duckdb) comparable(v val) val {
	if v.t != value.Decimal {
		return v
	}
	if k := v.konst; k != nil {
		f := value.Convert(*k, value.Real)
		return val{Expr: d.literal(f, false), t: value.Real, null: f.Null, konst: &f}
	}
	return val{Expr: &Cast{X: v.Expr, Type: "DOUBLE", Try: true}, t: value.Real, null: v.null}
}

func (d duckdb) literal(v value.Value, bare bool) Expr {
	if v.Null {
		return &Cast{X: Null, Type: d.typeName(v.Type, true)}
	}
	switch v.Type {
	case value.Bool:
		return word(v.Num != 0)
	case value.Int, value.Long, value.DateTime, value.TimeSpan:
		return d.whole(v, bare)
	case value.Real:
		return double(v.Float)
	}
	return Text(v.Text)
}

func (d duckdb) whole(v value.Value, bare bool) Expr {
	n := Number(strconv.FormatInt(v.Num, 10))
	switch {
	case v.Num == math.MinInt64:
		return &Cast{X: Text(n), Type: "BIGINT"}
	case bare || v.Num > math.MaxInt32 && v.Type != value.Int:
		return n
	}
	return &Cast{X: n, Type: d.typeName(v.Type, false)}
}

// double is a binary64: with an exponent, lest it be a decimal.
func double(f float64) Expr {
	switch {
	case math.IsNaN(f):
		return &Cast{X: Text("nan"), Type: "DOUBLE"}
	case math.IsInf(f, 1):
		return &Cast{X: Text("inf"), Type: "DOUBLE"}
	case math.IsInf(f, -1):
		return &Cast{X: Text("-inf"), Type: "DOUBLE"}
	}
	return Number(strconv.FormatFloat(f, 'e', -1, 64))
}

func (d duckdb) function(f *Function, args []Expr) Expr { return &Func{Name: f.Name, Args: args} }

func (d duckdb) values(c *compiler, n *plan.Values, cols []string) Query {
	if len(n.Rows) == 0 {
		q := &Select{Where: []Expr{False}}
		for _, col := range n.Cols {
			q.Items = append(q.Items, Item{Expr: &Cast{X: Null, Type: d.typeName(col.Type, true)}})
		}
		q.Items = append(q.Items, Item{Expr: &Cast{X: Null, Type: "BIGINT"}})
		return q
	}
	q := &Rows{Rows: make([][]Expr, len(n.Rows))}
	for i, row := range n.Rows {
		cells := make([]Expr, 0, len(cols))
		for j, v := range row {
			v.Type = n.Cols[j].Type
			cell := d.literal(v, i > 0)
			if i == 0 && v.Type != value.Bool {
				if _, done := cell.(*Cast); !done {
					cell = &Cast{X: cell, Type: d.typeName(v.Type, true)}
				}
			}
			cells = append(cells, cell)
		}
		q.Rows[i] = append(cells, &Cast{X: Number(itoa(i)), Type: "BIGINT"})
	}
	return q
}

func (duckdb) firstPerKey(q *Select, keys []Expr, order []OrderKey) {
	q.Group = keys
	for i, it := range q.Items {
		if !isKey(it.Expr, keys) {
			q.Items[i].Expr = &Func{Name: "first", Args: []Expr{it.Expr}, Order: order}
		}
	}
	if len(keys) == 0 {
		q.Limit = Number("1")
	}
}

func isKey(e Expr, keys []Expr) bool {
	for _, k := range keys {
		if sameCol(e, k) {
			return true
		}
	}
	return false
}

// elements: an array's elements, a bag's properties each as a bag of its own,
// and anything else as the one element.
func (d duckdb) elements(c *compiler, v val, arrays bool) Expr {
	x := v.Expr
	kind := &Func{Name: "json_type", Args: []Expr{x}}
	all := &Func{Name: "json_extract", Args: []Expr{x, Text("$[*]")}}
	pair := "json_object"
	if arrays {
		pair = "json_array"
	}
	k := Name("k")
	member := &Func{Name: "json_extract", Args: []Expr{x, &Func{Name: "concat", Args: []Expr{Text("/"), escapedPointer(k)}}}}
	bags := &Func{Name: "list_transform", Args: []Expr{
		&Func{Name: "json_keys", Args: []Expr{x}},
		&Lambda{Params: []string{"k"}, Body: &Func{Name: pair, Args: []Expr{k, member}}},
	}}
	one := &List{Items: []Expr{&Cast{X: x, Type: "JSON"}}}
	return &Cast{Type: "VARCHAR[]", X: &Case{
		When: []When{
			{If: isNull(x), Then: &List{Items: []Expr{&Cast{X: Null, Type: "JSON"}}}},
			{If: &Binary{Op: "=", L: kind, R: Text("ARRAY")}, Then: all},
			{If: &Binary{Op: "=", L: kind, R: Text("OBJECT")}, Then: bags},
		},
		Else: one,
	}}
}

// escapedPointer is a key as a step of a JSON pointer.
func escapedPointer(k Expr) Expr {
	return &Func{Name: "replace", Args: []Expr{&Func{Name: "replace", Args: []Expr{k, Text("~"), Text("~0")}}, Text("/"), Text("~1")}}
}

func (duckdb) unnest(q *Select, lists []Item) {
	for _, l := range lists {
		q.Items = append(q.Items, Item{Expr: &Func{Name: "unnest", Args: []Expr{l.Expr}}, As: l.As})
	}
}

func (duckdb) indices(n Expr) Expr   { return &Func{Name: "range", Args: []Expr{n}} }
func (duckdb) length(list Expr) Expr { return &Func{Name: "len", Args: []Expr{list}} }

func (duckdb) prefix(list, n Expr) Expr { return &Slice{X: list, From: Number("1"), To: n} }

func (duckdb) series(n Expr, as, column string) From {
	return &TableFunc{Func: &Func{Name: "range", Args: []Expr{n}}, As: as, Columns: []string{column}}
}

func (duckdb) quotient(a, b Expr) Expr { return &Binary{Op: "//", L: a, R: b} }

func (d duckdb) lag(lead bool, x val, n, def Expr, over *Window) Expr {
	f := &Func{Name: "lag", Args: []Expr{x.Expr, n}, Over: over}
	if lead {
		f.Name = "lead"
	}
	if def != nil {
		f.Args = append(f.Args, def)
	}
	return f
}

func (d duckdb) captures(source Expr, pattern string, groups int) Expr {
	names := make([]Expr, groups)
	for i := range names {
		names[i] = Text("g" + itoa(i+1))
	}
	return &Func{Name: "regexp_extract", Args: []Expr{source, Text(oldGroups(pattern)), &List{Items: names}}}
}

func (duckdb) group(all Expr, i int) Expr { return &Field{X: all, Name: "g" + itoa(i)} }

func (duckdb) matched(source Expr, pattern string) Expr {
	return &Func{Name: "regexp_matches", Args: []Expr{source, Text(oldGroups(pattern))}}
}
