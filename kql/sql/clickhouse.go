package sql

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// ClickHouse is the dialect of ClickHouse 26. It has no functions of the
// evaluator to call, so what its own functions don't say exactly is left to the
// evaluator.
var ClickHouse Dialect = clickhouse{}

type clickhouse struct{}

func (clickhouse) Name() string { return "clickhouse" }

var clickhouseSpelling = spelling{
	lower: "lowerUTF8", random: "rand64", anyValue: "any", semiJoin: "LEFT SEMI JOIN", antiJoin: "LEFT ANTI JOIN",
	constantIn: true, columnsInOn: true, flatJoins: true, foldsByItself: true, noColumnNames: true, repeatsTables: true,
}

func (clickhouse) spelling() *spelling { return &clickhouseSpelling }

// WriteIdent quotes with backticks, within which a backslash escapes.
func (clickhouse) WriteIdent(b *strings.Builder, name string) {
	b.WriteByte('`')
	clickhouseEscape(b, name, '`')
	b.WriteByte('`')
}

// WriteText escapes with backslashes.
func (clickhouse) WriteText(b *strings.Builder, text string) {
	b.WriteByte('\'')
	clickhouseEscape(b, text, '\'')
	b.WriteByte('\'')
}

func clickhouseEscape(b *strings.Builder, text string, quote byte) {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, string(utf8.RuneError))
	}
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; ch {
		case 0:
			b.WriteString(`\0`)
		case quote, '\\':
			b.WriteByte('\\')
			b.WriteByte(ch)
		default:
			b.WriteByte(ch)
		}
	}
}

func (clickhouse) writeCast(w *writer, e *Cast) {
	name, typ := "CAST", e.Type
	if e.Try {
		name, typ = "accurateCastOrNull", strings.TrimSuffix(strings.TrimPrefix(typ, "Nullable("), ")")
	}
	w.WriteString(name)
	w.WriteByte('(')
	e.X.writeTo(w)
	w.WriteString(", '")
	w.WriteString(typ)
	w.WriteString("')")
}

func (clickhouse) writeLambda(w *writer, e *Lambda) {
	w.WriteByte('(')
	w.WriteString(strings.Join(e.Params, ", "))
	w.WriteString(") -> ")
	w.operand(e.Body)
}

func (clickhouse) cteHint(c *CTE) string {
	if c.Materialize {
		return "MATERIALIZED "
	}
	return ""
}

// settings make outer joins give NULL, arrays of different lengths run side by
// side, and JSON come out as it is.
func (clickhouse) settings() string {
	return "join_use_nulls = 1, enable_unaligned_array_join = 1, output_format_json_escape_forward_slashes = 0, output_format_json_quote_64bit_integers = 0"
}

var clickhouseTypes = [...]string{
	value.Unknown: "Nullable(String)", value.Bool: "Nullable(Bool)", value.Int: "Nullable(Int32)", value.Long: "Nullable(Int64)", value.Real: "Nullable(Float64)",
	value.Decimal: "Nullable(String)", value.DateTime: "Nullable(Int64)", value.TimeSpan: "Nullable(Int64)", value.Guid: "Nullable(String)",
	value.String: "String", value.Dynamic: "Nullable(String)",
}

// typeName is nullable for all but strings: a cast of NULL to another type is an
// error.
func (clickhouse) typeName(t value.Type, _ bool) string { return clickhouseTypes[t] }

func (clickhouse) stored(e Expr, _ value.Type) Expr { return e }

// fn is a call of one of the engine's functions.
func fn(name string, args ...Expr) *Func { return &Func{Name: name, Args: args} }

func either(cond, then, other Expr) Expr {
	return &Case{When: []When{{If: cond, Then: then}}, Else: other}
}

// comparable compares decimals, which are text, as binary64.
func (d clickhouse) comparable(v val) val {
	if v.t != value.Decimal {
		return v
	}
	if k := v.konst; k != nil {
		f := value.Convert(*k, value.Real)
		return val{Expr: d.literal(f, false), t: value.Real, null: f.Null, konst: &f}
	}
	return val{Expr: fn("toFloat64OrNull", v.Expr), t: value.Real, null: true}
}

func (d clickhouse) literal(v value.Value, bare bool) Expr {
	if v.Null && v.Type != value.String {
		return &Cast{X: Null, Type: d.typeName(v.Type, true)}
	}
	switch v.Type {
	case value.Bool:
		return word(v.Num != 0)
	case value.Int:
		return clickhouseWhole(v.Num, "toInt32", bare)
	case value.Long, value.DateTime, value.TimeSpan:
		return clickhouseWhole(v.Num, "toInt64", bare)
	case value.Real:
		return clickhouseDouble(v.Float)
	}
	return Text(v.Text)
}

// clickhouseWhole has its type said, since a bare literal is of the smallest one.
func clickhouseWhole(n int64, typed string, bare bool) Expr {
	digits := Number(strconv.FormatInt(n, 10))
	if bare && n != math.MinInt64 {
		return digits
	}
	return fn(typed, digits)
}

func clickhouseDouble(f float64) Expr {
	switch {
	case math.IsNaN(f):
		return fn("toFloat64", Text("nan"))
	case math.IsInf(f, 1):
		return fn("toFloat64", Text("inf"))
	case math.IsInf(f, -1):
		return fn("toFloat64", Text("-inf"))
	}
	return Number(strconv.FormatFloat(f, 'e', -1, 64))
}

// function is nil: the engine can't call the evaluator.
func (clickhouse) function(*Function, []Expr) Expr { return nil }

func (d clickhouse) values(c *compiler, n *plan.Values, cols []string) Query {
	if len(n.Rows) == 0 {
		q := &Select{Where: []Expr{False}}
		for i, col := range n.Cols {
			q.Items = append(q.Items, Item{Expr: d.literal(value.NullOf(col.Type), false), As: cols[i]})
		}
		q.Items = append(q.Items, Item{Expr: fn("toInt64", Number("0")), As: cols[len(cols)-1]})
		return q
	}
	f := fn("values", Text(d.structure(n, cols)))
	for i, row := range n.Rows {
		cells := fn("tuple")
		for j, v := range row {
			v.Type = n.Cols[j].Type
			cells.Args = append(cells.Args, d.cell(v))
		}
		cells.Args = append(cells.Args, Number(itoa(i)))
		f.Args = append(f.Args, cells)
	}
	q := &Select{From: &TableFunc{Func: f, As: c.alias()}}
	for _, name := range cols {
		q.Items = append(q.Items, Item{Expr: &Col{Name: name}, As: name})
	}
	return q
}

// cell is a value where its type is told by the structure of the table.
func (d clickhouse) cell(v value.Value) Expr {
	if v.Null && v.Type != value.String {
		return Null
	}
	return d.literal(v, true)
}

// structure is the columns of a table of constants with their types.
func (d clickhouse) structure(n *plan.Values, cols []string) string {
	var b strings.Builder
	for i, col := range n.Cols {
		d.WriteIdent(&b, cols[i])
		b.WriteByte(' ')
		b.WriteString(d.typeName(col.Type, true))
		b.WriteString(", ")
	}
	d.WriteIdent(&b, cols[len(cols)-1])
	b.WriteString(" Int64")
	return b.String()
}

func (clickhouse) firstPerKey(q *Select, keys []Expr, order []OrderKey) {
	q.Order = order
	if len(keys) == 0 {
		q.Limit = Number("1")
		return
	}
	q.LimitBy = &LimitBy{Count: Number("1"), Keys: keys}
}

// unnest joins with the arrays, to which there must be a table.
func (clickhouse) unnest(q *Select, lists []Item) {
	if q.From == nil {
		q.From = &Sub{Query: &Select{Items: []Item{{Expr: Number("1"), As: "h0_"}}}, As: "one"}
	}
	for _, l := range lists {
		q.ArrayJoin = append(q.ArrayJoin, l)
		q.Items = append(q.Items, Item{Expr: &Col{Name: l.As}, As: l.As})
	}
}

func (clickhouse) indices(n Expr) Expr   { return fn("range", n) }
func (clickhouse) length(list Expr) Expr { return fn("length", list) }

func (clickhouse) prefix(list, n Expr) Expr { return fn("arraySlice", list, Number("1"), n) }

func (clickhouse) series(n Expr, as, column string) From {
	count := fn("toUInt64", fn("ifNull", n, Number("0")))
	q := &Select{Items: []Item{{Expr: fn("toInt64", Name("number")), As: column}}, From: &TableFunc{Func: fn("numbers", count), As: as}}
	return &Sub{Query: q, As: as}
}

func (clickhouse) quotient(a, b Expr) Expr { return fn("intDivOrNull", a, b) }

// lag has a frame of all rows, else it would see only those before.
func (clickhouse) lag(lead bool, x val, n, def Expr, over *Window) Expr {
	w := *over
	w.Frame = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
	f := fn("lagInFrame", x.Expr, n)
	if lead {
		f.Name = "leadInFrame"
	}
	if x.t != value.String {
		f.Args[0] = fn("toNullable", x.Expr)
	}
	if def != nil {
		f.Args = append(f.Args, def)
	}
	f.Over = &w
	return f
}

// regex is an expression in the engine's way, where a dot matches the end of a
// line unless told not to.
func regex(pattern string) Expr { return Text("(?-s)" + oldGroups(pattern)) }

func (clickhouse) captures(source Expr, pattern string, _ int) Expr {
	return fn("extractGroups", source, regex(pattern))
}

func (clickhouse) group(all Expr, i int) Expr {
	return &Index{X: all, I: Number(itoa(i))}
}

func (clickhouse) matched(source Expr, pattern string) Expr {
	return fn("match", source, regex(pattern))
}
