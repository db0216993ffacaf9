package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// pattern is a name that stands for one of several tables: which one, the values
// of its arguments and the path behind them tell.
type pattern struct {
	def   *syntax.DeclarePattern
	cases map[string]*lambda // by the values that choose them
}

// pattern binds declare pattern. Bodies are checked here, whether anything uses
// them or not, and bound anew at each use.
func (c *checker) pattern(s *syntax.DeclarePattern, env *scope) {
	if s.Name == nil {
		return
	}
	if env.vars[s.Name.Name] != nil {
		c.errorf(s.Name, CodeDuplicate, "'%s' is defined already.", s.Name.Name)
	}
	p := &pattern{def: s, cases: map[string]*lambda{}}
	for _, k := range s.Cases {
		if len(k.Values) != len(s.Params) {
			c.errorf(k, CodeArguments, "The pattern '%s' takes %s, not %d.", s.Name.Name, count(len(s.Params), "argument"), len(k.Values))
			continue
		}
		if (k.Path == nil) != (s.Path == nil) {
			c.errorf(k, CodeArguments, "A case has a path if and only if the pattern declares one.")
			continue
		}
		fn := &lambda{def: &syntax.Lambda{Span: k.Span, Body: k.Body}, env: env, name: s.Name.Name}
		c.definition(fn)
		key, ok := c.patternKey(k.Values, k.Path, context{env: env})
		if ok && p.cases[key] != nil {
			c.errorf(k, CodeDuplicate, "The pattern has this case already.")
		} else if ok {
			p.cases[key] = fn
		}
	}
	env.define(&binding{name: s.Name.Name, at: s.Name, pattern: p})
}

// patternKey is made of the constants that choose a case.
func (c *checker) patternKey(values []syntax.Expr, path syntax.Expr, cx context) (string, bool) {
	if path != nil {
		values = append(slices.Clone(values), path)
	}
	var key []byte
	for _, x := range values {
		e := c.scalarOf(x, cx.inner())
		v, ok := constantOf(e)
		if !ok {
			if !e.missing && !e.placeholder {
				c.errorf(x, CodeConstant, "A pattern is chosen by constants.")
			}
			return "", false
		}
		key = v.AppendKey(key)
	}
	return string(key), true
}

// patternCall binds P(values) or P(values).path: the table of the case that has
// these values.
func (c *checker) patternCall(x *syntax.Call, path syntax.Expr, p *pattern, cx context) bound {
	name := x.Name.Name
	switch {
	case len(p.def.Cases) == 0:
		c.errorf(x.Name, CodeUnsupported, "The pattern '%s' has no cases: only another service could answer it.", name)
		return boundExpr(bad())
	case len(x.Args) != len(p.def.Params):
		c.errorf(x, CodeArguments, "The pattern '%s' takes %s, not %d.", name, count(len(p.def.Params), "argument"), len(x.Args))
		return boundExpr(bad())
	case path == nil && p.def.Path != nil:
		c.errorf(x, CodeArguments, "The pattern '%s' needs a path: %s(…).path.", name, name)
		return boundExpr(bad())
	}
	values := make([]syntax.Expr, len(x.Args))
	for i, a := range x.Args {
		values[i] = a.X
	}
	key, ok := c.patternKey(values, path, cx)
	if !ok {
		return boundExpr(bad())
	}
	fn := p.cases[key]
	if fn == nil {
		c.errorf(x, CodeArguments, "The pattern '%s' has no case for these values.", name)
		return boundExpr(bad())
	}
	return c.inline(x, x.Name, fn, nil, cx)
}

// patternMember binds P(values).path and P(values).["path"]; false where X.Sel is
// something else.
func (c *checker) patternMember(x *syntax.Member, cx context) (bound, bool) {
	call, ok := x.X.(*syntax.Call)
	if !ok {
		return bound{}, false
	}
	b := cx.env.find(call.Name.Name)
	if b == nil || b.pattern == nil || b.pattern.def.Path == nil {
		return bound{}, false
	}
	c.trace.variable(call.Name, b)
	path := x.Sel
	if id, ok := path.(*syntax.Ident); ok {
		path = textLiteral(id)
	}
	return c.patternCall(call, path, b.pattern, cx), true
}

// textLiteral is a name as the text that it is.
func textLiteral(id *syntax.Ident) syntax.Expr {
	return &syntax.Literal{Span: id.Span, Value: value.StringOf(id.Name)}
}
