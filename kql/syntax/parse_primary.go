package syntax

// primary reads a literal, a name, a call, a table written in place, or an
// expression in round brackets.
func (p *parser) primary() Expr {
	switch t := p.tok(); t.Kind {
	case QuotedString, BoolWord, IntegerNumber, RealNumber, TimespanNumber, TypedLiteral, RawGUID:
		return p.simpleLiteral()
	case LeftParen:
		return p.paren()
	case Keyword:
		if x, ok := p.keywordPrimary(t); ok {
			return x
		}
	}
	if n := p.callLength(); n > 0 {
		return p.call(n)
	}
	return p.reference()
}

// keywordPrimary reads what begins with a keyword that is no name here.
func (p *parser) keywordPrimary(t Token) (Expr, bool) {
	switch t.word {
	case wordDynamic:
		if p.ahead(1).Kind == LeftParen {
			return p.dynamicLiteral(), true
		}
	case wordDatatable:
		return p.dataTable(), true
	case wordContextualDatatable:
		return p.contextualTable(), true
	case wordExternaldata, wordExternalData:
		return p.externalData(), true
	case wordToscalar:
		return p.scopedQuery(), true
	case wordTypeof:
		if p.ahead(1).Kind == LeftParen {
			return p.typeOf(), true
		}
	}
	return nil, false
}

func (p *parser) paren() Expr {
	open := p.bracket().Start
	x := p.required(p.expression())
	p.close(RightParen, open)
	return &Paren{Span: p.from(open), X: x}
}

// reference reads a name, [name], or [expression], with its data scope.
func (p *parser) reference() Expr {
	x := p.selectorName()
	if x == nil && p.at(LeftBracket) {
		p.fail(CodeExpected, "Square brackets hold a name in quotes here, as in ['a name'].")
		open := p.bracket().Start
		x = p.requiredScalar()
		p.close(RightBracket, open)
	}
	if x == nil {
		return p.keywordAsName()
	}
	if p.atWord(wordDatascope) {
		p.dataScope(x)
	}
	return x
}

// dataScope reads datascope=all or datascope=hotcache behind a table.
func (p *parser) dataScope(x Expr) {
	p.next()
	if !p.expect(Assign, "=") {
		return
	}
	switch scope := p.raw(p.tok()); scope {
	case "all", "hotcache":
		p.next()
		if id, ok := x.(*Ident); ok {
			id.Scope, id.Stop = scope, p.lastEnd()
		}
	default:
		p.fail(CodeParameterValue, "Expected all or hotcache here"+p.found()+".", "all", "hotcache")
	}
}

// keywordAsName takes a keyword in the place of a name, with an error, where
// what follows shows that a name was meant.
func (p *parser) keywordAsName() Expr {
	if t := p.tok(); t.Kind != Keyword || !followsName(p.ahead(1)) {
		return nil
	}
	shown := p.raw(p.tok())
	p.fail(CodeKeyword, quoteForMessage(shown)+" is a keyword. To use it as a name write ['"+shown+"'].", "['"+shown+"']")
	return p.word()
}

// followsName tells the tokens that come behind names only.
func followsName(t Token) bool {
	switch t.Kind {
	case EqEq, BangEq, EqTilde, BangTilde, Lt, LtEq, Gt, GtEq, Star, Slash, Percent, RightParen, RightBracket, RightBrace, Dot, Comma,
		Colon, Bar:
		return true
	case Keyword:
		switch t.word {
		case wordAnd, wordOr, wordIn, wordInCI, wordNotIn, wordNotInCI, wordHasAny, wordHasAll, wordBetween, wordNotBetween:
			return true
		}
		return stringOperators[t.word] != NoOperator
	}
	return false
}

// dataTable reads datatable(schema)[values].
func (p *parser) dataTable() Expr {
	d := &DataTable{}
	start := p.next().Start
	d.Params = p.params(noParams, false)
	d.Schema = p.schema(false)
	if !p.at(LeftBracket) {
		p.fail(CodeExpected, "Expected [ here"+p.found()+": the values stand in square brackets.", "[")
		d.Span = p.from(start)
		return d
	}
	open := p.bracket().Start
	p.accept(Comma)
	for !p.atEnd() {
		v := p.literal()
		if v == nil {
			p.fail(CodeExpression, "A constant is missing here"+p.found()+". A datatable takes constants only.")
			if !p.at(Comma) {
				break
			}
			v = p.bad()
		}
		d.Values = append(d.Values, v)
		if p.at(RightBracket) || !p.expect(Comma, ", or ]") {
			break
		}
	}
	p.close(RightBracket, open)
	d.Span = p.from(start)
	return d
}

// contextualTable reads __contextual_datatable guid(…) (schema).
func (p *parser) contextualTable() Expr {
	d := &DataTable{}
	start := p.next().Start
	id := p.literal()
	if id == nil {
		id = p.requiredScalar()
	}
	d.Values = []Expr{id}
	d.Schema = p.schema(false)
	d.Contextual = true
	d.Span = p.from(start)
	return d
}

// named reads x, name = x or (a, b) = x; nil when nothing begins here.
func (p *parser) named() *NamedExpr {
	start := p.tok().Start
	out := &NamedExpr{}
	if n := p.extendedNameLength(0); n > 0 && p.ahead(n).Kind == Assign {
		out.Names = []*Ident{p.nameOf(n)}
	} else if n := p.dashedLength(); n > 0 && p.ahead(n).Kind == Assign {
		out.Names = []*Ident{p.dashedName(n)}
	} else if n := p.tupleLength(); n > 0 && p.ahead(n).Kind == Assign {
		out.Names, out.Tuple = p.tuple(), true
	}
	if out.Names != nil {
		p.next()
		out.X = p.requiredScalar()
	} else if out.X = p.scalar(); out.X == nil {
		return nil
	}
	out.Span = p.from(start)
	return out
}

// dashedLength measures names such as user-name, which need brackets.
func (p *parser) dashedLength() int {
	if t := p.tok(); t.Kind != Identifier && t.Kind != Keyword {
		return 0
	}
	n := 1
	for t := p.ahead(n); p.adjacent(n) && (t.Kind == Identifier || t.Kind == Keyword || t.Kind == Minus); t = p.ahead(n) {
		n++
	}
	return n
}

func (p *parser) dashedName(n int) *Ident {
	start, end := p.tok().Start, p.ahead(n-1).End
	shown := p.text[start:end]
	p.report(Diagnostic{Start: start, End: end, Code: CodeKeyword, Suggestions: []string{"['" + shown + "']"},
		Message: quoteForMessage(shown) + " can't be a name as it stands: write ['" + shown + "']."})
	p.pos += n
	return &Ident{Span: Span{start, end}, Name: shown}
}

// tupleLength measures (a, b).
func (p *parser) tupleLength() int {
	if !p.at(LeftParen) {
		return 0
	}
	for i := 1; ; {
		n := p.extendedNameLength(i)
		if n == 0 {
			return 0
		}
		i += n
		switch p.ahead(i).Kind {
		case Comma:
			i++
		case RightParen:
			return i + 1
		default:
			return 0
		}
	}
}

func (p *parser) tuple() []*Ident {
	p.next()
	var out []*Ident
	for !p.at(RightParen) {
		out = append(out, p.extendedName())
		p.accept(Comma)
	}
	p.next()
	return out
}
