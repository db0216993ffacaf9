package store

import (
	"context"
	"errors"
	"time"
)

// MaxModels is how many models a workspace keeps. None goes by itself.
const MaxModels = 20

// ErrTooMany: as many are kept as there may be. Something must be deleted first.
var ErrTooMany = errors.New("as many are kept as there may be")

// Models keeps the models that people uploaded or had trained. They belong to no
// incident and are not part of the log.
type Models interface {
	// CreateModel gives m the next number of its workspace, which no other one ever
	// had, and enqueues the jobs in the same transaction (their Args are replaced by
	// {"workspace", "id"}). A nil file is that of a model that is still to be
	// trained. ErrConflict when another one has the same version, ErrTooMany beyond
	// MaxModels.
	CreateModel(ctx context.Context, workspace string, m Model, file []byte, jobs ...Job) (Model, error)
	// UpdateModel replaces by number; a nil file leaves the one that is kept.
	// ErrNotFound when it was deleted, ErrConflict when another one has the version.
	UpdateModel(ctx context.Context, workspace string, m Model, file []byte) error
	Model(ctx context.Context, workspace string, id int64) (Model, error)
	// ModelFile gives the file as it was kept; ErrNotFound when there is none (yet).
	ModelFile(ctx context.Context, workspace string, id int64) ([]byte, error)
	// Models lists all, newest first.
	Models(ctx context.Context, workspace string) ([]Model, error)
	DeleteModel(ctx context.Context, workspace string, id int64) error
}

// ModelOrigin says where a model comes from.
type ModelOrigin string

// The origins.
const (
	ModelShipped  ModelOrigin = "shipped"  // it is built in
	ModelGiven    ModelOrigin = "given"    // the operator named its file at the start
	ModelUploaded ModelOrigin = "uploaded" // a person uploaded it
	ModelTrained  ModelOrigin = "trained"  // from what people decided
)

// ModelState says whether a model can be used.
type ModelState string

// The states. Queued trainings begin after a restart; one that was under way then
// has failed.
const (
	ModelReady    ModelState = "ready"
	ModelQueued   ModelState = "queued"
	ModelTraining ModelState = "training"
	ModelFailed   ModelState = "failed"
)

// Model is a model of a workspace, without its file.
type Model struct {
	ID        int64       `json:"id"`      // 0 is the one that the server starts with
	Version   string      `json:"version"` // its name, which every link says; unique among those kept
	Origin    ModelOrigin `json:"origin"`
	State     ModelState  `json:"state"`
	Trained   string      `json:"trained,omitempty"` // on what
	By        string      `json:"by,omitempty"`
	CreatedAt time.Time   `json:"createdAt,omitzero"`
	Size      int64       `json:"size"`             // of the file, in bytes
	Digest    string      `json:"digest,omitempty"` // SHA-256 of the file, in hexadecimal
	// Done of Total steps of the training.
	Done  int    `json:"done,omitempty"`
	Total int    `json:"total,omitempty"`
	Error string `json:"error,omitempty"` // why it failed, for people
}
