package workspace_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/workspace"
)

// engineOf sets the options to the real engine with a model.
func engineOf(m *correlate.Model) func(*workspace.Options) {
	return engineWith(correlate.Options{Model: m})
}

// Another model decides from its first start on. What lies behind the last
// checkpoint was decided by the one before and stays as it is, at this start and at
// the next.
func TestAnotherModelTakesOver(t *testing.T) {
	t.Parallel()
	strict := *correlate.BuiltIn()
	strict.Version, strict.Join, strict.Consider = "strict", strict.Join+3, strict.Consider+3
	var stream []*alert.Alert
	for d := range demo.Generate(demo.Options{Seed: 5, Days: 10, Alerts: 600}).Alerts() {
		stream = append(stream, d.Alert)
	}
	// run delivers a half with each model. With lost set, the process ends each time
	// without a checkpoint of what came last.
	run := func(t *testing.T, lost bool) *bench {
		kept := &checkpoints{keep: true}
		b := newBench(t, engineOf(correlate.BuiltIn()), func(o *workspace.Options) { kept.Store, o.Store = o.Store, kept })
		b.clock.set(stream[len(stream)-1].CreatedDateTime)
		b.ingest(stream[:150]...)
		if err := b.w.Checkpoint(b.ctx); err != nil {
			t.Fatal(err)
		}
		b.ingest(stream[150:300]...)
		kept.keep = !lost
		b.close()
		kept.keep = true
		engineOf(&strict)(&b.opt)
		b.open()
		b.ingest(stream[300:450]...)
		kept.keep = !lost
		b.restart()
		b.ingest(stream[450:]...)
		report, err := invariant.Check(b.ctx, b.st, b.opt.Name)
		if err != nil || len(report.Problems) > 0 {
			t.Errorf("%v %v", err, report.Problems)
		}
		return b
	}
	orderly, killed := map[string]correlate.IncidentID{}, map[string]correlate.IncidentID{}
	models := map[string]int{}
	for _, a := range run(t, false).everyAlert() {
		orderly[a.ID] = a.Incident
		models[a.Link.Model]++
	}
	for _, a := range run(t, true).everyAlert() {
		killed[a.ID] = a.Incident
	}
	if diff := cmp.Diff(orderly, killed); diff != "" {
		t.Error(diff)
	}
	if models["strict"] == 0 || models[correlate.BuiltIn().Version] == 0 {
		t.Errorf("links by model: %v", models)
	}
}

// checkpoints loses those that are saved unless it is told to keep them.
type checkpoints struct {
	workspace.Store
	keep bool
}

// SaveCheckpoint implements store.Log.
func (c *checkpoints) SaveCheckpoint(ctx context.Context, ws string, seq int64, snapshot []byte) error {
	if !c.keep {
		return nil
	}
	return c.Store.SaveCheckpoint(ctx, ws, seq, snapshot)
}
