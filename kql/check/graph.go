package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// graph is what make-graph makes: two tables that each operator over the graph
// reads anew. The numbers are places among the columns of the tables' nodes.
type graph struct {
	nodes, edges   *sharedTable
	key, part      int // of nodes; part is -1 without partitions
	source, target int // of edges
	edgePart       int // of edges, -1 without
	undirected     bool
}

// openGraph is a graph with columns of its own, as one operator reads it.
type openGraph struct {
	plan.Graph
	nodeFields, edgeFields []field
	edgeRel                *relation
}

func (c *checker) openGraph(g *graph) openGraph {
	nodes, edges := c.use(g.nodes), c.use(g.edges)
	n, e := nodes.node.Columns(), edges.node.Columns()
	out := openGraph{nodeFields: nodes.fields, edgeFields: edges.fields, edgeRel: edges}
	out.Graph = plan.Graph{Nodes: nodes.node, Key: n[g.key], Edges: edges.node, Source: e[g.source], Target: e[g.target], Undirected: g.undirected}
	if g.part >= 0 {
		out.Part, out.EdgePart = n[g.part], e[g.edgePart]
	}
	return out
}

// nodeRelation is the table of the nodes of an open graph under another node of
// the plan that hands its columns on.
func (g *openGraph) nodeRelation(n plan.Node) *relation { return newRelation(n, g.nodeFields) }

// asGraph wraps a graph as what goes through a pipe.
func asGraph(g *graph) *relation { return &relation{node: &plan.Values{}, graph: g} }

// graphStep binds operators over graphs, and refuses operators over tables
// behind a graph; false: the operator is one over a table, as it should be.
func (c *checker) graphStep(rel *relation, op syntax.Op, cx context) (*relation, bool) {
	switch op.(type) {
	case *syntax.GraphMatch, *syntax.GraphToTable, *syntax.GraphWhere, *syntax.GraphMarkComponents:
	case *syntax.As, *syntax.BadOp:
		return nil, false
	default:
		if rel.graph == nil {
			return nil, false
		}
		c.errorf(keyword(op), CodeNotTable, "A table is expected here, and this is a graph: graph-match or graph-to-table makes a table of it.")
		return c.unknownTable(), true
	}
	if rel.graph == nil {
		if rel.open == nil {
			c.errorf(keyword(op), CodeNotTable, "A graph is expected here; make-graph makes one of a table.")
		}
		return c.unknownTable(), true
	}
	return c.graphOperator(rel.graph, op, cx), true
}

func (c *checker) graphOperator(g *graph, op syntax.Op, cx context) *relation {
	switch op := op.(type) {
	case *syntax.GraphMatch:
		return c.graphMatch(g, op, cx)
	case *syntax.GraphToTable:
		return c.graphToTable(g, op, cx)
	case *syntax.GraphMarkComponents:
		return c.markComponents(g, op)
	case *syntax.GraphWhere:
		if k := op.Keyword; k != nil && k.Name == "graph-where-edges" {
			return c.whereEdges(g, op, cx)
		}
		return c.whereNodes(g, op, cx)
	}
	return c.unknownTable()
}

// keyword is the word that an operator begins with.
func keyword(op syntax.Op) syntax.Node {
	if k := op.Base().Keyword; k != nil {
		return k
	}
	return op
}

// makeGraph binds make-graph.
func (c *checker) makeGraph(rel *relation, op *syntax.MakeGraph, cx context) *relation {
	b := graphBuilder{c: c, cx: cx, op: op, edges: rel, g: &graph{part: -1, edgePart: -1, undirected: op.Undirected}}
	source, okSource := c.nodeID(rel, op.Source, cx)
	target, okTarget := c.nodeID(rel, op.Target, cx)
	okPart := b.partition()
	tables, okTables := b.tables()
	if !okSource || !okTarget || !okPart || !okTables {
		return c.unknownTable()
	}
	b.share(source, target)
	b.nodes(source, target, tables)
	if op.Body == nil {
		return asGraph(b.g)
	}
	return c.perPartition(b.g, op.Body, cx)
}

// nodeID finds a column that identifies nodes.
func (c *checker) nodeID(rel *relation, id *syntax.Ident, cx context) (field, bool) {
	if id == nil || id.Name == "" || !c.hasColumn(rel, id, cx) {
		return field{}, false
	}
	f, _ := rel.find(id.Name)
	if f.t.dynamic() {
		d := c.errorf(id, CodeType, "A dynamic value can't identify a node; convert it before, for example by tostring().")
		d.Suggestions = []string{"tostring(" + id.Name + ")"}
		return field{}, false
	}
	return f, f.col != nil
}

// graphBuilder makes the tables of a graph.
type graphBuilder struct {
	c     *checker
	cx    context
	op    *syntax.MakeGraph
	edges *relation
	g     *graph
	part  field // of the edges, with partitioned-by
}

// nodeTable is a bound table of nodes.
type nodeTable struct {
	rel       *relation
	key, part field
}

// partition binds the column of partitioned-by.
func (b *graphBuilder) partition() bool {
	if b.op.PartitionedBy == nil {
		return true
	}
	id := identOf(b.op.PartitionedBy)
	if id == nil {
		b.c.errorf(b.op.PartitionedBy, CodeNotColumn, "A column is expected behind partitioned-by.")
		return false
	}
	if !b.c.hasColumn(b.edges, id, b.cx) {
		return false
	}
	b.part, _ = b.edges.find(id.Name)
	return b.part.col != nil
}

// tables binds the tables of nodes.
func (b *graphBuilder) tables() ([]nodeTable, bool) {
	var out []nodeTable
	good := true
	for _, n := range b.op.Nodes {
		if n == nil || n.Table == nil {
			return nil, false
		}
		rel := b.c.tableOf(n.Table, b.cx.inner())
		if rel == nil {
			good = false
			continue
		}
		b.c.trace.row(n.Table.End(), n.End(), b.cx.over(rel))
		key, ok := b.c.nodeID(rel, n.On, b.cx)
		t := nodeTable{rel: rel, key: key}
		if b.op.PartitionedBy != nil && b.part.col != nil {
			t.part, ok = b.nodePart(rel, n.Table, ok)
		}
		good = good && ok
		out = append(out, t)
	}
	return out, good
}

// nodePart finds the partition of the nodes of a table, which must have the type
// of that of the edges.
func (b *graphBuilder) nodePart(rel *relation, at syntax.Node, ok bool) (field, bool) {
	f, found := rel.find(b.part.name)
	switch {
	case !found && rel.open == nil:
		b.c.errorf(at, CodeNotColumn, "The table of nodes has no column '%s', which the graph is partitioned by.", b.part.name)
	case found && f.t.T != b.part.t.T:
		b.c.errorf(at, CodeType, "The column '%s' is a %s here, and a %s among the edges.", f.name, f.t.T, b.part.t.T)
		found = false
	}
	return f, ok && found && f.col != nil
}

// share gives the edges a place where several operators find them.
func (b *graphBuilder) share(source, target field) {
	b.g.edges = b.c.share("", b.edges, false)
	cols := b.edges.node.Columns()
	b.g.source, b.g.target = slices.Index(cols, source.col), slices.Index(cols, target.col)
	if b.part.col != nil {
		b.g.edgePart = slices.Index(cols, b.part.col)
	}
}

// nodes makes the table of the nodes: a hidden key, the partition, and the
// columns of the tables, of which those of one name are one.
func (b *graphBuilder) nodes(source, target field, tables []nodeTable) {
	edges := b.c.use(b.g.edges).node.(*plan.Use)
	n := &plan.GraphNodes{Edges: edges, Source: edges.Cols[b.g.source], Target: edges.Cols[b.g.target]}
	ids := []field{source, target}
	for _, t := range tables {
		ids = append(ids, t.key)
	}
	key := scalar(keyType(ids))
	n.Key = &plan.Column{Name: "node", Type: key.T}
	if b.part.col != nil {
		n.EdgePart, n.Part = edges.Cols[b.g.edgePart], &plan.Column{Name: b.part.name, Type: b.part.t.plan()}
		b.g.part = 1
	}
	var fields []field
	if b.op.NodeID != nil {
		f := column(b.op.NodeID.Name, source.t)
		n.Cols, n.Named = []*plan.Column{f.col}, []*plan.Column{f.col}
		fields = append(fields, f)
	}
	fields = append(fields, mergedNodes(n, tables)...)
	rel := newRelation(n, fields)
	for _, t := range tables {
		rel.open = firstOpen(rel, t.rel)
	}
	b.g.nodes = b.c.share("", rel, false)
}

// keyType is the type in which the ends of edges and the keys of nodes are
// compared.
func keyType(ids []field) value.Type {
	t := ids[0].t.plan()
	for _, f := range ids[1:] {
		switch other := f.t.plan(); {
		case other == t:
		case other.Integral() && t.Integral():
			t = value.Long
		default:
			return value.String
		}
	}
	return t
}

// mergedNodes fills in the tables and columns of the nodes.
func mergedNodes(n *plan.GraphNodes, tables []nodeTable) []field {
	var fields []field
	at := map[string]int{}
	for _, t := range tables {
		for _, f := range t.rel.fields {
			i, known := at[f.name]
			switch {
			case !known:
				at[f.name] = len(fields)
				fields = append(fields, field{name: f.name, t: f.t})
			case fields[i].t.T != f.t.T:
				fields[i].t = scalar(commonType(fields[i].t.plan(), f.t.plan()))
			}
		}
	}
	for i := range fields {
		fields[i] = column(fields[i].name, fields[i].t)
		n.Cols = append(n.Cols, fields[i].col)
	}
	for _, t := range tables {
		out := plan.NodeTable{Node: t.rel.node, Key: t.key.col, Part: t.part.col, From: make([]*plan.Column, len(n.Cols))}
		for _, f := range t.rel.fields {
			out.From[at[f.name]] = f.col
			if col := n.Cols[at[f.name]]; f.col == t.key.col && !slices.Contains(n.Named, col) {
				n.Named = append(n.Named, col)
			}
		}
		n.Tables = append(n.Tables, out)
	}
	return fields
}

// commonType is the type of a property that two tables have with different
// types.
func commonType(a, b value.Type) value.Type {
	switch {
	case a.Integral() && b.Integral():
		return value.Long
	case a.Numeric() && b.Numeric():
		return value.Real
	}
	return value.Dynamic
}

// perPartition binds the pipe behind partitioned-by. Nodes of different
// partitions are never connected, so the operators over the graph run over all
// of it at once; what follows them runs for each partition.
func (c *checker) perPartition(g *graph, body *syntax.SubPipe, cx context) *relation {
	rel := asGraph(g)
	ops, bars := body.Ops, body.Bars
	for len(ops) > 0 && rel.graph != nil {
		rel = c.operators(rel, ops[:1], nil, body.End(), cx)
		ops = ops[1:]
		bars = bars[min(1, len(bars)):]
	}
	if rel.graph != nil {
		c.errorf(body, CodeNotTable, "The pipe behind partitioned-by must end in a table: graph-match or graph-to-table makes one.")
		return c.unknownTable()
	}
	if len(ops) == 0 || rel.part == nil {
		return rel.with(rel.node)
	}
	element := &plan.Element{Cols: rel.node.Columns()}
	sub := &relation{node: element, fields: rel.fields, open: rel.open}
	sub = c.operators(sub, ops, bars, body.End(), cx)
	return &relation{node: &plan.Partition{Input: rel.node, By: rel.part, Element: element, Sub: sub.node}, fields: sub.fields, open: sub.open}
}

// graphToTable binds graph-to-table: the result is the first table that is
// asked for, and names are given to all of them.
func (c *checker) graphToTable(g *graph, op *syntax.GraphToTable, cx context) *relation {
	var first *relation
	kinds := map[string]bool{}
	for _, o := range op.Outputs {
		if o == nil {
			continue
		}
		if kinds[o.Kind] || len(op.Outputs) > 1 && o.As == nil {
			c.errorf(o, CodeValue, "Of a graph the nodes and the edges can be taken, each once, and each with a name where both are: nodes as N, edges as E.")
			return c.unknownTable()
		}
		kinds[o.Kind] = true
		out := c.graphTable(g, o)
		if o.As != nil {
			out = c.nameTable(out, o.As, cx)
		}
		if first == nil {
			first = out
		}
	}
	if first == nil {
		return c.unknownTable()
	}
	return first
}

// nameTable gives a table a name as the operator as does.
func (c *checker) nameTable(rel *relation, name *syntax.Ident, cx context) *relation {
	part := -1
	if rel.part != nil {
		part = slices.Index(rel.node.Columns(), rel.part)
	}
	out := c.as(rel, &syntax.As{Name: name}, cx)
	if part >= 0 {
		out.part = out.node.Columns()[part]
	}
	return out
}

// hashedKey is a column of graph-to-table that a parameter asks for.
type hashedKey struct {
	param string
	col   *plan.Column
}

// graphTable is the table of the nodes or edges of a graph, with the hashes of
// the keys that are asked for in front.
func (c *checker) graphTable(g *graph, o *syntax.GraphOutput) *relation {
	open := c.openGraph(g)
	node, fields, part := open.Nodes, open.nodeFields, open.Part
	ids := []hashedKey{{"with_node_id", open.Key}}
	if o.Kind == "edges" {
		node, fields, part = open.Edges, open.edgeFields, open.EdgePart
		ids = []hashedKey{{"with_source_id", open.Source}, {"with_target_id", open.Target}}
	}
	p := newProjection(node)
	names := newNames()
	for _, f := range fields {
		names.add(f.name)
	}
	for _, id := range ids {
		if name := syntax.PropertyText(o.Params, id.param); name != "" {
			p.add(names.unique(name), c.nodeHash(id.col, open.Key.Type))
		}
	}
	for _, f := range fields {
		p.pass(f)
	}
	out := p.relation(false)
	out.part = part
	if part != nil && !slices.Contains(p.node.Columns(), part) {
		p.node.Items = append(p.node.Items, plan.Item{Col: part, Expr: &plan.Ref{Col: part}})
	}
	if o.Kind == "edges" {
		out.open = open.edgeRel.open
	}
	return out
}

// nodeHash is the number that stands for a node in tables: the hash of its key.
func (c *checker) nodeHash(col *plan.Column, t value.Type) expr {
	return call("hash", scalar(value.Long), convert(leaf(&plan.Ref{Col: col}, scalar(col.Type)), t))
}

// whereNodes keeps the nodes for which a condition holds, and the edges between
// them.
func (c *checker) whereNodes(g *graph, op *syntax.GraphWhere, cx context) *relation {
	open := c.openGraph(g)
	condition := c.predicate(op.X, cx.over(open.nodeRelation(open.Nodes)))
	nodes := &plan.Filter{Input: open.Nodes, Predicate: condition.x}
	out := *g
	out.nodes = c.share("", open.nodeRelation(nodes), false)
	edges := open.Edges
	for _, end := range []int{g.source, g.target} {
		kept := c.use(out.nodes).node
		col, key := open.Edges.Columns()[end], kept.Columns()[g.key]
		j := &plan.Join{Kind: plan.LeftSemi, Left: edges, Right: kept}
		j.On = []plan.Equal{{Left: convert(leaf(&plan.Ref{Col: col}, scalar(col.Type)), key.Type).x, Right: &plan.Ref{Col: key}}}
		if g.part >= 0 {
			j.On = append(j.On, plan.Equal{Left: &plan.Ref{Col: open.EdgePart}, Right: &plan.Ref{Col: kept.Columns()[g.part]}})
		}
		edges = j
	}
	out.edges = c.share("", open.edgeRel.with(edges), false)
	return asGraph(&out)
}

// whereEdges keeps the edges for which a condition holds, and all nodes.
func (c *checker) whereEdges(g *graph, op *syntax.GraphWhere, cx context) *relation {
	edges := c.use(g.edges)
	condition := c.predicate(op.X, cx.over(edges))
	out := *g
	out.edges = c.share("", edges.with(&plan.Filter{Input: edges.node, Predicate: condition.x}), false)
	return asGraph(&out)
}

// markComponents adds the number of its component to each node.
func (c *checker) markComponents(g *graph, op *syntax.GraphMarkComponents) *relation {
	kind := c.oneOf(op, "kind", "weak", "strong")
	name := op.Param("with_component_id")
	if name == "" {
		name = "ComponentId"
	}
	open := c.openGraph(g)
	f := column(name, scalar(value.Long))
	rel := open.nodeRelation(&plan.GraphComponents{Graph: open.Graph, Strong: kind == "strong", Component: f.col})
	if _, taken := rel.find(name); taken {
		c.errorf(keyword(op), CodeDuplicate, "The nodes have a property '%s' already; name another by with_component_id=.", name)
		return c.unknownTable()
	}
	rel.fields = append(slices.Clone(rel.fields), f)
	out := *g
	out.nodes = c.share("", rel, false)
	return asGraph(&out)
}

// oneOf is the value of a parameter, which must be one of the words; the first
// one is the default.
func (c *checker) oneOf(op syntax.Op, name string, words ...string) string {
	v := op.Base().Param(name)
	switch {
	case v == "":
		return words[0]
	case !slices.Contains(words, v):
		d := c.errorf(keyword(op), CodeParameter, "'%s' is no value of %s.", v, name)
		d.Suggestions = words
	}
	return v
}
