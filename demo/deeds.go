package demo

import (
	"fmt"
	"strings"
	"time"
)

// deed writes what lies behind a rule's alerts beside what their evidence says.
type deed func(*trace)

// deeds are by the title of the rule.
var deeds = map[string][]deed{
	mailClick.title:    {click},
	signinHidden.title: {comesIn("Microsoft 365", "high", "Mobile app notification")},
	mailPurged.title:   {purged},
	methodAdded.title:  {audits("User registered security info", "UserManagement", "Second telephone")},
	mailRead.title:     {acts(exchange, "MailItemsAccessed", "Mail item", "Invoice conversation", 40)},
	mailRule.title:     {hidingRule},
	mailForward.title:  {forwarding},

	stealerClick.title:   {click},
	stealerRun.title:     {runDialog},
	stealerStore.title:   {browserStores},
	stealerKnown.title:   {detected},
	stealerOut.title:     {upload(4_200_000)},
	stealerReplay.title:  {comesIn("Microsoft 365", "high", "")},
	stealerFiles.title:   {acts(sharePoint, "FileDownloaded", "File", "Board design", 60)},
	stealerCode.title:    {acts("Codebarn", "git.clone", "Repository", "firmware", 25)},
	stealerKeyring.title: {acts("Codebarn", "personal_access_token.used", "Token", "laptop", 3)},

	ransomSecond.title:  {promptFlood},
	ransomVPN.title:     {vpnSession},
	ransomRDP.title:     {logsOn("RemoteInteractive")},
	ransomTamper.title:  {exclusions},
	ransomDump.title:    {readsSecrets},
	ransomDumpAV.title:  {detected},
	ransomBlocked.title: {detected},
	ransomBeacon.title:  {beacon},
	ransomMove.title:    {remoteService},
	ransomOut.title:     {upload(2_000_000_000)},
	ransomEncrypt.title: {encrypts},

	shellScan.title:    {probes("/wp-login.php", "/admin/", "/.git/config", "/cgi-bin/test", "/phpinfo.php", "/backup.zip", "/upload.aspx")},
	shellExploit.title: {probes("/upload.aspx", "/images/thumbs.aspx")},
	shellCloud.title:   {probes("/images/thumbs.aspx?c=whoami", "/images/thumbs.aspx?c=ipconfig")},
	shellTunnelN.title: {beacon},
	shellSQL.title:     {logsOn("Network")},
	shellOut.title:     {upload(1_900_000_000)},

	sprayFailed.title:  {spray},
	sprayHit.title:     {comesIn("Exchange Online", "medium", "")},
	sprayNew.title:     {comesIn("Microsoft 365", "medium", "")},
	sprayConsent.title: {acts("Microsoft 365", "Consent to application.", "Application", "Calendar Tidy", 1), audits("Consent to application", "ApplicationManagement", "Calendar Tidy"), audits("Add delegated permission grant", "ApplicationManagement", "Calendar Tidy")},
	sprayRead.title:    {acts(exchange, "MailItemsAccessed", "Mail item", "Inbox", 50)},
	sprayRole.title:    {audits("Add member to role", "RoleManagement", "Exchange Administrator")},
	sprayShare.title:   {acts(sharePoint, "FileDownloaded", "File", "Customer contract", 90)},
	sprayOut.title:     {acts(sharePoint, "AnonymousLinkCreated", "File", "Customer contract", 4)},

	adRoast.title:  {roast},
	adSvc.title:    {logsOn("RemoteInteractive")},
	adDump.title:   {hiveFile},
	adSync.title:   {directory("Directory Services replication")},
	adGolden.title: {directory("Account used with a ticket of an unknown issuer")},
	adGroup.title:  {directory("Group Membership changed")},
	adGuard.title:  {directory("Security Principal permissions changed")},

	leaveNotice.title: {acts(sharePoint, "FileAccessed", "File", "Drawing", 60)},
	leaveCRM.title:    {acts("Salesdesk CRM", "ReportExported", "Report", "All customers", 1)},
	leaveMass.title:   {acts(sharePoint, "FileDownloaded", "File", "Drawing", 120)},
	leaveUSB.title:    {toUSB},
	leaveCloud.title:  {toStorage},
	leaveWipe.title:   {wipes, acts(sharePoint, "FileRecycled", "File", "Drawing", 40)},

	chainLoad.title: {loadsLibrary},
	chainDNS.title:  {dataInNames},
	chainAV.title:   {detected},
	chainBeat.title: {beacon},
	chainTask.title: {hiddenTask},
	chainDump.title: {readsSecrets},

	keyUse.title:    {calls("ci-publisher", "sts", true, "GetCallerIdentity")},
	keyList.title:   {calls("ci-publisher", "iam", true, "ListUsers", "ListRoles", "ListPolicies", "GetAccountAuthorizationDetails"), calls("ci-publisher", "s3", true, "ListBuckets")},
	keyTrail.title:  {calls("ci-publisher", "cloudtrail", false, "StopLogging")},
	keyUser.title:   {calls("ci-publisher", "iam", false, "CreateUser", "AttachUserPolicy", "CreateAccessKey")},
	keyPolicy.title: {calls("support-sync", "s3", false, "PutBucketPolicy")},
	keyBucket.title: {readsBucket},
	keyStart.title:  {calls("support-sync", "ec2", false, "RunInstances")},

	podProbe.title: {probes("/search?q=%7B%7B7*7%7D%7D", "/search?q=%7B%7Bconfig%7D%7D")},
	podShell.title: {podShellStarts},
	podMeta.title:  {nodeIdentity},
	podVault.title: {readsVault},
}

const (
	exchange   = "Microsoft Exchange Online"
	sharePoint = "Microsoft SharePoint Online"
)

// comesIn is a sign-in of every account from the attacker's address.
func comesIn(app, risk, factor string) deed {
	return func(s *trace) {
		for _, u := range s.users {
			s.signedIn(s.at, u, signin{app: app, address: s.address, risk: risk, factor: factor, agent: "Mozilla/5.0 (X11; Linux x86_64) Meadow/118.0"})
		}
	}
}

func audits(operation, category, target string) deed {
	return func(s *trace) {
		s.changed(s.at.Add(s.d.span(time.Second, time.Minute)), s.user(), operation, category, target, s.address)
	}
}

// acts are n activities in a cloud application within some minutes.
func acts(app, action, kind, object string, n int) deed {
	return func(s *trace) {
		u, from := s.user(), s.address
		if from == "" {
			from = u.HomeIP
		}
		at := s.at
		for i := range n {
			s.acted(at, u, act{app: app, action: action, kind: kind, object: fmt.Sprintf("%s %d", object, i+1), address: from})
			at = at.Add(s.d.span(200*time.Millisecond, 12*time.Second))
		}
	}
}

func click(s *trace) {
	if len(s.users) == 0 || len(s.urls) == 0 || len(s.mails) == 0 {
		return
	}
	u := s.user()
	address := u.Device.Address
	s.tracer.clicked(s.at, u, s.urls[0], s.mails[0].NetworkMessageID, address, true)
	s.connected(s.at.Add(time.Second), u.Device, connection{remote: "198.18.4.44", url: hostOf(s.urls[0]), port: 443, by: s.browser(u, s.at)})
	s.resolved(s.at, u.Device, hostOf(s.urls[0]), "198.18.4.44")
}

func hidingRule(s *trace) {
	raw := bag("Operation", "New-InboxRule", "Name", "..", "SubjectOrBodyContainsWords", "invoice;payment;bank", "MoveToFolder", "RSS Feeds", "MarkAsRead", "True", "ClientIP", s.address)
	s.acted(s.at, s.user(), act{app: exchange, action: "New-InboxRule", kind: "Mailbox rule", object: "..", address: s.address, raw: raw})
}

func forwarding(s *trace) {
	raw := bag("Operation", "Set-Mailbox", "ForwardingSmtpAddress", "smtp:copies@freepost.test", "DeliverToMailboxAndForward", "True", "ClientIP", s.address)
	s.acted(s.at, s.user(), act{app: exchange, action: "Set-Mailbox", kind: "Mailbox", object: s.user().Mailbox, address: s.address, raw: raw})
}

// promptFlood: second factors that were refused, then one that was not.
func promptFlood(s *trace) {
	at := s.at.Add(-9 * time.Minute)
	for range 8 {
		s.signedIn(at, s.user(), signin{app: "Remote access", address: s.address, code: 500121, risk: "medium", factor: "Mobile app notification"})
		at = at.Add(s.d.span(30*time.Second, time.Minute))
	}
	s.signedIn(s.at, s.user(), signin{app: "Remote access", address: s.address, risk: "medium", factor: "Mobile app notification"})
}

func vpnSession(s *trace) {
	s.row("CommonSecurityLog", s.at, "DeviceVendor", "Sample Networks", "DeviceProduct", "Gatehouse VPN", "DeviceEventClassID", "session", "Activity", "VPN session opened",
		"DeviceAction", "allow", "LogSeverity", "3", "Computer", strings.ToLower(s.device().Name), "SourceIP", s.address, "DestinationIP", "192.0.2.40", "DestinationPort", 443,
		"SourceUserName", s.user().UPN, "Protocol", "TCP")
}

func logsOn(kind string) deed {
	return func(s *trace) {
		from := s.from
		if from == nil {
			from = s.inner
		}
		s.loggedOn(s.at.Add(-s.d.span(time.Second, 20*time.Second)), s.device(), s.user(), logon{kind: kind, from: from, address: s.address})
	}
}

// spray is one password tried on many accounts, those that the alert names and
// many more.
func spray(s *trace) {
	tried := append(some(s.d, 80, s.people), s.users...)
	at := s.at.Add(-25 * time.Minute)
	for range 2 {
		for _, u := range tried {
			s.signedIn(at, u, signin{app: "Exchange Online", address: s.address, code: 50126, agent: "python-requests/2.31"})
			at = at.Add(s.d.span(time.Second, 8*time.Second))
		}
	}
}

func probes(paths ...string) deed {
	return func(s *trace) {
		at, to := s.at, "192.0.2.10"
		if s.inner != nil {
			to = s.inner.Address
		}
		for range 6 {
			for _, p := range paths {
				s.passed(at, traffic{from: s.address, to: to, url: "https://portal.larkmoor.example" + p, port: 443, activity: "HTTP request", sent: s.d.count(300, 900), received: s.d.count(200, 5000)})
				at = at.Add(s.d.span(100*time.Millisecond, 3*time.Second))
			}
		}
	}
}

func directory(action string) deed {
	return func(s *trace) {
		u, to := s.user(), s.device()
		s.row("IdentityDirectoryEvents", s.at, "ActionType", action, "Application", "Active Directory", "AccountName", strings.ToLower(u.SAM), "AccountDomain", s.DNSDomain,
			"AccountUpn", u.UPN, "AccountSid", u.SID, "AccountDisplayName", u.Name, "DestinationDeviceName", to.FQDN, "DestinationIPAddress", to.Address)
	}
}

// roast: tickets of all service accounts with the old cipher, within a minute.
func roast(s *trace) {
	from := s.from
	if from == nil {
		from = s.user().Device
	}
	at := s.at
	for range 3 {
		for _, svc := range s.services {
			s.authenticated(at, s.user(), from, s.byRole["dc"], "Resource access", bag("EncryptionType", "Rc4Hmac", "Spns", "MSSQLSvc/"+svc.SAM+"."+s.DNSDomain))
			at = at.Add(s.d.span(100*time.Millisecond, 2*time.Second))
		}
	}
}

// calls are calls to the API of AWS, one after the other.
func calls(user, service string, read bool, names ...string) deed {
	return func(s *trace) {
		at, region := s.at, ""
		if service == "ec2" {
			region = "ap-south-2"
		}
		thing := ""
		if len(s.things) > 0 {
			thing = s.things[0]
		}
		for _, name := range names {
			s.called(at, call{user: user, address: s.address, service: service, name: name, params: bag("name", thing), region: region, agent: "Boto3/1.34", read: read})
			at = at.Add(s.d.span(time.Second, 20*time.Second))
		}
	}
}

func readsBucket(s *trace) {
	at := s.at
	for i := range 120 {
		s.called(at, call{user: "support-sync", address: s.address, service: "s3", name: "GetObject", params: bag("bucketName", s.things[0], "key", fmt.Sprintf("2025/export-%04d.csv", i)), agent: "Boto3/1.34", read: true})
		at = at.Add(s.d.span(50*time.Millisecond, 3*time.Second))
	}
}

// purged: messages of the wave were moved after their delivery.
func purged(s *trace) {
	for _, m := range s.mails {
		s.row("EmailPostDeliveryEvents", s.at, "NetworkMessageId", m.NetworkMessageID, "InternetMessageId", m.InternetMessageID, "RecipientEmailAddress", m.RecipientEmailAddress,
			"Action", "Moved to quarantine", "ActionType", "Phish ZAP", "ActionTrigger", "SpecialAction", "ActionResult", "Success")
	}
}

// nodeIdentity: the identity of a node signs in from outside.
func nodeIdentity(s *trace) {
	s.row("AADManagedIdentitySignInLogs", s.at, "Category", "ManagedIdentitySignInLogs", "OperationName", "Sign-in activity", "ServicePrincipalName", s.device().Name,
		"IPAddress", s.address, "ResourceDisplayName", "Azure Key Vault", "ResultType", "0")
}

func readsVault(s *trace) {
	at := s.at
	for range 40 {
		s.row("AzureDiagnostics", at, "Category", "AuditEvent", "OperationName", "SecretGet", "CallerIPAddress", s.address, "Resource", "LM-PROD-VAULT", "ResultSignature", "OK")
		at = at.Add(s.d.span(200*time.Millisecond, 3*time.Second))
	}
}
