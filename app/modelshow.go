package app

import (
	"cmp"
	"fmt"

	"github.com/clew-sec/clew/correlate"
)

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
	s := m.Summary()
	if opt.JSON {
		return o.printJSON(s)
	}
	fmt.Fprintf(o.Out, "Model %s, trained on %s.\n", s.Version, cmp.Or(s.Trained, "what is not recorded"))
	fmt.Fprintf(o.Out, "An alert joins from log-odds %.2f (probability %.2f); another incident is looked at from %.2f;\n", m.Join, m.Link.Probability(m.Join), m.Consider)
	fmt.Fprintf(o.Out, "two incidents are merged from %.2f (probability %.2f), and %.2f more for each doubling of the smaller one.\n", m.Merge, m.Pair.Probability(m.Merge), m.Growth)
	for _, part := range []struct {
		title string
		s     correlate.ScorerSummary
	}{{"An alert and an incident", s.Link}, {"Two incidents", s.Pair}} {
		fmt.Fprintf(o.Out, "\n%s: %d trees, %d nodes\n", part.title, part.s.Trees, part.s.Nodes)
		if err := o.printScorer(part.s); err != nil {
			return err
		}
	}
	return nil
}

func (o IO) printScorer(s correlate.ScorerSummary) error {
	err := o.table("feature\tweight\tsplits\tmeasures", func(row func(string, ...any)) {
		for _, f := range s.Features {
			row("%s\t%.3f\t%d\t%s", f.Name, f.Weight, f.Splits, f.Description)
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
