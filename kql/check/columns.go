package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

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
	if !c.spend(len(rel.fields), w) {
		return nil
	}
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
		c.unknownName(id, CodeUnknownName, "column", c.candidates(rel))
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
		if !c.spend(len(patterns)*len(rel.fields), x) {
			break
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
