package syntax

// parse reads the parse operator and parse-where.
func (p *parser) parse(base OpBase, where bool) Op {
	base.Params = p.params([]string{"flags"}, true)
	out := &ParseOp{OpBase: base, Where: where, X: p.requiredScalar()}
	p.expectWord(wordWith, "with")
	for {
		part := p.parsePart()
		if part == nil {
			return out
		}
		out.Pattern = append(out.Pattern, part)
	}
}

// parsePart reads *, a text, or a column with its type.
func (p *parser) parsePart() *ParsePart {
	t := p.tok()
	part := &ParsePart{}
	switch {
	case t.Kind == Star:
		p.next()
		part.Star = true
	case t.Kind == QuotedString:
		part.Text = p.stringLiteral()
	case t.Kind == Colon:
		part.Column = p.missingName("a column name")
		p.next()
		part.Type = p.typeName(false)
	default:
		if part.Column = p.extendedName(); part.Column == nil {
			return nil
		}
		if p.accept(Colon) {
			part.Type = p.typeName(false)
		}
	}
	part.Span = p.from(t.Start)
	if part.Column != nil {
		part.Start = min(part.Start, part.Column.Start)
	}
	return part
}

var parseKVProperties = []string{"pair_delimiter", "kv_delimiter", "regex", "quote", "escape", "greedy"}

func (p *parser) parseKV(base OpBase) Op {
	out := &ParseKV{OpBase: base, X: p.requiredScalar()}
	p.expectWord(wordAs, "as")
	out.Schema = p.schema(false)
	if p.acceptWord(wordWith) {
		if !p.at(LeftParen) {
			p.expect(LeftParen, "(")
			return out
		}
		open := p.bracket().Start
		out.Properties = p.properties(parseKVProperties)
		p.close(RightParen, open)
	}
	return out
}

func (p *parser) mvExpand(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &MvExpand{OpBase: base}
	out.Columns = p.expandColumns(func() bool { return p.atWord(wordLimit) })
	if p.acceptWord(wordLimit) {
		out.Limit = p.requiredScalar()
	}
	return out
}

func (p *parser) mvApply(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &MvApply{OpBase: base}
	if c := p.bareExpand(); c != nil {
		out.Columns = []*ExpandColumn{c}
	} else {
		out.Columns = p.expandColumns(p.mvApplyListEnds)
	}
	if p.acceptWord(wordLimit) {
		out.Limit = p.requiredScalar()
	}
	if p.acceptWord(wordID) {
		out.ID = p.requiredScalar()
	}
	p.expectWord(wordOn, "on")
	out.Body = p.subPipe()
	return out
}

// bareExpand reads `to typeof(…)` without an expression, which mv-apply takes
// when it is alone.
func (p *parser) bareExpand() *ExpandColumn {
	if !p.atWord(wordTo) {
		return nil
	}
	start := p.tok().Start
	return &ExpandColumn{To: p.toType(), Span: p.from(start)}
}

// mvApplyListEnds tells whether limit, id or on ends the columns: not when what
// follows shows that the word is a column.
func (p *parser) mvApplyListEnds() bool {
	if !p.atWord(wordLimit) && !p.atWord(wordID) && !p.atWord(wordOn) {
		return false
	}
	second := p.ahead(1)
	return second.Kind != Comma && second.Kind != Assign && second.word != wordTo
}

// expandColumns reads x to typeof(t), … before the word that ends them.
func (p *parser) expandColumns(ends func() bool) []*ExpandColumn {
	out := list(p, func() *ExpandColumn {
		if ends() {
			return nil
		}
		return p.expandColumn()
	}, "a column", false)
	if len(out) == 0 {
		x := p.missing("A column")
		out = append(out, &ExpandColumn{Span: x.Span, X: &NamedExpr{Span: x.Span, X: x}})
	}
	return out
}

func (p *parser) expandColumn() *ExpandColumn {
	start := p.tok().Start
	c := &ExpandColumn{}
	if p.atWord(wordTo) {
		x := p.missing("A column")
		c.X = &NamedExpr{Span: x.Span, X: x}
	} else if c.X = p.named(); c.X == nil {
		return nil
	}
	c.To = p.toType()
	c.Span = p.from(min(start, c.X.Start))
	return c
}

// toType reads `to typeof(…)`, or returns nil.
func (p *parser) toType() *TypeOf {
	if !p.acceptWord(wordTo) {
		return nil
	}
	if p.atWord(wordTypeof) && p.ahead(1).Kind == LeftParen {
		return p.typeOf()
	}
	p.fail(CodeExpected, "Expected typeof(…) here"+p.found()+".", "typeof(")
	return nil
}

func (p *parser) makeSeries(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &MakeSeries{OpBase: base, By: -1}
	out.Aggregates = list(p, p.seriesColumn, "an aggregate", false)
	if len(out.Aggregates) == 0 {
		x := p.missing("An aggregate")
		out.Aggregates = []*SeriesColumn{{Span: x.Span, X: &NamedExpr{Span: x.Span, X: x}}}
	}
	p.expectWord(wordOn, "on")
	out.On = p.requiredNamed()
	switch {
	case p.atWord(wordFrom), p.atWord(wordTo), p.atWord(wordStep):
		p.seriesSteps(out)
	default:
		p.seriesRange(out)
	}
	if p.atWord(wordBy) {
		out.By = p.next().Start
		out.Keys = p.namedList("an expression to group by", true)
	}
	return out
}

// seriesColumn reads an aggregate with its default.
func (p *parser) seriesColumn() *SeriesColumn {
	if p.atWord(wordOn) || p.atWord(wordFrom) || p.atWord(wordIn) {
		return nil
	}
	x := p.named()
	if x == nil {
		return nil
	}
	c := &SeriesColumn{X: x}
	if p.acceptWord(wordDefault) {
		p.expect(Assign, "=")
		c.Default = p.requiredNamed().X
	}
	c.Span = p.from(x.Start)
	return c
}

// seriesSteps reads from a to b step c.
func (p *parser) seriesSteps(out *MakeSeries) {
	if p.acceptWord(wordFrom) {
		out.From = p.requiredScalar()
	}
	if p.acceptWord(wordTo) {
		out.To = p.requiredScalar()
	}
	p.expectWord(wordStep, "step")
	out.Step = p.requiredScalar()
}

// seriesRange reads in range(from, to, step).
func (p *parser) seriesRange(out *MakeSeries) {
	if !p.atWord(wordIn) {
		p.fail(CodeExpected, "Expected from, to or step here"+p.found()+".", "from", "step")
		out.Step = p.bad()
		return
	}
	p.next()
	out.InRange = true
	p.expectWord(wordRange, "range")
	if !p.at(LeftParen) {
		p.expect(LeftParen, "(")
		out.Step = p.bad()
		return
	}
	open := p.bracket().Start
	args := p.namedList("from, to and step", false)
	p.close(RightParen, open)
	places := []*Expr{&out.From, &out.To, &out.Step}
	for i, a := range args {
		if i < len(places) {
			*places[i] = a.X
		}
	}
	if out.Step == nil {
		out.Step = &Bad{Span{p.lastEnd(), p.lastEnd()}}
	}
}

func (p *parser) scan(base OpBase) Op {
	base.Params = p.params(noParams, false)
	out := &Scan{OpBase: base}
	if p.acceptWord(wordOrder) {
		p.expectWord(wordBy, "by")
		out.OrderBy = p.orderList()
	}
	if p.acceptWord(wordPartition) {
		p.expectWord(wordBy, "by")
		out.PartitionBy = p.exprList(p.scanKey, "a column", true)
	}
	if p.acceptWord(wordDeclare) {
		if p.at(LeftParen) {
			open := p.bracket().Start
			out.Declare = p.paramList()
			p.close(RightParen, open)
		} else {
			p.expect(LeftParen, "(")
		}
	}
	p.expectWord(wordWith, "with")
	if !p.at(LeftParen) {
		p.expect(LeftParen, "(")
		return out
	}
	open := p.bracket().Start
	for p.atWord(wordStep) {
		out.Steps = append(out.Steps, p.scanStep())
	}
	p.close(RightParen, open)
	return out
}

// scanKey reads a column to partition by, unless the next clause begins.
func (p *parser) scanKey() Expr {
	if p.atWord(wordDeclare) || p.atWord(wordWith) || p.atWord(wordOrder) {
		return nil
	}
	return p.scalar()
}

// scanStep reads step name output=all: condition => a = x;
func (p *parser) scanStep() *ScanStep {
	start := p.next().Start
	s := &ScanStep{Name: p.extendedName()}
	if s.Name == nil {
		s.Name = p.missingName("a name for the step")
	}
	s.Optional = p.acceptWord(wordOptional)
	if p.acceptWord(wordOutput) {
		p.expect(Assign, "=")
		switch v := p.raw(p.tok()); v {
		case "all", "last", "none":
			s.Output = v
			p.next()
		default:
			p.fail(CodeParameterValue, "Expected all, last or none here"+p.found()+".", "all", "last", "none")
		}
	}
	p.expect(Colon, ":")
	s.Condition = p.requiredScalar()
	if p.accept(Arrow) {
		s.Assignments = list(p, p.scanAssignment, "an assignment such as a = x", false)
		if len(s.Assignments) == 0 {
			p.missing("An assignment")
		}
	}
	if !p.expect(Semicolon, ";") {
		p.skipTo(RightParen)
		p.accept(Semicolon)
	}
	s.Span = p.from(start)
	return s
}

func (p *parser) scanAssignment() *NamedExpr {
	id := p.extendedName()
	if id == nil {
		return nil
	}
	out := &NamedExpr{Names: []*Ident{id}, X: p.bad()}
	if p.expect(Assign, "=") {
		out.X = p.requiredScalar()
	}
	out.Span = p.from(id.Start)
	return out
}
