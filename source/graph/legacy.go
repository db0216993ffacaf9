package graph

import (
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/go-json-experiment/json/jsontext"
)

// isLegacy recognises the older Graph resource `alert` of /security/alerts.
func isLegacy(o source.Object) bool {
	if o.Has("evidence") || o.Has("serviceSource") {
		return false
	}
	return o.Has("vendorInformation") || o.Has("azureTenantId") && o.Has("eventDateTime") || o.Has("hostStates") && o.Has("userStates")
}

// legacyTaken are the members that have a place of their own in the normal form.
var legacyTaken = []string{
	"id", "title", "description", "category", "severity", "status", "assignedTo", "azureTenantId", "createdDateTime",
	"lastModifiedDateTime", "closedDateTime", "eventDateTime", "recommendedActions", "comments", "feedback", "detectionIds",
	"hostStates", "userStates", "fileStates", "processes", "networkConnections", "registryKeyStates", "malwareStates",
	"cloudAppStates", "securityResources", "vendorInformation", "tags",
}

var legacyFeedback = map[string]alert.Classification{
	"truepositive":   alert.ClassificationTruePositive,
	"falsepositive":  alert.ClassificationFalsePositive,
	"benignpositive": alert.ClassificationInformationalExpectedActivity,
}

func legacy(record jsontext.Value, opt source.Options) ([]*alert.Alert, error) {
	o, err := source.ParseObject(record, opt.Limits)
	if err != nil {
		return nil, err
	}
	vendor := o.Object("vendorInformation")
	a := &alert.Alert{
		ID:                 o.Text("id"),
		ProviderAlertID:    o.Text("id"),
		TenantID:           o.Text("azureTenantId"),
		Title:              o.Text("title"),
		Description:        o.Text("description"),
		Category:           o.Text("category"),
		AssignedTo:         o.Text("assignedTo"),
		Severity:           alert.ParseEnum[alert.Severity](o.Text("severity")),
		Status:             legacyStatus(o.Text("status")),
		Classification:     legacyFeedback[strings.ToLower(o.Text("feedback"))],
		ServiceSource:      source.ServiceOf(vendor.Text("provider")),
		ProductName:        strings.TrimSpace(vendor.Text("vendor") + " " + vendor.Text("provider")),
		RecommendedActions: strings.Join(o.Texts("recommendedActions"), "\n"),
		SystemTags:         o.Texts("tags"),
	}
	if ids := o.Texts("detectionIds"); len(ids) > 0 {
		a.DetectorID = ids[0]
	}
	legacyTimes(a, o)
	for _, c := range o.Texts("comments") {
		a.Comments = append(a.Comments, alert.Comment{Comment: c})
	}
	legacyEvidence(a, o)
	a.AdditionalData = o.Extra(legacyTaken...)
	if a.ID == "" {
		a.ID = source.HashID("gr", string(record))
	}
	finished, err := source.Finish(a, opt)
	if err != nil {
		return nil, err
	}
	return []*alert.Alert{finished}, nil
}

func legacyStatus(text string) alert.Status {
	switch strings.ToLower(text) {
	case "newalert":
		return alert.StatusNew
	case "dismissed":
		return alert.StatusResolved
	}
	return alert.ParseEnum[alert.Status](text)
}

// legacyTimes takes times leniently: this resource is retired, and what still
// sends it does not always fill its times well.
func legacyTimes(a *alert.Alert, o source.Object) {
	for _, f := range []struct {
		to   *time.Time
		from string
	}{
		{&a.CreatedDateTime, "createdDateTime"}, {&a.LastUpdateDateTime, "lastModifiedDateTime"},
		{&a.ResolvedDateTime, "closedDateTime"}, {&a.FirstActivityDateTime, "eventDateTime"}, {&a.LastActivityDateTime, "eventDateTime"},
	} {
		*f.to = o.LooseTime(f.from)
	}
}

func objects(o source.Object, name string) []source.Object {
	var out []source.Object
	for _, v := range o.List(name) {
		if inner := source.Peek(v); inner != nil {
			out = append(out, inner)
		}
	}
	return out
}

func legacyEvidence(a *alert.Alert, o source.Object) {
	for _, h := range objects(o, "hostStates") {
		a.Evidence = append(a.Evidence, legacyHost(h))
	}
	for _, u := range objects(o, "userStates") {
		a.Evidence = append(a.Evidence, legacyUser(u))
		source.AddIP(a, u.Text("logonIp"), alert.RoleSource)
	}
	for _, f := range objects(o, "fileStates") {
		a.Evidence = append(a.Evidence, &alert.FileEvidence{FileDetails: legacyFile(f, "name", "path")})
	}
	for _, p := range objects(o, "processes") {
		a.Evidence = append(a.Evidence, legacyProcess(p))
	}
	for _, n := range objects(o, "networkConnections") {
		legacyNetwork(a, n)
	}
	for _, r := range objects(o, "registryKeyStates") {
		a.Evidence = append(a.Evidence, &alert.RegistryValueEvidence{
			RegistryHive: r.Text("hive"), RegistryKey: r.Text("key"), RegistryValueName: r.Text("valueName"),
			RegistryValue: r.Text("valueData"), RegistryValueType: r.Text("valueType"),
		})
	}
	for _, m := range objects(o, "malwareStates") {
		a.Evidence = append(a.Evidence, &alert.MalwareEvidence{Name: m.Text("name"), Category: m.Text("category")})
	}
	for _, c := range objects(o, "cloudAppStates") {
		a.Evidence = append(a.Evidence, &alert.CloudApplicationEvidence{DisplayName: c.Text("destinationServiceName")})
	}
	for _, r := range objects(o, "securityResources") {
		a.Evidence = append(a.Evidence, &alert.AzureResourceEvidence{ResourceID: r.Text("resource"), ResourceType: r.Text("resourceType")})
	}
}

func legacyHost(h source.Object) *alert.DeviceEvidence {
	dev := &alert.DeviceEvidence{
		DeviceDNSName: h.Text("fqdn"), HostName: h.Text("netBiosName"), OSPlatform: h.Text("os"),
		LastIPAddress: source.IPText(h.Text("privateIpAddress")), LastExternalIPAddress: source.IPText(h.Text("publicIpAddress")),
	}
	if dev.HostName == "" {
		dev.HostName, dev.DNSDomain, _ = strings.Cut(dev.DeviceDNSName, ".")
	}
	return dev
}

func legacyUser(u source.Object) *alert.UserEvidence {
	return &alert.UserEvidence{UserAccount: &alert.UserAccount{
		AccountName: u.Text("accountName"), DomainName: u.Text("domainName"), AzureADUserID: u.Text("aadUserId"),
		UserPrincipalName: u.Text("userPrincipalName"), UserSID: u.Text("onPremisesSecurityIdentifier"),
	}}
}

func legacyFile(f source.Object, name, path string) *alert.FileDetails {
	d := &alert.FileDetails{FileName: f.Text(name), FilePath: f.Text(path)}
	hash := f.Object("fileHash")
	source.SetHash(d, hash.Text("hashType"), hash.Text("hashValue"))
	return d
}

func legacyProcess(p source.Object) *alert.ProcessEvidence {
	ev := &alert.ProcessEvidence{
		ProcessID: p.Int("processId"), ProcessCommandLine: p.Text("commandLine"), ProcessCreationDateTime: p.LooseTime("createdDateTime"),
		ParentProcessID: p.Int("parentProcessId"), ParentProcessCreationDateTime: p.LooseTime("parentProcessCreatedDateTime"),
		ImageFile: legacyFile(p, "name", "path"),
	}
	if parent := p.Text("parentProcessName"); parent != "" {
		ev.ParentProcessImageFile = &alert.FileDetails{FileName: parent}
	}
	if account := p.Text("accountName"); account != "" {
		name, domain, upn := source.SplitAccount(account)
		ev.UserAccount = &alert.UserAccount{AccountName: name, DomainName: domain, UserPrincipalName: upn}
	}
	return ev
}

func legacyNetwork(a *alert.Alert, n source.Object) {
	source.AddIP(a, n.Text("sourceAddress"), alert.RoleSource)
	source.AddIP(a, n.Text("destinationAddress"), alert.RoleDestination)
	if url := n.Text("destinationUrl"); url != "" {
		a.Evidence = append(a.Evidence, &alert.URLEvidence{URL: url})
	}
	if domain := n.Text("destinationDomain"); domain != "" {
		a.Evidence = append(a.Evidence, &alert.DNSEvidence{DomainName: domain})
	}
}
