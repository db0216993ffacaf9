package correlate_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/clew-sec/clew/correlate"
)

// attack adds n alerts that any engine would put together.
func attack(f *flow, prefix string, who, n int) []string {
	var ids []string
	for i := range n {
		id := fmt.Sprint(prefix, i)
		f.add(finding{id: id, rule: rules[i%8], category: categories[i%8], at: begin.Add(time.Duration(i) * 4 * time.Minute), user: who, device: who, hash: 900 + who, ip: fmt.Sprintf("203.0.113.%d", who)}.alert())
		ids = append(ids, id)
	}
	return ids
}

func settled(t *testing.T) *flow {
	t.Helper()
	return newFlow(correlate.Options{}).all(company(6, 600))
}

func TestStoryHoldsTogether(t *testing.T) {
	t.Parallel()
	f := settled(t)
	ids := attack(f, "x", 450, 6)
	for _, id := range ids[1:] {
		if f.home(id) != f.home(ids[0]) {
			t.Errorf("%s is in incident %d, %s in %d", id, f.home(id), ids[0], f.home(ids[0]))
		}
	}
}

func TestRefusalsClosedIncidentsAreNotFed(t *testing.T) {
	t.Parallel()
	f := settled(t)
	ids := attack(f, "x", 450, 3)
	closed := f.home(ids[0])
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandState, Incident: closed, State: correlate.State{Closed: true}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range attack(f, "y", 450, 6) {
		if f.home(id) == closed {
			t.Errorf("%s fed the closed incident", id)
		}
	}
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandMerge, Incident: closed, Sources: []correlate.IncidentID{f.home("y0")}}); !errors.Is(err, correlate.ErrRefused) {
		t.Errorf("merged with a closed incident: %v", err)
	}
}

func TestRefusalsDifferentCaseWork(t *testing.T) {
	t.Parallel()
	for name, states := range map[string][2]correlate.State{
		"owner":          {{Owner: "amy"}, {Owner: "bo"}},
		"classification": {{Classification: "truePositive"}, {Classification: "falsePositive"}},
		"determination":  {{Determination: "malware"}, {Determination: "phishing"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := settled(t)
			a, b := f.home("a000001"), f.home(attack(f, "x", 450, 1)[0])
			for i, id := range []correlate.IncidentID{a, b} {
				if _, err := f.apply(correlate.Command{Kind: correlate.CommandState, Incident: id, State: states[i]}); err != nil {
					t.Fatal(err)
				}
			}
			before := snapshot(t, f.engine)
			if _, err := f.apply(correlate.Command{Kind: correlate.CommandMerge, Incident: a, Sources: []correlate.IncidentID{b}}); !errors.Is(err, correlate.ErrRefused) {
				t.Errorf("merged: %v", err)
			}
			if string(before) != string(snapshot(t, f.engine)) {
				t.Error("a refused command changed something")
			}
		})
	}
}

// What an analyst moved away stays away, whatever comes.
func TestAnalystsWinOverMoves(t *testing.T) {
	t.Parallel()
	f := settled(t)
	ids := attack(f, "x", 450, 4)
	from := f.home(ids[0])
	out, err := f.apply(correlate.Command{Kind: correlate.CommandMove, Alerts: []string{ids[3]}})
	if err != nil || !out.Created || len(out.Moves) != 1 || !out.Moves[0].Link.Manual {
		t.Fatalf("%+v %v", out, err)
	}
	split := out.Incident
	attack(f, "y", 450, 12)
	if f.home(ids[3]) != split || f.home(ids[0]) != from {
		t.Errorf("moved alert in %d (want %d), the rest in %d (want %d)", f.home(ids[3]), split, f.home(ids[0]), from)
	}
}

func TestReversibleMerge(t *testing.T) {
	t.Parallel()
	f := settled(t)
	xs, ys := attack(f, "x", 450, 3), attack(f, "y", 451, 3)
	a, b := f.home(xs[0]), f.home(ys[0])
	if a == b {
		t.Fatal("two unrelated attacks are one")
	}
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandMerge, Incident: a, Sources: []correlate.IncidentID{b}}); err != nil {
		t.Fatal(err)
	}
	later := attack(f, "z", 451, 2)
	if f.home(later[0]) != a {
		t.Errorf("after the merge %s goes to %d, not to %d", later[0], f.home(later[0]), a)
	}
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandUndoMerge, Incident: a, Sources: []correlate.IncidentID{b}, Alerts: ys}); err != nil {
		t.Fatal(err)
	}
	for _, id := range ys {
		if f.home(id) != b {
			t.Errorf("%s is in %d, not back in %d", id, f.home(id), b)
		}
	}
	attack(f, "w", 450, 6)
	attack(f, "v", 451, 6)
	if f.home(xs[0]) != a || f.home(ys[0]) != b {
		t.Error("the undone merge was repeated")
	}
}

func TestCommandErrors(t *testing.T) {
	t.Parallel()
	f := settled(t)
	for _, c := range []struct {
		cmd  correlate.Command
		want error
	}{
		{correlate.Command{Kind: correlate.CommandState, Incident: 99999}, correlate.ErrNoIncident},
		{correlate.Command{Kind: correlate.CommandState}, correlate.ErrNoIncident},
		{correlate.Command{Kind: correlate.CommandMove, Alerts: []string{"nobody"}}, correlate.ErrNoAlert},
		{correlate.Command{Kind: correlate.CommandMove, Incident: 99999, Alerts: []string{"a000001"}}, correlate.ErrNoIncident},
		{correlate.Command{Kind: correlate.CommandMerge, Incident: 1, Sources: []correlate.IncidentID{1}}, correlate.ErrRefused},
		{correlate.Command{Kind: correlate.CommandUndoMerge, Incident: f.home("a000001"), Sources: []correlate.IncidentID{f.home("a000001")}}, correlate.ErrRefused},
		{correlate.Command{Kind: "dance"}, correlate.ErrRefused},
	} {
		before := snapshot(t, f.engine)
		if _, err := f.apply(c.cmd); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.cmd, err, c.want)
		}
		if string(before) != string(snapshot(t, f.engine)) {
			t.Errorf("%+v changed something", c.cmd)
		}
	}
}

// A new version of an alert stays where it is and may bring entities.
func TestUpdateStays(t *testing.T) {
	t.Parallel()
	f := settled(t)
	ids := attack(f, "x", 450, 3)
	was := f.home(ids[1])
	again := finding{id: ids[1], rule: rules[1], at: begin.Add(4 * time.Minute), user: 450, device: 450, hash: 77777}.alert()
	out := f.add(again)
	if !out.Update || out.Created || f.home(ids[1]) != was {
		t.Errorf("%+v", out)
	}
	if len(out.Entities) == 0 {
		t.Error("an update resolves no entities")
	}
}

func TestRefusalsExcludedRulesStayAlone(t *testing.T) {
	t.Parallel()
	rule := finding{rule: rules[0]}.alert().Rule()
	f := newFlow(correlate.Options{})
	f.set(t, correlate.Settings{Rules: []correlate.RuleControl{{Rule: rule, State: correlate.RuleDisabled}}})
	f.all(company(7, 500))
	byIncident := map[correlate.IncidentID]map[string]bool{}
	for _, a := range company(7, 500) {
		h := f.home(a.ID)
		if byIncident[h] == nil {
			byIncident[h] = map[string]bool{}
		}
		byIncident[h][a.Rule()] = true
	}
	for h, rules := range byIncident {
		if rules[rule] && len(rules) > 1 {
			t.Errorf("incident %d mixes an excluded rule with others", h)
		}
	}
}

// A command that is refused leaves nothing behind, also where it names incidents
// that were forgotten: no replay repeats it.
func TestRefusedCommandsChangeNothing(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{Horizon: 24 * time.Hour})
	old := attack(f, "old", 450, 3)
	for i := range 200 {
		f.add(finding{id: fmt.Sprint("later", i), rule: rules[i%8], at: begin.Add(time.Duration(i) * time.Hour), user: 100 + i}.alert())
	}
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandState, Incident: f.home("later199"), State: correlate.State{Closed: true}}); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, f.engine)
	for _, c := range []correlate.Command{
		{Kind: correlate.CommandMerge, Incident: f.home(old[0]), Sources: []correlate.IncidentID{f.home("later199")}},
		{Kind: correlate.CommandMerge, Incident: f.home("later198"), Sources: []correlate.IncidentID{f.home(old[0]), f.home(old[0])}},
		{Kind: correlate.CommandUndoMerge, Incident: f.home(old[0]), Sources: []correlate.IncidentID{f.home("later198")}},
	} {
		if _, err := f.engine.Apply(c); !errors.Is(err, correlate.ErrRefused) {
			t.Errorf("%+v: %v", c, err)
		}
		if !bytes.Equal(before, snapshot(t, f.engine)) {
			t.Fatalf("%+v was refused and changed something", c)
		}
	}
}
