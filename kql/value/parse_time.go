package value

import (
	"math"
	"strings"
)

// ParseDateTime reads ISO 8601 and its usual relatives (a space for the T, parts
// left out, an offset), month names as in mail headers, and month/day/year.
func ParseDateTime(s string) Value {
	p := timeParser{s: strings.TrimSpace(s)}
	var d Date
	var ok bool
	switch {
	case p.s == "":
		return NullOf(DateTime)
	case p.s[0] >= '0' && p.s[0] <= '9' && p.digitsAhead() == 4:
		d, ok = p.iso()
	case p.s[0] >= '0' && p.s[0] <= '9' && p.digitsAhead() <= 2 && p.separatorAfterDigits():
		d, ok = p.monthDayYear()
	default:
		d, ok = p.named()
	}
	if !ok {
		return NullOf(DateTime)
	}
	offset, ok := p.clockAndOffset(&d)
	if !ok {
		return NullOf(DateTime)
	}
	ticks, ok := d.Ticks()
	if ticks -= offset; !ok || !InDateTimeRange(ticks) {
		return NullOf(DateTime)
	}
	return DateTimeOf(ticks)
}

// timeParser reads a date from left to right.
type timeParser struct {
	s string
	i int
}

func (p *timeParser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *timeParser) take(c byte) bool {
	if p.peek() == c {
		p.i++
		return true
	}
	return false
}

func (p *timeParser) spaces() {
	for p.peek() == ' ' || p.peek() == ',' || p.peek() == '\t' {
		p.i++
	}
}

func (p *timeParser) digitsAhead() int {
	n := 0
	for p.i+n < len(p.s) && p.s[p.i+n] >= '0' && p.s[p.i+n] <= '9' {
		n++
	}
	return n
}

func (p *timeParser) separatorAfterDigits() bool {
	n := p.digitsAhead()
	return n < len(p.s) && (p.s[n] == '/' || p.s[n] == '-' && n+1 < len(p.s) && p.s[n+1] >= '0' && p.s[n+1] <= '9')
}

// number reads 1 to most digits.
func (p *timeParser) number(most int) (int, bool) {
	n, from := 0, p.i
	for p.i < len(p.s) && p.i-from < most && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		n = n*10 + int(p.s[p.i]-'0')
		p.i++
	}
	return n, p.i > from
}

// iso reads yyyy[-MM[-dd]] with - or / between.
func (p *timeParser) iso() (Date, bool) {
	d := Date{Month: 1, Day: 1}
	d.Year, _ = p.number(4)
	sep := p.separator("-/,")
	if sep == 0 {
		return d, p.i == len(p.s)
	}
	var ok bool
	if d.Month, ok = p.number(2); !ok {
		return d, false
	}
	if p.separator(string(sep)) != 0 {
		d.Day, ok = p.number(2)
	}
	return d, ok
}

// separator takes one of the characters, with blanks around it; 0: there is none.
func (p *timeParser) separator(chars string) byte {
	i := p.i
	for i < len(p.s) && p.s[i] == ' ' {
		i++
	}
	if i == len(p.s) || strings.IndexByte(chars, p.s[i]) < 0 {
		return 0
	}
	c := p.s[i]
	for i++; i < len(p.s) && p.s[i] == ' '; i++ {
	}
	p.i = i
	return c
}

// monthDayYear reads M/d/yyyy or M-d-yyyy.
func (p *timeParser) monthDayYear() (Date, bool) {
	var d Date
	var ok bool
	d.Month, _ = p.number(2)
	p.i++
	if d.Day, ok = p.number(2); !ok || p.peek() != '/' && p.peek() != '-' {
		return d, false
	}
	p.i++
	n := p.digitsAhead()
	d.Year, ok = p.number(4)
	d.Year = fullYear(d.Year, n)
	return d, ok
}

const monthNames = "jan feb mar apr may jun jul aug sep oct nov dec "

// named reads [Weekday,] d Mon yyyy, d-Mon-yy or Mon d, yyyy.
func (p *timeParser) named() (Date, bool) {
	var d Date
	for range 8 {
		p.spaces()
		p.take('-')
		switch c := p.peek(); {
		case c >= '0' && c <= '9':
			n := p.digitsAhead()
			v, _ := p.number(4)
			if d.Day == 0 && n <= 2 {
				d.Day = v
			} else {
				d.Year = fullYear(v, n)
			}
		case isLetter(c):
			if m := monthOf(p.word()); m > 0 {
				d.Month = m
			}
		default:
			return d, false
		}
		if d.Year != 0 && d.Month != 0 && d.Day != 0 {
			return d, true
		}
	}
	return d, false
}

func (p *timeParser) word() string {
	from := p.i
	for isLetter(p.peek()) {
		p.i++
	}
	return strings.ToLower(p.s[from:p.i])
}

func monthOf(word string) int {
	if len(word) < 3 {
		return 0
	}
	if i := strings.Index(monthNames, word[:3]+" "); i >= 0 {
		return i/4 + 1
	}
	return 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// fullYear reads two digits as 1950 to 2049.
func fullYear(y, digits int) int {
	switch {
	case digits > 2:
		return y
	case y < 50:
		return 2000 + y
	}
	return 1900 + y
}

// clockAndOffset reads the rest: [T]hh:mm[:ss[.f]] [AM|PM] [Z|±hh:mm].
func (p *timeParser) clockAndOffset(d *Date) (offset int64, ok bool) {
	if p.i == len(p.s) {
		return 0, true
	}
	if !p.take('T') && !p.take('t') && p.peek() != ' ' && p.peek() != 'Z' && p.peek() != ':' && p.peek() != '-' {
		return 0, false
	}
	p.spaces()
	if p.digitsAhead() > 0 && !p.clock(d) {
		return 0, false
	}
	p.spaces()
	offset, ok = p.offset()
	p.spaces()
	return offset, ok && p.i == len(p.s)
}

func (p *timeParser) clock(d *Date) bool {
	var ok bool
	if d.Hour, ok = p.number(2); !ok {
		return false
	}
	if p.take(':') {
		if d.Minute, ok = p.number(2); !ok {
			return false
		}
		if p.take(':') {
			if d.Second, ok = p.number(2); !ok {
				return false
			}
			if p.take('.') || p.take(',') {
				d.Tick, ok = p.fraction()
			}
		}
	}
	return ok && p.half(d)
}

// half applies AM and PM.
func (p *timeParser) half(d *Date) bool {
	at := p.i
	p.spaces()
	switch p.word() {
	case "am":
		d.Hour %= 12
		return true
	case "pm":
		d.Hour = d.Hour%12 + 12
		return true
	}
	p.i = at
	return true
}

// fraction reads digits of a second; what is finer than a tick is cut off.
func (p *timeParser) fraction() (int64, bool) {
	var n, digits int64
	from := p.i
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		if digits < 7 {
			n = n*10 + int64(c-'0')
			digits++
		}
		p.i++
	}
	for ; digits < 7; digits++ {
		n *= 10
	}
	return n, p.i > from && p.i-from <= 12
}

func (p *timeParser) offset() (int64, bool) {
	if p.i == len(p.s) || p.take('Z') || p.take('z') {
		return 0, true
	}
	if isLetter(p.peek()) {
		w := p.word()
		return 0, w == "gmt" || w == "utc"
	}
	sign := int64(1)
	if p.take('-') {
		sign = -1
	} else if !p.take('+') {
		return 0, false
	}
	h, ok := p.number(2)
	p.take(':')
	m, _ := p.number(2)
	return sign * (int64(h)*Hour + int64(m)*Minute), ok && h < 15 && m < 60
}

// spanUnits are the units of timespan literals, longest names first where one
// begins another.
var spanUnits = []struct {
	name  string
	ticks int64
}{
	{"microseconds", Microsecond}, {"microsecond", Microsecond}, {"milliseconds", Millisecond}, {"millisecond", Millisecond},
	{"millis", Millisecond}, {"milli", Millisecond}, {"micros", Microsecond}, {"micro", Microsecond},
	{"seconds", Second}, {"second", Second}, {"sec", Second}, {"minutes", Minute}, {"minute", Minute}, {"min", Minute},
	{"hours", Hour}, {"hour", Hour}, {"hrs", Hour}, {"hr", Hour}, {"days", Day}, {"day", Day}, {"ticks", Tick}, {"tick", Tick},
	{"nanoseconds", 0}, {"nanosecond", 0}, {"nanos", 0}, {"nano", 0},
	{"ms", Millisecond}, {"us", Microsecond}, {"d", Day}, {"h", Hour}, {"m", Minute}, {"s", Second},
}

// SpanUnit finds the length of a unit of time by its name in a literal, such as
// d, h, min, tick. Nanoseconds have the length 0: a hundred of them are a tick.
func SpanUnit(name string) (ticks int64, ok bool) {
	for _, u := range spanUnits {
		if u.name == name {
			return u.ticks, true
		}
	}
	return 0, false
}

// ParseTimeSpan reads [-][d.]hh:mm[:ss[.fffffff]], a number with a unit (1.5h),
// or whole days.
func ParseTimeSpan(s string) Value {
	s = strings.TrimSpace(s)
	body, neg := strings.CutPrefix(s, "-")
	ticks, ok := parseClock(body)
	if !ok {
		ticks, ok = parseQuantity(body)
	}
	if !ok {
		return NullOf(TimeSpan)
	}
	if neg {
		ticks = -ticks
	}
	return TimeSpanOf(ticks)
}

func parseQuantity(s string) (int64, bool) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	n, unit := ParseReal(s[:i]), s[i:]
	if n.Null {
		return 0, false
	}
	if unit == "" {
		return scaleTicks(n.Float, Day, n.Float == math.Trunc(n.Float) && !strings.Contains(s, "."))
	}
	per, ok := SpanUnit(unit)
	if ok && per == 0 {
		return scaleTicks(n.Float/100, Tick, true)
	}
	return scaleTicks(n.Float, per, ok)
}

func scaleTicks(n float64, per int64, ok bool) (int64, bool) {
	f := math.Round(n * float64(per))
	return int64(f), ok && math.Abs(f) < math.MaxInt64
}

func parseClock(s string) (int64, bool) {
	p := timeParser{s: s}
	var d, h, m, sec, f int64
	n, ok := p.number(8)
	if !ok {
		return 0, false
	}
	h = int64(n)
	if p.take('.') {
		d = h
		if n, ok = p.number(2); !ok {
			return 0, false
		}
		h = int64(n)
	}
	if !p.take(':') {
		return 0, false
	}
	if n, ok = p.number(2); !ok {
		return 0, false
	}
	m = int64(n)
	if p.take(':') {
		if n, ok = p.number(2); !ok {
			return 0, false
		}
		sec = int64(n)
		if p.take('.') {
			f, ok = p.fraction()
		}
	}
	if !ok || p.i != len(s) || h > 23 || m > 59 || sec > 59 || d > 10675199 {
		return 0, false
	}
	ticks := d*Day + h*Hour + m*Minute + sec*Second + f
	return ticks, ticks >= 0
}
