package eval_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/eval"
)

// naive finds matches by trying everything. Nodes go by numbers from 0, edges by
// their places.
type naive struct {
	edges      [][2]int
	undirected bool
	size       int
	points     int
	links      []naiveLink
	cycles     string
	found      []naiveMatch
}

type naiveLink struct {
	left, right       int
	forward, backward bool
	low, high         int
}

type naiveMatch struct {
	points []int
	paths  [][]int // edges
	inner  [][]int // nodes
}

func (n *naive) run() {
	points := make([]int, n.points)
	for {
		n.link(naiveMatch{points: slices.Clone(points)})
		i := 0
		for ; i < n.points; i++ {
			if points[i]++; points[i] < n.size {
				break
			}
			points[i] = 0
		}
		if i == n.points {
			return
		}
	}
}

// link tries all walks for the next link.
func (n *naive) link(m naiveMatch) {
	k := len(m.paths)
	if k == len(n.links) {
		if n.allowed(m) {
			n.found = append(n.found, m)
		}
		return
	}
	l := n.links[k]
	n.walk(l, m.points[l.left], m.points[l.right], nil, nil, func(path, nodes []int) {
		next := naiveMatch{points: m.points, paths: append(slices.Clone(m.paths), slices.Clone(path)), inner: append(slices.Clone(m.inner), slices.Clone(nodes[:max(0, len(nodes)-1)]))}
		n.link(next)
	})
}

func (n *naive) walk(l naiveLink, at, end int, path, nodes []int, found func(path, nodes []int)) {
	if len(path) >= l.low && at == end {
		found(path, nodes)
	}
	if len(path) == l.high {
		return
	}
	for i, e := range n.edges {
		next := -1
		switch {
		case (l.forward || n.undirected) && e[0] == at:
			next = e[1]
		case (l.backward || n.undirected) && e[1] == at:
			next = e[0]
		}
		if next >= 0 {
			n.walk(l, next, end, append(path, i), append(nodes, next), found)
		}
	}
}

// allowed judges the cycles of a match.
func (n *naive) allowed(m naiveMatch) bool {
	edges := slices.Concat(m.paths...)
	switch n.cycles {
	case "unique_edges":
		sorted := slices.Sorted(slices.Values(edges))
		return len(slices.Compact(sorted)) == len(edges)
	case "none":
		same := map[int]int{} // points that a path of no edges makes one
		for i, l := range n.links {
			if len(m.paths[i]) == 0 && l.left != l.right {
				same[l.right] = l.left
			}
		}
		nodes := slices.Concat(m.inner...)
		for i, p := range m.points {
			if _, ok := same[i]; !ok {
				nodes = append(nodes, p)
			}
		}
		slices.Sort(nodes)
		return len(slices.Compact(slices.Clone(nodes))) == len(nodes) && len(edges) == len(nodes)-1
	}
	return true
}

func (m naiveMatch) length() int { return len(slices.Concat(m.paths...)) }

// text is a match as the query prints it.
func (m naiveMatch) text() string {
	out := make([]string, 0, len(m.points)+2*len(m.paths))
	for _, p := range m.points {
		out = append(out, fmt.Sprint(p))
	}
	for i := range m.paths {
		out = append(out, list(m.paths[i]), list(m.inner[i]))
	}
	return strings.Join(out, " | ")
}

func list(numbers []int) string {
	return strings.ReplaceAll(fmt.Sprint(append([]int{}, numbers...)), " ", ",")
}

// graphPattern is a pattern with its links spelled for the naive search.
type graphPattern struct {
	text   string
	points string // names
	links  []naiveLink
}

var graphPatterns = []graphPattern{
	{"(a)-[e]->(b)", "ab", []naiveLink{{0, 1, true, false, 1, 1}}},
	{"(a)<-[e]-(b)-[f]-(c)", "abc", []naiveLink{{0, 1, false, true, 1, 1}, {1, 2, true, true, 1, 1}}},
	{"(a)-[e*1..3]->(b)", "ab", []naiveLink{{0, 1, true, false, 1, 3}}},
	{"(a)<-[e*2..3]-(b)", "ab", []naiveLink{{0, 1, false, true, 2, 3}}},
	{"(a)-[e*0..2]-(b)-[f]->(c)", "abc", []naiveLink{{0, 1, true, true, 0, 2}, {1, 2, true, false, 1, 1}}},
	{"(a)-[e]->(b)-[f*1..2]->(a)", "ab", []naiveLink{{0, 1, true, false, 1, 1}, {1, 0, true, false, 1, 2}}},
	{"(a)-[e*0..3]->(a)", "a", []naiveLink{{0, 0, true, false, 0, 3}}},
	{"(a)-[e]->(b), (b)<-[f*0..2]-(c), (b)-[g]-(a)", "abc", []naiveLink{{0, 1, true, false, 1, 1}, {1, 2, false, true, 0, 2}, {1, 0, true, true, 1, 1}}},
}

// condition is a condition with what it means.
type condition struct {
	text  string
	needs string // names
	holds func(n *naive, m naiveMatch) bool
}

var conditions = []condition{
	{"a.n >= 0", "a", func(*naive, naiveMatch) bool { return true }},
	{"a.n == 1", "a", func(_ *naive, m naiveMatch) bool { return m.points[0] == 1 }},
	{"b.n > 1 and a.n != b.n", "ab", func(_ *naive, m naiveMatch) bool { return m.points[1] > 1 && m.points[0] != m.points[1] }},
	{"e.id != 2", "e", func(_ *naive, m naiveMatch) bool { return !slices.Contains(m.paths[0], 2) }},
	{"any(e, id == 1) or a.n == 0", "ae", func(_ *naive, m naiveMatch) bool { return slices.Contains(m.paths[0], 1) || m.points[0] == 0 }},
	{"all(inner_nodes(e), n != 1)", "e", func(_ *naive, m naiveMatch) bool { return !slices.Contains(m.inner[0], 1) }},
	{"all(e, s == a.n or t != b.n)", "abe", func(n *naive, m naiveMatch) bool {
		return !slices.ContainsFunc(m.paths[0], func(i int) bool { return n.edges[i][0] != m.points[0] && n.edges[i][1] == m.points[1] })
	}},
}

// query is the query for a pattern over a graph, with the columns that text
// prints.
func (n *naive) query(operator string, p graphPattern, c condition) string {
	var b strings.Builder
	b.WriteString("datatable(s: long, t: long, id: long)[")
	for i, e := range n.edges {
		fmt.Fprintf(&b, "%d, %d, %d, ", e[0], e[1], i)
	}
	arrow := "-->"
	if n.undirected {
		arrow = "--"
	}
	fmt.Fprintf(&b, "] | make-graph s %s t with (range n from 0 to %d step 1) on n | %s %s where %s project ", arrow, n.size-1, operator, p.text, c.text)
	for i, name := range p.points {
		fmt.Fprintf(&b, "p%d = %c.n, ", i, name)
	}
	for i := range p.links {
		fmt.Fprintf(&b, "e%d = map(%c, id), i%d = map(inner_nodes(%c), n), ", i, "efg"[i], i, "efg"[i])
	}
	return strings.TrimSuffix(b.String(), ", ")
}

func sortedRows(t eval.Table) []string {
	lines := strings.Split(text(t), "\n")[1:]
	slices.Sort(lines)
	return lines
}

func randomGraph(r *rand.Rand) *naive {
	n := &naive{size: 1 + r.IntN(4), undirected: r.IntN(4) == 0}
	for range r.IntN(7) {
		n.edges = append(n.edges, [2]int{r.IntN(n.size), r.IntN(n.size)})
	}
	return n
}

// cases runs a test for random graphs, each pattern and each condition that fits.
func cases(t *testing.T, do func(t *testing.T, n *naive, p graphPattern, c condition)) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 25 {
		n := randomGraph(r)
		for _, p := range graphPatterns {
			for _, c := range conditions {
				if !strings.Contains(c.needs, "b") || strings.Contains(p.points, "b") {
					n.points, n.links, n.found = len(p.points), p.links, nil
					do(t, n, p, c)
				}
			}
		}
	}
}

// TestMatchesAreThoseOfTheNaiveSearch compares graph-match with trying
// everything.
func TestMatchesAreThoseOfTheNaiveSearch(t *testing.T) {
	for _, cycles := range []string{"unique_edges", "all", "none"} {
		cases(t, func(t *testing.T, n *naive, p graphPattern, c condition) {
			n.cycles = cycles
			n.run()
			var want []string
			for _, m := range n.found {
				if c.holds(n, m) {
					want = append(want, m.text())
				}
			}
			slices.Sort(want)
			query := n.query("graph-match cycles="+cycles, p, c)
			got, err := execute(query, generous)
			if err != nil || !slices.Equal(sortedRows(got), want) {
				t.Fatalf("%s\ngives %v\n%s\nwant\n%s", query, err, strings.Join(sortedRows(got), "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// TestShortestPathsAreThoseOfTheNaiveSearch compares graph-shortest-paths with
// the shortest of all walks.
func TestShortestPathsAreThoseOfTheNaiveSearch(t *testing.T) {
	cases(t, func(t *testing.T, n *naive, p graphPattern, c condition) {
		if strings.Contains(p.text, ",") || !strings.Contains(p.text, "*") {
			return
		}
		n.cycles = "all"
		n.run()
		last := n.links[len(n.links)-1].right
		best := map[[2]int]int{}
		for _, m := range n.found {
			if ends := [2]int{m.points[0], m.points[last]}; c.holds(n, m) && (best[ends] == 0 || m.length()+1 < best[ends]) {
				best[ends] = m.length() + 1
			}
		}
		var want []string
		for _, m := range n.found {
			if c.holds(n, m) && m.length()+1 == best[[2]int{m.points[0], m.points[last]}] {
				want = append(want, m.text())
			}
		}
		slices.Sort(want)
		query := n.query("graph-shortest-paths output=all", p, c)
		got, err := execute(query, generous)
		if err != nil || !slices.Equal(sortedRows(got), want) {
			t.Fatalf("%s\ngives %v\n%s\nwant\n%s", query, err, strings.Join(sortedRows(got), "\n"), strings.Join(want, "\n"))
		}
		one, err := execute(n.query("graph-shortest-paths", p, c), generous)
		rows := sortedRows(one)
		if err != nil || len(rows) != len(best) || slices.ContainsFunc(rows, func(r string) bool { return !slices.Contains(want, r) }) {
			t.Fatalf("%s\nwith output=any gives %v\n%s\nwant %d of\n%s", query, err, strings.Join(rows, "\n"), len(best), strings.Join(want, "\n"))
		}
	})
}
