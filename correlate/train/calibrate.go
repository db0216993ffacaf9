package train

import (
	"math"

	"github.com/clew-sec/clew/correlate"
)

// halves is how many parts the samples are dealt to for calibrating: the scores
// of each come from trees that were fitted to the others.
const halves = 2

// calibrate fits the line from log-odds to probability. Scores of samples that
// the trees have seen would be too sure of themselves, so each part is scored by
// trees that have not seen it. Nil without samples, and when what scores higher is
// not likelier on them.
func calibrate(samples []Sample, names []string, p Params) (*correlate.Calibration, error) {
	var scores, weights []float64
	var right []bool
	for part := range halves {
		var in, out []Sample
		for _, s := range samples {
			if s.Part%halves == part {
				out = append(out, s)
			} else {
				in = append(in, s)
			}
		}
		scorer := correlate.Scorer{}
		scorer.Base, scorer.Trees = Boost(in, names, p)
		if err := scorer.Prepare(names); err != nil {
			return nil, err
		}
		for _, s := range out {
			scores = append(scores, scorer.Score(s.X))
			weights = append(weights, float64(s.Stands))
			right = append(right, s.Label)
		}
	}
	if len(scores) == 0 {
		return nil, nil
	}
	c := platt(scores, weights, right)
	if !(c.Slope > 0) {
		return nil, nil
	}
	c.Bins = binned(c, scores, weights, right)
	return c, nil
}

// platt fits slope and offset by Newton's method on the logistic loss.
func platt(scores, weights []float64, right []bool) *correlate.Calibration {
	a, b := 1.0, 0.0
	for range 30 {
		var ga, gb, haa, hab, hbb float64
		for i, x := range scores {
			p := 1 / (1 + math.Exp(-(a*x + b)))
			d := p
			if right[i] {
				d--
			}
			d *= weights[i]
			h := p * (1 - p) * weights[i]
			ga, gb = ga+d*x, gb+d
			haa, hab, hbb = haa+h*x*x, hab+h*x, hbb+h
		}
		haa, hbb = haa+1e-6, hbb+1e-6
		det := haa*hbb - hab*hab
		if det <= 0 {
			break
		}
		da, db := (ga*hbb-gb*hab)/det, (gb*haa-ga*hab)/det
		a, b = a-da, b-db
		if math.Abs(da)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return &correlate.Calibration{Slope: round(a), Offset: round(b)}
}

// binned compares what was said with what was right, in tenths.
func binned(c *correlate.Calibration, scores, weights []float64, right []bool) []correlate.Bin {
	const tenths = 10
	var said, yes, all [tenths]float64
	var n [tenths]int
	for i, x := range scores {
		p := 1 / (1 + math.Exp(-(c.Slope*x + c.Offset)))
		k := min(int(p*tenths), tenths-1)
		said[k] += p * weights[i]
		all[k] += weights[i]
		n[k]++
		if right[i] {
			yes[k] += weights[i]
		}
	}
	var out []correlate.Bin
	for k := range n {
		if n[k] > 0 {
			out = append(out, correlate.Bin{Said: round(said[k] / all[k]), Right: round(yes[k] / all[k]), Samples: n[k]})
		}
	}
	return out
}
