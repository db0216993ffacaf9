package syntax

// layOut decides where lines begin.
func (f *formatter) layOut() {
	f.statements(f.script.Statements, 0)
	if n := len(f.toks) - 1; n >= 0 {
		f.gaps[n], f.indent[n] = newline, 0
	}
}

// breakAt lets token i begin a line.
func (f *formatter) breakAt(i, level int) {
	if i < len(f.toks) {
		f.gaps[i], f.indent[i] = newline, level
	}
}

func (f *formatter) statements(list []Statement, level int) {
	for _, s := range list {
		i := f.index(s.Pos())
		f.breakAt(i, level)
		f.blank[i] = true
		f.statement(s, level)
	}
}

func (f *formatter) statement(s Statement, level int) {
	switch s := s.(type) {
	case *ExprStmt:
		f.topPipe(s.X, level)
	case *Let:
		f.let(s, level)
	case *DeclareParams:
		f.items(f.index(s.Pos())+2, s.Params, level)
	case *DeclarePattern:
		f.pattern(s, level)
	default:
		Walk(s, func(n Node) bool {
			if x, ok := n.(Expr); ok {
				f.expr(x, level)
				return false
			}
			return true
		})
	}
}

// let puts a query on lines of its own.
func (f *formatter) let(s *Let, level int) {
	if _, ok := s.Value.(*Pipe); ok {
		f.breakAt(f.index(s.Value.Pos()), level+1)
		f.topPipe(s.Value, level+1)
		return
	}
	f.expr(s.Value, level)
}

func (f *formatter) pattern(s *DeclarePattern, level int) {
	for _, c := range s.Cases {
		f.breakAt(f.index(c.Pos()), level+1)
		if len(c.Body) > 0 {
			f.body(c.Body, level+1)
		}
	}
	if len(s.Cases) > 0 {
		f.breakAt(f.index(s.End())-1, level)
	}
}

// body lays out statements in braces.
func (f *formatter) body(list []Statement, level int) {
	if len(list) == 0 {
		return
	}
	f.statements(list, level+1)
	f.blank[f.index(list[0].Pos())] = false
	end := f.index(list[len(list)-1].End())
	if f.toks[end].Kind == Semicolon {
		end++
	}
	f.breakAt(end, level)
}

// topPipe gives each operator of a pipe its line.
func (f *formatter) topPipe(x Expr, level int) {
	p, ok := x.(*Pipe)
	if !ok {
		f.expr(x, level)
		return
	}
	if p.Source != nil {
		f.expr(p.Source, level)
	}
	f.operators(p.Ops, p.Bars, level)
}

func (f *formatter) operators(ops []Op, bars []int, level int) {
	for _, b := range bars {
		f.breakAt(f.index(b), level)
	}
	for _, op := range ops {
		f.operator(op, level)
	}
}

// nested lays out a query in brackets that open before it: in the line when it
// is short, else with the content on lines of its own.
func (f *formatter) nested(x Expr, level int) {
	p, ok := x.(*Pipe)
	a, b := f.span(x)
	switch {
	case !ok && f.fits(a, b, level, 20):
		f.expr(x, level)
	case ok && len(p.Ops) == 1 && f.fits(a, b, level, 40):
	default:
		f.breakAt(a, level+1)
		f.topPipe(x, level+1)
		f.breakAt(b, level)
	}
}

// subPipe lays out operators in brackets.
func (f *formatter) subPipe(s *SubPipe, level int) {
	a, b := f.span(s)
	if f.toks[a].Kind != LeftParen || len(s.Ops) == 1 && s.Source == nil && f.fits(a, b, level, 40) {
		return
	}
	f.breakAt(a+1, level+1)
	if s.Source != nil {
		f.expr(s.Source, level+1)
	}
	f.operators(s.Ops, s.Bars, level+1)
	f.breakAt(b-1, level)
}

// items lays out a list in brackets, which open at token open: in the line when
// it fits, else one element a line.
func (f *formatter) items(open int, list any, level int) {
	nodes := nodesOf(list)
	if len(nodes) == 0 {
		return
	}
	end := f.index(nodes[len(nodes)-1].End())
	if f.fits(open, end+1, level, 30) {
		f.children(nodes, level)
		return
	}
	for _, n := range nodes {
		f.breakAt(f.index(n.Pos()), level+1)
	}
	f.children(nodes, level+1)
	if f.toks[end].Kind == Comma {
		end++
	}
	f.breakAt(end, level)
}

// children lays out what is inside nodes that are no statements.
func (f *formatter) children(nodes []Node, level int) {
	for _, n := range nodes {
		f.node(n, level)
	}
}

// node lays out the expressions in a node.
func (f *formatter) node(n Node, level int) {
	Walk(n, func(c Node) bool {
		switch c := c.(type) {
		case Expr:
			f.expr(c, level)
			return false
		case *SubPipe:
			f.subPipe(c, level)
			return false
		}
		return true
	})
}

// nodesOf is a list of nodes of one kind as a list of nodes.
func nodesOf(list any) []Node {
	switch list := list.(type) {
	case []Node:
		return list
	case []Expr:
		return toNodes(list)
	case []*NamedExpr:
		return toNodes(list)
	case []*Param:
		return toNodes(list)
	case []*Order:
		return toNodes(list)
	case []*OrderedName:
		return toNodes(list)
	case []*ExpandColumn:
		return toNodes(list)
	case []*SeriesColumn:
		return toNodes(list)
	case []*Column:
		return toNodes(list)
	case []*ScanStep:
		return toNodes(list)
	}
	return nil
}

func toNodes[T Node](list []T) []Node {
	out := make([]Node, len(list))
	for i, n := range list {
		out[i] = n
	}
	return out
}
