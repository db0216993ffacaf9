package app

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/telemetry/hunt"
)

// HuntOptions is one query of the command line. File is read when Query is
// empty; "-" is standard input.
type HuntOptions struct {
	Server    string // of a running server; empty: the data folder is read
	Workspace string
	Query     string
	File      string
	Format    string // table, json or csv
	Rows      int
}

// huntAnswer is a result as the server gives it.
type huntAnswer struct {
	Columns   []kqlColumn         `json:"columns"`
	Rows      [][]json.RawMessage `json:"rows"`
	Truncated json.RawMessage     `json:"truncated,omitempty"`
}

// Hunt runs one query over the telemetry of a data folder or of a running
// server, and prints the rows.
func Hunt(ctx context.Context, cfg Config, o IO, opt HuntOptions) error {
	text, err := o.queryText(opt.Query, opt.File)
	if err != nil {
		return err
	}
	var a *huntAnswer
	if opt.Server != "" {
		a, err = huntServer(ctx, text, opt)
	} else {
		a, err = huntFolder(ctx, cfg, text, opt)
	}
	var wrong *hunt.Rejected
	if errors.As(err, &wrong) {
		o.findings(text, wrong.Diagnostics)
		return fmt.Errorf("%w: the query is not right", ErrProblems)
	}
	if err != nil {
		return err
	}
	if len(a.Truncated) > 0 {
		fmt.Fprintf(o.Err, "only the first %d rows are shown\n", len(a.Rows))
	}
	return o.printHunt(a, opt.Format)
}

// queryText is the query of the command line or of a file.
func (o IO) queryText(query, file string) (string, error) {
	if (query == "") == (file == "") {
		return "", fmt.Errorf("%w: give a query or --file", ErrUsage)
	}
	if query != "" {
		return query, nil
	}
	f, err := o.open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 2<<20))
	if err != nil {
		return "", fmt.Errorf("reading the query: %w", err)
	}
	return string(text), nil
}

func huntServer(ctx context.Context, text string, opt HuntOptions) (*huntAnswer, error) {
	c, err := newClient(opt.Server, opt.Workspace, "the scope read")
	if err != nil {
		return nil, err
	}
	var a huntAnswer
	body := map[string]any{"query": text, "maxRows": opt.Rows}
	if err := c.call(ctx, "POST", "hunting/query", body, &a); err != nil {
		return nil, err
	}
	return &a, nil
}

// huntFolder runs a query as a server on the same folder would: with the saved
// functions and watchlists that are kept there.
func huntFolder(ctx context.Context, cfg Config, text string, opt HuntOptions) (*huntAnswer, error) {
	cfg.complete()
	events, err := telemetryStore(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer events.Close()
	kept, err := openStore(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer kept.Close()
	r, err := newHunter(cfg, events, kept, nil).run(ctx, hunt.Request{Text: text, Workspace: opt.Workspace, Limits: hunt.Limits{Rows: opt.Rows}})
	if err != nil {
		return nil, err
	}
	return answerOf(r), nil
}

func answerOf(r *hunt.Result) *huntAnswer {
	a := &huntAnswer{Columns: []kqlColumn{}, Rows: [][]json.RawMessage{}}
	for _, c := range r.Columns {
		a.Columns = append(a.Columns, kqlColumn{c.Name, c.Type.String()})
	}
	for _, row := range r.Rows {
		cells := make([]json.RawMessage, len(row))
		for i, v := range row {
			cells[i] = hunt.AppendJSON(nil, v)
		}
		a.Rows = append(a.Rows, cells)
	}
	if r.Truncated {
		a.Truncated = json.RawMessage(`{"limit":"rows"}`)
	}
	return a
}

func (o IO) printHunt(a *huntAnswer, format string) error {
	switch format {
	case "json":
		return o.printJSON(a)
	case "csv":
		return o.printHuntCSV(a)
	}
	heading := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		heading[i] = printable(c.Name)
	}
	return o.table(strings.Join(heading, "\t"), func(row func(format string, a ...any)) {
		for _, cells := range a.Rows {
			out := make([]string, len(cells))
			for i, cell := range cells {
				out[i] = printable(plainCell(cell))
			}
			row("%s", strings.Join(out, "\t"))
		}
	})
}

func (o IO) printHuntCSV(a *huntAnswer) error {
	w := csv.NewWriter(o.Out)
	record := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		record[i] = c.Name
	}
	if err := w.Write(record); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	for _, cells := range a.Rows {
		for i, cell := range cells {
			record[i] = plainCell(cell)
		}
		if err := w.Write(record); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}

// plainCell is a cell without the quotes of JSON; null is empty.
func plainCell(cell json.RawMessage) string {
	var s string
	switch {
	case string(cell) == "null":
		return ""
	case json.Unmarshal(cell, &s) == nil:
		return s
	}
	return string(cell)
}

// printable keeps what a text holds from moving the cursor or the columns.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, s)
}

// KQLFormat prints a query laid out anew.
func KQLFormat(o IO, query, file string) error {
	text, err := o.queryText(query, file)
	if err != nil {
		return err
	}
	script := syntax.Parse(text)
	for _, d := range script.Diagnostics {
		if d.Severity == syntax.Error {
			o.findings(text, script.Diagnostics)
			return fmt.Errorf("%w: the query is not right", ErrProblems)
		}
	}
	_, err = fmt.Fprintln(o.Out, strings.TrimRight(syntax.Format(script, syntax.Options{}), "\n"))
	return err
}
