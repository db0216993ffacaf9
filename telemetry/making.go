package telemetry

import (
	"context"
	"errors"
)

// Making appends to a store and makes the tables that it meets for the first
// time, or with new columns. Of the many tables that there are, most
// installations fill a few: those that hold nothing need not exist.
type Making struct{ Store Store }

// Append stores rows like Store.Append.
func (m Making) Append(ctx context.Context, workspace string, rows []Row) error {
	err := m.Store.Append(ctx, workspace, rows)
	if !errors.Is(err, ErrNoTable) && !errors.Is(err, ErrConflict) {
		return err
	}
	if err := m.Store.Ensure(ctx, workspace, tablesOf(rows)); err != nil {
		return err
	}
	return m.Store.Append(ctx, workspace, rows)
}

func tablesOf(rows []Row) []*Table {
	seen := map[*Table]bool{}
	var out []*Table
	for _, r := range rows {
		if !seen[r.Table] {
			seen[r.Table] = true
			out = append(out, r.Table)
		}
	}
	return out
}

// WithBuiltin lists the tables of a workspace together with the built-in ones
// that it has not got yet. Of a table that is there the stored version counts.
func WithBuiltin(stored []*Table) []*Table {
	have := make(map[string]bool, len(stored))
	out := append([]*Table{}, stored...)
	for _, t := range stored {
		have[t.Name] = true
	}
	for _, t := range Tables() {
		if !have[t.Name] {
			out = append(out, t)
		}
	}
	return out
}
