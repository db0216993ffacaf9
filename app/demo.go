package app

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/graph"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/workspace"
)

// DemoOptions says what sample company to make.
type DemoOptions struct {
	Seed   uint64
	Days   int
	Alerts int
	Events int    // rows of raw events for hunting, about; 0 is none
	Out    string // file to write to instead of loading
}

// Demo makes a sample company and loads its alerts, or writes them to a file.
// The last of them arrived a moment ago. Loading the same company again updates
// what is there.
func Demo(ctx context.Context, cfg Config, o IO, opt DemoOptions) error {
	cfg.complete()
	start := cfg.Now().UTC().Truncate(time.Hour).AddDate(0, 0, -opt.Days).Add(time.Hour)
	s := demo.Generate(demo.Options{Seed: opt.Seed, Start: start, Days: opt.Days, Alerts: opt.Alerts})
	if opt.Out != "" {
		return writeDemo(o, s, opt.Out)
	}
	st, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer st.Close()
	w, err := openWorkspace(ctx, cfg, st, DefaultWorkspace)
	if err != nil {
		return err
	}
	defer w.Close(context.WithoutCancel(ctx))
	d := &demoFeed{ctx: ctx, scenario: s, until: cfg.Now()}
	r, err := w.Ingest(ctx, workspace.Batch{Source: graph.Source{}.Name(), Origin: "demo", Results: d.results(), ReceivedAt: d.receivedAt})
	if err != nil {
		return fmt.Errorf("loading the demo company: %w", err)
	}
	fmt.Fprintf(o.Err, "%s: %d users, %d attacks, %d alerts over %d days (%d new, %d updated)\n",
		s.Company.Name, len(s.Company.Users), len(s.Attacks), r.Received, s.Options.Days, r.New, r.Updated)
	if r.Rejected > 0 {
		return fmt.Errorf("%w: %d alerts of the demo were rejected", ErrProblems, r.Rejected)
	}
	return loadDemoEvents(ctx, cfg, o, st, s, opt.Events)
}

func writeDemo(o IO, s *demo.Scenario, name string) error {
	f, err := o.create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err := s.WriteNDJSON(w); err != nil {
		return fmt.Errorf("writing the demo company: %w", err)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the demo company: %w", err)
	}
	return f.Close()
}

// demoFeed hands the scenario's alerts to a workspace as its sources would.
type demoFeed struct {
	ctx      context.Context
	scenario *demo.Scenario
	until    time.Time
	received time.Time // of the alert that is being handed over
}

func (d *demoFeed) results() iter.Seq2[reader.Result, error] {
	return func(yield func(reader.Result, error) bool) {
		n := 0
		for delivery := range d.scenario.Alerts() {
			if err := ended(d.ctx); err != nil {
				yield(reader.Result{}, err)
				return
			}
			n++
			d.received = delivery.Received
			res := reader.Result{Record: reader.Record{File: "demo", Number: n}, Source: source.Source(graph.Source{}), Alerts: []*alert.Alert{delivery.Alert}}
			if !yield(res, nil) {
				return
			}
		}
	}
}

// receivedAt never lies in the future: the last day of a scenario may reach
// beyond the present.
func (d *demoFeed) receivedAt(*alert.Alert) time.Time {
	if d.received.After(d.until) {
		return d.until
	}
	return d.received
}
