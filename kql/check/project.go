package check

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
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

// chosen lists the fields that names and patterns pick, in the order of the
// table.
func (c *checker) chosen(rel *relation, list []syntax.Expr, cx context) map[string]bool {
	out := map[string]bool{}
	for _, x := range list {
		switch x := x.(type) {
		case *syntax.Wildcard:
			for _, f := range c.matched(rel, x) {
				out[f.name] = true
			}
		case *syntax.Ident:
			if c.hasColumn(rel, x, cx) {
				out[x.Name] = true
			}
		case *syntax.Bad:
		default:
			c.errorf(x, CodeNotColumn, "A column name is expected here.")
		}
	}
	return out
}

// matched lists the columns that a pattern picks, which should be some.
func (c *checker) matched(rel *relation, w *syntax.Wildcard) []field {
	found := matching(rel.fields, w.Pattern)
	if len(found) == 0 && rel.open == nil && w.Pattern != "*" {
		c.errorf(w, CodeUnknownName, "No column has a name like '%s'.", w.Pattern)
	}
	return found
}

// hasColumn finds a column by name and reports it where it is not there.
func (c *checker) hasColumn(rel *relation, id *syntax.Ident, cx context) bool {
	if _, ok := c.columnOf(id, cx.over(rel)); ok {
		return true
	}
	if rel.open == nil {
		c.unknownName(id, CodeUnknownName, "column", rel.names())
	}
	return false
}

func (c *checker) projectAway(rel *relation, op *syntax.ProjectAway, cx context) *relation {
	drop := c.chosen(rel, op.Columns, cx)
	var fields []field
	for _, f := range rel.fields {
		if !drop[f.name] {
			fields = append(fields, f)
		}
	}
	out := rel.keep(fields)
	out.open = rel.open
	return out
}

func (c *checker) projectKeep(rel *relation, op *syntax.ProjectKeep, cx context) *relation {
	keep := c.chosen(rel, op.Columns, cx)
	var fields []field
	for _, f := range rel.fields {
		if keep[f.name] {
			fields = append(fields, f)
		}
	}
	return rel.keep(fields)
}

// projectRename gives columns other names. Nothing of it stays in the plan.
func (c *checker) projectRename(rel *relation, op *syntax.ProjectRename, cx context) *relation {
	fields := slices.Clone(rel.fields)
	for _, n := range op.Columns {
		name, old := n.Name(), identOf(n.X)
		if name == nil || old == nil {
			if n.X != nil {
				c.errorf(n, CodeNotColumn, "A renaming is written: new = old.")
			}
			continue
		}
		if !c.hasColumn(rel, old, cx) {
			if rel.open != nil {
				fields = append(fields, field{name: name.Name})
			}
			continue
		}
		i := slices.IndexFunc(rel.fields, func(f field) bool { return f.name == old.Name })
		if j := slices.IndexFunc(fields, func(f field) bool { return f.name == name.Name }); j >= 0 && j != i && fields[j].name == rel.fields[j].name && !renamed(op, fields[j].name) {
			c.errorf(name, CodeDuplicate, "The column '%s' is there already.", name.Name)
			continue
		}
		fields[i].name = name.Name
	}
	out := rel.with(rel.node)
	out.fields, out.index = fields, nil
	return out
}

// renamed tells whether a column gets another name in the same operator.
func renamed(op *syntax.ProjectRename, name string) bool {
	return slices.ContainsFunc(op.Columns, func(n *syntax.NamedExpr) bool {
		id := identOf(n.X)
		return id != nil && id.Name == name
	})
}

// identOf is the name that an expression consists of, or nil.
func identOf(x syntax.Expr) *syntax.Ident {
	id, _ := unparen(x).(*syntax.Ident)
	return id
}

// projectReorder puts columns first, patterns in the order that is asked for.
func (c *checker) projectReorder(rel *relation, op *syntax.ProjectReorder, cx context) *relation {
	taken, written := map[string]bool{}, map[string]bool{}
	var fields []field
	for _, o := range op.Columns {
		if id, ok := o.X.(*syntax.Ident); ok {
			if written[id.Name] {
				c.errorf(id, CodeDuplicate, "The column '%s' is there already.", id.Name)
			}
			written[id.Name] = true
		}
		fields = append(fields, c.reordered(rel, o, taken, cx)...)
	}
	for _, f := range rel.fields {
		if !taken[f.name] {
			fields = append(fields, f)
		}
	}
	out := rel.with(rel.node)
	out.fields, out.index = fields, nil
	return out
}

func (c *checker) reordered(rel *relation, o *syntax.OrderedName, taken map[string]bool, cx context) []field {
	var out []field
	switch x := o.X.(type) {
	case *syntax.Wildcard:
		for _, f := range c.matched(rel, x) {
			if !taken[f.name] {
				out = append(out, f)
			}
		}
	case *syntax.Ident:
		if c.hasColumn(rel, x, cx) && !taken[x.Name] {
			f, _ := rel.find(x.Name)
			out = append(out, f)
		}
	}
	for _, f := range out {
		taken[f.name] = true
	}
	if o.Order != "" {
		natural := strings.HasPrefix(o.Order, "granny")
		slices.SortStableFunc(out, func(a, b field) int { return compareNames(a.name, b.name, natural) })
		if strings.HasSuffix(o.Order, "desc") {
			slices.Reverse(out)
		}
	}
	return out
}

// compareNames orders names; naturally means that runs of digits count as
// numbers.
func compareNames(a, b string, natural bool) int {
	for natural && a != "" && b != "" {
		x, restA := chunk(a)
		y, restB := chunk(b)
		if digits(x) && digits(y) {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if d := cmp.Compare(len(x), len(y)); d != 0 {
				return d
			}
		}
		if d := strings.Compare(x, y); d != 0 {
			return d
		}
		a, b = restA, restB
	}
	return strings.Compare(a, b)
}

func chunk(s string) (head, rest string) {
	i := 1
	for i < len(s) && isDigit(s[i]) == isDigit(s[0]) {
		i++
	}
	return s[:i], s[i:]
}

func digits(s string) bool { return s != "" && isDigit(s[0]) }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// projectByNames keeps the columns whose names are listed, as names, patterns or
// an array of texts.
func (c *checker) projectByNames(rel *relation, op *syntax.ProjectByNames, cx context) *relation {
	var fields []field
	taken := map[string]bool{}
	open := rel.open
	for _, x := range op.Columns {
		patterns, known := c.namePatterns(x, cx)
		if !known {
			open = openTable
		}
		for _, pattern := range patterns {
			for _, f := range matching(rel.fields, pattern) {
				if !taken[f.name] {
					taken[f.name] = true
					fields = append(fields, f)
				}
			}
		}
	}
	out := rel.keep(fields)
	out.open = open
	return out
}

// namePatterns are the names and patterns that an operand gives; false for an
// argument of a function that is not known yet.
func (c *checker) namePatterns(x syntax.Expr, cx context) ([]string, bool) {
	switch x := x.(type) {
	case *syntax.Ident:
		if cx.env.find(x.Name) == nil {
			return []string{x.Name}, true
		}
	case *syntax.Wildcard:
		return []string{x.Pattern}, true
	}
	e := c.scalarOf(x, cx)
	v, ok := constantOf(e)
	switch {
	case ok && v.Type == value.String:
		return []string{v.Text}, true
	case ok && v.Type == value.Dynamic:
		return textsOf(v), true
	case e.placeholder || e.missing:
		return nil, false
	}
	c.errorf(x, CodeConstant, "Names of columns must be constants.")
	return nil, true
}

// textsOf lists the texts of a constant array.
func textsOf(v value.Value) []string {
	j, ok := value.ParseJSON(v.Text)
	if !ok {
		return nil
	}
	var out []string
	for _, item := range j.Items {
		if item.Kind == value.KindString {
			out = append(out, item.Text)
		}
	}
	return out
}
