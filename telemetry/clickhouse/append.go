package clickhouse

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
// all; what is stored of several tables when a later one fails is removed again.
// Queries may see it meanwhile.
func (s *Store) Append(ctx context.Context, workspace string, rows []telemetry.Row) error {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	parts, err := telemetry.Parts(rows, func(t *telemetry.Table) (*telemetry.Stored, error) {
		return s.lookup(ctx, workspace, t.Name, len(t.Columns))
	})
	if err != nil {
		return err
	}
	if err := s.settled(ctx); err != nil {
		return err
	}
	debts := noted(workspace, parts, s.stamp())
	name, err := s.notes.begin(debts)
	if err != nil {
		return err
	}
	begun, err := s.insertAll(ctx, parts, debts)
	if err == nil {
		if err = s.notes.end(name); err == nil {
			return nil
		}
	}
	s.undo(ctx, failed{note: name, debts: debts[:begun]})
	return err
}

// insertAll inserts one part after the other until one fails. Begun is of how many
// there may be rows.
func (s *Store) insertAll(ctx context.Context, parts []*telemetry.Part, debts []debt) (begun int, _ error) {
	for i, p := range parts {
		if refused, err := s.insert(ctx, p, debts[i]); err != nil {
			if !refused {
				i++
			}
			return i, fmt.Errorf("storing %d rows of %s: %w", len(p.Rows), p.Into.Table.Name, err)
		}
	}
	return len(parts), nil
}

// insert sends the rows of one table as one block. Refused says that nothing was
// stored for sure: rows of several months are several parts, of which an error
// may leave some.
func (s *Store) insert(ctx context.Context, p *telemetry.Part, d debt) (refused bool, _ error) {
	names := make([]string, 0, len(p.Columns)+1)
	for _, c := range p.Columns {
		names = append(names, ident(p.Into.Names[c]))
	}
	names = append(names, ident(telemetry.Ingested))
	sql := "INSERT INTO " + s.TableSQL(d.workspace, d.table) + " (" + strings.Join(names, ", ") + ") FORMAT RowBinary"
	settings := url.Values{
		"insert_deduplication_token": {d.query},
		// Old events may be of any month.
		"max_partitions_per_insert_block": {"0"},
		// One block, so that it is stored whole.
		"max_insert_block_size": {"100000000"}, "min_insert_block_size_rows": {"100000000"}, "min_insert_block_size_bytes": {"0"},
	}
	body := encode(p, d.ingested)
	for n := 1; ; n++ {
		settings.Set("query_id", d.query+"-"+strconv.Itoa(n))
		err := s.http.insert(ctx, sql, settings, body)
		var answered *serverError
		if err == nil || n == attempts || ctx.Err() != nil || errors.As(err, &answered) {
			return n == 1 && answered.before(), err
		}
		s.opt.Log.Warn("an insert got no answer and is sent again", "attempt", n, "error", err)
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return false, context.Cause(ctx)
		}
	}
}

// encode writes the rows in RowBinary.
func encode(p *telemetry.Part, now int64) []byte {
	out := make([]byte, 0, len(p.Rows)*(len(p.Columns)+1)*8)
	line := make([]*value.Value, len(p.Columns))
	for _, r := range p.Rows {
		clear(line)
		for i := range r.Cells {
			line[p.Place[r.Cells[i].Column]] = &r.Cells[i].Value
		}
		for i, v := range line {
			out = appendCell(out, p.Into.Table.Columns[p.Columns[i]].Type, v)
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
