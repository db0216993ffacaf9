package syntax

import (
	"slices"
	"strings"
)

// operatorWords are the words that begin an operator.
var operatorWords = setOf(wordAs, wordAssertSchema, wordConsume, wordCount, wordDistinct, wordEvaluate, wordExecuteAndCache,
	wordExtend, wordFacet, wordFilter, wordFind, wordFork, wordGetschema, wordGraphMarkComponents, wordGraphMatch,
	wordGraphShortestPaths, wordGraphToTable, wordGraphWhereEdges, wordGraphWhereNodes, wordInvoke, wordJoin, wordLimit, wordLookup,
	wordMacroExpand, wordMakeGraph, wordMakeSeries, wordMvApply, wordMvExpand, wordMvapply, wordMvexpand, wordOrder, wordParse,
	wordParseKV, wordParseWhere, wordPartition, wordPartitionBy, wordPrint, wordProject, wordProjectAway, wordProjectByNames,
	wordProjectKeep, wordProjectRename, wordProjectReorder, wordRange, wordReduce, wordRender, wordSample, wordSampleDistinct,
	wordScan, wordSearch, wordSerialize, wordSort, wordSummarize, wordTake, wordTop, wordTopHitters, wordTopNested, wordUnion,
	wordWhere)

func setOf(words ...word) (set [256]bool) {
	for _, w := range words {
		set[w] = true
	}
	return set
}

// Operators are the names of the operators, for completion and suggestions.
func Operators() []string { return slices.Clone(operatorNames) }

var operatorNames = sortedOperators()

func sortedOperators() []string {
	var out []string
	for name, w := range keywords {
		if operatorWords[w] {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// knownOperator reads an operator, or returns nil when none begins here.
func (p *parser) knownOperator() Op {
	t := p.tok()
	if t.Kind != Keyword || !operatorWords[t.word] {
		return nil
	}
	switch second := p.ahead(1).Kind; t.word {
	case wordCount, wordRange: // not the functions
		if second == LeftParen {
			return nil
		}
	}
	base := OpBase{Keyword: p.word()}
	op := p.filterOperator(t.word, base)
	if op == nil {
		op = p.tableOperator(t.word, base)
	}
	op.Base().Span = p.from(t.Start)
	return op
}

// filterOperator reads the operators that work row by row or on columns.
func (p *parser) filterOperator(w word, base OpBase) Op {
	switch w {
	case wordWhere, wordFilter:
		return p.where(base)
	case wordExtend:
		return &Extend{base, p.namedList("a column", true)}
	case wordProject:
		return &Project{base, p.namedList("a column", false)}
	case wordProjectRename:
		return &ProjectRename{base, p.namedList("new = old", false)}
	case wordProjectAway:
		return &ProjectAway{base, p.exprList(p.columnPattern, "a column", false)}
	case wordProjectKeep:
		return &ProjectKeep{base, p.exprList(p.columnPattern, "a column", false)}
	case wordProjectByNames:
		return &ProjectByNames{base, p.exprList(p.scalar, "a column", false)}
	case wordProjectReorder:
		return &ProjectReorder{base, list(p, p.orderedName, "a column", false)}
	case wordSerialize:
		base.Params = p.params(noParams, true)
		return &Serialize{base, p.namedList("a column", false)}
	case wordTake, wordLimit:
		base.Params = p.params(noParams, true)
		return &Take{base, p.requiredNamed().X}
	case wordSample:
		base.Params = p.params(noParams, true)
		return &Sample{base, p.requiredNamed().X}
	case wordSampleDistinct:
		return p.sampleDistinct(base)
	case wordCount:
		return p.count(base)
	case wordDistinct:
		return p.distinct(base)
	case wordSort, wordOrder:
		return p.sort(base)
	case wordTop:
		return p.top(base)
	case wordTopHitters:
		return p.topHitters(base)
	case wordTopNested:
		return p.topNested(base)
	case wordSummarize:
		return p.summarize(base)
	case wordParse, wordParseWhere:
		return p.parse(base, w == wordParseWhere)
	case wordParseKV:
		return p.parseKV(base)
	case wordMvExpand, wordMvexpand:
		return p.mvExpand(base)
	case wordMvApply, wordMvapply:
		return p.mvApply(base)
	case wordMakeSeries:
		return p.makeSeries(base)
	case wordReduce:
		return p.reduce(base)
	case wordScan:
		return p.scan(base)
	}
	return nil
}

// tableOperator reads the operators that concern whole tables.
func (p *parser) tableOperator(w word, base OpBase) Op {
	switch w {
	case wordJoin:
		return p.join(base)
	case wordLookup:
		return p.lookup(base)
	case wordUnion:
		return p.union(base)
	case wordPrint:
		return &Print{base, p.namedList("a value", true)}
	case wordRange:
		return p.rangeOperator(base)
	case wordEvaluate:
		return p.evaluate(base)
	case wordInvoke:
		return p.invoke(base)
	case wordSearch:
		return p.search(base)
	case wordFind:
		return p.find(base)
	case wordFacet:
		return p.facet(base)
	case wordFork:
		return p.fork(base)
	case wordPartition:
		return p.partition(base)
	case wordPartitionBy:
		return p.partitionBy(base)
	case wordRender:
		return p.render(base)
	case wordGetschema:
		if p.atWord(wordKind) && p.ahead(1).Kind == Assign {
			base.Params = p.params(noParams, true)
		}
		return &GetSchema{base}
	case wordAs:
		base.Params = p.params(noParams, true)
		return &As{base, p.requiredName("a name for the table")}
	case wordConsume:
		base.Params = p.params(noParams, false)
		return &Consume{base}
	case wordAssertSchema:
		return &AssertSchema{base, p.schema(false)}
	case wordExecuteAndCache:
		return &ExecuteAndCache{base}
	case wordMacroExpand:
		return p.macroExpand(base)
	}
	return p.graphOperator(w, base)
}

func (p *parser) graphOperator(w word, base OpBase) Op {
	switch w {
	case wordMakeGraph:
		return p.makeGraph(base)
	case wordGraphMatch, wordGraphShortestPaths:
		return p.graphMatch(base, w == wordGraphShortestPaths)
	case wordGraphToTable:
		return p.graphToTable(base)
	case wordGraphMarkComponents:
		base.Params = p.params([]string{"with_component_id"}, true)
		return &GraphMarkComponents{base}
	}
	return &GraphWhere{base, p.requiredScalar()}
}

// namedList reads x, name = x, ….
func (p *parser) namedList(what string, atLeastOne bool) []*NamedExpr {
	out := list(p, p.named, what, false)
	if atLeastOne && len(out) == 0 {
		x := p.missing(capital(what))
		out = append(out, &NamedExpr{Span: x.Span, X: x})
	}
	return out
}

// namedListUntil is namedList that ends before certain words even where they
// could be names.
func (p *parser) namedListUntil(what string, atLeastOne bool, ends func() bool) []*NamedExpr {
	out := list(p, func() *NamedExpr {
		if ends() {
			return nil
		}
		return p.named()
	}, what, false)
	if atLeastOne && len(out) == 0 {
		x := p.missing(capital(what))
		out = append(out, &NamedExpr{Span: x.Span, X: x})
	}
	return out
}

func (p *parser) requiredNamed() *NamedExpr {
	if n := p.named(); n != nil {
		return n
	}
	x := p.missing("An expression")
	return &NamedExpr{Span: x.Span, X: x}
}

func (p *parser) where(base OpBase) Op {
	base.Params = p.params(noParams, true)
	n := p.requiredNamed()
	if len(n.Names) > 0 {
		last := n.Names[len(n.Names)-1]
		at := p.text[last.Stop:n.X.Pos()]
		eq := last.Stop + max(0, strings.IndexByte(at, '='))
		p.report(Diagnostic{Start: eq, End: min(eq+1, len(p.text)), Code: CodeAssignment, Severity: Warning, Suggestions: []string{"=="},
			Message: "One = names the condition and compares nothing. Did you mean ==?"})
	}
	return &Where{base, n.Names, n.X}
}

func (p *parser) count(base OpBase) Op {
	out := &Count{OpBase: base}
	if p.acceptWord(wordAs) {
		if p.at(Identifier) {
			out.As = p.word()
		} else {
			out.As = p.missingName("a name")
		}
	}
	return out
}

func (p *parser) distinct(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &Distinct{OpBase: base}
	out.Columns = list(p, func() *NamedExpr {
		if p.at(Star) {
			w := p.wildcardStar()
			return &NamedExpr{Span: w.Span, X: w}
		}
		return p.named()
	}, "a column", false)
	if len(out.Columns) == 0 {
		p.missing("A column, or *,")
	}
	return out
}

func (p *parser) sampleDistinct(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &SampleDistinct{OpBase: base, N: p.requiredNamed().X}
	p.expectWord(wordOf, "of")
	out.Of = p.requiredNamed().X
	return out
}

// orderedName reads a column or pattern with its order, in project-reorder.
func (p *parser) orderedName() *OrderedName {
	x := p.columnPattern()
	if x == nil {
		return nil
	}
	out := &OrderedName{X: x, Order: p.direction()}
	out.Span = p.from(x.Pos())
	return out
}

// direction reads asc, desc and their granny forms, or returns "".
func (p *parser) direction() string {
	switch p.tok().word {
	case wordAsc, wordDesc, wordGrannyAsc, wordGrannyDesc:
		return p.raw(p.next())
	}
	return ""
}

// order reads x asc nulls last.
func (p *parser) order() *Order {
	x := p.named()
	if x == nil {
		return nil
	}
	out := &Order{X: x, Dir: p.direction()}
	if p.acceptWord(wordNulls) {
		switch {
		case p.atWord(wordFirst), p.atWord(wordLast):
			out.Nulls = p.raw(p.next())
		default:
			p.fail(CodeExpected, "Expected first or last here"+p.found()+".", "first", "last")
		}
	}
	out.Span = p.from(x.Start)
	return out
}

func (p *parser) requiredOrder() *Order {
	if o := p.order(); o != nil {
		return o
	}
	x := p.missing("An expression")
	return &Order{Span: x.Span, X: &NamedExpr{Span: x.Span, X: x}}
}

func (p *parser) orderList() []*Order {
	out := list(p, p.order, "an expression to sort by", false)
	if len(out) == 0 {
		out = append(out, p.requiredOrder())
	}
	return out
}

func (p *parser) sort(base OpBase) Op {
	base.Params = p.params(noParams, false)
	p.expectWord(wordBy, "by")
	return &Sort{base, p.orderList()}
}

func (p *parser) top(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &Top{OpBase: base, N: p.requiredNamed().X}
	p.expectWord(wordBy, "by")
	out.By = p.requiredOrder()
	return out
}

func (p *parser) topHitters(base OpBase) Op {
	out := &TopHitters{OpBase: base, N: p.requiredNamed().X}
	p.expectWord(wordOf, "of")
	out.Of = p.requiredNamed()
	if p.acceptWord(wordBy) {
		out.By = p.requiredNamed()
	}
	return out
}

func (p *parser) topNested(base OpBase) Op {
	out := &TopNested{OpBase: base}
	for {
		out.Levels = append(out.Levels, p.topNestedLevel())
		if !p.at(Comma) {
			return out
		}
		p.next()
		if !p.acceptWord(wordTopNested) {
			p.fail(CodeExpected, "Expected the next top-nested here"+p.found()+".", "top-nested")
			return out
		}
	}
}

func (p *parser) topNestedLevel() *TopNestedLevel {
	l := &TopNestedLevel{}
	start := p.lastEnd()
	if !p.atWord(wordOf) {
		l.N = p.scalarOf(p.named())
	}
	p.expectWord(wordOf, "of")
	l.Of = p.requiredNamed()
	if p.acceptWord(wordWith) {
		p.expectWord(wordOthers, "others")
		p.expect(Assign, "=")
		l.Others = p.requiredScalar()
	}
	p.expectWord(wordBy, "by")
	l.By = p.requiredOrder()
	l.Span = p.from(start)
	return l
}

// scalarOf is the expression of a list element, nil of nil.
func (p *parser) scalarOf(n *NamedExpr) Expr {
	if n == nil {
		return nil
	}
	return n.X
}

func (p *parser) summarize(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &Summarize{OpBase: base, By: -1}
	out.Aggregates = p.namedListUntil("an aggregate", false, func() bool { return p.atWord(wordBy) })
	if p.atWord(wordBy) {
		out.By = p.next().Start
		out.Keys = p.namedListUntil("an expression to group by", true, p.atLegacyBin)
		if p.atWord(wordBin) && p.ahead(1).Kind == Assign {
			p.next()
			p.next()
			out.Bin = p.requiredScalar()
		}
	}
	return out
}

// atLegacyBin tells whether `bin=5m` stands here.
func (p *parser) atLegacyBin() bool {
	if !p.atWord(wordBin) || p.ahead(1).Kind != Assign {
		return false
	}
	switch p.ahead(2).Kind {
	case QuotedString, BoolWord, IntegerNumber, RealNumber, TimespanNumber, TypedLiteral, RawGUID:
		return true
	}
	return false
}

func (p *parser) reduce(base OpBase) Op {
	base.Params = p.params([]string{"threshold", "characters"}, false)
	out := &Reduce{OpBase: base}
	p.expectWord(wordBy, "by")
	out.By = p.requiredNamed()
	if p.acceptWord(wordWith) {
		out.Properties = p.commaParams([]string{"threshold", "characters"})
	}
	return out
}

// commaParams reads parameters with commas between them.
func (p *parser) commaParams(own []string) []*Property {
	return list(p, func() *Property {
		if !p.atParam(own) {
			return p.unknownProperty(own)
		}
		return p.param1()
	}, "a parameter", false)
}
