package plan

import "github.com/clew-sec/clew/kql/value"

// Expansion is one array or property bag that becomes rows. Col is the column
// that holds its elements. To is the type that elements are converted to
// (Dynamic where nothing is asked).
type Expansion struct {
	Expr Expr
	Col  *Column
	To   value.Type
}

// MvExpand makes a row of each element. Several expansions run side by side,
// shorter ones filled with null. A null array keeps its row with null, an empty
// one loses it. Property bags give one bag of one property each, or with
// Arrays, a pair [name, value].
type MvExpand struct {
	Input  Node
	Items  []Expansion
	Index  *Column // number of the element, from 0; nil where not asked
	Limit  Expr    // rows of one input row at most; nil: none
	Arrays bool    // bagexpansion=array
	Out    []*Column
}

// MvApply runs Sub once for each row of Input, over the rows that its arrays
// expand to (the Element within Sub). A row whose Sub is empty is lost. The
// result has Out: columns of Input and of Sub.
type MvApply struct {
	Input   Node
	Items   []Expansion
	Index   *Column
	Limit   Expr
	Element *Element
	Sub     Node
	Out     []*Column
}

// Partition runs Sub once for each value of By, over the rows that have it (the
// Element within Sub), and puts the results together. With Query, Sub is a query
// of its own that does not read the rows: its expressions may refer to the one
// column of Element, which is the value of By.
type Partition struct {
	Input   Node
	By      *Column
	Element *Element
	Sub     Node
	Query   bool
}

// MakeSeries makes one row per combination of Keys, with an array per
// aggregate: its value in each step of the axis. Missing steps get Default.
// From and To may be nil: then the least and the greatest value of the data
// count. The end is left out when To is given.
type MakeSeries struct {
	Input          Node
	Keys           []Item
	Aggs           []SeriesAgg
	On             Expr
	Axis           *Column // the array of steps
	From, To, Step Expr
}

// SeriesAgg is an aggregate of MakeSeries.
type SeriesAgg struct {
	Agg
	Default Expr
}

// ParseKind says how the text between the columns of a Parse is read.
type ParseKind string

// The kinds of parse.
const (
	ParseSimple  ParseKind = "simple"  // strict: a value that is not of its column's type fails the row
	ParseRelaxed ParseKind = "relaxed" // a value that is not of its type is null
	ParseRegex   ParseKind = "regex"   // the texts between are regular expressions
)

// ParsePiece is one piece of a pattern: a Text, a Star (anything), or a column.
type ParsePiece struct {
	Text string
	Star bool
	Col  *Column
}

// Parse is parse and parse-where: Source is cut into columns by Pieces. Rows
// that do not match have null columns, or with Where, are dropped.
type Parse struct {
	Input  Node
	Source Expr
	Kind   ParseKind
	Flags  string // of the regular expression: i, m, s, U
	Pieces []ParsePiece
	Where  bool
	Out    []*Column
}

// ParseKV is parse-kv: Source is cut into pairs.
type ParseKV struct {
	Input             Node
	Source            Expr
	Keys              []*Column // the keys to take, by the column's name
	PairDelimiter     string
	KeyValueDelimiter string
	Quotes            []string
	Escape            string
	Greedy            bool
	Regex             string
	Out               []*Column
}

// TopNested is top-nested: for each level the first Count values of Expr by Agg
// within each value of the level before.
type TopNested struct {
	Input  Node
	Levels []NestedLevel
}

// NestedLevel is one level of a TopNested. Count nil keeps all values. Others,
// when not nil, is what the rest is put together under. Col may be hidden.
type NestedLevel struct {
	Count  Expr
	Item   Item
	Others Expr
	Agg    Agg
	Desc   bool
	Hidden bool
}

// Match is the scan operator: Steps are run over the ordered Input as the
// language describes. Declared columns hold the state. Within a step's
// Condition and assignments, StepRef reads the state of a step.
type Match struct {
	Input    Node
	By       []Expr // partition by
	MatchID  *Column
	Declared []Declared
	Steps    []MatchStep
	Out      []*Column
}

// Declared is a state column of a Match and its value at the start.
type Declared struct {
	Col     *Column
	Default Expr
}

// MatchStep is one step of a Match. Output is all, last or none.
type MatchStep struct {
	Name      string
	Optional  bool
	Output    string
	Condition Expr
	Assign    []Item // Col is one of the declared columns
}

// Reduce is `reduce by`: the patterns of a text column.
type Reduce struct {
	Input     Node
	Source    Expr
	Threshold float64
	Chars     string
	Cols      []*Column // Pattern, Count, Representative
}

// Plugin is a tabular function that is neither plain SQL nor an operator:
// `evaluate name(…)`. Open means that only the data can tell its columns; Cols
// are then those that the checker was told, or none. Offset is where the call
// starts in the text, and identifies it.
type Plugin struct {
	Name   string
	Input  Node
	Tables []Node // further tables among the arguments, in order
	Args   []Expr // the others, in order
	Aggs   []Agg  // the aggregates among Args, which read their columns
	Cols   []*Column
	Open   bool
	Offset int
}
