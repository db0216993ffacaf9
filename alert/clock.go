package alert

import (
	"strings"
	"time"
)

// timeForms are the lenient forms of a time beside RFC 3339, tried in turn. A
// form without a zone means UTC.
var timeForms = []string{
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02",
}

// ParseTime reads an ISO 8601 time: with or without a zone (then UTC), with T
// or a space, with any number of fraction digits. The result is in UTC. The
// .NET and Windows "no time" values (years 1 and 1601) give the zero time.
func ParseTime(text string) (time.Time, error) {
	t, _, err := parseTime(text)
	return t, err
}

// parseTime also tells whether text is RFC 3339 as it stands.
func parseTime(text string) (t time.Time, strict bool, err error) {
	if t, ok := parseUTC(text); ok {
		return orUnset(t), true, nil
	}
	if len(text) > 64 {
		return t, false, refuse(ErrTime, "%q is not a time", Excerpt(text, 40))
	}
	if t, err = time.Parse(time.RFC3339Nano, text); err == nil {
		return orUnset(t.UTC()), true, nil
	}
	loose := strings.TrimSpace(text)
	if len(loose) > 10 && (loose[10] == ' ' || loose[10] == 't') {
		loose = loose[:10] + "T" + strings.TrimSpace(loose[11:])
	}
	loose = strings.TrimSuffix(strings.TrimSuffix(loose, " UTC"), " GMT")
	loose = strings.Replace(loose, " ", "", 1)
	if t, err = time.Parse(time.RFC3339Nano, loose); err == nil {
		return orUnset(t.UTC()), false, nil
	}
	for _, form := range timeForms {
		if t, err = time.Parse(form, loose); err == nil {
			return orUnset(t.UTC()), false, nil
		}
	}
	return time.Time{}, false, refuse(ErrTime, "%q is not a time", Excerpt(text, 40))
}

// parseUTC is the quick way for the form that Graph sends:
// 2006-01-02T15:04:05Z with up to nine fraction digits.
func parseUTC(s string) (time.Time, bool) {
	n := len(s)
	if n < 20 || n > 30 || s[n-1] != 'Z' || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	var f [6]int
	for i, at := range [6][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		v, ok := digits(s[at[0]:at[1]])
		if !ok {
			return time.Time{}, false
		}
		f[i] = v
	}
	nanos := 0
	if n > 20 {
		if n == 21 || s[19] != '.' {
			return time.Time{}, false
		}
		v, ok := digits(s[20 : n-1])
		if !ok {
			return time.Time{}, false
		}
		for i := n - 21; i < 9; i++ {
			v *= 10
		}
		nanos = v
	}
	t := time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], nanos, time.UTC)
	// time.Date carries over what is out of range, so a changed field means a wrong one.
	if f[3] > 23 || f[4] > 59 || f[5] > 59 || t.Day() != f[2] || int(t.Month()) != f[1] {
		return time.Time{}, false
	}
	return t, true
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

func orUnset(t time.Time) time.Time {
	if y := t.Year(); y <= 1 || y == 1601 && t.YearDay() == 1 {
		return time.Time{}
	}
	return t
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.9999999Z")
	return append(dst, '"')
}
