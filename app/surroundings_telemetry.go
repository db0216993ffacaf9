package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// maxProfiled is how many files one call looks up; the rest is marked as not
// looked up.
const maxProfiled = 5000

// errNoHash: FileProfile was not told which column holds a hash.
var errNoHash = errors.New("FileProfile needs a column with the SHA-1, SHA-256 or MD5 of files: invoke FileProfile(SHA1)")

// rowsOf runs a query and gives its rows by column name.
func (s *surroundings) rowsOf(ctx context.Context, workspace, text string) ([]profile, error) {
	r, err := s.ask(ctx, workspace, text)
	if err != nil {
		return nil, err
	}
	out := make([]profile, len(r.Rows))
	for i, row := range r.Rows {
		out[i] = profile{}
		for j, c := range r.Columns {
			out[i][c.Name] = row[j]
		}
	}
	return out, nil
}

// moment is the time argument of a call as an expression: now when left out.
func (c surroundingCall) moment(i int) string {
	if at := c.text(i); at != "" {
		return "datetime(" + at + ")"
	}
	return "now()"
}

// deviceFromIP finds the devices that had an address in the day before a moment.
func (s *surroundings) deviceFromIP(ctx context.Context, c surroundingCall) ([]profile, error) {
	addresses := []string{c.text(0)}
	if at := c.column(0, "IP"); at >= 0 {
		addresses = addresses[:0]
		for _, row := range c.input.Rows {
			addresses = append(addresses, row[at].String())
		}
	}
	return s.rowsOf(ctx, c.workspace, fmt.Sprintf(`let addresses = %s;
let at = %s;
union
    (DeviceNetworkInfo | where Timestamp between (at - 1d .. at) | mv-expand address = todynamic(IPAddresses) | project Timestamp, DeviceId, IP = tostring(address.IPAddress)),
    (DeviceNetworkEvents | where Timestamp between (at - 1d .. at) | project Timestamp, DeviceId, IP = LocalIP),
    (DeviceInfo | where Timestamp between (at - 1d .. at) | project Timestamp, DeviceId, IP = PublicIP)
| where IP in (addresses) and isnotempty(DeviceId)
| summarize arg_max(Timestamp, DeviceId) by IP
| project IP, DeviceId`, listOf(addresses), c.moment(1)))
}

// assignedAddresses finds the latest addresses of a device.
func (s *surroundings) assignedAddresses(ctx context.Context, c surroundingCall) ([]profile, error) {
	return s.rowsOf(ctx, c.workspace, fmt.Sprintf(`DeviceNetworkInfo
| where DeviceId == %[1]s or DeviceName =~ %[1]s
| where Timestamp <= %[2]s
| mv-expand address = todynamic(IPAddresses)
| extend IPAddress = tostring(address.IPAddress), IPType = tostring(address.AddressType)
| where isnotempty(IPAddress)
| summarize arg_max(Timestamp, IPType, NetworkAdapterType, ConnectedNetworks) by IPAddress
| project Timestamp, IPAddress, IPType, NetworkAdapterType, ConnectedNetworks`, value.QuoteJSON(c.text(0)), c.moment(1)))
}

// hashes are the columns that FileProfile understands.
var hashes = []string{"SHA1", "SHA256", "MD5"}

// fileProfile adds what our own telemetry knows of the files of the input: on
// how many devices, since and until when they were seen, and who signed them.
func (s *surroundings) fileProfile(ctx context.Context, c surroundingCall) ([]profile, error) {
	at := c.column(0, "SHA1")
	if at < 0 {
		return nil, errNoHash
	}
	values := make([]string, len(c.input.Rows))
	for i, row := range c.input.Rows {
		values[i] = strings.ToLower(row[at].String())
	}
	known, err := s.filesByHash(ctx, c.workspace, distinct(values))
	if err != nil {
		return nil, err
	}
	out := make([]profile, len(c.input.Rows))
	for i := range c.input.Rows {
		row := c.row(i)
		found, ok := known[values[i]]
		row["ProfileAvailability"] = value.StringOf("Missing")
		if ok {
			row["ProfileAvailability"] = value.StringOf("Available")
		}
		for name, v := range found {
			if have, there := row[name]; !there || have.Null || have.Type == value.String && have.Text == "" {
				row[name] = v
			}
		}
		out[i] = row
	}
	return out, nil
}

// filesByHash looks files up, by whichever kind of hash the values are.
func (s *surroundings) filesByHash(ctx context.Context, workspace string, values []string) (map[string]profile, error) {
	out := map[string]profile{}
	for _, kind := range hashes {
		list := withLength(values, map[string]int{"SHA1": 40, "SHA256": 64, "MD5": 32}[kind])
		if len(list) == 0 {
			continue
		}
		rows, err := s.rowsOf(ctx, workspace, fmt.Sprintf(`let wanted = %[1]s;
union DeviceProcessEvents, DeviceFileEvents, DeviceImageLoadEvents
| extend Hash = tolower(%[2]s)
| where Hash in (wanted)
| summarize GlobalPrevalence = count_distinct(DeviceName), GlobalFirstSeen = min(Timestamp), GlobalLastSeen = max(Timestamp),
    SHA1 = take_any(SHA1), SHA256 = take_any(SHA256), MD5 = take_any(MD5), FileSize = take_any(FileSize) by Hash
| join kind=leftouter (
    DeviceFileCertificateInfo | summarize arg_max(Timestamp, Signer, Issuer, SignerHash, IsTrusted, IsRootSignerMicrosoft) by SHA1
) on SHA1
| extend IsCertificateValid = IsTrusted, SignatureState = case(isempty(Signer), "Unknown", IsTrusted, "SignedValid", "SignedInvalid")
| project-away SHA11, Timestamp, IsTrusted`, listOf(list), kind))
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			out[row["Hash"].String()] = row
		}
	}
	return out, nil
}

// seenBy adds which sensors told of a device.
func (s *surroundings) seenBy(ctx context.Context, c surroundingCall) ([]profile, error) {
	at := c.column(0, "DeviceId")
	if at < 0 {
		return nil, errors.New("SeenBy needs a column DeviceId")
	}
	values := make([]string, len(c.input.Rows))
	for i, row := range c.input.Rows {
		values[i] = row[at].String()
	}
	rows, err := s.rowsOf(ctx, c.workspace, fmt.Sprintf(`DeviceInfo | where DeviceId in (%s) | summarize SeenBy = make_set(DiscoverySources) by DeviceId`, listOf(distinct(values))))
	if err != nil {
		return nil, err
	}
	known := map[string]value.Value{}
	for _, row := range rows {
		known[row["DeviceId"].String()] = row["SeenBy"]
	}
	out := make([]profile, len(c.input.Rows))
	for i := range out {
		out[i] = c.row(i)
		if v, ok := known[values[i]]; ok {
			out[i]["SeenBy"] = v
		}
	}
	return out, nil
}

// distinct keeps the first of equal texts, at most maxProfiled, and no empty one.
func distinct(list []string) []string {
	seen := map[string]bool{"": true}
	var out []string
	for _, s := range list {
		if !seen[s] && len(out) < maxProfiled {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func withLength(list []string, n int) []string {
	var out []string
	for _, s := range list {
		if len(s) == n {
			out = append(out, s)
		}
	}
	return out
}

// listOf writes texts as a dynamic literal: they are foreign, and only data.
func listOf(texts []string) string {
	b := []byte("dynamic([")
	for i, t := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = value.AppendQuoted(b, t)
	}
	return string(append(b, "])"...))
}
