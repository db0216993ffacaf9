package correlate

import "math"

// Thresholds moves the lines between one incident and two, in log-odds that are
// added to the model's own: above 0 less is put together, below 0 more. 0.7 asks
// for about twice the odds. The zero value is the model as it was trained.
type Thresholds struct {
	Join  float64 `json:"join"`  // for an alert and an incident
	Merge float64 `json:"merge"` // for two incidents
}

// MaxThreshold bounds how far a threshold can be moved, in both directions.
const MaxThreshold = 4

func (t Thresholds) check() error {
	outside := func(v float64) bool { return math.IsNaN(v) || math.Abs(v) > MaxThreshold }
	field := ""
	switch {
	case outside(t.Join):
		field = "thresholds.join"
	case outside(t.Merge):
		field = "thresholds.merge"
	default:
		return nil
	}
	return unfit(field, "must lie between %d and %d", -MaxThreshold, MaxThreshold)
}

// joinAt is the log-odds from which an alert joins an incident.
func (e *Engine) joinAt() float64 { return e.opt.Model.Join + e.controls.settings.Thresholds.Join }

// considerAt is the log-odds from which a second incident is looked at.
func (e *Engine) considerAt() float64 {
	return e.opt.Model.Consider + e.controls.settings.Thresholds.Join
}

// mergeAt is the log-odds from which two incidents are merged. The larger the
// smaller of them is, the surer it must be: a wrong merge of two large incidents
// costs more than that of a single alert.
func (e *Engine) mergeAt(a, b *incident) float64 {
	least := max(1, min(a.alerts, b.alerts))
	return e.opt.Model.Merge + e.opt.Model.Growth*math.Log2(float64(least)) + e.controls.settings.Thresholds.Merge
}
