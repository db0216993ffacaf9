package train

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/clew-sec/clew/correlate"
)

// Sample is one candidate of one decision with its label.
type Sample struct {
	X      []float32
	Label  bool
	Weight float32
	// Stands is for how many candidates the sample stands, without what attacks
	// count more. Part numbers the stream that it is from; a single one has two.
	Stands float32
	Part   int
}

// Params sets how trees are grown. The zero value takes the defaults.
type Params struct {
	Trees    int     // default 120
	Depth    int     // default and at most correlate.MaxDepth
	Rate     float64 // default 0.12
	MinGain  float64 // default 1
	MinHess  float64 // default 8: least weight of evidence in a leaf
	Ridge    float64 // default 4
	Columns  float64 // share of the features that a tree may use, default 0.6
	Rows     float64 // share of the samples that a tree sees, default 0.6
	Seed     uint64
	Excluded []string // features that are not used
	// Stop says that nobody waits for the trees any more; what is there is given.
	Stop func() bool
}

func (p Params) complete() Params {
	set := func(v *float64, def float64) {
		if *v == 0 {
			*v = def
		}
	}
	if p.Trees == 0 {
		p.Trees = 120
	}
	if p.Depth == 0 {
		p.Depth = correlate.MaxDepth
	}
	set(&p.Rate, 0.12)
	set(&p.MinGain, 1)
	set(&p.MinHess, 8)
	set(&p.Ridge, 4)
	set(&p.Columns, 0.6)
	set(&p.Rows, 0.6)
	return p
}

const bins = 64

// booster holds the samples in bins.
type booster struct {
	p      Params
	names  []string
	edges  [][]float32
	binned [][]uint8 // by feature, then sample
	y, w   []float32
	score  []float64
	slopes [][2]float32 // first and second derivative of the loss
	near   [][2]float32 // those of the rows at hand, used again
	rows   []int32
	rng    *rand.Rand
}

// Boost fits trees to the samples by gradient boosting on the logistic loss. The
// same samples and parameters give the same trees.
func Boost(samples []Sample, names []string, p Params) (base float64, trees []correlate.Tree) {
	b := newBooster(samples, names, p.complete())
	if len(samples) == 0 {
		return 0, nil
	}
	base = b.begin()
	for range b.p.Trees {
		if b.p.Stop != nil && b.p.Stop() {
			break
		}
		b.gradients()
		trees = append(trees, b.grow())
	}
	return base, trees
}

func newBooster(samples []Sample, names []string, p Params) *booster {
	b := &booster{p: p, names: names, rng: rand.New(rand.NewPCG(p.Seed, 1))}
	n := len(samples)
	b.y, b.w = make([]float32, n), make([]float32, n)
	b.score, b.slopes = make([]float64, n), make([][2]float32, n)
	for i, s := range samples {
		b.w[i] = s.Weight
		if s.Label {
			b.y[i] = 1
		}
	}
	b.edges, b.binned = make([][]float32, len(b.names)), make([][]uint8, len(b.names))
	for f := range b.names {
		if !slices.Contains(p.Excluded, b.names[f]) {
			b.bin(f, samples)
		}
	}
	return b
}

// bin cuts a feature at quantiles of its values.
func (b *booster) bin(f int, samples []Sample) {
	step := max(1, len(samples)/20000)
	var values []float32
	for i := 0; i < len(samples); i += step {
		values = append(values, samples[i].X[f])
	}
	slices.Sort(values)
	distinct := slices.Compact(slices.Clone(values))
	var edges []float32
	if len(distinct) <= bins {
		edges = distinct[:max(0, len(distinct)-1)]
	} else {
		for k := 1; k < bins; k++ {
			edges = append(edges, values[k*len(values)/bins])
		}
		edges = slices.Compact(edges)
	}
	if len(edges) == 0 {
		return
	}
	col := make([]uint8, len(samples))
	for i := range samples {
		at, _ := slices.BinarySearch(edges, samples[i].X[f])
		col[i] = uint8(at)
	}
	b.edges[f], b.binned[f] = edges, col
}

// begin sets every score to the log-odds of all samples.
func (b *booster) begin() float64 {
	var yes, all float64
	for i := range b.y {
		all += float64(b.w[i])
		yes += float64(b.w[i] * b.y[i])
	}
	p := min(max(yes/max(all, 1e-9), 1e-4), 1-1e-4)
	base := math.Log(p / (1 - p))
	for i := range b.score {
		b.score[i] = base
	}
	return base
}

func (b *booster) gradients() {
	b.rows = b.rows[:0]
	for i := range b.y {
		p := 1 / (1 + math.Exp(-b.score[i]))
		b.slopes[i] = [2]float32{float32(p-float64(b.y[i])) * b.w[i], float32(p*(1-p)) * b.w[i]}
		if b.rng.Float64() < b.p.Rows {
			b.rows = append(b.rows, int32(i))
		}
	}
}

type histogram [bins][2]float64

// grow fits one tree and adds it to the scores.
func (b *booster) grow() correlate.Tree {
	var features []int
	for f := range b.names {
		if b.binned[f] != nil && b.rng.Float64() < b.p.Columns {
			features = append(features, f)
		}
	}
	t := correlate.Tree{}
	t.Feature, t.At, t.Left, t.Value = append(t.Feature, ""), append(t.At, 0), append(t.Left, 0), append(t.Value, 0)
	root := leaf{rows: b.rows}
	b.count(&root, features)
	b.split(&t, root, features, b.p.Depth)
	b.apply(&t)
	return t
}

// leaf is a node that may be split further, with the histograms of its rows.
type leaf struct {
	n     int // in the tree
	rows  []int32
	hists []histogram
	g, h  float64
}

// split grows the tree under a leaf. Of two children only the smaller one's
// histograms are counted, the other's are what is left.
func (b *booster) split(t *correlate.Tree, l leaf, features []int, depth int) {
	t.Value[l.n] = round(-b.p.Rate * l.g / (l.h + b.p.Ridge))
	if depth == 0 || l.h < 2*b.p.MinHess {
		return
	}
	f, cut := b.bestCut(l, features)
	if f < 0 {
		return
	}
	at := len(t.Feature)
	t.Feature[l.n], t.At[l.n], t.Left[l.n] = b.names[f], b.edges[f][cut], at
	for range 2 {
		t.Feature, t.At, t.Left, t.Value = append(t.Feature, ""), append(t.At, 0), append(t.Left, 0), append(t.Value, 0)
	}
	left, right := b.part(l, f, uint8(cut))
	left.n, right.n = at, at+1
	small, large := &left, &right
	if len(small.rows) > len(large.rows) {
		small, large = large, small
	}
	if depth > 1 {
		b.count(small, features)
		large.hists = l.hists
		for k := range large.hists {
			large.hists[k].subtract(&small.hists[k])
		}
	} else {
		b.sum(small)
	}
	large.g, large.h = l.g-small.g, l.h-small.h
	b.split(t, left, features, depth-1)
	b.split(t, right, features, depth-1)
}

// part parts the rows of a leaf at a cut, keeping their order.
func (b *booster) part(l leaf, f int, cut uint8) (left, right leaf) {
	col := b.binned[f]
	n := 0
	for _, i := range l.rows {
		if col[i] <= cut {
			n++
		}
	}
	left.rows, right.rows = make([]int32, 0, n), make([]int32, 0, len(l.rows)-n)
	for _, i := range l.rows {
		if col[i] <= cut {
			left.rows = append(left.rows, i)
		} else {
			right.rows = append(right.rows, i)
		}
	}
	return left, right
}

// sum adds up the gradients of a leaf.
func (b *booster) sum(l *leaf) {
	for _, i := range l.rows {
		l.g += float64(b.slopes[i][0])
		l.h += float64(b.slopes[i][1])
	}
}

// count fills the histograms of a leaf, one a feature.
func (b *booster) count(l *leaf, features []int) {
	b.sum(l)
	near := b.near[:0]
	for _, i := range l.rows {
		near = append(near, b.slopes[i])
	}
	b.near = near
	l.hists = make([]histogram, len(features))
	for k, f := range features {
		hist, col := &l.hists[k], b.binned[f]
		for j, i := range l.rows {
			cell := &hist[col[i]%bins]
			cell[0] += float64(near[j][0])
			cell[1] += float64(near[j][1])
		}
	}
}

func (h *histogram) subtract(o *histogram) {
	for k := range h {
		h[k][0] -= o[k][0]
		h[k][1] -= o[k][1]
	}
}

func round(v float64) float64 { return math.Round(v*1e5) / 1e5 }

func (b *booster) bestCut(l leaf, features []int) (feature, cut int) {
	feature = -1
	best := b.p.MinGain
	parent := l.g * l.g / (l.h + b.p.Ridge)
	for at, f := range features {
		hist := &l.hists[at]
		var lg, lh float64
		for k := range b.edges[f] {
			lg += hist[k][0]
			lh += hist[k][1]
			rg, rh := l.g-lg, l.h-lh
			if lh < b.p.MinHess || rh < b.p.MinHess {
				continue
			}
			if gain := lg*lg/(lh+b.p.Ridge) + rg*rg/(rh+b.p.Ridge) - parent; gain > best {
				best, feature, cut = gain, f, k
			}
		}
	}
	return feature, cut
}

// apply adds the tree to the score of every sample.
func (b *booster) apply(t *correlate.Tree) {
	index := map[string]int{}
	for f, n := range b.names {
		index[n] = f
	}
	feature := make([]int, len(t.Feature))
	cuts := make([]uint8, len(t.Feature))
	for n, name := range t.Feature {
		feature[n] = -1
		if name != "" {
			feature[n] = index[name]
			at, _ := slices.BinarySearch(b.edges[feature[n]], t.At[n])
			cuts[n] = uint8(at)
		}
	}
	for i := range b.score {
		n := 0
		for feature[n] >= 0 {
			next := t.Left[n]
			if b.binned[feature[n]][i] > cuts[n] {
				next++
			}
			n = next
		}
		b.score[i] += t.Value[n]
	}
}
