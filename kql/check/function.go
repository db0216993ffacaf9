package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// saved finds a saved function and parses it, or returns nil.
func (c *checker) saved(name string) *lambda {
	if fn, ok := c.cache[name]; ok {
		return fn
	}
	def, ok := c.schema.Function(name)
	if !ok {
		return nil
	}
	fn := &lambda{name: name, env: c.root0(), saved: true}
	if c.cache == nil {
		c.cache = map[string]*lambda{}
	}
	c.cache[name] = fn
	script := syntax.Parse("let f = " + def.Text + ";")
	if len(script.Statements) > 0 {
		if let, ok := script.Statements[0].(*syntax.Let); ok {
			fn.def, _ = let.Value.(*syntax.Lambda)
		}
	}
	if fn.def == nil {
		fn.def = &syntax.Lambda{}
	}
	return fn
}

// root0 is the scope of saved functions: they do not see the query's names.
func (c *checker) root0() *scope { return &scope{} }

// inline binds a call of a function: its body with the arguments in place of
// the parameters.
func (c *checker) inline(at syntax.Node, name *syntax.Ident, fn *lambda, args []*syntax.NamedExpr, cx context) bound {
	if slices.Contains(c.active, fn.def) {
		c.errorf(at, CodeRecursion, "The function '%s' calls itself.", name.Name)
		return boundExpr(bad())
	}
	c.expansions++
	if c.expansions > maxExpansions {
		c.limit(at, "The query calls functions too often: more than %d calls once they are written out.", maxExpansions)
		return boundExpr(bad())
	}
	env := fn.env.child()
	if !c.bindArguments(at, name, fn, args, cx, env) {
		return boundExpr(bad())
	}
	return c.body(at, fn, env)
}

// body binds the body of a function in the scope of its parameters.
func (c *checker) body(at syntax.Node, fn *lambda, env *scope) bound {
	c.active = append(c.active, fn.def)
	defer func() { c.active = c.active[:len(c.active)-1] }()
	if fn.saved {
		c.calls = append(c.calls, fn.name)
		outer, trace := c.site, c.trace
		if outer == nil {
			c.site = &textRange{at.Pos(), at.End()}
		}
		c.trace = nil
		defer func() { c.calls, c.site, c.trace = c.calls[:len(c.calls)-1], outer, trace }()
	}
	out := c.statements(fn.def.Body, env)
	if out.e == nil && out.rel == nil && out.fn == nil {
		return boundExpr(bad())
	}
	return out
}

// bindArguments gives the parameters of a function their values.
func (c *checker) bindArguments(at syntax.Node, name *syntax.Ident, fn *lambda, args []*syntax.NamedExpr, cx context, env *scope) bool {
	params := fn.def.Params
	given := make([]*syntax.NamedExpr, len(params))
	for i, a := range args {
		k := i
		if n := a.Name(); n != nil {
			k = slices.IndexFunc(params, func(p *syntax.Param) bool { return p.Name != nil && p.Name.Name == n.Name })
		}
		if k < 0 || k >= len(params) {
			c.errorf(at, CodeArguments, "The function '%s' takes %s, not %d.", name.Name, count(len(params), "argument"), len(args))
			return false
		}
		given[k] = a
	}
	for i, p := range params {
		if given[i] == nil && p.Default == nil {
			c.errorf(name, CodeArguments, "The function '%s' needs an argument for '%s'.", name.Name, paramName(p))
			return false
		}
	}
	for i, p := range params {
		env.define(c.parameter(p, given[i], fn, cx))
	}
	return true
}

func paramName(p *syntax.Param) string {
	if p.Name == nil {
		return ""
	}
	return p.Name.Name
}

// parameter binds one parameter to its argument or default.
func (c *checker) parameter(p *syntax.Param, arg *syntax.NamedExpr, fn *lambda, cx context) *binding {
	b := &binding{name: paramName(p), at: p}
	if p.Schema != nil {
		if arg == nil {
			b.broken = true
			return b
		}
		rel := c.tableOf(arg.X, cx)
		if rel == nil {
			b.broken = true
			return b
		}
		c.required(p.Schema, rel, arg)
		b.table = c.share(b.name, rel, false)
		return b
	}
	var e expr
	if arg != nil {
		e = c.scalarOf(arg.X, cx)
	} else {
		e = c.scalarOf(p.Default, context{env: fn.env})
	}
	if p.Type != nil && p.Type.Type != value.Unknown {
		t := p.Type.Type
		if e.t.known() {
			e = convertTo(e, t)
		} else {
			e.t = scalar(t)
		}
	}
	b.scalar = &e
	return b
}

// convertTo converts an argument to the type of its parameter, by the function
// that does it where the language would not do it unasked.
func convertTo(e expr, t value.Type) expr {
	if e.t.T.Numeric() && t.Numeric() && t < e.t.T {
		return call(conversions[t], scalar(t), e)
	}
	return convert(e, t)
}

// required reports columns of a tabular parameter that the argument lacks.
func (c *checker) required(s *syntax.Schema, rel *relation, at syntax.Node) {
	if rel.open != nil {
		return
	}
	for _, col := range s.Columns {
		if col.Name == nil {
			continue
		}
		if _, ok := rel.find(col.Name.Name); !ok {
			c.errorf(at, CodeArguments, "The table has no column '%s', which the function needs.", col.Name.Name)
		}
	}
}

// definition checks the body of a function where it is defined, with
// parameters of which only the types are known.
func (c *checker) definition(fn *lambda) {
	shared, open, tables := c.shared, c.open, c.tables
	env := fn.env.child()
	for _, p := range fn.def.Params {
		env.define(c.placeholder(p))
	}
	c.active = append(c.active, fn.def)
	c.statements(fn.def.Body, env)
	c.active = c.active[:len(c.active)-1]
	c.shared, c.open, c.tables = shared, open, tables
}

func (c *checker) placeholder(p *syntax.Param) *binding {
	b := &binding{name: paramName(p), at: p}
	switch {
	case p.Schema != nil:
		rel := c.declared(p.Schema)
		b.table = c.share(b.name, rel, false)
	case p.Type != nil:
		e := leaf(&plan.Literal{Value: value.NullOf(p.Type.Type)}, scalar(p.Type.Type))
		e.placeholder = true
		b.scalar = &e
	default:
		b.broken = true
	}
	return b
}

// declared makes a table of a schema of which no rows are known.
func (c *checker) declared(s *syntax.Schema) *relation {
	fields := c.schemaFields(s)
	rel := &relation{node: &plan.Values{Cols: columnsOf(fields)}, fields: fields, ordered: true}
	if s.Open {
		rel.open = openTable
	}
	return rel
}

// openTable stands for the unknown columns of a table that is only declared or
// that could not be bound.
var openTable = &plan.Plugin{}

// schemaFields makes columns of a written schema.
func (c *checker) schemaFields(s *syntax.Schema) []field {
	if s == nil {
		return nil
	}
	seen := map[string]bool{}
	var out []field
	for _, col := range s.Columns {
		if col.Name == nil || col.Type == nil {
			continue
		}
		if seen[col.Name.Name] {
			c.errorf(col.Name, CodeDuplicate, "The column '%s' is there already.", col.Name.Name)
			continue
		}
		seen[col.Name.Name] = true
		out = append(out, column(col.Name.Name, scalar(col.Type.Type)))
	}
	return out
}
