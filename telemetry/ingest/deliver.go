package ingest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/clew-sec/clew/kql/value"
	files "github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/clew-sec/clew/telemetry/reader"
)

// Delivery is one stream of records.
type Delivery struct {
	Format string // of the records; empty: recognised record by record
	Origin string // where they come from, kept with those that are refused
	File   files.Options
}

// Receipt is the balance of a delivery: received = stored + rejected, in records.
// Rows counts what the stored ones became; a record may become several, and
// one that is recognised but tells nothing becomes none.
type Receipt struct {
	Received int              `json:"received"`
	Stored   int              `json:"stored"`
	Rejected int              `json:"rejected"`
	Rows     int              `json:"rows"`
	Tables   map[string]int   `json:"tables"`
	Rejects  []RejectedRecord `json:"rejects"` // the first 1,000; all are in the table RejectedEvents
}

// RejectedRecord says why a record was refused.
type RejectedRecord struct {
	Record int    `json:"record"` // 1-based; 0: the stream as a whole
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

const (
	maxRejects = 1000
	maxExcerpt = 64 << 10
)

// Service takes deliveries for the workspaces of a store.
type Service struct {
	Store  telemetry.Store
	Now    func() time.Time
	Limits Limits
	// Skip tells which tables are not kept; nil keeps all.
	Skip func(table string) bool

	mu       sync.Mutex
	writers  map[string]*Writer
	memories map[string]*plan.Memory
	closed   bool

	// defining is held for reading while rows go into a user-defined table, for
	// writing while such tables are made, changed and dropped.
	defining sync.RWMutex
}

// mapping is what the mappers of a workspace know beside the records. They share
// what they remember of processes and devices.
func (s *Service) mapping(workspace string, now int64) mapping.Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memories == nil {
		s.memories = map[string]*plan.Memory{}
	}
	if s.memories[workspace] == nil {
		s.memories[workspace] = plan.NewMemory()
	}
	return mapping.Options{Tenant: workspace, Received: now, Skip: s.Skip, Memory: s.memories[workspace]}
}

// Rejected is the table of the records that could not be stored.
var Rejected = sync.OnceValue(func() *telemetry.Table {
	t, err := telemetry.NewTable("RejectedEvents", "clew", "Records that could not be read as events, with the reason.", []telemetry.Column{
		{Name: telemetry.Timestamp, Type: value.DateTime, Doc: "when the record was received"},
		{Name: "Format", Type: value.String, Doc: "format that read it, empty when none did"},
		{Name: "Origin", Type: value.String, Doc: "who delivered it"},
		{Name: "FileName", Type: value.String, Doc: "file within what was delivered"},
		{Name: "Record", Type: value.Long, Doc: "number of the record, from 1; 0 for the file as a whole"},
		{Name: "Field", Type: value.String, Doc: "field that could not be read"},
		{Name: "Reason", Type: value.String, Doc: "why it was refused"},
		{Name: "Size", Type: value.Long, Doc: "bytes of the record"},
		{Name: "RawRecord", Type: value.String, Doc: "the beginning of the record"},
	})
	if err != nil {
		panic(err) // the table is part of the program
	}
	return t
})

// Writer is the writer of a workspace.
func (s *Service) Writer(workspace string) (*Writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, telemetry.ErrClosed
	}
	if s.writers == nil {
		s.writers = map[string]*Writer{}
	}
	if s.writers[workspace] == nil {
		s.writers[workspace] = NewWriter(telemetry.Making{Store: s.Store}, workspace, s.Limits)
	}
	return s.writers[workspace], nil
}

// Close stores what waits. The store stays open.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	writers := s.writers
	s.mu.Unlock()
	for _, w := range writers {
		w.Close()
	}
}

// Deliver reads a stream to its end. What the receipt counts is durable, also
// when there is an error: that of storing, or of the context.
func (s *Service) Deliver(ctx context.Context, workspace string, body io.Reader, d Delivery) (Receipt, error) {
	r := Receipt{Tables: map[string]int{}, Rejects: []RejectedRecord{}}
	w, err := s.Writer(workspace)
	if err != nil {
		return r, err
	}
	now := value.TicksOf(s.Now())
	opt := s.mapping(workspace, now)
	m := mapping.NewAuto(opt)
	if d.Format != "" {
		if m, err = mapping.New(d.Format, opt); err != nil {
			return r, err
		}
	}
	refused := refusals{delivery: d, now: now}
	for b, err := range reader.Batches(ctx, body, reader.Options{File: d.File, Mapper: m}) {
		if err != nil {
			return r, err
		}
		rows := b.Rows
		if len(b.Refused) > 0 {
			rows = append(slices.Clone(rows), refused.rows(m.Name(), b.Refused)...)
		}
		if err := w.Write(ctx, rows); err != nil {
			return r, err
		}
		r.count(b)
	}
	return r, nil
}

func (r *Receipt) count(b reader.Batch) {
	r.Received += b.Records
	r.Rows += len(b.Rows)
	for _, row := range b.Rows {
		r.Tables[row.Table.Name]++
	}
	rejected := 0
	for _, e := range b.Refused {
		if e.Record > 0 {
			rejected++
		}
		if len(r.Rejects) < maxRejects {
			field, reason := reasonOf(e)
			r.Rejects = append(r.Rejects, RejectedRecord{Record: e.Record, Field: field, Reason: reason})
		}
	}
	r.Rejected += rejected
	r.Stored += b.Records - rejected
}

// reasonOf is the field and the reason of a refusal.
func reasonOf(e *files.RecordError) (field, reason string) {
	var f *plan.FieldError
	if errors.As(e.Err, &f) {
		return f.Field, f.Reason
	}
	return "", e.Err.Error()
}

// refusals makes rows of refused records.
type refusals struct {
	delivery Delivery
	now      int64
}

func (x refusals) rows(format string, list []*files.RecordError) []telemetry.Row {
	out := make([]telemetry.Row, 0, len(list))
	for _, e := range list {
		field, reason := reasonOf(e)
		raw := e.Raw[:min(len(e.Raw), maxExcerpt)]
		out = append(out, telemetry.Row{Table: Rejected(), Cells: []telemetry.Cell{
			{Column: 0, Value: value.DateTimeOf(x.now)}, {Column: 1, Value: value.StringOf(cmp.Or(x.delivery.Format, format))},
			{Column: 2, Value: value.StringOf(x.delivery.Origin)}, {Column: 3, Value: value.StringOf(e.File)},
			{Column: 4, Value: value.LongOf(int64(e.Record))}, {Column: 5, Value: value.StringOf(field)},
			{Column: 6, Value: value.StringOf(reason)}, {Column: 7, Value: value.LongOf(e.Size)}, {Column: 8, Value: value.StringOf(string(raw))},
		}})
	}
	return out
}
