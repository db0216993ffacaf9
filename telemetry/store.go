package telemetry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/kql/value"
)

// Store keeps the rows of the tables and runs SQL over them. DuckDB and
// ClickHouse are behind it; storetest is the one suite that both pass.
//
// A workspace is a boundary: its tables are its own, under a name that only
// TableSQL gives away. How values are stored is the same in both engines:
//
//	string              text, never null; the empty string stands for nothing
//	guid                text in lower case, nullable
//	dynamic             text of JSON, nullable
//	decimal             text of digits, nullable
//	bool, int, long, real    the engine's own, nullable
//	datetime, timespan  64-bit count of 100 ns ticks, nullable (value.DateTime)
//
// Every row also holds the time of its ingestion in the column Ingested, in
// ticks.
//
// All methods may be called at the same time by several goroutines.
type Store interface {
	// Ensure makes the tables of a workspace: what is missing is created, new
	// columns at the end are added. Nothing is dropped and no type is changed:
	// that is ErrConflict. Definitions of tables survive restarts.
	Ensure(ctx context.Context, workspace string, tables []*Table) error
	// Tables returns the tables of a workspace as they were ensured.
	Tables(ctx context.Context, workspace string) ([]*Table, error)
	// Drop removes a table and its rows. A table that is not there is no error.
	Drop(ctx context.Context, workspace, table string) error

	// Append stores rows, of one table or several. When it returns nil they are
	// durable, all of them; on an error none is stored. Their tables must have been
	// ensured, else ErrNoTable.
	Append(ctx context.Context, workspace string, rows []Row) error

	// Query runs one SELECT. Errors of a limit are *LimitError; rows that came
	// before one are right and may be shown.
	Query(ctx context.Context, s Statement, l Limits) (Rows, error)
	// TableSQL is how SQL names a table of a workspace in a FROM clause, quoted.
	TableSQL(workspace, table string) string

	// Expire removes the rows of a table that are older than before, in ticks, by
	// the table's time column or, where a row has none, by its ingestion. It
	// returns how many it removed, as far as the engine knows.
	Expire(ctx context.Context, workspace, table string, before int64) (int64, error)
	// Stats describes the tables of a workspace that hold rows.
	Stats(ctx context.Context, workspace string) ([]TableStats, error)
	// Health returns what is wrong with the store, or nil.
	Health(ctx context.Context) error
	// Close ends running queries and closes the store.
	Close() error
}

// Ingested is the stored column of a row's time of ingestion.
const Ingested = "_ingested"

// Statement is a query in the engine's SQL. Args are bound to $1, $2, … in
// DuckDB and to {p1:…} in ClickHouse. Columns are the types in which the result
// is to come, by position; their names replace those of the engine. Without
// Columns the natural types come.
type Statement struct {
	SQL     string
	Args    []value.Value
	Columns []ResultColumn
}

// ResultColumn is one column of a result.
type ResultColumn struct {
	Name string
	Type value.Type
}

// Rows is a result that is read as it is made. It must be closed.
type Rows interface {
	Columns() []ResultColumn
	// All yields the rows; after an error nothing more. The slice is used again
	// for the next row, its texts stay valid.
	All() iter.Seq2[[]value.Value, error]
	Close() error
}

// TableStats describes a table. Oldest and Newest are the extremes of its time
// column in ticks, 0 without one.
type TableStats struct {
	Table          string
	Rows           int64
	Bytes          int64 // on disk, an estimate
	Oldest, Newest int64
}

// Function is a scalar function that the language needs and the engine lacks.
// The store registers it under Name for SQL to call. Eval gets one value an
// argument, of these types, and returns one of the result type. Unless Nulls is
// set it is not called when an argument is null: then the result is. It must be
// pure, since it runs in several threads and may run at planning.
type Function struct {
	Name   string
	Args   []value.Type
	Result value.Type
	Nulls  bool
	Eval   func(args []value.Value) value.Value
}

// The errors of the contract.
var (
	// ErrNoTable: the workspace has no table of that name.
	ErrNoTable = errors.New("there is no such table")
	// ErrConflict: the table exists with other columns.
	ErrConflict = errors.New("the table exists with other columns")
	// ErrLocked: another process has the data open.
	ErrLocked = errors.New("the telemetry is in use by another process")
	// ErrNewer: the data was written by a newer version.
	ErrNewer = errors.New("the telemetry was written by a newer version of Clew")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("the telemetry store is closed")
	// ErrBusy: too much is waiting already; try again later.
	ErrBusy = errors.New("the telemetry store has too much to do")
	// ErrQuery: the engine refused the statement.
	ErrQuery = errors.New("the query failed")
)

// Limits bound one query. A zero field is no limit, but for the engine's own.
type Limits struct {
	Rows   int           // rows of the result
	Bytes  int64         // bytes of the result's values
	Time   time.Duration // from the call of Query to the last row
	Memory int64         // bytes that the engine may use for the query, where it can tell
}

// Limit names a limit.
type Limit string

// The limits.
const (
	LimitRows    Limit = "rows"
	LimitBytes   Limit = "bytes"
	LimitTime    Limit = "time"
	LimitMemory  Limit = "memory"
	LimitQueries Limit = "queries"
)

// LimitError says which limit ended a query. Value is the limit: rows, bytes,
// queries, or nanoseconds.
type LimitError struct {
	Limit Limit
	Value int64
	Cause error // what the engine said, or nil
}

func (e *LimitError) Error() string {
	switch e.Limit {
	case LimitRows:
		return fmt.Sprintf("the result has more than %d rows, which is the limit", e.Value)
	case LimitBytes:
		return fmt.Sprintf("the result is larger than %d MB, which is the limit", e.Value>>20)
	case LimitTime:
		return fmt.Sprintf("the query took longer than %s, which is the limit", time.Duration(e.Value))
	case LimitQueries:
		return fmt.Sprintf("%d queries of yours are running, which is the limit", e.Value)
	}
	if e.Value <= 0 {
		return "the query needs more memory than there is"
	}
	return fmt.Sprintf("the query needs more memory than %d MB, which is the limit", e.Value>>20)
}

func (e *LimitError) Unwrap() error { return e.Cause }

// StoredNames are the names of a table's columns in the engines, by position:
// the names themselves, but for columns that differ from an earlier one in case
// only, or are named as a column of the store is. Those get a number behind a
// colon, which no column name has. Columns that are added later never change the
// names of those before them.
func (t *Table) StoredNames() []string {
	taken := map[string]int{strings.ToLower(Ingested): 1}
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		folded := strings.ToLower(c.Name)
		taken[folded]++
		out[i] = c.Name
		if n := taken[folded]; n > 1 {
			out[i] += ":" + strconv.Itoa(n)
		}
	}
	return out
}

// Grows tells whether next is the table with columns added at the end, or
// unchanged.
func (t *Table) Grows(next *Table) bool {
	if len(next.Columns) < len(t.Columns) || next.Name != t.Name {
		return false
	}
	for i, c := range t.Columns {
		if n := next.Columns[i]; n.Name != c.Name || n.Type != c.Type {
			return false
		}
	}
	return true
}
