// Package train learns the weights of the correlation model from labelled
// alerts. It replays each stream through the engine, labels every candidate
// that the engine weighed by what the candidate incident mostly holds, and fits
// boosted trees; then it does so again with the model it got, because what
// counts is to judge the incidents that the engine really makes.
package train

import (
	"fmt"
	"math"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
)

// Stream is one labelled stream of alerts in order of arrival.
type Stream struct {
	Name   string
	Alerts []*alert.Alert
	Truth  evaluate.Truth
	Weight float64 // of its samples; 0 means 1
}

// Options sets the training.
type Options struct {
	Params Params
	Rounds int // default 3
	// Keep is how many of the last rounds' samples are used together. Default 2.
	Keep    int
	Start   *correlate.Model // of the first round; nil takes the built-in one
	Version string
	// Thresholds of the model, in log-odds.
	Join, Consider, Merge float64
	Log                   func(format string, args ...any) // progress; may be nil
}

// Train gives a model fitted to the streams.
func Train(streams []Stream, opt Options) (*correlate.Model, error) {
	if opt.Rounds == 0 {
		opt.Rounds = 3
	}
	if opt.Keep == 0 {
		opt.Keep = 2
	}
	if opt.Log == nil {
		opt.Log = func(string, ...any) {}
	}
	m := opt.Start
	if m == nil {
		m = correlate.BuiltIn()
	}
	var rounds []Samples
	for r := range opt.Rounds {
		var now Samples
		for _, s := range streams {
			got := Collect(s, m)
			now.Link, now.Pair = append(now.Link, got.Link...), append(now.Pair, got.Pair...)
		}
		rounds = append(rounds, now)
		var all Samples
		for _, part := range rounds[max(0, len(rounds)-opt.Keep):] {
			all.Link, all.Pair = append(all.Link, part.Link...), append(all.Pair, part.Pair...)
		}
		next := &correlate.Model{Version: opt.Version, Join: opt.Join, Consider: opt.Consider, Merge: opt.Merge}
		next.Link.Base, next.Link.Trees = Boost(all.Link, correlate.FeatureNames(), opt.Params)
		next.Pair.Base, next.Pair.Trees = Boost(all.Pair, correlate.PairNames(), opt.Params)
		if err := next.Prepare(); err != nil {
			return nil, fmt.Errorf("round %d: %w", r+1, err)
		}
		opt.Log("round %d: %d link and %d pair samples", r+1, len(all.Link), len(all.Pair))
		m = next
	}
	return m, nil
}

// Samples are the labelled candidates of a stream.
type Samples struct {
	Link, Pair []Sample
}

// Collect replays a stream with a model and gives the labelled candidates.
func Collect(s Stream, m *correlate.Model) Samples {
	c := collector{truth: s.Truth, weight: s.Weight, held: map[correlate.IncidentID]*content{}}
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
	weight := c.weight * (1 + math.Log2(float64(min(a.all, b.all))))
	if a.attack+b.attack > 0 {
		weight *= attackWeight
	}
	c.samples.Pair = append(c.samples.Pair, Sample{X: d.Features[:], Label: la != "" && la == lb, Weight: float32(weight)})
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

// attackWeight is how much more a candidate of an attack's alert counts.
const attackWeight = 3

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
		weight := c.weight
		label := 2*held.labels[l.Incident] > held.all
		if l.Attack || held.attack > 0 {
			weight *= attackWeight
		} else if !label {
			// Everyday candidates that do not fit are by far the most: one in
			// three stands for all.
			if c.plain++; c.plain%3 != 0 {
				continue
			}
			weight *= 3
		}
		c.samples.Link = append(c.samples.Link, Sample{X: w.Features[:], Label: label, Weight: float32(weight)})
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
