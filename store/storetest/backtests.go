package storetest

import (
	"testing"

	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/store"
)

func backtests(t *testing.T, s store.Store) {
	ctx := t.Context()
	job := store.Job{Kind: "test", At: epoch}
	missing(t, "a workspace that does not exist", second(s.CreateBacktest(ctx, home, store.Backtest{}, job)))
	if list := must1(s.Backtests(ctx, home)); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	ok(t, s.Commit(ctx, full(0)))
	b := store.Backtest{State: store.BacktestQueued, By: "mara <b>\x00", CreatedAt: at(1), Proposal: backtest.Proposal{Days: 7}}
	first := must1(s.CreateBacktest(ctx, home, b, job))
	b.ID, b.By = 1, "mara <b>\uFFFD"
	equal(t, "created", int64(1), first.ID)
	first.State, first.EndedAt, first.Done, first.Total, first.By = store.BacktestDone, at(2), 5, 5, b.By
	first.Findings = &backtest.Findings{From: at(1), To: at(2)}
	first.Findings.Merges = []backtest.Regrouping{{Whole: backtest.AlertSet{Incident: 3, Alerts: 9, Sample: []string{"a\u202e"}}, Count: 2}}
	ok(t, s.UpdateBacktest(ctx, home, first))
	equal(t, "read", first, must1(s.Backtest(ctx, home, 1)))

	for range store.MaxBacktests {
		must1(s.CreateBacktest(ctx, home, store.Backtest{}, job))
	}
	list := must1(s.Backtests(ctx, home))
	if len(list) != store.MaxBacktests || list[0].ID != store.MaxBacktests+1 || list[0].Findings != nil {
		t.Errorf("%d kept, the newest is %+v", len(list), list[0])
	}
	missing(t, "the oldest", second(s.Backtest(ctx, home, 1)))
	missing(t, "replacing the oldest", s.UpdateBacktest(ctx, home, first))
	ok(t, s.DeleteBacktest(ctx, home, 2))
	missing(t, "deleting again", s.DeleteBacktest(ctx, home, 2))
	missing(t, "another workspace's", second(s.Backtest(ctx, "elsewhere", 3)))
	missing(t, "no number", s.DeleteBacktest(ctx, home, -1))
}
