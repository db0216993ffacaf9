// Package postgres keeps the store's contract in a PostgreSQL database, version
// 15 or later. Several processes may share it: the row of a workspace is locked
// while a change of that workspace is written.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/clew-sec/clew/store/internal/migrate"
	"github.com/clew-sec/clew/store/internal/sqlstore"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Options configures a store.
type Options struct {
	// URL is a connection string: postgres://user:password@host:port/database,
	// with the parameters that PostgreSQL's own tools know.
	URL string
	// Connections is how many are open at most, 8 when 0.
	Connections int32
	Log         *slog.Logger // discarded when nil
}

// Store is a store in a PostgreSQL database. Safe for concurrent use.
type Store struct {
	*sqlstore.Store
	db *database
}

var dialect = sqlstore.Dialect{Contains: "strpos", Concat: "string_agg((%s)::text, ',')", Lock: " FOR UPDATE"}

// Open connects and brings the schema up to date; of several processes that start
// at once, one does. It fails with store.ErrNewerSchema when a newer version
// wrote the database, and store.ErrReadOnly when it can't be written; nothing is
// altered then.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the database address: %w", err)
	}
	cfg.MaxConns = o.Connections
	if o.Connections == 0 {
		cfg.MaxConns = 8
	}
	// What Commit accepted must be on the disk, whatever the server's default is.
	cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "on"
	cfg.ConnConfig.RuntimeParams["application_name"] = "clew"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	db := &database{pool: pool}
	if err := prepare(ctx, db, o.Log); err != nil {
		pool.Close()
		return nil, fmt.Errorf("opening the database: %w", known(err))
	}
	return &Store{Store: sqlstore.New(db, dialect), db: db}, nil
}

// lockNumber is the advisory lock under which one process migrates.
const lockNumber = 0x636c6577

func prepare(ctx context.Context, db *database, log *slog.Logger) (err error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	plain := stdlib.OpenDBFromPool(db.pool)
	defer func() { err = errors.Join(err, plain.Close()) }()
	o := migrate.Options{DB: plain, Dialect: goose.DialectPostgres, Files: files, Log: log, Exists: existsIn(plain)}
	if _, err := migrate.Check(ctx, o); err != nil {
		return err
	}
	if err := alone(ctx, db.pool, func() error { return up(ctx, db, o) }); err != nil {
		return err
	}
	db.enqueuer, err = river.NewClient(riverpgxv5.New(db.pool), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	return err
}

func up(ctx context.Context, db *database, o migrate.Options) error {
	if err := migrate.Up(ctx, o); err != nil {
		return err
	}
	return migrate.Jobs(ctx, riverpgxv5.New(db.pool), o.Log)
}

func existsIn(db *sql.DB) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, table string) (bool, error) {
		var there bool
		err := db.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", table).Scan(&there)
		return there, err
	}
}

// alone runs f while no other process does the same.
func alone(ctx context.Context, pool *pgxpool.Pool, f func() error) error {
	return pool.AcquireFunc(ctx, func(c *pgxpool.Conn) (err error) {
		if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", lockNumber); err != nil {
			return err
		}
		defer func() {
			_, undo := c.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lockNumber)
			err = errors.Join(err, undo)
		}()
		return f()
	})
}

// Queue gives access to the job queue in this database; package jobs runs it.
func (s *Store) Queue() riverdriver.Driver[pgx.Tx] { return riverpgxv5.New(s.db.pool) }
