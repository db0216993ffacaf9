package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/graph"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/sqlite"
	"github.com/clew-sec/clew/workspace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ada   = incident.Actor{Kind: incident.ByUser, Name: "ada"}
	epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
)

// clock moves on by a second with each look, so that nothing depends on the day
// on which the tests run.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Second)
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// bench is one workspace on a real store.
type bench struct {
	t     testing.TB
	ctx   context.Context
	st    store.Store
	w     *workspace.Workspace
	opt   workspace.Options
	clock *clock
}

func openStore(t testing.TB) store.Store {
	t.Helper()
	st, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// realEngine sets the options to the engine that the product uses.
func realEngine(o *workspace.Options) { engineWith(correlate.Options{})(o) }

func engineWith(engine correlate.Options) func(*workspace.Options) {
	return func(o *workspace.Options) {
		o.NewEngine = func() correlate.Correlator { return correlate.New(engine) }
		o.RestoreEngine = func(snapshot []byte) (correlate.Correlator, error) { return correlate.Restore(snapshot, engine) }
	}
}

// newBench opens a workspace with the scripted engine, unless an option says
// otherwise.
func newBench(t testing.TB, options ...func(*workspace.Options)) *bench {
	t.Helper()
	return newBenchOn(t, openStore(t), options...)
}

func newBenchOn(t testing.TB, st store.Store, options ...func(*workspace.Options)) *bench {
	t.Helper()
	b := &bench{t: t, ctx: context.WithoutCancel(t.Context()), st: st, clock: &clock{at: epoch}}
	b.opt = workspace.Options{Name: "default", Store: st, NewEngine: newScripted, RestoreEngine: restoreScripted, Now: b.clock.now}
	for _, o := range options {
		o(&b.opt)
	}
	b.open()
	t.Cleanup(b.close)
	return b
}

func (b *bench) open() {
	b.t.Helper()
	w, err := workspace.Open(b.ctx, b.opt)
	if err != nil {
		b.t.Fatal(err)
	}
	b.w = w
}

func (b *bench) close() {
	if b.w == nil {
		return
	}
	if err := b.w.Close(b.ctx); err != nil {
		b.t.Error(err)
	}
	b.w = nil
}

func (b *bench) restart() {
	b.t.Helper()
	b.close()
	b.open()
}

// check reads everything back and holds it against what must be true, and
// against an engine that sees the whole log anew.
func (b *bench) check() {
	b.t.Helper()
	for _, p := range b.problems() {
		b.t.Error(p)
	}
}

func (b *bench) problems() []string {
	b.t.Helper()
	report, err := invariant.Check(b.ctx, b.st, b.opt.Name)
	if err != nil {
		b.t.Fatal(err)
	}
	more, err := invariant.Replay(b.ctx, b.st, b.opt.Name, b.opt.NewEngine())
	if err != nil {
		b.t.Fatal(err)
	}
	return append(report.Problems, more...)
}

// results is a batch of alerts as a reader would give them.
func results(alerts ...*alert.Alert) iter.Seq2[reader.Result, error] {
	return func(yield func(reader.Result, error) bool) {
		for n, a := range alerts {
			if !yield(resultOf(n+1, a), nil) {
				return
			}
		}
	}
}

func resultOf(record int, alerts ...*alert.Alert) reader.Result {
	return reader.Result{Record: reader.Record{File: "test", Number: record}, Source: source.Source(graph.Source{}), Alerts: alerts}
}

func (b *bench) ingest(alerts ...*alert.Alert) workspace.Receipt {
	b.t.Helper()
	r, err := b.w.Ingest(b.ctx, workspace.Batch{Source: "graph", Origin: "test", Results: results(alerts...)})
	if err != nil {
		b.t.Fatal(err)
	}
	if r.Received != r.New+r.Updated+r.Unchanged+r.Rejected {
		b.t.Errorf("uneven receipt %+v", r)
	}
	return r
}

func (b *bench) incident(id correlate.IncidentID) incident.Incident {
	b.t.Helper()
	i, err := b.st.Incident(b.ctx, b.opt.Name, id)
	if err != nil {
		b.t.Fatalf("incident %d: %v", id, err)
	}
	return i
}

func (b *bench) alert(id string) store.Alert {
	b.t.Helper()
	a, err := b.st.Alert(b.ctx, b.opt.Name, id)
	if err != nil {
		b.t.Fatalf("alert %q: %v", id, err)
	}
	return a
}

// where is the incident of each alert named.
func (b *bench) where(ids ...string) []correlate.IncidentID {
	b.t.Helper()
	out := make([]correlate.IncidentID, len(ids))
	for i, id := range ids {
		out[i] = b.alert(id).Incident
	}
	return out
}

func (b *bench) activities(id correlate.IncidentID) []incident.Activity {
	b.t.Helper()
	p, err := b.st.Activities(b.ctx, store.ActivityQuery{Workspace: b.opt.Name, Incident: id, Paging: store.Paging{Limit: 500}})
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Items
}

// logged counts the entries of a kind in an incident's log.
func (b *bench) logged(id correlate.IncidentID, kind incident.ActivityKind) int {
	b.t.Helper()
	n := 0
	for _, a := range b.activities(id) {
		if a.Kind == kind {
			n++
		}
	}
	return n
}

func (b *bench) rejects() []store.Reject {
	b.t.Helper()
	p, err := b.st.Rejects(b.ctx, b.opt.Name, store.Paging{Limit: 500})
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Items
}

func (b *bench) position() int64 {
	b.t.Helper()
	seq, err := b.st.Position(b.ctx, b.opt.Name)
	if err != nil {
		b.t.Fatal(err)
	}
	return seq
}

// entityCounts is how many alerts of an incident mention which entity.
func (b *bench) entityCounts(id correlate.IncidentID) map[int64]int {
	b.t.Helper()
	p, err := b.st.IncidentEntities(b.ctx, b.opt.Name, id, nil, store.Paging{Limit: 500})
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[int64]int{}
	for _, e := range p.Items {
		out[int64(e.Entity)] = e.Alerts
	}
	return out
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v instead of %v", err, want)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// made is an alert with a script for the scripted engine.
func made(id, script string) *alert.Alert {
	var n int
	for _, c := range id {
		n = n*31 + int(c)
	}
	at := epoch.Add(-time.Hour).Add(time.Duration(n%3000) * time.Second)
	return &alert.Alert{
		ID: id, Title: "Alert " + id, Description: script, Severity: alert.SeverityMedium, Status: alert.StatusNew,
		ServiceSource: "microsoftDefenderForEndpoint", ProductName: "Made", CreatedDateTime: at, LastUpdateDateTime: at,
		FirstActivityDateTime: at, LastActivityDateTime: at.Add(time.Minute),
	}
}

// newer is a later version of an alert.
func newer(a *alert.Alert, change func(*alert.Alert)) *alert.Alert {
	c := *a
	c.LastUpdateDateTime = a.LastUpdateDateTime.Add(time.Minute)
	if change != nil {
		change(&c)
	}
	return &c
}

func ref[T any](v T) *T { return &v }

// faulty fails commits when told so.
type faulty struct {
	workspace.Store
	fail func(n int, c *store.Change) error // n counts from 1
	mu   sync.Mutex
	n    int
}

var errDisk = errors.New("the disk said no")

func (f *faulty) Commit(ctx context.Context, c *store.Change) error {
	f.mu.Lock()
	f.n++
	n := f.n
	f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(n, c); err != nil {
			return fmt.Errorf("made to fail: %w", err)
		}
	}
	return f.Store.Commit(ctx, c)
}
