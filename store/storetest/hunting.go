package storetest

import (
	"errors"
	"testing"

	"github.com/clew-sec/clew/store"
)

func conflicting(t testing.TB, what string, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("%s: %v, want ErrConflict", what, err)
	}
}

func savedQueries(t *testing.T, s store.Store) {
	ctx := t.Context()
	equal(t, "of no workspace", 0, len(must1(s.Queries(ctx, home))))
	q := store.SavedQuery{
		Name: "b <script>\xff", Description: "d", Folder: "z", Query: "T | where x == '\u202e'", Function: "Recent", Parameters: "(n:long)",
		Shared: true, Owner: "mara", CreatedAt: at(1), UpdatedAt: at(2),
	}
	first := must1(s.CreateQuery(ctx, home, q))
	q.ID, q.Version, q.Name = 1, 1, "b <script>\uFFFD"
	equal(t, "read", q, must1(s.Query(ctx, home, first.ID)))
	conflicting(t, "the same function name", second(s.CreateQuery(ctx, home, q)))
	plain := must1(s.CreateQuery(ctx, home, store.SavedQuery{Name: "a", Folder: "z"}))
	other := must1(s.CreateQuery(ctx, home, store.SavedQuery{Name: "c", Folder: "y"}))
	equal(t, "versions", []int64{1, 1}, []int64{plain.Version, other.Version})

	var order []int64
	for _, x := range must1(s.Queries(ctx, home)) {
		order = append(order, x.ID)
	}
	equal(t, "by folder and name", []int64{other.ID, plain.ID, first.ID}, order)

	plain.Function = "Recent"
	conflicting(t, "taking a function's name", second(s.UpdateQuery(ctx, home, plain)))
	q.Query = "T | take 1"
	equal(t, "the next version", int64(2), must1(s.UpdateQuery(ctx, home, q)).Version)
	conflicting(t, "an old version", second(s.UpdateQuery(ctx, home, q)))
	equal(t, "updated", "T | take 1", must1(s.Query(ctx, home, first.ID)).Query)

	missing(t, "another workspace's", second(s.Query(ctx, "elsewhere", first.ID)))
	missing(t, "no number", s.DeleteQuery(ctx, home, -1))
	ok(t, s.DeleteQuery(ctx, home, first.ID))
	missing(t, "deleting again", s.DeleteQuery(ctx, home, first.ID))
	missing(t, "updating what is gone", second(s.UpdateQuery(ctx, home, q)))
	q.Version = 0
	equal(t, "the name is free again", "Recent", must1(s.CreateQuery(ctx, home, q)).Function)
}

func huntingRuns(t *testing.T, s store.Store) {
	ctx := t.Context()
	equal(t, "of no workspace", 0, len(must1(s.Runs(ctx, home, store.RunFilter{Limit: 5}))))
	r := store.Run{At: at(1), User: "mara", Interface: "portal", Query: "T\xff", State: store.RunLimited, ElapsedMS: 12, Rows: 7, Message: "m"}
	first := must1(s.AddRun(ctx, home, r))
	r.ID, r.Query = first.ID, "T\uFFFD"
	equal(t, "read", []store.Run{r}, must1(s.Runs(ctx, home, store.RunFilter{Limit: 5})))
	for _, user := range []string{"omar", "mara", "omar"} {
		must1(s.AddRun(ctx, home, store.Run{User: user}))
	}
	ids := func(f store.RunFilter) (out []int64) {
		for _, x := range must1(s.Runs(ctx, home, f)) {
			out = append(out, x.ID)
		}
		return out
	}
	equal(t, "newest first", []int64{4, 3}, ids(store.RunFilter{Limit: 2}))
	equal(t, "the next page", []int64{2, 1}, ids(store.RunFilter{Limit: 2, Before: 3}))
	equal(t, "of one user", []int64{3, 1}, ids(store.RunFilter{Limit: 9, User: "mara"}))
	equal(t, "of another workspace", 0, len(must1(s.Runs(ctx, "elsewhere", store.RunFilter{Limit: 5}))))
}

func watchlists(t *testing.T, s store.Store) {
	ctx := t.Context()
	equal(t, "of no workspace", 0, len(must1(s.Watchlists(ctx, home))))
	w := store.Watchlist{
		Name: "vip", Description: "d", SearchKey: "Upn", Columns: []string{"Upn", "Why <b>"}, Items: [][]string{{"amy@example.com", ""}, {"\u202e", "x"}},
		UpdatedAt: at(3), UpdatedBy: "mara",
	}
	ok(t, s.PutWatchlist(ctx, home, w))
	w.Count = 2
	equal(t, "read", w, must1(s.Watchlist(ctx, home, "vip")))
	w.Items = w.Items[:1]
	ok(t, s.PutWatchlist(ctx, home, w))
	ok(t, s.PutWatchlist(ctx, home, store.Watchlist{Name: "Vip"}))
	w.Count, w.Items = 1, nil
	equal(t, "listed", []store.Watchlist{{Name: "Vip"}, w}, must1(s.Watchlists(ctx, home)))

	huge := store.Watchlist{Name: "huge", Items: [][]string{{string(make([]byte, store.MaxWatchlistBytes))}}}
	if err := s.PutWatchlist(ctx, home, huge); err == nil {
		t.Error("a watchlist beyond the bound was kept")
	}
	missing(t, "another workspace's", second(s.Watchlist(ctx, "elsewhere", "vip")))
	ok(t, s.DeleteWatchlist(ctx, home, "vip"))
	missing(t, "deleting again", s.DeleteWatchlist(ctx, home, "vip"))
}
