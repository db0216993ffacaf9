package workspace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/workspace"
)

// seenOn is an alert about a program on a device on some day after the epoch.
func seenOn(id, rule, device string, day time.Duration) *alert.Alert {
	at := epoch.Add(day * 24 * time.Hour)
	return &alert.Alert{
		ID: id, Title: rule, DetectorID: rule, Severity: alert.SeverityHigh, Category: "Execution", ServiceSource: "microsoftDefenderForEndpoint",
		ProductName: "One", CreatedDateTime: at, LastUpdateDateTime: at, FirstActivityDateTime: at, LastActivityDateTime: at.Add(time.Minute),
		Evidence: []alert.Evidence{
			&alert.DeviceEvidence{DeviceDNSName: device + ".corp.example"},
			&alert.FileEvidence{FileDetails: &alert.FileDetails{FileName: "evil.exe", SHA256: fmt.Sprintf("%064x", device)}},
		},
	}
}

// passDays lets an alert come on each day that has nothing to do with others: the
// clock of the engine is that of the stream.
func passDays(b *bench, from, to int) {
	b.t.Helper()
	for n := from; n <= to; n++ {
		b.ingest(seenOn(fmt.Sprintf("day %d", n), fmt.Sprintf("Rule %d", n), fmt.Sprintf("host%d", n), time.Duration(n)))
	}
}

// The engine forgets an alert a horizon after it came, and knows its incident for
// longer where an update has touched that. When such an alert is moved and leaves
// its incident empty, nothing goes into the incident or is suggested with it again.
func TestForgottenAlertLeavesItsIncidentEmpty(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]*alert.Alert{
		"a repeat":            seenOn("late", "Odd program", "host", 29),
		"a related detection": seenOn("late", "Odd connection", "host", 29),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, realEngine)
			b.clock.set(epoch.AddDate(0, 0, 40))
			first := seenOn("first", "Odd program", "host", 0)
			b.ingest(first)
			b.ingest(seenOn("other", "Odd sign-in", "elsewhere", 0))
			passDays(b, 1, 29)
			b.ingest(newer(first, func(a *alert.Alert) { a.LastActivityDateTime = late.FirstActivityDateTime }))
			passDays(b, 30, 33)
			if _, err := b.w.Move(b.ctx, ada, []string{"first"}, b.alert("other").Incident, workspace.Reason{}); err != nil {
				t.Fatal(err)
			}
			if i := b.incident(1); i.Status != incident.Redirected {
				t.Fatalf("the incident that was emptied is %s", i.Status)
			}
			b.ingest(late)
			if got := b.where("late"); got[0] == correlate.IncidentID(1) {
				t.Error("the alert went into the incident that was emptied")
			}
			b.check()
			b.restart()
			b.check()
		})
	}
}

// Of a large incident that was merged the engine forgets more than it looks at with
// one alert. A late update of what is left stays in the target, also when it ties
// that to incidents of today.
func TestLateUpdateOfAForgottenMerge(t *testing.T) {
	t.Parallel()
	eager := *correlate.BuiltIn()
	eager.Consider, eager.Merge = -20, -20
	b := newBench(t, engineOf(&eager))
	b.clock.set(epoch.AddDate(0, 0, 40))
	var last *alert.Alert
	for n := range 20 {
		for _, host := range []string{"one", "two"} {
			last = seenOn(fmt.Sprint(host, n), fmt.Sprintf("Odd program %d on %s", n, host), host, 0)
			b.ingest(last)
		}
	}
	into, _, err := b.w.Merge(b.ctx, ada, b.where("one0", "two0"), workspace.Reason{})
	if err != nil {
		t.Fatal(err)
	}
	passDays(b, 1, 31)
	b.ingest(newer(last, func(a *alert.Alert) {
		a.LastActivityDateTime = epoch.AddDate(0, 0, 31)
		for _, host := range []string{"host30", "host31"} {
			a.Evidence = append(a.Evidence, seenOn("", "", host, 0).Evidence...)
		}
	}))
	if got := b.where(last.ID); got[0] != into {
		t.Errorf("the alert is in incident %d, not in %d", got[0], into)
	}
	b.check()
	b.restart()
	b.check()
}

// A late update of a forgotten alert stays in the alert's incident, though it fits
// one of today. That is nobody's decision: alerts that tie the two merge them, also
// after a restart. In a log of an earlier version the engine was told by a move.
func TestLateUpdatePartsNothing(t *testing.T) {
	t.Parallel()
	eager := *correlate.BuiltIn()
	eager.Consider, eager.Merge = -20, -20
	b := newBench(t, engineOf(&eager))
	b.clock.set(epoch.AddDate(0, 0, 40))
	first := seenOn("first", "Odd program", "host", 0)
	b.ingest(first)
	passDays(b, 1, 31)
	today := seenOn("today", "Odd program", "elsewhere", 31)
	b.ingest(today)
	b.ingest(newer(first, func(a *alert.Alert) {
		a.FirstActivityDateTime, a.LastActivityDateTime, a.Evidence = today.FirstActivityDateTime, today.LastActivityDateTime, today.Evidence
	}))
	if got := b.where("first", "today"); got[0] != 1 || got[1] == 1 {
		t.Fatalf("the alerts are in incidents %v", got)
	}
	var kinds []correlate.CommandKind
	for e, err := range b.st.Replay(b.ctx, b.opt.Name, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Command != nil {
			kinds = append(kinds, e.Command.Kind)
		}
	}
	if len(kinds) != 1 || kinds[0] != correlate.CommandKeep {
		t.Errorf("commands %v", kinds)
	}
	b.check()
	b.restart()
	for n := range 6 {
		tie := seenOn(fmt.Sprint("tie ", n), fmt.Sprint("Odd connection ", n), "elsewhere", 31)
		b.ingest(tie)
	}
	if got := b.where("first", "today"); got[0] != got[1] {
		t.Errorf("the alerts are in incidents %v", got)
	}
	b.check()
	b.restart()
	b.check()
}
