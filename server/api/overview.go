package api

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/live"
	"github.com/clew-sec/clew/store"
)

// SourceBalance is what came of everything that a source delivered.
type SourceBalance struct {
	Source string `json:"source"`
	store.Intake
	Balanced bool `json:"balanced" doc:"received = new + updated + unchanged + rejected"`
}

// Sources is the balance of all sources.
type Sources struct {
	Items []SourceBalance `json:"items"`
	Known []string        `json:"known" doc:"The names that POST /ingest/{source} takes, beside auto."`
}

type searchInput struct {
	InWorkspace
	Q string `query:"q" required:"true" minLength:"1" maxLength:"200"`
}

// Found is what a search found, at most five of each.
type Found struct {
	Incidents []incident.Incident `json:"incidents"`
	Alerts    []AlertRow          `json:"alerts"`
	Entities  []store.Entity      `json:"entities"`
}

type rejectsInput struct {
	InWorkspace
	InPage
}

type activityInput struct {
	InWorkspace
	ActivityFilter
	InPage
}

type eventsInput struct {
	InWorkspace
	LastEventID string `header:"Last-Event-ID" maxLength:"64" doc:"The last event that arrived; those after it follow, or a resync event when they are gone."`
}

func (s *service) overviewOperations() {
	tag := "overview"
	add(s, operation{id: "search", tag: tag, route: "GET /search", summary: "Find incidents, alerts and entities", need: auth.Read}, s.search)
	add(s, operation{id: "listSources", tag: tag, route: "GET /sources", summary: "What each source delivered and what became of it", need: auth.Read}, s.listSources)
	add(s, operation{id: "listRejects", tag: tag, route: "GET /rejects", summary: "Records that were rejected, newest first", need: auth.Read}, s.listRejects)
	add(s, operation{id: "listActivity", tag: tag, route: "GET /activity", summary: "The latest activities over all incidents", need: auth.Read}, s.listActivity)
	add(s, operation{id: "events", tag: tag, route: "GET /events", summary: "Live updates", need: auth.Read, doc: eventsDoc,
		adjust: func(op *huma.Operation) {
			op.Responses = map[string]*huma.Response{"200": {
				Description: "A stream of server-sent events.",
				Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
			}}
		}}, s.events)
}

const eventsDoc = `Server-sent events. hello comes when the stream stands, after what was missed; its data is {"workspace"}.
change tells of a commit: {"seq", "incidents": [ids], "alerts": how many, "at"}.
resync means that events were missed: read everything again.
A comment comes every 20 seconds, so a silent connection is a dead one. A stream ends after 30 minutes at the latest: connect again.`

// streamLife is how long a stream may last. The browser comes back by itself and
// misses nothing, but has to show again that it is signed in.
const streamLife = 30 * time.Minute

const searchTop = 5

func (s *service) search(ctx context.Context, in *searchInput) (*Output[Found], error) {
	var out Found
	top := store.Paging{Limit: searchTop}
	incidents, err := s.Store.Incidents(ctx, store.IncidentQuery{Workspace: in.Workspace, Search: in.Q, Paging: top})
	if err != nil {
		return nil, err
	}
	if out.Incidents, err = s.numbered(ctx, in, incidents.Items); err != nil {
		return nil, err
	}
	alerts, err := s.Store.Alerts(ctx, store.AlertQuery{Workspace: in.Workspace, Search: in.Q, Brief: true, Paging: top})
	if err != nil {
		return nil, err
	}
	if out.Alerts, err = s.withEntities(ctx, in.Workspace, alerts.Items); err != nil {
		return nil, err
	}
	entities, err := s.Store.Entities(ctx, store.EntityQuery{Workspace: in.Workspace, Search: in.Q, Paging: top})
	out.Entities = entities.Items
	return output(out, err)
}

// numbered puts the incident whose number was typed first, redirected or not.
func (s *service) numbered(ctx context.Context, in *searchInput, found []incident.Incident) ([]incident.Incident, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(in.Q), "#"), 10, 64)
	if err != nil || n < 1 {
		return found, nil
	}
	i, err := s.Store.Incident(ctx, in.Workspace, correlate.IncidentID(n))
	if errors.Is(err, store.ErrNotFound) {
		return found, nil
	} else if err != nil {
		return nil, err
	}
	rest := slices.DeleteFunc(found, func(f incident.Incident) bool { return f.ID == i.ID })
	all := append([]incident.Incident{i}, rest...)
	return all[:min(len(all), searchTop)], nil
}

func (s *service) listSources(ctx context.Context, in *InWorkspace) (*Output[Sources], error) {
	intake, err := s.Store.Intake(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	out := Sources{}
	for _, known := range s.Sources {
		out.Known = append(out.Known, known.Name())
	}
	for _, name := range slices.Sorted(maps.Keys(intake)) {
		i := intake[name]
		out.Items = append(out.Items, SourceBalance{Source: name, Intake: i, Balanced: i.Received == i.New+i.Updated+i.Unchanged+i.Rejected})
	}
	return &Output[Sources]{Body: out}, nil
}

func (s *service) listRejects(ctx context.Context, in *rejectsInput) (*ListOutput[store.Reject], error) {
	return listed(s.Store.Rejects(ctx, in.Workspace, in.paging()))
}

func (s *service) listActivity(ctx context.Context, in *activityInput) (*ListOutput[incident.Activity], error) {
	return listed(s.Store.Activities(ctx, store.ActivityQuery{
		Workspace: in.Workspace, Kinds: in.Kind, Actors: in.Actor, Search: in.Q, Paging: in.paging(),
	}))
}

func (s *service) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	hub, ok := s.Live[in.Workspace]
	if !ok {
		_, err := s.of(in.Workspace)
		return nil, errors.Join(err, store.ErrNotFound)
	}
	sub, err := hub.Subscribe(in.LastEventID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer sub.Close()
		_, w := humago.Unwrap(hc)
		ctx, cancel := context.WithTimeout(ctx, streamLife)
		defer cancel()
		live.Stream(ctx, w, sub)
	}}, nil
}
