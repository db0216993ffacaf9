package workspace_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/source/wazuh"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

func TestReceiptCountsWhatBecameOfEachRecord(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a, c := made("a", "new"), made("c", "into 1")
	b.ingest(a, c)
	batch := func(yield func(reader.Result, error) bool) {
		bad := &alert.FieldError{Path: "/severity", Reason: "wrong", Err: alert.ErrType}
		_ = yield(resultOf(1, made("d", "new")), nil) &&
			yield(resultOf(2, newer(a, func(a *alert.Alert) { a.Title = "Changed" })), nil) &&
			yield(resultOf(3, c), nil) &&
			yield(reader.Result{}, &reader.RecordError{File: "f", Record: 4, Err: bad, Raw: []byte(`{"severity":4}`)}) &&
			yield(reader.Result{Record: reader.Record{Number: 5}, Skipped: "not an alert but a flow event"}, nil)
	}
	r, err := b.w.Ingest(b.ctx, workspace.Batch{Origin: "here", Results: batch})
	if err != nil {
		t.Fatal(err)
	}
	want := workspace.Receipt{Received: 4, New: 1, Updated: 1, Unchanged: 1, Rejected: 1, Skipped: 1, Records: []workspace.RecordResult{
		{Record: 1, AlertID: "d", Incident: 2, Status: workspace.StatusNew},
		{Record: 2, AlertID: "a", Incident: 1, Status: workspace.StatusUpdated},
		{Record: 3, AlertID: "c", Incident: 1, Status: workspace.StatusUnchanged},
		{Record: 4, Status: workspace.StatusRejected, Field: "/severity", Reason: "f record 4: /severity: wrong"},
		{Record: 5, Status: workspace.StatusSkipped, Reason: "not an alert but a flow event"},
	}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	dead := b.rejects()
	if len(dead) != 1 || dead[0].Source != "unknown" || dead[0].Origin != "here" || dead[0].Record != 4 || dead[0].Field != "/severity" ||
		!strings.Contains(dead[0].Reason, "wrong") || string(dead[0].Raw) != `{"severity":4}` || dead[0].RawBytes != 14 {
		t.Errorf("dead letters %+v", dead)
	}
	intake, err := b.st.Intake(b.ctx, "default")
	if err != nil {
		t.Fatal(err)
	}
	if g := intake["graph"]; g.Received != 5 || g.New != 3 || g.Updated != 1 || g.Unchanged != 1 || intake["unknown"].Rejected != 1 {
		t.Errorf("intake %+v", intake)
	}
	b.check()
}

func TestSameIdTwiceInABatch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := made("a", "new; see 1,2")
	second := newer(a, func(a *alert.Alert) { a.Severity, a.Description = alert.SeverityHigh, "see 2,3" })
	third := newer(second, func(a *alert.Alert) { a.Title = "Third" })
	r := b.ingest(a, made("o", "into 1; see 1"), second, second, third)
	if r.New != 2 || r.Updated != 2 || r.Unchanged != 1 {
		t.Errorf("%+v", r)
	}
	if got := b.alert("a"); got.Title != "Third" || got.Severity != "high" {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(map[int64]int{1: 1, 2: 1, 3: 1}, b.entityCounts(1)); diff != "" {
		t.Error(diff)
	}
	if i := b.incident(1); i.Tally.Alerts != 2 || i.Severity != alert.SeverityHigh {
		t.Errorf("%+v", i)
	}
	b.check()
	b.restart()
	b.check()
}

func TestOlderVersionIsIgnored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := made("a", "new; see 1")
	later := newer(a, func(a *alert.Alert) { a.Title = "Later" })
	b.ingest(later)
	before := b.position()
	r := b.ingest(a)
	if r.Unchanged != 1 || r.Records[0].Reason == "" || b.alert("a").Title != "Later" || b.position() != before {
		t.Errorf("%+v %q", r, b.alert("a").Title)
	}
	b.check()
}

// named is a batch of one alert from a source.
func named(s source.Source, a *alert.Alert) workspace.Batch {
	return workspace.Batch{Origin: "test", Results: func(yield func(reader.Result, error) bool) {
		yield(reader.Result{Record: reader.Record{Number: 1}, Source: s, Alerts: []*alert.Alert{a}}, nil)
	}}
}

func TestSameIdFromAnotherSource(t *testing.T) {
	t.Parallel()
	rebuilt := 0
	b := newBench(t, func(o *workspace.Options) {
		o.NewEngine = func() correlate.Correlator { rebuilt++; return newScripted() }
	})
	b.ingest(made("a", "new; see 1"))
	other := made("a", "new; see 2")
	for n, want := range []string{workspace.StatusNew, workspace.StatusUnchanged, workspace.StatusUpdated} {
		if n == 2 {
			other = newer(other, func(a *alert.Alert) { a.Title = "Again" })
		}
		r, err := b.w.Ingest(b.ctx, named(wazuh.Source{}, other))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Records[0]; got.Status != want || got.AlertID != "wazuh~a" || got.Incident != 2 {
			t.Errorf("delivery %d: %+v", n+1, got)
		}
	}
	if rebuilt != 1 {
		t.Errorf("the engine was made %d times", rebuilt)
	}
	if b.alert("a").Source != "graph" || b.alert("wazuh~a").Title != "Again" {
		t.Error("one source overwrote the other's alert")
	}
	b.check()
}

func TestCaseWorkSurvivesUpdates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := made("a", "new")
	b.ingest(a)
	if _, err := b.w.UpdateAlerts(b.ctx, ada, []string{"a"}, workspace.AlertPatch{
		Status: ref("inProgress"), Owner: ref("grace"), Classification: ref("truePositive"), Determination: ref("malware"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.w.UpdateIncident(b.ctx, ada, 1, workspace.Patch{Name: ref("Mine"), Severity: ref("low"), Tags: &[]string{"keep"}}); err != nil {
		t.Fatal(err)
	}
	second := newer(a, func(a *alert.Alert) { a.Title, a.Severity = "Second", alert.SeverityHigh })
	b.ingest(second)
	got := b.alert("a")
	if got.Status != "inProgress" || got.Owner != "grace" || got.Classification != "truePositive" || got.Determination != "malware" || got.Title != "Second" {
		t.Errorf("%+v", got)
	}
	if i := b.incident(1); i.Name != "Mine" || i.Severity != alert.SeverityLow || i.Tags[0] != "keep" || i.Tally.Severities["high"] != 1 || i.Tally.Statuses["inProgress"] != 1 {
		t.Errorf("%+v", i)
	}
	b.ingest(newer(second, func(a *alert.Alert) { a.Status = alert.StatusResolved }))
	if got := b.alert("a"); got.Status != "resolved" || got.Owner != "grace" {
		t.Errorf("what the source changed itself: %+v", got)
	}
	b.check()
}

func TestIncidentGrows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new; see 1,2"), made("b", "into 1; see 2,3"))
	b.ingest(made("c", "into 1; see 2,2,4"))
	i := b.incident(1)
	if i.Tally.Alerts != 3 || i.Scope["device"] != 4 || i.Version != 2 {
		t.Errorf("%+v", i)
	}
	if diff := cmp.Diff(map[int64]int{1: 1, 2: 3, 3: 1, 4: 1}, b.entityCounts(1)); diff != "" {
		t.Error(diff)
	}
	if b.logged(1, incident.Created) != 1 || b.logged(1, incident.AlertsAdded) != 1 {
		t.Errorf("log %+v", b.activities(1))
	}
	b.check()
}

func TestLargeBatchesAreCutAndCounted(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *workspace.Options) { o.MaxBatch = 7 })
	follow := b.w.Follow()
	defer follow.Close()
	var all []*alert.Alert
	for n := range 1200 {
		all = append(all, made(fmt.Sprintf("a%04d", n), fmt.Sprintf("into %d; see %d", max(1, n%40), n%30+1)))
		if n < 41 {
			all[n].Description = fmt.Sprintf("new; see %d", n%30+1)
		}
	}
	r := b.ingest(all...)
	if r.Received != 1200 || r.New != 1200 || len(r.Records) != 1000 || !r.Truncated {
		t.Errorf("%d received, %d new, %d listed", r.Received, r.New, len(r.Records))
	}
	for n, rec := range r.Records {
		if rec.Record != n+1 {
			t.Fatalf("result %d is of record %d", n, rec.Record)
		}
	}
	b.check()
}

// TestBrokenBatchKeepsWhatCameBefore ends a batch with an error that is not of a
// record.
func TestBrokenBatchKeepsWhatCameBefore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	broken := errors.New("the line went dead")
	var batch iter.Seq2[reader.Result, error] = func(yield func(reader.Result, error) bool) {
		_ = yield(resultOf(1, made("a", "new")), nil) && yield(reader.Result{}, broken) && yield(resultOf(2, made("b", "new")), nil)
	}
	r, err := b.w.Ingest(b.ctx, workspace.Batch{Results: batch})
	wantError(t, err, broken)
	if r.New != 1 || b.alert("a").Incident != 1 {
		t.Errorf("%+v", r)
	}
	if _, err := b.st.Alert(b.ctx, "default", "b"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what came after it: %v", err)
	}
	b.check()
}

func TestEmptyBatchChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if r := b.ingest(); r.Received != 0 || b.position() != 0 {
		t.Errorf("%+v", r)
	}
}

func TestRejectsAloneAreKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	large := strings.Repeat("x", 100_000)
	r, err := b.w.Ingest(b.ctx, workspace.Batch{Source: "graph", Results: func(yield func(reader.Result, error) bool) {
		yield(reader.Result{}, &reader.RecordError{Record: 1, Err: reader.ErrBroken, Raw: []byte(large)})
	}})
	if err != nil || r.Rejected != 1 || r.Received != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	if d := b.rejects()[0]; len(d.Raw) != 64<<10 || d.RawBytes != 100_000 || d.Source != "graph" {
		t.Errorf("kept %d of %d bytes of %q", len(d.Raw), d.RawBytes, d.Source)
	}
	b.check()
}

func TestReceivedTimeCanBeGiven(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	past := epoch.Add(-48 * time.Hour)
	a := made("a", "new")
	_, err := b.w.Ingest(b.ctx, workspace.Batch{Results: results(a), ReceivedAt: func(*alert.Alert) time.Time { return past }})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.alert("a"); !got.Received.Equal(past) {
		t.Errorf("received %v", got.Received)
	}
}

func TestAlertWithoutTimeOrSeverity(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.ingest(&alert.Alert{ID: "bare"})
	got := b.alert("bare")
	if r.New != 1 || got.Status != "new" || got.Severity != "unknown" || got.FirstActivity.IsZero() {
		t.Errorf("%+v %+v", r, got)
	}
	b.check()
	if i := b.incident(got.Incident); i.Name == "" || i.Status != incident.Active || i.ID == correlate.IncidentID(0) {
		t.Errorf("%+v", i)
	}
}

// TestRepeatsAreCountedAsFolded: the same detection on the same entities again is
// kept as an alert of its own and counted as folded, at once or after a restart.
func TestRepeatsAreCountedAsFolded(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	repeat := func(n int) *alert.Alert {
		a := made(fmt.Sprintf("a%d", n), "")
		a.Title, a.DetectorID = "Scan", "rule-1"
		a.FirstActivityDateTime = epoch.Add(time.Duration(n) * time.Minute)
		a.LastActivityDateTime = a.FirstActivityDateTime
		a.Evidence = []alert.Evidence{&alert.IPEvidence{IPAddress: "203.0.113.7"}}
		return a
	}
	r := b.ingest(repeat(0), repeat(1), repeat(2), made("other", ""))
	if r.New != 4 || r.Folded != 2 || r.Records[0].Folded || !r.Records[1].Folded || r.Records[3].Folded {
		t.Errorf("%+v", r)
	}
	b.restart()
	again := newer(repeat(1), func(a *alert.Alert) { a.Severity = alert.SeverityHigh })
	if r := b.ingest(repeat(3), again, repeat(2)); r.New != 1 || r.Updated != 1 || r.Unchanged != 1 || r.Folded != 1 {
		t.Errorf("%+v", r)
	}
	if got := must(b.st.Intake(b.ctx, b.opt.Name))["graph"]; got.New != 5 || got.Folded != 3 {
		t.Errorf("%+v", got)
	}
	b.check()
}
