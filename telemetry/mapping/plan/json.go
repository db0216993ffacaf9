package plan

import (
	"strconv"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// AppendJSON appends a value as JSON. The parser's own writer is not used: it
// quotes control characters as Go does, and passes numbers such as "nan" on.
func AppendJSON(dst []byte, v *fastjson.Value) []byte {
	switch v.Type() {
	case fastjson.TypeString:
		return AppendString(dst, v.GetStringBytes())
	case fastjson.TypeNumber:
		n := len(dst)
		dst = v.MarshalTo(dst)
		if isNumber(dst[n:]) {
			return dst
		}
		text := string(dst[n:])
		return AppendString(dst[:n], []byte(text))
	case fastjson.TypeObject:
		return appendObject(dst, v)
	case fastjson.TypeArray:
		dst = append(dst, '[')
		for i, e := range v.GetArray() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(dst, e)
		}
		return append(dst, ']')
	}
	return v.MarshalTo(dst)
}

func appendObject(dst []byte, v *fastjson.Value) []byte {
	dst = append(dst, '{')
	first := true
	o, _ := v.Object()
	o.Visit(func(key []byte, v *fastjson.Value) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(AppendString(dst, key), ':')
		dst = AppendJSON(dst, v)
	})
	return append(dst, '}')
}

const hexDigits = "0123456789abcdef"

// AppendString appends a JSON string. Bytes that are no UTF-8 become U+FFFD.
func AppendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = appendEscape(append(dst, s[start:i]...), c)
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// AppendValue appends a pair's value as JSON.
func AppendValue(dst []byte, v Value) []byte {
	if v.JSON == nil {
		return AppendString(dst, v.Text)
	}
	return AppendJSON(dst, v.JSON)
}

// isNumber tells whether text is a JSON number.
func isNumber(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	digits := text
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' || len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return false
	}
	last := digits[len(digits)-1]
	if last < '0' || last > '9' {
		return false
	}
	for i, c := range digits {
		if c == '.' && (i+1 == len(digits) || digits[i+1] < '0' || digits[i+1] > '9') {
			return false
		}
		if c == 'x' || c == 'X' || c == '_' || c == 'p' || c == 'n' || c == 'i' {
			return false
		}
	}
	_, err := strconv.ParseFloat(string(digits), 64)
	return err == nil || isRange(err)
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// looksLikeJSON tells whether a string holds an object or an array: sources nest
// JSON in strings, and hunters expect it unpacked in a dynamic column.
func looksLikeJSON(s []byte) bool {
	if len(s) < 2 {
		return false
	}
	first, last := s[0], s[len(s)-1]
	if first == '{' && last == '}' || first == '[' && last == ']' {
		return fastjson.ValidateBytes(s) == nil && utf8.Valid(s)
	}
	return false
}
