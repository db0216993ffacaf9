package eval

import (
	"fmt"
	"math"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// network is a graph in memory. Nodes and edges go by their places in the
// tables.
type network struct {
	nodes, edges   rows
	nodeAt, edgeAt Layout
	key, part      int // places in the rows of nodes; part is -1 without partitions
	from, to       []int32
	out, in        adjacency
	undirected     bool
}

// adjacency lists the edges at each node.
type adjacency struct {
	start []int32 // of the edges of a node, with an end behind the last one
	edges []int32
}

func (a *adjacency) at(node int32) []int32 { return a.edges[a.start[node]:a.start[node+1]] }

// nodeKeys makes the identities of nodes.
type nodeKeys struct {
	t   value.Type
	buf []byte
}

// of is the identity of a node: its key, in the type in which keys are compared,
// and its partition, if there are any.
func (k *nodeKeys) of(row []value.Value, key, part int) string {
	k.buf = value.Convert(row[key], k.t).AppendKey(k.buf[:0])
	if part >= 0 {
		k.buf = row[part].AppendKey(k.buf)
	}
	return string(k.buf)
}

// place is where a column stands, -1 for none.
func place(l Layout, c *plan.Column) int {
	if c == nil {
		return -1
	}
	return l[c]
}

// network reads a graph.
func (x *run) network(g *plan.Graph, outer *scope) (*network, error) {
	n := &network{undirected: g.Undirected, nodeAt: LayoutOf(g.Nodes.Columns()), edgeAt: LayoutOf(g.Edges.Columns())}
	var err error
	if n.nodes, err = x.node(g.Nodes, outer); err != nil {
		return nil, err
	}
	if n.edges, err = x.node(g.Edges, outer); err != nil {
		return nil, err
	}
	if len(n.nodes) > math.MaxInt32/2 || len(n.edges) > math.MaxInt32/2 {
		return nil, fmt.Errorf("graph: %w", &LimitError{"rows", math.MaxInt32 / 2})
	}
	n.key, n.part = n.nodeAt[g.Key], place(n.nodeAt, g.Part)
	keys := nodeKeys{t: g.Key.Type}
	at := make(map[string]int32, len(n.nodes))
	for i, row := range n.nodes {
		at[keys.of(row, n.key, n.part)] = int32(i)
	}
	source, target, part := n.edgeAt[g.Source], n.edgeAt[g.Target], place(n.edgeAt, g.EdgePart)
	n.from, n.to = make([]int32, len(n.edges)), make([]int32, len(n.edges))
	for i, row := range n.edges {
		n.from[i], n.to[i] = -1, -1
		from, ok1 := at[keys.of(row, source, part)]
		to, ok2 := at[keys.of(row, target, part)]
		if ok1 && ok2 {
			n.from[i], n.to[i] = from, to
		}
	}
	n.out, n.in = adjacent(n.from, len(n.nodes)), adjacent(n.to, len(n.nodes))
	return n, x.step(len(n.nodes) + len(n.edges))
}

// adjacent lists for each node the edges that have it at one end, in order.
func adjacent(ends []int32, nodes int) adjacency {
	a := adjacency{start: make([]int32, nodes+1)}
	for _, e := range ends {
		if e >= 0 {
			a.start[e+1]++
		}
	}
	for i := range nodes {
		a.start[i+1] += a.start[i]
	}
	a.edges = make([]int32, a.start[nodes])
	next := make([]int32, nodes)
	copy(next, a.start)
	for i, e := range ends {
		if e >= 0 {
			a.edges[next[e]] = int32(i)
			next[e]++
		}
	}
	return a
}

// neighbours calls f with the edges of a node that may be walked in a direction,
// and where they lead, until f is done or fails. A loop counts once.
func (n *network) neighbours(node int32, forward, backward bool, f func(edge, next int32) error) error {
	forward, backward = forward || n.undirected, backward || n.undirected
	if forward {
		for _, e := range n.out.at(node) {
			if err := f(e, n.to[e]); err != nil {
				return err
			}
		}
	}
	if !backward {
		return nil
	}
	for _, e := range n.in.at(node) {
		if forward && n.from[e] == n.to[e] {
			continue
		}
		if err := f(e, n.from[e]); err != nil {
			return err
		}
	}
	return nil
}

// inDegree counts the edges into a node, outDegree those out of it. Where edges
// lead both ways, both count all of them.
func (n *network) inDegree(node int32) int64 {
	if n.undirected {
		return int64(len(n.in.at(node)) + len(n.out.at(node)))
	}
	return int64(len(n.in.at(node)))
}

func (n *network) outDegree(node int32) int64 {
	if n.undirected {
		return n.inDegree(node)
	}
	return int64(len(n.out.at(node)))
}

// readers compile the properties of nodes, or of edges.
func (n *network) readers(props []plan.GraphProperty, edge bool) []func(i int32) value.Value {
	out := make([]func(int32) value.Value, len(props))
	table, layout := n.nodes, n.nodeAt
	if edge {
		table, layout = n.edges, n.edgeAt
	}
	for k, p := range props {
		switch p.Kind {
		case plan.PropertyID:
			out[k] = func(i int32) value.Value { return value.StringOf(n.nodes[i][n.key].String()) }
		case plan.PropertyInDegree:
			out[k] = func(i int32) value.Value { return value.LongOf(n.inDegree(i)) }
		case plan.PropertyOutDegree:
			out[k] = func(i int32) value.Value { return value.LongOf(n.outDegree(i)) }
		default:
			at := layout[p.From]
			out[k] = func(i int32) value.Value { return table[i][at] }
		}
	}
	return out
}

// graphNodes computes the nodes of a graph: those of the tables, and those that
// only edges name.
func (x *run) graphNodes(n *plan.GraphNodes, outer *scope) (rows, error) {
	b := nodeBuilder{x: x, n: n, keys: nodeKeys{t: n.Key.Type}, at: map[string]int{}, first: 1}
	if n.Part != nil {
		b.first = 2
	}
	for _, t := range n.Tables {
		in, err := x.node(t.Node, outer)
		if err != nil {
			return nil, err
		}
		if err := b.table(t, in); err != nil {
			return nil, err
		}
	}
	edges, err := x.node(n.Edges, outer)
	if err != nil {
		return nil, err
	}
	return b.out, b.ends(edges)
}

// nodeBuilder gathers the rows of nodes.
type nodeBuilder struct {
	x     *run
	n     *plan.GraphNodes
	keys  nodeKeys
	at    map[string]int
	first int // place of the first property
	out   rows
}

// row is the row of a node; made tells that it is a new one.
func (b *nodeBuilder) row(from []value.Value, key, part int) (row []value.Value, made bool, err error) {
	id := b.keys.of(from, key, part)
	if i, ok := b.at[id]; ok {
		return b.out[i], false, b.x.step(1)
	}
	row = make([]value.Value, b.first+len(b.n.Cols))
	row[0] = value.Convert(from[key], b.n.Key.Type)
	if part >= 0 {
		row[1] = from[part]
	}
	for i, c := range b.n.Cols {
		row[b.first+i] = value.NullOf(c.Type)
	}
	b.at[id] = len(b.out)
	b.out = append(b.out, row)
	return row, true, b.x.grow(row, len(b.out))
}

// table adds the nodes of a table. What a node has already stays.
func (b *nodeBuilder) table(t plan.NodeTable, in rows) error {
	l := LayoutOf(t.Node.Columns())
	for _, from := range in {
		row, _, err := b.row(from, l[t.Key], place(l, t.Part))
		if err != nil {
			return err
		}
		for i, c := range t.From {
			if have := &row[b.first+i]; c != nil && (have.Null || have.Type == value.String && have.Text == "") {
				*have = fit(from[l[c]], b.n.Cols[i].Type)
			}
		}
	}
	return nil
}

// ends adds the nodes that edges name and no table has.
func (b *nodeBuilder) ends(edges rows) error {
	l := LayoutOf(b.n.Edges.Columns())
	part := place(l, b.n.EdgePart)
	named := make([]int, len(b.n.Named))
	own := LayoutOf(b.n.Cols)
	for i, c := range b.n.Named {
		named[i] = b.first + own[c]
	}
	for _, e := range edges {
		for _, end := range []int{l[b.n.Source], l[b.n.Target]} {
			row, made, err := b.row(e, end, part)
			if err != nil {
				return err
			}
			for _, i := range named {
				if made {
					row[i] = fit(e[end], b.n.Cols[i-b.first].Type)
				}
			}
		}
	}
	return nil
}
