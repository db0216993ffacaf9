package correlate

import (
	"fmt"
	"math"
)

// MaxDepth is how many splits lie above a leaf at most.
const MaxDepth = 4

// Bounds of what the arrays of a grown tree hold.
const (
	places   = 2 << MaxDepth
	maxWidth = 64 // features
)

// grown is a tree laid out to its full depth: the root is at 1, below n lie 2n and
// 2n+1. Above the full depth a leaf is a split that all pass to the left. So a
// tree is walked without a branch that the processor could guess wrongly, and
// without a look at the bounds of an array.
type grown struct {
	at      [places / 2]float32
	value   [places]float32
	feature [places / 2]uint8
}

// plant lays a tree out.
func (g *grown) plant(t Tree, numbers map[string]int) error {
	n := len(t.Feature)
	if n == 0 || n >= places || len(t.At) != n || len(t.Left) != n || len(t.Value) != n {
		return fmt.Errorf("its arrays differ in length, or it is too large")
	}
	return g.branch(t, numbers, 0, 1)
}

// branch lays out what is below a node of the tree, at a place.
func (g *grown) branch(t Tree, numbers map[string]int, node, place int) error {
	g.value[place] = float32(t.Value[node])
	if t.Feature[node] == "" {
		g.fill(place)
		return nil
	}
	f, ok := numbers[t.Feature[node]]
	left := t.Left[node]
	if !ok || left <= node || left+1 >= len(t.Feature) || place >= places/2 {
		return fmt.Errorf("node %d is broken, or deeper than %d", node, MaxDepth)
	}
	g.feature[place], g.at[place] = uint8(f), t.At[node]
	if err := g.branch(t, numbers, left, 2*place); err != nil {
		return err
	}
	return g.branch(t, numbers, left+1, 2*place+1)
}

// fill lets a leaf go on to the full depth.
func (g *grown) fill(place int) {
	if place >= places/2 {
		return
	}
	g.at[place] = math.MaxFloat32
	for _, below := range []int{2 * place, 2*place + 1} {
		g.value[below] = g.value[place]
		g.fill(below)
	}
}

// described is the features with room for all that a tree can name.
type described [maxWidth]float32

// next is the place below a place.
func (g *grown) next(n uint32, x *described) uint32 {
	n %= places / 2
	return 2*n + above(x[g.feature[n]%maxWidth], g.at[n])
}

// above is 1 when x is greater than at, else 0.
func above(x, at float32) uint32 { return math.Float32bits(at-x) >> 31 }

// walk adds up the values of the leaves that the features lead to, two trees at a
// time: the processor follows both at once.
func walk(trees []grown, x *described) float64 {
	sum := 0.0
	for ; len(trees) >= 2; trees = trees[2:] {
		g, h := &trees[0], &trees[1]
		n, m := g.next(1, x), h.next(1, x)
		n, m = g.next(n, x), h.next(m, x)
		n, m = g.next(n, x), h.next(m, x)
		n, m = g.next(n, x), h.next(m, x)
		sum += float64(g.value[n%places])
		sum += float64(h.value[m%places])
	}
	for i := range trees {
		g := &trees[i]
		n := g.next(g.next(g.next(g.next(1, x), x), x), x)
		sum += float64(g.value[n%places])
	}
	return sum
}

// Score gives the log-odds for the features.
func (m *Scorer) Score(x []float32) float64 {
	var d described
	copy(d[:], x)
	return m.start(&d) + walk(m.grown, &d)
}

// start is the score without the trees.
func (m *Scorer) start(x *described) float64 {
	sum := m.Base
	for _, w := range m.weights {
		sum += w.w * float64(x[w.feature])
	}
	return sum
}

// Most candidates are hopeless, and the first trees, which weigh most, tell: a
// score that lies far below after a part of them is left at that.
const (
	firstPart = 4   // one in so many trees
	hopeless  = 2.5 // log-odds below what matters
)

// ScoreAbove is Score, but for a score that after the first trees lies far below
// what matters it gives what it has got to.
func (m *Scorer) ScoreAbove(x []float32, matters float64) float64 {
	var d described
	copy(d[:], x)
	first := len(m.grown) / firstPart
	sum := m.start(&d) + walk(m.grown[:first], &d)
	if sum < matters-hopeless {
		return sum
	}
	return sum + walk(m.grown[first:], &d)
}

// AppendExplained appends what each feature added to the score. Along a tree, a
// split gets the difference between the means before and after it.
func (m *Scorer) AppendExplained(dst []float64, x []float32) []float64 {
	var d described
	copy(d[:], x)
	var out [maxWidth]float64
	for _, w := range m.weights {
		out[w.feature] += w.w * float64(x[w.feature])
	}
	for i := range m.grown {
		g := &m.grown[i]
		for n := uint32(1); n < places/2; {
			next := g.next(n, &d) % places
			out[g.feature[n]%maxWidth] += float64(g.value[next] - g.value[n])
			n = next
		}
	}
	return append(dst, out[:m.width]...)
}
