package sentinel

import (
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// graphOf resolves the back references of one entity list. Objects are followed
// one reference at a time and only where the normal form has a place for them,
// so a cycle of references ends by itself.
type graphOf struct {
	byID map[string]source.Object
}

// entities adds the entities of a row as evidence. Text that is no JSON list is
// an error that names the column.
func entities(a *alert.Alert, o source.Object) error {
	raw := o.Embedded("Entities")
	if o.Text("Entities") == "" && raw.Kind() != '[' {
		return nil
	}
	if err := alert.Check(raw, alert.Limits{}); err != nil || raw.Kind() != '[' {
		return &alert.FieldError{Path: "/Entities", Reason: "not a list of entities in JSON text", Err: alert.ErrSyntax}
	}
	g := graphOf{byID: map[string]source.Object{}}
	g.index(raw)
	seen := map[string]bool{}
	for _, item := range source.Items(raw) {
		e := g.follow(source.Peek(item))
		if e == nil {
			continue
		}
		if id := e.Text("$id"); id != "" {
			if seen[id] {
				continue
			}
			seen[id] = true
		}
		if ev := g.evidence(e); ev != nil {
			a.Evidence = append(a.Evidence, ev)
		}
	}
	fillDevice(a.Evidence)
	return nil
}

// index remembers every object with an $id, at any depth. The depth of raw was
// checked.
func (g graphOf) index(raw jsontext.Value) {
	switch raw.Kind() {
	case '[':
		for _, v := range source.Items(raw) {
			g.index(v)
		}
	case '{':
		o := source.Peek(raw)
		if id := o.Text("$id"); id != "" && len(o) > 1 {
			g.byID[id] = o
		}
		for _, v := range o {
			if k := v.Kind(); k == '[' || k == '{' {
				g.index(v)
			}
		}
	}
}

// follow gives the object that o refers to, or o itself.
func (g graphOf) follow(o source.Object) source.Object {
	if ref := o.Text("$ref"); ref != "" {
		return g.byID[ref]
	}
	return o
}

func (g graphOf) part(o source.Object, name string) source.Object {
	return g.follow(o.Object(name))
}

func (g graphOf) parts(o source.Object, name string) []source.Object {
	var out []source.Object
	for _, v := range o.List(name) {
		if e := g.follow(source.Peek(v)); e != nil {
			out = append(out, e)
		}
	}
	return out
}

// converters turn an entity of each kind into evidence. The kinds are compared
// by their letters.
var converters = map[string]func(graphOf, source.Object) alert.Evidence{
	"account":             func(g graphOf, e source.Object) alert.Evidence { return user(g, e) },
	"host":                func(g graphOf, e source.Object) alert.Evidence { return host(g, e) },
	"ip":                  func(_ graphOf, e source.Object) alert.Evidence { return ipOrNil(e) },
	"file":                func(g graphOf, e source.Object) alert.Evidence { return file(g, e) },
	"filehash":            fileHash,
	"process":             process,
	"url":                 url,
	"dns":                 dns,
	"malware":             malware,
	"mailbox":             mailbox,
	"mailmessage":         mailMessage,
	"mailcluster":         mailCluster,
	"submissionmail":      submissionMail,
	"cloudapplication":    cloudApplication,
	"oauthapplication":    oauthApplication,
	"azureresource":       azure,
	"amazonresource":      amazon,
	"gcpresource":         googleCloud,
	"googlecloudresource": googleCloud,
	"registrykey":         registryKey,
	"registryvalue":       registryValue,
	"networkconnection":   networkConnection,
	"hostlogonsession":    hostLogonSession,
	"cloudlogonsession":   cloudLogonSession,
	"cloudlogonrequest":   cloudLogonRequest,
	"securitygroup":       securityGroup,
	"serviceprincipal":    servicePrincipal,
	"iotdevice":           iotDevice,
}

func kindOf(e source.Object) string {
	kind := strings.ToLower(e.Text("Type", "EntityType", "kind"))
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(kind)
}

func (g graphOf) evidence(e source.Object) alert.Evidence {
	convert := converters[kindOf(e)]
	if convert == nil {
		return unknown(e)
	}
	ev := convert(g, e)
	if ev == nil {
		return nil
	}
	fillBase(ev.Base(), e)
	return ev
}

// unknown keeps an entity of a kind that Graph has no type for.
func unknown(e source.Object) alert.Evidence {
	kept := source.Object{}
	for name, v := range e {
		if name != "$id" && name != "@odata.type" {
			kept[name] = v
		}
	}
	kind, err := json.Marshal("#sentinel." + alert.Excerpt(e.Text("Type"), 64))
	if err != nil {
		return nil
	}
	kept["@odata.type"] = kind
	text, err := json.Marshal(kept, json.Deterministic(true))
	if err != nil {
		return nil
	}
	ev, err := alert.DecodeEvidence(text, alert.Limits{})
	if err != nil {
		return nil
	}
	return ev
}

func fillBase(base *alert.EvidenceBase, e source.Object) {
	base.CreatedDateTime = e.LooseTime("CreatedTimeUtc")
	switch v := e.Text("LastVerdict"); strings.ToLower(v) {
	case "":
	case "clean", "notfound":
		base.Verdict = alert.VerdictNoThreatsFound
	default:
		base.Verdict = alert.ParseEnum[alert.Verdict](v)
	}
	for _, r := range e.Texts("Roles") {
		base.Roles = append(base.Roles, alert.ParseEnum[alert.Role](r))
	}
	for _, t := range e.List("Tags") {
		if name := source.Peek(t).Text("TagName"); name != "" {
			base.Tags = append(base.Tags, name)
		}
	}
	if s := e.Text("RemediationState", "RemediationStatus"); s != "" {
		base.RemediationStatus = alert.ParseEnum[alert.RemediationStatus](s)
	}
}

// fillDevice gives processes and files without a device the device of the
// alert, where the alert names exactly one.
func fillDevice(list []alert.Evidence) {
	id, hosts := "", 0
	for _, ev := range list {
		if dev, ok := ev.(*alert.DeviceEvidence); ok {
			id, hosts = dev.MDEDeviceID, hosts+1
		}
	}
	if hosts != 1 || id == "" {
		return
	}
	for _, ev := range list {
		switch e := ev.(type) {
		case *alert.ProcessEvidence:
			if e.MDEDeviceID == "" {
				e.MDEDeviceID = id
			}
		case *alert.FileEvidence:
			if e.MDEDeviceID == "" {
				e.MDEDeviceID = id
			}
		case *alert.RegistryValueEvidence:
			if e.MDEDeviceID == "" {
				e.MDEDeviceID = id
			}
		}
	}
}
