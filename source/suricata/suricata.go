// Package suricata reads the EVE log of Suricata: events of type alert. The
// other events (flow, dns, http, fileinfo, …) are recognised but are no alerts.
package suricata

import (
	"slices"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/go-json-experiment/json/jsontext"
)

// Source implements source.Source for EVE events.
type Source struct{}

// Name implements source.Source.
func (Source) Name() string { return "suricata" }

// Recognise implements source.Source.
func (Source) Recognise(record jsontext.Value) int {
	o := source.Peek(record)
	switch {
	case o == nil || !o.Has("event_type") || !o.Has("timestamp"):
		return 0
	case o.Object("alert").Has("signature_id"):
		return 98
	case o.Has("flow_id") || o.Has("src_ip") || o.Has("stats"):
		return 90
	}
	return 40
}

// severities are Suricata's priorities, 1 being the gravest. Rules may set more
// than these; what lies beyond is informational.
var severities = map[string]alert.Severity{
	"1": alert.SeverityHigh, "2": alert.SeverityMedium, "3": alert.SeverityLow,
}

// tacticOfClass gives the tactic that a class of rules stands for. Classes that
// say nothing about the step of an attack are not listed.
var tacticOfClass = map[string]alert.Tactic{
	"attempted information leak":                                  alert.TacticReconnaissance,
	"detection of a network scan":                                 alert.TacticReconnaissance,
	"information leak":                                            alert.TacticCollection,
	"large scale information leak":                                alert.TacticExfiltration,
	"web application attack":                                      alert.TacticInitialAccess,
	"access to a potentially vulnerable web application":          alert.TacticInitialAccess,
	"attempted user privilege gain":                               alert.TacticInitialAccess,
	"attempted administrator privilege gain":                      alert.TacticInitialAccess,
	"successful user privilege gain":                              alert.TacticPrivilegeEscalation,
	"successful administrator privilege gain":                     alert.TacticPrivilegeEscalation,
	"unsuccessful user privilege gain":                            alert.TacticInitialAccess,
	"exploit kit activity detected":                               alert.TacticInitialAccess,
	"possible social engineering attempted":                       alert.TacticInitialAccess,
	"executable code was detected":                                alert.TacticExecution,
	"a network trojan was detected":                               alert.TacticCommandAndControl,
	"malware command and control activity detected":               alert.TacticCommandAndControl,
	"domain observed used for c2 detected":                        alert.TacticCommandAndControl,
	"device retrieving external ip address detected":              alert.TacticDiscovery,
	"attempt to login by a default username and password":         alert.TacticCredentialAccess,
	"an attempted login using a suspicious username was detected": alert.TacticCredentialAccess,
	"successful credential theft detected":                        alert.TacticCredentialAccess,
	"attempted denial of service":                                 alert.TacticImpact,
	"denial of service":                                           alert.TacticImpact,
	"detection of a denial of service attack":                     alert.TacticImpact,
	"crypto currency mining activity detected":                    alert.TacticImpact,
}

var taken = []string{"timestamp", "event_type", "src_ip", "dest_ip", "alert", "payload", "packet", "packet_info", "payload_printable", "fileinfo", "files"}

// Alerts implements source.Source.
func (Source) Alerts(record jsontext.Value, opt source.Options) ([]*alert.Alert, error) {
	o, err := source.ParseObject(record, opt.Limits)
	if err != nil {
		return nil, err
	}
	event := o.Text("event_type")
	var a *alert.Alert
	switch {
	case event == "alert" && o.Object("alert") != nil:
		a = fromAlert(o)
	case opt.Everything && o.Has("src_ip"):
		a = fromEvent(o, event)
	case event == "":
		return nil, &source.NotAlertError{What: "an object without event_type"}
	default:
		return nil, &source.NotAlertError{What: "a " + event + " event"}
	}
	at, err := o.Time("timestamp")
	if err != nil {
		return nil, err
	}
	a.CreatedDateTime, a.LastActivityDateTime, a.FirstActivityDateTime = at, at, at
	if start := o.Object("flow").LooseTime("start"); event == "alert" && !start.IsZero() && start.Before(at) {
		a.FirstActivityDateTime = start
	}
	evidence(a, o)
	a.AdditionalData = o.Extra(taken...)
	return finish(a, o, opt)
}

func finish(a *alert.Alert, o source.Object, opt source.Options) ([]*alert.Alert, error) {
	if sig := o.Object("alert"); sig != nil && a.AdditionalData != nil {
		a.AdditionalData["alert"] = map[string]any(sig.Extra("metadata", "source", "target"))
	}
	finished, err := source.Finish(a, opt)
	if err != nil {
		return nil, err
	}
	return []*alert.Alert{finished}, nil
}

// identity tells one event from another. EVE events have no id of their own.
func identity(o source.Object, rule string) string {
	return source.HashID("su", o.Text("timestamp"), o.Text("flow_id"), o.Text("event_type"), rule, o.Text("src_ip"), o.Text("src_port"),
		o.Text("dest_ip"), o.Text("dest_port"), o.Text("proto"), o.Text("tx_id"), o.Text("pcap_cnt"), o.Object("fileinfo").Text("tx_id", "filename"))
}

func fromAlert(o source.Object) *alert.Alert {
	sig := o.Object("alert")
	meta := sig.Object("metadata")
	rule := ruleID(sig)
	a := &alert.Alert{
		ID:              identity(o, rule),
		ProviderAlertID: o.Text("flow_id"),
		Title:           sig.Text("signature"),
		DetectorID:      rule,
		Category:        sig.Text("category"),
		Severity:        severities[sig.Text("severity")],
		MITRETechniques: source.Techniques(append(meta.Texts("mitre_technique_id"), meta.Texts("mitre_technique_name")...)...),
		Categories:      source.TacticNames(append(meta.Texts("mitre_tactic_id"), meta.Texts("mitre_tactic_name")...)...),
	}
	common(a)
	if a.Severity == "" {
		a.Severity = alert.SeverityInformational
	}
	if t, ok := tacticOfClass[strings.ToLower(a.Category)]; ok {
		a.Category = string(t)
	}
	if len(a.Categories) > 0 {
		a.Category = a.Categories[0]
	}
	if a.Title == "" {
		a.Title = "Suricata rule " + rule
	}
	if fam := meta.Texts("malware_family"); len(fam) > 0 {
		a.ThreatFamilyName = fam[0]
	}
	return a
}

// ruleID is gid:sid, or the sid alone for the usual generator 1. The revision
// is left out: a new revision is still the same rule.
func ruleID(sig source.Object) string {
	if gid := sig.Text("gid"); gid != "" && gid != "1" {
		return gid + ":" + sig.Text("signature_id")
	}
	return sig.Text("signature_id")
}

func common(a *alert.Alert) {
	a.Status = alert.StatusNew
	a.ServiceSource, a.DetectionSource = alert.ServiceSourceUnknown, alert.DetectionSourceUnknown
	a.ProductName = "Suricata"
}

// fromEvent shows an event that is no alert as an informational one.
func fromEvent(o source.Object, event string) *alert.Alert {
	a := &alert.Alert{
		ID: identity(o, ""), ProviderAlertID: o.Text("flow_id"), Severity: alert.SeverityInformational,
		Title: "Suricata " + event + " event", DetectorID: "event:" + event, SystemTags: []string{"no alert"},
	}
	common(a)
	if name := o.Object("fileinfo").Text("filename"); event == "fileinfo" && name != "" {
		a.Title = "File seen on the network: " + name
	}
	return a
}

func evidence(a *alert.Alert, o source.Object) {
	from, to := roles(o)
	source.AddIP(a, o.Text("src_ip"), from...)
	source.AddIP(a, o.Text("dest_ip"), to...)
	web(a, o)
	names(a, o)
	for _, raw := range slices.Concat(o.List("fileinfo"), o.List("files")) {
		file(a, source.Peek(raw))
	}
	mail(a, o)
}

// roles tells who attacks whom where the rule says so: newer versions name the
// attacker's side as alert.source, older rules say it in their metadata.
func roles(o source.Object) (from, to []alert.Role) {
	from, to = []alert.Role{alert.RoleSource}, []alert.Role{alert.RoleDestination}
	target := source.IPText(o.Object("alert").Object("target").Text("ip"))
	switch {
	case target == "":
	case target == source.IPText(o.Text("dest_ip")):
		return append(from, alert.RoleAttacker), append(to, alert.RoleAttacked)
	case target == source.IPText(o.Text("src_ip")):
		return append(from, alert.RoleAttacked), append(to, alert.RoleAttacker)
	}
	return from, to
}

func web(a *alert.Alert, o source.Object) {
	h := o.Object("http")
	host, path := h.Text("hostname"), h.Text("url")
	switch {
	case strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://"):
		addURL(a, path)
	case host != "" && !strings.ContainsAny(host, "/ "):
		if port := h.Int("http_port"); port > 0 && port != 80 && !strings.Contains(host, ":") {
			host += ":" + strconv.FormatInt(port, 10)
		}
		if path != "" && path[0] != '/' {
			path = "/" + path
		}
		addURL(a, "http://"+host+path)
	}
}

func addURL(a *alert.Alert, url string) {
	a.Evidence = append(a.Evidence, &alert.URLEvidence{URL: url})
}

// names adds the domains that were looked up or named in a TLS greeting.
func names(a *alert.Alert, o source.Object) {
	d := o.Object("dns")
	found := []string{d.Text("rrname"), o.Object("tls").Text("sni"), o.Object("quic").Text("sni")}
	for _, list := range []string{"query", "queries"} {
		for _, q := range d.List(list) {
			found = append(found, source.Peek(q).Text("rrname"))
		}
	}
	for i, name := range found {
		name = strings.TrimSuffix(name, ".")
		if name != "" && slices.Index(found, found[i]) == i && source.IPText(name) == "" {
			a.Evidence = append(a.Evidence, &alert.DNSEvidence{DomainName: name})
		}
	}
}

func file(a *alert.Alert, f source.Object) {
	_, name := source.SplitPath(f.Text("filename"))
	d := &alert.FileDetails{FileName: name, FileSize: max(f.Int("size"), 0)}
	for _, algorithm := range []string{"md5", "sha1", "sha256"} {
		source.SetHash(d, algorithm, f.Text(algorithm))
	}
	if d.FileName != "" || d.MD5 != "" || d.SHA1 != "" || d.SHA256 != "" {
		a.Evidence = append(a.Evidence, &alert.FileEvidence{FileDetails: d})
	}
}

func mail(a *alert.Alert, o source.Object) {
	smtp, head := o.Object("smtp"), o.Object("email")
	if smtp == nil && head == nil {
		return
	}
	m := &alert.AnalyzedMessageEvidence{Subject: head.Text("subject"), InternetMessageID: head.Text("message_id"), SenderIP: source.IPText(o.Text("src_ip"))}
	if from := strings.Trim(smtp.Text("mail_from"), "<>"); from != "" {
		m.P1Sender = &alert.EmailSender{EmailAddress: from}
	}
	if from := head.Text("from"); from != "" {
		m.P2Sender = &alert.EmailSender{EmailAddress: from}
	}
	if to := append(smtp.Texts("rcpt_to"), head.Texts("to")...); len(to) > 0 {
		m.RecipientEmailAddress = strings.Trim(to[0], "<>")
	}
	a.Evidence = append(a.Evidence, m)
}
