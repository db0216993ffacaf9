// Package eval runs bound queries of the Kusto Query Language in memory, over
// rows that its caller hands in. Streaming detection tests single events with
// its predicates; the orchestrator of hunting finishes with Run what SQL can't
// express; and the tests of the SQL printers take it as the reference of what
// a query means.
//
// It is plain Go over the standard library and builds for WebAssembly.
package eval

import (
	"context"
	"errors"
	"fmt"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// Table is rows under columns; each row has a value per column.
type Table struct {
	Cols []*plan.Column
	Rows [][]value.Value
}

// Limits bound a run. Zero means no limit; the time is bound by the context.
type Limits struct {
	Rows  int64 // of any intermediate table
	Bytes int64 // of all values that the run makes, about
	Steps int64 // rows that operators handle, summed over all of them
}

// LimitError says which limit ended a run.
type LimitError struct {
	Limit string // rows, bytes or steps
	Max   int64
}

func (e *LimitError) Error() string {
	switch e.Limit {
	case "rows":
		return fmt.Sprintf("the query makes more than %d rows in one step", e.Max)
	case "bytes":
		return fmt.Sprintf("the query needs more than %d bytes of memory", e.Max)
	}
	return fmt.Sprintf("the query takes more than %d steps", e.Max)
}

// ErrUnsupported is wrapped by errors about what can't be run here.
var ErrUnsupported = errors.New("not supported in memory")

// Places tells where an address of the internet is, for
// geo_info_from_ip_address: a property bag with country, state, city, latitude
// and longitude. ok is false where nothing is known.
type Places interface {
	Place(ip string) (place value.JSON, ok bool)
}

// Env is what a run sees of the world. Every field may be left out; a query
// that needs one then fails.
type Env struct {
	// Scan reads a stored table: a value for each of its Cols.
	Scan func(ctx context.Context, s *plan.Scan) ([][]value.Value, error)
	// External reads a table from outside.
	External func(ctx context.Context, e *plan.External) ([][]value.Value, error)
	// Plugin runs a plugin that this package does not know: functions of the
	// surroundings such as watchlists. The result has the plugin's Cols.
	Plugin func(ctx context.Context, p *plan.Plugin, input Table, args []value.Value) ([][]value.Value, error)
	// Fetched are nodes that have been computed elsewhere, such as parts that SQL
	// has answered.
	Fetched map[plan.Node]Table
	// Now is the time of the query, a datetime in ticks.
	Now int64
	// Random gives numbers from 0 up to 1; nil: a fixed sequence.
	Random func() float64
	Places Places
	Limits Limits
}

// Run computes a node.
func Run(ctx context.Context, n plan.Node, env Env) (Table, error) {
	x := newRun(ctx, env)
	rows, err := x.node(n, nil)
	if err != nil {
		return Table{}, err
	}
	return Table{Cols: n.Columns(), Rows: rows}, nil
}

// Layout places columns in rows.
type Layout map[*plan.Column]int

// LayoutOf places columns in their order.
func LayoutOf(cols []*plan.Column) Layout {
	l := make(Layout, len(cols))
	for i, c := range cols {
		l[c] = i
	}
	return l
}

// Expr is a compiled expression over rows of one layout. It keeps scratch space
// and so belongs to one goroutine at a time.
type Expr func(row []value.Value) value.Value

// Test is a compiled predicate; null counts as false. Like an Expr it belongs to
// one goroutine at a time.
type Test func(row []value.Value) bool

// Compile prepares an expression for rows. It may not read tables.
func Compile(e plan.Expr, l Layout, env Env) (Expr, error) {
	c := &compiler{scope: &scope{layout: l}, env: &env}
	k, err := c.compile(e)
	if err != nil {
		return nil, err
	}
	return Expr(k.fn), nil
}

// Predicate prepares a condition for rows. It may not read tables.
func Predicate(e plan.Expr, l Layout, env Env) (Test, error) {
	c := &compiler{scope: &scope{layout: l}, env: &env}
	t, err := c.test(e)
	if err != nil {
		return nil, err
	}
	return func(row []value.Value) bool { return t(row) == yes }, nil
}

func newRun(ctx context.Context, env Env) *run {
	return &run{ctx: ctx, env: env, shared: map[*plan.Shared][][]value.Value{}, compiled: map[plan.Expr]*compiledExpr{},
		tables: map[plan.Node]Table{}, elements: map[*plan.Element]*scope{}, inside: map[*plan.Shared]bool{}}
}
