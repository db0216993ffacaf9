package eval

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// graphComponents numbers the components of a graph, in the order of their first
// nodes.
func (x *run) graphComponents(n *plan.GraphComponents, outer *scope) (rows, error) {
	net, err := x.network(&n.Graph, outer)
	if err != nil {
		return nil, err
	}
	var member []int32
	if n.Strong && !n.Undirected {
		member, err = net.strongComponents(x)
	} else {
		member = net.weakComponents()
	}
	if err != nil {
		return nil, err
	}
	number := map[int32]int64{} // of a component
	counts := map[string]int64{}
	out := make(rows, len(net.nodes))
	var key []byte
	for i, row := range net.nodes {
		key = key[:0]
		if net.part >= 0 {
			key = row[net.part].AppendKey(key)
		}
		c, ok := number[member[i]]
		if !ok {
			c = counts[string(key)]
			counts[string(key)]++
			number[member[i]] = c
		}
		out[i] = append(row[:len(row):len(row)], value.LongOf(c))
		if err := x.grow(out[i], i+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// weakComponents gives each node one that stands for its component: nodes that
// edges connect, whichever way they point.
func (n *network) weakComponents() []int32 {
	root := make([]int32, len(n.nodes))
	for i := range root {
		root[i] = int32(i)
	}
	find := func(i int32) int32 {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for e := range n.edges {
		if n.from[e] < 0 {
			continue
		}
		a, b := find(n.from[e]), find(n.to[e])
		root[max(a, b)] = min(a, b)
	}
	for i := range root {
		root[i] = find(int32(i))
	}
	return root
}

// strong is Tarjan's search for strong components, without recursion.
type strong struct {
	net     *network
	order   []int32 // in which a node was met, from 1; 0: not yet
	low     []int32 // the earliest node that is reached from it and still open
	open    []bool
	stack   []int32 // open nodes
	walk    []strongStep
	member  []int32
	counter int32
}

// strongStep is a node whose edges are being followed.
type strongStep struct {
	node int32
	next int // edge to follow
}

func (n *network) strongComponents(x *run) ([]int32, error) {
	size := len(n.nodes)
	s := &strong{net: n, order: make([]int32, size), low: make([]int32, size), open: make([]bool, size), member: make([]int32, size)}
	for i := range n.nodes {
		if s.order[i] != 0 {
			continue
		}
		s.enter(int32(i))
		for len(s.walk) > 0 {
			s.advance()
			if err := x.step(1); err != nil {
				return nil, err
			}
		}
	}
	return s.member, nil
}

func (s *strong) enter(node int32) {
	s.counter++
	s.order[node], s.low[node], s.open[node] = s.counter, s.counter, true
	s.stack = append(s.stack, node)
	s.walk = append(s.walk, strongStep{node: node})
}

// advance follows one edge of the latest node, or leaves it.
func (s *strong) advance() {
	top := &s.walk[len(s.walk)-1]
	node := top.node
	if edges := s.net.out.at(node); top.next < len(edges) {
		next := s.net.to[edges[top.next]]
		top.next++
		switch {
		case s.order[next] == 0:
			s.enter(next)
		case s.open[next]:
			s.low[node] = min(s.low[node], s.order[next])
		}
		return
	}
	s.walk = s.walk[:len(s.walk)-1]
	if len(s.walk) > 0 {
		parent := s.walk[len(s.walk)-1].node
		s.low[parent] = min(s.low[parent], s.low[node])
	}
	if s.low[node] != s.order[node] {
		return
	}
	for {
		last := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		s.open[last], s.member[last] = false, node
		if last == node {
			return
		}
	}
}
