package syntax

import "github.com/clew-sec/clew/kql/value"

// typeNameOf makes a type of the present token.
func (p *parser) typeNameOf() *TypeName {
	t := p.next()
	name := p.raw(t)
	vt, _ := value.ParseType(name)
	return &TypeName{Span: Span{t.Start, t.End}, Name: name, Type: vt}
}

// typeName reads the type of a column or parameter. Further types are those of
// typeof and find.
func (p *parser) typeName(further bool) *TypeName {
	t := p.tok()
	switch {
	case t.Kind == Keyword && (declaredTypes[t.word] || further && furtherTypes[t.word]):
		return p.typeNameOf()
	case isName(t) || t.Kind == Keyword && furtherTypes[t.word]:
		typed := p.raw(t)
		s := p.suggest(typed, typeNames)
		p.fail(CodeExpected, quoteForMessage(typed)+" is not a type that can be used here."+DidYouMean(s), s...)
		return p.typeNameOf()
	}
	p.fail(CodeExpected, "A type such as string, long or datetime is missing here"+p.found()+".")
	at := p.lastEnd()
	return &TypeName{Span: Span{at, at}}
}

var typeNames = []string{"string", "long", "int", "real", "double", "bool", "datetime", "timespan", "dynamic", "guid", "decimal", "date", "time"}

// schema reads (a:string, b:long). Star tells whether `*` may stand for further
// columns.
func (p *parser) schema(star bool) *Schema {
	s := &Schema{}
	if !p.at(LeftParen) {
		p.fail(CodeExpected, "A schema such as (a:string, b:long) is missing here"+p.found()+".", "(")
		at := p.lastEnd()
		s.Span = Span{at, at}
		return s
	}
	open := p.bracket().Start
	p.accept(Comma)
	p.schemaBody(s, star)
	p.close(RightParen, open)
	s.Span = p.from(open)
	return s
}

// schemaBody reads the columns up to the closing bracket. A comma may follow the
// last one.
func (p *parser) schemaBody(s *Schema, star bool) {
	for !p.atEnd() {
		if star && p.accept(Star) {
			s.Open = true
		} else if c := p.column(); c != nil {
			s.Columns = append(s.Columns, c)
		} else {
			p.fail(CodeExpected, "Expected a column such as name:type here"+p.found()+".")
			return
		}
		if p.atEnd() || !p.expect(Comma, ", or )") {
			return
		}
	}
}

// column reads name:type.
func (p *parser) column() *Column {
	start := p.tok().Start
	id := p.extendedName()
	if id == nil {
		if !p.at(Colon) {
			return nil
		}
		id = p.missingName("a column name")
	}
	c := &Column{Name: id}
	if p.expect(Colon, ":") {
		c.Type = p.typeName(false)
	} else {
		c.Type = &TypeName{Span: Span{p.lastEnd(), p.lastEnd()}}
	}
	c.Span = p.from(min(start, id.Start))
	return c
}

// param reads name:type = default, or name:(schema).
func (p *parser) param() *Param {
	start := p.tok().Start
	id := p.extendedName()
	if id == nil {
		if !p.at(Colon) {
			return nil
		}
		id = p.missingName("a parameter name")
	}
	out := &Param{Name: id}
	switch {
	case !p.expect(Colon, ":"):
	case p.at(LeftParen):
		out.Schema = p.schema(true)
	default:
		out.Type = p.typeName(false)
	}
	if p.accept(Assign) {
		out.Default = p.paramDefault()
	}
	out.Span = p.from(min(start, id.Start))
	return out
}

func (p *parser) paramDefault() Expr {
	if l := p.literal(); l != nil {
		return l
	}
	if isName(p.tok()) {
		return p.word()
	}
	return p.missing("A default value")
}

// paramList reads the parameters up to the closing bracket, which it leaves.
func (p *parser) paramList() []*Param {
	return list(p, p.param, "a parameter such as name:type", false)
}

// list reads elements with commas between them. An element may be missing only
// when it would be the first and only one; trailing allows a comma behind the
// last.
func list[T any](p *parser, element func() *T, what string, trailing bool) []*T {
	var out []*T
	for !p.atEnd() {
		e := element()
		if e == nil {
			if len(out) > 0 || p.at(Comma) {
				p.fail(CodeExpression, "Expected "+what+" here"+p.found()+".")
			}
			if !p.at(Comma) {
				return out
			}
		} else {
			out = append(out, e)
		}
		if !p.accept(Comma) {
			if !p.commaForgotten() {
				return out
			}
			continue
		}
		if p.atEnd() && !trailing {
			p.fail(CodeExpression, "Expected "+what+" behind the comma"+p.found()+".")
		}
	}
	return out
}

// commaForgotten tells whether another element begins on this line without a
// comma before it, and reports that.
func (p *parser) commaForgotten() bool {
	switch p.tok().Kind {
	case Identifier, QuotedString, IntegerNumber, RealNumber, BoolWord, TimespanNumber, TypedLiteral:
	default:
		return false
	}
	if p.onNewLine() || p.aborted {
		return false
	}
	p.fail(CodeExpected, "Expected , or | here"+p.found()+".", ",")
	return true
}
