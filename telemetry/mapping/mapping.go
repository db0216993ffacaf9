// Package mapping turns the events of security products into rows of the hunting
// tables. Each family of sources has a folder with its plans and its samples;
// this package knows them all and recognises which of them a record belongs to.
package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/cloud"
	"github.com/clew-sec/clew/telemetry/mapping/custom"
	"github.com/clew-sec/clew/telemetry/mapping/identity"
	"github.com/clew-sec/clew/telemetry/mapping/linux"
	"github.com/clew-sec/clew/telemetry/mapping/network"
	"github.com/clew-sec/clew/telemetry/mapping/office"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/clew-sec/clew/telemetry/mapping/rows"
	"github.com/clew-sec/clew/telemetry/mapping/syslog"
	"github.com/clew-sec/clew/telemetry/mapping/windows"
)

// Options are what mappings know besides the records. The zero value takes the
// default limits and keeps every table.
type Options = plan.Options

// ErrUnrecognised says that no format reads a record.
var ErrUnrecognised = errors.New("no event format recognises the record")

// Format is one kind of event source.
type Format struct {
	Name   string
	Title  string
	Tables []string
	// New makes a source for one stream of records.
	New func(plan.Limits) plan.Source
}

// Formats returns all formats in the order in which they are asked: those that
// look at more of a record come first.
func Formats() []Format {
	return []Format{
		{"windows", "Windows event logs, Sysmon", windows.Tables(), func(l plan.Limits) plan.Source { return windows.New(l) }},
		{"cloudtrail", "AWS CloudTrail", cloud.Tables("cloudtrail"), stateless(cloud.CloudTrail)},
		{"office365", "Office 365 audit log", office.Tables(), func(l plan.Limits) plan.Source { return office.New(l) }},
		{"entra", "Entra ID sign-ins, audit and risk, Intune audit", identity.Tables("signin/", "audit", "risk/", "graphactivity", "intune"), func(l plan.Limits) plan.Source { return identity.NewEntra(l) }},
		{"okta", "Okta system log", identity.Tables("okta"), stateless(identity.Okta)},
		{"kubernetes", "Kubernetes audit log", cloud.Tables("kubernetes"), stateless(cloud.Kubernetes)},
		{"suricata", "Suricata EVE", network.Tables("suricata/"), stateless(network.Suricata)},
		{"zeek", "Zeek", network.Tables("zeek/"), func(l plan.Limits) plan.Source { return network.NewZeek(l) }},
		{"osquery", "osquery", linux.Tables("osquery/"), func(plan.Limits) plan.Source { return linux.NewOsquery() }},
		{"auditd", "Linux audit", linux.Tables("auditd/"), func(l plan.Limits) plan.Source { return linux.NewAuditd(l) }},
		{"dns", "DNS servers: BIND, unbound, Windows", network.Tables("dns"), func(l plan.Limits) plan.Source { return network.NewDNS(l) }},
		{"azureactivity", "Azure activity log", cloud.Tables("azureactivity"), stateless(cloud.AzureActivity)},
		{"rows", "Rows of the tables, as exported or streamed", nil, func(l plan.Limits) plan.Source { return rows.New(l) }},
		{"syslog", "Syslog and Common Event Format", syslog.Tables(), newSyslog},
	}
}

// newSyslog returns the source of syslog lines, which carry other formats.
func newSyslog(l plan.Limits) plan.Source {
	return syslog.New(l, windows.New(l), linux.NewAuditd(l))
}

// stateless adapts sources that need no limits of their own.
func stateless(f func() plan.Source) func(plan.Limits) plan.Source {
	return func(plan.Limits) plan.Source { return f() }
}

// Lookup finds a format by name.
func Lookup(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// Mapper turns records into rows. It keeps state between records (the header of
// a log, what it saw last) and serves one stream on one goroutine.
type Mapper interface {
	// Name names the format of the last record.
	Name() string
	// Map adds the rows of a record to out. On an error, which names the field
	// where there is one (*plan.FieldError), it adds none.
	Map(record []byte, out *telemetry.Batch) error
	// Flush adds the rows of events that are made of several records and wait
	// for more of them. Call it at the end of a stream, and before rows must not
	// wait any longer.
	Flush(out *telemetry.Batch) error
}

// New returns the mapper of one format, which must be known.
func New(format string, opt Options) (Mapper, error) {
	f, ok := Lookup(format)
	if !ok {
		return nil, fmt.Errorf("no event format %q; known are %s", format, strings.Join(names(), ", "))
	}
	m := newMapper(opt, []plan.Source{f.New(limits(opt))})
	m.fixed = true
	return m, nil
}

func names() []string {
	var out []string
	for _, f := range Formats() {
		out = append(out, f.Name)
	}
	return out
}

// NewAuto returns a mapper that recognises the format of each record; a file may
// mix several.
func NewAuto(opt Options) Mapper {
	var sources []plan.Source
	for _, f := range Formats() {
		sources = append(sources, f.New(limits(opt)))
	}
	return newMapper(opt, sources)
}

// Recognise tells whether the beginning of a stream holds events, and returns
// the mapper for it. The sample holds at least one whole record, or line.
func Recognise(sample []byte, opt Options) (Mapper, bool) {
	m := NewAuto(opt).(*mapper)
	for line := range bytes.Lines(sample) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if src := m.source(m.input(line)); src != nil {
			return NewAuto(opt), true
		}
	}
	if m.source(m.input(bytes.TrimSpace(sample))) != nil {
		return NewAuto(opt), true
	}
	return nil, false
}

func limits(opt Options) plan.Limits {
	if opt.Limits == (plan.Limits{}) {
		return plan.DefaultLimits
	}
	return opt.Limits
}

// mapper asks its sources, the one that had the last record first: the records
// of a stream are nearly always of one kind.
type mapper struct {
	sources []plan.Source
	last    plan.Source
	fixed   bool
	reader  plan.Reader
	record  plan.Record
	in      plan.Input
	badJSON error
	writer  *plan.Writer
}

func newMapper(opt Options, sources []plan.Source) *mapper {
	opt.Limits = limits(opt)
	return &mapper{sources: sources, reader: plan.Reader{Limits: opt.Limits}, writer: plan.NewWriter(opt)}
}

func (m *mapper) Name() string {
	if m.last == nil {
		return ""
	}
	return m.last.Name()
}

func (m *mapper) Map(record []byte, out *telemetry.Batch) error {
	record = bytes.TrimSpace(record)
	if len(record) == 0 {
		return nil
	}
	in := m.input(record)
	if m.badJSON != nil {
		return m.badJSON
	}
	src := m.source(in)
	if src == nil {
		return ErrUnrecognised
	}
	m.last = src
	return src.Map(m.writer, in, out)
}

func (m *mapper) Flush(out *telemetry.Batch) error {
	var errs []error
	for _, s := range m.sources {
		if f, ok := s.(plan.Flusher); ok {
			errs = append(errs, f.Flush(m.writer, out))
		}
	}
	return errors.Join(errs...)
}

// input parses a record that is JSON.
func (m *mapper) input(record []byte) *plan.Input {
	m.in = plan.Input{Raw: record}
	m.badJSON = nil
	if record[0] != '{' {
		return &m.in
	}
	if err := m.reader.Read(record, &m.record); err != nil {
		m.badJSON = err
		return &m.in
	}
	m.in.Record = &m.record
	return &m.in
}

func (m *mapper) source(in *plan.Input) plan.Source {
	if m.badJSON != nil {
		return nil
	}
	if m.fixed {
		return m.sources[0]
	}
	if m.last != nil && m.last.Recognises(in) {
		return m.last
	}
	for _, s := range m.sources {
		if s.Recognises(in) {
			return s
		}
	}
	return nil
}

// TableMapper maps into one user-defined table.
type TableMapper interface {
	Mapper
	// Table is the table with the columns that it has by now. Rows refer to the
	// version of the table that was current when they were made; positions of
	// columns are the same in all.
	Table() *telemetry.Table
}

// NewCustom returns the mapper of a user-defined table (custom.NewTable). With
// grow, keys that have no column become columns.
func NewCustom(table *telemetry.Table, grow bool, opt Options) (TableMapper, error) {
	src, err := custom.New(table, grow)
	if err != nil {
		return nil, err
	}
	m := newMapper(opt, []plan.Source{src})
	m.fixed = true
	return tableMapper{m, src}, nil
}

type tableMapper struct {
	*mapper
	source *custom.Source
}

func (t tableMapper) Table() *telemetry.Table { return t.source.Table() }
