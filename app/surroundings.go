package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry/hunt"
)

// surroundings answers the tabular functions that are no part of the language
// but of the place: watchlists, and what our own telemetry knows of files and
// addresses. Each gives rows with a value for every column of its plugin.
type surroundings struct {
	kept store.Hunting
	// ask runs a query of ours over the same telemetry.
	ask func(ctx context.Context, workspace, text string) (*hunt.Result, error)
}

var _ hunt.Surroundings = (*surroundings)(nil)

// known lists the functions by name.
func (s *surroundings) known(name string) func(context.Context, surroundingCall) ([]profile, error) {
	switch name {
	case "_GetWatchlist":
		return s.watchlist
	case "_GetWatchlistAlias":
		return s.watchlistNames
	case "DeviceFromIP":
		return s.deviceFromIP
	case "AssignedIPAddresses":
		return s.assignedAddresses
	case "FileProfile":
		return s.fileProfile
	case "SeenBy":
		return s.seenBy
	}
	return nil
}

// Knows implements hunt.Surroundings.
func (s *surroundings) Knows(name string) bool { return s.known(name) != nil }

// surroundingCall is one call.
type surroundingCall struct {
	workspace string
	plugin    *plan.Plugin
	input     eval.Table
	args      []value.Value
}

// profile is one row by column name. Columns that it does not name keep what
// the input has.
type profile map[string]value.Value

// Call implements hunt.Surroundings.
func (s *surroundings) Call(ctx context.Context, workspace string, p *plan.Plugin, input eval.Table, args []value.Value) ([][]value.Value, error) {
	f := s.known(p.Name)
	if f == nil {
		return nil, fmt.Errorf("%s is not available here", p.Name)
	}
	profiles, err := f(ctx, surroundingCall{workspace, p, input, args})
	if err != nil {
		return nil, err
	}
	out := make([][]value.Value, len(profiles))
	for i, row := range profiles {
		out[i] = make([]value.Value, len(p.Cols))
		for j, c := range p.Cols {
			v, ok := row[c.Name]
			if !ok {
				v = value.NullOf(c.Type)
			}
			out[i][j] = value.Convert(v, c.Type)
		}
	}
	return out, nil
}

// text is an argument as text, empty when it was left out.
func (c surroundingCall) text(i int) string {
	if i >= len(c.args) || c.args[i].Null {
		return ""
	}
	return c.args[i].String()
}

// column finds the input's column that an argument names: by itself, or by its
// name as text; else the one of the given name.
func (c surroundingCall) column(i int, otherwise string) int {
	name := otherwise
	if i < len(c.plugin.Args) {
		if ref, ok := c.plugin.Args[i].(*plan.Ref); ok {
			return slices.Index(c.input.Cols, ref.Col)
		}
		if text := c.text(i); text != "" {
			name = text
		}
	}
	return slices.IndexFunc(c.input.Cols, func(col *plan.Column) bool { return col.Name == name })
}

// row is a row of the input by column name.
func (c surroundingCall) row(i int) profile {
	out := profile{}
	for j, col := range c.input.Cols {
		out[col.Name] = c.input.Rows[i][j]
	}
	return out
}

// watchlist is _GetWatchlist(name).
func (s *surroundings) watchlist(ctx context.Context, c surroundingCall) ([]profile, error) {
	w, err := s.kept.Watchlist(ctx, c.workspace, c.text(0))
	if err != nil {
		return nil, fmt.Errorf("there is no watchlist %q: %w", c.text(0), err)
	}
	key := slices.Index(w.Columns, w.SearchKey)
	out := make([]profile, len(w.Items))
	for i, item := range w.Items {
		row := profile{"_DTItemId": value.StringOf(strconv.Itoa(i + 1)), "LastUpdatedTimeUTC": value.DateTimeOf(value.TicksOf(w.UpdatedAt))}
		bag := []byte{'{'}
		for j, name := range w.Columns {
			if j > 0 {
				bag = append(bag, ',')
			}
			bag = value.AppendQuoted(append(value.AppendQuoted(bag, name), ':'), item[j])
			row[name] = value.StringOf(item[j])
		}
		row["WatchlistItem"] = value.JSONOf(string(append(bag, '}')))
		if key >= 0 {
			row["SearchKey"] = value.StringOf(item[key])
		}
		out[i] = row
	}
	return out, nil
}

// watchlistNames is _GetWatchlistAlias().
func (s *surroundings) watchlistNames(ctx context.Context, c surroundingCall) ([]profile, error) {
	all, err := s.kept.Watchlists(ctx, c.workspace)
	out := make([]profile, len(all))
	for i, w := range all {
		out[i] = profile{"WatchlistAlias": value.StringOf(w.Name)}
	}
	return out, err
}
