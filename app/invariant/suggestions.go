package invariant

import (
	"maps"
	"slices"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// suggestions checks that what is suggested can still be done: both incidents are
// there, open, and not merged away.
func (c *check) suggestions() error {
	for _, id := range slices.Sorted(maps.Keys(c.heads)) {
		open, err := c.st.Suggestions(c.ctx, c.ws, id, []store.SuggestionState{store.SuggestionOpen})
		if err != nil {
			return err
		}
		for _, s := range open {
			if s.A >= s.B {
				c.problem("suggestion %d names incidents %d and %d in this order", s.ID, s.A, s.B)
			}
			for _, end := range []correlate.IncidentID{s.A, s.B} {
				if head, ok := c.heads[end]; !ok || head.Status == incident.Resolved || head.Status == incident.Redirected {
					c.problem("suggestion %d is open, but incident %d is %q", s.ID, end, head.Status)
				}
			}
		}
	}
	return nil
}
