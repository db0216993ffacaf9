package syntax

// expr breaks an expression into lines where it is too long for one.
func (f *formatter) expr(x Expr, level int) {
	a, b := f.span(x)
	switch x := x.(type) {
	case *Pipe:
		f.topPipe(x, level)
	case Op:
		f.operator(x, level)
	case *Paren:
		f.nested(x.X, level)
	case *Lambda:
		f.lambda(x, level)
	case *DataTable:
		f.dataTable(x, level)
	case *ExternalData:
		f.items(f.index(x.Schema.End()), x.URIs, level)
	default:
		if f.fits(a, b, level, 0) {
			return
		}
		f.longExpr(x, level)
	}
}

func (f *formatter) longExpr(x Expr, level int) {
	switch x := x.(type) {
	case *Binary:
		f.chain(x, level)
	case *Call:
		f.call(x, level)
	case *In:
		f.expr(x.X, level)
		f.inList(x, level)
	case *Between:
		f.children([]Node{x.X, x.Lo, x.Hi}, level)
	case *Literal:
		f.fill(x, level)
	case *Unary:
		f.expr(x.X, level)
	case *Member:
		f.children([]Node{x.X, x.Sel}, level)
	case *Index:
		f.children([]Node{x.X, x.I}, level)
	case *EntityGroup:
		f.items(f.index(x.Pos())+1, x.Items, level)
	}
}

// chain breaks a long and/or before each of the operators of the outermost kind.
func (f *formatter) chain(x *Binary, level int) {
	if x.Op != And && x.Op != Or {
		f.children([]Node{x.X, x.Y}, level)
		return
	}
	var left Expr = x
	for {
		b, ok := left.(*Binary)
		if !ok || b.Op != x.Op {
			break
		}
		f.breakAt(f.index(b.OpPos.Start), level+1)
		f.expr(b.Y, level+1)
		left = b.X
	}
	f.expr(left, level)
}

func (f *formatter) call(x *Call, level int) {
	if len(x.Args) == 1 && len(x.Args[0].Names) == 0 {
		switch arg := x.Args[0].X.(type) {
		case *Pipe:
			f.nested(arg, level)
			return
		case *Literal, *Call:
			f.expr(arg, level)
			return
		}
	}
	if x.Name.Name == "case" && len(x.Args) > 2 {
		f.pairs(x, level)
		return
	}
	f.items(f.index(x.Open), x.Args, level)
}

// pairs puts each condition of case() on a line with its value.
func (f *formatter) pairs(x *Call, level int) {
	for i, a := range x.Args {
		if i%2 == 0 {
			f.breakAt(f.index(a.Pos()), level+1)
		}
		f.node(a, level+1)
	}
	f.breakAt(f.index(x.Args[len(x.Args)-1].End()), level)
}

func (f *formatter) inList(x *In, level int) {
	if len(x.List) == 1 {
		switch x.List[0].(type) {
		case *Literal:
			f.expr(x.List[0], level)
		default:
			f.nested(x.List[0], level)
		}
		return
	}
	if len(x.List) == 0 {
		return
	}
	for _, item := range x.List {
		f.expr(item, level+1)
	}
	first, end := f.index(x.List[0].Pos()), f.index(x.List[len(x.List)-1].End())
	f.fillTokens(first, end, level)
	f.breakAt(end, level)
}

// fill breaks the content of a long dynamic(…) into full lines.
func (f *formatter) fill(x *Literal, level int) {
	a, b := f.span(x)
	if f.toks[a].Kind != Keyword || b-a < 5 {
		return
	}
	f.fillTokens(a+3, b-2, level)
	f.breakAt(b-2, level)
}

// fillTokens breaks tokens into full lines, behind commas.
func (f *formatter) fillTokens(a, b, level int) {
	f.breakAt(a, level+1)
	line := a
	for i := a + 1; i < b; i++ {
		if f.toks[i-1].Kind != Comma || f.gaps[i] == newline {
			continue
		}
		next := i + 1
		for next < b && f.toks[next].Kind != Comma {
			next++
		}
		if !f.fits(line, min(next+1, b), level+1, 0) {
			f.breakAt(i, level+1)
			line = i
		}
	}
}

func (f *formatter) lambda(x *Lambda, level int) {
	if len(x.Params) > 0 {
		open := f.index(x.Params[0].Pos()) - 1
		f.items(open, x.Params, level)
	}
	f.body(x.Body, level)
}

// dataTable puts each row on a line.
func (f *formatter) dataTable(x *DataTable, level int) {
	columns := len(x.Schema.Columns)
	a, b := f.span(x)
	if len(x.Values) == 0 || columns == 0 || x.Contextual || len(x.Values) <= columns && f.fits(a, b, level, 20) {
		return
	}
	for i, v := range x.Values {
		if i%columns == 0 {
			f.breakAt(f.index(v.Pos()), level+1)
		}
		f.expr(v, level+1)
	}
	end := f.index(x.Values[len(x.Values)-1].End())
	if f.toks[end].Kind == Comma {
		end++
	}
	f.breakAt(end, level)
}
