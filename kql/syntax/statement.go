package syntax

import "github.com/clew-sec/clew/kql/value"

// Statement is *Let, *Set, *DeclareParams, *DeclarePattern, *Restrict, *Alias
// or *ExprStmt. The query proper is the *ExprStmt.
type Statement interface {
	Node
	statement()
}

// Let is `let Name = Value`. Value is any expression, scalar or tabular, a
// *Lambda or an *EntityGroup.
type Let struct {
	Span
	Name  *Ident
	Value Expr
}

// Set is `set Name = Value`, an option of the request. Value may be nil.
type Set struct {
	Span
	Name  *Ident
	Value Expr
}

// DeclareParams is `declare query_parameters (params)`.
type DeclareParams struct {
	Span
	Params []*Param
}

// DeclarePattern is `declare pattern Name = (params)[path] { cases }`, or a bare
// `declare pattern Name`.
type DeclarePattern struct {
	Span
	Name   *Ident
	Params []*Param
	Path   *Param // nil when there is none
	Cases  []*PatternCase
}

// PatternCase is `(values)[path] = { body }`.
type PatternCase struct {
	Span
	Values []Expr
	Path   Expr // nil when there is none
	Body   []Statement
}

// Restrict is `restrict access to (entities)`.
type Restrict struct {
	Span
	Entities   []Expr
	Properties []*Property // behind with, nil without
}

// Alias is `alias database Name = Value`.
type Alias struct {
	Span
	Name  *Ident
	Value Expr
}

// ExprStmt is an expression that stands alone.
type ExprStmt struct {
	Span
	X Expr
}

func (*Let) statement()            {}
func (*Set) statement()            {}
func (*DeclareParams) statement()  {}
func (*DeclarePattern) statement() {}
func (*Restrict) statement()       {}
func (*Alias) statement()          {}
func (*ExprStmt) statement()       {}

// TypeName is the name of a scalar type as written. Type is value.Unknown for a
// name that is no type; there is a diagnostic about it.
type TypeName struct {
	Span
	Name string
	Type value.Type
}

// Column is `Name: Type` in a schema.
type Column struct {
	Span
	Name *Ident
	Type *TypeName
}

// Schema is `(a:string, b:long)`, or `(*)`, or `(a:string, *)`.
type Schema struct {
	Span
	Columns []*Column
	Open    bool // has a `*`: there may be further columns
}

// Param is a parameter of a function or query. Exactly one of Type and Schema is
// set, unless the text is incomplete.
type Param struct {
	Span
	Name    *Ident
	Type    *TypeName
	Schema  *Schema // a tabular parameter
	Default Expr    // nil when there is none
}

// Property is `name=value` behind the name of an operator, such as kind=inner,
// hint.strategy=shuffle, withsource=T, bin=auto. Name is as written, with its
// dots, in Name.Name. Words as values are *Ident. A flag without a value, such
// as `nooptimization`, has a nil Value.
type Property struct {
	Span
	Name  *Ident
	Value Expr
}

// findProperty returns the value of the property with that name, or nil.
func findProperty(list []*Property, name string) Expr {
	for _, p := range list {
		if p.Name.Name == name {
			return p.Value
		}
	}
	return nil
}

// PropertyText returns the text of a property whose value is a word or a
// literal, or "" when it is not there.
func PropertyText(list []*Property, name string) string {
	switch v := findProperty(list, name).(type) {
	case *Ident:
		return v.Name
	case *Literal:
		if v.Value.Type == value.Bool {
			return map[int64]string{0: "false", 1: "true"}[v.Value.Num]
		}
		return v.Value.Text
	}
	return ""
}
