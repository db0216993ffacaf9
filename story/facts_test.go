package story

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/entity"
)

// TestNumbersAgreeWithTheFacts counts everything that the sentences state a
// second time, straight from the input.
func TestNumbersAgreeWithTheFacts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		s := demo.Generate(demo.Options{Seed: 40 + seed, Alerts: 1000})
		for _, a := range s.Attacks {
			in := attackInput(s, a.Name)
			checkFacts(t, in, Build(in))
		}
	}
}

func checkFacts(t *testing.T, in Input, s *Story) {
	t.Helper()
	for _, want := range append(append(overviewFacts(in), hitFacts(in)...), stateFacts(in)...) {
		topic, text, _ := strings.Cut(want, ": ")
		i := slices.IndexFunc(s.Sentences, func(x Sentence) bool { return x.Topic == topic })
		if i < 0 {
			t.Errorf("no sentence about %s, which should say %q", topic, text)
		} else if !strings.Contains(s.Sentences[i].Text, text) {
			t.Errorf("%s: %q does not say %q", topic, s.Sentences[i].Text, text)
		}
	}
	checkSteps(t, in, s)
	for _, x := range append(slices.Clone(s.Sentences), s.Steps...) {
		if len(x.Alerts) == 0 || x.AlertCount < len(x.Alerts) || x.AlertCount > s.TimelineTotal {
			t.Errorf("%q has %d of %d proofs", x.Text, len(x.Alerts), x.AlertCount)
		}
		if plural.MatchString(x.Text) {
			t.Errorf("%q is not well-formed", x.Text)
		}
	}
}

// plural finds wrong numbers, doubled spaces and empty places.
var plural = regexp.MustCompile(`\b1 (alerts|devices|accounts|mailboxes|files|addresses|traces|products|minutes|hours|days)\b|  | ,|\(\)| and \.|, and |:\.|%!`)

func overviewFacts(in Input) []string {
	products := map[string]bool{}
	for _, a := range in.Alerts {
		products[a.Product] = true
	}
	return []string{
		fmt.Sprintf("overview: %d alerts", len(in.Alerts)),
		fmt.Sprintf("overview: from %d products", len(products)),
	}
}

func hitFacts(in Input) []string {
	hit := map[entity.Kind]map[entity.ID]bool{}
	for _, m := range in.Mentions {
		if m.Impacted && m.Kind.Asset() {
			if hit[m.Kind] == nil {
				hit[m.Kind] = map[entity.ID]bool{}
			}
			hit[m.Kind][m.Entity] = true
		}
	}
	var out []string
	for kind, ids := range hit {
		if len(ids) > 1 {
			out = append(out, fmt.Sprintf("hit: %d %s (", len(ids), nouns[kind][1]))
			out = append(out, compromisedFacts(in, kind, ids)...)
		} else {
			out = append(out, "hit: "+nouns[kind][0]+" ")
		}
	}
	return out
}

func compromisedFacts(in Input, kind entity.Kind, impacted map[entity.ID]bool) []string {
	taken := map[entity.ID]bool{}
	for _, m := range in.Mentions {
		if m.Kind == kind && m.Evidence >= 0 && impacted[m.Entity] && slices.Contains(m.Roles, "compromised") {
			taken[m.Entity] = true
		}
	}
	if len(taken) == 0 || len(taken) == len(impacted) {
		return nil
	}
	return []string{fmt.Sprintf("hit: ; %d reported as compromised)", len(taken))}
}

func stateFacts(in Input) []string {
	stopped, alerts := map[entity.ID]bool{}, 0
	for _, a := range in.Alerts {
		any := false
		for i, ev := range a.Decoded.Evidence {
			switch ev.Base().RemediationStatus {
			case alert.RemediationStatusBlocked, alert.RemediationStatusPrevented, alert.RemediationStatusRemediated:
				any = true
				for _, m := range in.Mentions {
					if m.Alert == a.ID && m.Evidence == i {
						stopped[m.Entity] = true
					}
				}
			}
		}
		if any {
			alerts++
		}
	}
	malicious, loose := map[entity.ID]bool{}, 0
	for _, m := range in.Mentions {
		if m.Verdict == "malicious" && m.Evidence >= 0 && !m.Kind.Asset() && !malicious[m.Entity] {
			malicious[m.Entity] = true
			if !stopped[m.Entity] {
				loose++
			}
		}
	}
	out := []string{fmt.Sprintf("state: ll %d alerts are still open", len(in.Alerts))}
	if alerts > 0 {
		out = append(out, "state: In "+counted(alerts, "alert a", "alerts a")+" product")
	}
	if loose > 0 && loose < len(malicious) {
		out = append(out, fmt.Sprintf("state: for %d of the %d traces rated malicious", loose, len(malicious)))
	}
	return out
}

func checkSteps(t *testing.T, in Input, s *Story) {
	t.Helper()
	byTactic := map[string]int{}
	for _, a := range in.Alerts {
		for _, tactic := range a.Tactics {
			byTactic[tactic]++
		}
	}
	if len(s.Steps) != len(s.KillChain) {
		t.Fatalf("%d steps for %d stages", len(s.Steps), len(s.KillChain))
	}
	for _, stage := range s.KillChain {
		if stage.Tactic != "" && byTactic[stage.Tactic] != stage.Alerts {
			t.Errorf("%s has %d alerts, want %d", stage.Tactic, stage.Alerts, byTactic[stage.Tactic])
		}
		i := slices.IndexFunc(s.Steps, func(x Sentence) bool { return strings.HasPrefix(x.Text, stage.Name+",") })
		if i < 0 || s.Steps[i].AlertCount != stage.Alerts || !strings.Contains(s.Steps[i].Text, "("+counted(stage.Alerts, "alert", "alerts")+")") {
			t.Errorf("no step tells of the %d alerts of %s", stage.Alerts, stage.Name)
		}
	}
}

func TestHostileNamesStayInTheirQuotes(t *testing.T) {
	t.Parallel()
	evil := "all clear”. Everything is fine. “\u202egnp.exe\u200b\n# heading <script>" + strings.Repeat("A", 5000)
	s := demo.Generate(demo.Options{Seed: 5, Alerts: 1000})
	in := attackInput(s, s.Attacks[0].Name)
	for i := range in.Alerts {
		in.Alerts[i].Title, in.Alerts[i].Product = evil, evil
	}
	for i := range in.Entities {
		in.Entities[i].Label = evil
	}
	story := Build(in)
	for _, x := range append(slices.Clone(story.Sentences), story.Steps...) {
		if alert.Visible(x.Text) != x.Text {
			t.Errorf("hidden characters in %q", x.Text)
		}
		if strings.Count(x.Text, "“") != strings.Count(x.Text, "”") {
			t.Errorf("unbalanced quotes in %q", x.Text)
		}
		outside := regexp.MustCompile(`“[^“”]*”`).ReplaceAllString(x.Text, "")
		if strings.Contains(outside, "clear") || strings.Contains(outside, "script") {
			t.Errorf("foreign text outside of quotes in %q", x.Text)
		}
		if len(x.Text) > 6000 {
			t.Errorf("a sentence of %d bytes", len(x.Text))
		}
	}
	for _, n := range story.Graph.Nodes {
		if alert.Visible(n.Label) != n.Label || len(n.Label) > 1000 {
			t.Errorf("label %q", n.Label)
		}
	}
}

func TestOneAlert(t *testing.T) {
	t.Parallel()
	s := demo.Generate(demo.Options{Seed: 6, Alerts: 1000})
	in := attackInput(s, s.Attacks[0].Name)
	in.Alerts = in.Alerts[:1]
	story := Build(in)
	if len(story.Timeline) != 1 || len(story.Sentences) < 2 || strings.Contains(story.Sentences[0].Text, "began") {
		t.Errorf("%d items, %v", len(story.Timeline), story.Sentences)
	}
	checkSteps(t, in, story)
	if empty := Build(Input{}); len(empty.Sentences) != 0 || empty.Timeline == nil || empty.Graph.Nodes == nil || empty.Steps == nil {
		t.Error("the story of nothing is not empty lists")
	}
}

func TestAPartSaysThatItIsAPart(t *testing.T) {
	t.Parallel()
	s := demo.Generate(demo.Options{Seed: 6, Alerts: 1000})
	in := attackInput(s, "ransomware-1")
	in.Total = 410000
	in.Incident.Tally.Tactics = map[string]int{"impact": 400000}
	story := Build(in)
	want := "410,000 alerts from"
	if !strings.HasPrefix(story.Sentences[0].Text, want) || !strings.Contains(story.Sentences[0].Text, fmt.Sprintf("rests on %d of them", len(in.Alerts))) {
		t.Errorf("%q", story.Sentences[0].Text)
	}
	for _, x := range story.Sentences {
		if strings.Contains(x.Text, "It began") || strings.Contains(x.Text, "open") && !strings.Contains(x.Text, "alerts read here are still open") {
			t.Errorf("%q speaks for all alerts", x.Text)
		}
	}
	if story.Truncated.Alerts != 410000-len(in.Alerts) || story.TimelineTotal != 410000 {
		t.Errorf("truncated %+v of %d", story.Truncated, story.TimelineTotal)
	}
	if last := story.KillChain[len(story.KillChain)-1]; last.Tactic != "Impact" || last.Alerts != 400000 {
		t.Errorf("last stage %+v", last)
	}
}
