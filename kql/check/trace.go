package check

import "github.com/clew-sec/clew/kql/syntax"

// Trace records what the names of a text were found to mean and which columns
// can be seen where, for editors.
type Trace struct {
	Names  []NameUse
	Scopes []RowScope
}

// NameUse is a name and what it means.
type NameUse struct {
	Start, End int
	Kind       UseKind
	Name       string
	Column     Column    // for UseColumn; for UseVariable of a scalar its type
	Table      *Table    // for UseTable
	Columns    []Column  // for UseVariable of a table
	Function   *Function // for UseFunction
	Lambda     *syntax.Lambda
}

// UseKind says what a name means.
type UseKind uint8

// The kinds of use.
const (
	UseColumn UseKind = iota
	UseVariable
	UseTable
	UseFunction
)

// RowScope tells which columns can be seen between two offsets.
type RowScope struct {
	Start, End int
	Columns    []Column
	Right      []Column // in the conditions of a join
	Open       bool     // there may be further columns
}

func (t *Trace) column(id *syntax.Ident, f field) {
	if t != nil {
		t.Names = append(t.Names, NameUse{Start: id.Start, End: id.Stop, Kind: UseColumn, Name: id.Name, Column: Column{Name: f.name, Type: f.t.T}})
	}
}

func (t *Trace) variable(id *syntax.Ident, b *binding) {
	if t == nil {
		return
	}
	u := NameUse{Start: id.Start, End: id.Stop, Kind: UseVariable, Name: id.Name}
	switch {
	case b.scalar != nil:
		u.Column = Column{Name: b.name, Type: b.scalar.t.T}
	case b.table != nil:
		u.Columns = describe(b.table.rel.fields)
	case b.fn != nil:
		u.Lambda = b.fn.def
	}
	t.Names = append(t.Names, u)
}

func (t *Trace) table(id *syntax.Ident, table *Table) {
	if t != nil {
		t.Names = append(t.Names, NameUse{Start: id.Start, End: id.Stop, Kind: UseTable, Name: id.Name, Table: table})
	}
}

func (t *Trace) function(id *syntax.Ident, fn *lambda) {
	if t != nil {
		t.Names = append(t.Names, NameUse{Start: id.Start, End: id.Stop, Kind: UseFunction, Name: id.Name, Function: &Function{Name: fn.name}, Lambda: fn.def})
	}
}

// row records the columns that can be seen between two offsets.
func (t *Trace) row(start, end int, cx context) {
	if t == nil || cx.row == nil {
		return
	}
	s := RowScope{Start: start, End: max(start, end), Columns: describe(cx.row.fields), Open: cx.row.open != nil}
	if cx.right != nil {
		s.Right = describe(cx.right.fields)
	}
	t.Scopes = append(t.Scopes, s)
}

func describe(fields []field) []Column {
	out := make([]Column, len(fields))
	for i, f := range fields {
		out[i] = Column{Name: f.name, Type: f.t.T}
	}
	return out
}
