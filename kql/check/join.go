package check

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// joinKinds maps the spellings of the kinds to the kinds.
var joinKinds = map[string]plan.JoinKind{
	"": plan.InnerUnique, "innerunique": plan.InnerUnique, "inner": plan.Inner, "leftouter": plan.LeftOuter, "rightouter": plan.RightOuter,
	"fullouter": plan.FullOuter, "leftsemi": plan.LeftSemi, "semi": plan.LeftSemi, "rightsemi": plan.RightSemi, "leftanti": plan.LeftAnti,
	"leftantisemi": plan.LeftAnti, "anti": plan.LeftAnti, "rightanti": plan.RightAnti, "rightantisemi": plan.RightAnti,
}

// join binds join.
func (c *checker) join(rel *relation, op *syntax.Join, cx context) *relation {
	kind, ok := joinKinds[op.Kind()]
	if !ok {
		kind = plan.InnerUnique
		c.errorf(op.Base().Keyword, CodeParameter, "'%s' is no kind of join.", op.Kind())
	}
	right := c.operand(op.Right, cx)
	c.traceConditions(rel, right, op.Right, op, cx)
	conditions := c.conditions(rel, right, op.On, cx)
	node := &plan.Join{Kind: kind, Left: rel.node, Right: right.node, On: equals(conditions)}
	switch kind {
	case plan.LeftSemi, plan.LeftAnti:
		return &relation{node: node, fields: rel.fields, open: rel.open}
	case plan.RightSemi, plan.RightAnti:
		return &relation{node: node, fields: right.fields, open: right.open}
	}
	fields := joined(rel.fields, right.fields)
	return &relation{node: node, fields: fields, open: firstOpen(rel, right)}
}

// traceConditions records what the conditions behind the right table can see.
func (c *checker) traceConditions(left, right *relation, table syntax.Expr, op syntax.Op, cx context) {
	if c.trace == nil || table == nil {
		return
	}
	cx.row, cx.right = left, right
	c.trace.row(table.End(), op.End(), cx)
}

// operand binds the table at the right of a join.
func (c *checker) operand(x syntax.Expr, cx context) *relation {
	if x != nil {
		if rel := c.tableOf(x, cx.inner()); rel != nil {
			return rel
		}
	}
	return c.unknownTable()
}

func firstOpen(rels ...*relation) *plan.Plugin {
	for _, r := range rels {
		if r.open != nil {
			return r.open
		}
	}
	return nil
}

// joined puts the columns of two tables side by side. A right one whose name is
// taken gets a number behind it.
func joined(left, right []field) []field {
	out := append(make([]field, 0, len(left)+len(right)), left...)
	taken := make(map[string]bool, len(left))
	names := newNames()
	for _, f := range left {
		taken[f.name] = true
		names.add(f.name)
	}
	for _, f := range right {
		names.add(f.name)
	}
	for _, f := range right {
		if taken[f.name] {
			f.name = names.unique(f.name)
		}
		out = append(out, f)
	}
	return out
}

// condition is one bound condition of a join: the fields of both sides.
type condition struct {
	left, right field
	equal       plan.Equal
}

func equals(list []condition) []plan.Equal {
	out := make([]plan.Equal, 0, len(list))
	for _, k := range list {
		out = append(out, k.equal)
	}
	return out
}

// conditions binds what stands behind on: names of columns that both sides
// have, and comparisons of $left.a with $right.b.
func (c *checker) conditions(left, right *relation, on []syntax.Expr, cx context) []condition {
	var out []condition
	cx.row, cx.right = left, right
	for _, x := range on {
		for _, part := range conjuncts(x) {
			if k, ok := c.condition(left, right, part, cx); ok {
				out = append(out, k)
			}
		}
	}
	return out
}

// conjuncts are the parts of a condition that and joins.
func conjuncts(x syntax.Expr) []syntax.Expr {
	b, ok := unparen(x).(*syntax.Binary)
	if !ok || b.Op != syntax.And {
		return []syntax.Expr{unparen(x)}
	}
	return append(conjuncts(b.X), conjuncts(b.Y)...)
}

func (c *checker) condition(left, right *relation, x syntax.Expr, cx context) (condition, bool) {
	if !c.step(x) {
		return condition{}, false
	}
	switch x := x.(type) {
	case *syntax.Ident:
		return c.commonColumn(left, right, x, cx)
	case *syntax.Binary:
		if x.Op == syntax.Equal {
			l, okL := c.side(left, "$left", x.X, cx)
			r, okR := c.side(right, "$right", x.Y, cx)
			if !okL || !okR {
				return condition{}, false
			}
			return c.equal(l, r, x)
		}
	case *syntax.Bad:
		return condition{}, false
	}
	c.errorf(x, CodeJoin, "A condition is the name of a column that both sides have, or $left.a == $right.b.")
	return condition{}, false
}

// commonColumn binds a condition that is a name.
func (c *checker) commonColumn(left, right *relation, id *syntax.Ident, cx context) (condition, bool) {
	l, okL := left.find(id.Name)
	r, okR := right.find(id.Name)
	if okL {
		c.trace.column(id, l)
	}
	switch {
	case okL && okR:
		return c.equal(l, r, id)
	case (okL || left.open != nil) && (okR || right.open != nil):
	case !okL && !okR:
		c.unknownName(id, CodeUnknownName, "column", c.candidates(left))
	case !okR && right.open == nil:
		c.errorf(id, CodeJoin, "The right side has no column '%s'; both sides must have it.", id.Name)
	default:
		c.errorf(id, CodeJoin, "The left side has no column '%s'; both sides must have it.", id.Name)
	}
	return condition{}, false
}

// side binds one operand of $left.a == $right.b.
func (c *checker) side(rel *relation, name string, x syntax.Expr, cx context) (field, bool) {
	m, ok := unparen(x).(*syntax.Member)
	if ok {
		id, isName := m.X.(*syntax.Ident)
		sel, isColumn := m.Sel.(*syntax.Ident)
		if isName && isColumn && id.Name == name {
			f, found := rel.find(sel.Name)
			if found {
				c.trace.column(sel, f)
			} else if rel.open == nil {
				c.unknownName(sel, CodeUnknownName, "column of the "+name[1:]+" side", c.candidates(rel))
			}
			return f, found
		}
	}
	c.errorf(x, CodeJoin, "%s.column is expected here.", name)
	return field{}, false
}

// equal makes a condition of two columns; they must be of one type.
func (c *checker) equal(l, r field, at syntax.Node) (condition, bool) {
	if l.t.dynamic() || r.t.dynamic() {
		c.errorf(at, CodeJoin, "Dynamic columns can't be joined on; convert them before, for example by tostring().")
		return condition{}, false
	}
	a, b := leaf(l.ref(), l.t), leaf(r.ref(), r.t)
	if l.t.known() && r.t.known() && l.t.T != r.t.T {
		if !l.t.T.Integral() || !r.t.T.Integral() {
			c.errorf(at, CodeJoin, "A %s can't be joined with a %s; convert one of them before.", l.t.T, r.t.T)
			return condition{}, false
		}
		a, b = convert(a, value.Long), convert(b, value.Long)
	}
	return condition{l, r, plan.Equal{Left: a.x, Right: b.x}}, true
}

// lookup binds lookup: a join that leaves out the keys of the right side.
func (c *checker) lookup(rel *relation, op *syntax.Lookup, cx context) *relation {
	kind := plan.LeftOuter
	switch op.Kind() {
	case "", "leftouter":
	case "inner":
		kind = plan.Inner
	default:
		c.errorf(op.Base().Keyword, CodeParameter, "'%s' is no kind of lookup: leftouter or inner.", op.Kind())
	}
	right := c.operand(op.Right, cx)
	c.traceConditions(rel, right, op.Right, op, cx)
	conditions := c.conditions(rel, right, op.On, cx)
	keys := map[string]bool{}
	for _, k := range conditions {
		keys[k.right.name] = true
	}
	var rest []field
	for _, f := range right.fields {
		if !keys[f.name] {
			rest = append(rest, f)
		}
	}
	node := &plan.Join{Kind: kind, Left: rel.node, Right: right.node, On: equals(conditions)}
	out := &relation{node: node, fields: joined(rel.fields, rest), open: firstOpen(rel, right)}
	open := out.open
	out = out.keep(out.fields)
	out.open = open
	return out
}
