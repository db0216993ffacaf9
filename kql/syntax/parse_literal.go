package syntax

import (
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// literal reads a constant, or returns nil. Signed numbers are constants where
// the sign touches them.
func (p *parser) literal() Expr {
	switch t := p.tok(); t.Kind {
	case QuotedString, BoolWord, IntegerNumber, RealNumber, TimespanNumber, TypedLiteral, RawGUID:
		return p.simpleLiteral()
	case Plus, Minus:
		return p.signedLiteral()
	case Keyword:
		switch {
		case t.word == wordDynamic && p.ahead(1).Kind == LeftParen:
			return p.dynamicLiteral()
		case t.word == wordTypeof && p.ahead(1).Kind == LeftParen:
			return p.typeOf()
		}
	case LeftBrace:
		if p.bracedLength(0) > 0 {
			return p.name()
		}
	}
	return nil
}

// simpleLiteral makes a literal of the present token; of all strings that stand
// side by side it makes one.
func (p *parser) simpleLiteral() *Literal {
	t := p.tok()
	if t.Kind == QuotedString {
		return p.stringLiteral()
	}
	if t.Kind == RawGUID {
		p.fail(CodeUnexpected, "A GUID must be written guid("+p.raw(t)+").", "guid("+p.raw(t)+")")
	}
	p.next()
	l := &Literal{Span: Span{t.Start, t.End}}
	var ok bool
	l.Value, ok = tokenValue(t, p.raw(t))
	l.Invalid = !ok
	return l
}

// tokenValue is the value of a token that is no string.
func tokenValue(t Token, raw string) (value.Value, bool) {
	switch t.Kind {
	case BoolWord:
		return value.BoolOf(raw[0]|0x20 == 't'), true
	case IntegerNumber:
		return integerValue(raw)
	case RealNumber:
		return realValue(raw)
	case TimespanNumber:
		return timespanValue(raw)
	case RawGUID:
		v := value.ParseGuid(raw)
		return v, !v.Null
	}
	return typedLiteralValue(raw)
}

func (p *parser) stringLiteral() *Literal {
	first := p.next()
	text, hidden := decodeString(p.raw(first))
	l := &Literal{Span: Span{first.Start, first.End}, Hidden: hidden}
	if p.at(QuotedString) {
		var b strings.Builder
		b.WriteString(text)
		for p.at(QuotedString) {
			more, h := decodeString(p.raw(p.tok()))
			b.WriteString(more)
			l.Hidden = l.Hidden || h
			l.Stop = p.next().End
		}
		text = b.String()
	}
	l.Value = value.StringOf(text)
	return l
}

// signedLiteral reads a number whose sign touches it.
func (p *parser) signedLiteral() Expr {
	switch k := p.ahead(1).Kind; {
	case !p.adjacent(1), k != IntegerNumber && k != RealNumber && k != TimespanNumber:
		return nil
	}
	sign := p.next()
	l := p.simpleLiteral()
	l.Start = sign.Start
	if sign.Kind == Minus {
		l.Value.Num, l.Value.Float = -l.Value.Num, -l.Value.Float
		if l.Invalid && p.text[sign.Start:l.Stop] == "-9223372036854775808" {
			l.Value, l.Invalid = value.LongOf(-1<<63), false
		}
	}
	return l
}

// typeOf reads typeof(type) or typeof(schema).
func (p *parser) typeOf() *TypeOf {
	start := p.next().Start
	open := p.bracket().Start
	out := &TypeOf{}
	if t := p.tok(); p.ahead(1).Kind == RightParen && (t.Kind == Identifier || t.Kind == Keyword && (declaredTypes[t.word] || furtherTypes[t.word])) {
		out.Type = p.typeNameOf()
	} else {
		out.Schema = &Schema{}
		p.schemaBody(out.Schema, true)
		out.Schema.Span = Span{open, max(open, p.lastEnd())}
	}
	p.close(RightParen, open)
	out.Span = p.from(start)
	return out
}

// dynamicLiteral reads dynamic(…).
func (p *parser) dynamicLiteral() *Literal {
	start := p.next().Start
	open := p.bracket().Start
	j := jsonReader{p: p}
	j.required()
	p.close(RightParen, open)
	v := value.JSONOf(string(j.out))
	if v.Text == "null" || v.Text == "" {
		v = value.NullOf(value.Dynamic)
	}
	return &Literal{Span: p.from(start), Value: v}
}

// jsonReader reads the inside of dynamic(…) and writes it as plain JSON. Beside
// JSON there are strings of all kinds, and datetime(…), timespans, guid(…).
type jsonReader struct {
	p   *parser
	out []byte
}

func (j *jsonReader) required() {
	before := len(j.out)
	if !j.value() {
		hint := ""
		if j.p.at(Identifier) {
			hint = " Text must be in quotes."
		}
		j.p.fail(CodeExpression, "A JSON value is missing here"+j.p.found()+"."+hint)
		j.out = append(j.out[:before], "null"...)
	}
}

// value reads one value; it returns false when none begins here.
func (j *jsonReader) value() bool {
	p := j.p
	if !p.enter() {
		p.leave()
		return true
	}
	defer p.leave()
	switch t := p.tok(); t.Kind {
	case LeftBracket:
		j.list(RightBracket, func() bool { return j.value() })
	case LeftBrace:
		if p.bracedLength(0) > 0 {
			p.name()
			j.out = append(j.out, "null"...)
			break
		}
		j.list(RightBrace, j.pair)
	case Minus:
		if k := p.ahead(1).Kind; k != IntegerNumber && k != RealNumber && !isTypedNumber(p.ahead(1)) {
			return false
		}
		p.next()
		j.out = append(j.out, '-')
		j.literal()
	case IntegerNumber, RealNumber, BoolWord, TimespanNumber, QuotedString, RawGUID:
		j.literal()
	case TypedLiteral:
		if t.word == wordInt || t.word == wordInt32 {
			return false
		}
		j.literal()
	case Keyword:
		return j.word(t)
	default:
		return false
	}
	return true
}

func isTypedNumber(t Token) bool {
	if t.Kind != TypedLiteral {
		return false
	}
	switch t.word {
	case wordLong, wordInt64, wordReal, wordDouble:
		return true
	}
	return false
}

func (j *jsonReader) word(t Token) bool {
	switch {
	case t.word == wordNull:
		j.p.next()
		j.out = append(j.out, "null"...)
	case t.word == wordDynamic && j.p.ahead(1).Kind == LeftParen:
		l := j.p.dynamicLiteral()
		if l.Value.Null {
			j.out = append(j.out, "null"...)
		} else {
			j.out = append(j.out, l.Value.Text...)
		}
	default:
		return false
	}
	return true
}

// list reads the elements of an array or object, from bracket to bracket.
func (j *jsonReader) list(end Kind, element func() bool) {
	p := j.p
	open := p.tok().Start
	j.out = append(j.out, p.raw(p.bracket())...)
	for first := true; !p.at(end) && !p.atEnd(); first = false {
		if !first {
			j.out = append(j.out, ',')
		}
		if !element() {
			p.fail(CodeExpression, "A value is missing here"+p.found()+".")
			break
		}
		if p.at(end) || !p.expect(Comma, ", or "+closers[end]) {
			break
		}
		if p.at(end) {
			p.fail(CodeExpression, "A value is missing behind the last comma.")
		}
	}
	p.close(end, open)
	if n := len(j.out); n > 0 && j.out[n-1] == ',' {
		j.out = j.out[:n-1]
	}
	j.out = append(j.out, closers[end]...)
}

// pair reads "name": value.
func (j *jsonReader) pair() bool {
	p := j.p
	if !p.at(QuotedString) {
		return false
	}
	name, _ := decodeString(p.raw(p.next()))
	j.out = value.AppendQuoted(j.out, name)
	j.out = append(j.out, ':')
	p.expect(Colon, ":")
	j.required()
	return true
}

// literal reads a literal and writes it as JSON.
func (j *jsonReader) literal() {
	l := j.p.simpleLiteral()
	v := l.Value
	switch {
	case v.Null:
		j.out = append(j.out, "null"...)
	case v.Type == value.Bool:
		j.out = strconv.AppendBool(j.out, v.Num == 1)
	case v.Type == value.Long:
		j.out = strconv.AppendInt(j.out, v.Num, 10)
	case v.Type == value.Real:
		j.out = appendJSONReal(j.out, v.Float)
	case v.Type == value.Decimal:
		j.out = value.AppendQuoted(j.out, v.Text)
	case v.Type == value.DateTime:
		j.out = quoted(j.out, value.AppendDateTime(nil, v.Num))
	case v.Type == value.TimeSpan:
		j.out = quoted(j.out, value.AppendTimeSpan(nil, v.Num))
	default:
		j.out = value.AppendQuoted(j.out, v.Text)
	}
}

// appendJSONReal writes a real so that it stays one: with a point or exponent.
// What JSON has no number for is text.
func appendJSONReal(out []byte, f float64) []byte {
	n := len(out)
	if f != f || f > 1.7976931348623157e308 || f < -1.7976931348623157e308 {
		return value.AppendQuoted(out, strconv.FormatFloat(f, 'g', -1, 64))
	}
	out = strconv.AppendFloat(out, f, 'g', -1, 64)
	if !strings.ContainsAny(string(out[n:]), ".e") {
		out = append(out, ".0"...)
	}
	return out
}

// quoted appends plain ASCII in quotes.
func quoted(out, text []byte) []byte {
	out = append(out, '"')
	out = append(out, text...)
	return append(out, '"')
}
