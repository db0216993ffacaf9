package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
)

// Hunter runs queries over the telemetry of a workspace.
type Hunter interface {
	// Run runs one query. Errors: *QueryError, *telemetry.LimitError, those of
	// package telemetry, and of the context.
	Run(ctx context.Context, q Hunt) (Catch, error)
	// Check finds what is wrong with a query, and the columns of its result.
	Check(ctx context.Context, workspace, text string) ([]syntax.Diagnostic, []telemetry.ResultColumn, error)
	// Tables lists the tables of a workspace, and what they hold.
	Tables(ctx context.Context, workspace string) ([]*telemetry.Table, []telemetry.TableStats, error)
	// Functions lists what the language offers.
	Functions() []HuntingFunction
}

// Hunt is one run of a query.
type Hunt struct {
	Workspace string
	User      string // whose quota it counts against
	Text      string
	From, To  time.Time // of the tables' time columns; zero: no bound
	MaxRows   int
}

// Catch is what a run found.
type Catch struct {
	Columns  []telemetry.ResultColumn
	Rows     [][]value.Value
	Cut      *telemetry.LimitError // the limit that cut the rows off, or nil
	Chart    string                // of render, empty when none is asked for
	Settings map[string]string     // of render
	Waited   time.Duration
	Tables   []string
	Used     telemetry.Usage
	Warnings []syntax.Diagnostic
}

// QueryError says that a query is wrong, and where.
type QueryError struct{ Diagnostics []syntax.Diagnostic }

// Error is the first error.
func (e *QueryError) Error() string {
	for _, d := range e.Diagnostics {
		if d.Severity == syntax.Error {
			return d.Message
		}
	}
	return "the query is wrong"
}

// HuntingFunction is a function of the language, for those who write queries.
type HuntingFunction struct {
	Name        string `json:"name"`
	Kind        string `json:"kind" doc:"scalar, aggregate, window, plugin or saved."`
	Signature   string `json:"signature"`
	Description string `json:"description"`
}

var errNoTelemetry = errors.New("this server keeps no telemetry")

// The rows that a query may give: people look at what the portal shows,
// programs may fetch more.
const (
	maxPortalRows = 30_000
	maxAPIRows    = 100_000
	maxQuery      = 1 << 20
)

type runQueryInput struct {
	InWorkspace
	Body struct {
		Query   string    `json:"query" minLength:"1" maxLength:"1048576" doc:"KQL."`
		From    time.Time `json:"from,omitzero" doc:"Only events since then, in tables that have a time."`
		To      time.Time `json:"to,omitzero" doc:"Only events before then."`
		MaxRows int       `json:"maxRows,omitempty" minimum:"1" maximum:"100000" doc:"At most 30,000 for people, 100,000 with an API token."`
	}
}

// HuntingColumn is a column of a result.
type HuntingColumn struct {
	Name string `json:"name"`
	Type string `json:"type" enum:"bool,int,long,real,decimal,datetime,timespan,guid,string,dynamic,unknown"`
}

// HuntingResult is what a query found.
type HuntingResult struct {
	Columns   []HuntingColumn `json:"columns"`
	Rows      Cells           `json:"rows"`
	RowCount  int             `json:"rowCount"`
	Truncated *HuntingCut     `json:"truncated,omitempty" doc:"The limit that cut the rows off."`
	Render    *HuntingChart   `json:"render,omitempty" doc:"The chart that the query asks for."`
	Stats     HuntingStats    `json:"stats"`
	Warnings  []Finding       `json:"warnings"`
}

// HuntingCut names a limit.
type HuntingCut struct {
	Limit   telemetry.Limit `json:"limit"`
	Message string          `json:"message"`
}

// HuntingChart is the hint of render.
type HuntingChart struct {
	Kind       string            `json:"kind" example:"timechart"`
	Properties map[string]string `json:"properties"`
}

// HuntingStats is what a run cost.
type HuntingStats struct {
	ElapsedMS  int64    `json:"elapsedMs"`
	QueuedMS   int64    `json:"queuedMs"`
	ReadTables []string `json:"readTables"`
	// What the engine tells of the rest.
	ProcessorMS int64 `json:"processorMs,omitempty" doc:"Processor time of the engine, of all threads together; left out where the engine does not tell."`
	ReadRows    int64 `json:"readRows,omitempty" doc:"Rows that were read from tables; left out where the engine does not tell."`
	MemoryBytes int64 `json:"memoryBytes,omitempty" doc:"What the engine held in memory at most while the query ran, for all queries together; left out where the engine does not tell."`
}

// Finding is something to say about a place of a query.
type Finding struct {
	Message     string   `json:"message"`
	Start       int      `json:"start" doc:"In bytes of the text."`
	End         int      `json:"end"`
	Code        string   `json:"code"`
	Severity    string   `json:"severity" enum:"error,warning,information"`
	Suggestions []string `json:"suggestions,omitempty"`
}

func findings(ds []syntax.Diagnostic) []Finding {
	out := make([]Finding, len(ds))
	for i, d := range ds {
		out[i] = Finding{Message: d.Message, Start: d.Start, End: d.End, Code: d.Code, Severity: d.Severity.String(), Suggestions: d.Suggestions}
	}
	return out
}

type checkQueryInput struct {
	InWorkspace
	Body struct {
		Query string `json:"query" maxLength:"1048576"`
	}
}

// HuntingCheck is what the checker says of a query.
type HuntingCheck struct {
	Diagnostics []Finding       `json:"diagnostics"`
	Columns     []HuntingColumn `json:"columns"`
}

// HuntingSchema is what queries can name.
type HuntingSchema struct {
	Tables    []HuntingTable    `json:"tables"`
	Functions []HuntingFunction `json:"functions"`
}

// HuntingTable is a table of the telemetry.
type HuntingTable struct {
	Name        string               `json:"name"`
	Family      string               `json:"family"`
	Description string               `json:"description"`
	Time        string               `json:"time,omitempty" doc:"The column that time ranges go by."`
	Columns     []HuntingTableColumn `json:"columns"`
	Rows        int64                `json:"rows"`
	Bytes       int64                `json:"bytes"`
	Oldest      time.Time            `json:"oldest,omitzero"`
	Newest      time.Time            `json:"newest,omitzero"`
}

// HuntingTableColumn is a column of a table.
type HuntingTableColumn struct {
	HuntingColumn
	Description string `json:"description"`
}

func (s *service) huntingOperations() {
	tag := "hunting"
	add(s, operation{id: "runQuery", tag: tag, route: "POST /hunting/query", summary: "Run a query over the telemetry", need: auth.Read, maxBody: 2 * maxQuery,
		errors: []int{422}, doc: runQueryDoc}, s.runQuery)
	add(s, operation{id: "checkQuery", tag: tag, route: "POST /hunting/check", summary: "Say what is wrong with a query", need: auth.Read, maxBody: 2 * maxQuery}, s.checkQuery)
	add(s, operation{id: "huntingSchema", tag: tag, route: "GET /hunting/schema", summary: "Tables and functions that queries can name", need: auth.Read}, s.huntingSchema)
	s.savedQueryOperations()
	s.watchlistOperations()
	s.tableOperations()
	s.huntingCaseOperations()
}

const runQueryDoc = `The language is the Kusto Query Language. A query that is wrong is answered with 422: "errors" says what, and from which byte to which.

A row holds its cells in the order of the columns: texts, numbers, true, false or null; whole numbers beyond 2^53, and NaN and the infinities, as text; times in ISO 8601 with seven digits of the second; spans as [-][d.]hh:mm:ss[.fffffff]; dynamic values as JSON. Give the request up to stop the query.`

func (s *service) hunter(workspace string) (Hunter, error) {
	return s.Hunter, s.telemetryOf(workspace, s.Hunter != nil)
}

// telemetryOf fails when there is no such workspace, or no telemetry.
func (s *service) telemetryOf(workspace string, kept bool) error {
	if _, err := s.of(workspace); err != nil {
		return err
	}
	if !kept {
		return errNoTelemetry
	}
	return nil
}

func (s *service) runQuery(ctx context.Context, in *runQueryInput) (*Output[HuntingResult], error) {
	h, err := s.hunter(in.Workspace)
	if err != nil {
		return nil, err
	}
	q := Hunt{Workspace: in.Workspace, User: actor(ctx).Name, Text: in.Body.Query, From: in.Body.From, To: in.Body.To, MaxRows: rowsFor(ctx, in.Body.MaxRows)}
	began := s.Now()
	found, err := h.Run(ctx, q)
	elapsed := s.Now().Sub(began)
	s.remember(ctx, q, found, elapsed, err)
	if err != nil {
		return nil, err
	}
	out := HuntingResult{
		Columns: columnsOf(found.Columns), Rows: cells(found.Rows), RowCount: len(found.Rows), Warnings: findings(found.Warnings),
		Stats: statsOf(found, elapsed),
	}
	if found.Cut != nil {
		out.Truncated = &HuntingCut{Limit: found.Cut.Limit, Message: found.Cut.Error()}
	}
	if found.Chart != "" {
		out.Render = &HuntingChart{Kind: found.Chart, Properties: found.Settings}
	}
	return &Output[HuntingResult]{Body: out}, nil
}

func statsOf(found Catch, elapsed time.Duration) HuntingStats {
	return HuntingStats{
		ElapsedMS: elapsed.Milliseconds(), QueuedMS: found.Waited.Milliseconds(), ReadTables: found.Tables,
		ProcessorMS: (found.Used.Processor + time.Millisecond - 1).Milliseconds(), ReadRows: found.Used.Scanned, MemoryBytes: found.Used.Memory,
	}
}

// rowsFor is how many rows the sender of a request may have.
func rowsFor(ctx context.Context, asked int) int {
	most := maxPortalRows
	if auth.From(ctx).Token != "" {
		most = maxAPIRows
	}
	if asked <= 0 || asked > most {
		return most
	}
	return asked
}

func columnsOf(all []telemetry.ResultColumn) []HuntingColumn {
	out := make([]HuntingColumn, len(all))
	for i, c := range all {
		out[i] = HuntingColumn{Name: c.Name, Type: c.Type.String()}
	}
	return out
}

// remember keeps the run in the history. That it can't be kept does not harm
// the answer.
func (s *service) remember(ctx context.Context, q Hunt, found Catch, elapsed time.Duration, err error) {
	r := store.Run{
		At: s.Now().UTC(), User: q.User, Interface: "portal", Query: q.Text, State: store.RunCompleted, ElapsedMS: elapsed.Milliseconds(), Rows: int64(len(found.Rows)),
	}
	if auth.From(ctx).Token != "" {
		r.Interface = "api"
	}
	var limit *telemetry.LimitError
	switch {
	case errors.Is(err, context.Canceled):
		r.State = store.RunCancelled
	case errors.As(err, &limit):
		r.State, r.Message = store.RunLimited, limit.Error()
	case err != nil:
		r.State, r.Message = store.RunFailed, s.problem(ctx, err).Detail
	case found.Cut != nil:
		r.State, r.Message = store.RunLimited, found.Cut.Error()
	}
	if _, err := s.Store.AddRun(context.WithoutCancel(ctx), q.Workspace, r); err != nil {
		s.Log.WarnContext(ctx, "the history of hunting was not kept", "error", err)
	}
}

func (s *service) checkQuery(ctx context.Context, in *checkQueryInput) (*Output[HuntingCheck], error) {
	h, err := s.hunter(in.Workspace)
	if err != nil {
		return nil, err
	}
	found, columns, err := h.Check(ctx, in.Workspace, in.Body.Query)
	return output(HuntingCheck{Diagnostics: findings(found), Columns: columnsOf(columns)}, err)
}

func (s *service) huntingSchema(ctx context.Context, in *InWorkspace) (*Output[HuntingSchema], error) {
	h, err := s.hunter(in.Workspace)
	if err != nil {
		return nil, err
	}
	tables, stats, err := h.Tables(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	held := map[string]telemetry.TableStats{}
	for _, t := range stats {
		held[t.Table] = t
	}
	out := HuntingSchema{Functions: h.Functions(), Tables: make([]HuntingTable, len(tables))}
	for i, t := range tables {
		out.Tables[i] = tableOf(t, held[t.Name])
	}
	saved, err := s.functions(ctx, in.Workspace)
	out.Functions = append(out.Functions, saved...)
	return output(out, err)
}

func tableOf(t *telemetry.Table, held telemetry.TableStats) HuntingTable {
	out := HuntingTable{
		Name: t.Name, Family: t.Family, Description: t.Doc, Time: t.Time, Rows: held.Rows, Bytes: held.Bytes,
		Columns: make([]HuntingTableColumn, len(t.Columns)),
	}
	if held.Rows > 0 && t.Time != "" {
		out.Oldest, out.Newest = value.TimeOf(held.Oldest), value.TimeOf(held.Newest)
	}
	for i, c := range t.Columns {
		out.Columns[i] = HuntingTableColumn{HuntingColumn: HuntingColumn{Name: c.Name, Type: c.Type.String()}, Description: c.Doc}
	}
	return out
}

// limited answers for a limit that ended a query.
func limited(e *telemetry.LimitError) *Problem {
	detail := fmt.Sprintf("The query was stopped: %s.", e.Error())
	switch e.Limit {
	case telemetry.LimitQueries:
		p := problemOf(http.StatusTooManyRequests, "limit-queries", detail, "Wait until one of them has ended, or cancel one.")
		p.header("Retry-After", "5")
		return p
	case telemetry.LimitTime:
		return problemOf(http.StatusUnprocessableEntity, "limit-time", detail, "Ask about less time, or filter before join and summarize.")
	case telemetry.LimitMemory:
		return problemOf(http.StatusUnprocessableEntity, "limit-memory", detail, "Ask for fewer columns and less time, and filter before join and summarize.")
	}
	return problemOf(http.StatusUnprocessableEntity, "limit-"+string(e.Limit), detail, "Add a filter, take fewer columns, or summarize.")
}

// wrong answers for a query that can't be run.
func wrong(e *QueryError) *Problem {
	p := problemOf(http.StatusUnprocessableEntity, "query", "The query can't be run: "+e.Error(), "Correct what is listed in errors.")
	for _, f := range findings(e.Diagnostics) {
		if f.Severity == syntax.Error.String() {
			p.Errors = append(p.Errors, Invalid{Location: "body.query", Message: f.Message, Start: &f.Start, End: &f.End, Code: f.Code, Suggestions: f.Suggestions})
		}
	}
	return p
}
