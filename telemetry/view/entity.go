package view

import (
	"encoding/json"
	"strings"

	"github.com/clew-sec/clew/alert"
)

// entity sets the columns of one piece of evidence, and keeps the whole of it in
// AdditionalFields.
func (r row) entity(ev alert.Evidence) {
	r.text("EntityType", entityType(ev))
	role := role(ev)
	r.text("EvidenceRole", role)
	r.text("EntityRole", role)
	r.text("DetailedEntityRole", strings.Join(ev.Base().DetailedRoles, ", "))
	for _, role := range ev.Base().Roles {
		if role == alert.RoleSource || role == alert.RoleDestination {
			r.text("EvidenceDirection", words(string(role)))
		}
	}
	r.columns(ev)
	if text, err := alert.AppendEvidence(nil, ev); err == nil {
		r.json("AdditionalFields", json.RawMessage(text))
	}
}

func (r row) columns(ev alert.Evidence) {
	switch ev := ev.(type) {
	case *alert.DeviceEvidence:
		r.device(ev)
	case *alert.UserEvidence:
		r.account(ev.UserAccount)
	case *alert.MailboxEvidence:
		r.text("AccountUpn", ev.PrimaryAddress)
		r.account(ev.UserAccount)
	case *alert.FileEvidence:
		r.text("DeviceId", ev.MDEDeviceID)
		r.file(ev.FileDetails)
	case *alert.ProcessEvidence:
		r.process(ev)
	case *alert.IPEvidence:
		r.text("RemoteIP", ev.IPAddress)
	case *alert.URLEvidence:
		r.text("RemoteUrl", ev.URL)
	case *alert.DNSEvidence:
		r.text("RemoteUrl", ev.DomainName)
	case *alert.RegistryKeyEvidence:
		r.text("RegistryKey", registryPath(ev.RegistryHive, ev.RegistryKey))
	case *alert.RegistryValueEvidence:
		r.text("RegistryKey", registryPath(ev.RegistryHive, ev.RegistryKey))
		r.text("RegistryValueName", ev.RegistryValueName)
		r.text("RegistryValueData", ev.RegistryValue)
		r.text("DeviceId", ev.MDEDeviceID)
	case *alert.AnalyzedMessageEvidence:
		r.text("NetworkMessageId", ev.NetworkMessageID)
		r.text("EmailSubject", ev.Subject)
		r.text("AccountUpn", ev.RecipientEmailAddress)
	default:
		r.cloud(ev)
	}
}

func (r row) cloud(ev alert.Evidence) {
	switch ev := ev.(type) {
	case *alert.CloudApplicationEvidence:
		r.text("Application", ev.DisplayName)
		if ev.AppID != 0 {
			r.number("ApplicationId", ev.AppID)
		}
	case *alert.OauthApplicationEvidence:
		r.text("Application", ev.DisplayName)
		r.text("OAuthApplicationId", ev.AppID)
	case *alert.AzureResourceEvidence:
		r.resource("Azure", ev.ResourceID, ev.ResourceName, ev.ResourceType)
	case *alert.AmazonResourceEvidence:
		r.resource("Amazon Web Services", ev.AmazonResourceID, ev.ResourceName, ev.ResourceType)
		r.text("SubscriptionId", ev.AmazonAccountID)
	case *alert.GoogleCloudResourceEvidence:
		r.resource("Google Cloud Platform", ev.FullResourceName, ev.ResourceName, ev.ResourceType)
		r.text("SubscriptionId", ev.ProjectID)
	}
}

func (r row) resource(platform, id, name, kind string) {
	r.text("CloudPlatform", platform)
	r.text("ResourceID", id)
	r.text("CloudResourceId", id)
	r.text("CloudResource", name)
	r.text("ResourceType", kind)
	r.text("CloudResourceType", kind)
}

func (r row) device(ev *alert.DeviceEvidence) {
	r.text("DeviceId", ev.MDEDeviceID)
	name := ev.DeviceDNSName
	if name == "" {
		name = ev.HostName
	}
	r.text("DeviceName", strings.ToLower(name))
	r.text("LocalIP", ev.LastIPAddress)
}

func (r row) account(u *alert.UserAccount) {
	if u == nil {
		return
	}
	r.text("AccountName", u.AccountName)
	r.text("AccountDomain", u.DomainName)
	r.text("AccountSid", u.UserSID)
	r.text("AccountObjectId", u.AzureADUserID)
	r.text("AccountUpn", u.UserPrincipalName)
}

func (r row) file(f *alert.FileDetails) {
	if f == nil {
		return
	}
	r.text("FileName", f.FileName)
	r.text("FolderPath", f.FilePath)
	r.text("SHA1", strings.ToLower(f.SHA1))
	r.text("SHA256", strings.ToLower(f.SHA256))
	if f.FileSize != 0 {
		r.number("FileSize", f.FileSize)
	}
}

func (r row) process(ev *alert.ProcessEvidence) {
	r.text("DeviceId", ev.MDEDeviceID)
	r.text("ProcessCommandLine", ev.ProcessCommandLine)
	r.file(ev.ImageFile)
	r.account(ev.UserAccount)
}

func registryPath(hive, key string) string {
	if hive == "" || strings.HasPrefix(key, hive) {
		return key
	}
	return hive + `\` + key
}

// entityTypes are the kinds whose name in the hunting tables is not the name of
// the evidence.
var entityTypes = map[string]string{
	"device": "Machine", "analyzedMessage": "MailMessage", "oauthApplication": "OAuthApplication", "azureResource": "CloudResource",
	"amazonResource": "CloudResource", "googleCloudResource": "CloudResource",
}

func entityType(ev alert.Evidence) string {
	kind := strings.TrimSuffix(alert.EvidenceType(ev), "Evidence")
	if name, ok := entityTypes[kind]; ok {
		return name
	}
	if kind == "" {
		return ""
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

// role tells what was hit from what was only seen. Where the product gave no
// role, devices, users, mailboxes and the cloud's resources were hit.
func role(ev alert.Evidence) string {
	for _, role := range ev.Base().Roles {
		switch role {
		case alert.RoleCompromised, alert.RoleAttacked:
			return "Impacted"
		case alert.RoleAttacker, alert.RoleSource, alert.RoleCommandAndControl, alert.RoleSuspicious:
			return "Related"
		}
	}
	switch ev.(type) {
	case *alert.DeviceEvidence, *alert.UserEvidence, *alert.MailboxEvidence, *alert.AzureResourceEvidence,
		*alert.AmazonResourceEvidence, *alert.GoogleCloudResourceEvidence, *alert.CloudApplicationEvidence:
		return "Impacted"
	}
	return "Related"
}

// compromised names the first thing that was hit.
func compromised(list []alert.Evidence) string {
	for _, ev := range list {
		if role(ev) != "Impacted" {
			continue
		}
		switch ev := ev.(type) {
		case *alert.DeviceEvidence:
			if ev.DeviceDNSName != "" {
				return ev.DeviceDNSName
			}
			return ev.HostName
		case *alert.UserEvidence:
			if u := ev.UserAccount; u != nil && u.UserPrincipalName != "" {
				return u.UserPrincipalName
			}
		case *alert.MailboxEvidence:
			return ev.PrimaryAddress
		}
	}
	return ""
}
