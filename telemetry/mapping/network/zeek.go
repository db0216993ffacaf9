package network

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// Zeek maps the logs of Zeek: lines of JSON, and tab-separated logs, whose head
// says what the columns are. The head must come before the lines it is about.
type Zeek struct {
	limits plan.Limits
	record plan.Record

	separator string
	empty     string
	unset     string
	path      string
	fields    []string
}

// NewZeek returns a source.
func NewZeek(limits plan.Limits) *Zeek {
	return &Zeek{limits: limits, separator: "\t", empty: "(empty)", unset: "-"}
}

// Name is "zeek".
func (z *Zeek) Name() string { return "zeek" }

// Recognises takes the head of a log, lines under one, and JSON with Zeek's
// names of a connection.
func (z *Zeek) Recognises(in *plan.Input) bool {
	if r := in.Record; r != nil {
		return r.Has("ts") && (r.Has("uid") || r.Has("_path") || r.Has("fuid")) && !r.Has("event_type")
	}
	if in.Raw[0] == '#' {
		for _, word := range []string{"#separator ", "#fields", "#set_separator", "#empty_field", "#unset_field", "#path", "#open", "#close", "#types"} {
			if bytes.HasPrefix(in.Raw, []byte(word)) {
				return true
			}
		}
	}
	return len(z.fields) > 0 && bytes.Count(in.Raw, []byte(z.separator)) == len(z.fields)-1
}

// Map makes the rows of a line. The lines of the head make none.
func (z *Zeek) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if r := in.Record; r != nil {
		return z.write(w, r, jsonPath(r), out)
	}
	if len(in.Raw) > z.limits.Size {
		return plan.Refuse("", "%d bytes, at most %d are taken", len(in.Raw), z.limits.Size)
	}
	if bytes.HasPrefix(in.Raw, []byte("#")) {
		return z.head(string(in.Raw))
	}
	if len(z.fields) == 0 {
		return plan.Refuse("#fields", "a line of a log whose head did not come")
	}
	r := &z.record
	r.Reset()
	r.Size = len(in.Raw)
	if err := z.line(in.Raw, r); err != nil {
		return err
	}
	return z.write(w, r, z.path, out)
}

// head reads one line of the head.
func (z *Zeek) head(line string) error {
	name, value, _ := strings.Cut(line, z.separator)
	if rest, ok := strings.CutPrefix(line, "#separator "); ok {
		sep, err := strconv.Unquote(`"` + strings.TrimSpace(rest) + `"`)
		if err != nil || sep == "" {
			return plan.Refuse("#separator", "no separator: %.20q", rest)
		}
		z.separator, z.fields = sep, nil
		return nil
	}
	switch name {
	case "#empty_field":
		z.empty = value
	case "#unset_field":
		z.unset = value
	case "#path":
		z.path = value
	case "#fields":
		z.fields = strings.Split(value, z.separator)
		if len(z.fields) > z.limits.Fields {
			z.fields = nil
			return plan.Refuse("#fields", "too many")
		}
	}
	return nil
}

// line takes the values of a line; what is unset or empty is left out.
func (z *Zeek) line(raw []byte, r *plan.Record) error {
	n := 0
	for v := range bytes.SplitSeq(raw, []byte(z.separator)) {
		if n >= len(z.fields) {
			return plan.Refuse("", "more values than the head names columns (%d)", len(z.fields))
		}
		if s := string(v); s != z.unset && s != z.empty {
			r.Add(z.fields[n], plan.TextOf(unescape(v)))
		}
		n++
	}
	if n != len(z.fields) {
		return plan.Refuse("", "%d values for %d columns", n, len(z.fields))
	}
	return nil
}

// unescape turns \x09 into the byte that it stands for.
func unescape(v []byte) []byte {
	if !bytes.Contains(v, []byte(`\x`)) {
		return v
	}
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+3 < len(v) && v[i+1] == 'x' {
			if n, err := strconv.ParseUint(string(v[i+2:i+4]), 16, 8); err == nil {
				out = append(out, byte(n))
				i += 3
				continue
			}
		}
		out = append(out, v[i])
	}
	return out
}

// jsonPath is the log that a JSON line is of. Zeek does not say it unless told
// to, so the fields must.
func jsonPath(r *plan.Record) string {
	if path := r.Text("_path"); len(path) > 0 {
		return string(path)
	}
	for _, log := range []struct{ path, field string }{
		{"conn", "conn_state"}, {"dns", "qtype"}, {"dns", "query"}, {"http", "status_code"}, {"http", "method"}, {"ssl", "cipher"},
		{"ssl", "server_name"}, {"ssh", "auth_attempts"}, {"ssh", "hassh"}, {"files", "fuid"}, {"smb_files", "action"}, {"ntlm", "domainname"},
		{"kerberos", "request_type"},
	} {
		if r.Has(log.field) {
			return log.path
		}
	}
	return "conn"
}

func (z *Zeek) write(w *plan.Writer, r *plan.Record, path string, out *telemetry.Batch) error {
	r.Own = max(len(r.Pairs), 1)
	for _, key := range []string{"_system_name", "_node", "system_name", "sensor", "peer_descr"} {
		if name := r.Text(key); len(name) > 0 {
			r.Add("System.Sensor", plan.TextOf(name))
			break
		}
	}
	if path == "http" {
		r.AddText("System.Url", webAddress("http", string(r.Text("host")), string(r.Text("uri"))))
	}
	p := plans["zeek/"+path]
	if p == nil || path == "any" {
		r.AddText("System.Action", action(path))
		p = plans["zeek/any"]
	}
	return w.Run(p, r, out)
}
