package correlate_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/clew-sec/clew/correlate"
)

// outlived is a flow in which an alert was forgotten, and an update of it came that
// fits an incident of today. The second result is where the alert was.
func outlived(t *testing.T) (*flow, correlate.IncidentID) {
	t.Helper()
	m := *correlate.BuiltIn()
	m.Consider, m.Merge = -20, -20
	f := newFlow(correlate.Options{Model: &m, Horizon: 24 * time.Hour})
	old := finding{id: "old", rule: rules[0], at: begin, user: 1, device: 1, hash: 1}
	f.add(old.alert())
	home := f.home("old")
	for n := range 30 {
		f.add(finding{id: fmt.Sprint("hour ", n), rule: rules[n%8], at: begin.Add(time.Duration(n) * time.Hour), user: 100 + n, device: 100 + n}.alert())
	}
	f.add(finding{id: "today", rule: rules[0], at: begin.Add(30 * time.Hour), user: 2, device: 2, hash: 2}.alert())
	old.at, old.user, old.device, old.hash = begin.Add(30*time.Hour+time.Minute), 2, 2, 2
	if out := f.add(old.alert()); out.Update || f.home("old") != f.home("today") || f.home("old") == home {
		t.Fatalf("the update is not placed like a new alert that fits today's: %+v", out)
	}
	return f, home
}

// The alert is told back by a command; whether the engine may still make one of the
// two incidents depends on whether that was anybody's decision. The commands are in
// the form in which the log keeps them: that of an earlier version decides as it did.
func TestKeepingIsNoJudgement(t *testing.T) {
	t.Parallel()
	for text, merged := range map[string]bool{
		`{"seq":34,"kind":"keep","incident":%d,"alerts":["old"]}`:               true,
		`{"seq":34,"kind":"keep","incident":%d,"alerts":["old"],"manual":true}`: true,
		`{"seq":34,"kind":"move","incident":%d,"alerts":["old"]}`:               false,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			f, home := outlived(t)
			var c correlate.Command
			if err := json.Unmarshal(fmt.Appendf(nil, text, home), &c); err != nil {
				t.Fatal(err)
			}
			out, err := f.apply(c)
			if err != nil || out.Created || f.home("old") != home || f.home("today") == home {
				t.Fatalf("old in incident %d, today in %d: %+v %v", f.home("old"), f.home("today"), out, err)
			}
			if len(out.Moves) != 1 || out.Moves[0].Link.Manual == merged {
				t.Errorf("moves: %+v", out.Moves)
			}
			for n := range 6 {
				f.add(finding{id: fmt.Sprint("tie ", n), rule: rules[n], at: begin.Add(31*time.Hour + time.Duration(n)*time.Minute), user: 2, device: 2, hash: 2}.alert())
			}
			if got := f.home("today") == f.home("old"); got != merged {
				t.Errorf("old in incident %d, today in %d", f.home("old"), f.home("today"))
			}
		})
	}
}

func TestKeepNamesAnIncidentAndAlerts(t *testing.T) {
	t.Parallel()
	f := settled(t)
	for _, c := range []correlate.Command{
		{Kind: correlate.CommandKeep, Alerts: []string{"a000001"}},
		{Kind: correlate.CommandKeep, Incident: 99999, Alerts: []string{"a000001"}},
		{Kind: correlate.CommandKeep, Incident: 1, Alerts: []string{"nobody"}},
	} {
		if _, err := f.apply(c); err == nil {
			t.Errorf("took %+v", c)
		}
	}
}
