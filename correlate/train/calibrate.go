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

// steepest bounds the slope. Where scores part right from wrong without an
// exception, the steeper the better, without end; so few samples prove no such
// certainty.
const steepest = 10

// platt fits slope and offset by Newton's method on the logistic loss. A step that
// makes the loss greater is shortened.
func platt(scores, weights []float64, right []bool) *correlate.Calibration {
	f := logistic{scores, weights, right}
	a, b := 1.0, 0.0
	for range 30 {
		da, db := f.step(a, b)
		for before := f.loss(a, b); f.loss(a-da, b-db) > before && math.Abs(da)+math.Abs(db) > 1e-9; {
			da, db = da/2, db/2
		}
		a, b = a-da, b-db
		if math.Abs(a) > steepest {
			a = math.Copysign(steepest, a)
			b = f.offset(a, b)
			break
		}
		if math.Abs(da)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return &correlate.Calibration{Slope: round(a), Offset: round(b)}
}

// logistic is the loss of saying 1/(1+exp(-(a·score+b))) for what is right.
type logistic struct {
	scores, weights []float64
	right           []bool
}

func (f logistic) loss(a, b float64) float64 {
	sum := 0.0
	for i, x := range f.scores {
		z := a*x + b
		if f.right[i] {
			z = -z
		}
		// log(1+exp(z)), without overflow.
		sum += f.weights[i] * (max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))))
	}
	return sum
}

// step is Newton's; zero where the loss is flat.
func (f logistic) step(a, b float64) (da, db float64) {
	ga, gb, haa, hab, hbb := f.slopes(a, b)
	haa, hbb = haa+1e-6, hbb+1e-6
	det := haa*hbb - hab*hab
	if det <= 0 {
		return 0, 0
	}
	return (ga*hbb - gb*hab) / det, (gb*haa - ga*hab) / det
}

// offset is the best one for a slope, from b on.
func (f logistic) offset(a, b float64) float64 {
	for range 30 {
		_, gb, _, _, hbb := f.slopes(a, b)
		d := gb / (hbb + 1e-6)
		for before := f.loss(a, b); f.loss(a, b-d) > before && math.Abs(d) > 1e-9; {
			d /= 2
		}
		if b -= d; math.Abs(d) < 1e-9 {
			break
		}
	}
	return b
}

// slopes are the first and second derivatives.
func (f logistic) slopes(a, b float64) (ga, gb, haa, hab, hbb float64) {
	for i, x := range f.scores {
		p := 1 / (1 + math.Exp(-(a*x + b)))
		d := p
		if f.right[i] {
			d--
		}
		d *= f.weights[i]
		h := p * (1 - p) * f.weights[i]
		ga, gb = ga+d*x, gb+d
		haa, hab, hbb = haa+h*x*x, hab+h*x, hbb+h
	}
	return ga, gb, haa, hab, hbb
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
