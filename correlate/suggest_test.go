package correlate_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
)

// suggested follows the outcomes of a flow: what a reader of them holds to be open.
type suggested map[correlate.Pair]correlate.Suggestion

func (s suggested) take(out correlate.Outcome) {
	for _, p := range out.Withdrawn {
		delete(s, p)
	}
	for _, x := range out.Suggestions {
		s[x.Pair] = x
	}
}

func suggestedBy(outs []correlate.Outcome) suggested {
	s := suggested{}
	for _, out := range outs {
		s.take(out)
	}
	return s
}

// eager has a model that merges whatever an alert ties together, so that what
// keeps two incidents apart is the rule under test and not the score.
func eager() *flow {
	m := *correlate.BuiltIn()
	m.Consider, m.Merge = -20, -20
	return newFlow(correlate.Options{Model: &m})
}

// campaign makes two intrusions that cross in a few weak ways.
func campaign(f *flow, n int) {
	for i := range n {
		at := begin.Add(time.Duration(200+i*7) * time.Minute)
		f.add(finding{id: fmt.Sprint("m", i), rule: rules[i%8], category: categories[i%8], at: at, user: 460, device: 460, hash: 960}.alert())
		f.add(finding{id: fmt.Sprint("n", i), rule: rules[(i+3)%8], category: categories[(i+3)%8], at: at.Add(time.Minute), user: 461, device: 461, hash: 961}.alert())
	}
}

func TestSuggestionsAreBoundedAndCurrent(t *testing.T) {
	t.Parallel()
	as := company(21, 1200)
	rapid.Check(t, func(t *rapid.T) {
		f, open := newFlow(correlate.Options{}), suggested{}
		from := rapid.IntRange(0, 900).Draw(t, "from")
		closed := map[correlate.IncidentID]bool{}
		for i, a := range as[from : from+300] {
			open.take(f.add(a))
			if i > 50 && rapid.IntRange(0, 25).Draw(t, "close") == 0 {
				h := f.home(rapid.SampledFrom(as[from:from+i]).Draw(t, "alert").ID)
				out, err := f.apply(correlate.Command{Kind: correlate.CommandState, Incident: h, State: correlate.State{Closed: true}})
				if err != nil {
					t.Fatal(err)
				}
				open.take(out)
				closed[h] = true
			}
			if i > 50 && rapid.IntRange(0, 25).Draw(t, "command") == 0 {
				if out, err := f.apply(command(t, f, as[from:from+i])); err == nil {
					open.take(out)
					delete(closed, out.Incident)
				}
			}
			f.outs = nil
		}
		per := map[correlate.IncidentID]int{}
		for p, s := range open {
			per[p.A]++
			per[p.B]++
			if p.A >= p.B || f.into[p.A] != 0 || f.into[p.B] != 0 || closed[p.A] || closed[p.B] {
				t.Fatalf("%+v is suggested; merged %d %d, closed %v %v", p, f.into[p.A], f.into[p.B], closed[p.A], closed[p.B])
			}
			if s.Score <= 0 || s.Score >= 1 || len(s.Link.Facts) == 0 || len(s.Link.Reasons) == 0 || s.Alert == "" {
				t.Fatalf("a suggestion that explains nothing: %+v", s)
			}
		}
		for id, n := range per {
			if n > 5 {
				t.Fatalf("incident %d has %d suggestions", id, n)
			}
		}
	})
}

func TestStreamsGiveSuggestions(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{}).all(company(22, 3000))
	open := suggestedBy(f.outs)
	t.Logf("%d suggestions are open after 3,000 alerts", len(open))
	if len(open) == 0 || len(open) > 600 {
		t.Errorf("%d suggestions", len(open))
	}
}

// What case work forbids to merge is suggested instead, and says what forbids it.
func TestRefusedMergeIsSuggested(t *testing.T) {
	t.Parallel()
	f := eager()
	campaign(f, 3)
	a, b := f.home("m0"), f.home("n0")
	if a == b {
		t.Fatal("two unrelated intrusions are one")
	}
	for id, owner := range map[correlate.IncidentID]string{a: "amy", b: "bo"} {
		if _, err := f.apply(correlate.Command{Kind: correlate.CommandState, Incident: id, State: correlate.State{Owner: owner}}); err != nil {
			t.Fatal(err)
		}
	}
	f.outs = nil
	tie(f, 8)
	got, ok := suggestedBy(f.outs)[correlate.Pair{A: min(a, b), B: max(a, b)}]
	if !ok || got.Kind != correlate.SuggestRefused || got.Refusal != "owner" {
		t.Errorf("%+v", got)
	}
	if f.home("m0") == f.home("n0") {
		t.Error("the two were merged though their owners differ")
	}
}

// An incident of which all alerts were moved away is suggested no more: nobody is
// asked about it, and it takes no room from others.
func TestEmptiedIncidentIsNotSuggested(t *testing.T) {
	t.Parallel()
	f := eager()
	campaign(f, 3)
	a, b := f.home("m0"), f.home("n0")
	for id, owner := range map[correlate.IncidentID]string{a: "amy", b: "bo"} {
		if _, err := f.apply(correlate.Command{Kind: correlate.CommandState, Incident: id, State: correlate.State{Owner: owner}}); err != nil {
			t.Fatal(err)
		}
	}
	tie(f, 8)
	var all []string
	for _, out := range f.outs {
		if f.home(out.AlertID) == a {
			all = append(all, out.AlertID)
		}
	}
	open := suggestedBy(f.outs)
	if len(open) == 0 {
		t.Fatal("nothing is suggested")
	}
	out, err := f.apply(correlate.Command{Kind: correlate.CommandMove, Sources: []correlate.IncidentID{a}, Alerts: all})
	if err != nil {
		t.Fatal(err)
	}
	open.take(out)
	if len(open) > 0 {
		t.Errorf("still suggested: %v", open)
	}
}

// tie adds alerts that name both intrusions of the campaign.
func tie(f *flow, n int) {
	for i := range n {
		at := begin.Add(time.Duration(230+i*3) * time.Minute)
		a := finding{id: fmt.Sprint("t", i), rule: rules[i%8], category: categories[i%8], at: at, user: 460, device: 461, hash: 960}.alert()
		a.Evidence = append(a.Evidence, finding{user: 461, device: 460, hash: 961}.alert().Evidence...)
		f.add(a)
	}
}

// A rejected pair is neither merged nor suggested, whatever comes; taking the
// rejection back lets the engine decide again.
func TestRejectionIsAConstraint(t *testing.T) {
	t.Parallel()
	for _, back := range []bool{false, true} {
		f := eager()
		campaign(f, 3)
		a, b := f.home("m0"), f.home("n0")
		for _, kind := range []correlate.CommandKind{correlate.CommandReject, correlate.CommandUnreject} {
			if kind == correlate.CommandReject || back {
				if _, err := f.apply(correlate.Command{Kind: kind, Incident: a, Sources: []correlate.IncidentID{b}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		f.outs = nil
		tie(f, 12)
		merged := f.home("m0") == f.home("n0")
		_, open := suggestedBy(f.outs)[correlate.Pair{A: min(a, b), B: max(a, b)}]
		if merged != back || open && !back {
			t.Errorf("taken back %v: merged %v, suggested %v", back, merged, open)
		}
	}
}

func TestRejectionErrors(t *testing.T) {
	t.Parallel()
	f := settled(t)
	ids := attack(f, "x", 450, 3)
	x := f.home(ids[0])
	for _, c := range []struct {
		cmd  correlate.Command
		want error
	}{
		{correlate.Command{Incident: x}, correlate.ErrRefused},
		{correlate.Command{Incident: x, Sources: []correlate.IncidentID{x}}, correlate.ErrRefused},
		{correlate.Command{Incident: x, Sources: []correlate.IncidentID{99999}}, correlate.ErrNoIncident},
	} {
		for _, kind := range []correlate.CommandKind{correlate.CommandReject, correlate.CommandUnreject} {
			c.cmd.Kind = kind
			if _, err := f.apply(c.cmd); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v", c.cmd, err)
			}
		}
	}
}

// The link of a suggestion names what both sides share.
func TestSuggestionsExplainThemselves(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{}).all(company(22, 3000))
	explained := 0
	for _, s := range suggestedBy(f.outs) {
		if len(s.Link.Entities) > 0 && slices.ContainsFunc(s.Link.Facts, func(x correlate.Fact) bool { return x.Text != "" }) {
			explained++
		}
	}
	if explained == 0 {
		t.Error("no suggestion names a shared entity")
	}
}
