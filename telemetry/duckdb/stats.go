package duckdb

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb/engine"
)

// Stats implements telemetry.Store.
func (s *Store) Stats(ctx context.Context, workspace string) ([]telemetry.TableStats, error) {
	tables, err := s.Tables(ctx, workspace)
	if err != nil {
		return nil, err
	}
	var out []telemetry.TableStats
	err = s.admin.do(ctx, func(c *engine.Conn) error {
		for _, t := range tables {
			st, err := s.describe(ctx, c, workspace, t)
			if err != nil {
				return fmt.Errorf("describing %s: %w", t.Name, s.failed(err))
			}
			if st.Rows > 0 {
				out = append(out, st)
			}
		}
		return nil
	})
	return out, err
}

// blockBytes is the size of a block of the file.
const blockBytes = 256 << 10

func (s *Store) describe(ctx context.Context, c *engine.Conn, workspace string, t *telemetry.Table) (telemetry.TableStats, error) {
	st := telemetry.TableStats{Table: t.Name}
	from := s.TableSQL(workspace, t.Name)
	extremes := "0, 0"
	if i := t.TimeColumn(); i >= 0 {
		at := ident(t.StoredNames()[i])
		extremes = "coalesce(min(" + at + "), 0), coalesce(max(" + at + "), 0)"
	}
	rows, err := collect(ctx, c, "SELECT count(*), "+extremes+" FROM "+from)
	if err != nil || rows[0][0].Num == 0 {
		return st, err
	}
	st.Rows, st.Oldest, st.Newest = rows[0][0].Num, rows[0][1].Num, rows[0][2].Num
	// Segments of several columns may share a block: it counts once.
	rows, err = collect(ctx, c, "SELECT count(DISTINCT block_id) FROM pragma_storage_info("+text(from)+") WHERE persistent AND block_id >= 0")
	if err != nil {
		return st, err
	}
	st.Bytes = rows[0][0].Num * blockBytes
	return st, nil
}

// Expire implements telemetry.Store. The space is used again for new rows.
func (s *Store) Expire(ctx context.Context, workspace, table string, before int64) (int64, error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	t, err := s.lookup(workspace, table)
	if err != nil {
		return 0, err
	}
	at := ident(telemetry.Ingested)
	if i := t.Table.TimeColumn(); i >= 0 {
		at = "coalesce(" + ident(t.Names[i]) + ", " + at + ")"
	}
	var n int64
	err = s.admin.do(ctx, func(c *engine.Conn) (err error) {
		n, err = c.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s < %d", s.TableSQL(workspace, table), at, before))
		return s.failed(err)
	})
	if err != nil {
		return 0, fmt.Errorf("removing old rows of %s: %w", table, err)
	}
	s.appended()
	return n, nil
}
