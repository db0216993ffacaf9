package eval

import (
	"fmt"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// scope is where an expression finds its columns: in the row that it is called
// with, or in the current row of a scope around.
type scope struct {
	layout      Layout
	row         []value.Value   // the current row, for expressions further inside
	elementRows [][]value.Value // of an inner pipe: the rows of its element
	outer       *scope
}

// compiler turns expressions into closures.
type compiler struct {
	scope *scope
	env   *Env
	// table computes a table that an expression reads; nil: none may be read.
	table func(plan.Node) (Table, error)
	// windows collects the window functions; nil: none may stand here.
	windows *windowSet
	// steps reads the states of a Match; nil outside of one.
	steps func(step int, c *plan.Column) (value.Value, bool)
	// paths reads the paths of a GraphMatch; nil outside of one.
	paths *graphSearch
}

// rowFunc computes a value of a row.
type rowFunc func(row []value.Value) value.Value

// code is a compiled expression. constant is set where no row matters.
type code struct {
	fn       rowFunc
	constant *value.Value
}

func constantCode(v value.Value) code {
	return code{fn: func([]value.Value) value.Value { return v }, constant: &v}
}

func (c *compiler) compile(e plan.Expr) (code, error) {
	switch e := e.(type) {
	case *plan.Literal:
		return constantCode(e.Value.Normal()), nil
	case *plan.Ref:
		return c.ref(e.Col)
	case *plan.Call:
		return c.call(e)
	case *plan.Convert:
		return c.convert(e)
	case *plan.Access:
		return c.access(e)
	case *plan.ToScalar:
		return c.toScalar(e)
	case *plan.InTable:
		t, err := c.inTable(e)
		return valueOf(t), err
	case *plan.StepRef:
		return c.stepRef(e)
	case *plan.OverPath:
		if c.paths != nil {
			return c.paths.overPath(c, e)
		}
	}
	return code{}, fmt.Errorf("expression %T: %w", e, ErrUnsupported)
}

func (c *compiler) ref(col *plan.Column) (code, error) {
	if i, ok := c.scope.layout[col]; ok {
		return code{fn: func(row []value.Value) value.Value { return row[i] }}, nil
	}
	for s := c.scope.outer; s != nil; s = s.outer {
		if i, ok := s.layout[col]; ok {
			return code{fn: func([]value.Value) value.Value { return s.row[i] }}, nil
		}
	}
	return code{}, fmt.Errorf("column %q: %w", col.Name, ErrUnsupported)
}

func (c *compiler) stepRef(e *plan.StepRef) (code, error) {
	if c.steps == nil {
		return code{}, fmt.Errorf("state of a step: %w", ErrUnsupported)
	}
	steps, t := c.steps, e.Col.Type
	return code{fn: func([]value.Value) value.Value {
		if v, ok := steps(e.Step, e.Col); ok {
			return v
		}
		return value.NullOf(t)
	}}, nil
}

// fit brings a value to the type that the plan promises.
func fit(v value.Value, t value.Type) value.Value {
	if v.Type == t && !(v.Null && t == value.String) {
		return v
	}
	if t == value.Unknown {
		return v
	}
	return value.Convert(v, t)
}

func (c *compiler) convert(e *plan.Convert) (code, error) {
	x, err := c.compile(e.X)
	if err != nil {
		return code{}, err
	}
	to := e.To
	return folded([]code{x}, func(row []value.Value) value.Value { return value.Convert(x.fn(row), to) }), nil
}

// folded computes a function of constants at once.
func folded(args []code, fn rowFunc) code {
	for _, a := range args {
		if a.constant == nil {
			return code{fn: fn}
		}
	}
	return constantCode(fn(nil))
}

func (c *compiler) access(e *plan.Access) (code, error) {
	x, err := c.compile(e.X)
	if err != nil {
		return code{}, err
	}
	key, err := c.compile(e.Key)
	if err != nil {
		return code{}, err
	}
	args := []code{x, key}
	if key.constant == nil {
		return folded(args, func(row []value.Value) value.Value { return member(x.fn(row), key.fn(row)) }), nil
	}
	switch k := *key.constant; k.Type {
	case value.String:
		return folded(args, func(row []value.Value) value.Value { return x.fn(row).Member(k.Text) }), nil
	default:
		return folded(args, func(row []value.Value) value.Value { return member(x.fn(row), k) }), nil
	}
}

// member reads by a key of either kind.
func member(v, key value.Value) value.Value {
	switch key = key.Scalar(); {
	case key.Null:
		return value.NullOf(value.Dynamic)
	case key.Type == value.String:
		return v.Member(key.Text)
	case key.Type.Integral():
		return v.Element(key.Num)
	}
	return value.NullOf(value.Dynamic)
}

func (c *compiler) toScalar(e *plan.ToScalar) (code, error) {
	t, err := c.readTable(e.Node)
	if err != nil {
		return code{}, err
	}
	if len(t.Rows) == 0 {
		return constantCode(value.NullOf(e.Type())), nil
	}
	return constantCode(t.Rows[0][0]), nil
}

func (c *compiler) readTable(n plan.Node) (Table, error) {
	if c.table == nil {
		return Table{}, fmt.Errorf("a table within an expression: %w", ErrUnsupported)
	}
	return c.table(n)
}

// testOperators are the calls that are compiled as tests.
var testOperators = map[string]bool{"and": true, "or": true, "not": true, "==": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true,
	"in": true, "!in": true, "in~": true, "!in~": true, "has_any": true, "has_all": true, "matches regex": true, "isempty": true, "isnotempty": true,
	"isnull": true, "isnotnull": true, "between": true, "!between": true}

func (c *compiler) call(e *plan.Call) (code, error) {
	if isWindow(e.Func) {
		return c.window(e)
	}
	if _, isText := scalar.TextTestOf(e.Func, ""); isText || testOperators[e.Func] {
		t, err := c.test(e)
		return valueOf(t), err
	}
	args, err := c.args(e.Args)
	if err != nil {
		return code{}, err
	}
	if k, ok, err := c.ownCall(e, args); ok {
		return k, err
	}
	f, ok := scalar.Lookup(e.Func)
	if !ok || len(args) < f.Min || f.Max >= 0 && len(args) > f.Max {
		return code{}, fmt.Errorf("function %s with %d arguments: %w", e.Func, len(args), ErrUnsupported)
	}
	return folded(args, c.function(f, e, args)), nil
}

func (c *compiler) args(list []plan.Expr) ([]code, error) {
	out := make([]code, len(list))
	for i, a := range list {
		var err error
		if out[i], err = c.compile(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// function calls a scalar function, bound to those arguments that are constant.
func (c *compiler) function(f *scalar.Function, e *plan.Call, args []code) rowFunc {
	consts := make([]*value.Value, len(args))
	for i := range args {
		consts[i] = args[i].constant
	}
	call := f.BindConstants(consts)
	t := e.Result
	buf := make([]value.Value, len(args))
	for i, k := range consts {
		if k != nil {
			buf[i] = *k
		}
	}
	return func(row []value.Value) value.Value {
		for i := range args {
			if consts[i] == nil {
				buf[i] = args[i].fn(row)
			}
		}
		return fit(call(buf), t)
	}
}

// ownCall compiles what needs more than values: choices that leave arguments
// uncomputed, arithmetic of one type, and functions of the surroundings.
func (c *compiler) ownCall(e *plan.Call, args []code) (code, bool, error) {
	switch e.Func {
	case "iff", "case":
		if len(args) < 3 || len(args)%2 == 0 {
			return code{}, false, nil
		}
		k, err := c.choice(e, args)
		return k, true, err
	case "+", "-", "*":
		if len(args) == 2 && e.Result == value.Long && e.Args[0].Type().Integral() && e.Args[1].Type().Integral() {
			return folded(args, wholeArithmetic(e.Func[0], args[0].fn, args[1].fn)), true, nil
		}
		if len(args) == 2 && e.Result == value.Real && e.Args[0].Type() == value.Real && e.Args[1].Type() == value.Real {
			return folded(args, realArithmetic(e.Func[0], args[0].fn, args[1].fn)), true, nil
		}
	}
	return c.environmentCall(e, args)
}

// choice is iff and case: conditions and values in turn, and the value of else.
func (c *compiler) choice(e *plan.Call, args []code) (code, error) {
	n := len(args) / 2
	tests := make([]test, n)
	for i := range tests {
		var err error
		if tests[i], err = c.test(e.Args[2*i]); err != nil {
			return code{}, err
		}
	}
	t := e.Result
	return folded(args, func(row []value.Value) value.Value {
		for i, is := range tests {
			if is(row) == yes {
				return fit(args[2*i+1].fn(row), t)
			}
		}
		return fit(args[len(args)-1].fn(row), t)
	}), nil
}

func wholeArithmetic(op byte, a, b rowFunc) rowFunc {
	return func(row []value.Value) value.Value {
		x, y := a(row), b(row)
		if x.Null || y.Null {
			return value.NullOf(value.Long)
		}
		switch op {
		case '+':
			return value.LongOf(x.Num + y.Num)
		case '-':
			return value.LongOf(x.Num - y.Num)
		}
		return value.LongOf(x.Num * y.Num)
	}
}

func realArithmetic(op byte, a, b rowFunc) rowFunc {
	return func(row []value.Value) value.Value {
		x, y := a(row), b(row)
		if x.Null || y.Null {
			return value.NullOf(value.Real)
		}
		switch op {
		case '+':
			return value.RealOf(x.Float + y.Float)
		case '-':
			return value.RealOf(x.Float - y.Float)
		}
		return value.RealOf(x.Float * y.Float)
	}
}
