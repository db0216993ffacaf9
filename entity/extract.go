package entity

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
)

// maxMentions bounds the mentions of one alert. Alerts are limited to 2,000
// items of evidence before they get here; each gives a handful of mentions, so
// the bound is reached only by input made to reach it.
const maxMentions = 8000

// maxNested bounds how deep evidence inside evidence is followed.
const maxNested = 6

// Extract reads the evidence of an alert as mentions of entities, in the order
// of the evidence. Things named inside an item (the parent of a process, the
// host of a URL, who is logged on to a device) follow their item with Evidence
// -1. Items that carry no usable identifier give no mention.
func Extract(a *alert.Alert) []Mention {
	var c collector
	seen := c.read(nil, a)
	out := make([]Mention, len(seen))
	for i := range seen {
		out[i] = seen[i].Mention
	}
	return out
}

// Extractor reads alert after alert in memory that it uses again. The zero value is
// ready. It is not safe for concurrent use.
type Extractor struct{ c collector }

// Append is Extract into a slice that the caller reuses, ready to be resolved. The
// identifiers of the mentions hold until the next call.
func (x *Extractor) Append(dst []Seen, a *alert.Alert) []Seen {
	if x.c.recent == nil {
		x.c.recent = newTexts()
	}
	return x.c.read(dst, a)
}

// read appends the mentions of an alert.
func (c *collector) read(dst []Seen, a *alert.Alert) []Seen {
	*c = collector{out: dst, ids: c.ids[:0], ends: c.ends[:0], start: len(dst), recent: c.recent, text: c.text}
	c.fetch(a.Evidence)
	for i, ev := range a.Evidence {
		if ev == nil {
			continue
		}
		c.begin(i, ev.Base())
		c.evidence(ev, 0)
	}
	c.threat(a)
	from := 0
	for i, end := range c.ends {
		c.out[c.start+i].Mention.Identifiers = c.ids[from:end:end]
		from = end
	}
	out := c.out
	c.out, c.base = nil, nil
	return out
}

// fetch looks at each item before any is read: what lies far away in the memory comes
// at once, where each item would be waited for by itself.
func (c *collector) fetch(items []alert.Evidence) {
	for _, ev := range items {
		if ev == nil {
			continue
		}
		if base := ev.Base(); base != nil {
			c.fetched += len(base.Roles)
		}
	}
}

// collector gathers the mentions of one alert.
type collector struct {
	out   []Seen
	start int
	ids   []Identifier
	ends  []int // of ids, where those of each mention end
	item  int   // evidence index for the next mention of the item itself
	base  *alert.EvidenceBase
	mark  int // where the identifiers of the mention under way begin

	recent  *texts
	text    []byte // used again for each text that is made
	fetched int    // means nothing
}

func (c *collector) begin(i int, base *alert.EvidenceBase) { c.item, c.base = i, base }

// inner runs f for things that are only named inside the item.
func (c *collector) inner(f func()) {
	item := c.item
	c.item = -1
	f()
	c.item = item
}

// id adds an identifier to the mention under way.
func (c *collector) id(kind Kind, typ, scope, value string) {
	if value != "" {
		c.ids = append(c.ids, Identifier{kind, typ, bounded(scope), bounded(value)})
	}
}

// done ends the mention under way. The first mention of an item carries its
// index, what follows are things inside it.
func (c *collector) done(kind Kind, name string, contextual bool) bool {
	first := c.mark
	c.mark = len(c.ids)
	if first == c.mark {
		return false
	}
	if len(c.ends) >= maxMentions {
		c.ids, c.mark = c.ids[:first], first
		return false
	}
	c.ends = append(c.ends, c.mark)
	c.out = append(c.out, Seen{})
	m := &c.out[len(c.out)-1].Mention
	m.Kind, m.Label, m.Evidence = kind, label(name), c.item
	if c.base != nil {
		m.Roles, m.Verdict = c.base.Roles, c.base.Verdict
	}
	if contextual {
		m.Roles = contextRole
	} else {
		m.Impacted = impacted(kind, m.Roles)
	}
	m.Stock = kind == File && stock(name)
	if m.Label == "" {
		m.Label = label(c.ids[first].Value)
	}
	c.item = -1
	return true
}

var contextRole = []alert.Role{alert.RoleContextual}

// impacted says whether the roles make an entity a target. An asset without a
// telling role is one; evidence is one only when the alert says so.
func impacted(kind Kind, roles []alert.Role) bool {
	for _, r := range roles {
		switch r {
		case alert.RoleAttacked, alert.RoleCompromised, alert.RoleScanned:
			return true
		case alert.RoleAttacker, alert.RoleSource, alert.RoleContextual, alert.RoleCommandAndControl:
			return false
		}
	}
	return kind.Asset()
}

// threat reads the names that the alert itself gives to what it found.
func (c *collector) threat(a *alert.Alert) {
	c.base, c.item = nil, -1
	if f := folded(a.ThreatFamilyName); f != "" {
		c.id(Malware, "family", "", f)
		c.done(Malware, a.ThreatFamilyName, true)
	}
	if t := folded(a.ThreatDisplayName); t != "" && t != folded(a.ThreatFamilyName) {
		c.id(Malware, "threat", "", t)
		c.done(Malware, a.ThreatDisplayName, true)
	}
	if t := folded(a.ActorDisplayName); t != "" {
		c.id(Other, "actor", "", t)
		c.done(Other, a.ActorDisplayName, true)
	}
}

// account reads a user. It reports whether it could be identified.
func (c *collector) account(u *alert.UserAccount, contextual bool) bool {
	if u == nil {
		return false
	}
	sid := normalSID(u.UserSID)
	c.id(User, "aadId", "", normalGUID(u.AzureADUserID))
	c.id(User, "aadId", "", cloudSIDObject(sid))
	c.id(User, "adGuid", "", normalGUID(u.ActiveDirectoryObjectGuid))
	c.id(User, "sid", "", sid)
	c.id(User, "upn", "", normalAddress(u.UserPrincipalName))
	name, domain := c.splitAccount(u.AccountName, u.DomainName)
	c.sam(name, domain, domainOfSID(sid))
	return c.done(User, firstOf(u.UserPrincipalName, c.joinAccount(u.DomainName, u.AccountName), u.DisplayName), contextual)
}

// sam adds an account name. Names that every machine has name no one.
func (c *collector) sam(name, domain, sidDomain string) {
	switch {
	case name == "" || len(name) > 256 || serviceNames[name] || serviceDomains[domain]:
		return
	case strings.Contains(name, "@"):
		c.id(User, "upn", "", normalAddress(name))
		return
	case domain != "":
		c.id(User, "sam", domain, name)
	}
	if sidDomain != "" {
		c.id(User, "sam", sidDomain, name)
	}
	if domain == "" && sidDomain == "" {
		c.id(User, "name", "", name)
	}
}

var serviceNames = map[string]bool{
	"system": true, "local service": true, "network service": true, "anonymous logon": true, "nt authority": true,
	"root": true, "administrator": true, "guest": true, "defaultaccount": true, "unknown": true, "n/a": true, "-": true,
}

var serviceDomains = map[string]bool{"nt authority": true, "nt service": true, "window manager": true, "font driver host": true, "builtin": true, "iis apppool": true}

// splitAccount brings DOMAIN\user and user@domain into name and domain.
func (c *collector) splitAccount(name, domain string) (string, string) {
	name, domain = folded(name), normalHost(c.lower(domain))
	if d, n, ok := strings.Cut(name, `\`); ok {
		name = n
		if domain == "" {
			domain = d
		}
	}
	return name, domain
}

// lower brings the letters of ASCII into lower case.
func (c *collector) lower(s string) string {
	if plain(s) {
		return s
	}
	c.text = c.text[:0]
	for i := range len(s) {
		b := s[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		c.text = append(c.text, b)
	}
	return c.recent.of(c.text)
}

func (c *collector) joinAccount(domain, name string) string {
	if domain == "" || name == "" {
		return name
	}
	c.text = append(append(append(c.text[:0], domain...), '\\'), name...)
	return c.recent.of(c.text)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (c *collector) address(text string, contextual bool) bool {
	ip, private := c.recent.address(text)
	if ip == "" {
		return false
	}
	scope := ""
	if private {
		scope = "private"
	}
	c.id(IP, "address", scope, ip)
	return c.done(IP, ip, contextual)
}

func (c *collector) host(name string) bool {
	h := normalHost(name)
	if h == "" || len(h) > 253 {
		return false
	}
	if ip, _ := normalIP(h); ip != "" || isAddress(h) {
		return c.address(h, false)
	}
	c.id(Domain, "domain", "", h)
	return c.done(Domain, h, false)
}

// isAddress tells addresses that normalIP refuses, such as 127.0.0.1, from names.
func isAddress(s string) bool {
	return strings.Contains(s, ":") || s != "" && onlyDigits(s, '.')
}

// onlyDigits says that a text holds nothing but digits and the one other byte.
func onlyDigits(s string, other byte) bool {
	for i := range len(s) {
		if c := s[i]; c-'0' > 9 && c != other {
			return false
		}
	}
	return true
}

func (c *collector) page(text string) bool {
	full, host := normalURL(text)
	if full == "" {
		return false
	}
	if host != "" && full == host {
		return c.host(host)
	}
	c.id(URL, "url", "", full)
	ok := c.done(URL, text, false)
	if host != "" {
		c.inner(func() { c.host(host) })
	}
	return ok
}

// mailbox reads the address of a person of the organisation, or of a stranger.
func (c *collector) user(address string, contextual bool) bool {
	c.id(User, "upn", "", normalAddress(address))
	return c.done(User, address, contextual)
}

func (c *collector) sender(s *alert.EmailSender) {
	if s != nil {
		c.senderAddress(s.EmailAddress)
	}
}

func (c *collector) senderAddress(text string) {
	a := normalAddress(text)
	if a == "" {
		return
	}
	c.id(Mail, "sender", "", a)
	c.done(Mail, a, true)
}

// file reads a file: by its digests, else by its place on a device, else by its
// name alone.
func (c *collector) file(d *alert.FileDetails, device string, contextual bool) bool {
	if d == nil {
		return false
	}
	before := len(c.ids)
	c.id(File, "sha256", "", normalHash(d.SHA256, 64))
	c.id(File, "sha1", "", normalHash(d.SHA1, 40))
	c.id(File, "md5", "", normalHash(d.MD5, 32))
	c.id(File, "sha256ac", "", normalHash(d.SHA256AC, 64))
	if len(c.ids) == before {
		path := normalPath(d.FilePath, d.FileName)
		if dev := folded(device); path != "" && dev != "" {
			c.id(File, "path", dev, path)
		} else {
			c.id(File, "path", "", path)
		}
	}
	if len(c.ids) == before {
		c.id(File, "name", "", folded(d.FileName))
	}
	return c.done(File, firstOf(d.FileName, d.FilePath), contextual)
}

func (c *collector) fileHash(algorithm alert.FileHashAlgorithm, value string, contextual bool) bool {
	typ, digits := strings.ToLower(string(algorithm)), 0
	switch len(strings.TrimSpace(value)) {
	case 32:
		typ, digits = "md5", 32
	case 40:
		typ, digits = "sha1", 40
	case 64:
		digits = 64
		if typ != "sha256ac" {
			typ = "sha256"
		}
	}
	c.id(File, typ, "", normalHash(value, digits))
	return c.done(File, value, contextual)
}

// process reads a process by its place in time on a device, its image, and its
// parent.
func (c *collector) process(p *alert.ProcessEvidence) {
	device := folded(p.MDEDeviceID)
	if v := c.processKey(p.ProcessID, p.ProcessCreationDateTime); v != "" && device != "" {
		c.id(Process, "instance", device, v)
	}
	name := ""
	if p.ImageFile != nil {
		name = p.ImageFile.FileName
	}
	if len(c.ids) == c.mark && p.ProcessCommandLine != "" {
		c.id(Process, "commandLine", device, folded(p.ProcessCommandLine))
	}
	c.done(Process, firstOf(name, p.ProcessCommandLine), false)
	c.inner(func() {
		c.file(p.ImageFile, p.MDEDeviceID, false)
		if v := c.processKey(p.ParentProcessID, p.ParentProcessCreationDateTime); v != "" && device != "" {
			c.id(Process, "instance", device, v)
			parent := ""
			if p.ParentProcessImageFile != nil {
				parent = p.ParentProcessImageFile.FileName
			}
			c.done(Process, firstOf(parent, "parent process"), true)
		}
		c.file(p.ParentProcessImageFile, p.MDEDeviceID, true)
		c.account(p.UserAccount, false)
	})
}

// processKey names a process on its device. Without a creation time the number
// is reused too soon to name anything.
func (c *collector) processKey(pid int64, created time.Time) string {
	if pid <= 4 || created.IsZero() {
		return ""
	}
	b := append(strconv.AppendInt(c.text[:0], pid, 10), '@')
	c.text = strconv.AppendInt(b, created.UnixMilli(), 10)
	return c.recent.of(c.text)
}

// device reads a device with its addresses and the people logged on to it.
func (c *collector) device(d *alert.DeviceEvidence) {
	if d == nil {
		return
	}
	c.id(Device, "deviceId", "", folded(d.MDEDeviceID))
	c.id(Device, "aadDeviceId", "", normalGUID(d.AzureADDeviceID))
	if v := d.VMMetadata; v != nil {
		c.id(Device, "resourceId", "", folded(v.ResourceID))
		c.id(Device, "vmId", "", normalGUID(v.VMID))
	}
	c.hostName(d)
	c.done(Device, firstOf(d.DeviceDNSName, d.HostName, d.MDEDeviceID), false)
	c.inner(func() {
		addrs := d.IPInterfaces
		if d.LastIPAddress != "" && !slices.Contains(addrs, d.LastIPAddress) {
			c.address(d.LastIPAddress, true)
		}
		for _, a := range addrs[:min(len(addrs), 32)] {
			c.address(a, true)
		}
		for _, u := range d.LoggedOnUsers[:min(len(d.LoggedOnUsers), 64)] {
			if u != nil {
				name, domain := c.splitAccount(u.AccountName, u.DomainName)
				c.sam(name, domain, "")
				c.done(User, c.joinAccount(u.DomainName, u.AccountName), true)
			}
		}
		c.accessEvents(d.ResourceAccessEvents)
	})
}

// hostName adds the names of a device: the full one, and the bare one, which
// says less. A device named only by an address is that address.
func (c *collector) hostName(d *alert.DeviceEvidence) {
	fqdn, bare := normalHost(d.DeviceDNSName), normalHost(d.HostName)
	if fqdn == "" && strings.Contains(bare, ".") && !isAddress(bare) {
		fqdn = bare
	}
	if fqdn != "" && !strings.Contains(fqdn, ".") {
		fqdn, bare = "", fqdn
	}
	if fqdn == "" && bare != "" && d.DNSDomain != "" && !strings.Contains(bare, ".") {
		fqdn = bare + "." + normalHost(d.DNSDomain)
	}
	if isAddress(fqdn) {
		fqdn = ""
	}
	if bare == "" {
		bare = fqdn
	}
	bare, _, _ = strings.Cut(bare, ".")
	c.id(Device, "fqdn", "", fqdn)
	if !genericHosts[bare] && !onlyDigits(bare, '0') {
		c.id(Device, "hostName", folded(c.lower(d.NTDomain)), bare)
	}
}

var genericHosts = map[string]bool{"localhost": true, "unknown": true, "host": true, "workstation": true, "n/a": true, "": true}

func (c *collector) accessEvents(events []*alert.ResourceAccessEvent) {
	for _, e := range events[:min(len(events), 32)] {
		if e != nil {
			c.address(e.IPAddress, true)
		}
	}
}

// ip reads an address item that is nested in another.
func (c *collector) ip(e *alert.IPEvidence, contextual bool) {
	if e != nil {
		c.address(e.IPAddress, contextual)
	}
}
