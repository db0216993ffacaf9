// Package pgtest gives tests a real PostgreSQL server: the one that
// CLEW_TEST_POSTGRES names, or one that it starts from the installed programs in
// a temporary folder, once for each test binary, and ends with it.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Env names a running server to use instead, for example
// postgres://postgres@localhost/postgres. Its user must be able to create databases.
const Env = "CLEW_TEST_POSTGRES"

// Server is a running server.
type Server struct {
	dir  string
	cmd  *exec.Cmd
	base *url.URL
	done chan error
}

var (
	once    sync.Once
	shared  *Server
	failure error
	number  atomic.Int64
)

// Main runs the tests of a package and ends the server afterwards. Call it from
// TestMain with what is to run.
func Main(run func() int) {
	code := run()
	if shared != nil {
		if err := shared.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the test server:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Database makes an empty database for one test and gives its address.
func Database(t testing.TB) string {
	t.Helper()
	once.Do(func() { shared, failure = start() })
	if failure != nil {
		t.Fatalf("no PostgreSQL for the tests: %v\nInstall it (Debian: apt-get install postgresql) or set %s.", failure, Env)
	}
	name := fmt.Sprintf("clew_%d_%d", os.Getpid(), number.Add(1))
	if err := shared.exec(`CREATE DATABASE "` + name + `" TEMPLATE template0`); err != nil {
		t.Fatalf("making a database: %v", err)
	}
	t.Cleanup(func() {
		if err := shared.exec(`DROP DATABASE "` + name + `" WITH (FORCE)`); err != nil {
			t.Errorf("dropping a database: %v", err)
		}
	})
	u := *shared.base
	u.Path = "/" + name
	return u.String()
}

func (s *Server) exec(query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, s.base.String())
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, query)
	return errors.Join(err, c.Close(ctx))
}

func start() (*Server, error) {
	if address := os.Getenv(Env); address != "" {
		u, err := url.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", Env, err)
		}
		return &Server{base: u}, nil
	}
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	who, owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	// The path of a socket must be short, so not the test's own folder.
	dir, err := os.MkdirTemp("/tmp", "clewpg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, done: make(chan error, 1)}
	if err := s.launch(bin, who, owner); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		if path, err := exec.LookPath("postgres"); err == nil {
			return filepath.Dir(path), nil
		}
		return "", fmt.Errorf("no server found in /usr/lib/postgresql/*/bin nor in PATH: %w", errors.Join(err, exec.ErrNotFound))
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// unprivileged finds whom to run the server as: it refuses to run as root.
func unprivileged() (*syscall.SysProcAttr, *syscall.Credential, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}
	if os.Getuid() != 0 {
		return attr, nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, nil, err
		}
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return attr, attr.Credential, nil
	}
	return nil, nil, errors.New("the tests run as root, and there is neither a user postgres nor nobody")
}

func (s *Server) launch(bin string, who *syscall.SysProcAttr, owner *syscall.Credential) error {
	if owner != nil {
		if err := os.Chown(s.dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
	initdb.SysProcAttr, initdb.Dir = who, s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	s.base = &url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: url.Values{"host": {s.dir}}.Encode()}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "autovacuum=off", "-c", "shared_buffers=64MB", "-c", "logging_collector=off")
	s.cmd.SysProcAttr, s.cmd.Dir = who, s.dir
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	s.cmd.Stderr = log
	started := make(chan error, 1)
	go s.run(started, log)
	if err := <-started; err != nil {
		return err
	}
	return s.await()
}

// run holds on to its thread: the signal that ends the server when the test
// binary is killed is tied to the thread that started it.
func (s *Server) run(started chan<- error, log *os.File) {
	runtime.LockOSThread()
	if err := s.cmd.Start(); err != nil {
		started <- errors.Join(err, log.Close())
		return
	}
	started <- nil
	s.done <- errors.Join(s.cmd.Wait(), log.Close())
}

// await connects until the server answers.
func (s *Server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := pgx.Connect(ctx, s.base.String())
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-tick.C:
		case ended := <-s.done:
			out, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the server ended: %w: %s", errors.Join(ended, err), out)
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		}
	}
}

func (s *Server) stop() error {
	if s.cmd == nil {
		return nil
	}
	// SIGINT is PostgreSQL's fast shutdown: clients are cut off.
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	<-s.done
	return os.RemoveAll(s.dir)
}
