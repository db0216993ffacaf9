package view

import (
	"strconv"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/telemetry"
)

var securityIncident = table("SecurityIncident")

// Incident is what a row of SecurityIncident is made of. The domain's case file
// is not imported here: it stands above this package.
type Incident struct {
	Number        int64
	Name          string // the title
	Description   string
	Status        string // active, inProgress, resolved, redirected
	Severity      alert.Severity
	Owner         string
	Labels        []string
	AlertIDs      []string
	Tactics       []string
	Techniques    []string
	Products      []string
	AlertCount    int
	CommentCount  int
	FirstActivity time.Time
	LastActivity  time.Time
	Created       time.Time
	FirstModified time.Time
	Modified      time.Time
	ModifiedBy    string
	Closed        time.Time

	Classification alert.Classification
	Determination  alert.Determination
	Comment        string // why it was closed
	Tasks          []Task // in their order
}

// Task is something to do for an incident, as the column Tasks lists it.
type Task struct {
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Status      string    `json:"status"` // New or Completed
	CreatedAt   time.Time `json:"createdTimeUtc"`
	CreatedBy   string    `json:"createdBy"`
	CompletedAt time.Time `json:"completedTimeUtc,omitzero"`
	CompletedBy string    `json:"completedBy,omitempty"`
}

// Add writes the row of an incident as it is now.
func (in Incident) Add(out *telemetry.Batch, opt Options) {
	r := begin(out, securityIncident, in.Modified, opt)
	id := strconv.FormatInt(in.Number, 10)
	r.number("IncidentNumber", in.Number)
	r.text("IncidentName", id)
	r.text("ProviderIncidentId", id)
	r.text("ProviderName", "Clew")
	r.text("Title", in.Name)
	r.text("Description", in.Description)
	r.text("Severity", words(string(in.Severity)))
	r.text("Status", incidentStatus(in.Status))
	r.text("ModifiedBy", in.ModifiedBy)
	r.time("CreatedTime", in.Created)
	r.time("FirstModifiedTime", in.FirstModified)
	r.time("LastModifiedTime", in.Modified)
	r.time("FirstActivityTime", in.FirstActivity)
	r.time("LastActivityTime", in.LastActivity)
	r.time("ClosedTime", in.Closed)
	r.text("IncidentUrl", link(opt, "/incidents/", id))
	r.text("Classification", classification(in.Classification))
	r.text("ClassificationReason", words(string(in.Determination)))
	r.text("ClassificationComment", in.Comment)
	r.json("Owner", map[string]any{"assignedTo": in.Owner, "userPrincipalName": in.Owner})
	r.json("Labels", labels(in.Labels))
	r.json("AlertIds", notNil(in.AlertIDs))
	if len(in.Tasks) > 0 {
		r.json("Tasks", in.Tasks)
	}
	r.json("AdditionalData", map[string]any{
		"alertsCount": in.AlertCount, "commentsCount": in.CommentCount, "tactics": notNil(in.Tactics), "techniques": notNil(in.Techniques),
		"alertProductNames": notNil(in.Products),
	})
	r.end()
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

type label struct {
	Name string `json:"labelName"`
	Type string `json:"labelType"`
}

func labels(names []string) []label {
	out := make([]label, 0, len(names))
	for _, n := range names {
		out = append(out, label{n, "User"})
	}
	return out
}

// incidentStatus writes a state in the words of the table; one that was merged
// into another is closed.
func incidentStatus(s string) string {
	switch s {
	case "active":
		return "New"
	case "inProgress":
		return "Active"
	case "resolved", "redirected":
		return "Closed"
	}
	return ""
}

func classification(c alert.Classification) string {
	switch c {
	case alert.ClassificationTruePositive:
		return "TruePositive"
	case alert.ClassificationFalsePositive:
		return "FalsePositive"
	case alert.ClassificationInformationalExpectedActivity:
		return "BenignPositive"
	}
	return ""
}
