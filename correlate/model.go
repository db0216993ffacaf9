package correlate

import (
	"embed"
	"fmt"
	"math"
	"slices"
	"sync"
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
	grown   []grown
	steps   []steps
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

// Prepare turns names into numbers and checks the trees. ParseModel does it;
// a model that is put together needs it before its first use. It fails with
// *ModelError.
func (m *Model) Prepare() error {
	if err := m.Link.Prepare(featureNames[:]); err != nil {
		return unsound("link", "can't be used: %v", err)
	}
	if err := m.Pair.Prepare(pairNames[:]); err != nil {
		return unsound("pair", "can't be used: %v", err)
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
	m.weights, m.grown, m.steps, m.width = nil, make([]grown, len(m.Trees)), make([]steps, len(m.Trees)), len(names)
	if m.width > maxWidth {
		return fmt.Errorf("%d features, at most %d", m.width, maxWidth)
	}
	for name, w := range m.Weights {
		f, ok := numbers[name]
		if !ok {
			return fmt.Errorf("no feature is called %q", name)
		}
		m.weights = append(m.weights, weight{f, w})
	}
	slices.SortFunc(m.weights, func(a, b weight) int { return a.feature - b.feature })
	for i, t := range m.Trees {
		if err := m.grown[i].plant(t, numbers, &m.steps[i]); err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
	}
	return nil
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
