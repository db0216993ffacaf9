package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
)

// TelemetryFile is the name of the telemetry's file in the data folder.
const TelemetryFile = "telemetry.duckdb"

// TelemetryOff is the Config.Telemetry of a server that keeps no telemetry.
const TelemetryOff = "off"

// errNoFolder: nothing says where the telemetry is to be kept.
var errNoFolder = errors.New("telemetry needs a data folder: name one with --data, or switch it off with --telemetry off")

// openTelemetry opens the telemetry store of the data folder with the built-in
// tables; nil when it is switched off.
func openTelemetry(ctx context.Context, cfg Config) (telemetry.Store, error) {
	if cfg.Telemetry == TelemetryOff {
		return nil, nil
	}
	if cfg.Data == "" {
		return nil, errNoFolder
	}
	st, err := duckdb.Open(ctx, duckdb.Options{File: filepath.Join(cfg.Data, TelemetryFile), Memory: cfg.TelemetryMemory, Log: cfg.Log, Now: cfg.Now})
	if err != nil {
		return nil, fmt.Errorf("opening the telemetry in %q: %w", cfg.Data, err)
	}
	if err := st.Ensure(ctx, DefaultWorkspace, telemetry.Tables()); err != nil {
		return nil, errors.Join(fmt.Errorf("making the tables of the telemetry: %w", err), st.Close())
	}
	return st, nil
}
