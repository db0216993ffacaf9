package source

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// The walkers below find members and items in JSON text by its brackets alone,
// without copying. They never read outside the text, whatever it holds; what
// they give is right for valid JSON. Text is checked once, as a whole, by
// ParseObject; taking it apart level by level with a checking decoder would
// check the inner levels again and again.

// members calls each for every member of the object b and reports whether b has
// the brackets of an object.
func members(b []byte, each func(name string, value jsontext.Value)) bool {
	i := behindSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return false
	}
	i = behindSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return true
	}
	for {
		end := behindText(b, i)
		if end < 0 {
			return false
		}
		name := b[i:end]
		if i = behindSpace(b, end); i >= len(b) || b[i] != ':' {
			return false
		}
		i = behindSpace(b, i+1)
		if end = behindValue(b, i); end < 0 {
			return false
		}
		each(memberName(name), jsontext.Value(b[i:end]))
		if i = behindSpace(b, end); i >= len(b) || b[i] != ',' {
			return i < len(b) && b[i] == '}'
		}
		i = behindSpace(b, i+1)
	}
}

// items calls each for every item of the list b and reports whether b has the
// brackets of a list.
func items(b []byte, each func(value jsontext.Value)) bool {
	i := behindSpace(b, 0)
	if i >= len(b) || b[i] != '[' {
		return false
	}
	i = behindSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return true
	}
	for {
		end := behindValue(b, i)
		if end < 0 {
			return false
		}
		each(jsontext.Value(b[i:end]))
		if i = behindSpace(b, end); i >= len(b) || b[i] != ',' {
			return i < len(b) && b[i] == ']'
		}
		i = behindSpace(b, i+1)
	}
}

func memberName(quoted []byte) string {
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	out, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return ""
	}
	return string(out)
}

func behindSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// behindText gives the position after the string at i, or -1.
func behindText(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// behindValue gives the position after the value at i, or -1.
func behindValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return behindText(b, i)
	case '{', '[':
		return behindBrackets(b, i)
	}
	start := i
	for i < len(b) && bytes.IndexByte([]byte(",]}: \n\r\t\"[{"), b[i]) < 0 {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

func behindBrackets(b []byte, i int) int {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			end := behindText(b, i)
			if end < 0 {
				return -1
			}
			i = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
