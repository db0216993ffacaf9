package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// Explanation says why an alert is in its incident.
type Explanation struct {
	Alert     AlertRow             `json:"alert"`
	Incident  correlate.IncidentID `json:"incident"`
	Link      correlate.Link       `json:"link"`
	Sentences []string             `json:"sentences" doc:"The same in words. Foreign names inside."`
	Siblings  []AlertRow           `json:"siblings" doc:"The alerts that the link rests on."`
}

// AlertReason is one alert's place in an incident, in words.
type AlertReason struct {
	Alert     string         `json:"alert"`
	Title     string         `json:"title"`
	At        time.Time      `json:"at"`
	Link      correlate.Link `json:"link"`
	Sentences []string       `json:"sentences"`
}

// IncidentExplanation says why alerts are one incident.
type IncidentExplanation struct {
	Incident correlate.IncidentID `json:"incident"`
	Alerts   []AlertReason        `json:"alerts" doc:"By first activity, at most 500."`
	More     bool                 `json:"more" doc:"There are more alerts than listed."`
	Merges   []incident.Merge     `json:"merges"`
}

func (s *service) explainAlert(ctx context.Context, in *InAlert) (*Output[Explanation], error) {
	a, err := s.Store.Alert(ctx, in.Workspace, in.ID)
	if err != nil {
		return nil, err
	}
	peers := make([]string, 0, len(a.Link.Alerts))
	for _, p := range a.Link.Alerts {
		peers = append(peers, p.ID)
	}
	siblings, err := s.Store.AlertsByID(ctx, in.Workspace, peers)
	if err != nil {
		return nil, err
	}
	rows, err := s.withEntities(ctx, in.Workspace, append([]store.Alert{a}, inOrder(siblings, peers)...))
	if err != nil {
		return nil, err
	}
	return &Output[Explanation]{Body: Explanation{
		Alert: rows[0], Incident: a.Incident, Link: a.Link, Sentences: sentences(a.Link), Siblings: rows[1:],
	}}, nil
}

// inOrder sorts alerts as the ids are sorted.
func inOrder(alerts []store.Alert, ids []string) []store.Alert {
	byID := map[string]store.Alert{}
	for _, a := range alerts {
		byID[a.ID] = a
	}
	var out []store.Alert
	for _, id := range ids {
		if a, ok := byID[id]; ok {
			out = append(out, a)
		}
	}
	return out
}

func (s *service) explainIncident(ctx context.Context, in *InIncident) (*Output[IncidentExplanation], error) {
	if err := s.exists(ctx, *in); err != nil {
		return nil, err
	}
	page, err := s.Store.Alerts(ctx, store.AlertQuery{
		Workspace: in.Workspace, Incident: in.id(), Brief: true, Sort: store.AlertsByStart, Asc: true, Paging: store.Paging{Limit: 500},
	})
	if err != nil {
		return nil, err
	}
	out := IncidentExplanation{Incident: in.id(), More: page.Next != ""}
	for _, a := range page.Items {
		out.Alerts = append(out.Alerts, AlertReason{Alert: a.ID, Title: a.Title, At: a.FirstActivity, Link: a.Link, Sentences: sentences(a.Link)})
	}
	out.Merges, err = s.Store.MergesInto(ctx, in.Workspace, in.id())
	return output(out, err)
}

// sentences says a link in words, the strongest reason first.
func sentences(l correlate.Link) []string {
	var out []string
	switch {
	case l.Manual:
		out = append(out, "A person put this alert into the incident.")
	case len(l.Alerts) == 0 && l.Score == 0:
		return []string{"It began the incident: when it arrived, nothing related to it was known."}
	default:
		out = append(out, fmt.Sprintf("It belongs to the incident with a probability of %.0f %%.", 100*l.Score))
	}
	for _, e := range l.Entities {
		out = append(out, shared(e))
	}
	if len(l.Alerts) > 0 && l.Gap >= 0 {
		out = append(out, fmt.Sprintf("The nearest related alert, %q, is %s away in time.", l.Alerts[0].Title, gap(l.Gap)))
	}
	if l.TacticFrom != "" && l.TacticTo != "" && l.TacticFrom != l.TacticTo {
		out = append(out, fmt.Sprintf("It continues the attack from %s to %s.", l.TacticFrom, l.TacticTo))
	}
	for _, f := range l.Facts {
		if f.Text != "" {
			out = append(out, f.Text)
		}
	}
	return out
}

func shared(e correlate.SharedEntity) string {
	s := fmt.Sprintf("It shares %s %q", kindWords(string(e.Kind)), e.Label)
	if e.Total > 0 {
		s += fmt.Sprintf(", which %d of the last %d alerts mention", e.Alerts, e.Total)
	}
	return s + "."
}

// kindWords turns "cloudResource" into "the cloud resource".
func kindWords(kind string) string {
	var b strings.Builder
	b.WriteString("the ")
	for _, r := range kind {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	switch kind {
	case "ip":
		return "the IP address"
	case "url":
		return "the URL"
	}
	return b.String()
}

func gap(seconds int64) string {
	switch d := time.Duration(seconds) * time.Second; {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", seconds)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}
