package correlate

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a model file.
const (
	MaxModelBytes  = 2 << 20
	MaxModelName   = 100  // bytes of Version
	maxModelTrees  = 1000 // of one scorer
	maxModelBins   = 100
	maxModelText   = 2000 // bytes of Trained
	maxLogOdds     = 1000 // of anything that is added to a score
	maxSlope       = 100
	maxModelReason = 200 // bytes of what an error repeats
)

// ModelError says what in a model file is wrong.
type ModelError struct {
	Field  string // JSON path, such as link.trees[3]; empty when it is the whole file
	Reason string
}

// Error implements error.
func (e *ModelError) Error() string {
	if e.Field == "" {
		return "the model file " + e.Reason
	}
	return "the model file: " + e.Field + " " + e.Reason
}

func unsound(field, format string, args ...any) error {
	text := strings.ToValidUTF8(clip(fmt.Sprintf(format, args...), maxModelReason), "")
	return &ModelError{Field: field, Reason: text}
}

// ParseModel reads a model file, which may come from anybody: what it gives can
// be scored with, and scores are finite. It fails with *ModelError.
func ParseModel(data []byte) (*Model, error) {
	if len(data) > MaxModelBytes {
		return nil, unsound("", "is larger than %d bytes", MaxModelBytes)
	}
	var m Model
	if err := json.Unmarshal(data, &m, json.RejectUnknownMembers(true)); err != nil {
		return nil, unreadModel(err)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return &m, m.Prepare()
}

// unreadModel says where a file is not what a model file looks like.
func unreadModel(err error) error {
	var wrong *json.SemanticError
	var broken *jsontext.SyntacticError
	switch {
	case errors.As(err, &wrong) && errors.Is(err, json.ErrUnknownName):
		return unsound(modelField(wrong.JSONPointer), "is nothing that model files have")
	case errors.As(err, &wrong):
		return unsound(modelField(wrong.JSONPointer), "is not of the kind that belongs there")
	case errors.As(err, &broken):
		return unsound(modelField(broken.JSONPointer), "is no JSON from byte %d on", broken.ByteOffset)
	}
	return unsound("", "can't be read: %v", err)
}

func modelField(p jsontext.Pointer) string {
	return strings.ToValidUTF8(clip(strings.ReplaceAll(strings.TrimPrefix(string(p), "/"), "/", "."), maxModelReason), "")
}

// check holds a model's names and numbers against the bounds.
func (m *Model) check() error {
	if err := modelText("version", m.Version, MaxModelName); err != nil {
		return err
	}
	if m.Version == "" {
		return unsound("version", "must name the model: every link that it makes says so")
	}
	if err := modelText("trained", m.Trained, maxModelText); err != nil {
		return err
	}
	for _, t := range []struct {
		field string
		v     float64
	}{{"join", m.Join}, {"consider", m.Consider}, {"merge", m.Merge}, {"growth", m.Growth}} {
		if !within(t.v, maxLogOdds) {
			return unsound(t.field, "must lie between %d and %d", -maxLogOdds, maxLogOdds)
		}
	}
	if m.Growth < 0 {
		return unsound("growth", "must not be below 0: the larger two incidents are, the surer a merge must be")
	}
	if err := m.Link.check("link"); err != nil {
		return err
	}
	return m.Pair.check("pair")
}

func modelText(field, text string, most int) error {
	if len(text) > most || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return unsound(field, "must be plain text of at most %d bytes", most)
	}
	return nil
}

func within(v, most float64) bool { return math.Abs(v) <= most } // false for NaN

func (m *Scorer) check(field string) error {
	if !within(m.Base, maxLogOdds) {
		return unsound(field+".base", "must lie between %d and %d", -maxLogOdds, maxLogOdds)
	}
	for name, w := range m.Weights {
		if !within(w, maxLogOdds) {
			return unsound(field+".weights."+name, "must lie between %d and %d", -maxLogOdds, maxLogOdds)
		}
	}
	if len(m.Trees) > maxModelTrees {
		return unsound(field+".trees", "are more than %d", maxModelTrees)
	}
	for i := range m.Trees {
		for n, v := range m.Trees[i].Value {
			if !within(v, maxLogOdds) {
				return unsound(fmt.Sprintf("%s.trees[%d].value[%d]", field, i, n), "must lie between %d and %d", -maxLogOdds, maxLogOdds)
			}
		}
		for n, v := range m.Trees[i].At {
			if !within(float64(v), math.MaxFloat32) {
				return unsound(fmt.Sprintf("%s.trees[%d].at[%d]", field, i, n), "must be a number")
			}
		}
	}
	return m.Calibration.check(field + ".calibration")
}

func (c *Calibration) check(field string) error {
	if c == nil {
		return nil
	}
	if !within(c.Slope, maxSlope) || c.Slope <= 0 {
		return unsound(field+".slope", "must lie above 0 and at most at %d: what scores higher is likelier", maxSlope)
	}
	if !within(c.Offset, maxLogOdds) {
		return unsound(field+".offset", "must lie between %d and %d", -maxLogOdds, maxLogOdds)
	}
	if len(c.Bins) > maxModelBins {
		return unsound(field+".bins", "are more than %d", maxModelBins)
	}
	for i, b := range c.Bins {
		if !within(b.Said-0.5, 0.5) || !within(b.Right-0.5, 0.5) || b.Samples < 0 {
			return unsound(fmt.Sprintf("%s.bins[%d]", field, i), "must hold shares between 0 and 1, and a count")
		}
	}
	return nil
}

// File gives the model as a file. The same model gives the same bytes.
func (m *Model) File() ([]byte, error) {
	data, err := json.Marshal(m, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encoding model %q: %w", m.Version, err)
	}
	return data, nil
}
