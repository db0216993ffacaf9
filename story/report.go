package story

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
)

// Report writes the story as a Markdown document: head, summary, stages,
// assets, evidence and timeline. Foreign text is escaped, so that it stays text
// in whatever shows the document. Lists longer than the limits below say how
// many rows they leave out.
func Report(head incident.Incident, s *Story) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Incident %d: %s\n\n", head.ID, escaped(head.Name, maxTitle))
	reportHead(&b, head, s)
	b.WriteString("\n## Summary\n\n")
	for _, x := range s.Sentences {
		fmt.Fprintf(&b, "%s (%s)\n\n", markdown.Replace(x.Text), counted(x.AlertCount, "alert", "alerts"))
	}
	b.WriteString("## What happened\n\n")
	for i, x := range s.Steps {
		fmt.Fprintf(&b, "%d. %s\n", i+1, markdown.Replace(x.Text))
	}
	reportNodes(&b, "Assets", s.Graph.Nodes, true)
	reportNodes(&b, "Evidence", s.Graph.Nodes, false)
	reportTimeline(&b, s)
	return b.String()
}

// Rows of the tables of a report.
const (
	maxReportNodes    = 100
	maxReportTimeline = 500
)

func reportHead(b *strings.Builder, head incident.Incident, s *Story) {
	owner := escaped(head.Owner, maxLabel)
	if owner == "" {
		owner = "nobody"
	}
	fmt.Fprintf(b, "- Severity: %s\n- Status: %s\n- Owner: %s\n- Priority: %d of 100\n- Alerts: %s\n",
		escaped(string(head.Severity), maxLabel), escaped(string(head.Status), maxLabel), owner, head.Priority, number(s.TimelineTotal))
	if s.TimelineTotal > 0 && len(s.Timeline) > 0 {
		last := s.Timeline[0].End
		for _, it := range s.Timeline {
			if it.End.After(last) {
				last = it.End
			}
		}
		fmt.Fprintf(b, "- Activity: %s to %s\n", instant(s.Timeline[0].At), instant(last))
	}
	if len(head.Tags) > 0 {
		fmt.Fprintf(b, "- Tags: %s\n", escaped(strings.Join(head.Tags, ", "), maxTitle))
	}
}

func reportNodes(b *strings.Builder, title string, nodes []Node, assets bool) {
	var of []Node
	for _, n := range nodes {
		if n.Asset == assets {
			of = append(of, n)
		}
	}
	if len(of) == 0 {
		return
	}
	slices.SortStableFunc(of, func(x, y Node) int {
		return cmp.Or(cmp.Compare(rankBool(y.Impacted), rankBool(x.Impacted)), cmp.Compare(y.AlertCount, x.AlertCount))
	})
	fmt.Fprintf(b, "\n## %s\n\n| Kind | Name | State | Alerts | First seen | Last seen |\n|---|---|---|--:|---|---|\n", title)
	for _, n := range of[:min(len(of), maxReportNodes)] {
		label := n.Label
		if n.Kind == string(entity.URL) || n.Kind == string(entity.Domain) {
			label = defanged(label)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", nounOf(entity.Kind(n.Kind)), escaped(label, maxLabel), stateOf(n), number(n.AlertCount), instant(n.FirstSeen), instant(n.LastSeen))
	}
	if more := len(of) - maxReportNodes; more > 0 {
		fmt.Fprintf(b, "\n%s not listed.\n", counted(more, "more row is", "more rows are"))
	}
}

func stateOf(n Node) string {
	var out []string
	for _, p := range []struct {
		holds bool
		word  string
	}{{n.Critical, "critical"}, {n.Impacted, "hit"}, {n.Verdict == "malicious", "malicious"}, {n.Verdict == "suspicious", "suspicious"}, {n.Contained, "stopped"}} {
		if p.holds {
			out = append(out, p.word)
		}
	}
	return strings.Join(out, ", ")
}

func reportTimeline(b *strings.Builder, s *Story) {
	b.WriteString("\n## Timeline\n\n| Time | Severity | Alert | Product | Times |\n|---|---|---|---|--:|\n")
	for _, it := range s.Timeline[:min(len(s.Timeline), maxReportTimeline)] {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", it.At.UTC().Format("2 Jan 15:04:05"), escaped(it.Severity, maxLabel), escaped(it.Title, maxTitle), escaped(it.Product, maxLabel), number(it.Count))
	}
	if more := s.TimelineItems - min(len(s.Timeline), maxReportTimeline); more > 0 {
		fmt.Fprintf(b, "\n%s not listed.\n", counted(more, "more row is", "more rows are"))
	}
	if s.Truncated.Alerts > 0 {
		fmt.Fprintf(b, "\n%s of the incident %s not part of this report.\n", counted(s.Truncated.Alerts, "older alert", "older alerts"), isAre(s.Truncated.Alerts))
	}
}

// markdown escapes everything that Markdown or HTML could take for markup.
var markdown = func() *strings.Replacer {
	var pairs []string
	for _, c := range "\\`*_{}[]#|~" {
		pairs = append(pairs, string(c), "\\"+string(c))
	}
	// Bare addresses must not become links either.
	pairs = append(pairs, "://", `:\//`, "www.", `www\.`)
	return strings.NewReplacer(append(pairs, "&", "&amp;", "<", "&lt;", ">", "&gt;")...)
}()

func escaped(s string, limit int) string { return markdown.Replace(visible(s, limit)) }
