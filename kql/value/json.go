package value

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is the kind of a JSON value. Whole numbers and others are told apart.
type Kind uint8

// The kinds of JSON.
const (
	KindNull Kind = iota
	KindBool
	KindLong
	KindReal
	KindString
	KindArray
	KindBag
)

// maxJSONDepth bounds nesting, and so the recursion over hostile text.
const maxJSONDepth = 256

// JSON is a dynamic value taken apart. A bag has Keys beside Items, in order,
// each key once.
type JSON struct {
	Kind  Kind
	Num   int64 // KindLong; KindBool: 0 or 1
	Float float64
	Text  string
	Keys  []string
	Items []JSON
}

// Get finds the value of a key.
func (j JSON) Get(key string) (JSON, bool) {
	if i := slices.Index(j.Keys, key); i >= 0 {
		return j.Items[i], true
	}
	return JSON{}, false
}

// Set gives a key its value, at the end where it is new.
func (j *JSON) Set(key string, v JSON) {
	if i := slices.Index(j.Keys, key); i >= 0 {
		j.Items[i] = v
		return
	}
	j.Keys = append(j.Keys, key)
	j.Items = append(j.Items, v)
}

// ArrayOf makes an array.
func ArrayOf(items ...JSON) JSON { return JSON{Kind: KindArray, Items: items} }

// TextJSON makes a JSON string.
func TextJSON(s string) JSON { return JSON{Kind: KindString, Text: s} }

// LongJSON makes a JSON whole number.
func LongJSON(n int64) JSON { return JSON{Kind: KindLong, Num: n} }

// RealJSON makes a JSON number.
func RealJSON(f float64) JSON { return JSON{Kind: KindReal, Float: f} }

// BoolJSON makes a JSON bool.
func BoolJSON(b bool) JSON {
	if b {
		return JSON{Kind: KindBool, Num: 1}
	}
	return JSON{Kind: KindBool}
}

// JSON is the value as part of a dynamic: numbers and bools as such, a dynamic
// as itself, everything else as its text.
func (v Value) JSON() JSON {
	if v.Null {
		return JSON{}
	}
	switch v.Type {
	case Bool:
		return JSON{Kind: KindBool, Num: v.Num}
	case Int, Long:
		return LongJSON(v.Num)
	case Real:
		return RealJSON(v.Float)
	case Dynamic:
		j, ok := ParseJSON(v.Text)
		if !ok {
			return TextJSON(v.Text)
		}
		return j
	}
	return TextJSON(v.String())
}

// Value makes a dynamic of j, the null of dynamic where j is null.
func (j JSON) Value() Value {
	if j.Kind == KindNull {
		return NullOf(Dynamic)
	}
	return JSONOf(j.String())
}

// String is compact JSON.
func (j JSON) String() string { return string(j.Append(nil)) }

// Append appends compact JSON.
func (j JSON) Append(b []byte) []byte {
	switch j.Kind {
	case KindBool:
		return strconv.AppendBool(b, j.Num != 0)
	case KindLong:
		return strconv.AppendInt(b, j.Num, 10)
	case KindReal:
		return appendJSONReal(b, j.Float)
	case KindString:
		return AppendQuoted(b, j.Text)
	case KindArray:
		b = append(b, '[')
		for i, x := range j.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = x.Append(b)
		}
		return append(b, ']')
	case KindBag:
		b = append(b, '{')
		for i, x := range j.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(AppendQuoted(b, j.Keys[i]), ':')
			b = x.Append(b)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

// appendJSONReal writes what JSON can't write as a number as its name.
func appendJSONReal(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	return AppendReal(b, f)
}

const hexDigits = "0123456789abcdef"

// QuoteJSON writes a JSON string.
func QuoteJSON(s string) string { return string(AppendQuoted(make([]byte, 0, len(s)+2), s)) }

// AppendQuoted appends a JSON string. Bytes that are not UTF-8 become U+FFFD.
func AppendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		b = appendEscape(append(b, s[from:i]...), c)
		i += size
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	}
	if c >= utf8.RuneSelf {
		return append(b, "\uFFFD"...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// Sorted is j with the keys of every bag in order.
func (j JSON) Sorted() JSON {
	out := j
	out.Items = make([]JSON, len(j.Items))
	for i, x := range j.Items {
		out.Items[i] = x.Sorted()
	}
	if j.Kind != KindBag {
		return out
	}
	order := make([]int, len(j.Keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(j.Keys[a], j.Keys[b]) })
	items := out.Items
	out.Items, out.Keys = make([]JSON, len(items)), make([]string, len(items))
	for to, from := range order {
		out.Items[to], out.Keys[to] = items[from], j.Keys[from]
	}
	return out
}
