package chdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// connections is how many statements run at the same time.
const connections = 4

// Engine is the running engine of one folder. A process has one at a time.
type Engine struct {
	lib    *library
	dir    string
	spool  string // bodies of inserts
	free   chan *conn
	killer *conn // stops the statements of others
	kill   sync.Mutex
	server *http.Server
	addr   string
	served chan error
	last   atomic.Int64
	closed atomic.Bool
}

// Start runs the engine over the data in a folder, and serves it on a port of
// this machine.
func Start(library, dir string) (_ *Engine, err error) {
	lib, err := load(library)
	if err != nil {
		return nil, err
	}
	e := &Engine{lib: lib, dir: dir, free: make(chan *conn, connections), served: make(chan error, 1)}
	defer func() {
		if err != nil {
			e.disconnect()
		}
	}()
	if e.spool, err = os.MkdirTemp("", "clew-chdb"); err != nil {
		return nil, fmt.Errorf("making a folder for inserts: %w", err)
	}
	if e.killer, err = lib.open(dir); err != nil {
		return nil, err
	}
	for range connections {
		c, err := lib.open(dir)
		if err != nil {
			return nil, err
		}
		e.free <- c
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	e.addr = l.Addr().String()
	e.server = &http.Server{Handler: e, ReadHeaderTimeout: time.Minute}
	go func() { e.served <- e.server.Serve(l) }()
	return e, nil
}

// URL is where the engine is served.
func (e *Engine) URL() string { return "http://" + e.addr }

// Close ends the engine. It may be called twice.
func (e *Engine) Close() error {
	if e.closed.Swap(true) {
		return nil
	}
	err := e.server.Close()
	<-e.served
	return errors.Join(err, e.disconnect())
}

// disconnect waits for the statements that run.
func (e *Engine) disconnect() error {
	if e.killer != nil {
		for range connections {
			select {
			case c := <-e.free:
				e.lib.close(c.ptr)
			case <-time.After(time.Minute):
				return errors.New("a statement of the engine does not end")
			}
		}
		e.lib.close(e.killer.ptr)
	}
	return os.RemoveAll(e.spool)
}

// ServeHTTP answers like ClickHouse's HTTP interface.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	sql := q.Get("query")
	var data io.Reader = http.NoBody
	if sql == "" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			refuse(w, err)
			return
		}
		sql = string(body)
	} else {
		data = r.Body
	}
	out := &answer{to: w, hold: q.Get("wait_end_of_query") != ""}
	if err := e.run(r, sql, q, data, out); err != nil {
		if out.begun {
			panic(http.ErrAbortHandler) // too late for words: the connection breaks
		}
		refuse(w, err)
		return
	}
	w.Write(out.held.Bytes())
}

// answer holds a result back until the statement has ended, when it is asked to.
type answer struct {
	to    io.Writer
	hold  bool
	begun bool
	held  bytes.Buffer
}

// Write implements io.Writer.
func (a *answer) Write(p []byte) (int, error) {
	if a.hold {
		return a.held.Write(p)
	}
	a.begun = true
	return a.to.Write(p)
}

var code = regexp.MustCompile(`^Code: (\d+)\.`)

func refuse(w http.ResponseWriter, err error) {
	number := "1000"
	if m := code.FindStringSubmatch(err.Error()); m != nil {
		number = m[1]
	}
	w.Header().Set("X-ClickHouse-Exception-Code", number)
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// ours are parameters of the HTTP interface that are no settings, or such that
// a connection could not be rid of.
var ours = map[string]bool{"query": true, "database": true, "default_format": true, "wait_end_of_query": true, "readonly": true, "query_id": true, "cancel_http_readonly_queries_on_client_close": true}

// run runs one statement with the settings and parameters of the request.
func (e *Engine) run(r *http.Request, sql string, q url.Values, data io.Reader, out io.Writer) error {
	if err := lawful(sql, q.Get("readonly") != ""); err != nil {
		return err
	}
	c := <-e.free
	defer func() { e.free <- c }()
	if r.Context().Err() != nil {
		return r.Context().Err()
	}
	reset, err := set(c, q)
	defer reset()
	if err != nil {
		return err
	}
	mark := fmt.Sprintf("/* request %d of clew */", e.last.Add(1))
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-r.Context().Done():
			e.stop(mark)
		case <-done:
		}
	}()
	if before, format, ok := strings.Cut(sql, "FORMAT RowBinary"); ok && strings.HasPrefix(sql, "INSERT") {
		return e.insert(c, mark+before, "FORMAT RowBinary"+format, data)
	}
	if q.Get("default_format") == "" {
		return c.exec(mark + sql)
	}
	return c.read(mark+sql, func(block []byte) error {
		_, err := out.Write(block)
		return err
	})
}

// stop kills the statement with the mark, if it still runs.
func (e *Engine) stop(mark string) {
	e.kill.Lock()
	defer e.kill.Unlock()
	// The pattern is put together by the engine, else this statement would match.
	_ = e.killer.exec("KILL QUERY WHERE startsWith(query, concat('/* ', '" + strings.TrimPrefix(mark, "/* ") + "')) ASYNC")
}

// set makes settings and parameters of a request those of the connection.
func set(c *conn, q url.Values) (reset func(), err error) {
	var names []string
	reset = func() {
		for _, n := range names {
			_ = c.exec("SET " + n + " = DEFAULT")
		}
	}
	for name, v := range q {
		if ours[name] {
			continue
		}
		if err := c.exec("SET " + name + " = '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v[0]) + "'"); err != nil {
			return reset, err
		}
		if !strings.HasPrefix(name, "param_") {
			names = append(names, name)
		}
	}
	return reset, nil
}

func (e *Engine) insert(c *conn, into, format string, data io.Reader) error {
	f, err := os.CreateTemp(e.spool, "rows")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := io.Copy(f, data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return c.exec(into + " FROM INFILE '" + f.Name() + "' " + format)
}

// thrown is worded like an exception of the engine.
func thrown(code int, what string) error {
	return fmt.Errorf("%s %d. DB::Exception: %s", "Code:", code, what)
}

// lawful refuses what a server refuses by itself: a second statement, and in a
// readonly request anything that changes.
func lawful(sql string, readonly bool) error {
	if strings.TrimSpace(strings.Trim(strings.TrimSpace(sql), ";")) == "" {
		return thrown(62, "Syntax error: Empty query. (SYNTAX_ERROR)")
	}
	if i := semicolon(sql); i >= 0 && strings.TrimSpace(sql[i+1:]) != "" {
		return thrown(62, "Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)")
	}
	word := strings.ToUpper(strings.Trim(strings.SplitN(strings.TrimSpace(sql), " ", 2)[0], "("))
	if readonly && word != "SELECT" && word != "WITH" {
		return thrown(164, "Cannot execute query in readonly mode: "+word+". (READONLY)")
	}
	return nil
}

// semicolon is the position of the first one outside of quotes, or -1.
func semicolon(sql string) int {
	quote := byte(0)
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case quote != 0 && c == '\\':
			i++
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"' || c == '`'):
			quote = c
		case quote == 0 && c == ';':
			return i
		}
	}
	return -1
}
