package invariant

import (
	"maps"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
)

// tasks checks that each incident counts its tasks, that their places have no
// gaps, and that none is in two incidents or in one that was merged away.
func (c *check) tasks() error {
	in := map[int64]correlate.IncidentID{}
	for _, id := range slices.Sorted(maps.Keys(c.heads)) {
		head := c.heads[id]
		list, err := c.st.Tasks(c.ctx, c.ws, id)
		if err != nil {
			return err
		}
		if got := incident.TallyTasks(list); got != head.Tasks {
			c.problem("incident %d counts tasks %+v and has %+v", id, head.Tasks, got)
		}
		if head.Status == incident.Redirected && len(list) > 0 {
			c.problem("incident %d is redirected and has %d tasks", id, len(list))
		}
		for n, t := range list {
			if t.Incident != id || t.Position != n+1 {
				c.problem("task %d is number %d of incident %d and says number %d of %d", t.ID, n+1, id, t.Position, t.Incident)
			}
			if other, twice := in[t.ID]; twice {
				c.problem("task %d is in incidents %d and %d", t.ID, other, id)
			}
			in[t.ID] = id
		}
	}
	return nil
}
