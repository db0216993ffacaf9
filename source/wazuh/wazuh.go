// Package wazuh reads alerts of Wazuh as its manager writes them to alerts.json
// and as the indexer returns them (inside `_source`).
package wazuh

import (
	"slices"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/go-json-experiment/json/jsontext"
)

// Source implements source.Source for Wazuh.
type Source struct{}

// Name implements source.Source.
func (Source) Name() string { return "wazuh" }

// Recognise implements source.Source.
func (Source) Recognise(record jsontext.Value) int {
	o := inner(source.Peek(record))
	rule := o.Object("rule")
	switch {
	case rule == nil || !rule.Has("level"):
		return 0
	case o.Has("agent") && o.Has("manager"):
		return 98
	case o.Has("agent") || o.Has("manager") || o.Has("decoder"):
		return 85
	}
	return 0
}

// inner opens the envelope of an indexer's hit.
func inner(o source.Object) source.Object {
	if hit := o.Object("_source"); hit != nil {
		return hit
	}
	return o
}

// severity maps the levels 0 to 15 of Wazuh's rules.
func severity(level int64) alert.Severity {
	switch {
	case level <= 3:
		return alert.SeverityInformational
	case level <= 6:
		return alert.SeverityLow
	case level <= 11:
		return alert.SeverityMedium
	}
	return alert.SeverityHigh
}

var taken = []string{"timestamp", "@timestamp", "id", "rule", "agent", "full_log"}

// Alerts implements source.Source.
func (Source) Alerts(record jsontext.Value, opt source.Options) ([]*alert.Alert, error) {
	outer, err := source.ParseObject(record, opt.Limits)
	if err != nil {
		return nil, err
	}
	o := inner(outer)
	rule := o.Object("rule")
	if rule == nil {
		return nil, &source.NotAlertError{What: "an event without a rule"}
	}
	mitre := rule.Object("mitre")
	a := &alert.Alert{
		ID:              identity(o, rule),
		ProviderAlertID: o.Text("id"),
		Title:           rule.Text("description"),
		Description:     o.Text("full_log"),
		DetectorID:      rule.Text("id"),
		Severity:        severity(rule.Int("level")),
		Status:          alert.StatusNew,
		ServiceSource:   alert.ServiceSourceUnknown,
		DetectionSource: alert.DetectionSourceUnknown,
		ProductName:     "Wazuh",
		MITRETechniques: source.Techniques(append(mitre.Texts("id"), mitre.Texts("technique")...)...),
		Categories:      source.TacticNames(mitre.Texts("tactic")...),
	}
	if err := finish(a, o, rule); err != nil {
		return nil, err
	}
	finished, err := source.Finish(a, opt)
	if err != nil {
		return nil, err
	}
	return []*alert.Alert{finished}, nil
}

// identity joins the id, which Wazuh may give twice within a second, with what
// else tells two alerts apart.
func identity(o, rule source.Object) string {
	return source.HashID("wz", o.Text("id"), o.Text("timestamp", "@timestamp"), rule.Text("id"), o.Object("agent").Text("id", "name"),
		o.Object("manager").Text("name"), o.Text("location"), o.Text("full_log"), string(o["data"]), string(o["syscheck"]))
}

func finish(a *alert.Alert, o, rule source.Object) error {
	at, err := o.Time("timestamp", "@timestamp")
	if err != nil {
		return err
	}
	a.CreatedDateTime, a.FirstActivityDateTime, a.LastActivityDateTime = at, at, at
	groups := rule.Texts("groups")
	switch {
	case len(a.Categories) > 0:
		a.Category = a.Categories[0]
	case len(groups) > 0:
		a.Category = groups[len(groups)-1]
	}
	if a.Title == "" {
		a.Title = "Wazuh rule " + a.DetectorID
	}
	if !collected(o) {
		device(a, o)
	}
	evidence(a, o)
	a.AdditionalData = o.Extra(taken...)
	if a.AdditionalData == nil {
		a.AdditionalData = map[string]any{}
	}
	a.AdditionalData["rule"] = rule.Extra("description", "id", "mitre")
	return nil
}

// collected reports an event that the manager only fetched from a cloud service:
// the manager's machine then has no part in what happened, and as evidence it
// would tie all such alerts together.
func collected(o source.Object) bool {
	if o.Object("agent").Text("id") != "000" {
		return false
	}
	data := o.Object("data")
	return data.Has("office365") || data.Has("aws") || data.Has("github") || data.Has("gcp") || data.Has("azure") || data.Has("ms-graph")
}

// device adds the machine of the agent, which is where it happened. Agent 000 is
// the manager itself.
func device(a *alert.Alert, o source.Object) {
	agent := o.Object("agent")
	dev := &alert.DeviceEvidence{HostName: agent.Text("name"), LastIPAddress: source.IPText(agent.Text("ip"))}
	if name := o.Object("predecoder").Text("hostname"); dev.HostName == "" {
		dev.HostName = name
	}
	if host, domain, dotted := strings.Cut(dev.HostName, "."); dotted && source.IPText(dev.HostName) == "" {
		dev.DeviceDNSName, dev.HostName, dev.DNSDomain = dev.HostName, host, domain
	}
	if dev.HostName == "" && dev.LastIPAddress == "" {
		return
	}
	if dev.LastIPAddress != "" {
		dev.IPInterfaces = []string{dev.LastIPAddress}
	}
	dev.Roles = []alert.Role{alert.RoleAttacked}
	if a.TenantID == "" {
		a.TenantID = o.Object("cluster").Text("name")
	}
	a.Evidence = append(a.Evidence, dev)
}

func evidence(a *alert.Alert, o source.Object) {
	data := o.Object("data")
	source.AddIP(a, data.Text("srcip", "src_ip", "srcIp"), alert.RoleSource)
	source.AddIP(a, data.Text("dstip", "dest_ip", "dstIp"), alert.RoleDestination)
	addUser(a, data.Text("srcuser"), "", "", alert.RoleSource)
	addUser(a, data.Text("dstuser", "user"), "", "", alert.RoleDestination)
	if u := data.Text("url"); strings.Contains(u, "://") {
		a.Evidence = append(a.Evidence, &alert.URLEvidence{URL: u})
	}
	if cmd := data.Text("command"); cmd != "" {
		a.Evidence = append(a.Evidence, &alert.ProcessEvidence{ProcessCommandLine: cmd, ImageFile: image(firstWord(cmd))})
	}
	integrity(a, o.Object("syscheck"))
	virusTotal(a, data.Object("virustotal"))
	windows(a, data.Object("win"))
	audit(a, data.Object("audit"))
	inspected(a, data)
	cloud(a, data)
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

func image(path string) *alert.FileDetails {
	folder, name := source.SplitPath(path)
	if name == "" {
		return nil
	}
	return &alert.FileDetails{FileName: name, FilePath: folder}
}

// addUser adds an account unless it is there. Uids in brackets, as PAM writes
// them after the name, are dropped.
func addUser(a *alert.Alert, name, domain, sid string, roles ...alert.Role) {
	if i := strings.IndexByte(name, '('); i > 0 {
		name = name[:i]
	}
	if name == "" && sid == "" {
		return
	}
	account, inName, upn := source.SplitAccount(name)
	if domain == "" {
		domain = inName
	}
	for _, ev := range a.Evidence {
		if u, ok := ev.(*alert.UserEvidence); ok && u.UserAccount.AccountName == account && u.UserAccount.DomainName == domain {
			source.AddRoles(u, roles...)
			return
		}
	}
	a.Evidence = append(a.Evidence, &alert.UserEvidence{
		EvidenceBase: alert.EvidenceBase{Roles: slices.Clone(roles)},
		UserAccount:  &alert.UserAccount{AccountName: account, DomainName: domain, UserPrincipalName: upn, UserSID: sid},
	})
}

// integrity reads a change that the file or registry monitor saw.
func integrity(a *alert.Alert, s source.Object) {
	path := s.Text("path")
	if path == "" {
		return
	}
	if hive, key, ok := strings.Cut(path, `\`); ok && strings.HasPrefix(hive, "HKEY_") {
		a.Evidence = append(a.Evidence, &alert.RegistryValueEvidence{RegistryHive: hive, RegistryKey: key, RegistryValueName: s.Text("value_name"), RegistryValueType: s.Text("value_type")})
		return
	}
	d := image(path)
	if d == nil {
		return
	}
	d.FileSize = max(s.Int("size_after", "size"), 0)
	for _, algorithm := range []string{"md5", "sha1", "sha256"} {
		source.SetHash(d, algorithm, s.Text(algorithm+"_after", algorithm))
	}
	a.Evidence = append(a.Evidence, &alert.FileEvidence{FileDetails: d})
	if by := s.Object("audit").Object("process"); by != nil {
		a.Evidence = append(a.Evidence, &alert.ProcessEvidence{ProcessID: by.Int("id"), ParentProcessID: by.Int("ppid"), ImageFile: image(by.Text("name"))})
	}
	addUser(a, s.Object("audit").Object("login_user").Text("name"), "", "")
}

func virusTotal(a *alert.Alert, v source.Object) {
	src := v.Object("source")
	if src == nil {
		return
	}
	d := &alert.FileDetails{}
	if from := image(src.Text("file")); from != nil {
		d = from
	}
	source.SetHash(d, "md5", src.Text("md5"))
	source.SetHash(d, "sha1", src.Text("sha1"))
	if *d == (alert.FileDetails{}) {
		return
	}
	f := &alert.FileEvidence{FileDetails: d}
	if v.Text("malicious") == "1" {
		f.Verdict = alert.VerdictMalicious
	}
	a.Evidence = append(a.Evidence, f)
}

// audit reads what the Linux audit system saw.
func audit(a *alert.Alert, u source.Object) {
	if u == nil {
		return
	}
	if d := image(u.Text("exe")); d != nil {
		a.Evidence = append(a.Evidence, &alert.ProcessEvidence{ProcessID: u.Int("pid"), ParentProcessID: u.Int("ppid"), ImageFile: d, ProcessCommandLine: auditCommand(u)})
	}
	if d := image(u.Object("file").Text("name")); d != nil {
		a.Evidence = append(a.Evidence, &alert.FileEvidence{FileDetails: d})
	}
}

func auditCommand(u source.Object) string {
	args := u.Object("execve")
	var words []string
	for _, n := range []string{"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"} {
		if w := args.Text(n); w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return u.Text("command")
	}
	return strings.Join(words, " ")
}

// inspected reads alerts that Suricata raised and Wazuh passed on.
func inspected(a *alert.Alert, data source.Object) {
	if h := data.Object("http"); h.Text("hostname") != "" && data.Has("event_type") {
		a.Evidence = append(a.Evidence, &alert.URLEvidence{URL: "http://" + h.Text("hostname") + h.Text("url")})
	}
	if name := data.Object("dns").Text("rrname"); name != "" {
		a.Evidence = append(a.Evidence, &alert.DNSEvidence{DomainName: name})
	}
}
