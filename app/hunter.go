package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/complete"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/server/api"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/hunt"
)

// queriesOfOne is how many queries one user may have running or waiting at the
// same time.
const queriesOfOne = 5

// queryTime is how long a query may take.
const queryTime = 3 * time.Minute

// hunter answers the API's questions about the telemetry.
type hunter struct {
	hunt  hunt.Hunter
	store telemetry.Store
	kept  store.Hunting // saved functions, watchlists
	now   func() time.Time
	time  time.Duration // that a query may take
	quota telemetry.Quota

	mu     sync.Mutex
	made   *hunt.Schema // of madeOf and the built-in tables
	madeOf []*telemetry.Table
}

var _ api.Hunter = (*hunter)(nil)

func newHunter(cfg Config, st telemetry.Store, kept store.Hunting, where *places) *hunter {
	h := &hunter{
		hunt: hunt.Hunter{Engine: st, Dialect: dialectOf(st)}, store: st, kept: kept, now: cfg.Now, time: queryTime, quota: telemetry.Quota{Each: queriesOfOne},
	}
	h.hunt.Surroundings = &surroundings{kept: kept, ask: h.ask}
	if where != nil {
		h.hunt.Places = where
	}
	return h
}

// ask runs a query of the product itself, which counts against nobody.
func (h *hunter) ask(ctx context.Context, workspace, text string) (*hunt.Result, error) {
	return h.run(ctx, hunt.Request{Text: text, Workspace: workspace, Limits: hunt.Limits{Time: h.time, Text: 4 << 20}})
}

// Run implements api.Hunter.
func (h *hunter) Run(ctx context.Context, q api.Hunt) (api.Catch, error) {
	release, err := h.quota.Take(q.User)
	if err != nil {
		return api.Catch{}, err
	}
	defer release()
	r, err := h.run(ctx, hunt.Request{
		Text: q.Text, Workspace: q.Workspace, Window: hunt.Window{From: bound(q.From), To: bound(q.To)},
		Limits: hunt.Limits{Rows: q.MaxRows, Time: h.time},
	})
	if err != nil {
		return api.Catch{}, translated(err)
	}
	out := api.Catch{Columns: r.Columns, Rows: r.Rows, Tables: r.Tables, Used: r.Usage, Warnings: r.Warnings}
	if r.Truncated {
		out.Cut = &telemetry.LimitError{Limit: telemetry.LimitRows, Value: int64(q.MaxRows)}
	}
	if r.Render != nil {
		out.Chart, out.Settings = r.Render.Kind, r.Render.Properties
	}
	return out, nil
}

// bound is a time as the bound of a window; no time is no bound.
func bound(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return value.TicksOf(t)
}

// Check implements api.Hunter.
func (h *hunter) Check(ctx context.Context, workspace, text string) ([]syntax.Diagnostic, []telemetry.ResultColumn, error) {
	opt, _, err := h.options(ctx, workspace)
	if err != nil {
		return nil, nil, err
	}
	r := check.Check(syntax.Parse(text), opt)
	columns := make([]telemetry.ResultColumn, len(r.Columns))
	for i, c := range r.Columns {
		columns[i] = telemetry.ResultColumn{Name: c.Name, Type: c.Type}
	}
	return r.Diagnostics, columns, nil
}

// run fills in what the queries of a workspace are checked with, and runs one.
func (h *hunter) run(ctx context.Context, r hunt.Request) (*hunt.Result, error) {
	var err error
	if r.Check, r.Stored, err = h.options(ctx, r.Workspace); err != nil {
		return nil, err
	}
	return h.hunt.Run(ctx, r)
}

// options are what the queries of a workspace are checked with, and the tables
// that are there.
func (h *hunter) options(ctx context.Context, workspace string) (check.Options, func(string) bool, error) {
	stored, err := h.store.Tables(ctx, workspace)
	if err != nil {
		return check.Options{}, nil, err
	}
	functions, err := h.functions(ctx, workspace)
	opt := check.Options{Schema: h.schema(stored).With(functions), Now: value.TicksOf(h.now()), Watchlist: h.watchlists(ctx, workspace)}
	return opt, storedIn(stored), err
}

// storedIn tells which tables are among those of a store.
func storedIn(tables []*telemetry.Table) func(string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(tables, func(t *telemetry.Table) bool { return t.Name == name })
	}
}

// schema is the schema of these and the built-in tables. It is made anew only
// when tables have come or changed, since there are hundreds of them.
func (h *hunter) schema(stored []*telemetry.Table) *hunt.Schema {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.made == nil || !slices.Equal(h.madeOf, stored) {
		h.made, h.madeOf = hunt.NewSchema(telemetry.WithBuiltin(stored), nil), slices.Clone(stored)
	}
	return h.made
}

// functions are the saved functions that are shared.
func (h *hunter) functions(ctx context.Context, workspace string) ([]check.Function, error) {
	all, err := h.kept.Queries(ctx, workspace)
	var out []check.Function
	for _, q := range all {
		if q.Function == "" || !q.Shared {
			continue
		}
		parameters := q.Parameters
		if parameters == "" {
			parameters = "()"
		}
		out = append(out, check.Function{Name: q.Function, Text: parameters + " {\n" + q.Query + "\n}", Doc: q.Description})
	}
	return out, err
}

// watchlists finds the columns of the watchlists of a workspace.
func (h *hunter) watchlists(ctx context.Context, workspace string) func(string) ([]check.Column, bool) {
	return func(name string) ([]check.Column, bool) {
		w, err := h.kept.Watchlist(ctx, workspace, name)
		if err != nil {
			return nil, false
		}
		out := make([]check.Column, len(w.Columns))
		for i, c := range w.Columns {
			out[i] = check.Column{Name: c, Type: value.String}
		}
		return out, true
	}
}

// Tables implements api.Hunter.
func (h *hunter) Tables(ctx context.Context, workspace string) ([]*telemetry.Table, []telemetry.TableStats, error) {
	tables, err := h.store.Tables(ctx, workspace)
	if err != nil {
		return nil, nil, err
	}
	stats, err := h.store.Stats(ctx, workspace)
	tables = slices.DeleteFunc(telemetry.WithBuiltin(tables), func(t *telemetry.Table) bool { return t.Family == progress.Family })
	return tables, stats, err
}

// Functions implements api.Hunter.
func (h *hunter) Functions() []api.HuntingFunction {
	var out []api.HuntingFunction
	for _, list := range [][]*catalog.Function{catalog.ScalarFunctions(), catalog.AggregateFunctions(), catalog.PluginFunctions()} {
		for _, f := range list {
			if !f.Hidden && !f.Deprecated() && len(f.Signatures) > 0 {
				out = append(out, api.HuntingFunction{Name: f.Name, Kind: f.Kind.String(), Signature: complete.Label(f), Description: f.Doc})
			}
		}
	}
	for _, name := range check.EnvironmentNames() {
		out = append(out, api.HuntingFunction{Name: name, Kind: "table", Signature: name + "(…)", Description: check.EnvironmentHelp(name)})
	}
	return out
}

// translated brings an error of a run into the words of the API.
func translated(err error) error {
	var rejected *hunt.Rejected
	var large *hunt.TooLarge
	switch {
	case errors.As(err, &rejected):
		return &api.QueryError{Diagnostics: rejected.Diagnostics}
	case errors.As(err, &large):
		return &api.QueryError{Diagnostics: []syntax.Diagnostic{{Message: large.Error(), Code: "too-large"}}}
	}
	return err
}
