package duckdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb/engine"
)

// How often an append that found no memory is tried again, and how long it waits
// in between. Queries are ended before, so that the second attempt finds it.
const (
	memoryAttempts = 5
	memoryPause    = 50 * time.Millisecond
)

// Append implements telemetry.Store.
func (s *Store) Append(ctx context.Context, workspace string, rows []telemetry.Row) error {
	if len(rows) == 0 {
		return nil
	}
	s.write.RLock()
	defer s.write.RUnlock()
	if err := s.usable(); err != nil {
		return err
	}
	parts, err := telemetry.Parts(rows, func(t *telemetry.Table) (*telemetry.Stored, error) { return s.lookup(workspace, t.Name) })
	if err != nil {
		return err
	}
	c := <-s.lanes
	defer func() { s.lanes <- c }()
	now := value.TicksOf(s.opt.Now())
	for attempt := 1; ; attempt++ {
		err := s.transaction(ctx, c, func() error { return s.appendParts(c, workspace, parts, now) })
		if err == nil {
			s.appended()
			return nil
		}
		if engine.KindOf(err) != engine.Memory || attempt == memoryAttempts {
			return fmt.Errorf("storing %d rows: %w", len(rows), err)
		}
		n := s.readers.stop(&telemetry.LimitError{Limit: telemetry.LimitMemory, Value: s.opt.Memory, Cause: errors.New("ingest needed the memory")})
		s.opt.Log.Warn("an append found no memory", "attempt", attempt, "queries ended", n)
		pause := time.NewTimer(memoryPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

func (s *Store) appendParts(c *engine.Conn, workspace string, parts []*telemetry.Part, now int64) error {
	for _, p := range parts {
		if err := s.appendPart(c, workspace, p, now); err != nil {
			return s.failed(err)
		}
	}
	return nil
}

func (s *Store) appendPart(conn *engine.Conn, workspace string, p *telemetry.Part, now int64) error {
	names, total := make([]string, 0, len(p.Columns)+1), make([]bool, 0, len(p.Columns)+1)
	for _, c := range p.Columns {
		names = append(names, p.Into.Names[c])
		total = append(total, p.Into.Table.Columns[c].Type == value.String)
	}
	a, err := conn.NewAppender(schemaName(workspace), p.Into.Table.Name, append(names, telemetry.Ingested), append(total, false))
	if err != nil {
		return err
	}
	defer a.Close()
	for _, r := range p.Rows {
		for i := range r.Cells {
			c := &r.Cells[i]
			setCell(a, p.Place[c.Column], &c.Value)
		}
		a.SetInt64(len(p.Columns), now)
		if err := a.EndRow(); err != nil {
			return err
		}
	}
	return a.Flush()
}

func setCell(a *engine.Appender, col int, v *value.Value) {
	switch {
	case v.Null:
	case v.Type == value.Bool:
		a.SetBool(col, v.Num != 0)
	case v.Type == value.Int:
		a.SetInt32(col, int32(v.Num))
	case v.Type == value.Real:
		a.SetFloat(col, v.Float)
	case v.Type == value.Long || v.Type == value.DateTime || v.Type == value.TimeSpan:
		a.SetInt64(col, v.Num)
	default:
		a.SetString(col, v.Text)
	}
}
