// Package graph reads the alerts of the Microsoft Graph security API: single
// alerts_v2 objects, lists with `value`, incidents with expanded `alerts`, and
// the older `alerts` resource.
package graph

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/go-json-experiment/json/jsontext"
)

// Source implements source.Source for Graph.
type Source struct{}

// Name implements source.Source.
func (Source) Name() string { return "graph" }

// Recognise implements source.Source.
func (Source) Recognise(record jsontext.Value) int {
	if bytes.HasPrefix(record, []byte(alertStart)) {
		return 100
	}
	o := source.Peek(record)
	switch {
	case o == nil:
		return 0
	case strings.HasPrefix(o.Text("@odata.type"), "#microsoft.graph.security."):
		return 100
	case strings.Contains(o.Text("@odata.context"), "/security/"):
		return 95
	case o["value"].Kind() == '[':
		return recogniseList(o)
	case o.Has("serviceSource") && o.Has("title"), o.Has("evidence") && o.Has("createdDateTime"):
		return 90
	case isLegacy(o), o["alerts"].Kind() == '[' && o.Has("displayName"):
		return 85
	case o.Has("id") && o.Has("title") && o.Has("createdDateTime") && o.Has("severity"):
		return 60
	}
	return 0
}

func recogniseList(o source.Object) int {
	items := o.List("value")
	if len(items) == 0 {
		return 55
	}
	return Source{}.Recognise(items[0])
}

func isIncident(o source.Object) bool {
	return strings.HasSuffix(o.Text("@odata.type"), ".security.incident") ||
		o.Has("incidentWebUrl") && o.Has("displayName") && !o.Has("evidence") || o["alerts"].Kind() == '['
}

// listDepth is how deep lists may stand in lists: a list of incidents, each
// with its alerts.
const listDepth = 2

// Alerts implements source.Source. An incident without expanded alerts is not an
// alert. One broken alert of a list does not keep the others back: the error
// then joins what was wrong, each with its place in the list.
func (Source) Alerts(record jsontext.Value, opt source.Options) ([]*alert.Alert, error) {
	return read(record, opt, listDepth)
}

// alertStart is how the API begins every alert.
const alertStart = `{"@odata.type":"#microsoft.graph.security.alert"`

func read(record jsontext.Value, opt source.Options, lists int) ([]*alert.Alert, error) {
	if bytes.HasPrefix(record, []byte(alertStart)) {
		return decode(record, opt)
	}
	o := source.Peek(record)
	for _, name := range []string{"value", "alerts"} {
		if o[name].Kind() == '[' && lists > 0 {
			return each(o.List(name), name, opt, lists-1)
		}
	}
	switch {
	case o == nil:
		return decode(record, opt) // refuses it and says why
	case isLegacy(o):
		return legacy(record, opt)
	case isIncident(o):
		return nil, &source.NotAlertError{What: "an incident without its alerts; ask for them with $expand=alerts"}
	case !o.Has("title") && !o.Has("evidence") && !o.Has("id"):
		return nil, &source.NotAlertError{What: "an object without title, evidence and id"}
	}
	return decode(record, opt)
}

func decode(record jsontext.Value, opt source.Options) ([]*alert.Alert, error) {
	a, err := alert.Decode(record, opt.Limits)
	if err != nil {
		return nil, err
	}
	if a.ID == "" {
		a.ID = source.HashID("gr", string(record))
	}
	return []*alert.Alert{a}, nil
}

func each(items []jsontext.Value, name string, opt source.Options, lists int) ([]*alert.Alert, error) {
	var out []*alert.Alert
	var errs []error
	for i, item := range items {
		alerts, err := read(item, opt, lists)
		out = append(out, alerts...)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s[%d]: %w", name, i, err))
		}
	}
	return out, errors.Join(errs...)
}
