package workspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"
	"unicode"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
	"github.com/clew-sec/clew/correlate/train"
	"github.com/clew-sec/clew/store"
)

// What people must have decided at least, so that there is something to learn.
const (
	FewestDecided   = 100 // alerts
	FewestConfirmed = 3   // incidents closed as true positives
)

// Learnable says how much people have decided, and how much a training needs.
type Learnable struct {
	Decided       int  `json:"decided"`       // alerts that people decided about
	Confirmed     int  `json:"confirmed"`     // incidents closed as true positives
	NeedDecided   int  `json:"needDecided"`   // of them, for a training
	NeedConfirmed int  `json:"needConfirmed"` // of them, for a training
	Enough        bool `json:"enough"`
}

// Errors of asking for a training.
var (
	// ErrTooLittle: people have not decided enough; wrapped with how much is missing.
	ErrTooLittle = errors.New("there is too little to learn from")
	// ErrTrainingRuns: one is asked for or under way already.
	ErrTrainingRuns = errors.New("a training is under way")
)

// Err says how much is missing, nil when there is enough.
func (l Learnable) Err() error {
	if l.Enough {
		return nil
	}
	return fmt.Errorf("%w: people decided about %d alerts and closed %d incidents as true positives, a model needs at least %d and %d. Close more incidents with a classification first",
		ErrTooLittle, l.Decided, l.Confirmed, l.NeedDecided, l.NeedConfirmed)
}

// ReadLabels makes labels of what people closed, merged, moved and took apart. What
// they did not touch has none.
func ReadLabels(ctx context.Context, st store.Cases, workspace string) (evaluate.Truth, Learnable, error) {
	people, err := ReadFeedback(ctx, st, workspace)
	if err != nil {
		return nil, Learnable{}, err
	}
	labels, confirmed := evaluate.Truth{}, map[correlate.IncidentID]bool{}
	for id, d := range people.Decisions {
		labels[id] = evaluate.Label{ID: id, Incident: strconv.FormatInt(int64(d.Incident), 10), Attack: d.Attack}
		if d.Attack {
			confirmed[d.Incident] = true
		}
	}
	l := Learnable{Decided: len(labels), Confirmed: len(confirmed), NeedDecided: FewestDecided, NeedConfirmed: FewestConfirmed}
	l.Enough = l.Decided >= l.NeedDecided && l.Confirmed >= l.NeedConfirmed
	return labels, l, nil
}

// JobTraining is the kind of job that trains a model.
const JobTraining = "clew.training"

// Train queues the training of a model from what people decided. It fails with
// ErrTooLittle, ErrTrainingRuns, *correlate.ModelError for a name that no model can
// have, store.ErrConflict when another one has it, and store.ErrTooMany.
func (m Models) Train(ctx context.Context, cases store.Cases, workspace, by, version string, now time.Time) (store.Model, error) {
	if version == "" || len(version) > correlate.MaxModelName || !printable(version) {
		return store.Model{}, &correlate.ModelError{Field: "version", Reason: fmt.Sprintf("must be plain text of 1 to %d bytes", correlate.MaxModelName)}
	}
	if err := m.free(version); err != nil {
		return store.Model{}, err
	}
	kept, err := m.Store.Models(ctx, workspace)
	if err != nil {
		return store.Model{}, err
	}
	for _, o := range kept {
		if o.State == store.ModelQueued || o.State == store.ModelTraining {
			return store.Model{}, fmt.Errorf("model %d: %w", o.ID, ErrTrainingRuns)
		}
	}
	_, l, err := ReadLabels(ctx, cases, workspace)
	if err == nil {
		err = l.Err()
	}
	if err != nil {
		return store.Model{}, err
	}
	return m.Store.CreateModel(ctx, workspace, store.Model{
		Version: version, Origin: store.ModelTrained, State: store.ModelQueued, By: by, CreatedAt: now,
	}, nil, store.Job{Kind: JobTraining, At: now})
}

func printable(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return false
		}
	}
	return true
}

// Trainer trains models that were asked for, one at a time.
type Trainer struct {
	Store TrainerStore
	Now   func() time.Time
	Log   *slog.Logger
	// Options of the training; version, what it was trained on and the reports of
	// its progress are the Trainer's.
	Options train.Options
}

// TrainerStore is what a Trainer needs of the store.
type TrainerStore interface {
	store.Cases
	store.Log
	store.Models
}

// What people read of a training that did not come to its end.
const (
	textTrainingEnded  = "Clew stopped while it ran. Start it again."
	textTrainingFailed = "The training failed; the server's log says why. Start it again."
)

// Recover marks trainings as failed that ran when the process ended.
func (t *Trainer) Recover(ctx context.Context, workspace string) error {
	all, err := t.Store.Models(ctx, workspace)
	if err != nil {
		return fmt.Errorf("looking for interrupted trainings: %w", err)
	}
	for _, m := range all {
		if m.State != store.ModelTraining {
			continue
		}
		m.State, m.Error = store.ModelFailed, textTrainingEnded
		if err := gone(t.Store.UpdateModel(ctx, workspace, m, nil)); err != nil {
			return err
		}
	}
	return nil
}

// Run does a training that is queued and keeps the model. Anything else is left
// alone: the job came twice, or somebody deleted the model.
func (t *Trainer) Run(ctx context.Context, workspace string, id int64) error {
	m, err := t.Store.Model(ctx, workspace, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && m.State != store.ModelQueued {
		return nil
	}
	if err != nil {
		return err
	}
	m.State = store.ModelTraining
	if err := t.Store.UpdateModel(ctx, workspace, m, nil); err != nil {
		return gone(err)
	}
	file, err := t.learn(ctx, workspace, &m)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil // deleted while it ran: that is how it is cancelled
	case errors.Is(err, context.Canceled):
		return err // Recover tells of it
	case errors.Is(err, ErrTooLittle):
		m.State, m.Error = store.ModelFailed, err.Error()
	case err != nil:
		t.Log.Error("training failed", "workspace", workspace, "model", id, "err", err)
		m.State, m.Error = store.ModelFailed, textTrainingFailed
	default:
		m.State, m.Size, m.Digest = store.ModelReady, int64(len(file)), digest(file)
	}
	return gone(t.Store.UpdateModel(ctx, workspace, m, file))
}

// learn trains and gives the model's file. The row says how far it is.
func (t *Trainer) learn(ctx context.Context, workspace string, m *store.Model) ([]byte, error) {
	labels, l, err := ReadLabels(ctx, t.Store, workspace)
	if err == nil {
		err = l.Err()
	}
	if err != nil {
		return nil, err
	}
	alerts, err := ReadAlerts(ctx, t.Store, workspace)
	if err != nil {
		return nil, err
	}
	m.Trained = fmt.Sprintf("%s: %d alerts that people decided about, %d confirmed incidents", workspace, l.Decided, l.Confirmed)
	opt := t.Options
	opt.Version, opt.Trained = m.Version, m.Trained
	opt.Params.Stop = func() bool { return ctx.Err() != nil }
	opt.Step = func(done, total int) error {
		m.Done, m.Total = done, total
		if err := context.Cause(ctx); err != nil {
			return err
		}
		return t.Store.UpdateModel(ctx, workspace, *m, nil)
	}
	made, err := train.Train([]train.Stream{{Name: workspace, Alerts: alerts, Truth: labels}}, opt)
	if err != nil {
		return nil, err
	}
	file, err := made.File()
	if err != nil {
		return nil, err
	}
	if _, err := correlate.ParseModel(file); err != nil {
		return nil, fmt.Errorf("what came out can't be used: %w", err)
	}
	return file, nil
}
