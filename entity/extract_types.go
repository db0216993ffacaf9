package entity

import (
	"strconv"
	"strings"

	"github.com/clew-sec/clew/alert"
)

// evidence reads one item by its type. The cases follow the groups of the
// Graph model; a type without a case is read as unknown.
func (c *collector) evidence(ev alert.Evidence, depth int) {
	if depth > maxNested || ev == nil {
		return
	}
	if c.endpoint(ev) || c.identity(ev) || c.mail(ev) || c.network(ev) || c.cloud(ev, depth) || c.cluster(ev, depth) || c.works(ev, depth) {
		return
	}
	c.unknown(ev)
}

func (c *collector) endpoint(ev alert.Evidence) bool {
	switch e := ev.(type) {
	case *alert.DeviceEvidence:
		c.device(e)
	case *alert.FileEvidence:
		c.file(e.FileDetails, e.MDEDeviceID, false)
	case *alert.FileHashEvidence:
		c.fileHash(e.Algorithm, e.Value, false)
	case *alert.ProcessEvidence:
		c.process(e)
	case *alert.RegistryKeyEvidence:
		c.registry("", e.RegistryHive, e.RegistryKey, "")
	case *alert.RegistryValueEvidence:
		c.registry(e.MDEDeviceID, e.RegistryHive, e.RegistryKey, e.RegistryValueName)
	case *alert.MalwareEvidence:
		c.malware(e)
	case *alert.IoTDeviceEvidence:
		c.iot(e)
	case *alert.NICEvidence:
		c.nic(e)
	default:
		return false
	}
	return true
}

func (c *collector) registry(device, hive, key, value string) {
	path := normalPath(strings.Trim(hive+`\`+key, `\`), "")
	if value != "" && path != "" {
		path += `\` + folded(value)
	}
	c.id(Registry, "key", folded(device), path)
	c.done(Registry, path, false)
}

func (c *collector) malware(e *alert.MalwareEvidence) {
	c.id(Malware, "threat", "", folded(e.Name))
	c.done(Malware, e.Name, false)
	c.inner(func() {
		for _, f := range e.Files[:min(len(e.Files), 64)] {
			if f != nil {
				c.file(f.FileDetails, f.MDEDeviceID, false)
			}
		}
		for _, p := range e.Processes[:min(len(e.Processes), 64)] {
			if p != nil {
				c.process(p)
			}
		}
	})
}

func (c *collector) iot(e *alert.IoTDeviceEvidence) {
	c.id(Device, "iotDeviceId", iotHub(e), folded(e.DeviceID))
	c.id(Device, "mac", "", normalMAC(e.MacAddress))
	c.id(Device, "serial", folded(e.Manufacturer), folded(e.SerialNumber))
	c.id(Device, "hostName", "iot", normalHost(e.DeviceName))
	c.done(Device, firstOf(e.DeviceName, e.DeviceID, e.MacAddress), false)
	c.inner(func() {
		c.ip(e.IPAddress, true)
		for _, n := range e.Nics[:min(len(e.Nics), 32)] {
			if n != nil {
				c.ip(n.IPAddress, true)
			}
		}
		if e.IoTHub != nil {
			c.azure(e.IoTHub)
		}
	})
}

func iotHub(e *alert.IoTDeviceEvidence) string {
	if e.IoTHub == nil {
		return ""
	}
	return folded(e.IoTHub.ResourceID)
}

func normalMAC(s string) string {
	s = strings.NewReplacer(":", "", "-", "", ".", "").Replace(folded(s))
	if len(s) != 12 || s == "000000000000" || s == "ffffffffffff" {
		return ""
	}
	return s
}

func (c *collector) nic(e *alert.NICEvidence) {
	c.id(Device, "mac", "", normalMAC(e.MacAddress))
	c.done(Device, e.MacAddress, false)
	c.inner(func() { c.ip(e.IPAddress, true) })
}

func (c *collector) identity(ev alert.Evidence) bool {
	switch e := ev.(type) {
	case *alert.UserEvidence:
		c.account(e.UserAccount, false)
		if e.UserAccount != nil {
			c.inner(func() { c.accessEvents(e.UserAccount.ResourceAccessEvents) })
		}
	case *alert.HostLogonSessionEvidence:
		c.hostSession(e)
	case *alert.CloudLogonSessionEvidence:
		c.id(Session, "sessionId", "", folded(e.SessionID))
		c.done(Session, e.SessionID, false)
		c.inner(func() { c.userEvidence(e.Account) })
	case *alert.CloudLogonRequestEvidence:
		c.id(Session, "requestId", "", folded(e.RequestID))
		c.done(Session, e.RequestID, false)
	case *alert.SecurityGroupEvidence:
		c.id(Group, "aadId", "", normalGUID(e.SecurityGroupID))
		c.id(Group, "adGuid", "", normalGUID(e.ActiveDirectoryObjectGuid))
		c.id(Group, "sid", "", strings.ToUpper(strings.TrimSpace(e.SID)))
		c.id(Group, "dn", "", folded(e.DistinguishedName))
		if len(c.ids) == c.mark {
			c.id(Group, "name", "", folded(firstOf(e.DisplayName, e.FriendlyName)))
		}
		c.done(Group, firstOf(e.DisplayName, e.FriendlyName, e.DistinguishedName), false)
	case *alert.ServicePrincipalEvidence:
		c.id(App, "objectId", "", normalGUID(e.ServicePrincipalObjectID))
		c.id(App, "appId", "", normalGUID(e.AppID))
		c.done(App, firstOf(e.ServicePrincipalName, e.AppID), false)
	case *alert.ActiveDirectoryDomainEvidence:
		c.host(e.ActiveDirectoryDomainName)
	default:
		return false
	}
	return true
}

func (c *collector) userEvidence(e *alert.UserEvidence) {
	if e != nil {
		c.account(e.UserAccount, false)
	}
}

func (c *collector) hostSession(e *alert.HostLogonSessionEvidence) {
	scope := ""
	if e.Host != nil {
		scope = folded(firstOf(e.Host.MDEDeviceID, e.Host.DeviceDNSName, e.Host.HostName))
	}
	c.id(Session, "hostSession", scope, folded(e.SessionID))
	c.done(Session, e.SessionID, false)
	c.inner(func() {
		c.userEvidence(e.Account)
		c.device(e.Host)
	})
}

func (c *collector) mail(ev alert.Evidence) bool {
	switch e := ev.(type) {
	case *alert.MailboxEvidence:
		c.mailbox(e.PrimaryAddress, e.UPN, e.UserAccount)
	case *alert.AnalyzedMessageEvidence:
		c.message(e)
	case *alert.MailClusterEvidence:
		c.mailCluster(e)
	case *alert.SubmissionMailEvidence:
		c.id(Mail, "networkMessageId", "", normalGUID(e.NetworkMessageID))
		c.id(Mail, "submissionId", "", normalGUID(e.SubmissionID))
		c.done(Mail, firstOf(e.Subject, e.SubmissionID), false)
		c.inner(func() {
			c.senderAddress(e.Sender)
			c.user(e.Recipient, false)
			c.user(e.Submitter, true)
			c.address(e.SenderIP, true)
		})
	case *alert.MailboxConfigurationEvidence:
		c.id(Mailbox, "configuration", normalAddress(e.MailboxPrimaryAddress), folded(e.ConfigurationID))
		c.done(Mailbox, firstOf(e.DisplayName, string(e.ConfigurationType)), false)
		c.inner(func() {
			c.mailbox(e.MailboxPrimaryAddress, e.UPN, &alert.UserAccount{AzureADUserID: e.ExternalDirectoryObjectID})
		})
	case *alert.TeamsMessageEvidence:
		c.teams(e)
	default:
		return false
	}
	return true
}

// mailbox reads a mailbox and the user behind it.
func (c *collector) mailbox(primary, upn string, u *alert.UserAccount) {
	address := normalAddress(primary)
	c.id(Mailbox, "address", "", firstOf(address, normalAddress(upn)))
	c.done(Mailbox, firstOf(primary, upn), false)
	c.inner(func() {
		c.id(User, "upn", "", normalAddress(upn))
		c.id(User, "upn", "", address)
		if u == nil {
			c.done(User, firstOf(upn, primary), false)
			return
		}
		c.account(u, false)
	})
}

func (c *collector) message(e *alert.AnalyzedMessageEvidence) {
	c.id(Mail, "networkMessageId", "", normalGUID(e.NetworkMessageID))
	c.id(Mail, "internetMessageId", "", strings.Trim(strings.TrimSpace(e.InternetMessageID), "<>"))
	c.done(Mail, firstOf(e.Subject, e.NetworkMessageID), false)
	c.inner(func() {
		c.sender(e.P2Sender)
		if e.P1Sender != nil && (e.P2Sender == nil || !strings.EqualFold(e.P1Sender.EmailAddress, e.P2Sender.EmailAddress)) {
			c.sender(e.P1Sender)
		}
		c.user(e.RecipientEmailAddress, false)
		c.address(e.SenderIP, true)
		for _, u := range e.Urls[:min(len(e.Urls), 64)] {
			c.page(u)
		}
	})
}

func (c *collector) mailCluster(e *alert.MailClusterEvidence) {
	c.id(MailCluster, "urn", "", folded(e.URN))
	if e.ClusterByValue != "" {
		c.id(MailCluster, "cluster", folded(e.ClusterBy), folded(e.ClusterByValue))
	} else {
		c.id(MailCluster, "query", "", folded(e.Query))
	}
	c.done(MailCluster, firstOf(e.ClusterByValue, e.Query), false)
	c.inner(func() {
		for _, id := range e.NetworkMessageIds[:min(len(e.NetworkMessageIds), 64)] {
			c.id(Mail, "networkMessageId", "", normalGUID(id))
			c.done(Mail, id, true)
		}
	})
}

func (c *collector) teams(e *alert.TeamsMessageEvidence) {
	c.id(Mail, "teamsMessageId", folded(e.ThreadID), folded(e.MessageID))
	c.id(Mail, "teamsCampaign", "", folded(e.CampaignID))
	c.done(Mail, firstOf(e.Subject, e.MessageID), false)
	c.inner(func() {
		c.senderAddress(e.SenderFromAddress)
		c.address(e.SenderIP, true)
		for _, r := range e.Recipients[:min(len(e.Recipients), 64)] {
			c.user(r, false)
		}
		for _, u := range e.Urls[:min(len(e.Urls), 64)] {
			if u != nil {
				c.page(u.URL)
			}
		}
		for _, f := range e.Files[:min(len(e.Files), 64)] {
			if f != nil {
				c.file(f.FileDetails, "", false)
			}
		}
	})
}

func (c *collector) network(ev alert.Evidence) bool {
	switch e := ev.(type) {
	case *alert.IPEvidence:
		c.address(e.IPAddress, false)
	case *alert.URLEvidence:
		c.page(e.URL)
	case *alert.DNSEvidence:
		c.host(e.DomainName)
		c.inner(func() {
			c.ip(e.HostIPAddress, false)
			for _, a := range e.IPAddresses[:min(len(e.IPAddresses), 64)] {
				c.ip(a, false)
			}
		})
	case *alert.NetworkConnectionEvidence:
		c.ip(e.SourceAddress, false)
		c.ip(e.DestinationAddress, false)
	default:
		return false
	}
	return true
}

func (c *collector) unknown(ev alert.Evidence) {
	base := ev.Base()
	for _, t := range base.Tags[:min(len(base.Tags), 8)] {
		c.id(Other, "tag", alert.EvidenceType(ev), folded(t))
	}
	c.done(Other, alert.EvidenceType(ev), false)
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
