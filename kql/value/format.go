package value

import (
	"math"
	"strconv"
	"strings"
)

// String is the value as tostring() of the language writes it: bools True and
// False, reals with a fraction or an exponent, null empty.
func (v Value) String() string {
	if v.Null {
		return ""
	}
	switch v.Type {
	case String, Guid:
		return v.Text
	case Dynamic:
		return dynamicText(v.Text)
	case Decimal:
		return decimalText(v.Text)
	}
	return string(v.AppendText(nil))
}

// AppendText appends what String returns.
func (v Value) AppendText(b []byte) []byte {
	if v.Null {
		return b
	}
	switch v.Type {
	case Bool:
		if v.Num != 0 {
			return append(b, "True"...)
		}
		return append(b, "False"...)
	case Int, Long:
		return strconv.AppendInt(b, v.Num, 10)
	case Real:
		return AppendReal(b, v.Float)
	case DateTime:
		return AppendDateTime(b, v.Num)
	case TimeSpan:
		return AppendTimeSpan(b, v.Num)
	case Dynamic:
		return append(b, dynamicText(v.Text)...)
	case Decimal:
		return append(b, decimalText(v.Text)...)
	}
	return append(b, v.Text...)
}

// dynamicText is what tostring() makes of a dynamic: a string without its
// quotes, everything else as JSON.
func dynamicText(text string) string {
	if len(text) > 0 && text[0] == '"' {
		if s, ok := unquoteJSON(text); ok {
			return s
		}
	}
	if text == "null" {
		return ""
	}
	return text
}

// AppendReal writes a real in the shortest form that reads back as itself: with
// a fraction, or from 1E+15 on and below 1E-05 with an exponent.
func AppendReal(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "inf"...)
	case math.IsInf(f, -1):
		return append(b, "-inf"...)
	}
	if a := math.Abs(f); a != 0 && (a >= 1e15 || a < 1e-4) {
		return strconv.AppendFloat(b, f, 'E', -1, 64)
	}
	from := len(b)
	b = lastDigit(strconv.AppendFloat(b, f, 'f', -1, 64), from, f)
	if strings.IndexByte(string(b[from:]), '.') < 0 {
		b = append(b, '.', '0')
	}
	return b
}

// lastDigit raises the last of 16 or more digits as far as the text still reads
// back as f: of the shortest forms the language takes the greatest.
func lastDigit(b []byte, from int, f float64) []byte {
	if len(b)-from < 17 || strings.IndexByte(string(b[from:]), '.') < 0 {
		return b
	}
	last := &b[len(b)-1]
	for *last < '9' {
		*last++
		if again, err := strconv.ParseFloat(string(b[from:]), 64); err != nil || again != f {
			*last--
			break
		}
	}
	return b
}

// AppendDateTime writes ISO 8601 with seven digits of the second and Z.
func AppendDateTime(b []byte, ticks int64) []byte {
	d := DateOf(ticks)
	b = appendDigits(b, d.Year, 4)
	b = append(b, '-')
	b = appendDigits(b, d.Month, 2)
	b = append(b, '-')
	b = appendDigits(b, d.Day, 2)
	b = append(b, 'T')
	b = appendClock(b, d.Hour, d.Minute, d.Second)
	b = append(b, '.')
	b = appendDigits(b, int(d.Tick), 7)
	return append(b, 'Z')
}

// AppendTimeSpan writes [-][days.]hh:mm:ss[.fffffff].
func AppendTimeSpan(b []byte, ticks int64) []byte {
	t := uint64(ticks)
	if ticks < 0 {
		b = append(b, '-')
		t = -t
	}
	if days := t / uint64(Day); days > 0 {
		b = strconv.AppendUint(b, days, 10)
		b = append(b, '.')
	}
	b = appendClock(b, int(t/uint64(Hour)%24), int(t/uint64(Minute)%60), int(t/uint64(Second)%60))
	if f := t % uint64(Second); f > 0 {
		b = append(b, '.')
		b = appendDigits(b, int(f), 7)
	}
	return b
}

func appendClock(b []byte, h, m, s int) []byte {
	b = appendDigits(b, h, 2)
	b = append(b, ':')
	b = appendDigits(b, m, 2)
	b = append(b, ':')
	return appendDigits(b, s, 2)
}

// appendDigits writes n ≥ 0 with at least width digits.
func appendDigits(b []byte, n, width int) []byte {
	var buf [20]byte
	i := len(buf)
	for n > 0 || width > 0 {
		i--
		buf[i] = byte('0' + n%10)
		n /= 10
		width--
	}
	return append(b, buf[i:]...)
}
