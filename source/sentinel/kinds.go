package sentinel

import (
	"strconv"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
)

// account gives what an account entity says about the account. Rows hold the
// name either as it is, with domain and back slash, or as UPN prefix and suffix.
func account(e source.Object) *alert.UserAccount {
	if e == nil {
		return nil
	}
	u := &alert.UserAccount{
		AccountName:               e.Text("AccountName", "Name"),
		ActiveDirectoryObjectGuid: e.Text("ObjectGuid"),
		AzureADUserID:             e.Text("AadUserId"),
		DisplayName:               e.Text("DisplayName"),
		DomainName:                e.Text("NTDomain", "DomainName", "DnsDomain"),
		TenantID:                  e.Text("AadTenantId"),
		UserPrincipalName:         e.Text("UserPrincipalName"),
		UserSID:                   e.Text("Sid"),
	}
	name, domain, upn := source.SplitAccount(u.AccountName)
	u.AccountName = name
	if u.DomainName == "" {
		u.DomainName = domain
	}
	if u.UserPrincipalName == "" {
		u.UserPrincipalName = upn
	}
	if suffix := e.Text("UPNSuffix"); u.UserPrincipalName == "" && suffix != "" && e.Text("Name") != "" {
		u.UserPrincipalName = e.Text("Name") + "@" + suffix
	}
	if u.AccountName == "" && u.AzureADUserID == "" && u.UserPrincipalName == "" && u.UserSID == "" && u.DisplayName == "" && u.ActiveDirectoryObjectGuid == "" {
		return nil
	}
	return u
}

func user(_ graphOf, e source.Object) alert.Evidence {
	u := account(e)
	if u == nil {
		return nil
	}
	return &alert.UserEvidence{UserAccount: u}
}

func host(g graphOf, e source.Object) alert.Evidence {
	dev := &alert.DeviceEvidence{
		AzureADDeviceID:       e.Text("AadDeviceId"),
		DeviceDNSName:         e.Text("FQDN"),
		DNSDomain:             e.Text("DnsDomain"),
		FirstSeenDateTime:     e.LooseTime("FirstSeenDateTime"),
		HealthStatus:          alert.ParseEnum[alert.DeviceHealthStatus](e.Text("HealthStatus")),
		HostName:              e.Text("HostName", "NetBiosName"),
		LastExternalIPAddress: g.address(e, "LastExternalIpAddress"),
		LastIPAddress:         g.address(e, "LastIpAddress"),
		MDEDeviceID:           e.Text("MdatpDeviceId"),
		NTDomain:              e.Text("NTDomain"),
		OnboardingStatus:      alert.ParseEnum[alert.OnboardingStatus](e.Text("OnboardingStatus")),
		OSBuild:               e.Int("OsBuild"),
		OSPlatform:            e.Text("OSFamily"),
		RBACGroupName:         e.Text("RbacGroupName"),
		RiskScore:             alert.ParseEnum[alert.DeviceRiskScore](e.Text("RiskScore")),
		Version:               e.Text("OSVersion"),
		DefenderAVStatus:      avStatus(e.Text("AvStatus")),
	}
	if id := e.Text("AzureID"); id != "" {
		dev.VMMetadata = &alert.VMMetadata{CloudProvider: alert.VMCloudProviderAzure, ResourceID: id}
	}
	if dev.DeviceDNSName == "" && dev.HostName != "" && dev.DNSDomain != "" {
		dev.DeviceDNSName = dev.HostName + "." + dev.DNSDomain
	}
	if dev.OSPlatform == "Unknown" {
		dev.OSPlatform = ""
	}
	for _, u := range g.parts(e, "LoggedOnUsers") {
		if acc := account(u); acc != nil {
			dev.LoggedOnUsers = append(dev.LoggedOnUsers, &alert.LoggedOnUser{AccountName: acc.AccountName, DomainName: acc.DomainName})
		}
	}
	for _, p := range g.parts(e, "IpInterfaces") {
		if addr := source.IPText(p.Text("Address")); addr != "" {
			dev.IPInterfaces = append(dev.IPInterfaces, addr)
		}
	}
	return dev
}

// avStatus reads the state of the virus scanner by name or by number.
func avStatus(text string) alert.DefenderAVStatus {
	switch text {
	case "0":
		return alert.DefenderAVStatusNotReporting
	case "1":
		return alert.DefenderAVStatusDisabled
	case "2":
		return alert.DefenderAVStatusNotUpdated
	case "3":
		return alert.DefenderAVStatusUpdated
	case "4":
		return alert.DefenderAVStatusUnknown
	case "1000":
		return alert.DefenderAVStatusNotSupported
	}
	return alert.ParseEnum[alert.DefenderAVStatus](text)
}

// address reads a member that is an address text, an ip entity or a reference.
func (g graphOf) address(e source.Object, name string) string {
	if text := e.Text(name); text != "" {
		return source.IPText(text)
	}
	return source.IPText(g.part(e, name).Text("Address"))
}

func address(e source.Object) *alert.IPEvidence {
	ev := source.IP(e.Text("Address"))
	if ev == nil {
		return nil
	}
	if l := e.Object("Location"); l != nil {
		ev.CountryLetterCode = l.Text("CountryCode")
		ev.Location = &alert.GeoLocation{City: l.Text("City"), CountryName: l.Text("CountryName"), State: l.Text("State"), Latitude: number(l, "Latitude"), Longitude: number(l, "Longitude")}
	}
	return ev
}

func ipOrNil(e source.Object) alert.Evidence {
	if ev := address(e); ev != nil {
		return ev
	}
	return nil
}

func number(o source.Object, name string) float64 {
	f, err := strconv.ParseFloat(o.Text(name), 64)
	if err != nil || f < -180 || f > 180 {
		return 0
	}
	return f
}

func details(g graphOf, e source.Object) *alert.FileDetails {
	if e == nil {
		return nil
	}
	d := &alert.FileDetails{FileName: e.Text("Name"), FilePath: e.Text("Directory"), FileSize: e.Int("SizeInBytes", "Size"), FilePublisher: e.Text("Publisher"), Signer: e.Text("Signer"), Issuer: e.Text("Issuer")}
	for _, h := range g.parts(e, "FileHashes") {
		source.SetHash(d, h.Text("Algorithm"), h.Text("Value"))
	}
	if *d == (alert.FileDetails{}) {
		return nil
	}
	return d
}

func file(g graphOf, e source.Object) alert.Evidence {
	d := details(g, e)
	if d == nil {
		return nil
	}
	id := e.Text("MdatpDeviceId")
	if id == "" {
		id = g.part(e, "Host").Text("MdatpDeviceId")
	}
	return &alert.FileEvidence{FileDetails: d, MDEDeviceID: id}
}

func fileHash(_ graphOf, e source.Object) alert.Evidence {
	if e.Text("Value") == "" {
		return nil
	}
	return &alert.FileHashEvidence{Algorithm: alert.ParseEnum[alert.FileHashAlgorithm](e.Text("Algorithm")), Value: e.Text("Value")}
}

func process(g graphOf, e source.Object) alert.Evidence {
	parent := g.part(e, "ParentProcess")
	p := &alert.ProcessEvidence{
		ProcessID:                     e.Int("ProcessId"),
		ProcessCommandLine:            e.Text("CommandLine"),
		ProcessCreationDateTime:       e.LooseTime("CreationTimeUtc"),
		ImageFile:                     details(g, g.part(e, "ImageFile")),
		ParentProcessID:               parent.Int("ProcessId"),
		ParentProcessCreationDateTime: parent.LooseTime("CreationTimeUtc"),
		ParentProcessImageFile:        details(g, g.part(parent, "ImageFile")),
		UserAccount:                   account(g.part(e, "Account")),
		MDEDeviceID:                   g.part(e, "Host").Text("MdatpDeviceId"),
	}
	if p.ProcessID == 0 && p.ProcessCommandLine == "" && p.ImageFile == nil {
		return nil
	}
	return p
}

func url(_ graphOf, e source.Object) alert.Evidence {
	if e.Text("Url") == "" {
		return nil
	}
	return &alert.URLEvidence{URL: e.Text("Url")}
}

func dns(g graphOf, e source.Object) alert.Evidence {
	ev := &alert.DNSEvidence{DomainName: e.Text("DomainName"), DNSServerIP: address(g.part(e, "DnsServerIp")), HostIPAddress: address(g.part(e, "HostIpAddress"))}
	for _, ip := range g.parts(e, "IpAddresses") {
		if one := address(ip); one != nil {
			ev.IPAddresses = append(ev.IPAddresses, one)
		}
	}
	return ev
}

func malware(g graphOf, e source.Object) alert.Evidence {
	ev := &alert.MalwareEvidence{Name: e.Text("Name"), Category: e.Text("Category")}
	for _, f := range g.parts(e, "Files") {
		if d := details(g, f); d != nil {
			ev.Files = append(ev.Files, &alert.FileEvidence{FileDetails: d})
		}
	}
	for _, p := range g.parts(e, "Processes") {
		if proc, ok := process(g, p).(*alert.ProcessEvidence); ok {
			ev.Processes = append(ev.Processes, proc)
		}
	}
	return ev
}

func mailbox(_ graphOf, e source.Object) alert.Evidence {
	m := &alert.MailboxEvidence{PrimaryAddress: e.Text("MailboxPrimaryAddress"), DisplayName: e.Text("DisplayName"), UPN: e.Text("Upn", "UPN")}
	if id := e.Text("AadId", "ExternalDirectoryObjectId"); id != "" {
		m.UserAccount = &alert.UserAccount{AzureADUserID: id, UserPrincipalName: m.UPN, DisplayName: m.DisplayName}
	}
	return m
}

func sender(e source.Object, prefix string) *alert.EmailSender {
	s := alert.EmailSender{EmailAddress: e.Text(prefix), DisplayName: e.Text(prefix + "DisplayName"), DomainName: e.Text(prefix + "Domain")}
	if s == (alert.EmailSender{}) {
		return nil
	}
	return &s
}

func mailMessage(_ graphOf, e source.Object) alert.Evidence {
	m := &alert.AnalyzedMessageEvidence{
		AntiSpamDirection: e.Text("AntispamDirection"), DeliveryAction: e.Text("DeliveryAction"), DeliveryLocation: e.Text("DeliveryLocation"),
		InternetMessageID: e.Text("InternetMessageId"), Language: e.Text("Language"), NetworkMessageID: e.Text("NetworkMessageId"),
		P1Sender: sender(e, "P1Sender"), P2Sender: sender(e, "P2Sender"), ReceivedDateTime: e.LooseTime("ReceivedDate", "ReceiveDate"),
		RecipientEmailAddress: e.Text("Recipient"), SenderIP: source.IPText(e.Text("SenderIP")), Subject: e.Text("Subject"),
		ThreatDetectionMethods: e.Texts("ThreatDetectionMethods"), Threats: e.Texts("Threats"), Urls: e.Texts("Urls"),
	}
	if m.P2Sender == nil && e.Text("Sender") != "" {
		m.P2Sender = &alert.EmailSender{EmailAddress: e.Text("Sender")}
	}
	m.URLCount = int64(len(m.Urls))
	return m
}

func mailCluster(_ graphOf, e source.Object) alert.Evidence {
	return &alert.MailClusterEvidence{
		ClusterBy: e.Text("ClusterBy", "Source"), ClusterByValue: e.Text("ClusterByValue"), EmailCount: e.Int("MailCount", "EmailCount"),
		NetworkMessageIds: e.Texts("NetworkMessageIds"), Query: e.Text("Query"), URN: e.Text("Urn", "ClusterGroup"),
	}
}

func submissionMail(_ graphOf, e source.Object) alert.Evidence {
	return &alert.SubmissionMailEvidence{
		NetworkMessageID: e.Text("NetworkMessageId"), Recipient: e.Text("Recipient"), ReportType: e.Text("ReportType"), Sender: e.Text("Sender"),
		SenderIP: source.IPText(e.Text("SenderIp", "SenderIP")), Subject: e.Text("Subject"), SubmissionDateTime: e.LooseTime("SubmissionDate", "Timestamp"),
		SubmissionID: e.Text("SubmissionId"), Submitter: e.Text("Submitter"),
	}
}

func cloudApplication(_ graphOf, e source.Object) alert.Evidence {
	return &alert.CloudApplicationEvidence{
		AppID: e.Int("AppId"), SaaSAppID: e.Int("SaasId", "AppId"), DisplayName: e.Text("Name", "AppName"),
		InstanceID: e.Int("InstanceId"), InstanceName: e.Text("InstanceName"),
	}
}

func oauthApplication(_ graphOf, e source.Object) alert.Evidence {
	return &alert.OauthApplicationEvidence{AppID: e.Text("OAuthAppId", "AppId"), DisplayName: e.Text("Name", "AppName"), ObjectID: e.Text("OAuthObjectId", "ObjectId"), Publisher: e.Text("PublisherName")}
}

func azure(_ graphOf, e source.Object) alert.Evidence {
	id := e.Text("ResourceId")
	name := e.Text("ResourceName")
	if name == "" {
		_, name = source.SplitPath(id)
	}
	return &alert.AzureResourceEvidence{ResourceID: id, ResourceName: name, ResourceType: e.Text("ResourceType")}
}

func amazon(_ graphOf, e source.Object) alert.Evidence {
	return &alert.AmazonResourceEvidence{AmazonAccountID: e.Text("AmazonAccountId"), AmazonResourceID: e.Text("AmazonResourceId"), ResourceName: e.Text("ResourceName"), ResourceType: e.Text("ResourceType")}
}

func googleCloud(_ graphOf, e source.Object) alert.Evidence {
	return &alert.GoogleCloudResourceEvidence{
		FullResourceName: e.Text("FullResourceName", "RelatedAzureResourceIds"), Location: e.Text("Location"), ProjectID: e.Text("ProjectId"),
		ProjectNumber: e.Int("ProjectNumber"), ResourceName: e.Text("ResourceName"), ResourceType: e.Text("ResourceType"),
		LocationType: alert.ParseEnum[alert.GoogleCloudLocationType](e.Text("LocationType")),
	}
}

func registryKey(_ graphOf, e source.Object) alert.Evidence {
	return &alert.RegistryKeyEvidence{RegistryHive: e.Text("Hive"), RegistryKey: e.Text("Key")}
}

func registryValue(g graphOf, e source.Object) alert.Evidence {
	key := g.part(e, "Key")
	return &alert.RegistryValueEvidence{
		RegistryHive: key.Text("Hive"), RegistryKey: key.Text("Key"), RegistryValueName: e.Text("Name"),
		RegistryValue: e.Text("Value"), RegistryValueType: e.Text("ValueType"), MDEDeviceID: g.part(e, "Host").Text("MdatpDeviceId"),
	}
}

func port(e source.Object, name string) int32 {
	if n := e.Int(name); n > 0 && n < 1<<16 {
		return int32(n)
	}
	return 0
}

func networkConnection(g graphOf, e source.Object) alert.Evidence {
	return &alert.NetworkConnectionEvidence{
		SourceAddress: address(g.part(e, "SourceAddress")), SourcePort: port(e, "SourcePort"),
		DestinationAddress: address(g.part(e, "DestinationAddress")), DestinationPort: port(e, "DestinationPort"),
		Protocol: alert.ParseEnum[alert.ProtocolType](e.Text("Protocol")),
	}
}

func hostLogonSession(g graphOf, e source.Object) alert.Evidence {
	ev := &alert.HostLogonSessionEvidence{SessionID: e.Text("SessionId"), StartUTCDateTime: e.LooseTime("StartTimeUtc"), EndUTCDateTime: e.LooseTime("EndTimeUtc")}
	if u := account(g.part(e, "Account")); u != nil {
		ev.Account = &alert.UserEvidence{UserAccount: u}
	}
	if h := g.part(e, "Host"); h != nil {
		ev.Host, _ = host(g, h).(*alert.DeviceEvidence)
	}
	return ev
}

func cloudLogonSession(g graphOf, e source.Object) alert.Evidence {
	ev := &alert.CloudLogonSessionEvidence{
		SessionID: e.Text("SessionId"), UserAgent: e.Text("UserAgent"), Browser: e.Text("Browser"), DeviceName: e.Text("DeviceName"),
		OperatingSystem: e.Text("OperatingSystem"), Protocol: e.Text("Protocol"), StartUTCDateTime: e.LooseTime("StartTimeUtc"),
	}
	if u := account(g.part(e, "Account")); u != nil {
		ev.Account = &alert.UserEvidence{UserAccount: u}
	}
	return ev
}

func cloudLogonRequest(_ graphOf, e source.Object) alert.Evidence {
	return &alert.CloudLogonRequestEvidence{RequestID: e.Text("RequestId")}
}

func securityGroup(_ graphOf, e source.Object) alert.Evidence {
	return &alert.SecurityGroupEvidence{
		ActiveDirectoryObjectGuid: e.Text("ObjectGuid"), DistinguishedName: e.Text("DistinguishedName"), SID: e.Text("SID", "Sid"),
		DisplayName: e.Text("Name", "DisplayName", "FriendlyName"), FriendlyName: e.Text("FriendlyName"), SecurityGroupID: e.Text("AadId", "SecurityGroupId"),
	}
}

func servicePrincipal(_ graphOf, e source.Object) alert.Evidence {
	return &alert.ServicePrincipalEvidence{
		AppID: e.Text("AppId"), ServicePrincipalName: e.Text("ServicePrincipalName", "Name"), ServicePrincipalObjectID: e.Text("ServicePrincipalObjectId", "ObjectId"),
		TenantID: e.Text("AadTenantId", "TenantId"), ServicePrincipalType: alert.ParseEnum[alert.ServicePrincipalType](e.Text("ServicePrincipalType")),
	}
}

func iotDevice(g graphOf, e source.Object) alert.Evidence {
	ev := &alert.IoTDeviceEvidence{
		DeviceID: e.Text("DeviceId"), DeviceName: e.Text("DeviceName"), DeviceType: e.Text("DeviceType"), DeviceSubType: e.Text("DeviceSubType"),
		MacAddress: e.Text("MacAddress"), Manufacturer: e.Text("Manufacturer", "Vendor"), Model: e.Text("Model"), OperatingSystem: e.Text("OperatingSystem"),
		SerialNumber: e.Text("SerialNumber"), Sensor: e.Text("Sensor"), Site: e.Text("Site"), Zone: e.Text("Zone"), Protocols: e.Texts("Protocols"),
		IPAddress: address(g.part(e, "IpAddress")),
	}
	if hub := strings.TrimSpace(g.part(e, "IoTHub").Text("ResourceId")); hub != "" {
		ev.IoTHub = &alert.AzureResourceEvidence{ResourceID: hub}
	}
	return ev
}
