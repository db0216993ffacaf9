package syntax

func (p *parser) join(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &Join{OpBase: base, Right: p.requiredScalar()}
	switch {
	case p.acceptWord(wordOn):
		out.On = p.exprList(p.scalar, "a condition such as a column name", true)
	case p.acceptWord(wordWhere):
		out.Where = true
		out.On = []Expr{p.requiredScalar()}
	}
	return out
}

func (p *parser) lookup(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &Lookup{OpBase: base, Right: p.requiredScalar()}
	if p.expectWord(wordOn, "on") {
		out.On = p.exprList(p.scalar, "a condition such as a column name", true)
	}
	return out
}

func (p *parser) union(base OpBase) Op {
	base.Params = p.params([]string{"best_effort"}, true)
	return &Union{base, p.exprList(p.unionTable, "a table", true)}
}

// unionTable reads a table of union: a name with or without stars, a path to
// one, a call, or a query in round brackets.
func (p *parser) unionTable() Expr {
	if p.at(LeftParen) {
		return p.paren()
	}
	return p.entity()
}

// entity reads a table as union, find, search and restrict name them.
func (p *parser) entity() Expr {
	if w := p.wildcard(); w != nil {
		return w
	}
	x := p.selector()
	for x != nil {
		switch p.tok().Kind {
		case Dot:
			if p.starBehindDot() {
				dot := p.next().Start
				w := p.wildcard()
				return &Member{Span: p.from(x.Pos()), X: x, Dot: dot, Sel: w}
			}
			x = p.member(x)
		case LeftBracket:
			x = p.element(x, false)
		default:
			return x
		}
	}
	return nil
}

// starBehindDot tells whether .Name* stands here.
func (p *parser) starBehindDot() bool {
	p.pos++
	n := p.wildcardLength()
	p.pos--
	return n > 0
}

// path reads a column: a name with members and elements, but no calls.
func (p *parser) path() Expr {
	x := p.selectorName()
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

func (p *parser) requiredPath(what string) Expr {
	if x := p.path(); x != nil {
		return x
	}
	return p.missing(what)
}

func (p *parser) rangeOperator(base OpBase) Op {
	out := &Range{OpBase: base, Name: p.requiredName("a name for the column")}
	p.expectWord(wordFrom, "from")
	out.From = p.requiredScalar()
	p.expectWord(wordTo, "to")
	out.To = p.requiredScalar()
	p.expectWord(wordStep, "step")
	out.Step = p.requiredScalar()
	return out
}

func (p *parser) evaluate(base OpBase) Op {
	base.Params = p.params(noParams, false)
	out := &Evaluate{OpBase: base}
	if n := p.callLength(); n > 0 {
		out.Plugin = p.call(n)
	} else {
		out.Plugin = p.missingCall()
	}
	if p.accept(Colon) {
		out.Schema = p.schema(true)
	}
	return out
}

// missingCall reports that a call is missing and stands for it.
func (p *parser) missingCall() *Call {
	c := &Call{Open: p.lastEnd(), Close: -1}
	if c.Name = p.name(); c.Name != nil {
		p.fail(CodeExpected, "Expected ( here"+p.found()+": the arguments stand in round brackets.", "(")
	} else {
		c.Name = p.missingName("a function")
	}
	c.Span = c.Name.Span
	return c
}

func (p *parser) invoke(base OpBase) Op {
	n := p.callLength()
	if n == 0 {
		return &Invoke{base, p.missingCall()}
	}
	var x Expr = p.call(n)
	for p.at(Dot) {
		dot := p.next().Start
		if n = p.callLength(); n == 0 {
			p.missingName("a function")
			break
		}
		c := p.call(n)
		x = &Member{Span: Span{x.Pos(), c.End()}, X: x, Dot: dot, Sel: c}
	}
	return &Invoke{base, x}
}

func (p *parser) search(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &Search{OpBase: base, Scope: p.scopeClause()}
	if p.atWord(wordIn) {
		out.In = p.inTables()
	}
	if out.X = p.scalar(); out.X != nil {
		return out
	}
	if !p.at(Star) {
		out.X = p.missing("A search term")
		return out
	}
	out.X = p.wildcardStar()
	if p.atWord(wordAnd) {
		out.X = p.binary(out.X, And, p.scalar)
	}
	return out
}

// scopeClause reads datascope=all or datascope=hotcache, or returns "".
func (p *parser) scopeClause() string {
	if !p.atWord(wordDatascope) {
		return ""
	}
	var holder Ident
	p.dataScope(&holder)
	return holder.Scope
}

// inTables reads in (T1, T2*).
func (p *parser) inTables() []Expr {
	p.next()
	if !p.at(LeftParen) {
		p.expect(LeftParen, "(")
		return nil
	}
	open := p.bracket().Start
	out := p.exprList(p.findTable, "a table", true)
	p.close(RightParen, open)
	return out
}

// findTable reads a table of find and search, which may be named by `| as Name`.
func (p *parser) findTable() Expr {
	x := p.entity()
	if x == nil || !p.at(Bar) {
		return x
	}
	out := &Pipe{Source: x, Bars: []int{p.next().Start}}
	if !p.atWord(wordAs) {
		p.fail(CodeExpected, "Expected as here"+p.found()+".", "as")
		out.Ops = []Op{&BadOp{OpBase{Span: p.from(p.lastEnd())}}}
	} else {
		out.Ops = []Op{p.operator()}
	}
	out.Span = p.from(x.Pos())
	return out
}

func (p *parser) find(base OpBase) Op {
	out := &Find{OpBase: base, Scope: p.scopeClause()}
	out.Params = p.params(noParams, false)
	if p.atWord(wordIn) {
		out.In = p.inTables()
	}
	if out.Params != nil || out.In != nil {
		out.Where = p.expectWord(wordWhere, "where")
	} else {
		out.Where = p.acceptWord(wordWhere)
	}
	out.X = p.requiredScalar()
	switch {
	case p.acceptWord(wordProject):
		out.Project = p.findColumns()
	case p.acceptWord(wordProjectSmart):
		out.Smart = true
	}
	if p.acceptWord(wordProjectAwayLegacy) {
		out.Away = p.findColumns()
	}
	return out
}

func (p *parser) findColumns() []*FindColumn {
	out := list(p, p.findColumn, "a column", false)
	if len(out) == 0 {
		x := p.missing("A column")
		out = append(out, &FindColumn{Span: x.Span, X: x})
	}
	return out
}

// findColumn reads a name, a name with a type, `*` or pack(*).
func (p *parser) findColumn() *FindColumn {
	c := &FindColumn{}
	start := p.tok().Start
	switch {
	case p.atWord(wordPack):
		if n := p.callLength(); n > 0 {
			c.X = p.call(n)
		} else {
			c.X = p.missingCall()
		}
	case p.at(Star):
		c.X = p.wildcardStar()
	default:
		id := p.name()
		if id == nil {
			return nil
		}
		c.X = id
		if p.accept(Colon) {
			c.Type = p.typeName(true)
		}
	}
	c.Span = p.from(start)
	return c
}

func (p *parser) facet(base OpBase) Op {
	out := &Facet{OpBase: base}
	p.expectWord(wordBy, "by")
	out.Columns = p.exprList(func() Expr {
		if p.atWord(wordWith) {
			return nil
		}
		return p.path()
	}, "a column", true)
	if p.acceptWord(wordWith) {
		if p.at(LeftParen) {
			out.With = p.subPipe()
		} else {
			op := p.operator()
			out.With = &SubPipe{Span: Span{op.Pos(), op.End()}, Ops: []Op{op}}
		}
	}
	return out
}

func (p *parser) fork(base OpBase) Op {
	out := &Fork{OpBase: base}
	for {
		b := &ForkBranch{}
		start := p.tok().Start
		if n := p.nameLength(0); n > 0 && p.ahead(n).Kind == Assign {
			b.Name = p.nameOf(n)
			p.next()
		} else if !p.at(LeftParen) {
			break
		}
		outer := p.inFork
		p.inFork = true
		b.Body = p.subPipe()
		p.inFork = outer
		b.Span = p.from(start)
		out.Branches = append(out.Branches, b)
	}
	if len(out.Branches) == 0 {
		p.fail(CodeExpected, "Expected ( here"+p.found()+": the branches stand in round brackets.", "(")
	}
	return out
}

func (p *parser) partition(base OpBase) Op {
	base.Params = p.params(noParams, false)
	out := &Partition{OpBase: base}
	p.expectWord(wordBy, "by")
	out.By = p.requiredPath("A column")
	if p.acceptWord(wordIn) {
		out.In = p.partitionScope()
	}
	if p.at(LeftBrace) {
		open := p.bracket().Start
		out.Query = p.required(p.expression())
		p.close(RightBrace, open)
		return out
	}
	out.Body = p.subPipe()
	return out
}

// partitionScope reads what stands behind in: a call or dynamic(…).
func (p *parser) partitionScope() Expr {
	if n := p.callLength(); n > 0 {
		return p.call(n)
	}
	if p.atWord(wordDynamic) && p.ahead(1).Kind == LeftParen {
		return p.dynamicLiteral()
	}
	return p.missing("A list of values")
}

func (p *parser) partitionBy(base OpBase) Op {
	base.Params = p.params(noParams, false)
	out := &PartitionBy{OpBase: base, By: p.requiredPath("A column")}
	if p.acceptWord(wordID) {
		if out.ID = p.literal(); out.ID == nil {
			out.ID = p.missing("A value")
		}
	}
	out.Body = p.subPipe()
	return out
}

func (p *parser) macroExpand(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &MacroExpand{OpBase: base}
	switch {
	case p.atWord(wordEntityGroup):
		out.Group = p.entityGroup()
	case (p.raw(p.tok()) == "database" || p.raw(p.tok()) == "cluster") && p.ahead(1).Kind == LeftParen:
		out.Group = p.entity()
	default:
		if id := p.name(); id != nil {
			out.Group = id
		} else {
			out.Group = p.missing("An entity group")
		}
	}
	if p.acceptWord(wordAs) {
		out.Scope = p.requiredName("a name for the scope")
	}
	if p.at(LeftParen) {
		open := p.bracket().Start
		out.Body = p.statements()
		p.close(RightParen, open)
	} else {
		p.expect(LeftParen, "(")
	}
	return out
}
