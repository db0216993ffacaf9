package store

import (
	"context"
	"time"
)

// Bounds on what a workspace keeps for hunting.
const (
	MaxSavedQueries   = 5_000
	MaxRuns           = 10_000 // the oldest go first
	MaxWatchlists     = 500
	MaxWatchlistBytes = 16 << 20 // of one list, as JSON
)

// Hunting keeps what people hunt with: saved queries and functions, the history
// of runs, and watchlists. None of it belongs to an incident or to the log.
// ErrNotFound for a workspace that nothing was ever committed to is not an error
// of the lists: they are empty then.
type Hunting interface {
	// CreateQuery gives q the next number of its workspace and version 1. It
	// makes the workspace when there is none. ErrConflict when MaxSavedQueries
	// are kept, or when another one has the same function name.
	CreateQuery(ctx context.Context, workspace string, q SavedQuery) (SavedQuery, error)
	// UpdateQuery replaces by number. ErrConflict when q.Version is not the one
	// that is held, or the function name is taken; it returns the next version.
	UpdateQuery(ctx context.Context, workspace string, q SavedQuery) (SavedQuery, error)
	Query(ctx context.Context, workspace string, id int64) (SavedQuery, error)
	// Queries lists all, by folder, name and number.
	Queries(ctx context.Context, workspace string) ([]SavedQuery, error)
	DeleteQuery(ctx context.Context, workspace string, id int64) error

	// AddRun gives r the next number and drops those beyond MaxRuns.
	AddRun(ctx context.Context, workspace string, r Run) (Run, error)
	// Runs lists runs, the newest first.
	Runs(ctx context.Context, workspace string, f RunFilter) ([]Run, error)

	// PutWatchlist inserts or replaces by name.
	PutWatchlist(ctx context.Context, workspace string, w Watchlist) error
	// Watchlist reads one with its items.
	Watchlist(ctx context.Context, workspace, name string) (Watchlist, error)
	// Watchlists lists all by name, without their items.
	Watchlists(ctx context.Context, workspace string) ([]Watchlist, error)
	DeleteWatchlist(ctx context.Context, workspace, name string) error
}

// SavedQuery is a query that was kept. With a Function name, other queries may
// call it by that name, with Parameters as a let statement declares them.
type SavedQuery struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Folder      string    `json:"folder,omitempty"`
	Query       string    `json:"query"`
	Function    string    `json:"function,omitempty" doc:"The name under which other queries call it."`
	Parameters  string    `json:"parameters,omitempty" doc:"Parameters of the function, as in a let statement." example:"(host:string, n:long=10)"`
	Shared      bool      `json:"shared" doc:"Everybody of the workspace sees it."`
	Owner       string    `json:"owner"`
	Version     int64     `json:"version"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

// RunState says how a run of a query ended.
type RunState string

// How a run ends.
const (
	RunCompleted RunState = "completed"
	RunFailed    RunState = "failed"
	RunCancelled RunState = "cancelled"
	RunLimited   RunState = "limited" // a limit cut the result off or stopped it
)

// Run is one run of a query, as the history keeps it.
type Run struct {
	ID        int64     `json:"id"`
	At        time.Time `json:"at"`
	User      string    `json:"user"`
	Interface string    `json:"interface" doc:"portal, api or cli."`
	Query     string    `json:"query"`
	State     RunState  `json:"state"`
	ElapsedMS int64     `json:"elapsedMs"`
	Rows      int64     `json:"rows"`
	Message   string    `json:"message,omitempty"`
}

// RunFilter selects runs: those of one User, if set, with a number below Before,
// if set. At most Limit.
type RunFilter struct {
	User   string
	Before int64
	Limit  int
}

// Watchlist is a table that people keep, for _GetWatchlist(). Items are rows of
// one text per column.
type Watchlist struct {
	Name        string     `json:"name" doc:"The alias that queries use."`
	Description string     `json:"description,omitempty"`
	SearchKey   string     `json:"searchKey" doc:"The column that queries see as SearchKey."`
	Columns     []string   `json:"columns"`
	Items       [][]string `json:"items,omitempty"`
	Count       int        `json:"count"`
	UpdatedAt   time.Time  `json:"updatedAt"`
	UpdatedBy   string     `json:"updatedBy"`
}
