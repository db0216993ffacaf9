package correlate

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
)

var forgetBegin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

const (
	forgetHorizon = 24 * time.Hour
	forgetPace    = 10 * time.Minute
	forgetADay    = int(forgetHorizon / forgetPace)
)

// lone is an alert about a device that no other alert names.
func lone(n int) *alert.Alert {
	at := forgetBegin.Add(time.Duration(n) * forgetPace)
	return &alert.Alert{
		ID: fmt.Sprint("lone ", n), Title: fmt.Sprint("Rule ", n%7), DetectorID: fmt.Sprint("rule ", n%7), Severity: alert.SeverityMedium,
		FirstActivityDateTime: at, LastActivityDateTime: at.Add(time.Minute), CreatedDateTime: at.Add(2 * time.Minute),
		Evidence: []alert.Evidence{&alert.DeviceEvidence{DeviceDNSName: fmt.Sprintf("pc%d.contoso.example", n)}},
	}
}

// ageing is an engine that gets a lone alert every ten minutes.
type ageing struct {
	t     *testing.T
	e     *Engine
	homes []IncidentID // of the alerts, by number, as they came
}

func newAgeing(t *testing.T) *ageing {
	return &ageing{t: t, e: New(Options{Horizon: forgetHorizon})}
}

func (g *ageing) add(a *alert.Alert) Outcome {
	return g.e.Add(Arrival{Received: a.CreatedDateTime, Alert: a})
}

func (g *ageing) next() {
	g.homes = append(g.homes, g.add(lone(len(g.homes))).Incident)
}

// ago is the number of the alert that came that many alerts before the last.
func (g *ageing) ago(n int) int { return max(len(g.homes)-1-n, 0) }

func (g *ageing) apply(c Command) {
	g.t.Helper()
	if _, err := g.e.Apply(c); err != nil {
		g.t.Fatal(err)
	}
}

// renew sends a later version of an old alert, active until now.
func (g *ageing) renew(n int) {
	a := lone(n)
	a.LastActivityDateTime = lone(len(g.homes) - 1).LastActivityDateTime
	a.CreatedDateTime = lone(len(g.homes) - 1).CreatedDateTime
	g.add(a)
}

// onAgenda checks that each incident is on the agenda exactly once.
func (g *ageing) onAgenda() {
	g.t.Helper()
	times := map[IncidentID]int{}
	for _, d := range g.e.watched.list() {
		if i := g.e.incidents.Get(d.ID); i != nil && i.watched == d.At {
			times[d.ID]++
		}
	}
	for id := range g.e.incidents.All() {
		if times[id] != 1 {
			g.t.Fatalf("incident %d is on the agenda %d times", id, times[id])
		}
	}
}

// Memory follows the horizon, whatever is done to incidents after their alerts came.
func TestBoundedMemoryOfWhatIsTouchedLate(t *testing.T) {
	t.Parallel()
	late := forgetADay - 6 // an alert of then is forgotten in an hour
	for name, touch := range map[string]func(*ageing){
		"state": func(g *ageing) {
			g.apply(Command{Kind: CommandState, Incident: g.homes[g.ago(late)], State: State{Owner: "amy"}})
		},
		"update": func(g *ageing) { g.renew(g.ago(late)) },
		"revived": func(g *ageing) {
			g.apply(Command{Kind: CommandState, Incident: g.homes[g.ago(3*forgetADay)], State: State{Owner: "amy"}})
		},
		"moved": func(g *ageing) {
			g.apply(Command{Kind: CommandMove, Alerts: []string{fmt.Sprint("lone ", g.ago(late))}, Incident: g.homes[g.ago(0)]})
		},
		"split off": func(g *ageing) {
			g.apply(Command{Kind: CommandMove, Alerts: []string{fmt.Sprint("lone ", g.ago(late))}})
		},
		"merged and taken back": func(g *ageing) {
			into, from := g.homes[g.ago(late)], g.homes[g.ago(late-1)]
			if into == from {
				return
			}
			g.apply(Command{Kind: CommandMerge, Incident: into, Sources: []IncidentID{from}})
			g.apply(Command{Kind: CommandUndoMerge, Incident: into, Sources: []IncidentID{from}, Alerts: []string{fmt.Sprint("lone ", g.ago(late-1))}})
		},
		"a future end": func(g *ageing) {
			a := lone(g.ago(0))
			a.LastActivityDateTime = a.LastActivityDateTime.AddDate(50, 0, 0)
			g.add(a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newAgeing(t)
			for range 14 * forgetADay {
				g.next()
				touch(g)
			}
			g.onAgenda()
			// What was touched late stays for up to two horizons more, as many as came in one a day.
			most := 4 * forgetADay
			t.Logf("of %d: %d incidents, %d groups, %d alerts, %d on the agenda", len(g.homes), g.e.incidents.Len(), len(g.e.groups), len(g.e.alerts), g.e.watched.len())
			if g.e.incidents.Len() > most || len(g.e.groups) > most || len(g.e.alerts) > most || g.e.watched.len() > 2*most {
				t.Error("memory grows with the stream")
			}
		})
	}
}

// A group that an update touched takes repeats after its alert is forgotten, and
// ends once it is quiet though its incident goes on.
func TestGroupOutlivesItsAlert(t *testing.T) {
	t.Parallel()
	g := newAgeing(t)
	g.next()
	home := g.homes[0]
	for range forgetADay - 3 {
		g.next()
	}
	g.renew(0)
	for range 5 {
		g.next()
	}
	if g.e.alerts["lone 0"] != nil {
		t.Fatal("the alert is not forgotten yet")
	}
	again := lone(0)
	again.ID = "again"
	again.FirstActivityDateTime = lone(len(g.homes) - 6).FirstActivityDateTime
	again.LastActivityDateTime = again.FirstActivityDateTime
	again.CreatedDateTime = lone(len(g.homes) - 1).CreatedDateTime
	if out := g.add(again); !out.Folded || out.Incident != home {
		t.Fatalf("the repeat is in incident %d, folded %v", out.Incident, out.Folded)
	}
	for range 3 * forgetADay {
		g.next()
		g.apply(Command{Kind: CommandState, Incident: home, State: State{Owner: "amy"}})
	}
	if i := g.e.incidents.Get(home); i == nil || len(i.left) != 0 {
		t.Errorf("the incident that is worked on: %+v", i)
	}
	for _, group := range g.e.groups {
		if group.inc == home {
			t.Errorf("a group of long ago is still there: %+v", group)
		}
	}
}

// A restart while things are forgotten changes nothing.
func TestRestartWhileForgetting(t *testing.T) {
	t.Parallel()
	whole, parted := newAgeing(t), newAgeing(t)
	both := []*ageing{whole, parted}
	for n := range 5 * forgetADay {
		for _, g := range both {
			g.next()
			switch n % 5 {
			case 0:
				g.renew(g.ago(forgetADay - 6))
			case 1:
				g.apply(Command{Kind: CommandState, Incident: g.homes[g.ago(2*forgetADay)], State: State{Owner: "amy"}})
			case 2:
				g.apply(Command{Kind: CommandMove, Alerts: []string{fmt.Sprint("lone ", g.ago(forgetADay-9))}, Incident: g.homes[g.ago(7)]})
			case 3:
				old, new := g.homes[g.ago(3*forgetADay)], g.homes[g.ago(1)]
				if c := (Command{Kind: CommandReject, Incident: old, Sources: []IncidentID{new}}); old != new {
					if !g.e.Knows(old) {
						c.Recalled = []Recalled{{Incident: old, State: State{Owner: "amy"}, Apart: []IncidentID{g.homes[g.ago(2)]}}}
					}
					g.apply(c)
				}
			}
		}
		if n%17 == 0 {
			parted.restart()
		}
	}
	a, err1 := whole.e.Snapshot()
	b, err2 := parted.e.Snapshot()
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Error("the states differ", err1, err2)
	}
	parted.onAgenda()
}

func (g *ageing) restart() {
	g.t.Helper()
	b, err := g.e.Snapshot()
	if err != nil {
		g.t.Fatal(err)
	}
	g.restore(b)
}

func (g *ageing) restore(snapshot []byte) {
	g.t.Helper()
	var err error
	if g.e, err = Restore(snapshot, Options{Horizon: forgetHorizon}); err != nil {
		g.t.Fatal(err)
	}
}

// restoreFrom goes on from an image as another version may have written it.
func (g *ageing) restoreFrom(im *image) {
	g.t.Helper()
	var err error
	if im.Model, err = g.e.opt.Model.File(); err != nil {
		g.t.Fatal(err)
	}
	b := bytes.NewBufferString(snapshotForm)
	if err := gob.NewEncoder(b).Encode(im); err != nil {
		g.t.Fatal(err)
	}
	g.restore(b.Bytes())
}

// A snapshot of a version that had no agenda of incidents is taken, and what that
// version never looked at again is forgotten.
func TestSnapshotWithoutAgendaOfIncidents(t *testing.T) {
	t.Parallel()
	g := newAgeing(t)
	for range 2 * forgetADay {
		g.next()
		g.renew(g.ago(forgetADay - 6))
	}
	im := g.e.image()
	im.Watched = nil
	for k := range im.Groups {
		im.Groups[k].Heir = 0
	}
	g.restoreFrom(im)
	g.onAgenda()
	old := g.e.next
	for range 3 * forgetADay {
		g.next()
	}
	for id := range g.e.incidents.All() {
		if id < old {
			t.Fatalf("incident %d, of before the snapshot, is still there", id)
		}
	}
	for _, group := range g.e.groups {
		if group.inc < old {
			t.Fatalf("a group of incident %d, of before the snapshot, is still there", group.inc)
		}
	}
}

// Who put an alert where it was is known from outside: the engine forgot it.
func TestKeptAlertKnowsWhoPutItThere(t *testing.T) {
	t.Parallel()
	for _, manual := range []bool{false, true} {
		g := newAgeing(t)
		g.next()
		g.next()
		g.apply(Command{Kind: CommandKeep, Incident: g.homes[0], Alerts: []string{"lone 1"}, Manual: manual})
		if p := g.e.alerts["lone 1"]; p.inc != g.homes[0] || p.manual != manual {
			t.Errorf("in incident %d by a person: %v", p.inc, p.manual)
		}
	}
}
