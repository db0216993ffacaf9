// Package check binds a parsed query to a schema: it resolves names, derives
// the types of the language, and makes the plan that the SQL printers and the
// evaluator work on. It reports everything that is wrong at once, each finding
// with its place and, for a name that is nearly right, with what may have been
// meant.
//
// What is accepted, how columns are called and which types they have follows
// the reference implementation of the language, so that a query that was
// written for another engine gives the same result schema here.
//
// The package reads no clock and no files: the time of the query, its
// parameters and the schema are handed in.
package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// Column is a column of a table or of a result.
type Column struct {
	Name string
	Type value.Type
	// Stored is its name in the engine, when that is another.
	Stored string
	// Doc says what the column holds, for editors; it may be empty.
	Doc string
	// Values are texts that the column is known to hold, for editors.
	Values []string
}

// Table is a stored table.
type Table struct {
	Name    string
	Columns []Column
	Doc     string
}

// Function is a saved function. Text is its body as the right side of a let
// statement: `(since: timespan) { Events | where Time > ago(since) }`.
type Function struct {
	Name string
	Text string
	Doc  string
}

// Schema tells what is stored. Names count as they are written, upper and lower
// case apart.
type Schema interface {
	// Table finds a table.
	Table(name string) (*Table, bool)
	// Tables lists the names of all tables, in the order of listings.
	Tables() []string
	// Function finds a saved function.
	Function(name string) (*Function, bool)
	// Functions lists the names of the saved functions.
	Functions() []string
}

// Options is what a query is checked with. The zero value checks a query that
// reads no tables, at the beginning of time.
type Options struct {
	Schema Schema
	// Now is the time of the query, a datetime in ticks.
	Now int64
	// Params are the values of the query parameters.
	Params map[string]value.Value
	// Watchlist finds the columns of a watchlist; nil: none are known, and a
	// watchlist may have any column.
	Watchlist func(name string) ([]Column, bool)
	// AllowExternalData permits externaldata.
	AllowExternalData bool
	// PluginColumns are the columns that the data has shown for the plugins of
	// an earlier plan, by plan.Plugin.Offset.
	PluginColumns map[int][]Column
	// Trace asks for a Result.Trace, which editors need.
	Trace bool
}

// Result is what Check found out.
type Result struct {
	// Plan is the bound query; nil when there is an error, and for a text that
	// only defines names.
	Plan *plan.Plan
	// Columns are those of the result, as far as they could be derived.
	Columns []Column
	// Open is set when only the data can tell all columns.
	Open bool
	// Diagnostics are the findings of the parser and of the checker, in order of
	// position.
	Diagnostics []syntax.Diagnostic
	// Trace tells what names mean and what can be seen where, if it was asked
	// for.
	Trace *Trace
}

// OK tells whether there is no error.
func (r *Result) OK() bool {
	return !slices.ContainsFunc(r.Diagnostics, func(d syntax.Diagnostic) bool { return d.Severity == syntax.Error })
}

// Limits that keep a hostile text from using much time or memory.
const (
	maxDepth       = 400       // nesting of expressions, with inlined functions
	maxExpansions  = 5000      // calls of functions that are inlined
	maxWork        = 400_000   // nodes that are bound, inlined ones each time
	maxWeight      = 200_000   // nodes that one expression would have if it were written out
	maxLegs        = 1000      // tables that wildcards stand for
	maxColumns     = 10_000    // columns of a table
	maxUnion       = 8_000_000 // columns of all tables of a union, times the tables
	maxDiagnostics = 200
)

// Check binds a script. It never fails: what could not be bound is in the
// diagnostics.
func Check(script *syntax.Script, opts Options) *Result {
	c := newChecker(script, opts)
	rel := c.script(script)
	return c.result(script, rel)
}

// checker is the state of one check.
type checker struct {
	text    string
	opts    Options
	schema  Schema
	root    *scope
	diags   []syntax.Diagnostic
	shared  []*sharedTable
	open    []*plan.Plugin
	tables  []string
	render  *plan.Render
	params  map[string]bool // declared query parameters
	inlined bool            // the text has functions, so a table may be used more often than it is named
	words   map[string]int  // how often each word occurs in the text

	depth, work, expansions, legs int
	unnamed                       int        // columns that were named by a number
	calls                         []string   // saved functions being inlined, outermost first
	site                          *textRange // within a saved function: the call, where its findings are reported
	trace                         *Trace
	cache                         map[string]*lambda // parsed saved functions
	active                        []*syntax.Lambda   // functions being inlined, outermost first
	settings                      map[string]expr    // of set statements
	stopped                       bool               // a limit was met; no more is bound
}

type textRange struct{ start, end int }

func newChecker(script *syntax.Script, opts Options) *checker {
	c := &checker{text: script.Text, opts: opts, schema: opts.Schema, params: map[string]bool{}}
	if c.schema == nil {
		c.schema = emptySchema{}
	}
	c.root = &scope{}
	if opts.Trace {
		c.trace = &Trace{}
	}
	return c
}

// result turns what was bound into a Result.
func (c *checker) result(script *syntax.Script, rel *relation) *Result {
	r := &Result{Diagnostics: append(slices.Clone(script.Diagnostics), c.diags...), Trace: c.trace}
	slices.SortStableFunc(r.Diagnostics, func(a, b syntax.Diagnostic) int { return a.Start - b.Start })
	if rel == nil {
		return r
	}
	for _, f := range rel.fields {
		r.Columns = append(r.Columns, Column{Name: f.name, Type: f.t.T})
	}
	r.Open = rel.open != nil
	if !r.OK() {
		return r
	}
	r.Plan = &plan.Plan{Root: c.settled(rel).node, Render: c.render, Open: c.open, Tables: c.tables}
	for _, s := range c.shared {
		if s.uses > 0 {
			r.Plan.Shared = append(r.Plan.Shared, s.plan)
		}
	}
	return r
}

// settled is a table whose columns in the plan have the names, order and number
// that they have in the query.
func (c *checker) settled(rel *relation) *relation {
	cols := rel.node.Columns()
	same := len(cols) == len(rel.fields)
	for i := 0; same && i < len(cols); i++ {
		same = cols[i] == rel.fields[i].col && cols[i].Name == rel.fields[i].name
	}
	if same {
		return rel
	}
	p := &plan.Project{Input: rel.node}
	out := rel.with(p)
	out.fields, out.index = make([]field, len(rel.fields)), nil
	for i, f := range rel.fields {
		n := column(f.name, f.t)
		p.Items = append(p.Items, plan.Item{Col: n.col, Expr: f.ref()})
		out.fields[i] = n
	}
	return out
}

type emptySchema struct{}

func (emptySchema) Table(string) (*Table, bool)       { return nil, false }
func (emptySchema) Tables() []string                  { return nil }
func (emptySchema) Function(string) (*Function, bool) { return nil, false }
func (emptySchema) Functions() []string               { return nil }
