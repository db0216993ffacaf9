package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
	"github.com/clew-sec/clew/correlate/train"
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
		Params: train.Params{Seed: trainSeed, Excluded: features(without)},
		Log:    func(format string, a ...any) { fmt.Fprintf(o.Err, format+"\n", a...) },
	}
}

// What people must have decided at least, so that there is something to learn.
const (
	fewestDecided   = 100 // alerts
	fewestConfirmed = 3   // incidents closed as true positives
)

// decided makes a labelled stream of what people closed, merged, moved and took
// apart in a workspace. What they did not touch has no label.
func decided(ctx context.Context, cfg Config, name string) (train.Stream, error) {
	cfg.complete()
	s := train.Stream{Name: name, Truth: evaluate.Truth{}}
	st, err := openStore(ctx, cfg)
	if err != nil {
		return s, err
	}
	defer st.Close()
	people, err := workspace.ReadFeedback(ctx, st, name)
	if err != nil {
		return s, err
	}
	confirmed := map[correlate.IncidentID]bool{}
	for id, d := range people.Decisions {
		s.Truth[id] = evaluate.Label{ID: id, Incident: strconv.FormatInt(int64(d.Incident), 10), Attack: d.Attack}
		if d.Attack {
			confirmed[d.Incident] = true
		}
	}
	if len(s.Truth) < fewestDecided || len(confirmed) < fewestConfirmed {
		return s, fmt.Errorf("people decided about %d alerts and closed %d incidents as true positives; a model needs at least %d and %d: close more incidents with a classification first",
			len(s.Truth), len(confirmed), fewestDecided, fewestConfirmed)
	}
	s.Alerts, err = workspace.ReadAlerts(ctx, st, name)
	return s, err
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
	data, err := json.Marshal(m, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encoding the model: %w", err)
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
