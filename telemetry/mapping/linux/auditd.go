// Package linux maps what Linux hosts tell about themselves: the records of the
// audit system and the results of osquery.
package linux

import (
	"bytes"
	"embed"
	"encoding/hex"
	"net/netip"
	"strings"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/valyala/fastjson"
)

//go:embed *.map
var files embed.FS

var plans = plan.MustLoad(files)

// Tables returns the tables that the plans with a prefix fill.
func Tables(prefix string) []string {
	part := plan.Set{}
	for n, p := range plans {
		if strings.HasPrefix(n, prefix) {
			part[n] = p
		}
	}
	return part.Tables()
}

// Auditd maps the records of the audit system: the lines of its log, alone or in
// syslog, and the objects that laurel makes of whole events.
//
// A line alone becomes a row of LinuxAuditLog at once. What the lines of one
// event say together becomes a row of a device table when the event is complete,
// when another one begins, or at Flush.
type Auditd struct {
	limits plan.Limits
	line   plan.Record
	event  plan.Record
	held   event
}

// event is the event whose records are coming in.
type event struct {
	id    string
	types []string
	keys  []string // TYPE.key
	text  [][]byte
	size  int
}

// maxHeld bounds the fields that are held for one event; further ones stay in
// the row of their line.
const maxHeld = 2000

// NewAuditd returns a source.
func NewAuditd(limits plan.Limits) *Auditd { return &Auditd{limits: limits} }

// Name is "auditd".
func (a *Auditd) Name() string { return "auditd" }

// Recognises takes a line of the audit log, and objects of laurel.
func (a *Auditd) Recognises(in *plan.Input) bool {
	if r := in.Record; r != nil {
		return r.Has("ID") && (r.Has("SYSCALL") || r.Has("PROCTITLE") || r.Has("USER_LOGIN") || r.Has("EXECVE") || r.Has("USER_CMD"))
	}
	head := in.Raw[:min(len(in.Raw), 300)]
	return bytes.Contains(head, []byte("type=")) && bytes.Contains(head, []byte("msg=audit("))
}

// Map makes the rows of a record, and those of the event that it ends.
func (a *Auditd) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if in.Record != nil {
		return a.mapObject(w, in.Record, out)
	}
	if len(in.Raw) > a.limits.Size {
		return plan.Refuse("", "%d bytes, at most %d are taken", len(in.Raw), a.limits.Size)
	}
	mark := out.Mark()
	if err := a.mapLine(w, in, out); err != nil {
		out.Truncate(mark)
		return err
	}
	return nil
}

// Flush makes the rows of the event that is held.
func (a *Auditd) Flush(w *plan.Writer, out *telemetry.Batch) error {
	err := a.finish(w, out)
	a.held.reset()
	return err
}

func (e *event) reset() { *e = event{types: e.types[:0], keys: e.keys[:0], text: e.text[:0]} }

func (a *Auditd) mapLine(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	r, raw := &a.line, in.Raw
	r.Reset()
	r.Size = len(raw)
	kind, id, err := readLine(raw, r, a.limits)
	if err != nil {
		return err
	}
	if a.held.id != "" && a.held.id != id {
		if err := a.Flush(w, out); err != nil {
			return err
		}
	}
	if kind == "EOE" {
		return a.Flush(w, out)
	}
	a.held.id = id
	if !r.Has("node") && len(in.Host) > 0 {
		r.Add("node", plan.TextOf(in.Host))
	}
	a.hold(kind, r)
	stamp, serial, _ := strings.Cut(id, ":")
	r.Own = max(len(r.Pairs), 1)
	r.AddText("System.Time", stamp)
	r.AddText("System.Serial", serial)
	r.AddText("System.AuditID", id)
	r.AddText("System.Type", kind)
	r.Add("System.Host", plan.TextOf(r.Text("node")))
	r.Add("System.Line", plan.TextOf(raw))
	if err := w.Run(plans["auditd/record"], r, out); err != nil {
		return err
	}
	if kind == "PROCTITLE" || len(a.held.types) == 1 && !ofCalls[kind] {
		return a.Flush(w, out) // the last record of its event, or the only one
	}
	return nil
}

// ofCalls are the records with which events of several records begin.
var ofCalls = map[string]bool{
	"SYSCALL": true, "EXECVE": true, "CWD": true, "PATH": true, "SOCKADDR": true, "AVC": true, "CONFIG_CHANGE": true, "BPF": true, "SECCOMP": true,
	"KERN_MODULE": true, "NETFILTER_CFG": true, "SELINUX_ERR": true, "ANOM_PROMISCUOUS": true, "MAC_POLICY_LOAD": true,
}

// hold keeps the fields of a record for its event.
func (a *Auditd) hold(kind string, r *plan.Record) {
	e := &a.held
	e.types = append(e.types, kind)
	e.size += r.Size
	for _, p := range r.Pairs {
		if len(e.keys) >= maxHeld {
			return
		}
		e.keys = append(e.keys, kind+"."+p.Key)
		e.text = append(e.text, bytes.Clone(p.Value.Text))
	}
}

// readLine takes a line apart: "type=SYSCALL msg=audit(1364481363.243:24287):
// arch=c000003e comm="cat" msg='op=login res=success'".
func readLine(raw []byte, r *plan.Record, limits plan.Limits) (kind, id string, err error) {
	at := bytes.Index(raw, []byte("type="))
	start := bytes.Index(raw, []byte("msg=audit("))
	if at < 0 || start < at {
		return "", "", plan.Refuse("msg", "no record of the audit system")
	}
	if at > 0 {
		readFields(raw[:at], "", r, limits)
	}
	kind = string(bytes.TrimSpace(raw[at+5 : start]))
	rest := raw[start+len("msg=audit("):]
	end := bytes.IndexByte(rest, ')')
	if end < 0 || len(kind) > 64 {
		return "", "", plan.Refuse("msg", "no record of the audit system")
	}
	id = string(rest[:end])
	stamp, _, _ := strings.Cut(id, ":")
	if _, ok := plan.ParseTime([]byte(stamp)); !ok || len(id) > 64 {
		return "", "", plan.Refuse("msg", "no time and number of an event: %.60q", id)
	}
	readFields(bytes.TrimPrefix(rest[end+1:], []byte(":")), kind, r, limits)
	return kind, id, nil
}

// readFields reads key=value pairs; a value may be quoted, and msg='…' holds
// more of them. The part behind a group separator, with names for numbers, is
// read alike.
func readFields(p []byte, kind string, r *plan.Record, limits plan.Limits) {
	for len(r.Pairs) < limits.Fields {
		p = bytes.TrimLeft(p, " ,\x1d\t")
		eq := bytes.IndexByte(p, '=')
		if eq <= 0 {
			return
		}
		key, value := p[:eq], p[eq+1:]
		if i := bytes.LastIndexByte(key, ' '); i >= 0 {
			key = key[i+1:]
		}
		quoted := len(value) > 0 && value[0] == '"'
		value, p = fieldValue(value)
		if !quoted && isEncoded(kind, string(key)) {
			value = decodeHex(value)
		}
		if string(key) == "msg" && bytes.IndexByte(value, '=') > 0 {
			readFields(value, kind, r, limits)
			continue
		}
		if s := string(value); s != "?" && s != "(null)" && s != "(none)" {
			r.Add(string(key), plan.TextOf(value))
		}
	}
}

// isEncoded tells whether the kernel writes a field in hexadecimal when it holds
// blanks or quotes; it is not quoted then.
func isEncoded(kind, key string) bool {
	switch key {
	case "acct", "comm", "exe", "cwd", "name", "proctitle", "cmd", "path", "key", "data", "dir":
		return true
	}
	return kind == "EXECVE" && len(key) > 1 && key[0] == 'a' && key[1] >= '0' && key[1] <= '9'
}

func fieldValue(p []byte) (value, rest []byte) {
	if len(p) > 0 && (p[0] == '"' || p[0] == '\'') {
		if end := bytes.IndexByte(p[1:], p[0]); end >= 0 {
			return p[1 : end+1], p[end+2:]
		}
	}
	if end := bytes.IndexAny(p, " \x1d"); end >= 0 {
		return p[:end], p[end:]
	}
	return p, nil
}

// mapObject maps an event that came as one object.
func (a *Auditd) mapObject(w *plan.Writer, r *plan.Record, out *telemetry.Batch) error {
	if err := a.Flush(w, out); err != nil {
		return err
	}
	id := r.Text("ID")
	a.held.id, a.held.size = string(id), r.Size
	for _, p := range r.Pairs {
		if p.Value.JSON == nil || p.Key == "ID" {
			continue
		}
		a.held.types = append(a.held.types, p.Key)
		a.holdJSON(p.Key, p.Value.JSON)
	}
	if node := r.Text("NODE"); len(node) > 0 {
		a.held.add("node", node)
	}
	return a.Flush(w, out)
}

func (e *event) add(key string, text []byte) {
	if len(e.keys) < maxHeld {
		e.keys = append(e.keys, key)
		e.text = append(e.text, bytes.Clone(text))
	}
}

// holdJSON keeps the keys of an object; lists (the PATH records, arguments) are
// numbered.
func (a *Auditd) holdJSON(prefix string, v *fastjson.Value) {
	switch v.Type() {
	case fastjson.TypeObject:
		o, _ := v.Object()
		o.Visit(func(key []byte, v *fastjson.Value) {
			name := string(key)
			if name == "ARGV" && prefix == "EXECVE" || name == "ARGV" && prefix == "PROCTITLE" {
				a.held.add("System.CommandLine", bytes.Join(arguments(v), []byte(" ")))
				return
			}
			a.holdJSON(prefix+"."+name, v)
		})
	case fastjson.TypeArray:
		for _, e := range v.GetArray() {
			a.holdJSON(prefix, e)
		}
	default:
		text, _ := plan.Value{JSON: v}.Bytes()
		a.held.add(prefix, text)
	}
}

func arguments(v *fastjson.Value) [][]byte {
	var out [][]byte
	for _, e := range v.GetArray() {
		text, _ := plan.Value{JSON: e}.Bytes()
		out = append(out, text)
	}
	return out
}

// finish makes the row of what the held records say together.
func (a *Auditd) finish(w *plan.Writer, out *telemetry.Batch) error {
	e := &a.held
	if e.id == "" {
		return nil
	}
	r := &a.event
	r.Reset()
	r.Size = e.size
	for i, key := range e.keys {
		if !strings.HasPrefix(key, "System.") {
			r.Add(key, plan.TextOf(e.text[i]))
		}
	}
	r.Own = max(len(r.Pairs), 1)
	stamp, serial, _ := strings.Cut(e.id, ":")
	r.AddText("System.Time", stamp)
	r.AddText("System.Serial", serial)
	r.AddText("System.Host", string(e.get("node")))
	r.AddText("System.CommandLine", e.commandLine())
	name := e.describe(r)
	if name == "" {
		return nil
	}
	return w.Run(plans[name], r, out)
}

// get finds a key of any record, by its end.
func (e *event) get(key string) []byte {
	for i, k := range e.keys {
		if k == key || strings.HasSuffix(k, "."+key) {
			return e.text[i]
		}
	}
	return nil
}

// commandLine is made of the arguments, or of the title of the process.
func (e *event) commandLine() string {
	if line := e.get("System.CommandLine"); line != nil {
		return string(line)
	}
	var args []string
	for i, k := range e.keys {
		if rest, ok := strings.CutPrefix(k, "EXECVE.a"); ok && len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
			args = append(args, string(e.text[i]))
		}
	}
	if len(args) > 0 {
		return strings.Join(args, " ")
	}
	return strings.ReplaceAll(string(e.get("proctitle")), "\x00", " ")
}

// decodeHex reads a value that was written in hexadecimal; what is no such value
// stays.
func decodeHex(p []byte) []byte {
	if len(p) < 2 || len(p)%2 != 0 {
		return p
	}
	out, err := hex.DecodeString(string(p))
	if err != nil {
		return p
	}
	return bytes.ToValidUTF8(out, []byte("\uFFFD"))
}

// address reads a socket address: 16 bits of family in the host's order, then
// port and address.
func address(saddr []byte) (ip, port string) {
	b, err := hex.DecodeString(string(saddr))
	if err != nil || len(b) < 8 {
		return "", ""
	}
	number := func() string { return decimal(int(b[2])<<8 | int(b[3])) }
	switch {
	case b[0] == 2:
		return netip.AddrFrom4([4]byte(b[4:8])).String(), number()
	case b[0] == 10 && len(b) >= 24:
		return netip.AddrFrom16([16]byte(b[8:24])).Unmap().String(), number()
	}
	return "", ""
}
