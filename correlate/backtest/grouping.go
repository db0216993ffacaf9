// Package backtest answers what if: it compares the incidents that one engine
// makes of a stream of alerts with those of another, says which incidents would
// merge, split, appear and vanish, and scores both against what people decided.
//
// It is as pure as the engine: no clock, no I/O, no map order.
package backtest

import (
	"github.com/clew-sec/clew/correlate"
)

// Grouping follows where an engine puts alerts. The zero value has seen nothing.
type Grouping struct {
	order    []string
	incident map[string]correlate.IncidentID
	redirect map[correlate.IncidentID]correlate.IncidentID
}

// Enter notes what one arrival or command changed.
func (g *Grouping) Enter(out correlate.Outcome) {
	if g.incident == nil {
		g.incident, g.redirect = map[string]correlate.IncidentID{}, map[correlate.IncidentID]correlate.IncidentID{}
	}
	for _, m := range out.Merges {
		g.redirect[m.From] = m.Into
	}
	if out.AlertID != "" {
		if _, known := g.incident[out.AlertID]; !known {
			g.order = append(g.order, out.AlertID)
		}
		g.incident[out.AlertID] = out.Incident
	}
	for _, m := range out.Moves {
		if _, known := g.incident[m.AlertID]; known {
			g.incident[m.AlertID] = m.To
		}
	}
}

// Alerts lists the alerts in order of first arrival. It must not be changed.
func (g *Grouping) Alerts() []string { return g.order }

// Incident is where an alert is by now: merges that came later are followed. It
// is 0 for an alert that never came.
func (g *Grouping) Incident(alert string) correlate.IncidentID {
	id := g.incident[alert]
	for {
		into, ok := g.redirect[id]
		if !ok {
			return id
		}
		id = into
	}
}

// Incidents counts the incidents that hold an alert.
func (g *Grouping) Incidents() int {
	seen := map[correlate.IncidentID]bool{}
	for _, id := range g.order {
		seen[g.Incident(id)] = true
	}
	return len(seen)
}
