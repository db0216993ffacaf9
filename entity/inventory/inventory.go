// Package inventory reads the inventories of an organisation: users and devices
// with every identifier, the addresses that devices held, how critical they are,
// and what people want to see of them. Files come as CSV or JSON, plain or packed
// with gzip; columns and fields are recognised by the names that directories and
// asset systems use. docs/entities.md describes the form.
//
// Everything read is foreign: size, rows, fields and decompression are bounded. A
// bad row is reported with its number and field and does not keep back the others.
package inventory

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// Options bound what is read. A field that is zero takes its default.
type Options struct {
	Name     string // of the file, for messages and for the proof of aliases
	MaxBytes int64  // after decompression; 512 MiB
	MaxRow   int    // bytes of one row; 1 MiB
	MaxRows  int    // 1,000,000
}

func (o Options) orDefaults() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 512 << 20
	}
	if o.MaxRow <= 0 {
		o.MaxRow = 1 << 20
	}
	if o.MaxRows <= 0 {
		o.MaxRows = 1_000_000
	}
	return o
}

// Row is one user or device of a file.
type Row struct {
	Number int // from 1, counting bad rows too
	Asset  entity.Asset
	Raw    []byte // the row as it stood in the file
}

// Errors of files as a whole, wrapped in a RowError.
var (
	ErrTooLarge = errors.New("larger than is read")
	ErrForm     = errors.New("neither an inventory in JSON nor in CSV")
)

// RowError says which row could not be used, and why.
type RowError struct {
	Row   int    // from 1; 0 when the file as a whole is meant
	Field string // the field or column, as the file names it
	Err   error
	Raw   []byte // the beginning of the row, at most 64 KiB
	Size  int64  // of the whole row in bytes
	Fatal bool   // nothing behind this place was read
}

// Error implements error.
func (e *RowError) Error() string {
	s := e.Err.Error()
	if e.Field != "" {
		s = alert.Visible(e.Field) + ": " + s
	}
	if e.Row > 0 {
		s = fmt.Sprintf("row %d: %s", e.Row, s)
	}
	return s
}

// Unwrap gives what is wrong.
func (e *RowError) Unwrap() error { return e.Err }

const excerptBytes = 64 << 10

func rowError(n int, field string, raw []byte, err error) *RowError {
	return &RowError{Row: n, Field: field, Err: err, Raw: bytes.Clone(raw[:min(len(raw), excerptBytes)]), Size: int64(len(raw))}
}

// Read goes over the rows of r. Each step gives a row or a *RowError; after one
// that is Fatal reading ends.
func Read(r io.Reader, opt Options) iter.Seq2[Row, error] {
	opt = opt.orDefaults()
	return func(yield func(Row, error) bool) {
		f := &file{opt: opt, yield: yield}
		if err := f.read(r); err != nil && !f.stopped {
			yield(Row{}, &RowError{Err: err, Fatal: true})
		}
	}
}

// file is a file that is being read.
type file struct {
	opt     Options
	yield   func(Row, error) bool
	rows    int
	lines   *lines
	stopped bool
}

// read unpacks and tells the form by the first byte that is no space.
func (f *file) read(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("unpacking: %w", err)
		}
		defer z.Close()
		in = bufio.NewReaderSize(z, 64<<10)
	}
	in = bufio.NewReaderSize(&bounded{in, f.opt.MaxBytes}, 64<<10)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	for {
		c, err := in.ReadByte()
		switch {
		case err == io.EOF:
			return fmt.Errorf("the file is empty: %w", ErrForm)
		case err != nil:
			return fmt.Errorf("reading: %w", err)
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			continue
		}
		_ = in.UnreadByte()
		if c == '{' || c == '[' {
			return f.json(in)
		}
		return f.csv(in)
	}
}

// bounded ends a stream that is too large.
type bounded struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// next counts a row and says whether reading may go on.
func (f *file) next() error {
	f.lines.row()
	if f.rows++; f.rows > f.opt.MaxRows {
		return fmt.Errorf("more than %d rows: %w", f.opt.MaxRows, ErrTooLarge)
	}
	return nil
}

func (f *file) give(row Row, err error) bool {
	if !f.yield(row, err) {
		f.stopped = true
	}
	return !f.stopped
}

// use makes an asset of a row's fields and gives it.
func (f *file) use(fs fields, raw []byte, in context) bool {
	a, field, err := fs.asset(in)
	if err != nil {
		return f.give(Row{}, rowError(f.rows, field, raw, err))
	}
	a.Place = place(f.opt.Name, f.rows)
	return f.give(Row{Number: f.rows, Asset: a, Raw: raw}, nil)
}

func place(name string, row int) string {
	const most = 200
	if name = alert.Visible(name); len(name) > most {
		name = name[:most]
	}
	if name == "" {
		return fmt.Sprintf("row %d", row)
	}
	return fmt.Sprintf("%s, row %d", name, row)
}
