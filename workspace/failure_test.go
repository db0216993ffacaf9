package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/sqlite"
	"github.com/clew-sec/clew/workspace"
)

// TestFailingCommitsLoseAndDoubleNothing lets a third of all commits fail while
// alerts and commands come in.
func TestFailingCommitsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	failed := 0
	disk := &faulty{Store: st, fail: func(int, *store.Change) error {
		if rnd.IntN(3) > 0 {
			return nil
		}
		failed++
		return errDisk
	}}
	b := newBenchOn(t, st, realEngine, func(o *workspace.Options) { o.Store, o.MaxBatch = disk, 5 })
	for n := range 60 {
		var batch []*alert.Alert
		for k := range 4 {
			a := made(fmt.Sprintf("a%d", n*3+k), "x") // the last one comes again in the next batch
			a.Evidence = []alert.Evidence{&alert.IPEvidence{IPAddress: fmt.Sprintf("203.0.113.%d", rnd.IntN(9))}}
			batch = append(batch, a)
		}
		for {
			before := b.position()
			_, err := b.w.Ingest(b.ctx, workspace.Batch{Source: "graph", Results: results(batch...)})
			if err == nil {
				break
			}
			wantError(t, err, errDisk)
			if b.position() != before {
				t.Fatal("a failed commit moved the log on")
			}
		}
		if _, err := b.w.Comment(b.ctx, ada, 1, "still here"); err != nil {
			wantError(t, err, errDisk)
		}
	}
	b.check()
	if failed < 10 {
		t.Errorf("only %d commits failed", failed)
	}
	report := must(b.st.Intake(b.ctx, "default"))
	if report["graph"].New != 181 {
		t.Errorf("%+v", report)
	}
}

// TestPartsOfABatchStayWhenALaterOneFails: the receipt tells what was accepted.
func TestPartsOfABatchStayWhenALaterOneFails(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	disk := &faulty{Store: st, fail: func(n int, _ *store.Change) error {
		if n >= 3 {
			return store.ErrFull
		}
		return nil
	}}
	b := newBenchOn(t, st, func(o *workspace.Options) { o.Store, o.MaxBatch = disk, 2 })
	var all []*alert.Alert
	for n := range 20 {
		all = append(all, made(fmt.Sprintf("a%d", n), "new"))
	}
	r, err := b.w.Ingest(b.ctx, workspace.Batch{Source: "graph", Results: results(all...)})
	wantError(t, err, store.ErrFull)
	if r.New != 4 || len(r.Records) != 4 {
		t.Errorf("%+v", r)
	}
	b.check()
	disk.fail = nil
	if r := b.ingest(all...); r.New != 16 || r.Unchanged != 4 {
		t.Errorf("%+v", r)
	}
	b.check()
}

// TestTwoWritersOnOneStore: each sees what the other wrote, nothing is lost.
func TestTwoWritersOnOneStore(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	one := newBenchOn(t, st, realEngine)
	two := newBenchOn(t, st, realEngine)
	for n := range 10 {
		for w, b := range []*bench{one, two} {
			a := made(fmt.Sprintf("a%d-%d", n, w), "")
			a.Evidence = []alert.Evidence{&alert.IPEvidence{IPAddress: "203.0.113.7"}}
			if r := b.ingest(a); r.New != 1 {
				t.Errorf("%+v", r)
			}
		}
		if _, err := one.w.Comment(one.ctx, ada, 1, "from one"); err != nil {
			t.Error(err)
		}
		if _, err := two.w.UpdateIncident(two.ctx, ada, 1, workspace.Patch{Tags: &[]string{fmt.Sprint("t", n)}}); err != nil {
			t.Error(err)
		}
	}
	one.check()
	two.check()
	if n := one.position(); n != 20 {
		t.Errorf("log position %d", n)
	}
	if got := one.logged(1, "commented"); got != 10 {
		t.Errorf("%d comments", got)
	}
}

func TestCheckpointThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new"), made("c", "into 1"))
	if err := b.w.Checkpoint(b.ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.st.SaveCheckpoint(b.ctx, "default", b.position(), []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.ingest(made("d", "into 1"))
	b.check()
}

func TestOpenFailsWithTheStore(t *testing.T) {
	t.Parallel()
	st, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = workspace.Open(t.Context(), workspace.Options{Name: "w", Store: st, NewEngine: newScripted, RestoreEngine: restoreScripted})
	if err == nil || !strings.Contains(err.Error(), `opening workspace "w"`) {
		t.Errorf("%v", err)
	}
}

// TestManySendersShareCommits: alerts that wait together go in one transaction.
func TestManySendersShareCommits(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	// The first commit waits until everyone has sent.
	gate, entered := make(chan struct{}), make(chan struct{})
	disk := &faulty{Store: st, fail: func(n int, _ *store.Change) error {
		if n == 1 {
			close(entered)
			<-gate
		}
		return nil
	}}
	b := newBenchOn(t, st, func(o *workspace.Options) { o.Store, o.MaxWaiting = disk, 100 })
	var senders, sent sync.WaitGroup
	send := func(n int) {
		a := made(fmt.Sprintf("a%d", n), "new")
		batch := workspace.Batch{Source: "graph", Results: results(a)}
		r, err := b.w.Ingest(b.ctx, batch)
		if err != nil || r.New != 1 || len(r.Records) != 1 || r.Records[0].AlertID != a.ID || r.Records[0].Incident == 0 {
			t.Errorf("sender %d: %+v %v", n, r, err)
		}
	}
	senders.Go(func() { send(0) })
	<-entered
	for n := range 100 {
		sent.Add(1)
		senders.Go(func() {
			sent.Done()
			send(n + 1)
		})
	}
	sent.Wait()
	close(gate)
	senders.Wait()
	if disk.n > 90 {
		t.Errorf("%d commits for 101 senders", disk.n)
	}
	b.check()
	if n := len(must(b.st.Alerts(b.ctx, store.AlertQuery{Workspace: "default", Paging: store.Paging{Limit: 500}})).Items); n != 101 {
		t.Errorf("%d alerts", n)
	}
}

// TestCloseUnderLoad: every sender learns the truth about its alerts.
func TestCloseUnderLoad(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.w
	var wg sync.WaitGroup
	var accepted atomic.Int64
	started := make(chan struct{}, 8)
	for s := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				if n == 5 {
					started <- struct{}{}
				}
				r, err := w.Ingest(b.ctx, workspace.Batch{Source: "graph", Results: results(made(fmt.Sprintf("s%d-%d", s, n), "new"))})
				accepted.Add(int64(r.New))
				if err != nil {
					wantError(t, err, workspace.ErrClosed)
					if n < 5 {
						started <- struct{}{}
					}
					return
				}
			}
		})
	}
	for range 8 {
		<-started
	}
	b.close()
	wg.Wait()
	b.opt.NewEngine = newScripted
	if got := len(allAlerts(b)); int64(got) != accepted.Load() {
		t.Errorf("%d alerts are stored and %d were accepted", got, accepted.Load())
	}
	b.check()
	if _, err := w.Comment(b.ctx, ada, 1, "late"); !errors.Is(err, workspace.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	if err := w.Close(b.ctx); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func allAlerts(b *bench) []string {
	q := store.AlertQuery{Workspace: b.opt.Name, Brief: true, Paging: store.Paging{Limit: 500}}
	var out []string
	for {
		p := must(b.st.Alerts(b.ctx, q))
		for _, a := range p.Items {
			out = append(out, a.ID)
		}
		if q.Cursor = p.Next; p.Next == "" {
			return out
		}
	}
}

func TestCloseCutOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new"))
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	if err := b.w.Close(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	b.w = nil
	b.open()
	b.check()
}

func TestFollowersHearOfEveryCommit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, slow := b.w.Follow(), b.w.Follow()
	b.ingest(made("a", "new"), made("c", "new"))
	e := <-s.C
	if e.Seq != 2 || e.Alerts != 2 || !cmp.Equal(e.Incidents, []correlate.IncidentID{1, 2}) || e.At.IsZero() {
		t.Errorf("%+v", e)
	}
	for n := range 100 {
		if _, err := b.w.Comment(b.ctx, ada, 2, fmt.Sprint("remark ", n)); err != nil {
			t.Fatal(err)
		}
		if e := <-s.C; !cmp.Equal(e.Incidents, []correlate.IncidentID{2}) {
			t.Fatalf("%+v", e)
		}
	}
	if s.Lagged() || !slow.Lagged() || slow.Lagged() {
		t.Error("only the slow one fell behind, and says so once")
	}
	_, err := b.w.UpdateIncident(b.ctx, ada, 99, workspace.Patch{})
	wantError(t, err, store.ErrNotFound)
	s.Close()
	s.Close()
	if _, open := <-s.C; open {
		t.Error("the channel of a closed subscription is open")
	}
	b.close()
	for range slow.C {
	}
}

func TestFollowAfterTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.w
	b.close()
	s := w.Follow()
	if _, open := <-s.C; open {
		t.Error("an event after the end")
	}
	s.Close()
}

func TestBusy(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	gate, entered := make(chan struct{}), make(chan struct{})
	disk := &faulty{Store: st, fail: func(n int, _ *store.Change) error {
		if n == 1 {
			close(entered)
			<-gate
		}
		return nil
	}}
	b := newBenchOn(t, st, func(o *workspace.Options) { o.Store, o.MaxWaiting = disk, 1 })
	var wg sync.WaitGroup
	wg.Go(func() { b.ingest(made("a", "new")) })
	<-entered
	gone, cancel := context.WithCancel(b.ctx)
	cancel()
	const senders = 30
	answers := make(chan error, senders)
	for n := range senders {
		wg.Go(func() {
			_, err := b.w.Ingest(gone, workspace.Batch{Source: "graph", Results: results(made(fmt.Sprint("b", n), "new"))})
			answers <- err
		})
	}
	for range senders - 1 { // at most one of them found room
		wantError(t, <-answers, workspace.ErrBusy)
	}
	close(gate)
	wg.Wait()
	if err := <-answers; err != nil {
		wantError(t, err, workspace.ErrBusy)
	}
	b.check()
}
