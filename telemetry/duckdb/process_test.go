package duckdb_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
)

// childVariable makes this test binary a process that appends until it is killed.
const childVariable = "CLEW_TEST_APPEND_TO"

func events(t testing.TB) *telemetry.Table {
	t.Helper()
	of, err := telemetry.NewTable("Events", "", "", []telemetry.Column{{Name: "Timestamp", Type: value.DateTime}, {Name: "N", Type: value.Long}, {Name: "Text", Type: value.String}})
	if err != nil {
		t.Fatal(err)
	}
	return of
}

func batch(of *telemetry.Table, from, n int) []telemetry.Row {
	rows := make([]telemetry.Row, n)
	for i := range rows {
		rows[i] = telemetry.Row{Table: of, Cells: []telemetry.Cell{
			{Column: 0, Value: value.DateTimeOf(value.UnixEpoch)}, {Column: 1, Value: value.LongOf(int64(from + i))}, {Column: 2, Value: value.StringOf(strings.Repeat("text ", 20))},
		}}
	}
	return rows
}

// TestChild is the process that TestKilled kills; by itself it does nothing.
func TestChild(t *testing.T) {
	dir := os.Getenv(childVariable)
	if dir == "" {
		return
	}
	s := openAt(t, dir)
	of := events(t)
	if err := s.Ensure(t.Context(), "default", []*telemetry.Table{of}); err != nil {
		t.Fatal(err)
	}
	from, _ := strconv.Atoi(os.Getenv("CLEW_TEST_FROM"))
	for n := from; ; n += 700 {
		if err := s.Append(t.Context(), "default", batch(of, n, 700)); err != nil {
			t.Fatal(err)
		}
		fmt.Println("stored", n+700)
	}
}

// TestKilled kills a process that appends and finds each acknowledged row once.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	acknowledged := 0
	for round := range 3 {
		acknowledged = appendUntilKilled(t, dir, acknowledged, 3+5*round)
		s := openAt(t, dir)
		rows, err := s.Query(t.Context(), telemetry.Statement{SQL: `SELECT count(*), count(DISTINCT "N"), coalesce(max("N"), -1) + 1 FROM ` + s.TableSQL("default", "Events")}, telemetry.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range rows.All() {
			if err != nil {
				t.Fatal(err)
			}
			n, distinct, next := int(r[0].Num), int(r[1].Num), int(r[2].Num)
			if n != distinct || n != next || n < acknowledged || n > acknowledged+700 {
				t.Errorf("round %d: %d rows, %d of them distinct, up to %d; acknowledged were %d", round, n, distinct, next, acknowledged)
			}
			acknowledged = n
		}
		if err := errors.Join(rows.Close(), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// appendUntilKilled runs the child until it has stored some batches and returns
// how many rows were acknowledged.
func appendUntilKilled(t *testing.T, dir string, from, batches int) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+dir, "CLEW_TEST_FROM="+strconv.Itoa(from))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last, seen := from, 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), "stored "); ok {
			if last, err = strconv.Atoi(n); err != nil {
				t.Fatal(err)
			}
			if seen++; seen == batches {
				if seen == 3 {
					if _, err := duckdb.Open(t.Context(), duckdb.Options{File: filepath.Join(dir, "telemetry.duckdb")}); !errors.Is(err, telemetry.ErrLocked) || !strings.Contains(err.Error(), strconv.Itoa(cmd.Process.Pid)) {
						t.Errorf("opening beside process %d: %v", cmd.Process.Pid, err)
					}
				}
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	_ = cmd.Wait() // killed
	if seen < batches {
		t.Fatalf("the child ended by itself after %d appends", seen)
	}
	return last
}

func TestOpenTwice(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	defer s.Close()
	if _, err := duckdb.Open(t.Context(), duckdb.Options{File: filepath.Join(dir, ".", "telemetry.duckdb")}); !errors.Is(err, telemetry.ErrLocked) {
		t.Errorf("opening it again: %v", err)
	}
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"100% #x=y;z", "мир", "it's"} {
		s := openAt(t, filepath.Join(t.TempDir(), name))
		if err := errors.Join(s.Health(t.Context()), s.Close()); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestOtherFile refuses what is no database, and says so.
func TestOtherFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "telemetry.duckdb")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is something else\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first attempt must not leave the file held
		if _, err := duckdb.Open(t.Context(), duckdb.Options{File: file}); err == nil || errors.Is(err, telemetry.ErrLocked) {
			t.Errorf("got %v", err)
		}
	}
}
