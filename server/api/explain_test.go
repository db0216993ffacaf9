package api

import (
	"testing"

	"github.com/clew-sec/clew/correlate"
	"github.com/google/go-cmp/cmp"
)

// How sure a link is belongs to the alert, or to the two incidents that another alert
// tied together.
func TestSentencesSayWhoseProbabilityItIs(t *testing.T) {
	t.Parallel()
	peer := []correlate.LinkedAlert{{ID: "p", Title: "Scan"}}
	for name, c := range map[string]struct {
		link correlate.Link
		want []string
	}{
		"opened":     {correlate.Link{}, []string{"It began the incident: when it arrived, nothing related to it was known."}},
		"joined":     {correlate.Link{Score: 0.75, Alerts: peer}, []string{"Why.", "It belongs to the incident with a probability of 75 %."}},
		"came along": {correlate.Link{Score: 0.75, Alerts: peer, Through: &peer[0]}, []string{"Why.", "The two incidents belong together with a probability of 75 %."}},
		"long ago":   {correlate.Link{Score: 0.75, Alerts: []correlate.LinkedAlert{{ID: "own"}}}, []string{"Why.", "The two incidents belong together with a probability of 75 %."}},
	} {
		if diff := cmp.Diff(c.want, sentences("own", c.link, "Why")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
