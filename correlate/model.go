package correlate

import (
	"embed"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
)

//go:embed model/*.json
var modelFiles embed.FS

// builtInModel names the file of the model that is used when none is given.
const builtInModel = "model/link.json"

// Model holds what is learnt from labelled alerts: how likely an alert belongs to
// an incident (Link), and how likely two incidents that an alert ties together
// are one (Pair).
type Model struct {
	Version  string  `json:"version"`
	Trained  string  `json:"trained,omitempty"` // on what
	Join     float64 `json:"join"`              // log-odds of Link from which an alert joins
	Consider float64 `json:"consider"`          // log-odds of Link from which a second incident is looked at
	Merge    float64 `json:"merge"`             // log-odds of Pair from which two incidents are merged
	// Growth is added to Merge with each doubling of the smaller incident: to
	// merge two large ones wrongly costs more than to merge a single alert.
	Growth float64 `json:"growth,omitempty"`
	Link   Scorer  `json:"link"`
	Pair   Scorer  `json:"pair"`
}

// Scorer gives a score in log-odds: a base, weights of features, and small trees
// over them, all added up. Each part names the features it looks at, so that a
// score can be taken apart.
type Scorer struct {
	Base    float64            `json:"base"`
	Weights map[string]float64 `json:"weights,omitempty"`
	Trees   []Tree             `json:"trees,omitempty"`
	// Calibration turns log-odds into a probability; nil takes them as they are.
	Calibration *Calibration `json:"calibration,omitempty"`

	weights []weight
	nodes   []node // of all trees, one behind the other
	values  []float32
	roots   []int32
	depth   int // of the deepest tree
	width   int
}

// Tree is a binary tree in arrays: node n looks at Feature[n] and goes to
// Left[n] when it is at most At[n], else to Left[n]+1. A leaf has an empty
// feature. Value is the mean score of all that reached the node.
type Tree struct {
	Feature []string  `json:"feature"`
	At      []float32 `json:"at"`
	Left    []int     `json:"left"`
	Value   []float64 `json:"value"`
}

type weight struct {
	feature int
	w       float64
}

// node is a split, or a leaf that leads to itself.
type node struct {
	feature int32
	left    int32 // counted from the node itself, 0 at a leaf
	at      float32
}

// BuiltIn gives the model that Clew comes with.
var BuiltIn = sync.OnceValue(func() *Model {
	data, err := modelFiles.ReadFile(builtInModel)
	if err == nil {
		var m *Model
		if m, err = ParseModel(data); err == nil {
			return m
		}
	}
	panic(fmt.Sprintf("correlate: the built-in model is broken: %v", err))
})

// ParseModel reads a model file.
func ParseModel(data []byte) (*Model, error) {
	var m Model
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("reading model: %w", err)
	}
	return &m, m.Prepare()
}

// Prepare turns names into numbers and checks the trees. ParseModel does it;
// a model that is put together needs it before its first use.
func (m *Model) Prepare() error {
	if err := m.Link.Prepare(featureNames[:]); err != nil {
		return fmt.Errorf("model %q: link: %w", m.Version, err)
	}
	if err := m.Pair.Prepare(pairNames[:]); err != nil {
		return fmt.Errorf("model %q: pair: %w", m.Version, err)
	}
	return nil
}

// Prepare turns the names of features into their numbers in the list and checks
// the trees, before the first score.
func (m *Scorer) Prepare(names []string) error {
	numbers := make(map[string]int, len(names))
	for i, n := range names {
		numbers[n] = i
	}
	m.weights, m.nodes, m.values, m.roots, m.depth, m.width = nil, nil, nil, nil, 0, len(names)
	for name, w := range m.Weights {
		f, ok := numbers[name]
		if !ok {
			return fmt.Errorf("no feature is called %q", name)
		}
		m.weights = append(m.weights, weight{f, w})
	}
	slices.SortFunc(m.weights, func(a, b weight) int { return a.feature - b.feature })
	for i, t := range m.Trees {
		m.roots = append(m.roots, int32(len(m.nodes)))
		if err := m.plant(t, numbers); err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
	}
	return nil
}

// maxNodes bounds one tree, so that its distances fit.
const maxNodes = 1 << 12

func (m *Scorer) plant(t Tree, numbers map[string]int) error {
	n := len(t.Feature)
	if n == 0 || n > maxNodes || len(t.At) != n || len(t.Left) != n || len(t.Value) != n {
		return fmt.Errorf("its arrays differ in length")
	}
	for i := range n {
		m.values = append(m.values, float32(t.Value[i]))
		if t.Feature[i] == "" {
			m.nodes = append(m.nodes, node{at: math.MaxFloat32})
			continue
		}
		f, ok := numbers[t.Feature[i]]
		if !ok || t.Left[i] <= i || t.Left[i]+1 >= n {
			return fmt.Errorf("node %d is broken", i)
		}
		m.nodes = append(m.nodes, node{int32(f), int32(t.Left[i] - i), t.At[i]})
	}
	m.depth = max(m.depth, depthOf(t, 0))
	return nil
}

func depthOf(t Tree, n int) int {
	if t.Feature[n] == "" {
		return 0
	}
	return 1 + max(depthOf(t, t.Left[n]), depthOf(t, t.Left[n]+1))
}

// Score gives the log-odds for the features. Each tree is walked to its full
// depth without a branch that the processor could guess wrongly: a leaf leads to
// itself.
func (m *Scorer) Score(x []float32) float64 {
	sum := m.Base
	for _, w := range m.weights {
		sum += w.w * float64(x[w.feature])
	}
	return sum + m.walk(m.roots, x)
}

func (m *Scorer) walk(roots []int32, x []float32) float64 {
	sum := 0.0
	nodes := m.nodes
	for _, at := range roots {
		for range m.depth {
			n := &nodes[at]
			at += n.left + above(x[n.feature], n.at)
		}
		sum += float64(m.values[at])
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
	sum := m.Base
	for _, w := range m.weights {
		sum += w.w * float64(x[w.feature])
	}
	first := len(m.roots) / firstPart
	sum += m.walk(m.roots[:first], x)
	if sum < matters-hopeless {
		return sum
	}
	return sum + m.walk(m.roots[first:], x)
}

// above is 1 when x is greater than at, else 0.
func above(x, at float32) int32 { return int32(math.Float32bits(at-x) >> 31) }

// AppendExplained appends what each feature added to the score. Along a tree, a
// split gets the difference between the means before and after it.
func (m *Scorer) AppendExplained(dst []float64, x []float32) []float64 {
	start := len(dst)
	dst = append(dst, make([]float64, m.width)...)
	out := dst[start:]
	for _, w := range m.weights {
		out[w.feature] += w.w * float64(x[w.feature])
	}
	for _, at := range m.roots {
		for n := m.nodes[at]; n.left > 0; n = m.nodes[at] {
			next := at + n.left + above(x[n.feature], n.at)
			out[n.feature] += float64(m.values[next] - m.values[at])
			at = next
		}
	}
	return dst
}

// Calibration is a line through log-odds, fitted to samples that the trees had
// not seen: a share of p of all that is said to have probability p is right.
type Calibration struct {
	Slope  float64 `json:"slope"`
	Offset float64 `json:"offset"`
	// Bins compare what was said with what was right on the samples.
	Bins []Bin `json:"bins,omitempty"`
}

// Bin is a range of probabilities: how many samples were said to lie in it, what
// was said of them in the mean, and what share was right.
type Bin struct {
	Said    float64 `json:"said"`
	Right   float64 `json:"right"`
	Samples int     `json:"samples"`
}

// Probability turns log-odds of the scorer into a probability, rounded so that it
// reads the same on every machine.
func (m *Scorer) Probability(logOdds float64) float64 {
	if c := m.Calibration; c != nil {
		logOdds = c.Slope*logOdds + c.Offset
	}
	return math.Round(1e4/(1+math.Exp(-logOdds))) / 1e4
}
