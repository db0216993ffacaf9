package demo

import (
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
)

// Short names of the roles and verdicts that the scripts use.
const (
	attacked    = alert.RoleAttacked
	compromised = alert.RoleCompromised
	attacker    = alert.RoleAttacker
	source      = alert.RoleSource
	destination = alert.RoleDestination
	c2          = alert.RoleCommandAndControl
	created     = alert.RoleCreated
	contextual  = alert.RoleContextual
	edited      = alert.RoleEdited
	added       = alert.RoleAdded
	violator    = alert.RolePolicyViolator
	scanned     = alert.RoleScanned
)

// as sets the roles of ev.
func as[E alert.Evidence](ev E, roles ...alert.Role) E {
	ev.Base().Roles = roles
	return ev
}

func bad[E alert.Evidence](ev E) E {
	ev.Base().Verdict = alert.VerdictMalicious
	return ev
}

func odd[E alert.Evidence](ev E) E {
	ev.Base().Verdict = alert.VerdictSuspicious
	return ev
}

// stopped marks evidence that the product kept from doing harm.
func stopped[E alert.Evidence](ev E, status alert.RemediationStatus) E {
	ev.Base().Verdict = alert.VerdictMalicious
	ev.Base().RemediationStatus = status
	return ev
}

func userEv(c *Company, u *User, roles ...alert.Role) *alert.UserEvidence {
	return as(&alert.UserEvidence{UserAccount: account(c, u)}, roles...)
}

func account(c *Company, u *User) *alert.UserAccount {
	return &alert.UserAccount{
		AccountName: u.SAM, DomainName: c.NTDomain, UserSID: u.SID, AzureADUserID: u.ObjectID,
		UserPrincipalName: u.UPN, DisplayName: u.Name,
	}
}

// outsider is an account that the directory does not hold.
func outsider(name string, roles ...alert.Role) *alert.UserEvidence {
	return as(&alert.UserEvidence{UserAccount: &alert.UserAccount{AccountName: name}}, roles...)
}

func deviceEv(c *Company, dev *Device, roles ...alert.Role) *alert.DeviceEvidence {
	ev := &alert.DeviceEvidence{
		AzureADDeviceID: dev.ObjectID, MDEDeviceID: dev.SensorID, HostName: strings.ToLower(dev.Name),
		DeviceDNSName: dev.FQDN, DNSDomain: c.DNSDomain, NTDomain: c.NTDomain, OSPlatform: dev.OS, Version: dev.Version,
		LastIPAddress: dev.Address, HealthStatus: alert.DeviceHealthStatusActive, OnboardingStatus: alert.OnboardingStatusOnboarded,
		DefenderAVStatus: alert.DefenderAVStatusUpdated,
	}
	if dev.Address != "" {
		ev.IPInterfaces = []string{dev.Address}
	}
	if dev.Critical {
		ev.Tags = []string{"critical asset"}
	}
	return as(ev, roles...)
}

func ipEv(address string, roles ...alert.Role) *alert.IPEvidence {
	return as(&alert.IPEvidence{IPAddress: address}, roles...)
}

func urlEv(url string, roles ...alert.Role) *alert.URLEvidence {
	return as(&alert.URLEvidence{URL: url}, roles...)
}

func domainEv(name string, roles ...alert.Role) *alert.DNSEvidence {
	return as(&alert.DNSEvidence{DomainName: name}, roles...)
}

func mailboxEv(u *User, roles ...alert.Role) *alert.MailboxEvidence {
	return as(&alert.MailboxEvidence{PrimaryAddress: u.Mailbox, UPN: u.UPN, DisplayName: u.Name}, roles...)
}

func appEv(name string, roles ...alert.Role) *alert.CloudApplicationEvidence {
	id := int64(10000 + len(name)*137)
	return as(&alert.CloudApplicationEvidence{DisplayName: name, InstanceName: name, AppID: id, SaaSAppID: id}, roles...)
}

// file is a file that a script names several times.
type file struct{ path, name, sha256, signer string }

func newFile(d *dice, path string) file {
	cut := strings.LastIndexAny(path, `\/`)
	return file{path: path[:max(cut, 0)], name: path[cut+1:], sha256: d.hex(64)}
}

// wellKnown is a program of the operating system: its hash never changes.
func wellKnown(path string) file {
	cut := strings.LastIndexAny(path, `\/`)
	return file{path: path[:max(cut, 0)], name: path[cut+1:], sha256: digest(path), signer: "Sample Systems Corporation"}
}

func (f file) details() *alert.FileDetails {
	return &alert.FileDetails{
		FileName: f.name, FilePath: f.path, SHA256: f.sha256, SHA1: f.sha256[:40], FileSize: int64(len(f.name)) * 40961, Signer: f.signer,
	}
}

func (f file) ev(dev *Device, roles ...alert.Role) *alert.FileEvidence {
	return as(&alert.FileEvidence{FileDetails: f.details(), MDEDeviceID: dev.SensorID, DetectionStatus: alert.DetectionStatusDetected}, roles...)
}

// process is a running program that later evidence can name as its parent.
type process struct {
	image   file
	command string
	pid     int64
	born    time.Time
	parent  *process
	dev     *Device
	user    *User
}

func (p *process) ev(c *Company, roles ...alert.Role) *alert.ProcessEvidence {
	ev := &alert.ProcessEvidence{
		ImageFile: p.image.details(), MDEDeviceID: p.dev.SensorID, ProcessCommandLine: p.command, ProcessID: p.pid,
		ProcessCreationDateTime: p.born, DetectionStatus: alert.DetectionStatusDetected,
	}
	if p.parent != nil {
		ev.ParentProcessID, ev.ParentProcessCreationDateTime = p.parent.pid, p.parent.born
		ev.ParentProcessImageFile = p.parent.image.details()
	}
	if p.user != nil {
		ev.UserAccount = account(c, p.user)
	}
	return as(ev, roles...)
}

// message is a mail that a script names several times.
type message struct {
	subject, sender, senderName, senderIP string
	urls                                  []string
	received                              time.Time
	outcome, place                        string // deliveryAction, deliveryLocation
}

func (m message) ev(to string, roles ...alert.Role) *alert.AnalyzedMessageEvidence {
	at := strings.LastIndexByte(m.sender, '@')
	// One message to one person keeps its ids, whichever alert names it.
	id := digest(m.subject + m.sender + to + m.received.String())
	who := &alert.EmailSender{EmailAddress: m.sender, DisplayName: m.senderName, DomainName: m.sender[at+1:]}
	return as(&alert.AnalyzedMessageEvidence{
		Subject: m.subject, P1Sender: who, P2Sender: who, SenderIP: m.senderIP, RecipientEmailAddress: to, Urls: m.urls,
		URLCount: int64(len(m.urls)), ReceivedDateTime: m.received, NetworkMessageID: asGUID(id[:32]),
		InternetMessageID: "<" + id[40:] + m.sender[at:] + ">", AntiSpamDirection: "inbound",
		DeliveryAction: m.outcome, DeliveryLocation: m.place, Threats: []string{"phish"},
	}, roles...)
}

func cloudEv(c *Company, r *Cloud, roles ...alert.Role) alert.Evidence {
	var ev alert.Evidence
	switch r.Provider {
	case "aws":
		ev = &alert.AmazonResourceEvidence{AmazonAccountID: c.AWSAccount, AmazonResourceID: r.ID, ResourceName: r.Name, ResourceType: r.Type}
	case "azure":
		ev = &alert.AzureResourceEvidence{ResourceID: r.ID, ResourceName: r.Name, ResourceType: r.Type}
	default:
		ev = &alert.GoogleCloudResourceEvidence{FullResourceName: r.ID, ProjectID: c.GCPProject, ResourceName: r.Name, ResourceType: r.Type}
	}
	if r.Critical {
		ev.Base().Tags = []string{"critical asset"}
	}
	return as(ev, roles...)
}

func flow(from, to string, port int32) *alert.NetworkConnectionEvidence {
	return as(&alert.NetworkConnectionEvidence{
		SourceAddress: ipEv(from), DestinationAddress: ipEv(to), DestinationPort: port, Protocol: alert.ProtocolTypeTcp,
	}, contextual)
}

// trim takes away the identifiers that the product would not know.
func trim(p *product, d *dice, ev alert.Evidence) {
	switch e := ev.(type) {
	case *alert.UserEvidence:
		trimAccount(p, d, e.UserAccount)
	case *alert.ProcessEvidence:
		if e.UserAccount != nil {
			trimAccount(p, d, e.UserAccount)
		}
	case *alert.DeviceEvidence:
		trimDevice(p, d, e)
	}
}

func trimAccount(p *product, d *dice, a *alert.UserAccount) {
	switch p.knows {
	case byCloud:
		a.AccountName, a.DomainName, a.UserSID = "", "", ""
		if a.UserPrincipalName == "" {
			return
		}
		if d.chance(0.25) {
			a.AzureADUserID = ""
		}
	case bySensor:
		a.DisplayName = ""
		if a.UserSID != "" && d.chance(0.35) {
			a.UserPrincipalName = ""
		}
		if a.UserSID != "" && d.chance(0.4) {
			a.AzureADUserID = ""
		}
	case byLog:
		a.DisplayName, a.UserSID, a.AzureADUserID = "", "", ""
		if a.UserPrincipalName != "" && d.chance(0.6) {
			a.AccountName, a.DomainName = "", ""
		} else if a.AccountName != "" {
			a.UserPrincipalName = ""
		}
	}
}

func trimDevice(p *product, d *dice, e *alert.DeviceEvidence) {
	if p.knows == bySensor {
		if d.chance(0.3) {
			e.AzureADDeviceID = ""
		}
		return
	}
	e.MDEDeviceID, e.AzureADDeviceID, e.HealthStatus, e.OnboardingStatus, e.DefenderAVStatus = "", "", "", "", ""
	if p.knows == byLog && d.chance(0.4) {
		e.DeviceDNSName, e.DNSDomain, e.NTDomain = "", "", ""
	}
}
