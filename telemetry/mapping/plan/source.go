package plan

import "github.com/clew-sec/clew/telemetry"

// Input is one record as a Source sees it.
type Input struct {
	Raw []byte
	// Record is the parsed object when the record is JSON, else nil.
	Record *Record
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
