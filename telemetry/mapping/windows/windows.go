// Package windows maps the events of Windows logs: the security log, Sysmon,
// PowerShell, Defender and every other channel, as collectors send them: flat
// JSON (NXLog, HELK, Logstash), winlogbeat, the tree of evtx tools, and XML.
//
// An event becomes a row of the device table that its id belongs to, and a row
// of SecurityEvent (security log) or of Event and WindowsEvent (all others).
package windows

import (
	"embed"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

//go:embed *.map
var files embed.FS

var plans = plan.MustLoad(files)

var (
	securityEvent = mustTable("SecurityEvent")
	eventTable    = mustTable("Event")
	windowsEvent  = mustTable("WindowsEvent")
	deviceTable   = mustTable("DeviceInfo")
	anySecurity   = plans["security/any"]
	anyEvent      = plans["event/any"]
	deviceInfo    = plans["deviceinfo"]
)

func mustTable(name string) *telemetry.Table {
	t, ok := telemetry.Lookup(name)
	if !ok {
		panic("no table " + name)
	}
	return t
}

// Tables returns the names of the tables that Windows events fill.
func Tables() []string { return plans.Tables() }

// Source maps Windows events of all shapes.
type Source struct {
	reader plan.Reader
	event  event
	shape  shape
	known  bool
	keys   []*flatKey // what the keys of the last flat record were, by position
	flat   []*flatKey // what those of this record are
}

// New returns a source.
func New(limits plan.Limits) *Source {
	return &Source{reader: plan.Reader{Limits: limits}}
}

// Name is "windows".
func (s *Source) Name() string { return "windows" }

// Recognises takes XML of the Windows event schema, and JSON in any of the
// shapes that name a log and an event id.
func (s *Source) Recognises(in *plan.Input) bool {
	if in.Record == nil {
		return isXML(in.Raw)
	}
	s.shape, s.known = shapeOf(in.Record)
	return s.known
}

// Map makes the rows of an event.
func (s *Source) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	e := &s.event
	e.reset(len(in.Raw))
	if err := s.read(e, in); err != nil {
		return err
	}
	if e.channel == "" && e.provider == "" {
		return plan.Refuse("Channel", "the event names neither log nor provider")
	}
	e.record.Own, e.kind = max(e.data, 1), e.family()
	e.actor(w.Options.Memory)
	e.remember(w.Options.Memory)
	if err := w.RunAll(e.derive(w), &e.record, out); err != nil {
		return err
	}
	return s.describe(w, out)
}

func (s *Source) read(e *event, in *plan.Input) error {
	if in.Record == nil {
		return e.readXML(in.Raw, xmlLimitsOf(s.reader.Limits))
	}
	read, ok := s.shape, s.known // as Recognises has just found
	s.known = false
	if !ok {
		if read, ok = shapeOf(in.Record); !ok {
			return plan.Refuse("EventID", "no Windows event")
		}
	}
	return read(s, e, in.Record)
}

// describe adds a row of DeviceInfo the first time in an hour that a device is
// heard of, since hunters join with the latest row of each device.
func (s *Source) describe(w *plan.Writer, out *telemetry.Batch) error {
	e := &s.event
	at, ok := e.hour()
	if !ok || w.Skips(deviceTable) {
		return nil
	}
	e.key = appendLower(e.key[:0], e.computer)
	if !w.Options.Memory.Describe(e.key, at) {
		return nil
	}
	platform := "Windows"
	if e.provider == linuxSysmon {
		platform = "Linux"
	}
	e.addText("System.OSPlatform", platform)
	return w.Run(deviceInfo, &e.record, out)
}
