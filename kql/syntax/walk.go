package syntax

// Walk calls visit for a node and, where that returns true, for everything
// inside it, in the order of the text as far as the grammar fixes one. A nil
// node is left out.
func Walk(n Node, visit func(Node) bool) {
	if isNil(n) || !visit(n) {
		return
	}
	w := walker(func(c Node) { Walk(c, visit) })
	switch n := n.(type) {
	case Statement:
		w.statement(n)
	case Op:
		w.operator(n)
	case Expr:
		w.expr(n)
	default:
		w.part(n)
	}
}

// WalkScript walks all statements.
func WalkScript(s *Script, visit func(Node) bool) {
	for _, st := range s.Statements {
		Walk(st, visit)
	}
}

// isNil tells a nil, also one with a type.
func isNil(n Node) bool {
	switch n := n.(type) {
	case nil:
		return true
	case *Ident:
		return n == nil
	case *Literal:
		return n == nil
	case *TypeOf:
		return n == nil
	case *TypeName:
		return n == nil
	case *Schema:
		return n == nil
	case *Param:
		return n == nil
	case *NamedExpr:
		return n == nil
	case *SubPipe:
		return n == nil
	case *Order:
		return n == nil
	case *Call:
		return n == nil
	}
	return false
}

// walker calls itself for the children of a node.
type walker func(Node)

func each[T Node](w walker, list []T) {
	for _, n := range list {
		w(n)
	}
}

func (w walker) statement(s Statement) {
	switch s := s.(type) {
	case *Let:
		w(s.Name)
		w(s.Value)
	case *Set:
		w(s.Name)
		w(s.Value)
	case *Alias:
		w(s.Name)
		w(s.Value)
	case *DeclareParams:
		each(w, s.Params)
	case *DeclarePattern:
		w(s.Name)
		each(w, s.Params)
		w(s.Path)
		each(w, s.Cases)
	case *Restrict:
		each(w, s.Entities)
		each(w, s.Properties)
	case *ExprStmt:
		w(s.X)
	}
}

func (w walker) expr(x Expr) {
	switch x := x.(type) {
	case *TypeOf:
		w(x.Type)
		w(x.Schema)
	case *Paren:
		w(x.X)
	case *Unary:
		w(x.X)
	case *Binary:
		w(x.X)
		w(x.Y)
	case *Between:
		w(x.X)
		w(x.Lo)
		w(x.Hi)
	case *In:
		w(x.X)
		each(w, x.List)
	case *Call:
		w(x.Name)
		each(w, x.Params)
		each(w, x.Args)
	case *Member:
		w(x.X)
		w(x.Sel)
	case *Index:
		w(x.X)
		w(x.I)
	case *Pipe:
		w(x.Source)
		each(w, x.Ops)
	default:
		w.table(x)
	}
}

// table walks the expressions that make tables and functions.
func (w walker) table(x Expr) {
	switch x := x.(type) {
	case *DataTable:
		each(w, x.Params)
		if x.Contextual {
			each(w, x.Values)
		}
		w(x.Schema)
		if !x.Contextual {
			each(w, x.Values)
		}
	case *ExternalData:
		each(w, x.Params)
		w(x.Schema)
		each(w, x.URIs)
		each(w, x.Properties)
	case *InlineExternal:
		w(x.Schema)
		each(w, x.Partition)
		each(w, x.PathFormat)
		each(w, x.URIs)
		each(w, x.Properties)
	case *EntityGroup:
		each(w, x.Items)
	case *Lambda:
		each(w, x.Params)
		each(w, x.Body)
	}
}

// part walks what is neither statement, operator nor expression.
func (w walker) part(n Node) {
	switch n := n.(type) {
	case *NamedExpr:
		each(w, n.Names)
		w(n.X)
	case *Property:
		w(n.Name)
		w(n.Value)
	case *Schema:
		each(w, n.Columns)
	case *Column:
		w(n.Name)
		w(n.Type)
	case *Param:
		w(n.Name)
		w(n.Type)
		w(n.Schema)
		w(n.Default)
	case *PatternCase:
		each(w, n.Values)
		w(n.Path)
		each(w, n.Body)
	case *SubPipe:
		w(n.Source)
		each(w, n.Ops)
	case *PartitionColumn:
		w(n.Column)
		w(n.X)
	case *Order:
		w(n.X)
	case *OrderedName:
		w(n.X)
	default:
		w.clause(n)
	}
}

// clause walks the parts that belong to one operator.
func (w walker) clause(n Node) {
	switch n := n.(type) {
	case *ExpandColumn:
		w(n.X)
		w(n.To)
	case *SeriesColumn:
		w(n.X)
		w(n.Default)
	case *ParsePart:
		w(n.Text)
		w(n.Column)
		w(n.Type)
	case *TopNestedLevel:
		w(n.N)
		w(n.Of)
		w(n.Others)
		w(n.By)
	case *FindColumn:
		w(n.X)
		w(n.Type)
	case *ForkBranch:
		w(n.Name)
		w(n.Body)
	case *RenderProperty:
		w(n.Name)
		w(n.Value)
		each(w, n.Names)
	case *ScanStep:
		w(n.Name)
		w(n.Condition)
		each(w, n.Assignments)
	case *GraphNodes:
		w(n.Table)
		w(n.On)
	case *GraphPattern:
		each(w, n.Steps)
	case *GraphNode:
		w(n.Name)
	case *GraphEdge:
		w(n.Name)
		w(n.From)
		w(n.To)
	case *GraphOutput:
		w(n.As)
		each(w, n.Params)
	}
}

// Path finds what stands at an offset: the nodes that hold it, from the
// statement down to the smallest. A node holds the offset behind its last byte
// as well, for there the cursor of an editor is while its name is typed. Where
// two nodes meet, the first one is taken.
func Path(s *Script, offset int) []Node {
	var out []Node
	for _, st := range s.Statements {
		if holds(st, offset) {
			out = append(out, st)
			break
		}
	}
	for len(out) > 0 {
		n := childAt(out[len(out)-1], offset)
		if n == nil {
			break
		}
		out = append(out, n)
	}
	return out
}

func holds(n Node, offset int) bool { return n.Pos() <= offset && offset <= n.End() }

// childAt is the first child of a node that holds an offset, or nil.
func childAt(parent Node, offset int) Node {
	var out Node
	Walk(parent, func(n Node) bool {
		if n != parent && out == nil && holds(n, offset) {
			out = n
		}
		return n == parent
	})
	return out
}
