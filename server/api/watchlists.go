package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
)

// InWatchlist names a watchlist.
type InWatchlist struct {
	InWorkspace
	Name string `path:"name" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$" doc:"The alias that queries use."`
}

type putWatchlistInput struct {
	InWatchlist
	Body struct {
		Description string     `json:"description,omitempty" maxLength:"1000"`
		SearchKey   string     `json:"searchKey" minLength:"1" maxLength:"128" doc:"The column that queries see as SearchKey."`
		Columns     []string   `json:"columns" minItems:"1" maxItems:"100"`
		Items       [][]string `json:"items" maxItems:"100000" doc:"One text per column."`
	}
}

func (s *service) watchlistOperations() {
	tag := "hunting"
	add(s, operation{id: "listWatchlists", tag: tag, route: "GET /hunting/watchlists", summary: "Watchlists, without their items", need: auth.Read}, s.listWatchlists)
	add(s, operation{id: "getWatchlist", tag: tag, route: "GET /hunting/watchlists/{name}", summary: "One watchlist with its items", need: auth.Read}, s.getWatchlist)
	add(s, operation{id: "putWatchlist", tag: tag, route: "PUT /hunting/watchlists/{name}", summary: "Make or replace a watchlist", need: auth.Write,
		errors: []int{409, 422}, maxBody: 2 * store.MaxWatchlistBytes, doc: "Queries read it by _GetWatchlist(name)."}, s.putWatchlist)
	add(s, operation{id: "deleteWatchlist", tag: tag, route: "DELETE /hunting/watchlists/{name}", summary: "Remove a watchlist", need: auth.Write}, s.deleteWatchlist)
}

func (s *service) listWatchlists(ctx context.Context, in *InWorkspace) (*ListOutput[store.Watchlist], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	all, err := s.Store.Watchlists(ctx, in.Workspace)
	return listed(store.Page[store.Watchlist]{Items: all}, err)
}

func (s *service) getWatchlist(ctx context.Context, in *InWatchlist) (*Output[store.Watchlist], error) {
	return output(s.Store.Watchlist(ctx, in.Workspace, in.Name))
}

func (s *service) putWatchlist(ctx context.Context, in *putWatchlistInput) (*Output[store.Watchlist], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	b := in.Body
	if err := checkWatchlist(b.SearchKey, b.Columns, b.Items); err != nil {
		return nil, err
	}
	w := store.Watchlist{
		Name: in.Name, Description: b.Description, SearchKey: b.SearchKey, Columns: b.Columns, Items: b.Items,
		UpdatedAt: s.Now().UTC(), UpdatedBy: actor(ctx).Name,
	}
	err := s.Store.PutWatchlist(ctx, in.Workspace, w)
	w.Count, w.Items = len(w.Items), nil
	return output(w, err)
}

func checkWatchlist(searchKey string, columns []string, items [][]string) error {
	for i, c := range columns {
		if c == "" || len(c) > 128 || slices.Index(columns, c) != i {
			return invalid(fmt.Sprintf("body.columns[%d]", i), "want names of 1 to 128 characters, each once")
		}
	}
	if !slices.Contains(columns, searchKey) {
		return invalid("body.searchKey", "want one of the columns")
	}
	for i, row := range items {
		if len(row) != len(columns) {
			return invalid(fmt.Sprintf("body.items[%d]", i), fmt.Sprintf("has %d values, there are %d columns", len(row), len(columns)))
		}
	}
	return nil
}

func (s *service) deleteWatchlist(ctx context.Context, in *InWatchlist) (*Empty, error) {
	if err := s.Store.DeleteWatchlist(ctx, in.Workspace, in.Name); err != nil {
		return nil, err
	}
	return &Empty{}, nil
}
