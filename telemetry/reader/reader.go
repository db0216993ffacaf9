// Package reader turns files of events into rows: the stream is unpacked and cut
// by source/reader, each record is mapped, and rows come in batches that a store
// takes at once.
package reader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping"
)

// Options say how a stream is read.
type Options struct {
	File reader.Options
	// Mapper makes the rows. It keeps state, so it is of this stream only.
	Mapper mapping.Mapper
	// BatchRows is about how many rows a batch has; 10,000. A batch ends with a
	// record, never inside one.
	BatchRows int
}

// Batch is what a number of records became. It is valid until the next step.
type Batch struct {
	Rows []telemetry.Row
	// Records is how many records are in it, with those that made no rows and
	// those that were refused.
	Records int
	// Refused are the records that could not be read or mapped, with the place,
	// the reason and the beginning of each.
	Refused []*reader.RecordError
}

// defaultRows keeps a batch at a few megabytes.
const defaultRows = 10_000

// Batches goes over the rows of a stream. Each step gives a batch, or the error
// that ended the reading (ctx ended); what a file holds that cannot be read is in
// the batches. The records of all batches are all records of the stream.
func Batches(ctx context.Context, r io.Reader, opt Options) iter.Seq2[Batch, error] {
	if opt.BatchRows <= 0 {
		opt.BatchRows = defaultRows
	}
	opt.File.Text = true
	return func(yield func(Batch, error) bool) {
		b := batcher{opt: opt, yield: yield, rows: batches.Get().(*telemetry.Batch)}
		b.all(reader.Records(ctx, r, opt.File))
		b.rows.Reset()
		batches.Put(b.rows)
	}
}

// batches are those that no stream uses, for their memory.
var batches = sync.Pool{New: func() any { return new(telemetry.Batch) }}

type batcher struct {
	opt   Options
	yield func(Batch, error) bool
	rows  *telemetry.Batch
	out   Batch
}

func (b *batcher) all(records iter.Seq2[reader.Record, error]) {
	for rec, err := range records {
		if !b.step(rec, err) {
			return
		}
	}
	b.end()
}

// step takes one record, and reports whether to go on.
func (b *batcher) step(rec reader.Record, err error) bool {
	if err != nil {
		var broken *reader.RecordError
		if !errors.As(err, &broken) {
			b.yield(Batch{}, err)
			return false
		}
		b.refuse(broken)
	} else {
		b.out.Records++
		if err := b.opt.Mapper.Map(rec.Raw, b.rows); err != nil {
			b.out.Refused = append(b.out.Refused, refusal(rec, err))
		}
	}
	if len(b.rows.Rows) < b.opt.BatchRows && len(b.out.Refused) < b.opt.BatchRows {
		return true
	}
	return b.give()
}

// refuse notes a record that could not be cut out. An error of the file as a
// whole is no record.
func (b *batcher) refuse(e *reader.RecordError) {
	if e.Record > 0 {
		b.out.Records++
	}
	b.out.Refused = append(b.out.Refused, e)
}

// refusal names the record that a mapping refused.
func refusal(rec reader.Record, err error) *reader.RecordError {
	const excerpt = 64 << 10
	raw := append([]byte(nil), rec.Raw[:min(len(rec.Raw), excerpt)]...)
	return &reader.RecordError{
		File: rec.File, Record: rec.Number, Line: rec.Line, Offset: rec.Offset, Err: err, Raw: raw, Size: int64(len(rec.Raw)),
	}
}

func (b *batcher) give() bool {
	b.out.Rows = b.rows.Rows
	ok := b.yield(b.out, nil)
	b.rows.Reset()
	b.out = Batch{}
	return ok
}

// end gives away what the mapper held back and the last batch.
func (b *batcher) end() {
	if err := b.opt.Mapper.Flush(b.rows); err != nil {
		b.out.Refused = append(b.out.Refused, &reader.RecordError{
			File: b.opt.File.Name, Err: fmt.Errorf("at the end of the file: %w", err),
		})
	}
	if b.out.Records > 0 || len(b.rows.Rows) > 0 || len(b.out.Refused) > 0 {
		b.give()
	}
}
