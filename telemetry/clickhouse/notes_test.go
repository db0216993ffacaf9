package clickhouse_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/clickhouse"
)

// Where this program, started once more, appends to, and where it notes that.
const (
	appendTo   = "CLEW_TEST_APPEND_TO"
	appendNote = "CLEW_TEST_APPEND_NOTES"
	killPrefix = "clewkill"
)

// appendOnce is what that program does; it is killed on the way.
func appendOnce() int {
	st, err := clickhouse.Open(context.Background(), clickhouse.Options{URL: os.Getenv(appendTo), Prefix: killPrefix, Notes: os.Getenv(appendNote)})
	if err == nil {
		err = st.Append(context.Background(), "w", pair())
	}
	fmt.Fprintln(os.Stderr, "the program was not killed:", err)
	return 1
}

// pair is a row of each of two tables.
func pair() []telemetry.Row {
	var rows []telemetry.Row
	for _, name := range []string{"First", "Second"} {
		table, err := telemetry.NewTable(name, "", "", []telemetry.Column{{Name: "N", Type: value.Long}})
		if err != nil {
			panic(err)
		}
		rows = append(rows, telemetry.Row{Table: table, Cells: []telemetry.Cell{{Value: value.LongOf(7)}}})
	}
	return rows
}

// TestKilled: whatever is stored when the process is killed in the middle of an
// append is gone when the next one starts, and its sender's repeat is there once.
func TestKilled(t *testing.T) {
	for name, stored := range map[string]bool{"before the second table": false, "before its answer": true} {
		t.Run(name, func(t *testing.T) {
			s := newSpy(t, false)
			folder := t.TempDir()
			st, rows := twoTables(t, s, killPrefix)
			killedAt(t, s, folder, stored)
			rest := 1
			if !stored {
				rest = 0
			}
			wantCount(t, st, "First", 1)
			wantCount(t, st, "Second", rest)
			next := behind(t, s, clickhouse.Options{Prefix: killPrefix, Notes: folder})
			wantCounts(t, next, 0)
			if err := next.Append(t.Context(), "w", rows); err != nil {
				t.Fatal(err)
			}
			wantCounts(t, next, 1)
			wantNotes(t, folder, 0)
			again := behind(t, s, clickhouse.Options{Prefix: killPrefix, Notes: folder})
			wantCounts(t, again, 1)
			if err := next.Drop(t.Context(), "w", "First"); err != nil {
				t.Fatal(err)
			}
			if err := next.Drop(t.Context(), "w", "Second"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// killedAt runs the program until its second insert arrives, or until that is
// stored, and kills it there.
func killedAt(t *testing.T, s *spy, folder string, stored bool) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), appendTo+"="+strings.Replace(s.URL, "://", "://writer:pass-w@", 1), appendNote+"="+folder)
	var out strings.Builder
	child.Stderr = &out
	started := make(chan struct{})
	kill := func(statement string) bool {
		hit := insertInto(statement, "Second")
		if hit {
			<-started
			child.Process.Kill()
		}
		return hit
	}
	if stored {
		s.doing(func(statement string) { kill(statement) })
	} else {
		s.failing(func(w http.ResponseWriter, statement string) bool { return kill(statement) })
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	if err := child.Wait(); err == nil || child.ProcessState.ExitCode() != -1 {
		t.Fatalf("the program ended by itself: %v\n%s", err, out.String())
	}
	wantNotes(t, folder, 1)
	s.doing(nil)
	s.failing(nil)
}

// TestNotesOfTheLiving: a store that is opened while another of the same folder is
// in the middle of an append leaves that alone.
func TestNotesOfTheLiving(t *testing.T) {
	s := newSpy(t, false)
	folder := t.TempDir()
	_, rows := twoTables(t, s, "clewliving")
	st := behind(t, s, clickhouse.Options{Prefix: "clewliving", Notes: folder})
	reached, goOn := make(chan struct{}), make(chan struct{})
	s.failing(func(_ http.ResponseWriter, statement string) bool {
		if insertInto(statement, "Second") {
			close(reached)
			<-goOn
		}
		return false
	})
	done := make(chan error, 1)
	go func() { done <- st.Append(t.Context(), "w", rows) }()
	<-reached
	wantNotes(t, folder, 1)
	other := behind(t, s, clickhouse.Options{Prefix: "clewliving", Notes: folder})
	wantCount(t, other, "First", 1)
	close(goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	wantCounts(t, other, 1)
	wantNotes(t, folder, 0)
}

// TestUnfinishedNote: what was killed while it wrote its note had stored nothing.
func TestUnfinishedNote(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(folder+"/torn.append", []byte(`{"workspace":"w","ingest`), 0o600); err != nil {
		t.Fatal(err)
	}
	behind(t, newSpy(t, false), clickhouse.Options{Prefix: "clewtorn", Notes: folder})
	wantNotes(t, folder, 0)
}

func wantNotes(t *testing.T, folder string, want int) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != want {
		t.Errorf("%d notes, want %d (%v)", len(files), want, err)
	}
}
