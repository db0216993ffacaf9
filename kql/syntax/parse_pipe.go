package syntax

// pipe reads `source | operator | …`, or what stands before the first bar alone;
// nil when nothing begins here.
func (p *parser) pipe() Expr {
	start := p.tok().Start
	x, first := p.source()
	if x == nil && first == nil {
		return nil
	}
	out := &Pipe{Source: x}
	if first != nil {
		out.Ops = append(out.Ops, first)
	}
	for {
		if p.at(Bar) {
			out.Bars = append(out.Bars, p.next().Start)
			out.Ops = append(out.Ops, p.operator())
			continue
		}
		if p.pipeEnds(len(out.Ops) > 0 || isSourceOperator(x)) {
			break
		}
		if t := p.tok(); t.Kind == Keyword && operatorWords[t.word] && p.onNewLine() {
			p.fail(CodeExpected, "Expected | before the operator "+quoteForMessage(p.raw(t))+".", "|")
			out.Bars = append(out.Bars, t.Start)
			out.Ops = append(out.Ops, p.operator())
			continue
		}
		p.failPipe()
		before := p.pos
		p.skipOperator()
		if p.pos == before || !p.at(Bar) {
			break
		}
	}
	if len(out.Ops) == 0 {
		return x
	}
	out.Span = p.from(start)
	return out
}

// isSourceOperator tells the operators that begin a pipe; no comma follows them.
func isSourceOperator(x Expr) bool {
	_, ok := x.(Op)
	return ok
}

// pipeEnds tells whether what stands here may follow a pipe.
func (p *parser) pipeEnds(operators bool) bool {
	switch p.tok().Kind {
	case EOF, Semicolon:
		return true
	case RightParen, RightBracket, RightBrace:
		return p.open > 0
	case Comma:
		return !operators && p.open > 0
	}
	return p.aborted || p.beginsStatement()
}

func (p *parser) onNewLine() bool {
	end := p.lastEnd()
	return lineEnd(p.text[:p.tok().Start], end) < p.tok().Start
}

// failPipe reports what can't follow a pipe.
func (p *parser) failPipe() {
	switch t := p.tok(); {
	case t.Kind == Keyword && operatorWords[t.word]:
		p.fail(CodeExpected, "Expected | before the operator "+quoteForMessage(p.raw(t))+".", "|")
	case closers[t.Kind] != "":
		p.fail(CodeUnexpected, "This bracket closes none. Remove it, or add the opening one.")
	case p.open == 0:
		p.fail(CodeExpected, "Expected | or ; or the end of the query here"+p.found()+".", "|", ";")
	default:
		p.fail(CodeExpected, "Expected | or the closing bracket here"+p.found()+".", "|")
	}
}

// source reads what a pipe begins with: an expression, or an operator. Of the
// operators some are sources themselves; others need one, they come back as op.
func (p *parser) source() (x Expr, op Op) {
	if p.inlineExternalBegins() {
		return p.inlineExternal(), nil
	}
	if !p.operatorBegins() {
		if x = p.scalar(); x != nil || !p.at(Keyword) {
			return x, nil
		}
	}
	op = p.knownOperator()
	if op == nil {
		return p.scalar(), nil
	}
	if x, ok := op.(Expr); ok {
		return x, nil
	}
	return nil, op
}

// operatorBegins tells whether the words here are an operator and not a name.
func (p *parser) operatorBegins() bool {
	t := p.tok()
	if t.Kind != Keyword {
		return false
	}
	second := p.ahead(1)
	switch t.word {
	case wordEvaluate:
		return p.nameLength(1) > 0 || isParamWord(second)
	case wordFacet:
		return second.word == wordBy
	case wordPartition, wordReduce:
		return second.word == wordBy || isParamWord(second)
	case wordRange:
		n := p.nameLength(1)
		return n > 0 && p.ahead(1+n).word == wordFrom
	case wordRender:
		return isName(second) || charts[p.raw(second)]
	}
	return operatorWords[t.word] && !nameWords[t.word]
}

func isParamWord(t Token) bool {
	switch t.word {
	case wordParameter, wordKind, wordWithsource, wordWithSource:
		return true
	}
	return false
}

// operator reads the operator that must stand behind a bar.
func (p *parser) operator() Op {
	if !p.enter() {
		p.leave()
		return &BadOp{OpBase{Span: p.from(p.lastEnd())}}
	}
	defer p.leave()
	if op := p.knownOperator(); op != nil {
		return op
	}
	return p.unknownOperator()
}

// unknownOperator reports a missing or mistyped operator and skips it.
func (p *parser) unknownOperator() Op {
	t := p.tok()
	start := t.Start
	if t.Kind != Identifier && t.Kind != Keyword {
		p.fail(CodeOperator, "An operator such as where or summarize is missing behind the bar"+p.found()+".")
		at := p.lastEnd()
		if !p.atEnd() {
			p.skipOperator()
		}
		return &BadOp{OpBase{Span: Span{at, max(at, p.lastEnd())}}}
	}
	n := p.dashedLength()
	typed := p.text[start:p.ahead(n-1).End]
	s := p.suggest(typed, operatorNames)
	if other, ok := foreignOperators[lower(typed)]; ok {
		s = []string{other}
	}
	p.fail(CodeOperator, "There is no operator "+quoteForMessage(typed)+"."+DidYouMean(s), s...)
	op := &BadOp{OpBase{Keyword: &Ident{Span: Span{start, p.ahead(n - 1).End}, Name: typed}}}
	p.pos += n
	p.skipOperator()
	op.Span = p.from(start)
	return op
}

// foreignOperators are words of other languages and their counterpart here.
var foreignOperators = map[string]string{
	"select": "project", "stats": "summarize", "eval": "extend", "table": "project", "head": "take", "group": "summarize",
	"groupby": "summarize", "dedup": "distinct", "rename": "project-rename", "fields": "project", "rex": "parse", "having": "where",
	"project-remove": "project-away", "drop": "project-away", "expand": "mv-expand", "unique": "distinct", "if": "where",
}

// subPipe reads (operators) as in mv-apply, partition and fork.
func (p *parser) subPipe() *SubPipe {
	if !p.at(LeftParen) {
		p.fail(CodeExpected, "Expected ( here"+p.found()+": the sub-query stands in round brackets.", "(")
		at := p.lastEnd()
		return &SubPipe{Span: Span{at, at}}
	}
	open := p.bracket().Start
	s := &SubPipe{}
	if p.atWord(wordContextualDatatable) {
		s.Source = p.contextualTable()
	} else if p.wholeQueryBegins() {
		s.Source, _ = p.source()
	} else {
		s.Ops = append(s.Ops, p.operator())
	}
	for !p.aborted && !p.at(RightParen) {
		if p.at(Bar) {
			s.Bars = append(s.Bars, p.next().Start)
			s.Ops = append(s.Ops, p.operator())
			continue
		}
		if p.pipeEnds(true) {
			break
		}
		p.failPipe()
		before := p.pos
		if p.skipOperator(); p.pos == before || !p.at(Bar) {
			break
		}
	}
	p.close(RightParen, open)
	s.Span = p.from(open)
	return s
}

// wholeQueryBegins tells whether a table stands where an operator belongs: a
// name, or a bracket, with a bar behind it. Only fork takes that.
func (p *parser) wholeQueryBegins() bool {
	t := p.tok()
	return p.inFork && t.Kind != Keyword && !p.atEnd()
}
