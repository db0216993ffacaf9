package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clew-sec/clew/jobs"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/sqlite"
)

func TestMain(m *testing.M) {
	// database/sql keeps its opener until the pool is closed, which each test does.
	goleak.VerifyTestMain(m)
}

const patience = 30 * time.Second

func open(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func enqueue(t *testing.T, s store.Store, jobs ...store.Job) {
	t.Helper()
	seq, err := s.Position(t.Context(), "w")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), &store.Change{Workspace: "w", PrevSeq: seq, Seq: seq + 1, Jobs: jobs}); err != nil {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func start(t *testing.T, s store.Store, kinds ...jobs.Kind) *jobs.Runner {
	t.Helper()
	r, err := jobs.Start(t.Context(), s, jobs.Options{Kinds: kinds, Poll: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func stop(t *testing.T, r *jobs.Runner, s store.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := errors.Join(r.Stop(ctx), s.Close()); err != nil {
		t.Error(err)
	}
}

func TestCommittedJobRunsOnceEvenAfterARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	enqueue(t, s, store.Job{Kind: "greet", Args: []byte(`{"name":"mara"}`)}, store.Job{Kind: "greet"})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	got := make(chan string, 10)
	r := start(t, s, jobs.Kind{Name: "greet", Do: func(_ context.Context, args []byte) error { got <- string(args); return nil }})
	seen := map[string]int{receive(t, got): 1}
	seen[receive(t, got)]++
	if seen[`{"name":"mara"}`] != 1 || seen[`{}`] != 1 {
		t.Errorf("ran with %v", seen)
	}
	// What is enqueued while it runs is found too.
	enqueue(t, s, store.Job{Kind: "greet", Args: []byte(`{"n":3}`)})
	if args := receive(t, got); args != `{"n":3}` {
		t.Errorf("ran with %s", args)
	}
	stop(t, r, s)
	if len(got) > 0 {
		t.Errorf("ran once more with %s", <-got)
	}
}

func TestFailedChangeEnqueuesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	err := s.Commit(t.Context(), &store.Change{Workspace: "w", PrevSeq: 5, Seq: 6, Jobs: []store.Job{{Kind: "bad"}}})
	if !errors.Is(err, store.ErrConflict) {
		t.Fatal(err)
	}
	got := make(chan string, 10)
	note := func(name string) jobs.Kind {
		return jobs.Kind{Name: name, Do: func(context.Context, []byte) error { got <- name; return nil }}
	}
	r := start(t, s, note("bad"), note("good"))
	enqueue(t, s, store.Job{Kind: "good"})
	if name := receive(t, got); name != "good" {
		t.Errorf("ran %q", name)
	}
	stop(t, r, s)
}

func TestFailingJobIsGivenUp(t *testing.T) {
	s := open(t, t.TempDir())
	var tries atomic.Int32
	done := make(chan bool, 10)
	r := start(t, s, jobs.Kind{Name: "fail", Attempts: 1, Do: func(context.Context, []byte) error {
		tries.Add(1)
		return errors.New("no luck")
	}}, jobs.Kind{Name: "after", Do: func(context.Context, []byte) error { done <- true; return nil }})
	enqueue(t, s, store.Job{Kind: "fail"})
	enqueue(t, s, store.Job{Kind: "after"})
	receive(t, done)
	stop(t, r, s)
	if n := tries.Load(); n != 1 {
		t.Errorf("tried %d times", n)
	}
}

func TestStopCancelsWhatTakesTooLong(t *testing.T) {
	s := open(t, t.TempDir())
	began, ended := make(chan bool), make(chan error, 1)
	r := start(t, s, jobs.Kind{Name: "slow", Do: func(ctx context.Context, _ []byte) error {
		close(began)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}})
	enqueue(t, s, store.Job{Kind: "slow"})
	receive(t, began)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := errors.Join(r.Stop(ctx), s.Close()); err != nil {
		t.Error(err)
	}
	if err := receive(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

func TestHousekeeping(t *testing.T) {
	s := open(t, t.TempDir())
	now := time.Date(2025, 5, 6, 0, 0, 0, 0, time.UTC)
	for n, hash := range []string{"old", "new"} {
		if err := s.PutSession(t.Context(), store.Session{Hash: []byte(hash), ExpiresAt: now.Add(time.Duration(n*2-1) * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	err := s.Commit(t.Context(), &store.Change{Workspace: "w", Rejects: []store.Reject{
		{At: now.Add(-91 * 24 * time.Hour), Reason: "old"}, {At: now.Add(-89 * 24 * time.Hour), Reason: "new"}}})
	if err != nil {
		t.Fatal(err)
	}
	saved := make(chan bool, 1)
	h := jobs.Housekeeping{Store: s, Now: func() time.Time { return now }, Checkpoint: func(context.Context) error { saved <- true; return nil }}
	kinds := h.Kinds()
	ran := make(chan string, 10)
	for i, k := range kinds {
		kinds[i].Do = func(ctx context.Context, args []byte) error {
			err := k.Do(ctx, args)
			ran <- k.Name
			return err
		}
	}
	r := start(t, s, kinds...)
	enqueue(t, s, store.Job{Kind: jobs.KindCheckpoint})
	names := map[string]bool{receive(t, ran): true, receive(t, ran): true, receive(t, ran): true}
	if !names[jobs.KindExpire] || !names[jobs.KindRetention] || !names[jobs.KindCheckpoint] {
		t.Errorf("ran %v", names)
	}
	receive(t, saved)
	if _, err := s.Session(t.Context(), []byte("old")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("expired session: %v", err)
	}
	if _, err := s.Session(t.Context(), []byte("new")); err != nil {
		t.Errorf("valid session: %v", err)
	}
	if page, err := s.Rejects(t.Context(), "w", store.Paging{}); err != nil || len(page.Items) != 1 || page.Items[0].Reason != "new" {
		t.Errorf("dead letters %+v %v", page.Items, err)
	}
	stop(t, r, s)
}

func TestWrongConfiguration(t *testing.T) {
	if _, err := jobs.Start(t.Context(), "no store", jobs.Options{}); err == nil {
		t.Error("a store without a queue was taken")
	}
	s := open(t, t.TempDir())
	if _, err := jobs.Start(t.Context(), s, jobs.Options{Kinds: []jobs.Kind{{Name: "x"}}}); err == nil {
		t.Error("a kind without a function was taken")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
