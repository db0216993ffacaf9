package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/sqlite"
)

// Environment of a child: what it imports, where to, and what it has to live with.
const (
	childFile  = "CLEW_CHILD_FILE"
	childData  = "CLEW_CHILD_DATA"
	childLimit = "CLEW_CHILD_FILE_SIZE" // bytes that a file may have
	childUser  = "CLEW_CHILD_USER"      // user id to run as
)

// TestMain lets the test binary be `clew import` for tests that need a process of
// its own.
func TestMain(m *testing.M) {
	if file := os.Getenv(childFile); file != "" {
		os.Exit(child(file, os.Getenv(childData)))
	}
	os.Exit(m.Run())
}

func child(file, data string) int {
	if n, err := strconv.ParseUint(os.Getenv(childLimit), 10, 64); err == nil {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
			fmt.Fprintln(os.Stderr, "no limit:", err)
			return 3
		}
	}
	if id, err := strconv.Atoi(os.Getenv(childUser)); err == nil {
		if err := syscall.Setuid(id); err != nil {
			fmt.Fprintln(os.Stderr, "no other user:", err)
			return 3
		}
	}
	o := app.IO{Out: os.Stdout, Err: os.Stderr}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	defer tellMemory()
	if err := app.Import(ctx, app.Config{Data: data}, o, app.ImportOptions{Workspace: app.DefaultWorkspace, Files: []string{file}}); err != nil {
		fmt.Fprintln(os.Stderr, "clew:", err)
		return 1
	}
	return 0
}

// tellMemory prints the most that this process had in memory. What the parent is
// told of a child counts its own pages from before the start, too.
func tellMemory() {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "VmHWM:") {
			fmt.Fprint(os.Stderr, line)
		}
	}
}

// imported is how a child ended.
type imported struct {
	code   int
	text   string
	memory int64 // most that it had in memory, bytes
}

// importAside imports in a process of its own.
func importAside(t *testing.T, data, file string, env ...string) imported {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), append(env, childFile+"="+file, childData+"="+data)...)
	var text bytes.Buffer
	c.Stdout, c.Stderr = &text, &text
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var kilobytes int64
	if _, most, ok := strings.Cut(text.String(), "VmHWM:"); ok {
		_, err = fmt.Sscan(most, &kilobytes)
	}
	if err != nil && kilobytes == 0 {
		t.Fatalf("the process does not tell what it used: %s", text.String())
	}
	return imported{c.ProcessState.ExitCode(), text.String(), kilobytes << 10}
}

func write(t *testing.T, content []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "alerts.jsonl")
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func demoLines(t *testing.T, alerts int) []byte {
	t.Helper()
	var b bytes.Buffer
	s := demo.Generate(demo.Options{Seed: 3, Days: 3, Alerts: alerts, Start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	if err := s.WriteNDJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestMemoryIsBounded imports files made to fill the memory.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const most = memoryBound << 20
	long := []byte(good("a") + "\n" + strings.Replace(good("b"), "Alert b", strings.Repeat("x", 200<<20), 1) + "\n" + good("z"))
	inside := []byte("[" + good("a") + "," + strings.Replace(good("b"), "Alert b", strings.Repeat("x", 200<<20), 1) + "," + good("z") + "]")
	for name, c := range map[string]struct {
		content  []byte
		accepted int
		reason   string
	}{
		"line of 200 MB":        {long, 2, "record too large"},
		"list item of 200 MB":   {inside, 2, "record too large"},
		"gzip bomb":             {gzipBomb(400 << 20), 1, "decompresses to more than is read"},
		"zip bomb":              {zipBomb(400 << 20), 1, "decompresses to more than is read"},
		"million nested lists":  {[]byte(good("a") + "\n" + strings.Repeat("[", 4<<20) + "\n" + good("z")), 2, ""},
		"lines without records": {[]byte(strings.Repeat("x\n", 4<<20)), 0, "1000 rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			got := importAside(t, data, write(t, c.content))
			if got.code != 1 || !strings.Contains(got.text, c.reason) {
				t.Errorf("exit code %d: %.500s", got.code, got.text)
			}
			if got.memory > most {
				t.Errorf("%d MB were needed", got.memory>>20)
			}
			if report := checkData(t, data); len(report.AlertIDs) != c.accepted {
				t.Errorf("%d alerts were accepted instead of %d", len(report.AlertIDs), c.accepted)
			}
			t.Logf("%d MB", got.memory>>20)
		})
	}
}

// TestFullDisk limits the size of files, which the system tells like a full disk.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), write(t, demoLines(t, 2100))
	got := importAside(t, data, file, childLimit+"="+strconv.Itoa(8<<20))
	if got.code != 1 || !strings.Contains(got.text, "no space left") {
		t.Errorf("exit code %d: %s", got.code, got.text)
	}
	before := checkData(t, data)
	if n := len(before.AlertIDs); n == 0 || n >= 2000 {
		t.Errorf("%d alerts were accepted before the disk was full", n)
	}
	if got = importAside(t, data, file); got.code != 0 {
		t.Errorf("with space again: exit code %d: %s", got.code, got.text)
	}
	if after := checkData(t, data); len(after.AlertIDs) <= len(before.AlertIDs) {
		t.Errorf("%d alerts in the end", len(after.AlertIDs))
	}
	if got = importAside(t, t.TempDir(), file, childLimit+"=4096"); got.code != 1 || !strings.Contains(got.text, "no space left") {
		t.Errorf("no space from the start: exit code %d: %s", got.code, got.text)
	}
}

// TestReadOnlyFolder runs as somebody who may not write there.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), write(t, []byte(good("a")))
	if got := importAside(t, data, file); got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.text)
	}
	for _, dir := range []string{filepath.Dir(data), filepath.Dir(filepath.Dir(file)), filepath.Dir(file)} {
		chmod(t, dir, 0o755)
	}
	for _, name := range glob(t, data) {
		chmod(t, name, 0o444)
	}
	chmod(t, data, 0o555)
	t.Cleanup(func() { chmod(t, data, 0o755) })
	var env []string
	if os.Getuid() == 0 {
		env = append(env, childUser+"=65534")
	}
	before := digest(t, data)
	got := importAside(t, data, file, env...)
	if got.code != 1 || !strings.Contains(got.text, "read only") || !strings.Contains(got.text, data) {
		t.Errorf("exit code %d: %s", got.code, got.text)
	}
	if digest(t, data) != before {
		t.Error("something was changed")
	}
	if got := importAside(t, filepath.Join(data, "below"), file, env...); got.code != 1 || !strings.Contains(got.text, "read only") {
		t.Errorf("a folder that can't be made: exit code %d: %s", got.code, got.text)
	}
}

func TestSecondProcess(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), write(t, []byte(good("a")))
	a, err := app.New(t.Context(), app.Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	got := importAside(t, data, file)
	if got.code != 1 || !strings.Contains(got.text, "in use by another process") || !strings.Contains(got.text, fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("exit code %d: %s", got.code, got.text)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if got := importAside(t, data, file); got.code != 0 {
		t.Errorf("exit code %d: %s", got.code, got.text)
	}
}

func TestOlderBinaryOnNewerData(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), write(t, []byte(good("a")))
	if got := importAside(t, data, file); got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.text)
	}
	db, err := sql.Open("sqlite3", filepath.Join(data, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO "+migrations+"  (version_id, is_applied) VALUES (99999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before := digest(t, data)
	got := importAside(t, data, file)
	if got.code != 1 || !strings.Contains(got.text, "newer version") {
		t.Errorf("exit code %d: %s", got.code, got.text)
	}
	if _, err := app.New(t.Context(), app.Config{Data: data}); !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("serve: %v", err)
	}
	if digest(t, data) != before {
		t.Error("something was changed")
	}
}

// migrations is the table that says which version wrote the data.
const migrations = "clew_migration"

func chmod(t *testing.T, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Error(err)
	}
}

func glob(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	return names
}

// digest is that of the database's content; the lock file tells who looked last,
// and the shared memory of the log is no data.
func digest(t *testing.T, data string) string {
	t.Helper()
	h := sha256.New()
	for _, name := range glob(t, data) {
		if strings.HasSuffix(name, ".lock") || strings.HasSuffix(name, "-shm") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 0 {
			fmt.Fprintf(h, "%s %d %x\n", filepath.Base(name), len(b), sha256.Sum256(b))
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
