package check

import (
	"strconv"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// typ is a type with what is known of a dynamic value.
type typ struct {
	T     value.Type
	Shape catalog.Shape
}

var unknown = typ{}

func scalar(t value.Type) typ { return typ{T: t} }

func (t typ) known() bool { return t.T != value.Unknown }

// plan is the type in a plan, where none is unknown.
func (t typ) plan() value.Type {
	if t.T == value.Unknown {
		return value.Dynamic
	}
	return t.T
}

func (t typ) dynamic() bool { return t.T == value.Dynamic }

// field is a column under the name that it has at this place of the query.
type field struct {
	name string
	col  *plan.Column
	t    typ
}

// expr reads the column.
func (f field) expr() expr {
	if f.col == nil && !f.t.known() {
		return unseen()
	}
	return leaf(f.ref(), f.t)
}

// ref reads the column.
func (f field) ref() plan.Expr {
	if f.col == nil {
		return &plan.Literal{Value: value.NullOf(f.t.plan())}
	}
	return &plan.Ref{Col: f.col}
}

// relation is a bound tabular expression.
type relation struct {
	node   plan.Node
	fields []field
	// open is the plugin that may give further columns, which only the data can
	// tell; nil for all others.
	open *plan.Plugin
	// ordered tells whether the rows have an order that window functions may use.
	ordered bool
	// source is the name of the table where the relation is one, for the column
	// that union withsource and search make.
	source string
	// materialize asks that the rows be the same at each use once a name is given
	// to the table.
	materialize bool
	// graph is set where the expression is a graph and no table.
	graph *graph
	// part is the hidden column of the partition of a table that has been made of
	// a partitioned graph.
	part *plan.Column

	index   map[string]int
	lookups int
}

func newRelation(node plan.Node, fields []field) *relation {
	return &relation{node: node, fields: fields}
}

// lookupsBeforeIndex is how many names are searched one by one before an index
// pays.
const lookupsBeforeIndex = 48

// find looks a column up by its name.
func (r *relation) find(name string) (field, bool) {
	if r.lookups++; r.lookups > lookupsBeforeIndex && len(r.fields) > 16 {
		return r.indexed(name)
	}
	for i := range r.fields {
		if r.fields[i].name == name {
			return r.fields[i], true
		}
	}
	return field{}, false
}

func (r *relation) indexed(name string) (field, bool) {
	if r.index == nil {
		r.index = make(map[string]int, len(r.fields))
		for i := len(r.fields) - 1; i >= 0; i-- {
			r.index[r.fields[i].name] = i
		}
	}
	i, ok := r.index[name]
	if !ok {
		return field{}, false
	}
	return r.fields[i], true
}

// infer notes a column that must be among those that only the data can tell, for
// it was named.
func (r *relation) infer(name string) {
	if len(r.fields) < maxColumns {
		r.fields = append(r.fields[:len(r.fields):len(r.fields)], field{name: name})
		r.index = nil
	}
}

// names lists the column names.
func (r *relation) names() []string {
	out := make([]string, len(r.fields))
	for i, f := range r.fields {
		out[i] = f.name
	}
	return out
}

// with is the relation with another node over the same columns.
func (r *relation) with(node plan.Node) *relation {
	return &relation{node: node, fields: r.fields, open: r.open, ordered: r.ordered, index: r.index}
}

// keep is the relation cut down to the fields, which are some of its own.
func (r *relation) keep(fields []field) *relation {
	p := &plan.Project{Input: r.node, Items: make([]plan.Item, 0, len(fields))}
	for _, f := range fields {
		if f.col != nil {
			p.Items = append(p.Items, plan.Item{Col: f.col, Expr: f.ref()})
		}
	}
	return &relation{node: p, fields: fields, ordered: r.ordered}
}

// column makes a fresh column.
func column(name string, t typ) field {
	return field{name: name, col: &plan.Column{Name: name, Type: t.plan()}, t: t}
}

// columnsOf lists the plan's columns of some fields.
func columnsOf(fields []field) []*plan.Column {
	out := make([]*plan.Column, 0, len(fields))
	for _, f := range fields {
		if f.col != nil {
			out = append(out, f.col)
		}
	}
	return out
}

// nameTable hands out names that are different from each other.
type nameTable struct {
	used map[string]bool
	next map[string]int // the number to try next behind a name
}

func newNames() *nameTable { return &nameTable{used: map[string]bool{}, next: map[string]int{}} }

func (n *nameTable) has(name string) bool { return n.used[name] }

func (n *nameTable) add(name string) { n.used[name] = true }

// unique returns the name, or the name with the first free number behind it.
func (n *nameTable) unique(name string) string {
	if !n.used[name] {
		n.used[name] = true
		return name
	}
	return n.numbered(name)
}

// numbered returns base1, base2, … whichever is the first that is free.
func (n *nameTable) numbered(base string) string {
	for {
		n.next[base]++
		if name := base + strconv.Itoa(n.next[base]); !n.used[name] {
			n.used[name] = true
			return name
		}
	}
}
