package eval

import (
	"fmt"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// answer is a bool of the language.
type answer int8

const (
	no      answer = 0
	yes     answer = 1
	unknown answer = 2 // null
)

// test answers a condition for a row.
type test func(row []value.Value) answer

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// valueOf makes a value of a test.
func valueOf(t test) code {
	if t == nil {
		return code{}
	}
	return code{fn: func(row []value.Value) value.Value {
		switch t(row) {
		case yes:
			return value.BoolOf(true)
		case no:
			return value.BoolOf(false)
		}
		return value.NullOf(value.Bool)
	}}
}

// test compiles a condition.
func (c *compiler) test(e plan.Expr) (test, error) {
	switch e := e.(type) {
	case *plan.Call:
		t, err := c.testCall(e)
		if t != nil || err != nil {
			return t, err
		}
	case *plan.InTable:
		return c.inTable(e)
	}
	k, err := c.compile(e)
	if err != nil {
		return nil, err
	}
	return func(row []value.Value) answer { return truth(k.fn(row)) }, nil
}

func truth(v value.Value) answer {
	if v.Type != value.Bool {
		v = value.Convert(v, value.Bool)
	}
	if v.Null {
		return unknown
	}
	return answer(v.Num)
}

// testCall compiles operators; nil where the call is none.
func (c *compiler) testCall(e *plan.Call) (test, error) {
	switch e.Func {
	case "and", "or":
		return c.logical(e)
	case "not":
		x, err := c.test(e.Args[0])
		if err != nil {
			return nil, err
		}
		return func(row []value.Value) answer { return negated(x(row)) }, nil
	}
	_, isText := scalar.TextTestOf(e.Func, "")
	if !isText && !testOperators[e.Func] {
		return nil, nil
	}
	args, err := c.args(e.Args)
	if err != nil {
		return nil, err
	}
	if t := c.specialTest(e, args, isText); t != nil {
		return t, nil
	}
	f, ok := scalar.Lookup(e.Func)
	if !ok || len(args) < f.Min || f.Max >= 0 && len(args) > f.Max {
		return nil, fmt.Errorf("operator %s with %d arguments: %w", e.Func, len(args), ErrUnsupported)
	}
	fn := c.function(f, e, args)
	return func(row []value.Value) answer { return truth(fn(row)) }, nil
}

func negated(a answer) answer {
	if a == unknown {
		return unknown
	}
	return 1 - a
}

// logical is and, or over any number of conditions. It stops at the first that
// settles it.
func (c *compiler) logical(e *plan.Call) (test, error) {
	tests := make([]test, len(e.Args))
	for i, a := range e.Args {
		var err error
		if tests[i], err = c.test(a); err != nil {
			return nil, err
		}
	}
	until := answerOf(e.Func == "or")
	if len(tests) == 2 {
		a, b := tests[0], tests[1]
		return func(row []value.Value) answer {
			x := a(row)
			if x == until {
				return x
			}
			if y := b(row); y == until || x != unknown {
				return y
			}
			return unknown
		}, nil
	}
	return func(row []value.Value) answer {
		out := 1 - until
		for _, t := range tests {
			switch t(row) {
			case until:
				return until
			case unknown:
				out = unknown
			}
		}
		return out
	}, nil
}

// specialTest compiles tests of the common shapes so that they make no garbage;
// nil for other shapes.
func (c *compiler) specialTest(e *plan.Call, args []code, isText bool) test {
	last := args[len(args)-1].constant
	switch {
	case isText && len(args) == 2 && last != nil:
		is, _ := scalar.TextTestOf(e.Func, last.String())
		return onText(e.Args[0].Type(), args[0].fn, is)
	case e.Func == "matches regex" && last != nil:
		if r, ok := scalar.CompileRegex(last.String(), ""); ok {
			return onText(e.Args[0].Type(), args[0].fn, func(s string) bool { return r.For(s).MatchString(s) })
		}
	case e.Func == "has_any" || e.Func == "has_all":
		if texts, ok := constantTexts(args[1:]); ok {
			return onText(e.Args[0].Type(), args[0].fn, scalar.NewTerms(e.Func == "has_all", texts))
		}
	case e.Func == "in" || e.Func == "!in" || e.Func == "in~" || e.Func == "!in~":
		return inConstants(e, args)
	case len(args) == 1:
		return nullTest(e, args[0].fn)
	case len(args) == 2:
		return comparison(e, args)
	case len(args) == 3:
		return between(e, args)
	}
	return nil
}

// onText applies a test of texts. A text column is read in place.
func onText(t value.Type, x rowFunc, is scalar.TextTest) test {
	if t == value.String {
		return func(row []value.Value) answer { return answerOf(is(x(row).Text)) }
	}
	return func(row []value.Value) answer { return answerOf(is(x(row).String())) }
}

func constantTexts(args []code) ([]string, bool) {
	var out []string
	for _, a := range args {
		if a.constant == nil {
			return nil, false
		}
		if j := a.constant.JSON(); a.constant.Type == value.Dynamic && j.Kind == value.KindArray {
			for _, x := range j.Items {
				out = append(out, x.Value().String())
			}
			continue
		}
		out = append(out, a.constant.String())
	}
	return out, true
}

func inConstants(e *plan.Call, args []code) test {
	set := scalar.NewSet(e.Func == "in~" || e.Func == "!in~")
	for _, a := range args[1:] {
		if a.constant == nil {
			return nil
		}
		set.Add(*a.constant)
	}
	return inSet(e.Func, e.Args[0].Type(), args[0].fn, set)
}

func inSet(op string, t value.Type, x rowFunc, set *scalar.Set) test {
	want := op[0] != '!'
	if t == value.String {
		return func(row []value.Value) answer { return answerOf(set.HasText(x(row).Text) == want) }
	}
	return func(row []value.Value) answer { return answerOf(set.Has(x(row)) == want) }
}

func nullTest(e *plan.Call, x rowFunc) test {
	text := e.Args[0].Type() == value.String
	switch e.Func {
	case "isempty", "isnotempty":
		want := e.Func == "isempty"
		if text {
			return func(row []value.Value) answer { return answerOf((x(row).Text == "") == want) }
		}
		return func(row []value.Value) answer {
			v := x(row)
			return answerOf((v.Null || v.String() == "") == want)
		}
	case "isnull", "isnotnull":
		want := e.Func == "isnull"
		return func(row []value.Value) answer { return answerOf((x(row).Normal().Null && !text) == want) }
	}
	return nil
}

// holds tells for the comparing operators which orders satisfy them.
var holds = map[string]func(order int) bool{
	"==": func(o int) bool { return o == 0 }, "!=": func(o int) bool { return o != 0 }, "<": func(o int) bool { return o < 0 },
	"<=": func(o int) bool { return o <= 0 }, ">": func(o int) bool { return o > 0 }, ">=": func(o int) bool { return o >= 0 },
}

// comparison compares texts and whole numbers directly.
func comparison(e *plan.Call, args []code) test {
	is, ok := holds[e.Func]
	ta, tb := e.Args[0].Type(), e.Args[1].Type()
	if !ok {
		return nil
	}
	a, b := args[0].fn, args[1].fn
	equality := e.Func == "==" || e.Func == "!="
	switch {
	case ta == value.String && tb == value.String && equality:
		want := e.Func == "=="
		return func(row []value.Value) answer { return answerOf((a(row).Text == b(row).Text) == want) }
	case wholeType(ta) && wholeType(tb):
		oneNull := answer(unknown)
		if equality {
			oneNull = answerOf(e.Func == "!=")
		}
		return compareWhole(a, b, is, oneNull)
	}
	return nil
}

func wholeType(t value.Type) bool {
	return t == value.Int || t == value.Long || t == value.DateTime || t == value.TimeSpan || t == value.Bool
}

func compareWhole(a, b rowFunc, is func(int) bool, oneNull answer) test {
	return func(row []value.Value) answer {
		x, y := a(row), b(row)
		switch {
		case x.Null && y.Null:
			return unknown
		case x.Null || y.Null:
			return oneNull
		case x.Num < y.Num:
			return answerOf(is(-1))
		case x.Num > y.Num:
			return answerOf(is(1))
		}
		return answerOf(is(0))
	}
}

func between(e *plan.Call, args []code) test {
	if e.Func != "between" && e.Func != "!between" {
		return nil
	}
	for _, a := range e.Args {
		if !wholeType(a.Type()) {
			return nil
		}
	}
	x, low, high := args[0].fn, args[1].fn, args[2].fn
	want := e.Func == "between"
	return func(row []value.Value) answer {
		v, l, h := x(row), low(row), high(row)
		if v.Null || l.Null || h.Null {
			return unknown
		}
		return answerOf((v.Num >= l.Num && v.Num <= h.Num) == want)
	}
}

// inTable looks values up in the first column of a table.
func (c *compiler) inTable(e *plan.InTable) (test, error) {
	x, err := c.compile(e.X)
	if err != nil {
		return nil, err
	}
	t, err := c.readTable(e.Node)
	if err != nil {
		return nil, err
	}
	if e.Op == "has_any" || e.Op == "has_all" {
		texts := make([]string, len(t.Rows))
		for i, row := range t.Rows {
			texts[i] = row[0].String()
		}
		return onText(e.X.Type(), x.fn, scalar.NewTerms(e.Op == "has_all", texts)), nil
	}
	set := scalar.NewSet(e.Op == "in~" || e.Op == "!in~")
	for _, row := range t.Rows {
		set.Add(row[0])
	}
	return inSet(e.Op, e.X.Type(), x.fn, set), nil
}
