package api

import (
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
)

// The domain's enumerations are plain strings there. These stand in for them in
// the document, so that generated clients know the members.
type (
	severityName       string
	statusName         string
	classificationName string
	determinationName  string
	actorKindName      string
	activityKindName   string
	entityKindName     string
	reasonName         string
)

func members[E ~string](list ...E) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, m := range list {
		s.Enum = append(s.Enum, string(m))
	}
	return s
}

func (severityName) Schema(huma.Registry) *huma.Schema {
	return members(slices.DeleteFunc(alert.Members[alert.Severity](), unlisted)...)
}

func (statusName) Schema(huma.Registry) *huma.Schema {
	return members(incident.Active, incident.InProgress, incident.Resolved, incident.Redirected)
}

func (classificationName) Schema(huma.Registry) *huma.Schema {
	return members(slices.DeleteFunc(alert.Members[alert.Classification](), unlisted)...)
}

func (determinationName) Schema(huma.Registry) *huma.Schema {
	return members(slices.DeleteFunc(alert.Members[alert.Determination](), unlisted)...)
}

func (actorKindName) Schema(huma.Registry) *huma.Schema {
	return members(incident.ByUser, incident.BySystem, incident.ByAutomation)
}

func (activityKindName) Schema(huma.Registry) *huma.Schema { return members(activityKinds...) }

func (entityKindName) Schema(huma.Registry) *huma.Schema { return members(entityKinds...) }

func (reasonName) Schema(huma.Registry) *huma.Schema { return members(reasons...) }

// unlisted drops the member that only stands for members of later versions.
func unlisted[E ~string](e E) bool { return e == "unknownFutureValue" }

var activityKinds = []incident.ActivityKind{
	incident.Created, incident.AlertsAdded, incident.AlertUpdated, incident.AlertsMovedIn, incident.AlertsMovedOut,
	incident.Merged, incident.MergedInto, incident.MergeUndone, incident.Restored, incident.Split, incident.EntityChanged, incident.StatusChanged,
	incident.SeverityChanged, incident.OwnerChanged, incident.NameChanged, incident.TagsChanged, incident.Classified, incident.Commented,
	incident.SuggestionRejected, incident.SuggestionReopened, incident.SettingsChanged,
}

var entityKinds = []entity.Kind{
	entity.User, entity.Device, entity.IP, entity.File, entity.Process, entity.URL, entity.Domain, entity.Mailbox, entity.Mail,
	entity.MailCluster, entity.App, entity.Session, entity.Group, entity.Registry, entity.CloudResource, entity.Container,
	entity.Malware, entity.Other,
}

var reasons = []correlate.Reason{
	correlate.RepeatedAlertOccurrence, correlate.SameGeography, correlate.SimilarArtifacts, correlate.SameTargetedAsset,
	correlate.SameNetworkSegment, correlate.EventSequence, correlate.TimeFrame, correlate.SameThreatSource,
	correlate.SimilarTTPsOrBehavior, correlate.SameActor, correlate.SameCampaign, correlate.SharedIndicators, correlate.SameAsset,
	correlate.NetworkProximity, correlate.EventCasualSequence, correlate.TemporalProximity, correlate.LateralMovementPath,
}

func nameEnumerations(r huma.Registry) {
	alias := func(domain, name any) { r.RegisterTypeAlias(reflect.TypeOf(domain), reflect.TypeOf(name)) }
	alias(alert.Severity(""), severityName(""))
	alias(alert.Classification(""), classificationName(""))
	alias(alert.Determination(""), determinationName(""))
	alias(incident.Status(""), statusName(""))
	alias(incident.ActorKind(""), actorKindName(""))
	alias(incident.ActivityKind(""), activityKindName(""))
	alias(entity.Kind(""), entityKindName(""))
	alias(correlate.Reason(""), reasonName(""))
}
