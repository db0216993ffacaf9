package story

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
)

var allKinds = []entity.Kind{
	entity.User, entity.Device, entity.IP, entity.File, entity.Process, entity.URL, entity.Domain, entity.Mailbox, entity.Mail,
	entity.MailCluster, entity.App, entity.Session, entity.Group, entity.Registry, entity.CloudResource, entity.Container,
	entity.Malware, entity.Other, "nonsense", "",
}

// anyInput draws an incident of any shape, sensible or not.
func anyInput(t *rapid.T) Input {
	in := Input{
		Incident:    incident.Incident{ID: 7, Scope: map[string]int{"device": rapid.IntRange(0, 50).Draw(t, "scope")}},
		MentionsCut: rapid.Bool().Draw(t, "cut"), Total: rapid.IntRange(0, 60).Draw(t, "total"),
		Limits: Limits{Nodes: rapid.IntRange(0, 40).Draw(t, "nodes"), Edges: rapid.IntRange(0, 40).Draw(t, "edges"), Timeline: rapid.IntRange(0, 20).Draw(t, "timeline"), Decode: rapid.IntRange(0, 20).Draw(t, "decode")},
	}
	things := rapid.IntRange(0, 60).Draw(t, "things")
	for i := range things {
		if rapid.IntRange(0, 9).Draw(t, "named") > 0 {
			in.Entities = append(in.Entities, Entity{
				ID: entity.ID(i + 1), Kind: rapid.SampledFrom(allKinds).Draw(t, "kind"), Label: rapid.StringN(0, 30, 90).Draw(t, "label"), Critical: rapid.Bool().Draw(t, "critical"),
			})
		}
	}
	for i := range rapid.IntRange(0, 25).Draw(t, "alerts") {
		in.Alerts = append(in.Alerts, anyAlert(t, fmt.Sprintf("a%d", i)))
		if things > 0 {
			for range rapid.IntRange(0, 8).Draw(t, "mentions") {
				in.Mentions = append(in.Mentions, anyMention(t, in.Alerts[i].ID, things))
			}
		}
	}
	return in
}

func anyAlert(t *rapid.T, id string) Alert {
	at := time.Unix(int64(rapid.IntRange(0, 400000).Draw(t, "at")), 0).UTC()
	out := Alert{
		ID: id, Title: rapid.StringN(0, 20, 60).Draw(t, "title"), Severity: rapid.SampledFrom([]string{"high", "medium", "low", "informational", "", "odd"}).Draw(t, "severity"),
		Status: rapid.SampledFrom([]string{"new", "resolved", ""}).Draw(t, "status"), Product: rapid.SampledFrom([]string{"", "A", "B”"}).Draw(t, "product"),
		Rule: rapid.SampledFrom([]string{"r1", "r2", "r3", ""}).Draw(t, "rule"), First: at, Last: at.Add(time.Duration(rapid.IntRange(-100, 5000).Draw(t, "for")) * time.Second),
		Tactics: rapid.SliceOfN(rapid.SampledFrom([]string{"Impact", "LateralMovement", "credential-access", "Execution", "x"}), 0, 3).Draw(t, "tactics"),
		Link:    correlate.Link{Facts: []correlate.Fact{{Text: rapid.StringN(0, 9, 30).Draw(t, "why")}}},
	}
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		out.Normal = rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(t, "normal")
	case 1, 2:
		out.Decoded = anyEvidence(t)
	}
	return out
}

func anyEvidence(t *rapid.T) *alert.Alert {
	a := &alert.Alert{MITRETechniques: []string{rapid.SampledFrom([]string{"T1204.001", "T1059", ""}).Draw(t, "technique")}, ThreatFamilyName: rapid.StringN(0, 4, 9).Draw(t, "family")}
	for range rapid.IntRange(0, 6).Draw(t, "evidence") {
		ev := alert.NewEvidence(rapid.SampledFrom(append(alert.EvidenceTypes(), "odd")).Draw(t, "type"))
		ev.Base().RemediationStatus = alert.RemediationStatus(rapid.SampledFrom([]string{"", "blocked", "none"}).Draw(t, "status"))
		switch e := ev.(type) {
		case *alert.ProcessEvidence:
			if rapid.Bool().Draw(t, "image") {
				e.ImageFile, e.ParentProcessImageFile = &alert.FileDetails{FileName: "a.exe"}, &alert.FileDetails{FileName: rapid.SampledFrom([]string{"", "a.exe"}).Draw(t, "parent")}
				e.ProcessID, e.ParentProcessID = int64(rapid.IntRange(0, 2).Draw(t, "pid")), int64(rapid.IntRange(0, 2).Draw(t, "ppid"))
			}
		case *alert.FileEvidence:
			e.FileDetails = &alert.FileDetails{FileName: "a.exe"}
		case *alert.AnalyzedMessageEvidence:
			e.SenderIP, e.RecipientEmailAddress = "192.0.2.1", "a@b.example"
			e.P2Sender = &alert.EmailSender{EmailAddress: rapid.SampledFrom([]string{"", "c@d.example"}).Draw(t, "sender")}
		case *alert.NetworkConnectionEvidence:
			if rapid.Bool().Draw(t, "ends") {
				e.SourceAddress, e.DestinationAddress = &alert.IPEvidence{}, &alert.IPEvidence{IPAddress: "192.0.2.1"}
			}
		}
		a.Evidence = append(a.Evidence, ev)
	}
	if rapid.IntRange(0, 20).Draw(t, "nil") == 0 {
		a.Evidence = append(a.Evidence, nil)
	}
	return a
}

func anyMention(t *rapid.T, id string, things int) Mention {
	roles := rapid.SliceOfN(rapid.SampledFrom(alert.Members[alert.Role]()), 0, 3).Draw(t, "roles")
	m := Mention{
		Alert: id, Entity: entity.ID(rapid.IntRange(1, things).Draw(t, "entity")), Kind: rapid.SampledFrom(allKinds).Draw(t, "mentionKind"),
		Verdict: rapid.SampledFrom([]string{"", "malicious", "suspicious", "unknown", "odd"}).Draw(t, "verdict"), Impacted: rapid.Bool().Draw(t, "impacted"), Evidence: rapid.IntRange(-1, 7).Draw(t, "index"),
	}
	for _, r := range roles {
		m.Roles = append(m.Roles, string(r))
	}
	return m
}

func TestAnyInputGivesAWholeStory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		s := Build(in)
		checkTimeline(t, in, s)
		checkGraph(t, in, s)
		for _, x := range append(slices.Clone(s.Sentences), s.Steps...) {
			if len(x.Alerts) == 0 || x.AlertCount < len(x.Alerts) || alert.Visible(x.Text) != x.Text {
				t.Fatalf("sentence %+v", x)
			}
		}
		for _, st := range s.KillChain {
			if st.Alerts == 0 || st.Last.Before(st.First) {
				t.Fatalf("stage %+v", st)
			}
		}
	})
}

// checkTimeline: every alert is in one item or in one that was cut, in order.
func checkTimeline(t *rapid.T, in Input, s *Story) {
	shown := 0
	for i, it := range s.Timeline {
		shown += it.Count
		if it.Count < 1 || len(it.Folded) != min(it.Count-1, maxItemFolded) || it.End.Before(it.At) || i > 0 && it.At.Before(s.Timeline[i-1].At) {
			t.Fatalf("item %+v", it)
		}
	}
	if len(s.Timeline)+s.Truncated.TimelineItems != s.TimelineItems {
		t.Fatalf("%d items shown and %d cut of %d", len(s.Timeline), s.Truncated.TimelineItems, s.TimelineItems)
	}
	if s.Truncated.TimelineItems == 0 && shown != len(in.Alerts) || shown > len(in.Alerts) {
		t.Fatalf("%d alerts in the timeline of %d", shown, len(in.Alerts))
	}
	if s.TimelineTotal-s.Truncated.Alerts != len(in.Alerts) {
		t.Fatalf("%d in all, %d not handed in, %d handed in", s.TimelineTotal, s.Truncated.Alerts, len(in.Alerts))
	}
}

// checkGraph: every mentioned entity is in exactly one node, edges join nodes.
func checkGraph(t *rapid.T, in Input, s *Story) {
	want, got, grouped := map[entity.ID]bool{}, map[entity.ID]bool{}, 0
	for _, m := range in.Mentions {
		want[m.Entity] = true
	}
	nodes := map[string]bool{}
	for _, n := range s.Graph.Nodes {
		if nodes[n.ID] || n.Layer < 0 || n.AlertCount == 0 || n.Label == "" {
			t.Fatalf("node %+v", n)
		}
		nodes[n.ID] = true
		members := []entity.ID{n.Entity}
		if n.Group != nil {
			grouped += n.Group.Count
			members = n.Group.Members
			if n.Group.Count != len(members) || n.Group.Count < 2 {
				t.Fatalf("group %+v", n.Group)
			}
		}
		for _, id := range members {
			if got[id] {
				t.Fatalf("entity %d is in two nodes", id)
			}
			got[id] = true
		}
	}
	for id := range got {
		if !want[id] {
			t.Fatalf("entity %d is shown but not mentioned", id)
		}
	}
	if len(got)+s.Graph.Folded.Context != len(want) {
		t.Fatalf("%d entities shown and %d context of %d", len(got), s.Graph.Folded.Context, len(want))
	}
	if grouped != s.Graph.Folded.Entities || len(nodes) > max(in.Limits.orDefaults().Nodes, len(nouns)) {
		t.Fatalf("%d nodes, %d grouped, counted %d", len(nodes), grouped, s.Graph.Folded.Entities)
	}
	for _, e := range s.Graph.Edges {
		if !nodes[e.From] || !nodes[e.To] || e.From == e.To || e.AlertCount == 0 || e.Label == "" {
			t.Fatalf("edge %+v", e)
		}
	}
}

func TestOrderOfTheInputDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		want := Build(in)
		other := in
		other.Alerts = rapid.Permutation(in.Alerts).Draw(t, "alertOrder")
		other.Mentions = rapid.Permutation(in.Mentions).Draw(t, "mentionOrder")
		other.Entities = rapid.Permutation(in.Entities).Draw(t, "entityOrder")
		if d := cmp.Diff(want, Build(other)); d != "" {
			t.Fatalf("another order gives another story:\n%s", d)
		}
	})
}
