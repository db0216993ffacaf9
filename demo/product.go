package demo

import (
	"time"

	"github.com/clew-sec/clew/alert"
)

// product is a source of alerts: how it names itself, how late its alerts come
// and which identifiers it knows.
type product struct {
	prefix    string // of the alert ids
	name      string
	service   alert.ServiceSource
	detection alert.DetectionSource
	delay     time.Duration // typical time from activity to alert
	knows     identifiers
}

// identifiers says which names of users and devices a product carries.
type identifiers uint8

const (
	byDirectory  identifiers = iota // NT account, SID, DNS name
	bySensor                        // as byDirectory, with the sensor's device id
	byCloud                         // sign-in name and object id
	byLog                           // whatever stood in a log line: short names
	byCloudOwner                    // the cloud provider's own ids
)

var (
	endpoint   = &product{"da", "Microsoft Defender for Endpoint", alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceMicrosoftDefenderForEndpoint, 5 * time.Minute, bySensor}
	antivirus  = &product{"da", "Microsoft Defender Antivirus", alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceAntivirus, 2 * time.Minute, bySensor}
	identity   = &product{"aa", "Microsoft Defender for Identity", alert.ServiceSourceMicrosoftDefenderForIdentity, alert.DetectionSourceMicrosoftDefenderForIdentity, 12 * time.Minute, byDirectory}
	office     = &product{"fa", "Microsoft Defender for Office 365", alert.ServiceSourceMicrosoftDefenderForOffice365, alert.DetectionSourceMicrosoftDefenderForOffice365, 15 * time.Minute, byCloud}
	cloudApps  = &product{"ca", "Microsoft Defender for Cloud Apps", alert.ServiceSourceMicrosoftDefenderForCloudApps, alert.DetectionSourceCloudAppSecurity, 35 * time.Minute, byCloud}
	governance = &product{"ma", "Microsoft App Governance", alert.ServiceSourceMicrosoftAppGovernance, alert.DetectionSourceAppGovernanceDetection, 50 * time.Minute, byCloud}
	entra      = &product{"ad", "Microsoft Entra ID Protection", alert.ServiceSourceAzureADIdentityProtection, alert.DetectionSourceAzureADIdentityProtection, 20 * time.Minute, byCloud}
	servers    = &product{"dc", "Microsoft Defender for Cloud", alert.ServiceSourceMicrosoftDefenderForCloud, alert.DetectionSourceMicrosoftDefenderForServers, 18 * time.Minute, byCloudOwner}
	containers = &product{"dc", "Microsoft Defender for Cloud", alert.ServiceSourceMicrosoftDefenderForCloud, alert.DetectionSourceMicrosoftDefenderForContainers, 14 * time.Minute, byCloudOwner}
	databases  = &product{"dc", "Microsoft Defender for Cloud", alert.ServiceSourceMicrosoftDefenderForCloud, alert.DetectionSourceMicrosoftDefenderForDatabases, 25 * time.Minute, byCloudOwner}
	resources  = &product{"dc", "Microsoft Defender for Cloud", alert.ServiceSourceMicrosoftDefenderForCloud, alert.DetectionSourceMicrosoftDefenderForResourceManager, 22 * time.Minute, byCloudOwner}
	sentinel   = &product{"sn", "Microsoft Sentinel", alert.ServiceSourceMicrosoftSentinel, alert.DetectionSourceScheduledAlerts, 40 * time.Minute, byLog}
	dlp        = &product{"dl", "Microsoft Data Loss Prevention", alert.ServiceSourceDataLossPrevention, alert.DetectionSourceMicrosoftDataLossPrevention, 20 * time.Minute, byCloud}
	insider    = &product{"ir", "Microsoft Purview Insider Risk Management", alert.ServiceSourceMicrosoftInsiderRiskManagement, alert.DetectionSourceMicrosoftInsiderRiskManagement, 3 * time.Hour, byCloud}
	network    = &product{"su", "Suricata", alert.ServiceSourceUnknown, alert.DetectionSourceUnknown, 20 * time.Second, byLog}
	host       = &product{"wz", "Wazuh", alert.ServiceSourceUnknown, alert.DetectionSourceUnknown, 40 * time.Second, byLog}
	guardDuty  = &product{"gd", "Amazon GuardDuty", alert.ServiceSourceUnknown, alert.DetectionSourceUnknown, 15 * time.Minute, byCloudOwner}
)

// rule is one detection of one product.
type rule struct {
	by       *product
	severity alert.Severity
	category string // ATT&CK tactic or threat kind, as Graph writes it
	// techniques are ATT&CK ids, separated by spaces.
	techniques string
	// title, what and do may name {user}, {device} and {address}: the first
	// of the alert's evidence.
	title, what, do string
}

const (
	info   = alert.SeverityInformational
	low    = alert.SeverityLow
	medium = alert.SeverityMedium
	high   = alert.SeverityHigh
)

// Recommended actions that several rules share.
const (
	doAccount = "Ask the person, by a way other than mail, whether this was them. If not: revoke sessions, reset the password, check for new sign-in methods and inbox rules."
	doDevice  = "Isolate the device, collect an investigation package, and look for the same file, address and account on other devices before cleaning up."
	doMail    = "Remove the message from all mailboxes, block the sender and the address it links to, and check who opened it."
	doServer  = "Take the server off the internet, keep memory and web logs, and look for accounts and tasks that were made since the first alert."
	doDC      = "Treat the domain as lost until shown otherwise: isolate the source device, disable the account, plan the double reset of the ticket-granting account."
	doCloud   = "Disable the key or session, list everything it did since the first alert, and undo changes to policies, keys and logging."
	doData    = "Find out what was in the data, who owns it and whether it left the company. Keep the logs; tell the privacy officer if people are concerned."
	doCluster = "Cordon the node, keep the container for forensics, rotate the secrets that the service account could read."
	doNoise   = "Usually harmless. Check that the activity was planned, then close the alert or tune the rule for this asset."
)
