package correlate

import "bytes"

// A model decides for one of three reasons: the engine was made with it, a snapshot
// was taken under it, or people chose it in the settings. The command that carries
// such settings carries the model's file too, so that a replay changes over at the
// same place, whatever became of the file since.

// keepModel makes a restored engine go on with the model that its snapshot was
// taken under: what is replayed behind the snapshot was decided by that one, and
// must be decided the same way again. The model of the options waits for Renew.
func (e *Engine) keepModel(file []byte) error {
	own, err := e.own.File()
	if err != nil || bytes.Equal(own, file) {
		return err
	}
	e.opt.Model, err = ParseModel(file)
	return err
}

// modelOf gives the model that a command's settings ask for, the one that decides
// when they ask for no other.
func (e *Engine) modelOf(c Command) *Model {
	if len(c.Model) == 0 {
		return e.opt.Model
	}
	m, err := ParseModel(c.Model)
	if err != nil {
		// It was readable when it was chosen. A version that can't read it any more
		// goes on with its own: the workspace must not stay shut for it.
		return e.own
	}
	if sameModel(m, e.own) {
		return e.own
	}
	return m
}

func sameModel(a, b *Model) bool {
	x, errA := a.File()
	y, errB := b.File()
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

// Renew makes the model of the options decide from now on, unless people chose
// another in the settings. It tells whether that changes anything: then a snapshot
// must be kept before anything else is placed, else a replay would not know from
// where on the new model decided.
func (e *Engine) Renew() bool {
	if e.opt.Model == e.own || e.controls.settings.Model != 0 {
		return false
	}
	e.opt.Model = e.own
	return true
}
