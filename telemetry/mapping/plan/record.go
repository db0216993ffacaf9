// Package plan turns records into rows by written-down plans: which key of a
// record fills which column of which table, and how its value is converted.
//
// A plan is a text that people can read beside the documentation of the source.
// It is compiled once, against the schemas, so that a column that does not exist
// is found before the first event comes.
package plan

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/valyala/fastjson"
)

// Limits of one record. What is beyond them is an error and not cut, since half
// an event is worse than an event that is known to be missing.
type Limits struct {
	Size   int // bytes
	Depth  int // of nested objects and arrays
	Fields int // values in the whole record
}

// DefaultLimits are far above what any of the known sources sends.
var DefaultLimits = Limits{Size: 4 << 20, Depth: 64, Fields: 20_000}

// FieldError says which field of a record cannot be read, and why.
type FieldError struct {
	Field  string
	Reason string
}

func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Reason
	}
	return e.Field + ": " + e.Reason
}

// Refuse makes a FieldError.
func Refuse(field, format string, args ...any) error {
	return &FieldError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

var trueText, falseText = []byte("true"), []byte("false")

// Value is the value of one key: a JSON value, or a plain text of a format
// without types.
type Value struct {
	JSON *fastjson.Value
	Text []byte
}

// TextOf returns a plain text.
func TextOf(p []byte) Value { return Value{Text: p} }

// Bytes returns the text of a value: a string without its quotes, a number or a
// bool as it is written. ok is false for null, objects and arrays.
func (v Value) Bytes() (text []byte, ok bool) { return v.bytes(nil) }

// bytes is Bytes with room for a number.
func (v Value) bytes(room []byte) (text []byte, ok bool) {
	if v.JSON == nil {
		return v.Text, true
	}
	switch v.JSON.Type() {
	case fastjson.TypeString:
		return v.JSON.GetStringBytes(), true
	case fastjson.TypeNumber:
		return v.JSON.MarshalTo(room), true
	case fastjson.TypeTrue:
		return trueText, true
	case fastjson.TypeFalse:
		return falseText, true
	}
	return nil, false
}

// empty tells whether a value says nothing: null, an empty text, or the hyphen
// that Windows and Sysmon write for "none".
func (v Value) empty() bool {
	if v.JSON == nil {
		return len(v.Text) == 0
	}
	switch v.JSON.Type() {
	case fastjson.TypeNull:
		return true
	case fastjson.TypeString:
		return len(v.JSON.GetStringBytes()) == 0
	}
	return false
}

// Pair is one key of a record.
type Pair struct {
	Key   string
	Value Value
}

// Record is one event, taken apart. Its bytes are those of the reader's buffer
// and valid until the next record is read.
type Record struct {
	Pairs  []Pair
	Size   int             // bytes as it came
	Object *fastjson.Value // the whole, when it is JSON
	// Own is how many pairs, from the first on, are the event's own; those after
	// them were derived from it, so that they never belong to the rest. 0: all.
	Own int

	used []bool
}

// Reset empties the record.
func (r *Record) Reset() { r.Pairs, r.Object, r.Size, r.Own = r.Pairs[:0], nil, 0, 0 }

// Add appends a pair.
func (r *Record) Add(key string, v Value) { r.Pairs = append(r.Pairs, Pair{Key: key, Value: v}) }

// EndOwn says that the pairs so far are the event's own, and adds the whole of a
// JSON record as System.Raw. What is added after it is derived.
func (r *Record) EndOwn() {
	r.Own = max(len(r.Pairs), 1)
	if r.Object != nil {
		r.Add("System.Raw", Value{JSON: r.Object})
	}
}

// AddText adds a derived text, unless it is empty.
func (r *Record) AddText(key, text string) {
	if text != "" {
		r.Add(key, TextOf([]byte(text)))
	}
}

// Get returns the first value of a key.
func (r *Record) Get(key string) (Value, bool) {
	for i := range r.Pairs {
		if r.Pairs[i].Key == key {
			return r.Pairs[i].Value, true
		}
	}
	return Value{}, false
}

// Text returns the text of a key, nil when there is none.
func (r *Record) Text(key string) []byte {
	v, ok := r.Get(key)
	if !ok {
		return nil
	}
	p, _ := v.Bytes()
	return p
}

// Fold is Text for a key that may be written in any case.
func (r *Record) Fold(key string) []byte {
	for i := range r.Pairs {
		if len(r.Pairs[i].Key) == len(key) && strings.EqualFold(r.Pairs[i].Key, key) {
			p, _ := r.Pairs[i].Value.Bytes()
			return p
		}
	}
	return nil
}

// Has tells whether all of the keys are there.
func (r *Record) Has(keys ...string) bool {
	for _, k := range keys {
		if _, ok := r.Get(k); !ok {
			return false
		}
	}
	return true
}

// Reader parses JSON records. It is not safe for use by several goroutines.
type Reader struct {
	Limits Limits
	parser fastjson.Parser
	visit  func([]byte, *fastjson.Value)
	into   *Record
}

var errNotObject = errors.New("not a JSON object")

// Read parses one JSON object into rec. Text that is no UTF-8 becomes U+FFFD, as
// an event is worth more than one of its characters.
func (r *Reader) Read(data []byte, rec *Record) error {
	rec.Reset()
	if len(data) > r.Limits.Size {
		return Refuse("", "%d bytes, at most %d are taken", len(data), r.Limits.Size)
	}
	rec.Size = len(data)
	if !utf8.Valid(data) {
		data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
	}
	v, err := r.parser.ParseBytes(data)
	if err != nil {
		return fmt.Errorf("no JSON: %w", shorten(err))
	}
	if v.Type() != fastjson.TypeObject {
		return errNotObject
	}
	rec.Object = v
	r.Pairs(v, rec)
	left := r.Limits.Fields - len(rec.Pairs)
	if left < 0 {
		return Refuse("", "too many values")
	}
	for i := range rec.Pairs {
		if t := rec.Pairs[i].Value.JSON.Type(); t != fastjson.TypeObject && t != fastjson.TypeArray {
			continue
		}
		if err := measure(rec.Pairs[i].Value.JSON, r.Limits.Depth-1, &left); err != nil {
			return Refuse(rec.Pairs[i].Key, "%s", err)
		}
	}
	return nil
}

// Pairs appends the keys of an object to rec.
func (r *Reader) Pairs(object *fastjson.Value, rec *Record) {
	if r.visit == nil {
		r.visit = func(key []byte, v *fastjson.Value) {
			r.into.Pairs = append(r.into.Pairs, Pair{Key: bytesAsString(key), Value: Value{JSON: v}})
		}
	}
	o, err := object.Object()
	if err != nil {
		return
	}
	r.into = rec
	o.Visit(r.visit)
	r.into = nil
}

// bytesAsString is a string over bytes that do not change while it is used: the
// parser's, until the next record.
func bytesAsString(p []byte) string { return unsafe.String(unsafe.SliceData(p), len(p)) }

// measure walks a value to see that it is within its limits.
func measure(v *fastjson.Value, depth int, left *int) error {
	*left--
	if *left < 0 {
		return Refuse("", "too many values")
	}
	switch v.Type() {
	case fastjson.TypeObject:
		if depth == 0 {
			return Refuse("", "nested too deep")
		}
		var err error
		o, _ := v.Object()
		o.Visit(func(key []byte, v *fastjson.Value) {
			if err == nil {
				err = measure(v, depth-1, left)
			}
		})
		return err
	case fastjson.TypeArray:
		if depth == 0 {
			return Refuse("", "nested too deep")
		}
		for _, e := range v.GetArray() {
			if err := measure(e, depth-1, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// shorten keeps the parser's message to one readable line: it quotes what is
// left of the record.
func shorten(err error) error {
	const most = 160
	s := err.Error()
	if len(s) <= most {
		return err
	}
	return errors.New(string(bytes.ToValidUTF8([]byte(s[:most]), nil)) + "…")
}
