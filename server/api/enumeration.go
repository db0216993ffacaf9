package api

import (
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// The domain's enumerations are plain strings there. These stand in for them in
// the document, so that generated clients know the members.
type (
	severityName        string
	statusName          string
	classificationName  string
	determinationName   string
	taskStatusName      string
	actorKindName       string
	activityKindName    string
	entityKindName      string
	reasonName          string
	ruleStateName       string
	matchName           string
	detailName          string
	exclusionName       string
	criticalityName     string
	suggestionName      string
	suggestionStateName string
	modelOriginName     string
	modelStateName      string
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

func (taskStatusName) Schema(huma.Registry) *huma.Schema {
	return members(incident.TaskNew, incident.TaskCompleted)
}

func (actorKindName) Schema(huma.Registry) *huma.Schema {
	return members(incident.ByUser, incident.BySystem, incident.ByAutomation)
}

func (activityKindName) Schema(huma.Registry) *huma.Schema { return members(activityKinds...) }

func (entityKindName) Schema(huma.Registry) *huma.Schema { return members(entityKinds...) }

func (reasonName) Schema(huma.Registry) *huma.Schema { return members(reasons...) }

func (ruleStateName) Schema(huma.Registry) *huma.Schema {
	return members(correlate.RuleDefault, correlate.RuleEnabled, correlate.RuleDisabled)
}

func (matchName) Schema(huma.Registry) *huma.Schema {
	return members(correlate.MatchAll, correlate.MatchAny, correlate.MatchSelected)
}

func (detailName) Schema(huma.Registry) *huma.Schema {
	return members(correlate.DetailTitle, correlate.DetailSeverity)
}

func (exclusionName) Schema(huma.Registry) *huma.Schema {
	return members(correlate.ExcludeIdentifier, correlate.ExcludeCIDR, correlate.ExcludeDomain)
}

func (criticalityName) Schema(huma.Registry) *huma.Schema {
	return members(correlate.CriticalityCritical, correlate.CriticalityHigh, correlate.CriticalityNormal, correlate.CriticalityLow)
}

func (suggestionName) Schema(huma.Registry) *huma.Schema {
	return members(correlate.SuggestNear, correlate.SuggestRefused, correlate.SuggestRival)
}

func (suggestionStateName) Schema(huma.Registry) *huma.Schema {
	return members(store.SuggestionOpen, store.SuggestionAccepted, store.SuggestionRejected, store.SuggestionWithdrawn)
}

func (modelOriginName) Schema(huma.Registry) *huma.Schema {
	return members(store.ModelShipped, store.ModelGiven, store.ModelUploaded, store.ModelTrained)
}

func (modelStateName) Schema(huma.Registry) *huma.Schema {
	return members(store.ModelReady, store.ModelQueued, store.ModelTraining, store.ModelFailed)
}

// unlisted drops the member that only stands for members of later versions.
func unlisted[E ~string](e E) bool { return e == "unknownFutureValue" }

var activityKinds = []incident.ActivityKind{
	incident.Created, incident.AlertsAdded, incident.AlertUpdated, incident.AlertsMovedIn, incident.AlertsMovedOut,
	incident.Merged, incident.MergedInto, incident.MergeUndone, incident.Restored, incident.Split, incident.EntityChanged, incident.StatusChanged,
	incident.SeverityChanged, incident.OwnerChanged, incident.NameChanged, incident.TagsChanged, incident.Classified, incident.Commented,
	incident.TaskAdded, incident.TaskChanged, incident.TaskDone, incident.TaskReopened, incident.TaskMoved, incident.TaskDeleted,
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
	alias(incident.TaskStatus(""), taskStatusName(""))
	alias(incident.ActorKind(""), actorKindName(""))
	alias(incident.ActivityKind(""), activityKindName(""))
	alias(entity.Kind(""), entityKindName(""))
	alias(correlate.Reason(""), reasonName(""))
	alias(correlate.RuleState(""), ruleStateName(""))
	alias(correlate.Match(""), matchName(""))
	alias(correlate.Detail(""), detailName(""))
	alias(correlate.ExclusionKind(""), exclusionName(""))
	alias(correlate.Criticality(""), criticalityName(""))
	alias(correlate.SuggestionKind(""), suggestionName(""))
	alias(store.SuggestionState(""), suggestionStateName(""))
	alias(store.ModelOrigin(""), modelOriginName(""))
	alias(store.ModelState(""), modelStateName(""))
}
