package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/jobs"
	"github.com/clew-sec/clew/server"
	"github.com/clew-sec/clew/source/catalog"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/postgres"
	"github.com/clew-sec/clew/store/sqlite"
	"github.com/clew-sec/clew/web"
	"github.com/clew-sec/clew/workspace"
)

// openStore opens the embedded database in the data folder, or PostgreSQL.
func openStore(ctx context.Context, cfg Config) (store.Store, error) {
	if cfg.Database != "" {
		st, err := postgres.Open(ctx, postgres.Options{URL: cfg.Database, Log: cfg.Log})
		if err != nil {
			return nil, fmt.Errorf("opening the PostgreSQL database: %w", err)
		}
		return st, nil
	}
	st, err := sqlite.Open(ctx, sqlite.Options{Dir: cfg.Data, Log: cfg.Log})
	if err != nil {
		return nil, fmt.Errorf("opening the data folder %q: %w", cfg.Data, err)
	}
	return st, nil
}

func openWorkspace(ctx context.Context, cfg Config, st store.Store, name string) (*workspace.Workspace, error) {
	opt, err := cfg.engine()
	if err != nil {
		return nil, err
	}
	return workspace.Open(ctx, workspace.Options{
		Name: name, Store: st, Model: opt.Model, Now: cfg.Now, Log: cfg.Log.With("workspace", name),
		NewEngine:     func() correlate.Correlator { return correlate.New(opt) },
		RestoreEngine: func(snapshot []byte) (correlate.Correlator, error) { return correlate.Restore(snapshot, opt) },
	})
}

// engine is how the engines of the product are made.
func (c *Config) engine() (correlate.Options, error) {
	m, err := loadModel(c.Model)
	return correlate.Options{Model: m}, err
}

func (c *Config) modelOrigin() store.ModelOrigin {
	if c.Model != "" {
		return store.ModelGiven
	}
	return store.ModelShipped
}

func (a *App) newServer() (*server.Server, error) {
	engine, err := a.cfg.engine()
	if err != nil {
		return nil, err
	}
	opt := server.Options{
		Model: engine.Model, ModelOrigin: a.cfg.modelOrigin(),
		Store: a.store, Workspaces: []server.Workspace{a.workspace}, Sources: catalog.All(), Portal: web.Portal(), Version: Version,
		Log: a.cfg.Log, Now: a.cfg.Now, PublicURL: a.cfg.URL,
	}
	if a.telemetry != nil {
		opt.Telemetry, opt.Tables, opt.Ready = a.events, a.events, a.telemetry.Health
		if d, ok := dialects[engineOf(a.cfg)]; ok {
			h := newHunter(a.cfg, a.telemetry, a.store, a.places)
			h.hunt.Dialect = d
			opt.Hunter = h
		}
	}
	return server.New(opt)
}

// engineOf names the engine that keeps the telemetry, as the command line does.
func engineOf(cfg Config) string {
	if strings.Contains(cfg.Telemetry, ":") {
		return "clickhouse"
	}
	return "duckdb"
}

// startJobs runs the housekeeping on the store's own job queue.
func (a *App) startJobs(ctx context.Context) (*jobs.Runner, error) {
	cfg, st, w := a.cfg, a.store, a.workspace
	keeper, ok := st.(jobs.Keeper)
	if !ok {
		return nil, fmt.Errorf("a store of type %T can't be kept tidy", st)
	}
	log := cfg.Log.With("component", "jobs")
	kinds := jobs.Housekeeping{Store: keeper, Now: cfg.Now, Checkpoint: w.Checkpoint, Log: log}.Kinds()
	backtests, err := backtestKind(ctx, cfg, st, w.Name())
	if err != nil {
		return nil, err
	}
	trainings, err := trainingKind(ctx, cfg, st, w.Name())
	if err != nil {
		return nil, err
	}
	kinds = append(kinds, backtests, trainings)
	if a.telemetry != nil {
		kept, err := newRetention(cfg)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, retentionKind(cfg, kept, a.telemetry, w.Name()))
	}
	runner, err := jobs.Start(ctx, st, jobs.Options{Kinds: kinds, Log: log})
	if err != nil {
		return nil, fmt.Errorf("starting background jobs: %w", err)
	}
	return runner, nil
}

// startMirror keeps a copy of alerts, incidents and inventory in the telemetry.
func (a *App) startMirror(ctx context.Context) {
	if a.telemetry == nil {
		return
	}
	ctx, a.mirroring = context.WithCancel(context.WithoutCancel(ctx))
	m := newMirror(a.cfg, a.workspace.Name(), a.store, a.telemetry)
	changes := a.workspace.Follow()
	a.mirrored.Go(func() { m.run(ctx, changes) })
}
