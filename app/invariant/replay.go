package invariant

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

// anySize reads whatever was accepted once.
var anySize = alert.Limits{MaxBytes: 1 << 30, MaxDepth: 1000, MaxEvidence: 1 << 20, MaxItems: 1 << 24, MaxString: 1 << 30, MaxText: 1 << 30}

// Replay feeds the whole log of a workspace to an engine that has seen nothing and
// decides anew, and says which alerts it puts into
// another incident than the one that the store has them in. The engine is left
// at the end of the log.
func Replay(ctx context.Context, st store.Store, workspace string, engine correlate.Correlator) ([]string, error) {
	r := &replay{engine: engine, in: map[string]correlate.IncidentID{}, members: map[correlate.IncidentID]map[string]bool{}}
	return r.run(ctx, st, workspace)
}

// Follow is Replay of an engine that repeats what is recorded, as a start does. It
// tells how that went, too, and where the engine itself has an alert elsewhere.
func Follow(ctx context.Context, st store.Store, workspace string, engine *correlate.Engine) ([]string, correlate.Followed, error) {
	last, err := st.LastEntity(ctx, workspace)
	if err != nil {
		return nil, correlate.Followed{}, err
	}
	engine.Follow(last)
	r := &replay{engine: engine, recorded: true, in: map[string]correlate.IncidentID{}, members: map[correlate.IncidentID]map[string]bool{}}
	out, err := r.run(ctx, st, workspace)
	how := engine.Followed()
	if n := engine.Settle(maps.All(r.in)); n > 0 {
		out = append(out, fmt.Sprintf("the engine has %d alerts elsewhere than it said", n))
	}
	return out, how, err
}

func (r *replay) run(ctx context.Context, st store.Store, workspace string) ([]string, error) {
	for e, err := range st.Replay(ctx, workspace, 0) {
		if err == nil {
			err = r.step(e)
		}
		if err != nil {
			return nil, fmt.Errorf("replaying workspace %q at position %d: %w", workspace, e.Seq, err)
		}
	}
	c := &check{ctx: ctx, st: st, ws: workspace, alerts: map[correlate.IncidentID][]store.Alert{}}
	if err := c.readAlerts(); err != nil {
		return nil, fmt.Errorf("reading the alerts of workspace %q: %w", workspace, err)
	}
	return r.differences(c.alerts), nil
}

// replay follows where an engine puts each alert.
type replay struct {
	engine   correlate.Correlator
	recorded bool // what was decided is repeated
	in       map[string]correlate.IncidentID
	members  map[correlate.IncidentID]map[string]bool
}

func (r *replay) step(e store.LogEntry) error {
	if e.Command != nil {
		return r.command(*e.Command)
	}
	a, err := alert.Decode(e.Normal, anySize)
	if err != nil {
		return fmt.Errorf("reading alert %q: %w", e.AlertID, err)
	}
	in := correlate.Arrival{Seq: e.Seq, Source: e.Source, Received: e.Received, Alert: a}
	if r.recorded {
		if in.Recorded, err = correlate.ParseRecorded(e.Record); err != nil {
			return err
		}
	}
	out := r.engine.Add(in)
	// A merge of this step may empty the incident that the alert came to.
	r.put(out.AlertID, out.Incident)
	r.follow(out)
	return nil
}

func (r *replay) command(c correlate.Command) error {
	out, err := r.engine.Apply(c)
	if err != nil {
		return err
	}
	switch c.Kind {
	case correlate.CommandMove, correlate.CommandKeep:
		for _, id := range c.Alerts {
			r.put(id, out.Incident)
		}
	case correlate.CommandUndoMerge:
		for _, id := range c.Alerts {
			r.put(id, c.Sources[0])
		}
	default:
		r.follow(out)
	}
	return nil
}

func (r *replay) follow(out correlate.Outcome) {
	for _, m := range out.Merges {
		for _, id := range slices.Collect(maps.Keys(r.members[m.From])) {
			r.put(id, m.Into)
		}
	}
	for _, m := range out.Moves {
		r.put(m.AlertID, m.To)
	}
}

func (r *replay) put(alertID string, id correlate.IncidentID) {
	delete(r.members[r.in[alertID]], alertID)
	r.in[alertID] = id
	if r.members[id] == nil {
		r.members[id] = map[string]bool{}
	}
	r.members[id][alertID] = true
}

func (r *replay) differences(stored map[correlate.IncidentID][]store.Alert) []string {
	var out []string
	left := maps.Clone(r.in)
	for _, id := range slices.Sorted(maps.Keys(stored)) {
		for _, a := range stored[id] {
			if want, ok := left[a.ID]; !ok || want != id {
				out = append(out, fmt.Sprintf("alert %q is in incident %d and the engine puts it into %d", a.ID, id, want))
			}
			delete(left, a.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		out = append(out, fmt.Sprintf("alert %q is in the log and not in the store", id))
	}
	return out
}
