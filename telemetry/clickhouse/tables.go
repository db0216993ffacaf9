package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// format is the version of what this package writes. Data of a higher one is
// refused.
const format = 1

// meta names a table of the store's own database.
func (s *Store) meta(table string) string { return ident(s.opt.Prefix) + "." + ident(table) }

// prepare makes the tables in which the store keeps its own knowledge, and reads
// them.
func (s *Store) prepare(ctx context.Context) error {
	for _, sql := range []string{
		"CREATE DATABASE IF NOT EXISTS " + ident(s.opt.Prefix),
		"CREATE TABLE IF NOT EXISTS " + s.meta("format") + " (version Int32) ENGINE = ReplacingMergeTree ORDER BY version",
		// A definition is never changed: the highest version counts, and one without
		// text says that the table was dropped.
		"CREATE TABLE IF NOT EXISTS " + s.meta("tables") + " (workspace String, name String, version Int64, definition String) ENGINE = MergeTree ORDER BY (workspace, name, version)",
	} {
		if err := s.http.exec(ctx, sql, nil); err != nil {
			return err
		}
	}
	found, err := s.collect(ctx, "SELECT max(version) AS v, count() AS n FROM "+s.meta("format"))
	if err != nil {
		return err
	}
	if found[0][1].Num == 0 {
		return s.http.exec(ctx, "INSERT INTO "+s.meta("format")+" VALUES ("+strconv.Itoa(format)+")", nil)
	}
	if v := found[0][0].Num; v > format {
		return fmt.Errorf("%w: it has format %d, this version reads up to %d", telemetry.ErrNewer, v, format)
	}
	return s.readTables(ctx)
}

// collect reads a small result.
func (s *Store) collect(ctx context.Context, sql string) ([][]value.Value, error) {
	b, err := s.http.query(ctx, s.http.writer, sql, nil)
	if err != nil {
		return nil, err
	}
	defer b.close()
	var out [][]value.Value
	for {
		ok, err := b.next()
		if !ok || err != nil {
			return out, err
		}
		for i := range b.rows {
			row := make([]value.Value, len(b.columns))
			for c := range row {
				if row[c], err = b.columns[c].value(i); err != nil {
					return nil, err
				}
			}
			out = append(out, row)
		}
	}
}

// readTables learns what there is, also what other nodes made since.
func (s *Store) readTables(ctx context.Context) error {
	rows, err := s.collect(ctx, "SELECT workspace, argMax(definition, version) AS d FROM "+s.meta("tables")+" GROUP BY workspace, name HAVING d != ''")
	if err != nil {
		return fmt.Errorf("reading the telemetry's tables: %w", err)
	}
	spaces := map[string]map[string]*telemetry.Stored{}
	for _, r := range rows {
		t, err := telemetry.UnmarshalDefinition(r[1].Text)
		if err != nil {
			return err
		}
		if spaces[r[0].Text] == nil {
			spaces[r[0].Text] = map[string]*telemetry.Stored{}
		}
		spaces[r[0].Text][strings.ToLower(t.Name)] = telemetry.NewStored(t)
	}
	s.schemas.Lock()
	defer s.schemas.Unlock()
	s.spaces = spaces
	return nil
}

func (s *Store) keep(workspace string, t *telemetry.Table) {
	s.schemas.Lock()
	defer s.schemas.Unlock()
	if s.spaces[workspace] == nil {
		s.spaces[workspace] = map[string]*telemetry.Stored{}
	}
	s.spaces[workspace][strings.ToLower(t.Name)] = telemetry.NewStored(t)
}

func (s *Store) known(workspace, table string) *telemetry.Stored {
	s.schemas.RLock()
	defer s.schemas.RUnlock()
	return s.spaces[workspace][strings.ToLower(table)]
}

// lookup finds a table by its exact name. What is not known, or narrower than
// wanted, may have been made by another node: then it looks again.
func (s *Store) lookup(ctx context.Context, workspace, table string, wanted int) (*telemetry.Stored, error) {
	t := s.known(workspace, table)
	if t == nil || len(t.Names) < wanted {
		if err := s.readTables(ctx); err != nil {
			return nil, err
		}
		t = s.known(workspace, table)
	}
	if t == nil || t.Table.Name != table {
		return nil, fmt.Errorf("%s: %w", table, telemetry.ErrNoTable)
	}
	return t, nil
}

// Ensure implements telemetry.Store.
func (s *Store) Ensure(ctx context.Context, workspace string, tables []*telemetry.Table) error {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s.ensure.Lock()
	defer s.ensure.Unlock()
	if err := s.readTables(ctx); err != nil {
		return err
	}
	type change struct {
		table *telemetry.Table
		have  *telemetry.Stored
	}
	var changes []change
	for _, t := range tables {
		have := s.known(workspace, t.Name)
		switch {
		case have == nil || have.Table.Grows(t) && len(t.Columns) > len(have.Names):
			changes = append(changes, change{t, have})
		case !have.Table.Grows(t) && !t.Grows(have.Table):
			return fmt.Errorf("%s: %w", t.Name, telemetry.ErrConflict)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	if err := s.http.exec(ctx, "CREATE DATABASE IF NOT EXISTS "+ident(s.database(workspace)), nil); err != nil {
		return fmt.Errorf("making the database of workspace %q: %w", workspace, err)
	}
	for _, c := range changes {
		if err := s.change(ctx, workspace, c.table, c.have); err != nil {
			return fmt.Errorf("making the table %s: %w", c.table.Name, err)
		}
	}
	return nil
}

// change makes or widens a table, and then writes down that it has.
func (s *Store) change(ctx context.Context, workspace string, t *telemetry.Table, have *telemetry.Stored) error {
	names := t.StoredNames()
	sql := "CREATE TABLE IF NOT EXISTS " + s.TableSQL(workspace, t.Name) + " " + s.tableSQL(t, names)
	if have != nil {
		var adds []string
		for i := len(have.Names); i < len(names); i++ {
			after := telemetry.Ingested
			if i > 0 {
				after = names[i-1]
			}
			adds = append(adds, "ADD COLUMN IF NOT EXISTS "+columnSQL(names[i], t.Columns[i].Type)+" AFTER "+ident(after))
		}
		sql = "ALTER TABLE " + s.TableSQL(workspace, t.Name) + " " + strings.Join(adds, ", ")
	}
	if err := s.http.exec(ctx, sql, nil); err != nil {
		return err
	}
	definition, err := telemetry.MarshalDefinition(t)
	if err != nil {
		return err
	}
	if err := s.define(ctx, workspace, t.Name, definition); err != nil {
		return err
	}
	s.keep(workspace, t)
	return nil
}

// define writes down the newest definition of a table, none when it was dropped.
func (s *Store) define(ctx context.Context, workspace, table, definition string) error {
	return s.http.exec(ctx, fmt.Sprintf("INSERT INTO %s SELECT %s, %s, 1 + max(version), %s FROM %s WHERE workspace = %s AND name = %s",
		s.meta("tables"), text(workspace), text(table), text(definition), s.meta("tables"), text(workspace), text(table)), nil)
}

// Tables implements telemetry.Store.
func (s *Store) Tables(ctx context.Context, workspace string) ([]*telemetry.Table, error) {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := s.readTables(ctx); err != nil {
		return nil, err
	}
	s.schemas.RLock()
	defer s.schemas.RUnlock()
	var out []*telemetry.Table
	for _, t := range s.spaces[workspace] {
		out = append(out, t.Table)
	}
	slices.SortFunc(out, func(a, b *telemetry.Table) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Drop implements telemetry.Store.
func (s *Store) Drop(ctx context.Context, workspace, table string) error {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s.ensure.Lock()
	defer s.ensure.Unlock()
	switch _, err := s.lookup(ctx, workspace, table, 0); {
	case errors.Is(err, telemetry.ErrNoTable):
		return nil
	case err != nil:
		return err
	}
	if err := s.http.exec(ctx, "DROP TABLE IF EXISTS "+s.TableSQL(workspace, table), nil); err != nil {
		return fmt.Errorf("dropping %s: %w", table, err)
	}
	if err := s.define(ctx, workspace, table, ""); err != nil {
		return fmt.Errorf("dropping %s: %w", table, err)
	}
	return s.readTables(ctx)
}

// TableSQL implements telemetry.Store.
func (s *Store) TableSQL(workspace, table string) string {
	return ident(s.database(workspace)) + "." + ident(table)
}

// database is the database of a workspace. What is not a small letter, a digit or
// a hyphen is written as its bytes, so that no two workspaces share one.
func (s *Store) database(workspace string) string {
	var b strings.Builder
	b.WriteString(s.opt.Prefix + "_")
	for _, c := range []byte(workspace) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

// sqlTypes is how the contract stores a type of the language. Compression goes by
// what the columns of events hold: times that grow, texts that repeat.
var sqlTypes = map[value.Type]string{
	value.Bool: "Nullable(Bool)", value.Int: "Nullable(Int32)", value.Long: "Nullable(Int64)", value.Real: "Nullable(Float64)",
	value.Decimal: "Nullable(String)", value.DateTime: "Nullable(Int64) CODEC(Delta(8), ZSTD(1))", value.TimeSpan: "Nullable(Int64)",
	value.Guid: "Nullable(String)", value.String: "String CODEC(ZSTD(1))", value.Dynamic: "Nullable(String) CODEC(ZSTD(1))",
}

func columnSQL(name string, t value.Type) string { return ident(name) + " " + sqlTypes[t] }

// byEntity are the columns by which people look for rows, most telling first: the
// first that a table has orders its rows within the hour.
var byEntity = []string{"DeviceName", "DeviceId", "Computer", "RecipientEmailAddress", "AccountUpn", "UserPrincipalName", "AccountObjectId", "AccountId", "SourceIP", "Type"}

// ticksPerHour is an hour in the ticks in which times are stored.
const ticksPerHour = 36_000_000_000

// tableSQL is the table but for its name. Rows are ordered by hour, entity and
// time: queries name a time range nearly always, and an entity often. A partition
// is a month, so that retention drops whole ones.
func (s *Store) tableSQL(t *telemetry.Table, names []string) string {
	parts := make([]string, 0, len(names)+4)
	for i, n := range names {
		parts = append(parts, columnSQL(n, t.Columns[i].Type))
	}
	parts = append(parts, ident(telemetry.Ingested)+" Int64 CODEC(Delta(8), ZSTD(1))")
	at := ident(telemetry.Ingested)
	key := []string{"intDiv(" + at + ", " + strconv.Itoa(ticksPerHour) + ")"}
	month := monthSQL(at)
	if i := t.TimeColumn(); i >= 0 {
		column := ident(names[i])
		key = []string{"intDiv(" + column + ", " + strconv.Itoa(ticksPerHour) + ")"}
		month = monthSQL("ifNull(" + column + ", " + at + ")")
		at = column
		// For people who look at the table with other tools.
		parts = append(parts, "`$time` DateTime64(7, 'UTC') ALIAS fromUnixTimestamp64Nano((ifNull("+column+", "+ident(telemetry.Ingested)+") - 621355968000000000) * 100, 'UTC')",
			"INDEX `$when` "+column+" TYPE minmax GRANULARITY 1")
	}
	for _, e := range byEntity {
		if i, ok := t.Column(e); ok && t.Columns[i].Type == value.String {
			key = append(key, ident(names[i]))
			break
		}
	}
	return "(" + strings.Join(parts, ", ") + ") ENGINE = MergeTree PARTITION BY " + month + " ORDER BY (" + strings.Join(append(key, at), ", ") + ")" +
		" SETTINGS allow_nullable_key = 1, fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000"
}

// monthSQL is the month of ticks as a number like 202611.
func monthSQL(ticks string) string { return "toYYYYMM(" + clockSQL(ticks, lastSecond) + ")" }

// lastSecond is the last one that the engine's clock knows.
const lastSecond = 1<<32 - 1

// clockSQL is the time of ticks by the engine's clock, in seconds. Times before what
// it knows become its first, those after last that second.
func clockSQL(ticks string, last int64) string {
	return fmt.Sprintf("toDateTime(toUInt32(greatest(0, least(%d, intDiv(%s - 621355968000000000, 10000000)))), 'UTC')", last, ticks)
}

// timeSQL is the time by which rows of a table grow old: that of the event, or
// that of their coming where they have none.
func timeSQL(t *telemetry.Stored) string {
	at := ident(telemetry.Ingested)
	if i := t.Table.TimeColumn(); i >= 0 {
		return "ifNull(" + ident(t.Names[i]) + ", " + at + ")"
	}
	return at
}
