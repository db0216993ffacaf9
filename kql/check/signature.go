package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// choose finds the signature that the arguments fit, and the parameter that
// each argument belongs to. It reports why there is none.
func (c *checker) choose(x *syntax.Call, fn *catalog.Function, args []argument) (*catalog.Signature, []int) {
	var fitting []*catalog.Signature
	var places [][]int
	for i := range fn.Signatures {
		if p, ok := assign(&fn.Signatures[i], args); ok {
			fitting, places = append(fitting, &fn.Signatures[i]), append(places, p)
		}
	}
	for i, sig := range fitting {
		if allFit(sig, places[i], args) {
			if c.forms(x, sig, places[i], args) {
				return sig, places[i]
			}
			return nil, nil
		}
	}
	switch len(fitting) {
	case 0:
		c.errorf(x.Name, CodeArguments, "%s", wrongCount(fn, len(args)))
	case 1:
		c.misfits(fitting[0], places[0], args)
	default:
		if !anyUnbound(args) {
			c.errorf(x.Name, CodeArguments, "The function '%s' does not take the arguments (%s).", fn.Name, typesOf(args))
		}
	}
	return nil, nil
}

func anyUnbound(args []argument) bool {
	return slices.ContainsFunc(args, func(a argument) bool { return a.e.missing && !a.star && a.typ == nil && a.table == nil })
}

func typesOf(args []argument) string {
	var names []string
	for _, a := range args {
		names = append(names, a.e.t.T.String())
	}
	return strings.Join(names, ", ")
}

func wrongCount(fn *catalog.Function, n int) string {
	low, high := catalog.Many, 0
	for i := range fn.Signatures {
		l, h := fn.Signatures[i].Bounds()
		low, high = min(low, l), max(high, h)
	}
	switch {
	case low <= n && n <= high:
		return fmt.Sprintf("The function '%s' does not take %s.", fn.Name, count(n, "argument"))
	case low == high:
		return fmt.Sprintf("The function '%s' takes %s, not %d.", fn.Name, count(low, "argument"), n)
	case high >= catalog.Many:
		return fmt.Sprintf("The function '%s' takes at least %s, not %d.", fn.Name, count(low, "argument"), n)
	}
	return fmt.Sprintf("The function '%s' takes %d to %d arguments, not %d.", fn.Name, low, high, n)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// assign gives each argument its parameter. Parameters that repeat stand side
// by side and repeat as a block: key, value, key, value.
func assign(sig *catalog.Signature, args []argument) ([]int, bool) {
	first, last := block(sig)
	if first < 0 {
		return plainPlaces(sig, len(args))
	}
	post := len(sig.Params) - last
	need, optional := 0, 0
	for _, p := range sig.Params[last:] {
		need += p.Min
		optional += 1 - p.Min
	}
	_ = post
	for _, extra := range tails(sig, last, optional, args) {
		if places, ok := blockPlaces(sig, len(args), first, last, need+extra); ok {
			return places, true
		}
	}
	return nil, false
}

// block finds the parameters that repeat.
func block(sig *catalog.Signature) (first, last int) {
	first = -1
	for i, p := range sig.Params {
		if p.Repeats() {
			if first < 0 {
				first = i
			}
			last = i + 1
		}
	}
	return first, last
}

// tails lists how many of the optional parameters behind a block could be
// given: the last argument tells by its type.
func tails(sig *catalog.Signature, last, optional int, args []argument) []int {
	if optional == 0 || len(args) == 0 {
		return []int{0}
	}
	tail := sig.Params[len(sig.Params)-1]
	a := args[len(args)-1]
	if fits(tail.Class, a) && !fits(sig.Params[last-1].Class, a) || tail.Form == catalog.Literal && isLiteral(a.x) {
		return []int{1, 0}
	}
	return []int{0}
}

func plainPlaces(sig *catalog.Signature, n int) ([]int, bool) {
	low, high := sig.Bounds()
	if n < low || n > high {
		return nil, false
	}
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	return places, true
}

func blockPlaces(sig *catalog.Signature, n, first, last, tail int) ([]int, bool) {
	size := last - first
	head := min(first, n)
	for _, p := range sig.Params[:first] {
		if p.Min == 0 && n < first {
			return plainPlacesOf(sig, n)
		}
	}
	inside := n - head - tail
	p := sig.Params[first]
	if inside < 0 || head < first || inside%size != 0 || inside/size < p.Min || inside/size > p.Max {
		return nil, false
	}
	places := make([]int, 0, n)
	for i := range head {
		places = append(places, i)
	}
	for i := range inside {
		places = append(places, first+i%size)
	}
	for i := range tail {
		places = append(places, last+i)
	}
	return places, true
}

// plainPlacesOf serves calls that leave out optional parameters before the
// block.
func plainPlacesOf(sig *catalog.Signature, n int) ([]int, bool) {
	low, _ := sig.Bounds()
	if n < low {
		return nil, false
	}
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	return places, true
}

func allFit(sig *catalog.Signature, places []int, args []argument) bool {
	for i, a := range args {
		if !fits(sig.Params[places[i]].Class, a) || starMisfit(sig.Params[places[i]], a) {
			return false
		}
	}
	return commonFits(sig, places, args)
}

func starMisfit(p catalog.Param, a argument) bool {
	if p.Form == catalog.Star {
		return !a.star
	}
	return a.star && p.Form != catalog.StarAllowed
}

// fits tells whether an argument is of a class.
func fits(class catalog.Class, a argument) bool {
	if class == catalog.Type {
		return a.typ != nil
	}
	if a.typ != nil {
		return false
	}
	if class == catalog.Table {
		return a.table != nil || a.e.missing
	}
	if a.table != nil {
		return false
	}
	return fitsType(class, a.e.t)
}

func fitsType(class catalog.Class, t typ) bool {
	if !t.known() {
		return true
	}
	switch class {
	case catalog.Any, catalog.Common, catalog.CommonOrDynamic:
		return true
	case catalog.Bool:
		return t.T == value.Bool
	case catalog.Text:
		return t.T == value.String || t.dynamic()
	case catalog.Long, catalog.Integer:
		return t.T.Integral()
	case catalog.Number:
		return t.T.Numeric()
	case catalog.Real:
		return t.T == value.Real || t.T.Integral()
	case catalog.Dynamic:
		return t.dynamic()
	case catalog.NotDynamic:
		return !t.dynamic()
	case catalog.NotRealOrBool:
		return t.T != value.Real && t.T != value.Bool
	case catalog.Summable:
		return t.T.Numeric() || t.T == value.DateTime || t.T == value.TimeSpan
	case catalog.Orderable, catalog.CommonOrderable:
		return !t.dynamic() && t.T != value.Guid
	case catalog.NumberOrBool:
		return t.T.Numeric() || t.T == value.Bool
	}
	return fitsShape(class, t)
}

// fitsShape judges the classes that name a shape. What shape a dynamic value has
// is not held against it: the engine gives null for the wrong one.
func fitsShape(class catalog.Class, t typ) bool {
	switch class {
	case catalog.TextOrDynamic, catalog.TextOrArray:
		return t.T == value.String || t.dynamic()
	case catalog.IntegerOrArray:
		return t.T.Integral() || t.dynamic()
	case catalog.Array, catalog.Bag:
		return t.dynamic()
	case catalog.DateTime:
		return t.T == value.DateTime
	case catalog.TimeSpan:
		return t.T == value.TimeSpan
	case catalog.Guid:
		return t.T == value.Guid
	}
	return class == catalog.Decimal && t.T == value.Decimal
}

// misfits reports the arguments that are not of the class of their parameter.
func (c *checker) misfits(sig *catalog.Signature, places []int, args []argument) {
	for i, a := range args {
		p := sig.Params[places[i]]
		switch {
		case fits(p.Class, a) && !starMisfit(p, a):
		case a.table != nil:
			c.errorf(a.x, CodeNotScalar, "A table can't stand here; take one value of it with toscalar().")
		case a.star:
			c.errorf(a.x, CodeType, "A star can't stand here.")
		default:
			c.errorf(a.x, CodeType, "The parameter '%s' takes a %s, and this is a %s.", p.Name, p.Class, typeName(a.e.t))
		}
	}
	if !commonFits(sig, places, args) && !anyUnbound(args) {
		c.errorf(args[len(args)-1].x, CodeType, "The arguments have no common type: %s.", typesOf(args))
	}
}

func typeName(t typ) string {
	if !t.dynamic() {
		return t.T.String()
	}
	return "dynamic" + map[catalog.Shape]string{catalog.ArrayShape: " array", catalog.BagShape: " bag", catalog.ScalarShape: " scalar"}[t.Shape]
}

// forms checks how the arguments are written.
func (c *checker) forms(x *syntax.Call, sig *catalog.Signature, places []int, args []argument) bool {
	ok := true
	for i, a := range args {
		p := sig.Params[places[i]]
		if a.e.missing && !a.star {
			continue
		}
		switch {
		case p.Form == catalog.Constant && !isConstant(a.e.x):
			c.errorf(a.x, CodeConstant, "The parameter '%s' must be a constant.", p.Name)
			ok = false
		case p.Form == catalog.Literal && a.typ == nil && !isLiteralValue(a.e):
			c.errorf(a.x, CodeConstant, "The parameter '%s' must be written out.", p.Name)
			ok = false
		case p.Form == catalog.Column && !isColumn(a.e):
			c.errorf(a.x, CodeNotColumn, "A column is expected here.")
			ok = false
		}
		ok = c.allowed(p, a) && ok
	}
	return ok
}

// allowed checks the texts that a parameter is limited to.
func (c *checker) allowed(p catalog.Param, a argument) bool {
	if len(p.Values) == 0 {
		return true
	}
	v, known := constantOf(a.e)
	if !known || v.Type != value.String || slices.Contains(p.Values, strings.ToLower(v.Text)) {
		return true
	}
	d := c.errorf(a.x, CodeValue, "The parameter '%s' must be one of %s.", p.Name, strings.Join(p.Values, ", "))
	d.Suggestions = nearest(v.Text, p.Values)
	return false
}

func isLiteral(x syntax.Expr) bool {
	_, ok := unparen(x).(*syntax.Literal)
	return ok
}

func isLiteralValue(e expr) bool {
	_, ok := e.x.(*plan.Literal)
	return ok
}

func isColumn(e expr) bool {
	switch e.x.(type) {
	case *plan.Ref:
		return true
	case *plan.Literal:
		return !e.t.known() || e.weight == 1 && e.missing
	}
	return false
}
