// Package app wires the rooms of the house together: New, Start, Stop. It runs
// the whole product in-process, on port 0 in tests, and holds the verbs of the
// command line, which main only parses.
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/clew-sec/clew/jobs"
	"github.com/clew-sec/clew/server"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/telemetry/listen"
	"github.com/clew-sec/clew/workspace"
)

// DefaultWorkspace is the workspace of an installation that has only one.
const DefaultWorkspace = "default"

// stopTimeout is how long an orderly end may take.
const stopTimeout = 15 * time.Second

// Config says how the product runs. The zero value of every field but Data (or
// Database) has a meaning.
type Config struct {
	Data     string // data folder of the embedded database
	Database string // postgres://… instead of it
	Listen   string // address to listen on, "127.0.0.1:0" when empty
	URL      string // address for links, http(s)://Addr when empty
	TLSCert  string // PEM files; plain HTTP when empty
	TLSKey   string
	Model    string // file of the model that correlates, the built-in one when empty
	// Telemetry is where events are kept: TelemetryData (also when empty),
	// TelemetryOff, or the URL of a ClickHouse. TelemetryMemory is how many bytes the
	// engine in the data folder may use, or a query of ClickHouse, 1 GiB when 0.
	// TelemetryReader is the user of ClickHouse under whom queries run, as
	// user:password; that of the URL when empty. Retention is how long events
	// are kept, for good when 0; TableRetention that of tables for which it is
	// another. SkipTables are not kept; SkippedTables when nil.
	Telemetry       string
	TelemetryMemory int64
	TelemetryReader string
	SkipTables      []string
	Places          string // MMDB file that says where addresses are; none when empty
	Retention       time.Duration
	TableRetention  map[string]time.Duration
	Syslog          SyslogConfig
	Log             *slog.Logger
	Now             func() time.Time
}

// App is the running product.
type App struct {
	cfg       Config
	store     store.Store
	telemetry telemetry.Store // nil: none is kept
	places    *places
	mirroring context.CancelFunc
	mirrored  sync.WaitGroup
	events    *ingest.Service // takes events in, nil likewise
	syslog    *listen.Syslog  // nil: not listened to
	workspace *workspace.Workspace
	server    *server.Server
	jobs      *jobs.Runner
	http      *http.Server
	listener  net.Listener
	served    chan error
	stopOnce  sync.Once
	stopErr   error
}

// New opens the database and rebuilds the correlation engine. It does not listen
// yet. On an error everything is closed again.
func New(ctx context.Context, cfg Config) (_ *App, err error) {
	cfg.complete()
	a := &App{cfg: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close(context.WithoutCancel(ctx)))
		}
	}()
	if a.store, err = openStore(ctx, cfg); err != nil {
		return nil, err
	}
	if a.workspace, err = openWorkspace(ctx, cfg, a.store, DefaultWorkspace); err != nil {
		return nil, err
	}
	if a.telemetry, err = openTelemetry(ctx, cfg); err != nil {
		return nil, err
	}
	if a.telemetry != nil {
		a.events = newIngest(cfg, a.telemetry)
	}
	if a.jobs, err = a.startJobs(ctx); err != nil {
		return nil, err
	}
	if a.places, err = openPlaces(cfg.Places); err != nil {
		return nil, err
	}
	if a.server, err = a.newServer(); err != nil {
		return nil, err
	}
	a.startMirror(ctx)
	return a, nil
}

func (c *Config) complete() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
}

// Start listens and serves until Stop.
func (a *App) Start(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", a.cfg.Listen, err)
	}
	var secure *tls.Config
	if a.cfg.TLSCert != "" {
		cert, err := tls.LoadX509KeyPair(a.cfg.TLSCert, a.cfg.TLSKey)
		if err != nil {
			return errors.Join(fmt.Errorf("reading the TLS certificate: %w", err), l.Close())
		}
		secure = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	if err := a.startSyslog(secure); err != nil {
		return errors.Join(err, l.Close())
	}
	a.listener, a.served = l, make(chan error, 1)
	a.http = a.server.HTTP(a.cfg.Listen)
	if secure != nil {
		a.http.TLSConfig = secure.Clone()
		go func() { a.served <- a.http.ServeTLS(l, "", "") }()
		return nil
	}
	go func() { a.served <- a.http.Serve(l) }()
	return nil
}

// Addr is the address that Start listens on.
func (a *App) Addr() string { return a.listener.Addr().String() }

// URL is the address under which the portal is reached.
func (a *App) URL() string {
	if a.cfg.URL != "" {
		return a.cfg.URL
	}
	if a.cfg.TLSCert != "" {
		return "https://" + a.Addr()
	}
	return "http://" + a.Addr()
}

// Workspace is the default workspace.
func (a *App) Workspace() *workspace.Workspace { return a.workspace }

// Telemetry is the store of events, nil when none is kept.
func (a *App) Telemetry() telemetry.Store { return a.telemetry }

// Store is the database.
func (a *App) Store() store.Store { return a.store }

// Done is closed over when serving ends by itself; it yields the cause.
func (a *App) Done() <-chan error { return a.served }

// Stop ends everything in order: no new requests, those under way finish, then
// the jobs, the workspace (which saves a checkpoint) and the database. It may be
// called twice. What does not end in time is cut off.
func (a *App) Stop(ctx context.Context) error {
	a.stopOnce.Do(func() { a.stopErr = a.stop(ctx) })
	return a.stopErr
}

func (a *App) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	var errs []error
	if a.http != nil {
		if err := a.http.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("ending requests: %w", err), a.http.Close())
		}
	}
	return errors.Join(append(errs, a.close(ctx))...)
}

func (a *App) close(ctx context.Context) error {
	var errs []error
	if a.server != nil {
		a.server.Close()
	}
	if a.jobs != nil {
		errs = append(errs, a.jobs.Stop(ctx))
	}
	if a.workspace != nil {
		errs = append(errs, a.workspace.Close(ctx))
	}
	if a.mirroring != nil {
		a.mirroring()
		a.mirrored.Wait()
	}
	if a.syslog != nil {
		a.syslog.Close()
	}
	if a.events != nil {
		a.events.Close()
	}
	if a.telemetry != nil {
		errs = append(errs, a.telemetry.Close())
	}
	errs = append(errs, a.places.close())
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	return errors.Join(errs...)
}
