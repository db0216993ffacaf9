package scalar

import (
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/kql/value"
)

// FormatDateTime writes a datetime by a format of the letters y M d H h m s f F
// t, each run of a letter a number of at most so many digits; other characters
// stand for themselves. Runs that are longer than the language knows are taken
// apart: MMMM is MM twice.
func FormatDateTime(t value.Value, format string) string {
	if t.Null {
		return ""
	}
	d := value.DateOf(t.Num)
	f := formatter{longest: map[byte]int{'y': 4, 'M': 2, 'd': 2, 'H': 2, 'h': 2, 'm': 2, 's': 2, 'f': 7, 'F': 7, 't': 2}}
	return f.format(format, func(c byte, n int) string {
		switch c {
		case 'y':
			if n <= 2 {
				return digits(d.Year%100, n)
			}
			return digits(d.Year, n)
		case 'M':
			return digits(d.Month, n)
		case 'd':
			return digits(d.Day, n)
		case 'H':
			return digits(d.Hour, n)
		case 'h':
			return digits((d.Hour+11)%12+1, n)
		case 'm':
			return digits(d.Minute, n)
		case 's':
			return digits(d.Second, n)
		case 't':
			return half(d.Hour, n)
		}
		return fraction(d.Tick, c, n)
	})
}

// FormatTimeSpan writes a timespan by a format of the letters d H h m s f F, with
// its sign in front.
func FormatTimeSpan(t value.Value, format string) string {
	if t.Null {
		return ""
	}
	sign, u := "", uint64(t.Num)
	if t.Num < 0 {
		sign, u = "-", -u
	}
	part := func(per, of int64) int { return int(u / uint64(per) % uint64(of)) }
	f := formatter{longest: map[byte]int{'d': 8, 'H': 2, 'h': 2, 'm': 2, 's': 2, 'f': 7, 'F': 7}}
	return sign + f.format(format, func(c byte, n int) string {
		switch c {
		case 'd':
			return digits(int(u/uint64(value.Day)), n)
		case 'H', 'h':
			return digits(part(value.Hour, 24), n)
		case 'm':
			return digits(part(value.Minute, 60), n)
		case 's':
			return digits(part(value.Second, 60), n)
		}
		return fraction(int64(u%uint64(value.Second)), c, n)
	})
}

// formatter cuts a format into runs of one letter.
type formatter struct {
	longest map[byte]int
}

const maxFormat = 1024

func (f formatter) format(format string, write func(c byte, n int) string) string {
	if len(format) > maxFormat {
		format = format[:maxFormat]
	}
	var b strings.Builder
	for i := 0; i < len(format); {
		c := format[i]
		most := f.longest[c]
		if most == 0 {
			b.WriteByte(c)
			i++
			continue
		}
		n := 1
		for n < most && i+n < len(format) && format[i+n] == c {
			n++
		}
		b.WriteString(write(c, n))
		i += n
	}
	return b.String()
}

func digits(n, width int) string {
	s := strconv.Itoa(n)
	if pad := width - len(s); pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	return s
}

func half(hour, n int) string {
	s := "AM"
	if hour >= 12 {
		s = "PM"
	}
	return s[:n]
}

// fraction writes the first n digits of a second; F drops zeros at the end.
func fraction(ticks int64, c byte, n int) string {
	s := digits(int(ticks), 7)[:n]
	if c == 'F' {
		s = strings.TrimRight(s, "0")
	}
	return s
}

// shiftZone moves a datetime from UTC into a time zone (sign 1) or back.
func shiftZone(a []value.Value, sign int64) value.Value {
	t := value.Convert(a[0], value.DateTime)
	zone, ok := zoneOf(a[1].String())
	if t.Null || !ok {
		return value.NullOf(value.DateTime)
	}
	at := time.Unix((t.Num-value.UnixEpoch)/value.Second, 0)
	if sign < 0 {
		d := value.DateOf(t.Num)
		at = time.Date(d.Year, time.Month(d.Month), d.Day, d.Hour, d.Minute, d.Second, 0, zone)
	}
	_, offset := at.In(zone).Zone()
	return timeResult(t.Num+sign*int64(offset)*value.Second, value.DateTime)
}

// zoneOf loads a time zone of the IANA data base.
func zoneOf(name string) (*time.Location, bool) {
	if name == "" || strings.EqualFold(name, "local") || len(name) > 64 {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}
