package alert

import (
	"bytes"
	"errors"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// This file reads JSON text in two steps. check goes over foreign bytes once
// and refuses everything that is not one well-formed, sufficiently shallow
// value with unique names and valid UTF-8. Everything after it walks text that
// has passed check, so the walkers below need not repeat any of that.

var decoders = sync.Pool{New: func() any { return jsontext.NewDecoder(new(bytes.Buffer)) }}

// check refuses data that is not exactly one JSON value within the limits and
// tells whether it holds white space between its tokens.
func check(data []byte, lim Limits) (spaced bool, err *FieldError) {
	if len(data) > lim.MaxBytes {
		return false, refuse(ErrTooLarge, "%d bytes, at most %d are read", len(data), lim.MaxBytes)
	}
	depth, spaced := shape(data)
	if depth > lim.MaxDepth {
		return false, refuse(ErrTooDeep, "nested %d deep, at most %d is read", depth, lim.MaxDepth)
	}
	dec := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(dec)
	dec.Reset(bytes.NewBuffer(data))
	if _, serr := dec.ReadValue(); serr != nil {
		return false, syntaxError(serr)
	}
	if len(bytes.TrimLeft(dec.UnreadBuffer(), " \t\r\n")) != 0 {
		return false, refuse(ErrSyntax, "more text after the end of the value at byte %d", dec.InputOffset())
	}
	return spaced, nil
}

// shape measures the nesting of text that may be anything.
func shape(data []byte) (deepest int, spaced bool) {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = stringEnd(data, i) - 1
		case '{', '[':
			if depth++; depth > deepest {
				deepest = depth
			}
		case '}', ']':
			depth--
		case ' ', '\t', '\r', '\n':
			spaced = true
		}
	}
	return deepest, spaced
}

func syntaxError(err error) *FieldError {
	fe := &FieldError{Err: ErrSyntax, Reason: "not valid JSON"}
	var se *jsontext.SyntacticError
	if !errors.As(err, &se) {
		fe.Reason = Visible(err.Error())
		return fe
	}
	fe.Path = string(se.JSONPointer)
	switch {
	case errors.Is(se.Err, jsontext.ErrDuplicateName):
		fe.Err, fe.Reason = ErrDuplicate, "member name occurs twice"
	case se.Err != nil && strings.Contains(se.Err.Error(), "UTF-8"):
		fe.Err, fe.Reason = ErrEncoding, "not valid UTF-8"
	case se.Err != nil:
		fe.Reason = "not valid JSON: " + Excerpt(se.Err.Error(), 200)
	}
	return fe
}

// stringEnd gives the position after the string that starts at i, or len(b)
// for a string without an end.
func stringEnd(b []byte, i int) int {
	start := i + 1
	for i = start; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b)
		}
		i += n
		slashes := 0
		for j := i - 1; j >= start && b[j] == '\\'; j-- {
			slashes++
		}
		// An odd number of back slashes escapes the quote.
		if slashes%2 == 0 {
			return i + 1
		}
	}
}

// valueEnd gives the position after the checked value that starts at i.
func valueEnd(b []byte, i int) int {
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '{', '[':
		return containerEnd(b, i)
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' {
		i++
	}
	return i
}

func containerEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

// walk goes over the members of an object or the items of a list of checked
// text without white space.
type walk struct {
	b    []byte
	next int
}

func walkInto(container []byte) walk { return walk{b: container, next: 1} }

// member gives the next quoted name and value, or false at the end.
func (w *walk) member() (name, value []byte, ok bool) {
	if w.next >= len(w.b)-1 {
		return nil, nil, false
	}
	end := stringEnd(w.b, w.next)
	name = w.b[w.next:end]
	from := end + 1
	to := valueEnd(w.b, from)
	w.next = to + 1
	return name, w.b[from:to], true
}

// item gives the next value of a list, or false at the end.
func (w *walk) item() (value []byte, ok bool) {
	if w.next >= len(w.b)-1 {
		return nil, false
	}
	to := valueEnd(w.b, w.next)
	value = w.b[w.next:to]
	w.next = to + 1
	return value, true
}

// items gives the values of a list, stopping behind limit.
func items(list []byte, limit int) [][]byte {
	w := walkInto(list)
	var out [][]byte
	for len(out) <= limit {
		value, ok := w.item()
		if !ok {
			break
		}
		if out == nil {
			out = make([][]byte, 0, 8)
		}
		out = append(out, value)
	}
	return out
}

// unquote gives the text of a checked JSON string. The result aliases quoted
// where it holds no escape.
func unquote(quoted []byte) []byte {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	out, err := jsontext.AppendUnquote(make([]byte, 0, len(inner)), quoted)
	if err != nil {
		return inner
	}
	return out
}

func appendQuote(dst []byte, s string) []byte {
	out, err := jsontext.AppendQuote(dst, s)
	if err != nil {
		out, _ = jsontext.AppendQuote(dst, strings.ToValidUTF8(s, "\ufffd"))
	}
	return out
}

func isNull(raw []byte) bool { return len(raw) == 4 && raw[0] == 'n' }

func kindName(raw []byte) string {
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// Check refuses data that is not exactly one JSON value within the limits, with
// unique member names and valid UTF-8. The error is a *FieldError.
func Check(data []byte, lim Limits) error {
	if _, err := check(data, lim.orDefaults()); err != nil {
		return err
	}
	return nil
}
