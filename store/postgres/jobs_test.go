package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/clew-sec/clew/jobs"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/pgtest"
)

func TestCommittedJobRuns(t *testing.T) {
	s := opened(t, pgtest.Database(t))
	c := change(0)
	c.Jobs = []store.Job{{Kind: "greet", Args: []byte(`{"name": "mara"}`)}, {Kind: "greet", Args: []byte(`{}`), At: time.Unix(1, 0)}}
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 2)
	r, err := jobs.Start(t.Context(), s, jobs.Options{Poll: 20 * time.Millisecond, Kinds: []jobs.Kind{{Name: "greet", Do: func(_ context.Context, args []byte) error {
		got <- string(args)
		return nil
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 2 {
		select {
		case args := <-got:
			seen[args] = true
		case <-time.After(30 * time.Second):
			t.Fatal("a committed job did not run")
		}
	}
	if err := r.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if !seen[`{"name": "mara"}`] || !seen[`{}`] {
		t.Errorf("ran with %v", seen)
	}
}
