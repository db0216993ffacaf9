package sql

import (
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// Dialect is what one engine says in its own way. The two of this package are
// DuckDB and ClickHouse.
type Dialect interface {
	// Name is what the command line calls the dialect.
	Name() string
	// WriteIdent writes a quoted name, WriteText a string literal: whatever is
	// in them, the engine reads back exactly that.
	WriteIdent(b *strings.Builder, name string)
	WriteText(b *strings.Builder, text string)

	writeCast(w *writer, e *Cast)
	writeLambda(w *writer, e *Lambda)
	cteHint(c *CTE) string
	spelling() *spelling

	// typeName is the type in which values of t are computed.
	typeName(t value.Type, nullable bool) string
	// stored is a stored column as a value, where the store keeps another form.
	stored(e Expr, t value.Type) Expr
	// literal is a constant; bare ones may be of a narrower type, where what
	// stands beside it settles the type.
	literal(v value.Value, bare bool) Expr
	// rule finds how a function or operator is said; nil where it can't be.
	rule(name string) rule
	// aggregate finds how an aggregate is said; nil where it can't be.
	aggregate(name string) aggregateRule
	// function calls the evaluator's implementation from within SQL, where the
	// engine has a way to; else nil.
	function(f *Function, args []Expr) Expr
	// convert brings a value to another type; what can't be converted is null.
	// A string may come out NULL.
	convert(c *compiler, v val, to value.Type) (val, bool)
	// access reads a member of JSON text along a path of constant keys.
	access(c *compiler, base val, path []value.Value) (val, bool)
	// comparable is v as operators of order and equality and ORDER BY take it.
	comparable(v val) val
	// values is a table of constants with these names of columns. The last column
	// is the number of the row.
	values(c *compiler, n *plan.Values, cols []string) Query
	// firstPerKey makes q keep one row per key, the first by the order.
	firstPerKey(q *Select, keys []Expr, order []OrderKey)
	// elements is the list of what a dynamic value expands to.
	elements(c *compiler, v val, arrays bool) Expr
	// unnest makes q a row for each element of lists that run side by side.
	unnest(q *Select, lists []Item)
	// indices is the list of the numbers from 0 below n, and length the length of
	// a list.
	indices(n Expr) Expr
	length(list Expr) Expr
	// prefix is the first n elements of a list.
	prefix(list, n Expr) Expr
	// series is a table of the integers from 0 to n-1.
	series(n Expr, as, column string) From
	// quotient is a whole number, rounded towards zero, null for division by 0.
	quotient(a, b Expr) Expr
	// floorQuotient and ceiling are whole numbers, rounded down and up; floorTo is
	// the greatest multiple of a step that is not above x.
	floorQuotient(a, b Expr, t value.Type) Expr
	ceiling(a, b Expr, t value.Type) Expr
	floorTo(x, step Expr, t value.Type) Expr
	// scatter is the JSON array of n places, which holds the values of a group at
	// their indices and a default elsewhere; axis that of f(i) for i below n.
	scatter(c *compiler, index Expr, v val, n Expr, def val) Expr
	axis(c *compiler, n Expr, f val) Expr
	// lag is the value of a row before (or with lead after) within a window.
	lag(lead bool, x val, n, def Expr, over *Window) Expr
	// collect is the JSON array of a group's values, in the order.
	collect(c *compiler, v val, order []OrderKey, filter Expr) Expr
	// captures are the groups of a regular expression within a text, as one value
	// of which group reads each; matched tells whether the expression matched.
	captures(source Expr, pattern string, groups int) Expr
	group(all Expr, i int) Expr
	matched(source Expr, pattern string) Expr
	// settings are appended to the outermost query.
	settings() string
}

// spelling is the names of functions that both engines have, each its own.
type spelling struct {
	lower, random, anyValue string
	// semiJoin and antiJoin keep rows of the left side.
	semiJoin, antiJoin string
	// constantIn: IN takes constants only.
	constantIn bool
	// columnsInOn: ON compares columns only, no constants.
	columnsInOn bool
	// flatJoins: the right side of a join can't be a join, and of several joins a
	// column is named with its table unless it is given a name.
	flatJoins bool
	// foldsByItself: lower-case letters beyond ASCII are not those of Go.
	foldsByItself bool
	// noColumnNames: a subquery's alias can't name its columns.
	noColumnNames bool
	// nanIsGreatest: comparisons find NaN greater than all else and equal to
	// itself.
	nanIsGreatest bool
	// repeatsTables: a named table is computed at each use, and its rows may come
	// in another order or, where they are a matter of chance, be others.
	repeatsTables bool
	// plainLambdas: functions of lists, and TRY, can't have subqueries in them.
	plainLambdas bool
	// keepsOrder: rows come in the order in which their source has them, through
	// filters, projections and limits.
	keepsOrder bool
}

// Function is a scalar function of the evaluator that a query calls from within
// SQL. The engine must know it under Name before the query runs.
type Function struct {
	Name   string
	Func   string // standard name, as in plan.Call
	Args   []value.Type
	Result value.Type
}

// val is a lowered expression: its type in the language, whether it can be
// NULL, and its value where it is a constant.
type val struct {
	Expr
	t     value.Type
	null  bool
	konst *value.Value
	// folded says that a text is in lower case already.
	folded bool
	// sum is set for arithmetic that may leave 64 bits.
	sum *sum
}

// sum is arithmetic of 64 bits in two forms: plain, which an engine may fail at
// where it overflows, and wrapping, which never fails. So an expression of many
// operators is written twice in all, and not twice for each of them.
type sum struct{ plain, wrapping Expr }

// simple tells whether v may be repeated without computing anything twice.
func (v val) simple() bool {
	if v.konst != nil {
		return true
	}
	switch v.Expr.(type) {
	case *Col, Name, Word:
		return true
	}
	return false
}

// rule lowers one call. ok is false where these arguments can't be said.
type rule func(c *compiler, call *plan.Call, args []val) (v val, ok bool)
