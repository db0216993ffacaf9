// Package train learns the weights of the correlation model from labelled
// alerts. It replays each stream through the engine, labels every candidate
// that the engine weighed by what the candidate incident mostly holds, and fits
// boosted trees; then it does so again with the model it got, because what
// counts is to judge the incidents that the engine really makes.
package train

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
)

// Stream is one labelled stream of alerts in order of arrival.
type Stream struct {
	Name   string
	Kind   string // streams of one kind come from the same sort of source
	Alerts []*alert.Alert
	Truth  evaluate.Truth
	Weight float64 // of its samples; 0 means 1
}

// Options sets the training. The zero value is the default.
type Options struct {
	Params Params
	Rounds int // default 3
	// Keep is how many of the last rounds' samples are used together. Default 2.
	Keep  int
	Start *correlate.Model // of the first round; nil takes a rule of thumb, which no labels have shaped
	// AttackWeight is how much more a candidate of an attack's alert counts than
	// an everyday one. Default 6.
	AttackWeight float64
	Thresholds   *Thresholds // nil takes DefaultThresholds
	// Uncalibrated leaves out the calibration, which the decisions do not need.
	Uncalibrated bool
	Version      string
	Trained      string                           // on what
	Log          func(format string, args ...any) // progress; may be nil
	// Step is told after each part of the work; an error of it ends the training.
	Step func(done, total int) error

	step func() error // one more part is done
}

// Thresholds of a model, in log-odds: see correlate.Model.
type Thresholds struct {
	Join, Consider, Merge, Growth float64
}

// DefaultThresholds were chosen on streams that the models had not seen, for
// much captured at little contamination, and for results that hardly change when
// they are moved.
var DefaultThresholds = Thresholds{Join: -0.6, Consider: -2, Merge: 1.5, Growth: 0.4}

func (o Options) complete() Options {
	o.Rounds = cmp.Or(o.Rounds, 3)
	o.Keep = cmp.Or(o.Keep, 2)
	o.AttackWeight = cmp.Or(o.AttackWeight, 6)
	if o.Thresholds == nil {
		o.Thresholds = &DefaultThresholds
	}
	o.Params.Excluded = append(slices.Clone(o.Params.Excluded), seedOnly...)
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	if o.Start == nil {
		o.Start = seed()
	}
	done, total := 0, o.Rounds*stepsOfRound+stepsOfEnd
	o.step = func() error {
		if done++; o.Step == nil {
			return nil
		}
		return o.Step(done, total)
	}
	return o
}

// Each round collects samples and fits two scorers; the end calibrates both.
const (
	stepsOfRound = 3
	stepsOfEnd   = 2
)

// Train gives a model fitted to the streams.
func Train(streams []Stream, opt Options) (*correlate.Model, error) {
	opt = opt.complete()
	m := opt.Start
	var rounds []Samples
	for r := range opt.Rounds {
		rounds = append(rounds, collectAll(streams, m, opt.AttackWeight))
		if err := opt.step(); err != nil {
			return nil, err
		}
		var all Samples
		for _, part := range rounds[max(0, len(rounds)-opt.Keep):] {
			all.Link, all.Pair = append(all.Link, part.Link...), append(all.Pair, part.Pair...)
		}
		next, err := fit(all, opt, r == opt.Rounds-1)
		if err != nil {
			return nil, fmt.Errorf("round %d: %w", r+1, err)
		}
		opt.Log("round %d: %d link and %d pair samples", r+1, len(all.Link), len(all.Pair))
		m = next
	}
	return m, nil
}

// fit makes a model of samples. The last round's is calibrated.
func fit(all Samples, opt Options, last bool) (*correlate.Model, error) {
	at := opt.Thresholds
	m := &correlate.Model{Version: opt.Version, Trained: opt.Trained, Join: at.Join, Consider: at.Consider, Merge: at.Merge, Growth: at.Growth}
	m.Link.Base, m.Link.Trees = Boost(all.Link, correlate.FeatureNames(), opt.Params)
	if err := opt.step(); err != nil {
		return nil, err
	}
	m.Pair.Base, m.Pair.Trees = Boost(all.Pair, correlate.PairNames(), opt.Params)
	if err := errors.Join(opt.step(), m.Prepare()); err != nil {
		return nil, err
	}
	if !last || opt.Uncalibrated {
		return m, nil
	}
	var err error
	if m.Link.Calibration, err = calibrate(all.Link, correlate.FeatureNames(), opt.Params); err != nil {
		return nil, err
	}
	if err := opt.step(); err != nil {
		return nil, err
	}
	if m.Pair.Calibration, err = calibrate(all.Pair, correlate.PairNames(), opt.Params); err != nil {
		return nil, err
	}
	return m, opt.step()
}

// seedOnly names the features that the rule of thumb of the first round looks at
// and trees do not: measured on streams that the trees have not seen, what was
// rare before the incident began and the rates of rare rules say the same better.
var seedOnly = []string{"surprise.total", "surprise.second"}

// seed is a rule of thumb for the first round: what is shared should be telling.
func seed() *correlate.Model {
	m := &correlate.Model{
		Version: "seed", Join: 0, Consider: -2, Merge: 2,
		Link: correlate.Scorer{Base: -3.5, Weights: map[string]float64{"surprise.total": 0.6, "surprise.second": 0.2}},
		Pair: correlate.Scorer{Base: -5, Weights: map[string]float64{"surprise.total": 0.4, "surprise.second": 0.4}},
	}
	if err := m.Prepare(); err != nil {
		panic(err) // a feature was renamed
	}
	return m
}

// Samples are the labelled candidates of a stream.
type Samples struct {
	Link, Pair []Sample
}

// collectAll collects from all streams, in their order.
func collectAll(streams []Stream, m *correlate.Model, attackWeight float64) (all Samples) {
	parts := make([]Samples, len(streams))
	parallel(len(streams), func(i int) { parts[i] = Collect(streams[i], m, attackWeight) })
	for n, p := range parts {
		p.Link, p.Pair = dealt(p.Link, n, len(parts)), dealt(p.Pair, n, len(parts))
		all.Link, all.Pair = append(all.Link, p.Link...), append(all.Pair, p.Pair...)
	}
	return all
}

// dealt numbers the part that samples of stream n of all belong to: parts are whole
// streams, a single stream is cut in its middle.
func dealt(samples []Sample, n, all int) []Sample {
	for i := range samples {
		samples[i].Part = n
		if all == 1 {
			samples[i].Part = halves * i / len(samples)
		}
	}
	return samples
}

// Collect replays a stream with a model and gives the labelled candidates. What
// has to do with an attack weighs attackWeight times as much as the rest.
func Collect(s Stream, m *correlate.Model, attackWeight float64) Samples {
	c := collector{attacks: attackWeight, truth: s.Truth, weight: s.Weight, held: map[correlate.IncidentID]*content{}}
	if c.weight == 0 {
		c.weight = 1
	}
	e := correlate.New(correlate.Options{Model: m, Trace: c.decision, TracePair: c.pair})
	seen := map[string]bool{}
	for i, a := range s.Alerts {
		out := e.Add(correlate.Arrival{Seq: int64(i + 1), Received: a.CreatedDateTime, Alert: a})
		if !seen[a.ID] {
			seen[a.ID] = true
			c.enter(a.ID, out)
		}
		for _, mg := range out.Merges {
			c.merge(mg)
		}
	}
	return c.samples
}

type collector struct {
	truth   evaluate.Truth
	weight  float64
	attacks float64 // weight of what has to do with an attack
	held    map[correlate.IncidentID]*content
	samples Samples
	plain   int
	entered string // the last alert whose label has been entered
}

// pair labels two incidents as one when most of each is of the same true incident.
func (c *collector) pair(d *correlate.PairDecision) {
	a, b := c.content(d.A), c.content(d.B)
	if l, ok := c.truth[d.AlertID]; ok && !l.Ambiguous && d.AlertID != c.entered {
		a.labels[l.Incident]++
		a.all++
		defer func() {
			a.labels[l.Incident]--
			a.all--
		}()
	}
	if a.all == 0 || b.all == 0 {
		return
	}
	la, lb := a.mostly(), b.mostly()
	stands := c.weight * (1 + math.Log2(float64(min(a.all, b.all))))
	weight := stands
	if a.attack+b.attack > 0 {
		weight *= c.attacks
	}
	c.samples.Pair = append(c.samples.Pair, Sample{X: d.Features[:], Label: la != "" && la == lb, Weight: float32(weight), Stands: float32(stands)})
}

// mostly is the label of more than half of an incident's alerts, "" when none is.
func (c *content) mostly() string {
	for name, n := range c.labels {
		if 2*n > c.all {
			return name
		}
	}
	return ""
}

// content is what an incident holds.
type content struct {
	labels      map[string]int
	all, attack int
}

func (c *collector) content(id correlate.IncidentID) *content {
	if c.held[id] == nil {
		c.held[id] = &content{labels: map[string]int{}}
	}
	return c.held[id]
}

func (c *collector) decision(d *correlate.Decision) {
	l, ok := c.truth[d.AlertID]
	if !ok || l.Ambiguous {
		return
	}
	for _, w := range d.Candidates {
		held := c.held[w.Incident]
		if held == nil || held.all == 0 {
			continue
		}
		stands, label := c.weight, 2*held.labels[l.Incident] > held.all
		weight := stands
		if l.Attack || held.attack > 0 {
			weight *= c.attacks
		} else if !label {
			// Everyday candidates that do not fit are by far the most: one in
			// a few stands for all.
			if c.plain++; c.plain%plainPart != 0 {
				continue
			}
			stands *= plainPart
			weight = stands
		}
		c.samples.Link = append(c.samples.Link, Sample{X: w.Features[:], Label: label, Weight: float32(weight), Stands: float32(stands)})
	}
}

func (c *collector) enter(id string, out correlate.Outcome) {
	l, ok := c.truth[id]
	if !ok || l.Ambiguous {
		return
	}
	c.entered = id
	at := c.content(out.Incident)
	at.labels[l.Incident]++
	at.all++
	if l.Attack {
		at.attack++
	}
}

func (c *collector) merge(m correlate.Merge) {
	into, from := c.content(m.Into), c.content(m.From)
	for name, n := range from.labels {
		into.labels[name] += n
	}
	into.all += from.all
	into.attack += from.attack
	delete(c.held, m.From)
}

// plainPart is of how many everyday candidates that do not fit one is kept.
const plainPart = 5
