package duckdb

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb/engine"
)

// result implements telemetry.Rows.
type result struct {
	store   *Store
	ctx     context.Context
	rows    *engine.Rows
	columns []telemetry.ResultColumn
	meter   telemetry.Meter
	conn    *engine.Conn
	used    telemetry.Usage
	end     func() // gives the connection back, once
}

// Query implements telemetry.Store.
func (s *Store) Query(ctx context.Context, q telemetry.Statement, l telemetry.Limits) (telemetry.Rows, error) {
	if err := s.usable(); err != nil {
		return nil, err
	}
	cancel := func() {}
	if l.Time > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, l.Time, &telemetry.LimitError{Limit: telemetry.LimitTime, Value: int64(l.Time)})
	}
	inner, conn, done, err := s.readers.take(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	r := &result{store: s, ctx: inner, conn: conn, meter: telemetry.Meter{Limits: l}, end: func() { done(); cancel() }}
	if r.rows, err = conn.Query(inner, q.SQL, q.Args...); err == nil {
		err = r.name(q.Columns)
	}
	if err != nil {
		err = r.worded(err)
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// name gives the columns the names and types that the statement wants.
func (r *result) name(wanted []telemetry.ResultColumn) error {
	got := r.rows.Columns()
	r.columns = wanted
	if len(wanted) == 0 {
		for _, c := range got {
			r.columns = append(r.columns, telemetry.ResultColumn{Name: c.Name, Type: c.Type})
		}
	}
	types := make([]value.Type, len(r.columns))
	for i, c := range r.columns {
		types[i] = c.Type
	}
	return r.rows.As(types)
}

// worded tells limits from other failures.
func (r *result) worded(err error) error {
	var limit *telemetry.LimitError
	switch cause := context.Cause(r.ctx); {
	case errors.As(cause, &limit):
		return limit
	case cause != nil:
		return cause
	case engine.KindOf(err) == engine.Memory:
		return &telemetry.LimitError{Limit: telemetry.LimitMemory, Value: r.store.opt.Memory, Cause: err}
	}
	return fmt.Errorf("%w: %w", telemetry.ErrQuery, r.store.failed(err))
}

// Columns implements telemetry.Rows.
func (r *result) Columns() []telemetry.ResultColumn { return r.columns }

// All implements telemetry.Rows.
func (r *result) All() iter.Seq2[[]value.Value, error] {
	return func(yield func([]value.Value, error) bool) {
		row := make([]value.Value, len(r.columns))
		for {
			ok, err := r.rows.Next(row)
			if err != nil {
				yield(nil, r.worded(err))
				return
			}
			if !ok {
				return
			}
			if err := r.meter.Take(row); err != nil {
				yield(nil, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Close implements telemetry.Rows.
func (r *result) Close() error {
	if r.end == nil {
		return nil
	}
	if r.rows != nil {
		r.rows.Close()
		cost := r.conn.Cost()
		r.used = telemetry.Usage{Processor: cost.Processor, Scanned: cost.Scanned, Memory: cost.Memory}
	}
	r.end()
	r.end = nil
	return nil
}

// Usage implements telemetry.Costed.
func (r *result) Usage() telemetry.Usage { return r.used }
