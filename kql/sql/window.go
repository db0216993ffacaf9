package sql

import (
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// Window functions look at other rows: of the order in which the rows of their
// input are. They may stand anywhere in an expression, within each other too.
// Each becomes a hidden column of a SELECT below the expression, those within
// others further below.

func isWindow(name string) bool {
	switch name {
	case "prev", "next", "row_number", "row_cumsum", "row_rank_dense", "row_rank_min", "row_window_session":
		return true
	}
	return false
}

// levels tells whether any of the expressions has a window function.
func (c *compiler) levels(r *rel, list ...plan.Expr) bool {
	for _, e := range list {
		if depth(e) > 0 {
			return true
		}
	}
	return false
}

// depth is how deep window functions are nested in an expression.
func depth(e plan.Expr) int {
	switch e := e.(type) {
	case *plan.Call:
		d := 0
		for _, a := range e.Args {
			d = max(d, depth(a))
		}
		if isWindow(e.Func) {
			d++
		}
		return d
	case *plan.Convert:
		return depth(e.X)
	case *plan.Access:
		return max(depth(e.X), depth(e.Key))
	case *plan.InTable:
		return depth(e.X)
	}
	return 0
}

// windows computes the window functions of expressions, the innermost first,
// as columns of a table that r.window then finds them in.
func (c *compiler) windows(r *rel, cols []*plan.Column, list ...plan.Expr) *rel {
	r = c.numbered(r, cols)
	deepest := 0
	for _, e := range list {
		deepest = max(deepest, depth(e))
	}
	done := map[*plan.Call]*plan.Column{}
	for level := 1; level <= deepest; level++ {
		r.calls = done
		var at []*plan.Call
		for _, e := range list {
			at = windowsAt(e, level, at)
		}
		r = c.prepared(r, cols, at)
		next := map[*plan.Call]val{}
		for _, e := range at {
			next[e] = c.windowCall(e, r)
		}
		if c.err != nil {
			return r
		}
		for _, call := range at {
			v := next[call]
			col := c.column(v.t)
			done[call] = col
			r.cols[col] = v
			cols = append(cols[:len(cols):len(cols)], col)
		}
		r.wide, r.natural = true, false
		r = c.seal(r, cols)
		r.calls = done
	}
	return r
}

// numbered gives the rows numbers, by which all windows above go: so rows that
// the order does not tell apart are in the same order everywhere.
func (c *compiler) numbered(r *rel, cols []*plan.Column) *rel {
	if len(r.order) == 1 && r.unique {
		return c.source(r, cols).fork()
	}
	r = c.source(r, cols).fork()
	col := c.column(value.Long)
	r.cols[col] = val{Expr: &Func{Name: "row_number", Over: c.window(r, nil)}, t: value.Long}
	r.wide, r.natural = true, false
	r.order = nil
	r = c.seal(r, append(cols[:len(cols):len(cols)], col))
	r.order = []orderKey{{val: r.cols[col]}}
	delete(r.cols, col)
	r.unique = true
	return r
}

// window is what the functions of r look at.
func (c *compiler) window(r *rel, restart Expr) *Window {
	w := &Window{Partition: keysOf(r), Order: orderKeys(r.order)}
	if restart != nil {
		w.Partition = append(w.Partition, restart)
	}
	return w
}

func hasWindow(e Expr) bool {
	f, ok := e.(*Func)
	return ok && f.Over != nil
}

// window finds what a window function has been computed as.
func (r *rel) window(e *plan.Call) (val, bool) {
	col, ok := r.calls[e]
	if !ok {
		return val{}, false
	}
	v, ok := r.cols[col]
	return v, ok
}

// windowsAt adds the window functions of one depth.
func windowsAt(e plan.Expr, level int, out []*plan.Call) []*plan.Call {
	switch e := e.(type) {
	case *plan.Call:
		if isWindow(e.Func) && depth(e) == level {
			return append(out, e)
		}
		for _, a := range e.Args {
			out = windowsAt(a, level, out)
		}
	case *plan.Convert:
		return windowsAt(e.X, level, out)
	case *plan.Access:
		return windowsAt(e.Key, level, windowsAt(e.X, level, out))
	case *plan.InTable:
		return windowsAt(e.X, level, out)
	}
	return out
}

// prepared adds the stretches that calls need as columns.
func (c *compiler) prepared(r *rel, cols []*plan.Column, calls []*plan.Call) *rel {
	done := r.calls
	r.stretches = map[*plan.Call]stretch{}
	c.stretches(r, calls)
	kept := r.stretches
	for _, e := range calls {
		s := kept[e]
		for _, col := range []*plan.Column{s.segment, s.changed} {
			if col != nil {
				cols = append(cols[:len(cols):len(cols)], col)
			}
		}
	}
	if c.err == nil && len(cols) > 0 && len(kept) > 0 && hasStretch(kept) {
		r.wide, r.natural = true, false
		r = c.seal(r, cols)
	}
	r.calls, r.stretches = done, kept
	return r
}

func hasStretch(all map[*plan.Call]stretch) bool {
	for _, s := range all {
		if s.segment != nil || s.changed != nil {
			return true
		}
	}
	return false
}

func (c *compiler) windowCall(e *plan.Call, r *rel) val {
	args := make([]val, len(e.Args))
	for i, a := range e.Args {
		args[i] = c.scalar(a, r)
	}
	switch e.Func {
	case "prev", "next":
		return c.neighbour(e, args, r)
	case "row_number":
		return c.rowNumber(e, args, r)
	case "row_rank_dense", "row_rank_min":
		return c.rank(e, r)
	case "row_cumsum":
		return c.cumulative(e, args, r)
	}
	return c.fail("the window function " + e.Func)
}

func (c *compiler) neighbour(e *plan.Call, args []val, r *rel) val {
	n, def := Expr(Number("1")), Expr(nil)
	out := val{t: e.Result, null: e.Result != value.String}
	if len(args) > 1 {
		if args[1].konst == nil || args[1].konst.Num < 0 {
			return c.fail("an offset of " + e.Func + " that is not a constant from 0 on")
		}
		n = c.bare(args[1])
	}
	if len(args) > 2 {
		def = c.typed(c.convert(args[2], e.Result))
	} else if e.Result == value.String {
		def = Text("")
	}
	out.Expr = c.d.lag(e.Func == "next", args[0], n, def, c.window(r, nil))
	return out
}

// stretch is what a window function with a restart, or a rank, needs to know of
// the rows before: the number of the stretch between restarts, and whether the
// term is another one than on the row before.
type stretch struct{ segment, changed *plan.Column }

// stretches computes what the calls of a level need, on a level of its own.
func (c *compiler) stretches(r *rel, calls []*plan.Call) {
	for _, e := range calls {
		at := restartArg(e.Func)
		s := stretch{}
		if at < len(e.Args) && !constantFalse(e.Args[at]) {
			s.segment = c.column(value.Long)
			again := &Case{When: []When{{If: c.truth(e.Args[at], r), Then: Number("1")}}, Else: Number("0")}
			w := c.window(r, nil)
			w.Frame = "ROWS UNBOUNDED PRECEDING"
			r.cols[s.segment] = val{Expr: &Func{Name: "sum", Args: []Expr{again}, Over: w}, t: value.Long}
		}
		if strings.HasPrefix(e.Func, "row_rank") {
			s.changed = c.column(value.Bool)
			r.cols[s.changed] = c.changed(e, r)
		}
		r.stretches[e] = s
	}
}

func (c *compiler) changed(e *plan.Call, r *rel) val {
	term, w := c.scalar(e.Args[0], r), c.window(r, nil)
	before := c.d.lag(false, term, Number("1"), nil, w)
	first := &Binary{Op: "=", L: &Func{Name: "row_number", Over: w}, R: Number("1")}
	return val{Expr: &Chain{Op: "OR", Parts: []Expr{first, distinct(term.Expr, before, true)}}, t: value.Bool}
}

func restartArg(name string) int {
	if name == "row_number" || strings.HasPrefix(name, "row_rank") || name == "row_cumsum" {
		return 1
	}
	return 99
}

func constantFalse(e plan.Expr) bool {
	l, ok := e.(*plan.Literal)
	return ok && l.Value.Num == 0
}

// within is the window of a call: its stretch of the rows.
func (c *compiler) within(e *plan.Call, r *rel) *Window {
	if s := r.stretches[e].segment; s != nil {
		return c.window(r, r.cols[s].Expr)
	}
	return c.window(r, nil)
}

func (c *compiler) rowNumber(e *plan.Call, args []val, r *rel) val {
	n := &Func{Name: "row_number", Over: c.within(e, r)}
	if len(args) == 0 || args[0].konst != nil && args[0].konst.Num == 1 {
		return val{Expr: n, t: value.Long}
	}
	sum := &Binary{Op: "+", L: n, R: &Binary{Op: "-", L: c.typed(args[0]), R: Number("1")}}
	return val{Expr: sum, t: value.Long}
}

func (c *compiler) cumulative(e *plan.Call, args []val, r *rel) val {
	w := c.within(e, r)
	w.Frame = "ROWS UNBOUNDED PRECEDING"
	sum := Expr(&Func{Name: "sum", Args: []Expr{c.typed(args[0])}, Over: w})
	sum = &Func{Name: "coalesce", Args: []Expr{sum, Number("0")}}
	return val{Expr: &Cast{X: sum, Type: c.d.typeName(e.Result, false)}, t: e.Result}
}

// rank counts the terms, or the rows before the first one with the term.
func (c *compiler) rank(e *plan.Call, r *rel) val {
	s := r.stretches[e]
	first := &Func{Name: "row_number", Over: c.within(e, r)}
	changed := r.cols[s.changed].Expr
	w := *c.within(e, r)
	w.Frame = "ROWS UNBOUNDED PRECEDING"
	if e.Func == "row_rank_dense" {
		one := &Case{When: []When{{If: changed, Then: Number("1")}}, Else: Number("0")}
		count := &Func{Name: "sum", Args: []Expr{one}, Over: &w}
		return val{Expr: &Cast{X: count, Type: c.d.typeName(value.Long, false)}, t: value.Long}
	}
	row := r.order[0].Expr
	start := &Func{Name: "max", Args: []Expr{&Case{When: []When{{If: changed, Then: row}}}}, Over: &w}
	return val{Expr: &Binary{Op: "-", L: first, R: &Binary{Op: "-", L: row, R: start}}, t: value.Long}
}
