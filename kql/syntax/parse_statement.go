package syntax

// management reports a command such as `.show tables`.
func (p *parser) management() {
	p.fail(CodeManagement, "Commands that begin with a dot manage a cluster. Only queries can be run here.")
}

// directives passes over lines that begin with #.
func (p *parser) directives() {
	for p.accept(Directive) {
	}
}

// script reads the statements of the whole text.
func (p *parser) script() []Statement {
	out := p.statements()
	for !p.at(EOF) {
		p.failLeftOver()
		p.next()
		p.skipOperator()
		if p.accept(Semicolon) || !p.at(EOF) {
			out = append(out, p.statements()...)
		}
	}
	return out
}

// failLeftOver reports what no statement begins with.
func (p *parser) failLeftOver() {
	switch p.tok().Kind {
	case Bar:
		p.fail(CodeUnexpected, "A query can't begin with a bar: put a table before it, or remove the empty line or semicolon before it.")
	case Semicolon:
		p.fail(CodeUnexpected, "There is no statement before this semicolon. Remove it.")
	case RightParen, RightBracket, RightBrace:
		p.fail(CodeUnexpected, "This bracket closes none. Remove it, or add the opening one.")
	default:
		p.fail(CodeUnexpected, quoteForMessage(p.raw(p.tok()))+" is not expected here.")
	}
}

// statements reads statements with semicolons between them, as long as they
// begin.
func (p *parser) statements() []Statement {
	var out []Statement
	for {
		s := p.statement()
		if s == nil {
			return out
		}
		out = append(out, s)
		if p.accept(Semicolon) {
			continue
		}
		if p.at(EOF) || p.open > 0 && p.atEnd() {
			return out
		}
		p.failStatementEnd()
		if p.skipOperator(); p.accept(Semicolon) {
			continue
		}
		if p.at(Bar) || p.atEnd() {
			return out
		}
	}
}

// failStatementEnd reports that a statement goes on in a way that it can't.
func (p *parser) failStatementEnd() {
	switch t := p.tok(); {
	case p.beginsStatement():
		p.fail(CodeExpected, "Expected ; here: a statement ends with a semicolon.", ";")
	case t.Kind == Keyword && operatorWords[t.word]:
		p.fail(CodeExpected, "Expected | before the operator "+quoteForMessage(p.raw(t))+".", "|")
	case closers[t.Kind] != "":
		p.fail(CodeUnexpected, "This bracket closes none. Remove it, or add the opening one.")
	default:
		p.fail(CodeExpected, "Expected | or ; or the end of the query here"+p.found()+".", "|", ";")
	}
}

// statement reads one statement without its semicolon, or returns nil.
func (p *parser) statement() Statement {
	if t := p.tok(); t.Kind == Keyword {
		second := p.ahead(1)
		switch t.word {
		case wordLet:
			if p.nameLength(1) > 0 {
				return p.let()
			}
			if p.letWithKeyword(second) {
				return p.let()
			}
		case wordSet:
			return p.set()
		case wordAlias:
			if second.word == wordDatabase {
				return p.alias()
			}
		case wordRestrict:
			if second.word == wordAccess {
				return p.restrict()
			}
		case wordDeclare:
			switch second.word {
			case wordPattern:
				return p.declarePattern()
			case wordQueryParameters:
				return p.declareParams()
			}
		}
	}
	if x := p.expression(); x != nil {
		return &ExprStmt{Span: Span{x.Pos(), x.End()}, X: x}
	}
	return nil
}

// letWithKeyword tells whether a let has a keyword in the place of its name,
// which is an error told best there.
func (p *parser) letWithKeyword(second Token) bool {
	return second.Kind == Keyword && p.ahead(2).Kind == Assign
}

func (p *parser) let() *Let {
	start := p.next().Start
	s := &Let{}
	if s.Name = p.name(); s.Name == nil {
		s.Name = p.missingName("the name of the variable")
		if p.ahead(1).Kind == Assign {
			p.next()
		}
	}
	if p.expect(Assign, "=") {
		s.Value = p.letValue()
	} else {
		s.Value = p.bad()
	}
	s.Span = p.from(start)
	return s
}

// letValue reads what stands at the right of a let.
func (p *parser) letValue() Expr {
	switch {
	case p.atWord(wordMaterialize):
		return p.scopedQuery()
	case p.atWord(wordEntityGroup):
		return p.entityGroup()
	case p.lambdaBegins():
		return p.lambda()
	}
	return p.required(p.expression())
}

// lambdaBegins tells a function from an expression in brackets.
func (p *parser) lambdaBegins() bool {
	n := 0
	if p.atWord(wordView) {
		n = 1
	}
	if p.ahead(n).Kind != LeftParen {
		return false
	}
	switch p.ahead(n + 1).Kind {
	case RightParen, Star:
		return true
	}
	name := p.extendedNameLength(n + 1)
	return name > 0 && p.ahead(n+1+name).Kind == Colon
}

func (p *parser) lambda() *Lambda {
	start := p.tok().Start
	f := &Lambda{View: p.acceptWord(wordView)}
	open := p.bracket().Start
	f.Params = p.paramList()
	p.close(RightParen, open)
	f.Body = p.body()
	f.Span = p.from(start)
	return f
}

// body reads { let …; expression }.
func (p *parser) body() []Statement {
	if !p.at(LeftBrace) {
		p.fail(CodeExpected, "Expected { here"+p.found()+": the body of the function.", "{")
		return nil
	}
	if !p.enter() {
		p.leave()
		return nil
	}
	defer p.leave()
	open := p.bracket().Start
	var out []Statement
	for p.atWord(wordLet) || p.atWord(wordDeclare) {
		s := p.statement()
		if _, bare := s.(*ExprStmt); s == nil || bare {
			if s != nil {
				out = append(out, s)
			}
			break
		}
		out = append(out, s)
		if !p.expect(Semicolon, ";") {
			break
		}
	}
	if x := p.expression(); x != nil {
		out = append(out, &ExprStmt{Span: Span{x.Pos(), x.End()}, X: x})
	}
	p.accept(Semicolon)
	p.close(RightBrace, open)
	return out
}

func (p *parser) set() *Set {
	start := p.next().Start
	s := &Set{Name: p.requiredName("the name of the option")}
	if p.accept(Assign) {
		s.Value = p.requiredScalar()
	}
	s.Span = p.from(start)
	return s
}

func (p *parser) alias() *Alias {
	start := p.next().Start
	p.next()
	s := &Alias{Name: p.requiredName("the alias"), Value: p.bad()}
	if p.expect(Assign, "=") {
		s.Value = p.requiredScalar()
	}
	s.Span = p.from(start)
	return s
}

func (p *parser) restrict() *Restrict {
	start := p.next().Start
	p.next()
	s := &Restrict{}
	p.expectWord(wordTo, "to")
	if p.at(LeftParen) {
		open := p.bracket().Start
		s.Entities = p.exprList(p.entity, "a table or database", true)
		p.close(RightParen, open)
		if p.acceptWord(wordWith) {
			s.Properties = p.dataProperties()
		}
	} else {
		p.expect(LeftParen, "(")
	}
	s.Span = p.from(start)
	return s
}

// exprList reads expressions with commas between them.
func (p *parser) exprList(element func() Expr, what string, atLeastOne bool) []Expr {
	var out []Expr
	for {
		var x Expr
		if !p.atEnd() {
			x = element()
		}
		if x == nil {
			if atLeastOne || len(out) > 0 || p.at(Comma) {
				out = append(out, p.missing(capital(what)))
			}
		} else {
			out = append(out, x)
		}
		if !p.accept(Comma) {
			return out
		}
		atLeastOne = true
	}
}

func (p *parser) declareParams() *DeclareParams {
	start := p.next().Start
	p.next()
	s := &DeclareParams{}
	if p.at(LeftParen) {
		open := p.bracket().Start
		if s.Params = p.paramList(); len(s.Params) == 0 {
			p.fail(CodeExpected, "A parameter such as name:type is missing here"+p.found()+".")
		}
		p.close(RightParen, open)
	} else {
		p.expect(LeftParen, "(")
	}
	s.Span = p.from(start)
	return s
}

func (p *parser) declarePattern() *DeclarePattern {
	start := p.next().Start
	p.next()
	s := &DeclarePattern{Name: p.requiredName("the name of the pattern")}
	if p.accept(Assign) {
		p.patternDefinition(s)
	}
	s.Span = p.from(start)
	return s
}

func (p *parser) patternDefinition(s *DeclarePattern) {
	if !p.at(LeftParen) {
		p.expect(LeftParen, "(")
		return
	}
	open := p.bracket().Start
	s.Params = list(p, p.patternParam, "a parameter such as name:type", false)
	p.close(RightParen, open)
	if p.at(LeftBracket) {
		open := p.bracket().Start
		s.Path = p.patternParam()
		if s.Path == nil {
			p.fail(CodeExpected, "A parameter such as name:type is missing here"+p.found()+".")
		}
		p.close(RightBracket, open)
	}
	if !p.at(LeftBrace) {
		p.expect(LeftBrace, "{")
		return
	}
	open = p.bracket().Start
	for p.at(LeftParen) {
		s.Cases = append(s.Cases, p.patternCase())
	}
	if len(s.Cases) == 0 {
		p.fail(CodeExpected, "A case such as (\"a\") = { … }; is missing here"+p.found()+".")
	}
	p.close(RightBrace, open)
}

func (p *parser) patternParam() *Param {
	c := p.column()
	if c == nil {
		return nil
	}
	return &Param{Span: c.Span, Name: c.Name, Type: c.Type}
}

func (p *parser) patternCase() *PatternCase {
	open := p.bracket().Start
	c := &PatternCase{Values: p.exprList(p.scalar, "a value", true)}
	p.close(RightParen, open)
	if p.accept(Dot) {
		if p.at(LeftBracket) {
			open := p.bracket().Start
			if c.Path = p.literal(); c.Path == nil {
				c.Path = p.missing("A value")
			}
			p.close(RightBracket, open)
		} else {
			p.expect(LeftBracket, "[")
		}
	}
	if p.expect(Assign, "=") {
		c.Body = p.body()
		p.expect(Semicolon, ";")
	}
	c.Span = p.from(open)
	return c
}

// entityGroup reads entity_group [a, b], or the call entity_group("name").
func (p *parser) entityGroup() Expr {
	if n := p.callLength(); n > 0 {
		return p.call(n)
	}
	g := &EntityGroup{}
	start := p.next().Start
	if p.at(LeftBracket) {
		open := p.bracket().Start
		g.Items = p.exprList(p.scalar, "a database", true)
		p.close(RightBracket, open)
	} else {
		p.expect(LeftBracket, "[")
	}
	g.Span = p.from(start)
	return g
}
