package eval

import "github.com/clew-sec/clew/kql/plan"

// shortest finds the shortest paths from the first point of the pattern to the
// last one.
func (s *graphSearch) shortest() error {
	s.start = 0
	last := s.n.Links[len(s.n.Links)-1].Right
	list := s.candidates(0)
	if list == nil {
		list = allNodes(s.net)
	}
	s.arrange()
	if s.plainChain(last) {
		return s.breadthFirst(list, last)
	}
	return s.deeper(list, last)
}

func allNodes(n *network) []int32 {
	out := make([]int32, len(n.nodes))
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// plainChain tells whether all conditions are about single elements, or about the
// two ends, so that the shortest way to a node does not depend on how it goes on.
func (s *graphSearch) plainChain(last int) bool {
	ends := map[int]bool{0: true, last: true}
	for _, t := range s.late {
		single := len(t.points) == 0 && len(t.links) == 1
		for i := range t.links {
			single = single && !s.n.Links[i].Variable
		}
		if !single && !(len(t.links) == 0 && allIn(t.points, ends)) {
			return false
		}
	}
	return len(s.n.Points) == len(s.n.Links)+1
}

// deeper looks for paths of one length after the other and keeps those of the
// first length for each pair of ends. It serves conditions over whole paths.
func (s *graphSearch) deeper(list []int32, last int) error {
	type pair struct{ from, to int32 }
	found := map[pair]int{}
	most := 0
	for _, l := range s.n.Links {
		most += l.Max
	}
	for length := s.least[0]; length <= most; length++ {
		s.left, s.cut = length, false
		s.emit = func() error {
			p := pair{s.points[0], s.points[last]}
			if at, ok := found[p]; ok && (at < length || !s.n.Ties) {
				return nil
			}
			found[p] = length
			return s.put()
		}
		if err := s.from(list); err != nil {
			return err
		}
		if !s.cut {
			return nil
		}
	}
	return nil
}

// place of a breadth-first search: a node that has been reached after so many
// edges of a step.
type frontier struct {
	step, hops int
	node       int32
}

// arrival is how a place was reached first: in which round, and from where. Later
// ones of the same round are kept for ties.
type arrival struct {
	round int
	from  []trace
}

// trace is the place before, and the edge from there; -1: the step ended.
type trace struct {
	place frontier
	edge  int32
}

// breadth is the search from one node.
type breadth struct {
	s       *graphSearch
	last    int
	single  bool // there is one variable length, whose edges beyond the least need no count
	seen    map[frontier]*arrival
	round   int
	now     []frontier
	next    []frontier
	reached []frontier // ends
	wanted  int        // ends that there can be; -1: unknown
}

// breadthFirst searches from each node.
func (s *graphSearch) breadthFirst(list []int32, last int) error {
	variable := 0
	for _, l := range s.n.Links {
		if l.Variable {
			variable++
		}
	}
	wanted := -1
	if ends := s.candidates(last); ends != nil {
		wanted = len(ends)
	}
	for _, node := range list {
		if !allHold(s.pointTests[0], node) || wanted == 0 {
			continue
		}
		b := &breadth{s: s, last: last, single: variable == 1, seen: map[frontier]*arrival{}, wanted: wanted}
		if err := b.run(node); err != nil {
			return err
		}
	}
	return nil
}

func (b *breadth) run(node int32) error {
	start := frontier{node: node}
	b.seen[start] = &arrival{}
	b.now = []frontier{start}
	for len(b.now) > 0 {
		for i := 0; i < len(b.now); i++ { // grows by places that are reached without an edge
			if err := b.expand(b.now[i]); err != nil {
				return err
			}
		}
		if b.wanted >= 0 && len(b.reached) == b.wanted {
			break
		}
		b.now, b.next = b.next, b.now[:0]
		b.round++
	}
	for _, end := range b.reached {
		if err := b.s.unwind(b, end, node); err != nil {
			return err
		}
	}
	return nil
}

// reach notes that a place is reached by an edge, or without one.
func (b *breadth) reach(place, before frontier, edge int32) error {
	round := b.round
	if edge >= 0 {
		round++
	}
	if a := b.seen[place]; a != nil {
		if b.s.n.Ties && a.round == round {
			a.from = append(a.from, trace{before, edge})
			return b.s.x.spend(valueSize)
		}
		return nil
	}
	b.seen[place] = &arrival{round: round, from: []trace{{before, edge}}}
	switch {
	case edge < 0:
		b.now = append(b.now, place)
	default:
		b.next = append(b.next, place)
	}
	if place.step == len(b.s.steps) {
		b.reached = append(b.reached, place)
	}
	return b.s.x.spend(4 * valueSize)
}

// expand follows the edges from a place.
func (b *breadth) expand(at frontier) error {
	s := b.s
	if err := s.x.step(1); err != nil {
		return err
	}
	if at.step == len(s.steps) {
		return nil
	}
	st := &s.steps[at.step]
	l := &s.n.Links[st.link]
	hops := b.walked(at)
	if hops >= l.Min && l.Variable && allHold(s.pointTests[st.to], at.node) {
		if err := b.reach(frontier{step: at.step + 1, node: at.node}, at, -1); err != nil {
			return err
		}
	}
	if hops >= l.Max || hops > 0 && !allHold(s.innerTests[st.link], at.node) {
		return nil
	}
	return s.net.neighbours(at.node, l.Forward, l.Backward, func(edge, next int32) error { return b.hop(at, l, edge, next) })
}

// walked is how many edges of its step lead to a place.
func (b *breadth) walked(at frontier) int {
	if !b.single || at.hops < max(1, b.s.n.Links[b.s.steps[min(at.step, len(b.s.steps)-1)].link].Min) {
		return at.hops
	}
	return b.round - at.step // the steps before have one edge each
}

func (b *breadth) hop(at frontier, l *plan.GraphLink, edge, next int32) error {
	s := b.s
	if err := s.x.step(1); err != nil {
		return err
	}
	st := &s.steps[at.step]
	if !allHold(s.linkTests[st.link], edge) {
		return nil
	}
	if !l.Variable {
		s.linkReads[st.link].fill(s.row, edge)
		if !s.pass(s.onlyLink(st.link)) || !allHold(s.pointTests[st.to], next) {
			return nil
		}
		return b.reach(frontier{step: at.step + 1, node: next}, at, edge)
	}
	hops := b.walked(at) + 1
	if b.single {
		hops = min(hops, max(1, l.Min))
	}
	return b.reach(frontier{step: at.step, hops: hops, node: next}, at, edge)
}

// onlyLink are the late tests that read a single edge alone.
func (s *graphSearch) onlyLink(link int) []test {
	return s.ready(map[int]bool{}, map[int]bool{link: true}, nil)
}

// unwind makes rows of the ways to an end.
func (s *graphSearch) unwind(b *breadth, end frontier, start int32) error {
	for i := range s.paths {
		s.paths[i] = graphPath{edges: s.paths[i].edges[:0], nodes: s.paths[i].nodes[:0], reverse: true}
	}
	if !s.bind(b.last, end.node) || !s.bind(0, start) {
		return nil
	}
	_, err := s.back(b, end)
	return err
}

// back follows one trace of a place after the other to the start. The paths grow
// from their ends. done tells that a row has been made and no more are asked for.
func (s *graphSearch) back(b *breadth, at frontier) (done bool, err error) {
	if err := s.x.step(1); err != nil {
		return true, err
	}
	from := b.seen[at].from
	if len(from) == 0 {
		return s.finish()
	}
	for _, t := range from {
		st := &s.steps[t.place.step]
		if t.place.step != at.step {
			s.points[st.to] = at.node
			s.pointReads[st.to].fill(s.row, at.node)
		}
		if t.edge < 0 {
			done, err = s.back(b, t.place)
		} else {
			done, err = s.backOver(b, t)
		}
		if done || err != nil {
			return done, err
		}
	}
	return false, nil
}

func (s *graphSearch) backOver(b *breadth, t trace) (bool, error) {
	st := &s.steps[t.place.step]
	if !s.n.Links[st.link].Variable {
		s.linkReads[st.link].fill(s.row, t.edge)
	}
	p := &s.paths[st.link]
	p.edges, p.nodes = append(p.edges, t.edge), append(p.nodes, t.place.node)
	done, err := s.back(b, t.place)
	p.edges, p.nodes = p.edges[:len(p.edges)-1], p.nodes[:len(p.nodes)-1]
	return done, err
}

// finish makes a row of the path that has been followed, unless the conditions on
// its ends forbid it.
func (s *graphSearch) finish() (bool, error) {
	for _, t := range s.late {
		if t.is(s.row) != yes {
			return false, nil
		}
	}
	return !s.n.Ties, s.put()
}
