package plan

import "github.com/clew-sec/clew/kql/value"

// A graph is two tables: its nodes, one row each, and its edges. make-graph
// makes the table of nodes (GraphNodes) and leaves the edges as they are, so
// what only filters a graph or turns it back into tables is an ordinary plan.

// Graph is the pair of tables that an operator reads. Two nodes of different
// partitions are different ones, even with one key; edges stay within theirs.
type Graph struct {
	Nodes          Node
	Key            *Column // of Nodes: what the ends of edges are compared with, once they have its type
	Part           *Column // of Nodes: the partition; nil: there is one
	Edges          Node
	Source, Target *Column // of Edges
	EdgePart       *Column // of Edges; nil without Part
	Undirected     bool    // edges lead both ways
}

// GraphNodes is the table of the nodes that edges and tables of nodes name, each
// once. Of several rows for one node the first value that is not null counts.
type GraphNodes struct {
	Edges          Node
	Source, Target *Column // of Edges
	EdgePart       *Column // of Edges; nil: there are no partitions
	Tables         []NodeTable
	Key            *Column
	Part           *Column // nil without EdgePart
	Cols           []*Column
	// Named are those of Cols that hold the key of a node which no table has.
	Named []*Column
}

// NodeTable is a table of nodes. From[i] is the column that gives Cols[i] of the
// GraphNodes, nil where it has none.
type NodeTable struct {
	Node Node
	Key  *Column
	Part *Column
	From []*Column
}

// GraphComponents adds to the nodes of a graph the number of the component that
// each is part of, from 0 in each partition. Strong components are those whose
// nodes reach each other along the direction of the edges.
type GraphComponents struct {
	Graph
	Strong    bool
	Component *Column
}

// Cycles says which cycles a match of a graph pattern may have.
type Cycles string

// The kinds of cycles.
const (
	CyclesAll         Cycles = "all"
	CyclesNone        Cycles = "none"         // no node is met twice
	CyclesUniqueEdges Cycles = "unique_edges" // no edge is used twice
)

// GraphMatch is graph-match, and with Shortest graph-shortest-paths: a row of
// Items for each match of the pattern for which all of Where are true. The
// expressions read the elements by the columns of their Props, and variable
// lengths by OverPath.
type GraphMatch struct {
	Graph
	Points []GraphElement // the nodes of the pattern; those of one name are one
	Links  []GraphLink    // its edges, in the order in which they are written
	Where  []Expr
	Items  []Item
	Cycles Cycles
	// Shortest keeps, for each first and last node, one of the shortest matches;
	// with Ties all of them.
	Shortest, Ties bool
}

// GraphElement is a node or edge of a pattern with what is read of it.
type GraphElement struct{ Props []GraphProperty }

// GraphLink is an edge of a pattern, from the left point to the right one.
// A variable one is a path of Min to Max edges; its Props are empty.
type GraphLink struct {
	GraphElement
	Left, Right       int // of Points
	Forward, Backward bool
	Variable          bool
	Min, Max          int
}

// PropertyKind says what a GraphProperty is.
type PropertyKind uint8

// The kinds of properties.
const (
	PropertyColumn    PropertyKind = iota // From, of the nodes or edges
	PropertyID                            // the key as text
	PropertyInDegree                      // the number of edges into the node
	PropertyOutDegree                     // and of those out of it
)

// GraphProperty is a value of a node or edge under a column of its own.
type GraphProperty struct {
	Col  *Column
	Kind PropertyKind
	From *Column
}

// FoldKind says what an OverPath makes of the values along a path.
type FoldKind string

// The kinds of folds.
const (
	FoldMap FoldKind = "map" // an array of them
	FoldAll FoldKind = "all" // whether all are true
	FoldAny FoldKind = "any" // whether one is true
)

// OverPath computes X for each edge of a link of a GraphMatch, or for each inner
// node of it, from left to right. X reads Props of the edge or node, and what can
// be seen around it.
type OverPath struct {
	Fold  FoldKind
	Link  int // of Links
	Inner bool
	Props []GraphProperty
	X     Expr
}

// Type is dynamic, or bool for all and any.
func (e *OverPath) Type() value.Type {
	if e.Fold == FoldMap {
		return value.Dynamic
	}
	return value.Bool
}

// Columns are the key, the partition, and the properties.
func (n *GraphNodes) Columns() []*Column {
	out := []*Column{n.Key}
	if n.Part != nil {
		out = append(out, n.Part)
	}
	return append(out, n.Cols...)
}

// Columns are those of the nodes, and the number of the component.
func (n *GraphComponents) Columns() []*Column {
	cols := n.Nodes.Columns()
	return append(cols[:len(cols):len(cols)], n.Component)
}

// Columns are those of the items.
func (n *GraphMatch) Columns() []*Column { return itemColumns(nil, n.Items) }

func graphInputs(n Node) []Node {
	switch n := n.(type) {
	case *GraphNodes:
		out := []Node{n.Edges}
		for _, t := range n.Tables {
			out = append(out, t.Node)
		}
		return out
	case *GraphComponents:
		return []Node{n.Nodes, n.Edges}
	case *GraphMatch:
		return []Node{n.Nodes, n.Edges}
	}
	return nil
}

func withGraphInputs(n Node, in []Node) Node {
	switch n := n.(type) {
	case *GraphNodes:
		c := *n
		c.Edges = in[0]
		c.Tables = make([]NodeTable, len(n.Tables))
		for i, t := range n.Tables {
			t.Node = in[i+1]
			c.Tables[i] = t
		}
		return &c
	case *GraphComponents:
		c := *n
		c.Nodes, c.Edges = in[0], in[1]
		return &c
	case *GraphMatch:
		c := *n
		c.Nodes, c.Edges = in[0], in[1]
		return &c
	}
	return n
}

// Walk calls f with an expression and with those that it is made of. The tables
// within it are not visited.
func Walk(e Expr, f func(Expr)) {
	if e == nil {
		return
	}
	f(e)
	switch e := e.(type) {
	case *Call:
		for _, a := range e.Args {
			Walk(a, f)
		}
	case *Convert:
		Walk(e.X, f)
	case *Access:
		Walk(e.X, f)
		Walk(e.Key, f)
	case *InTable:
		Walk(e.X, f)
	case *OverPath:
		Walk(e.X, f)
	}
}
