package link

import (
	"regexp"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
)

// What a text looks like decides which identifier of its entity it is.
var (
	looksLikeSID  = regexp.MustCompile(`^S-1-[0-9]+(-[0-9]+)+$`)
	looksLikeGUID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	looksLikeHash = regexp.MustCompile(`^([0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)
)

// evidence is an entity that the analyst marked. Devices, users and mailboxes
// were hit, everything else belongs to it.
func evidence(k Kind, text string, now time.Time) alert.Evidence {
	base := alert.EvidenceBase{CreatedDateTime: now}
	switch k {
	case Device:
		return device(base, text)
	case User:
		return &alert.UserEvidence{EvidenceBase: base, UserAccount: account(text)}
	case Mailbox:
		return &alert.MailboxEvidence{EvidenceBase: base, PrimaryAddress: text}
	case IP:
		return &alert.IPEvidence{EvidenceBase: base, IPAddress: text}
	case File:
		return &alert.FileEvidence{EvidenceBase: base, FileDetails: file(text)}
	case Process:
		return &alert.ProcessEvidence{EvidenceBase: base, ProcessCommandLine: text}
	case Mail:
		return &alert.AnalyzedMessageEvidence{EvidenceBase: base, NetworkMessageID: text}
	}
	return &alert.URLEvidence{EvidenceBase: base, URL: text}
}

func device(base alert.EvidenceBase, text string) alert.Evidence {
	d := &alert.DeviceEvidence{EvidenceBase: base}
	switch {
	case looksLikeHash.MatchString(text):
		d.MDEDeviceID = text
	case looksLikeGUID.MatchString(text):
		d.AzureADDeviceID = text
	case strings.Contains(text, "."):
		d.DeviceDNSName = text
	default:
		d.HostName = text
	}
	return d
}

func account(text string) *alert.UserAccount {
	switch {
	case looksLikeSID.MatchString(text):
		return &alert.UserAccount{UserSID: text}
	case looksLikeGUID.MatchString(text):
		return &alert.UserAccount{AzureADUserID: text}
	case strings.Contains(text, "@"):
		return &alert.UserAccount{UserPrincipalName: text}
	}
	domain, name, found := strings.Cut(text, `\`)
	if !found {
		return &alert.UserAccount{AccountName: text}
	}
	return &alert.UserAccount{DomainName: domain, AccountName: name}
}

func file(text string) *alert.FileDetails {
	if looksLikeHash.MatchString(text) {
		switch len(text) {
		case 32:
			return &alert.FileDetails{MD5: text}
		case 40:
			return &alert.FileDetails{SHA1: text}
		}
		return &alert.FileDetails{SHA256: text}
	}
	at := strings.LastIndexAny(text, `\/`)
	return &alert.FileDetails{FilePath: text[:max(at, 0)], FileName: text[at+1:]}
}
