package check

import (
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// search binds search: a condition over all columns of one or all tables, with
// the name of the table as first column.
func (c *checker) search(rel *relation, op *syntax.Search, cx context) *relation {
	legs := c.searched(rel, op.In, cx)
	for i, leg := range legs {
		if leg.source == "" {
			legs[i] = leg.with(leg.node)
			legs[i].source = "search_arg" + itoa(i)
		}
	}
	all := c.unite(labelledAs(legs, "$table"), "", false)
	if w, ok := op.X.(*syntax.Wildcard); ok && w.Pattern == "*" {
		return all
	}
	return c.sift(all, op.X, op.Param("kind") == "case_sensitive", cx)
}

// sift keeps the rows of a union for which the condition of a search holds. The
// condition is bound over the whole union, and if that is right, over each of
// its tables: there it needs to look at the columns of that table only.
func (c *checker) sift(all *relation, x syntax.Expr, cs bool, cx context) *relation {
	s := searching{c: c, fields: all.fields[min(1, len(all.fields)):], cs: cs}
	found := len(c.diags)
	e := s.predicate(x, cx.over(all))
	union, ok := all.node.(*plan.Union)
	if !ok || len(c.diags) > found || all.open != nil || c.stopped {
		return all.with(&plan.Filter{Input: all.node, Predicate: e.x})
	}
	defer func(t *Trace) { c.trace = t }(c.trace)
	c.trace = nil
	for i, leg := range union.Inputs {
		row := &relation{node: leg}
		for j, f := range all.fields {
			f.col = union.From[i][j]
			row.fields = append(row.fields, f)
		}
		s.fields = slices.DeleteFunc(slices.Clone(row.fields[1:]), func(f field) bool { return f.col == nil })
		e := s.predicate(x, cx.over(row))
		union.Inputs[i] = &plan.Filter{Input: leg, Predicate: e.x}
	}
	return all
}

// searched lists the tables that search and find read: what comes through the
// pipe, those that are named, or all.
func (c *checker) searched(rel *relation, in []syntax.Expr, cx context) []*relation {
	if rel != nil {
		return []*relation{rel}
	}
	if len(in) == 0 {
		in = []syntax.Expr{&syntax.Wildcard{Pattern: "*"}}
	}
	var legs []*relation
	for _, x := range in {
		more, _ := c.unionLegs(x, false, cx)
		legs = append(legs, more...)
	}
	if len(legs) == 0 {
		legs = append(legs, c.unknownTable())
	}
	return legs
}

func labelledAs(legs []*relation, name string) []*relation {
	out := make([]*relation, len(legs))
	for i, leg := range legs {
		out[i] = label(leg, name, leg.source)
	}
	return out
}

// searching is the condition of a search.
type searching struct {
	c      *checker
	fields []field
	cs     bool
}

// predicate binds a condition in which a bare text is looked for in all
// columns.
func (s searching) predicate(x syntax.Expr, cx context) expr {
	if !s.c.step(x) {
		return bad()
	}
	switch x := unparen(x).(type) {
	case *syntax.Literal:
		return s.term(x.Value, x)
	case *syntax.Wildcard:
		return literal(value.BoolOf(true))
	case *syntax.Binary:
		if x.Op == syntax.And || x.Op == syntax.Or {
			return call(x.Op.String(), scalar(value.Bool), s.predicate(x.X, cx), s.predicate(x.Y, cx))
		}
		if x.Op == syntax.SearchColon {
			return s.column(x, cx)
		}
	case *syntax.Call:
		if x.Name.Name == "not" && len(x.Args) == 1 {
			return call("not", scalar(value.Bool), s.predicate(x.Args[0].X, cx))
		}
	}
	e := s.c.scalarOf(x, cx)
	switch {
	case e.t.T == value.String:
		if v, ok := constantOf(e); ok {
			return s.term(v, x)
		}
	case e.t.known() && e.t.T != value.Bool:
		s.c.errorf(x, CodeType, "A condition must be a bool, and this is a %s.", e.t.T)
	}
	return e
}

func (s searching) column(x *syntax.Binary, cx context) expr {
	a, b := s.c.scalarOf(x.X, cx), s.c.scalarOf(x.Y, cx)
	if b.t.T == value.String {
		if v, ok := constantOf(b); ok {
			return matchPattern(convert(a, value.String), v.Text, s.cs)
		}
	}
	return s.c.searchColumn(a, b)
}

// term looks for a text in every column.
func (s searching) term(v value.Value, at syntax.Node) expr {
	if !s.c.spend(len(s.fields), at) {
		return bad()
	}
	text := v.Text
	if v.Type != value.String {
		text = value.Convert(v, value.String).Text
	}
	var columns []expr
	for _, f := range s.fields {
		if f.col != nil {
			columns = append(columns, convert(f.expr(), value.String))
		}
	}
	inner := strings.Trim(text, "*")
	if inner != "" && !strings.ContainsAny(inner, "*"+searchSeparator) {
		columns = sideBySide(columns)
	}
	tests := make([]expr, len(columns))
	for i, column := range columns {
		tests[i] = matchPattern(column, text, s.cs)
	}
	return anyOf(tests)
}

// searchSeparator stands between columns in which a term is looked for at once.
// It is no letter and no digit, so it ends a term.
const searchSeparator = "\n"

// joinedColumns is how many columns are looked at at once.
const joinedColumns = 30

// sideBySide are texts that hold the given ones, many in each: one test of a long
// text takes less than many tests of short ones.
func sideBySide(columns []expr) []expr {
	if len(columns) < 2 {
		return columns
	}
	separator := literal(value.StringOf(searchSeparator))
	var out []expr
	for part := range slices.Chunk(columns, joinedColumns) {
		args := make([]expr, 0, 2*len(part))
		for i, column := range part {
			if i > 0 {
				args = append(args, separator)
			}
			args = append(args, column)
		}
		out = append(out, call("strcat", scalar(value.String), args...))
	}
	return out
}

// matchTerm tests a column for a constant or computed text, with stars.
func matchTerm(col, text expr) expr {
	if v, ok := constantOf(text); ok {
		return matchPattern(col, v.Text, false)
	}
	return call("has", scalar(value.Bool), col, text)
}

// matchPattern tests a text: a plain term is looked for by has, a star at an
// end frees that end.
func matchPattern(col expr, pattern string, cs bool) expr {
	inner := strings.Trim(pattern, "*")
	op := "has"
	switch {
	case strings.Contains(inner, "*"):
		return starRegex(col, pattern, cs)
	case pattern == "*" || inner == "" && pattern != "":
		return call("isnotempty", scalar(value.Bool), col)
	case strings.HasPrefix(pattern, "*") && strings.HasSuffix(pattern, "*"):
		op = "contains"
	case strings.HasPrefix(pattern, "*"):
		op = "hassuffix"
	case strings.HasSuffix(pattern, "*"):
		op = "hasprefix"
	}
	if cs {
		op += "_cs"
	}
	return call(op, scalar(value.Bool), col, literal(value.StringOf(inner)))
}

// starRegex is the pattern as a regular expression.
func starRegex(col expr, pattern string, cs bool) expr {
	var b strings.Builder
	if !cs {
		b.WriteString("(?i)")
	}
	b.WriteString("(?s)")
	for i, part := range strings.Split(pattern, "*") {
		if i > 0 {
			b.WriteString(".*")
		}
		b.WriteString(quoteRegex(part))
	}
	return call("matches regex", scalar(value.Bool), col, literal(value.StringOf(b.String())))
}

func quoteRegex(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// find binds find: the rows of several tables for which a condition holds, with
// the columns that they share and the rest in a property bag.
func (c *checker) find(op *syntax.Find, cx context) *relation {
	legs := c.searched(nil, op.In, cx)
	used := usedNames(op.X)
	legs = withColumns(legs, used)
	source := orName(op.Param("withsource"), "source_")
	all := c.unite(labelledAs(legs, source), "", false)
	if op.X != nil {
		all = c.sift(all, op.X, false, cx)
	}
	if len(op.Project) > 0 {
		return c.findProject(all, op, cx)
	}
	return c.findSmart(all, legs, used, source)
}

// withColumns leaves out the tables that lack a column of the condition which
// others have.
func withColumns(legs []*relation, used []string) []*relation {
	wanted := map[string]bool{}
	for _, name := range used {
		if !wanted[name] && slices.ContainsFunc(legs, func(l *relation) bool { return named(l.fields, name) }) {
			wanted[name] = true
		}
	}
	var out []*relation
	for _, leg := range legs {
		have := 0
		for _, f := range leg.fields {
			if wanted[f.name] {
				have++
			}
		}
		if have == len(wanted) || leg.open != nil {
			out = append(out, leg)
		}
	}
	if len(out) == 0 {
		return legs
	}
	return out
}

// usedNames lists the names in a condition, in order.
func usedNames(x syntax.Expr) []string {
	var out []string
	var walk func(x syntax.Expr)
	walk = func(x syntax.Expr) {
		switch x := x.(type) {
		case *syntax.Ident:
			out = append(out, x.Name)
		case *syntax.Paren:
			walk(x.X)
		case *syntax.Unary:
			walk(x.X)
		case *syntax.Binary:
			walk(x.X)
			walk(x.Y)
		case *syntax.Between:
			walk(x.X)
		case *syntax.In:
			walk(x.X)
		case *syntax.Member:
			walk(x.X)
		case *syntax.Index:
			walk(x.X)
		case *syntax.Call:
			for _, a := range x.Args {
				walk(a.X)
			}
		}
	}
	walk(x)
	return out
}

// findSmart keeps the columns that all tables share and those of the condition,
// and packs the rest.
func (c *checker) findSmart(all *relation, legs []*relation, used []string, source string) *relation {
	keep := map[string]bool{source: true}
	for _, f := range legs[0].fields {
		if !slices.ContainsFunc(legs, func(l *relation) bool { g, ok := l.find(f.name); return !ok || g.t.T != f.t.T }) {
			keep[f.name] = true
		}
	}
	order := slices.Clone(all.fields[:1])
	for _, f := range all.fields[1:] {
		if keep[f.name] {
			order = append(order, f)
		}
	}
	for _, name := range used {
		if f, ok := all.find(name); ok && !keep[name] {
			keep[name] = true
			order = append(order, f)
		}
	}
	out := newProjection(all.node)
	for _, f := range order {
		out.pass(f)
	}
	var rest []field
	for _, f := range all.fields {
		if !keep[f.name] {
			rest = append(rest, f)
		}
	}
	if len(rest) > 0 {
		out.add("pack_", packed("bag_pack_present", rest))
	}
	return out.relation(false)
}

// findProject keeps the columns that are asked for.
func (c *checker) findProject(all *relation, op *syntax.Find, cx context) *relation {
	out := newProjection(all.node)
	out.pass(all.fields[0])
	taken := map[string]bool{all.fields[0].name: true}
	pack := false
	for _, p := range op.Project {
		id, ok := p.X.(*syntax.Ident)
		if !ok {
			_, isCall := p.X.(*syntax.Call)
			pack = pack || isCall
			continue
		}
		f, found := all.find(id.Name)
		if !found {
			c.hasColumn(all, id, cx)
			continue
		}
		taken[f.name] = true
		e := f.expr()
		if p.Type != nil {
			e = convertTo(e, p.Type.Type)
		}
		out.add(f.name, e)
	}
	if pack {
		rest := slices.DeleteFunc(slices.Clone(all.fields), func(f field) bool { return taken[f.name] })
		out.add("pack_", packed("bag_pack_present", rest))
	}
	return out.relation(false)
}
