// Package server puts Clew on HTTP: the API, live updates, the portal's files,
// health and metrics, behind one set of limits, headers and checks.
//
// Every request has an id, bounded time and size, and strict security headers;
// state can be changed by the portal's own pages only, or by a token. A panic
// in a handler ends that request and nothing else.
package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/server/api"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/live"
	"github.com/clew-sec/clew/server/portal"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// Store is what the server reads.
type Store interface {
	store.Cases
	store.Inventory
	store.Controls
	store.Accounts
	store.Log
	store.Backtests
	store.Models
	store.Hunting
}

// Workspace is a workspace whose changes can be followed; *workspace.Workspace is one.
type Workspace interface {
	api.Workspace
	Follow() *workspace.Subscription
}

// Options configures a server. Store and Workspaces are required.
type Options struct {
	Store      Store
	Workspaces []Workspace // the first is the default one
	Sources    []source.Source
	// Model is the one that the workspaces start with, the built-in one when nil, and
	// ModelOrigin where it comes from.
	Model       *correlate.Model
	ModelOrigin store.ModelOrigin
	Hunter      api.Hunter     // nil: no telemetry is kept
	Telemetry   api.Telemetry  // nil: no events are taken in
	Tables      api.UserTables // nil likewise
	Portal      fs.FS          // the built portal; nil or without index.html: a page that says how to build it
	Version     string
	Log         *slog.Logger     // discarded when nil
	Now         func() time.Time // time.Now when nil

	// PublicURL is where people reach the server, without a slash at the end
	// ("https://clew.example"); needed behind a proxy that changes the host.
	PublicURL string
	// TrustedProxies are the networks whose forwarding headers are believed.
	TrustedProxies []netip.Prefix

	MaxCompressed int64 // bytes of a packed ingest request, 64 MiB when 0
	MaxRaw        int64 // bytes of an ingest request unpacked, 512 MiB when 0
	MaxIngests    int   // large ingest requests at the same time, 16 when 0; 16 times as many small ones
	// SessionIdle and SessionAbsolute are when sessions end: 12 hours unused,
	// 7 days in any case, when 0.
	SessionIdle, SessionAbsolute time.Duration
	PasswordCost                 auth.Cost // auth.DefaultCost when zero
	// Ready is asked by /readyz beside the store; nil for no further question.
	Ready func(context.Context) error
}

// Server is the whole HTTP side. It is an http.Handler.
type Server struct {
	opt     Options
	stop    context.CancelFunc
	running sync.WaitGroup
	auth    *auth.Service
	hubs    map[string]*live.Hub
	follow  []feed
	metrics *metrics
	handler http.Handler
}

// feed is a workspace's changes on their way to its hub.
type feed struct {
	from *workspace.Subscription
	to   *live.Hub
}

// New wires a server and starts what it does by itself: carrying changes to the
// live updates and removing expired sessions. Close ends that.
func New(opt Options) (*Server, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Store == nil || len(opt.Workspaces) == 0 {
		return nil, errors.New("a server needs a store and a workspace")
	}
	s := &Server{opt: opt, hubs: map[string]*live.Hub{}, metrics: newMetrics()}
	s.auth = auth.New(auth.Options{
		Store: opt.Store, Now: opt.Now, Log: opt.Log, Idle: opt.SessionIdle, Absolute: opt.SessionAbsolute, Cost: opt.PasswordCost,
	})
	workspaces := map[string]api.Workspace{}
	for _, w := range opt.Workspaces {
		hub := live.NewHub(w.Name())
		workspaces[w.Name()], s.hubs[w.Name()] = w, hub
		s.metrics.watch(w.Name(), hub)
	}
	if err := s.route(workspaces); err != nil {
		return nil, err
	}
	for _, w := range opt.Workspaces {
		s.follow = append(s.follow, feed{from: w.Follow(), to: s.hubs[w.Name()]})
	}
	s.start()
	return s, nil
}

func (s *Server) start() {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	for _, f := range s.follow {
		s.running.Go(func() { f.run(ctx) })
	}
	s.running.Go(func() { s.sweep(ctx) })
}

func (s *Server) route(workspaces map[string]api.Workspace) error {
	mux := http.NewServeMux()
	err := api.Register(mux, api.Options{
		Store: s.opt.Store, Workspaces: workspaces, Auth: s.auth, Live: s.hubs, Model: s.opt.Model, ModelOrigin: s.opt.ModelOrigin, Hunter: s.opt.Hunter, Telemetry: s.opt.Telemetry, Tables: s.opt.Tables, Sources: s.opt.Sources, CountedEvents: s.metrics.delivered,
		Counted: s.metrics.ingested, Now: s.opt.Now, Log: s.opt.Log, Version: s.opt.Version, PublicURL: s.opt.PublicURL,
		MaxCompressed: s.opt.MaxCompressed, MaxRaw: s.opt.MaxRaw, MaxIngests: s.opt.MaxIngests,
	})
	if err != nil {
		return fmt.Errorf("registering the API: %w", err)
	}
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /metrics", s.serveMetrics)
	pages, err := portal.New(s.opt.Portal)
	if err != nil {
		return fmt.Errorf("reading the portal's files: %w", err)
	}
	mux.Handle("/", pages)
	s.handler, err = s.wrap(mux)
	return err
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// HTTP gives an http.Server around s with its limits set. The streams of s end
// when its Shutdown begins.
func (s *Server) HTTP(addr string) *http.Server {
	h := &http.Server{
		Addr: addr, Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(s.opt.Log.Handler(), slog.LevelDebug),
	}
	h.RegisterOnShutdown(s.closeStreams)
	return h
}

// sweepEvery is how often expired sessions are removed.
const sweepEvery = time.Hour

func (f feed) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-f.from.C:
			if !ok {
				return
			}
			if f.from.Lagged() {
				f.to.Resync()
			}
			f.to.Publish(e)
		}
	}
}

func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.auth.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.opt.Log.ErrorContext(ctx, "expired sessions stay", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Server) closeStreams() {
	for _, hub := range s.hubs {
		hub.Close()
	}
}

// Close ends all streams and everything that New started, and waits for it. It
// may be called twice.
func (s *Server) Close() {
	s.closeStreams()
	s.stop()
	for _, f := range s.follow {
		f.from.Close()
	}
	s.running.Wait()
}

func healthy(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// readyWithin bounds the question whether the store answers.
const readyWithin = 3 * time.Second

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	err := s.reachable(ctx)
	if err == nil && s.opt.Ready != nil {
		err = s.opt.Ready(ctx)
	}
	if err != nil {
		s.opt.Log.WarnContext(ctx, "not ready", "error", err)
		plain(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	plain(w, http.StatusOK, "ready\n")
}

func (s *Server) reachable(ctx context.Context) error {
	for _, w := range s.opt.Workspaces {
		if _, err := s.opt.Store.Position(ctx, w.Name()); err != nil {
			return fmt.Errorf("asking the store for workspace %q: %w", w.Name(), err)
		}
	}
	return nil
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the client is gone when this fails
}

// origins are what the browser may name as origin of a change, beside the
// server's own host.
func origins(publicURL string) []string {
	return slices.DeleteFunc([]string{strings.TrimSuffix(publicURL, "/")}, func(s string) bool { return s == "" })
}
