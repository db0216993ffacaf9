// Package office maps the unified audit log of Office 365: the management
// activity API and exports of it.
package office

import (
	"embed"
	"strings"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

//go:embed *.map
var files embed.FS

var plans = plan.MustLoad(files)

var (
	activity = []*plan.Plan{plans["office"]}
	logon    = []*plan.Plan{plans["office"], plans["office/logon"]}
)

// Tables returns the tables that the log fills.
func Tables() []string { return plans.Tables() }

// Source maps the audit log.
type Source struct {
	reader plan.Reader
	record plan.Record
	inner  plan.Reader
	nested plan.Record
}

// New returns a source.
func New(limits plan.Limits) *Source {
	return &Source{reader: plan.Reader{Limits: limits}, inner: plan.Reader{Limits: limits}}
}

// Name is "office365".
func (s *Source) Name() string { return "office365" }

// Recognises takes records of the API, and exports that hold one as text under
// AuditData. Some collectors write all keys small.
func (s *Source) Recognises(in *plan.Input) bool {
	r := in.Record
	return r != nil && (r.Has("Operation", "RecordType", "CreationTime") || r.Has("operation", "recordtype", "creationtime") ||
		r.Has("AuditData", "RecordType"))
}

// Map makes the rows of a record.
func (s *Source) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if in.Record == nil {
		return plan.Refuse("", "not a JSON object")
	}
	from := in.Record
	if data := from.Text("AuditData"); len(data) > 0 {
		if err := s.inner.Read(data, &s.nested); err != nil {
			return plan.Refuse("AuditData", "%v", err)
		}
		from = &s.nested
	}
	r := &s.record
	r.Reset()
	r.Pairs = append(r.Pairs, from.Pairs...)
	r.Object, r.Size = from.Object, in.Record.Size
	r.EndOwn()
	number := string(r.Fold("RecordType"))
	if name, ok := recordTypes[number]; ok {
		number = name
	}
	r.AddText("System.RecordType", number)
	r.AddText("System.UserAgent", extended(r, "UserAgent"))
	plans := activity
	if op := string(r.Fold("Operation")); op == "UserLoggedIn" || op == "UserLoginFailed" {
		plans = logon
	}
	return w.RunAll(plans, r, out)
}

// extended finds one of the extended properties, a list of names and values.
func extended(r *plan.Record, name string) string {
	for i := range r.Pairs {
		if !strings.EqualFold(r.Pairs[i].Key, "ExtendedProperties") || r.Pairs[i].Value.JSON == nil {
			continue
		}
		for _, e := range r.Pairs[i].Value.JSON.GetArray() {
			if string(e.GetStringBytes("Name")) == name {
				return string(e.GetStringBytes("Value"))
			}
		}
	}
	return ""
}

// recordTypes are the numbers of record types and their names, those that
// hunters ask for.
var recordTypes = map[string]string{
	"1": "ExchangeAdmin", "2": "ExchangeItem", "3": "ExchangeItemGroup", "4": "SharePoint", "6": "SharePointFileOperation", "7": "OneDrive",
	"8": "AzureActiveDirectory", "9": "AzureActiveDirectoryAccountLogon", "10": "DataCenterSecurityCmdlet", "11": "ComplianceDLPSharePoint",
	"12": "Sway", "13": "ComplianceDLPExchange", "14": "SharePointSharingOperation", "15": "AzureActiveDirectoryStsLogon",
	"18": "SecurityComplianceCenterEOPCmdlet", "20": "PowerBIAudit", "21": "CRM", "22": "Yammer", "24": "Discovery", "25": "MicrosoftTeams",
	"28": "ThreatIntelligence", "30": "MicrosoftFlow", "31": "AeD", "32": "MicrosoftStream", "35": "Project", "36": "SharePointListOperation",
	"40": "SecurityComplianceAlerts", "41": "ThreatIntelligenceUrl", "44": "WorkplaceAnalytics", "45": "PowerAppsApp", "47": "ThreatIntelligenceAtpContent",
	"50": "ExchangeItemAggregated", "52": "DataGovernance", "64": "AirInvestigation", "65": "Quarantine", "66": "MicrosoftForms",
}
