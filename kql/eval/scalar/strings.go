package scalar

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/value"
)

var textFunctions = map[string]*Function{
	"strlen":       textOf(func(s string) value.Value { return value.LongOf(int64(utf8.RuneCountInString(s))) }, value.Long),
	"string_size":  textOf(func(s string) value.Value { return value.LongOf(int64(len(s))) }, value.Long),
	"tolower":      textOf(func(s string) value.Value { return value.StringOf(strings.Map(unicode.ToLower, s)) }, value.String),
	"toupper":      textOf(func(s string) value.Value { return value.StringOf(strings.Map(unicode.ToUpper, s)) }, value.String),
	"reverse":      textOf(func(s string) value.Value { return value.StringOf(reversed(s)) }, value.String),
	"strcat":       lenient(1, -1, value.String, func(a []value.Value) value.Value { return joinValues("", a) }),
	"strcat_delim": lenient(2, -1, value.String, func(a []value.Value) value.Value { return joinValues(a[0].String(), a[1:]) }),
	"strcat_array": lenient(2, 2, value.String, strcatArray),
	"strrep":       lenient(2, 3, value.String, repeat),
	"strcmp": lenient(2, 2, value.Int, func(a []value.Value) value.Value {
		return value.IntOf(int32(strings.Compare(a[0].String(), a[1].String())))
	}),
	"substring":      lenient(2, 3, value.String, substring),
	"split":          lenient(2, 3, value.Dynamic, split),
	"indexof":        lenient(2, 5, value.Long, indexOf),
	"replace_string": lenient(3, 3, value.String, replaceText),
	"replace_strings": lenient(3, 3, value.String, func(a []value.Value) value.Value {
		return value.StringOf(replaceAll(a[0].String(), a[1], a[2]))
	}),
	"translate": lenient(3, 3, value.String, func(a []value.Value) value.Value {
		return value.StringOf(translate(a[0].String(), a[1].String(), a[2].String()))
	}),
	"unicode_codepoints_from_string": textOf(codePoints, value.Dynamic),
	"unicode_codepoints_to_string":   lenient(0, -1, value.String, fromCodePoints),
	"regex_quote":                    textOf(func(s string) value.Value { return value.StringOf(quoteRegex(s)) }, value.String),
}

func validText(s string) bool { return utf8.ValidString(s) }

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

func joinValues(delimiter string, values []value.Value) value.Value {
	size := len(delimiter) * len(values)
	for _, v := range values {
		size += len(v.Text) + 8
	}
	b := make([]byte, 0, min(size, MaxText))
	for i, v := range values {
		if i > 0 {
			b = append(b, delimiter...)
		}
		b = v.AppendText(b)
		if len(b) > MaxText {
			b = b[:MaxText]
			break
		}
	}
	return value.StringOf(string(b))
}

func strcatArray(a []value.Value) value.Value {
	items, ok := array(a[0])
	if !ok {
		return value.StringOf("")
	}
	parts := make([]string, len(items))
	delimiter := a[1].String()
	size := 0
	for i, x := range items {
		parts[i] = scalarText(x)
		size += len(parts[i]) + len(delimiter)
	}
	if size > MaxText {
		return value.StringOf("")
	}
	return value.StringOf(strings.Join(parts, delimiter))
}

func repeat(a []value.Value) value.Value {
	s, n := a[0].String(), whole(a, 1, 0)
	delimiter := ""
	if len(a) > 2 {
		delimiter = a[2].String()
	}
	n = min(n, 1024)
	if n <= 0 || (len(s)+len(delimiter))*int(n) > MaxText {
		return value.StringOf("")
	}
	return value.StringOf(strings.Repeat(s+delimiter, int(n)-1) + s)
}

// substring counts code points; a negative start counts from the end; where that is
// before the text, there is nothing.
func substring(a []value.Value) value.Value {
	s := a[0].String()
	start, length := whole(a, 1, 0), whole(a, 2, int64(len(s)))
	if length < 0 {
		length = int64(len(s))
	}
	if start < 0 {
		if start += int64(utf8.RuneCountInString(s)); start < 0 {
			return noText
		}
	}
	from := runeOffset(s, start)
	return value.StringOf(s[from : from+runeOffset(s[from:], length)])
}

// runeOffset is the byte at which the n-th code point begins, or the end.
func runeOffset(s string, n int64) int {
	if n >= int64(len(s)) {
		return len(s)
	}
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

func split(a []value.Value) value.Value {
	s, delimiter := a[0].String(), a[1].String()
	var parts []string
	if delimiter == "" {
		parts = []string{s}
	} else {
		parts = strings.Split(s, delimiter)
	}
	if len(a) > 2 {
		i := whole(a, 2, -1)
		if i < 0 {
			i += int64(len(parts))
		}
		if i < 0 || i >= int64(len(parts)) {
			return nothing
		}
		parts = parts[i : i+1]
	}
	return texts(parts)
}

// indexOf finds the n-th occurrence within a range of code points: text, what,
// start, length, occurrence. It is null for what can't be looked for.
func indexOf(a []value.Value) value.Value {
	s, what := a[0].String(), a[1].String()
	start, length, occurrence := whole(a, 2, 0), whole(a, 3, -1), whole(a, 4, 1)
	if what == "" || occurrence == 0 || length < -1 {
		return value.NullOf(value.Long)
	}
	n := int64(utf8.RuneCountInString(s))
	if length >= 0 && occurrence > 1 {
		return value.LongOf(nthWithin(s, what, start, length, occurrence))
	}
	start, end := searchRange(n, start, length)
	if start > end {
		return value.LongOf(-1)
	}
	from := runeOffset(s, start)
	part := s[from : from+runeOffset(s[from:], end-start)]
	at := nthIndex(part, what, occurrence)
	if at < 0 {
		return value.LongOf(-1)
	}
	return value.LongOf(start + int64(utf8.RuneCountInString(part[:at])))
}

// nthWithin counts occurrences of which each lies within length code points of
// where the search for it began: at start, and behind the beginning of the one
// before.
func nthWithin(s, what string, start, length, occurrence int64) int64 {
	if costly(s, what) {
		return -1
	}
	if start < 0 {
		start = max(0, start+int64(utf8.RuneCountInString(s)))
	}
	from := runeOffset(s, start)
	end := from + runeOffset(s[from:], length)
	for {
		at := strings.Index(s[from:end], what)
		if at < 0 {
			return -1
		}
		skipped := int64(utf8.RuneCountInString(s[from : from+at]))
		if occurrence--; occurrence == 0 {
			return start + skipped
		}
		_, size := utf8.DecodeRuneInString(s[from+at:])
		start, from = start+skipped+1, from+at+size
		end += runeOffset(s[end:], skipped+1)
	}
}

// searchRange brings a start and a length (-1: to the end) into a text of n.
func searchRange(n, start, length int64) (from, to int64) {
	if start < 0 {
		start = max(0, start+n)
	}
	if length < 0 || length > n-start {
		return start, n
	}
	return start, start + length
}

// maxWork bounds what one call does with long texts.
const maxWork = 1 << 30

// costly tells whether overlapping occurrences could take too long to count.
func costly(s, what string) bool { return len(what) > longNeedle && len(s)*len(what) > maxWork }

// nthIndex counts occurrences, negative ones from the end; they may overlap.
func nthIndex(s, what string, n int64) int {
	if costly(s, what) {
		return -1
	}
	at := -1
	if n < 0 {
		end := len(s)
		for ; n < 0; n++ {
			if at = strings.LastIndex(s[:end], what); at < 0 {
				return -1
			}
			end = at + len(what) - 1
		}
		return at
	}
	for from := 0; n > 0; n-- {
		i := strings.Index(s[from:], what)
		if i < 0 {
			return -1
		}
		at = from + i
		from = at + 1
	}
	return at
}

func replaceText(a []value.Value) value.Value {
	return value.StringOf(replaceOne(a[0].String(), a[1].String(), a[2].String()))
}

func replaceOne(s, what, with string) string {
	if what == "" || len(s)+strings.Count(s, what)*len(with) > MaxText {
		return s
	}
	return strings.ReplaceAll(s, what, with)
}

// replaceAll replaces each of a list by its counterpart, or all by one text,
// one after the other.
func replaceAll(s string, what, with value.Value) string {
	lookups := needleTexts([]value.Value{what})
	if len(lookups)*len(s) > maxWork {
		return s
	}
	replacements := needleTexts([]value.Value{with})
	_, many := array(with)
	for i, l := range lookups {
		r := ""
		switch {
		case !many && len(replacements) > 0:
			r = replacements[0]
		case i < len(replacements):
			r = replacements[i]
		}
		s = replaceOne(s, l, r)
	}
	return s
}

// translate replaces each character of from by that of to at its place. When to
// is shorter, its last one stands for the rest; without any they are dropped.
func translate(from, to, s string) string {
	search, with := []rune(from), []rune(to)
	return strings.Map(func(r rune) rune {
		i := slices.Index(search, r)
		switch {
		case i < 0:
			return r
		case len(with) == 0:
			return -1
		}
		return with[min(i, len(with)-1)]
	}, s)
}

func codePoints(s string) value.Value {
	items := make([]value.JSON, 0, min(len(s), maxItems))
	for _, r := range s {
		if len(items) == maxItems {
			break
		}
		items = append(items, value.LongJSON(int64(r)))
	}
	return list(items)
}

func fromCodePoints(a []value.Value) value.Value {
	var b []byte
	put := func(v value.Value) {
		if n := value.Convert(v, value.Long); !n.Null && n.Num >= 0 && n.Num <= unicode.MaxRune && len(b) < MaxText {
			b = utf8.AppendRune(b, rune(n.Num))
		}
	}
	for _, v := range a {
		items, ok := array(v)
		if !ok {
			put(v)
		}
		for _, x := range items {
			put(x.Value())
		}
	}
	return value.StringOf(string(b))
}
