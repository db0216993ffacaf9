// Package syslog maps syslog lines and what they carry: Common Event Format
// becomes rows of CommonSecurityLog, everything else rows of Syslog; records of
// the Linux audit system and of Sysmon for Linux inside a message are mapped by
// their own sources besides.
package syslog

import (
	"bytes"
	"embed"
	"errors"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

//go:embed *.map
var files embed.FS

var plans = plan.MustLoad(files)

// Tables returns the tables that syslog fills.
func Tables() []string { return plans.Tables() }

// Source maps syslog lines.
type Source struct {
	limits plan.Limits
	record plan.Record
	within []plan.Source
	inner  plan.Input
}

// New returns a source. The sources within are asked about each message.
func New(limits plan.Limits, within ...plan.Source) *Source {
	return &Source{limits: limits, within: within}
}

// Name is "syslog".
func (s *Source) Name() string { return "syslog" }

// Recognises takes lines with a head of syslog, and CEF without one.
func (s *Source) Recognises(in *plan.Input) bool {
	if in.Record != nil || len(in.Raw) > s.limits.Size {
		return false
	}
	if bytes.HasPrefix(in.Raw, []byte("CEF:")) {
		return cefStart(in.Raw) == 0
	}
	const anyYear = 1 << 60
	_, ok := parse(in.Raw, anyYear, 0)
	return ok
}

// Map makes the rows of a line.
func (s *Source) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if len(in.Raw) > s.limits.Size {
		return plan.Refuse("", "%d bytes, at most %d are taken", len(in.Raw), s.limits.Size)
	}
	h, ok := parse(in.Raw, w.Options.Received, w.Options.Zone)
	if !ok {
		h = header{priority: -1, message: in.Raw}
	}
	if at := cefStart(in.Raw); at >= 0 {
		return s.mapCEF(w, &h, in.Raw[at:], out)
	}
	if err := s.mapLine(w, &h, out); err != nil {
		return err
	}
	return s.mapWithin(w, &h, out)
}

// Flush makes the rows that the sources within hold back.
func (s *Source) Flush(w *plan.Writer, out *telemetry.Batch) error {
	var errs []error
	for _, inner := range s.within {
		if f, ok := inner.(plan.Flusher); ok {
			errs = append(errs, f.Flush(w, out))
		}
	}
	return errors.Join(errs...)
}

func (s *Source) start(size int) *plan.Record {
	s.record.Reset()
	s.record.Size = size
	return &s.record
}

func (s *Source) mapCEF(w *plan.Writer, h *header, p []byte, out *telemetry.Batch) error {
	r := s.start(len(p))
	if err := readCEF(p, r, s.limits); err != nil {
		return err
	}
	h.add(r, "Header.")
	return w.Run(plans["cef"], r, out)
}

// add puts the head into a record.
func (h *header) add(r *plan.Record, prefix string) {
	if h.timed {
		r.AddText(prefix+"time", plan.FormatTime(h.time))
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{"host", h.host}, {"process", h.process}, {"pid", h.pid}} {
		if len(f.text) > 0 {
			r.Add(prefix+f.name, plan.TextOf(f.text))
		}
	}
}

func (s *Source) mapLine(w *plan.Writer, h *header, out *telemetry.Batch) error {
	r := s.start(len(h.message))
	h.add(r, "")
	if h.priority >= 0 {
		r.AddText("facility", facilities[h.priority/8])
		r.AddText("severity", severities[h.priority%8])
	}
	r.Add("message", plan.TextOf(h.message))
	return w.Run(plans["syslog"], r, out)
}

// mapWithin lets other sources read the message. What they refuse is kept as the
// line that it is.
func (s *Source) mapWithin(w *plan.Writer, h *header, out *telemetry.Batch) error {
	message := bytes.TrimSpace(h.message)
	if len(message) == 0 {
		return nil
	}
	s.inner = plan.Input{Raw: message, Host: h.host}
	for _, inner := range s.within {
		if inner.Recognises(&s.inner) {
			mark := out.Mark()
			if err := inner.Map(w, &s.inner, out); err != nil {
				out.Truncate(mark)
			}
			return nil
		}
	}
	return nil
}
