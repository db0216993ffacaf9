package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/clew-sec/clew/correlate/train"
	"github.com/clew-sec/clew/jobs"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// ModelTrainOptions says what to learn from.
type ModelTrainOptions struct {
	Labelled
	FromData  string // data folder whose people's decisions are learnt from, too
	Workspace string // of FromData
	Out       string
	Name      string   // version of the model
	Without   []string // features, or families of features, to leave out
}

// trainSeed makes that the same files give the same model.
const trainSeed = 1

func (o IO) training(name string, without []string, streams []train.Stream) train.Options {
	names := make([]string, len(streams))
	for i, s := range streams {
		names[i] = s.Name
	}
	return train.Options{
		Version: name, Trained: strings.Join(names, ", "),
		Params: train.Params{Seed: trainSeed, Excluded: o.features(without)},
		Log:    func(format string, a ...any) { fmt.Fprintf(o.Err, format+"\n", a...) },
	}
}

// decided makes a labelled stream of what people closed, merged, moved and took
// apart in a workspace. What they did not touch has no label.
func decided(ctx context.Context, cfg Config, name string) (train.Stream, error) {
	cfg.complete()
	s := train.Stream{Name: name}
	st, err := openStore(ctx, cfg)
	if err != nil {
		return s, err
	}
	defer st.Close()
	labels, enough, err := workspace.ReadLabels(ctx, st, name)
	if err == nil {
		err = enough.Err()
	}
	if err != nil {
		return s, err
	}
	s.Truth = labels
	s.Alerts, err = workspace.ReadAlerts(ctx, st, name)
	return s, err
}

// trainingTimeout bounds one training that was asked for over the API.
const trainingTimeout = 6 * time.Hour

// trainingKind trains the models that people ask for. Those that were being trained
// when the process ended last time are marked first.
func trainingKind(ctx context.Context, cfg Config, st store.Store, name string) (jobs.Kind, error) {
	t := &workspace.Trainer{Store: st, Now: cfg.Now, Log: cfg.Log.With("component", "training"), Options: train.Options{Params: train.Params{Seed: trainSeed}}}
	if err := t.Recover(ctx, name); err != nil {
		return jobs.Kind{}, err
	}
	return jobs.Kind{Name: workspace.JobTraining, Do: numbered(t.Run), Timeout: trainingTimeout, Attempts: 1}, nil
}

// ModelTrain fits a model to labelled alerts and writes it to a file.
func ModelTrain(ctx context.Context, o IO, opt ModelTrainOptions) error {
	var streams []train.Stream
	var err error
	if len(opt.In) > 0 || opt.FromData == "" {
		if streams, err = o.streams(ctx, opt.Labelled); err != nil {
			return err
		}
	}
	if opt.FromData != "" {
		own, err := decided(ctx, Config{Data: opt.FromData, Log: o.Logger()}, opt.Workspace)
		if err != nil {
			return err
		}
		streams = append(streams, own)
	}
	m, err := train.Train(streams, o.training(opt.Name, opt.Without, streams))
	if err != nil {
		return fmt.Errorf("training: %w", err)
	}
	data, err := m.File()
	if err != nil {
		return err
	}
	f, err := o.create(opt.Out)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(data, '\n')); err != nil {
		f.Close()
		return fmt.Errorf("writing the model: %w", err)
	}
	return f.Close()
}
