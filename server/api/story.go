package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/story"
)

// Bounds of what one story reads.
const (
	storyAlerts   = 2500
	storyBytes    = 64 << 20 // of normal forms; alerts beyond are told without their evidence
	storyPage     = 4 << 20  // aimed at for one page of alerts
	storyMentions = 50_000
	storySmallest = 25 // alerts of one page; the first has so many
)

func (s *service) story(ctx context.Context, in *InIncident) (*Output[*story.Story], error) {
	i, err := s.Store.Incident(ctx, in.Workspace, in.id())
	if err != nil {
		return nil, err
	}
	input := story.Input{Incident: i}
	if input.Alerts, err = s.storyAlerts(ctx, *in); err != nil {
		return nil, err
	}
	if len(input.Alerts) < i.Tally.Alerts {
		input.Total = i.Tally.Alerts
	}
	rows, more, err := s.Store.IncidentAlertEntities(ctx, in.Workspace, in.id(), storyMentions)
	if err != nil {
		return nil, fmt.Errorf("reading what the alerts mention: %w", err)
	}
	input.MentionsCut = more
	for _, r := range rows {
		input.Mentions = append(input.Mentions, story.Mention(r))
	}
	if input.Entities, err = s.storyEntities(ctx, in.Workspace, rows); err != nil {
		return nil, err
	}
	return &Output[*story.Story]{Body: story.Build(input)}, nil
}

// storyAlerts reads the newest alerts of an incident. The size of the pages
// follows the size of the alerts, so that an incident of huge alerts does not
// fill the memory.
func (s *service) storyAlerts(ctx context.Context, in InIncident) ([]story.Alert, error) {
	q := store.AlertQuery{
		Workspace: in.Workspace, Incident: in.id(), Sort: store.AlertsByActivity, Paging: store.Paging{Limit: storySmallest},
	}
	var out []story.Alert
	for held := 0; ; {
		page, err := s.Store.Alerts(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("reading the alerts of the story: %w", err)
		}
		size := 0
		for i := range page.Items {
			size += len(page.Items[i].Normal)
			out = append(out, storyAlert(&page.Items[i]))
		}
		if held += size; page.Next == "" || len(out) >= storyAlerts {
			return out, nil
		}
		q.Cursor, q.Brief = page.Next, held > storyBytes
		q.Limit = min(nextLimit(size, len(page.Items)), storyAlerts-len(out))
	}
}

func nextLimit(size, items int) int {
	if size == 0 || items == 0 {
		return 500
	}
	return max(storySmallest, min(500, storyPage/max(1, size/items)))
}

func storyAlert(a *store.Alert) story.Alert {
	return story.Alert{
		ID: a.ID, Title: a.Title, Severity: a.Severity, Status: a.Status, Product: a.Product, Rule: a.Rule,
		Tactics: a.Tactics, First: a.FirstActivity, Last: a.LastActivity, Link: a.Link, Normal: a.Normal,
	}
}

func (s *service) storyEntities(ctx context.Context, workspace string, rows []store.AlertEntity) ([]story.Entity, error) {
	known, err := s.entitiesOf(ctx, workspace, rows)
	if err != nil {
		return nil, err
	}
	out := make([]story.Entity, 0, len(known))
	for _, e := range known {
		out = append(out, story.Entity{ID: e.ID, Kind: e.Kind, Label: e.Label, Critical: e.Critical})
	}
	slices.SortFunc(out, func(a, b story.Entity) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}
