package evaluate

import (
	"strings"
)

// Bar is a measure of labelled streams with what it must reach.
type Bar struct {
	Set, Measure string
	Plain        string // what plain rules of grouping reach
	Must, Aim    float64
	Least        bool // Must and Aim are least values, not greatest ones
	Value        float64
	Note         string
}

// Met says whether the value reaches what it must.
func (b Bar) Met() bool {
	const rounding = 5e-4
	if b.Least {
		return b.Value >= b.Must-rounding
	}
	return b.Value <= b.Must+rounding
}

// Scored is the result of one stream, with the results at a lower and a higher
// threshold of joining when they were measured.
type Scored struct {
	Name, Kind    string
	Result        Result
	Lower, Higher *Result
}

// Bars gives the bars of the kinds of streams that were measured: those of a
// company ("enterprise"), of a small tenant whose incidents overlap
// ("excytin-overlap") and of testbeds with one entity an alert ("ait").
func Bars(all []Scored) []Bar {
	var out []Bar
	if s := pick(all, func(s Scored) bool { return s.Kind == "enterprise" }); len(s) > 0 {
		out = append(out, companyBars(s)...)
	}
	if s := pick(all, func(s Scored) bool { return s.Name == "excytin-overlap" }); len(s) > 0 {
		out = append(out, overlapBars(s[0].Result)...)
	}
	if s := pick(all, func(s Scored) bool { return s.Kind == "ait" && !strings.HasSuffix(s.Name, "-storm") }); len(s) > 0 {
		out = append(out, testbedBars(s)...)
	}
	return out
}

func pick(all []Scored, want func(Scored) bool) (out []Scored) {
	for _, s := range all {
		if want(s) {
			out = append(out, s)
		}
	}
	return out
}

func mean(all []Scored, of func(Result) float64) float64 {
	sum := 0.0
	for _, s := range all {
		sum += of(s.Result)
	}
	return sum / float64(max(1, len(all)))
}

func companyBars(all []Scored) []Bar {
	const set = "enterprise, mean"
	largest, moved, known := 0.0, 0.0, false
	for _, s := range all {
		largest = max(largest, s.Result.Largest)
		for _, r := range []*Result{s.Lower, s.Higher} {
			if r != nil {
				known = true
				largest = max(largest, r.Largest)
			}
		}
		if s.Lower != nil && s.Higher != nil {
			moved += max(s.Lower.Contamination, s.Higher.Contamination, s.Result.Contamination) / float64(len(all))
		}
	}
	out := []Bar{
		{Set: set, Measure: "best-incident F1", Plain: "0.48", Must: 0.75, Aim: 0.90, Least: true, Value: mean(all, func(r Result) float64 { return r.BestF1 })},
		{Set: set, Measure: "contamination", Plain: "0.2 to 0.9", Must: 0.10, Aim: 0.03, Value: mean(all, func(r Result) float64 { return r.Contamination })},
		{Set: set, Measure: "captured", Plain: "0.39", Must: 0.70, Aim: 0.85, Least: true, Value: mean(all, func(r Result) float64 { return r.Captured })},
		{Set: set, Measure: "purity", Plain: "0.76", Must: 0.90, Aim: 0.95, Least: true, Value: mean(all, func(r Result) float64 { return r.Purity })},
		{Set: set, Measure: "attacks merged with another", Plain: "0.7 to 14", Must: 1, Aim: 0, Value: mean(all, func(r Result) float64 { return float64(r.Merged) })},
		{Set: set, Measure: "B-cubed F1, all alerts", Plain: "0.70", Must: 0.85, Aim: 0.92, Least: true, Value: mean(all, func(r Result) float64 { return r.B3 })},
		{Set: set, Measure: "largest incident, share of all alerts", Plain: "0.004 to 0.98", Must: 0.02, Aim: 0.01, Value: largest},
	}
	if known {
		out = append(out, Bar{Set: set, Measure: "contamination at a threshold moved by ±0.3", Plain: "", Must: 0.15, Aim: 0.05, Value: moved})
	}
	return out
}

func overlapBars(r Result) []Bar {
	const set = "excytin-overlap"
	return []Bar{
		{Set: set, Measure: "best-incident F1", Plain: "0.95", Must: 0.85, Aim: 1, Least: true, Value: r.BestF1},
		{Set: set, Measure: "adjusted Rand index", Plain: "0.93", Must: 0.90, Aim: 1, Least: true, Value: r.ARI},
		{Set: set, Measure: "attacks merged with another", Plain: "1", Must: 0, Aim: 0, Value: float64(r.Merged)},
	}
}

func testbedBars(all []Scored) []Bar {
	attack := func(name string) func(Result) float64 {
		return func(r Result) float64 {
			for _, a := range r.PerAttack {
				if strings.HasSuffix(a.Name, "/"+name) {
					return a.F1
				}
			}
			return 0
		}
	}
	most := 0
	for _, s := range all {
		most = max(most, s.Result.Incidents)
	}
	const set = "AIT, mean"
	out := []Bar{
		{Set: set, Measure: "intrusion: best-incident F1", Must: 0.85, Aim: 0.95, Least: true, Value: mean(all, attack("intrusion"))},
		{Set: set, Measure: "both attacks: best-incident F1", Plain: "0.66", Must: 0.70, Aim: 0.85, Least: true, Value: mean(all, func(r Result) float64 { return r.BestF1 })},
		{Set: set, Measure: "contamination", Plain: "0.01", Must: 0.05, Aim: 0.05, Value: mean(all, func(r Result) float64 { return r.Contamination })},
		{Set: "AIT, most of one", Measure: "incidents", Plain: "74,000", Must: 2000, Aim: 500, Value: float64(most)},
	}
	for _, s := range all {
		if s.Name == "ait-santos" {
			out = append(out, Bar{Set: s.Name, Measure: "exfiltration: best-incident F1", Must: 0.65, Aim: 0.90, Least: true, Value: attack("dns-exfiltration")(s.Result)})
		}
	}
	return out
}
