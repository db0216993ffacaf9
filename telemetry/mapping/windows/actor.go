package windows

import (
	"bytes"
	"unicode/utf8"

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
		p.File, p.CommandLine, p.Created = e.get("NewProcessName"), e.get("CommandLine"), e.time
		p.User = e.join("SubjectDomainName", "SubjectUserName")
		p.Parent, p.ParentID = e.get("ParentProcessName"), e.get("ProcessId")
	}
	if len(id) > 0 {
		m.Started(e.processKey(id), &p)
	}
}

// sysmonStart reads Sysmon's event of a start in one go over its fields.
func (e *event) sysmonStart(p *plan.Process) (id []byte) {
	for i := range e.record.Pairs[:e.data] {
		pair := &e.record.Pairs[i]
		to := sysmonField(p, pair.Key)
		switch {
		case to != nil:
			*to, _ = pair.Value.Bytes()
		case pair.Key == "ProcessGuid":
			id, _ = pair.Value.Bytes()
		case pair.Key == "Hashes":
			hashes, _ := pair.Value.Bytes()
			p.SHA1, p.SHA256, p.MD5 = hashIn(hashes, "SHA1="), hashIn(hashes, "SHA256="), hashIn(hashes, "MD5=")
		}
	}
	return id
}

// sysmonField is where a field of Sysmon's event goes as it is, nil when it does
// not.
func sysmonField(p *plan.Process, key string) *[]byte {
	switch key {
	case "Image":
		return &p.File
	case "CommandLine":
		return &p.CommandLine
	case "UtcTime":
		return &p.Created
	case "IntegrityLevel":
		return &p.Integrity
	case "User":
		return &p.User
	case "ParentImage":
		return &p.Parent
	case "ParentProcessId":
		return &p.ParentID
	case "Company":
		return &p.Company
	case "Product":
		return &p.Product
	case "OriginalFileName":
		return &p.Original
	}
	return nil
}

// processKey names a process of the event's host; valid until the next call.
func (e *event) processKey(id []byte) []byte {
	e.key = appendLower(append(appendLower(e.key[:0], e.computer), 0), id)
	return e.key
}

// appendLower appends a text in small letters.
func appendLower(dst, p []byte) []byte {
	n := len(dst)
	for _, c := range p {
		if c >= utf8.RuneSelf {
			return append(dst[:n], bytes.ToLower(p)...)
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
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
	e.addIf("Actor.CommandLine", p.CommandLine)
	e.addIf("Actor.Created", p.Created)
	e.addIf("Actor.SHA1", p.SHA1)
	e.addIf("Actor.SHA256", p.SHA256)
	e.addIf("Actor.MD5", p.MD5)
	e.addIf("Actor.Integrity", p.Integrity)
	e.addIf("Actor.User", p.User)
	e.addIf("Actor.Parent", p.Parent)
	e.addIf("Actor.ParentID", p.ParentID)
	e.addIf("Actor.Company", p.Company)
	e.addIf("Actor.Product", p.Product)
	e.addIf("Actor.Original", p.Original)
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
	return p, ok && (len(file) == 0 || bytes.EqualFold(baseName(file), baseName(p.File)))
}

func baseName(path []byte) []byte { return path[bytes.LastIndexAny(path, `\/`)+1:] }
