package demo

import (
	"cmp"
	"strings"
	"time"
)

// This file writes the rows that a sensor on a device would.

func on(dev *Device) []any { return []any{"DeviceId", dev.SensorID, "DeviceName", dev.FQDN} }

func (f file) full() string {
	if strings.HasPrefix(f.path, "/") || f.path == "" {
		return f.path + "/" + f.name
	}
	return f.path + `\` + f.name
}

func md5Of(sha256 string) string { return sha256[8:40] }

// who is the account of a process: that of the system when there is no user.
func (r *recorder) who(prefix string, dev *Device, u *User) []any {
	switch {
	case u != nil:
		return []any{prefix + "AccountName", strings.ToLower(u.SAM), prefix + "AccountDomain", strings.ToLower(r.NTDomain), prefix + "AccountSid", u.SID,
			prefix + "AccountUpn", u.UPN, prefix + "AccountObjectId", u.ObjectID}
	case windows(dev):
		return []any{prefix + "AccountName", "system", prefix + "AccountDomain", "nt authority", prefix + "AccountSid", "S-1-5-18"}
	}
	return []any{prefix + "AccountName", "root", prefix + "AccountDomain", strings.ToLower(dev.Name)}
}

// initiator is the process that did something; nil stands for the system's.
func (r *recorder) initiator(dev *Device, p *process) []any {
	if p == nil {
		p = systemProcess(dev)
	}
	cells := []any{
		"InitiatingProcessFileName", p.image.name, "InitiatingProcessFolderPath", p.image.full(), "InitiatingProcessCommandLine", p.command,
		"InitiatingProcessId", p.pid, "InitiatingProcessSHA256", p.image.sha256, "InitiatingProcessSHA1", p.image.sha256[:40], "InitiatingProcessMD5", md5Of(p.image.sha256),
	}
	if !p.born.IsZero() {
		cells = append(cells, "InitiatingProcessCreationTime", p.born)
	}
	if p.parent != nil {
		cells = append(cells, "InitiatingProcessParentFileName", p.parent.image.name, "InitiatingProcessParentId", p.parent.pid)
	}
	return append(cells, r.who("InitiatingProcess", dev, p.user)...)
}

// systemProcess is the process that starts what nobody is known to have started.
func systemProcess(dev *Device) *process {
	switch {
	case windows(dev):
		return &process{image: wellKnown(`C:\Windows\System32\services.exe`), command: "services.exe", pid: 712, dev: dev}
	case dev.OS == "macOS":
		return &process{image: wellKnown("/sbin/launchd"), command: "launchd", pid: 1, dev: dev}
	}
	return &process{image: wellKnown("/usr/lib/systemd/systemd"), command: "systemd", pid: 1, dev: dev}
}

// desktop is the process that a person starts programs with.
func desktop(dev *Device, u *User) *process {
	p := &process{image: wellKnown("/usr/bin/bash"), command: "-bash", pid: 2210, dev: dev, user: u}
	if windows(dev) {
		p.image, p.command, p.pid = wellKnown(`C:\Windows\explorer.exe`), `C:\Windows\Explorer.EXE`, 5120
	}
	return p
}

func (r *recorder) started(p *process) {
	parent := p.parent
	if parent == nil && p.user != nil && !p.user.Service && p.image.name != "explorer.exe" {
		parent = desktop(p.dev, p.user)
	}
	level := "Medium"
	if p.user == nil || p.user.Service || p.user.Admin {
		level = "High"
	}
	cells := append(on(p.dev),
		"ActionType", "ProcessCreated", "FileName", p.image.name, "FolderPath", p.image.full(), "ProcessCommandLine", p.command, "ProcessId", p.pid,
		"ProcessCreationTime", p.born, "SHA256", p.image.sha256, "SHA1", p.image.sha256[:40], "MD5", md5Of(p.image.sha256),
		"FileSize", len(p.image.name)*40961, "ProcessIntegrityLevel", level, "ProcessVersionInfoCompanyName", p.image.signer)
	cells = append(append(cells, r.who("", p.dev, p.user)...), r.initiator(p.dev, parent)...)
	r.row("DeviceProcessEvents", p.born, cells...)
}

// connection is one connection of a device.
type connection struct {
	action, remote, url string
	port                int
	by                  *process
}

func (r *recorder) connected(at time.Time, dev *Device, c connection) {
	kind := "Public"
	if strings.HasPrefix(c.remote, "10.") {
		kind = "Private"
	}
	cells := append(on(dev), "ActionType", cmp.Or(c.action, "ConnectionSuccess"), "LocalIP", dev.Address, "LocalIPType", "Private", "LocalPort", r.d.count(49152, 65000),
		"RemoteIP", c.remote, "RemoteIPType", kind, "RemotePort", c.port, "RemoteUrl", c.url, "Protocol", "Tcp")
	r.row("DeviceNetworkEvents", at, append(cells, r.initiator(dev, c.by)...)...)
}

func (r *recorder) filed(at time.Time, dev *Device, action string, f file, by *process, more ...any) {
	cells := append(on(dev), "ActionType", action, "FileName", f.name, "FolderPath", f.full(), "SHA256", f.sha256, "SHA1", f.sha256[:40],
		"MD5", md5Of(f.sha256), "FileSize", len(f.name)*40961)
	r.row("DeviceFileEvents", at, append(append(cells, r.initiator(dev, by)...), more...)...)
}

func (r *recorder) registry(at time.Time, dev *Device, key, name, data string, by *process) {
	cells := append(on(dev), "ActionType", "RegistryValueSet", "RegistryKey", key, "RegistryValueName", name, "RegistryValueData", data, "RegistryValueType", "String")
	r.row("DeviceRegistryEvents", at, append(cells, r.initiator(dev, by)...)...)
}

func (r *recorder) loaded(at time.Time, dev *Device, f file, by *process) {
	cells := append(on(dev), "ActionType", "ImageLoaded", "FileName", f.name, "FolderPath", f.full(), "SHA256", f.sha256, "SHA1", f.sha256[:40], "MD5", md5Of(f.sha256))
	r.row("DeviceImageLoadEvents", at, append(cells, r.initiator(dev, by)...)...)
}

func (r *recorder) noted(at time.Time, dev *Device, action, extra string, by *process, more ...any) {
	cells := append(on(dev), "ActionType", action, "AdditionalFields", extra)
	r.row("DeviceEvents", at, append(append(cells, more...), r.initiator(dev, by)...)...)
}

// logon is one attempt to log on to a device.
type logon struct {
	kind    string // Interactive, Network, RemoteInteractive, Service
	from    *Device
	address string // where there is no device
	failure string
}

func (r *recorder) loggedOn(at time.Time, dev *Device, u *User, l logon) {
	action := "LogonSuccess"
	if l.failure != "" {
		action = "LogonFailed"
	}
	cells := append(on(dev), "ActionType", action, "AccountName", strings.ToLower(u.SAM), "AccountDomain", strings.ToLower(r.NTDomain), "AccountSid", u.SID,
		"LogonType", l.kind, "LogonId", r.d.count(100000, 9999999), "FailureReason", l.failure, "IsLocalAdmin", u.Admin, "Protocol", "Kerberos")
	if l.from != nil {
		l.address = l.from.Address
		cells = append(cells, "RemoteDeviceName", strings.ToLower(l.from.Name))
	}
	cells = append(cells, "RemoteIP", l.address)
	r.row("DeviceLogonEvents", at, append(cells, r.initiator(dev, nil)...)...)
}

// authenticated is what a domain controller tells of a logon.
func (r *recorder) authenticated(at time.Time, u *User, from, to *Device, kind, extra string) {
	dc := r.byRole["dc"]
	r.row("IdentityLogonEvents", at, "ActionType", "LogonSuccess", "Application", "Active Directory", "LogonType", kind, "Protocol", "Kerberos",
		"AccountName", strings.ToLower(u.SAM), "AccountDomain", r.DNSDomain, "AccountUpn", u.UPN, "AccountSid", u.SID, "AccountObjectId", u.ObjectID,
		"AccountDisplayName", u.Name, "DeviceName", from.FQDN, "OSPlatform", from.OS, "IPAddress", from.Address, "TargetDeviceName", to.FQDN,
		"DestinationDeviceName", dc.FQDN, "DestinationIPAddress", dc.Address, "DestinationPort", 88, "AdditionalFields", extra)
}
