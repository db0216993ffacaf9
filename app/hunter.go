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
	hunt    hunt.Hunter
	store   telemetry.Store
	kept    store.Hunting // saved functions, watchlists
	now     func() time.Time
	time    time.Duration // that a query may take
	mu      sync.Mutex
	running map[string]int // by user
}

var _ api.Hunter = (*hunter)(nil)

func newHunter(cfg Config, st telemetry.Store, kept store.Hunting, where *places) *hunter {
	h := &hunter{hunt: hunt.Hunter{Engine: st, Dialect: dialectOf(st)}, store: st, kept: kept, now: cfg.Now, time: queryTime, running: map[string]int{}}
	h.hunt.Surroundings = &surroundings{kept: kept, ask: h.ask}
	if where != nil {
		h.hunt.Places = where
	}
	return h
}

// ask runs a query of the product itself, which counts against nobody.
func (h *hunter) ask(ctx context.Context, workspace, text string) (*hunt.Result, error) {
	opt, err := h.options(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return h.hunt.Run(ctx, hunt.Request{Text: text, Workspace: workspace, Check: opt, Limits: hunt.Limits{Time: h.time, Text: 4 << 20}})
}

// enter counts a query of a user in; false when there are enough already.
func (h *hunter) enter(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running[user] >= queriesOfOne {
		return false
	}
	h.running[user]++
	return true
}

func (h *hunter) leave(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running[user]--; h.running[user] == 0 {
		delete(h.running, user)
	}
}

// Run implements api.Hunter.
func (h *hunter) Run(ctx context.Context, q api.Hunt) (api.Catch, error) {
	if !h.enter(q.User) {
		return api.Catch{}, &telemetry.LimitError{Limit: telemetry.LimitQueries, Value: queriesOfOne}
	}
	defer h.leave(q.User)
	opt, err := h.options(ctx, q.Workspace)
	if err != nil {
		return api.Catch{}, err
	}
	r, err := h.hunt.Run(ctx, hunt.Request{
		Text: q.Text, Workspace: q.Workspace, Check: opt, Window: hunt.Window{From: bound(q.From), To: bound(q.To)},
		Limits: hunt.Limits{Rows: q.MaxRows, Time: h.time},
	})
	if err != nil {
		return api.Catch{}, translated(err)
	}
	out := api.Catch{Columns: r.Columns, Rows: r.Rows, Tables: r.Tables, Warnings: r.Warnings}
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
	opt, err := h.options(ctx, workspace)
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

// options are what the queries of a workspace are checked with.
func (h *hunter) options(ctx context.Context, workspace string) (check.Options, error) {
	tables, err := h.store.Tables(ctx, workspace)
	if err != nil {
		return check.Options{}, err
	}
	functions, err := h.functions(ctx, workspace)
	if err != nil {
		return check.Options{}, err
	}
	return check.Options{Schema: hunt.NewSchema(tables, functions), Now: value.TicksOf(h.now()), Watchlist: h.watchlists(ctx, workspace)}, nil
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
	tables = slices.DeleteFunc(slices.Clone(tables), func(t *telemetry.Table) bool { return t.Family == progress.Family })
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
