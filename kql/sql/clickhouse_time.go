package sql

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

func clickhouseTime() map[string]rule {
	return map[string]rule{
		"ago":        duckdbAgo,
		"startofday": clickhouseStart(value.Day, 0), "startofweek": clickhouseStart(7*value.Day, value.Day),
		"endofday": clickhouseEnd(value.Day, 0), "endofweek": clickhouseEnd(7*value.Day, value.Day),
		"startofmonth": clickhouseStartOfCalendar("toDayOfMonth"), "startofyear": clickhouseStartOfCalendar("toDayOfYear"),
		"hourofday": clickhouseHour, "dayofweek": clickhouseDayOfWeek, "datetime_diff": clickhouseDiff,
		"dayofmonth": clickhousePart("toDayOfMonth"), "monthofyear": clickhousePart("toMonth"), "dayofyear": clickhousePart("toDayOfYear"),
		"getmonth": clickhousePart("toMonth"), "getyear": clickhouseYear,
		"datetime_part": clickhouseDatePart,
	}
}

func wholeQuotient(a Expr, b int64) Expr { return fn("intDiv", a, number(b).Expr) }

// The calendar repeats itself every 400 years. The engine's has only those from
// 1900 to 2299, so days of others are moved there.
const (
	epochDay  = 719162 // 1970-01-01, counted from 0001-01-01
	firstDay  = 693595 // 1900-01-01
	cycleDays = 146097
)

// days is the number of a datetime's day, from 0001-01-01 on.
func days(ticks Expr) Expr { return wholeQuotient(ticks, value.Day) }

// dateOf is the day in the engine's calendar, moved by cycles.
func dateOf(ticks Expr) Expr {
	moved := fn("positiveModulo", &Binary{Op: "-", L: days(ticks), R: Number(itoa(firstDay))}, Number(itoa(cycleDays)))
	return fn("toDate32", fn("toInt32", &Binary{Op: "-", L: moved, R: Number(itoa(epochDay - firstDay))}))
}

// yearOf is the year, with the cycles that dateOf took away put back.
func yearOf(ticks Expr) Expr {
	cycles := wholeQuotient(&Binary{Op: "+", L: &Binary{Op: "-", L: days(ticks), R: Number(itoa(firstDay))}, R: Number(itoa(5 * cycleDays))}, cycleDays)
	years := &Binary{Op: "*", L: &Binary{Op: "-", L: cycles, R: Number("5")}, R: Number("400")}
	return &Binary{Op: "+", L: fn("toInt64", fn("toYear", dateOf(ticks))), R: years}
}

// clickhouseTimeText is a datetime as the language writes it, with seven digits
// of the second.
func clickhouseTimeText(ticks Expr) Expr {
	pad := func(e Expr, n int) Expr { return fn("leftPad", fn("toString", e), Number(itoa(n)), Text("0")) }
	part := func(unit int64, modulo int64) Expr {
		return &Binary{Op: "%", L: wholeQuotient(ticks, unit), R: Number(value.LongOf(modulo).String())}
	}
	return fn("concat",
		pad(yearOf(ticks), 4), fn("substring", fn("toString", dateOf(ticks)), Number("5")), Text("T"),
		pad(part(value.Hour, 24), 2), Text(":"), pad(part(value.Minute, 60), 2), Text(":"), pad(part(value.Second, 60), 2), Text("."),
		pad(&Binary{Op: "%", L: ticks, R: Number(value.LongOf(value.Second).String())}, 7), Text("Z"))
}

// ofTime makes a rule of a function of one datetime.
func ofTime(f func(ticks Expr) Expr) rule {
	return func(c *compiler, _ *plan.Call, a []val) (val, bool) {
		if a[0].t != value.DateTime || len(a) > 1 {
			return val{}, false
		}
		return val{Expr: f(c.typed(a[0])), null: a[0].null}, true
	}
}

func clickhouseStart(period, shift int64) rule {
	return ofTime(func(t Expr) Expr { return rounded(t, period, shift) })
}

func clickhouseEnd(period, shift int64) rule {
	return ofTime(func(t Expr) Expr {
		return &Binary{Op: "+", L: rounded(t, period, shift), R: number(period - 1).Expr}
	})
}

func clickhouseStartOfCalendar(day string) rule {
	return ofTime(func(t Expr) Expr {
		first := &Binary{Op: "-", L: days(t), R: &Binary{Op: "-", L: fn("toInt64", fn(day, dateOf(t))), R: Number("1")}}
		return &Binary{Op: "*", L: first, R: number(value.Day).Expr}
	})
}

func clickhousePart(name string) rule {
	return ofTime(func(t Expr) Expr { return fn("toInt32", fn(name, dateOf(t))) })
}

func clickhouseYear(c *compiler, call *plan.Call, a []val) (val, bool) {
	return ofTime(func(t Expr) Expr { return fn("toInt32", yearOf(t)) })(c, call, a)
}

func clickhouseHour(c *compiler, call *plan.Call, a []val) (val, bool) {
	return ofTime(func(t Expr) Expr {
		return fn("toInt32", &Binary{Op: "%", L: wholeQuotient(t, value.Hour), R: Number("24")})
	})(c, call, a)
}

// clickhouseDayOfWeek counts from Sunday; the first day of the calendar is a
// Monday.
func clickhouseDayOfWeek(c *compiler, call *plan.Call, a []val) (val, bool) {
	return ofTime(func(t Expr) Expr {
		day := &Binary{Op: "%", L: &Binary{Op: "+", L: days(t), R: Number("1")}, R: Number("7")}
		return &Binary{Op: "*", L: fn("toInt64", day), R: fn("toInt64", number(value.Day).Expr)}
	})(c, call, a)
}

// clickhouseDiff counts the borders of units of a fixed length.
func clickhouseDiff(c *compiler, _ *plan.Call, a []val) (val, bool) {
	if a[0].konst == nil || a[1].t != value.DateTime || a[2].t != value.DateTime {
		return val{}, false
	}
	unit, ok := units[a[0].konst.Text]
	if !ok {
		return val{}, false
	}
	count := func(v val) Expr { return wholeQuotient(c.typed(v), unit) }
	return val{Expr: &Binary{Op: "-", L: count(a[1]), R: count(a[2])}, null: a[1].null || a[2].null}, true
}

// clickhouseDatePart is the part of a datetime that a constant names.
func clickhouseDatePart(c *compiler, call *plan.Call, a []val) (val, bool) {
	if a[0].konst == nil || a[1].t != value.DateTime || a[1].konst != nil {
		return val{}, false
	}
	modulo := map[string][2]int64{"hour": {value.Hour, 24}, "minute": {value.Minute, 60}, "second": {value.Second, 60}}
	names := map[string]string{"month": "toMonth", "day": "toDayOfMonth", "dayofyear": "toDayOfYear", "quarter": "toQuarter"}
	part := a[0].konst.Text
	if m, ok := modulo[part]; ok {
		e := &Binary{Op: "%", L: wholeQuotient(a[1].Expr, m[0]), R: number(m[1]).Expr}
		return val{Expr: fn("toInt64", e), null: a[1].null}, true
	}
	if part == "year" {
		return val{Expr: yearOf(a[1].Expr), null: a[1].null}, true
	}
	name, ok := names[part]
	if !ok {
		return val{}, false
	}
	return val{Expr: fn("toInt64", fn(name, dateOf(a[1].Expr))), null: a[1].null}, true
}
