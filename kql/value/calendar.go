package value

// Date is a day and a time of day of the proleptic Gregorian calendar, UTC.
// Tick is the part of the second, in ticks of 100 ns.
type Date struct {
	Year, Month, Day     int
	Hour, Minute, Second int
	Tick                 int64
}

const (
	daysPer400Years = 146097
	daysPerYear     = 365
)

// DateOf splits a datetime of 0001-01-01 to 9999-12-31.
func DateOf(ticks int64) Date {
	days, rest := floorDiv(ticks, Day), floorMod(ticks, Day)
	y, m, d := civil(days)
	return Date{
		Year: y, Month: m, Day: d,
		Hour: int(rest / Hour), Minute: int(rest / Minute % 60), Second: int(rest / Second % 60), Tick: rest % Second,
	}
}

// civil turns days since 0001-01-01 into a date. Years are counted from March,
// so that the leap day is the last of its year.
func civil(days int64) (year, month, day int) {
	z := days + 306
	era := floorDiv(z, daysPer400Years)
	doe := z - era*daysPer400Years
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / daysPerYear
	doy := doe - (daysPerYear*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	year = int(yoe + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// DaysOf is the number of days from 0001-01-01 to a date, of which month and
// day may lie outside the year and the month.
func DaysOf(year, month, day int) int64 {
	months := int64(year)*12 + int64(month) - 1
	y, m := floorDiv(months, 12), floorMod(months, 12)+1
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + int64(day) - 1
	return era*daysPer400Years + yoe*daysPerYear + yoe/4 - yoe/100 + doy - 306
}

// Ticks puts a date together. ok is false when a part is out of range or the
// day does not exist.
func (d Date) Ticks() (ticks int64, ok bool) {
	switch {
	case d.Year < 1 || d.Year > 9999 || d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > DaysIn(d.Year, d.Month),
		d.Hour < 0 || d.Hour > 23 || d.Minute < 0 || d.Minute > 59 || d.Second < 0 || d.Second > 59 || d.Tick < 0 || d.Tick >= Second:
		return 0, false
	}
	return DaysOf(d.Year, d.Month, d.Day)*Day + int64(d.Hour)*Hour + int64(d.Minute)*Minute + int64(d.Second)*Second + d.Tick, true
}

// DaysIn is the length of a month.
func DaysIn(year, month int) int {
	return int(DaysOf(year, month+1, 1) - DaysOf(year, month, 1))
}

// AddMonths moves a datetime by whole months. A day that the month does not
// have becomes its last one. ok is false outside of the years 1 to 9999.
func AddMonths(ticks, months int64) (int64, bool) {
	const most = 12 * 10000
	if months < -most || months > most {
		return 0, false
	}
	d := DateOf(ticks)
	m := int64(d.Year)*12 + int64(d.Month) - 1 + months
	d.Year, d.Month = int(floorDiv(m, 12)), int(floorMod(m, 12))+1
	if d.Year < 1 || d.Year > 9999 {
		return 0, false
	}
	d.Day = min(d.Day, DaysIn(d.Year, d.Month))
	return d.Ticks()
}

// DayOfWeek counts from Sunday, 0.
func DayOfWeek(ticks int64) int { return int(floorMod(floorDiv(ticks, Day)+1, 7)) }

// DayOfYear counts from 1.
func DayOfYear(ticks int64) int {
	days := floorDiv(ticks, Day)
	year, _, _ := civil(days)
	return int(days-DaysOf(year, 1, 1)) + 1
}

// WeekOfYear is the ISO 8601 week, 1 to 53: weeks begin on Monday, the first
// has a Thursday.
func WeekOfYear(ticks int64) int {
	days := floorDiv(ticks, Day)
	thursday := days - floorMod(days, 7) + 3
	year, _, _ := civil(thursday)
	return int((thursday-DaysOf(year, 1, 1))/7) + 1
}

// InDateTimeRange tells whether ticks are a datetime.
func InDateTimeRange(ticks int64) bool { return ticks >= 0 && ticks <= MaxDateTime }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
