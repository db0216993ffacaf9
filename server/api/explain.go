package api

import (
	"context"
	"fmt"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/story"
)

// Explanation says why an alert is in its incident.
type Explanation struct {
	Alert     AlertRow             `json:"alert"`
	Incident  correlate.IncidentID `json:"incident"`
	Link      correlate.Link       `json:"link"`
	Sentences []string             `json:"sentences" doc:"The same in words: what decided, and how sure that is. Foreign names inside."`
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
	Bridges  []story.Bridge       `json:"bridges" doc:"What the incident would be without each of the things that its alerts share, what holds most together first; at most 50."`
	Merges   []incident.Merge     `json:"merges"`
}

// Bounds of what the explanation of an incident reads and lists.
const (
	explainedAlerts = 500
	bridgedAlerts   = 5000
)

func (s *service) explainAlert(ctx context.Context, in *InAlert) (*Output[Explanation], error) {
	a, err := s.Store.Alert(ctx, in.Workspace, in.ID)
	if err != nil {
		return nil, err
	}
	peers := peersOf(a.Link)
	siblings, err := s.Store.AlertsByID(ctx, in.Workspace, peers)
	if err != nil {
		return nil, err
	}
	rows, err := s.withEntities(ctx, in.Workspace, append([]store.Alert{a}, inOrder(siblings, peers)...))
	if err != nil {
		return nil, err
	}
	rows[0].Why = whyOf(&a, peersIn(siblings))
	return &Output[Explanation]{Body: Explanation{
		Alert: rows[0], Incident: a.Incident, Link: a.Link, Sentences: sentences(a.ID, a.Link, rows[0].Why), Siblings: rows[1:],
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
	alerts, more, err := s.linkedAlerts(ctx, *in)
	if err != nil {
		return nil, err
	}
	out := IncidentExplanation{Incident: in.id(), More: more || len(alerts) > explainedAlerts}
	peer := peersIn(alerts)
	for i := range alerts[:min(len(alerts), explainedAlerts)] {
		a := &alerts[i]
		out.Alerts = append(out.Alerts, AlertReason{
			Alert: a.ID, Title: a.Title, At: a.FirstActivity, Link: a.Link, Sentences: sentences(a.ID, a.Link, whyOf(a, peer)),
		})
	}
	if out.Bridges, err = s.bridges(ctx, *in, alerts); err != nil {
		return nil, err
	}
	out.Merges, err = s.Store.MergesInto(ctx, in.Workspace, in.id())
	return output(out, err)
}

// linkedAlerts reads the alerts of an incident with their links, by first
// activity, and says whether there are more.
func (s *service) linkedAlerts(ctx context.Context, in InIncident) (out []store.Alert, more bool, err error) {
	q := store.AlertQuery{
		Workspace: in.Workspace, Incident: in.id(), Brief: true, Sort: store.AlertsByStart, Asc: true, Paging: store.Paging{Limit: explainedAlerts},
	}
	for {
		page, err := s.Store.Alerts(ctx, q)
		if err != nil {
			return nil, false, fmt.Errorf("reading the alerts of incident %d: %w", in.id(), err)
		}
		out = append(out, page.Items...)
		if q.Cursor = page.Next; page.Next == "" || len(out) >= bridgedAlerts {
			return out, page.Next != "", nil
		}
	}
}

func (s *service) bridges(ctx context.Context, in InIncident, alerts []store.Alert) ([]story.Bridge, error) {
	rows, _, err := s.Store.IncidentAlertEntities(ctx, in.Workspace, in.id(), storyMentions)
	if err != nil {
		return nil, fmt.Errorf("reading what the alerts mention: %w", err)
	}
	mentions := make([]story.Mention, 0, len(rows))
	for _, r := range rows {
		mentions = append(mentions, story.Mention(r))
	}
	entities, err := s.storyEntities(ctx, in.Workspace, rows)
	if err != nil {
		return nil, err
	}
	linked := make([]story.Alert, 0, len(alerts))
	for i := range alerts {
		linked = append(linked, storyAlert(&alerts[i]))
	}
	return story.Bridges(linked, mentions, entities), nil
}

// why says in a sentence why an alert is in its incident.
func (s *service) why(ctx context.Context, workspace string, a *store.Alert) (string, error) {
	var peers []store.Alert
	if ids := peersOf(a.Link); len(ids) > 0 {
		var err error
		if peers, err = s.Store.AlertsByID(ctx, workspace, ids[:1]); err != nil {
			return "", fmt.Errorf("reading the alert that a link rests on: %w", err)
		}
	}
	return whyOf(a, peersIn(peers)), nil
}

// withWhy says of each row why it is in its incident.
func (s *service) withWhy(ctx context.Context, workspace string, rows []AlertRow) error {
	known := make([]store.Alert, 0, len(rows))
	have := map[string]bool{}
	for i := range rows {
		have[rows[i].ID] = true
		known = append(known, alertOf(&rows[i]))
	}
	var missing []string
	for i := range rows {
		if ids := peersOf(rows[i].Link); len(ids) > 0 && !have[ids[0]] {
			have[ids[0]] = true
			missing = append(missing, ids[0])
		}
	}
	peers, err := s.Store.AlertsByID(ctx, workspace, missing)
	if err != nil {
		return fmt.Errorf("reading the alerts that links rest on: %w", err)
	}
	peer := peersIn(append(peers, known...))
	for i := range rows {
		rows[i].Why = whyOf(&known[i], peer)
	}
	return nil
}

// alertOf is what words need of a row's alert.
func alertOf(r *AlertRow) store.Alert {
	return store.Alert{ID: r.ID, Title: r.Title, Tactics: r.Tactics, FirstActivity: r.FirstActivity, LastActivity: r.LastActivity, Link: r.Link}
}

// peersIn tells of these alerts.
func peersIn(alerts []store.Alert) func(id string) (story.Peer, bool) {
	at := make(map[string]int, len(alerts))
	for i := range alerts {
		at[alerts[i].ID] = i
	}
	return func(id string) (story.Peer, bool) {
		i, ok := at[id]
		if !ok {
			return story.Peer{}, false
		}
		return story.PeerOf(storyAlert(&alerts[i])), true
	}
}

func whyOf(a *store.Alert, peer func(id string) (story.Peer, bool)) string {
	return story.Reason(story.Because(storyAlert(a), peer))
}

// sentences says the link of an alert in words: what decided, and how sure that is.
func sentences(id string, l correlate.Link, why string) []string {
	switch {
	case l.Manual:
		return []string{"A person put this alert into the incident."}
	case len(l.Alerts) == 0 && l.Score == 0:
		return []string{"It began the incident: when it arrived, nothing related to it was known."}
	}
	what := "It belongs to the incident"
	if story.CameAlong(id, l) {
		what = "The two incidents belong together"
	}
	sure := fmt.Sprintf("%s with a probability of %.0f %%.", what, 100*l.Score)
	if why == "" {
		return []string{sure}
	}
	return []string{why + ".", sure}
}
