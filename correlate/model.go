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

// Model scores how likely an alert belongs to an incident. Its score is in
// log-odds: a base, weights of features, and small trees over them, all added
// up. Each part names the features it looks at, so that a score can be taken
// apart.
type Model struct {
	Version string             `json:"version"`
	Trained string             `json:"trained,omitempty"` // on what
	Join    float64            `json:"join"`              // log-odds from which an alert joins
	Merge   float64            `json:"merge"`             // log-odds from which a second incident is merged
	Base    float64            `json:"base"`
	Weights map[string]float64 `json:"weights,omitempty"`
	Trees   []Tree             `json:"trees,omitempty"`

	weights []weight
	trees   [][]node
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

type node struct {
	feature int32 // -1 at a leaf
	at      float32
	left    int32
	value   float64
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
	return &m, m.prepare()
}

// prepare turns names into numbers and checks the trees.
func (m *Model) prepare() error {
	numbers := make(map[string]int, numFeatures)
	for i, n := range featureNames {
		numbers[n] = i
	}
	m.weights, m.trees = nil, nil
	for name, w := range m.Weights {
		f, ok := numbers[name]
		if !ok {
			return fmt.Errorf("model %q: no feature is called %q", m.Version, name)
		}
		m.weights = append(m.weights, weight{f, w})
	}
	slices.SortFunc(m.weights, func(a, b weight) int { return a.feature - b.feature })
	for i, t := range m.Trees {
		nodes, err := t.nodes(numbers)
		if err != nil {
			return fmt.Errorf("model %q, tree %d: %w", m.Version, i, err)
		}
		m.trees = append(m.trees, nodes)
	}
	return nil
}

func (t Tree) nodes(numbers map[string]int) ([]node, error) {
	n := len(t.Feature)
	if n == 0 || len(t.At) != n || len(t.Left) != n || len(t.Value) != n {
		return nil, fmt.Errorf("its arrays differ in length")
	}
	out := make([]node, n)
	for i := range out {
		out[i] = node{-1, t.At[i], int32(t.Left[i]), t.Value[i]}
		if t.Feature[i] == "" {
			continue
		}
		f, ok := numbers[t.Feature[i]]
		if !ok || t.Left[i] <= i || t.Left[i]+1 >= n {
			return nil, fmt.Errorf("node %d is broken", i)
		}
		out[i].feature = int32(f)
	}
	return out, nil
}

// Score gives the log-odds for the features.
func (m *Model) Score(x *Features) float64 {
	sum := m.Base
	for _, w := range m.weights {
		sum += w.w * float64(x[w.feature])
	}
	for _, t := range m.trees {
		n := &t[0]
		for n.feature >= 0 {
			next := n.left
			if x[n.feature] > n.at {
				next++
			}
			n = &t[next]
		}
		sum += n.value
	}
	return sum
}

// Explain gives what each feature added to the score. Along a tree, a split
// gets the difference between the means before and after it.
func (m *Model) Explain(x *Features) (out [numFeatures]float64) {
	for _, w := range m.weights {
		out[w.feature] += w.w * float64(x[w.feature])
	}
	for _, t := range m.trees {
		n := &t[0]
		for n.feature >= 0 {
			next := n.left
			if x[n.feature] > n.at {
				next++
			}
			out[n.feature] += t[next].value - n.value
			n = &t[next]
		}
	}
	return out
}

// probability turns log-odds into a probability, rounded so that it reads the
// same on every machine.
func probability(logOdds float64) float64 {
	return math.Round(1e4/(1+math.Exp(-logOdds))) / 1e4
}
