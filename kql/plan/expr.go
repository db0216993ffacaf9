package plan

import "github.com/clew-sec/clew/kql/value"

// Expr is a scalar expression.
type Expr interface {
	Type() value.Type
}

// Literal is a constant.
type Literal struct{ Value value.Value }

// Ref reads a column of the row.
type Ref struct{ Col *Column }

// Call is a function or an operator over scalars. Operators go by their sign
// or word: + - * / % == != < <= > >= =~ !~ and or not, has !has has_cs !has_cs
// hasprefix … contains … startswith … endswith … and their negations and _cs
// forms, "matches regex", in !in in~ !in~ has_any has_all (the set are the
// further arguments), between !between (value, low, high), unary minus is neg.
// Functions go by their standard name (tostring, iff, prev, …), never an alias.
type Call struct {
	Func   string
	Args   []Expr
	Result value.Type
}

// Convert is an implicit conversion: a number to a wider one, or a dynamic
// value to what it is compared with. What can't be converted is null.
type Convert struct {
	X  Expr
	To value.Type
}

// Access reads a member of a dynamic value: X.name, X["name"] (Key a string) or
// X[1] (Key a long, negative from the end). Missing members are null.
type Access struct {
	X, Key Expr
}

// ToScalar is the first column of the first row of a table, null of an empty
// one: toscalar(…).
type ToScalar struct{ Node Node }

// InTable tests whether X is among the values of the first column of Node. Op
// is one of in, !in, in~, !in~, has_any, has_all.
type InTable struct {
	Op   string
	X    Expr
	Node Node
}

// StepRef reads a column of the state of a step within a Match.
type StepRef struct {
	Step int
	Col  *Column
}

// Type is that of the constant.
func (e *Literal) Type() value.Type { return e.Value.Type }

// Type is that of the column.
func (e *Ref) Type() value.Type { return e.Col.Type }

// Type is the result type that the checker derived.
func (e *Call) Type() value.Type { return e.Result }

// Type is the target of the conversion.
func (e *Convert) Type() value.Type { return e.To }

// Type is always dynamic.
func (e *Access) Type() value.Type { return value.Dynamic }

// Type is that of the first column.
func (e *ToScalar) Type() value.Type { return e.Node.Columns()[0].Type }

// Type is bool.
func (e *InTable) Type() value.Type { return value.Bool }

// Type is that of the column.
func (e *StepRef) Type() value.Type { return e.Col.Type }
