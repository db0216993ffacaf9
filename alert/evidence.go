package alert

import (
	"reflect"
	"slices"
	"strings"
)

const odataPrefix = "#microsoft.graph.security."

// alertODataType is the @odata.type of an alert.
const alertODataType = odataPrefix + "alert"

// shortNames maps the Go types to the short Graph names.
var shortNames = func() map[reflect.Type]string {
	out := make(map[reflect.Type]string, len(newEvidence))
	for name, create := range newEvidence {
		out[reflect.TypeOf(create())] = name
	}
	return out
}()

// odataTypes maps every accepted spelling of a known type to its full name.
var odataTypes = func() map[string]string {
	out := make(map[string]string, 4*len(newEvidence))
	for name := range newEvidence {
		full := odataPrefix + name
		for _, spelling := range []string{full, full[1:], name, strings.TrimSuffix(name, "Evidence")} {
			out[spelling] = full
			out[strings.ToLower(spelling)] = full
		}
	}
	return out
}()

// fullODataType gives the full name of a known type in any accepted spelling,
// else the text itself.
func fullODataType(text string) string {
	if full, ok := odataTypes[text]; ok {
		return full
	}
	if full, ok := odataTypes[strings.ToLower(text)]; ok {
		return full
	}
	return text
}

// EvidenceType gives the short Graph name of ev's type ("deviceEvidence"). For
// evidence of an unknown type it is the last part of its @odata.type, which is
// foreign text and may be empty.
func EvidenceType(ev Evidence) string {
	if name, ok := shortNames[reflect.TypeOf(ev)]; ok {
		return name
	}
	if ev == nil {
		return ""
	}
	t := ev.Base().ODataType
	return t[strings.LastIndexByte(t, '.')+1:]
}

// NewEvidence makes an empty value of an evidence type by its short or full
// Graph name with @odata.type set. An unknown type gives *UnknownEvidence.
func NewEvidence(typ string) Evidence {
	full := fullODataType(typ)
	var ev Evidence = &UnknownEvidence{}
	if create, ok := newEvidence[strings.TrimPrefix(full, odataPrefix)]; ok {
		ev = create()
	}
	ev.Base().ODataType = full
	return ev
}

// EvidenceTypes lists the short names of the known evidence types, sorted.
func EvidenceTypes() []string {
	out := make([]string, 0, len(newEvidence))
	for name := range newEvidence {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
