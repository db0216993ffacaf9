package scalar

import (
	"math"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// unit is a unit of the calendar: so many months or so many ticks.
type unit struct {
	months int64
	ticks  int64
}

var calendarUnits = map[string]unit{
	"year": {months: 12}, "quarter": {months: 3}, "month": {months: 1}, "week": {ticks: 7 * value.Day}, "day": {ticks: value.Day},
	"hour": {ticks: value.Hour}, "minute": {ticks: value.Minute}, "second": {ticks: value.Second},
	"millisecond": {ticks: value.Millisecond}, "microsecond": {ticks: value.Microsecond}, "nanosecond": {},
}

// unitOf finds a unit by its name in any case, alone or in the plural.
func unitOf(v value.Value) (unit, string, bool) {
	name := strings.TrimSuffix(strings.ToLower(v.String()), "s")
	u, ok := calendarUnits[name]
	return u, name, ok
}

var timeFunctions = map[string]*Function{
	"startofday":                       periodStart(unit{ticks: value.Day}),
	"startofweek":                      periodStart(unit{ticks: 7 * value.Day}),
	"startofmonth":                     periodStart(unit{months: 1}),
	"startofyear":                      periodStart(unit{months: 12}),
	"endofday":                         periodEnd(unit{ticks: value.Day}),
	"endofweek":                        periodEnd(unit{ticks: 7 * value.Day}),
	"endofmonth":                       periodEnd(unit{months: 1}),
	"endofyear":                        periodEnd(unit{months: 12}),
	"datetime_add":                     fixed(3, value.DateTime, datetimeAdd),
	"datetime_diff":                    fixed(3, value.Long, datetimeDiff),
	"make_datetime":                    ranged(1, 7, value.DateTime, makeDateTime),
	"make_timespan":                    ranged(2, 4, value.TimeSpan, makeTimeSpan),
	"unixtime_seconds_todatetime":      fromUnix(value.Second),
	"unixtime_milliseconds_todatetime": fromUnix(value.Millisecond),
	"unixtime_microseconds_todatetime": fromUnix(value.Microsecond),
	"unixtime_nanoseconds_todatetime": fixed(1, value.DateTime, func(a []value.Value) value.Value {
		return timeResult(value.UnixEpoch+whole(a, 0, 0)/100, value.DateTime)
	}),
	"format_datetime": fixed(2, value.String, func(a []value.Value) value.Value {
		return value.StringOf(FormatDateTime(value.Convert(a[0], value.DateTime), a[1].String()))
	}),
	"format_timespan": fixed(2, value.String, func(a []value.Value) value.Value {
		return value.StringOf(FormatTimeSpan(value.Convert(a[0], value.TimeSpan), a[1].String()))
	}),
	"datetime_utc_to_local": fixed(2, value.DateTime, func(a []value.Value) value.Value { return shiftZone(a, 1) }),
	"datetime_local_to_utc": fixed(2, value.DateTime, func(a []value.Value) value.Value { return shiftZone(a, -1) }),
}

// startOf is the begin of the period that ticks lie in, moved by n periods.
func startOf(ticks int64, u unit, n int64) (int64, bool) {
	if n < -1e6 || n > 1e6 {
		return 0, false
	}
	if u.months == 0 {
		shift := int64(0)
		if u.ticks == 7*value.Day {
			shift = value.Day // 0001-01-01 is a Monday, weeks begin on Sunday
		}
		return ticks - remainder(ticks+shift, u.ticks) + n*u.ticks, true
	}
	d := value.DateOf(ticks)
	month := (int64(d.Month)-1)/u.months*u.months + 1
	return value.AddMonths(value.DaysOf(d.Year, int(month), 1)*value.Day, n*u.months)
}

func periodStart(u unit) *Function {
	return ranged(1, 2, value.DateTime, func(a []value.Value) value.Value {
		t := value.Convert(a[0], value.DateTime)
		start, ok := startOf(t.Num, u, whole(a, 1, 0))
		if t.Null || !ok {
			return value.NullOf(value.DateTime)
		}
		return timeResult(max(start, startFloor(start)), value.DateTime)
	})
}

// startFloor keeps the week of the first day within time.
func startFloor(start int64) int64 {
	if start < 0 && start > -7*value.Day {
		return 0
	}
	return start
}

func periodEnd(u unit) *Function {
	return ranged(1, 2, value.DateTime, func(a []value.Value) value.Value {
		t := value.Convert(a[0], value.DateTime)
		n := whole(a, 1, 0)
		if t.Null || n < -1e6 || n > 1e6 {
			return value.NullOf(value.DateTime)
		}
		start, ok := startOf(t.Num, u, n+1)
		if !ok { // the last period of time
			if _, ok = startOf(t.Num, u, n); !ok {
				return value.NullOf(value.DateTime)
			}
			start = value.MaxDateTime + 1
		}
		return timeResult(min(start-1, value.MaxDateTime), value.DateTime)
	})
}

func datetimeAdd(a []value.Value) value.Value {
	u, name, ok := unitOf(a[0])
	n, t := whole(a, 1, 0), value.Convert(a[2], value.DateTime)
	if !ok || t.Null {
		return value.NullOf(value.DateTime)
	}
	if u.months != 0 {
		ticks, ok := value.AddMonths(t.Num, max(-1e6, min(1e6, n))*u.months)
		if !ok {
			return value.NullOf(value.DateTime)
		}
		return value.DateTimeOf(ticks)
	}
	if name == "nanosecond" {
		return timeResult(t.Num+n/100, value.DateTime)
	}
	if most := value.MaxDateTime / u.ticks; n > most || n < -most {
		return value.NullOf(value.DateTime)
	}
	return timeResult(t.Num+n*u.ticks, value.DateTime)
}

// datetimeDiff counts the borders of units between two datetimes.
func datetimeDiff(a []value.Value) value.Value {
	u, name, ok := unitOf(a[0])
	x, y := value.Convert(a[1], value.DateTime), value.Convert(a[2], value.DateTime)
	switch {
	case !ok || x.Null || y.Null:
		return noLong
	case name == "nanosecond":
		return value.LongOf((x.Num - y.Num) * 100)
	case u.months != 0:
		return value.LongOf(monthNumber(x.Num)/u.months - monthNumber(y.Num)/u.months)
	case name == "week":
		return value.LongOf((x.Num+value.Day)/u.ticks - (y.Num+value.Day)/u.ticks)
	}
	return value.LongOf(x.Num/u.ticks - y.Num/u.ticks)
}

func monthNumber(ticks int64) int64 {
	d := value.DateOf(ticks)
	return int64(d.Year)*12 + int64(d.Month) - 1
}

func makeDateTime(a []value.Value) value.Value {
	if len(a) == 1 {
		return value.Convert(a[0], value.DateTime)
	}
	d := value.Date{Year: int(whole(a, 0, 0)), Month: int(whole(a, 1, 1)), Day: int(whole(a, 2, 1)), Hour: int(whole(a, 3, 0)), Minute: int(whole(a, 4, 0))}
	if len(a) > 5 {
		s, ok := number(a[5])
		if !ok || !(s >= 0 && s < 60) {
			return value.NullOf(value.DateTime)
		}
		d.Second, d.Tick = splitSeconds(s)
	}
	ticks, ok := d.Ticks()
	if !ok {
		return value.NullOf(value.DateTime)
	}
	return value.DateTimeOf(ticks)
}

func splitSeconds(s float64) (seconds int, ticks int64) {
	t := int64(math.Round(s * float64(value.Second)))
	return int(t / value.Second), t % value.Second
}

// makeTimeSpan is make_timespan([day,] hour, minute [, second]).
func makeTimeSpan(a []value.Value) value.Value {
	if len(a) < 4 {
		a = append([]value.Value{value.LongOf(0)}, a...)
	}
	d, h, m := whole(a, 0, -1), whole(a, 1, -1), whole(a, 2, -1)
	s := 0.0
	if len(a) > 3 {
		var ok bool
		if s, ok = number(a[3]); !ok {
			return value.NullOf(value.TimeSpan)
		}
	}
	if d < 0 || d > 10675198 || h < 0 || h > 23 || m < 0 || m > 59 || !(s >= 0 && s < 60) {
		return value.NullOf(value.TimeSpan)
	}
	sec, tick := splitSeconds(s)
	return value.TimeSpanOf(d*value.Day + h*value.Hour + m*value.Minute + int64(sec)*value.Second + tick)
}

func fromUnix(per int64) *Function {
	return fixed(1, value.DateTime, func(a []value.Value) value.Value {
		v := a[0].Scalar()
		if v.Type.Integral() {
			if most := value.MaxDateTime / per; v.Num > most || v.Num < -most {
				return value.NullOf(value.DateTime)
			}
			return timeResult(value.UnixEpoch+v.Num*per, value.DateTime)
		}
		f, ok := number(v)
		if f *= float64(per); !ok || !(math.Abs(f) < math.MaxInt64/2) {
			return value.NullOf(value.DateTime)
		}
		return timeResult(value.UnixEpoch+int64(math.Round(f)), value.DateTime)
	})
}

// timeParts are the functions and names that read a part of a datetime.
var timeParts = map[string]*Function{
	"getyear":       part(func(t int64) int { return value.DateOf(t).Year }),
	"monthofyear":   part(func(t int64) int { return value.DateOf(t).Month }),
	"dayofmonth":    part(func(t int64) int { return value.DateOf(t).Day }),
	"dayofyear":     part(value.DayOfYear),
	"week_of_year":  part(value.WeekOfYear),
	"hourofday":     part(func(t int64) int { return value.DateOf(t).Hour }),
	"dayofweek":     fixed(1, value.TimeSpan, dayOfWeek),
	"datetime_part": fixed(2, value.Int, datetimePart),
}

func part(of func(ticks int64) int) *Function {
	return fixed(1, value.Int, func(a []value.Value) value.Value {
		t := value.Convert(a[0], value.DateTime)
		if t.Null {
			return value.NullOf(value.Int)
		}
		return value.IntOf(int32(of(t.Num)))
	})
}

func dayOfWeek(a []value.Value) value.Value {
	t := value.Convert(a[0], value.DateTime)
	if t.Null {
		return value.NullOf(value.TimeSpan)
	}
	return value.TimeSpanOf(int64(value.DayOfWeek(t.Num)) * value.Day)
}

var partNames = map[string]func(ticks int64) int64{
	"year": func(t int64) int64 { return int64(value.DateOf(t).Year) }, "quarter": func(t int64) int64 { return int64(value.DateOf(t).Month+2) / 3 },
	"month": func(t int64) int64 { return int64(value.DateOf(t).Month) }, "monthofyear": func(t int64) int64 { return int64(value.DateOf(t).Month) },
	"week_of_year": func(t int64) int64 { return int64(value.WeekOfYear(t)) }, "weekofyear": func(t int64) int64 { return int64(value.WeekOfYear(t)) },
	"day": func(t int64) int64 { return int64(value.DateOf(t).Day) }, "dayofyear": func(t int64) int64 { return int64(value.DayOfYear(t)) },
	"hour": func(t int64) int64 { return t / value.Hour % 24 }, "minute": func(t int64) int64 { return t / value.Minute % 60 },
	"second": func(t int64) int64 { return t / value.Second % 60 }, "millisecond": func(t int64) int64 { return t % value.Second / value.Millisecond },
	"microsecond": func(t int64) int64 { return t % value.Second / value.Microsecond }, "nanosecond": func(t int64) int64 { return t % value.Second * 100 },
}

func datetimePart(a []value.Value) value.Value {
	of, ok := partNames[strings.ToLower(a[0].String())]
	t := value.Convert(a[1], value.DateTime)
	if !ok || t.Null {
		return value.NullOf(value.Int)
	}
	return value.IntOf(int32(of(t.Num)))
}
