package ingest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/clew-sec/clew/kql/value"
	files "github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping"
)

// Stream takes the records of a sender who waits for no answer, one by one. It
// serves one goroutine.
type Stream struct {
	service   *Service
	workspace string
	format    string

	mapper  mapping.Mapper
	batch   telemetry.Batch
	refused []telemetry.Row
	receipt Receipt
}

// Stream begins a stream of records of one format; of any when it is empty.
func (s *Service) Stream(workspace, format string) *Stream {
	x := &Stream{service: s, workspace: workspace, format: format}
	x.reset()
	return x
}

func (x *Stream) reset() {
	x.batch.Reset()
	x.mapper, x.refused, x.receipt = nil, nil, Receipt{Tables: map[string]int{}, Rejects: []RejectedRecord{}}
}

// Add maps a record. One that can't be read is kept as refused.
func (x *Stream) Add(record []byte, origin string) error {
	now := value.TicksOf(x.service.Now())
	if x.mapper == nil {
		// The time of receipt is fixed for a mapper, so each commit has its own.
		opt := x.service.mapping(x.workspace, now)
		x.mapper = mapping.NewAuto(opt)
		if x.format != "" {
			m, err := mapping.New(x.format, opt)
			if err != nil {
				return err
			}
			x.mapper = m
		}
	}
	x.receipt.Received++
	err := x.mapper.Map(record, &x.batch)
	if err == nil {
		x.receipt.Stored++
		return nil
	}
	x.receipt.Rejected++
	e := &files.RecordError{Record: x.receipt.Received, Err: err, Raw: slices.Clone(record[:min(len(record), maxExcerpt)]), Size: int64(len(record))}
	if field, reason := reasonOf(e); len(x.receipt.Rejects) < maxRejects {
		x.receipt.Rejects = append(x.receipt.Rejects, RejectedRecord{Record: e.Record, Field: field, Reason: reason})
	}
	x.refused = append(x.refused, refusals{delivery: Delivery{Format: x.format, Origin: origin}, now: now}.rows(x.format, []*files.RecordError{e})...)
	return nil
}

// Len is how many records wait for Commit.
func (x *Stream) Len() int { return x.receipt.Received }

// busyPause is how long a commit that was turned away waits.
const busyPause = 200 * time.Millisecond

// Commit stores what was added and returns its balance. When too much is waiting
// it waits too, so that a sender with a connection is slowed down.
func (x *Stream) Commit(ctx context.Context) (Receipt, error) { return x.commit(ctx, true) }

// DeliverRecords stores records that were cut already, whole or not at all.
func (s *Service) DeliverRecords(ctx context.Context, workspace, origin string, records [][]byte) (Receipt, error) {
	x := s.Stream(workspace, "")
	for _, r := range records {
		if err := x.Add(r, origin); err != nil {
			return Receipt{}, err
		}
	}
	return x.commit(ctx, false)
}

func (x *Stream) commit(ctx context.Context, patient bool) (Receipt, error) {
	if x.receipt.Received == 0 {
		return x.receipt, nil
	}
	w, err := x.service.Writer(x.workspace)
	if err != nil {
		return Receipt{}, err
	}
	if err := x.mapper.Flush(&x.batch); err != nil {
		return Receipt{}, err
	}
	rows := append(slices.Clone(x.batch.Rows), x.refused...)
	for {
		err := w.Write(ctx, rows)
		if err == nil {
			break
		}
		if !patient || !errors.Is(err, telemetry.ErrBusy) {
			return Receipt{}, err
		}
		pause := time.NewTimer(busyPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return Receipt{}, context.Cause(ctx)
		}
	}
	r := x.receipt
	r.Rows = len(x.batch.Rows)
	for _, row := range x.batch.Rows {
		r.Tables[row.Table.Name]++
	}
	x.reset()
	return r, nil
}
