package plan

import "github.com/clew-sec/clew/telemetry"

// Input is one record as a Source sees it.
type Input struct {
	Raw []byte
	// Record is the parsed object when the record is JSON, else nil.
	Record *Record
	// Host is the machine that a line came from, when the line around it tells.
	Host []byte
}

// Source knows one kind of event: it recognises its records and maps them. A
// source may keep state (the header of a log), so it serves one stream only.
type Source interface {
	// Name is what a user names the format by, such as "zeek".
	Name() string
	// Recognises tells whether a record is of this kind. It looks at a few
	// fields and is right for whole records, not for prefixes of them.
	Recognises(in *Input) bool
	// Map makes the rows of a record. On an error out has none of them.
	Map(w *Writer, in *Input, out *telemetry.Batch) error
}

// Flusher is a source whose events are made of several records: it holds them
// until they are complete, or until Flush.
type Flusher interface {
	Flush(w *Writer, out *telemetry.Batch) error
}

// JSONSource is a source whose records are JSON objects that plans alone can
// map.
type JSONSource struct {
	Format string
	// Known tells whether a record is of this kind.
	Known func(r *Record) bool
	// Plans returns the plans for a record; it may add derived pairs to it, after
	// setting Own. An error names what is missing.
	Plans func(r *Record) ([]*Plan, error)
}

// Name is the format.
func (s *JSONSource) Name() string { return s.Format }

// Recognises asks Known about records that are JSON.
func (s *JSONSource) Recognises(in *Input) bool { return in.Record != nil && s.Known(in.Record) }

// Map runs the plans of the record.
func (s *JSONSource) Map(w *Writer, in *Input, out *telemetry.Batch) error {
	if in.Record == nil {
		return errNotObject
	}
	plans, err := s.Plans(in.Record)
	if err != nil {
		return err
	}
	return w.RunAll(plans, in.Record, out)
}

// RunAll makes the rows of several plans, all or none.
func (w *Writer) RunAll(plans []*Plan, r *Record, out *telemetry.Batch) error {
	mark := out.Mark()
	for _, p := range plans {
		if err := w.Run(p, r, out); err != nil {
			out.Truncate(mark)
			return err
		}
	}
	return nil
}
