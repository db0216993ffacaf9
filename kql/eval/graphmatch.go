package eval

import (
	"math"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// graphSearch finds the matches of a pattern in a network. It walks the links in
// an order in which each starts at a point that is bound already, and tests each
// condition as soon as what it reads is there.
type graphSearch struct {
	x     *run
	n     *plan.GraphMatch
	net   *network
	scope *scope // of a match: the properties of its single elements
	row   []value.Value

	pointReads, linkReads []elementReader
	pointTests, linkTests [][]localTest // of single nodes and edges, by point and link
	innerTests            [][]localTest // of the inner nodes of a variable length
	late                  []lateTest
	items                 []rowFunc

	steps    []searchStep
	start    int     // the point that is bound first
	points   []int32 // nodes that the points are bound to, -1: none
	paths    []graphPath
	used     []bool    // edges, for cycles=unique_edges
	distance [][]int32 // by link and node: edges to where the link may end; nil: not known
	met      []int32   // how often nodes are bound, for cycles=none
	left     int       // edges that may still be walked; -1: any number
	least    []int     // edges that the steps from one on need at least
	cut      bool      // a walk ended for it was too long
	emit     func() error
	out      rows
}

// searchStep walks one link.
type searchStep struct {
	link    int
	from    int // the point that is bound
	to      int
	reverse bool // from the right to the left
	closing bool // to is bound as well
	tests   []test
}

// graphPath is what a link is bound to: edges, and the nodes that they lead to,
// in the order in which they were walked.
type graphPath struct {
	edges, nodes []int32
	reverse      bool
}

// elementReader fills the properties of an element into a row.
type elementReader struct {
	at    []int
	reads []func(int32) value.Value
}

func (r elementReader) fill(row []value.Value, element int32) {
	for i, read := range r.reads {
		row[r.at[i]] = read(element)
	}
}

// localTest is a condition that reads a single element. What it says of each is
// kept.
type localTest struct {
	read elementReader
	row  []value.Value
	is   test
	seen []int8 // by element: 0 not asked yet, 1 true, 2 not
}

func (t *localTest) holds(element int32) bool {
	if t.seen[element] == 0 {
		t.read.fill(t.row, element)
		t.seen[element] = 2
		if t.is(t.row) == yes {
			t.seen[element] = 1
		}
	}
	return t.seen[element] == 1
}

func allHold(tests []localTest, element int32) bool {
	for i := range tests {
		if !tests[i].holds(element) {
			return false
		}
	}
	return true
}

// lateTest is a condition over several elements.
type lateTest struct {
	is            test
	points, links map[int]bool
}

func (x *run) graphMatch(n *plan.GraphMatch, outer *scope) (rows, error) {
	net, err := x.network(&n.Graph, outer)
	if err != nil {
		return nil, err
	}
	s := &graphSearch{x: x, n: n, net: net, left: -1}
	s.emit = s.put
	if err := s.prepare(outer); err != nil {
		return nil, err
	}
	if n.Shortest {
		err = s.shortest()
	} else {
		err = s.all()
	}
	return s.out, err
}

// prepare compiles what the search needs.
func (s *graphSearch) prepare(outer *scope) error {
	var cols []*plan.Column
	reader := func(props []plan.GraphProperty, edge bool) elementReader {
		r := elementReader{reads: s.net.readers(props, edge)}
		for _, p := range props {
			r.at = append(r.at, len(cols))
			cols = append(cols, p.Col)
		}
		return r
	}
	for _, p := range s.n.Points {
		s.pointReads = append(s.pointReads, reader(p.Props, false))
	}
	for _, l := range s.n.Links {
		s.linkReads = append(s.linkReads, reader(l.Props, true))
	}
	s.row = make([]value.Value, len(cols))
	s.scope = &scope{layout: LayoutOf(cols), outer: outer, row: s.row}
	s.points = make([]int32, len(s.n.Points))
	s.paths = make([]graphPath, len(s.n.Links))
	s.reset()
	c := s.compiler()
	if err := s.conditions(c); err != nil {
		return err
	}
	for _, it := range s.n.Items {
		k, err := c.compile(it.Expr)
		if err != nil {
			return err
		}
		s.items = append(s.items, typed(k.fn, it.Expr.Type(), it.Col.Type))
	}
	return nil
}

func (s *graphSearch) compiler() *compiler {
	return &compiler{scope: s.scope, env: &s.x.env, table: s.x.table, paths: s}
}

func (s *graphSearch) reset() {
	for i := range s.points {
		s.points[i] = -1
	}
}

// overPath compiles what is computed along a path.
func (s *graphSearch) overPath(c *compiler, e *plan.OverPath) (code, error) {
	var cols []*plan.Column
	r := elementReader{reads: s.net.readers(e.Props, !e.Inner)}
	for i, p := range e.Props {
		r.at = append(r.at, i)
		cols = append(cols, p.Col)
	}
	inner := *c
	inner.scope = &scope{layout: LayoutOf(cols), outer: c.scope, row: make([]value.Value, len(cols))}
	k, err := inner.compile(e.X)
	if err != nil {
		return code{}, err
	}
	around, own := c.scope, inner.scope
	return code{fn: func(row []value.Value) value.Value {
		around.row = row
		return s.fold(e, func(element int32) value.Value {
			r.fill(own.row, element)
			return k.fn(own.row)
		})
	}}, nil
}

// fold computes a value for each edge or inner node of a path, from left to
// right.
func (s *graphSearch) fold(e *plan.OverPath, compute func(int32) value.Value) value.Value {
	p := s.paths[e.Link]
	list := p.edges
	if e.Inner {
		list = p.nodes[:max(0, len(p.nodes)-1)]
	}
	items := make([]value.JSON, 0, len(list))
	for i := range list {
		element := list[i]
		if p.reverse {
			element = list[len(list)-1-i]
		}
		v := compute(element)
		switch {
		case e.Fold == plan.FoldMap:
			items = append(items, v.JSON())
		case (truth(v) == yes) != (e.Fold == plan.FoldAll):
			return value.BoolOf(e.Fold == plan.FoldAny)
		}
	}
	if e.Fold == plan.FoldMap {
		return value.ArrayOf(items...).Value()
	}
	return value.BoolOf(e.Fold == plan.FoldAll)
}

// conditions compiles the conditions and finds out which single elements some of
// them are about.
func (s *graphSearch) conditions(c *compiler) error {
	s.pointTests = make([][]localTest, len(s.n.Points))
	s.linkTests, s.innerTests = make([][]localTest, len(s.n.Links)), make([][]localTest, len(s.n.Links))
	for _, e := range s.n.Where {
		points, links := s.needs(e)
		if over, ok := e.(*plan.OverPath); ok && over.Fold == plan.FoldAll && len(points) == 0 && len(links) == 1 {
			if err := s.alongPath(over); err != nil {
				return err
			}
			continue
		}
		is, err := c.test(e)
		if err != nil {
			return err
		}
		switch {
		case len(points) == 1 && len(links) == 0:
			for p := range points {
				s.pointTests[p] = append(s.pointTests[p], localTest{read: s.pointReads[p], row: s.row, is: is, seen: make([]int8, len(s.net.nodes))})
			}
		default:
			s.late = append(s.late, lateTest{is: is, points: points, links: links})
		}
	}
	return nil
}

// alongPath compiles a condition on each edge or inner node of a path.
func (s *graphSearch) alongPath(e *plan.OverPath) error {
	var cols []*plan.Column
	t := localTest{read: elementReader{reads: s.net.readers(e.Props, !e.Inner)}, row: make([]value.Value, len(e.Props))}
	for i, p := range e.Props {
		t.read.at = append(t.read.at, i)
		cols = append(cols, p.Col)
	}
	c := s.compiler()
	c.scope = &scope{layout: LayoutOf(cols), outer: s.scope, row: t.row}
	var err error
	if t.is, err = c.test(e.X); err != nil {
		return err
	}
	if e.Inner {
		t.seen = make([]int8, len(s.net.nodes))
		s.innerTests[e.Link] = append(s.innerTests[e.Link], t)
	} else {
		t.seen = make([]int8, len(s.net.edges))
		s.linkTests[e.Link] = append(s.linkTests[e.Link], t)
	}
	return nil
}

// needs are the points and links that an expression reads.
func (s *graphSearch) needs(e plan.Expr) (points, links map[int]bool) {
	points, links = map[int]bool{}, map[int]bool{}
	pointOf, linkOf := map[*plan.Column]int{}, map[*plan.Column]int{}
	for i, p := range s.n.Points {
		for _, prop := range p.Props {
			pointOf[prop.Col] = i
		}
	}
	for i, l := range s.n.Links {
		for _, prop := range l.Props {
			linkOf[prop.Col] = i
		}
	}
	plan.Walk(e, func(e plan.Expr) {
		switch e := e.(type) {
		case *plan.Ref:
			if i, ok := pointOf[e.Col]; ok {
				points[i] = true
			}
			if i, ok := linkOf[e.Col]; ok {
				links[i] = true
			}
		case *plan.OverPath:
			links[e.Link] = true
		}
	})
	return points, links
}

// put makes a row of the match.
func (s *graphSearch) put() error {
	row := make([]value.Value, len(s.items))
	for i, fn := range s.items {
		row[i] = fn(s.row)
	}
	s.out = append(s.out, row)
	return s.x.grow(row, len(s.out))
}

// candidates are the nodes that a point may be bound to, by the conditions on it
// alone; nil: all.
func (s *graphSearch) candidates(point int) []int32 {
	if len(s.pointTests[point]) == 0 {
		return nil
	}
	out := []int32{}
	for i := range s.net.nodes {
		if allHold(s.pointTests[point], int32(i)) {
			out = append(out, int32(i))
		}
	}
	return out
}

// begin is the point with the fewest candidates, and those.
func (s *graphSearch) begin() (point int, list []int32) {
	fewest := math.MaxInt
	for i := range s.n.Points {
		if c := s.candidates(i); c != nil && len(c) < fewest {
			point, list, fewest = i, c, len(c)
		}
	}
	if list == nil {
		list = make([]int32, len(s.net.nodes))
		for i := range list {
			list[i] = int32(i)
		}
	}
	return point, list
}
