// Package source is the contract between alert formats and the rest of Clew:
// one folder below it per product or format turns a record as the product wrote
// it into alerts in normal form.
//
// A source is pure: no input or output, no clock, no state. The same record
// always gives the same alerts with the same ids, so that a record delivered
// twice updates an alert instead of doubling it. The caller keeps the raw
// record. Folder catalog lists the sources, folder reader cuts files into
// records.
package source

import (
	"errors"
	"fmt"

	"github.com/clew-sec/clew/alert"
	"github.com/go-json-experiment/json/jsontext"
)

// Source turns records of one format into alerts.
type Source interface {
	// Name is the word by which users choose the source, such as "sentinel".
	Name() string
	// Recognise tells how sure the source is that it reads a record: 0 not at
	// all, 100 without doubt. The record may be anything.
	Recognise(record jsontext.Value) int
	// Alerts gives the alerts of one record. A record that is well formed but
	// holds no alert gives a *NotAlertError, a field that cannot be read an
	// *alert.FieldError. A record that holds several alerts may give both: the
	// alerts that could be read and the joined errors of the others.
	Alerts(record jsontext.Value, opt Options) ([]*alert.Alert, error)
}

// Options hold for one call of Alerts. The zero value is the default.
type Options struct {
	// Limits bound each record and each alert.
	Limits alert.Limits
	// Everything asks for records that are no alerts too (a Suricata fileinfo
	// event, a Sentinel incident row), as informational alerts with the entities
	// they name. It serves the dry run; an import leaves it off.
	Everything bool
}

// NotAlertError says that a record is well formed but no alert. It is counted
// as skipped, not as rejected.
type NotAlertError struct {
	What string // what the record is instead, in words of Clew, such as "a flow event"
}

// Error implements error.
func (e *NotAlertError) Error() string {
	return fmt.Sprintf("not an alert but %s", alert.Excerpt(e.What, 200))
}

// IsNotAlert reports whether err only says that a record is no alert.
func IsNotAlert(err error) bool {
	var na *NotAlertError
	return errors.As(err, &na)
}

// recogniseFrom is the confidence below which no source is chosen.
const recogniseFrom = 50

// Recognise chooses the source that is surest of a record. Of equals the first
// wins. It gives nil when none is sure enough.
func Recognise(sources []Source, record jsontext.Value) (best Source, confidence int) {
	for _, s := range sources {
		if c := s.Recognise(record); c > confidence {
			best, confidence = s, c
		}
	}
	if confidence < recogniseFrom {
		return nil, confidence
	}
	return best, confidence
}
