package workspace_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// TestBatchingMakesNoDifference loads the demo company one by one, in small and
// large batches, with restarts in mid-stream, and through `clew correlate`: each
// alert ends up in the same incident.
func TestBatchingMakesNoDifference(t *testing.T) {
	t.Parallel()
	s := demo.Generate(demo.Options{Seed: 4, Days: 20, Alerts: 700})
	var stream []demo.Delivery
	for d := range s.Alerts() {
		stream = append(stream, d)
	}
	want := correlated(t, s)
	for name, c := range map[string]struct{ batch, request, restart int }{
		"one by one":                    {1, 1, 0},
		"batches of 7":                  {7, 1 << 30, 0},
		"batches of 500":                {500, 1 << 30, 0},
		"requests of 90, with restarts": {40, 90, 1},
		"restarts without checkpoint":   {500, 200, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, realEngine, func(o *workspace.Options) {
				o.MaxBatch, o.CheckpointEvery = c.batch, 100
				if c.restart == 2 {
					o.Store = noCheckpoints{o.Store}
				}
			})
			b.clock.set(stream[len(stream)-1].Received)
			for chunk := range slices.Chunk(stream, min(c.request, len(stream))) {
				b.deliver(chunk)
				if c.restart > 0 {
					b.restart()
				}
			}
			b.check()
			got := map[string]correlate.IncidentID{}
			for _, a := range b.everyAlert() {
				got[a.ID] = a.Incident
			}
			if n := differences(want, got); len(n) > 0 {
				t.Errorf("%d of %d alerts are elsewhere than `clew correlate` puts them, as %v", len(n), len(want), n[:min(5, len(n))])
			}
		})
	}
}

// noCheckpoints makes each start replay the whole log.
type noCheckpoints struct{ workspace.Store }

func (noCheckpoints) Checkpoint(_ context.Context, _ string) (int64, []byte, error) {
	return 0, nil, store.ErrNotFound
}

func (b *bench) deliver(chunk []demo.Delivery) {
	b.t.Helper()
	alerts := make([]*alert.Alert, len(chunk))
	for n, d := range chunk {
		alerts[n] = d.Alert
	}
	b.ingest(alerts...)
}

func (b *bench) everyAlert() []store.Alert {
	b.t.Helper()
	q := store.AlertQuery{Workspace: b.opt.Name, Brief: true, Paging: store.Paging{Limit: 500}}
	var out []store.Alert
	for {
		p, err := b.st.Alerts(b.ctx, q)
		if err != nil {
			b.t.Fatal(err)
		}
		out = append(out, p.Items...)
		if q.Cursor = p.Next; p.Next == "" {
			return out
		}
	}
}

// correlated is where `clew correlate` puts each alert.
func correlated(t *testing.T, s *demo.Scenario) map[string]correlate.IncidentID {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.jsonl"), filepath.Join(dir, "out.jsonl")
	var lines bytes.Buffer
	if err := s.WriteNDJSON(&lines); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := app.Correlate(t.Context(), app.IO{Out: io.Discard, Err: t.Output()}, app.CorrelateOptions{In: []string{in}, Out: out}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]correlate.IncidentID{}
	for l := bufio.NewScanner(bytes.NewReader(text)); l.Scan(); {
		var a app.Assignment
		if err := json.Unmarshal(l.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		want[a.AlertID] = a.IncidentID
	}
	return want
}

// differences lists the alerts that are not in the same incident.
func differences(want, got map[string]correlate.IncidentID) []string {
	var out []string
	for id, i := range want {
		if got[id] != i {
			out = append(out, fmt.Sprintf("%s: %d instead of %d", id, got[id], i))
		}
	}
	if len(got) != len(want) {
		out = append(out, fmt.Sprintf("%d alerts instead of %d", len(got), len(want)))
	}
	slices.Sort(out)
	return out
}
