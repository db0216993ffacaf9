package workspace_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// past is a workspace with a made-up company in it, loaded as it came.
func past(t *testing.T) *bench {
	t.Helper()
	s := demo.Generate(demo.Options{Seed: 4, Days: 20, Alerts: 700})
	var stream []*alert.Alert
	for d := range s.Alerts() {
		stream = append(stream, d.Alert)
	}
	b := newBench(t, realEngine)
	came := func(a *alert.Alert) time.Time { return a.CreatedDateTime }
	if _, err := b.w.Ingest(b.ctx, workspace.Batch{Results: results(stream...), ReceivedAt: came}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) backtest(days int, s correlate.Settings) backtest.Findings {
	b.t.Helper()
	r, err := workspace.Backtest(b.ctx, workspace.BacktestOptions{
		Workspace: b.opt.Name, Store: b.st, NewEngine: b.opt.NewEngine, Horizon: correlate.DefaultHorizon,
		Proposal: backtest.Proposal{Days: days, Settings: s},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// With the settings in force the past repeats itself, in the incidents that are
// stored.
func TestBacktestOfTheSameSettings(t *testing.T) {
	t.Parallel()
	b := past(t)
	seq := b.position()
	r := b.backtest(365, correlate.Settings{})
	open := 0
	for _, a := range b.everyAlert() {
		open = max(open, int(a.Incident))
	}
	stored := map[correlate.IncidentID]bool{}
	for _, a := range b.everyAlert() {
		stored[a.Incident] = true
	}
	if r.Alerts != len(b.everyAlert()) || r.Before.Incidents != len(stored) || r.Same != len(stored) || r.Before != r.After || r.InForce != r.Proposed {
		t.Errorf("%d alerts in %d incidents are stored; %+v", len(b.everyAlert()), len(stored), r)
	}
	if r.InForce != (backtest.Judgement{}) {
		t.Errorf("nobody decided anything: %+v", r.InForce)
	}
	few := b.backtest(2, correlate.Settings{})
	if few.Alerts == 0 || few.Alerts >= r.Alerts || few.To != r.To || few.From.Before(few.To.AddDate(0, 0, -2)) {
		t.Errorf("two days: %d alerts from %s to %s", few.Alerts, few.From, few.To)
	}
	if b.position() != seq {
		t.Error("a back-test wrote to the log")
	}
}

// Other thresholds split and merge, and people's decisions tell which is better.
func TestBacktestTellsWhatWouldChange(t *testing.T) {
	t.Parallel()
	b := past(t)
	biggest, err := b.st.Incidents(b.ctx, store.IncidentQuery{Workspace: b.opt.Name, Sort: store.ByAlerts, Paging: store.Paging{Limit: 2}})
	if err != nil {
		t.Fatal(err)
	}
	attack, other := biggest.Items[0], biggest.Items[1]
	b.patch(attack.ID, workspace.Patch{Status: ref("resolved"), Classification: ref("truePositive"), Determination: ref("multiStagedAttack")})
	members, err := b.st.AlertIDs(b.ctx, b.opt.Name, other.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.w.Move(b.ctx, ada, members[1:2], 0, workspace.Reason{Text: "not of this"}); err != nil {
		t.Fatal(err)
	}
	r := b.backtest(365, correlate.Settings{Thresholds: correlate.Thresholds{Join: correlate.MaxThreshold, Merge: correlate.MaxThreshold}})
	if r.Splitting == 0 || r.After.Incidents <= r.Before.Incidents || r.Appeared == 0 || r.Elsewhere == 0 {
		t.Errorf("%+v", r.Difference)
	}
	if r.InForce.Confirmed != 1 || r.InForce.BestF1 <= r.Proposed.BestF1 || r.InForce.BestF1 < 0.99 {
		t.Errorf("now %+v, then %+v", r.InForce, r.Proposed)
	}
	if r.InForce.Parted != 1 || r.InForce.Rejoined != 1 {
		t.Errorf("the engine alone would put the moved alert back: %+v", r.InForce)
	}
	if first := r.Splits[0]; first.Whole.Incident != attack.ID && first.Whole.Incident != other.ID || first.Count < 2 {
		t.Errorf("the largest split is of %+v", first)
	}
	loose := b.backtest(365, correlate.Settings{Thresholds: correlate.Thresholds{Join: -correlate.MaxThreshold, Merge: -correlate.MaxThreshold}})
	if loose.Merging == 0 || loose.Vanished == 0 {
		t.Errorf("%+v", loose.Difference)
	}
}

// What people merged and took apart is read back from the log.
func TestReadFeedback(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new; see 1,2"), made("b", "into 1; see 2"), made("c", "new; see 3"), made("d", "new; see 4"), made("e", "new; see 5"))
	_, merges, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{1, 2}, workspace.Reason{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.w.UndoMerge(b.ctx, ada, merges[0].ID, "no"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.w.Move(b.ctx, ada, []string{"b"}, 3, workspace.Reason{}); err != nil {
		t.Fatal(err)
	}
	b.patch(4, workspace.Patch{Status: ref("resolved"), Classification: ref("falsePositive")})
	got, err := workspace.ReadFeedback(b.ctx, b.st, b.opt.Name)
	if err != nil {
		t.Fatal(err)
	}
	want := backtest.Feedback{
		Decisions: map[string]backtest.Decision{"a": {Incident: 1}, "b": {Incident: 3}, "d": {Incident: 3}, "e": {Incident: 4}},
		Apart:     []backtest.Apart{{Alert: "b", From: 1}, {Alert: "c", From: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func (b *bench) runner() *workspace.BacktestRunner {
	return &workspace.BacktestRunner{Store: b.st, NewEngine: b.opt.NewEngine, Horizon: correlate.DefaultHorizon, Now: b.clock.now, Log: slog.New(slog.DiscardHandler)}
}

func (b *bench) ask(r backtest.Proposal) (store.Backtest, error) {
	return workspace.AskBacktest(b.ctx, b.st, b.opt.Name, "ada", r, b.clock.now())
}

func TestBacktestRunner(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	b.ingest(&alert.Alert{ID: "a", Title: "one", CreatedDateTime: epoch}, &alert.Alert{ID: "b", Title: "two", CreatedDateTime: epoch})
	for what, r := range map[string]backtest.Proposal{"no days": {}, "too many": {Days: 366}} {
		if _, err := b.ask(r); !errors.Is(err, workspace.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var setting *correlate.SettingError
	if _, err := b.ask(backtest.Proposal{Days: 1, Settings: correlate.Settings{Thresholds: correlate.Thresholds{Merge: 5}}}); !errors.As(err, &setting) || setting.Field != "thresholds.merge" {
		t.Errorf("bad settings: %v", err)
	}
	asked := must(b.ask(backtest.Proposal{Days: 7}))
	if _, err := b.ask(backtest.Proposal{Days: 7}); !errors.Is(err, workspace.ErrBacktestRuns) {
		t.Errorf("a second one: %v", err)
	}
	if err := b.runner().Run(b.ctx, b.opt.Name, asked.ID); err != nil {
		t.Fatal(err)
	}
	done := must(b.st.Backtest(b.ctx, b.opt.Name, asked.ID))
	if done.State != store.BacktestDone || done.Findings == nil || done.Findings.Alerts != 2 || done.Done != 2 || done.Total != 2 || done.EndedAt.IsZero() {
		t.Errorf("%+v", done)
	}
	if err := b.runner().Run(b.ctx, b.opt.Name, asked.ID); err != nil {
		t.Errorf("the job came twice: %v", err)
	}
	if again := must(b.st.Backtest(b.ctx, b.opt.Name, asked.ID)); !again.EndedAt.Equal(done.EndedAt) {
		t.Error("it ran twice")
	}
	if err := b.runner().Run(b.ctx, b.opt.Name, 99); err != nil {
		t.Errorf("deleted before it ran: %v", err)
	}
}

// A run that ends with the process is told of at the next start; one that is
// deleted while it runs just ends.
func TestBacktestInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	b.ingest(&alert.Alert{ID: "a", Title: "one", CreatedDateTime: epoch})
	asked := must(b.ask(backtest.Proposal{Days: 7}))
	ctx, cancel := context.WithCancel(b.ctx)
	slow := &stopping{RunnerStore: b.st, stop: cancel}
	r := b.runner()
	r.Store = slow
	if err := r.Run(ctx, b.opt.Name, asked.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if got := must(b.st.Backtest(b.ctx, b.opt.Name, asked.ID)); got.State != store.BacktestRunning {
		t.Errorf("%+v", got)
	}
	if err := b.runner().Recover(b.ctx, b.opt.Name); err != nil {
		t.Fatal(err)
	}
	got := must(b.st.Backtest(b.ctx, b.opt.Name, asked.ID))
	if got.State != store.BacktestFailed || got.Error == "" || got.EndedAt.IsZero() {
		t.Errorf("%+v", got)
	}
	asked = must(b.ask(backtest.Proposal{Days: 7}))
	deleting := &stopping{RunnerStore: b.st, stop: func() { _ = b.st.DeleteBacktest(b.ctx, b.opt.Name, asked.ID) }}
	r.Store = deleting
	if err := r.Run(b.ctx, b.opt.Name, asked.ID); err != nil {
		t.Errorf("deleted while it ran: %v", err)
	}
	if _, err := b.st.Backtest(b.ctx, b.opt.Name, asked.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// stopping calls stop when the replay begins.
type stopping struct {
	workspace.RunnerStore
	stop func()
}

// Position implements store.Log.
func (s *stopping) Position(ctx context.Context, ws string) (int64, error) {
	s.stop()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return s.RunnerStore.Position(ctx, ws)
}
