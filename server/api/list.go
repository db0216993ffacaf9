package api

import (
	"context"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
)

// InWorkspace picks the workspace of a request.
type InWorkspace struct {
	Workspace string `query:"workspace" default:"default" maxLength:"64" doc:"The workspace; \"default\" when left out."`
}

// InPage picks a page of a list.
type InPage struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many items at most."`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next of the page before."`
}

func (p InPage) paging() store.Paging { return store.Paging{Limit: p.Limit, Cursor: p.Cursor} }

// List is one page.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// ListOutput is the answer that holds one page.
type ListOutput[T any] struct{ Body List[T] }

func listed[T any](p store.Page[T], err error) (*ListOutput[T], error) {
	if err != nil {
		return nil, err
	}
	return &ListOutput[T]{Body: List[T]{Items: p.Items, Next: p.Next}}, nil
}

// Output is an answer with a body.
type Output[T any] struct{ Body T }

func output[T any](v T, err error) (*Output[T], error) {
	if err != nil {
		return nil, err
	}
	return &Output[T]{Body: v}, nil
}

// Empty is an answer, or a request, without anything.
type Empty struct{}

// IncidentFilter selects incidents. Repeated parameters are alternatives;
// different ones are combined.
type IncidentFilter struct {
	InWorkspace
	Status          []string  `query:"status,explode" enum:"active,inProgress,resolved,redirected" maxItems:"4" doc:"Redirected incidents (merged into others) are left out unless asked for."`
	Severity        []string  `query:"severity,explode" enum:"unknown,informational,low,medium,high" maxItems:"5"`
	Owner           []string  `query:"owner,explode" maxItems:"50" maxLength:"64" doc:"User names; \"none\" for nobody, \"me\" for the caller."`
	Classification  []string  `query:"classification,explode" maxItems:"10" maxLength:"64"`
	Determination   []string  `query:"determination,explode" maxItems:"20" maxLength:"64"`
	Tag             []string  `query:"tag,explode" maxItems:"50" maxLength:"200"`
	Tactic          []string  `query:"tactic,explode" maxItems:"50" maxLength:"64" doc:"ATT&CK tactic short names." example:"[\"initial-access\"]"`
	Product         []string  `query:"product,explode" maxItems:"50" maxLength:"200"`
	ServiceSource   []string  `query:"serviceSource,explode" maxItems:"50" maxLength:"64"`
	DetectionSource []string  `query:"detectionSource,explode" maxItems:"50" maxLength:"64"`
	Priority        []string  `query:"priority,explode" enum:"top,medium,low" maxItems:"3" doc:"top: above 85, medium: 15 to 85, low: below 15."`
	Entity          int64     `query:"entity" minimum:"1" doc:"Incidents that mention this entity."`
	From            time.Time `query:"from" doc:"Last activity not before." example:"2026-01-31T00:00:00Z"`
	To              time.Time `query:"to" doc:"First activity before."`
	UpdatedFrom     time.Time `query:"updatedFrom"`
	CreatedFrom     time.Time `query:"createdFrom"`
	Q               string    `query:"q" maxLength:"200" doc:"Words that all occur in name, id, impacted assets or tags. Never a pattern."`
}

// query turns the filter into what the store asks for.
func (f IncidentFilter) query(ctx context.Context) store.IncidentQuery {
	return store.IncidentQuery{
		Workspace: f.Workspace, Statuses: f.Status, Severities: f.Severity, Owners: owners(ctx, f.Owner),
		Classifications: f.Classification, Determinations: f.Determination, Tags: f.Tag, Tactics: f.Tactic,
		Products: f.Product, ServiceSources: f.ServiceSource, DetectionSources: f.DetectionSource, Priorities: f.Priority,
		Entity: entity.ID(f.Entity), ActiveFrom: f.From.UTC(), ActiveTo: f.To.UTC(), UpdatedFrom: f.UpdatedFrom.UTC(),
		CreatedFrom: f.CreatedFrom.UTC(), Search: f.Q,
	}
}

// AlertFilter selects alerts, as IncidentFilter does.
type AlertFilter struct {
	InWorkspace
	AlertConditions
}

func (f AlertFilter) query(ctx context.Context) store.AlertQuery {
	return f.AlertConditions.query(ctx, f.Workspace)
}

// AlertConditions is what alerts can be selected by, beside their workspace.
type AlertConditions struct {
	Status          []string  `query:"status,explode" maxItems:"5" maxLength:"64" doc:"new, inProgress, resolved"`
	Severity        []string  `query:"severity,explode" enum:"unknown,informational,low,medium,high" maxItems:"5"`
	Owner           []string  `query:"owner,explode" maxItems:"50" maxLength:"64" doc:"User names; \"none\" for nobody, \"me\" for the caller."`
	Classification  []string  `query:"classification,explode" maxItems:"10" maxLength:"64"`
	Category        []string  `query:"category,explode" maxItems:"50" maxLength:"200"`
	Tactic          []string  `query:"tactic,explode" maxItems:"50" maxLength:"64"`
	Product         []string  `query:"product,explode" maxItems:"50" maxLength:"200"`
	ServiceSource   []string  `query:"serviceSource,explode" maxItems:"50" maxLength:"64"`
	DetectionSource []string  `query:"detectionSource,explode" maxItems:"50" maxLength:"64"`
	Rule            string    `query:"rule" maxLength:"512" doc:"The detection that raised it."`
	Entity          int64     `query:"entity" minimum:"1" doc:"Alerts that mention this entity."`
	From            time.Time `query:"from" doc:"Last activity not before."`
	To              time.Time `query:"to" doc:"First activity before."`
	ReceivedFrom    time.Time `query:"receivedFrom"`
	Q               string    `query:"q" maxLength:"200" doc:"Words that all occur in title or id. Never a pattern."`
}

func (f AlertConditions) query(ctx context.Context, workspace string) store.AlertQuery {
	return store.AlertQuery{
		Workspace: workspace, Statuses: f.Status, Severities: f.Severity, Owners: owners(ctx, f.Owner),
		Classifications: f.Classification, Categories: f.Category, Tactics: f.Tactic, Products: f.Product,
		ServiceSources: f.ServiceSource, DetectionSources: f.DetectionSource, Rule: f.Rule, Entity: entity.ID(f.Entity),
		ActiveFrom: f.From.UTC(), ActiveTo: f.To.UTC(), ReceivedFrom: f.ReceivedFrom.UTC(), Search: f.Q, Brief: true,
	}
}

// InAlertOrder picks the order of a list of alerts.
type InAlertOrder struct {
	Sort string `query:"sort" enum:"lastActivity,firstActivity,received,severity,title" doc:"The order; the position in the log breaks ties."`
	Asc  bool   `query:"asc" doc:"Ascending instead of descending."`
}

// owners replaces the words "none" and "me".
func owners(ctx context.Context, names []string) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		switch n {
		case "none":
			n = ""
		case "me":
			n = auth.From(ctx).User
		}
		out = append(out, n)
	}
	return out
}

// InIncident names an incident.
type InIncident struct {
	InWorkspace
	ID int64 `path:"id" minimum:"1" doc:"The incident's number." example:"12"`
}

func (i InIncident) id() correlate.IncidentID { return correlate.IncidentID(i.ID) }

// of gives a workspace by name.
func (s *service) of(name string) (Workspace, error) {
	if w, ok := s.Workspaces[name]; ok {
		return w, nil
	}
	return nil, problemOf(404, "no-workspace", "There is no such workspace.", "GET /api/v1/session lists the workspaces.")
}
