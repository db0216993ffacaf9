// Package sqlite keeps the store's contract in one SQLite file in the data folder.
// It is the embedded default: nothing to install, one process at a time.
//
// One connection writes, with synchronous=FULL, so that what Commit accepted is
// on the disk; a few more read, each a consistent state, and never block it.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/clew-sec/clew/store/internal/migrate"
	"github.com/clew-sec/clew/store/internal/sqlstore"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// File is the database's name in the data folder.
const File = "clew.db"

// Options configures a store.
type Options struct {
	// Dir is the data folder; it is made if it is not there.
	Dir string
	// Readers is how many queries run at once, 4 when 0.
	Readers int
	// MaxBytes bounds the size of the database file; 0 is no bound. A commit
	// that would exceed it fails with store.ErrFull.
	MaxBytes int64
	Log      *slog.Logger // discarded when nil
}

// Store is a store in a data folder. Safe for concurrent use.
type Store struct {
	*sqlstore.Store
	db *database
}

var dialect = sqlstore.Dialect{Contains: "instr", Concat: "group_concat(%s)"}

// Open locks the data folder, brings the schema up to date and opens the
// database. It fails with store.ErrLocked when another process uses the folder,
// store.ErrNewerSchema when a newer version wrote it, store.ErrReadOnly when it
// can't be written, and store.ErrFull when there is no space; nothing is altered then.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Readers == 0 {
		o.Readers = 4
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", known(err))
	}
	lock, err := lockFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	db, err := open(ctx, o, lock)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database in %s: %w", o.Dir, known(err)), lock.release())
	}
	return &Store{Store: sqlstore.New(db, dialect), db: db}, nil
}

func open(ctx context.Context, o Options, lock *folderLock) (_ *database, err error) {
	path := filepath.Join(o.Dir, File)
	if err := checkVersion(ctx, path); err != nil {
		return nil, err
	}
	if err := probe(o.Dir); err != nil {
		return nil, err
	}
	db := &database{path: path, lock: lock, writer: sql.OpenDB(connector{path: path, write: true, maxBytes: o.MaxBytes}), statements: map[string]*sql.Stmt{}}
	db.writer.SetMaxOpenConns(1)
	db.writer.SetConnMaxIdleTime(0)
	defer func() {
		if err != nil {
			err = errors.Join(err, db.closePools())
		}
	}()
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := migrate.Up(ctx, migrate.Options{DB: db.writer, Dialect: goose.DialectSQLite3, Files: files, Log: o.Log}); err != nil {
		return nil, err
	}
	driver := riversqlite.New(db.writer)
	if err := migrate.Jobs(ctx, driver, o.Log); err != nil {
		return nil, err
	}
	if db.enqueuer, err = river.NewClient(driver, &river.Config{Logger: slog.New(slog.DiscardHandler)}); err != nil {
		return nil, fmt.Errorf("opening the job queue: %w", err)
	}
	db.readers = sql.OpenDB(connector{path: path})
	db.readers.SetMaxOpenConns(o.Readers)
	db.readers.SetMaxIdleConns(o.Readers)
	return db, db.readers.PingContext(ctx)
}

// checkVersion looks at an existing database through a connection that can't
// write, so that one of a newer version stays as it is.
func checkVersion(ctx context.Context, path string) (err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector{path: path, look: true})
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = migrate.Check(ctx, migrate.Options{DB: db, Files: files, Exists: func(ctx context.Context, table string) (bool, error) {
		var n int
		err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", table).Scan(&n)
		return n > 0, err
	}})
	return err
}

// probe makes sure that files can be made and written in the folder: SQLite would
// find out only later, with less to say about it.
func probe(folder string) error {
	f, err := os.CreateTemp(folder, ".probe-*")
	if err != nil {
		return err
	}
	_, err = f.Write([]byte("clew"))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// Queue gives access to the job queue in this database; package jobs runs it.
func (s *Store) Queue() riverdriver.Driver[*sql.Tx] { return riversqlite.New(s.db.writer) }

// Backup writes a consistent copy of the database to a file that must not exist,
// while the store stays in use.
func (s *Store) Backup(ctx context.Context, file string) (err error) {
	db := sql.OpenDB(connector{path: s.db.path, copy: true})
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return fmt.Errorf("copying the database to %s: %w", file, known(err))
	}
	return nil
}
