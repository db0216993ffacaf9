package sql

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
)

// Program is a query ready to run: statements for the engine, and what the
// evaluator does with their results. Most queries are one statement and nothing
// else.
type Program struct {
	Dialect Dialect
	// Parts are the tables that come from SQL. Without Rest there is one, and it
	// is the result.
	Parts []Part
	// Rest is the plan that is left to the evaluator, nil when nothing is left. In
	// it each part stands as its Into, whose rows are filled in before it runs.
	Rest *plan.Plan
	// Reasons says for each node of Rest that SQL could not say why it could not.
	Reasons []string
}

// Part is one statement, and where its rows go.
type Part struct {
	*Statement
	Into *plan.Values
}

// Compile makes a program of a plan. It fails only on plans that are not sound.
func Compile(p *plan.Plan, d Dialect, o Options) (*Program, error) {
	out := &Program{Dialect: d}
	s, err := compileNode(p.Root, sharedBelow(p.Root), d, o)
	var not *Unsupported
	switch {
	case err == nil:
		out.Parts = []Part{{Statement: s}}
		return out, nil
	case !errors.As(err, &not):
		return nil, err
	}
	k := &cutter{d: d, o: o, program: out, shared: map[*plan.Shared]*plan.Shared{}, whole: map[*plan.Shared]plan.Node{}, uses: map[*plan.Shared][]*plan.Use{}}
	k.o.MaxRows = 0
	rest := &plan.Plan{Render: p.Render, Tables: p.Tables}
	rest.Root = k.node(p.Root)
	rest.Shared = k.used
	out.Rest = rest
	if k.err == nil {
		k.prune(rest)
	}
	return out, k.err
}

// cutter replaces the tables of a plan that SQL can say by literal tables.
type cutter struct {
	d       Dialect
	o       Options
	program *Program
	shared  map[*plan.Shared]*plan.Shared
	used    []*plan.Shared               // what of them the rest reads
	whole   map[*plan.Shared]plan.Node   // what the tables of the rest were before, those that a part gives
	uses    map[*plan.Shared][]*plan.Use // where they are read
	outer   []*plan.Column               // of the rows around the inner pipes or queries that are being cut
	err     error
}

// share is a shared table of which the rest reads, with its own tables cut out.
func (k *cutter) share(s *plan.Shared) *plan.Shared {
	if c := k.shared[s]; c != nil {
		return c
	}
	c := *s
	c.Node = k.node(s.Node)
	k.shared[s] = &c
	if _, isPart := c.Node.(*plan.Values); isPart && c.Node != s.Node {
		k.whole[&c] = s.Node
	}
	k.used = append(k.used, &c)
	return &c
}

// node is n with the largest tables below it that SQL can say cut out.
func (k *cutter) node(n plan.Node) plan.Node {
	if k.err != nil {
		return n
	}
	switch n := n.(type) {
	case *plan.Values, *plan.Element:
		return n
	case *plan.Use:
		c := *n
		c.Shared = k.share(n.Shared)
		k.uses[c.Shared] = append(k.uses[c.Shared], &c)
		return &c
	}
	if !readsElement(n) && !mentions(n, k.outer) {
		s, err := compileNode(n, sharedBelow(n), k.d, k.o)
		if err == nil {
			return k.part(s)
		}
		var not *Unsupported
		if !errors.As(err, &not) {
			k.err = err
			return n
		}
		k.because(not)
	}
	defer func(before []*plan.Column) { k.outer = before }(k.outer)
	k.outer = append(k.outer[:len(k.outer):len(k.outer)], outerColumns(n)...)
	return plan.RewriteExprs(plan.Rewrite(n, k.node), k.expr)
}

// outerColumns are those that expressions of an inner pipe may read beside the
// columns of their own row.
func outerColumns(n plan.Node) []*plan.Column {
	switch n := n.(type) {
	case *plan.MvApply:
		return n.Input.Columns()
	case *plan.Partition:
		if n.Query {
			return n.Element.Cols
		}
	}
	return nil
}

// mentions tells whether an expression at or below n reads one of the columns.
func mentions(n plan.Node, cols []*plan.Column) bool {
	if len(cols) == 0 {
		return false
	}
	found := false
	plan.Exprs(n, func(e plan.Expr) {
		refs(e, func(c *plan.Column) { found = found || slices.Contains(cols, c) })
		tablesIn(e, func(t plan.Node) { found = found || mentions(t, cols) })
	})
	for _, in := range plan.Inputs(n) {
		found = found || mentions(in, cols)
	}
	return found
}

func (k *cutter) because(not *Unsupported) {
	what := not.What
	for _, r := range k.program.Reasons {
		if r == what {
			return
		}
	}
	k.program.Reasons = append(k.program.Reasons, what)
}

func (k *cutter) part(s *Statement) plan.Node {
	into := &plan.Values{Cols: s.Columns}
	k.program.Parts = append(k.program.Parts, Part{Statement: s, Into: into})
	return into
}

// sharedBelow are the shared tables that are read below a node, each after those
// that it reads itself.
func sharedBelow(n plan.Node) []*plan.Shared {
	u := uses{seen: map[*plan.Shared]bool{}}
	u.node(n)
	return u.list
}

// uses gathers shared tables, those that another one reads before it.
type uses struct {
	seen map[*plan.Shared]bool
	list []*plan.Shared
}

func (u *uses) node(n plan.Node) {
	if use, ok := n.(*plan.Use); ok && !u.seen[use.Shared] {
		u.seen[use.Shared] = true
		u.node(use.Shared.Node)
		u.list = append(u.list, use.Shared)
	}
	for _, in := range plan.Inputs(n) {
		u.node(in)
	}
	plan.Exprs(n, func(e plan.Expr) { tablesIn(e, u.node) })
}

// tablesIn calls f with the tables within an expression.
func tablesIn(e plan.Expr, f func(plan.Node)) {
	switch e := e.(type) {
	case *plan.Call:
		for _, a := range e.Args {
			tablesIn(a, f)
		}
	case *plan.Convert:
		tablesIn(e.X, f)
	case *plan.Access:
		tablesIn(e.X, f)
		tablesIn(e.Key, f)
	case *plan.OverPath:
		tablesIn(e.X, f)
	case *plan.ToScalar:
		f(e.Node)
	case *plan.InTable:
		tablesIn(e.X, f)
		f(e.Node)
	}
}

// readsElement tells whether n is part of an inner pipe, whose rows are not
// there by themselves.
func readsElement(n plan.Node) bool {
	if _, ok := n.(*plan.Element); ok {
		return true
	}
	in := plan.Inputs(n)
	switch n.(type) {
	case *plan.MvApply, *plan.Partition:
		in = in[:1]
	}
	for _, x := range in {
		if readsElement(x) {
			return true
		}
	}
	return false
}

// expr cuts the tables within an expression.
func (k *cutter) expr(e plan.Expr) plan.Expr { return plan.RewriteTables(e, k.node) }

// Explain describes a program for people: its statements, and what is done
// after them.
func (p *Program) Explain() string {
	var b strings.Builder
	for i, part := range p.Parts {
		if p.Rest != nil {
			fmt.Fprintf(&b, "-- part %d of %d, read into memory\n", i+1, len(p.Parts))
		}
		b.WriteString(part.Text)
		b.WriteString(";\n")
	}
	if p.Rest != nil {
		fmt.Fprintf(&b, "-- finished in memory: %s\n", strings.Join(operators(p.Rest.Root), " <- "))
		for _, r := range p.Reasons {
			fmt.Fprintf(&b, "-- because %s\n", reason(r, p.Dialect))
		}
	}
	return b.String()
}

func reason(what string, d Dialect) string {
	if strings.HasPrefix(what, "the ") || strings.HasPrefix(what, "an ") || strings.HasPrefix(what, "a ") {
		return what + " has no form in the SQL of " + d.Name()
	}
	return what
}

// operators names the nodes from the result down to the parts.
func operators(n plan.Node) []string {
	var out []string
	for {
		out = append(out, strings.TrimPrefix(describe(n), "the "))
		in := plan.Inputs(n)
		if len(in) == 0 {
			return out
		}
		n = in[0]
	}
}
