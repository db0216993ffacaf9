// Package sentinel reads the rows of Microsoft Sentinel's SecurityAlert table,
// in the current and in the 2019 column names. The entities of a row are JSON
// text with $id and $ref back references. Rows of the SecurityIncident table are
// recognised; they name alerts but are none.
package sentinel

import (
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/go-json-experiment/json/jsontext"
)

// Source implements source.Source for SecurityAlert rows.
type Source struct{}

// Name implements source.Source.
func (Source) Name() string { return "sentinel" }

// Recognise implements source.Source.
func (Source) Recognise(record jsontext.Value) int {
	o := source.Peek(record)
	switch {
	case o == nil:
		return 0
	case o.Text("Type") == "SecurityAlert", o.Text("Type") == "SecurityIncident":
		return 100
	case o.Has("SystemAlertId") && (o.Has("AlertName") || o.Has("DisplayName")):
		return 98
	case isIncident(o):
		return 95
	}
	return 0
}

func isIncident(o source.Object) bool {
	return o.Text("Type") == "SecurityIncident" || o.Has("IncidentName") && o.Has("IncidentNumber") && o.Has("AlertIds")
}

// taken are the columns that have a place of their own in the normal form, or
// that say nothing about the finding.
var taken = []string{
	"", "TenantId", "TimeGenerated", "DisplayName", "AlertDisplayName", "AlertName", "AlertSeverity", "Severity", "Description",
	"ProviderName", "VendorName", "VendorOriginalId", "ProviderAlertId", "SystemAlertId", "AlertType", "IsIncident", "StartTime", "StartTimeUtc",
	"EndTime", "EndTimeUtc", "ProcessingEndTime", "RemediationSteps", "ExtendedProperties", "Entities", "SourceSystem", "ProductName",
	"AlertLink", "Status", "Tactics", "Techniques", "SubTechniques", "Type",
}

// takenProperties are the ExtendedProperties with a place of their own.
var takenProperties = []string{
	"IncidentId", "Category", "MicrosoftDefenderAtp.Category", "DetectionSource", "AssignedTo", "Determination", "Classification",
	"ThreatName", "ThreatFamilyName", "DetectorId", "LastUpdated", "MicrosoftDefenderAtp.InvestigationState", "Action",
	"ProcessedBySentinel", "Alert generation status", "Custom Details",
}

// Alerts implements source.Source.
func (Source) Alerts(record jsontext.Value, opt source.Options) ([]*alert.Alert, error) {
	o, err := source.ParseObject(record, opt.Limits)
	if err != nil {
		return nil, err
	}
	if isIncident(o) {
		return incident(o, record, opt)
	}
	if !o.Has("SystemAlertId") && !o.Has("AlertName") && !o.Has("DisplayName") {
		return nil, &source.NotAlertError{What: "an object without SystemAlertId and AlertName"}
	}
	a, err := row(o, record)
	if err != nil {
		return nil, err
	}
	finished, err := source.Finish(a, opt)
	if err != nil {
		return nil, err
	}
	return []*alert.Alert{finished}, nil
}

func row(o source.Object, record jsontext.Value) (*alert.Alert, error) {
	props := o.Inner("ExtendedProperties")
	a := &alert.Alert{
		ID:                 o.Text("SystemAlertId"),
		ProviderAlertID:    o.Text("VendorOriginalId", "ProviderAlertId"),
		IncidentID:         props.Text("IncidentId"),
		TenantID:           o.Text("TenantId"),
		Title:              o.Text("DisplayName", "AlertDisplayName", "AlertName"),
		Description:        o.Text("Description"),
		RecommendedActions: o.Text("RemediationSteps"),
		Severity:           alert.ParseEnum[alert.Severity](o.Text("AlertSeverity", "Severity")),
		Status:             status(o.Text("Status")),
		Classification:     alert.ParseEnum[alert.Classification](props.Text("Classification")),
		Determination:      alert.ParseEnum[alert.Determination](props.Text("Determination")),
		InvestigationState: alert.ParseEnum[alert.InvestigationState](props.Text("MicrosoftDefenderAtp.InvestigationState")),
		AssignedTo:         props.Text("AssignedTo"),
		ServiceSource:      source.ServiceOf(o.Text("ProviderName")),
		DetectionSource:    source.DetectionOf(props.Text("DetectionSource")),
		ProductName:        o.Text("ProductName", "VendorName"),
		DetectorID:         props.Text("DetectorId"),
		ThreatDisplayName:  props.Text("ThreatName"),
		ThreatFamilyName:   props.Text("ThreatFamilyName"),
		AlertWebURL:        o.Text("AlertLink"),
	}
	if a.RecommendedActions == "" {
		a.RecommendedActions = props.Text("Action")
	}
	if a.DetectorID == "" {
		a.DetectorID = o.Text("AlertType")
	}
	if !a.DetectionSource.Known() || a.DetectionSource == alert.DetectionSourceUnknown {
		a.DetectionSource = source.DetectionOf(o.Text("ProviderName"))
	}
	if a.ID == "" {
		a.ID = source.HashID("se", string(record))
	}
	tactics(a, o, props)
	if err := times(a, o); err != nil {
		return nil, err
	}
	if err := entities(a, o); err != nil {
		return nil, err
	}
	compromised(a, o)
	a.CustomDetails = props.Inner("Custom Details").Extra()
	a.AdditionalData = additional(o, props)
	return a, nil
}

// status reads the states of both column generations.
func status(text string) alert.Status {
	switch strings.ToLower(text) {
	case "":
		return alert.StatusNew
	case "active", "open":
		return alert.StatusNew
	case "dismissed", "closed":
		return alert.StatusResolved
	}
	return alert.ParseEnum[alert.Status](text)
}

func tactics(a *alert.Alert, o, props source.Object) {
	category := props.Text("Category", "MicrosoftDefenderAtp.Category")
	a.Categories = source.TacticNames(strings.Split(o.Text("Tactics"), ",")...)
	switch {
	case category != "":
		a.Category = category
		if t, ok := alert.ParseTactic(category); ok {
			a.Category = string(t)
		}
	case len(a.Categories) > 0:
		a.Category = a.Categories[0]
	}
	for _, name := range []string{"Techniques", "SubTechniques"} {
		addTechniques(a, o.Text(name))
	}
	addTechniques(a, props.Text("MitreTechniques"))
}

// addTechniques reads a JSON list in text or a text with ids in it. An id that
// is not well formed is kept as it came.
func addTechniques(a *alert.Alert, text string) {
	list := source.Items(source.Object{"x": jsontext.Value(text)}.Embedded("x"))
	if !strings.HasPrefix(text, "[") {
		list = nil
	}
	ids := source.Techniques(text)
	for _, v := range list {
		if id := source.ValueText(v); len(source.Techniques(id)) == 0 && id != "" {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		if !slices.Contains(a.MITRETechniques, id) {
			a.MITRETechniques = append(a.MITRETechniques, id)
		}
	}
}

func times(a *alert.Alert, o source.Object) error {
	for _, f := range []struct {
		to   *time.Time
		from []string
	}{
		{&a.FirstActivityDateTime, []string{"StartTime", "StartTimeUtc"}},
		{&a.LastActivityDateTime, []string{"EndTime", "EndTimeUtc"}},
		{&a.CreatedDateTime, []string{"TimeGenerated", "ProcessingEndTime"}},
		{&a.LastUpdateDateTime, []string{"ProcessingEndTime", "TimeGenerated"}},
	} {
		t, err := o.Time(f.from...)
		if err != nil {
			return err
		}
		*f.to = t
	}
	return nil
}

// compromised makes sure that the asset which the row calls compromised is
// among the evidence, and marks it.
func compromised(a *alert.Alert, o source.Object) {
	if name := o.Text("CompromisedEntity"); name != "" && !markCompromised(a, name) {
		a.Evidence = append(a.Evidence, assetNamed(name))
	}
	if len(a.Evidence) > 0 {
		return
	}
	if id := o.Text("ResourceId"); strings.HasPrefix(id, "/") {
		a.Evidence = append(a.Evidence, azureResource(id, alert.RoleAttacked))
	}
	if id := o.Text("SourceComputerId"); id != "" {
		a.Evidence = append(a.Evidence, &alert.DeviceEvidence{MDEDeviceID: id, EvidenceBase: alert.EvidenceBase{Roles: []alert.Role{alert.RoleAttacked}}})
	}
}

func markCompromised(a *alert.Alert, name string) bool {
	for _, ev := range a.Evidence {
		if names(ev, name) {
			source.AddRoles(ev, alert.RoleCompromised)
			return true
		}
	}
	return false
}

// names reports whether evidence carries a name, in full or by its first label.
func names(ev alert.Evidence, name string) bool {
	short, _, _ := strings.Cut(name, ".")
	switch e := ev.(type) {
	case *alert.DeviceEvidence:
		return strings.EqualFold(e.DeviceDNSName, name) || strings.EqualFold(e.HostName, name) || e.DeviceDNSName == "" && e.HostName != "" && strings.EqualFold(e.HostName, short)
	case *alert.UserEvidence:
		u := e.UserAccount
		return u != nil && (strings.EqualFold(u.UserPrincipalName, name) || strings.EqualFold(u.AccountName, name) || strings.EqualFold(u.DisplayName, name))
	case *alert.MailboxEvidence:
		return strings.EqualFold(e.PrimaryAddress, name) || strings.EqualFold(e.UPN, name)
	case *alert.AzureResourceEvidence:
		return strings.EqualFold(e.ResourceID, name) || strings.EqualFold(e.ResourceName, name)
	}
	return false
}

// assetNamed makes evidence of an asset of which only the name is known.
func assetNamed(name string) alert.Evidence {
	base := alert.EvidenceBase{Roles: []alert.Role{alert.RoleCompromised}}
	switch {
	case strings.HasPrefix(name, "/subscriptions/"):
		return azureResource(name, alert.RoleCompromised)
	case strings.ContainsAny(name, `@\`):
		account, domain, upn := source.SplitAccount(name)
		return &alert.UserEvidence{EvidenceBase: base, UserAccount: &alert.UserAccount{AccountName: account, DomainName: domain, UserPrincipalName: upn}}
	}
	host, domain, dotted := strings.Cut(name, ".")
	dev := &alert.DeviceEvidence{EvidenceBase: base, HostName: host, DNSDomain: domain}
	if dotted {
		dev.DeviceDNSName = name
	}
	return dev
}

func azureResource(id string, role alert.Role) alert.Evidence {
	_, name := source.SplitPath(id)
	return &alert.AzureResourceEvidence{EvidenceBase: alert.EvidenceBase{Roles: []alert.Role{role}}, ResourceID: id, ResourceName: name}
}

func additional(o, props source.Object) map[string]any {
	bag := o.Extra(taken...)
	extended := props.Extra(takenProperties...)
	if len(extended) > 0 {
		if bag == nil {
			bag = map[string]any{}
		}
		bag["ExtendedProperties"] = extended
	}
	return bag
}

// incident handles a row of the SecurityIncident table. It is no alert; in a dry
// run it is shown as one so that its reader sees what was understood.
func incident(o source.Object, record jsontext.Value, opt source.Options) ([]*alert.Alert, error) {
	if !opt.Everything {
		return nil, &source.NotAlertError{What: "a SecurityIncident row, whose alerts come as SecurityAlert rows"}
	}
	more := o.Inner("AdditionalData")
	a := &alert.Alert{
		ID:                    o.Text("IncidentName"),
		ProviderAlertID:       o.Text("ProviderIncidentId"),
		IncidentID:            o.Text("ProviderIncidentId", "IncidentNumber"),
		TenantID:              o.Text("TenantId"),
		Title:                 o.Text("Title"),
		Description:           o.Text("Description"),
		Severity:              alert.ParseEnum[alert.Severity](o.Text("Severity")),
		Status:                status(o.Text("Status")),
		ServiceSource:         source.ServiceOf(o.Text("ProviderName")),
		ProductName:           o.Text("ProviderName"),
		IncidentWebURL:        o.Text("IncidentUrl"),
		AssignedTo:            o.Inner("Owner").Text("userPrincipalName", "email", "assignedTo"),
		SystemTags:            []string{"SecurityIncident row"},
		Categories:            source.TacticNames(more.Texts("tactics")...),
		MITRETechniques:       more.Texts("techniques"),
		CreatedDateTime:       o.LooseTime("CreatedTime", "TimeGenerated"),
		LastUpdateDateTime:    o.LooseTime("LastModifiedTime"),
		ResolvedDateTime:      o.LooseTime("ClosedTime"),
		FirstActivityDateTime: o.LooseTime("FirstActivityTime"),
		LastActivityDateTime:  o.LooseTime("LastActivityTime"),
		AdditionalData:        o.Extra("TenantId", "TimeGenerated", "Title", "Description", "Severity", "Status", "Owner", "IncidentUrl", "Type"),
	}
	if a.ID == "" {
		a.ID = source.HashID("se", string(record))
	}
	finished, err := source.Finish(a, opt)
	if err != nil {
		return nil, err
	}
	return []*alert.Alert{finished}, nil
}
