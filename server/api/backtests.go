package api

import (
	"context"
	"net/http"

	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

type startBacktestInput struct {
	InWorkspace
	Body backtest.Proposal
}

// InBacktest names a back-test.
type InBacktest struct {
	InWorkspace
	BacktestID int64 `path:"backtestId" minimum:"1"`
}

func (s *service) backtestOperations() {
	tag := "backtests"
	add(s, operation{id: "listBacktests", tag: tag, route: "GET /backtests", summary: "Back-tests, newest first, without their reports", need: auth.Read,
		doc: "The newest 50 are kept."}, s.listBacktests)
	add(s, operation{id: "startBacktest", tag: tag, route: "POST /backtests", summary: "Try other settings on the past", need: auth.Write,
		status: http.StatusAccepted, errors: []int{409, 422}, doc: startBacktestDoc}, s.startBacktest)
	add(s, operation{id: "getBacktest", tag: tag, route: "GET /backtests/{backtestId}", summary: "How far a back-test is, and its report", need: auth.Read}, s.getBacktest)
	add(s, operation{id: "deleteBacktest", tag: tag, route: "DELETE /backtests/{backtestId}", summary: "Stop and remove a back-test", need: auth.Write}, s.deleteBacktest)
}

const startBacktestDoc = `Replays the alerts of the last days twice, with the settings as they were in force and with the
proposed ones, and reports which incidents would merge, split, appear and vanish, and which of the two agrees better with
what people closed, merged and moved. Nothing changes by it; PUT /correlation/settings does that. One runs at a time.`

func (s *service) listBacktests(ctx context.Context, in *InWorkspace) (*ListOutput[store.Backtest], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	all, err := s.Store.Backtests(ctx, in.Workspace)
	return listed(store.Page[store.Backtest]{Items: all}, err)
}

func (s *service) startBacktest(ctx context.Context, in *startBacktestInput) (*Output[store.Backtest], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	return output(workspace.AskBacktest(ctx, s.Store, in.Workspace, actor(ctx).Name, in.Body, s.Now()))
}

func (s *service) getBacktest(ctx context.Context, in *InBacktest) (*Output[store.Backtest], error) {
	return output(s.Store.Backtest(ctx, in.Workspace, in.BacktestID))
}

func (s *service) deleteBacktest(ctx context.Context, in *InBacktest) (*Empty, error) {
	if err := s.Store.DeleteBacktest(ctx, in.Workspace, in.BacktestID); err != nil {
		return nil, err
	}
	return &Empty{}, nil
}
