package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/jobs"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// backtestTimeout bounds one back-test.
const backtestTimeout = 6 * time.Hour

// backtestKind runs the back-tests that people ask for. Those that ran when the
// process ended last time are marked first.
func backtestKind(ctx context.Context, cfg Config, st store.Store, name string) (jobs.Kind, error) {
	engine, err := cfg.engine()
	if err != nil {
		return jobs.Kind{}, err
	}
	newEngine := func() correlate.Correlator { return correlate.New(engine) }
	runner := &workspace.BacktestRunner{Store: st, NewEngine: newEngine, Horizon: correlate.DefaultHorizon, Now: cfg.Now, Log: cfg.Log.With("component", "backtest")}
	if err := runner.Recover(ctx, name); err != nil {
		return jobs.Kind{}, err
	}
	return jobs.Kind{Name: workspace.JobBacktest, Do: numbered(runner.Run), Timeout: backtestTimeout, Attempts: 1}, nil
}

// numbered is a job about one numbered thing of a workspace.
func numbered(run func(ctx context.Context, workspace string, id int64) error) jobs.Func {
	return func(ctx context.Context, args []byte) error {
		var of struct {
			Workspace string `json:"workspace"`
			ID        int64  `json:"id"`
		}
		if err := json.Unmarshal(args, &of); err != nil {
			return fmt.Errorf("reading what to run: %w", err)
		}
		return run(ctx, of.Workspace, of.ID)
	}
}

// BacktestOptions says what to try on the past.
type BacktestOptions struct {
	Server    string // URL of a running server instead of a data folder
	Workspace string
	Days      int
	Settings  string // file of proposed settings (JSON), the ones in force when empty
	Model     string // file of the model to try; with Server, the number of a kept one
	Join      float64
	Merge     float64
	Disable   []string // rules to exclude from correlation
	Exclude   []string // identifiers that must not link
	JSON      bool
}

// Backtest replays the last days with other settings and prints what would be
// different. Nothing changes by it.
func Backtest(ctx context.Context, cfg Config, o IO, opt BacktestOptions) error {
	if opt.Days < 1 || opt.Days > backtest.MaxDays {
		return fmt.Errorf("%w: --days must lie between 1 and %d", ErrUsage, backtest.MaxDays)
	}
	run := backtestHere
	if opt.Server != "" {
		run = backtestThere
	}
	report, err := run(ctx, cfg, o, opt)
	if err != nil {
		return err
	}
	if opt.JSON {
		return o.printJSON(report)
	}
	printBacktest(o, report)
	return nil
}

func backtestHere(ctx context.Context, cfg Config, o IO, opt BacktestOptions) (backtest.Findings, error) {
	cfg.complete()
	st, err := openStore(ctx, cfg)
	if err != nil {
		return backtest.Findings{}, err
	}
	defer st.Close()
	now, err := st.CorrelationSettings(ctx, opt.Workspace)
	if err != nil {
		return backtest.Findings{}, fmt.Errorf("reading the settings in force: %w", err)
	}
	settings, err := opt.proposed(now.Settings)
	if err != nil {
		return backtest.Findings{}, err
	}
	engine, err := cfg.engine()
	if err != nil {
		return backtest.Findings{}, err
	}
	model, err := opt.model(ctx, st, settings.Model)
	if err != nil {
		return backtest.Findings{}, err
	}
	return workspace.Backtest(ctx, workspace.BacktestOptions{
		Workspace: opt.Workspace, Store: st, NewEngine: func() correlate.Correlator { return correlate.New(engine) }, Model: model, Horizon: correlate.DefaultHorizon,
		Proposal: backtest.Proposal{Days: opt.Days, Settings: settings}, Progress: o.share("replayed"),
	})
}

// model reads the file of the model to try: that of the option, else that of the
// proposed settings. Nil is the one that the server starts with.
func (opt BacktestOptions) model(ctx context.Context, st store.Models, kept int64) ([]byte, error) {
	switch {
	case opt.Model != "":
		m, err := loadModel(opt.Model)
		if err != nil {
			return nil, err
		}
		return m.File()
	case kept != 0:
		return st.ModelFile(ctx, opt.Workspace, kept)
	}
	return nil, nil
}

// share tells about every two seconds how much of something is done.
func (o IO) share(what string) func(done, total int64) {
	last := time.Now()
	return func(done, total int64) {
		if time.Since(last) > 2*time.Second && total > 0 {
			last = time.Now()
			fmt.Fprintf(o.Err, "%s %d %%\n", what, 100*done/total)
		}
	}
}

// proposed changes settings by what the options say.
func (opt BacktestOptions) proposed(s correlate.Settings) (correlate.Settings, error) {
	if opt.Settings != "" {
		data, err := os.ReadFile(opt.Settings)
		if err != nil {
			return s, fmt.Errorf("reading the proposed settings: %w", err)
		}
		s = correlate.Settings{}
		if err := json.Unmarshal(data, &s); err != nil {
			return s, fmt.Errorf("%w: %s holds no settings: %w", ErrUsage, opt.Settings, err)
		}
	}
	s.Thresholds.Join += opt.Join
	s.Thresholds.Merge += opt.Merge
	for _, r := range opt.Disable {
		s.Rules = append(s.Rules, correlate.RuleControl{Rule: r, State: correlate.RuleDisabled})
	}
	for _, x := range opt.Exclude {
		s.Exclude = append(s.Exclude, correlate.Exclusion{Kind: correlate.ExcludeIdentifier, Value: x})
	}
	s, err := s.Complete()
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return s, nil
}

// backtestThere asks a running server and waits for its report.
func backtestThere(ctx context.Context, _ Config, o IO, opt BacktestOptions) (backtest.Findings, error) {
	var model int64
	if opt.Model != "" {
		var err error
		if model, err = strconv.ParseInt(opt.Model, 10, 64); err != nil {
			return backtest.Findings{}, fmt.Errorf("%w: with --server, --model is the number of a model that the server keeps (0 is its own), not %q", ErrUsage, opt.Model)
		}
	}
	c, err := newClient(opt.Server, opt.Workspace, "the scopes read and write")
	if err != nil {
		return backtest.Findings{}, err
	}
	var now struct {
		Settings correlate.Settings `json:"settings"`
	}
	if err := c.call(ctx, http.MethodGet, "correlation/settings", nil, &now); err != nil {
		return backtest.Findings{}, err
	}
	settings, err := opt.proposed(now.Settings)
	if err != nil {
		return backtest.Findings{}, err
	}
	if opt.Model != "" {
		settings.Model = model
	}
	var run store.Backtest
	if err := c.call(ctx, http.MethodPost, "backtests", backtest.Proposal{Days: opt.Days, Settings: settings}, &run); err != nil {
		return backtest.Findings{}, err
	}
	tell := o.share("replayed")
	for run.State == store.BacktestQueued || run.State == store.BacktestRunning {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return backtest.Findings{}, ended(ctx)
		}
		if err := c.call(ctx, http.MethodGet, "backtests/"+strconv.FormatInt(run.ID, 10), nil, &run); err != nil {
			return backtest.Findings{}, err
		}
		tell(run.Done, run.Total)
	}
	if run.Findings == nil {
		return backtest.Findings{}, fmt.Errorf("the back-test failed: %s", run.Error)
	}
	return *run.Findings, nil
}

func printBacktest(o IO, r backtest.Findings) {
	fmt.Fprintf(o.Out, "%d alerts from %s to %s\n\n", r.Alerts, r.From.Format(time.DateTime), r.To.Format(time.DateTime))
	row := func(what string, now, then any) { fmt.Fprintf(o.Out, "%-34s %12v %12v\n", what, now, then) }
	row("", "in force", "proposed")
	row("incidents", r.Before.Incidents, r.After.Incidents)
	row("of one alert", r.Before.Single, r.After.Single)
	row("alerts in the largest", r.Before.Largest, r.After.Largest)
	if r.InForce.Decided > 0 {
		three := func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
		fmt.Fprintf(o.Out, "\nagainst what people decided about %d alerts (%d confirmed incidents)\n", r.InForce.Decided, r.InForce.Confirmed)
		row("best F1", three(r.InForce.BestF1), three(r.Proposed.BestF1))
		row("captured", three(r.InForce.Captured), three(r.Proposed.Captured))
		row("purity", three(r.InForce.Purity), three(r.Proposed.Purity))
		row("contamination", three(r.InForce.Contamination), three(r.Proposed.Contamination))
		row("put together again", fmt.Sprintf("%d of %d", r.InForce.Rejoined, r.InForce.Parted), fmt.Sprintf("%d of %d", r.Proposed.Rejoined, r.Proposed.Parted))
	} else {
		fmt.Fprintln(o.Out, "\nNobody has closed, merged or moved anything in this time: there is nothing to compare with.")
	}
	fmt.Fprintf(o.Out, "\n%d incidents stay the same, %d would merge with others, %d would split, %d would appear, %d would vanish; %d alerts would be elsewhere\n",
		r.Same, r.Merging, r.Splitting, r.Appeared, r.Vanished, r.Elsewhere)
	for _, c := range r.Merges {
		fmt.Fprintf(o.Out, "  merge %s into one of %d alerts\n", groups(c), c.Whole.Alerts)
	}
	for _, c := range r.Splits {
		fmt.Fprintf(o.Out, "  split #%d (%d alerts) into %s\n", c.Whole.Incident, c.Whole.Alerts, groups(c))
	}
}

const shownParts = 5

// groups names the parts of a change.
func groups(c backtest.Regrouping) string {
	names := make([]string, 0, len(c.Parts)+1)
	for _, p := range c.Parts[:min(len(c.Parts), shownParts)] {
		name := "a new one"
		if p.Incident != 0 {
			name = fmt.Sprintf("#%d", p.Incident)
		}
		names = append(names, fmt.Sprintf("%s (%d)", name, p.Alerts))
	}
	if more := c.Count - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
