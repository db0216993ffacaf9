package check

import (
	"slices"
	"strconv"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
)

func itoa(i int) string { return strconv.Itoa(i) }

// item is one column that a list of expressions makes.
type item struct {
	name     string // "" where the expression suggests none
	e        expr
	at       syntax.Node
	explicit bool // the name was written, or the expression is a column as it stands
	column   bool // the expression is a column as it stands
	tuple    bool // one of several columns of a call
	written  bool // the name was written
}

// items binds a list of expressions with optional names. A call that yields
// several columns gives as many items; written names go to the first ones.
func (c *checker) items(list []*syntax.NamedExpr, cx context) []item {
	var out []item
	for _, n := range list {
		if n.X == nil {
			continue
		}
		if w, ok := n.X.(*syntax.Wildcard); ok && cx.row != nil {
			out = append(out, c.starItems(w, cx)...)
			continue
		}
		out = append(out, c.itemsOf(n, c.scalarOf(n.X, cx))...)
	}
	return out
}

func (c *checker) starItems(w *syntax.Wildcard, cx context) []item {
	var out []item
	if !c.spend(len(cx.row.fields), w) {
		return nil
	}
	for _, f := range matching(cx.row.fields, w.Pattern) {
		out = append(out, item{name: f.name, e: f.expr(), at: w, explicit: true, column: true})
	}
	return out
}

func (c *checker) itemsOf(n *syntax.NamedExpr, e expr) []item {
	if len(e.tuple) > 0 {
		return tupleItems(n, e)
	}
	it := item{e: e, at: n}
	switch {
	case len(n.Names) > 0:
		it.name, it.explicit, it.at, it.written = n.Names[0].Name, true, n.Names[0], true
	default:
		it.name = c.itemName(n.X, e)
		it.column = plainColumn(n.X, e)
		it.explicit = it.column
	}
	return []item{it}
}

// itemName is the name that an expression suggests. column_ifexists is called
// after the column that it found.
func (c *checker) itemName(x syntax.Expr, e expr) string {
	if call, ok := x.(*syntax.Call); ok && len(call.Args) == 2 {
		if fn := catalog.ScalarFunction(call.Name.Name); fn != nil && fn.Naming == catalog.ByColumnValue {
			if ref, ok := e.x.(*plan.Ref); ok {
				return ref.Col.Name
			}
			return ""
		}
	}
	return c.nameOf(x)
}

// plainColumn tells whether an expression is a column as it stands, or one that
// is converted to the type that it has.
func plainColumn(x syntax.Expr, e expr) bool {
	switch x := x.(type) {
	case *syntax.Ident:
		return true
	case *syntax.Call:
		fn := catalog.ScalarFunction(x.Name.Name)
		if len(x.Args) != 1 || fn == nil || fn.Group != "Conversion" || fn.Naming != catalog.ByArgument {
			return false
		}
		call, ok := e.x.(*plan.Call)
		if !ok || len(call.Args) != 1 {
			return false
		}
		ref, ok := call.Args[0].(*plan.Ref)
		return ok && ref.Col.Type == e.t.T
	}
	return false
}

func tupleItems(n *syntax.NamedExpr, e expr) []item {
	var out []item
	for i, t := range e.tuple {
		it := item{name: t.name, e: t.e, at: n, tuple: true}
		it.e.tuple = nil
		if i < len(n.Names) {
			it.name, it.explicit, it.at, it.written = n.Names[i].Name, true, n.Names[i], true
		}
		if i > 0 && len(n.Names) > 0 && !n.Tuple && scalarTuple(n.X) {
			break
		}
		out = append(out, it)
	}
	return out
}

// scalarTuple tells whether an expression is a call of a scalar function: with
// one name it gives one column, while an aggregate gives them all.
func scalarTuple(x syntax.Expr) bool {
	call, ok := unparen(x).(*syntax.Call)
	return ok && catalog.AggregateFunction(call.Name.Name) == nil
}

// projection builds a Project and the fields of its result.
type projection struct {
	node   *plan.Project
	fields []field
}

func newProjection(input plan.Node) *projection {
	return &projection{node: &plan.Project{Input: input}}
}

// add appends a column with a value.
func (p *projection) add(name string, e expr) {
	if ref, ok := e.x.(*plan.Ref); ok && !p.has(ref.Col) {
		p.pass(field{name, ref.Col, e.t})
		return
	}
	f := column(name, e.t)
	p.node.Items = append(p.node.Items, plan.Item{Col: f.col, Expr: e.x})
	p.fields = append(p.fields, f)
}

// pass hands a column on.
func (p *projection) pass(f field) {
	if f.col != nil {
		p.node.Items = append(p.node.Items, plan.Item{Col: f.col, Expr: &plan.Ref{Col: f.col}})
	}
	p.fields = append(p.fields, f)
}

func (p *projection) has(col *plan.Column) bool {
	return slices.ContainsFunc(p.fields, func(f field) bool { return f.col == col })
}

func (p *projection) relation(ordered bool) *relation {
	return &relation{node: p.node, fields: p.fields, ordered: ordered}
}

// distinctNames gives the items of project, summarize and distinct their names: written
// ones must be different, others are made so.
func (c *checker) distinctNames(items []item, names *nameTable) {
	for i := range items {
		it := &items[i]
		switch {
		case it.explicit:
			if names.has(it.name) && it.name != "" {
				it.name = c.clash(it, items[:i], names)
				continue
			}
			names.add(it.name)
		case it.name == "":
			it.name = names.unique(c.columnName())
		default:
			it.name = names.unique(it.name)
		}
	}
}

// columnName is the next name for a column without one; they are counted over
// the whole query.
func (c *checker) columnName() string {
	c.unnamed++
	return "Column" + itoa(c.unnamed)
}

// clash handles a name that is taken: an error if both were written, else a
// number is put behind it.
func (c *checker) clash(it *item, before []item, names *nameTable) string {
	for _, b := range before {
		if b.name == it.name && b.explicit {
			c.errorf(it.at, CodeDuplicate, "The column '%s' is there already.", it.name)
			return ""
		}
	}
	return names.unique(it.name)
}

// project binds project.
func (c *checker) project(rel *relation, list []*syntax.NamedExpr, cx context) *relation {
	items := c.items(list, cx.over(rel))
	c.distinctNames(items, newNames())
	out := newProjection(rel.node)
	for _, it := range items {
		if it.name != "" {
			out.add(it.name, it.e)
		}
	}
	return out.relation(rel.ordered)
}

// extend binds extend and serialize: columns of the name are replaced where
// they stand, others are put behind.
func (c *checker) extend(rel *relation, list []*syntax.NamedExpr, cx context) *relation {
	items := c.items(list, cx.over(rel))
	if len(items) == 0 {
		return rel
	}
	values := make(map[string]expr, len(items))
	written := map[string]bool{}
	var order []string
	for _, it := range items {
		for it.name == "" {
			n := c.columnName()
			if _, taken := rel.find(n); !taken {
				it.name = n
			}
		}
		if it.explicit && written[it.name] {
			c.errorf(it.at, CodeDuplicate, "The column '%s' is there already.", it.name)
			continue
		}
		written[it.name] = written[it.name] || it.explicit
		if _, ok := values[it.name]; !ok {
			order = append(order, it.name)
		}
		values[it.name] = it.e
	}
	return c.extended(rel, order, values)
}

// extended puts values into their columns.
func (c *checker) extended(rel *relation, order []string, values map[string]expr) *relation {
	out := newProjection(rel.node)
	out.node.Items = make([]plan.Item, 0, len(rel.fields)+len(order))
	out.fields = make([]field, 0, len(rel.fields)+len(order))
	for _, f := range rel.fields {
		e, ok := values[f.name]
		if !ok {
			out.pass(f)
			continue
		}
		out.set(f, e)
		delete(values, f.name)
	}
	for _, name := range order {
		if e, ok := values[name]; ok {
			out.set(field{name: name}, e)
		}
	}
	r := out.relation(rel.ordered)
	r.open = rel.open
	return r
}

// set gives a column a value; one that is set to itself is handed on.
func (p *projection) set(f field, e expr) {
	if ref, ok := e.x.(*plan.Ref); ok && ref.Col == f.col {
		p.pass(f)
		return
	}
	n := column(f.name, e.t)
	p.node.Items = append(p.node.Items, plan.Item{Col: n.col, Expr: e.x})
	p.fields = append(p.fields, n)
}
