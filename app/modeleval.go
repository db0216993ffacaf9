package app

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/correlate/evaluate"
	"github.com/clew-sec/clew/correlate/train"
)

// ModelEvalOptions says what to measure.
type ModelEvalOptions struct {
	Labelled
	Model     string   // file; empty takes the built-in model
	HeldOut   bool     // measure each stream with a model that has not seen it
	Folds     int      // trainings of HeldOut
	Without   []string // features that HeldOut leaves out
	Steady    bool     // measure at moved thresholds too
	PerAttack bool
	JSON      bool
}

// ModelEval measures a model on labelled alerts and prints a line for each
// stream and the table of bars.
func ModelEval(ctx context.Context, o IO, opt ModelEvalOptions) error {
	streams, err := o.streams(ctx, opt.Labelled)
	if err != nil {
		return err
	}
	got, err := o.measure(streams, opt)
	if err != nil {
		return err
	}
	all := make([]evaluate.Scored, len(got))
	for i, m := range got {
		all[i] = evaluate.Scored{Name: m.Stream.Name, Kind: m.Stream.Kind, Result: m.Result, Lower: m.Lower, Higher: m.Higher}
	}
	if opt.JSON {
		return o.printJSON(map[string]any{"streams": all, "bars": evaluate.Bars(all)})
	}
	if err := o.printStreams(all, opt.PerAttack); err != nil {
		return err
	}
	return o.printBars(evaluate.Bars(all))
}

func (o IO) measure(streams []train.Stream, opt ModelEvalOptions) ([]train.Measured, error) {
	if !opt.HeldOut {
		m, err := loadModel(opt.Model)
		if err != nil {
			return nil, err
		}
		return train.Measure(streams, m, opt.Steady), nil
	}
	if opt.Model != "" || opt.Folds < 2 {
		return nil, fmt.Errorf("%w: --held-out trains models of its own, at least two", ErrUsage)
	}
	topt := o.training("held-out", opt.Without, streams)
	topt.Uncalibrated = true
	got, err := train.HeldOut(streams, opt.Folds, topt, opt.Steady)
	if err != nil {
		return nil, fmt.Errorf("measuring held-out: %w", err)
	}
	return got, nil
}

func (o IO) printStreams(all []evaluate.Scored, perAttack bool) error {
	return o.table("stream\tincidents\tF1\tcaptured\tpurity\tcontamination\tmerged\tB3 F1\tARI\tlargest", func(row func(string, ...any)) {
		for _, s := range all {
			line := func(name string, r evaluate.Result) {
				row("%s\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t%d\t%.3f\t%.3f\t%.3f", name, r.Incidents, r.BestF1, r.Captured, r.Purity, r.Contamination, r.Merged, r.B3, r.ARI, r.Largest)
			}
			line(s.Name, s.Result)
			if s.Lower != nil {
				line("  join 0.3 lower", *s.Lower)
				line("  join 0.3 higher", *s.Higher)
			}
			if perAttack {
				for _, a := range s.Result.PerAttack {
					row("  %s, %d alerts\t%d\t%.3f\t%.3f\t%.3f\t\t%d", a.Name, a.Alerts, a.Incidents, a.F1, a.Captured, a.Purity, a.Others)
				}
			}
		}
	})
}

func (o IO) printBars(bars []evaluate.Bar) error {
	if len(bars) == 0 {
		return nil
	}
	fmt.Fprintln(o.Out)
	return o.table("set\tmeasure\tplain rules\tmust\taim\treached\t", func(row func(string, ...any)) {
		for _, b := range bars {
			sign, met := "≤", "yes"
			if b.Least {
				sign = "≥"
			}
			if !b.Met() {
				met = "NO"
			}
			row("%s\t%s\t%s\t%s %g\t%g\t%.3f\t%s", b.Set, b.Measure, b.Plain, sign, b.Must, b.Aim, b.Value, met)
		}
	})
}
