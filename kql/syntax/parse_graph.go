package syntax

// signs tells whether the tokens here, which touch, spell the sign, and moves
// over them.
func (p *parser) signs(sign string) bool {
	n, length := 0, 0
	for length < len(sign) {
		t := p.ahead(n)
		if t.Kind == EOF || n > 0 && !p.adjacent(n) || length+t.End-t.Start > len(sign) ||
			p.raw(t) != sign[length:length+t.End-t.Start] {
			return false
		}
		length += t.End - t.Start
		n++
	}
	p.pos += n
	return true
}

func (p *parser) makeGraph(base OpBase) Op {
	base.Params = p.params(noParams, true)
	out := &MakeGraph{OpBase: base, Source: p.requiredName("the column of the source")}
	switch {
	case p.signs("-->"):
	case p.signs("--"):
		out.Undirected = true
	default:
		p.fail(CodeExpected, "Expected --> or -- here"+p.found()+".", "-->")
	}
	out.Target = p.requiredName("the column of the target")
	if p.acceptWord(wordWithNodeID) {
		p.expect(Assign, "=")
		out.NodeID = p.requiredName("a name for the id of the nodes")
	} else if p.acceptWord(wordWith) {
		out.Nodes = list(p, p.graphNodes, "a table of nodes", false)
		if len(out.Nodes) == 0 {
			p.missing("A table of nodes")
		}
	}
	if p.acceptWord(wordPartitionedBy) {
		out.PartitionedBy = p.requiredPath("A column")
		out.Body = p.subPipe()
	}
	return out
}

// graphNodes reads a table of nodes with its key.
func (p *parser) graphNodes() *GraphNodes {
	if p.atWord(wordPartitionedBy) {
		return nil
	}
	x := p.unary()
	if x == nil {
		return nil
	}
	out := &GraphNodes{Table: x}
	p.expectWord(wordOn, "on")
	out.On = p.requiredName("a column")
	out.Span = p.from(x.Pos())
	return out
}

func (p *parser) graphMatch(base OpBase, shortest bool) Op {
	base.Params = p.params([]string{"output"}, true)
	out := &GraphMatch{OpBase: base, Shortest: shortest}
	for {
		out.Patterns = append(out.Patterns, p.graphPattern())
		if !p.accept(Comma) {
			break
		}
	}
	if p.acceptWord(wordWhere) {
		out.Where = p.requiredScalar()
	}
	if p.acceptWord(wordProject) {
		out.Project = p.namedList("a column", true)
	}
	return out
}

// graphPattern reads (a)-[e]->(b)….
func (p *parser) graphPattern() *GraphPattern {
	start := p.tok().Start
	out := &GraphPattern{}
	for {
		if p.at(LeftParen) {
			out.Steps = append(out.Steps, p.graphNode())
		} else if e := p.graphEdge(); e != nil {
			out.Steps = append(out.Steps, e)
		} else {
			break
		}
	}
	if len(out.Steps) == 0 {
		p.fail(CodeExpected, "Expected a pattern such as (a)-[e]->(b) here"+p.found()+".")
	}
	out.Span = p.from(start)
	return out
}

func (p *parser) graphNode() *GraphNode {
	open := p.bracket().Start
	n := &GraphNode{Name: p.name()}
	p.close(RightParen, open)
	n.Span = p.from(open)
	return n
}

func (p *parser) graphEdge() *GraphEdge {
	start := p.tok().Start
	e := &GraphEdge{}
	switch {
	case p.signs("-->"):
		e.Right = true
	case p.signs("<--"):
		e.Left = true
	case p.signs("--"):
	case p.signs("-["):
		p.edgeBody(e)
	case p.signs("<-["):
		e.Left = true
		p.edgeBody(e)
	default:
		return nil
	}
	e.Span = p.from(start)
	return e
}

// edgeBody reads the name and the bounds of an edge, and its end.
func (p *parser) edgeBody(e *GraphEdge) {
	e.Bracketed = true
	e.Name = p.name()
	if p.accept(Star) {
		e.Variable = true
		e.From = p.required(p.unary())
		p.expect(DotDot, "..")
		e.To = p.required(p.unary())
	}
	switch {
	case p.signs("]->"):
		e.Right = true
	case p.signs("]-"):
	default:
		p.fail(CodeExpected, "Expected ]-> or ]- here"+p.found()+".", "]->", "]-")
	}
}

func (p *parser) graphToTable(base OpBase) Op {
	out := &GraphToTable{OpBase: base}
	out.Outputs = list(p, p.graphOutput, "nodes or edges", false)
	if len(out.Outputs) == 0 {
		p.fail(CodeExpected, "Expected nodes or edges here"+p.found()+".", "nodes", "edges")
	}
	return out
}

func (p *parser) graphOutput() *GraphOutput {
	if !p.atWord(wordNodes) && !p.atWord(wordEdges) {
		return nil
	}
	t := p.next()
	out := &GraphOutput{Kind: p.raw(t)}
	if p.acceptWord(wordAs) {
		out.As = p.requiredName("a name for the table")
	}
	own := []string{"with_source_id", "with_target_id"}
	if t.word == wordNodes {
		own = []string{"with_node_id"}
	}
	for p.atOwn(own) && p.ahead(1).Kind == Assign || p.atParam(noParams) && p.ahead(1).Kind == Assign {
		out.Params = append(out.Params, p.param1())
	}
	out.Span = p.from(t.Start)
	return out
}
