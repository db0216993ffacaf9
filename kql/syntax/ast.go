// Package syntax holds the syntax of the Kusto Query Language: lexer, tree,
// error-recovering parser and formatter. It knows no tables, columns or
// functions; names and types are bound by kql/check.
//
// A pipe `T | where x | take 1` is an expression like any other, for it occurs
// wherever a value may: in toscalar(), in join and union, behind in, in let.
// So one family of nodes, Expr, serves tabular and scalar expressions alike,
// and the checker tells which is which.
//
// All positions are byte offsets into the text that was parsed.
//
// Source of the language: the "Kusto Query Language" reference.
package syntax

import "github.com/clew-sec/clew/kql/value"

// Node is a part of the tree. Text[Pos():End()] is what it was written as; both
// offsets are inside the text, and Pos() <= End().
type Node interface {
	Pos() int
	End() int
}

// Span is the place of a node in the text; nodes embed it.
type Span struct {
	Start, Stop int
}

// Pos is the offset of the first byte.
func (s Span) Pos() int { return s.Start }

// End is the offset behind the last byte.
func (s Span) End() int { return s.Stop }

// Script is a parsed text.
type Script struct {
	Text        string
	Statements  []Statement
	Comments    []Comment    // in order
	Diagnostics []Diagnostic // in order of position
}

// Comment is one `// …` up to the end of its line, without the line break.
type Comment struct{ Span }

// Expr is an expression, tabular or scalar: *Ident, *Wildcard, *Literal,
// *TypeOf, *Paren, *Unary, *Binary, *Between, *In, *Call, *Member, *Index,
// *Pipe, *DataTable, *ExternalData, *InlineExternal, *EntityGroup, *Lambda, *Bad, and the
// operators that may begin a pipe: *Print, *Range, *Union, *Search, *Find,
// *Evaluate, *MacroExpand.
type Expr interface {
	Node
	expr()
}

// Ident is a name: of a column, table, variable, function, or one that is being
// declared. Name is without brackets and quotes.
type Ident struct {
	Span
	Name   string
	Quoted bool // written ['…'] or ["…"]
	Client bool // written {…}: a parameter that the client should have filled in
	// Scope is "all" or "hotcache" for `Name datascope=all`, else "".
	Scope string
}

// Wildcard is `*` or a name with stars such as `Device*Events`. It occurs in
// column lists, table lists and as the argument of some functions.
type Wildcard struct {
	Span
	Pattern string
}

// Literal is a constant. Value has its type and content: strings decoded and
// neighbours joined, timespans and datetimes in ticks, dynamics as JSON.
type Literal struct {
	Span
	Value value.Value
	// Hidden is set for h"…" and H'…', which must not be shown in logs.
	Hidden bool
	// Invalid is set when the content of datetime(…) or another typed literal is
	// no value of its type; then Value is the null of the type.
	Invalid bool
}

// TypeOf is typeof(long), or with a schema typeof(a:long, b:string).
type TypeOf struct {
	Span
	Type   *TypeName // nil when Schema is set
	Schema *Schema   // nil when Type is set
}

// Paren is an expression in round brackets.
type Paren struct {
	Span
	X Expr
}

// Unary is a sign before an expression: Op is Sub or Add.
type Unary struct {
	Span
	Op Operator
	X  Expr
}

// Binary is `X Op Y` for all operators but the between and in families.
type Binary struct {
	Span
	Op    Operator
	OpPos Span
	X, Y  Expr
}

// Between is `X between (Lo .. Hi)`, or with Not `X !between (Lo .. Hi)`.
type Between struct {
	Span
	Not    bool
	OpPos  Span
	X      Expr
	Lo, Hi Expr
}

// In is `X Op (List…)` where Op is InSet, InCI, NotIn, NotInCI, HasAny or HasAll.
// A list of one may be tabular or a dynamic array.
type In struct {
	Span
	Op    Operator
	OpPos Span
	X     Expr
	List  []Expr
}

// Call is `Name(Args…)`.
type Call struct {
	Span
	Name *Ident
	// Params is for toscalar kind=nooptimization (…) and totable only.
	Params []*Property
	Args   []*NamedExpr
	// Open and Close are the offsets of the brackets; Close is -1 when the
	// closing one is missing. An editor finds the current argument by them.
	Open, Close int
	// Commas are the offsets of the commas between the arguments.
	Commas []int
}

// Member is `X.Sel`: a property of a dynamic value, or a database, table or
// function of what is left of the dot. Sel is an *Ident, *Wildcard, *Call, or
// *Bad when there is nothing behind the dot.
type Member struct {
	Span
	X   Expr
	Dot int
	Sel Expr
}

// Index is `X[I]`, also written `X.[I]`.
type Index struct {
	Span
	X, I Expr
	Dot  bool
}

// Pipe is `Source | Ops[0] | Ops[1] …`; Ops has at least one element. Bars holds
// the offset of the bar before each operator. Source is nil when the text begins
// with an operator that needs one, as `where x` does: the grammar takes it, the
// checker must not; then Bars has one element less than Ops.
type Pipe struct {
	Span
	Source Expr
	Ops    []Op
	Bars   []int
}

// DataTable is datatable(schema)[values]: row by row, as many values a row as
// the schema has columns.
type DataTable struct {
	Span
	// Contextual is set for __contextual_datatable, whose one value is its id.
	Contextual bool
	Params     []*Property
	Schema     *Schema
	Values     []Expr
}

// ExternalData is externaldata(schema)[uris] with(properties).
type ExternalData struct {
	Span
	Params     []*Property
	Schema     *Schema
	URIs       []Expr
	Properties []*Property
}

// InlineExternal is inline_external_table (schema) kind=K partition by (…)
// pathformat=(…) dataformat=F (addresses) with (properties).
type InlineExternal struct {
	Span
	Schema     *Schema // nil without, for kind=delta
	Kind       string
	Partition  []*PartitionColumn
	PathFormat []Expr // strings, names and calls of datetime_pattern
	DataFormat string
	URIs       []Expr
	Properties []*Property
}

// PartitionColumn is `Name:Type = X`; X may be nil.
type PartitionColumn struct {
	Span
	Column *Column
	X      Expr
}

// EntityGroup is entity_group [cluster("a").database("b"), …].
type EntityGroup struct {
	Span
	Items []Expr
}

// Lambda is a function as a value: `view (params) { statements; body }`. It
// stands at the right of a let.
type Lambda struct {
	Span
	View   bool
	Params []*Param
	// Body holds the statements; the last one is the result, an *ExprStmt,
	// unless the text is incomplete.
	Body []Statement
}

// Bad stands where an expression is missing (then it is empty) or could not be
// understood. There is a diagnostic about it.
type Bad struct{ Span }

// NamedExpr is an element of a list of expressions with optional names:
// `X`, `Name = X`, or `(A, B) = X`. Arguments of functions are of this kind
// too.
type NamedExpr struct {
	Span
	Names []*Ident // empty when there is no name
	Tuple bool     // written with round brackets around the names
	X     Expr
}

// Name returns the one name before the equals sign, or nil.
func (n *NamedExpr) Name() *Ident {
	if len(n.Names) != 1 {
		return nil
	}
	return n.Names[0]
}

func (*Ident) expr()          {}
func (*Wildcard) expr()       {}
func (*Literal) expr()        {}
func (*TypeOf) expr()         {}
func (*Paren) expr()          {}
func (*Unary) expr()          {}
func (*Binary) expr()         {}
func (*Between) expr()        {}
func (*In) expr()             {}
func (*Call) expr()           {}
func (*Member) expr()         {}
func (*Index) expr()          {}
func (*Pipe) expr()           {}
func (*DataTable) expr()      {}
func (*ExternalData) expr()   {}
func (*EntityGroup) expr()    {}
func (*InlineExternal) expr() {}
func (*Lambda) expr()         {}
func (*Bad) expr()            {}
func (*Print) expr()          {}
func (*Range) expr()          {}
func (*Union) expr()          {}
func (*Search) expr()         {}
func (*Find) expr()           {}
func (*Evaluate) expr()       {}
func (*MacroExpand) expr()    {}
