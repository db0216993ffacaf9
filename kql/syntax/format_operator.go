package syntax

// operator lays out one operator, whose bar begins a line at the level.
func (f *formatter) operator(op Op, level int) {
	switch op := op.(type) {
	case *Extend:
		f.columns(op, op.Columns, level)
	case *Project:
		f.columns(op, op.Columns, level)
	case *ProjectRename:
		f.columns(op, op.Columns, level)
	case *ProjectReorder:
		f.columns(op, op.Columns, level)
	case *ProjectAway:
		f.columns(op, op.Columns, level)
	case *ProjectKeep:
		f.columns(op, op.Columns, level)
	case *Distinct:
		f.columns(op, op.Columns, level)
	case *Print:
		f.columns(op, op.Columns, level)
	case *Serialize:
		f.columns(op, op.Columns, level)
	case *Sort:
		f.columns(op, op.By, level)
	case *Union:
		f.union(op, level)
	case *Summarize:
		f.grouped(op, op.Aggregates, op.By, op.Keys, level)
	case *MakeSeries:
		f.grouped(op, op.Aggregates, op.By, op.Keys, level)
	case *Fork:
		for _, b := range op.Branches {
			f.breakAt(f.index(b.Pos()), level+1)
			f.subPipe(b.Body, level+1)
		}
	case *Scan:
		for _, s := range op.Steps {
			f.breakAt(f.index(s.Pos()), level+1)
		}
		if n := len(op.Steps); n > 0 {
			f.breakAt(f.index(op.Steps[n-1].End()), level)
		}
	case *Search:
		f.expr(op.X, level)
	case *Find:
		f.expr(op.X, level)
	case *MacroExpand:
		f.body(op.Body, level)
	case *Partition:
		if op.Query != nil {
			f.nested(op.Query, level)
		} else {
			f.subPipe(op.Body, level)
		}
	default:
		f.operands(op, level)
	}
}

// operands lays out the expressions of an operator one by one.
func (f *formatter) operands(op Op, level int) {
	Walk(op, func(n Node) bool {
		switch n := n.(type) {
		case Op:
			return n == op
		case Expr:
			f.expr(n, level)
			return false
		case *SubPipe:
			f.subPipe(n, level)
			return false
		}
		return true
	})
}

// columns puts a list that does not fit on the line of its operator on lines
// below it, one element each.
func (f *formatter) columns(op Op, list any, level int) {
	nodes := nodesOf(list)
	a, b := f.span(op)
	if len(nodes) < 2 || f.fits(a, b, level, 2) {
		f.children(nodes, level)
		return
	}
	f.lines(nodes, level+1)
}

// lines gives each node its line.
func (f *formatter) lines(nodes []Node, level int) {
	for _, n := range nodes {
		f.breakAt(f.index(n.Pos()), level)
		f.node(n, level)
	}
}

// grouped lays out aggregates and the keys behind by.
func (f *formatter) grouped(op Op, aggregates any, by int, keys []*NamedExpr, level int) {
	nodes := nodesOf(aggregates)
	a, b := f.span(op)
	if f.fits(a, b, level, 2) {
		return
	}
	end := b
	if by >= 0 {
		end = f.index(by)
	}
	if f.fits(a, end, level, 2) || len(nodes) < 2 {
		f.children(nodes, level)
	} else {
		f.lines(nodes, level+1)
	}
	if by < 0 {
		return
	}
	f.breakAt(end, level+1)
	if f.fits(end, b, level+1, 0) || len(keys) < 2 {
		f.children(toNodes(keys), level+1)
		return
	}
	f.lines(toNodes(keys), level+2)
}

// union puts tables that do not fit, or are queries, on lines below.
func (f *formatter) union(op *Union, level int) {
	a, b := f.span(op)
	if len(op.Tables) < 2 || f.fits(a, b, level, 2) {
		f.children(toNodes(op.Tables), level)
		return
	}
	f.lines(toNodes(op.Tables), level+1)
}
