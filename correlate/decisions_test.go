package correlate

import (
	"slices"
	"testing"
)

// What people parted goes with an incident into what it is merged into, and their
// later word ends it wherever it went.
func TestLaterWordReplacesTheEarlierOne(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]Command{
		"taken back": {Kind: CommandUnreject, Incident: 3, Sources: []IncidentID{1}},
		"merged":     {Kind: CommandMerge, Incident: 1, Sources: []IncidentID{3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newAgeing(t)
			for range 3 {
				g.next()
			}
			g.apply(Command{Kind: CommandReject, Incident: 1, Sources: []IncidentID{2}})
			g.apply(Command{Kind: CommandMerge, Incident: 3, Sources: []IncidentID{2}})
			if a, b := g.e.incidents.Get(1), g.e.incidents.Get(3); !g.e.parted(a, b) || !slices.Contains(b.apart, 1) {
				t.Fatalf("apart from 1: %v, from 3: %v", a.apart, b.apart)
			}
			g.apply(end)
			for id, i := range g.e.incidents.All() {
				if len(i.apart) > 0 {
					t.Errorf("incident %d is still apart from %v", id, i.apart)
				}
			}
		})
	}
}

// A forgotten incident comes back as the command that names it says, and only then
// the engine counts as told.
func TestCommandsBringDecisionsBack(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{true, false} {
		g := newAgeing(t)
		for range 3 * forgetADay {
			g.next()
		}
		if g.e.Knows(1) || !g.e.Knows(g.homes[g.ago(0)]) {
			t.Fatal("the engine knows the wrong incidents")
		}
		c := Command{Kind: CommandKeep, Incident: 1, Alerts: []string{"lone 0"}}
		want := State{Closed: true, Owner: "amy"}
		if told {
			c.Recalled = []Recalled{{Incident: 1, State: want, Alone: true, Apart: []IncidentID{2}}}
		} else {
			want = State{}
		}
		g.apply(c)
		i := g.e.incidents.Get(1)
		if i.state != want || i.alone != told || (len(i.apart) == 1) != told || g.e.Told() != told {
			t.Errorf("told %v: %+v, alone %v, apart from %v", g.e.Told(), i.state, i.alone, i.apart)
		}
	}
}

// A snapshot of a version that left with merged incidents what people parted them
// from is read, and asks to be told what that version forgot.
func TestSnapshotWithoutDecisions(t *testing.T) {
	t.Parallel()
	g := newAgeing(t)
	for range 4 {
		g.next()
	}
	g.apply(Command{Kind: CommandReject, Incident: 1, Sources: []IncidentID{2}})
	g.e.merge(g.e.incidents.Get(2), g.e.incidents.Get(3))
	g.e.incidents.Get(3).apart = nil
	im := g.e.image()
	im.Told = false
	g.restoreFrom(im)
	if g.e.Told() || !slices.Contains(g.e.incidents.Get(3).apart, 1) {
		t.Errorf("told %v, apart from %v", g.e.Told(), g.e.incidents.Get(3).apart)
	}
	g.e.Part(3, 4)
	g.e.Part(4, 2)
	if x := g.e.incidents.Get(4); !g.e.parted(x, g.e.incidents.Get(3)) || len(x.apart) != 1 {
		t.Errorf("apart from %v", x.apart)
	}
	g.e.CaughtUp()
	if g.restart(); !g.e.Told() {
		t.Error("the next start asks again")
	}
}
