// Package cloud maps the audit logs of clouds: AWS CloudTrail, the Azure activity
// log, Kubernetes. Each becomes a row of the table that Microsoft Sentinel has
// for it and one of CloudAuditEvents, which holds them all.
package cloud

import (
	"bytes"
	"embed"
	"strings"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

//go:embed *.map
var files embed.FS

var plans = plan.MustLoad(files)

// Tables returns the tables that a plan and those below it fill.
func Tables(name string) []string {
	part := plan.Set{}
	for n, p := range plans {
		if n == name || strings.HasPrefix(n, name+"/") {
			part[n] = p
		}
	}
	return part.Tables()
}

var (
	cloudTrail        = []*plan.Plan{plans["cloudtrail"]}
	cloudTrailConsole = []*plan.Plan{plans["cloudtrail"], plans["cloudtrail/console"]}
	azureActivity     = []*plan.Plan{plans["azureactivity"]}
	kubernetes        = []*plan.Plan{plans["kubernetes"]}
	kubernetesChange  = []*plan.Plan{plans["kubernetes"], plans["kubernetes/change"]}
)

// CloudTrail maps AWS CloudTrail.
func CloudTrail() plan.Source {
	return &plan.JSONSource{
		Format: "cloudtrail",
		Known: func(r *plan.Record) bool {
			return r.Has("eventSource", "eventName", "userIdentity") || r.Has("eventSource", "eventName", "awsRegion") ||
				r.Has("eventsource", "eventname", "awsregion")
		},
		Plans: func(r *plan.Record) ([]*plan.Plan, error) {
			name := r.Fold("eventName")
			r.EndOwn()
			r.AddText("System.ActionType", awsAction(name, r.Fold("readOnly")))
			r.Add("System.ResourceId", plan.TextOf(firstARN(r)))
			if bytes.Equal(name, []byte("ConsoleLogin")) || bytes.Equal(name, []byte("SwitchRole")) {
				return cloudTrailConsole, nil
			}
			return cloudTrail, nil
		},
	}
}

// verbs are the beginnings of operation names, and the action each stands for.
var verbs = []struct{ prefix, action string }{
	{"Create", "Create"}, {"Put", "Create"}, {"Run", "Create"}, {"Add", "Create"}, {"Attach", "Update"}, {"Update", "Update"},
	{"Modify", "Update"}, {"Set", "Update"}, {"Enable", "Update"}, {"Disable", "Update"}, {"Start", "Update"}, {"Stop", "Update"},
	{"Delete", "Delete"}, {"Remove", "Delete"}, {"Terminate", "Delete"}, {"Detach", "Update"}, {"Get", "Read"}, {"List", "Read"},
	{"Describe", "Read"}, {"Lookup", "Read"}, {"Head", "Read"},
}

func awsAction(name, readOnly []byte) string {
	for _, v := range verbs {
		if bytes.HasPrefix(name, []byte(v.prefix)) {
			return v.action
		}
	}
	if string(readOnly) == "true" {
		return "Read"
	}
	return "Other"
}

// firstARN is the first resource that a record names.
func firstARN(r *plan.Record) []byte {
	resources, ok := r.Get("resources")
	if !ok || resources.JSON == nil {
		return nil
	}
	for _, e := range resources.JSON.GetArray() {
		for _, key := range []string{"ARN", "arn"} {
			if arn := e.GetStringBytes(key); len(arn) > 0 {
				return arn
			}
		}
	}
	return nil
}

// AzureActivity maps the activity log, as diagnostic settings stream it and as
// the API returns it.
func AzureActivity() plan.Source {
	return &plan.JSONSource{
		Format: "azureactivity",
		Known: func(r *plan.Record) bool {
			id := r.Text("resourceId")
			return r.Has("operationName") && (r.Has("time") || r.Has("eventTimestamp")) && len(id) > 15 &&
				strings.EqualFold(string(id[:15]), "/subscriptions/")
		},
		Plans: func(r *plan.Record) ([]*plan.Plan, error) {
			operation, _ := r.Get("operationName")
			name, _ := operation.Bytes()
			if operation.JSON != nil && name == nil {
				name = operation.JSON.GetStringBytes("value")
			}
			r.EndOwn()
			r.AddText("System.ActionType", azureAction(name))
			for _, part := range resourceParts(string(r.Text("resourceId"))) {
				r.AddText(part.name, part.value)
			}
			return azureActivity, nil
		},
	}
}

// azureAction reads the last part of an operation, such as write.
func azureAction(operation []byte) string {
	switch strings.ToLower(string(operation[bytes.LastIndexByte(operation, '/')+1:])) {
	case "write":
		return "Update"
	case "delete":
		return "Delete"
	case "read":
		return "Read"
	}
	return "Other"
}

type part struct{ name, value string }

// resourceParts takes a resource id apart.
func resourceParts(id string) []part {
	var out []part
	words := strings.Split(strings.Trim(id, "/"), "/")
	for i := 0; i+1 < len(words); i += 2 {
		switch strings.ToLower(words[i]) {
		case "subscriptions":
			out = append(out, part{"System.SubscriptionId", words[i+1]})
		case "resourcegroups":
			out = append(out, part{"System.ResourceGroup", words[i+1]})
		case "providers":
			out = append(out, part{"System.ResourceProvider", words[i+1]})
		}
	}
	if len(words) > 6 {
		out = append(out, part{"System.Resource", words[len(words)-1]})
	}
	return out
}

// Kubernetes maps the audit log of a Kubernetes API server. What changes
// something also goes to AKSAuditAdmin, as the managed service splits it.
func Kubernetes() plan.Source {
	return &plan.JSONSource{
		Format: "kubernetes",
		Known: func(r *plan.Record) bool {
			return (r.Has("auditID") || r.Has("stage") || r.Has("verb")) && bytes.HasPrefix(r.Text("apiVersion"), []byte("audit.k8s.io/"))
		},
		Plans: func(r *plan.Record) ([]*plan.Plan, error) {
			verb := string(r.Text("verb"))
			r.EndOwn()
			if object, ok := r.Get("objectRef"); ok && object.JSON != nil {
				r.AddText("System.Operation", strings.TrimSpace(verb+" "+string(object.JSON.GetStringBytes("resource"))))
			}
			if ips, ok := r.Get("sourceIPs"); ok && ips.JSON != nil {
				r.Add("System.SourceIP", plan.TextOf(ips.JSON.GetStringBytes("0")))
			}
			if verb == "get" || verb == "list" || verb == "watch" || verb == "" {
				return kubernetes, nil
			}
			return kubernetesChange, nil
		},
	}
}
