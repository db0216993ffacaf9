package plan

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// parse reads a text as a scalar that is neither string nor dynamic.
func parse(t value.Type, text []byte) (value.Value, bool) {
	switch t {
	case value.Int, value.Long:
		n, ok := parseInteger(text)
		return value.Value{Type: t, Num: n}, ok && (t == value.Long || n >= math.MinInt32 && n <= math.MaxInt32)
	case value.Real:
		f, err := strconv.ParseFloat(string(bytes.TrimSpace(text)), 64)
		return value.RealOf(f), err == nil
	case value.Bool:
		b, ok := parseBool(text)
		return value.BoolOf(b), ok
	case value.DateTime:
		n, ok := ParseTime(text)
		return value.DateTimeOf(n), ok
	case value.Guid:
		s := strings.ToLower(string(bytes.Trim(text, "{}")))
		return value.Value{Type: value.Guid, Text: s}, isGUID(s)
	}
	return value.Value{}, false
}

// ParseInteger reads a whole number, decimal or with 0x before it.
func ParseInteger(text []byte) (int64, bool) { return parseInteger(text) }

// AppendInteger appends a number in decimal.
func AppendInteger(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// parseInteger reads decimal and 0x numbers, and reals without a fraction.
func parseInteger(text []byte) (int64, bool) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || len(text) > 40 {
		return 0, false
	}
	if n, ok := digits(text); ok && len(text) <= 18 {
		return int64(n), true
	}
	s := string(text)
	if hexa, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		n, err := strconv.ParseUint(hexa, 16, 64)
		return int64(n), err == nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

func parseBool(text []byte) (b, ok bool) {
	switch strings.ToLower(string(bytes.TrimSpace(text))) {
	case "true", "t", "yes", "1", "%%1842":
		return true, true
	case "false", "f", "no", "0", "%%1843":
		return false, true
	}
	return false, false
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (c == '-') || !hyphen && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}
