package correlate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func snapshot(t interface{ Fatal(...any) }, e *correlate.Engine) []byte {
	b, err := e.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDeterministic(t *testing.T) {
	t.Parallel()
	as := company(1, 1500)
	a, b := newFlow(correlate.Options{}).all(as), newFlow(correlate.Options{}).all(as)
	if diff := cmp.Diff(a.outs, b.outs); diff != "" {
		t.Fatal(diff)
	}
	if !bytes.Equal(snapshot(t, a.engine), snapshot(t, b.engine)) {
		t.Error("equal input, different state")
	}
}

// A restart from a snapshot, at any place and any number of times, with analysts'
// commands in between, changes nothing.
func TestBatchingChangesNothing(t *testing.T) {
	t.Parallel()
	as := company(2, 160)
	rapid.Check(t, func(t *rapid.T) {
		whole, parted := newFlow(correlate.Options{}), newFlow(correlate.Options{})
		for i, a := range as[:rapid.IntRange(40, len(as)).Draw(t, "alerts")] {
			if rapid.IntRange(0, 60).Draw(t, "restart") == 0 {
				e, err := correlate.Restore(snapshot(t, parted.engine), correlate.Options{})
				if err != nil {
					t.Fatal(err)
				}
				parted.engine = e
			}
			if i > 10 && rapid.IntRange(0, 40).Draw(t, "command") == 0 {
				c := command(t, whole, as[:i])
				_, err1 := whole.apply(c)
				_, err2 := parted.apply(c)
				if fmt.Sprint(err1) != fmt.Sprint(err2) {
					t.Fatalf("%+v: %v and %v", c, err1, err2)
				}
			}
			if diff := cmp.Diff(whole.add(a), parted.add(a)); diff != "" {
				t.Fatal(diff)
			}
		}
		if !bytes.Equal(snapshot(t, whole.engine), snapshot(t, parted.engine)) {
			t.Fatal("the states differ")
		}
	})
}

// command draws something an analyst may do.
func command(t *rapid.T, f *flow, as []*alert.Alert) correlate.Command {
	pick := func() string { return as[rapid.IntRange(0, len(as)-1).Draw(t, "alert")].ID }
	a, b := pick(), pick()
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return correlate.Command{Kind: correlate.CommandMove, Alerts: []string{a}}
	case 1:
		return correlate.Command{Kind: correlate.CommandMove, Alerts: []string{a}, Incident: f.home(b)}
	case 2:
		return correlate.Command{Kind: correlate.CommandMerge, Incident: f.home(a), Sources: []correlate.IncidentID{f.home(b)}}
	}
	return correlate.Command{Kind: correlate.CommandState, Incident: f.home(a), State: correlate.State{Owner: rapid.SampledFrom([]string{"amy", "bo"}).Draw(t, "owner")}}
}

// Every alert is in exactly one incident, every incident of an outcome was made
// by an earlier one, ids grow by one, and nothing is silently dropped.
func TestBalance(t *testing.T) {
	t.Parallel()
	as := company(3, 3000)
	f := newFlow(correlate.Options{})
	made := map[correlate.IncidentID]bool{}
	for _, a := range as {
		out := f.add(a)
		if out.Created {
			at := out.Incident
			if len(out.Merges) > 0 {
				at = correlate.IncidentID(len(made) + 1)
			}
			if made[at] || int(at) != len(made)+1 {
				t.Fatalf("incident %d made after %d others", at, len(made))
			}
			made[at] = true
		}
		if out.AlertID != a.ID || !made[out.Incident] {
			t.Fatalf("alert %s is in incident %d, which nobody made", out.AlertID, out.Incident)
		}
		for _, m := range out.Merges {
			if !made[m.From] || !made[m.Into] || m.From == m.Into {
				t.Fatalf("merge %+v", m)
			}
		}
		if l := out.Link; len(l.Alerts) > 5 || len(l.Entities) > 8 || len(l.Facts) > 5 || l.Score < 0 || l.Score > 1 {
			t.Fatalf("link out of bounds: %+v", l)
		}
		if !out.Created && (len(out.Link.Facts) == 0 || len(out.Link.Reasons) == 0 || len(out.Link.Alerts) == 0) && out.Link.Score < 1 {
			t.Fatalf("a link that explains nothing: %+v", out.Link)
		}
	}
	if len(f.where) != len(as) {
		t.Errorf("%d alerts placed of %d", len(f.where), len(as))
	}
}

// Within the lateness bound shuffled arrival ends in nearly the same incidents.
// The tolerance is measured here and printed.
func TestNearlyOrderFree(t *testing.T) {
	t.Parallel()
	as := company(4, 2500)
	straight := newFlow(correlate.Options{}).all(as)
	truth := evaluate.Truth{}
	for _, a := range as {
		truth[a.ID] = evaluate.Label{ID: a.ID, Incident: fmt.Sprint(straight.home(a.ID))}
	}
	worst := 1.0
	for seed := range uint64(4) {
		f := newFlow(correlate.Options{}).all(shuffled(as, seed, 24*time.Hour))
		got := map[string]string{}
		for _, a := range as {
			got[a.ID] = fmt.Sprint(f.home(a.ID))
		}
		r := evaluate.Score(truth, got)
		worst = min(worst, r.B3)
	}
	t.Logf("agreement (B-cubed F1) of shuffled with straight arrival: at least %.3f", worst)
	if worst < 0.75 {
		t.Errorf("order matters too much: agreement %.3f", worst)
	}
}

// shuffled moves each alert to somewhere within the window.
func shuffled(as []*alert.Alert, seed uint64, window time.Duration) []*alert.Alert {
	r := rand.New(rand.NewPCG(seed, 3))
	type late struct {
		at time.Time
		a  *alert.Alert
	}
	ls := make([]late, len(as))
	for i, a := range as {
		ls[i] = late{a.CreatedDateTime.Add(time.Duration(r.Int64N(int64(window)))), a}
	}
	for i := range ls {
		for k := i; k > 0 && ls[k].at.Before(ls[k-1].at); k-- {
			ls[k], ls[k-1] = ls[k-1], ls[k]
		}
	}
	out := make([]*alert.Alert, len(ls))
	for i, l := range ls {
		c := *l.a
		c.CreatedDateTime = l.at
		out[i] = &c
	}
	return out
}

// Memory follows the horizon, not the length of the stream.
func TestBoundedMemory(t *testing.T) {
	t.Parallel()
	opt := correlate.Options{Horizon: 24 * time.Hour}
	f := newFlow(opt)
	var sizes []int
	for i := range 12_000 {
		at := begin.Add(time.Duration(i) * 5 * time.Minute)
		f.add(finding{id: fmt.Sprint(i), rule: rules[i%3], at: at, user: 1 + i, device: 1 + i%4000, hash: 1 + i}.alert())
		f.outs = nil
		if i%3000 == 2999 {
			sizes = append(sizes, len(snapshot(t, f.engine)))
		}
	}
	t.Logf("state after each 3,000 alerts (10 days): %d bytes", sizes)
	if last := len(sizes) - 1; float64(sizes[last]) > 1.3*float64(sizes[0]) {
		t.Errorf("the state grows: %d", sizes)
	}
}

// An entity that is everywhere links nothing by itself.
func TestBoundedHubLinksNothing(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{})
	for i := range 3000 {
		f.add(finding{id: fmt.Sprint(i), rule: rules[i%8], at: begin.Add(time.Duration(i) * time.Minute), user: 1 + i, ip: "198.51.100.1"}.alert())
	}
	sizes := map[correlate.IncidentID]int{}
	most := 0
	// What is everywhere must be learnt first; the beginning does not count.
	const learning = 600
	for i := learning; i < 3000; i++ {
		h := f.home(fmt.Sprint(i))
		sizes[h]++
		most = max(most, sizes[h])
	}
	t.Logf("largest incident: %d alerts", most)
	if most > 48 {
		t.Errorf("%d of 2,400 alerts that share only the exit address are one incident", most)
	}
}

// A flood is folded, and counted whole.
func TestNoSilentCap(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{})
	for i := range 50_000 {
		f.add(finding{id: fmt.Sprint(i), rule: "Directory scan", at: begin.Add(time.Duration(i) * 25 * time.Millisecond), device: 7}.alert())
	}
	repeats := 0
	for _, out := range f.outs {
		if f.home(out.AlertID) != f.home("0") {
			t.Fatalf("alert %s of the flood is elsewhere", out.AlertID)
		}
		if len(out.Link.Reasons) == 1 && out.Link.Reasons[0] == correlate.RepeatedAlertOccurrence {
			repeats++
		}
	}
	if repeats != 49_999 || len(f.where) != 50_000 {
		t.Errorf("%d repeats, %d alerts", repeats, len(f.where))
	}
}

func TestRestoreRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	good := snapshot(t, newFlow(correlate.Options{}).all(company(5, 200)).engine)
	for _, bad := range [][]byte{nil, []byte("clew engine 0\nx"), good[:len(good)/2], append(bytes.Clone(good[:20]), 1, 2, 3)} {
		if _, err := correlate.Restore(bad, correlate.Options{}); err == nil {
			t.Errorf("took %d bytes", len(bad))
		}
	}
}
