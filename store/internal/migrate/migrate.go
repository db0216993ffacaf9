// Package migrate brings a database's schema up to date: first it makes sure that
// no newer version of Clew wrote it, then it runs what is missing of Clew's own
// migrations (goose) and of those of River, the job queue.
package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/clew-sec/clew/store"
)

// Table keeps which migrations have run.
const Table = "clew_migration"

// Options says what to migrate.
type Options struct {
	DB      *sql.DB
	Dialect goose.Dialect
	Files   fs.FS // the migrations of this version of Clew
	// Exists tells whether a table is there. It must not write.
	Exists func(ctx context.Context, table string) (bool, error)
	Log    *slog.Logger
}

// Check fails with store.ErrNewerSchema when the database has migrations that this
// version does not know, without writing anything. It tells whether Clew's own
// schema is complete.
func Check(ctx context.Context, o Options) (complete bool, err error) {
	newest, err := newestKnown(o.Files)
	if err != nil {
		return false, err
	}
	exists, err := o.Exists(ctx, Table)
	if err != nil || !exists {
		return false, err
	}
	var version int64
	if err := o.DB.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+Table).Scan(&version); err != nil {
		return false, fmt.Errorf("reading the schema's version: %w", err)
	}
	if version > newest {
		return false, fmt.Errorf("the schema has version %d, this program knows %d: %w; use the newer program", version, newest, store.ErrNewerSchema)
	}
	return version == newest, nil
}

func newestKnown(files fs.FS) (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("no migrations: %w", errors.Join(err, fs.ErrNotExist))
	}
	var newest int64
	for _, n := range names {
		v, err := goose.NumericComponent(n)
		if err != nil {
			return 0, fmt.Errorf("migration %s: %w", n, err)
		}
		newest = max(newest, v)
	}
	return newest, nil
}

// Up runs Clew's missing migrations.
func Up(ctx context.Context, o Options) error {
	p, err := goose.NewProvider(o.Dialect, o.DB, o.Files, goose.WithTableName(Table), goose.WithDisableGlobalRegistry(true), goose.WithSlog(o.Log))
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	results, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrating the schema: %w", err)
	}
	for _, r := range results {
		o.Log.Info("migrated the schema", "to", r.Source.Version, "took", r.Duration)
	}
	return nil
}

// Jobs runs River's missing migrations.
func Jobs[T any](ctx context.Context, driver riverdriver.Driver[T], log *slog.Logger) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("reading the migrations of the job queue: %w", err)
	}
	res, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return fmt.Errorf("migrating the job queue: %w", err)
	}
	if len(res.Versions) > 0 {
		log.Info("migrated the job queue", "steps", len(res.Versions))
	}
	return nil
}
