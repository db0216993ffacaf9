package syntax

// Op is an operator of a pipe. Each embeds OpBase.
type Op interface {
	Node
	// Base gives what all operators have.
	Base() *OpBase
}

// OpBase is what all operators of a pipe have: their place, the word that they
// began with, and their parameters such as kind= and hint.strategy=.
type OpBase struct {
	Span
	// Keyword is the name as written, such as "where" or "filter", with its
	// place.
	Keyword *Ident
	Params  []*Property
}

// Base returns the receiver.
func (b *OpBase) Base() *OpBase { return b }

// Param returns the word or literal behind a parameter, "" when it is not there.
func (b *OpBase) Param(name string) string { return PropertyText(b.Params, name) }

// Where is `where Predicate`; the keyword may be filter. Names are those of
// `where a = x`, which the grammar takes and nobody means: there is a warning.
type Where struct {
	OpBase
	Names []*Ident
	X     Expr
}

// Extend is `extend a = x, …`.
type Extend struct {
	OpBase
	Columns []*NamedExpr
}

// Project is `project a, b = x, …`.
type Project struct {
	OpBase
	Columns []*NamedExpr
}

// ProjectAway is `project-away a, b*`. Columns are *Ident and *Wildcard.
type ProjectAway struct {
	OpBase
	Columns []Expr
}

// ProjectKeep is `project-keep a, b*`. Columns are *Ident and *Wildcard.
type ProjectKeep struct {
	OpBase
	Columns []Expr
}

// ProjectRename is `project-rename new = old, …`.
type ProjectRename struct {
	OpBase
	Columns []*NamedExpr
}

// ProjectReorder is `project-reorder a, b* asc, …`.
type ProjectReorder struct {
	OpBase
	Columns []*OrderedName
}

// ProjectByNames is `project-by-names a, b*, dynamic(["c"])`.
type ProjectByNames struct {
	OpBase
	Columns []Expr
}

// OrderedName is a column or pattern of project-reorder. Order is "", "asc",
// "desc", "granny-asc" or "granny-desc".
type OrderedName struct {
	Span
	X     Expr
	Order string
}

// Summarize is `summarize Aggregates by Keys`.
type Summarize struct {
	OpBase
	Aggregates []*NamedExpr
	By         int // offset of the word by, -1 without
	Keys       []*NamedExpr
	// Bin is the deprecated `bin=x` behind the keys, or nil.
	Bin Expr
}

// Distinct is `distinct a, b` or `distinct *`.
type Distinct struct {
	OpBase
	Columns []*NamedExpr
}

// Join is `join kind=K (Right) on Conditions`.
type Join struct {
	OpBase
	Right Expr
	// On are the conditions: names, or comparisons of $left and $right. Where is
	// set for the form `where` instead of `on`.
	On    []Expr
	Where bool
}

// Kind is the kind as written in lower case, "" for the default.
func (j *Join) Kind() string { return j.Param("kind") }

// Lookup is `lookup kind=K (Right) on Conditions`.
type Lookup struct {
	OpBase
	Right Expr
	On    []Expr
}

// Kind is the kind as written, "" for the default.
func (l *Lookup) Kind() string { return l.Param("kind") }

// Union is `union Params T1, T2*, (T3 | …)`. It may begin a pipe. Tables are
// *Ident, *Wildcard, *Member, *Call, *Paren and such.
type Union struct {
	OpBase
	Tables []Expr
}

// Sort is `sort by` or `order by`.
type Sort struct {
	OpBase
	By []*Order
}

// Order is an expression to sort by, `X asc nulls last`. Dir may also be
// "granny-asc" or "granny-desc".
type Order struct {
	Span
	X     *NamedExpr
	Dir   string // "", "asc" or "desc"
	Nulls string // "", "first" or "last"
}

// Top is `top N by X desc`.
type Top struct {
	OpBase
	N  Expr
	By *Order
}

// TopHitters is `top-hitters N of X by Y`; Y may be nil.
type TopHitters struct {
	OpBase
	N  Expr
	Of *NamedExpr
	By *NamedExpr
}

// TopNested is `top-nested N of X with others = O by Agg desc, top-nested …`.
type TopNested struct {
	OpBase
	Levels []*TopNestedLevel
}

// TopNestedLevel is one level; N and Others may be nil.
type TopNestedLevel struct {
	Span
	N      Expr
	Of     *NamedExpr
	Others Expr
	By     *Order
}

// Take is `take N` or `limit N`.
type Take struct {
	OpBase
	N Expr
}

// Sample is `sample N`.
type Sample struct {
	OpBase
	N Expr
}

// SampleDistinct is `sample-distinct N of X`.
type SampleDistinct struct {
	OpBase
	N  Expr
	Of Expr
}

// Count is `count`, or `count as Name`.
type Count struct {
	OpBase
	As *Ident // nil without
}

// MvExpand is `mv-expand Columns limit N`, also mvexpand. Parameters:
// bagexpansion, kind, with_itemindex.
type MvExpand struct {
	OpBase
	Columns []*ExpandColumn
	Limit   Expr // nil without
}

// ExpandColumn is `Name = X to typeof(T)`.
type ExpandColumn struct {
	Span
	X  *NamedExpr
	To *TypeOf // nil without
}

// MvApply is `mv-apply Columns limit N on (Body)`. Body is the pipe behind
// `on (`: its operators run over the expanded rows, its Source is nil.
type MvApply struct {
	OpBase
	Columns []*ExpandColumn
	Limit   Expr
	ID      Expr // `id guid(…)`, nil without
	Body    *SubPipe
}

// SubPipe is a pipe without a source, as in mv-apply, partition, fork and facet:
// `(where x | take 1)`.
type SubPipe struct {
	Span
	// Source is nil, unless a query stands where only operators belong: the
	// grammar takes it, the checker must not. __contextual_datatable is one, too.
	Source Expr
	Ops    []Op
	Bars   []int // offsets of the bars between them
}

// MakeSeries is `make-series Aggregates on On from From to To step Step by Keys`.
type MakeSeries struct {
	OpBase
	Aggregates []*SeriesColumn
	On         *NamedExpr
	// From, To and Step; From and To may be nil. With InRange they come from
	// `in range(from, to, step)`.
	From, To, Step Expr
	InRange        bool
	By             int // offset of the word by, -1 without
	Keys           []*NamedExpr
}

// SeriesColumn is `Name = Aggregate default = D`.
type SeriesColumn struct {
	Span
	X       *NamedExpr
	Default Expr // nil without
}

// ParseOp is `parse kind=K flags=F X with Pattern`, or parse-where, as Where tells.
type ParseOp struct {
	OpBase
	Where   bool
	X       Expr
	Pattern []*ParsePart
}

// ParsePart is one of: Star, a Text to be found, or a Column to be made with an
// optional Type.
type ParsePart struct {
	Span
	Star   bool
	Text   *Literal
	Column *Ident
	Type   *TypeName
}

// ParseKV is `parse-kv X as (schema) with (properties)`.
type ParseKV struct {
	OpBase
	X          Expr
	Schema     *Schema
	Properties []*Property
}

// Print is `print a = x, …`. It begins a pipe.
type Print struct {
	OpBase
	Columns []*NamedExpr
}

// Range is `range Name from From to To step Step`. It begins a pipe.
type Range struct {
	OpBase
	Name           *Ident
	From, To, Step Expr
}

// Evaluate is `evaluate Plugin(args) : (schema)`. It may begin a pipe.
type Evaluate struct {
	OpBase
	Plugin *Call
	Schema *Schema // nil without
}

// Invoke is `invoke Function(args)`. Function is a *Call, or a *Member that ends
// in one.
type Invoke struct {
	OpBase
	Function Expr
}

// Search is `search kind=K in (Tables) Predicate`. It may begin a pipe.
type Search struct {
	OpBase
	Scope string // of datascope=, "" without
	In    []Expr // nil without
	X     Expr
}

// Find is `find withsource=S in (Tables) where Predicate project Columns`. It
// may begin a pipe.
type Find struct {
	OpBase
	Scope   string // of datascope=, "" without
	In      []Expr // nil without
	Where   bool   // the word where is written
	X       Expr
	Project []*FindColumn
	Smart   bool          // project-smart
	Away    []*FindColumn // behind __projectAway
}

// FindColumn is `Name`, `Name:type` or `pack(*)` in the project of find.
type FindColumn struct {
	Span
	X    Expr      // *Ident, *Wildcard or *Call of pack
	Type *TypeName // nil without
}

// Facet is `facet by a, b with (subpipe)`.
type Facet struct {
	OpBase
	Columns []Expr
	With    *SubPipe // nil without
}

// Fork is `fork name=(subpipe) (subpipe) …`.
type Fork struct {
	OpBase
	Branches []*ForkBranch
}

// ForkBranch is one branch; Name may be nil.
type ForkBranch struct {
	Span
	Name *Ident
	Body *SubPipe
}

// Partition is `partition by X (subpipe)`, `partition by X { full query }`, or
// the older `partition by X in (…)`.
type Partition struct {
	OpBase
	By    Expr
	In    Expr     // what stands behind in, nil without
	Body  *SubPipe // nil when Query is set
	Query Expr     // the form with braces
}

// PartitionBy is `__partitionby X (subpipe)`.
type PartitionBy struct {
	OpBase
	By   Expr
	ID   Expr // `id guid(…)`, nil without
	Body *SubPipe
}

// Reduce is `reduce by X with threshold=…, characters=…`.
type Reduce struct {
	OpBase
	By         *NamedExpr
	Properties []*Property
}

// Render is `render Chart with (properties)`, a hint for who shows the result.
type Render struct {
	OpBase
	Chart      *Ident // nil when missing
	Properties []*RenderProperty
}

// RenderProperty is `title="x"`, `kind=stacked`, or one with a list of columns:
// `xcolumn=a`, `series=a, b`, `ysplit=axes`.
type RenderProperty struct {
	Span
	Name  *Ident
	Value Expr     // nil when Names is set
	Names []*Ident // xcolumn, ycolumns, series, anomalycolumns
}

// Scan is `scan with_match_id=M declare (params) order by … partition by … with
// (steps)`.
type Scan struct {
	OpBase
	OrderBy     []*Order
	PartitionBy []Expr
	Declare     []*Param
	Steps       []*ScanStep
}

// ScanStep is `step Name output=all: Condition => a = x, b = y;`.
type ScanStep struct {
	Span
	Name        *Ident
	Optional    bool
	Output      string // "", "all", "last" or "none"
	Condition   Expr
	Assignments []*NamedExpr
}

// Serialize is `serialize a = x, …`; the list may be empty.
type Serialize struct {
	OpBase
	Columns []*NamedExpr
}

// GetSchema is `getschema`.
type GetSchema struct{ OpBase }

// As is `as Name`.
type As struct {
	OpBase
	Name *Ident
}

// Consume is `consume`.
type Consume struct{ OpBase }

// AssertSchema is `assert-schema (schema)`.
type AssertSchema struct {
	OpBase
	Schema *Schema
}

// ExecuteAndCache is `execute_and_cache`.
type ExecuteAndCache struct{ OpBase }

// MacroExpand is `macro-expand Group as Scope ( statements )`. It may begin a
// pipe.
type MacroExpand struct {
	OpBase
	Group Expr
	Scope *Ident
	Body  []Statement
}

// BadOp is an operator that is unknown, or missing between two bars. There is a
// diagnostic about it. Keyword is nil when nothing was written.
type BadOp struct{ OpBase }
