package store

import (
	"context"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
)

// Cases reads incidents, alerts, entities and their logs.
type Cases interface {
	Incidents(ctx context.Context, q IncidentQuery) (Page[incident.Incident], error)
	IncidentFacets(ctx context.Context, q IncidentQuery) (Facets, error)
	// Incident returns a redirected incident too, as it is.
	Incident(ctx context.Context, workspace string, id correlate.IncidentID) (incident.Incident, error)
	// IncidentEntities lists impacted ones first, then those that most alerts
	// mention, then by id.
	IncidentEntities(ctx context.Context, workspace string, id correlate.IncidentID, kinds []entity.Kind, p Paging) (Page[IncidentEntity], error)
	// IncidentsMentioning lists the incidents whose alerts mention an entity,
	// newest first, at most limit of them.
	IncidentsMentioning(ctx context.Context, workspace string, id entity.ID, limit int) ([]correlate.IncidentID, error)
	// IncidentAlertEntities lists which alert mentions which entity, by alert
	// time, for the graph and the timeline; at most limit rows, the second result tells whether there are more.
	IncidentAlertEntities(ctx context.Context, workspace string, id correlate.IncidentID, limit int) ([]AlertEntity, bool, error)
	// Activities leaves out the entries that a merge copied once that merge is
	// undone; Undoable is false from then on.
	Activities(ctx context.Context, q ActivityQuery) (Page[incident.Activity], error)
	Merge(ctx context.Context, workspace string, id int64) (incident.Merge, error)
	// MergesInto lists the merges into an incident, newest first, undone ones too.
	MergesInto(ctx context.Context, workspace string, id correlate.IncidentID) ([]incident.Merge, error)
	// Tasks lists what is to do for an incident, in the order of the list.
	Tasks(ctx context.Context, workspace string, id correlate.IncidentID) ([]incident.Task, error)

	Alerts(ctx context.Context, q AlertQuery) (Page[Alert], error)
	AlertFacets(ctx context.Context, q AlertQuery) (Facets, error)
	Alert(ctx context.Context, workspace, id string) (Alert, error)
	// AlertsByID returns those that exist, in no particular order.
	AlertsByID(ctx context.Context, workspace string, ids []string) ([]Alert, error)
	AlertEntities(ctx context.Context, workspace string, alerts []string) ([]AlertEntity, error)
	// AlertIDs lists every alert of an incident by log position.
	AlertIDs(ctx context.Context, workspace string, id correlate.IncidentID) ([]string, error)

	// Entities leaves out the identifiers.
	Entities(ctx context.Context, q EntityQuery) (Page[Entity], error)
	// Entity follows redirects.
	Entity(ctx context.Context, workspace string, id entity.ID) (Entity, error)
	// EntitiesByID gives redirected entities as they are.
	EntitiesByID(ctx context.Context, workspace string, ids []entity.ID) ([]Entity, error)

	Rejects(ctx context.Context, workspace string, p Paging) (Page[Reject], error)
	Intake(ctx context.Context, workspace string) (map[string]Intake, error)
	// Histogram counts alerts received and incidents created per hour.
	Histogram(ctx context.Context, workspace string, from, to time.Time) ([]HourCount, error)
}

// HourCount is one bar of the chart above the queue.
type HourCount struct {
	Hour      time.Time `json:"hour"`
	Alerts    int       `json:"alerts"`
	Incidents int       `json:"incidents"`
}

// Paging asks for one page. Limit 0 means 50; the most is 500.
type Paging struct {
	Limit  int
	Cursor string // empty for the first page
}

// Page is a page of a list. Next is empty on the last page.
type Page[T any] struct {
	Items []T
	Next  string
}

// Facet is how many rows have a value, the whole filter applied but for the
// facet's own field.
type Facet struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Facets holds the counts by field. Each field lists at most 50 values, most
// frequent first; Total is the number of rows that match the whole filter.
type Facets struct {
	Total  int                `json:"total"`
	Fields map[string][]Facet `json:"fields"`
}

// IncidentQuery selects incidents. Lists inside a field are alternatives, the
// fields are combined; empty fields select everything. Redirected incidents are
// left out unless Statuses names them. Fields that are named here are also the
// facet names: status, severity, owner, classification, determination, tag,
// tactic, product, serviceSource, detectionSource, priority (top, medium, low).
type IncidentQuery struct {
	Workspace        string
	Statuses         []string
	Severities       []string
	Owners           []string // "" selects incidents without owner
	Classifications  []string
	Determinations   []string
	Tags             []string // any of them, people's and system's
	Tactics          []string
	Products         []string
	ServiceSources   []string
	DetectionSources []string
	Priorities       []string
	Entity           entity.ID // incidents that mention it
	ActiveFrom       time.Time // last activity not before
	ActiveTo         time.Time // first activity before
	UpdatedFrom      time.Time
	CreatedFrom      time.Time
	// Search is matched, ignoring case, against name, id ("#12" or "12"),
	// impacted asset labels and tags; every word must match. Never a pattern.
	Search string
	Sort   IncidentSort
	Asc    bool
	Paging
}

// IncidentSort is the order of a list of incidents; the id breaks ties, in the
// same direction.
type IncidentSort string

// The orders of incidents. The zero value sorts by last update.
const (
	ByUpdated      IncidentSort = "updated"
	ByCreated      IncidentSort = "created"
	ByPriority     IncidentSort = "priority"
	BySeverity     IncidentSort = "severity"
	ByStatus       IncidentSort = "status"
	ByName         IncidentSort = "name"
	ByAlerts       IncidentSort = "alerts"
	ByLastActivity IncidentSort = "lastActivity"
	ByID           IncidentSort = "id"
	ByOwner        IncidentSort = "owner"
)

// AlertQuery selects alerts, as IncidentQuery does. Facets: status, severity,
// product, serviceSource, detectionSource, category, classification, owner, tactic.
type AlertQuery struct {
	Workspace        string
	Incident         correlate.IncidentID
	Entity           entity.ID
	Statuses         []string
	Severities       []string
	Owners           []string
	Classifications  []string
	Categories       []string
	Tactics          []string
	Products         []string
	ServiceSources   []string
	DetectionSources []string
	Rule             string
	ActiveFrom       time.Time
	ActiveTo         time.Time
	ReceivedFrom     time.Time
	Search           string // title and id, every word, ignoring case
	Sort             AlertSort
	Asc              bool
	// Brief leaves out Normal and Raw.
	Brief bool
	Paging
}

// AlertSort is the order of a list of alerts; the log position breaks ties.
type AlertSort string

// The orders of alerts. The zero value sorts by last activity.
const (
	AlertsByActivity AlertSort = "lastActivity"
	AlertsByStart    AlertSort = "firstActivity"
	AlertsByReceived AlertSort = "received"
	AlertsBySeverity AlertSort = "severity"
	AlertsByTitle    AlertSort = "title"
)

// ActivityQuery selects an incident's log, or without one that of the whole
// workspace (copied entries left out), newest first.
type ActivityQuery struct {
	Workspace string
	Incident  correlate.IncidentID
	Kinds     []string
	Actors    []string // actor kinds
	Search    string
	Paging
}

// EntityQuery selects entities that are not redirected, by last sight.
type EntityQuery struct {
	Workspace string
	Kinds     []entity.Kind
	Search    string // label or identifier, ignoring case
	Paging
}
