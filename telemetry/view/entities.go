package view

import (
	"strconv"
	"strings"

	"github.com/clew-sec/clew/alert"
)

// sentinelEntity is one element of SecurityAlert.Entities; queries read its
// fields by these names.
type sentinelEntity map[string]any

// entities writes evidence as the list that SecurityAlert holds.
func entities(list []alert.Evidence) []sentinelEntity {
	out := make([]sentinelEntity, 0, len(list))
	for _, ev := range list {
		e := sentinelOf(ev)
		if e == nil {
			continue
		}
		e["$id"] = strconv.Itoa(len(out) + 2)
		out = append(out, e)
	}
	return out
}

func sentinelOf(ev alert.Evidence) sentinelEntity {
	switch ev := ev.(type) {
	case *alert.DeviceEvidence:
		return hostEntity(ev)
	case *alert.UserEvidence:
		return accountEntity(ev.UserAccount)
	case *alert.MailboxEvidence:
		return fields("mailbox", "MailboxPrimaryAddress", ev.PrimaryAddress, "DisplayName", ev.DisplayName, "Upn", ev.UPN)
	case *alert.IPEvidence:
		return fields("ip", "Address", ev.IPAddress)
	case *alert.URLEvidence:
		return fields("url", "Url", ev.URL)
	case *alert.DNSEvidence:
		return fields("dns", "DomainName", ev.DomainName)
	case *alert.FileEvidence:
		return fileEntity(ev.FileDetails)
	case *alert.ProcessEvidence:
		e := fields("process", "CommandLine", ev.ProcessCommandLine)
		if ev.ProcessID != 0 {
			e["ProcessId"] = strconv.FormatInt(ev.ProcessID, 10)
		}
		if ev.ImageFile != nil {
			e["ImageFile"] = fileEntity(ev.ImageFile)
		}
		return e
	case *alert.RegistryKeyEvidence:
		return fields("registry-key", "Hive", ev.RegistryHive, "Key", ev.RegistryKey)
	case *alert.RegistryValueEvidence:
		return fields("registry-value", "Name", ev.RegistryValueName, "Value", ev.RegistryValue)
	case *alert.AnalyzedMessageEvidence:
		return fields("mailMessage", "Recipient", ev.RecipientEmailAddress, "NetworkMessageId", ev.NetworkMessageID, "Subject", ev.Subject,
			"InternetMessageId", ev.InternetMessageID, "SenderIP", ev.SenderIP)
	case *alert.CloudApplicationEvidence:
		return fields("cloud-application", "Name", ev.DisplayName, "InstanceName", ev.InstanceName)
	case *alert.AzureResourceEvidence:
		return fields("azure-resource", "ResourceId", ev.ResourceID)
	}
	return fields(strings.TrimSuffix(alert.EvidenceType(ev), "Evidence"))
}

// fields makes an entity of pairs of names and values; empty ones are left out.
func fields(kind string, pairs ...string) sentinelEntity {
	if kind == "" {
		return nil
	}
	e := sentinelEntity{"Type": kind}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			e[pairs[i]] = pairs[i+1]
		}
	}
	return e
}

func hostEntity(ev *alert.DeviceEvidence) sentinelEntity {
	name, domain, _ := strings.Cut(ev.DeviceDNSName, ".")
	if ev.HostName != "" {
		name = ev.HostName
	}
	if ev.DNSDomain != "" {
		domain = ev.DNSDomain
	}
	return fields("host", "HostName", name, "DnsDomain", domain, "AadDeviceId", ev.AzureADDeviceID, "MdatpDeviceId", ev.MDEDeviceID)
}

func accountEntity(u *alert.UserAccount) sentinelEntity {
	if u == nil {
		return nil
	}
	name, suffix, _ := strings.Cut(u.UserPrincipalName, "@")
	if u.AccountName != "" {
		name = u.AccountName
	}
	return fields("account", "Name", name, "UPNSuffix", suffix, "NTDomain", u.DomainName, "Sid", u.UserSID, "AadUserId", u.AzureADUserID,
		"DisplayName", u.DisplayName)
}

func fileEntity(f *alert.FileDetails) sentinelEntity {
	if f == nil {
		return nil
	}
	e := fields("file", "Name", f.FileName, "Directory", f.FilePath)
	var hashes []sentinelEntity
	for _, h := range []struct{ algorithm, value string }{{"SHA1", f.SHA1}, {"SHA256", f.SHA256}, {"MD5", f.MD5}} {
		if h.value != "" {
			hashes = append(hashes, fields("filehash", "Algorithm", h.algorithm, "Value", h.value))
		}
	}
	if hashes != nil {
		e["FileHashes"] = hashes
	}
	return e
}
