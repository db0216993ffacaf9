package incident

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

func TestMergesThatTheRulesRefuse(t *testing.T) {
	with := func(id correlate.IncidentID, f func(*Incident)) Incident {
		i := sampleIncident()
		i.ID = id
		f(&i)
		return i
	}
	plainOne := with(1, func(*Incident) {})
	for rule, pair := range map[string][2]Incident{
		"itself":         {plainOne, plainOne},
		"redirected":     {plainOne, with(2, func(i *Incident) { i.Status = Redirected })},
		"closed":         {with(2, func(i *Incident) { i.Status = Resolved }), plainOne},
		"owner":          {with(1, func(i *Incident) { i.Owner = "mara" }), with(2, func(i *Incident) { i.Owner = "noor" })},
		"classification": {with(1, func(i *Incident) { i.Classification = "truePositive" }), with(2, func(i *Incident) { i.Classification = "falsePositive" })},
		"determination":  {with(1, func(i *Incident) { i.Determination = "malware" }), with(2, func(i *Incident) { i.Determination = "phishing" })},
	} {
		err := CanMerge(pair[0], pair[1])
		var r *RefusedError
		if !errors.As(err, &r) || r.Rule != rule || !errors.Is(err, correlate.ErrRefused) {
			t.Errorf("%s: %v", rule, err)
		}
		if _, err := MergeIncidents(MergeRequest{Target: pair[0], Source: pair[1]}); !errors.Is(err, correlate.ErrRefused) {
			t.Errorf("%s: merged all the same, %v", rule, err)
		}
	}
	oneSided := with(2, func(i *Incident) {
		i.Owner, i.Classification, i.Determination = "noor", alert.ClassificationTruePositive, alert.DeterminationMalware
	})
	if err := CanMerge(plainOne, oneSided); err != nil {
		t.Errorf("set on one side only: %v", err)
	}
}

// merged merges a second incident, of noor's, into one that a person named.
func merged(t *testing.T) (MergeResult, []Member) {
	t.Helper()
	target := sampleIncident()
	target.Name, target.NameEdited, target.Tags = "mara's case", true, []string{"lab", "vip"}
	source := New(8, epoch)
	members := []Member{{ID: "s", Title: "Files were encrypted", Severity: "high", Tactics: []string{"Impact"}, Product: "Endpoint", First: epoch.Add(-time.Hour), Last: epoch.Add(time.Hour)}}
	Grow(&source, Growth{Added: members, At: epoch, Actor: Correlation})
	source.Owner, source.Tags, source.Status = "noor", []string{"night", "vip"}, InProgress
	m, err := MergeIncidents(MergeRequest{ID: 3, Target: target, Source: source, Alerts: []string{"s"}, At: epoch, Actor: mara, Reason: "same attack", Reasons: []correlate.Reason{correlate.SameActor}})
	if err != nil {
		t.Fatal(err)
	}
	return m, members
}

func TestWhatAMergeTakesOver(t *testing.T) {
	m, _ := merged(t)
	i := m.Target
	if i.NameEdited || i.Name == "mara's case" || i.Owner != "noor" || i.Status != InProgress || i.Severity != "high" || i.Tally.Alerts != 3 {
		t.Errorf("target %+v", i)
	}
	if !cmp.Equal(i.Tags, []string{"lab", "night", "vip"}) || !i.FirstActivity.Equal(epoch.Add(-time.Hour)) || !i.LastActivity.Equal(epoch.Add(time.Hour)) {
		t.Errorf("tags %v, %v to %v", i.Tags, i.FirstActivity, i.LastActivity)
	}
	s := m.Source
	if s.Status != Redirected || s.RedirectTo != 7 || s.Tally.Alerts != 0 || len(s.Tags) != 0 || !cmp.Equal(s.SystemTags, []string{RedirectedTag}) {
		t.Errorf("source %+v", s)
	}
	if len(m.Activities) != 2 || m.Activities[0].Kind != Merged || m.Activities[1].Kind != MergedInto || !m.Activities[0].Undoable || m.Activities[0].Merge != 3 {
		t.Errorf("log %+v", m.Activities)
	}
	if m.AlertOwner == nil || *m.AlertOwner != "noor" {
		t.Errorf("owner of the alerts %v", m.AlertOwner)
	}
}

func TestUndoKeepsWhatPeopleChangedSince(t *testing.T) {
	m, members := merged(t)
	later, err := Apply(m.Target, Patch{Name: ptr("renamed since"), Tags: &[]string{"lab", "night", "since"}, Severity: ptr("low"), Classification: ptr("truePositive")}, epoch, mara)
	if err != nil {
		t.Fatal(err)
	}
	u, err := UndoMerge(UndoRequest{Merge: m.Merge, Target: later.Incident, Source: m.Source, Returning: members, At: epoch, Actor: mara, Reason: "two attacks"})
	if err != nil {
		t.Fatal(err)
	}
	i := u.Target
	if i.Name != "renamed since" || !i.NameEdited || i.Severity != "low" || i.Classification != "truePositive" {
		t.Errorf("what was changed since is lost: %+v", i)
	}
	if i.Owner != "" || i.Status != Active || !cmp.Equal(i.Tags, []string{"lab", "since"}) {
		t.Errorf("what the merge brought stays: owner %q, %s, tags %v", i.Owner, i.Status, i.Tags)
	}
	if u.Source.Owner != "noor" || u.Source.Status != InProgress || !cmp.Equal(u.Source.Tags, []string{"night", "vip"}) || u.Source.RedirectTo != 0 {
		t.Errorf("source %+v", u.Source)
	}
	if u.Merge.UndoneAt.IsZero() || u.Merge.UndoneBy != "mara" || u.TargetOwner == nil || *u.TargetOwner != "" {
		t.Errorf("record %v %q, owner %v", u.Merge.UndoneAt, u.Merge.UndoneBy, u.TargetOwner)
	}
}

func TestUndoThatIsRefused(t *testing.T) {
	m, members := merged(t)
	undone := m.Merge
	undone.UndoneAt = epoch
	away := redirect(m.Target, 9, epoch, mara)
	for rule, r := range map[string]UndoRequest{
		"undone":     {Merge: undone, Target: m.Target, Source: m.Source, Returning: members},
		"redirected": {Merge: m.Merge, Target: away, Source: m.Source, Returning: members},
		"empty":      {Merge: m.Merge, Target: m.Target, Source: m.Source},
	} {
		_, err := UndoMerge(r)
		var e *RefusedError
		if !errors.As(err, &e) || e.Rule != rule {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestMovesThatAreRefused(t *testing.T) {
	a, b := sampleIncident(), sampleIncident()
	b.ID = 8
	gone, closed := redirect(b, 7, epoch, mara), b.Clone()
	closed.Status = Resolved
	for rule, c := range map[string]struct {
		from, to Incident
		by       Actor
	}{"itself": {a, a, mara}, "redirected": {a, gone, mara}, "closed": {a, closed, Correlation}} {
		var e *RefusedError
		if err := CanMove(c.from, c.to, c.by); !errors.As(err, &e) || e.Rule != rule {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if err := CanMove(a, closed, mara); err != nil {
		t.Errorf("a person may: %v", err)
	}
	if _, err := MoveAlerts(MoveRequest{From: a, To: b, Actor: mara}); !errors.Is(err, ErrInvalid) {
		t.Errorf("no alerts: %v", err)
	}
}

func TestCopiedLogIsMarked(t *testing.T) {
	m, _ := merged(t)
	in := []Activity{{ID: 4, Incident: 8, Kind: Commented, Text: "x"}, {ID: 5, Incident: 8, Origin: 2, Kind: Merged, Merge: 1, Undoable: true}}
	want := []Activity{{Incident: 7, Origin: 8, Kind: Commented, Text: "x", Merge: 3}, {Incident: 7, Origin: 2, Kind: Merged, Merge: 3}}
	if diff := cmp.Diff(want, CopyLog(in, m.Merge)); diff != "" {
		t.Error(diff)
	}
}
