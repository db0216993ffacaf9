package view

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/telemetry"
)

var (
	alertInfo        = table("AlertInfo")
	alertEvidence    = table("AlertEvidence")
	securityAlert    = table("SecurityAlert")
	behaviorInfo     = table("BehaviorInfo")
	behaviorEntities = table("BehaviorEntities")
)

// Alert adds the rows of an alert: one of AlertInfo, one of AlertEvidence for
// each piece of evidence, one of SecurityAlert.
func Alert(a *alert.Alert, out *telemetry.Batch, opt Options) {
	at := changed(a)
	r := begin(out, alertInfo, at, opt)
	r.about(a)
	r.text("Category", first(categories(a)))
	r.list("AttackTechniques", techniques(a))
	r.end()
	for _, ev := range a.Evidence {
		r := begin(out, alertEvidence, at, opt)
		r.about(a)
		r.entity(ev)
		r.end()
	}
	sentinel(a, out, opt)
}

// Behavior adds the rows of an alert that is no more than worth knowing: one of
// BehaviorInfo, one of BehaviorEntities for each piece of evidence.
func Behavior(a *alert.Alert, out *telemetry.Batch, opt Options) {
	at := changed(a)
	r := begin(out, behaviorInfo, at, opt)
	r.about(a)
	r.text("ActionType", a.Rule())
	r.text("Description", a.Description)
	r.time("StartTime", a.Start())
	r.time("EndTime", a.End())
	for _, ev := range a.Evidence {
		switch ev := ev.(type) {
		case *alert.DeviceEvidence:
			r.device(ev)
		case *alert.UserEvidence:
			r.account(ev.UserAccount)
		}
	}
	r.end()
	for _, ev := range a.Evidence {
		r := begin(out, behaviorEntities, at, opt)
		r.about(a)
		r.text("ActionType", a.Rule())
		r.entity(ev)
		r.end()
	}
}

// changed is when the row of an alert is true from: its last change.
func changed(a *alert.Alert) time.Time {
	for _, t := range []time.Time{a.LastUpdateDateTime, a.CreatedDateTime, a.Start()} {
		if !t.IsZero() {
			return t
		}
	}
	return time.Unix(0, 0)
}

// about sets what the rows of one alert have in common.
func (r row) about(a *alert.Alert) {
	r.text("AlertId", a.ID)
	r.text("BehaviorId", a.ID)
	r.text("Title", a.Title)
	r.text("Severity", words(string(a.Severity)))
	r.text("ServiceSource", product(a))
	r.text("DetectionSource", words(string(a.DetectionSource)))
	r.text("ThreatFamily", a.ThreatFamilyName)
	r.list("Categories", categories(a))
	if r.table != alertInfo {
		r.list("AttackTechniques", techniques(a))
	}
}

// sentinel adds the row of SecurityAlert.
func sentinel(a *alert.Alert, out *telemetry.Batch, opt Options) {
	r := begin(out, securityAlert, changed(a), opt)
	r.text("SystemAlertId", a.ID)
	r.text("VendorOriginalId", a.ProviderAlertID)
	r.text("DisplayName", a.Title)
	r.text("AlertName", a.Title)
	r.text("AlertType", a.Rule())
	r.text("Description", a.Description)
	r.text("RemediationSteps", a.RecommendedActions)
	r.text("AlertSeverity", words(string(a.Severity)))
	r.text("ProductName", product(a))
	r.text("ProviderName", product(a))
	r.text("ProductComponentName", words(string(a.DetectionSource)))
	r.text("Status", alertStatus(a.Status))
	r.text("Tactics", strings.Join(categories(a), ", "))
	r.list("Techniques", a.MITRETechniques)
	r.time("StartTime", a.Start())
	r.time("EndTime", a.End())
	r.time("ProcessingEndTime", a.CreatedDateTime)
	r.bool("IsIncident", false)
	r.text("AlertLink", link(opt, "/alerts/", a.ID))
	r.json("Entities", entities(a.Evidence))
	if len(a.CustomDetails) > 0 || len(a.AdditionalData) > 0 {
		r.json("ExtendedProperties", properties(a))
	}
	r.text("CompromisedEntity", compromised(a.Evidence))
	r.end()
}

func link(opt Options, path, id string) string {
	if opt.BaseURL == "" || id == "" {
		return ""
	}
	return strings.TrimSuffix(opt.BaseURL, "/") + path + id
}

func alertStatus(s alert.Status) string {
	switch s {
	case alert.StatusNew:
		return "New"
	case alert.StatusInProgress:
		return "InProgress"
	case alert.StatusResolved:
		return "Resolved"
	}
	return ""
}

// properties joins the details that the rule and the provider gave.
func properties(a *alert.Alert) map[string]any {
	out := map[string]any{}
	for k, v := range a.AdditionalData {
		if _, err := json.Marshal(v); err == nil {
			out[k] = v
		}
	}
	if len(a.CustomDetails) > 0 {
		out["Custom Details"] = a.CustomDetails
	}
	return out
}
