package alert

import (
	"bytes"
	"math"
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads one alert in Graph form. Everything that data holds comes back
// when the alert is encoded: unknown properties, evidence of unknown types,
// nulls and the text of numbers and times. Enumeration members are compared
// without case and given their standard spelling.
//
// An error is a *FieldError that names the field. Data is not kept.
func Decode(data []byte, lim Limits) (*Alert, error) {
	a := new(Alert)
	if err := a.decode(data, lim.orDefaults()); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Alert) decode(data []byte, lim Limits) error {
	doc, ferr := compacted(data, lim)
	if ferr != nil {
		return ferr
	}
	if doc[0] != '{' {
		return refuse(ErrType, "%s instead of an object", kindName(doc))
	}
	*a = Alert{doc: doc}
	d := decoder{lim: &lim}
	if ferr := d.object(doc, reflect.ValueOf(a).Elem(), alertPlan); ferr != nil {
		return ferr
	}
	return nil
}

// compacted checks data and gives a copy of it without white space.
func compacted(data []byte, lim Limits) (jsontext.Value, *FieldError) {
	spaced, ferr := check(data, lim)
	if ferr != nil {
		return nil, ferr
	}
	doc := jsontext.Value(bytes.Clone(data))
	if spaced {
		if err := doc.Compact(); err != nil {
			return nil, syntaxError(err)
		}
	}
	return doc, nil
}

// DecodeEvidence reads one evidence object in Graph form, as Decode does for
// the items of an alert's evidence.
func DecodeEvidence(data []byte, lim Limits) (Evidence, error) {
	lim = lim.orDefaults()
	doc, ferr := compacted(data, lim)
	if ferr != nil {
		return nil, ferr
	}
	d := decoder{lim: &lim}
	ev, ferr := d.evidence(doc)
	if ferr != nil {
		return nil, ferr
	}
	return ev, nil
}

// decoder fills Go values from checked text.
type decoder struct {
	lim *Limits
}

func (d *decoder) object(raw []byte, v reflect.Value, p *plan) *FieldError {
	w := walkInto(raw)
	for {
		name, value, ok := w.member()
		if !ok {
			return nil
		}
		f := p.field(name)
		if f == nil || isNull(value) {
			continue
		}
		if err := d.value(value, v.FieldByIndex(f.index), f); err != nil {
			return err.within(f.name)
		}
	}
}

// field finds the plan of a quoted member name, or nil for an unknown one.
func (p *plan) field(quoted []byte) *fieldPlan {
	if i, ok := p.byName[string(quoted[1:len(quoted)-1])]; ok {
		return &p.fields[i]
	}
	if bytes.IndexByte(quoted, '\\') >= 0 {
		if i, ok := p.byName[string(unquote(quoted))]; ok {
			return &p.fields[i]
		}
	}
	return nil
}

func (d *decoder) value(raw []byte, v reflect.Value, f *fieldPlan) *FieldError {
	switch f.plan.kind {
	case kindString, kindEnum, kindODataType:
		return d.text(raw, v, f)
	case kindInt:
		return d.integer(raw, v)
	case kindFloat:
		return d.float(raw, v)
	case kindBool:
		return d.boolean(raw, v)
	case kindTime:
		return d.time(raw, v)
	case kindStruct:
		return d.structure(raw, v, f.plan)
	case kindTyped:
		return d.typed(raw, v, f.plan)
	case kindEvidence:
		ev, err := d.evidence(raw)
		if err == nil {
			v.Set(reflect.ValueOf(ev))
		}
		return err
	case kindList:
		return d.list(raw, v, f)
	default:
		return d.bag(raw, v)
	}
}

func (d *decoder) text(raw []byte, v reflect.Value, f *fieldPlan) *FieldError {
	if raw[0] != '"' {
		return refuse(ErrType, "%s instead of a string", kindName(raw))
	}
	limit := d.lim.MaxString
	if f.text {
		limit = d.lim.MaxText
	}
	s := unquote(raw)
	if len(s) > limit {
		return refuse(ErrTooLarge, "%d bytes of text, at most %d are read", len(s), limit)
	}
	switch f.plan.kind {
	case kindEnum:
		v.SetString(f.plan.set.canonical(s))
	case kindODataType:
		v.SetString(fullODataType(string(s)))
	default:
		v.SetString(string(s))
	}
	return nil
}

// numberText gives the text of a number, also of one that stands in a string,
// as OData clients send 64-bit integers.
func numberText(raw []byte) ([]byte, *FieldError) {
	if raw[0] == '"' {
		raw = unquote(raw)
		if len(raw) == 0 || !jsontext.Value(raw).IsValid() {
			return nil, refuse(ErrType, "a string instead of a number")
		}
	}
	if c := raw[0]; c != '-' && (c < '0' || c > '9') {
		return nil, refuse(ErrType, "%s instead of a number", kindName(raw))
	}
	return raw, nil
}

func (d *decoder) integer(raw []byte, v reflect.Value) *FieldError {
	text, ferr := numberText(raw)
	if ferr != nil {
		return ferr
	}
	n, ok := parseInteger(string(text))
	if !ok {
		return refuse(ErrNumberSize, "%s is not an integer of 64 bits", Excerpt(string(text), 40))
	}
	if v.OverflowInt(n) {
		return refuse(ErrNumberSize, "%d is out of range", n)
	}
	v.SetInt(n)
	return nil
}

// parseInteger reads an integer in any JSON spelling, such as 1.0 or 1e3.
func parseInteger(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

func (d *decoder) float(raw []byte, v reflect.Value) *FieldError {
	text, ferr := numberText(raw)
	if ferr != nil {
		return ferr
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return refuse(ErrNumberSize, "%s is out of range", Excerpt(string(text), 40))
	}
	v.SetFloat(f)
	return nil
}

func (d *decoder) boolean(raw []byte, v reflect.Value) *FieldError {
	if raw[0] != 't' && raw[0] != 'f' {
		return refuse(ErrType, "%s instead of true or false", kindName(raw))
	}
	v.SetBool(raw[0] == 't')
	return nil
}

func (d *decoder) time(raw []byte, v reflect.Value) *FieldError {
	if raw[0] != '"' {
		return refuse(ErrType, "%s instead of a time", kindName(raw))
	}
	text := unquote(raw)
	if len(text) == 0 {
		return nil
	}
	t, err := ParseTime(string(text))
	if err != nil {
		return refuse(ErrTime, "%q is not a time", Excerpt(string(text), 40))
	}
	if !t.IsZero() && (t.Before(d.lim.Earliest) || !t.Before(d.lim.Latest)) {
		return refuse(ErrTimeRange, "%s lies outside %d to %d", Excerpt(string(text), 40), d.lim.Earliest.Year(), d.lim.Latest.Year())
	}
	v.Set(reflect.ValueOf(t))
	return nil
}

func (d *decoder) structure(raw []byte, v reflect.Value, p *plan) *FieldError {
	if raw[0] != '{' {
		return refuse(ErrType, "%s instead of an object", kindName(raw))
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	return d.object(raw, v, p)
}

// typed reads evidence where the model names its type, such as the image of a
// container. It keeps its document like any evidence.
func (d *decoder) typed(raw []byte, v reflect.Value, p *plan) *FieldError {
	if err := d.structure(raw, v, p); err != nil {
		return err
	}
	v.Interface().(Evidence).Base().doc = raw
	return nil
}

// evidence reads an object whose @odata.type names its type.
func (d *decoder) evidence(raw []byte) (Evidence, *FieldError) {
	if raw[0] != '{' {
		return nil, refuse(ErrType, "%s instead of an object", kindName(raw))
	}
	typ, ferr := odataTypeOf(raw)
	if ferr != nil {
		return nil, ferr
	}
	ev := NewEvidence(typ)
	v := reflect.ValueOf(ev)
	if err := d.object(raw, v.Elem(), plans[v.Type()]); err != nil {
		return nil, err
	}
	base := ev.Base()
	base.doc = raw
	if base.ODataType == "" {
		base.ODataType = fullODataType(typ)
	}
	return ev, nil
}

// odataTypeOf finds the type name of an object. Some exporters cannot write
// "@" and use the second spelling.
func odataTypeOf(raw []byte) (string, *FieldError) {
	w := walkInto(raw)
	other := ""
	for {
		name, value, ok := w.member()
		if !ok {
			return other, nil
		}
		switch string(name) {
		case `"@odata.type"`:
			if value[0] != '"' {
				return "", refuse(ErrType, "%s instead of a string", kindName(value)).within("@odata.type")
			}
			return string(unquote(value)), nil
		case `"at_sign_odata_type"`:
			if value[0] == '"' {
				other = string(unquote(value))
			}
		}
	}
}

func (d *decoder) list(raw []byte, v reflect.Value, f *fieldPlan) *FieldError {
	if raw[0] != '[' {
		return refuse(ErrType, "%s instead of a list", kindName(raw))
	}
	limit := d.lim.MaxItems
	if f.plan.elem.kind == kindEvidence {
		limit = d.lim.MaxEvidence
	}
	values := items(raw, limit)
	if len(values) > limit {
		return refuse(ErrTooMany, "more than %d items", limit)
	}
	out := reflect.MakeSlice(v.Type(), len(values), len(values))
	item := fieldPlan{plan: f.plan.elem, text: f.text}
	for i, value := range values {
		if isNull(value) {
			if f.plan.elem.kind == kindEvidence {
				return refuse(ErrType, "null instead of an object").at(i)
			}
			if v := out.Index(i); v.Kind() == reflect.Pointer {
				v.Set(reflect.New(v.Type().Elem())) // so that no reader meets a nil
			}
			continue
		}
		if err := d.value(value, out.Index(i), &item); err != nil {
			return err.at(i)
		}
	}
	v.Set(out)
	return nil
}

func (d *decoder) bag(raw []byte, v reflect.Value) *FieldError {
	if raw[0] != '{' {
		return refuse(ErrType, "%s instead of an object", kindName(raw))
	}
	var bag map[string]any
	if err := json.Unmarshal(raw, &bag); err != nil {
		return refuse(ErrType, "not readable: %s", Excerpt(err.Error(), 200))
	}
	v.Set(reflect.ValueOf(bag))
	return nil
}
