package source

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Object is one foreign JSON object whose members are read leniently: a wrong
// type reads as nothing. Names are looked up as they are written.
type Object map[string]jsontext.Value

// ParseObject checks a whole record against the limits and opens its outermost
// object.
func ParseObject(record jsontext.Value, lim alert.Limits) (Object, error) {
	if err := alert.Check(record, lim); err != nil {
		return nil, err
	}
	o := Peek(record)
	if o == nil {
		return nil, &alert.FieldError{Reason: "the record is not an object", Err: alert.ErrType}
	}
	return o, nil
}

// Peek opens an object without complaint and without copying: the members alias
// raw. What is no object gives nil.
func Peek(raw jsontext.Value) Object {
	o := Object{}
	if !members(raw, func(name string, value jsontext.Value) { o[name] = value }) {
		return nil
	}
	return o
}

// Has reports whether the member is there and not null.
func (o Object) Has(name string) bool {
	v, ok := o[name]
	return ok && v.Kind() != 'n'
}

// Text gives the first of the named members that is a non-empty string or a
// number, as text without surrounding space. Placeholders for "nothing" count
// as empty.
func (o Object) Text(names ...string) string {
	for _, name := range names {
		if s := ValueText(o[name]); s != "" {
			return s
		}
	}
	return ""
}

// ValueText gives a string or number as text, and "" for anything else or for a
// placeholder such as "N/A".
func ValueText(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		out, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return ""
		}
		return Meaningful(string(out))
	case '0':
		return string(v)
	case 't', 'f':
		return string(v)
	}
	return ""
}

// Meaningful trims s and empties it where it only says "nothing".
func Meaningful(s string) string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "-", "--", "n/a", "na", "null", "none", "(null)", "<null>":
		return ""
	}
	return s
}

// Object gives the named member as an object, or nil.
func (o Object) Object(name string) Object { return Peek(o[name]) }

// Inner gives the object that the named member holds, either directly or as
// JSON text inside a string.
func (o Object) Inner(name string) Object { return Peek(o.Embedded(name)) }

// Embedded gives the JSON value of a member, opening JSON text in a string.
func (o Object) Embedded(name string) jsontext.Value {
	v := o[name]
	if v.Kind() != '"' {
		return v
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil || !jsontext.Value(text).IsValid() {
		return nil
	}
	out := jsontext.Value(text)
	if err := out.Compact(); err != nil {
		return nil
	}
	return out
}

// List gives the items of a list member; a single value counts as a list of
// one.
func (o Object) List(name string) []jsontext.Value { return Items(o[name]) }

// Items gives the items of a list; a single value counts as a list of one.
func Items(v jsontext.Value) []jsontext.Value {
	switch v.Kind() {
	case '[':
		var out []jsontext.Value
		items(v, func(item jsontext.Value) { out = append(out, item) })
		return out
	case 'n', 0:
		return nil
	}
	return []jsontext.Value{v}
}

// Texts gives the texts of a list of strings or numbers, without empty ones.
func (o Object) Texts(name string) []string {
	var out []string
	for _, v := range o.List(name) {
		if s := ValueText(v); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Int gives a whole number, also from a string, or 0.
func (o Object) Int(names ...string) int64 {
	n, err := strconv.ParseInt(o.Text(names...), 0, 64)
	if err != nil {
		return 0
	}
	return n
}

// Time reads the first named member that is there as a time. A member that is
// no time is an error that names it.
func (o Object) Time(names ...string) (time.Time, error) {
	for _, name := range names {
		text := o.Text(name)
		if text == "" {
			continue
		}
		t, err := alert.ParseTime(text)
		if err != nil {
			return t, &alert.FieldError{Path: "/" + name, Err: alert.ErrTime, Reason: fmt.Sprintf("%q is not a time", alert.Excerpt(text, 40))}
		}
		return t, nil
	}
	return time.Time{}, nil
}

// LooseTime reads a time where a wrong or absurd one is no reason to refuse the
// alert.
func (o Object) LooseTime(names ...string) time.Time {
	t, err := o.Time(names...)
	if lim := alert.DefaultLimits(); err != nil || t.Before(lim.Earliest) || !t.Before(lim.Latest) {
		return time.Time{}
	}
	return t
}

// The bounds of what Extra copies: an alert is no place for whole logs, and the
// caller keeps the raw record.
const (
	extraMembers = 64
	extraBytes   = 16 << 10
	extraValue   = 4 << 10
)

// Extra copies the members of o that are not in taken into a bag for
// AdditionalData. Long values are left out and named in "omitted".
func (o Object) Extra(taken ...string) map[string]any {
	skip := make(map[string]bool, len(taken))
	for _, name := range taken {
		skip[name] = true
	}
	bag, size := map[string]any{}, 0
	var omitted []any
	for _, name := range o.names() {
		v := o[name]
		if skip[name] || v.Kind() == 'n' || string(v) == `""` || name == "" {
			continue
		}
		if len(bag) >= extraMembers || len(v) > extraValue || size+len(v) > extraBytes {
			if len(omitted) < extraMembers && len(name) < 256 {
				omitted = append(omitted, name)
			}
			continue
		}
		var value any
		if json.Unmarshal(v, &value) == nil {
			bag[name] = value
			size += len(v) + len(name)
		}
	}
	if len(omitted) > 0 {
		bag["omitted"] = omitted
	}
	if len(bag) == 0 {
		return nil
	}
	return bag
}

func (o Object) names() []string {
	return sortedNames(o)
}
