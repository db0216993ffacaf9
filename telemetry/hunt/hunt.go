// Package hunt runs queries of the Kusto Query Language over the telemetry: it
// parses and checks a text, finds the columns that only the data can tell, turns
// the plan into SQL, runs it, and finishes in memory what SQL can't say.
//
// A query is hostile until proven otherwise. Everything it may cost is bounded
// by Limits, and what it is refused for is said with the limit's name.
package hunt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/sql"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// Engine is what queries run on: a telemetry.Store, or part of one.
type Engine interface {
	Query(ctx context.Context, s telemetry.Statement, l telemetry.Limits) (telemetry.Rows, error)
	TableSQL(workspace, table string) string
}

// definer is an engine that takes functions, which SQL then may call.
type definer interface {
	Define(ctx context.Context, list []telemetry.Function) error
}

// Hunter runs queries on one engine. It keeps no state of queries and may be
// used by several goroutines.
type Hunter struct {
	Engine  Engine
	Dialect sql.Dialect
	// Surroundings answers the functions that are no part of the language; nil:
	// there are none.
	Surroundings Surroundings
	// Places answers geo_info_from_ip_address; nil: it gives null, with a warning.
	Places eval.Places
}

// Surroundings are the tabular functions that come with the place where queries
// run: watchlists, file profiles, addresses of devices. In a plan each is a
// Plugin of its name. The rows have a value for each of its Cols; what comes of
// a plugin without Input is a table of its own, which SQL then reads.
type Surroundings interface {
	Call(ctx context.Context, workspace string, p *plan.Plugin, input eval.Table, args []value.Value) ([][]value.Value, error)
	// Knows tells whether a function of this name is answered.
	Knows(name string) bool
}

// Request is one query.
type Request struct {
	Text      string
	Workspace string
	// Check is the schema and the time that the query is checked with.
	// PluginColumns is filled in here.
	Check check.Options
	// Stored tells which tables the engine has; others that the schema names are
	// empty. Nil: it has them all.
	Stored func(table string) bool
	Window Window
	Limits Limits
}

// Limits bound a query. A zero field means the default.
type Limits struct {
	// Rows is how many rows the result has at most; what is over is cut off and
	// said so (Result.Truncated).
	Rows int
	// Time bounds the whole of the query.
	Time time.Duration
	// Memory is what the engine may use. Where SQL can't finish a query,
	// Intermediate is how many rows may be brought into memory, and Evaluation how
	// many bytes of values may be made of them.
	Memory       int64
	Intermediate int
	Evaluation   int64
	// Text is the size of the text in bytes.
	Text int
}

// Defaults of Limits.
const (
	DefaultRows         = 30_000
	DefaultTime         = 3 * time.Minute
	DefaultIntermediate = 500_000
	DefaultEvaluation   = 1 << 30
	DefaultText         = 256 << 10
)

func (l Limits) complete() Limits {
	if l.Rows <= 0 {
		l.Rows = DefaultRows
	}
	if l.Time <= 0 {
		l.Time = DefaultTime
	}
	if l.Intermediate <= 0 {
		l.Intermediate = DefaultIntermediate
	}
	if l.Evaluation <= 0 {
		l.Evaluation = DefaultEvaluation
	}
	if l.Text <= 0 {
		l.Text = DefaultText
	}
	return l
}

// Result is the answer to a query.
type Result struct {
	Columns []telemetry.ResultColumn
	Rows    [][]value.Value
	// Truncated is set when there were more rows than the limit.
	Truncated bool
	Render    *plan.Render
	// Usage is what the engine has spent on it, where it tells.
	Usage telemetry.Usage
	// Tables are the stored tables that were read.
	Tables []string
	// Warnings are the checker's findings that are no errors.
	Warnings []syntax.Diagnostic
	// InMemory says what SQL could not say, where something was finished in
	// memory.
	InMemory []string
}

// Rejected is the error of a query that is not right. It has every finding, with
// its place in the text.
type Rejected struct{ Diagnostics []syntax.Diagnostic }

func (e *Rejected) Error() string {
	for _, d := range e.Diagnostics {
		if d.Severity == syntax.Error {
			return d.Message
		}
	}
	return "the query is not right"
}

// TooLarge is the error of a text above the limit.
type TooLarge struct{ Size, Limit int }

func (e *TooLarge) Error() string {
	return fmt.Sprintf("the query has %d bytes, more than the limit of %d", e.Size, e.Limit)
}

// Run answers a query. Errors of the text are *Rejected, those of a limit
// *telemetry.LimitError or *TooLarge.
func (h *Hunter) Run(ctx context.Context, r Request) (*Result, error) {
	r.Limits = r.Limits.complete()
	ctx, cancel := context.WithTimeoutCause(ctx, r.Limits.Time, &telemetry.LimitError{Limit: telemetry.LimitTime, Value: int64(r.Limits.Time)})
	defer cancel()
	checked, err := h.prepare(ctx, &r)
	if err != nil {
		return nil, h.cause(ctx, err)
	}
	if checked.Plan, err = h.settle(ctx, &r, checked.Plan); err != nil {
		return nil, h.cause(ctx, err)
	}
	program, err := h.compile(&r, checked.Plan)
	if err != nil {
		return nil, h.cause(ctx, err)
	}
	run := &runner{hunter: h, request: &r, ctx: ctx}
	rows, err := run.program(program)
	if err != nil {
		return nil, h.cause(ctx, err)
	}
	out := &Result{Rows: rows, Render: checked.Plan.Render, Tables: checked.Plan.Tables, Usage: run.used, InMemory: program.Reasons}
	if len(rows) > r.Limits.Rows {
		out.Rows, out.Truncated = rows[:r.Limits.Rows], true
	}
	for _, c := range checked.Columns {
		out.Columns = append(out.Columns, telemetry.ResultColumn{Name: c.Name, Type: c.Type})
	}
	out.Warnings = append(checked.Diagnostics, h.unplaced(r.Text)...)
	return out, nil
}

// cause prefers the limit that ended a query over what that looked like.
func (h *Hunter) cause(ctx context.Context, err error) error {
	var limit *telemetry.LimitError
	if !errors.As(err, &limit) && errors.As(context.Cause(ctx), &limit) {
		return limit
	}
	return err
}

// Compile is the program of a query, for those who want to see it.
func (h *Hunter) Compile(ctx context.Context, r Request) (*sql.Program, error) {
	r.Limits = r.Limits.complete()
	checked, err := h.prepare(ctx, &r)
	if err != nil {
		return nil, err
	}
	return h.compile(&r, checked.Plan)
}

func (h *Hunter) compile(r *Request, p *plan.Plan) (*sql.Program, error) {
	return sql.Compile(p, h.Dialect, h.options(r, r.Limits.Rows+1))
}

// prepare checks the text and makes the plan, several times where the data has to tell columns.
func (h *Hunter) prepare(ctx context.Context, r *Request) (checked *check.Result, err error) {
	if len(r.Text) > r.Limits.Text {
		return nil, &TooLarge{Size: len(r.Text), Limit: r.Limits.Text}
	}
	script := syntax.Parse(r.Text)
	checked = check.Check(script, r.Check)
	for range maxOpen {
		if err := rejected(checked); err != nil {
			return nil, err
		}
		if len(checked.Plan.Open) == 0 {
			break
		}
		if err := h.discover(ctx, r, checked.Plan); err != nil {
			return nil, err
		}
		checked = check.Check(script, r.Check)
	}
	if err := rejected(checked); err != nil {
		return nil, err
	}
	checked.Plan, err = h.surround(ctx, r, without(r.Window.within(checked.Plan), r.Stored))
	if err != nil {
		return nil, err
	}
	return checked, nil
}

// rejected refuses what is not right, and what the checker only warns of since it
// is right in the language: to run, it must be allowed as well.
func rejected(checked *check.Result) error {
	isForbidden := func(d syntax.Diagnostic) bool { return d.Code == check.CodeForbidden }
	if checked.OK() && checked.Plan != nil && !slices.ContainsFunc(checked.Diagnostics, isForbidden) {
		return nil
	}
	found := slices.Clone(checked.Diagnostics)
	for i := range found {
		if isForbidden(found[i]) {
			found[i].Severity = syntax.Error
		}
	}
	return &Rejected{Diagnostics: found}
}

// maxOpen is how many plugins of a query may have columns that only the data
// can tell.
const maxOpen = 20

func (h *Hunter) options(r *Request, rows int) sql.Options {
	return sql.Options{Now: r.Check.Now, MaxRows: int64(rows), Ingested: telemetry.Ingested, Calls: callable, TableSQL: func(table string) string {
		return h.Engine.TableSQL(r.Workspace, table)
	}}
}
