package check_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// verifier finds out whether a plan holds what package plan promises: a column
// is made by one node, and an expression reads only what its inputs give.
type verifier struct {
	made     map[*plan.Column]plan.Node
	seen     map[plan.Node]bool
	problems []string
	outer    []*plan.Column // the values that queries of partitions may read
}

func verifyPlan(p *plan.Plan) []string {
	v := &verifier{made: map[*plan.Column]plan.Node{}, seen: map[plan.Node]bool{}}
	for _, s := range p.Shared {
		v.node(s.Node)
	}
	v.node(p.Root)
	return v.problems
}

func (v *verifier) errorf(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

func (v *verifier) makes(n plan.Node, cols ...*plan.Column) {
	for _, c := range cols {
		if c == nil {
			continue
		}
		if other := v.made[c]; other != nil && other != n {
			v.errorf("%T makes the column %s, which %T has made", n, c.Name, other)
		}
		v.made[c] = n
		if c.Type == value.Unknown {
			v.errorf("%T makes the column %s without a type", n, c.Name)
		}
	}
}

// node checks a node and all below it.
func (v *verifier) node(n plan.Node) {
	if n == nil || v.seen[n] {
		return
	}
	v.seen[n] = true
	if !strings.HasPrefix(fmt.Sprintf("%T", n), "*plan.") {
		v.errorf("%T is no node of a plan", n)
	}
	if p, ok := n.(*plan.Partition); ok && p.Query {
		v.outer = append(v.outer, p.Element.Cols...)
	}
	for _, in := range plan.Inputs(n) {
		v.node(in)
	}
	plan.Exprs(n, func(x plan.Expr) { v.expr(n, x, v.readable(n)) })
	v.shape(n)
}

// readable are the columns that the expressions of a node may read.
func (v *verifier) readable(n plan.Node) []*plan.Column {
	out := slices.Clone(v.outer)
	for _, in := range plan.Inputs(n) {
		out = append(out, in.Columns()...)
	}
	if m, ok := n.(*plan.Match); ok {
		for _, d := range m.Declared {
			out = append(out, d.Col)
		}
	}
	if m, ok := n.(*plan.GraphMatch); ok {
		for _, p := range m.Points {
			out = append(out, v.properties(m, p.Props)...)
		}
		for _, l := range m.Links {
			out = append(out, v.properties(m, l.Props)...)
		}
	}
	if p, ok := n.(*plan.Plugin); ok {
		for _, a := range p.Aggs {
			out = append(out, a.Cols...)
		}
	}
	return out
}

// properties are the columns of the properties of an element of a pattern, each
// of which must be there and have a column of its own.
func (v *verifier) properties(m *plan.GraphMatch, props []plan.GraphProperty) []*plan.Column {
	var out []*plan.Column
	for _, p := range props {
		if p.Kind == plan.PropertyColumn && !slices.Contains(m.Nodes.Columns(), p.From) && !slices.Contains(m.Edges.Columns(), p.From) {
			v.errorf("a match reads the property %s, which the graph does not have", p.From.Name)
		}
		v.makes(m, p.Col)
		out = append(out, p.Col)
	}
	return out
}

func (v *verifier) expr(n plan.Node, x plan.Expr, have []*plan.Column) {
	switch x := x.(type) {
	case nil:
	case *plan.Ref:
		if !slices.Contains(have, x.Col) {
			v.errorf("%T reads the column %s, which its input does not have", n, x.Col.Name)
		}
	case *plan.StepRef:
		if !slices.Contains(have, x.Col) {
			v.errorf("%T reads the state %s, which is not there", n, x.Col.Name)
		}
	case *plan.Call:
		for _, a := range x.Args {
			v.expr(n, a, have)
		}
	case *plan.Convert:
		v.expr(n, x.X, have)
	case *plan.Access:
		v.expr(n, x.X, have)
		v.expr(n, x.Key, have)
	case *plan.OverPath:
		m, ok := n.(*plan.GraphMatch)
		if !ok || x.Link >= len(m.Links) {
			v.errorf("%T reads a path that is not there", n)
			return
		}
		v.expr(n, x.X, append(slices.Clone(have), v.properties(m, x.Props)...))
	case *plan.ToScalar:
		v.node(x.Node)
	case *plan.InTable:
		v.expr(n, x.X, have)
		v.node(x.Node)
	}
}

// shape checks what each kind of node makes and hands on.
func (v *verifier) shape(n plan.Node) {
	switch n := n.(type) {
	case *plan.Scan:
		v.makes(n, n.Cols...)
	case *plan.Use:
		v.makes(n, n.Cols...)
		if len(n.Cols) != len(n.Shared.Node.Columns()) {
			v.errorf("a use of %s has %d columns, the table %d", n.Shared.Name, len(n.Cols), len(n.Shared.Node.Columns()))
		}
	case *plan.Values:
		v.makes(n, n.Cols...)
		for _, r := range n.Rows {
			if len(r) != len(n.Cols) {
				v.errorf("a row of %d values for %d columns", len(r), len(n.Cols))
			}
		}
	case *plan.Range:
		v.makes(n, n.Col)
	case *plan.External:
		v.makes(n, n.Cols...)
	case *plan.Project:
		v.items(n, n.Items, n.Input.Columns())
	case *plan.Aggregate:
		v.items(n, n.Keys, n.Input.Columns())
		for _, a := range n.Aggs {
			v.makes(n, a.Cols...)
		}
	case *plan.Union:
		v.makes(n, n.Cols...)
		for i, in := range n.Inputs {
			for _, c := range n.From[i] {
				if c != nil && !slices.Contains(in.Columns(), c) {
					v.errorf("a union takes %s of an input that has it not", c.Name)
				}
			}
		}
	case *plan.Plugin:
		v.makes(n, n.Cols...)
	case *plan.GraphNodes:
		v.makes(n, n.Columns()...)
	case *plan.GraphComponents:
		v.makes(n, n.Component)
	case *plan.GraphMatch:
		v.makes(n, n.Columns()...)
	default:
		v.handedOn(n)
	}
}

// items checks that a column that is handed on is one of the input, and that
// others are new.
func (v *verifier) items(n plan.Node, items []plan.Item, input []*plan.Column) {
	seen := map[*plan.Column]bool{}
	for _, i := range items {
		if seen[i.Col] {
			v.errorf("%T gives the column %s twice", n, i.Col.Name)
		}
		seen[i.Col] = true
		if ref, ok := i.Expr.(*plan.Ref); ok && ref.Col == i.Col {
			continue
		}
		if slices.Contains(input, i.Col) {
			v.errorf("%T gives the column %s of its input another value", n, i.Col.Name)
		}
		v.makes(n, i.Col)
	}
}

// handedOn checks nodes that give some columns of their inputs and some of
// their own: none may be listed twice.
func (v *verifier) handedOn(n plan.Node) {
	seen := map[*plan.Column]bool{}
	for _, c := range n.Columns() {
		if c == nil || seen[c] {
			v.errorf("%T lists a column twice or a missing one", n)
			return
		}
		seen[c] = true
	}
}
