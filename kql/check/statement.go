package check

import (
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// script binds the statements of a text and returns the result of the query, or
// nil where there is none or it is no table.
func (c *checker) script(s *syntax.Script) *relation {
	out := c.statements(s.Statements, c.root)
	switch {
	case out.rel != nil && out.rel.graph != nil:
		c.errorf(s.Statements[len(s.Statements)-1], CodeNotTable, "The query ends in a graph: graph-match or graph-to-table makes a table of it.")
		return c.unknownTable()
	case out.rel != nil:
		return out.rel
	case out.e != nil && !out.e.missing:
		return c.printed(*out.e)
	}
	return nil
}

// printed makes a table of a query that is a single value.
func (c *checker) printed(e expr) *relation {
	f := column("print_0", e.t)
	return newRelation(&plan.Project{Input: oneRow(), Items: []plan.Item{{Col: f.col, Expr: e.x}}}, []field{f})
}

// oneRow is a table of one row without columns.
func oneRow() plan.Node { return &plan.Values{Rows: [][]value.Value{{}}} }

// usedOnce tells whether a table can be used in one place at most: its name
// occurs twice, where it is defined and where it is used, and there are no
// functions that could repeat the use.
func (c *checker) usedOnce(name string) bool {
	if c.words == nil {
		c.countWords()
	}
	return c.words[name] == 2 && !c.inlined
}

func (c *checker) countWords() {
	c.words = map[string]int{}
	c.inlined = strings.Contains(c.text, "{")
	start := -1
	for i := 0; i <= len(c.text); i++ {
		if i < len(c.text) && wordByte(c.text[i]) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			c.words[c.text[start:i]]++
			start = -1
		}
	}
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0x80
}

// statements binds statements in order; the result is that of the last
// expression.
func (c *checker) statements(list []syntax.Statement, env *scope) bound {
	var out bound
	for _, s := range list {
		if c.stopped {
			break
		}
		switch s := s.(type) {
		case *syntax.Let:
			c.let(s, env)
		case *syntax.DeclareParams:
			c.declareParams(s, env)
		case *syntax.ExprStmt:
			out = c.bindStatement(s.X, context{env: env})
		case *syntax.Set:
			c.set(s, env)
		case *syntax.DeclarePattern:
			c.pattern(s, env)
		case *syntax.Restrict:
			c.errorf(s, CodeUnsupported, "restrict access is not supported.")
		}
	}
	return out
}

// bindStatement binds an expression that is a statement: a name in it is most
// likely a table.
func (c *checker) bindStatement(x syntax.Expr, cx context) bound {
	if id, ok := unparen(x).(*syntax.Ident); ok {
		return c.sourceName(id, cx)
	}
	return c.bind(x, cx)
}

func (c *checker) let(s *syntax.Let, env *scope) {
	if s.Name == nil || s.Value == nil {
		return
	}
	b := &binding{name: s.Name.Name, at: s.Name}
	if have := env.vars[b.name]; have != nil {
		c.errorf(s.Name, CodeDuplicate, "'%s' is defined already.", b.name)
	}
	v := c.bind(s.Value, context{env: env})
	switch {
	case v.fn != nil:
		b.fn = &lambda{def: v.fn.def, env: v.fn.env, name: b.name}
		if _, ok := s.Value.(*syntax.Lambda); ok {
			c.definition(b.fn)
		}
	case v.rel != nil:
		b.table = c.share(b.name, v.rel, c.usedOnce(b.name))
	case v.e != nil && v.e.missing && v.e.x != nil && len(c.diags) > 0 && !v.e.t.known():
		b.broken = true
	default:
		b.scalar = v.e
	}
	env.define(b)
}

// set notes an option of the request that the meaning of the query depends on.
func (c *checker) set(s *syntax.Set, env *scope) {
	if s.Name == nil || s.Value == nil || !strings.HasPrefix(s.Name.Name, "query_bin_auto") {
		return
	}
	e := c.scalarOf(s.Value, context{env: env})
	if c.settings == nil {
		c.settings = map[string]expr{}
	}
	c.settings[s.Name.Name] = e
}

// declareParams defines the parameters of the query: their values, else their
// defaults, else null.
func (c *checker) declareParams(s *syntax.DeclareParams, env *scope) {
	for _, p := range s.Params {
		if p.Name == nil || p.Type == nil {
			continue
		}
		t := p.Type.Type
		e := leaf(&plan.Literal{Value: value.NullOf(t)}, scalar(t))
		if v, ok := c.opts.Params[p.Name.Name]; ok {
			e = convertTo(literalOf(v), t)
		} else if p.Default != nil {
			e = convertTo(c.scalarOf(p.Default, context{env: env}), t)
		}
		env.define(&binding{name: p.Name.Name, at: p.Name, scalar: &e})
	}
}
