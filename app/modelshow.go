package app

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/correlate"
)

// shownModel is what is shown of a model.
type shownModel struct {
	Version  string      `json:"version"`
	Trained  string      `json:"trained,omitempty"`
	Join     float64     `json:"join"`
	Consider float64     `json:"consider"`
	Merge    float64     `json:"merge"`
	Growth   float64     `json:"growth"`
	Link     shownScorer `json:"link"`
	Pair     shownScorer `json:"pair"`
}

type shownScorer struct {
	Trees       int                    `json:"trees"`
	Nodes       int                    `json:"nodes"`
	Features    []shownFeature         `json:"features"`
	Calibration *correlate.Calibration `json:"calibration,omitempty"`
}

// shownFeature is a feature with its weight: the share that it has in moving
// scores, and how often it is asked.
type shownFeature struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
	Splits int     `json:"splits"`
}

// ModelShowOptions says which model to show and how.
type ModelShowOptions struct {
	Model string // file; empty takes the built-in model
	JSON  bool
	Plot  string // file for a plot of the calibration, which is drawn instead
}

// ModelShow prints what a model looks at, where its lines are, and how far its
// probabilities can be believed.
func ModelShow(o IO, opt ModelShowOptions) error {
	m, err := loadModel(opt.Model)
	if err != nil {
		return err
	}
	if opt.Plot != "" {
		return o.plot(opt.Plot, m)
	}
	s := shownModel{
		Version: m.Version, Trained: m.Trained, Join: m.Join, Consider: m.Consider, Merge: m.Merge, Growth: m.Growth,
		Link: showScorer(&m.Link), Pair: showScorer(&m.Pair),
	}
	if opt.JSON {
		return o.printJSON(s)
	}
	fmt.Fprintf(o.Out, "Model %s, trained on %s.\n", s.Version, cmp.Or(s.Trained, "what is not recorded"))
	fmt.Fprintf(o.Out, "An alert joins from log-odds %.2f (probability %.2f); another incident is looked at from %.2f;\n", m.Join, m.Link.Probability(m.Join), m.Consider)
	fmt.Fprintf(o.Out, "two incidents are merged from %.2f (probability %.2f), and %.2f more for each doubling of the smaller one.\n", m.Merge, m.Pair.Probability(m.Merge), m.Growth)
	for _, part := range []struct {
		title string
		s     shownScorer
	}{{"An alert and an incident", s.Link}, {"Two incidents", s.Pair}} {
		fmt.Fprintf(o.Out, "\n%s: %d trees, %d nodes\n", part.title, part.s.Trees, part.s.Nodes)
		if err := o.printScorer(part.s); err != nil {
			return err
		}
	}
	return nil
}

func (o IO) printScorer(s shownScorer) error {
	err := o.table("feature\tweight\tsplits", func(row func(string, ...any)) {
		for _, f := range s.Features {
			row("%s\t%.3f\t%d", f.Name, f.Weight, f.Splits)
		}
	})
	if err != nil || s.Calibration == nil {
		return err
	}
	c := s.Calibration
	fmt.Fprintf(o.Out, "\nprobability = 1 / (1 + exp(-(%.3f × log-odds + %.3f))), fitted to scores of alerts that the trees had not seen\n", c.Slope, c.Offset)
	return o.table("said\tright\tsamples", func(row func(string, ...any)) {
		for _, b := range c.Bins {
			row("%.3f\t%.3f\t%d", b.Said, b.Right, b.Samples)
		}
	})
}

func showScorer(s *correlate.Scorer) shownScorer {
	out := shownScorer{Trees: len(s.Trees), Calibration: s.Calibration}
	weight, splits, sum := map[string]float64{}, map[string]int{}, 0.0
	for _, t := range s.Trees {
		out.Nodes += len(t.Feature)
		for n, f := range t.Feature {
			if f == "" {
				continue
			}
			w := spread(t.Value[n], t.Value[t.Left[n]], t.Value[t.Left[n]+1])
			weight[f] += w
			splits[f]++
			sum += w
		}
	}
	for f, w := range weight {
		out.Features = append(out.Features, shownFeature{f, w / max(sum, 1e-9), splits[f]})
	}
	slices.SortFunc(out.Features, func(a, b shownFeature) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// spread is how far apart a split sends the score.
func spread(before, left, right float64) float64 {
	return max(before-left, left-before) + max(before-right, right-before)
}
