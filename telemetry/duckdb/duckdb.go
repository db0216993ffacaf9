// Package duckdb keeps telemetry in one DuckDB file of the data folder, inside
// the process.
//
// Each workspace is a schema of its own. Appends and queries have connections of
// their own, so that neither waits for the other. A query that takes the memory that
// an append needs is ended in its favour.
package duckdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb/engine"
)

// Options say where the data is and what the engine may use.
type Options struct {
	// File is the database file; in memory when empty.
	File string
	// Memory is how many bytes the engine may use, at least 1 GB, which is the
	// default. Go's own memory comes on top.
	Memory int64
	// Threads run queries, by default 2.
	Threads int
	// Temp is the folder to which queries spill what does not fit into memory,
	// beside the file by default; TempLimit its size in bytes, by default 10 GB.
	Temp      string
	TempLimit int64
	// Queries is how many may run at the same time, by default 4. Others wait.
	Queries int
	// Functions are offered to SQL.
	Functions []telemetry.Function
	Log       *slog.Logger
	Now       func() time.Time
}

const (
	minMemory           = 1 << 30
	defaultTempLimit    = 10 << 30
	defaultThreads      = 2
	defaultQueries      = 4
	checkpointThreshold = "512MB"
	// appends is how many run at the same time: while one is being committed, the
	// next is filled.
	appends = 2
)

// Store implements telemetry.Store.
type Store struct {
	opt Options
	db  *engine.DB

	// write is held shared by appends, alone by whoever changes schemas.
	write  sync.RWMutex
	lanes  chan *engine.Conn // connections of appends that are free
	writer *engine.Conn      // of schemas, one statement at a time
	admin  *side             // small statements beside

	readers *readers
	settler *settler // of a store in a file

	functions functions

	schemas sync.RWMutex
	spaces  map[string]map[string]*telemetry.Stored // by workspace and folded table name

	state  sync.Mutex
	closed bool
	broken error
}

var _ telemetry.Store = (*Store)(nil)

func (o *Options) complete() {
	o.Memory = max(o.Memory, minMemory)
	if o.TempLimit <= 0 {
		o.TempLimit = defaultTempLimit
	}
	if o.Threads <= 0 {
		o.Threads = defaultThreads
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
	if o.Temp == "" && o.File != "" {
		o.Temp = o.File + ".tmp"
	}
}

// settings are fixed at the start: nothing that runs later can change them.
func (o *Options) settings() []engine.Setting {
	s := []engine.Setting{
		{Name: "memory_limit", Value: strconv.FormatInt(o.Memory>>20, 10) + "MiB"},
		{Name: "threads", Value: strconv.Itoa(o.Threads)},
		{Name: "checkpoint_threshold", Value: checkpointThreshold},
		{Name: "max_temp_directory_size", Value: strconv.FormatInt(o.TempLimit>>20, 10) + "MiB"},
		{Name: "allocator_background_threads", Value: "true"},
		{Name: "autoload_known_extensions", Value: "false"},
		{Name: "autoinstall_known_extensions", Value: "false"},
	}
	if o.Temp != "" {
		s = append(s, engine.Setting{Name: "temp_directory", Value: o.Temp})
	}
	// Last, for it forbids to name a folder.
	return append(s, engine.Setting{Name: "enable_external_access", Value: "false"})
}

// lockdown is run when all else is set up.
const lockdown = "SET GLOBAL TimeZone = 'UTC'; SET GLOBAL lock_configuration = true"

// Open opens the file, and creates it when it is not there.
func Open(ctx context.Context, opt Options) (_ *Store, err error) {
	opt.complete()
	if opt.File != "" {
		if strings.Contains(opt.File, "?") {
			// The engine takes what follows for parameters and puts its log elsewhere.
			return nil, fmt.Errorf("the path of the telemetry must not hold a question mark: %q", opt.File)
		}
		if err := os.MkdirAll(filepath.Dir(opt.File), 0o700); err != nil {
			return nil, fmt.Errorf("creating the folder of the telemetry: %w", err)
		}
		release, err := hold(opt.File)
		if err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				release()
			}
		}()
	}
	s := &Store{opt: opt, spaces: map[string]map[string]*telemetry.Stored{}}
	if s.db, err = engine.Open(opt.File, opt.settings()); err != nil {
		release(opt.File)
		return nil, opened(err)
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) start(ctx context.Context) (err error) {
	if s.writer, err = s.db.Connect(); err != nil {
		return err
	}
	if s.admin, err = newSide(s.db); err != nil {
		return err
	}
	s.lanes = make(chan *engine.Conn, appends)
	for range appends {
		c, err := s.db.Connect()
		if err != nil {
			return err
		}
		s.lanes <- c
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.Define(ctx, s.opt.Functions); err != nil {
		return err
	}
	if s.readers, err = newReaders(ctx, s.db, s.opt.Queries); err != nil {
		return err
	}
	if _, err := s.writer.Exec(ctx, lockdown); err != nil {
		return err
	}
	if s.opt.File != "" {
		s.settler = newSettler(s.settle, func(err error) {
			// The log stays, and with it every row.
			s.opt.Log.Warn("the telemetry's log could not be moved into its file; it is tried again after the next events", "error", s.failed(err))
		})
	}
	return nil
}

// opened words the errors of opening.
func opened(err error) error {
	switch engine.KindOf(err) {
	case engine.Locked:
		return fmt.Errorf("%w%s; stop it, or ask it through the server", telemetry.ErrLocked, holder(err.Error()))
	case engine.Newer:
		return fmt.Errorf("%w: %w", telemetry.ErrNewer, err)
	}
	return fmt.Errorf("opening the telemetry: %w", err)
}

// holder is the process that the engine says has the file open.
func holder(message string) string {
	_, rest, ok := strings.Cut(message, "(PID ")
	pid, _, closed := strings.Cut(rest, ")")
	if !ok || !closed {
		return ""
	}
	return " (process " + pid + ")"
}

// Health implements telemetry.Store.
func (s *Store) Health(ctx context.Context) error {
	if err := s.usable(); err != nil {
		return err
	}
	return s.admin.do(ctx, func(c *engine.Conn) error {
		_, err := c.Exec(ctx, "SELECT 1")
		return err
	})
}

func (s *Store) usable() error {
	s.state.Lock()
	defer s.state.Unlock()
	if s.closed {
		return telemetry.ErrClosed
	}
	return s.broken
}

// failed keeps in mind an error after which the engine takes nothing more, and
// gives err back.
func (s *Store) failed(err error) error {
	if engine.KindOf(err) == engine.Fatal {
		s.state.Lock()
		defer s.state.Unlock()
		if s.broken == nil {
			s.broken = fmt.Errorf("the telemetry store stopped, restart it: %w", err)
			s.opt.Log.Error("the telemetry store stopped", "error", err)
		}
		return s.broken
	}
	return err
}

// Close implements telemetry.Store.
func (s *Store) Close() error {
	s.state.Lock()
	if s.closed {
		s.state.Unlock()
		return nil
	}
	s.closed = true
	s.state.Unlock()
	if s.settler != nil {
		s.settler.stop()
	}
	if s.readers != nil {
		s.readers.close()
	}
	s.write.Lock()
	defer s.write.Unlock()
	if s.admin != nil {
		s.admin.close()
	}
	for range len(s.lanes) {
		(<-s.lanes).Close()
	}
	if s.writer != nil {
		s.writer.Close()
	}
	s.db.Close()
	release(s.opt.File)
	return nil
}
