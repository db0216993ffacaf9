package inventory

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// field is what a column holds.
type field string

// The fields that mean something to the resolver. Any other column is a fact.
const (
	kindField   field = "kind"
	upn         field = "userPrincipalName"
	mail        field = "mail"
	sid         field = "sid"
	objectID    field = "objectId"
	adGUID      field = "objectGuid"
	sam         field = "samAccountName"
	ntDomain    field = "ntDomain"
	dnsDomain   field = "dnsDomain"
	displayName field = "displayName"
	hostName    field = "hostName"
	fqdn        field = "fqdn"
	deviceID    field = "deviceId"
	aadDeviceID field = "azureAdDeviceId"
	mac         field = "mac"
	addresses   field = "addresses"
	leases      field = "leases"
	address     field = "address"
	from        field = "from"
	to          field = "to"
	criticality field = "criticality"
)

// names lists other names of fields, without case and punctuation.
var names = map[string]field{
	"kind": kindField, "type": kindField,
	"userprincipalname": upn, "upn": upn,
	"mail": mail, "email": mail, "emailaddress": mail, "primarysmtpaddress": mail,
	"sid": sid, "usersid": sid, "objectsid": sid, "onpremisessecurityidentifier": sid,
	"objectid": objectID, "aadid": objectID, "aaduserid": objectID, "azureaduserid": objectID, "entraid": objectID, "entraobjectid": objectID,
	"objectguid": adGUID, "adguid": adGUID, "activedirectoryobjectguid": adGUID,
	"samaccountname": sam, "sam": sam, "accountname": sam, "onpremisessamaccountname": sam,
	"ntdomain": ntDomain, "netbiosdomain": ntDomain, "domain": ntDomain,
	"dnsdomain": dnsDomain, "onpremisesdomainname": dnsDomain,
	"displayname": displayName,
	"hostname":    hostName, "computername": hostName, "devicename": hostName, "host": hostName,
	"fqdn": fqdn, "dnshostname": fqdn, "devicednsname": fqdn,
	"mdedeviceid": deviceID, "deviceid": deviceID, "machineid": deviceID,
	"azureaddeviceid": aadDeviceID, "aaddeviceid": aadDeviceID, "entradeviceid": aadDeviceID,
	"mac": mac, "macaddress": mac,
	"addresses": addresses, "leases": leases, "address": address, "ipaddress": address, "ip": address,
	"from": from, "leasestart": from, "to": to, "leaseend": to,
	"criticality": criticality, "critical": criticality, "assetcriticality": criticality,
}

const (
	maxName  = 64
	maxValue = 1024
	maxFacts = 32
)

// maxListed bounds the items of a list in one field.
const maxListed = 4096

func fieldOf(name string) field {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	return names[b.String()]
}

func (k field) identifies() bool {
	switch k {
	case upn, mail, sid, objectID, adGUID, sam, hostName, fqdn, deviceID, aadDeviceID, mac:
		return true
	}
	return false
}

func (k field) ofDevice() bool {
	switch k {
	case hostName, fqdn, deviceID, aadDeviceID, mac, addresses, leases, address:
		return true
	}
	return false
}

// value is the content of a field under the name that the file gives it.
type value struct {
	name  string
	text  string
	items []item // of lists
}

type item struct{ at, text string }

// fields are the fields of one row. Facts have the key "" + their name.
type fields map[field]value

func (fs fields) set(k field, name, text string) {
	if k == "" {
		if len(fs) < maxColumns {
			fs[field("\x00"+name)] = value{name: name, text: text}
		}
		return
	}
	if fs[k].text == "" && text != "" {
		fs[k] = value{name: name, text: text}
	}
}

func (fs fields) add(k field, name, at, text string) {
	v := fs[k]
	v.name = name
	v.items = append(v.items, item{at, text})
	fs[k] = v
}

func (fs fields) text(k field) string { return fs[k].text }

// asset makes an asset of the row; field names what is wrong.
func (fs fields) asset(in context) (a entity.Asset, name string, err error) {
	for k, v := range fs {
		if len(v.text) > maxValue && k != addresses && k != leases {
			return a, v.name, fmt.Errorf("%d bytes, at most %d are read", len(v.text), maxValue)
		}
	}
	if a.Kind, err = fs.kind(in); err != nil {
		return a, fs[kindField].name, err
	}
	for _, step := range []func(*entity.Asset, context) (field, error){fs.checked, fs.identify, fs.leased, fs.rated} {
		if k, err := step(&a, in); err != nil {
			name := fs[k].name
			if name == "" {
				name = string(k)
			}
			return a, name, err
		}
	}
	a.Facts = fs.facts(a.Kind)
	return a, "", nil
}

func (fs fields) kind(in context) (entity.Kind, error) {
	switch strings.ToLower(fs.text(kindField)) {
	case "user", "account", "person":
		return entity.User, nil
	case "device", "computer", "host", "machine":
		return entity.Device, nil
	case "":
	default:
		return "", fmt.Errorf("%q is neither user nor device", alert.Visible(fs.text(kindField)))
	}
	if in.kind != "" {
		return in.kind, nil
	}
	for k := range fs {
		if k.ofDevice() {
			return entity.Device, nil
		}
	}
	return entity.User, nil
}

// checked refuses identifiers of a wrong form: a directory export that is one
// column off must not teach aliases.
func (fs fields) checked(*entity.Asset, context) (field, error) {
	for _, k := range []field{objectID, adGUID, aadDeviceID} {
		if v := fs.text(k); v != "" && !isGUID(v) {
			return k, errors.New("not a GUID")
		}
	}
	if v := fs.text(sid); v != "" && !isSID(v) {
		return sid, errors.New("not a security identifier (S-1-5-21-…)")
	}
	for _, k := range []field{upn, mail} {
		if v := fs.text(k); v != "" && (strings.Count(v, "@") != 1 || strings.ContainsAny(v, " \t")) {
			return k, errors.New("not an address of the form name@domain")
		}
	}
	return "", nil
}

func isGUID(s string) bool {
	s = strings.Trim(s, "{}")
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return false
		}
	}
	return true
}

func isSID(s string) bool {
	rest, ok := strings.CutPrefix(strings.ToUpper(s), "S-1-")
	return ok && rest != "" && len(s) <= 184 && strings.Trim(rest, "0123456789-") == ""
}

// identify reads the identifiers as evidence with the same content would give them.
func (fs fields) identify(a *entity.Asset, _ context) (field, error) {
	var evidence []alert.Evidence
	if a.Kind == entity.User {
		a.Label = first(fs.text(upn), fs.text(displayName), fs.text(sam), fs.text(mail))
		domains := slices.DeleteFunc([]string{fs.text(ntDomain), fs.text(dnsDomain)}, func(d string) bool { return d == "" })
		if len(domains) == 0 {
			domains = []string{""}
		}
		for _, domain := range domains {
			evidence = append(evidence, &alert.UserEvidence{UserAccount: &alert.UserAccount{
				AccountName: fs.text(sam), DomainName: domain, UserSID: fs.text(sid), AzureADUserID: fs.text(objectID),
				ActiveDirectoryObjectGuid: fs.text(adGUID), UserPrincipalName: fs.text(upn),
			}})
		}
		evidence = append(evidence, &alert.UserEvidence{UserAccount: &alert.UserAccount{UserPrincipalName: fs.text(mail)}})
	} else {
		a.Label = first(fs.text(fqdn), fs.text(hostName), fs.text(deviceID))
		evidence = append(evidence, &alert.DeviceEvidence{
			MDEDeviceID: fs.text(deviceID), AzureADDeviceID: fs.text(aadDeviceID), DeviceDNSName: fs.text(fqdn), HostName: fs.text(hostName),
			DNSDomain: fs.text(dnsDomain), NTDomain: fs.text(ntDomain),
		}, &alert.NICEvidence{MacAddress: fs.text(mac)})
	}
	for _, m := range entity.Extract(&alert.Alert{Evidence: evidence}) {
		for _, id := range m.Identifiers {
			if m.Kind == a.Kind && !slices.Contains(a.Identifiers, id) {
				a.Identifiers = append(a.Identifiers, id)
			}
		}
	}
	if len(a.Identifiers) == 0 {
		return fs.given(), fmt.Errorf("no identifier of a %s in this row", a.Kind)
	}
	return "", nil
}

// given names an identifying field of the row, when there is one.
func (fs fields) given() field {
	for _, k := range []field{upn, mail, sid, objectID, adGUID, sam, hostName, fqdn, deviceID, aadDeviceID, mac} {
		if fs.text(k) != "" {
			return k
		}
	}
	return ""
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// leased reads where a device was: a lease of its own columns, a list of leases,
// or the addresses of one day after the other from the start of the file.
func (fs fields) leased(a *entity.Asset, in context) (field, error) {
	if a.Kind != entity.Device {
		return "", nil
	}
	if v := fs.text(address); v != "" {
		if fs.text(from) == "" && fs.text(to) == "" {
			return from, errors.New("an address needs the time from which it was held, and until when")
		}
		if err := lend(a, v, fs.text(from), fs.text(to)); err != nil {
			return address, err
		}
	}
	list := fs[leases].items
	for _, part := range strings.FieldsFunc(fs.text(leases), func(r rune) bool { return r == ';' || r == ' ' || r == '|' }) {
		list = append(list, item{text: part})
	}
	for _, l := range list[:min(len(list), maxListed)] {
		held, span, ok := strings.Cut(l.text, "@")
		begin, end, ok2 := strings.Cut(span, "/")
		if !ok || !ok2 {
			return leases, errors.New("a lease is written address@from/to")
		}
		if err := lend(a, held, begin, end); err != nil {
			return leases, err
		}
	}
	for _, d := range fs[addresses].items {
		day, _ := strconv.Atoi(d.at)
		if in.start.IsZero() {
			return addresses, errors.New(`addresses by day need the field "start" before the devices`)
		}
		if err := hold(a, d.text, in.start.AddDate(0, 0, day), in.start.AddDate(0, 0, day+1)); err != nil {
			return addresses, err
		}
	}
	return "", nil
}

func lend(a *entity.Asset, held, begin, end string) error {
	since, err := moment(begin)
	if err != nil {
		return fmt.Errorf("from: %w", err)
	}
	until, err := moment(end)
	if err != nil {
		return fmt.Errorf("to: %w", err)
	}
	return hold(a, held, since, until)
}

func hold(a *entity.Asset, held string, since, until time.Time) error {
	ip, err := netip.ParseAddr(strings.TrimSpace(held))
	if err != nil {
		return fmt.Errorf("%q is not an address", alert.Visible(held[:min(len(held), 64)]))
	}
	if !since.Before(until) {
		return errors.New("the lease ends before it begins")
	}
	text := ip.Unmap().WithZone("").String()
	if k := len(a.Leases) - 1; k >= 0 && a.Leases[k].Address == text && a.Leases[k].To.Equal(since) {
		a.Leases[k].To = until
		return nil
	}
	a.Leases = append(a.Leases, entity.Lease{Address: text, From: since, To: until})
	return nil
}

// moment reads a time with or without a zone (then UTC), or a day.
func moment(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			if y := t.Year(); y < 1970 || y > 9000 {
				break
			}
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time such as 2026-03-04T10:00:00Z", alert.Visible(s[:min(len(s), 64)]))
}

// rated reads how critical the asset is.
func (fs fields) rated(a *entity.Asset, _ context) (field, error) {
	switch strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(fs.text(criticality))) {
	case "":
	case "low":
		a.Criticality = entity.CriticalityLow
	case "normal", "medium", "none", "false", "no":
		a.Criticality = entity.CriticalityNormal
	case "high":
		a.Criticality = entity.CriticalityHigh
	case "critical", "veryhigh", "true", "yes":
		a.Criticality = entity.CriticalityCritical
	default:
		return criticality, fmt.Errorf("%q is not low, normal, high or critical", alert.Visible(fs.text(criticality)))
	}
	return "", nil
}

// facts are the columns that identify nothing, and what names a person.
func (fs fields) facts(kind entity.Kind) map[string]string {
	out := map[string]string{}
	keys := make([]field, 0, len(fs))
	for k := range fs {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		v := fs[k]
		name, plain := strings.CutPrefix(string(k), "\x00")
		if !plain && k != displayName && (k != criticality) && (k != dnsDomain || kind != entity.User) {
			continue
		}
		if name = strings.TrimSpace(name); name == "" || len(name) > maxName || v.text == "" || len(out) >= maxFacts {
			continue
		}
		out[alert.Visible(name)] = v.text
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
