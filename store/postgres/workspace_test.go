package postgres_test

import (
	"iter"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/graph"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/pgtest"
	"github.com/clew-sec/clew/store/postgres"
	"github.com/clew-sec/clew/workspace"
)

// TestWorkspace takes a workspace on PostgreSQL through a life: alerts, merges by
// the engine and by people, an undo, a split, restarts. Then everything is held
// against what must be true, and against an engine that sees the log anew.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	st, err := postgres.Open(t.Context(), postgres.Options{URL: pgtest.Database(t), Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	w := reopen(t, st, nil)
	ada := incident.Actor{Kind: incident.ByUser, Name: "ada"}
	for n, batch := range batches(500, 3) {
		r, err := w.Ingest(t.Context(), workspace.Batch{Source: "graph", Results: batch})
		if err != nil || r.Received == 0 || r.Rejected > 0 {
			t.Fatalf("batch %d: %+v %v", n, r, err)
		}
		w = reopen(t, st, w)
	}
	page, err := st.Incidents(t.Context(), store.IncidentQuery{Workspace: "default", Statuses: []string{"active"}, Sort: store.ByAlerts, Paging: store.Paging{Limit: 3}})
	if err != nil || len(page.Items) < 3 {
		t.Fatalf("%d incidents: %v", len(page.Items), err)
	}
	ids := []correlate.IncidentID{page.Items[0].ID, page.Items[1].ID, page.Items[2].ID}
	target, merges, err := w.Merge(t.Context(), ada, ids, workspace.Reason{Text: "one attack"})
	if err != nil || len(merges) != 2 {
		t.Fatalf("%+v %v", merges, err)
	}
	if _, _, err := w.UndoMerge(t.Context(), ada, merges[1].ID, "two attacks"); err != nil {
		t.Fatal(err)
	}
	alerts, err := st.AlertIDs(t.Context(), "default", target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Move(t.Context(), ada, alerts[:1], 0, workspace.Reason{}); err != nil {
		t.Fatal(err)
	}
	owner := "ada"
	if _, err := w.UpdateIncident(t.Context(), ada, target, workspace.Patch{Owner: &owner}); err != nil {
		t.Fatal(err)
	}
	reopen(t, st, w)
	report, err := invariant.Check(t.Context(), st, "default")
	if err != nil {
		t.Fatal(err)
	}
	more, err := invariant.Replay(t.Context(), st, "default", correlate.New(correlate.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(report.Problems, more...) {
		t.Error(p)
	}
	if len(report.AlertIDs) < 400 {
		t.Errorf("%d alerts", len(report.AlertIDs))
	}
}

// reopen ends a workspace, if there is one, and rebuilds it from the store.
func reopen(t *testing.T, st store.Store, w *workspace.Workspace) *workspace.Workspace {
	t.Helper()
	if w != nil {
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w, err := workspace.Open(t.Context(), workspace.Options{
		Name: "default", Store: st, Now: func() time.Time { return time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC) },
		NewEngine: func() correlate.Correlator { return correlate.New(correlate.Options{}) },
		RestoreEngine: func(snapshot []byte) (correlate.Correlator, error) {
			return correlate.Restore(snapshot, correlate.Options{})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close(t.Context()) })
	return w
}

// batches cuts the demo company's alerts into so many batches.
func batches(alerts, parts int) []iter.Seq2[reader.Result, error] {
	all := make([][]*alert.Alert, parts)
	n := 0
	for d := range demo.Generate(demo.Options{Seed: 6, Days: 5, Alerts: alerts}).Alerts() {
		at := min(n*parts/alerts, parts-1)
		all[at] = append(all[at], d.Alert)
		n++
	}
	out := make([]iter.Seq2[reader.Result, error], parts)
	for i, part := range all {
		out[i] = func(yield func(reader.Result, error) bool) {
			for n, a := range part {
				r := reader.Result{Record: reader.Record{Number: n + 1}, Source: source.Source(graph.Source{}), Alerts: []*alert.Alert{a}}
				if !yield(r, nil) {
					return
				}
			}
		}
	}
	return out
}
