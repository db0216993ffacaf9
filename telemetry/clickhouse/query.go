package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// result implements telemetry.Rows.
type result struct {
	ctx     context.Context
	blocks  *blocks
	columns []telemetry.ResultColumn
	wanted  []telemetry.ResultColumn
	meter   telemetry.Meter
	more    bool // the current block was not given yet
	end     func()
}

// Query implements telemetry.Store.
func (s *Store) Query(ctx context.Context, q telemetry.Statement, l telemetry.Limits) (telemetry.Rows, error) {
	if strings.TrimSpace(q.SQL) == "" {
		return nil, fmt.Errorf("%w: the statement is empty", telemetry.ErrQuery)
	}
	if err := fence(q.SQL); err != nil {
		return nil, err
	}
	if l.Memory <= 0 {
		l.Memory = s.opt.Memory
	}
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	cancel := func() {}
	if l.Time > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, l.Time, &telemetry.LimitError{Limit: telemetry.LimitTime, Value: int64(l.Time)})
	}
	select {
	case s.slot <- struct{}{}:
	case <-ctx.Done():
		err := context.Cause(ctx)
		cancel()
		leave()
		return nil, err
	}
	r := &result{ctx: ctx, wanted: q.Columns, meter: telemetry.Meter{Limits: l}, end: func() { <-s.slot; cancel(); leave() }}
	if err := r.start(s.http, q); err != nil {
		err = r.worded(err)
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *result) start(c *client, q telemetry.Statement) (err error) {
	settings := limits(r.meter.Limits)
	if end, ok := r.ctx.Deadline(); ok {
		// The server counts by itself too, should this process be gone.
		settings.Set("max_execution_time", strconv.FormatFloat((max(0, time.Until(end))+time.Second).Seconds(), 'f', 3, 64))
	}
	for i, a := range q.Args {
		settings.Set("param_p"+strconv.Itoa(i+1), parameter(a))
	}
	if r.blocks, err = c.query(r.ctx, c.reader, q.SQL, settings); err != nil {
		return err
	}
	if r.more, err = r.blocks.next(); err != nil {
		return err
	}
	return r.name()
}

// maxSpill is how many bytes a query may put aside on the server's disk.
const maxSpill = 10 << 30

// limits are the settings that keep the server within the limits. It stops a
// result at the row behind the limit, of which the meter makes the error.
func limits(l telemetry.Limits) url.Values {
	v := url.Values{}
	if l.Rows > 0 || l.Bytes > 0 {
		// The server holds a bounded result back until the query has ended well, so
		// that an error comes as one and not as a result that is cut off.
		v.Set("wait_end_of_query", "1")
		v.Set("result_overflow_mode", "break")
	}
	if l.Rows > 0 {
		v.Set("max_result_rows", strconv.Itoa(l.Rows+1))
	}
	if l.Bytes > 0 {
		v.Set("max_result_bytes", strconv.FormatInt(2*l.Bytes, 10))
	}
	if l.Memory > 0 {
		v.Set("max_memory_usage", strconv.FormatInt(l.Memory, 10))
	}
	v.Set("max_temporary_data_on_disk_size_for_query", strconv.FormatInt(maxSpill, 10))
	return v
}

// parameter writes an argument as the HTTP interface takes it: escaped as in
// tab-separated text.
func parameter(v value.Value) string {
	switch {
	case v.Null:
		return `\N`
	case v.Type == value.Bool:
		return strconv.FormatBool(v.Num != 0)
	case v.Type == value.Real:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case v.Type == value.Int || v.Type == value.Long || v.Type == value.DateTime || v.Type == value.TimeSpan:
		return strconv.FormatInt(v.Num, 10)
	}
	return escapes.Replace(v.Text)
}

var escapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\b", `\b`, "\f", `\f`, `'`, `\'`)

// name gives the columns the names and types that the statement wants. A result
// without rows has no block, and then the names are those that were wanted.
func (r *result) name() error {
	r.columns = r.wanted
	if !r.more && len(r.blocks.columns) == 0 {
		return nil
	}
	if len(r.wanted) == 0 {
		for i := range r.blocks.columns {
			c := &r.blocks.columns[i]
			r.columns = append(r.columns, telemetry.ResultColumn{Name: c.name, Type: c.as})
		}
		return nil
	}
	if len(r.wanted) != len(r.blocks.columns) {
		return fmt.Errorf("the result has %d columns, expected were %d", len(r.blocks.columns), len(r.wanted))
	}
	for i, w := range r.wanted {
		c := &r.blocks.columns[i]
		c.as, c.reader = w.Type, c.kind.reader(w.Type)
	}
	return nil
}

// worded tells limits from other failures.
func (r *result) worded(err error) error {
	if cause := context.Cause(r.ctx); cause != nil {
		return cause
	}
	var e *serverError
	if !errors.As(err, &e) {
		return fmt.Errorf("%w: %w", telemetry.ErrQuery, err)
	}
	l := r.meter.Limits
	switch e.code {
	case codeMemory, codeNoSpace:
		return &telemetry.LimitError{Limit: telemetry.LimitMemory, Value: l.Memory, Cause: err}
	case codeTimeout, codeTooSlow:
		return &telemetry.LimitError{Limit: telemetry.LimitTime, Value: int64(l.Time), Cause: err}
	case codeRowsOrBytes, codeTooManyRows, codeTooManyBytes:
		return &telemetry.LimitError{Limit: telemetry.LimitRows, Value: int64(l.Rows), Cause: err}
	case codeTooManyQueries:
		return fmt.Errorf("%w: %w", telemetry.ErrBusy, err)
	}
	return fmt.Errorf("%w: %w", telemetry.ErrQuery, err)
}

// Columns implements telemetry.Rows.
func (r *result) Columns() []telemetry.ResultColumn { return r.columns }

// All implements telemetry.Rows.
func (r *result) All() iter.Seq2[[]value.Value, error] {
	return func(yield func([]value.Value, error) bool) {
		row := make([]value.Value, len(r.columns))
		for r.more {
			for i := range r.blocks.rows {
				if err := r.row(i, row); err != nil {
					yield(nil, err)
					return
				}
				if !yield(row, nil) {
					return
				}
			}
			var err error
			if r.more, err = r.blocks.next(); err == nil {
				err = r.name()
			}
			if err != nil {
				yield(nil, r.worded(err))
				return
			}
		}
	}
}

func (r *result) row(i int, into []value.Value) (err error) {
	for c := range into {
		if into[c], err = r.blocks.columns[c].value(i); err != nil {
			return r.worded(err)
		}
	}
	return r.meter.Take(into)
}

// Close implements telemetry.Rows.
func (r *result) Close() error {
	if r.end == nil {
		return nil
	}
	if r.blocks != nil {
		r.blocks.close()
	}
	r.end()
	r.end = nil
	return nil
}
