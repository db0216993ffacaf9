package backtest

import (
	"cmp"
	"slices"

	"github.com/clew-sec/clew/correlate"
)

// Shape describes a grouping in three numbers.
type Shape struct {
	Incidents int `json:"incidents"`
	Single    int `json:"single"`  // incidents of one alert
	Largest   int `json:"largest"` // alerts in the largest incident
}

// AlertSet is a set of alerts in one incident.
type AlertSet struct {
	// Incident is the stored incident that holds most of these alerts; 0 when
	// the group would be a new one.
	Incident correlate.IncidentID `json:"incident"`
	Alerts   int                  `json:"alerts"`
	Sample   []string             `json:"sample"` // the first of them, at most 5 ids
}

// Regrouping is one difference: a whole and its parts. In a merge the parts are of
// before and the whole of after, in a split the other way round.
type Regrouping struct {
	Whole AlertSet   `json:"whole"`
	Parts []AlertSet `json:"parts"` // largest first, at most 20
	Count int        `json:"count"` // of all parts
}

// Difference says how a grouping differs from another one of the same alerts. The
// lists hold the changes of most alerts first, at most 200 each; Merging and
// Splitting count all.
type Difference struct {
	Alerts int   `json:"alerts"`
	Before Shape `json:"before"`
	After  Shape `json:"after"`
	// Same counts the incidents that hold exactly the same alerts.
	Same int `json:"same"`
	// Elsewhere counts the alerts that are not in the incident which continues
	// theirs.
	Elsewhere int          `json:"elsewhere"`
	Merges    []Regrouping `json:"merges"`
	Splits    []Regrouping `json:"splits"`
	Merging   int          `json:"merging"`
	Splitting int          `json:"splitting"`
	// Appeared are incidents of after that continue none of before, Vanished
	// those of before that none of after continues. One continues another when
	// each holds more of the other's alerts than any other incident does.
	Appeared int `json:"appeared"`
	Vanished int `json:"vanished"`
}

// Bounds of a Difference.
const (
	maxChanges = 200
	maxParts   = 20
	maxSample  = 5
)

// Placement says where an alert is. It gives the same answer each time.
type Placement func(alert string) correlate.IncidentID

// Compare says what becomes of the incidents of before in after. Both place every
// one of the alerts, whose order decides all ties; stored names the incidents.
func Compare(alerts []string, before, after, stored Placement) Difference {
	c := comparison{before: newSide(), after: newSide(), common: map[cell]int{}, stored: stored}
	for _, id := range alerts {
		b, a := before(id), after(id)
		c.before.add(b, id)
		c.after.add(a, id)
		c.common[cell{b, a}]++
	}
	c.match()
	d := Difference{Alerts: len(alerts), Before: c.before.shape(), After: c.after.shape()}
	for _, b := range c.before.order {
		a := c.before.next[b]
		lives := c.after.next[a] == b
		both := c.common[cell{b, a}]
		switch {
		case !lives:
			d.Vanished++
			d.Elsewhere += len(c.before.held[b])
		case both == len(c.before.held[b]) && both == len(c.after.held[a]):
			d.Same++
		default:
			d.Elsewhere += len(c.before.held[b]) - both
		}
	}
	for _, a := range c.after.order {
		if c.before.next[c.after.next[a]] != a {
			d.Appeared++
		}
	}
	d.Merges, d.Merging = c.changes(c.after, c.before, c.mergeOf)
	d.Splits, d.Splitting = c.changes(c.before, c.after, c.splitOf)
	return d
}

// cell is an incident of before and one of after.
type cell struct{ before, after correlate.IncidentID }

// comparison holds two groupings of the same alerts.
type comparison struct {
	before, after *side
	common        map[cell]int // alerts in both
	stored        Placement
}

// side is one grouping.
type side struct {
	order []correlate.IncidentID // by first alert
	held  map[correlate.IncidentID][]string
	next  map[correlate.IncidentID]correlate.IncidentID // of the other side, the one that shares most
}

func newSide() *side {
	return &side{held: map[correlate.IncidentID][]string{}, next: map[correlate.IncidentID]correlate.IncidentID{}}
}

func (s *side) add(inc correlate.IncidentID, alert string) {
	if s.held[inc] == nil {
		s.order = append(s.order, inc)
	}
	s.held[inc] = append(s.held[inc], alert)
}

func (s *side) shape() Shape {
	out := Shape{Incidents: len(s.order)}
	for _, inc := range s.order {
		n := len(s.held[inc])
		out.Largest = max(out.Largest, n)
		if n == 1 {
			out.Single++
		}
	}
	return out
}

// match finds for each incident the one of the other side that shares most alerts
// with it; of equals the one whose first alert came first.
func (c *comparison) match() {
	cells := make([]cell, 0, len(c.common))
	for x := range c.common {
		cells = append(cells, x)
	}
	place := func(s *side) map[correlate.IncidentID]int {
		at := make(map[correlate.IncidentID]int, len(s.order))
		for i, inc := range s.order {
			at[inc] = i
		}
		return at
	}
	b, a := place(c.before), place(c.after)
	slices.SortFunc(cells, func(x, y cell) int {
		return cmp.Or(cmp.Compare(c.common[y], c.common[x]), cmp.Compare(b[x.before], b[y.before]), cmp.Compare(a[x.after], a[y.after]))
	})
	for _, x := range cells {
		if _, ok := c.before.next[x.before]; !ok {
			c.before.next[x.before] = x.after
		}
		if _, ok := c.after.next[x.after]; !ok {
			c.after.next[x.after] = x.before
		}
	}
}

// changes lists the wholes that two or more parts belong to.
func (c *comparison) changes(whole, part *side, of func(whole correlate.IncidentID, parts []correlate.IncidentID) Regrouping) ([]Regrouping, int) {
	parts := map[correlate.IncidentID][]correlate.IncidentID{}
	for _, p := range part.order {
		parts[part.next[p]] = append(parts[part.next[p]], p)
	}
	out := []Regrouping{}
	for _, w := range whole.order {
		if len(parts[w]) > 1 {
			out = append(out, of(w, parts[w]))
		}
	}
	n := len(out)
	slices.SortStableFunc(out, func(a, b Regrouping) int { return cmp.Compare(b.Whole.Alerts, a.Whole.Alerts) })
	return out[:min(n, maxChanges)], n
}

func (c *comparison) mergeOf(whole correlate.IncidentID, parts []correlate.IncidentID) Regrouping {
	out := Regrouping{Whole: c.groupOf(c.after.held[whole]), Count: len(parts)}
	for _, p := range parts {
		out.Parts = append(out.Parts, c.groupOf(c.before.held[p]))
	}
	return out.complete()
}

func (c *comparison) splitOf(whole correlate.IncidentID, parts []correlate.IncidentID) Regrouping {
	out := Regrouping{Whole: c.groupOf(c.before.held[whole]), Count: len(parts)}
	for _, p := range parts {
		g := c.groupOf(c.after.held[p])
		if c.before.next[whole] != p {
			g.Incident = 0 // the stored incident lives on elsewhere
		}
		out.Parts = append(out.Parts, g)
	}
	return out.complete()
}

func (ch Regrouping) complete() Regrouping {
	slices.SortStableFunc(ch.Parts, func(a, b AlertSet) int { return cmp.Compare(b.Alerts, a.Alerts) })
	ch.Parts = ch.Parts[:min(len(ch.Parts), maxParts)]
	return ch
}

// groupOf names a set of alerts by the stored incident that holds most of them.
func (c *comparison) groupOf(alerts []string) AlertSet {
	g := AlertSet{Alerts: len(alerts), Sample: slices.Clone(alerts[:min(len(alerts), maxSample)])}
	count := map[correlate.IncidentID]int{}
	for _, id := range alerts {
		inc := c.stored(id)
		count[inc]++
		if count[inc] > count[g.Incident] || count[inc] == count[g.Incident] && inc < g.Incident {
			g.Incident = inc
		}
	}
	return g
}
