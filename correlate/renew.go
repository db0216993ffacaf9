package correlate

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
)

// encode gives the model as a file. The same model gives the same bytes.
func (m *Model) encode() ([]byte, error) {
	data, err := json.Marshal(m, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encoding model %q: %w", m.Version, err)
	}
	return data, nil
}

// keepModel makes a restored engine go on with the model that its snapshot was
// taken under: what is replayed behind the snapshot was decided by that one, and
// must be decided the same way again. The model of the options waits for Renew.
func (e *Engine) keepModel(file []byte) error {
	own, err := e.opt.Model.encode()
	if err != nil || bytes.Equal(own, file) {
		return err
	}
	before, err := ParseModel(file)
	if err != nil {
		return err
	}
	e.renewed, e.opt.Model = e.opt.Model, before
	return nil
}

// Renew makes the model of the options decide from now on, where a snapshot of
// another model was restored. It tells whether there was one: then a snapshot must
// be kept before anything else is placed, else a replay would not know from where
// on the new model decided.
func (e *Engine) Renew() bool {
	if e.renewed == nil {
		return false
	}
	e.opt.Model, e.renewed = e.renewed, nil
	return true
}
