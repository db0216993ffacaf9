package plan

import (
	"bytes"
	"strconv"
	"time"

	"github.com/clew-sec/clew/kql/value"
)

// Ticks turns a time into ticks of 100 ns since 0001-01-01, and tells whether it
// is within the years 1 to 9999.
func Ticks(t time.Time) (int64, bool) {
	y := t.UTC().Year()
	if y < 1 || y > 9999 {
		return 0, false
	}
	return value.TicksOf(t), true
}

// layouts are the other forms in which sources write times. One without a zone
// is UTC.
var layouts = []string{
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02 15:04:05.999999999 -0700",
	"2006-01-02 15:04:05.999999999 MST",
	"2006/01/02 15:04:05.999999999",
	"1/2/2006 3:04:05 PM",
	"01/02/2006 15:04:05",
	"Mon Jan 2 15:04:05 2006 MST",
	"Mon Jan 2 15:04:05 2006",
	"Mon, 02 Jan 2006 15:04:05 MST",
	"Mon, 02 Jan 2006 15:04:05 -0700",
	"02/Jan/2006:15:04:05 -0700",
	"Jan 02 2006 15:04:05",
	"Jan 2 2006 15:04:05",
	"2006-01-02",
}

// ParseTime reads a time in any of the forms that sources use: RFC 3339 and its
// relatives, or a number of seconds, milliseconds, microseconds, nanoseconds
// since 1970 or of Windows file time, told apart by its size.
func ParseTime(text []byte) (ticks int64, ok bool) {
	text = bytes.TrimSpace(text)
	if t, ok := parseISO(text); ok {
		return t, true
	}
	if t, ok := parseEpoch(text); ok {
		return t, true
	}
	if len(text) < 8 || len(text) > 64 {
		return 0, false
	}
	s := string(text)
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return Ticks(t)
		}
	}
	return 0, false
}

// parseISO reads 2006-01-02[T ]15:04:05[.fraction][Z|±07:00|±0700] without
// allocating; it is what nearly every event holds.
func parseISO(s []byte) (int64, bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != ' ') || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	year, a := digits(s[0:4])
	month, b := digits(s[5:7])
	day, c := digits(s[8:10])
	hour, d := digits(s[11:13])
	minute, e := digits(s[14:16])
	second, f := digits(s[17:19])
	if !(a && b && c && d && e && f) || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60 || year < 1 {
		return 0, false
	}
	date := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if date.Day() != day && second < 60 {
		return 0, false // 31 February
	}
	fraction, rest, ok := parseFraction(s[19:])
	if !ok {
		return 0, false
	}
	zone, ok := parseZone(rest)
	if !ok {
		return 0, false
	}
	ticks := value.UnixEpoch + date.Unix()*value.Second + fraction - zone
	return ticks, ticks >= 0 && ticks <= value.MaxDateTime
}

func digits(s []byte) (int, bool) {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// parseFraction reads ".1234567" as ticks; more digits are cut off.
func parseFraction(s []byte) (ticks int64, rest []byte, ok bool) {
	if len(s) == 0 || (s[0] != '.' && s[0] != ',') {
		return 0, s, true
	}
	s = s[1:]
	unit, n := value.Second/10, 0
	for ; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
		ticks += int64(s[n]-'0') * unit
		unit /= 10
	}
	return ticks, s[n:], n > 0
}

// parseZone reads what follows the time of day as ticks east of UTC.
func parseZone(s []byte) (int64, bool) {
	s = bytes.TrimPrefix(s, []byte(" "))
	if len(s) == 0 || string(s) == "Z" || string(s) == "UTC" || string(s) == "GMT" {
		return 0, true
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	sign := int64(1)
	if s[0] == '-' {
		sign = -1
	}
	s = s[1:]
	if len(s) == 5 && s[2] == ':' {
		s = append([]byte{s[0], s[1]}, s[3:]...)
	}
	if len(s) != 4 {
		return 0, false
	}
	n, ok := digits(s)
	return sign * (int64(n/100)*value.Hour + int64(n%100)*value.Minute), ok && n%100 < 60 && n <= 1800
}

// parseEpoch reads a number. The size tells the unit: up to the year 2286
// seconds have ten digits, milliseconds thirteen, microseconds sixteen,
// nanoseconds nineteen; file time, which counts from 1601, has eighteen.
func parseEpoch(s []byte) (int64, bool) {
	if len(s) < 9 || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	whole, fraction, _ := bytes.Cut(s, []byte("."))
	n, err := strconv.ParseInt(string(whole), 10, 64)
	if err != nil {
		return 0, false
	}
	part := int64(0)
	if len(fraction) > 0 {
		var rest []byte
		var ok bool
		if part, rest, ok = parseFraction(append([]byte("."), fraction...)); !ok || len(rest) > 0 {
			return 0, false
		}
	}
	switch len(whole) {
	case 9, 10:
		return value.UnixEpoch + n*value.Second + part, true
	case 12, 13:
		return value.UnixEpoch + n*value.Millisecond + part/1000, true
	case 15, 16:
		return value.UnixEpoch + n*value.Microsecond, true
	case 18:
		const fileTimeEpoch = 504_911_232_000_000_000 // 1601-01-01
		return fileTimeEpoch + n, n < value.MaxDateTime-fileTimeEpoch
	case 19:
		return value.UnixEpoch + n/100, true
	}
	return 0, false
}

// FormatTime writes ticks as RFC 3339 with seven digits.
func FormatTime(ticks int64) string {
	t := time.Unix((ticks-value.UnixEpoch)/value.Second, 0).UTC().Add(time.Duration((ticks-value.UnixEpoch)%value.Second) * 100)
	return t.Format("2006-01-02T15:04:05.0000000Z")
}
