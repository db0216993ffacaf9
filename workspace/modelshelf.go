package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// Models is the shelf of a workspace's models: those that are kept, and the one
// that the server starts with, which has the number 0.
type Models struct {
	Store store.Models
	// Own is the model that the server starts with, Origin where it comes from.
	Own    *correlate.Model
	Origin store.ModelOrigin
}

// List gives all models, the server's own first and then the newest.
func (m Models) List(ctx context.Context, workspace string) ([]store.Model, error) {
	own, err := m.own()
	if err != nil {
		return nil, err
	}
	kept, err := m.Store.Models(ctx, workspace)
	return append([]store.Model{own}, kept...), err
}

// Get gives one model; store.ErrNotFound when there is none.
func (m Models) Get(ctx context.Context, workspace string, id int64) (store.Model, error) {
	if id == 0 {
		return m.own()
	}
	return m.Store.Model(ctx, workspace, id)
}

// File gives the file of one model; store.ErrNotFound when there is none.
func (m Models) File(ctx context.Context, workspace string, id int64) ([]byte, error) {
	if id == 0 {
		return m.Own.File()
	}
	return m.Store.ModelFile(ctx, workspace, id)
}

func (m Models) own() (store.Model, error) {
	file, err := m.Own.File()
	if err != nil {
		return store.Model{}, err
	}
	return store.Model{
		Version: m.Own.Version, Origin: m.Origin, State: store.ModelReady, Trained: m.Own.Trained, Size: int64(len(file)), Digest: digest(file),
	}, nil
}

func digest(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// Keep takes a model file in. It fails with *correlate.ModelError, with
// store.ErrConflict when another model has the version, and with store.ErrTooMany.
func (m Models) Keep(ctx context.Context, workspace, by string, file []byte, now time.Time) (store.Model, error) {
	read, err := correlate.ParseModel(file)
	if err != nil {
		return store.Model{}, err
	}
	if err := m.free(read.Version); err != nil {
		return store.Model{}, err
	}
	return m.Store.CreateModel(ctx, workspace, store.Model{
		Version: read.Version, Origin: store.ModelUploaded, State: store.ModelReady, Trained: read.Trained, By: by, CreatedAt: now,
		Size: int64(len(file)), Digest: digest(file),
	}, file)
}

// free refuses the version of the server's own model: links would not tell which of
// the two decided.
func (m Models) free(version string) error {
	if version == m.Own.Version {
		return fmt.Errorf("version %q is that of the model that the server starts with: %w", version, store.ErrConflict)
	}
	return nil
}

// usable gives the file of a model that settings name. It fails with
// *correlate.SettingError when there is none, or none that can be read.
func (m Models) usable(ctx context.Context, workspace string, id int64) ([]byte, error) {
	file, err := m.File(ctx, workspace, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &correlate.SettingError{Field: "model", Reason: fmt.Sprintf("there is no model %d that could decide; it was deleted, or it is not trained yet", id)}
	}
	if err != nil {
		return nil, err
	}
	if _, err := correlate.ParseModel(file); err != nil {
		return nil, &correlate.SettingError{Field: "model", Reason: err.Error()}
	}
	return file, nil
}

// name tells a model from others, for people.
func (m Models) name(ctx context.Context, workspace string, id int64) (string, error) {
	of, err := m.Get(ctx, workspace, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fmt.Sprintf("model %d, which was deleted", id), nil
	case err != nil:
		return "", err
	case id == 0:
		return of.Version + ", with which the server starts", nil
	}
	return fmt.Sprintf("%s (model %d)", of.Version, id), nil
}

// DeleteModel removes a model that is kept. That which decides now is refused, so is
// the server's own.
func (w *Workspace) DeleteModel(ctx context.Context, id int64) error {
	return w.do(ctx, func(ctx context.Context, _ *plan) error {
		if id == 0 {
			return &incident.RefusedError{Rule: "own", Reason: "The model that the server starts with can't be deleted."}
		}
		now, err := w.opt.Store.CorrelationSettings(ctx, w.opt.Name)
		if err != nil {
			return fmt.Errorf("reading the correlation settings: %w", err)
		}
		if now.Settings.Model == id {
			return &incident.RefusedError{Rule: "used", Reason: "The model decides at present. Use another one first."}
		}
		return w.opt.Store.DeleteModel(ctx, w.opt.Name, id)
	})
}

func (w *Workspace) models() Models {
	return Models{Store: w.opt.Store, Own: w.opt.Model, Origin: store.ModelShipped}
}

// changeModel gives the file of the model that takes over, and the change in words.
func (w *Workspace) changeModel(ctx context.Context, from, to int64) (file []byte, c store.SettingChange, err error) {
	m := w.models()
	if file, err = m.usable(ctx, w.opt.Name, to); err != nil {
		return nil, c, err
	}
	c.What = "model"
	if c.Before, err = m.name(ctx, w.opt.Name, from); err != nil {
		return nil, c, err
	}
	c.After, err = m.name(ctx, w.opt.Name, to)
	return file, c, err
}
