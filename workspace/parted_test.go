package workspace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// eagerEngine merges whatever shares something: only what people decided holds
// incidents apart.
func eagerEngine(o *workspace.Options) {
	eager := *correlate.BuiltIn()
	eager.Consider, eager.Merge = -20, -20
	engineOf(&eager)(o)
}

// lateOn is a later version of an alert of a month ago that names what an alert of
// today is about: the engine has forgotten it and its incident.
func lateOn(old *alert.Alert, today *alert.Alert) *alert.Alert {
	return newer(old, func(a *alert.Alert) {
		a.FirstActivityDateTime, a.LastActivityDateTime = today.FirstActivityDateTime, today.LastActivityDateTime
		a.Evidence = append(a.Evidence, today.Evidence...)
	})
}

// forgotten is a workspace with two incidents that a person did something with, a
// horizon and more after both went quiet.
func forgotten(t *testing.T, decide func(b *bench, one, two correlate.IncidentID)) (b *bench, one, two *alert.Alert) {
	b = newBench(t, eagerEngine)
	b.clock.set(epoch.AddDate(0, 0, 80))
	one, two = seenOn("one", "Odd program", "here", 0), seenOn("two", "Odd sign-in", "there", 0)
	b.ingest(one)
	b.ingest(two)
	ids := b.where("one", "two")
	decide(b, ids[0], ids[1])
	passDays(b, 1, 33)
	return b, one, two
}

// tie sends late versions of both alerts that name one thing, and alerts of today
// about it.
func tie(b *bench, one, two *alert.Alert, day int) {
	today := seenOn("", "", "both", 0)
	today.FirstActivityDateTime, today.LastActivityDateTime = epoch.AddDate(0, 0, day), epoch.AddDate(0, 0, day)
	b.ingest(lateOn(one, today))
	b.ingest(lateOn(two, today))
	for n := range 6 {
		b.ingest(seenOn(fmt.Sprint("today ", day, n), fmt.Sprint("Odd connection ", n), "both", time.Duration(day)))
	}
}

// What a person parted stays parted after the engine has forgotten both sides and
// late updates have brought them back.
func TestForgottenDecisionsHold(t *testing.T) {
	t.Parallel()
	for name, decide := range map[string]func(*bench, correlate.IncidentID, correlate.IncidentID){
		"merge undone": func(b *bench, one, two correlate.IncidentID) {
			_, merges, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{one, two}, workspace.Reason{})
			if err != nil {
				b.t.Fatal(err)
			}
			if _, _, err := b.w.UndoMerge(b.ctx, ada, merges[0].ID, "not one attack"); err != nil {
				b.t.Fatal(err)
			}
		},
		"alerts moved": func(b *bench, one, two correlate.IncidentID) {
			b.ingest(seenOn("more", "Odd program", "here", 0))
			if _, err := b.w.Move(b.ctx, ada, []string{"more"}, two, workspace.Reason{}); err != nil {
				b.t.Fatal(err)
			}
		},
		"different owners": func(b *bench, one, two correlate.IncidentID) {
			b.patch(one, workspace.Patch{Owner: ref("ada")})
			b.patch(two, workspace.Patch{Owner: ref("grace")})
		},
		"one resolved": func(b *bench, one, two correlate.IncidentID) {
			b.patch(one, workspace.Patch{Status: ref("resolved")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, one, two := forgotten(t, decide)
			tie(b, one, two, 33)
			if got := b.where("one", "two"); got[0] == got[1] {
				t.Errorf("both alerts are in incident %d", got[0])
			}
			b.check()
			b.restart()
			b.check()
		})
	}
}

// on is an alert that mentions programs on several devices.
func on(id string, day time.Duration, hosts ...string) *alert.Alert {
	a := seenOn(id, "Rule "+id, hosts[0], day)
	for _, host := range hosts[1:] {
		a.Evidence = append(a.Evidence, seenOn("", "", host, day).Evidence...)
	}
	return a
}

// What people decided about an incident holds for what the engine merges it into.
func TestDecisionsFollowMerges(t *testing.T) {
	t.Parallel()
	for name, decide := range map[string]func(b *bench, a, c, large correlate.IncidentID){
		"parted": func(b *bench, a, c, _ correlate.IncidentID) {
			_, merges, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{a, c}, workspace.Reason{})
			if err != nil {
				b.t.Fatal(err)
			}
			if _, _, err := b.w.UndoMerge(b.ctx, ada, merges[0].ID, ""); err != nil {
				b.t.Fatal(err)
			}
		},
		"classified differently": func(b *bench, a, c, large correlate.IncidentID) {
			b.patch(large, workspace.Patch{Owner: ref("ada")})
			b.patch(a, workspace.Patch{Classification: ref("truePositive"), Determination: ref("malware")})
			b.patch(c, workspace.Patch{Classification: ref("falsePositive"), Determination: ref("notMalicious")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, eagerEngine)
			b.ingest(on("a", 0, "a"))
			b.ingest(on("c", 0, "c"))
			for n := range 5 {
				b.ingest(on(fmt.Sprint("n", n), 0, "n"))
				b.ingest(on(fmt.Sprint("m", n), 0, "m"))
			}
			first := b.where("a", "c", "n1", "m1")
			decide(b, first[0], first[1], first[2])
			b.ingest(on("a to n", 0, "n", "a"))
			b.ingest(on("c to m", 0, "m", "c"))
			if got := b.where("a", "c", "n1", "m1"); got[0] != first[2] || got[0] != got[2] || got[1] != got[3] || got[0] == got[1] {
				t.Fatalf("the alerts are in incidents %v, from %v", got, first)
			}
			for n := range 4 {
				b.ingest(on(fmt.Sprint("tie ", n), 0, "n", "m"))
			}
			if got := b.where("a", "c"); got[0] == got[1] {
				t.Errorf("both alerts are in incident %d", got[0])
			}
			b.check()
			b.restart()
			b.check()
		})
	}
}

// An incident of an excluded rule that comes back after it was forgotten is fed by
// that rule only.
func TestForgottenExclusionHolds(t *testing.T) {
	t.Parallel()
	b := newBench(t, eagerEngine)
	b.clock.set(epoch.AddDate(0, 0, 80))
	if _, err := b.w.SetRule(b.ctx, ada, correlate.RuleControl{Rule: "Odd program", State: correlate.RuleDisabled}, workspace.SettingsChange{}); err != nil {
		t.Fatal(err)
	}
	one, two := seenOn("one", "Odd program", "here", 0), seenOn("two", "Odd sign-in", "there", 0)
	b.ingest(one)
	b.ingest(two)
	passDays(b, 1, 33)
	tie(b, one, two, 33)
	home := b.where("one")[0]
	for n := range 6 {
		if id := fmt.Sprint("today ", 33, n); b.where(id)[0] == home {
			t.Errorf("%s came to the incident of the excluded rule", id)
		}
	}
	if i := b.incident(home); i.Tally.Alerts != 1 || i.Status == incident.Redirected {
		t.Errorf("the incident of the excluded rule has %d alerts and is %s", i.Tally.Alerts, i.Status)
	}
	b.check()
	b.restart()
	b.check()
}

// older hides what an engine says of forgetting, as one of an earlier version does:
// nobody tells it what people decided.
type older struct{ correlate.Correlator }

func olderEngine(o *workspace.Options) {
	eagerEngine(o)
	make, restore := o.NewEngine, o.RestoreEngine
	o.NewEngine = func() correlate.Correlator { return older{make()} }
	o.RestoreEngine = func(snapshot []byte) (correlate.Correlator, error) {
		e, err := restore(snapshot)
		return older{e}, err
	}
}

// An engine whose snapshot or log is of a version that forgot people's decisions is
// told them at the start, and what its pairs of incidents stand for is found out.
func TestEarlierVersionIsReminded(t *testing.T) {
	t.Parallel()
	for name, without := range map[string]bool{"from its checkpoint": false, "from its log": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, olderEngine)
			b.clock.set(epoch.AddDate(0, 0, 80))
			one, two, other := seenOn("one", "Odd program", "here", 0), seenOn("two", "Odd sign-in", "there", 0), seenOn("other", "Odd mail", "far", 0)
			for _, a := range []*alert.Alert{one, two, other} {
				b.ingest(a)
			}
			ids := b.where("one", "two", "other")
			_, merges, err := b.w.Merge(b.ctx, ada, ids[:2], workspace.Reason{})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := b.w.UndoMerge(b.ctx, ada, merges[0].ID, ""); err != nil {
				t.Fatal(err)
			}
			b.patch(ids[2], workspace.Patch{Owner: ref("ada")})
			into, _, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{ids[0], ids[2]}, workspace.Reason{})
			if err != nil {
				t.Fatal(err)
			}
			passDays(b, 1, 33)
			for _, a := range []*alert.Alert{one, two} { // both are known again, and apart from nothing
				b.ingest(newer(a, func(a *alert.Alert) { a.LastActivityDateTime = epoch.AddDate(0, 0, 33) }))
			}
			b.close()
			asMigrated := store.Parting{Pair: correlate.Pair{A: ids[0], B: ids[1]}, NowA: ids[0], NowB: ids[1]}
			at := b.position()
			if err := b.st.Commit(b.ctx, &store.Change{Workspace: b.opt.Name, PrevSeq: at, Seq: at, At: epoch, Partings: []store.Parting{asMigrated}}); err != nil {
				t.Fatal(err)
			}
			eagerEngine(&b.opt)
			if without {
				b.opt.Store = noCheckpoints{b.opt.Store}
			}
			b.open()
			pairs, err := b.st.Partings(b.ctx, b.opt.Name, ids[1])
			if err != nil || len(pairs) != 1 || pairs[0].NowA != into && pairs[0].NowB != into {
				t.Errorf("%+v %v, one of which stands for incident %d", pairs, err, into)
			}
			tie(b, one, two, 33)
			if got := b.where("one", "two"); got[0] == got[1] {
				t.Errorf("both alerts are in incident %d", got[0])
			}
			if i := b.incident(into); i.Owner != "ada" {
				t.Errorf("owner %q", i.Owner)
			}
		})
	}
}
