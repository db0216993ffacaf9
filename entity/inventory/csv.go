package inventory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

const maxColumns = 256

// csv reads a table with a line of column names. The separator is a comma,
// unless the first line has more semicolons or tabs.
func (f *file) csv(in peeker) error {
	head, err := in.Peek(4096)
	if err != nil && err != io.EOF {
		return fmt.Errorf("reading: %w", err)
	}
	f.lines = &lines{r: in, most: f.opt.MaxRow}
	t := csv.NewReader(f.lines)
	t.Comma, t.FieldsPerRecord, t.LazyQuotes, t.TrimLeadingSpace = separator(head), -1, true, true
	names, err := t.Read()
	if err != nil {
		return fmt.Errorf("reading the column names: %w: %w", ErrForm, err)
	}
	if len(names) > maxColumns {
		return fmt.Errorf("%d columns, at most %d are read: %w", len(names), maxColumns, ErrTooLarge)
	}
	columns, err := columnsOf(names)
	if err != nil {
		return err
	}
	for {
		cells, err := t.Read()
		if err == io.EOF {
			return nil
		}
		if err := f.next(); err != nil {
			return err
		}
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			if !f.give(Row{}, rowError(f.rows, "", []byte(strings.Join(cells, ",")), fmt.Errorf("not CSV: %w", broken.Err))) {
				return nil
			}
			continue
		case err != nil:
			return fmt.Errorf("reading row %d: %w", f.rows, err)
		}
		if !f.line(columns, names, cells) {
			return nil
		}
	}
}

type peeker interface {
	io.Reader
	Peek(n int) ([]byte, error)
}

func separator(head []byte) rune {
	first, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, r := range []rune{';', '\t'} {
		if n := bytes.Count(first, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

// lines bounds what the table reader may swallow for one row: an open quote would
// make it read the whole file.
type lines struct {
	r    io.Reader
	most int
	n    int
}

// Read implements io.Reader.
func (l *lines) Read(p []byte) (int, error) {
	if l.n > l.most+(64<<10) {
		return 0, fmt.Errorf("a row of more than %d bytes: %w", l.most, ErrTooLarge)
	}
	n, err := l.r.Read(p)
	l.n += n
	return n, err
}

func (l *lines) row() { l.n = 0 }

// columnsOf tells what each column holds. At least one must name something.
func columnsOf(names []string) ([]field, error) {
	out := make([]field, len(names))
	identifies := false
	for i, n := range names {
		out[i] = fieldOf(n)
		identifies = identifies || out[i].identifies()
	}
	if !identifies {
		return nil, fmt.Errorf("no column names a user or a device, such as userPrincipalName, sid, fqdn or deviceId: %w", ErrForm)
	}
	return out, nil
}

func (f *file) line(columns []field, names, cells []string) bool {
	fs := fields{}
	for i, c := range cells {
		if c = strings.TrimSpace(c); i < len(columns) && c != "" {
			fs.set(columns[i], names[i], c)
		}
	}
	return f.use(fs, []byte(strings.Join(cells, ",")), context{})
}
