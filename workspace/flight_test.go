package workspace_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// watched tells which alerts an engine has placed.
type watched struct {
	correlate.Correlator
	placed func(id string)
}

func (w watched) Add(in correlate.Arrival) correlate.Outcome {
	out := w.Correlator.Add(in)
	w.placed(in.Alert.ID)
	return out
}

// TestNextBatchIsPlannedWhileOneIsCommitted holds the first commit up until the
// alerts of the second batch are placed: an update of one of the first batch, a
// merge of two of its incidents and more. The first commit then succeeds, or
// fails in one way or another, and nothing is lost, doubled or different.
func TestNextBatchIsPlannedWhileOneIsCommitted(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]error{"committed": nil, "failed": errDisk, "overtaken": store.ErrConflict} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := openStore(t)
			placed := make(chan struct{}, 100)
			b := newBenchOn(t, st, func(o *workspace.Options) {
				o.MaxBatch = 3
				o.Store = &faulty{Store: st, fail: func(n int, _ *store.Change) error {
					if n != 1 {
						return nil
					}
					<-placed
					return fault
				}}
				o.NewEngine = func() correlate.Correlator {
					return watched{newScripted(), func(id string) {
						if id == "d" {
							placed <- struct{}{}
						}
					}}
				}
			})
			first := made("a", "new; see 1")
			all := []*alert.Alert{
				first, made("b", "new; see 2"), made("c", "new; see 3"),
				newer(first, func(a *alert.Alert) { a.Title = "Changed"; a.Description = "see 1,4" }), made("d", "into 3; see 1; merge 3>2"), made("e", "into 1; see 3"),
			}
			batch := workspace.Batch{Source: "graph", Results: results(all...)}
			r, err := b.w.Ingest(b.ctx, batch)
			if fault == nil || errors.Is(fault, store.ErrConflict) {
				if err != nil || r.New != 5 || r.Updated != 1 {
					t.Fatalf("%+v %v", r, err)
				}
			} else {
				wantError(t, err, fault)
			}
			if fault != errDisk {
				if got := b.where("a", "b", "c", "d", "e"); got[0] != 1 || got[1] != 2 || got[2] != 2 || got[3] != 2 || got[4] != 1 {
					t.Errorf("%v", got)
				}
			}
			b.check()
		})
	}
}

// TestBulkOnABadDisk sends full batches while many commits fail, by the
// disk or by another writer: what was accepted is there once, what was not is not.
func TestBulkOnABadDisk(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	disk := &faulty{Store: st, fail: func(n int, _ *store.Change) error {
		switch {
		case n > 150:
		case n%6 == 0:
			return errDisk
		case n%7 == 0:
			return store.ErrConflict
		}
		return nil
	}}
	b := newBenchOn(t, st, realEngine, func(o *workspace.Options) { o.Store, o.MaxBatch, o.CheckpointEvery = disk, 7, 50 })
	var all []*alert.Alert
	for n := range 300 {
		a := made(fmt.Sprintf("a%d", n), "x")
		a.Evidence = []alert.Evidence{
			&alert.IPEvidence{IPAddress: fmt.Sprintf("203.0.113.%d", rnd.IntN(40))},
			&alert.UserEvidence{UserAccount: &alert.UserAccount{AccountName: fmt.Sprintf("user%d", rnd.IntN(30)), DomainName: "CORP"}},
		}
		all = append(all, a)
		if n%5 == 0 {
			all = append(all, newer(all[rnd.IntN(len(all))], func(a *alert.Alert) { a.Severity = alert.SeverityHigh }))
		}
	}
	accepted := 0
	for {
		r, err := b.w.Ingest(b.ctx, workspace.Batch{Source: "graph", Results: results(all...)})
		if accepted += r.New; err == nil {
			break
		}
		if !errors.Is(err, errDisk) && !errors.Is(err, store.ErrConflict) {
			t.Fatal(err)
		}
	}
	if n := len(allAlerts(b)); n != 300 || accepted != 300 {
		t.Errorf("%d alerts are stored, %d were accepted", n, accepted)
	}
	b.check()
}
