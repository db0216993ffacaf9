// Package pivot writes the queries that hunters start with: everything that the
// telemetry holds about one entity around one moment ("go hunt"), and the
// timeline of an entity over all tables.
//
// Queries are made from the schema: a table takes part when it has a column that
// can hold the identifier. Identifiers are foreign text; they get into a query
// as string literals only.
package pivot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// Window is how far before and after the moment the queries look.
const Window = time.Hour

// rows is how many rows the queries take.
const rows = 100

// Identifier is one name of an entity, as package entity calls its types: fqdn,
// deviceId, upn, sid, sha256, address, ….
type Identifier struct {
	Type, Value string
}

// Subject is the entity to ask about, in the words of package entity.
type Subject struct {
	Kind        string
	Identifiers []Identifier
	// Held tells which tables hold rows; queries over all tables leave the
	// others out. Nil: all of them.
	Held func(table string) bool
}

// Query is one query with a name for people.
type Query struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Query       string `json:"query"`
}

// columns lists, by kind of entity and type of identifier, the columns that can
// hold it, and how they compare.
var columns = map[string][]holder{
	"device/fqdn":              {{"DeviceName", "=~"}, {"Computer", "=~"}, {"TargetDeviceName", "=~"}, {"DestinationDeviceName", "=~"}},
	"device/host":              {{"DeviceName", "startswith"}, {"Computer", "startswith"}},
	"device/deviceId":          {{"DeviceId", "=="}},
	"device/aadDeviceId":       {{"AadDeviceId", "=~"}, {"AzureADDeviceId", "=~"}},
	"user/upn":                 {{"AccountUpn", "=~"}, {"UserPrincipalName", "=~"}, {"InitiatingProcessAccountUpn", "=~"}, {"UserId", "=~"}, {"Caller", "=~"}, {"RecipientEmailAddress", "=~"}, {"SenderFromAddress", "=~"}},
	"user/sid":                 {{"AccountSid", "=="}, {"InitiatingProcessAccountSid", "=="}, {"SubjectUserSid", "=="}, {"TargetUserSid", "=="}},
	"user/aadId":               {{"AccountObjectId", "=~"}, {"InitiatingProcessAccountObjectId", "=~"}},
	"user/sam":                 {{"AccountName", "=~"}, {"InitiatingProcessAccountName", "=~"}, {"TargetUserName", "=~"}, {"SubjectUserName", "=~"}, {"TargetAccountDisplayName", "=~"}},
	"user/name":                {{"AccountName", "=~"}, {"InitiatingProcessAccountName", "=~"}, {"TargetUserName", "=~"}},
	"ip/address":               {{"RemoteIP", "=="}, {"LocalIP", "=="}, {"IPAddress", "=="}, {"ClientIP", "=="}, {"CallerIpAddress", "=="}, {"SourceIP", "=="}, {"DestinationIP", "=="}, {"SourceIpAddress", "=="}, {"IpAddress", "=="}, {"SenderIPv4", "=="}},
	"file/sha256":              {{"SHA256", "=~"}, {"InitiatingProcessSHA256", "=~"}},
	"file/sha1":                {{"SHA1", "=~"}, {"InitiatingProcessSHA1", "=~"}},
	"file/md5":                 {{"MD5", "=~"}, {"InitiatingProcessMD5", "=~"}},
	"file/name":                {{"FileName", "=~"}, {"InitiatingProcessFileName", "=~"}},
	"process/name":             {{"FileName", "=~"}, {"InitiatingProcessFileName", "=~"}},
	"url/url":                  {{"RemoteUrl", "contains"}, {"Url", "contains"}, {"FileOriginUrl", "contains"}, {"RequestURL", "contains"}},
	"domain/domain":            {{"RemoteUrl", "has"}, {"UrlDomain", "=~"}, {"Name", "=~"}, {"SenderFromDomain", "=~"}, {"QueryTarget", "=~"}},
	"domain/fqdn":              {{"RemoteUrl", "has"}, {"UrlDomain", "=~"}, {"Name", "=~"}, {"SenderFromDomain", "=~"}},
	"mailbox/address":          {{"RecipientEmailAddress", "=~"}, {"SenderFromAddress", "=~"}, {"MailboxOwnerUPN", "=~"}, {"AccountUpn", "=~"}},
	"mailbox/upn":              {{"RecipientEmailAddress", "=~"}, {"MailboxOwnerUPN", "=~"}, {"AccountUpn", "=~"}},
	"mail/networkMessageId":    {{"NetworkMessageId", "=="}},
	"app/appId":                {{"AppId", "=~"}, {"OAuthAppId", "=~"}, {"ApplicationId", "=~"}},
	"app/name":                 {{"AppDisplayName", "=~"}, {"Application", "=~"}},
	"cloudResource/resourceId": {{"ResourceId", "=~"}, {"_ResourceId", "=~"}, {"AzureResourceId", "=~"}},
	"cloudResource/azureId":    {{"ResourceId", "=~"}, {"_ResourceId", "=~"}, {"AzureResourceId", "=~"}},
	"registry/path":            {{"RegistryKey", "=~"}},
}

// holder is a column and the operator that compares it with an identifier.
type holder struct{ column, operator string }

// condition is what a table needs to be about the subject; empty when it can't.
func condition(t *telemetry.Table, s Subject) string {
	var tests []string
	for _, id := range s.Identifiers {
		for _, h := range columns[s.Kind+"/"+id.Type] {
			at, ok := t.Column(h.column)
			if !ok || t.Columns[at].Type != value.String {
				continue
			}
			if test := h.column + " " + h.operator + " " + value.QuoteJSON(id.Value); !slices.Contains(tests, test) {
				tests = append(tests, test)
			}
		}
	}
	return strings.Join(tests, " or ")
}

// Known tells whether the telemetry can be asked about such an entity at all.
func Known(s Subject) bool {
	return slices.ContainsFunc(telemetry.Tables(), func(t *telemetry.Table) bool { return t.Time != "" && condition(t, s) != "" })
}

// Queries gives the queries to start with: one over everything that holds rows,
// then one for each theme of which some table has a fitting column.
func Queries(s Subject, at time.Time) []Query {
	var out []Query
	for _, th := range themes {
		if legs := legs(s, at.Add(-Window), at.Add(Window), th.tables); len(legs) > 0 {
			out = append(out, Query{Name: th.name, Description: th.doc, Query: assemble(legs, rows)})
		}
	}
	all := legs(s, at.Add(-Window), at.Add(Window), nil)
	if len(out) == 0 || len(all) == 0 {
		return append([]Query{}, out...)
	}
	first := Query{Name: "Everything around it", Description: "All tables that can name it, one hour before and after, newest first.", Query: assemble(all, rows)}
	return append([]Query{first}, out...)
}

// theme is a group of tables that answer one question.
type theme struct {
	name, doc string
	tables    []string
}

var themes = []theme{
	{"Processes", "Programs that were started.", []string{"DeviceProcessEvents"}},
	{"Network connections", "Connections and name look-ups.", []string{"DeviceNetworkEvents", "DnsEvents", "CommonSecurityLog"}},
	{"Logons and sign-ins", "Who came in from where.", []string{"DeviceLogonEvents", "IdentityLogonEvents", "SigninLogs", "EntraIdSignInEvents", "AADNonInteractiveUserSignInLogs", "SecurityEvent"}},
	{"Files", "Files that were written, loaded, renamed or deleted.", []string{"DeviceFileEvents", "DeviceImageLoadEvents"}},
	{"Registry", "Changes of the registry.", []string{"DeviceRegistryEvents"}},
	{"Other device events", "Everything else that the sensors saw.", []string{"DeviceEvents"}},
	{"Directory changes", "Changes of users, groups, applications and policies.", []string{"AuditLogs", "IdentityDirectoryEvents", "IdentityQueryEvents"}},
	{"Mail", "Mails, their attachments and links, and what became of them.", []string{"EmailEvents", "EmailAttachmentInfo", "EmailUrlInfo", "EmailPostDeliveryEvents", "UrlClickEvents"}},
	{"Cloud activity", "What was done in cloud services.", []string{"CloudAppEvents", "OfficeActivity", "AzureActivity", "AWSCloudTrail", "CloudAuditEvents"}},
	{"Alerts", "Alerts that name it.", []string{"AlertEvidence"}},
}

// Timeline is the query behind an entity's timeline: every event between from
// and to, newest first, in the same few columns whatever its table.
func Timeline(s Subject, from, to time.Time, limit int) string {
	l := legs(s, from, to, nil)
	if len(l) == 0 {
		return ""
	}
	return assemble(l, limit)
}

// leg is one table's part of a query.
type leg struct {
	table *telemetry.Table
	where string
}

func legs(s Subject, from, to time.Time, only []string) []leg {
	var out []leg
	for _, t := range telemetry.Tables() {
		if t.Time == "" || only != nil && !slices.Contains(only, t.Name) || only == nil && (snapshot(t.Name) || s.Held != nil && !s.Held(t.Name)) {
			continue
		}
		test := condition(t, s)
		if test == "" {
			continue
		}
		out = append(out, leg{table: t, where: fmt.Sprintf("%s between (datetime(%s) .. datetime(%s)) and (%s)", t.Time, instant(from), instant(to), test)})
	}
	return out
}

// snapshot tells tables of states apart from tables of events: they would tell
// the same again and again.
func snapshot(table string) bool {
	return strings.HasPrefix(table, "DeviceTvm") || strings.HasPrefix(table, "Exposure") ||
		slices.Contains([]string{"DeviceInfo", "DeviceNetworkInfo", "IdentityInfo", "AlertEvidence", "SecurityAlert", "SecurityIncident", "AlertInfo"}, table)
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// assemble writes the query. One table alone keeps all its columns; several are
// brought to the same few, with the whole event beside them.
func assemble(all []leg, limit int) string {
	var b strings.Builder
	if len(all) == 1 {
		t := all[0].table
		fmt.Fprintf(&b, "%s\n| where %s\n| sort by %s desc\n| take %d\n", t.Name, all[0].where, t.Time, limit)
		return b.String()
	}
	b.WriteString("union\n")
	for i, l := range all {
		comma := ","
		if i == len(all)-1 {
			comma = ""
		}
		fmt.Fprintf(&b, "    (%s | where %s | project %s)%s\n", l.table.Name, l.where, shared(l.table), comma)
	}
	fmt.Fprintf(&b, "| sort by At desc\n| take %d\n", limit)
	return b.String()
}

// overview lists the columns that events of every table are brought to, and
// where each is taken from: the first that the table has.
var overview = []struct {
	name string
	from []string
}{
	{"Action", []string{"ActionType", "OperationName", "Operation", "OperationNameValue", "EventName", "Activity", "DeviceAction", "ResultType"}},
	{"Device", []string{"DeviceName", "Computer", "HostName"}},
	{"Account", []string{"AccountUpn", "UserPrincipalName", "AccountName", "InitiatingProcessAccountName", "UserId", "Caller", "TargetUserName", "Account", "UserIdentityUserName", "RecipientEmailAddress"}},
	{"Subject", []string{"FileName", "RegistryKey", "RemoteUrl", "Url", "Subject", "AppDisplayName", "ResourceDisplayName", "ObjectName", "ResourceId", "Name", "Message"}},
	{"CommandLine", []string{"ProcessCommandLine", "CommandLine", "InitiatingProcessCommandLine"}},
	{"Address", []string{"RemoteIP", "IPAddress", "ClientIP", "CallerIpAddress", "SourceIpAddress", "SourceIP", "IpAddress", "SenderIPv4"}},
}

// shared writes the projection of one table to the overview.
func shared(t *telemetry.Table) string {
	// withsource of union would name the leg, not the table: a leg is a query of its own.
	parts := []string{"SourceTable = " + value.QuoteJSON(t.Name), "At = " + t.Time}
	for _, o := range overview {
		source := `""`
		for _, name := range o.from {
			if i, ok := t.Column(name); ok {
				source = name
				if t.Columns[i].Type != value.String {
					source = "tostring(" + name + ")"
				}
				break
			}
		}
		parts = append(parts, o.name+" = "+source)
	}
	return strings.Join(append(parts, "Event = pack_all(true)"), ", ")
}
