package windows

import (
	"bytes"
	"strings"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// guidKeys are the fields in which Sysmon names the process that acted.
var guidKeys = []string{"ProcessGuid", "SourceProcessGUID", "SourceProcessGuid"}

// remember notes a process that the event tells the start of.
func (e *event) remember(m *plan.Memory) {
	var p plan.Process
	var id []byte
	switch {
	case e.id == 1 && e.kind == "sysmon":
		id = e.sysmonStart(&p)
	case e.id == 4688 && e.kind == "security":
		id = normalPID(e.get("NewProcessId"))
		keep([]part{
			{&p.File, e.get("NewProcessName")}, {&p.CommandLine, e.get("CommandLine")}, {&p.Created, e.time},
			{&p.User, e.join("SubjectDomainName", "SubjectUserName")}, {&p.Parent, e.get("ParentProcessName")}, {&p.ParentID, e.get("ProcessId")},
		})
	}
	if len(id) > 0 {
		m.Started(e.processKey(id), p)
	}
}

// sysmonStart reads Sysmon's event of a start in one go over its fields.
func (e *event) sysmonStart(p *plan.Process) (id []byte) {
	var parts [13]part
	n := 0
	for i := range e.record.Pairs[:e.data] {
		pair := &e.record.Pairs[i]
		var to *string
		switch pair.Key {
		case "ProcessGuid":
			id, _ = pair.Value.Bytes()
		case "Hashes":
			hashes, _ := pair.Value.Bytes()
			n += copy(parts[n:], []part{{&p.SHA1, hashIn(hashes, "SHA1=")}, {&p.SHA256, hashIn(hashes, "SHA256=")}, {&p.MD5, hashIn(hashes, "MD5=")}})
		case "Image":
			to = &p.File
		case "CommandLine":
			to = &p.CommandLine
		case "UtcTime":
			to = &p.Created
		case "IntegrityLevel":
			to = &p.Integrity
		case "User":
			to = &p.User
		case "ParentImage":
			to = &p.Parent
		case "ParentProcessId":
			to = &p.ParentID
		case "Company":
			to = &p.Company
		case "Product":
			to = &p.Product
		case "OriginalFileName":
			to = &p.Original
		}
		if to != nil && n < len(parts) {
			text, _ := pair.Value.Bytes()
			parts[n] = part{to, text}
			n++
		}
	}
	keep(parts[:n])
	return id
}

// part is a text to keep, and where.
type part struct {
	to   *string
	text []byte
}

// keep copies texts of the record into one string, of which each is a part.
func keep(parts []part) {
	n := 0
	for _, p := range parts {
		n += len(p.text)
	}
	var b strings.Builder
	b.Grow(n)
	for _, p := range parts {
		b.Write(p.text)
	}
	all := b.String()
	for _, p := range parts {
		*p.to, all = all[:len(p.text)], all[len(p.text):]
	}
}

// processKey names a process of the event's host.
func (e *event) processKey(id []byte) string {
	return string(bytes.ToLower(e.computer)) + "\x00" + string(bytes.ToLower(id))
}

// normalPID writes an id of a process the same whether it came as 0x1a2c or
// decimal.
func normalPID(p []byte) []byte {
	v, ok := plan.ParseInteger(p)
	if !ok {
		return p
	}
	return plan.AppendInteger(nil, v)
}

// hashIn finds a hash in "SHA1=…,MD5=…".
func hashIn(hashes []byte, prefix string) []byte {
	_, rest, _ := bytes.Cut(hashes, []byte(prefix))
	value, _, _ := bytes.Cut(rest, []byte(","))
	return value
}

// actor adds what is known of the process that acted: Actor.NAME.
func (e *event) actor(m *plan.Memory) {
	p, ok := e.findActor(m)
	if !ok {
		return
	}
	r := &e.record
	r.AddText("Actor.CommandLine", p.CommandLine)
	r.AddText("Actor.Created", p.Created)
	r.AddText("Actor.SHA1", p.SHA1)
	r.AddText("Actor.SHA256", p.SHA256)
	r.AddText("Actor.MD5", p.MD5)
	r.AddText("Actor.Integrity", p.Integrity)
	r.AddText("Actor.User", p.User)
	r.AddText("Actor.Parent", p.Parent)
	r.AddText("Actor.ParentID", p.ParentID)
	r.AddText("Actor.Company", p.Company)
	r.AddText("Actor.Product", p.Product)
	r.AddText("Actor.Original", p.Original)
}

func (e *event) findActor(m *plan.Memory) (plan.Process, bool) {
	if e.kind == "sysmon" {
		if e.id == 1 {
			return m.Find(e.processKey(e.get("ParentProcessGuid")))
		}
		return m.Find(e.processKey(e.firstOf(guidKeys...)))
	}
	id, file := e.firstOf("ProcessId", "ProcessID"), e.firstOf("ProcessName", "Application")
	if e.id == 4688 {
		file = e.get("ParentProcessName")
	}
	p, ok := m.Find(e.processKey(normalPID(id)))
	// Numbers of processes are used again: the name must agree.
	return p, ok && (len(file) == 0 || strings.EqualFold(baseName(string(file)), baseName(p.File)))
}

func baseName(path string) string { return path[strings.LastIndexAny(path, `\/`)+1:] }
