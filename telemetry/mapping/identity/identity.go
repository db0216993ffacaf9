// Package identity maps the logs of identity providers: sign-ins, audit and risk
// of Entra ID, and the system log of Okta.
package identity

import (
	"bytes"
	"embed"
	"strings"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/valyala/fastjson"
)

//go:embed *.map
var files embed.FS

var plans = plan.MustLoad(files)

// Tables returns the tables that the plans with a prefix fill.
func Tables(prefixes ...string) []string {
	part := plan.Set{}
	for n, p := range plans {
		for _, prefix := range prefixes {
			if strings.HasPrefix(n, prefix) {
				part[n] = p
			}
		}
	}
	return part.Tables()
}

// categories are the logs that diagnostic settings stream, and their plans.
var categories = map[string]string{
	"signinlogs": "signin/interactive", "noninteractiveusersigninlogs": "signin/noninteractive",
	"serviceprincipalsigninlogs": "signin/serviceprincipal", "managedidentitysigninlogs": "signin/managedidentity",
	"auditlogs": "audit", "userriskevents": "risk/event", "riskyusers": "risk/user", "serviceprincipalriskevents": "risk/serviceprincipal",
	"microsoftgraphactivitylogs": "graphactivity",
}

// Entra maps the logs of Entra ID, as diagnostic settings stream them and as the
// API returns them.
type Entra struct {
	reader plan.Reader
	record plan.Record
}

// NewEntra returns a source.
func NewEntra(limits plan.Limits) *Entra { return &Entra{reader: plan.Reader{Limits: limits}} }

// Name is "entra".
func (s *Entra) Name() string { return "entra" }

// Recognises takes records that name a log of Entra ID, or have the fields of a
// sign-in or an audit record of the API.
func (s *Entra) Recognises(in *plan.Input) bool { return in.Record != nil && planOf(in.Record) != "" }

// planOf names the plan of a record.
func planOf(r *plan.Record) string {
	if properties, ok := r.Get("properties"); ok && properties.JSON != nil && r.Has("category") {
		p := categories[strings.ToLower(string(r.Text("category")))]
		if p == "audit" && properties.JSON.Exists("ActivityType") && properties.JSON.Exists("Actor") {
			return "intune" // of the same category
		}
		if p != "" {
			return p
		}
		if properties.JSON.Exists("initiatedBy") && properties.JSON.Exists("targetResources") {
			return "audit" // older streams name the category of the activity
		}
		return ""
	}
	switch {
	case r.Has("createdDateTime", "appId", "ipAddress", "status"):
		return signInKind(r)
	case r.Has("activityDateTime", "activityDisplayName", "initiatedBy", "targetResources"):
		return "audit"
	case r.Has("riskEventType", "detectedDateTime", "userPrincipalName"):
		return "risk/event"
	}
	return ""
}

// signInKind tells the four logs of the API's sign-ins apart.
func signInKind(r *plan.Record) string {
	kinds, _ := r.Get("signInEventTypes")
	if kinds.JSON != nil {
		switch string(kinds.JSON.GetStringBytes("0")) {
		case "nonInteractiveUser":
			return "signin/noninteractive"
		case "servicePrincipal":
			return "signin/serviceprincipal"
		case "managedIdentity":
			return "signin/managedidentity"
		}
	}
	if string(r.Text("isInteractive")) == "false" {
		return "signin/noninteractive"
	}
	return "signin/interactive"
}

// Map makes the rows of a record.
func (s *Entra) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if in.Record == nil {
		return plan.Refuse("", "not a JSON object")
	}
	name := planOf(in.Record)
	if name == "" {
		return plan.Refuse("category", "no log of Entra ID: %.60q", in.Record.Text("category"))
	}
	r := s.flatten(in.Record)
	if properties, ok := in.Record.Get("properties"); ok && name == "intune" {
		r.Add("System.Properties", properties)
	}
	if rest, ok := strings.CutPrefix(name, "signin/"); ok {
		r.AddText("System.LogonType", rest)
		kind := map[string]string{"interactive": `["interactiveUser"]`, "noninteractive": `["nonInteractiveUser"]`}[rest]
		r.AddText("System.LogonTypes", kind)
	}
	return w.Run(plans[name], r, out)
}

// flatten puts the event and what is around it side by side.
func (s *Entra) flatten(in *plan.Record) *plan.Record {
	r := &s.record
	r.Reset()
	r.Object, r.Size = in.Object, in.Size
	properties, ok := in.Get("properties")
	if !ok || properties.JSON == nil || properties.JSON.Type() != fastjson.TypeObject {
		r.Pairs = append(r.Pairs, in.Pairs...)
		r.EndOwn()
		return r
	}
	s.reader.Pairs(properties.JSON, r)
	r.EndOwn()
	for _, p := range in.Pairs {
		if p.Key != "properties" {
			r.Add("Envelope."+p.Key, p.Value)
		}
	}
	return r
}

// Okta maps the system log of Okta.
func Okta() plan.Source {
	return &plan.JSONSource{
		Format: "okta",
		Known: func(r *plan.Record) bool {
			return r.Has("published", "actor") && (r.Has("eventType") || r.Has("eventtype")) && (r.Has("outcome") || r.Has("client"))
		},
		Plans: func(r *plan.Record) ([]*plan.Plan, error) {
			kind := r.Fold("eventType")
			r.EndOwn()
			if bytes.Equal(kind, []byte("user.session.start")) || bytes.HasPrefix(kind, []byte("user.authentication.")) {
				return oktaLogon, nil
			}
			return okta, nil
		},
	}
}

var (
	okta      = []*plan.Plan{plans["okta"], plans["okta/normalised"]}
	oktaLogon = []*plan.Plan{plans["okta"], plans["okta/normalised"], plans["okta/logon"]}
)
