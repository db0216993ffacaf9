package sql

import "github.com/clew-sec/clew/kql/value"

// convert says in SQL what is exact there.
func (d clickhouse) convert(c *compiler, v val, to value.Type) (val, bool) {
	switch to {
	case value.String:
		return d.toText(v)
	case value.Long:
		return d.toLong(v)
	case value.Int:
		return d.toInt(v)
	case value.Real:
		return d.toReal(v)
	case value.Dynamic:
		return d.toDynamic(c, v)
	case value.Bool:
		return d.toBool(v)
	case value.TimeSpan:
		if v.t == value.Long {
			return v, true
		}
	}
	return val{}, false
}

func (d clickhouse) toText(v val) (val, bool) {
	switch v.t {
	case value.Guid:
		return v, true
	case value.Bool:
		e := &Case{When: []When{{If: v.Expr, Then: Text("True")}, {If: &Prefix{Op: "NOT", X: v.Expr}, Then: Text("False")}}}
		return val{Expr: e, null: true}, true
	case value.Int, value.Long:
		return val{Expr: fn("toString", v.Expr), null: v.null}, true
	case value.DateTime:
		return val{Expr: clickhouseTimeText(v.Expr), null: v.null}, true
	case value.Dynamic:
		return val{Expr: textOfMember(v.Expr), null: true}, true
	}
	return val{}, false
}

func (d clickhouse) toLong(v val) (val, bool) {
	switch v.t {
	case value.Int, value.Long, value.Bool, value.DateTime, value.TimeSpan:
		return val{Expr: fn("toInt64", v.Expr), null: v.null}, true
	case value.String:
		return val{Expr: wholeOfText(v.Expr), null: true}, true
	case value.Dynamic:
		text, kind := textOfMember(v.Expr), kindOfMember(v.Expr)
		return val{Expr: &Case{When: []When{
			{If: &In{X: kind, List: []Expr{Text("Int64"), Text("String")}}, Then: wholeOfText(text)},
			{If: isKind(kind, "Bool"), Then: fn("toInt64", isKind(text, "true"))},
			{If: isKind(kind, "Double"), Then: wholeOfReal(fn("toFloat64OrNull", text))},
			{If: isKind(kind, "UInt64"), Then: wholeOfReal(fn("toFloat64OrNull", text))},
		}}, null: true}, true
	}
	return val{}, false
}

func kindOfMember(e Expr) Expr {
	path := member(e)
	return jsonKind(path[0], path[1:]...)
}

// wholeOfText reads decimal and hexadecimal digits; more than fit are NULL.
func wholeOfText(s Expr) Expr {
	digits := fn("regexpExtract", s, Text(`^\s*([+-]?[0-9]{1,38})\s*$`), Number("1"))
	decimal := &Cast{X: fn("toInt128OrNull", digits), Type: "Int64", Try: true}
	hex := fn("regexpExtract", s, Text(`^\s*0[xX]([0-9a-fA-F]{1,16})\s*$`), Number("1"))
	bytes := fn("reverse", fn("unhex", fn("leftPad", hex, Number("16"), Text("0"))))
	return either(fn("match", s, Text(`^\s*0[xX][0-9a-fA-F]{1,16}\s*$`)), fn("reinterpretAsInt64", fn("assumeNotNull", bytes)), decimal)
}

// wholeOfReal cuts the fraction off and stays within 64 bits.
func wholeOfReal(f Expr) Expr {
	return &Case{When: []When{
		{If: &Binary{Op: ">=", L: f, R: Number("9.223372036854775807e18")}, Then: fn("toInt64", Number("9223372036854775807"))},
		{If: &Binary{Op: "<=", L: f, R: Number("-9.223372036854775807e18")}, Then: fn("toInt64", Number("-9223372036854775808"))},
		{If: fn("isNaN", f), Then: Null},
	}, Else: fn("toInt64", f)}
}

// toInt wraps whole numbers that are too great. Of text they are NULL.
func (d clickhouse) toInt(v val) (val, bool) {
	switch v.t {
	case value.Int, value.Long, value.Bool, value.DateTime, value.TimeSpan:
		return val{Expr: fn("toInt32", v.Expr), null: v.null}, true
	case value.String:
		return val{Expr: &Cast{X: wholeOfText(v.Expr), Type: "Int32", Try: true}, null: true}, true
	case value.Dynamic:
		text, kind := textOfMember(v.Expr), kindOfMember(v.Expr)
		f := fn("toFloat64OrNull", text)
		within := fn("toInt32", fn("least", fn("greatest", f, Number("-2147483648")), Number("2147483647")))
		return val{Expr: &Case{When: []When{
			{If: isKind(kind, "Int64"), Then: fn("toInt32", fn("toInt64OrNull", text))},
			{If: isKind(kind, "String"), Then: &Cast{X: wholeOfText(text), Type: "Int32", Try: true}},
			{If: isKind(kind, "Bool"), Then: fn("toInt32", isKind(text, "true"))},
			{If: &In{X: kind, List: []Expr{Text("Double"), Text("UInt64")}}, Then: within},
		}}, null: true}, true
	}
	return val{}, false
}

const decimalText = `^\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*$`

func realOfText(s Expr) Expr {
	return fn("toFloat64OrNull", fn("regexpExtract", s, Text(decimalText), Number("1")))
}

func (d clickhouse) toReal(v val) (val, bool) {
	switch v.t {
	case value.Int, value.Long, value.Bool, value.DateTime, value.TimeSpan:
		return val{Expr: fn("toFloat64", v.Expr), null: v.null}, true
	case value.Decimal:
		return d.comparable(v), true
	case value.Dynamic:
		text, kind := textOfMember(v.Expr), kindOfMember(v.Expr)
		return val{Expr: &Case{When: []When{
			{If: &In{X: kind, List: []Expr{Text("Int64"), Text("UInt64"), Text("Double"), Text("String")}}, Then: realOfText(text)},
			{If: isKind(kind, "Bool"), Then: fn("toFloat64", isKind(text, "true"))},
		}}, null: true}, true
	}
	return val{}, false
}

func (d clickhouse) toBool(v val) (val, bool) {
	if v.t.Integral() {
		return val{Expr: &Binary{Op: "<>", L: v.Expr, R: Number("0")}, null: v.null}, true
	}
	if v.t == value.Dynamic {
		text, kind := textOfMember(v.Expr), kindOfMember(v.Expr)
		low := fn("lower", text)
		return val{Expr: &Case{When: []When{
			{If: &In{X: kind, List: []Expr{Text("Bool"), Text("String")}}, Then: &Case{When: []When{
				{If: isKind(low, "true"), Then: True}, {If: isKind(low, "false"), Then: False},
			}, Else: &Binary{Op: "<>", L: wholeOfText(text), R: Number("0")}}},
			{If: &In{X: kind, List: []Expr{Text("Int64"), Text("UInt64"), Text("Double")}}, Then: &Binary{Op: "<>", L: fn("toFloat64OrNull", text), R: Number("0")}},
		}}, null: true}, true
	}
	return val{}, false
}

// toDynamic makes JSON.
func (d clickhouse) toDynamic(c *compiler, v val) (val, bool) {
	e, ok := d.json(c, v)
	if ok && v.null {
		e = either(notNull(v.Expr), e, Null)
	}
	return val{Expr: e, null: v.null}, ok
}
