package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/clickhouse"
	"github.com/clew-sec/clew/telemetry/clickhouse/chdb"
	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/ingest"
)

// TelemetryFile is the name of the telemetry's file in the data folder.
const TelemetryFile = "telemetry.duckdb"

// telemetryNotes is the folder, in the data folder, of what is on its way into
// ClickHouse.
const telemetryNotes = "telemetry-appends"

// What Config.Telemetry may be beside the URL of a ClickHouse.
const (
	TelemetryOff  = "off"  // none is kept
	TelemetryData = "data" // in the data folder; also when empty
	// telemetryLibrary, with a folder behind it, is ClickHouse's engine as a library.
	telemetryLibrary = "chdb:"
)

// errNoFolder: nothing says where the telemetry is to be kept.
var errNoFolder = errors.New("telemetry needs a data folder: name one with --data, or switch it off with --telemetry off")

// openTelemetry opens the store of events; nil when it is switched off. Tables
// come into being with their first row.
func openTelemetry(ctx context.Context, cfg Config) (telemetry.Store, error) {
	if cfg.Telemetry == TelemetryOff {
		return nil, nil
	}
	return telemetryStore(ctx, cfg)
}

func telemetryStore(ctx context.Context, cfg Config) (telemetry.Store, error) {
	log := cfg.Log.With("component", "telemetry")
	house := clickhouse.Options{Reader: cfg.TelemetryReader, Memory: cfg.TelemetryMemory, Now: cfg.Now, Log: log}
	if cfg.Data != "" {
		house.Notes = filepath.Join(cfg.Data, telemetryNotes)
	}
	if folder, ok := strings.CutPrefix(cfg.Telemetry, telemetryLibrary); ok {
		return openLibrary(ctx, folder, house)
	}
	if strings.Contains(cfg.Telemetry, "://") {
		house.URL = cfg.Telemetry
		return clickhouse.Open(ctx, house)
	}
	if cfg.Telemetry != "" && cfg.Telemetry != TelemetryData {
		return nil, fmt.Errorf("%w: telemetry is kept in data, off, or the URL of a ClickHouse, nowhere else", ErrUsage)
	}
	if cfg.Data == "" {
		return nil, errNoFolder
	}
	st, err := duckdb.Open(ctx, duckdb.Options{File: filepath.Join(cfg.Data, TelemetryFile), Memory: cfg.TelemetryMemory, Log: log, Now: cfg.Now})
	if err != nil {
		return nil, fmt.Errorf("opening the telemetry in %q: %w", cfg.Data, err)
	}
	return st, nil
}

// dialectOf is the SQL of a store's engine.
func dialectOf(st telemetry.Store) sql.Dialect {
	switch st.(type) {
	case *clickhouse.Store, libraryStore:
		return sql.ClickHouse
	}
	return sql.DuckDB
}

// libraryStore ends the engine with the store.
type libraryStore struct {
	*clickhouse.Store
	engine *chdb.Engine
}

// Close implements telemetry.Store.
func (s libraryStore) Close() error { return errors.Join(s.Store.Close(), s.engine.Close()) }

// openLibrary runs ClickHouse's engine within this process.
func openLibrary(ctx context.Context, folder string, opt clickhouse.Options) (telemetry.Store, error) {
	path, err := chdb.Find()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	engine, err := chdb.Start(path, folder)
	if err != nil {
		return nil, err
	}
	opt.URL = engine.URL()
	s, err := clickhouse.Open(ctx, opt)
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return libraryStore{s, engine}, nil
}

// SkippedTables are the tables that are not kept unless the configuration says
// otherwise: WindowsEvent tells once more what Event tells.
var SkippedTables = []string{"WindowsEvent"}

// newIngest takes events in.
func newIngest(cfg Config, st telemetry.Store) *ingest.Service {
	skipped := cfg.SkipTables
	if skipped == nil {
		skipped = SkippedTables
	}
	return &ingest.Service{Store: st, Now: cfg.Now, Skip: func(table string) bool { return slices.Contains(skipped, table) }}
}
