package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/clew-sec/clew/correlate/train"
)

// ModelTrainOptions says what to learn from.
type ModelTrainOptions struct {
	Labelled
	Out     string
	Name    string   // version of the model
	Without []string // features, or families of features, to leave out
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

// ModelTrain fits a model to labelled alerts and writes it to a file.
func ModelTrain(ctx context.Context, o IO, opt ModelTrainOptions) error {
	streams, err := o.streams(ctx, opt.Labelled)
	if err != nil {
		return err
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
