package story

import (
	"testing"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/entity"
)

// resolvedInput is attackInput with the entities of the product's own resolver,
// as a workspace would hand them in.
func resolvedInput(s *demo.Scenario, keep func(id string) bool) Input {
	var in Input
	r, places := entity.NewResolver(), map[string]int{}
	rows := map[string][]Mention{}
	labels := map[entity.ID]Entity{}
	for d := range s.Alerts() {
		if !keep(d.Alert.ID) {
			continue
		}
		mentions := entity.Extract(d.Alert)
		seen, _ := r.Resolve(mentions, entity.Proof{Alert: d.Alert.ID, At: d.Received})
		rows[d.Alert.ID] = nil
		for _, x := range seen {
			m := Mention{Alert: d.Alert.ID, Entity: x.ID, Kind: x.Mention.Kind, Verdict: string(x.Mention.Verdict), Impacted: x.Mention.Impacted, Evidence: x.Mention.Evidence}
			for _, role := range x.Mention.Roles {
				m.Roles = append(m.Roles, string(role))
			}
			rows[d.Alert.ID] = append(rows[d.Alert.ID], m)
			if _, known := labels[x.ID]; !known {
				labels[x.ID] = Entity{ID: x.ID, Kind: x.Mention.Kind, Label: x.Mention.Label}
			}
		}
		a := FromAlert(d.Alert, correlate.Link{})
		if at, again := places[a.ID]; again {
			in.Alerts[at] = a
			continue
		}
		places[a.ID] = len(in.Alerts)
		in.Alerts = append(in.Alerts, a)
	}
	for _, a := range in.Alerts {
		for _, m := range rows[a.ID] {
			m.Entity = r.Find(m.Entity)
			in.Mentions = append(in.Mentions, m)
		}
	}
	for _, e := range labels {
		if r.Find(e.ID) == e.ID {
			in.Entities = append(in.Entities, e)
		}
	}
	return in
}

func TestFactsWithResolvedEntities(t *testing.T) {
	t.Parallel()
	s := demo.Generate(demo.Options{Seed: 21, Alerts: 1000})
	for _, a := range s.Attacks {
		in := resolvedInput(s, func(id string) bool { return s.Truth[id].Attack == a.Name })
		story := Build(in)
		checkFacts(t, in, story)
		if story.Truncated != (Truncated{}) {
			t.Errorf("%s: truncated %+v", a.Name, story.Truncated)
		}
		if testing.Verbose() {
			t.Logf("%s\n%s", a.Name, account(story))
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	s := demo.Generate(demo.Options{Seed: 3, Alerts: 10000, Days: 7})
	in := resolvedInput(s, func(string) bool { return true })
	for i := range in.Alerts {
		in.Alerts[i].Normal, _ = in.Alerts[i].Decoded.AppendJSON(nil)
		in.Alerts[i].Decoded = nil
	}
	b.ReportAllocs()
	for b.Loop() {
		Build(in)
	}
	b.ReportMetric(float64(len(in.Alerts)), "alerts")
}
