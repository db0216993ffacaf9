// Package catalog lists the sources of alerts that Clew has.
package catalog

import (
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/graph"
	"github.com/clew-sec/clew/source/lines"
	"github.com/clew-sec/clew/source/sentinel"
	"github.com/clew-sec/clew/source/suricata"
	"github.com/clew-sec/clew/source/wazuh"
	"github.com/go-json-experiment/json/jsontext"
)

// All lists the sources. Where two are equally sure of a record, the first is
// chosen.
func All() []source.Source {
	return []source.Source{graph.Source{}, sentinel.Source{}, wazuh.Source{}, suricata.Source{}, lines.Source{}}
}

// Names lists the names of the sources in the order of All.
func Names() []string {
	var out []string
	for _, s := range All() {
		out = append(out, s.Name())
	}
	return out
}

// Named finds a source by its name.
func Named(name string) (source.Source, bool) {
	for _, s := range All() {
		if s.Name() == name {
			return s, true
		}
	}
	return nil, false
}

// Recognise chooses the source that is surest of a record, or nil.
func Recognise(record jsontext.Value) source.Source {
	s, _ := source.Recognise(All(), record)
	return s
}
