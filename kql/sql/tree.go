package sql

// Expr is a scalar expression of SQL.
type Expr interface {
	writeTo(w *writer)
}

// Col reads a column of a table in scope.
type Col struct{ Table, Name string }

// Number is a literal of decimal digits, with sign, point and exponent at most.
type Number string

// Text is a string literal.
type Text string

// Word is one of the words of SQL that stand for a value: NULL, TRUE, FALSE.
type Word string

// The words.
const (
	Null  Word = "NULL"
	True  Word = "TRUE"
	False Word = "FALSE"
)

// Func calls a function: Name(Params)(Args) as aggregates of ClickHouse have
// it, or Name(Args). Distinct, Order and Filter belong to aggregates.
type Func struct {
	Name     string
	Params   []Expr
	Args     []Expr
	Distinct bool
	Order    []OrderKey
	Filter   Expr
	Over     *Window
}

// Window is what a window function looks at.
type Window struct {
	Partition []Expr
	Order     []OrderKey
	Frame     string // ROWS BETWEEN …, or empty
}

// OrderKey is one key of an order.
type OrderKey struct {
	Expr       Expr
	Desc       bool
	NullsFirst bool
	Plain      bool // never null: no word about nulls
}

// Binary is L Op R.
type Binary struct {
	Op   string
	L, R Expr
}

// Chain joins its parts by AND or OR.
type Chain struct {
	Op    string
	Parts []Expr
}

// Prefix is Op X: NOT, -.
type Prefix struct {
	Op string
	X  Expr
}

// Postfix is X Op: IS NULL, IS NOT TRUE.
type Postfix struct {
	X  Expr
	Op string
}

// Cast converts X; with Try, what can't be converted is NULL.
type Cast struct {
	X    Expr
	Type string
	Try  bool
}

// Case is CASE WHEN … THEN … ELSE … END.
type Case struct {
	When []When
	Else Expr
}

// When is one branch of a Case.
type When struct{ If, Then Expr }

// In is X [NOT] IN (List) or (Query).
type In struct {
	X     Expr
	Not   bool
	List  []Expr
	Query Query
}

// Scalar is a query that gives one value.
type Scalar struct{ Query Query }

// Lambda is a function of list functions.
type Lambda struct {
	Params []string
	Body   Expr
}

// Name is a parameter of a Lambda, or another bare name that the lowering made.
type Name string

// List is a list of values.
type List struct{ Items []Expr }

// Index is X[I], counted from 1.
type Index struct{ X, I Expr }

// Slice is X[From:To], counted from 1, both ends included.
type Slice struct{ X, From, To Expr }

// Field is a member of a struct or tuple.
type Field struct {
	X    Expr
	Name string
}

// Query gives rows.
type Query interface {
	writeTo(w *writer)
}

// Select is one SELECT.
type Select struct {
	With       []CTE
	DistinctOn []Expr
	Items      []Item
	From       From
	ArrayJoin  []Item // (ClickHouse)
	Where      []Expr
	Group      []Expr
	Qualify    Expr
	Order      []OrderKey
	LimitBy    *LimitBy
	Limit      Expr
	Settings   string
}

// LimitBy is LIMIT n BY keys (ClickHouse).
type LimitBy struct {
	Count Expr
	Keys  []Expr
}

// Item is one column of a Select.
type Item struct {
	Expr Expr
	As   string
}

// CTE is a named query of a WITH.
type CTE struct {
	Name  string
	Query Query
	// Materialize asks to compute it once, Inline to compute it at each use.
	Materialize, Inline bool
}

// UnionAll puts the rows of several queries together by position.
type UnionAll struct{ Parts []Query }

// Rows is VALUES.
type Rows struct{ Rows [][]Expr }

// From is what a Select reads.
type From interface {
	writeTo(w *writer)
}

// Table is a stored table or a CTE. Text is how the store names the table in
// SQL; when empty, Name is quoted.
type Table struct{ Name, Text, As string }

// Sub is a query in parentheses. Columns renames its columns, where given.
type Sub struct {
	Query   Query
	As      string
	Columns []string
}

// TableFunc is a function that gives rows.
type TableFunc struct {
	Func    *Func
	As      string
	Columns []string
	Lateral bool
}

// JoinFrom joins two sources. On nil is a cross join.
type JoinFrom struct {
	Kind string // INNER JOIN, LEFT JOIN, …
	L, R From
	On   Expr
}
