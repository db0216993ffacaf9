// Package plan is the bound form of a query: what the checker makes of the
// syntax tree, and what the SQL printers and the evaluator work on.
//
// Names are gone: a column is a *Column, and two columns are the same one if
// and only if their pointers are equal. Every column is made by exactly one
// node; Filter, Sort, Take and the like hand on the columns of their input. So
// renaming, name clashes and columns that differ in case only are no concern of
// whoever reads a plan. Let-bound functions are inlined, each call with columns
// of its own; let-bound tables that are used more than once are Shared.
//
// Types are settled: operands of arithmetic and of comparisons have been
// brought to one type by Convert, functions have their standard name and all
// their arguments. What stays to the reader is the meaning: the semantics of
// operators and functions are those of the Kusto Query Language, and not those
// of SQL (null, integer division, string terms, order of null).
package plan

import "github.com/clew-sec/clew/kql/value"

// Plan is one bound query.
type Plan struct {
	Root   Node
	Shared []*Shared // in an order in which each uses only earlier ones
	Render *Render   // the chart that the query asks for, or nil
	// Open lists the plugins whose columns only the data can tell, in the order
	// in which they have to be asked; the plan can't run until it is empty.
	Open []*Plugin
	// Tables are the stored tables that the query reads, each once.
	Tables []string
}

// Column is a column of a node's result.
type Column struct {
	Name string
	Type value.Type
}

// Node is a tabular expression.
type Node interface {
	// Columns are the columns of the result, in order.
	Columns() []*Column
}

// Render is the hint of a chart: `render timechart with (title="…")`.
type Render struct {
	Kind       string            // as written: timechart, barchart, …
	Properties map[string]string // names as in the language: title, xcolumn, ycolumns, series, kind, …
}

// Shared is a table that is bound once and used in several places: a let
// statement, `as`, or materialize(). Its rows are the same at each use when
// Materialize is set; otherwise it may be computed again.
type Shared struct {
	Name        string
	Node        Node
	Materialize bool
}

// Use reads a Shared. Its columns stand for those of the shared node, position
// by position, and belong to this use alone.
type Use struct {
	Shared *Shared
	Cols   []*Column
}

// Scan reads a stored table. Stored[i] is the stored name of Cols[i]. Columns
// that nothing reads may have been left out.
type Scan struct {
	Table  string
	Cols   []*Column
	Stored []string
}

// Values is a literal table: datatable, print, getschema. It may have rows and
// no columns.
type Values struct {
	Cols []*Column
	Rows [][]value.Value
}

// Range is `range x from a to b step s`: the end is included.
type Range struct {
	Col            *Column
	From, To, Step Expr
}

// External is `externaldata`: a table read from outside, where the
// configuration allows it.
type External struct {
	Cols       []*Column
	URIs       []string
	Properties map[string]string
}

// Element is the source of the inner pipe of MvApply and Partition: the rows of
// the array of one outer row, or the rows of one partition. Expressions of the
// inner pipe may also refer to columns of the outer row.
type Element struct {
	Cols []*Column
}

// Filter keeps the rows for which Predicate is true (not null, not false).
type Filter struct {
	Input     Node
	Predicate Expr
}

// Item gives a column its value. A column that is handed on unchanged has an
// Expr that is a Ref to Col itself.
type Item struct {
	Col  *Column
	Expr Expr
}

// Project computes its columns from those of its input: project, extend,
// project-away, -rename, -reorder, -keep, print, serialize. Where an expression
// holds a window function (prev, row_number, …) the order of the input counts.
type Project struct {
	Input Node
	Items []Item
}

// Aggregate is summarize, distinct (no Aggs) and count. Without Keys it gives
// one row even of an empty input.
type Aggregate struct {
	Input Node
	Keys  []Item
	Aggs  []Agg
}

// Agg is one aggregate. Most give one column. arg_max and arg_min give one for
// the extreme (Args[0]) and one for each further argument, percentiles one for
// each percentile.
type Agg struct {
	Func string // standard name: count, countif, sum, arg_max, make_set, …
	Args []Expr
	Cols []*Column
}

// JoinKind is a kind of join. The flavours that are spelled several ways in the
// language (anti = leftanti = leftantisemi) have one kind.
type JoinKind string

// The kinds of join.
const (
	InnerUnique JoinKind = "innerunique" // inner, after one row per key of the left side has been kept
	Inner       JoinKind = "inner"
	LeftOuter   JoinKind = "leftouter"
	RightOuter  JoinKind = "rightouter"
	FullOuter   JoinKind = "fullouter"
	LeftSemi    JoinKind = "leftsemi"
	RightSemi   JoinKind = "rightsemi"
	LeftAnti    JoinKind = "leftanti"
	RightAnti   JoinKind = "rightanti"
)

// Join matches rows by equal keys; null matches null. The result has the left
// and then the right columns; semi and anti joins have those of one side. A
// column that an outer join leaves empty is null, a string empty.
type Join struct {
	Kind        JoinKind
	Left, Right Node
	On          []Equal
}

// Equal is one condition of a join: Left over the left columns, Right over the
// right ones, of one type.
type Equal struct {
	Left, Right Expr
}

// Union puts the rows of its inputs together, in any order. From[i][j] is the
// column of Inputs[i] that gives Cols[j], nil where it has none (null).
type Union struct {
	Inputs []Node
	Cols   []*Column
	From   [][]*Column
}

// SortKey is one key of an order.
type SortKey struct {
	Expr       Expr
	Desc       bool
	NullsFirst bool
}

// Sort orders its input.
type Sort struct {
	Input Node
	Keys  []SortKey
}

// Top is the first Count rows in the order of Keys, in that order.
type Top struct {
	Input Node
	Count Expr // long, constant or a ToScalar
	Keys  []SortKey
}

// Take is any Count rows; of an ordered input the first ones. Random asks for a
// random sample instead.
type Take struct {
	Input  Node
	Count  Expr
	Random bool
}

// Serialize keeps the order of its input for the window functions above it.
type Serialize struct {
	Input Node
}
