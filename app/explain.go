package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/story"
)

// ExplainOptions says what to explain.
type ExplainOptions struct {
	Workspace string
	What      string // alert id, or incident number with or without #
	JSON      bool
}

// Explained is an incident, or one alert of it, with the reasons.
type Explained struct {
	Incident incident.Incident `json:"incident"`
	Alerts   []ExplainedAlert  `json:"alerts"`
	Bridges  []story.Bridge    `json:"bridges,omitempty"` // of an incident: what it would be without each shared thing
	Merges   []incident.Merge  `json:"merges,omitempty"`
	// Suggestions name the incidents that may be related to it.
	Suggestions []store.Suggestion `json:"suggestions,omitempty"`
}

// ExplainedAlert is an alert and why it is where it is.
type ExplainedAlert struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Severity string         `json:"severity"`
	Product  string         `json:"product"`
	At       time.Time      `json:"at"`
	Link     correlate.Link `json:"link"`
	Why      string         `json:"why,omitempty"` // the link in a sentence

	last    time.Time
	tactics []string
}

// Explain prints why an alert, or each alert of an incident, is where it is. An
// incident that was merged away leads to the one that holds its alerts.
func Explain(ctx context.Context, cfg Config, o IO, opt ExplainOptions) error {
	cfg.complete()
	st, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer st.Close()
	x, err := explained(ctx, st, opt)
	if err != nil {
		return err
	}
	if opt.JSON {
		return o.printJSON(x)
	}
	printExplained(o, x)
	return nil
}

func explained(ctx context.Context, st store.Store, opt ExplainOptions) (Explained, error) {
	var x Explained
	a, err := st.Alert(ctx, opt.Workspace, opt.What)
	switch {
	case err == nil:
		return explainAlert(ctx, st, opt.Workspace, a)
	case !errors.Is(err, store.ErrNotFound):
		return x, err
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(opt.What, "#"), 10, 64)
	if err != nil {
		return x, fmt.Errorf("there is no alert %q: %w", opt.What, store.ErrNotFound)
	}
	return explainIncident(ctx, st, opt.Workspace, correlate.IncidentID(id))
}

func explainAlert(ctx context.Context, st store.Store, ws string, a store.Alert) (x Explained, err error) {
	if x.Incident, err = st.Incident(ctx, ws, a.Incident); err != nil {
		return x, fmt.Errorf("reading incident %d: %w", a.Incident, err)
	}
	var ids []string
	for _, p := range a.Link.Alerts {
		ids = append(ids, p.ID)
	}
	if p := a.Link.Through; p != nil {
		ids = append(ids, p.ID)
	}
	peers, err := st.AlertsByID(ctx, ws, ids)
	if err != nil {
		return x, fmt.Errorf("reading the alerts that the link rests on: %w", err)
	}
	for _, p := range append([]store.Alert{a}, peers...) {
		x.Alerts = append(x.Alerts, explain(p))
	}
	x.tell()
	x.Alerts = x.Alerts[:1]
	return x, nil
}

func explainIncident(ctx context.Context, st store.Store, ws string, id correlate.IncidentID) (Explained, error) {
	var x Explained
	head, err := st.Incident(ctx, ws, id)
	for err == nil && head.Status == incident.Redirected {
		head, err = st.Incident(ctx, ws, head.RedirectTo)
	}
	if err != nil {
		return x, fmt.Errorf("reading incident %d: %w", id, err)
	}
	x.Incident = head
	if x.Merges, err = st.MergesInto(ctx, ws, head.ID); err != nil {
		return x, fmt.Errorf("reading the merges into incident %d: %w", head.ID, err)
	}
	if x.Suggestions, err = st.Suggestions(ctx, ws, head.ID, []store.SuggestionState{store.SuggestionOpen}); err != nil {
		return x, err
	}
	q := store.AlertQuery{Workspace: ws, Incident: head.ID, Brief: true, Sort: store.AlertsByStart, Asc: true, Paging: store.Paging{Limit: 500}}
	for {
		page, err := st.Alerts(ctx, q)
		if err != nil {
			return x, fmt.Errorf("reading the alerts of incident %d: %w", head.ID, err)
		}
		for _, a := range page.Items {
			x.Alerts = append(x.Alerts, explain(a))
		}
		if q.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	x.tell()
	x.Bridges, err = x.bridges(ctx, st, ws)
	return x, err
}

func explain(a store.Alert) ExplainedAlert {
	return ExplainedAlert{
		ID: a.ID, Title: a.Title, Severity: a.Severity, Product: a.Product, At: a.FirstActivity, Link: a.Link, last: a.LastActivity, tactics: a.Tactics,
	}
}

func (a *ExplainedAlert) told() story.Alert {
	return story.Alert{ID: a.ID, Title: a.Title, Tactics: a.tactics, First: a.At, Last: a.last, Link: a.Link}
}

// tell puts the link of each alert into words.
func (x *Explained) tell() {
	at := make(map[string]int, len(x.Alerts))
	for i := range x.Alerts {
		at[x.Alerts[i].ID] = i
	}
	peer := func(id string) (story.Peer, bool) {
		i, ok := at[id]
		if !ok {
			return story.Peer{}, false
		}
		return story.PeerOf(x.Alerts[i].told()), true
	}
	for i := range x.Alerts {
		a := &x.Alerts[i]
		a.Why = story.Reason(story.Because(a.told(), peer))
	}
}

// explainedMentions bounds what is read to see what holds an incident together.
const explainedMentions = 500_000

func (x *Explained) bridges(ctx context.Context, st store.Store, ws string) ([]story.Bridge, error) {
	rows, _, err := st.IncidentAlertEntities(ctx, ws, x.Incident.ID, explainedMentions)
	if err != nil {
		return nil, fmt.Errorf("reading what the alerts mention: %w", err)
	}
	mentions := make([]story.Mention, 0, len(rows))
	ids := make([]entity.ID, 0, len(rows))
	for _, r := range rows {
		mentions = append(mentions, story.Mention(r))
		ids = append(ids, r.Entity)
	}
	slices.Sort(ids)
	known, err := st.EntitiesByID(ctx, ws, slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("reading entities: %w", err)
	}
	entities := make([]story.Entity, 0, len(known))
	for _, e := range known {
		entities = append(entities, story.Entity{ID: e.ID, Kind: e.Kind, Label: e.Label})
	}
	alerts := make([]story.Alert, 0, len(x.Alerts))
	for i := range x.Alerts {
		alerts = append(alerts, x.Alerts[i].told())
	}
	return story.Bridges(alerts, mentions, entities), nil
}

func printExplained(o IO, x Explained) {
	i := x.Incident
	fmt.Fprintf(o.Out, "Incident #%d  %s\n", i.ID, alert.Visible(i.Name))
	fmt.Fprintf(o.Out, "%s, %s, priority %d, %d alerts, %s to %s\n", i.Severity, i.Status, i.Priority, i.Tally.Alerts,
		i.FirstActivity.Format(time.DateTime), i.LastActivity.Format(time.DateTime))
	for _, f := range i.PriorityFactors {
		fmt.Fprintf(o.Out, "  %+d  %s\n", f.Points, f.Text)
	}
	printBridges(o, x.Bridges)
	for _, a := range x.Alerts {
		fmt.Fprintf(o.Out, "\n%s  %-13s %s  [%s]\n", a.At.Format(time.DateTime), a.Severity, alert.Visible(a.Title), a.ID)
		if a.Why != "" {
			fmt.Fprintf(o.Out, "  %s.\n", a.Why)
		}
		printLink(o, a.ID, a.Link)
	}
	for _, m := range x.Merges {
		printMerge(o, m)
	}
	for _, s := range x.Suggestions {
		printSuggestion(o, i.ID, s)
	}
}

// printedBridges is how many counter-facts are printed; JSON has all.
const printedBridges = 5

// printBridges says what holds the incident together: the things without which
// it would fall apart, or the widest one when there is none.
func printBridges(o IO, all []story.Bridge) {
	for i, b := range all[:min(len(all), printedBridges)] {
		if i == 0 || b.PartsTotal > 1 {
			fmt.Fprintf(o.Out, "  %s\n", b.Text)
		}
	}
}

func printLink(o IO, of string, l correlate.Link) {
	switch {
	case l.Manual:
		return
	case len(l.Alerts) == 0 && len(l.Facts) == 0:
		fmt.Fprintln(o.Out, "  first alert of its incident")
		return
	}
	printScore(o, of, l)
	said := map[string]bool{}
	for _, f := range l.Facts {
		if !said[f.Text] {
			fmt.Fprintf(o.Out, "  %+.1f  %s\n", f.Weight, alert.Visible(f.Text))
		}
		said[f.Text] = true
	}
	if len(l.Reasons) > 0 {
		fmt.Fprintf(o.Out, "  reasons: %s\n", joined(l.Reasons))
	}
}

// printScore says how sure a link is, and of which alert the facts below tell.
func printScore(o IO, of string, l correlate.Link) {
	switch {
	case !story.CameAlong(of, l) && len(l.Alerts) > 0:
		fmt.Fprintf(o.Out, "  belongs with probability %.2f to %q\n", l.Score, alert.Visible(l.Alerts[0].Title))
	case !story.CameAlong(of, l):
		fmt.Fprintf(o.Out, "  belongs with probability %.2f\n", l.Score)
	case l.Through != nil:
		fmt.Fprintf(o.Out, "  both incidents belong together with probability %.2f; what weighed for %q:\n", l.Score, alert.Visible(l.Through.Title))
	default:
		fmt.Fprintf(o.Out, "  both incidents belong together with probability %.2f\n", l.Score)
	}
}

func joined(reasons []correlate.Reason) string {
	names := make([]string, len(reasons))
	for i, r := range reasons {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

func printSuggestion(o IO, of correlate.IncidentID, s store.Suggestion) {
	other := s.A
	if other == of {
		other = s.B
	}
	fmt.Fprintf(o.Out, "\nincident #%d may be related, probability %.2f\n", other, s.Score)
	for _, f := range s.Link.Facts {
		fmt.Fprintf(o.Out, "  %+.1f  %s\n", f.Weight, alert.Visible(f.Text))
	}
}

func printMerge(o IO, m incident.Merge) {
	undone := ""
	if !m.UndoneAt.IsZero() {
		undone = ", undone by " + m.UndoneBy
	}
	fmt.Fprintf(o.Out, "\n%s  incident #%d was merged into this one by %s%s\n", m.At.Format(time.DateTime), m.Source, m.Actor.Name, undone)
	if m.Link != nil {
		printLink(o, "", *m.Link)
	}
}
