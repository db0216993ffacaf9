package check

import (
	"strconv"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// nameOf is what a column is called that is made of an expression and has no
// name of its own; "" where the expression suggests none.
func (c *checker) nameOf(x syntax.Expr) string {
	switch x := x.(type) {
	case *syntax.Ident:
		return x.Name
	case *syntax.Paren:
		return c.nameOf(x.X)
	case *syntax.Member:
		return c.memberName(x)
	case *syntax.Index:
		return joinName(c.nameOf(x.X), keyName(x.I))
	case *syntax.Call:
		return c.callName(x)
	}
	return ""
}

func (c *checker) memberName(x *syntax.Member) string {
	sel, ok := x.Sel.(*syntax.Ident)
	if !ok {
		return c.nameOf(x.Sel)
	}
	if id, ok := x.X.(*syntax.Ident); ok && (id.Name == "$left" || id.Name == "$right") {
		return sel.Name
	}
	return joinName(c.nameOf(x.X), sel.Name)
}

func joinName(base, key string) string {
	if base == "" {
		return key
	}
	return base + "_" + key
}

func keyName(x syntax.Expr) string {
	lit, ok := unparen(x).(*syntax.Literal)
	switch {
	case !ok:
		return ""
	case lit.Value.Type == value.String:
		return lit.Value.Text
	case lit.Value.Type.Integral():
		return strconv.FormatInt(lit.Value.Num, 10)
	}
	return ""
}

// argName is the name that the first argument suggests; one that is written
// before it counts.
func (c *checker) argName(x *syntax.Call) string {
	if len(x.Args) == 0 {
		return ""
	}
	if n := x.Args[0].Name(); n != nil {
		return n.Name
	}
	return c.nameOf(x.Args[0].X)
}

func (c *checker) callName(x *syntax.Call) string {
	fn := catalog.AggregateFunction(x.Name.Name)
	if fn == nil {
		fn = catalog.ScalarFunction(x.Name.Name)
	}
	if fn == nil {
		return ""
	}
	switch fn.Naming {
	case catalog.ByArgument:
		return c.argName(x)
	case catalog.ByFunction:
		return fn.Name + "_" + c.argName(x)
	case catalog.ByPrefix:
		return fn.Prefix + "_" + c.argName(x)
	case catalog.ByPrefixOnly:
		return fn.Prefix
	case catalog.ByOnlyColumn:
		if len(x.Args) == 1 {
			return c.argName(x)
		}
	}
	return ""
}
