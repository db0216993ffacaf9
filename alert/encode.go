package alert

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Encoding lays the fields of the Go values over the document from which they
// came. Per property:
//
//   - the document's text stands where it says what the field says (the same
//     string, number or instant), where the property is unknown, and where the
//     field is empty and the document's value is empty too (null, "", 0, []);
//   - else the field's value stands, or null where a text, time or object was
//     cleared;
//   - fields that the document lacks follow at the end.

// AppendJSON appends the alert in Graph form, on one line, to dst. It fails
// only on values that no JSON can hold, such as NaN.
func (a *Alert) AppendJSON(dst []byte) ([]byte, error) {
	e := encoder{}
	if len(a.doc) == 0 {
		dst = append(dst, `{"@odata.type":"`+alertODataType+`"`...)
		dst = e.fields(dst, reflect.ValueOf(a).Elem(), alertPlan, nil, true)
		return append(dst, '}'), e.err
	}
	dst = e.object(dst, reflect.ValueOf(a).Elem(), alertPlan, a.doc)
	return dst, e.err
}

// MarshalJSON implements json.Marshaler of the standard library and of
// go-json-experiment.
func (a *Alert) MarshalJSON() ([]byte, error) {
	return a.AppendJSON(make([]byte, 0, len(a.doc)+512))
}

// MarshalJSONTo implements json.MarshalerTo of go-json-experiment.
func (a *Alert) MarshalJSONTo(enc *jsontext.Encoder) error {
	text, err := a.MarshalJSON()
	if err != nil {
		return err
	}
	return enc.WriteValue(text)
}

// UnmarshalJSON implements json.Unmarshaler with the default limits.
func (a *Alert) UnmarshalJSON(data []byte) error {
	return a.decode(data, DefaultLimits())
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom of go-json-experiment with
// the default limits.
func (a *Alert) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	data, err := dec.ReadValue()
	if err != nil {
		return err
	}
	return a.decode(data, DefaultLimits())
}

// AppendEvidence appends one evidence object in Graph form to dst.
func AppendEvidence(dst []byte, ev Evidence) ([]byte, error) {
	if ev == nil {
		return append(dst, "null"...), nil
	}
	e := encoder{}
	dst = e.evidence(dst, reflect.ValueOf(ev))
	return dst, e.err
}

// encoder remembers the first value that has no JSON form.
type encoder struct {
	err error
}

// object writes v over the document doc.
func (e *encoder) object(dst []byte, v reflect.Value, p *plan, doc []byte) []byte {
	var seen [maxFields]bool
	dst = append(dst, '{')
	first := true
	w := walkInto(doc)
	for {
		name, value, ok := w.member()
		if !ok {
			break
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(dst, name...), ':')
		f := p.field(name)
		if f == nil {
			dst = append(dst, value...)
			continue
		}
		seen[p.byName[f.name]] = true
		dst = e.over(dst, v.FieldByIndex(f.index), f.plan, value)
	}
	dst = e.fields(dst, v, p, &seen, !first)
	return append(dst, '}')
}

// fields writes the filled fields that were not seen in a document.
func (e *encoder) fields(dst []byte, v reflect.Value, p *plan, seen *[maxFields]bool, comma bool) []byte {
	for i := range p.fields {
		f := &p.fields[i]
		if seen != nil && seen[i] {
			continue
		}
		fv := v.FieldByIndex(f.index)
		if empty(fv) {
			continue
		}
		if comma {
			dst = append(dst, ',')
		}
		comma = true
		dst = append(dst, f.quoted...)
		dst = e.value(dst, fv, f.plan, nil)
	}
	return dst
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	return v.IsZero()
}

// over writes a field for which the document holds the value raw.
func (e *encoder) over(dst []byte, v reflect.Value, p *plan, raw []byte) []byte {
	if !empty(v) {
		return e.value(dst, v, p, raw)
	}
	if emptyText(raw, p) {
		return append(dst, raw...)
	}
	switch p.kind {
	case kindInt, kindFloat:
		return append(dst, '0')
	case kindBool:
		return append(dst, "false"...)
	case kindList:
		return append(dst, "[]"...)
	case kindBag:
		return append(dst, "{}"...)
	}
	return append(dst, "null"...)
}

// emptyText reports whether a document's value means an empty field.
func emptyText(raw []byte, p *plan) bool {
	switch raw[0] {
	case 'n', 'f':
		return true
	case '"':
		if len(raw) == 2 {
			return true
		}
		switch p.kind {
		case kindTime:
			t, _, err := parseTime(string(unquote(raw)))
			return err == nil && t.IsZero()
		case kindInt, kindFloat:
			return numberIsZero(raw)
		}
		return false
	case '[', '{':
		return len(raw) == 2 && (p.kind == kindList || p.kind == kindBag)
	case 't':
		return false
	}
	return numberIsZero(raw)
}

func numberIsZero(raw []byte) bool {
	text, err := numberText(raw)
	if err != nil {
		return false
	}
	f, perr := strconv.ParseFloat(string(text), 64)
	return perr == nil && f == 0
}

// value writes v. Raw is the document's value, or nil.
func (e *encoder) value(dst []byte, v reflect.Value, p *plan, raw []byte) []byte {
	if isNull(raw) {
		raw = nil
	}
	switch p.kind {
	case kindStruct:
		return e.structure(dst, v, p, raw)
	case kindTyped:
		return e.evidence(dst, v)
	case kindEvidence:
		return e.evidence(dst, v.Elem())
	case kindList:
		return e.list(dst, v, p, raw)
	case kindBag:
		return e.bag(dst, v, raw)
	}
	if raw != nil && sameScalar(v, p, raw) {
		return append(dst, raw...)
	}
	return e.scalar(dst, v, p)
}

func (e *encoder) scalar(dst []byte, v reflect.Value, p *plan) []byte {
	switch p.kind {
	case kindInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case kindBool:
		return strconv.AppendBool(dst, v.Bool())
	case kindTime:
		return appendTime(dst, timeOf(v))
	case kindFloat:
		text, err := json.Marshal(v.Float())
		if err != nil {
			e.fail(err)
			return append(dst, "null"...)
		}
		return append(dst, text...)
	}
	return appendQuote(dst, v.String())
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = fmt.Errorf("encode alert: %w", err)
	}
}

// sameScalar reports whether the document's text already says v in a form that
// Graph clients read.
func sameScalar(v reflect.Value, p *plan, raw []byte) bool {
	switch p.kind {
	case kindString, kindEnum, kindODataType:
		return raw[0] == '"' && string(unquote(raw)) == v.String()
	case kindBool:
		return (raw[0] == 't') == v.Bool()
	case kindTime:
		if raw[0] != '"' {
			return false
		}
		t, strict, err := parseTime(string(unquote(raw)))
		return err == nil && strict && t.Equal(timeOf(v))
	}
	text, ferr := numberText(raw)
	if ferr != nil {
		return false
	}
	if p.kind == kindInt {
		n, ok := parseInteger(string(text))
		return ok && n == v.Int()
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return err == nil && f == v.Float()
}

func (e *encoder) structure(dst []byte, v reflect.Value, p *plan, raw []byte) []byte {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return append(dst, "null"...)
		}
		v = v.Elem()
	}
	if raw != nil && raw[0] == '{' {
		return e.object(dst, v, p, raw)
	}
	dst = append(dst, '{')
	dst = e.fields(dst, v, p, nil, false)
	return append(dst, '}')
}

// evidence writes evidence over its own document, which travels with it.
func (e *encoder) evidence(dst []byte, v reflect.Value) []byte {
	if !v.IsValid() || v.IsNil() {
		return append(dst, "null"...)
	}
	p := plans[v.Type()]
	if p == nil {
		e.fail(fmt.Errorf("%s is no evidence type of this package", v.Type()))
		return append(dst, "null"...)
	}
	base := v.Interface().(Evidence).Base()
	if len(base.doc) > 0 {
		return e.object(dst, v.Elem(), p, base.doc)
	}
	dst = append(dst, '{')
	comma := false
	if name := shortNames[v.Type()]; name != "" && base.ODataType == "" {
		dst = append(dst, `"@odata.type":"`+odataPrefix+name+`"`...)
		comma = true
	}
	dst = e.fields(dst, v.Elem(), p, nil, comma)
	return append(dst, '}')
}

func (e *encoder) list(dst []byte, v reflect.Value, p *plan, raw []byte) []byte {
	var docs [][]byte
	if raw != nil && raw[0] == '[' && p.elem.kind != kindEvidence {
		docs = items(raw, len(raw))
	}
	aligned := len(docs) == v.Len()
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		var doc []byte
		if aligned {
			doc = docs[i]
		} else {
			doc = take(docs, v.Index(i), p.elem)
		}
		dst = e.item(dst, v.Index(i), p.elem, doc)
	}
	return append(dst, ']')
}

// item writes one item of a list. A null of the document stands for an empty
// item.
func (e *encoder) item(dst []byte, v reflect.Value, p *plan, doc []byte) []byte {
	if isNull(doc) && (v.IsZero() || v.Kind() == reflect.Pointer && v.Elem().IsZero()) {
		return append(dst, doc...)
	}
	return e.value(dst, v, p, doc)
}

// take finds the document of an item in a list that grew or shrank: the first
// one left that says the same. It is marked as taken.
func take(docs [][]byte, v reflect.Value, p *plan) []byte {
	for i, doc := range docs {
		if doc == nil || isNull(doc) {
			continue
		}
		e := encoder{}
		if text := e.value(nil, v, p, doc); bytes.Equal(text, doc) {
			docs[i] = nil
			return doc
		}
	}
	return nil
}

// bag writes an open dictionary. Members whose value did not change keep their
// text, so that numbers beyond float64 survive.
func (e *encoder) bag(dst []byte, v reflect.Value, raw []byte) []byte {
	bag := v.Interface().(map[string]any)
	kept := map[string]bool{}
	dst = append(dst, '{')
	first := true
	put := func(name string, text []byte) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(appendQuote(dst, name), ':'), text...)
		kept[name] = true
	}
	if raw != nil && raw[0] == '{' {
		w := walkInto(raw)
		for {
			quoted, value, ok := w.member()
			if !ok {
				break
			}
			name := string(unquote(quoted))
			now, ok := bag[name]
			if !ok {
				continue
			}
			put(name, e.anyOver(now, value))
		}
	}
	for _, name := range sortedKeys(bag) {
		if !kept[name] {
			put(name, e.anyOver(bag[name], nil))
		}
	}
	return append(dst, '}')
}

// anyOver writes a free value, or gives the document's text where that says
// the same.
func (e *encoder) anyOver(now any, raw []byte) []byte {
	if raw != nil {
		var was any
		if json.Unmarshal(raw, &was) == nil && reflect.DeepEqual(was, now) {
			return raw
		}
	}
	text, err := json.Marshal(now, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		e.fail(err)
		return []byte("null")
	}
	return text
}

func sortedKeys(m map[string]any) []string {
	return slices.Sorted(maps.Keys(m))
}

func timeOf(v reflect.Value) time.Time { return v.Interface().(time.Time) }
