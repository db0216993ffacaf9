package syntax

// expression reads a pipe or a scalar expression, or returns nil.
func (p *parser) expression() Expr {
	if !p.enter() {
		p.leave()
		return p.bad()
	}
	defer p.leave()
	return p.pipe()
}

// scalar reads an expression without a bar at its top, or returns nil.
func (p *parser) scalar() Expr {
	if !p.enter() {
		p.leave()
		return p.bad()
	}
	defer p.leave()
	x := p.and()
	for x != nil && p.atWord(wordOr) {
		x = p.binary(x, Or, p.and)
	}
	return x
}

// requiredScalar reads an expression without a bar, or reports that it is
// missing.
func (p *parser) requiredScalar() Expr { return p.required(p.scalar()) }

func (p *parser) required(x Expr) Expr {
	if x != nil {
		return x
	}
	return p.missing("An expression")
}

// missing reports that something is missing here and stands for it.
func (p *parser) missing(what string) *Bad {
	t := p.tok()
	if t.Kind == Keyword && !nameWords[t.word] {
		shown := p.raw(t)
		p.fail(CodeExpression, what+" is missing before the keyword "+quoteForMessage(shown)+". To use that word as a name write ['"+shown+"'].", "['"+shown+"']")
	} else {
		p.fail(CodeExpression, what+" is missing here"+p.found()+".")
	}
	return p.bad()
}

// bad is an empty place holder here.
func (p *parser) bad() *Bad {
	at := p.lastEnd()
	return &Bad{Span{at, at}}
}

// binary reads the operator and the right side.
func (p *parser) binary(x Expr, op Operator, right func() Expr) Expr {
	t := p.next()
	y := p.required(right())
	return &Binary{Span: Span{x.Pos(), max(y.End(), t.End)}, Op: op, OpPos: Span{t.Start, t.End}, X: x, Y: y}
}

func (p *parser) and() Expr {
	x := p.equality()
	for x != nil && p.atWord(wordAnd) {
		x = p.binary(x, And, p.equality)
	}
	return x
}

// equality reads one comparison for equality, membership or range; they do not
// chain.
func (p *parser) equality() Expr {
	if p.at(Star) && p.ahead(1).Kind == EqEq {
		return p.binary(p.wildcardStar(), Equal, p.relation)
	}
	x := p.relation()
	if x == nil {
		return nil
	}
	t := p.tok()
	switch t.Kind {
	case EqEq:
		return p.binary(x, Equal, p.relation)
	case BangEq:
		return p.binary(x, NotEqual, p.relation)
	case Keyword:
		return p.membership(x, t.word)
	}
	return x
}

// membership reads the in, has_any and between families behind x.
func (p *parser) membership(x Expr, w word) Expr {
	op := NoOperator
	switch w {
	case wordIn:
		if t := p.ahead(1); t.Kind == Keyword && t.word == wordRange {
			return x // the range of make-series
		}
		op = InSet
	case wordInCI:
		op = InCI
	case wordNotIn:
		op = NotIn
	case wordNotInCI:
		op = NotInCI
	case wordHasAny:
		op = HasAny
	case wordHasAll:
		op = HasAll
	case wordBetween, wordNotBetween:
		return p.between(x, w == wordNotBetween)
	default:
		return x
	}
	t := p.next()
	in := &In{Op: op, OpPos: Span{t.Start, t.End}, X: x}
	in.List = p.inList()
	in.Span = Span{x.Pos(), max(t.End, p.lastEnd())}
	return in
}

// inList reads (a, b, c) or (query).
func (p *parser) inList() []Expr {
	if !p.at(LeftParen) {
		p.fail(CodeExpected, "Expected ( here"+p.found()+": the list of values stands in round brackets.", "(")
		if x := p.scalar(); x != nil {
			return []Expr{x}
		}
		return nil
	}
	open := p.bracket().Start
	out := []Expr{p.required(p.expression())}
	if !needsNoComma(out[0]) {
		for p.accept(Comma) {
			out = append(out, p.requiredScalar())
		}
	}
	p.close(RightParen, open)
	return out
}

// needsNoComma tells whether x is a query that takes the commas behind it.
func needsNoComma(x Expr) bool {
	switch x.(type) {
	case *Pipe, *Print, *Range, *Union, *Search, *Find, *Evaluate, *MacroExpand:
		return true
	}
	return false
}

func (p *parser) between(x Expr, not bool) Expr {
	t := p.next()
	b := &Between{Not: not, OpPos: Span{t.Start, t.End}, X: x}
	if !p.at(LeftParen) {
		p.fail(CodeExpected, "Expected ( here"+p.found()+": write between (low .. high).", "(")
		b.Lo, b.Hi = p.bad(), p.bad()
		b.Span = Span{x.Pos(), p.lastEnd()}
		return b
	}
	open := p.bracket().Start
	b.Lo = p.requiredScalar()
	if p.expect(DotDot, "..") {
		b.Hi = p.requiredScalar()
	} else {
		b.Hi = p.bad()
	}
	p.close(RightParen, open)
	b.Span = Span{x.Pos(), p.lastEnd()}
	return b
}

var relations = map[Kind]Operator{Lt: Less, LtEq: LessEqual, Gt: Greater, GtEq: GreaterEqual}

func (p *parser) relation() Expr {
	x := p.sum()
	if x == nil {
		return nil
	}
	switch k := p.tok().Kind; k {
	case Lt, LtEq, Gt, GtEq:
		return p.binary(x, relations[k], p.sum)
	}
	return x
}

func (p *parser) sum() Expr {
	x := p.product()
	for x != nil {
		switch p.tok().Kind {
		case Plus:
			x = p.binary(x, Add, p.product)
		case Minus:
			x = p.binary(x, Sub, p.product)
		default:
			return x
		}
	}
	return nil
}

func (p *parser) product() Expr {
	x := p.stringOperation()
	for x != nil {
		switch p.tok().Kind {
		case Star:
			x = p.binary(x, Mul, p.stringOperation)
		case Slash:
			x = p.binary(x, Div, p.stringOperation)
		case Percent:
			x = p.binary(x, Mod, p.stringOperation)
		default:
			return x
		}
	}
	return nil
}

// stringOperation reads one string operator; it binds tighter than arithmetic.
func (p *parser) stringOperation() Expr {
	if p.at(Star) {
		if op := stringOperator(p.ahead(1)); op != NoOperator {
			return p.binary(p.wildcardStar(), op, p.unary)
		}
	}
	x := p.unary()
	if x == nil {
		return nil
	}
	if op := stringOperator(p.tok()); op != NoOperator {
		return p.binary(x, op, p.unary)
	}
	return x
}

func (p *parser) wildcardStar() *Wildcard {
	t := p.next()
	return &Wildcard{Span: Span{t.Start, t.End}, Pattern: "*"}
}

var stringOperators = [256]Operator{
	wordHas: Has, wordNotHas: NotHas, wordHasCS: HasCS, wordNotHasCS: NotHasCS,
	wordHasprefix: HasPrefix, wordNotHasprefix: NotHasPrefix, wordHasprefixCS: HasPrefixCS, wordNotHasprefixCS: NotHasPrefixCS,
	wordHassuffix: HasSuffix, wordNotHassuffix: NotHasSuffix, wordHassuffixCS: HasSuffixCS, wordNotHassuffixCS: NotHasSuffixCS,
	wordLike: Like, wordNotlike: NotLike, wordLikeCS: LikeCS, wordNotlikecs: NotLikeCS,
	wordContains: Contains, wordNotcontains: NotContains, wordNotContains: NotContains,
	wordContainscs: ContainsCS, wordContainsCS: ContainsCS, wordNotcontainscs: NotContainsCS, wordNotContainsCS: NotContainsCS,
	wordStartswith: StartsWith, wordNotStartswith: NotStartsWith, wordStartswithCS: StartsWithCS, wordNotStartswithCS: NotStartsWithCS,
	wordEndswith: EndsWith, wordNotEndswith: NotEndsWith, wordEndswithCS: EndsWithCS, wordNotEndswithCS: NotEndsWithCS,
	wordMatchesRegex: MatchesRegex,
}

func stringOperator(t Token) Operator {
	switch t.Kind {
	case Keyword:
		return stringOperators[t.word]
	case EqTilde:
		return EqualCI
	case BangTilde:
		return NotEqualCI
	case Colon:
		return SearchColon
	}
	return NoOperator
}

// unary reads one sign and what it belongs to.
func (p *parser) unary() Expr {
	var op Operator
	switch p.tok().Kind {
	case Minus:
		op = Sub
	case Plus:
		op = Add
	default:
		return p.postfix()
	}
	t := p.next()
	x := p.required(p.postfix())
	return &Unary{Span: Span{t.Start, max(t.End, x.End())}, Op: op, X: x}
}

// postfix reads a primary expression with the members and elements behind it.
func (p *parser) postfix() Expr {
	if p.atWord(wordTotable) {
		return p.scopedQuery()
	}
	x := p.primary()
	for x != nil {
		switch p.tok().Kind {
		case Dot:
			x = p.member(x)
		case LeftBracket:
			x = p.element(x, false)
		default:
			return x
		}
	}
	return nil
}

// member reads .name, .function(…), .['name'] and .[expression].
func (p *parser) member(x Expr) Expr {
	dot := p.next().Start
	if p.at(LeftBracket) && p.bracketedLength(0) == 0 && !p.bracketedWildcard() {
		return p.element(x, true)
	}
	m := &Member{X: x, Dot: dot}
	m.Sel = p.selector()
	if m.Sel == nil {
		m.Sel = p.missing("A name")
	}
	m.Span = Span{x.Pos(), max(dot+1, m.Sel.End())}
	return m
}

// element reads [expression].
func (p *parser) element(x Expr, dot bool) Expr {
	open := p.bracket().Start
	i := p.requiredScalar()
	p.close(RightBracket, open)
	return &Index{Span: Span{x.Pos(), p.lastEnd()}, X: x, I: i, Dot: dot}
}

// selector reads what stands behind a dot: a call or a name.
func (p *parser) selector() Expr {
	if n := p.callLength(); n > 0 {
		return p.call(n)
	}
	return p.selectorName()
}

// selectorName reads a name where kind and withsource are names too.
func (p *parser) selectorName() Expr {
	if p.bracketedWildcard() {
		return p.readBracketedWildcard()
	}
	if id := p.name(); id != nil {
		return id
	}
	switch {
	case p.at(AtSign), p.atWord(wordKind), p.atWord(wordWithsource), p.atWord(wordWithSource):
		return p.word()
	}
	return nil
}

// bracketedWildcard tells whether [a*] stands here.
func (p *parser) bracketedWildcard() bool {
	if !p.at(LeftBracket) {
		return false
	}
	p.pos++
	n := p.wildcardLength()
	p.pos--
	return n > 0
}

func (p *parser) readBracketedWildcard() Expr {
	open := p.bracket().Start
	w := p.wildcard()
	p.close(RightBracket, open)
	w.(*Wildcard).Span = p.from(open)
	return w
}

// callLength is the length of the name of a call that begins here, 0 when there
// is none.
func (p *parser) callLength() int {
	if n := p.nameLength(0); n > 0 && p.ahead(n).Kind == LeftParen {
		return n
	}
	return 0
}

// call reads name(arguments), where the name takes n tokens.
func (p *parser) call(n int) *Call {
	c := &Call{Name: p.nameOf(n)}
	c.Open, c.Close = p.bracket().Start, -1
	for !p.atEnd() {
		a := p.argument()
		if a == nil {
			if len(c.Commas) > 0 || p.at(Comma) {
				a = &NamedExpr{X: p.missing("An argument")}
				a.Span = Span{a.X.Pos(), a.X.End()}
			} else {
				break
			}
		}
		c.Args = append(c.Args, a)
		if !p.at(Comma) {
			break
		}
		c.Commas = append(c.Commas, p.next().Start)
		if p.atEnd() {
			p.missing("An argument")
		}
	}
	if p.close(RightParen, c.Open) {
		c.Close = p.lastEnd() - 1
	}
	c.Span = p.from(c.Name.Start)
	return c
}

// argument reads an argument of a function: `*`, x, or name=x.
func (p *parser) argument() *NamedExpr {
	if k := p.ahead(1).Kind; p.at(Star) && (k == RightParen || k == Comma) {
		w := p.wildcardStar()
		return &NamedExpr{Span: w.Span, X: w}
	}
	return p.named()
}

// scopedQuery reads toscalar(query) and totable(query).
func (p *parser) scopedQuery() Expr {
	c := &Call{Name: p.word(), Close: -1}
	if p.atWord(wordKind) && p.ahead(1).Kind == Assign {
		c.Params = p.params(noParams, true)
	}
	if !p.at(LeftParen) {
		p.fail(CodeExpected, "Expected ( here"+p.found()+".", "(")
		c.Open = p.lastEnd()
		c.Span = p.from(c.Name.Start)
		return c
	}
	p.queryArgument(c)
	return c
}

// queryArgument reads (query) as the one argument of a call.
func (p *parser) queryArgument(c *Call) {
	c.Open = p.bracket().Start
	x := p.required(p.expression())
	c.Args = []*NamedExpr{{Span: Span{x.Pos(), x.End()}, X: x}}
	if p.close(RightParen, c.Open) {
		c.Close = p.lastEnd() - 1
	}
	c.Span = p.from(c.Name.Start)
}
