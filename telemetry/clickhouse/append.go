package clickhouse

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"crypto/rand"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// An insert that got no answer is sent again with the same token, by which the
// server knows one that it has already.
const (
	attempts = 3
	pause    = 200 * time.Millisecond
)

// Append implements telemetry.Store. Rows of one table are stored whole or not at
// all; of several tables the earlier ones may be stored when a later one fails.
func (s *Store) Append(ctx context.Context, workspace string, rows []telemetry.Row) error {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	parts, err := s.parts(ctx, workspace, rows)
	if err != nil {
		return err
	}
	now := value.UnixEpoch + s.opt.Now().UnixNano()/100
	for _, p := range parts {
		if err := s.insert(ctx, workspace, p, now); err != nil {
			return fmt.Errorf("storing %d rows of %s: %w", len(p.rows), p.into.table.Name, err)
		}
	}
	return nil
}

// part is the rows of one table. place is the position of a column among those
// that the rows fill, -1 of one that no row does; columns lists them.
type part struct {
	into    *stored
	of      *telemetry.Table
	rows    []telemetry.Row
	place   []int
	columns []int
}

// parts sorts rows by table and refuses what can't be stored before any is.
func (s *Store) parts(ctx context.Context, workspace string, rows []telemetry.Row) ([]*part, error) {
	byTable := map[*telemetry.Table]*part{}
	var out []*part
	for _, r := range rows {
		p := byTable[r.Table]
		if p == nil {
			into, err := s.lookup(ctx, workspace, r.Table.Name, len(r.Table.Columns))
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
		if err := p.add(r); err != nil {
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

// insert sends the rows of one table as one block.
func (s *Store) insert(ctx context.Context, workspace string, p *part, now int64) error {
	names := make([]string, 0, len(p.columns)+1)
	for _, c := range p.columns {
		names = append(names, ident(p.into.names[c]))
	}
	names = append(names, ident(telemetry.Ingested))
	sql := "INSERT INTO " + s.TableSQL(workspace, p.into.table.Name) + " (" + strings.Join(names, ", ") + ") FORMAT RowBinary"
	settings := url.Values{
		"insert_deduplication_token": {rand.Text()},
		// Old events may be of any month.
		"max_partitions_per_insert_block": {"0"},
		// One block, so that it is stored whole.
		"max_insert_block_size": {"100000000"}, "min_insert_block_size_rows": {"100000000"}, "min_insert_block_size_bytes": {"0"},
	}
	body := p.encode(now)
	for n := 1; ; n++ {
		err := s.http.insert(ctx, sql, settings, body)
		var answered *serverError
		if err == nil || n == attempts || ctx.Err() != nil || errors.As(err, &answered) {
			return err
		}
		s.opt.Log.Warn("an insert got no answer and is sent again", "attempt", n, "error", err)
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return context.Cause(ctx)
		}
	}
}

// encode writes the rows in RowBinary.
func (p *part) encode(now int64) []byte {
	out := make([]byte, 0, len(p.rows)*(len(p.columns)+1)*8)
	line := make([]*value.Value, len(p.columns))
	for _, r := range p.rows {
		clear(line)
		for i := range r.Cells {
			line[p.place[r.Cells[i].Column]] = &r.Cells[i].Value
		}
		for i, v := range line {
			out = appendCell(out, p.into.table.Columns[p.columns[i]].Type, v)
		}
		out = binary.LittleEndian.AppendUint64(out, uint64(now))
	}
	return out
}

// appendCell writes a cell; nil is one that is not filled.
func appendCell(out []byte, t value.Type, v *value.Value) []byte {
	if t == value.String {
		if v == nil {
			return append(out, 0)
		}
		return appendText(out, v.Text)
	}
	if v == nil || v.Null {
		return append(out, 1)
	}
	out = append(out, 0)
	switch t {
	case value.Bool:
		return append(out, byte(v.Num&1))
	case value.Int:
		return binary.LittleEndian.AppendUint32(out, uint32(v.Num))
	case value.Real:
		return binary.LittleEndian.AppendUint64(out, math.Float64bits(v.Float))
	case value.Long, value.DateTime, value.TimeSpan:
		return binary.LittleEndian.AppendUint64(out, uint64(v.Num))
	}
	return appendText(out, v.Text)
}

// appendText writes a text. Bytes that are not UTF-8 become U+FFFD.
func appendText(out []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}
