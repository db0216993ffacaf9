package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

type listIncidentsInput struct {
	IncidentFilter
	InPage
	Sort string `query:"sort" enum:"updated,created,priority,severity,status,name,alerts,lastActivity,id,owner" default:"updated" doc:"The order; the id breaks ties."`
	Asc  bool   `query:"asc" doc:"Ascending instead of descending."`
}

type histogramInput struct {
	InWorkspace
	From time.Time `query:"from" doc:"24 hours before to when left out."`
	To   time.Time `query:"to" doc:"Now when left out; at most 31 days after from."`
}

// Hours is the chart above the queue.
type Hours struct {
	Hours []store.HourCount `json:"hours"`
}

// Tagged is an answer with the version of what it holds.
type Tagged[T any] struct {
	ETag string `header:"ETag" doc:"The version, for If-Match."`
	Body T
}

// IncidentPatch changes an incident; fields that are left out stay.
type IncidentPatch struct {
	Name             *string   `json:"name,omitempty" maxLength:"500" doc:"Empty hands the naming back to Clew."`
	Status           *string   `json:"status,omitempty" enum:"active,inProgress,resolved" doc:"Resolving resolves the alerts too."`
	Severity         *string   `json:"severity,omitempty" enum:"informational,low,medium,high," doc:"Empty lets it follow the alerts again."`
	Owner            *string   `json:"owner,omitempty" maxLength:"64" doc:"A user name, \"me\", or empty for nobody. Goes to the alerts too."`
	Tags             *[]string `json:"tags,omitempty" maxItems:"50" maxLength:"100" doc:"All tags that people set, in place of those that are there."`
	Classification   *string   `json:"classification,omitempty" enum:"unknown,truePositive,falsePositive,informationalExpectedActivity"`
	Determination    *string   `json:"determination,omitempty" maxLength:"64" doc:"Must fit the classification." example:"malware"`
	ResolvingComment *string   `json:"resolvingComment,omitempty" maxLength:"30000"`
	Comment          *string   `json:"comment,omitempty" maxLength:"30000" doc:"Added to the log."`
}

type patchIncidentInput struct {
	InIncident
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The ETag that was read; 412 when the incident was changed since."`
	Body    IncidentPatch
}

type updateIncidentsInput struct {
	InWorkspace
	Body struct {
		IDs   []correlate.IncidentID `json:"ids" minItems:"1" maxItems:"500"`
		Patch IncidentPatch          `json:"patch"`
	}
}

// Updated says whether one of many changes was made.
type Updated struct {
	ID    correlate.IncidentID `json:"id"`
	OK    bool                 `json:"ok"`
	Error *Problem             `json:"error,omitempty"`
}

type commentInput struct {
	InIncident
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"30000"`
	}
}

type incidentAlertsInput struct {
	InIncident
	AlertConditions
	InAlertOrder
	InPage
}

type incidentEntitiesInput struct {
	InIncident
	InPage
	Kind []entity.Kind `query:"kind,explode" maxItems:"20" doc:"Only these kinds."`
}

type activitiesInput struct {
	InIncident
	ActivityFilter
	InPage
}

// ActivityFilter selects entries of the log.
type ActivityFilter struct {
	Kind  []string `query:"kind,explode" maxItems:"30" maxLength:"64" doc:"Kinds of activity."`
	Actor []string `query:"actor,explode" enum:"user,system,automation" maxItems:"3"`
	Q     string   `query:"q" maxLength:"200" doc:"Words that all occur."`
}

func (s *service) incidentOperations() {
	tag := "incidents"
	add(s, operation{id: "listIncidents", tag: tag, route: "GET /incidents", summary: "The queue", need: auth.Read}, s.listIncidents)
	add(s, operation{id: "incidentFacets", tag: tag, route: "GET /incidents/facets", summary: "How many incidents have which value", need: auth.Read,
		doc: "Each field's counts apply the whole filter except the field itself."}, s.incidentFacets)
	add(s, operation{id: "incidentHistogram", tag: tag, route: "GET /incidents/histogram", summary: "Alerts and incidents per hour", need: auth.Read}, s.histogram)
	add(s, operation{id: "getIncident", tag: tag, route: "GET /incidents/{id}", summary: "One incident", need: auth.Read,
		doc: "An incident that was merged into another has status redirected and names it in redirectTo."}, s.getIncident)
	add(s, operation{id: "updateIncident", tag: tag, route: "PATCH /incidents/{id}", summary: "Change an incident", need: auth.Write, errors: []int{409, 412}}, s.updateIncident)
	add(s, operation{id: "updateIncidents", tag: tag, route: "POST /incidents/update", summary: "Change many incidents alike", need: auth.Write,
		doc: "Each incident is changed by itself; the answer says which could not."}, s.updateIncidents)
	add(s, operation{id: "commentIncident", tag: tag, route: "POST /incidents/{id}/comments", summary: "Add a comment", need: auth.Write, status: 201}, s.comment)
	add(s, operation{id: "incidentAlerts", tag: tag, route: "GET /incidents/{id}/alerts", summary: "The alerts of an incident", need: auth.Read,
		doc: "In order of first activity when no order is asked for."}, s.incidentAlerts)
	add(s, operation{id: "incidentEntities", tag: tag, route: "GET /incidents/{id}/entities", summary: "What an incident's alerts mention", need: auth.Read}, s.incidentEntities)
	add(s, operation{id: "incidentActivities", tag: tag, route: "GET /incidents/{id}/activities", summary: "The log of an incident, newest first", need: auth.Read}, s.incidentActivities)
	add(s, operation{id: "incidentStory", tag: tag, route: "GET /incidents/{id}/story", summary: "The attack story: timeline, graph, kill chain, summary", need: auth.Read}, s.story)
	add(s, operation{id: "explainIncident", tag: tag, route: "GET /incidents/{id}/explain", summary: "Why these alerts are one incident", need: auth.Read}, s.explainIncident)
}

func (s *service) listIncidents(ctx context.Context, in *listIncidentsInput) (*ListOutput[incident.Incident], error) {
	q := in.query(ctx)
	q.Sort, q.Asc, q.Paging = store.IncidentSort(in.Sort), in.Asc, in.paging()
	return listed(s.Store.Incidents(ctx, q))
}

func (s *service) incidentFacets(ctx context.Context, in *IncidentFilter) (*Output[store.Facets], error) {
	return output(s.Store.IncidentFacets(ctx, in.query(ctx)))
}

const maxHistogram = 31 * 24 * time.Hour

func (s *service) histogram(ctx context.Context, in *histogramInput) (*Output[Hours], error) {
	from, to := in.From.UTC(), in.To.UTC()
	if in.To.IsZero() {
		to = s.Now().UTC()
	}
	if in.From.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if !from.Before(to) || to.Sub(from) > maxHistogram {
		return nil, invalid("query.to", "must lie after from, by at most 31 days")
	}
	hours, err := s.Store.Histogram(ctx, in.Workspace, from, to)
	return output(Hours{Hours: hours}, err)
}

func (s *service) getIncident(ctx context.Context, in *InIncident) (*Tagged[incident.Incident], error) {
	return tagged(s.Store.Incident(ctx, in.Workspace, in.id()))
}

func tagged(i incident.Incident, err error) (*Tagged[incident.Incident], error) {
	if err != nil {
		return nil, err
	}
	return &Tagged[incident.Incident]{ETag: strconv.Quote(strconv.FormatInt(i.Version, 10)), Body: i}, nil
}

// ifMatch reads the version out of an entity tag, nil when any will do.
func ifMatch(tag string) (*int64, error) {
	tag = strings.TrimSpace(tag)
	if tag == "" || tag == "*" {
		return nil, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`), 10, 64)
	if err != nil || n < 0 {
		return nil, invalid("header.If-Match", "must be an ETag that this API gave out")
	}
	return &n, nil
}

func (s *service) updateIncident(ctx context.Context, in *patchIncidentInput) (*Tagged[incident.Incident], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	p, err := s.patch(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	p.Version = version
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	return tagged(w.UpdateIncident(ctx, actor(ctx), in.id(), p))
}

func (s *service) patch(ctx context.Context, p IncidentPatch) (workspace.Patch, error) {
	owner, err := s.owner(ctx, p.Owner)
	return workspace.Patch{
		Name: p.Name, Status: p.Status, Severity: p.Severity, Owner: owner, Tags: p.Tags, Classification: p.Classification,
		Determination: p.Determination, ResolvingComment: p.ResolvingComment, Comment: p.Comment,
	}, err
}

// owner replaces "me" and refuses names that nobody has.
func (s *service) owner(ctx context.Context, name *string) (*string, error) {
	if name == nil || *name == "" {
		return name, nil
	}
	n := strings.ToLower(*name)
	if n == "me" {
		n = auth.From(ctx).User
	}
	u, err := s.Store.User(ctx, n)
	if errors.Is(err, store.ErrNotFound) || (err == nil && u.Disabled) {
		return nil, invalid("body.owner", "must be a user of Clew who is not disabled, or empty")
	} else if err != nil {
		return nil, fmt.Errorf("reading the owner: %w", err)
	}
	return &n, nil
}

func (s *service) updateIncidents(ctx context.Context, in *updateIncidentsInput) (*ListOutput[Updated], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	p, err := s.patch(ctx, in.Body.Patch)
	if err != nil {
		return nil, err
	}
	out := &ListOutput[Updated]{}
	seen := map[correlate.IncidentID]bool{}
	for _, id := range in.Body.IDs {
		if seen[id] {
			continue
		}
		seen[id] = true
		u := Updated{ID: id, OK: true}
		if _, err := w.UpdateIncident(ctx, actor(ctx), id, p); err != nil {
			u.OK, u.Error = false, s.problem(ctx, err)
		}
		out.Body.Items = append(out.Body.Items, u)
	}
	return out, nil
}

func (s *service) comment(ctx context.Context, in *commentInput) (*Output[incident.Activity], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	return output(w.Comment(ctx, actor(ctx), in.id(), in.Body.Text))
}

// exists answers with 404 for lists of an incident that is not there.
func (s *service) exists(ctx context.Context, in InIncident) error {
	_, err := s.Store.Incident(ctx, in.Workspace, in.id())
	return err
}

func (s *service) incidentAlerts(ctx context.Context, in *incidentAlertsInput) (*ListOutput[AlertRow], error) {
	if err := s.exists(ctx, in.InIncident); err != nil {
		return nil, err
	}
	q := in.AlertConditions.query(ctx, in.Workspace)
	q.Incident, q.Paging, q.Sort, q.Asc = in.id(), in.paging(), store.AlertSort(in.Sort), in.Asc
	if in.Sort == "" {
		q.Sort, q.Asc = store.AlertsByStart, true
	}
	out, err := s.rows(ctx, q)
	if err != nil {
		return nil, err
	}
	return out, s.withWhy(ctx, in.Workspace, out.Body.Items)
}

func (s *service) incidentEntities(ctx context.Context, in *incidentEntitiesInput) (*ListOutput[store.IncidentEntity], error) {
	if err := s.exists(ctx, in.InIncident); err != nil {
		return nil, err
	}
	return listed(s.Store.IncidentEntities(ctx, in.Workspace, in.id(), in.Kind, in.paging()))
}

func (s *service) incidentActivities(ctx context.Context, in *activitiesInput) (*ListOutput[incident.Activity], error) {
	if err := s.exists(ctx, in.InIncident); err != nil {
		return nil, err
	}
	return listed(s.Store.Activities(ctx, store.ActivityQuery{
		Workspace: in.Workspace, Incident: in.id(), Kinds: in.Kind, Actors: in.Actor, Search: in.Q, Paging: in.paging(),
	}))
}
