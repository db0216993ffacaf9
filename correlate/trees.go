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
	split [leaves]split
	leaf  [leaves]float32
}

// split sends what is greater than at to the right.
type split struct {
	at      order
	feature uint32
}

// order is a number that stands for a float32 and compares with others as the floats
// do: it takes the processor less time.
type order uint32

// orderOf gives it. Of the two zeros the negative one comes before the other.
func orderOf(f float32) order {
	bits := math.Float32bits(f)
	return order(bits ^ (uint32(int32(bits)>>31) | 1<<31))
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
	g.split[place] = split{orderOf(t.At[node]), uint32(f)}
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
	g.split[place].at = math.MaxUint32
	for _, below := range []int{2 * place, 2*place + 1} {
		v[below] = v[place]
		g.fill(v, below)
	}
}

// described is the features with room for all that a tree can name.
type described [maxWidth]order

func describedBy(x []float32) (d described) {
	for i := range x[:min(len(x), maxWidth)] {
		d[i] = orderOf(x[i])
	}
	return d
}

// next is the place below a place.
func (g *grown) next(n uint64, x *described) uint64 {
	s := &g.split[n%leaves]
	return 2*n + (uint64(s.at)-uint64(x[s.feature%maxWidth]))>>63
}

// walk adds up the values of the leaves that the features lead to, four trees at a
// time: the processor follows them at once.
func walk(trees []grown, x *described) float64 {
	sum := 0.0
	for ; len(trees) >= 4; trees = trees[4:] {
		a, b, c, d := &trees[0], &trees[1], &trees[2], &trees[3]
		i, j, k, l := ends(a, b, c, d, x)
		sum += float64(a.leaf[i%leaves])
		sum += float64(b.leaf[j%leaves])
		sum += float64(c.leaf[k%leaves])
		sum += float64(d.leaf[l%leaves])
	}
	for i := range trees {
		g := &trees[i]
		sum += float64(g.leaf[g.end(x)%leaves])
	}
	return sum
}

// ends gives where four trees are left.
func ends(a, b, c, d *grown, x *described) (i, j, k, l uint64) {
	i, j, k, l = a.next(1, x), b.next(1, x), c.next(1, x), d.next(1, x)
	i, j, k, l = a.next(i, x), b.next(j, x), c.next(k, x), d.next(l, x)
	i, j, k, l = a.next(i, x), b.next(j, x), c.next(k, x), d.next(l, x)
	return a.next(i, x), b.next(j, x), c.next(k, x), d.next(l, x)
}

// end is the place below the last split.
func (g *grown) end(x *described) uint64 { return g.next(g.next(g.next(g.next(1, x), x), x), x) }

// attribute adds what each split on the way to an end adds to the mean, to its
// feature. The places on the way are the halves of the end.
func (g *grown) attribute(out *[maxWidth]float64, v *steps, end uint64) {
	for depth := MaxDepth; depth > 0; depth-- {
		at, below := end>>depth, end>>(depth-1)
		out[g.split[at%leaves].feature%maxWidth] += float64(v[below%places])
	}
}

// Score gives the log-odds for the features.
func (m *Scorer) Score(x []float32) float64 {
	d := describedBy(x)
	return m.start(x) + walk(m.grown, &d)
}

// start is the score without the trees.
func (m *Scorer) start(x []float32) float64 {
	sum := m.Base
	for _, w := range m.weights {
		sum += w.w * float64(x[w.feature])
	}
	return sum
}

// Most candidates are hopeless, and the first trees, which weigh most, tell: a score
// that lies far below what matters after a part of them is left at that. Of 290,000
// candidates of labelled alerts none that ended above -2 was ever more than 1.6 below
// it by then, none above -3 more than 1.3 below.
const (
	parts     = 10 // into which the trees are divided
	firstPart = 3  // of them before the first look
	hopeless  = 2  // log-odds below what matters
	seldom    = -2 // what matters at most as far as this is asked: above it trees tell late
)

// ScoreAbove is Score, but for a score that after a part of the trees lies far below
// what matters it gives what it has got to.
func (m *Scorer) ScoreAbove(x []float32, matters float64) float64 {
	d := describedBy(x)
	least := min(matters, seldom) - hopeless
	trees, step := m.grown, max(len(m.grown)/parts, 1)
	first := min(firstPart*step, len(trees))
	sum := m.start(x) + walk(trees[:first], &d)
	for at := first; at < len(trees) && sum >= least; at += step {
		sum += walk(trees[at:min(at+step, len(trees))], &d)
	}
	return sum
}

// AppendExplained appends what each feature added to the score. Along a tree, a
// split gets the difference between the means before and after it.
func (m *Scorer) AppendExplained(dst []float64, x []float32) []float64 {
	d := describedBy(x)
	var out [maxWidth]float64
	for _, w := range m.weights {
		out[w.feature] += w.w * float64(x[w.feature])
	}
	// Four at a time, as in walk; what they add is added in the order of the trees.
	i := 0
	for ; i+4 <= len(m.grown); i += 4 {
		g, v := m.grown[i:i+4:i+4], m.steps[i:i+4:i+4]
		a, b, c, e := ends(&g[0], &g[1], &g[2], &g[3], &d)
		g[0].attribute(&out, &v[0], a)
		g[1].attribute(&out, &v[1], b)
		g[2].attribute(&out, &v[2], c)
		g[3].attribute(&out, &v[3], e)
	}
	for ; i < len(m.grown); i++ {
		m.grown[i].attribute(&out, &m.steps[i], m.grown[i].end(&d))
	}
	return append(dst, out[:m.width]...)
}
