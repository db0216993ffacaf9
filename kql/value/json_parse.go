package value

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ParseJSON takes JSON text apart. It refuses text nested deeper than 256. Of
// several equal keys the last one counts.
func ParseJSON(s string) (JSON, bool) {
	p := jsonParser{s: s}
	j, ok := p.value(0)
	p.space()
	return j, ok && p.i == len(s)
}

type jsonParser struct {
	s string
	i int
}

func (p *jsonParser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *jsonParser) next() byte {
	p.space()
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *jsonParser) word(w string, j JSON) (JSON, bool) {
	if !strings.HasPrefix(p.s[p.i:], w) {
		return JSON{}, false
	}
	p.i += len(w)
	return j, true
}

func (p *jsonParser) value(depth int) (JSON, bool) {
	if depth > maxJSONDepth {
		return JSON{}, false
	}
	switch c := p.next(); {
	case c == '{':
		return p.bag(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, ok := p.text()
		return TextJSON(s), ok
	case c == 't':
		return p.word("true", BoolJSON(true))
	case c == 'f':
		return p.word("false", BoolJSON(false))
	case c == 'n':
		return p.word("null", JSON{})
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	return JSON{}, false
}

func (p *jsonParser) bag(depth int) (JSON, bool) {
	j := JSON{Kind: KindBag}
	var seen map[string]int
	p.i++
	if p.next() == '}' {
		p.i++
		return j, true
	}
	for {
		if p.next() != '"' {
			return j, false
		}
		key, ok := p.text()
		if !ok || p.next() != ':' {
			return j, false
		}
		p.i++
		v, ok := p.value(depth + 1)
		if !ok {
			return j, false
		}
		seen = j.put(seen, key, v)
		switch p.next() {
		case ',':
			p.i++
		case '}':
			p.i++
			return j, true
		default:
			return j, false
		}
	}
}

// put is Set with an index of the keys once there are many, so that hostile
// bags stay linear.
func (j *JSON) put(seen map[string]int, key string, v JSON) map[string]int {
	if seen == nil {
		if len(j.Keys) < 16 {
			j.Set(key, v)
			return nil
		}
		seen = make(map[string]int, 2*len(j.Keys))
		for i, k := range j.Keys {
			seen[k] = i
		}
	}
	if i, ok := seen[key]; ok {
		j.Items[i] = v
		return seen
	}
	seen[key] = len(j.Keys)
	j.Keys, j.Items = append(j.Keys, key), append(j.Items, v)
	return seen
}

func (p *jsonParser) array(depth int) (JSON, bool) {
	j := JSON{Kind: KindArray}
	p.i++
	if p.next() == ']' {
		p.i++
		return j, true
	}
	for {
		v, ok := p.value(depth + 1)
		if !ok {
			return j, false
		}
		j.Items = append(j.Items, v)
		switch p.next() {
		case ',':
			p.i++
		case ']':
			p.i++
			return j, true
		default:
			return j, false
		}
	}
}

func (p *jsonParser) number() (JSON, bool) {
	from := p.i
	whole := true
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c == '.' || c == 'e' || c == 'E' || c == '+' {
			whole = false
		} else if c != '-' && (c < '0' || c > '9') {
			break
		}
		p.i++
	}
	text := p.s[from:p.i]
	if digits := strings.TrimPrefix(text, "-"); digits == "" || len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return JSON{}, false
	}
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return LongJSON(n), true
		}
	}
	f := ParseReal(text)
	return RealJSON(f.Float), !f.Null
}

// text reads a string; the parser stands at its quote.
func (p *jsonParser) text() (string, bool) {
	from := p.i + 1
	for i := from; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.i = i + 1
			return p.s[from:i], true
		case c == '\\':
			return p.escaped(from, i)
		case c < ' ':
			return "", false
		}
	}
	return "", false
}

func (p *jsonParser) escaped(from, at int) (string, bool) {
	b := append(make([]byte, 0, len(p.s[from:at])+16), p.s[from:at]...)
	for p.i = at; p.i < len(p.s); {
		c := p.s[p.i]
		p.i++
		switch {
		case c == '"':
			return string(b), true
		case c < ' ':
			return "", false
		case c != '\\':
			b = append(b, c)
		default:
			var ok bool
			if b, ok = p.escape(b); !ok {
				return "", false
			}
		}
	}
	return "", false
}

func (p *jsonParser) escape(b []byte) ([]byte, bool) {
	if p.i >= len(p.s) {
		return b, false
	}
	c := p.s[p.i]
	p.i++
	switch c {
	case '"', '\\', '/':
		return append(b, c), true
	case 'n':
		return append(b, '\n'), true
	case 't':
		return append(b, '\t'), true
	case 'r':
		return append(b, '\r'), true
	case 'b':
		return append(b, '\b'), true
	case 'f':
		return append(b, '\f'), true
	case 'u':
		return p.codeUnit(b)
	}
	return b, false
}

func (p *jsonParser) codeUnit(b []byte) ([]byte, bool) {
	r, ok := p.hex4()
	if !ok {
		return b, false
	}
	if utf16.IsSurrogate(r) && strings.HasPrefix(p.s[p.i:], `\u`) {
		p.i += 2
		low, ok := p.hex4()
		if !ok {
			return b, false
		}
		r = utf16.DecodeRune(r, low)
	}
	return utf8.AppendRune(b, r), true
}

func (p *jsonParser) hex4() (rune, bool) {
	if len(p.s)-p.i < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.i:p.i+4], 16, 32)
	p.i += 4
	return rune(n), err == nil
}

// unquoteJSON reads text that is one JSON string.
func unquoteJSON(text string) (string, bool) {
	p := jsonParser{s: text}
	s, ok := p.text()
	return s, ok && p.i == len(text)
}

// skip goes over one value without taking it apart. It trusts the text to be
// JSON, as that of a Dynamic is.
func (p *jsonParser) skip() bool {
	depth := 0
	for {
		switch c := p.next(); c {
		case 0:
			return false
		case '{', '[':
			depth++
			p.i++
		case '}', ']':
			depth--
			p.i++
		case ',', ':':
			p.i++
		case '"':
			if !p.skipText() {
				return false
			}
		default:
			for p.i < len(p.s) && strings.IndexByte(",]}: \t\r\n", p.s[p.i]) < 0 {
				p.i++
			}
		}
		if depth <= 0 {
			return depth == 0
		}
	}
}

func (p *jsonParser) skipText() bool {
	for i := p.i + 1; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '"':
			p.i = i + 1
			return true
		}
	}
	return false
}
