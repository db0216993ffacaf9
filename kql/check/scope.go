package check

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
)

// scope holds the names that let statements, parameters and functions define.
// The zero scope is empty.
type scope struct {
	parent *scope
	vars   map[string]*binding
}

// binding is what a name stands for: exactly one of its fields is set, or none
// after an error in its definition.
type binding struct {
	scalar  *expr
	table   *sharedTable
	fn      *lambda
	pattern *pattern
	name    string
	at      syntax.Node
	// broken is set after an error in the definition: uses are not reported.
	broken bool
}

// lambda is a function of the query or a saved one, with the scope where it was
// defined.
type lambda struct {
	def   *syntax.Lambda
	env   *scope
	name  string
	saved bool
}

func (s *scope) child() *scope { return &scope{parent: s} }

func (s *scope) define(b *binding) {
	if s.vars == nil {
		s.vars = map[string]*binding{}
	}
	s.vars[b.name] = b
}

func (s *scope) find(name string) *binding {
	for ; s != nil; s = s.parent {
		if b := s.vars[name]; b != nil {
			return b
		}
	}
	return nil
}

// names lists all names that can be seen from here.
func (s *scope) names() []string {
	var out []string
	for ; s != nil; s = s.parent {
		for n := range s.vars {
			out = append(out, n)
		}
	}
	return out
}

// sharedTable is a table that a let statement, as or materialize defines.
type sharedTable struct {
	rel  *relation
	plan *plan.Shared
	uses int
	once bool // it can be used once only, so it needs no name in the plan
}

// share makes a table that can be used several times.
func (c *checker) share(name string, rel *relation, once bool) *sharedTable {
	s := &sharedTable{rel: rel, once: once}
	s.plan = &plan.Shared{Name: name, Node: rel.node}
	if rel.materialize {
		s.plan.Materialize, s.once = true, false
	}
	return s
}

// use reads a shared table: the first time in place where it is used once only,
// else by name with columns of its own.
func (c *checker) use(s *sharedTable) *relation {
	if s.rel.graph != nil {
		return s.rel
	}
	if s.once && s.uses == 0 && len(c.calls) == 0 {
		s.once = false
		return s.rel
	}
	if s.uses == 0 {
		c.shared = append(c.shared, s)
	}
	s.uses++
	cols := s.rel.node.Columns()
	c.work += len(cols) / 2
	fresh := make(map[*plan.Column]*plan.Column, len(cols))
	u := &plan.Use{Shared: s.plan, Cols: make([]*plan.Column, len(cols))}
	for i, col := range cols {
		u.Cols[i] = &plan.Column{Name: col.Name, Type: col.Type}
		fresh[col] = u.Cols[i]
	}
	out := &relation{node: u, fields: make([]field, len(s.rel.fields)), open: s.rel.open, ordered: s.rel.ordered, source: s.rel.source}
	for i, f := range s.rel.fields {
		if f.col != nil {
			f.col = fresh[f.col]
		}
		out.fields[i] = f
	}
	return out
}
