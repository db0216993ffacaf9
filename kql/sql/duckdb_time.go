package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func duckdbTime() map[string]rule {
	return map[string]rule{
		"ago":        duckdbAgo,
		"startofday": startOf(value.Day, 0), "startofweek": startOf(7*value.Day, value.Day),
		"startofmonth": startOfCalendar("month"), "startofyear": startOfCalendar("year"),
		"hourofday": hourOfDay, "dayofweek": dayOfWeek, "datetime_diff": duckdbDiff,
		"dayofmonth": calendarPart("day"), "monthofyear": calendarPart("month"), "getyear": calendarPart("year"),
	}
}

func duckdbAgo(c *compiler, _ *plan.Call, a []val) (val, bool) {
	now := c.constant(value.DateTimeOf(c.opts.Now))
	if k := a[0].konst; k != nil && !k.Null {
		return c.constant(value.DateTimeOf(c.opts.Now - k.Num)), true
	}
	return val{Expr: &Binary{Op: "-", L: now.Expr, R: a[0].Expr}, null: a[0].null}, true
}

// rounded is ticks rounded down to periods of which one begins shift before the
// first day.
func rounded(ticks Expr, period, shift int64) Expr {
	moved := ticks
	if shift != 0 {
		moved = &Binary{Op: "+", L: ticks, R: number(shift).Expr}
	}
	return &Binary{Op: "-", L: ticks, R: &Binary{Op: "%", L: moved, R: number(period).Expr}}
}

func startOf(period, shift int64) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].t != value.DateTime || a[0].konst != nil || len(a) > 1 {
			return val{}, false
		}
		return val{Expr: rounded(a[0].Expr, period, shift), null: a[0].null}, true
	}
}

func startOfCalendar(unit string) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].t != value.DateTime || a[0].konst != nil || len(a) > 1 {
			return val{}, false
		}
		trunc := &Func{Name: "date_trunc", Args: []Expr{Text(unit), timestamp(a[0].Expr)}}
		return val{Expr: ticksOf(&Cast{X: trunc, Type: "TIMESTAMP"}), null: a[0].null}, true
	}
}

func calendarPart(unit string) rule {
	return func(c *compiler, call *plan.Call, a []val) (val, bool) {
		if a[0].t != value.DateTime || a[0].konst != nil {
			return val{}, false
		}
		part := &Func{Name: unit, Args: []Expr{timestamp(a[0].Expr)}}
		return val{Expr: &Cast{X: part, Type: c.d.typeName(call.Result, true)}, null: a[0].null}, true
	}
}

func hourOfDay(c *compiler, call *plan.Call, a []val) (val, bool) {
	if a[0].t != value.DateTime {
		return val{}, false
	}
	hours := &Binary{Op: "//", L: a[0].Expr, R: number(value.Hour).Expr}
	return val{Expr: &Cast{X: &Binary{Op: "%", L: hours, R: Number("24")}, Type: c.d.typeName(call.Result, true)}, null: a[0].null}, true
}

// dayOfWeek counts from Sunday; the first day of the calendar is a Monday.
func dayOfWeek(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].t != value.DateTime {
		return val{}, false
	}
	days := &Binary{Op: "+", L: &Binary{Op: "//", L: a[0].Expr, R: number(value.Day).Expr}, R: Number("1")}
	return val{Expr: &Binary{Op: "*", L: &Binary{Op: "%", L: days, R: Number("7")}, R: number(value.Day).Expr}, null: a[0].null}, true
}

// units are those of a fixed length; a difference counts their borders.
var units = map[string]int64{
	"day": value.Day, "hour": value.Hour, "minute": value.Minute, "second": value.Second, "millisecond": value.Millisecond, "microsecond": value.Microsecond,
}

func duckdbDiff(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].konst == nil || a[1].t != value.DateTime || a[2].t != value.DateTime {
		return val{}, false
	}
	unit, ok := units[a[0].konst.Text]
	if !ok {
		return val{}, false
	}
	count := func(v val) Expr { return &Binary{Op: "//", L: c.typed(v), R: number(unit).Expr} }
	return val{Expr: &Binary{Op: "-", L: count(a[1]), R: count(a[2])}, null: a[1].null || a[2].null}, true
}
