package alert

import (
	"reflect"
	"strings"
	"time"
)

// shapeKind is how a Go type of the model stands in JSON.
type shapeKind uint8

const (
	kindString shapeKind = iota
	kindEnum
	kindODataType
	kindInt
	kindFloat
	kindBool
	kindTime
	kindStruct   // a struct, or a pointer to one, without a document of its own
	kindTyped    // a pointer to an evidence type
	kindEvidence // the Evidence interface
	kindList
	kindBag // map[string]any
)

// plan tells the decoder and the encoder what one Go type of the model is in
// JSON, so that reflection over tags happens once per type and not per alert.
type plan struct {
	kind   shapeKind
	typ    reflect.Type
	elem   *plan // of a list
	set    *enumSet
	fields []fieldPlan
	byName map[string]int
}

type fieldPlan struct {
	name   string
	quoted string // `"name":`
	index  []int
	plan   *plan
	text   bool // long text: MaxText instead of MaxString
}

// maxFields bounds the fields of one type.
const maxFields = 64

// longTexts are the properties that hold prose, commands or queries.
var longTexts = map[string]bool{
	"description": true, "recommendedActions": true, "comment": true, "processCommandLine": true,
	"query": true, "instructions": true, "registryValue": true, "remediationStatusDetails": true,
}

var (
	typeOfTime     = reflect.TypeFor[time.Time]()
	typeOfBag      = reflect.TypeFor[map[string]any]()
	typeOfEvidence = reflect.TypeFor[Evidence]()
	typeOfEnum     = reflect.TypeFor[interface{ set() *enumSet }]()
)

// planner builds the plans of all types that are reachable from Alert.
type planner map[reflect.Type]*plan

// plans is complete after package initialisation and only read from then on.
var plans = func() planner {
	p := planner{}
	p.of(reflect.TypeFor[Alert]())
	p.of(reflect.TypeFor[*UnknownEvidence]())
	for _, create := range newEvidence {
		p.of(reflect.TypeOf(create()))
	}
	return p
}()

var alertPlan = plans[reflect.TypeFor[Alert]()]

func (p planner) of(t reflect.Type) *plan {
	if known, ok := p[t]; ok {
		return known
	}
	out := &plan{typ: t}
	p[t] = out
	switch {
	case t == typeOfTime:
		out.kind = kindTime
	case t == typeOfBag:
		out.kind = kindBag
	case t == typeOfEvidence:
		out.kind = kindEvidence
	case t.Implements(typeOfEnum):
		out.kind, out.set = kindEnum, reflect.Zero(t).Interface().(interface{ set() *enumSet }).set()
	case t.Kind() == reflect.Pointer && t.Implements(typeOfEvidence):
		out.kind = kindTyped
		p.members(out, t.Elem())
	default:
		p.plain(out, t)
	}
	return out
}

func (p planner) plain(out *plan, t reflect.Type) {
	switch t.Kind() {
	case reflect.String:
		out.kind = kindString
	case reflect.Int32, reflect.Int64:
		out.kind = kindInt
	case reflect.Float64:
		out.kind = kindFloat
	case reflect.Bool:
		out.kind = kindBool
	case reflect.Slice:
		out.kind, out.elem = kindList, p.of(t.Elem())
	case reflect.Pointer:
		out.kind = kindStruct
		p.members(out, t.Elem())
	case reflect.Struct:
		out.kind = kindStruct
		p.members(out, t)
	default:
		panic("alert: no JSON form for " + t.String())
	}
}

func (p planner) members(out *plan, t reflect.Type) {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || name == "" {
			continue
		}
		fp := fieldPlan{name: name, quoted: `"` + name + `":`, index: f.Index, plan: p.of(f.Type), text: longTexts[name]}
		if name == "@odata.type" {
			fp.plan = &plan{kind: kindODataType, typ: f.Type}
		}
		out.fields = append(out.fields, fp)
	}
	if len(out.fields) > maxFields {
		panic("alert: more fields than the encoder keeps track of in " + t.String())
	}
	out.byName = make(map[string]int, len(out.fields))
	for i, f := range out.fields {
		out.byName[f.name] = i
	}
}
