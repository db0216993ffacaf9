// Package evaluate compares a grouping of alerts into incidents with labelled
// truth. The product itself never reads labels; this package serves training,
// measuring and back-tests.
package evaluate

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/go-json-experiment/json"
)

// Label is what the truth says of one alert.
type Label struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Incident  string `json:"incident"`
	Ambiguous bool   `json:"ambiguous"`
	Attack    bool   `json:"-"`
}

// Truth holds the labels by alert id.
type Truth map[string]Label

// ReadTruth reads labels, one JSON object a line. A background alert that
// belongs to nothing becomes a class of its own.
func ReadTruth(r io.Reader) (Truth, error) {
	out := Truth{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var l Label
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("reading label %d: %w", n, err)
		}
		l.Attack = l.Kind == "attack"
		if l.Incident == "" {
			l.Incident = "single:" + l.ID
		}
		out[l.ID] = l
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading labels: %w", err)
	}
	return out, nil
}

// Result holds the figures of one comparison. Means are over true attacks.
type Result struct {
	Alerts, Incidents, Unassigned int
	Largest                       float64 // share of the largest incident
	Attacks                       int
	BestF1                        float64 // best F1 of any one incident with the attack
	Captured                      float64 // share of the attack in the incident that holds most of it
	Purity                        float64 // share of that incident that is the attack
	Contamination                 float64 // share of background in incidents that hold attack alerts
	Merged                        int     // attacks whose best incident holds another attack too
	B3, ARI                       float64 // over all alerts
	PerAttack                     []Attack
}

// Attack holds the figures of one true attack.
type Attack struct {
	Name                 string
	Alerts, Incidents    int
	F1, Captured, Purity float64
	Others               int
}

type cell struct{ label, incident string }

// Score compares incidents by alert id with the truth.
func Score(t Truth, incidents map[string]string) Result {
	cells := map[cell]int{}
	labels, size := map[string]int{}, map[string]int{}
	inside := map[string]map[string]int{}
	byAttack := map[string]map[string]int{}
	var out Result
	for id, l := range t {
		if l.Ambiguous {
			continue
		}
		inc, ok := incidents[id]
		if !ok {
			out.Unassigned++
			inc = "none:" + id
		}
		out.Alerts++
		cells[cell{l.Incident, inc}]++
		labels[l.Incident]++
		size[inc]++
		key := ""
		if l.Attack {
			key = l.Incident
			count(byAttack, l.Incident, inc)
		}
		count(inside, inc, key)
	}
	out.Incidents = len(size)
	for _, n := range size {
		out.Largest = max(out.Largest, float64(n)/float64(max(1, out.Alerts)))
	}
	out.B3, out.ARI = partition(cells, labels, size, out.Alerts)
	perAttack(&out, byAttack, inside, size)
	contamination(&out, inside)
	return out
}

func count(m map[string]map[string]int, a, b string) {
	if m[a] == nil {
		m[a] = map[string]int{}
	}
	m[a][b]++
}

func pairs(n int) float64 { return float64(n) * float64(n-1) / 2 }

func f1(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func partition(cells map[cell]int, labels, size map[string]int, n int) (b3, ari float64) {
	if n == 0 {
		return 0, 0
	}
	var tp, tpairs, ppairs, p, r float64
	for _, c := range slices.SortedFunc(maps.Keys(cells), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.incident, b.incident))
	}) {
		k := cells[c]
		tp += pairs(k)
		p += float64(k) * float64(k) / float64(size[c.incident])
		r += float64(k) * float64(k) / float64(labels[c.label])
	}
	for _, k := range labels {
		tpairs += pairs(k)
	}
	for _, k := range size {
		ppairs += pairs(k)
	}
	expected := tpairs * ppairs / max(1, pairs(n))
	most := (tpairs + ppairs) / 2
	ari = 1
	if most != expected {
		ari = (tp - expected) / (most - expected)
	}
	return f1(p/float64(n), r/float64(n)), ari
}

func perAttack(out *Result, byAttack, inside map[string]map[string]int, size map[string]int) {
	for _, name := range slices.Sorted(maps.Keys(byAttack)) {
		a := Attack{Name: name, Incidents: len(byAttack[name])}
		best, most := "", 0
		for _, inc := range slices.Sorted(maps.Keys(byAttack[name])) {
			k := byAttack[name][inc]
			a.Alerts += k
			if k >= most {
				best, most = inc, k
			}
		}
		for inc, k := range byAttack[name] {
			a.F1 = max(a.F1, f1(float64(k)/float64(size[inc]), float64(k)/float64(a.Alerts)))
		}
		a.Captured, a.Purity = float64(most)/float64(a.Alerts), float64(most)/float64(size[best])
		for other := range inside[best] {
			if other != "" && other != name {
				a.Others++
			}
		}
		if a.Others > 0 {
			out.Merged++
		}
		out.PerAttack = append(out.PerAttack, a)
	}
	out.Attacks = len(out.PerAttack)
	n := math.Max(1, float64(out.Attacks))
	for _, a := range out.PerAttack {
		out.BestF1 += a.F1 / n
		out.Captured += a.Captured / n
		out.Purity += a.Purity / n
	}
}

func contamination(out *Result, inside map[string]map[string]int) {
	attack, background := 0, 0
	for _, c := range inside {
		if len(c) == 1 && c[""] > 0 {
			continue
		}
		for k, n := range c {
			if k == "" {
				background += n
			} else {
				attack += n
			}
		}
	}
	if attack+background > 0 {
		out.Contamination = float64(background) / float64(attack+background)
	}
}
