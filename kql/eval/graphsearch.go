package eval

import (
	"math"

	"github.com/clew-sec/clew/kql/plan"
)

// all finds every match.
func (s *graphSearch) all() error {
	var list []int32
	s.start, list = s.begin()
	s.arrange()
	return s.from(list)
}

// from finds the matches whose first bound point is one of the nodes.
func (s *graphSearch) from(list []int32) error {
	switch s.n.Cycles {
	case plan.CyclesUniqueEdges:
		s.used = make([]bool, len(s.net.edges))
	case plan.CyclesNone:
		s.met = make([]int32, len(s.net.nodes))
	}
	if err := s.measure(); err != nil {
		return err
	}
	alone := s.ready(map[int]bool{s.start: true}, map[int]bool{}, nil)
	for _, node := range list {
		if err := s.x.step(1); err != nil {
			return err
		}
		if !s.bind(s.start, node) {
			continue
		}
		if s.pass(alone) {
			if err := s.walk(0); err != nil {
				return err
			}
		}
		s.release(s.start)
	}
	return nil
}

// arrange orders the links so that each begins at a bound point: those that only
// close a cycle first, and single edges before variable lengths.
func (s *graphSearch) arrange() {
	points, links := map[int]bool{s.start: true}, map[int]bool{}
	done := make([]bool, len(s.late))
	s.ready(points, links, done)
	s.steps = nil
	for len(s.steps) < len(s.n.Links) {
		best, rank := -1, 4
		for i, l := range s.n.Links {
			if r := linkRank(l, points); !links[i] && r < rank {
				best, rank = i, r
			}
		}
		l := s.n.Links[best]
		st := searchStep{link: best, from: l.Left, to: l.Right, closing: points[l.Left] && points[l.Right]}
		if !points[l.Left] {
			st.from, st.to, st.reverse = l.Right, l.Left, true
		}
		points[st.to], links[best] = true, true
		st.tests = s.ready(points, links, done)
		s.steps = append(s.steps, st)
	}
	s.least = make([]int, len(s.steps)+1)
	for i := len(s.steps) - 1; i >= 0; i-- {
		s.least[i] = s.least[i+1] + s.n.Links[s.steps[i].link].Min
	}
}

// measure finds for each variable length how many edges each node is away at
// least from where it may end, if conditions say where that is: a walk that can't
// get there any more is given up.
func (s *graphSearch) measure() error {
	if s.distance != nil {
		return nil
	}
	s.distance = make([][]int32, len(s.n.Links))
	for i := range s.steps {
		st := &s.steps[i]
		l := &s.n.Links[st.link]
		ends := s.candidates(st.to)
		if ends == nil || st.closing || l.Max < 2 {
			continue
		}
		d, err := s.distances(st, l, ends)
		if err != nil {
			return err
		}
		s.distance[st.link] = d
	}
	return nil
}

// distances are how many edges of a link lead from each node to one of the ends,
// at least.
func (s *graphSearch) distances(st *searchStep, l *plan.GraphLink, ends []int32) ([]int32, error) {
	d := make([]int32, len(s.net.nodes))
	for i := range d {
		d[i] = math.MaxInt32
	}
	for _, e := range ends {
		d[e] = 0
	}
	forward, backward := st.directions(l)
	for now := ends; len(now) > 0; {
		var next []int32
		for _, node := range now {
			err := s.net.neighbours(node, backward, forward, func(edge, before int32) error {
				if d[before] == math.MaxInt32 && int(d[node]) < l.Max && allHold(s.linkTests[st.link], edge) {
					d[before] = d[node] + 1
					next = append(next, before)
				}
				return s.x.step(1)
			})
			if err != nil {
				return nil, err
			}
		}
		now = next
	}
	return d, nil
}

// linkRank says how late a link is walked; 4: it can't be yet.
func linkRank(l plan.GraphLink, points map[int]bool) int {
	rank := 0
	switch {
	case !points[l.Left] && !points[l.Right]:
		return 4
	case !points[l.Left] || !points[l.Right]:
		rank = 1
	}
	if l.Variable {
		rank += 2
	}
	return rank
}

// ready are the late tests for which all is there, and which were not before.
func (s *graphSearch) ready(points, links map[int]bool, done []bool) []test {
	var out []test
	for i, t := range s.late {
		if done != nil && done[i] || !allIn(t.points, points) || !allIn(t.links, links) {
			continue
		}
		if done != nil {
			done[i] = true
		}
		out = append(out, t.is)
	}
	return out
}

func allIn(some, all map[int]bool) bool {
	for i := range some {
		if !all[i] {
			return false
		}
	}
	return true
}

func (s *graphSearch) pass(tests []test) bool {
	for _, is := range tests {
		if is(s.row) != yes {
			return false
		}
	}
	return true
}

// bind gives a point its node, if the conditions on it allow that.
func (s *graphSearch) bind(point int, node int32) bool {
	if s.met != nil && s.met[node] > 0 || !allHold(s.pointTests[point], node) {
		return false
	}
	s.points[point] = node
	s.pointReads[point].fill(s.row, node)
	if s.met != nil {
		s.met[node]++
	}
	return true
}

func (s *graphSearch) release(point int) {
	if s.met != nil {
		s.met[s.points[point]]--
	}
	s.points[point] = -1
}

// walk goes on with the step k.
func (s *graphSearch) walk(k int) error {
	if k == len(s.steps) {
		if s.left > 0 {
			return nil
		}
		return s.emit()
	}
	st := &s.steps[k]
	p := &s.paths[st.link]
	p.edges, p.nodes, p.reverse = p.edges[:0], p.nodes[:0], st.reverse
	return s.extend(k, s.points[st.from])
}

// extend ends the path of a step at a node if it is long enough, and makes it
// longer if it may be.
func (s *graphSearch) extend(k int, node int32) error {
	st, l := &s.steps[k], &s.n.Links[s.steps[k].link]
	hops := len(s.paths[st.link].edges)
	if hops >= l.Min {
		if err := s.arrive(k, node); err != nil {
			return err
		}
	}
	if hops >= l.Max {
		return nil
	}
	if s.left >= 0 && s.left-1 < s.least[k+1]+max(0, l.Min-hops-1) {
		s.cut = true
		return nil
	}
	if hops > 0 {
		if !allHold(s.innerTests[st.link], node) || s.met != nil && s.met[node] > 0 {
			return nil
		}
		if s.met != nil {
			s.met[node]++
			defer func() { s.met[node]-- }()
		}
	}
	forward, backward := st.directions(l)
	return s.net.neighbours(node, forward, backward, func(edge, next int32) error { return s.hop(k, edge, next) })
}

// directions are those in which the edges of a link may be walked.
func (st *searchStep) directions(l *plan.GraphLink) (forward, backward bool) {
	if st.reverse {
		return l.Backward, l.Forward
	}
	return l.Forward, l.Backward
}

// hop walks one edge.
func (s *graphSearch) hop(k int, edge, next int32) error {
	if err := s.x.step(1); err != nil {
		return err
	}
	st := &s.steps[k]
	if s.used != nil && s.used[edge] || !allHold(s.linkTests[st.link], edge) {
		return nil
	}
	p := &s.paths[st.link]
	if d := s.distance[st.link]; d != nil && int(d[next]) > s.n.Links[st.link].Max-len(p.edges)-1 {
		return nil
	}
	if s.used != nil {
		s.used[edge] = true
	}
	if s.left > 0 {
		s.left--
	}
	p.edges, p.nodes = append(p.edges, edge), append(p.nodes, next)
	limited := s.left
	err := s.extend(k, next)
	p.edges, p.nodes = p.edges[:len(p.edges)-1], p.nodes[:len(p.nodes)-1]
	if limited >= 0 {
		s.left++
	}
	if s.used != nil {
		s.used[edge] = false
	}
	return err
}

// arrive ends the path of a step at a node, and goes on with the next step.
func (s *graphSearch) arrive(k int, node int32) error {
	st := &s.steps[k]
	p := s.paths[st.link]
	stays := len(p.edges) == 0 // a path of no edges ends where it begins
	switch {
	case st.closing && (s.points[st.to] != node || s.met != nil && !stays):
		return nil
	case st.closing:
	case stays:
		if !allHold(s.pointTests[st.to], node) {
			return nil
		}
		s.points[st.to] = node
		s.pointReads[st.to].fill(s.row, node)
	default:
		if !s.bind(st.to, node) {
			return nil
		}
	}
	if !s.n.Links[st.link].Variable {
		s.linkReads[st.link].fill(s.row, p.edges[0])
	}
	var err error
	if s.pass(st.tests) {
		err = s.walk(k + 1)
	}
	switch {
	case st.closing:
	case stays:
		s.points[st.to] = -1
	default:
		s.release(st.to)
	}
	return err
}
