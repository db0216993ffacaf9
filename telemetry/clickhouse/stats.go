package clickhouse

import (
	"context"
	"fmt"
	"net/url"

	"github.com/clew-sec/clew/telemetry"
)

// Stats implements telemetry.Store.
func (s *Store) Stats(ctx context.Context, workspace string) ([]telemetry.TableStats, error) {
	tables, err := s.Tables(ctx, workspace)
	if err != nil {
		return nil, err
	}
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	rows, err := s.collect(ctx, "SELECT table, sum(bytes_on_disk) AS b FROM system.parts WHERE active AND database = "+text(s.database(workspace))+" GROUP BY table")
	if err != nil {
		return nil, fmt.Errorf("describing the tables: %w", err)
	}
	bytes := map[string]int64{}
	for _, r := range rows {
		bytes[r[0].Text] = r[1].Num
	}
	var out []telemetry.TableStats
	for _, t := range tables {
		if _, ok := bytes[t.Name]; !ok {
			continue
		}
		st, err := s.describe(ctx, workspace, t)
		if err != nil {
			return nil, fmt.Errorf("describing %s: %w", t.Name, err)
		}
		if st.Bytes = bytes[t.Name]; st.Rows > 0 {
			out = append(out, st)
		}
	}
	return out, nil
}

func (s *Store) describe(ctx context.Context, workspace string, t *telemetry.Table) (telemetry.TableStats, error) {
	extremes := "0, 0"
	if i := t.TimeColumn(); i >= 0 {
		at := ident(t.StoredNames()[i])
		extremes = "ifNull(min(" + at + "), 0), ifNull(max(" + at + "), 0)"
	}
	rows, err := s.collect(ctx, "SELECT count(), "+extremes+" FROM "+s.TableSQL(workspace, t.Name))
	if err != nil {
		return telemetry.TableStats{}, err
	}
	return telemetry.TableStats{Table: t.Name, Rows: rows[0][0].Num, Oldest: rows[0][1].Num, Newest: rows[0][2].Num}, nil
}

// Expire implements telemetry.Store. Months that are gone as a whole are dropped,
// rows of the month in which the border lies are deleted. The number of rows is
// what was counted before.
func (s *Store) Expire(ctx context.Context, workspace, table string, before int64) (int64, error) {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	t, err := s.lookup(ctx, workspace, table, 0)
	if err != nil {
		return 0, err
	}
	n, err := s.expire(ctx, workspace, table, timeSQL(t), before)
	if err != nil {
		return 0, fmt.Errorf("removing old rows of %s: %w", table, err)
	}
	return n, nil
}

func (s *Store) expire(ctx context.Context, workspace, table, at string, before int64) (int64, error) {
	from := s.TableSQL(workspace, table)
	rows, err := s.collect(ctx, fmt.Sprintf("SELECT count() FROM %s WHERE %s < %d", from, at, before))
	if err != nil || rows[0][0].Num == 0 {
		return 0, err
	}
	n := rows[0][0].Num
	months, err := s.collect(ctx, fmt.Sprintf("SELECT partition FROM system.parts WHERE active AND database = %s AND table = %s GROUP BY partition HAVING toUInt32(partition) < (SELECT %s)",
		text(s.database(workspace)), text(table), monthSQL(fmt.Sprint(before))))
	if err != nil {
		return 0, err
	}
	for _, m := range months {
		if err := s.http.exec(ctx, "ALTER TABLE "+from+" DROP PARTITION "+m[0].Text, nil); err != nil {
			return 0, err
		}
	}
	return n, s.http.exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s < %d", from, at, before), url.Values{"lightweight_deletes_sync": {"2"}})
}
