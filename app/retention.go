package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/clew-sec/clew/jobs"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/custom"
)

// retention says how long the rows of tables are kept, for good when 0.
type retention struct {
	all    time.Duration
	tables map[string]time.Duration // by folded name
}

// newRetention takes what is configured. It fails with ErrUsage for a table that
// there is none of, so that a slip of the pen does not keep rows for longer, or
// shorter, than was meant.
func newRetention(cfg Config) (retention, error) {
	r := retention{all: cfg.Retention, tables: map[string]time.Duration{}}
	known := map[string]bool{}
	for _, t := range telemetry.WithBuiltin(nil) {
		known[strings.ToLower(t.Name)] = true
	}
	for name, d := range cfg.TableRetention {
		key := strings.ToLower(name)
		if !known[key] && !strings.HasSuffix(key, strings.ToLower(custom.Suffix)) {
			return r, fmt.Errorf("%w: there is no table %q whose events could be kept for another time", ErrUsage, name)
		}
		if d < 0 {
			return r, fmt.Errorf("%w: events of %s can't be kept for %v", ErrUsage, name, d)
		}
		r.tables[key] = d
	}
	return r, nil
}

// of is how long the rows of a table are kept, for good when 0.
func (r retention) of(table string) time.Duration {
	if d, ok := r.tables[strings.ToLower(table)]; ok {
		return d
	}
	return r.all
}

// retainer is a store that can remove old rows by itself, too.
type retainer interface {
	// Retain says for how long rows are kept, for good when 0.
	Retain(ctx context.Context, workspace, table string, keep time.Duration) error
}

// retentionKind removes old events, daily.
func retentionKind(cfg Config, r retention, st telemetry.Store, workspace string) jobs.Kind {
	return jobs.Kind{
		Name: "telemetry-retention", Every: 24 * time.Hour, AtStart: true, Timeout: time.Hour,
		Do: func(ctx context.Context, _ []byte) error { return removeOld(ctx, cfg, r, st, workspace) },
	}
}

func removeOld(ctx context.Context, cfg Config, r retention, st telemetry.Store, workspace string) error {
	tables, err := st.Stats(ctx, workspace)
	if err != nil {
		return fmt.Errorf("looking for old events: %w", err)
	}
	for _, t := range tables {
		kept := r.of(t.Table)
		if own, ok := st.(retainer); ok && t.Table != progress.Name {
			if err := own.Retain(ctx, workspace, t.Table, kept); err != nil {
				return err
			}
		}
		if kept == 0 {
			continue
		}
		border := cfg.Now().Add(-kept)
		before := value.TicksOf(border)
		if t.Table == progress.Name {
			before = min(before, t.Newest) // where the copy stands must never be forgotten
		}
		if t.Oldest == 0 || t.Oldest >= before {
			continue
		}
		n, err := st.Expire(ctx, workspace, t.Table, before)
		if err != nil {
			return err
		}
		cfg.Log.Info("removed old events", "table", t.Table, "rows", n, "before", border)
	}
	return nil
}
