package value

import (
	"math"
	"strconv"
	"strings"
)

// The Parse functions read text as the conversion functions of the language do
// (tobool, tolong, …). What can't be read is null, never an error.

// Parse reads text as a type.
func Parse(s string, t Type) Value {
	switch t {
	case Bool:
		return ParseBool(s)
	case Int:
		return ParseInt(s)
	case Long:
		return ParseLong(s)
	case Real:
		return ParseReal(s)
	case Decimal:
		return ParseDecimal(s)
	case DateTime:
		return ParseDateTime(s)
	case TimeSpan:
		return ParseTimeSpan(s)
	case Guid:
		return ParseGuid(s)
	case String:
		return StringOf(s)
	case Dynamic:
		return ParseDynamic(s)
	}
	return NullOf(t)
}

// ParseBool reads true and false in any case, or a whole number, true unless 0.
func ParseBool(s string) Value {
	switch {
	case strings.EqualFold(s, "true"):
		return BoolOf(true)
	case strings.EqualFold(s, "false"):
		return BoolOf(false)
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return BoolOf(n != 0)
	}
	if n := ParseLong(s); !n.Null && strings.HasPrefix(s, "0x") {
		return BoolOf(n.Num != 0)
	}
	return NullOf(Bool)
}

// ParseInt reads a whole number of 32 bits, decimal or 0x….
func ParseInt(s string) Value {
	v := ParseLong(s)
	if v.Null || v.Num != int64(int32(v.Num)) {
		return NullOf(Int)
	}
	return IntOf(int32(v.Num))
}

// ParseLong reads a whole number, decimal with a sign or hexadecimal after 0x.
func ParseLong(s string) Value {
	s = strings.TrimSpace(s)
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		if n, err := strconv.ParseUint(s[2:], 16, 64); err == nil && s[2] != '_' {
			return LongOf(int64(n))
		}
		return NullOf(Long)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return NullOf(Long)
	}
	return LongOf(n)
}

// ParseReal reads a number with or without fraction and exponent, NaN and
// infinities. What is too great becomes infinite.
func ParseReal(s string) Value {
	s = strings.TrimSpace(s)
	switch strings.TrimPrefix(strings.TrimPrefix(s, "+"), "-") {
	case "NaN", "nan":
		return RealOf(math.NaN())
	case "Infinity", "inf", "Inf", "infinity":
		if s[0] == '-' {
			return RealOf(math.Inf(-1))
		}
		return RealOf(math.Inf(1))
	}
	if !plainNumber(s) {
		return NullOf(Real)
	}
	if f, ok := nearZero(s); ok {
		return RealOf(f)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return NullOf(Real)
	}
	return RealOf(f)
}

// nearZero reads numbers below the normal range by two steps. The exact way takes
// so long for them that an array of them could hold up a query.
func nearZero(s string) (float64, bool) {
	const shift = 200
	i := strings.LastIndexByte(s, 'E')
	if i < 0 {
		i = strings.LastIndexByte(s, 'e')
	}
	if i < 1 || i > 24 {
		return 0, false
	}
	e, err := strconv.Atoi(s[i+1:])
	if err != nil || e > -309 {
		return 0, false
	}
	if e < -400 {
		e = -400
	}
	f, err := strconv.ParseFloat(s[:i]+"e"+strconv.Itoa(e+shift), 64)
	return f * 1e-200, err == nil
}

// plainNumber keeps out what Go takes for a number and the language does not:
// hexadecimal floats, underscores, names.
func plainNumber(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '+', c == '-', c == '.', c == 'e', c == 'E':
		default:
			return false
		}
	}
	return s != ""
}

// ParseGuid reads 32 digits with hyphens anywhere or without, also in braces or
// parentheses.
func ParseGuid(s string) Value {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && (s[0] == '{' && s[n-1] == '}' || s[0] == '(' && s[n-1] == ')') {
		s = s[1 : n-1]
	}
	var out [36]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		if c == '-' {
			continue
		}
		if n == 8 || n == 13 || n == 18 || n == 23 {
			out[n] = '-'
			n++
		}
		if c >= 'A' && c <= 'F' {
			c += 'a' - 'A'
		}
		if n >= len(out) || (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return NullOf(Guid)
		}
		out[n] = c
		n++
	}
	if n != len(out) {
		return NullOf(Guid)
	}
	return Value{Type: Guid, Text: string(out[:])}
}

// ParseDynamic is parse_json: JSON, or what is none as a string. Empty text and
// the JSON null are null.
func ParseDynamic(s string) Value {
	if strings.TrimSpace(s) == "" {
		return NullOf(Dynamic)
	}
	j, ok := ParseJSON(s)
	if !ok {
		return JSONOf(QuoteJSON(s))
	}
	return j.Value()
}
