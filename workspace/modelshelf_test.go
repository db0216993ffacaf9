package workspace_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/correlate/train"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// strictFile is the built-in model under another name, which links less.
func strictFile(t *testing.T, version string) []byte {
	t.Helper()
	m := *correlate.BuiltIn()
	m.Version, m.Join, m.Consider = version, m.Join+3, m.Consider+3
	file, err := m.File()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func (b *bench) models() workspace.Models {
	return workspace.Models{Store: b.st, Own: correlate.BuiltIn(), Origin: store.ModelShipped}
}

func (b *bench) keep(version string) store.Model {
	b.t.Helper()
	return must(b.models().Keep(b.ctx, b.opt.Name, "ada", strictFile(b.t.(*testing.T), version), epoch))
}

func TestModelsAreKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	m := b.models()
	kept := b.keep("strict")
	if kept.ID != 1 || kept.Version != "strict" || kept.State != store.ModelReady || kept.By != "ada" || kept.Trained == "" || kept.Size == 0 || len(kept.Digest) != 64 {
		t.Errorf("%+v", kept)
	}
	list := must(m.List(b.ctx, b.opt.Name))
	if len(list) != 2 || list[0].ID != 0 || list[0].Origin != store.ModelShipped || list[0].Version != correlate.BuiltIn().Version || !cmp.Equal(list[1], kept) {
		t.Errorf("%+v", list)
	}
	for _, l := range list {
		file := must(m.File(b.ctx, b.opt.Name, l.ID))
		if read, err := correlate.ParseModel(file); err != nil || read.Version != l.Version || int64(len(file)) != l.Size {
			t.Errorf("%d bytes: %v", len(file), err)
		}
	}
	_, err := m.Keep(b.ctx, b.opt.Name, "ada", strictFile(t, "strict"), epoch)
	wantError(t, err, store.ErrConflict)
	_, err = m.Keep(b.ctx, b.opt.Name, "ada", strictFile(t, correlate.BuiltIn().Version), epoch)
	wantError(t, err, store.ErrConflict)
	var wrong *correlate.ModelError
	if _, err = m.Keep(b.ctx, b.opt.Name, "ada", []byte("no model"), epoch); !errors.As(err, &wrong) {
		t.Errorf("%v", err)
	}
}

// A model that people chose decides from the next alert on. The history says so and
// puts the one before back; restarts, with a checkpoint and without, change nothing.
func TestChosenModelTakesOver(t *testing.T) {
	t.Parallel()
	var stream []*alert.Alert
	for d := range demo.Generate(demo.Options{Seed: 5, Days: 10, Alerts: 600}).Alerts() {
		stream = append(stream, d.Alert)
	}
	run := func(t *testing.T, lost bool) *bench {
		kept := &checkpoints{keep: !lost}
		b := newBench(t, realEngine, func(o *workspace.Options) { kept.Store, o.Store = o.Store, kept })
		b.clock.set(stream[len(stream)-1].CreatedDateTime)
		b.ingest(stream[:200]...)
		b.keep("strict")
		v := must(b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Model: 1}, workspace.SettingsChange{Reason: "Back-test #1"}))
		want := []store.SettingChange{{What: "model", Before: correlate.BuiltIn().Version + ", with which the server starts", After: "strict (model 1)"}}
		if diff := cmp.Diff(want, v.Changes); diff != "" {
			t.Error(diff)
		}
		b.restart()
		b.ingest(stream[200:400]...)
		b.restart()
		if back := must(b.w.RestoreCorrelation(b.ctx, ada, 0, workspace.SettingsChange{})); back.Settings.Model != 0 {
			t.Errorf("%+v", back)
		}
		b.ingest(stream[400:]...)
		b.restart()
		report, err := invariant.Check(b.ctx, b.st, b.opt.Name)
		if err != nil || len(report.Problems) > 0 {
			t.Errorf("%v %v", err, report.Problems)
		}
		differ, err := invariant.Replay(b.ctx, b.st, b.opt.Name, correlate.New(correlate.Options{}))
		if err != nil || len(differ) > 0 {
			t.Errorf("the log alone gives other incidents: %v %v", err, differ)
		}
		return b
	}
	links := func(b *bench) map[string]string {
		out, by := map[string]string{}, map[string]int{}
		for _, a := range b.everyAlert() {
			out[a.ID] = a.Link.Model
			by[a.Link.Model]++
		}
		if by["strict"] == 0 || by[correlate.BuiltIn().Version] == 0 {
			b.t.Errorf("links by model: %v", by)
		}
		return out
	}
	if diff := cmp.Diff(links(run(t, false)), links(run(t, true))); diff != "" {
		t.Error(diff)
	}
}

func TestModelInUseStays(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	b.keep("strict")
	must(b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Model: 1}, workspace.SettingsChange{}))
	wantError(t, b.w.DeleteModel(b.ctx, 1), correlate.ErrRefused)
	wantError(t, b.w.DeleteModel(b.ctx, 0), correlate.ErrRefused)
	wantError(t, b.w.DeleteModel(b.ctx, 7), store.ErrNotFound)
	must(b.w.RestoreCorrelation(b.ctx, ada, 0, workspace.SettingsChange{}))
	if err := b.w.DeleteModel(b.ctx, 1); err != nil {
		t.Fatal(err)
	}
	_, err := b.w.RestoreCorrelation(b.ctx, ada, 1, workspace.SettingsChange{})
	wantError(t, err, incident.ErrInvalid)
	if !strings.Contains(err.Error(), "there is no model 1") {
		t.Error(err)
	}
	_, err = b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Model: -1}, workspace.SettingsChange{})
	wantError(t, err, incident.ErrInvalid)
	if v := must(b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Default: correlate.RuleDisabled}, workspace.SettingsChange{})); v.Version != 3 {
		t.Errorf("%+v", v)
	}
	must(b.models().Train(b.ctx, closed(b), b.opt.Name, "ada", "own", epoch))
	_, err = b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Model: 2}, workspace.SettingsChange{})
	wantError(t, err, incident.ErrInvalid)
}

// enough lets a training begin although nobody decided anything.
type enough struct{ store.Store }

func closed(b *bench) store.Cases { return &enough{b.st} }

// Incidents implements store.Cases.
func (e *enough) Incidents(context.Context, store.IncidentQuery) (store.Page[incident.Incident], error) {
	var p store.Page[incident.Incident]
	for i := range workspace.FewestConfirmed {
		c := incident.Incident{ID: correlate.IncidentID(i + 1)}
		c.Classification = alert.ClassificationTruePositive
		p.Items = append(p.Items, c)
	}
	return p, nil
}

// AlertIDs implements store.Cases.
func (e *enough) AlertIDs(_ context.Context, _ string, id correlate.IncidentID) ([]string, error) {
	var out []string
	for i := range workspace.FewestDecided {
		out = append(out, string(rune('a'+id))+string(rune('0'+i)))
	}
	return out, nil
}

// A back-test tries a kept model on the past, against the present.
func TestBacktestOfAModel(t *testing.T) {
	t.Parallel()
	b := past(t)
	_, err := b.ask(backtest.Proposal{Days: 365, Settings: correlate.Settings{Model: 1}})
	var wrong *correlate.SettingError
	if !errors.As(err, &wrong) || wrong.Field != "model" {
		t.Fatalf("%v", err)
	}
	b.keep("strict")
	asked := must(b.ask(backtest.Proposal{Days: 365, Settings: correlate.Settings{Model: 1}}))
	if err := b.runner().Run(b.ctx, b.opt.Name, asked.ID); err != nil {
		t.Fatal(err)
	}
	got := must(b.st.Backtest(b.ctx, b.opt.Name, asked.ID))
	if got.State != store.BacktestDone || got.Findings == nil || got.Findings.Splitting == 0 || got.Findings.After.Incidents <= got.Findings.Before.Incidents {
		t.Errorf("%+v", got)
	}
	asked = must(b.ask(backtest.Proposal{Days: 365, Settings: correlate.Settings{Model: 1}}))
	if err := b.w.DeleteModel(b.ctx, 1); err != nil {
		t.Fatal(err)
	}
	if err := b.runner().Run(b.ctx, b.opt.Name, asked.ID); err != nil {
		t.Fatal(err)
	}
	if got = must(b.st.Backtest(b.ctx, b.opt.Name, asked.ID)); got.State != store.BacktestFailed || !strings.Contains(got.Error, "deleted") {
		t.Errorf("%+v", got)
	}
}

func (b *bench) trainer() *workspace.Trainer {
	return &workspace.Trainer{Store: b.st, Now: b.clock.now, Log: slog.New(slog.DiscardHandler),
		Options: train.Options{Rounds: 1, Params: train.Params{Trees: 5, Seed: 1}}}
}

// What people close makes a model that can decide.
func TestModelIsTrainedFromClosures(t *testing.T) {
	t.Parallel()
	b := past(t)
	m := b.models()
	_, err := m.Train(b.ctx, b.st, b.opt.Name, "ada", "own", epoch)
	wantError(t, err, workspace.ErrTooLittle)
	if !strings.Contains(err.Error(), "0 alerts") || !strings.Contains(err.Error(), "at least 100 and 3") {
		t.Error(err)
	}
	list := must(b.st.Incidents(b.ctx, store.IncidentQuery{Workspace: b.opt.Name, Sort: store.ByAlerts, Paging: store.Paging{Limit: 40}}))
	for i, inc := range list.Items {
		class := "truePositive"
		if i >= 10 {
			class = "falsePositive"
		}
		b.patch(inc.ID, workspace.Patch{Status: ref("resolved"), Classification: ref(class)})
	}
	var wrong *correlate.ModelError
	if _, err := m.Train(b.ctx, b.st, b.opt.Name, "ada", "a\nb", epoch); !errors.As(err, &wrong) {
		t.Errorf("%v", err)
	}
	_, err = m.Train(b.ctx, b.st, b.opt.Name, "ada", correlate.BuiltIn().Version, epoch)
	wantError(t, err, store.ErrConflict)
	asked := must(m.Train(b.ctx, b.st, b.opt.Name, "ada", "own", epoch))
	_, err = m.Train(b.ctx, b.st, b.opt.Name, "ada", "another", epoch)
	wantError(t, err, workspace.ErrTrainingRuns)
	if err := b.trainer().Run(b.ctx, b.opt.Name, asked.ID); err != nil {
		t.Fatal(err)
	}
	got := must(b.st.Model(b.ctx, b.opt.Name, asked.ID))
	if got.State != store.ModelReady || got.Origin != store.ModelTrained || got.Done != got.Total || got.Total == 0 || !strings.Contains(got.Trained, "10 confirmed incidents") || got.Size == 0 {
		t.Errorf("%+v", got)
	}
	must(b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Model: asked.ID}, workspace.SettingsChange{}))
	b.ingest(&alert.Alert{ID: "late", Title: "one", CreatedDateTime: epoch})
	for _, a := range b.everyAlert() {
		if a.ID == "late" && a.Link.Model != "own" {
			t.Errorf("%q decided about %s", a.Link.Model, a.ID)
		}
	}
	if err := b.trainer().Run(b.ctx, b.opt.Name, asked.ID); err != nil {
		t.Errorf("the job came twice: %v", err)
	}
	if again := must(b.st.Model(b.ctx, b.opt.Name, asked.ID)); again.Digest != got.Digest {
		t.Error("it was trained twice")
	}
	b.interrupted(t, m)
}

// interrupted trains once more: the process ends, and the model is deleted.
func (b *bench) interrupted(t *testing.T, m workspace.Models) {
	ctx, cancel := context.WithCancel(b.ctx)
	asked := must(m.Train(b.ctx, b.st, b.opt.Name, "ada", "ended", epoch))
	tr := b.trainer()
	tr.Store = &reading{TrainerStore: b.st, then: cancel}
	wantError(t, tr.Run(ctx, b.opt.Name, asked.ID), context.Canceled)
	if err := tr.Recover(b.ctx, b.opt.Name); err != nil {
		t.Fatal(err)
	}
	if got := must(b.st.Model(b.ctx, b.opt.Name, asked.ID)); got.State != store.ModelFailed || got.Error == "" {
		t.Errorf("%+v", got)
	}
	asked = must(m.Train(b.ctx, b.st, b.opt.Name, "ada", "deleted", epoch))
	tr.Store = &reading{TrainerStore: b.st, then: func() {
		if err := b.w.DeleteModel(b.ctx, asked.ID); err != nil {
			t.Error(err)
		}
	}}
	if err := tr.Run(b.ctx, b.opt.Name, asked.ID); err != nil {
		t.Errorf("deleted while it ran: %v", err)
	}
	if _, err := b.st.Model(b.ctx, b.opt.Name, asked.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// reading does something when a training begins to read.
type reading struct {
	workspace.TrainerStore
	then func()
}

// Activities implements store.Cases.
func (r *reading) Activities(ctx context.Context, q store.ActivityQuery) (store.Page[incident.Activity], error) {
	page, err := r.TrainerStore.Activities(ctx, q)
	r.then()
	return page, err
}
