package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/clickhouse"
	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/hunt"
)

// KQLFiles says where queries are read from and answers are written to: JSON
// lines, "-" is standard input and output.
type KQLFiles struct{ In, Out string }

// kqlCase is one query of a file of queries.
type kqlCase struct {
	ID    string `json:"id"`
	Query string `json:"query"`
}

type kqlColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type kqlDiagnostic struct {
	Message  string `json:"message"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Severity string `json:"severity"`
}

type kqlVerdict struct {
	ID          string          `json:"id"`
	SyntaxOK    bool            `json:"syntaxOk"`
	OK          bool            `json:"ok"`
	Columns     []kqlColumn     `json:"columns"`
	Diagnostics []kqlDiagnostic `json:"diagnostics"`
}

// KQLCheck judges the syntax and the semantics of many queries against the
// built-in tables.
func KQLCheck(ctx context.Context, o IO, files KQLFiles) error {
	opt := check.Options{Schema: hunt.NewSchema(telemetry.Tables(), nil), Now: value.TicksOf(time.Now())}
	return o.kqlLines(ctx, files, func(c kqlCase, out *bufio.Writer) error {
		line, err := json.Marshal(verdict(c, opt))
		if err != nil {
			return fmt.Errorf("writing the verdict: %w", err)
		}
		out.Write(line)
		return out.WriteByte('\n')
	})
}

func verdict(c kqlCase, opt check.Options) kqlVerdict {
	script := syntax.Parse(c.Query)
	r := check.Check(script, opt)
	v := kqlVerdict{ID: c.ID, SyntaxOK: true, OK: r.OK(), Columns: []kqlColumn{}, Diagnostics: []kqlDiagnostic{}}
	for _, d := range script.Diagnostics {
		v.SyntaxOK = v.SyntaxOK && d.Severity != syntax.Error
	}
	for _, col := range r.Columns {
		v.Columns = append(v.Columns, kqlColumn{col.Name, col.Type.String()})
	}
	for _, d := range r.Diagnostics {
		v.Diagnostics = append(v.Diagnostics, kqlDiagnostic{d.Message, d.Start, d.End, d.Severity.String()})
	}
	return v
}

// kqlLines calls f for each query of a file.
func (o IO) kqlLines(ctx context.Context, files KQLFiles, f func(c kqlCase, out *bufio.Writer) error) error {
	in, err := o.open(files.In)
	if err != nil {
		return err
	}
	defer in.Close()
	dst, err := o.create(files.Out)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(dst)
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	for n := 1; ctx.Err() == nil; n++ {
		var c kqlCase
		if err := dec.Decode(&c); err == io.EOF {
			break
		} else if err != nil {
			return errors.Join(fmt.Errorf("reading query %d of %s: %w", n, files.In, err), dst.Close())
		}
		if err := f(c, out); err != nil {
			return errors.Join(err, dst.Close())
		}
	}
	return errors.Join(ctx.Err(), out.Flush(), dst.Close())
}

// KQLRun runs self-contained queries, which read no stored tables.
func KQLRun(ctx context.Context, o IO, files KQLFiles, engine string) error {
	h, closing, err := emptyHunter(ctx, engine)
	if err != nil {
		return err
	}
	defer closing()
	return o.kqlLines(ctx, files, func(c kqlCase, out *bufio.Writer) error {
		out.Write(hunt.Answer(ctx, h, c.ID, hunt.Request{
			Text: c.Query, Check: check.Options{Now: value.TicksOf(time.Now())}, Limits: hunt.Limits{Rows: 100_000, Time: time.Minute},
		}))
		return out.WriteByte('\n')
	})
}

// emptyHunter runs queries on an engine without stored tables. ClickHouse runs as
// a library, in a folder that is removed again.
func emptyHunter(ctx context.Context, engine string) (*hunt.Hunter, func() error, error) {
	d, ok := dialects[engine]
	if !ok {
		return nil, nil, fmt.Errorf("%w: no engine %q", ErrUsage, engine)
	}
	if engine == "duckdb" {
		store, err := duckdb.Open(ctx, duckdb.Options{})
		if err != nil {
			return nil, nil, err
		}
		return &hunt.Hunter{Engine: store, Dialect: d}, store.Close, nil
	}
	folder, err := os.MkdirTemp("", "clew-kql")
	if err != nil {
		return nil, nil, fmt.Errorf("making a folder for the engine: %w", err)
	}
	store, err := openLibrary(ctx, folder, clickhouse.Options{})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &hunt.Hunter{Engine: store, Dialect: d}, func() error { return errors.Join(store.Close(), os.RemoveAll(folder)) }, nil
}

// dialects are the dialects of SQL by the name that the command line has.
var dialects = map[string]sql.Dialect{sql.DuckDB.Name(): sql.DuckDB, sql.ClickHouse.Name(): sql.ClickHouse}

// KQLSQL prints the SQL of a query over the built-in tables.
func KQLSQL(ctx context.Context, o IO, dialect, query string) error {
	d, ok := dialects[dialect]
	if !ok {
		return fmt.Errorf("%w: no dialect %q", ErrUsage, dialect)
	}
	r := check.Check(syntax.Parse(query), check.Options{Schema: hunt.NewSchema(telemetry.Tables(), nil), Now: value.TicksOf(time.Now())})
	if !r.OK() {
		o.findings(query, r.Diagnostics)
		return fmt.Errorf("%w: the query is not right", ErrProblems)
	}
	p, err := sql.Compile(r.Plan, d, sql.Options{Now: value.TicksOf(time.Now())})
	if err != nil {
		return err
	}
	_, err = io.WriteString(o.Out, p.Explain())
	return err
}

// findings prints diagnostics with line and column.
func (o IO) findings(text string, list []syntax.Diagnostic) {
	for _, d := range list {
		line, column := 1, 1
		for _, r := range text[:min(d.Start, len(text))] {
			column++
			if r == '\n' {
				line, column = line+1, 1
			}
		}
		fmt.Fprintf(o.Err, "%d:%d: %s: %s\n", line, column, d.Severity, d.Message)
	}
}
