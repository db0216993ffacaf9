package clickhouse

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/clew-sec/clew/telemetry"
)

// An append that a kill interrupts is known to nobody: its sender repeats it, and
// the tables that were filled already would have its rows twice. So what is about
// to be appended is noted in a folder first, a file each, and the note is gone,
// for sure, before the sender hears that it is stored. Whoever opens the store
// next undoes what it finds notes of. Of a note whose process lives it keeps its
// hands off: a process locks its notes, and a lock ends with its process.

// noteEnd is how the names of notes end.
const noteEnd = ".append"

// maxNote is above the size of any: a line for each table of a schema.
const maxNote = 1 << 20

// notes is the folder of them; "" keeps none.
type notes string

// failed is an append of which rows may be in tables that must not be there.
type failed struct {
	note  *os.File // its note, locked; nil for none
	debts []debt
}

// note is the form of a note.
type note struct {
	Workspace string    `json:"workspace"`
	Ingested  int64     `json:"ingested"` // ticks; see [debt]
	Inserts   []noteRow `json:"inserts"`
}

type noteRow struct {
	Table string `json:"table"`
	Query string `json:"query"`
}

// begin notes an append, and returns when the note is on the disk.
func (n notes) begin(debts []debt) (*os.File, error) {
	if n == "" || len(debts) == 0 {
		return nil, nil
	}
	text := note{Workspace: debts[0].workspace, Ingested: debts[0].ingested}
	for _, d := range debts {
		text.Inserts = append(text.Inserts, noteRow{d.table, d.query})
	}
	body, err := json.Marshal(text)
	if err != nil {
		return nil, fmt.Errorf("noting an append: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(string(n), rand.Text()+noteEnd), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("noting an append: %w", err)
	}
	if err := n.fill(f, body); err != nil {
		return nil, errors.Join(fmt.Errorf("noting an append: %w", err), os.Remove(f.Name()), f.Close())
	}
	return f, nil
}

func (n notes) fill(f *os.File, body []byte) error {
	if err := lock(f); err != nil {
		return err
	}
	if _, err := f.Write(body); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return n.sync()
}

func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// end removes a note, and returns when it is gone from the disk.
func (n notes) end(f *os.File) error {
	if f == nil {
		return nil
	}
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("ending the note of an append: %w", err)
	}
	if err := n.sync(); err != nil {
		return fmt.Errorf("ending the note of an append: %w", err)
	}
	f.Close() // what was written is gone
	return nil
}

// sync makes durable which files are in the folder.
func (n notes) sync() error {
	dir, err := os.Open(string(n))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// open makes the folder and returns what processes that are gone had begun.
func (n notes) open() ([]failed, error) {
	if n == "" {
		return nil, nil
	}
	if err := os.MkdirAll(string(n), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of notes: %w", err)
	}
	files, err := os.ReadDir(string(n))
	if err != nil {
		return nil, fmt.Errorf("reading the folder of notes: %w", err)
	}
	var out []failed
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), noteEnd) {
			continue
		}
		left, err := take(filepath.Join(string(n), file.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the note of an append: %w", err)
		}
		if left.note != nil {
			out = append(out, left)
		}
	}
	return out, nil
}

// noted is what an append is about to insert, one insert for each table.
func noted(workspace string, parts []*telemetry.Part, now int64) []debt {
	out := make([]debt, len(parts))
	for i, p := range parts {
		out[i] = debt{workspace: workspace, table: p.Into.Table.Name, query: rand.Text(), ingested: now}
	}
	return out
}

// take reads a note and locks it; it is none when the note is another process's.
func take(name string) (failed, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return failed{}, nil // ended meanwhile
	}
	if err != nil {
		return failed{}, err
	}
	if mine, err := own(f); !mine {
		return failed{}, errors.Join(err, f.Close())
	}
	body, err := io.ReadAll(io.LimitReader(f, maxNote))
	if err != nil {
		return failed{}, errors.Join(err, f.Close())
	}
	return failed{note: f, debts: readNote(body)}, nil
}

// own locks a note, and tells whether it is there still: its process may have
// ended the note after it was opened here.
func own(f *os.File) (bool, error) {
	switch err := lock(f); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return false, nil
	case err != nil:
		return false, err
	}
	open, err := f.Stat()
	if err != nil {
		return false, err
	}
	named, err := os.Stat(f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(open, named), err
}

// readNote is what a note says. One that is not whole was never followed by an
// insert.
func readNote(body []byte) []debt {
	var n note
	if json.Unmarshal(body, &n) != nil {
		return nil
	}
	out := make([]debt, 0, len(n.Inserts))
	for _, r := range n.Inserts {
		out = append(out, debt{workspace: n.Workspace, table: r.Table, query: r.Query, ingested: n.Ingested})
	}
	return out
}
