package invariant

import (
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

// rules compares the counts that are kept of each rule with its alerts.
func (c *check) rules() error {
	have, err := c.st.Rules(c.ctx, c.ws)
	if err != nil {
		return err
	}
	want := map[string]store.RuleCount{}
	for id := range c.alerts {
		c.countRules(want, id)
	}
	if len(have) != min(len(want), store.MaxRules) {
		c.problem("%d rules are counted, the alerts are of %d", len(have), len(want))
	}
	for _, h := range have {
		if w := want[h.Rule]; h.Alerts != w.Alerts || h.Incidents != w.Incidents || h.Excluded != w.Excluded {
			c.problem("rule %q counts %d alerts, %d excluded, in %d incidents and has %d, %d in %d", h.Rule, h.Alerts, h.Excluded, h.Incidents, w.Alerts, w.Excluded, w.Incidents)
		}
	}
	return nil
}

// countRules adds the alerts of one incident.
func (c *check) countRules(counts map[string]store.RuleCount, id correlate.IncidentID) {
	here := map[string]bool{}
	for _, a := range c.alerts[id] {
		r := counts[a.Rule]
		if r.Alerts++; a.Excluded {
			r.Excluded++
		}
		if !here[a.Rule] {
			here[a.Rule] = true
			r.Incidents++
		}
		counts[a.Rule] = r
	}
}
