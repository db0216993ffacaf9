package workspace

import (
	"context"
	"errors"
	"fmt"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

// tellModel warns when the model that people chose can't be read by this version:
// the engine then decides with the one that the server starts with.
func (w *Workspace) tellModel(ctx context.Context) error {
	v, err := w.opt.Store.CorrelationSettings(ctx, w.opt.Name)
	if err != nil {
		return fmt.Errorf("reading which model was chosen: %w", err)
	}
	id := v.Settings.Model
	if id == 0 {
		return nil
	}
	file, err := w.opt.Store.ModelFile(ctx, w.opt.Name, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("reading model %d: %w", id, err)
	}
	if err == nil {
		_, err = correlate.ParseModel(file)
	}
	if err != nil {
		w.opt.Log.Warn("the model chosen for correlation can't be used by this version, the server's own decides in its place: "+
			"choose another one under Settings, Correlation, or train or upload it again and choose it", "model", id, "own", w.opt.Model.Version, "err", err)
	}
	return nil
}
