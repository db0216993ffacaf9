// Package sqlstore keeps the store's contract on any SQL database. The backends
// sqlite and postgres open a database, bring its schema up to date and hand it
// over as a DB; every statement is here, once, so that both give the same
// answers. Statements use only what both dialects understand, with "?" as
// placeholder; what differs is in Dialect.
package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/queue"
)

// Rows is the result of a query.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// Querier reads.
type Querier interface {
	Query(ctx context.Context, query string, args ...any) (Rows, error)
}

// Tx is a writing transaction.
type Tx interface {
	Querier
	Exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	// Enqueue hands jobs to River within the transaction.
	Enqueue(ctx context.Context, jobs []store.Job) error
}

// DB is a database whose schema is up to date. Errors that the contract names are
// reported as those.
type DB interface {
	Querier
	// Write runs f in a transaction that is durable when Write returns nil and
	// has no effect otherwise.
	Write(ctx context.Context, f func(Tx) error) error
	Close() error
}

// Dialect is what differs between the databases.
type Dialect struct {
	// Contains names the function that finds a text in a text: instr or strpos.
	Contains string
	// Concat is a format that joins the numbers of a column over all rows, by commas.
	Concat string
	// Lock is added to the query that reads the workspace's row for writing.
	Lock string

	entity  *insertion // depends on Contains
	joining []joinStep
}

// Store keeps the contract of package store.
type Store struct {
	db      DB
	dialect Dialect

	mu     sync.Mutex
	ids    map[string]int64 // workspaces by name; they are never removed
	queues map[int64]*queue.Index

	counted countCache
	groups  groupCache
}

var _ store.Store = (*Store)(nil)

// New makes a store of a database.
func New(db DB, d Dialect) *Store {
	d.entity = intoEntity(d)
	d.joining = joining(d)
	return &Store{db: db, dialect: d, ids: map[string]int64{}, queues: map[int64]*queue.Index{}}
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// keyBits is the width of a number within its workspace.
const keyBits = 40

// maxWorkspace bounds the numbers of workspaces, so that a key is never negative.
const maxWorkspace = 1 << (62 - keyBits)

var errNumber = errors.New("number out of range")

// key puts the workspace above the number.
func key(ws, n int64) int64 { return ws<<keyBits | n }

// number is the number within the workspace.
func number(key int64) int64 { return key & (1<<keyBits - 1) }

func checkNumber(what string, n int64) error {
	if n < 0 || n >= 1<<keyBits {
		return fmt.Errorf("%s %d: %w", what, n, errNumber)
	}
	return nil
}

// each scans every row of a query.
func each(ctx context.Context, q Querier, scan func(Rows) error, query string, args ...any) (err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one scans the single row of a query; ErrNotFound without one.
func one(ctx context.Context, q Querier, query string, args []any, dest ...any) error {
	found := false
	err := each(ctx, q, func(r Rows) error {
		found = true
		return r.Scan(dest...)
	}, query, args...)
	if err == nil && !found {
		return store.ErrNotFound
	}
	return err
}

// workspace gives the number of a workspace; ErrNotFound if nothing was ever
// committed to it.
func (s *Store) workspace(ctx context.Context, name string) (int64, error) {
	s.mu.Lock()
	id, ok := s.ids[name]
	s.mu.Unlock()
	if ok {
		return id, nil
	}
	if err := one(ctx, s.db, "SELECT id FROM workspace WHERE name = ?", []any{clean(name)}, &id); err != nil {
		return 0, err
	}
	s.mu.Lock()
	s.ids[name] = id
	s.mu.Unlock()
	return id, nil
}

// known is workspace for reading: an unknown one is empty, which is no error.
func (s *Store) known(ctx context.Context, name string) (id int64, ok bool, err error) {
	id, err = s.workspace(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return 0, false, nil
	}
	return id, err == nil, err
}
