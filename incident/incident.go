// Package incident is the case file: one incident per attack, its life cycle,
// its name, its merges and splits, and the log of everything that was done to it.
//
// The package is pure: it changes values that it is handed and says what changed;
// the store keeps them, the workspace's single writer decides when.
package incident

import (
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

// Status is Graph's incidentStatus.
type Status string

// The states of an incident. Redirected is final: the incident was merged into
// another one, see Incident.RedirectTo; only an undo of that merge leaves it.
const (
	Active     Status = "active"
	InProgress Status = "inProgress"
	Resolved   Status = "resolved"
	Redirected Status = "redirected"
)

// Incident is the head of a case file. Alerts, links, entities, activities,
// comments and tasks are kept beside it in the store.
type Incident struct {
	ID   correlate.IncidentID `json:"id"`
	Name string               `json:"name"`
	// NameEdited says that a person named it: growth keeps the name, a merge does not.
	NameEdited bool   `json:"nameEdited,omitempty"`
	Status     Status `json:"status"`
	// Severity is the highest of its alerts unless SeverityEdited.
	Severity         alert.Severity       `json:"severity"`
	SeverityEdited   bool                 `json:"severityEdited,omitempty"`
	Classification   alert.Classification `json:"classification"`
	Determination    alert.Determination  `json:"determination"`
	Owner            string               `json:"owner"` // user name, empty when nobody
	Tags             []string             `json:"tags"`  // set by people, sorted
	SystemTags       []string             `json:"systemTags"`
	Priority         int                  `json:"priority"` // 0 to 100
	PriorityFactors  []PriorityFactor     `json:"priorityFactors"`
	ResolvingComment string               `json:"resolvingComment,omitempty"`
	RedirectTo       correlate.IncidentID `json:"redirectTo,omitempty"`

	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
	UpdatedBy     string    `json:"updatedBy,omitempty"`
	ResolvedAt    time.Time `json:"resolvedAt,omitzero"`
	FirstActivity time.Time `json:"firstActivity"`
	LastActivity  time.Time `json:"lastActivity"`

	// Tally counts the alerts by what the queue shows and filters.
	Tally Tally `json:"tally"`
	// Scope counts the distinct entities, by kind; assets and evidence alike.
	Scope map[string]int `json:"scope"`
	// TopAssets are the impacted assets to show in one line, at most 5.
	TopAssets []AssetRef `json:"topAssets"`
	// Tasks counts what is to do for it.
	Tasks TaskTally `json:"tasks"`
	// Version grows by one with every change; writers compare it (ETag).
	Version int64 `json:"version"`
}

// AssetRef names an impacted asset in a list.
type AssetRef struct {
	ID       int64  `json:"id"`
	Kind     string `json:"kind"`
	Label    string `json:"label"`
	Critical bool   `json:"critical,omitempty"`
	// Criticality is critical, high or low; empty when it is normal.
	Criticality string `json:"criticality,omitempty"`
}

// PriorityFactor is one reason of the priority score: points and words.
type PriorityFactor struct {
	Name   string `json:"name"`
	Points int    `json:"points"`
	Text   string `json:"text"`
}

// Tally counts an incident's alerts by property. It is a multiset, so an alert
// can be added and taken away without reading the others.
type Tally struct {
	Alerts     int            `json:"alerts"`
	Severities map[string]int `json:"severities"`
	Statuses   map[string]int `json:"statuses"`
	Tactics    map[string]int `json:"tactics"` // ATT&CK short names, see alert.Tactic
	Techniques map[string]int `json:"techniques"`
	Products   map[string]int `json:"products"`
	Sources    map[string]int `json:"sources"` // service sources
	Detections map[string]int `json:"detections"`
	Titles     map[string]int `json:"titles"` // at most 50 kinds, the rest under ""
	// Linked counts the alerts that a link put here and LinkMille sums the
	// scores of those links in thousandths: their mean is how sure the whole is.
	Linked    int `json:"linked"`
	LinkMille int `json:"linkMille"`
}

// ActorKind says who acted.
type ActorKind string

// The kinds of actor.
const (
	ByUser       ActorKind = "user"
	BySystem     ActorKind = "system"
	ByAutomation ActorKind = "automation"
)

// Actor is who did something.
type Actor struct {
	Kind ActorKind `json:"kind"`
	Name string    `json:"name"`
}

// Correlation is the actor of the engine's decisions.
var Correlation = Actor{Kind: BySystem, Name: "Clew correlation"}

// ActivityKind names what was done. The names travel in the API.
type ActivityKind string

// The kinds of activity.
const (
	Created         ActivityKind = "created"
	AlertsAdded     ActivityKind = "alertsAdded"
	AlertUpdated    ActivityKind = "alertUpdated"
	AlertsMovedIn   ActivityKind = "alertsMovedIn"
	AlertsMovedOut  ActivityKind = "alertsMovedOut"
	Merged          ActivityKind = "merged"        // others were merged into this one
	MergedInto      ActivityKind = "mergedInto"    // this one was merged into another
	MergeUndone     ActivityKind = "mergeUndone"   // on the former target
	Restored        ActivityKind = "restored"      // on the former source
	Split           ActivityKind = "split"         // alerts taken out into a new incident
	EntityChanged   ActivityKind = "entityChanged" // what is known of an entity of the incident
	StatusChanged   ActivityKind = "statusChanged" // From, To in Details
	SeverityChanged ActivityKind = "severityChanged"
	OwnerChanged    ActivityKind = "ownerChanged"
	NameChanged     ActivityKind = "nameChanged"
	TagsChanged     ActivityKind = "tagsChanged"
	Classified      ActivityKind = "classified"
	Commented       ActivityKind = "commented"
	TaskAdded       ActivityKind = "taskAdded"
	TaskChanged     ActivityKind = "taskChanged" // title or description; From, To in Details
	TaskDone        ActivityKind = "taskCompleted"
	TaskReopened    ActivityKind = "taskReopened"
	TaskMoved       ActivityKind = "taskMoved" // to another place in the list
	TaskDeleted     ActivityKind = "taskDeleted"
	// The suggestion that another incident is related was rejected, or that was
	// taken back.
	SuggestionRejected ActivityKind = "suggestionRejected"
	SuggestionReopened ActivityKind = "suggestionReopened"
	// SettingsChanged belongs to no incident: the correlation settings are new.
	SettingsChanged ActivityKind = "settingsChanged"
)

// Activity is one entry of an incident's log.
type Activity struct {
	ID       int64                `json:"id"` // set by the store, ascending per workspace
	Incident correlate.IncidentID `json:"incident"`
	// Origin is the incident in which it happened, when a merge copied it here.
	Origin correlate.IncidentID `json:"origin,omitempty"`
	At     time.Time            `json:"at"`
	Actor  Actor                `json:"actor"`
	Kind   ActivityKind         `json:"kind"`
	// Text is the entry in one plain sentence, for Commented the comment itself;
	// foreign names inside it.
	Text    string         `json:"text"`
	Details map[string]any `json:"details,omitempty"` // e.g. from, to, reason, mergeId
	Alerts  []string       `json:"alerts,omitempty"`  // at most 100 ids; Count says all
	Count   int            `json:"count,omitempty"`
	// Merge is the merge that the entry tells of; it can be undone while
	// Undoable holds.
	Merge    int64 `json:"merge,omitempty"`
	Undoable bool  `json:"undoable,omitempty"`
}

// Merge is the record that makes a merge reversible: both case files as they
// were and which alerts came from the source.
type Merge struct {
	ID     int64                `json:"id"`
	Source correlate.IncidentID `json:"source"`
	Target correlate.IncidentID `json:"target"`
	At     time.Time            `json:"at"`
	Actor  Actor                `json:"actor"`
	Reason string               `json:"reason,omitempty"`
	Link   *correlate.Link      `json:"link,omitempty"` // the engine's reason
	// SourceBefore and TargetBefore are the heads before the merge, TargetAfter
	// is the target right after it: an undo compares with it to tell what
	// people changed since.
	SourceBefore Incident  `json:"sourceBefore"`
	TargetBefore Incident  `json:"targetBefore"`
	TargetAfter  Incident  `json:"targetAfter"`
	Alerts       []string  `json:"alerts"`          // every alert that came from the source
	Tasks        []int64   `json:"tasks,omitempty"` // every task that came from it, in order
	UndoneAt     time.Time `json:"undoneAt,omitzero"`
	UndoneBy     string    `json:"undoneBy,omitempty"`
}
