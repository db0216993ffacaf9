// Package chdb runs ClickHouse's engine as a library inside this process and
// serves it over the part of ClickHouse's HTTP interface that the store uses, so
// that tests and development need no server.
//
// The library is not part of the product: tools/chdb names it and `make
// test-needs` fetches it. What only a server has is not here: users, quotas,
// replication, more than one node.
package chdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Variable names the environment variable that holds the path of the library.
const Variable = "CLEW_CHDB"

// installed is where the package manager puts the library, seen from the root of
// the sources.
const installed = "tools/chdb/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"

// ErrMissing: the library is not on this machine.
var ErrMissing = errors.New("ClickHouse's engine as a library (libchdb.so) was not found")

// Find returns the path of the library: what CLEW_CHDB says, else where the
// sources have it.
func Find() (string, error) {
	if path := os.Getenv(Variable); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%w: %s = %q: %w", ErrMissing, Variable, path, err)
		}
		return path, nil
	}
	dir, err := os.Getwd()
	for err == nil {
		path := filepath.Join(dir, filepath.FromSlash(installed))
		if _, missing := os.Stat(path); missing == nil {
			return path, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return "", fmt.Errorf("%w: get it with `npm ci` in tools/chdb (make test-needs does), or set %s to its path", ErrMissing, Variable)
}

// library is the functions of libchdb.so that are used.
type library struct {
	connect func(int32, **byte) unsafe.Pointer
	close   func(unsafe.Pointer)
	query   func(unsafe.Pointer, string, uintptr, string, uintptr) unsafe.Pointer
	stream  func(unsafe.Pointer, string, uintptr, string, uintptr) unsafe.Pointer
	fetch   func(unsafe.Pointer, unsafe.Pointer) unsafe.Pointer
	cancel  func(unsafe.Pointer, unsafe.Pointer)
	destroy func(unsafe.Pointer)
	buffer  func(unsafe.Pointer) unsafe.Pointer
	length  func(unsafe.Pointer) uintptr
	problem func(unsafe.Pointer) unsafe.Pointer
	signals func(bool)
}

var loaded struct {
	sync.Mutex
	path string
	lib  *library
}

// load opens the library once for the process; it can't be unloaded.
func load(path string) (*library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.lib != nil {
		if loaded.path != path {
			return nil, fmt.Errorf("%s is loaded already", loaded.path)
		}
		return loaded.lib, nil
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", path, err)
	}
	l := &library{}
	for name, f := range map[string]any{
		"chdb_connect": &l.connect, "chdb_close_conn": &l.close, "chdb_query_n": &l.query, "chdb_stream_query_n": &l.stream,
		"chdb_stream_fetch_result": &l.fetch, "chdb_stream_cancel_query": &l.cancel, "chdb_destroy_query_result": &l.destroy,
		"chdb_result_buffer": &l.buffer, "chdb_result_length": &l.length, "chdb_result_error": &l.problem,
		"chdb_set_signal_handlers_enabled": &l.signals,
	} {
		if _, err := purego.Dlsym(handle, name); err != nil {
			return nil, fmt.Errorf("%s has no %s: %w", path, name, err)
		}
		purego.RegisterLibFunc(f, handle, name)
	}
	l.signals(false) // those of the Go runtime stay
	loaded.path, loaded.lib = path, l
	return l, nil
}

// conn is one connection with settings of its own. It serves one statement at a
// time.
type conn struct {
	lib *library
	ptr unsafe.Pointer
}

func (l *library) open(dir string) (*conn, error) {
	args := [][]byte{[]byte("clickhouse\x00"), []byte("--path=" + dir + "\x00")}
	argv := []*byte{&args[0][0], &args[1][0]}
	p := l.connect(int32(len(argv)), &argv[0])
	if p == nil {
		return nil, fmt.Errorf("opening %s failed", dir)
	}
	return &conn{l, p}, nil
}

func (c *conn) handle() unsafe.Pointer { return *(*unsafe.Pointer)(c.ptr) }

// exec runs a statement and drops what it returns.
func (c *conn) exec(sql string) error {
	r := c.lib.query(c.handle(), sql, uintptr(len(sql)), "Null", 4)
	defer c.lib.destroy(r)
	return c.lib.errorOf(r)
}

// read runs a SELECT and gives its blocks in ClickHouse's native format.
func (c *conn) read(sql string, give func([]byte) error) error {
	s := c.lib.stream(c.handle(), sql, uintptr(len(sql)), "Native", 6)
	defer c.lib.destroy(s)
	if err := c.lib.errorOf(s); err != nil {
		return err
	}
	for {
		n, err := c.fetch(s, give)
		if err != nil {
			c.lib.cancel(c.handle(), s)
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

func (c *conn) fetch(s unsafe.Pointer, give func([]byte) error) (int, error) {
	r := c.lib.fetch(c.handle(), s)
	defer c.lib.destroy(r)
	if err := c.lib.errorOf(r); err != nil {
		return 0, err
	}
	n := int(c.lib.length(r))
	if n == 0 {
		return 0, nil
	}
	return n, give(unsafe.Slice((*byte)(c.lib.buffer(r)), n))
}

func (l *library) errorOf(result unsafe.Pointer) error {
	p := l.problem(result)
	if p == nil || *(*byte)(p) == 0 {
		return nil
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return errors.New(strings.TrimSpace(string(unsafe.Slice((*byte)(p), n))))
}
