package syntax

// MakeGraph is `make-graph Source --> Target with Nodes on Key, …`. With
// partitioned-by a Body follows.
type MakeGraph struct {
	OpBase
	Source, Target *Ident
	Undirected     bool // written -- instead of -->
	Nodes          []*GraphNodes
	NodeID         *Ident // with_node_id=Name, nil without
	PartitionedBy  Expr   // nil without
	Body           *SubPipe
}

// GraphNodes is a table of nodes, `Table on Key`.
type GraphNodes struct {
	Span
	Table Expr
	On    *Ident
}

// GraphMatch is `graph-match cycles=C patterns where Predicate project Columns`,
// or graph-shortest-paths, as the keyword tells.
type GraphMatch struct {
	OpBase
	Patterns []*GraphPattern
	Where    Expr // nil without
	Project  []*NamedExpr
	// Shortest is set for graph-shortest-paths.
	Shortest bool
}

// GraphPattern is a chain such as (a)-[e*1..3]->(b)<--(c). Steps are *GraphNode
// and *GraphEdge; the grammar does not make them take turns, the checker must.
type GraphPattern struct {
	Span
	Steps []Node
}

// GraphNode is `(Name)`; Name is nil for `()`.
type GraphNode struct {
	Span
	Name *Ident
}

// GraphEdge is `-[Name*From..To]->`, `<-[…]-`, `-[…]-`, `-->`, `<--` or `--`.
type GraphEdge struct {
	Span
	Name      *Ident // nil without
	Left      bool   // points to the left
	Right     bool   // points to the right
	Bracketed bool   // written with square brackets
	Variable  bool   // has a star
	From, To  Expr   // bounds of a variable length, nil without
}

// GraphToTable is `graph-to-table nodes as N with_node_id=I, edges as E`.
type GraphToTable struct {
	OpBase
	Outputs []*GraphOutput
}

// GraphOutput is `nodes as Name` or `edges as Name` with its parameters.
type GraphOutput struct {
	Span
	Kind   string // "nodes" or "edges"
	As     *Ident // nil without
	Params []*Property
}

// GraphWhere is graph-where-nodes or graph-where-edges, as the keyword tells.
type GraphWhere struct {
	OpBase
	X Expr
}

// GraphMarkComponents is graph-mark-components; its parameters say all.
type GraphMarkComponents struct{ OpBase }
