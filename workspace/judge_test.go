package workspace_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// judge sees what is written and knows of people's decisions from the log of
// commands alone: what the engine does must never contradict one of them, whatever
// it has forgotten since.
type judge struct {
	workspace.Store
	pairs  map[correlate.Pair]bool // that people parted
	into   map[correlate.IncidentID]correlate.IncidentID
	closed map[correlate.IncidentID]bool
	wrong  []string
	merges int // that the engine made
}

func newJudge(st workspace.Store) *judge {
	return &judge{
		Store: st, pairs: map[correlate.Pair]bool{}, into: map[correlate.IncidentID]correlate.IncidentID{}, closed: map[correlate.IncidentID]bool{},
	}
}

func (j *judge) Commit(ctx context.Context, c *store.Change) error {
	if err := j.Store.Commit(ctx, c); err != nil {
		return err
	}
	for _, a := range c.Alerts {
		if a.Replaces == 0 && j.closed[a.Incident] {
			j.wrong = append(j.wrong, fmt.Sprintf("alert %s came to incident %d, which is resolved", a.ID, a.Incident))
		}
	}
	for _, cmd := range c.Commands {
		j.command(cmd)
	}
	for _, m := range c.Merges {
		j.merge(m)
	}
	for _, i := range c.Incidents {
		j.closed[i.ID] = i.Status == incident.Resolved
		if delete(j.into, i.ID); i.Status == incident.Redirected {
			j.into[i.ID] = i.RedirectTo
		}
	}
	return nil
}

func (j *judge) root(id correlate.IncidentID) correlate.IncidentID {
	for j.into[id] != 0 {
		id = j.into[id]
	}
	return id
}

func (j *judge) command(c correlate.Command) {
	at := c.Incident
	if at == 0 && c.Recorded != nil {
		at = c.Recorded.Incident
	}
	for n, s := range c.Sources {
		switch c.Kind {
		case correlate.CommandReject, correlate.CommandMove:
			j.pairs[correlate.Pair{A: s, B: at}] = true
		case correlate.CommandUndoMerge:
			j.pairs[correlate.Pair{A: s, B: at}] = true
			delete(j.into, s)
		case correlate.CommandUnreject:
			j.reconcile(s, at)
		case correlate.CommandMerge:
			for _, o := range append(c.Sources[:n:n], at) {
				j.reconcile(s, o)
			}
		}
	}
}

// reconcile takes back what parted two incidents.
func (j *judge) reconcile(a, b correlate.IncidentID) {
	for p := range j.pairs {
		if x, y := j.root(p.A), j.root(p.B); x == a && y == b || x == b && y == a {
			delete(j.pairs, p)
		}
	}
}

func (j *judge) merge(m incident.Merge) {
	if m.Actor.Kind != incident.BySystem || !m.UndoneAt.IsZero() {
		return
	}
	j.merges++
	for p := range j.pairs {
		if x, y := j.root(p.A), j.root(p.B); x == m.Source && y == m.Target || x == m.Target && y == m.Source {
			j.wrong = append(j.wrong, fmt.Sprintf("incident %d was merged into %d, though people parted %d and %d", m.Source, m.Target, p.A, p.B))
		}
	}
	j.into[m.Source] = m.Target
}

// TestDecisionsOutliveForgetting lets people, senders and the machine do anything
// with an engine that merges what shares the least and forgets within hours. What
// people decided holds all the same, every restart and every replay agrees, and no
// alert is refused because the engine wants what they forbade.
func TestDecisionsOutliveForgetting(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	number, merges := 0, 0
	check(t, 30, func(rt *rapid.T) {
		number++
		eager := *correlate.BuiltIn()
		eager.Consider, eager.Merge = -20, -20
		r := newRandom(rt, t, st, fmt.Sprintf("w%d", number), correlate.Options{Model: &eager, Horizon: 3 * time.Hour})
		j := newJudge(r.disk)
		r.bench.close()
		r.bench.opt.Store = j
		r.bench.open()
		defer r.bench.close()
		kinds := r.decisions()
		for range rapid.SampledFrom([]int{20, 60, 120}).Draw(rt, "steps") {
			rapid.SampledFrom(kinds).Draw(rt, "action").do(r)
			for _, w := range j.wrong {
				rt.Fatal(w)
			}
		}
		r.verify()
		merges += j.merges
	})
	if merges < number {
		t.Errorf("the engine merged %d times in %d streams: that proves nothing", merges, number)
	}
}

// decisions are what brings incidents together, apart and back.
func (r *random) decisions() []action {
	return []action{
		{"ingest", (*random).ingest}, {"ingest more", (*random).ingest}, {"ingest still more", (*random).ingest}, {"late update", (*random).update},
		{"more late updates", (*random).update}, {"part", (*random).part}, {"part again", (*random).part}, {"suggestion", (*random).suggestion},
		{"another suggestion", (*random).suggestion}, {"undo", (*random).undo}, {"move", (*random).move}, {"split", (*random).split},
		{"merge", (*random).merge}, {"patch", (*random).patch}, {"settings", (*random).settings}, {"restart", (*random).restart}, {"disk fails", (*random).breakDisk},
	}
}

// part merges two incidents by hand and takes that back.
func (r *random) part() {
	open := ids(r.open())
	if len(open) < 2 {
		return
	}
	_, merges, err := r.bench.w.Merge(r.bench.ctx, ada, rapid.Permutation(open).Draw(r.rt, "parted")[:2], workspace.Reason{})
	if r.allow("merging", err); err != nil {
		return
	}
	_, _, err = r.bench.w.UndoMerge(r.bench.ctx, ada, merges[0].ID, "not one attack")
	r.allow("undoing a merge", err)
}
