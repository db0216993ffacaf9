package windows

import (
	"bytes"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/valyala/fastjson"
)

// event is a Windows event in one form, whatever shape it came in: the fields of
// its data under their own names, those of its header as System.NAME.
type event struct {
	record plan.Record

	provider string
	channel  string
	id       int
	computer []byte
	time     []byte
	kind     string // the group of plans

	data   int    // how many pairs of the record are data
	buf    []byte // texts that were made for this event
	key    []byte // of a process or a device
	derivd []*plan.Plan
	held   []plan.Pair // of the header, until the data is through
}

func (e *event) reset(size int) {
	e.record.Reset()
	e.record.Size = size
	e.provider, e.channel, e.id, e.computer, e.time, e.data = "", "", 0, nil, nil, 0
	e.buf, e.derivd = e.buf[:0], e.derivd[:0]
}

// setHeader adds a field of the header, and keeps those that decide the plan.
func (e *event) setHeader(name string, v plan.Value) {
	switch name {
	case "System.Provider":
		text, _ := v.Bytes()
		e.provider = intern(text)
	case "System.Channel":
		text, _ := v.Bytes()
		e.channel = intern(text)
	case "System.EventID":
		e.id = number(v)
	case "System.Computer":
		e.computer, _ = v.Bytes()
	case "System.TimeCreated":
		if e.time == nil {
			e.time, _ = v.Bytes()
		}
	}
	e.record.Add(name, v)
}

// setData adds a field of the event's own data. Those come first in the record.
func (e *event) setData(key string, v plan.Value) {
	e.record.Add(key, v)
}

// text keeps bytes made for this event and returns them.
func (e *event) text(parts ...[]byte) plan.Value {
	n := len(e.buf)
	for _, p := range parts {
		e.buf = append(e.buf, p...)
	}
	return plan.TextOf(e.buf[n:len(e.buf):len(e.buf)])
}

// hour is the hour of the event since the year 1.
func (e *event) hour() (int64, bool) {
	if len(e.computer) == 0 {
		return 0, false
	}
	ticks, ok := plan.ParseTime(e.time)
	return ticks / value.Hour, ok
}

// number reads an event id.
func number(v plan.Value) int {
	if v.JSON != nil && v.JSON.Type() == fastjson.TypeNumber {
		return v.JSON.GetInt()
	}
	text, _ := v.Bytes()
	return atoi(text)
}

func atoi(p []byte) int {
	n := 0
	for _, c := range bytes.TrimSpace(p) {
		if c < '0' || c > '9' || n > 1<<20 {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// intern avoids a copy for the names that nearly all events have.
func intern(p []byte) string {
	switch string(p) {
	case "Security":
		return "Security"
	case "security":
		return "security"
	case sysmonChannel:
		return sysmonChannel
	case sysmonProvider:
		return sysmonProvider
	case securityProvider:
		return securityProvider
	}
	return string(p)
}

const (
	sysmonChannel    = "Microsoft-Windows-Sysmon/Operational"
	sysmonProvider   = "Microsoft-Windows-Sysmon"
	linuxSysmon      = "Linux-Sysmon"
	securityProvider = "Microsoft-Windows-Security-Auditing"
)
