// Package engine drives DuckDB through its C interface: databases, connections,
// streaming results read as values of the query language, appenders that are
// filled column by column, and scalar functions written in Go.
//
// It uses the bindings beneath the database/sql driver and not the driver
// itself, for three reasons that were measured or met: the driver materialises
// every result before the first row is seen, so that a limit of rows is no limit
// of memory; its appender takes one boxed value per cell, which costs more than
// the storing; and it reads the path of the file as a URL, so that a folder with
// a per cent sign in its name can't be opened.
package engine

import (
	"errors"
	"fmt"
	"strings"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// Kind says what an engine's error is about, as far as callers must tell.
type Kind uint8

// The kinds of errors.
const (
	Other       Kind = iota
	Memory           // the memory limit or the limit of the temporary folder was hit
	Interrupted      // the statement was cancelled
	Locked           // the file is in use by another process
	Newer            // the file was written by a newer version
	Missing          // a table, column or function is not there
	Fatal            // the instance is unusable from now on
)

// Error is an error that the engine reported.
type Error struct {
	Kind    Kind
	Message string
}

func (e *Error) Error() string { return e.Message }

// kindSigns are how messages begin or what they hold, by kind.
var kindSigns = []struct {
	sign string
	kind Kind
}{
	{"Out of Memory Error", Memory},
	{"INTERRUPT Error", Interrupted},
	{"Could not set lock on file", Locked},
	{"version number", Newer},
	{"Catalog Error", Missing},
	{"Binder Error", Missing},
	{"FATAL Error", Fatal},
}

func newError(message string) error {
	e := &Error{Message: message}
	for _, s := range kindSigns {
		if strings.HasPrefix(message, s.sign) || (s.kind == Locked || s.kind == Newer) && strings.HasPrefix(message, "IO Error") && strings.Contains(message, s.sign) {
			e.Kind = s.kind
			break
		}
	}
	return e
}

// KindOf is the kind of the engine's error in err, or Other.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Other
}

// DB is an open database.
type DB struct{ db duck.Database }

// Setting is one of DuckDB's own settings.
type Setting struct{ Name, Value string }

// Open opens the database file, or a database in memory when path is empty. The
// settings are made in their order, since one may forbid the next.
func Open(path string, settings []Setting) (*DB, error) {
	var config duck.Config
	if duck.CreateConfig(&config) == duck.StateError {
		return nil, errors.New("creating DuckDB's configuration")
	}
	defer duck.DestroyConfig(&config)
	for _, o := range settings {
		if duck.SetConfig(config, o.Name, o.Value) == duck.StateError {
			return nil, fmt.Errorf("DuckDB does not take the setting %s = %q", o.Name, o.Value)
		}
	}
	var d DB
	var message string
	if duck.OpenExt(path, &d.db, config, &message) == duck.StateError {
		duck.Close(&d.db)
		return nil, newError(message)
	}
	return &d, nil
}

// Close closes the database; its connections must be closed before.
func (d *DB) Close() { duck.Close(&d.db) }

// Version is the version of the engine, as "v1.5.6".
func Version() string { return duck.LibraryVersion() }

// Connect opens a connection. A connection serves one statement at a time.
func (d *DB) Connect() (*Conn, error) {
	c := &Conn{}
	if duck.Connect(d.db, &c.conn) == duck.StateError {
		return nil, errors.New("connecting to DuckDB failed")
	}
	return c, nil
}
