// Package alert is the normal form of a security alert: the Microsoft Graph
// security `alert` resource (v1.0) with all of its evidence types. Every source
// turns its payloads into this form and every later stage reads only this form.
//
// Alerts are foreign data. Nothing in this package trusts a field: sizes, depth
// and counts are limited by Decode, enumerations keep unknown members as they
// came, and unknown properties and evidence types survive a round trip.
package alert

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Alert is one signal of one detection. Field names and meanings are those of
// the Graph security alert resource. The zero value is an empty alert.
type Alert struct {
	ID              string `json:"id,omitzero"`
	ProviderAlertID string `json:"providerAlertId,omitzero"`
	IncidentID      string `json:"incidentId,omitzero"`
	TenantID        string `json:"tenantId,omitzero"`

	Title              string   `json:"title,omitzero"`
	Description        string   `json:"description,omitzero"`
	RecommendedActions string   `json:"recommendedActions,omitzero"`
	Category           string   `json:"category,omitzero"`
	Categories         []string `json:"categories,omitzero"`
	MITRETechniques    []string `json:"mitreTechniques,omitzero"`

	Severity           Severity           `json:"severity,omitzero"`
	Status             Status             `json:"status,omitzero"`
	Classification     Classification     `json:"classification,omitzero"`
	Determination      Determination      `json:"determination,omitzero"`
	InvestigationState InvestigationState `json:"investigationState,omitzero"`
	AssignedTo         string             `json:"assignedTo,omitzero"`

	ServiceSource   ServiceSource   `json:"serviceSource,omitzero"`
	DetectionSource DetectionSource `json:"detectionSource,omitzero"`
	ProductName     string          `json:"productName,omitzero"`
	DetectorID      string          `json:"detectorId,omitzero"`
	AlertPolicyID   string          `json:"alertPolicyId,omitzero"`

	ActorDisplayName  string `json:"actorDisplayName,omitzero"`
	ThreatDisplayName string `json:"threatDisplayName,omitzero"`
	ThreatFamilyName  string `json:"threatFamilyName,omitzero"`

	AlertWebURL    string `json:"alertWebUrl,omitzero"`
	IncidentWebURL string `json:"incidentWebUrl,omitzero"`

	CreatedDateTime       time.Time `json:"createdDateTime,omitzero"`
	LastUpdateDateTime    time.Time `json:"lastUpdateDateTime,omitzero"`
	ResolvedDateTime      time.Time `json:"resolvedDateTime,omitzero"`
	FirstActivityDateTime time.Time `json:"firstActivityDateTime,omitzero"`
	LastActivityDateTime  time.Time `json:"lastActivityDateTime,omitzero"`

	Comments       []Comment      `json:"comments,omitzero"`
	SystemTags     []string       `json:"systemTags,omitzero"`
	CustomDetails  map[string]any `json:"customDetails,omitzero"`
	AdditionalData map[string]any `json:"additionalData,omitzero"`
	Evidence       []Evidence     `json:"evidence,omitzero"`

	// doc is the object as it was decoded. Encoding lays the fields above over
	// it, so unknown properties, explicit nulls and number texts survive.
	doc jsontext.Value
}

// Comment is a Graph security alertComment.
type Comment struct {
	Comment              string    `json:"comment,omitzero"`
	CreatedByDisplayName string    `json:"createdByDisplayName,omitzero"`
	CreatedDateTime      time.Time `json:"createdDateTime,omitzero"`
}

// Evidence is an entity as one alert mentions it. The implementations are
// pointers to the 48 types of the Graph model (evidence_types.go) and
// *UnknownEvidence for a type that this version does not know.
type Evidence interface {
	// Base gives the properties that every evidence type has. The result may
	// be written to.
	Base() *EvidenceBase
}

// EvidenceBase holds the properties of Graph's alertEvidence, the base of every
// evidence type.
type EvidenceBase struct {
	// ODataType is "#microsoft.graph.security.<type>". Encoding fills it in
	// for the known types when it is empty.
	ODataType                string            `json:"@odata.type,omitzero"`
	CreatedDateTime          time.Time         `json:"createdDateTime,omitzero"`
	Verdict                  Verdict           `json:"verdict,omitzero"`
	RemediationStatus        RemediationStatus `json:"remediationStatus,omitzero"`
	RemediationStatusDetails string            `json:"remediationStatusDetails,omitzero"`
	Roles                    []Role            `json:"roles,omitzero"`
	DetailedRoles            []string          `json:"detailedRoles,omitzero"`
	Tags                     []string          `json:"tags,omitzero"`

	doc jsontext.Value
}

// Base implements Evidence.
func (b *EvidenceBase) Base() *EvidenceBase { return b }

// UnknownEvidence keeps evidence of a type outside the Graph v1.0 model. All its
// properties beyond the base are kept in the document and come back on encoding.
type UnknownEvidence struct {
	EvidenceBase `json:",inline"`
}

// Rule names the detection that raised the alert, for "same rule" questions:
// the detector id, else the alert policy, else the title.
func (a *Alert) Rule() string {
	switch {
	case a.DetectorID != "":
		return a.DetectorID
	case a.AlertPolicyID != "":
		return a.AlertPolicyID
	}
	return a.Title
}

// Start is the first activity, else the last activity, else the creation time.
func (a *Alert) Start() time.Time {
	switch {
	case !a.FirstActivityDateTime.IsZero():
		return a.FirstActivityDateTime
	case !a.LastActivityDateTime.IsZero():
		return a.LastActivityDateTime
	}
	return a.CreatedDateTime
}

// End is the last activity, never before Start.
func (a *Alert) End() time.Time {
	if s := a.Start(); a.LastActivityDateTime.Before(s) {
		return s
	}
	return a.LastActivityDateTime
}
