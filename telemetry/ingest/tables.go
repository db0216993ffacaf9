package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping"
	"github.com/clew-sec/clew/telemetry/mapping/custom"
	"github.com/clew-sec/clew/telemetry/reader"
)

// MaxTables is how many tables the users of a workspace may define.
const MaxTables = 200

// The errors of tables that users define.
var (
	// ErrTooManyTables: there is no room for another.
	ErrTooManyTables = fmt.Errorf("a workspace may have %d user-defined tables", MaxTables)
	// ErrTableExists: the name is taken, by a table of the product or a user's, in
	// whatever case.
	ErrTableExists = errors.New("there is a table of this name")
)

// userTables are the tables of a workspace that its users have defined.
func (s *Service) userTables(ctx context.Context, workspace string) ([]*telemetry.Table, error) {
	all, err := s.Store.Tables(ctx, workspace)
	if err != nil {
		return nil, fmt.Errorf("looking for user-defined tables: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(t *telemetry.Table) bool { return t.Family != custom.Family }), nil
}

// CreateTable makes a table as custom.NewTable made it. Errors: ErrTableExists,
// ErrTooManyTables.
func (s *Service) CreateTable(ctx context.Context, workspace string, t *telemetry.Table) error {
	s.defining.Lock()
	defer s.defining.Unlock()
	all, err := s.Store.Tables(ctx, workspace)
	if err != nil {
		return fmt.Errorf("looking for tables: %w", err)
	}
	users := 0
	for _, other := range telemetry.WithBuiltin(all) {
		if strings.EqualFold(other.Name, t.Name) {
			return fmt.Errorf("%s: %w", other.Name, ErrTableExists)
		}
		if other.Family == custom.Family {
			users++
		}
	}
	if users >= MaxTables {
		return ErrTooManyTables
	}
	return s.Store.Ensure(ctx, workspace, []*telemetry.Table{t})
}

// AddColumns adds columns to the end of a user-defined table and returns what it
// is then. Errors: telemetry.ErrNoTable, and those of a table's form.
func (s *Service) AddColumns(ctx context.Context, workspace, name string, columns []telemetry.Column) (*telemetry.Table, error) {
	s.defining.Lock()
	defer s.defining.Unlock()
	t, err := s.userTable(ctx, workspace, name)
	if err != nil {
		return nil, err
	}
	next, err := telemetry.NewTable(t.Name, t.Family, t.Doc, append(slices.Clone(t.Columns), columns...))
	if err != nil {
		return nil, &TableError{err}
	}
	return next, s.Store.Ensure(ctx, workspace, []*telemetry.Table{next})
}

// TableError says what is wrong with the form of a table.
type TableError struct{ Err error }

func (e *TableError) Error() string { return e.Err.Error() }
func (e *TableError) Unwrap() error { return e.Err }

// DropTable removes a user-defined table with its rows. What is on its way to it
// is refused: it does not come back by itself.
func (s *Service) DropTable(ctx context.Context, workspace, name string) error {
	s.defining.Lock()
	defer s.defining.Unlock()
	if _, err := s.userTable(ctx, workspace, name); err != nil {
		return err
	}
	return s.Store.Drop(ctx, workspace, name)
}

func (s *Service) userTable(ctx context.Context, workspace, name string) (*telemetry.Table, error) {
	all, err := s.userTables(ctx, workspace)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", name, telemetry.ErrNoTable)
}

// DeliverTo reads a stream of JSON objects into a user-defined table. What the
// receipt counts is durable, also when there is an error. Keys without a column
// are kept together in one. Errors: telemetry.ErrNoTable, those of storing, or of
// the context.
func (s *Service) DeliverTo(ctx context.Context, workspace, table string, body io.Reader, d Delivery) (Receipt, error) {
	r := Receipt{Tables: map[string]int{}, Rejects: []RejectedRecord{}}
	w, err := s.Writer(workspace)
	if err != nil {
		return r, err
	}
	t, err := s.userTable(ctx, workspace, table)
	if err != nil {
		return r, err
	}
	now := value.TicksOf(s.Now())
	m, err := mapping.NewCustom(t, false, s.mapping(workspace, now))
	if err != nil {
		return r, err
	}
	d.Format = table
	refused := refusals{delivery: d, now: now}
	for b, err := range reader.Batches(ctx, body, reader.Options{File: d.File, Mapper: m}) {
		if err != nil {
			return r, err
		}
		rows := append(slices.Clone(b.Rows), refused.rows(table, b.Refused)...)
		if err := s.writeTo(ctx, w, workspace, table, rows); err != nil {
			return r, err
		}
		r.count(b)
	}
	return r, nil
}

// writeTo writes rows of a table while it is there: nothing makes a table anew
// that somebody drops meanwhile.
func (s *Service) writeTo(ctx context.Context, w *Writer, workspace, table string, rows []telemetry.Row) error {
	s.defining.RLock()
	defer s.defining.RUnlock()
	if _, err := s.userTable(ctx, workspace, table); err != nil {
		return err
	}
	return w.Write(ctx, rows)
}

// SampleColumns are the columns of a table that is to hold records like those of
// a stream. A record that is no JSON object is a *TableError.
func SampleColumns(ctx context.Context, body io.Reader) ([]telemetry.Column, error) {
	sample := custom.NewSample()
	for b, err := range reader.Batches(ctx, body, reader.Options{Mapper: sample}) {
		if err != nil {
			return nil, err
		}
		if len(b.Refused) > 0 {
			_, reason := reasonOf(b.Refused[0])
			return nil, &TableError{fmt.Errorf("record %d: %s", b.Refused[0].Record, reason)}
		}
	}
	return sample.Columns(), nil
}
