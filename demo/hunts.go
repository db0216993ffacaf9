package demo

// Hunt is a query that finds traces of an attack in the raw events. Kinds are
// the kinds of attack it was written for.
type Hunt struct {
	Name, Description, Query string
	Kinds                    []string
}

// HuntFolder is where the hunts are kept among the saved queries.
const HuntFolder = "Demo hunts"

// Hunts returns a query for each kind of attack, some for several.
func Hunts() []Hunt {
	return []Hunt{
		{"Clicks on links in mail, then risky sign-ins", "Somebody clicks through to a link in a mail from outside, and within twelve hours the account is signed in at a risk.", `UrlClickEvents
| where IsClickedThrough
| join kind=inner (EmailEvents | where EmailDirection == "Inbound" | project NetworkMessageId, Subject, SenderFromAddress) on NetworkMessageId
| project Clicked = Timestamp, AccountUpn, Url, Subject, SenderFromAddress
| join kind=inner (EntraIdSignInEvents | where ErrorCode == 0 and RiskLevelAggregated > 0 | project Timestamp, AccountUpn, IPAddress, Country, Application) on AccountUpn
| where Timestamp between (Clicked .. Clicked + 12h)
| project Timestamp, AccountUpn, IPAddress, Country, Application, Clicked, Url, Subject, SenderFromAddress`, []string{"phishing-fraud", "infostealer"}},
		{"Inbox rules that hide mail about payments", "New rules and forwarding whose settings name payments or an address outside.", `CloudAppEvents
| where ActionType in ("New-InboxRule", "Set-Mailbox")
| extend Words = tostring(RawEventData.SubjectOrBodyContainsWords), Forward = tostring(RawEventData.ForwardingSmtpAddress)
| where Words has_any ("invoice", "payment", "bank") or isnotempty(Forward)
| project Timestamp, AccountId, ActionType, Words, Forward, IPAddress`, []string{"phishing-fraud"}},
		{"Shadow copies or backups deleted", "Commands that make sure nothing can be brought back.", `DeviceProcessEvents
| where ProcessCommandLine has_all ("delete", "shadows") or ProcessCommandLine has_all ("delete", "catalog")
| project Timestamp, DeviceName, AccountName, FileName, ProcessCommandLine, InitiatingProcessCommandLine
| order by Timestamp asc`, []string{"ransomware"}},
		{"Services installed over the network", "A program copied to an administrative share and, within a minute, a service on the same device.", `DeviceFileEvents
| where ShareName == "ADMIN$"
| project DeviceName, Copied = Timestamp, FileName, SHA256, RequestSourceIP
| join kind=inner (DeviceEvents | where ActionType == "ServiceInstalled" | project Timestamp, DeviceName, Service = tostring(AdditionalFields.ServiceName)) on DeviceName
| where Timestamp between (Copied .. 1m)
| project Timestamp, DeviceName, Service, FileName, SHA256, RequestSourceIP`, []string{"ransomware"}},
		{"Servers that start a shell", "A web server, a database or a web application starts a command shell.", `DeviceProcessEvents
| where InitiatingProcessFileName in~ ("w3wp.exe", "sqlservr.exe", "shop-web")
| where FileName in~ ("cmd.exe", "powershell.exe", "sh", "bash")
| project Timestamp, DeviceName, AccountName, InitiatingProcessFileName, FileName, ProcessCommandLine`, []string{"web-shell", "container-escape"}},
		{"One address, many accounts", "Failed sign-ins of many accounts from one address, and those that worked from there.", `let Sprayers = SigninLogs
| where ResultType == "50126"
| summarize Accounts = dcount(UserPrincipalName) by IPAddress
| where Accounts > 20;
SigninLogs
| where ResultType == "0"
| join kind=inner Sprayers on IPAddress
| project TimeGenerated, UserPrincipalName, IPAddress, Location, AppDisplayName, AuthenticationRequirement, Accounts`, []string{"password-spray"}},
		{"Much collected, then carried out", "People who download far more than others, and drives or private storage used by the same account.", `CloudAppEvents
| where ActionType == "FileDownloaded"
| summarize Files = count(), Last = max(Timestamp) by AccountId, Hour = bin(Timestamp, 1h)
| where Files > 50
| extend AccountName = tolower(AccountId)
| join kind=inner (DeviceFileEvents | where FolderPath startswith "E:" | summarize Copied = count(), Timestamp = min(Timestamp) by AccountName = tolower(InitiatingProcessAccountUpn), DeviceName) on AccountName
| project Timestamp, AccountId, Hour, Files, Copied, DeviceName`, []string{"insider"}},
		{"Updater starts PowerShell", "What an updater starts on how many devices: rare pairs of a signed program and a shell.", `DeviceProcessEvents
| where InitiatingProcessFileName endswith "_update.exe" and FileName in~ ("powershell.exe", "cmd.exe")
| summarize Timestamp = min(Timestamp), Devices = dcount(DeviceName), DeviceName = take_any(DeviceName) by InitiatingProcessFileName, FileName, ProcessCommandLine
| order by Devices desc`, []string{"supply-chain"}},
		{"Names that carry data", "Devices that ask for many different long names below one domain.", `DnsEvents
| extend Labels = split(Name, ".")
| where strlen(tostring(Labels[0])) >= 20
| extend Domain = strcat(tostring(Labels[-2]), ".", tostring(Labels[-1]))
| summarize TimeGenerated = min(TimeGenerated), Names = dcount(Name) by ClientIP, Domain
| where Names > 5`, []string{"supply-chain"}},
		{"Cloud identities that do what they never did", "Calls that make users, stop logs or open buckets, and the address from which they came.", `AWSCloudTrail
| where EventName in ("CreateUser", "AttachUserPolicy", "CreateAccessKey", "StopLogging", "PutBucketPolicy", "RunInstances")
| project TimeGenerated, UserIdentityUserName, EventName, SourceIpAddress, AWSRegion, RequestParameters
| order by TimeGenerated asc`, []string{"cloud-key"}},
		{"Tickets with the old cipher", "Accounts that ask for tickets of several services with weak encryption within minutes.", `IdentityLogonEvents
| where tostring(AdditionalFields.EncryptionType) == "Rc4Hmac"
| summarize Timestamp = min(Timestamp), Services = dcount(tostring(AdditionalFields.Spns)) by AccountUpn, DeviceName, bin(Timestamp, 10m)
| where Services > 3
| project Timestamp, AccountUpn, DeviceName, Services`, []string{"identity"}},
		{"Programs that read what is secret", "The memory of the sign-in process, the password stores of browsers, the local password database.", `union
    (DeviceEvents | where ActionType in ("ReadProcessMemoryApiCall", "SensitiveFileRead") | project Timestamp, DeviceName, What = ActionType, Program = InitiatingProcessFileName, Command = InitiatingProcessCommandLine),
    (DeviceProcessEvents | where ProcessCommandLine has_all ("save", "SAM") | project Timestamp, DeviceName, What = "Password database saved", Program = FileName, Command = ProcessCommandLine)
| order by Timestamp asc`, []string{"infostealer", "ransomware", "supply-chain", "identity"}},
		{"Out of the container", "Processes that enter the name spaces of their node, and what they fetch.", `DeviceProcessEvents
| where FileName == "nsenter" or InitiatingProcessFileName == "nsenter"
| project Timestamp, DeviceName, FileName, ProcessCommandLine, InitiatingProcessCommandLine`, []string{"container-escape"}},
	}
}
