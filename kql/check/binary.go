package check

import (
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// convert brings an expression to a type, in the ways that the language
// converts without being asked.
func convert(e expr, to value.Type) expr {
	if e.t.T == to || to == value.Unknown || e.t.T == value.Unknown {
		return e
	}
	if lit, ok := e.x.(*plan.Literal); ok {
		if v, ok := convertLiteral(lit.Value, to); ok {
			return leaf(&plan.Literal{Value: v}, scalar(to))
		}
	}
	switch {
	case e.t.dynamic(), to == value.Dynamic, e.t.T.Numeric() && to.Numeric():
		return expr{x: &plan.Convert{X: e.x, To: to}, t: scalar(to), weight: e.weight + 1}
	}
	return call(conversions[to], scalar(to), e)
}

// conversions are the functions that convert to a type.
var conversions = map[value.Type]string{
	value.Bool: "tobool", value.Int: "toint", value.Long: "tolong", value.Real: "todouble", value.Decimal: "todecimal",
	value.DateTime: "todatetime", value.TimeSpan: "totimespan", value.Guid: "toguid", value.String: "tostring", value.Dynamic: "parse_json",
}

// convertLiteral widens a numeric constant.
func convertLiteral(v value.Value, to value.Type) (value.Value, bool) {
	if v.Null {
		return value.NullOf(to), v.Type.Numeric() && to.Numeric()
	}
	switch {
	case v.Type.Integral() && to == value.Long:
		return value.LongOf(v.Num), true
	case v.Type.Integral() && to == value.Real:
		return value.RealOf(float64(v.Num)), true
	}
	return v, false
}

// widest is the type to which two numbers are brought.
func widest(a, b value.Type) value.Type { return max(a, b) }

// promoted is the type of arithmetic over one: an int becomes a long.
func promoted(t value.Type) value.Type {
	if t == value.Int {
		return value.Long
	}
	return t
}

// same brings two operands of a comparison to one type.
func (c *checker) same(a, b expr, at syntax.Node) (expr, expr) {
	x, y := a.t.T, b.t.T
	switch {
	case x == y, x == value.Unknown, y == value.Unknown:
		return a, b
	case x == value.Dynamic:
		return convert(a, y), b
	case y == value.Dynamic:
		return a, convert(b, x)
	case x.Numeric() && y.Numeric():
		t := widest(x, y)
		return convert(a, t), convert(b, t)
	case x == value.Bool && y.Numeric():
		return call("tolong", scalar(value.Long), a), convert(b, promoted(y))
	case y == value.Bool && x.Numeric():
		return convert(a, promoted(x)), call("tolong", scalar(value.Long), b)
	}
	c.warnf(at, CodeCompare, "A %s is compared with a %s; they are compared as texts. Convert one of them.", x, y)
	return convert(a, value.String), convert(b, value.String)
}

// binary binds X op Y. Long chains lean to the left, so they are bound in a
// loop.
func (c *checker) binary(x *syntax.Binary, cx context) expr {
	var spine []*syntax.Binary
	var left syntax.Expr = x
	for {
		b, ok := left.(*syntax.Binary)
		if !ok {
			break
		}
		spine = append(spine, b)
		left = b.X
	}
	last := len(spine) - 1
	var e expr
	if w, ok := left.(*syntax.Wildcard); ok && w.Pattern == "*" && cx.row != nil {
		e = c.anyColumn(spine[last], cx)
		last--
	} else {
		e = c.scalarOf(left, cx)
	}
	for i := last; i >= 0; i-- {
		if !c.step(spine[i]) {
			return bad()
		}
		right := c.scalarOf(spine[i].Y, cx)
		if spine[i].Op == syntax.MatchesRegex {
			c.regex(spine[i].Y, right)
		}
		e = c.operate(spine[i], e, right)
	}
	return e
}

// anyColumn binds `* op Y`: the test of all columns, of which one must hold, or
// all where the operator denies something.
func (c *checker) anyColumn(x *syntax.Binary, cx context) expr {
	right := c.scalarOf(x.Y, cx)
	if !c.spend(len(cx.row.fields), x) {
		return bad()
	}
	var tests []expr
	for _, f := range cx.row.fields {
		col := f.expr()
		if right.t.T == value.String {
			col = convert(col, value.String)
		}
		tests = append(tests, c.operate(x, col, right))
	}
	if strings.HasPrefix(x.Op.String(), "!") {
		return joinedBy("and", tests)
	}
	return anyOf(tests)
}

func anyOf(tests []expr) expr { return joinedBy("or", tests) }

// joinedBy joins conditions by and or by or, as a tree that is not deep.
func joinedBy(word string, tests []expr) expr {
	switch len(tests) {
	case 0:
		return literal(value.BoolOf(word == "and"))
	case 1:
		return tests[0]
	}
	half := len(tests) / 2
	return call(word, scalar(value.Bool), joinedBy(word, tests[:half]), joinedBy(word, tests[half:]))
}

func (c *checker) operate(x *syntax.Binary, a, b expr) expr {
	switch x.Op {
	case syntax.And, syntax.Or:
		return c.logic(x, a, b)
	case syntax.Add, syntax.Sub, syntax.Mul, syntax.Div, syntax.Mod:
		return c.arithmetic(x, a, b)
	case syntax.Equal, syntax.NotEqual:
		a, b = c.same(a, b, x)
		return call(x.Op.String(), scalar(value.Bool), a, b)
	case syntax.Less, syntax.LessEqual, syntax.Greater, syntax.GreaterEqual:
		return c.order(x, a, b)
	case syntax.SearchColon:
		return c.searchColumn(a, b)
	case syntax.NoOperator:
		return bad()
	}
	return c.textOperator(x, a, b)
}

// undefined reports operands that an operator is not defined for.
func (c *checker) undefined(x *syntax.Binary, a, b expr, result value.Type) expr {
	at := x.OpPos
	d := c.errorf(at, CodeOperands, "The operator '%s' is not defined for %s and %s.", x.Op, a.t.T, b.t.T)
	if x.Op == syntax.Add && a.t.T == value.String {
		d.Message += " Use strcat() to join texts."
	}
	e := bad()
	e.t = scalar(result)
	return e
}

func (c *checker) logic(x *syntax.Binary, a, b expr) expr {
	for _, e := range []expr{a, b} {
		if e.t.known() && e.t.T != value.Bool && !e.t.dynamic() {
			return c.undefined(x, a, b, value.Bool)
		}
	}
	return call(x.Op.String(), scalar(value.Bool), convert(a, value.Bool), convert(b, value.Bool))
}

// order binds < <= > >=.
func (c *checker) order(x *syntax.Binary, a, b expr) expr {
	s, t := a.t.T, b.t.T
	ok := s == value.Unknown || t == value.Unknown ||
		s == t && (s == value.DateTime || s == value.TimeSpan || s == value.Bool || s == value.Dynamic) ||
		s.Numeric() && (t.Numeric() || t == value.Dynamic || t == value.Bool) ||
		t.Numeric() && (s == value.Dynamic || s == value.Bool)
	if !ok {
		return c.undefined(x, a, b, value.Bool)
	}
	a, b = c.same(a, b, x)
	return call(x.Op.String(), scalar(value.Bool), a, b)
}

func textual(t typ) bool { return !t.known() || t.T == value.String || t.dynamic() }

func (c *checker) textOperator(x *syntax.Binary, a, b expr) expr {
	if !textual(a.t) || !textual(b.t) {
		return c.undefined(x, a, b, value.Bool)
	}
	return call(textName(x.Op), scalar(value.Bool), convert(a, value.String), convert(b, value.String))
}

// textName is the standard name of an operator over texts.
func textName(op syntax.Operator) string { return op.String() }

// searchColumn binds `column : "text"` of search.
func (c *checker) searchColumn(a, b expr) expr {
	if b.t.T == value.String {
		return matchTerm(convert(a, value.String), b)
	}
	a, b = c.same(a, b, syntax.Span{})
	return call("==", scalar(value.Bool), a, b)
}

// arithmetic binds + - * / %.
func (c *checker) arithmetic(x *syntax.Binary, a, b expr) expr {
	if !a.t.known() || !b.t.known() {
		e := bad()
		e.t = arithmeticGuess(x.Op, a.t.T, b.t.T)
		e.missing = false
		return e
	}
	s, t := a.t.T, b.t.T
	switch {
	case s.Numeric() && t.Numeric():
		to := promoted(widest(s, t))
		return c.folded(call(x.Op.String(), scalar(to), convert(a, to), convert(b, to)))
	case s.Numeric() && t == value.Dynamic || s == value.Dynamic && t.Numeric():
		to := promoted(s)
		if s == value.Dynamic {
			to = promoted(t)
		}
		return call(x.Op.String(), scalar(to), convert(a, to), convert(b, to))
	case s == value.Dynamic && t == value.Dynamic:
		return call(x.Op.String(), scalar(value.Dynamic), a, b)
	}
	if r, ok := timeArithmetic[timeKey{x.Op, timeKind(s), timeKind(t)}]; ok {
		return c.folded(c.timeCall(x.Op, r, a, b))
	}
	return c.undefined(x, a, b, value.Unknown)
}

// timeCall makes a call of arithmetic with a time; a dynamic operand is taken
// for a time of the kind that fits.
func (c *checker) timeCall(op syntax.Operator, r value.Type, a, b expr) expr {
	if a.t.dynamic() {
		a = convert(a, partner(op, b.t.T, r))
	}
	if b.t.dynamic() {
		b = convert(b, partner(op, a.t.T, r))
	}
	return call(op.String(), scalar(r), a, b)
}

func partner(op syntax.Operator, other, result value.Type) value.Type {
	if op == syntax.Sub && other == value.DateTime && result == value.TimeSpan {
		return value.DateTime
	}
	return value.TimeSpan
}

// kind of operand in arithmetic with times.
type operand uint8

const (
	none operand = iota
	number
	date
	span
	dyn
)

func timeKind(t value.Type) operand {
	switch {
	case t.Numeric():
		return number
	case t == value.DateTime:
		return date
	case t == value.TimeSpan:
		return span
	case t == value.Dynamic:
		return dyn
	}
	return none
}

type timeKey struct {
	op   syntax.Operator
	a, b operand
}

// timeArithmetic is the type of arithmetic in which a time takes part.
var timeArithmetic = map[timeKey]value.Type{
	{syntax.Add, date, date}: value.DateTime, {syntax.Add, date, span}: value.DateTime, {syntax.Add, span, date}: value.DateTime,
	{syntax.Add, span, span}: value.TimeSpan, {syntax.Add, date, dyn}: value.DateTime, {syntax.Add, dyn, date}: value.DateTime,
	{syntax.Add, span, dyn}: value.TimeSpan, {syntax.Add, dyn, span}: value.TimeSpan,

	{syntax.Sub, date, date}: value.TimeSpan, {syntax.Sub, date, span}: value.DateTime, {syntax.Sub, span, date}: value.DateTime,
	{syntax.Sub, span, span}: value.TimeSpan, {syntax.Sub, date, dyn}: value.TimeSpan, {syntax.Sub, dyn, date}: value.TimeSpan,
	{syntax.Sub, span, dyn}: value.TimeSpan, {syntax.Sub, dyn, span}: value.TimeSpan,

	{syntax.Mul, number, date}: value.DateTime, {syntax.Mul, date, number}: value.DateTime,
	{syntax.Mul, number, span}: value.TimeSpan, {syntax.Mul, span, number}: value.TimeSpan, {syntax.Mul, span, span}: value.TimeSpan,

	{syntax.Div, date, number}: value.DateTime, {syntax.Div, span, number}: value.TimeSpan,
	{syntax.Div, date, date}: value.Real, {syntax.Div, date, span}: value.Real, {syntax.Div, span, span}: value.Real,

	{syntax.Mod, date, number}: value.DateTime, {syntax.Mod, span, number}: value.TimeSpan,
	{syntax.Mod, date, date}: value.TimeSpan, {syntax.Mod, date, span}: value.TimeSpan, {syntax.Mod, span, span}: value.TimeSpan,
}

// arithmeticGuess is the type of arithmetic with an operand of unknown type.
func arithmeticGuess(op syntax.Operator, a, b value.Type) typ {
	other := max(a, b)
	if other.Numeric() {
		return scalar(promoted(other))
	}
	return unknown
}

// unary binds a sign.
func (c *checker) unary(x *syntax.Unary, cx context) expr {
	e := c.scalarOf(x.X, cx)
	t := e.t.T
	if e.t.known() && !t.Numeric() && t != value.TimeSpan && t != value.Dynamic {
		c.errorf(x, CodeOperands, "The sign '%s' is not defined for a %s.", x.Op, t)
		return bad()
	}
	if x.Op == syntax.Add || !e.t.known() {
		return e
	}
	to := promoted(t)
	return c.folded(call("neg", scalar(to), convert(e, to)))
}

// between binds X between (Lo .. Hi).
func (c *checker) between(x *syntax.Between, cx context) expr {
	v, lo, hi := c.scalarOf(x.X, cx), c.scalarOf(x.Lo, cx), c.scalarOf(x.Hi, cx)
	op := "between"
	if x.Not {
		op = "!between"
	}
	if !betweenFits(v.t, lo.t, hi.t) {
		c.errorf(x, CodeOperands, "The operator '%s' is not defined for %s in %s .. %s.", op, v.t.T, lo.t.T, hi.t.T)
		return leaf(bad().x, scalar(value.Bool))
	}
	if lo.t.T == value.DateTime && hi.t.T == value.TimeSpan {
		hi = c.folded(call("+", scalar(value.DateTime), lo, hi))
	}
	if v.t.dynamic() {
		v = convert(v, widest(lo.t.T, hi.t.T))
	}
	to := v.t.T
	if to.Numeric() {
		to = promoted(widest(to, numericOr(lo.t.T, numericOr(hi.t.T, to))))
		to = promoted(widest(to, numericOr(hi.t.T, to)))
	}
	return call(op, scalar(value.Bool), convert(v, to), convert(lo, to), convert(hi, to))
}

func numericOr(t, other value.Type) value.Type {
	if t.Numeric() {
		return t
	}
	return other
}

func betweenFits(v, lo, hi typ) bool {
	if !v.known() || !lo.known() || !hi.known() {
		return true
	}
	switch {
	case v.T.Numeric():
		return lo.T.Numeric() && hi.T.Numeric() || lo.dynamic() && hi.dynamic()
	case v.dynamic():
		return lo.T.Numeric() && hi.T.Numeric()
	case v.T == value.DateTime:
		return lo.T == value.DateTime && (hi.T == value.DateTime || hi.T == value.TimeSpan)
	case v.T == value.TimeSpan:
		return lo.T == value.TimeSpan && hi.T == value.TimeSpan
	}
	return false
}

// in binds X in (…) and its relatives.
func (c *checker) in(x *syntax.In, cx context) expr {
	v := c.scalarOf(x.X, cx)
	op := x.Op.String()
	text := x.Op == syntax.HasAny || x.Op == syntax.HasAll
	folds := x.Op == syntax.InCI || x.Op == syntax.NotInCI
	if (text || folds) && !textual(v.t) {
		c.errorf(x.X, CodeType, "A string is expected left of '%s', and this is a %s.", op, v.t.T)
	}
	if text || folds {
		v = convert(v, value.String)
	}
	if len(x.List) == 1 {
		b := c.bind(x.List[0], cx)
		if b.rel != nil {
			return c.inTable(op, v, b.rel, x)
		}
		if b.fn != nil {
			c.errorf(x.List[0], CodeArguments, "The function needs an argument list.")
			return leaf(bad().x, scalar(value.Bool))
		}
		return call(op, scalar(value.Bool), c.members(x, v, []expr{*b.e}, text || folds)...)
	}
	items := make([]expr, 0, len(x.List))
	for _, item := range x.List {
		items = append(items, c.scalarOf(item, cx))
	}
	return call(op, scalar(value.Bool), c.members(x, v, items, text || folds)...)
}

// members brings the value and the set to one type; dynamic members stay, for
// they may be arrays.
func (c *checker) members(x *syntax.In, v expr, items []expr, text bool) []expr {
	to := v.t.T
	if to.Numeric() {
		for _, e := range items {
			if e.t.T.Numeric() {
				to = widest(to, e.t.T)
			}
		}
		v = convert(v, to)
	}
	out := append(make([]expr, 0, len(items)+1), v)
	for i, e := range items {
		switch {
		case e.t.dynamic() || !e.t.known() || to == value.Dynamic:
		case text:
			e = convert(e, value.String)
		default:
			_, e = c.same(leaf(v.x, scalar(to)), e, x.List[i])
		}
		out = append(out, e)
	}
	return out
}

func (c *checker) inTable(op string, v expr, rel *relation, x *syntax.In) expr {
	if len(rel.fields) == 0 {
		if rel.open == nil {
			c.errorf(x.List[0], CodeNotTable, "The table has no column.")
		}
		return leaf(bad().x, scalar(value.Bool))
	}
	first := rel.fields[0]
	if len(rel.node.Columns()) == 0 || rel.node.Columns()[0] != first.col {
		rel = rel.keep(rel.fields[:1])
	}
	return expr{x: &plan.InTable{Op: op, X: v.x, Node: rel.node}, t: scalar(value.Bool), weight: v.weight + 1}
}
