// Package reader cuts files into records: NDJSON, a JSON array, single objects
// one after the other, an object with its list under `value`, each plain,
// compressed with gzip, or in a zip archive. What a stream holds is told by its
// content, never by its name.
//
// Everything read is foreign. Memory stays bounded by the largest record that is
// allowed, whatever a file holds; decompression stops at a total and at a ratio.
// A broken record is reported with its place and does not keep back the others
// where the form allows to go on: in NDJSON at the next line, in an array at the
// next item as long as its brackets hold.
package reader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/clew-sec/clew/alert"
	"github.com/go-json-experiment/json/jsontext"
)

// Options bound what is read. A field that is zero takes its default.
type Options struct {
	Name string // name of the file for messages, "-" for standard input
	// Text takes lines of any text and the XML of Windows events as records too,
	// for the logs of which telemetry is made.
	Text bool

	MaxRecord int   // bytes of one record; 16 MiB
	MaxTotal  int64 // decompressed bytes of one file; 16 GiB
	MaxRatio  int64 // decompressed bytes per compressed byte; 1000
	RatioFrom int64 // decompressed bytes from which MaxRatio holds; 100 MiB
	MaxFiles  int   // members of an archive; 10,000
	// MaxSpool bounds the temporary copy of an archive that does not come from a
	// file; 4 GiB.
	MaxSpool int64
}

func (o Options) orDefaults() Options {
	def := func(have *int64, value int64) {
		if *have <= 0 {
			*have = value
		}
	}
	def(&o.MaxTotal, 16<<30)
	def(&o.MaxRatio, 1000)
	def(&o.RatioFrom, 100<<20)
	def(&o.MaxSpool, 4<<30)
	if o.MaxRecord <= 0 {
		o.MaxRecord = 16 << 20
	}
	if o.MaxFiles <= 0 {
		o.MaxFiles = 10000
	}
	return o
}

// Record is one record as it stands in the file. It is cut out by its brackets
// and not checked further.
type Record struct {
	File   string // the file's name, for a member of an archive "archive!member"
	Number int    // from 1, counting broken records too
	Line   int    // line on which the record begins, from 1
	Offset int64  // bytes before the record, after decompression
	Raw    jsontext.Value

	size int // of a record of which only the beginning is kept
}

// excerptBytes bounds the part of a broken record that an error carries.
const excerptBytes = 64 << 10

// Errors of files as a whole and of records that cannot be cut out.
var (
	ErrTooLarge = errors.New("record too large")
	ErrBroken   = errors.New("not valid JSON")
	ErrCutOff   = errors.New("the file ends inside a record")
	ErrBomb     = errors.New("decompresses to more than is read")
	ErrArchive  = errors.New("not a readable archive")
	ErrNotText  = errors.New("neither JSON nor compressed JSON")
)

// RecordError says which record could not be used, and why.
type RecordError struct {
	File   string
	Record int    // from 1; 0 when the file as a whole is meant
	Line   int    // from 1; 0 when unknown
	Offset int64  // bytes after decompression
	Err    error  // wraps what is wrong; an *alert.FieldError names the field
	Raw    []byte // the beginning of the record, at most 64 KiB
	Size   int64  // of the whole record in bytes, as far as it was read
	// Fatal tells that nothing behind this place of the file was read.
	Fatal bool
}

// Error implements error.
func (e *RecordError) Error() string {
	where := alert.Visible(e.File)
	if e.Record > 0 {
		where += fmt.Sprintf(" record %d", e.Record)
	}
	if e.Line > 0 {
		where += fmt.Sprintf(" (line %d)", e.Line)
	}
	return fmt.Sprintf("%s: %v", where, e.Err)
}

// Unwrap gives what is wrong.
func (e *RecordError) Unwrap() error { return e.Err }

// Records goes over the records of r. Each step gives either a record, whose Raw
// is valid until the next step only, or an error, which is a *RecordError
// unless ctx ended. After an error that is fatal for a file, reading goes on
// with the next member of an archive, else it ends.
func Records(ctx context.Context, r io.Reader, opt Options) iter.Seq2[Record, error] {
	opt = opt.orDefaults()
	return func(yield func(Record, error) bool) {
		f := &file{ctx: ctx, opt: opt, name: opt.Name, yield: yield}
		f.open(r, 0)
	}
}

// file is one stream on its way from bytes to records.
type file struct {
	ctx      context.Context
	opt      Options
	name     string
	yield    func(Record, error) bool
	records  int
	buf      []byte // the current record
	unpacked int64  // decompressed bytes so far
	stopped  bool   // the consumer wants no more
}

func (f *file) fail(rec Record, err error, raw []byte, fatal bool) bool {
	if cerr := f.ctx.Err(); cerr != nil {
		err, f.stopped = cerr, true
		f.yield(Record{}, err)
		return false
	}
	size := int64(max(rec.size, len(raw)))
	if len(raw) > excerptBytes {
		raw = raw[:excerptBytes]
	}
	e := &RecordError{File: f.name, Size: size, Record: rec.Number, Line: rec.Line, Offset: rec.Offset, Err: err, Raw: append([]byte(nil), raw...), Fatal: fatal}
	if !f.yield(Record{}, e) {
		f.stopped = true
	}
	return !f.stopped && !fatal
}

func (f *file) give(rec Record) bool {
	if f.ctx.Err() != nil {
		return f.fail(rec, nil, nil, true)
	}
	rec.File = f.name
	if !f.yield(rec, nil) {
		f.stopped = true
	}
	return !f.stopped
}
