package network

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// DNS maps the query logs of DNS servers: BIND, unbound and the debug log of
// Windows DNS.
type DNS struct {
	limits plan.Limits
	record plan.Record
}

// NewDNS returns a source.
func NewDNS(limits plan.Limits) *DNS { return &DNS{limits: limits} }

// Name is "dns".
func (d *DNS) Name() string { return "dns" }

// Recognises takes a line that one of the servers wrote.
func (d *DNS) Recognises(in *plan.Input) bool {
	return in.Record == nil && len(in.Raw) <= d.limits.Size && d.read(in.Raw)
}

// Map makes the rows of a line.
func (d *DNS) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if len(in.Raw) > d.limits.Size {
		return plan.Refuse("", "%d bytes, at most %d are taken", len(in.Raw), d.limits.Size)
	}
	if !d.read(in.Raw) {
		return plan.Refuse("", "no query log of a DNS server that is known")
	}
	return w.Run(plans["dns"], &d.record, out)
}

var servers = []struct {
	hint            string
	pattern         *regexp.Regexp
	names           []string
	vendor, product string
}{
	{"query:", regexp.MustCompile(`^(\d{1,2}-\w{3}-\d{4} [\d:.]+) (?:queries: )?(?:info: )?client (?:@0x[0-9a-f]+ )?([0-9a-fA-F.:]+)#(\d+)(?: \([^)]*\))?: (?:view [^:]+: )?query: (\S+) IN (\S+) (.*)$`),
		[]string{"time", "client", "port", "name", "type", "rest"}, "ISC", "BIND"},
	{"PACKET", regexp.MustCompile(`^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M) [0-9A-Fa-f]+ PACKET +[0-9A-Fa-f]+ (UDP|TCP) (Rcv|Snd) (\S+) +([0-9a-fA-F]{4}) +(R?) *\w \[[0-9A-Fa-f]+ [\w ]* (\w+)\] (\S+) +(.+)$`),
		[]string{"time", "protocol", "way", "client", "transaction", "answer", "result", "type", "name"}, "Microsoft", "DNS Server"},
	{"unbound", regexp.MustCompile(`^\[(\d+)\] unbound\[\d+:\d+\] info: (\S+) (\S+)\. (\w+) IN(?: (\w+) [\d.]+ \d+ \d+)?$`),
		[]string{"time", "client", "name", "type", "result"}, "NLnet Labs", "unbound"},
}

// read takes a line apart.
func (d *DNS) read(raw []byte) bool {
	for _, s := range servers {
		if !bytes.Contains(raw, []byte(s.hint)) {
			continue
		}
		m := s.pattern.FindSubmatch(raw)
		if m == nil {
			continue
		}
		r := &d.record
		r.Reset()
		r.Size = len(raw)
		for i, name := range s.names {
			if len(m[i+1]) > 0 {
				r.Add(name, plan.TextOf(normalise(name, m[i+1])))
			}
		}
		r.Own = len(r.Pairs)
		r.AddText("vendor", s.vendor)
		r.AddText("product", s.product)
		d.outcome(r)
		return true
	}
	return false
}

// outcome adds what a line says about question and answer.
func (d *DNS) outcome(r *plan.Record) {
	direction := "request"
	if len(r.Text("answer")) > 0 || len(r.Text("result")) > 0 && !r.Has("way") {
		direction = "response"
	}
	r.AddText("direction", direction)
	r.AddText("kind", "LookupQuery")
	for code, name := range []string{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"} {
		if string(r.Text("result")) == name {
			r.AddText("code", string(rune('0'+code)))
		}
	}
}

// normalise writes a value as the tables have it: names without lengths and
// final dots, and times in a form that is read.
func normalise(field string, v []byte) []byte {
	switch field {
	case "name":
		return []byte(domainName(string(v)))
	case "time":
		if i := bytes.IndexByte(v, '-'); i > 0 && i <= 2 { // 02-Mar-2026 07:14:06.518
			day, rest, _ := strings.Cut(string(v), "-")
			month, rest, _ := strings.Cut(rest, "-")
			year, clock, _ := strings.Cut(rest, " ")
			if n := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", month); n >= 0 && len(month) == 3 {
				if len(day) == 1 {
					day = "0" + day
				}
				return []byte(year + "-" + twoDigits(n/3+1) + "-" + day + " " + clock)
			}
		}
	}
	return v
}

func twoDigits(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

// domainName reads "(3)www(7)example(3)com(0)" and "www.example.com.".
func domainName(s string) string {
	if !strings.HasPrefix(s, "(") {
		return strings.TrimSuffix(s, ".")
	}
	var labels []string
	for part := range strings.SplitSeq(s, "(") {
		if _, label, ok := strings.Cut(part, ")"); ok && label != "" {
			labels = append(labels, label)
		}
	}
	return strings.Join(labels, ".")
}
