package correlate

import (
	"fmt"
	"math"
)

// MaxDepth is how many splits lie above a leaf at most.
const MaxDepth = 4

// Bounds of what the arrays of a grown tree hold.
const (
	leaves   = 1 << MaxDepth
	places   = 2 * leaves
	maxWidth = 64 // features
)

// grown is a tree laid out to its full depth: the root is at 1, below n lie 2n and
// 2n+1, the leaves from leaves on. Above the full depth a leaf is a split that all
// pass to the left. So a tree is walked without a branch that the processor could
// guess wrongly, and without a look at the bounds of an array.
type grown struct {
	at      [leaves]float32
	leaf    [leaves]float32
	feature [leaves]uint8
}

// steps are what each place of a tree adds to the mean before it, for explaining a
// score.
type steps [places]float32

// plant lays a tree out.
func (g *grown) plant(t Tree, numbers map[string]int, v *steps) error {
	n := len(t.Feature)
	if n == 0 || n >= places || len(t.At) != n || len(t.Left) != n || len(t.Value) != n {
		return fmt.Errorf("its arrays differ in length, or it is too large")
	}
	for node, name := range t.Feature {
		if left := t.Left[node]; name != "" && (left <= node || left >= n-1) {
			return fmt.Errorf("node %d is broken", node)
		}
	}
	err := g.branch(t, numbers, v, 0, 1)
	copy(g.leaf[:], v[leaves:])
	for place := places - 1; place > 1; place-- {
		v[place] -= v[place/2]
	}
	return err
}

// branch lays out what is below a node of the tree, at a place.
func (g *grown) branch(t Tree, numbers map[string]int, v *steps, node, place int) error {
	v[place] = float32(t.Value[node])
	if t.Feature[node] == "" {
		g.fill(v, place)
		return nil
	}
	f, ok := numbers[t.Feature[node]]
	left := t.Left[node]
	if !ok || place >= leaves {
		return fmt.Errorf("node %d is deeper than %d, or asks for a feature that there is none of: %q", node, MaxDepth, t.Feature[node])
	}
	g.feature[place], g.at[place] = uint8(f), t.At[node]
	if err := g.branch(t, numbers, v, left, 2*place); err != nil {
		return err
	}
	return g.branch(t, numbers, v, left+1, 2*place+1)
}

// fill lets a leaf go on to the full depth.
func (g *grown) fill(v *steps, place int) {
	if place >= leaves {
		return
	}
	g.at[place] = math.MaxFloat32
	for _, below := range []int{2 * place, 2*place + 1} {
		v[below] = v[place]
		g.fill(v, below)
	}
}

// described is the features with room for all that a tree can name.
type described [maxWidth]float32

// next is the place below a place.
func (g *grown) next(n uint32, x *described) uint32 {
	n %= leaves
	return 2*n + above(x[g.feature[n]%maxWidth], g.at[n])
}

// above is 1 when x is greater than at, else 0.
func above(x, at float32) uint32 { return math.Float32bits(at-x) >> 31 }

// walk adds up the values of the leaves that the features lead to, four trees at a
// time: the processor follows them at once.
func walk(trees []grown, x *described) float64 {
	sum := 0.0
	for ; len(trees) >= 4; trees = trees[4:] {
		a, b, c, d := &trees[0], &trees[1], &trees[2], &trees[3]
		i, j, k, l := a.next(1, x), b.next(1, x), c.next(1, x), d.next(1, x)
		i, j, k, l = a.next(i, x), b.next(j, x), c.next(k, x), d.next(l, x)
		i, j, k, l = a.next(i, x), b.next(j, x), c.next(k, x), d.next(l, x)
		i, j, k, l = a.next(i, x), b.next(j, x), c.next(k, x), d.next(l, x)
		sum += float64(a.leaf[i%leaves])
		sum += float64(b.leaf[j%leaves])
		sum += float64(c.leaf[k%leaves])
		sum += float64(d.leaf[l%leaves])
	}
	for i := range trees {
		g := &trees[i]
		n := g.next(g.next(g.next(g.next(1, x), x), x), x)
		sum += float64(g.leaf[n%leaves])
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
	for i := 0; i < len(m.grown); i += 4 {
		// Four at a time, as in walk; what they add is added in the order of the trees.
		var paths [4][MaxDepth + 1]uint32
		trees := m.grown[i:min(i+4, len(m.grown))]
		for k := range trees {
			paths[k][0] = 1
		}
		for depth := range MaxDepth {
			for k := range trees {
				paths[k][depth+1] = trees[k].next(paths[k][depth], &d)
			}
		}
		for k := range trees {
			g, v := &trees[k], &m.steps[i+k]
			for depth := range MaxDepth {
				out[g.feature[paths[k][depth]%leaves]%maxWidth] += float64(v[paths[k][depth+1]%places])
			}
		}
	}
	return append(dst, out[:m.width]...)
}
