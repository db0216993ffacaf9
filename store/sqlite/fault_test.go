package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/clew-sec/clew/store"
)

// child names what this test binary does instead of testing when it is started
// by one of its tests.
const child = "CLEW_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch what, dir, _ := strings.Cut(os.Getenv(child), " "); what {
	case "open":
		fmt.Println(tryOpen(dir))
	case "write":
		writeUntilKilled(dir)
	default:
		os.Exit(m.Run())
	}
}

// tryOpen opens and closes a folder and says how that went.
func tryOpen(dir string) string {
	s, err := Open(context.Background(), Options{Dir: dir})
	for name, want := range map[string]error{"locked": store.ErrLocked, "read only": store.ErrReadOnly, "full": store.ErrFull, "newer": store.ErrNewerSchema} {
		if errors.Is(err, want) {
			return name + ": " + err.Error()
		}
	}
	if err != nil {
		return "other: " + err.Error()
	}
	return fmt.Sprint("open, closed with ", s.Close())
}

// inChild runs this test binary as another process.
func inChild(t *testing.T, what, dir string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), child+"="+what+" "+dir)
	return c
}

func opened(t *testing.T, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestAnotherProcessIsLockedOut(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, Options{Dir: dir})
	out, err := inChild(t, "open", dir).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "locked: ") || !strings.Contains(string(out), fmt.Sprint("process ", os.Getpid())) {
		t.Errorf("%s %v", out, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := inChild(t, "open", dir).CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "open, closed with <nil>") {
		t.Errorf("after the first closed: %s %v", out, err)
	}
}

// TestFolderThatCantBeWritten opens as a user without rights: root has them all.
func TestFolderThatCantBeWritten(t *testing.T) {
	for name, fill := range map[string]bool{"empty folder": false, "with a database": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if fill {
				s := opened(t, Options{Dir: dir})
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			lockDown(t, dir)
			c := inChild(t, "open", dir)
			if os.Getuid() == 0 {
				c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
				c.Path = reachable(t)
			}
			out, err := c.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "read only: ") {
				t.Errorf("%s %v", out, err)
			}
		})
	}
}

// lockDown makes a folder and all above it readable by everybody, and the folder
// itself writable by nobody.
func lockDown(t *testing.T, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	for up := filepath.Dir(dir); up != filepath.Dir(os.TempDir()) && up != "/"; up = filepath.Dir(up) {
		if info, err := os.Stat(up); err == nil && info.Mode().Perm()&0o011 != 0o011 {
			if err := os.Chmod(up, info.Mode().Perm()|0o055); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// reachable copies the test binary to where another user can run it.
func reachable(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.CreateTemp("/tmp", "clew-store-test-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(f.Name()) })
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(0o755), f.Close()); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func TestNewerSchemaStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, Options{Dir: dir})
	if _, err := s.db.writer.Exec("INSERT INTO clew_migration (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir}); !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("opened: %v", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil || string(before) != string(after) {
		t.Errorf("the file was changed, %v", err)
	}
}

func alerts(seq int64, n int) *store.Change {
	c := &store.Change{Workspace: "w", PrevSeq: seq, Seq: seq + int64(n)}
	for i := range n {
		// A body that does not compress, or the disk would never fill.
		body := make([]byte, 4000)
		for k := range body {
			body[k] = byte((uint64(seq)*31 + uint64(i)*1_000_003 + uint64(k)*uint64(k)*2_654_435_761) >> 13)
		}
		c.Alerts = append(c.Alerts, store.Alert{Seq: seq + int64(i) + 1, ID: fmt.Sprint(seq, "-", i), Normal: body})
	}
	return c
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, Options{Dir: dir, MaxBytes: 3 << 20})
	var seq int64
	var err error
	for range 1000 {
		c := alerts(seq, 50)
		if err = s.Commit(t.Context(), c); err != nil {
			break
		}
		seq = c.Seq
	}
	if !errors.Is(err, store.ErrFull) {
		t.Fatalf("after %d alerts: %v", seq, err)
	}
	if seq == 0 {
		t.Fatal("nothing fitted")
	}
	position, perr := s.Position(t.Context(), "w")
	_, aerr := s.Alert(t.Context(), "w", fmt.Sprint(seq, "-", 0))
	if perr != nil || position != seq || !errors.Is(aerr, store.ErrNotFound) {
		t.Errorf("position %d, %v; alert of the failed change: %v", position, perr, aerr)
	}
	if _, err := s.db.writer.Exec("PRAGMA max_page_count = 100000"); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), alerts(seq, 50)); err != nil {
		t.Errorf("with space again: %v", err)
	}
	var verdict string
	if err := s.db.readers.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity: %s %v", verdict, err)
	}
}

// writeUntilKilled tells the position of every commit after it succeeded.
func writeUntilKilled(dir string) {
	s, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	seq, err := s.Position(context.Background(), "w")
	for err == nil {
		c := alerts(seq, 7)
		c.Jobs = []store.Job{{Kind: "test"}}
		if err = s.Commit(context.Background(), c); err == nil {
			seq = c.Seq
			fmt.Println(seq)
		}
	}
	fmt.Println("error", err)
}

// TestKilledWhileWriting kills a writing process again and again: what it said
// was committed is there, and no change is there in part.
func TestKilledWhileWriting(t *testing.T) {
	dir := t.TempDir()
	for round := range 15 {
		c := inChild(t, "write", dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		// Kill in the middle of the commit after a few acknowledged ones.
		var told int64
		for range round%5 + 1 {
			if _, err := fmt.Fscan(out, &told); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for { // acknowledged before the kill took effect
			var more int64
			if _, err := fmt.Fscan(out, &more); err != nil {
				break
			}
			told = more
		}
		_ = c.Wait() // "killed" is what it must say
		checkWhole(t, dir, told)
	}
}

func checkWhole(t *testing.T, dir string, told int64) {
	t.Helper()
	s := opened(t, Options{Dir: dir})
	position, err := s.Position(t.Context(), "w")
	if err != nil || position < told || position%7 != 0 {
		t.Fatalf("position %d, told %d, %v", position, told, err)
	}
	var alerts, logged, jobs int64
	err = s.db.readers.QueryRow("SELECT (SELECT COUNT(*) FROM alert), (SELECT COUNT(*) FROM alert_log), (SELECT COUNT(*) FROM river_job)").Scan(&alerts, &logged, &jobs)
	if err != nil || alerts != position || logged != position || jobs != position/7 {
		t.Errorf("position %d: %d alerts, %d logged, %d jobs, %v", position, alerts, logged, jobs, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBackupIsWhole(t *testing.T) {
	s := opened(t, Options{Dir: t.TempDir()})
	if err := s.Commit(t.Context(), alerts(0, 20)); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), File)
	if err := s.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	again := opened(t, Options{Dir: filepath.Dir(copied)})
	if n, err := again.Position(t.Context(), "w"); n != 20 || err != nil {
		t.Errorf("position %d, %v", n, err)
	}
}

func TestPathWithOddCharacters(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b%20?mode=memory&x#é")
	s := opened(t, Options{Dir: dir})
	if err := s.Commit(t.Context(), alerts(0, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, File)); err != nil {
		t.Error(err)
	}
}

func TestSettingsThatDurabilityRestsOn(t *testing.T) {
	s := opened(t, Options{Dir: t.TempDir()})
	ask := func(db *sql.DB, pragma string) (v string) {
		if err := db.QueryRow("PRAGMA " + pragma).Scan(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if j, f := ask(s.db.writer, "journal_mode"), ask(s.db.writer, "synchronous"); j != "wal" || f != "2" {
		t.Errorf("journal %s, synchronous %s", j, f)
	}
	if _, err := s.db.readers.Exec("DELETE FROM alert"); err == nil {
		t.Error("a reading connection can write")
	}
}
