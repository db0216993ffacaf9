package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb/engine"
)

// format is the version of what this package writes besides the engine's own
// format. A file of a higher one is refused.
const format = 1

// prepare makes the tables in which the store keeps its own knowledge, and reads
// them.
func (s *Store) prepare(ctx context.Context) error {
	_, err := s.writer.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS clew;
		CREATE TABLE IF NOT EXISTS clew.format (version INTEGER NOT NULL);
		CREATE TABLE IF NOT EXISTS clew.tables (workspace VARCHAR NOT NULL, name VARCHAR NOT NULL, definition VARCHAR NOT NULL)`)
	if err != nil {
		return fmt.Errorf("preparing the telemetry: %w", err)
	}
	found, err := collect(ctx, s.writer, "SELECT version FROM clew.format")
	if err != nil {
		return fmt.Errorf("reading the telemetry's format: %w", err)
	}
	if len(found) == 0 {
		_, err := s.writer.Exec(ctx, "INSERT INTO clew.format VALUES ("+strconv.Itoa(format)+")")
		return err
	}
	if v := found[0][0].Num; v > format {
		return fmt.Errorf("%w: it has format %d, this version reads up to %d", telemetry.ErrNewer, v, format)
	}
	return s.readTables(ctx)
}

func (s *Store) readTables(ctx context.Context) error {
	rows, err := collect(ctx, s.writer, "SELECT workspace, definition FROM clew.tables")
	if err != nil {
		return fmt.Errorf("reading the telemetry's tables: %w", err)
	}
	for _, r := range rows {
		t, err := telemetry.UnmarshalDefinition(r[1].Text)
		if err != nil {
			return err
		}
		s.keep(r[0].Text, t)
	}
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

// lookup finds a table by its exact name.
func (s *Store) lookup(workspace, table string) (*telemetry.Stored, error) {
	s.schemas.RLock()
	defer s.schemas.RUnlock()
	if t := s.spaces[workspace][strings.ToLower(table)]; t != nil && t.Table.Name == table {
		return t, nil
	}
	return nil, fmt.Errorf("%s: %w", table, telemetry.ErrNoTable)
}

// collect reads a small result.
func collect(ctx context.Context, c *engine.Conn, sql string, args ...value.Value) ([][]value.Value, error) {
	rows, err := c.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]value.Value
	for {
		row := make([]value.Value, len(rows.Columns()))
		ok, err := rows.Next(row)
		if err != nil || !ok {
			return out, err
		}
		out = append(out, row)
	}
}

// Ensure implements telemetry.Store.
func (s *Store) Ensure(ctx context.Context, workspace string, tables []*telemetry.Table) error {
	if err := s.usable(); err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	var changed []*telemetry.Table
	var script []string
	for _, t := range tables {
		steps, err := s.steps(workspace, t)
		if err != nil {
			return err
		}
		if len(steps) > 0 {
			changed, script = append(changed, t), append(script, steps...)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	script = slices.Insert(script, 0, "CREATE SCHEMA IF NOT EXISTS "+ident(schemaName(workspace)))
	if err := s.transaction(ctx, s.writer, func() error { return s.run(ctx, script) }); err != nil {
		return fmt.Errorf("making the tables of workspace %q: %w", workspace, err)
	}
	for _, t := range changed {
		s.keep(workspace, t)
	}
	return nil
}

func (s *Store) run(ctx context.Context, script []string) error {
	_, err := s.writer.Exec(ctx, strings.Join(script, ";\n"))
	return s.failed(err)
}

// transaction runs f between BEGIN and COMMIT of a connection. The caller holds
// write. An error rolls everything back.
func (s *Store) transaction(ctx context.Context, c *engine.Conn, f func() error) error {
	// The transaction's own statements must not be cut off: a commit that is
	// interrupted half-way leaves unknown what was stored.
	whole := context.WithoutCancel(ctx)
	if _, err := c.Exec(whole, "BEGIN"); err != nil {
		return s.failed(err)
	}
	err := f()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		if _, err = c.Exec(whole, "COMMIT"); err == nil {
			return nil
		}
		err = s.failed(err)
	}
	if _, undo := c.Exec(whole, "ROLLBACK"); undo != nil && !strings.Contains(undo.Error(), "no transaction is active") {
		err = errors.Join(err, s.failed(undo))
	}
	return err
}

// steps are the statements that bring a table to what is wanted, none when it is
// so already.
func (s *Store) steps(workspace string, t *telemetry.Table) ([]string, error) {
	s.schemas.RLock()
	have := s.spaces[workspace][strings.ToLower(t.Name)]
	s.schemas.RUnlock()
	names := t.StoredNames()
	definition, err := telemetry.MarshalDefinition(t)
	if err != nil {
		return nil, err
	}
	insert := fmt.Sprintf("INSERT INTO clew.tables VALUES (%s, %s, %s)", text(workspace), text(t.Name), text(definition))
	if have == nil {
		return []string{"CREATE TABLE " + s.TableSQL(workspace, t.Name) + " (" + columnList(t, names) + ")", insert}, nil
	}
	if have.Table.Grows(t) && len(have.Table.Columns) == len(t.Columns) {
		return nil, nil
	}
	if t.Grows(have.Table) {
		return nil, nil // a version with fewer columns: what is there serves it
	}
	if !have.Table.Grows(t) {
		return nil, fmt.Errorf("%s: %w", t.Name, telemetry.ErrConflict)
	}
	var steps []string
	for i := len(have.Names); i < len(names); i++ {
		steps = append(steps, "ALTER TABLE "+s.TableSQL(workspace, t.Name)+" ADD COLUMN "+columnSQL(names[i], t.Columns[i].Type))
	}
	remove := fmt.Sprintf("DELETE FROM clew.tables WHERE workspace = %s AND name = %s", text(workspace), text(t.Name))
	return append(steps, remove, insert), nil
}

func columnList(t *telemetry.Table, names []string) string {
	parts := make([]string, 0, len(names)+1)
	for i, n := range names {
		parts = append(parts, columnSQL(n, t.Columns[i].Type))
	}
	return strings.Join(append(parts, columnSQL(telemetry.Ingested, value.DateTime)), ", ")
}

// sqlTypes is how the contract stores a type of the language.
var sqlTypes = map[value.Type]string{
	value.Bool: "BOOLEAN", value.Int: "INTEGER", value.Long: "BIGINT", value.Real: "DOUBLE", value.Decimal: "VARCHAR",
	value.DateTime: "BIGINT", value.TimeSpan: "BIGINT", value.Guid: "VARCHAR", value.String: "VARCHAR", value.Dynamic: "VARCHAR",
}

func columnSQL(name string, t value.Type) string {
	sql := ident(name) + " " + sqlTypes[t]
	if t == value.String {
		// The engine can't add a column with NOT NULL to a table that has rows; the
		// default fills it all the same, and appends never write NULL.
		sql += " DEFAULT ''"
	}
	return sql
}

// Tables implements telemetry.Store.
func (s *Store) Tables(_ context.Context, workspace string) ([]*telemetry.Table, error) {
	if err := s.usable(); err != nil {
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
	if err := s.usable(); err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if _, err := s.lookup(workspace, table); err != nil {
		return nil
	}
	err := s.transaction(ctx, s.writer, func() error {
		return s.run(ctx, []string{
			"DROP TABLE " + s.TableSQL(workspace, table),
			fmt.Sprintf("DELETE FROM clew.tables WHERE workspace = %s AND name = %s", text(workspace), text(table)),
		})
	})
	if err != nil {
		return fmt.Errorf("dropping %s: %w", table, err)
	}
	s.schemas.Lock()
	defer s.schemas.Unlock()
	delete(s.spaces[workspace], strings.ToLower(table))
	return nil
}

// TableSQL implements telemetry.Store.
func (s *Store) TableSQL(workspace, table string) string {
	return ident(schemaName(workspace)) + "." + ident(table)
}

// schemaName is the schema of a workspace. The engine's names ignore case, those
// of workspaces don't: what is not a small letter, a digit or a hyphen is
// written as its bytes.
func schemaName(workspace string) string {
	var b strings.Builder
	b.WriteString("w_")
	for _, c := range []byte(workspace) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

// ident quotes an identifier.
func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// text quotes a literal.
func text(s string) string { return `'` + strings.ReplaceAll(s, `'`, `''`) + `'` }
