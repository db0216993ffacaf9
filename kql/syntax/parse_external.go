package syntax

// externalData reads externaldata(schema)[addresses] with(properties).
func (p *parser) externalData() Expr {
	d := &ExternalData{}
	start := p.next().Start
	d.Params = p.params(noParams, false)
	d.Schema = p.schema(false)
	if p.at(LeftBracket) {
		open := p.bracket().Start
		for !p.atEnd() {
			x := p.expression()
			if x == nil {
				p.fail(CodeExpression, "An address is missing here"+p.found()+".")
				break
			}
			d.URIs = append(d.URIs, x)
			if p.atEnd() || !p.expect(Comma, ", or ]") {
				break
			}
		}
		p.close(RightBracket, open)
	} else {
		p.fail(CodeExpected, "Expected [ here"+p.found()+": the addresses stand in square brackets.", "[")
	}
	if p.acceptWord(wordWith) {
		d.Properties = p.dataProperties()
	}
	d.Span = p.from(start)
	return d
}

// dataProperties reads (name=value, …).
func (p *parser) dataProperties() []*Property {
	if !p.at(LeftParen) {
		p.expect(LeftParen, "(")
		return nil
	}
	open := p.bracket().Start
	out := list(p, p.dataProperty, "a property such as format=\"csv\"", false)
	p.close(RightParen, open)
	return out
}

func (p *parser) dataProperty() *Property {
	id := p.extendedName()
	if id == nil {
		return nil
	}
	out := &Property{Name: id}
	if p.expect(Assign, "=") {
		switch p.tok().Kind {
		case QuotedString, IntegerNumber, RealNumber, BoolWord, TypedLiteral, RawGUID:
			out.Value = p.simpleLiteral()
		default:
			if v := p.extendedName(); v != nil {
				out.Value = v
			} else {
				out.Value = p.missing("A value")
			}
		}
	}
	out.Span = p.from(id.Start)
	return out
}

// inlineExternalBegins tells the table from a column of its name.
func (p *parser) inlineExternalBegins() bool {
	if !p.atWord(wordInlineExternal) {
		return false
	}
	switch t := p.ahead(1); {
	case t.word == wordKind:
		return true
	case t.Kind == LeftParen:
		n := p.extendedNameLength(2)
		return n > 0 && p.ahead(2+n).Kind == Colon
	}
	return false
}

// inlineExternal reads inline_external_table with its clauses.
func (p *parser) inlineExternal() Expr {
	start := p.next().Start
	x := &InlineExternal{}
	if p.at(LeftParen) {
		x.Schema = p.schema(false)
	}
	if p.expectWord(wordKind, "kind") && p.expect(Assign, "=") {
		x.Kind = p.requiredName("the kind of store").Name
	}
	if x.Schema == nil && x.Kind != "delta" {
		p.fail(CodeExpected, "The table needs a schema such as (a:string) before its kind.")
	}
	if p.acceptWord(wordPartition) {
		p.expectWord(wordBy, "by")
		p.inBrackets(func() { p.accept(Comma); x.Partition = list(p, p.partitionColumn, "a column", true) })
	}
	if p.raw(p.tok()) == "pathformat" {
		p.next()
		p.expect(Assign, "=")
		p.inBrackets(func() { x.PathFormat = p.pathFormat() })
	}
	if p.raw(p.tok()) == "dataformat" {
		p.next()
		if p.expect(Assign, "=") {
			x.DataFormat = p.requiredName("a format such as csv").Name
		}
	} else if x.Kind != "delta" {
		p.fail(CodeExpected, "Expected dataformat= here"+p.found()+".", "dataformat=")
	}
	p.inBrackets(func() { x.URIs = p.exprList(p.expression, "an address", true) })
	if p.acceptWord(wordWith) {
		x.Properties = p.dataProperties()
	}
	x.Span = p.from(start)
	return x
}

// inBrackets reads what stands in round brackets.
func (p *parser) inBrackets(content func()) {
	if !p.at(LeftParen) {
		p.expect(LeftParen, "(")
		return
	}
	open := p.bracket().Start
	content()
	p.close(RightParen, open)
}

func (p *parser) partitionColumn() *PartitionColumn {
	c := &PartitionColumn{Column: p.column()}
	if c.Column == nil {
		return nil
	}
	if p.accept(Assign) {
		c.X = p.requiredScalar()
	}
	c.Span = p.from(c.Column.Start)
	return c
}

// pathFormat reads strings, names and datetime_pattern("…", name) side by side.
func (p *parser) pathFormat() []Expr {
	var out []Expr
	for !p.atEnd() {
		switch n := p.callLength(); {
		case p.at(QuotedString):
			out = append(out, p.stringLiteral())
		case n > 0:
			out = append(out, p.call(n))
		case p.nameLength(0) > 0:
			out = append(out, p.name())
		default:
			p.fail(CodeExpected, "Expected a text or a column here"+p.found()+".")
			return out
		}
	}
	return out
}
