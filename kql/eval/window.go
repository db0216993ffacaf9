package eval

import (
	"fmt"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// windowSet are the window functions within the expressions of one operator.
// They are computed over all rows before the expressions are, inner ones first.
type windowSet struct {
	list []*windowCall
	at   int // the row that is being computed
}

// windowCall is one window function and its value for each row.
type windowCall struct {
	fill   func(set *windowSet, in rows, values []value.Value)
	values []value.Value
}

// compute fills in all values.
func (w *windowSet) compute(in rows) {
	for _, call := range w.list {
		call.values = make([]value.Value, len(in))
		call.fill(w, in, call.values)
	}
}

type windowMaker func(e *plan.Call, args []code) func(set *windowSet, in rows, values []value.Value)

var windowFunctions map[string]windowMaker

func init() {
	windowFunctions = map[string]windowMaker{
		"prev":       func(e *plan.Call, args []code) func(*windowSet, rows, []value.Value) { return neighbour(e, args, -1) },
		"next":       func(e *plan.Call, args []code) func(*windowSet, rows, []value.Value) { return neighbour(e, args, 1) },
		"row_number": rowNumber, "row_cumsum": rowCumSum, "row_window_session": rowSession,
		"row_rank_dense": func(_ *plan.Call, args []code) func(*windowSet, rows, []value.Value) { return rowRank(args, true) },
		"row_rank_min":   func(_ *plan.Call, args []code) func(*windowSet, rows, []value.Value) { return rowRank(args, false) },
		"row_rank":       func(_ *plan.Call, args []code) func(*windowSet, rows, []value.Value) { return rowRank(args, true) },
	}
}

func isWindow(name string) bool { return windowFunctions[name] != nil }

func (c *compiler) window(e *plan.Call) (code, error) {
	if c.windows == nil {
		return code{}, fmt.Errorf("window function %s here: %w", e.Func, ErrUnsupported)
	}
	args, err := c.args(e.Args)
	if err != nil {
		return code{}, err
	}
	if len(args) == 0 && e.Func != "row_number" {
		return code{}, fmt.Errorf("window function %s without an argument: %w", e.Func, ErrUnsupported)
	}
	call := &windowCall{fill: windowFunctions[e.Func](e, args)}
	set := c.windows
	set.list = append(set.list, call)
	t := e.Result
	return code{fn: func([]value.Value) value.Value { return fit(call.values[set.at], t) }}, nil
}

// each visits the rows in order, with the set standing at them.
func (w *windowSet) each(in rows, do func(i int, row []value.Value)) {
	for i, row := range in {
		w.at = i
		do(i, row)
	}
}

// optional computes an argument, or takes a default.
func optional(args []code, i int, row []value.Value, def value.Value) value.Value {
	if i < len(args) {
		return args[i].fn(row)
	}
	return def
}

// restarts tells whether the counting begins anew at a row.
func restarts(args []code, i int, row []value.Value) bool {
	return i < len(args) && truth(args[i].fn(row)) == yes
}

// neighbour is prev and next: the value of a row so far away, or a default.
func neighbour(e *plan.Call, args []code, direction int64) func(*windowSet, rows, []value.Value) {
	return func(w *windowSet, in rows, values []value.Value) {
		own := make([]value.Value, len(in))
		w.each(in, func(i int, row []value.Value) { own[i] = args[0].fn(row) })
		w.each(in, func(i int, row []value.Value) {
			offset := value.Convert(optional(args, 1, row, value.LongOf(1)), value.Long)
			at := int64(i) + direction*max(-1<<40, min(1<<40, offset.Num))
			if !offset.Null && at >= 0 && at < int64(len(own)) {
				values[i] = own[at]
			} else {
				values[i] = optional(args, 2, row, value.NullOf(e.Result))
			}
		})
	}
}

func rowNumber(_ *plan.Call, args []code) func(*windowSet, rows, []value.Value) {
	return func(w *windowSet, in rows, values []value.Value) {
		n := int64(0)
		w.each(in, func(i int, row []value.Value) {
			n++
			if i == 0 || restarts(args, 1, row) {
				n = value.Convert(optional(args, 0, row, value.LongOf(1)), value.Long).Num
			}
			values[i] = value.LongOf(n)
		})
	}
}

// rowCumSum adds up; null counts as nothing.
func rowCumSum(e *plan.Call, args []code) func(*windowSet, rows, []value.Value) {
	zero := value.Convert(value.LongOf(0), e.Result)
	return func(w *windowSet, in rows, values []value.Value) {
		sum := zero
		w.each(in, func(i int, row []value.Value) {
			if restarts(args, 1, row) {
				sum = zero
			}
			if v := args[0].fn(row); !v.Null {
				sum = fit(scalar.Arithmetic('+', sum, v), e.Result)
			}
			values[i] = sum
		})
	}
}

// rowRank numbers the different values of rows in order, dense or by the number
// of the first row that has the value.
func rowRank(args []code, dense bool) func(*windowSet, rows, []value.Value) {
	return func(w *windowSet, in rows, values []value.Value) {
		var last value.Value
		rank, count := int64(0), int64(0)
		w.each(in, func(i int, row []value.Value) {
			v := args[0].fn(row)
			anew := i == 0 || restarts(args, 1, row)
			if anew {
				rank, count = 0, 0
			}
			count++
			if anew || !value.Equal(v, last) {
				if dense {
					rank++
				} else {
					rank = count
				}
			}
			last = v
			values[i] = value.LongOf(rank)
		})
	}
}

// rowSession is the begin of the session of a row: a session ends when it lasts
// too long, when nothing happens for too long, or at a restart.
func rowSession(e *plan.Call, args []code) func(*windowSet, rows, []value.Value) {
	return func(w *windowSet, in rows, values []value.Value) {
		var start, last value.Value
		w.each(in, func(i int, row []value.Value) {
			t := args[0].fn(row)
			whole := optional(args, 1, row, value.NullOf(value.TimeSpan))
			pause := optional(args, 2, row, value.NullOf(value.TimeSpan))
			if i == 0 || start.Null || restarts(args, 3, row) || beyond(start, t, whole) || beyond(last, t, pause) {
				start = t
			}
			last = t
			values[i] = fit(start, e.Result)
		})
	}
}

func beyond(from, to, most value.Value) bool {
	return !from.Null && !to.Null && !most.Null && to.Num-from.Num > most.Num
}
