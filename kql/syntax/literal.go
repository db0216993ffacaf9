package syntax

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/value"
)

// decodeString is the content of a string token as written, with prefix and
// quotes.
func decodeString(raw string) (text string, hidden bool) {
	if raw[0] == 'h' || raw[0] == 'H' {
		raw, hidden = raw[1:], true
	}
	verbatim := raw[0] == '@'
	if verbatim {
		raw = raw[1:]
	}
	if raw[0] >= utf8.RuneSelf { // curly quotes, which are an error
		_, size := utf8.DecodeLastRuneInString(raw)
		return raw[3:max(3, len(raw)-size)], hidden
	}
	if raw[0] == '`' || raw[0] == '~' {
		return strings.TrimSuffix(raw[3:], raw[:3]), hidden
	}
	quote := raw[:1]
	body := raw[1:]
	switch {
	case verbatim:
		body = strings.TrimSuffix(body, quote)
		return strings.ReplaceAll(body, quote+quote, quote), hidden
	case !strings.Contains(body, `\`):
		return strings.TrimSuffix(body, quote), hidden
	}
	return unescape(body, quote[0]), hidden
}

// unescape decodes the escapes of s up to the closing quote.
func unescape(s string, quote byte) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s) && s[i] != quote; {
		n := 0
		if s[i] == '\\' {
			n = escapeLength(s[i:])
		}
		if n == 0 {
			b.WriteByte(s[i])
			i++
			continue
		}
		r := escaped(s[i : i+n])
		if utf16.IsSurrogate(r) {
			if m := escapeLength(s[i+n:]); m > 0 && s[i+n] == '\\' {
				if both := utf16.DecodeRune(r, escaped(s[i+n:i+n+m])); both != utf8.RuneError {
					r, n = both, n+m
				}
			}
		}
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

var simpleEscapes = map[byte]rune{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

// escaped is the character of one escape.
func escaped(s string) rune {
	c := s[1]
	if r, ok := simpleEscapes[c]; ok {
		return r
	}
	base, digits := 16, s[2:]
	switch {
	case isDigit(c):
		base, digits = 8, s[1:]
	case c != 'u' && c != 'U' && c != 'x':
		return rune(c)
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune {
		return utf8.RuneError
	}
	return rune(n)
}

// integerValue is the value of an integer token; ok is false beyond 64 bits.
func integerValue(raw string) (value.Value, bool) {
	if len(raw) > 2 && raw[1]|0x20 == 'x' {
		n, err := strconv.ParseUint(raw[2:], 16, 64)
		return value.LongOf(int64(n)), err == nil
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	return value.LongOf(n), err == nil
}

// realValue is the value of a real token.
func realValue(raw string) (value.Value, bool) {
	f, err := strconv.ParseFloat(raw, 64)
	return value.RealOf(f), err == nil || math.IsInf(f, 0)
}

// typedLiteralValue is the value of datetime(…), long(…) and their like, as
// written. Quotes around the content are left out.
func typedLiteralValue(raw string) (value.Value, bool) {
	open := strings.IndexByte(raw, '(')
	t, _ := value.ParseType(raw[:open])
	body := strings.TrimSpace(strings.TrimSuffix(raw[open+1:], ")"))
	if n := len(body); n >= 2 && (body[0] == '"' || body[0] == '\'') && body[n-1] == body[0] {
		body = body[1 : n-1]
	}
	if strings.EqualFold(body, "null") {
		return value.NullOf(t), true
	}
	if t == value.TimeSpan { // 15 seconds
		body = strings.ReplaceAll(body, " ", "")
	}
	v := value.Parse(body, t)
	return v, !v.Null
}

// timespanValue is the value of a token such as 2.5h.
func timespanValue(raw string) (value.Value, bool) {
	v := value.ParseTimeSpan(raw)
	return v, !v.Null
}
