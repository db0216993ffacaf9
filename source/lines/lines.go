// Package lines reads the labelled form in which sets of alerts for measuring
// correlation are written: one small object per alert with a flat list of typed
// entities.
package lines

import (
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/go-json-experiment/json/jsontext"
)

// Source implements source.Source for the labelled form.
type Source struct{}

// Name implements source.Source.
func (Source) Name() string { return "lines" }

// Recognise implements source.Source.
func (Source) Recognise(record jsontext.Value) int {
	o := source.Peek(record)
	if o.Has("id") && o.Has("time") && o["entities"].Kind() == '[' {
		return 95
	}
	return 0
}

var taken = []string{"id", "time", "endTime", "provider", "product", "rule", "title", "severity", "category", "tactics", "techniques", "entities", "org", "compromisedEntity"}

// numberedSeverities are the severities that sets made from network sensors
// give as priorities, 1 being the gravest.
var numberedSeverities = map[string]alert.Severity{"1": alert.SeverityHigh, "2": alert.SeverityMedium, "3": alert.SeverityLow}

// Alerts implements source.Source.
func (Source) Alerts(record jsontext.Value, opt source.Options) ([]*alert.Alert, error) {
	o, err := source.ParseObject(record, opt.Limits)
	if err != nil {
		return nil, err
	}
	if o.Text("id") == "" || !o.Has("title") && !o.Has("rule") && !o.Has("entities") {
		return nil, &source.NotAlertError{What: "a line without id and title"}
	}
	a := &alert.Alert{
		ID:              o.Text("id"),
		ProviderAlertID: o.Text("id"),
		TenantID:        o.Text("org"),
		Title:           o.Text("title"),
		DetectorID:      o.Text("rule"),
		Category:        o.Text("category"),
		Categories:      source.TacticNames(o.Texts("tactics")...),
		MITRETechniques: o.Texts("techniques"),
		Severity:        severity(o.Text("severity")),
		Status:          alert.StatusNew,
		ServiceSource:   source.ServiceOf(o.Text("provider")),
		DetectionSource: source.DetectionOf(o.Text("provider")),
		ProductName:     o.Text("product", "provider"),
	}
	if err := times(a, o); err != nil {
		return nil, err
	}
	for _, raw := range o.List("entities") {
		if ev := entity(source.Peek(raw)); ev != nil {
			a.Evidence = append(a.Evidence, ev)
		}
	}
	markCompromised(a, o.Text("compromisedEntity"))
	a.AdditionalData = o.Extra(taken...)
	finished, err := source.Finish(a, opt)
	if err != nil {
		return nil, err
	}
	return []*alert.Alert{finished}, nil
}

func severity(text string) alert.Severity {
	if s, ok := numberedSeverities[text]; ok {
		return s
	}
	if text == "" {
		return alert.SeverityUnknown
	}
	return alert.ParseEnum[alert.Severity](text)
}

func times(a *alert.Alert, o source.Object) (err error) {
	if a.FirstActivityDateTime, err = o.Time("time"); err != nil {
		return err
	}
	if a.LastActivityDateTime, err = o.Time("endTime", "time"); err != nil {
		return err
	}
	if a.CreatedDateTime, err = o.Time("arrival", "time"); err != nil {
		return err
	}
	return nil
}

// markCompromised marks the device that the line calls compromised.
func markCompromised(a *alert.Alert, name string) {
	if name == "" {
		return
	}
	for _, ev := range a.Evidence {
		dev, ok := ev.(*alert.DeviceEvidence)
		if ok && (strings.EqualFold(dev.DeviceDNSName, name) || strings.EqualFold(dev.HostName, name)) {
			source.AddRoles(dev, alert.RoleCompromised)
		}
	}
}

// roleNames maps the roles of the form to those of Graph where they differ.
var roleNames = map[string]alert.Role{"impacted": alert.RoleAttacked, "related": alert.RoleContextual, "target": alert.RoleAttacked}

func entity(e source.Object) alert.Evidence {
	convert := converters[e.Text("type")]
	if convert == nil {
		return nil
	}
	ev := convert(e)
	if ev == nil {
		return nil
	}
	if role := e.Text("role"); role != "" {
		r, ok := roleNames[role]
		if !ok {
			r = alert.ParseEnum[alert.Role](role)
		}
		source.AddRoles(ev, r)
	}
	if v := e.Text("verdict"); v != "" {
		ev.Base().Verdict = alert.ParseEnum[alert.Verdict](v)
	}
	return ev
}

// converters turn an entity of each type into evidence. One that names nothing
// gives nil.
var converters = map[string]func(source.Object) alert.Evidence{
	"user": user, "device": device, "ip": ip, "file": file, "process": process, "url": url, "mail": mail, "mailbox": mailbox,
	"mailcluster": mailCluster, "app": app, "session": session, "group": group, "registry": registry, "cloudResource": cloudResource,
}

func account(e source.Object) *alert.UserAccount {
	return &alert.UserAccount{
		AccountName: e.Text("sam", "name"), DomainName: e.Text("domain"), UserPrincipalName: e.Text("upn"), UserSID: e.Text("sid"),
		AzureADUserID: e.Text("aadId"), DisplayName: e.Text("displayName"),
	}
}

func user(e source.Object) alert.Evidence {
	u := account(e)
	if u.AccountName == "" && u.UserPrincipalName == "" && u.UserSID == "" && u.AzureADUserID == "" && u.DisplayName == "" {
		return nil
	}
	return &alert.UserEvidence{UserAccount: u}
}

func device(e source.Object) alert.Evidence {
	d := &alert.DeviceEvidence{
		HostName: e.Text("hostName"), DeviceDNSName: e.Text("fqdn"), MDEDeviceID: e.Text("deviceId"), AzureADDeviceID: e.Text("aadDeviceId"),
		LastIPAddress: source.IPText(e.Text("ip")), OSPlatform: e.Text("os"), NTDomain: e.Text("domain"),
	}
	if d.LastIPAddress != "" {
		d.IPInterfaces = []string{d.LastIPAddress}
	}
	if _, domain, ok := strings.Cut(d.DeviceDNSName, "."); ok {
		d.DNSDomain = domain
	}
	return d
}

func ip(e source.Object) alert.Evidence {
	if ev := source.IP(e.Text("ip", "address")); ev != nil {
		return ev
	}
	return nil
}

func file(e source.Object) alert.Evidence {
	d := &alert.FileDetails{FileName: e.Text("name"), FilePath: e.Text("path"), MD5: e.Text("md5"), SHA1: e.Text("sha1"), SHA256: e.Text("sha256")}
	return &alert.FileEvidence{FileDetails: d, MDEDeviceID: e.Text("deviceId")}
}

func process(e source.Object) alert.Evidence {
	p := &alert.ProcessEvidence{
		ProcessID: e.Int("pid"), ProcessCommandLine: e.Text("commandLine"), ProcessCreationDateTime: e.LooseTime("created"), MDEDeviceID: e.Text("deviceId"),
	}
	image := &alert.FileDetails{FileName: e.Text("imageName"), FilePath: e.Text("imagePath", "path"), SHA256: e.Text("sha256"), SHA1: e.Text("sha1"), MD5: e.Text("md5")}
	if *image != (alert.FileDetails{}) {
		p.ImageFile = image
	}
	if p.ProcessID == 0 && p.ProcessCommandLine == "" && p.ImageFile == nil {
		return nil
	}
	return p
}

func url(e source.Object) alert.Evidence {
	if e.Text("url") == "" {
		return nil
	}
	return &alert.URLEvidence{URL: e.Text("url")}
}

func mail(e source.Object) alert.Evidence {
	m := &alert.AnalyzedMessageEvidence{
		NetworkMessageID: e.Text("networkMessageId"), InternetMessageID: e.Text("internetMessageId"), RecipientEmailAddress: e.Text("recipient"),
		Subject: e.Text("subject"), SenderIP: source.IPText(e.Text("senderIp")),
	}
	if from := e.Text("sender"); from != "" {
		m.P2Sender = &alert.EmailSender{EmailAddress: from}
	}
	return m
}

func mailbox(e source.Object) alert.Evidence {
	m := &alert.MailboxEvidence{PrimaryAddress: e.Text("address"), UPN: e.Text("upn"), DisplayName: e.Text("displayName")}
	if id := e.Text("aadId"); id != "" {
		m.UserAccount = &alert.UserAccount{AzureADUserID: id, UserPrincipalName: m.UPN}
	}
	return m
}

func mailCluster(e source.Object) alert.Evidence {
	return &alert.MailClusterEvidence{Query: e.Text("query"), ClusterBy: e.Text("clusterBy"), ClusterByValue: e.Text("clusterByValue"), URN: e.Text("urn", "id"), NetworkMessageIds: e.Texts("networkMessageIds")}
}

// app gives a cloud application for the numbers of a cloud app catalogue, an
// OAuth application for the ids of a directory.
func app(e source.Object) alert.Evidence {
	if id := e.Int("appId"); id != 0 {
		return &alert.CloudApplicationEvidence{AppID: id, SaaSAppID: id, DisplayName: e.Text("name")}
	}
	if e.Text("appId", "objectId") == "" && e.Text("name") != "" {
		return &alert.CloudApplicationEvidence{DisplayName: e.Text("name")}
	}
	return &alert.OauthApplicationEvidence{AppID: e.Text("appId"), ObjectID: e.Text("objectId"), DisplayName: e.Text("name"), Publisher: e.Text("publisher")}
}

func session(e source.Object) alert.Evidence {
	if id := e.Text("sessionId", "id"); id != "" {
		return &alert.CloudLogonSessionEvidence{SessionID: id}
	}
	if id := e.Text("requestId"); id != "" {
		return &alert.CloudLogonRequestEvidence{RequestID: id}
	}
	return nil
}

func group(e source.Object) alert.Evidence {
	return &alert.SecurityGroupEvidence{DisplayName: e.Text("name", "displayName"), SID: e.Text("sid"), SecurityGroupID: e.Text("aadId", "id"), DistinguishedName: e.Text("dn", "distinguishedName")}
}

func registry(e source.Object) alert.Evidence {
	hive, key := e.Text("hive"), e.Text("key")
	if first, rest, ok := strings.Cut(key, `\`); ok && hive == "" && strings.HasPrefix(first, "HK") {
		hive, key = first, rest
	}
	if name := e.Text("value", "name"); name != "" {
		return &alert.RegistryValueEvidence{RegistryHive: hive, RegistryKey: key, RegistryValueName: name, RegistryValue: e.Text("data")}
	}
	return &alert.RegistryKeyEvidence{RegistryHive: hive, RegistryKey: key}
}

func cloudResource(e source.Object) alert.Evidence {
	id := e.Text("resourceId", "id")
	_, name := source.SplitPath(id)
	if n := e.Text("name"); n != "" {
		name = n
	}
	if strings.HasPrefix(id, "arn:") {
		return &alert.AmazonResourceEvidence{AmazonResourceID: id, ResourceName: name, ResourceType: e.Text("resourceType")}
	}
	return &alert.AzureResourceEvidence{ResourceID: id, ResourceName: name, ResourceType: e.Text("resourceType")}
}
