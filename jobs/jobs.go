// Package jobs runs background work on River, on the same database as everything
// else: a job that a change enqueues exists if and only if the change is
// committed, and survives a kill of the process.
//
// A kind of job is a name and a function of its arguments (JSON). Functions may
// run more than once for one job, so they must be harmless when repeated.
package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Func does the work of one job. An error makes River try again later, up to the
// kind's attempts.
type Func func(ctx context.Context, args []byte) error

// Kind is a kind of job.
type Kind struct {
	Name string
	Do   Func
	// Every starts one by itself that often; 0 only runs what is enqueued.
	Every time.Duration
	// AtStart runs a periodic kind once when the program starts, too.
	AtStart bool
	// Timeout bounds one run, a minute when 0.
	Timeout time.Duration
	// Attempts is how often a failing job is tried, 5 when 0.
	Attempts int
}

// Options configures the runner.
type Options struct {
	Kinds []Kind
	// Workers is how many jobs run at once, 2 when 0.
	Workers int
	// Poll is how often the queue is looked at, a second when 0.
	Poll time.Duration
	Log  *slog.Logger // discarded when nil
}

// Args are the arguments of a job of any kind.
type Args struct {
	Name string
	JSON []byte
}

// Kind implements river.JobArgs.
func (a Args) Kind() string { return a.Name }

// MarshalJSON gives the arguments as they are; none are an empty object.
func (a Args) MarshalJSON() ([]byte, error) {
	if len(a.JSON) == 0 {
		return []byte("{}"), nil
	}
	return a.JSON, nil
}

// UnmarshalJSON keeps the arguments as they came.
func (a *Args) UnmarshalJSON(data []byte) error {
	a.JSON = append([]byte(nil), data...)
	return nil
}

// Runner runs jobs until it is stopped.
type Runner struct{ stop func(context.Context) error }

// Stop lets running jobs finish until ctx ends, then cancels them, and returns
// when nothing runs any more.
func (r *Runner) Stop(ctx context.Context) error { return r.stop(ctx) }

// Start runs the jobs of a store, which must be one of the two backends.
func Start(ctx context.Context, st any, o Options) (*Runner, error) {
	switch s := st.(type) {
	case interface {
		Queue() riverdriver.Driver[*sql.Tx]
	}:
		return start(ctx, s.Queue(), o)
	case interface {
		Queue() riverdriver.Driver[pgx.Tx]
	}:
		return start(ctx, s.Queue(), o)
	}
	return nil, fmt.Errorf("a store of type %T has no job queue", st)
}

func start[T any](ctx context.Context, driver riverdriver.Driver[T], o Options) (*Runner, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	workers, periodic, err := register(o.Kinds)
	if err != nil {
		return nil, err
	}
	poll := o.Poll
	if poll == 0 {
		poll = time.Second
	}
	client, err := river.NewClient(driver, &river.Config{
		Logger:            o.Log,
		Workers:           workers,
		PeriodicJobs:      periodic,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: cmp.Or(o.Workers, 2)}},
		FetchPollInterval: poll,
		FetchCooldown:     min(poll, 100*time.Millisecond),
		PollOnly:          true,
		JobTimeout:        -1,
		// What is done is of no use beyond a look at what happened lately.
		CompletedJobRetentionPeriod: 24 * time.Hour,
		CancelledJobRetentionPeriod: 24 * time.Hour,
		DiscardedJobRetentionPeriod: 7 * 24 * time.Hour,
	})
	if err != nil {
		return nil, fmt.Errorf("configuring jobs: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, fmt.Errorf("starting jobs: %w", err)
	}
	return &Runner{stop: func(ctx context.Context) error { return stop(ctx, client) }}, nil
}

func stop[T any](ctx context.Context, client *river.Client[T]) error {
	err := client.Stop(ctx)
	if err == nil || ctx.Err() == nil {
		return err
	}
	// The time to finish is over: cancel what runs, and wait for it.
	if hard := client.StopAndCancel(context.WithoutCancel(ctx)); hard != nil {
		return errors.Join(err, hard)
	}
	return nil
}

func register(kinds []Kind) (*river.Workers, []*river.PeriodicJob, error) {
	workers := river.NewWorkers()
	var periodic []*river.PeriodicJob
	for _, k := range kinds {
		if k.Name == "" || k.Do == nil {
			return nil, nil, fmt.Errorf("job kind %q: name and function are needed", k.Name)
		}
		river.AddWorkerArgs(workers, Args{Name: k.Name}, &worker{kind: k})
		if k.Every > 0 {
			periodic = append(periodic, every(k))
		}
	}
	return workers, periodic, nil
}

func every(k Kind) *river.PeriodicJob {
	once := &river.InsertOpts{UniqueOpts: river.UniqueOpts{
		ByArgs: true,
		ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
			rivertype.JobStateRetryable, rivertype.JobStateScheduled},
	}}
	return river.NewPeriodicJob(river.PeriodicInterval(k.Every), func() (river.JobArgs, *river.InsertOpts) {
		return Args{Name: k.Name}, once
	}, &river.PeriodicJobOpts{RunOnStart: k.AtStart})
}

// worker runs the jobs of one kind.
type worker struct {
	river.WorkerDefaults[Args]
	kind Kind
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[Args]) error {
	err := w.kind.Do(ctx, job.Args.JSON)
	if err != nil && job.Attempt >= w.attempts() {
		return river.JobCancel(fmt.Errorf("given up after %d attempts: %w", job.Attempt, err))
	}
	return err
}

func (w *worker) attempts() int {
	if w.kind.Attempts > 0 {
		return w.kind.Attempts
	}
	return 5
}

// Timeout implements river.Worker.
func (w *worker) Timeout(*river.Job[Args]) time.Duration {
	if w.kind.Timeout > 0 {
		return w.kind.Timeout
	}
	return time.Minute
}
