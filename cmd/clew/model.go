package main

import (
	"context"

	"github.com/clew-sec/clew/app"
)

type modelCmd struct {
	Train modelTrainCmd `cmd:"" help:"Train a model on labelled alerts; the same files give the same model."`
	Eval  modelEvalCmd  `cmd:"" help:"Measure a model on labelled alerts and print the table of bars."`
	Show  modelShowCmd  `cmd:"" help:"Print the features of a model with their weight, its thresholds and its calibration."`
}

// labelled names alerts with their labels.
type labelled struct {
	In     []string `required:"" help:"Alert files in order of arrival, each one stream." placeholder:"FILE"`
	Truth  []string `required:"" help:"The labels of each file of alerts, in the same order." placeholder:"FILE"`
	Source string   `help:"Format of the alerts; recognised when not named." placeholder:"NAME"`
}

func (l labelled) files() app.Labelled {
	return app.Labelled{In: l.In, Truth: l.Truth, Source: l.Source}
}

type modelTrainCmd struct {
	In        []string `help:"Alert files in order of arrival, each one stream." placeholder:"FILE"`
	Truth     []string `help:"The labels of each file of alerts, in the same order." placeholder:"FILE"`
	Source    string   `help:"Format of the alerts; recognised when not named." placeholder:"NAME"`
	FromData  string   `help:"Data folder: learn from what people closed, merged, moved and took apart there, too." type:"path" placeholder:"DIR"`
	Workspace string   `help:"Workspace of --from-data." default:"default"`
	Out       string   `required:"" help:"Where to write the model; - is standard output." placeholder:"FILE"`
	Name      string   `help:"Version that every link will carry." default:"trained"`
	Without   []string `help:"Features to leave out, by name or by what comes before the point." placeholder:"FEATURE"`
}

func (c *modelTrainCmd) Run(ctx context.Context, io app.IO) error {
	return app.ModelTrain(ctx, io, app.ModelTrainOptions{
		Labelled: app.Labelled{In: c.In, Truth: c.Truth, Source: c.Source}, FromData: c.FromData, Workspace: c.Workspace, Out: c.Out, Name: c.Name, Without: c.Without,
	})
}

type modelEvalCmd struct {
	labelled
	Model     string   `help:"Model file; the built-in model when not named." placeholder:"FILE"`
	HeldOut   bool     `help:"Measure each stream with a model that was trained without it."`
	Folds     int      `help:"Trainings of --held-out; the streams are dealt to them." default:"4"`
	Without   []string `help:"Features that --held-out leaves out." placeholder:"FEATURE"`
	Steady    bool     `help:"Measure with the threshold of joining 0.3 log-odds lower and higher too."`
	PerAttack bool     `help:"Print each attack too."`
	Format    string   `help:"How to print." enum:"text,json" default:"text"`
}

func (c *modelEvalCmd) Run(ctx context.Context, io app.IO) error {
	return app.ModelEval(ctx, io, app.ModelEvalOptions{
		Labelled: c.files(), Model: c.Model, HeldOut: c.HeldOut, Folds: c.Folds, Without: c.Without,
		Steady: c.Steady, PerAttack: c.PerAttack, JSON: c.Format == "json",
	})
}

type modelShowCmd struct {
	Format string `help:"How to print." enum:"text,json" default:"text"`
	Plot   string `help:"Draw the calibration as SVG instead; - is standard output." placeholder:"FILE"`
	Model  string `arg:"" optional:"" help:"Model file; the built-in model when not named."`
}

func (c *modelShowCmd) Run(io app.IO) error {
	return app.ModelShow(io, app.ModelShowOptions{Model: c.Model, JSON: c.Format == "json", Plot: c.Plot})
}
