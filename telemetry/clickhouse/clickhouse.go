// Package clickhouse keeps telemetry in ClickHouse.
//
// It speaks ClickHouse's HTTP interface itself: rows go out as RowBinary,
// written straight from sparse rows, results come in as blocks of the native
// format. That is little code, has nothing between the engine and the values of
// the query language, and is the same path that the tests drive.
//
// Each workspace is a database of its own. Nodes share a server: what one makes,
// the others find.
package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clew-sec/clew/telemetry"
)

// Options say where the server is.
type Options struct {
	// URL of the HTTP interface, as https://user:password@host:8443. Its user makes
	// databases and tables.
	URL string
	// Reader is another user, as user:password, under whom queries run; one that may
	// read the databases and nothing else. When empty, they run under the URL's.
	Reader string
	// Memory is how many bytes a query may use that has no limit of its own. When 0,
	// what the server allows.
	Memory int64
	// Prefix of the names of databases, by default "clew".
	Prefix string
	// Queries is how many may run at the same time, by default 16. Others wait.
	Queries int
	// Notes is a folder of this node alone, made when it is not there, in which it
	// notes what it is about to append. After a kill the next Open removes what was
	// stored of an append that was not finished. When empty, that stays.
	Notes string
	Log   *slog.Logger
	Now   func() time.Time
}

const (
	defaultPrefix  = "clew"
	defaultQueries = 16
)

// Store implements telemetry.Store.
type Store struct {
	opt  Options
	http *client
	slot chan struct{} // one for each query that runs

	ensure  sync.Mutex // makes one change of tables at a time on this node
	schemas sync.RWMutex
	spaces  map[string]map[string]*telemetry.Stored // by workspace and folded table name

	last  atomic.Int64 // time of ingestion of the latest append
	owing sync.Mutex   // undoes one append at a time
	owed  []failed
	notes notes

	state  sync.Mutex
	closed bool
	end    context.CancelCauseFunc
	alive  context.Context
	active sync.WaitGroup
}

var _ telemetry.Store = (*Store)(nil)

func (o *Options) complete() {
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if o.Queries <= 0 {
		o.Queries = defaultQueries
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// addresses are the URL of the server and the user who reads, nil when it is the
// same. Errors do not repeat what they are about: it holds passwords.
func (o *Options) addresses() (*url.URL, *url.Userinfo, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, nil, errors.New("the address of ClickHouse must be a URL like https://user:password@host:8443")
	}
	if u.Scheme == "http" && !local(u.Hostname()) && (u.User != nil || o.Reader != "") {
		o.Log.Warn("passwords go to ClickHouse without encryption; use https", "host", u.Host)
	}
	if o.Reader == "" {
		return u, nil, nil
	}
	user, password, ok := strings.Cut(o.Reader, ":")
	if !ok || user == "" {
		return nil, nil, errors.New("the user who reads in ClickHouse must be given like user:password")
	}
	return u, url.UserPassword(user, password), nil
}

// local tells whether a host is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Open connects to the server and makes what the store needs for itself.
func Open(ctx context.Context, opt Options) (*Store, error) {
	opt.complete()
	address, reader, err := opt.addresses()
	if err != nil {
		return nil, err
	}
	s := &Store{opt: opt, http: newClient(address, reader), slot: make(chan struct{}, opt.Queries), spaces: map[string]map[string]*telemetry.Stored{}, notes: notes(opt.Notes)}
	s.alive, s.end = context.WithCancelCause(context.Background())
	err = s.prepare(ctx)
	if err == nil {
		err = s.recover(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the telemetry in ClickHouse: %w", err), s.Close())
	}
	return s, nil
}

// enter counts a call that Close must wait for. Its context ends with the store.
func (s *Store) enter(ctx context.Context) (context.Context, func(), error) {
	s.state.Lock()
	defer s.state.Unlock()
	if s.closed {
		return nil, nil, telemetry.ErrClosed
	}
	s.active.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.alive, func() { cancel(telemetry.ErrClosed) })
	return ctx, func() { stop(); cancel(nil); s.active.Done() }, nil
}

// Health implements telemetry.Store.
func (s *Store) Health(ctx context.Context) error {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return s.http.exec(ctx, "SELECT 1", nil)
}

// Close implements telemetry.Store.
func (s *Store) Close() error {
	s.state.Lock()
	again := s.closed
	s.closed = true
	s.state.Unlock()
	if again {
		return nil
	}
	s.end(telemetry.ErrClosed)
	s.active.Wait()
	s.http.close()
	return s.leave()
}

// ident quotes an identifier.
func ident(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// text quotes a literal.
func text(s string) string {
	return `'` + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + `'`
}
