package correlate_test

import (
	"slices"
	"testing"

	"github.com/clew-sec/clew/correlate"
	"pgregory.net/rapid"
)

// parted is a decision that two alerts do not belong together.
type parted struct{ a, b string }

// Whatever comes, the engine never brings together again what an analyst took
// apart, be it by a move, a split or the undoing of a merge.
func TestAnalystsWin(t *testing.T) {
	t.Parallel()
	as := company(12, 260)
	rapid.Check(t, func(t *rapid.T) {
		f := newFlow(correlate.Options{})
		for _, a := range as[:120] {
			f.add(a)
		}
		var apart []parted
		for _, a := range as[120:] {
			if rapid.IntRange(0, 12).Draw(t, "act") == 0 {
				apart = append(apart, partSomething(t, f)...)
			}
			f.add(a)
		}
		for _, p := range apart {
			if f.home(p.a) == f.home(p.b) {
				t.Fatalf("%s and %s are together in incident %d, though an analyst took them apart", p.a, p.b, f.home(p.a))
			}
		}
	})
}

// partSomething takes one alert out of an incident that holds others, or merges
// two incidents and undoes it, and gives what is apart from then on.
func partSomething(t *rapid.T, f *flow) []parted {
	homes := map[correlate.IncidentID][]string{}
	for id := range f.where {
		homes[f.home(id)] = append(homes[f.home(id)], id)
	}
	var large []correlate.IncidentID
	for h, ids := range homes {
		slices.Sort(ids)
		if len(ids) > 1 {
			large = append(large, h)
		}
	}
	slices.Sort(large)
	if len(large) < 2 {
		return nil
	}
	h := rapid.SampledFrom(large).Draw(t, "incident")
	if rapid.Bool().Draw(t, "move") {
		out := rapid.SampledFrom(homes[h]).Draw(t, "alert")
		if _, err := f.apply(correlate.Command{Kind: correlate.CommandMove, Alerts: []string{out}}); err != nil {
			t.Fatal(err)
		}
		stays := slices.DeleteFunc(slices.Clone(homes[h]), func(id string) bool { return id == out })
		return []parted{{out, stays[0]}}
	}
	o := rapid.SampledFrom(large).Draw(t, "other")
	if o == h {
		return nil
	}
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandMerge, Incident: h, Sources: []correlate.IncidentID{o}}); err != nil {
		return nil
	}
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandUndoMerge, Incident: h, Sources: []correlate.IncidentID{o}, Alerts: homes[o]}); err != nil {
		t.Fatal(err)
	}
	return []parted{{homes[h][0], homes[o][0]}}
}

// The work for an alert is bounded: however much is kept and however many
// incidents share something with it, no more than a few are weighed and compared.
func TestBoundedWork(t *testing.T) {
	t.Parallel()
	weighed, compared, most := 0, 0, 0
	opt := correlate.Options{
		Trace:     func(d *correlate.Decision) { weighed = len(d.Candidates) },
		TracePair: func(*correlate.PairDecision) { compared++ },
	}
	f := newFlow(opt)
	for _, a := range company(13, 4000) {
		weighed, compared = 0, 0
		f.add(a)
		most = max(most, weighed)
		if weighed > 8 || compared > 8 {
			t.Fatalf("%d incidents weighed, %d compared for one alert", weighed, compared)
		}
	}
	if most < 4 {
		t.Errorf("at most %d incidents were weighed: the stream proves nothing", most)
	}
}
