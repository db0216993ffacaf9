package telemetry

import (
	"bufio"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/clew-sec/clew/kql/value"
)

// The files in schema hold the built-in tables, one file a family:
//
//	table NAME
//	doc   what a row is
//	  COLUMN TYPE
//
// columns.md holds what columns mean, by name, since a name means the same
// wherever it stands.
//
//go:embed schema/*.txt schema/columns.md
var schemaFiles embed.FS

type catalog struct {
	list   []*Table
	byName map[string]*Table
}

// builtin parses the embedded files once. They are part of the program, so that
// a mistake in them is a mistake of the program and a test finds it.
var builtin = sync.OnceValue(func() catalog {
	c, err := readCatalog(schemaFiles)
	if err != nil {
		panic("built-in table schemas: " + err.Error())
	}
	return c
})

func readCatalog(files fs.FS) (catalog, error) {
	c := catalog{byName: map[string]*Table{}}
	meanings, err := readMeanings(files, "schema/columns.md")
	if err != nil {
		return c, err
	}
	names, err := fs.Glob(files, "schema/*.txt")
	if err != nil {
		return c, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return c, err
		}
		r := schemaReader{family: strings.TrimSuffix(path.Base(name), ".txt"), meanings: meanings, into: &c}
		if err := r.read(string(text)); err != nil {
			return c, fmt.Errorf("%s: %w", name, err)
		}
	}
	slices.SortFunc(c.list, byName)
	return c, nil
}

// schemaReader reads one file of tables.
type schemaReader struct {
	family   string
	meanings meanings
	into     *catalog

	name, doc string
	columns   []Column
}

func (r *schemaReader) read(text string) error {
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if err := r.line(lines.Text()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return r.finish()
}

func (r *schemaReader) line(line string) error {
	first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch {
	case first == "" || first == "#":
		return nil
	case strings.HasPrefix(line, "  "):
		t, ok := value.ParseType(rest)
		if !ok {
			return fmt.Errorf("column %s: no type %q", first, rest)
		}
		r.columns = append(r.columns, Column{Name: first, Type: t, Doc: r.meanings.of(first)})
		return nil
	case first == "table":
		if err := r.finish(); err != nil {
			return err
		}
		r.name = rest
		return nil
	case first == "doc":
		r.doc = rest
		return nil
	}
	return fmt.Errorf("want table, doc or a column, not %q", line)
}

// finish files the table that was read so far.
func (r *schemaReader) finish() error {
	if r.name == "" {
		return nil
	}
	t, err := NewTable(r.name, r.family, r.doc, r.columns)
	if err != nil {
		return err
	}
	if _, twice := r.into.byName[t.Name]; twice {
		return fmt.Errorf("table %s twice", t.Name)
	}
	r.into.byName[t.Name] = t
	r.into.list = append(r.into.list, t)
	r.name, r.doc, r.columns = "", "", nil
	return nil
}

// meanings are the descriptions of columns by name.
type meanings map[string]string

// prefixes of column names that add one thing to the meaning of the rest.
var prefixes = []struct{ prefix, means string }{
	{"InitiatingProcess", "Process that acted: "},
	{"DestinationMessage", "Destination message: "},
	{"Destination", "Destination: "},
	{"Source", "Source: "},
	{"Target", "Target: "},
	{"Previous", "Before the change: "},
	{"Parent", "Parent: "},
	{"Recipient", "Recipient: "},
	{"Sender", "Sender: "},
}

// of returns the meaning of a column, or the empty string when its name has to
// speak for itself.
func (m meanings) of(column string) string {
	if d, ok := m[column]; ok {
		return d
	}
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(column, p.prefix)
		if !ok || rest == "" {
			continue
		}
		if d := m.of(rest); d != "" {
			return p.means + strings.ToLower(d[:1]) + d[1:]
		}
	}
	return ""
}

// readMeanings reads the lines "- `Column`: meaning".
func readMeanings(files fs.FS, name string) (meanings, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	m := meanings{}
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "- `")
		if !ok {
			continue
		}
		column, doc, ok := strings.Cut(rest, "`: ")
		if !ok {
			return nil, fmt.Errorf("%s: want \"- `Column`: meaning\", got %q", name, line)
		}
		m[column] = doc
	}
	return m, nil
}
