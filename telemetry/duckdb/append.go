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
	parts, err := s.parts(workspace, rows)
	if err != nil {
		return err
	}
	c := <-s.lanes
	defer func() { s.lanes <- c }()
	now := value.UnixEpoch + s.opt.Now().UnixNano()/100
	for attempt := 1; ; attempt++ {
		err := s.transaction(ctx, c, func() error { return s.appendParts(c, workspace, parts, now) })
		if err == nil {
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

// part is the rows of one table.
type part struct {
	into *stored
	of   *telemetry.Table // the version of the table that the rows have
	rows []telemetry.Row
	// place is the position of a column among those that the rows fill, -1 of one
	// that no row does; columns lists them.
	place   []int
	columns []int
}

// parts sorts rows by table, in the order of their first row.
func (s *Store) parts(workspace string, rows []telemetry.Row) ([]*part, error) {
	byTable := map[*telemetry.Table]*part{}
	var out []*part
	var last *part
	for _, r := range rows {
		if last == nil || last.of != r.Table {
			p := byTable[r.Table]
			if p == nil {
				into, err := s.lookup(workspace, r.Table.Name)
				if err != nil {
					return nil, err
				}
				if !r.Table.Grows(into.table) {
					return nil, fmt.Errorf("%s: %w", r.Table.Name, telemetry.ErrConflict)
				}
				p = newPart(into, r.Table)
				byTable[r.Table] = p
				out = append(out, p)
			}
			last = p
		}
		if err := last.add(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func newPart(into *stored, of *telemetry.Table) *part {
	p := &part{into: into, of: of, place: make([]int, len(into.table.Columns))}
	for i := range p.place {
		p.place[i] = -1
	}
	return p
}

func (p *part) add(r telemetry.Row) error {
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Column < 0 || c.Column >= len(p.place) {
			return fmt.Errorf("a row of %s has a cell in column %d", r.Table.Name, c.Column)
		}
		if p.place[c.Column] < 0 {
			p.place[c.Column] = len(p.columns)
			p.columns = append(p.columns, c.Column)
		}
		if want := p.into.table.Columns[c.Column].Type; c.Value.Type != want && !c.Value.Null {
			return fmt.Errorf("a row of %s has a %s in column %s of %s", r.Table.Name, c.Value.Type, p.into.table.Columns[c.Column].Name, want)
		}
	}
	p.rows = append(p.rows, r)
	return nil
}

func (s *Store) appendParts(c *engine.Conn, workspace string, parts []*part, now int64) error {
	for _, p := range parts {
		if err := s.appendPart(c, workspace, p, now); err != nil {
			return s.failed(err)
		}
	}
	return nil
}

func (s *Store) appendPart(conn *engine.Conn, workspace string, p *part, now int64) error {
	names, total := make([]string, 0, len(p.columns)+1), make([]bool, 0, len(p.columns)+1)
	for _, c := range p.columns {
		names = append(names, p.into.names[c])
		total = append(total, p.into.table.Columns[c].Type == value.String)
	}
	a, err := conn.NewAppender(schemaName(workspace), p.into.table.Name, append(names, telemetry.Ingested), append(total, false))
	if err != nil {
		return err
	}
	defer a.Close()
	for _, r := range p.rows {
		for i := range r.Cells {
			c := &r.Cells[i]
			setCell(a, p.place[c.Column], &c.Value)
		}
		a.SetInt64(len(p.columns), now)
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
