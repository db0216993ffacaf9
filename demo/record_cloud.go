package demo

import (
	"cmp"
	"strings"
	"time"
)

// This file writes the rows of sign-ins, mail, clouds and the network.

const browserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Meadow/131.0"

// signin is one sign-in to the directory in the cloud.
type signin struct {
	app, address, agent string
	code                int     // 0 is success
	risk                string  // none when empty
	factor              string  // how the second factor went
	dev                 *Device // nil: an unmanaged one
}

var riskNumbers = map[string]int{"": 0, "low": 10, "medium": 50, "high": 100}

var signinResults = map[int]string{0: "", 50126: "Invalid user name or password.", 500121: "Authentication failed during the strong authentication request.", 50053: "The account is locked."}

func (r *recorder) signedIn(at time.Time, u *User, s signin) {
	country, agent, id := r.country(s.address), cmp.Or(s.agent, browserAgent), r.d.guid()
	need, os, name, object := "multiFactorAuthentication", "", "", ""
	if s.factor == "" {
		need = "singleFactorAuthentication"
	}
	if s.dev != nil {
		os, name, object = s.dev.OS, s.dev.Name, s.dev.ObjectID
	}
	r.row("SigninLogs", at, "CreatedDateTime", at, "Id", id, "CorrelationId", id, "Category", "SignInLogs", "OperationName", "Sign-in activity",
		"UserPrincipalName", u.UPN, "UserDisplayName", u.Name, "UserId", u.ObjectID, "Identity", u.Name, "UserType", "Member", "IPAddress", s.address,
		"Location", country, "LocationDetails", bag("countryOrRegion", country), "AppDisplayName", s.app, "AppId", asGUID(digest(s.app)[:32]),
		"ResourceDisplayName", s.app, "ClientAppUsed", "Browser", "UserAgent", agent, "ResultType", s.code, "ResultDescription", signinResults[s.code],
		"AuthenticationRequirement", need, "MfaDetail", bag("authMethod", s.factor), "RiskLevelDuringSignIn", cmp.Or(s.risk, "none"), "RiskLevelAggregated", cmp.Or(s.risk, "none"),
		"ConditionalAccessStatus", "success", "IsInteractive", true, "DeviceDetail", bag("displayName", name, "operatingSystem", os, "deviceId", object))
	r.row("EntraIdSignInEvents", at, "Application", s.app, "ApplicationId", asGUID(digest(s.app)[:32]), "LogonType", list("interactiveUser"), "ErrorCode", s.code,
		"CorrelationId", id, "RequestId", id, "AccountUpn", u.UPN, "AccountObjectId", u.ObjectID, "AccountDisplayName", u.Name, "IPAddress", s.address, "Country", country,
		"UserAgent", agent, "ClientAppUsed", "Browser", "DeviceName", name, "EntraIdDeviceId", object, "OSPlatform", os, "ResourceDisplayName", s.app,
		"AuthenticationRequirement", need, "RiskLevelAggregated", riskNumbers[s.risk])
}

// act is something that a person did in a cloud application.
type act struct {
	app, action, kind, object, address, raw string
	oauth                                   string
}

func (r *recorder) acted(at time.Time, u *User, a act) {
	r.row("CloudAppEvents", at, "Application", a.app, "ApplicationId", 10000+len(a.app)*137, "ActionType", a.action, "ActivityType", "Basic", "AccountObjectId", u.ObjectID,
		"AccountId", u.UPN, "AccountDisplayName", u.Name, "AccountType", "Regular", "IPAddress", a.address, "CountryCode", r.country(a.address), "ObjectType", a.kind,
		"ObjectName", a.object, "UserAgent", browserAgent, "OAuthAppId", a.oauth, "RawEventData", cmp.Or(a.raw, bag("Operation", a.action, "UserId", u.UPN, "ClientIP", a.address)))
}

// changed is a change in the directory in the cloud.
func (r *recorder) changed(at time.Time, u *User, operation, category, target, address string) {
	r.row("AuditLogs", at, "ActivityDateTime", at, "Id", r.d.guid(), "CorrelationId", r.d.guid(), "OperationName", operation, "ActivityDisplayName", operation,
		"Category", category, "LoggedByService", "Core Directory", "Result", "success", "Identity", u.Name,
		"InitiatedBy", `{"user":`+bag("userPrincipalName", u.UPN, "id", u.ObjectID, "ipAddress", address)+`}`, "TargetResources", "["+bag("displayName", target)+"]")
}

// mail is one message to one recipient, with attachments.
type mail struct {
	message
	to         string
	network    string // id
	internet   string
	direction  string
	attachment file
	threat     string
}

func (r *recorder) mailed(m mail) {
	at := m.received
	domain := func(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
	delivery := map[string]string{"delivered": "Delivered", "deliveredAsSpam": "Junked", "blocked": "Blocked"}[m.outcome]
	place := map[string]string{"inbox": "Inbox/folder", "junkFolder": "Junk folder", "quarantine": "Quarantine", "external": "On-premises/external"}[m.place]
	files := 0
	if m.attachment.name != "" {
		files = 1
	}
	r.row("EmailEvents", at, "NetworkMessageId", m.network, "InternetMessageId", m.internet, "SenderFromAddress", m.sender, "SenderMailFromAddress", m.sender,
		"SenderFromDomain", domain(m.sender), "SenderMailFromDomain", domain(m.sender), "SenderDisplayName", m.senderName, "SenderIPv4", m.senderIP,
		"RecipientEmailAddress", m.to, "RecipientDomain", domain(m.to), "Subject", m.subject, "EmailDirection", m.direction, "DeliveryAction", delivery,
		"DeliveryLocation", place, "LatestDeliveryAction", delivery, "LatestDeliveryLocation", place, "UrlCount", len(m.urls), "AttachmentCount", files,
		"ThreatTypes", m.threat, "EmailLanguage", "en")
	for _, u := range m.urls {
		r.row("EmailUrlInfo", at, "NetworkMessageId", m.network, "Url", u, "UrlDomain", hostOf(u), "UrlLocation", "Body")
	}
	if files > 0 {
		r.row("EmailAttachmentInfo", at, "NetworkMessageId", m.network, "SenderFromAddress", m.sender, "SenderDisplayName", m.senderName, "RecipientEmailAddress", m.to,
			"FileName", m.attachment.name, "FileType", m.attachment.name[strings.LastIndexByte(m.attachment.name, '.')+1:], "SHA256", m.attachment.sha256, "FileSize", len(m.subject)*9973)
	}
}

func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		rest = url
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func (r *recorder) clicked(at time.Time, u *User, url, message, address string, through bool) {
	r.row("UrlClickEvents", at, "AccountUpn", u.UPN, "ActionType", "ClickAllowed", "Url", url, "UrlChain", list(url), "NetworkMessageId", message, "IPAddress", address,
		"Workload", "Email", "IsClickedThrough", through)
}

// call is one call to the API of AWS.
type call struct {
	user, address, service, name, params, region, failure, agent string
	read                                                         bool
}

func (r *recorder) called(at time.Time, c call) {
	arn := "arn:aws:iam::" + r.AWSAccount + ":user/" + c.user
	r.row("AWSCloudTrail", at, "AwsEventId", r.d.guid(), "EventVersion", "1.08", "EventName", c.name, "EventSource", c.service+".amazonaws.com", "EventTypeName", "AwsApiCall",
		"AWSRegion", cmp.Or(c.region, "eu-west-1"), "SourceIpAddress", c.address, "UserAgent", cmp.Or(c.agent, "aws-cli/2.15"), "UserIdentityType", "IAMUser",
		"UserIdentityUserName", c.user, "UserIdentityArn", arn, "UserIdentityAccountId", r.AWSAccount, "UserIdentityPrincipalid", "AIDA"+strings.ToUpper(digest(c.user)[:16]),
		"UserIdentityAccessKeyId", "AKIA"+strings.ToUpper(digest(c.user + "key")[:16]), "RecipientAccountId", r.AWSAccount, "RequestParameters", c.params,
		"ErrorCode", c.failure, "ReadOnly", c.read, "ManagementEvent", true)
}

func (r *recorder) resolved(at time.Time, dev *Device, name, answer string) {
	r.row("DnsEvents", at, "Computer", r.byRole["dc"].FQDN, "ClientIP", dev.Address, "Name", name, "QueryType", "A", "IPAddresses", answer, "SubType", "LookupQuery",
		"EventId", 256, "Result", "Success", "ResultCode", 0)
}

// traffic is what the firewall tells of a connection.
type traffic struct {
	from, to, url, activity, severity string
	port                              int
	sent, received                    int
}

func (r *recorder) passed(at time.Time, t traffic) {
	r.row("CommonSecurityLog", at, "DeviceVendor", "Sample Networks", "DeviceProduct", "Gatehouse", "DeviceVersion", "7.2", "DeviceEventClassID", "traffic",
		"Activity", cmp.Or(t.activity, "Connection allowed"), "DeviceAction", "allow", "LogSeverity", cmp.Or(t.severity, "2"), "Computer", "lm-fw01", "SourceIP", t.from,
		"SourcePort", r.d.count(1024, 65000), "DestinationIP", t.to, "DestinationPort", t.port, "Protocol", "TCP", "RequestURL", t.url, "SentBytes", t.sent, "ReceivedBytes", t.received)
}
