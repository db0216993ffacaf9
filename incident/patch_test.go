package incident

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

func ptr[T any](v T) *T { return &v }

// sampleIncident has two alerts on one device.
func sampleIncident() Incident {
	i := New(7, epoch)
	Grow(&i, Growth{At: epoch, Actor: Correlation, Involved: involved(1, 1), Added: []Member{
		{ID: "a", Title: "Odd sign-in", Severity: "medium", Tactics: []string{"InitialAccess"}, Product: "Identity", First: epoch, Last: epoch},
		{ID: "b", Title: "Dump of credentials", Severity: "low", Tactics: []string{"CredentialAccess"}, Product: "Identity", First: epoch, Last: epoch},
	}})
	return i
}

func TestEachFieldOfAPatchIsLogged(t *testing.T) {
	for name, c := range map[string]struct {
		p    Patch
		kind ActivityKind
		same func(Incident) bool
	}{
		"name":           {Patch{Name: ptr(" Night shift ")}, NameChanged, func(i Incident) bool { return i.Name == "Night shift" && i.NameEdited }},
		"severity":       {Patch{Severity: ptr("HIGH")}, SeverityChanged, func(i Incident) bool { return i.Severity == "high" && i.SeverityEdited }},
		"owner":          {Patch{Owner: ptr("mara")}, OwnerChanged, func(i Incident) bool { return i.Owner == "mara" }},
		"tags":           {Patch{Tags: &[]string{"b", " a", "b", ""}}, TagsChanged, func(i Incident) bool { return cmp.Equal(i.Tags, []string{"a", "b"}) }},
		"classification": {Patch{Classification: ptr("truePositive"), Determination: ptr("phishing")}, Classified, func(i Incident) bool { return i.Determination == "phishing" }},
		"status":         {Patch{Status: ptr("inprogress")}, StatusChanged, func(i Incident) bool { return i.Status == InProgress }},
		"comment":        {Patch{Comment: ptr("seen\n\ttwice")}, Commented, func(i Incident) bool { return true }},
	} {
		before := sampleIncident()
		got, err := Apply(before, c.p, epoch.Add(time.Minute), mara)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !got.Changed || len(got.Activities) != 1 || got.Activities[0].Kind != c.kind || got.Activities[0].Actor != mara || !c.same(got.Incident) {
			t.Errorf("%s: %+v", name, got)
		}
		if got.Incident.Version != before.Version+1 || got.Incident.UpdatedBy != "mara" || !got.Incident.UpdatedAt.Equal(epoch.Add(time.Minute)) {
			t.Errorf("%s: version %d by %q at %v", name, got.Incident.Version, got.Incident.UpdatedBy, got.Incident.UpdatedAt)
		}
		if diff := cmp.Diff(sampleIncident(), before); diff != "" {
			t.Errorf("%s changed what it was given: %s", name, diff)
		}
		again := c.p
		again.Comment = nil
		if second, err := Apply(got.Incident, again, epoch, mara); err != nil || second.Changed || len(second.Activities) > 0 || second.Incident.Version != got.Incident.Version {
			t.Errorf("%s: asking for what is there changed something: %+v, %v", name, second.Activities, err)
		}
	}
}

func TestRefusedPatches(t *testing.T) {
	for field, p := range map[string]Patch{
		"name":             {Name: ptr(strings.Repeat("x", MaxName+1))},
		"severity":         {Severity: ptr("terrible")},
		"owner":            {Owner: ptr("a\u202eb")},
		"tags":             {Tags: &[]string{strings.Repeat("é", MaxTag+1)}},
		"classification":   {Classification: ptr("maybe")},
		"determination":    {Determination: ptr("phishing")},
		"status":           {Status: ptr("redirected")},
		"comment":          {Comment: ptr(strings.Repeat("c", MaxComment+1))},
		"resolvingComment": {ResolvingComment: ptr("too early")},
	} {
		p.Comment = orElse(p.Comment, "must not stay")
		got, err := Apply(sampleIncident(), p, epoch, mara)
		var e *InvalidError
		if !errors.As(err, &e) || e.Field != field || !errors.Is(err, ErrInvalid) || got.Changed || got.Activities != nil {
			t.Errorf("%s: %v, %+v", field, err, got.Activities)
		}
	}
	if _, err := Apply(sampleIncident(), Patch{Version: ptr(int64(99))}, epoch, mara); !errors.Is(err, ErrStale) {
		t.Errorf("stale version: %v", err)
	}
	gone := redirect(sampleIncident(), 1, epoch, mara)
	if _, err := Apply(gone, Patch{Owner: ptr("x")}, epoch, mara); !errors.Is(err, correlate.ErrRefused) {
		t.Errorf("redirected: %v", err)
	}
}

func orElse(s *string, v string) *string {
	if s == nil {
		return &v
	}
	return s
}

func TestResolveAndReopen(t *testing.T) {
	done, err := Apply(sampleIncident(), Patch{Status: ptr("resolved"), Classification: ptr("truePositive"), Determination: ptr("malware"), ResolvingComment: ptr("cleaned")}, epoch, mara)
	if err != nil {
		t.Fatal(err)
	}
	i := done.Incident
	if i.Status != Resolved || !i.ResolvedAt.Equal(epoch) || i.ResolvingComment != "cleaned" || !i.State().Closed {
		t.Errorf("resolved: %+v", i)
	}
	if *done.AlertStatus != "resolved" || *done.AlertClassification != "truePositive" || *done.AlertDetermination != "malware" {
		t.Errorf("what its alerts get: %+v", done)
	}
	open, err := Apply(i, Patch{Status: ptr("active")}, epoch, mara)
	if err != nil || !open.Incident.ResolvedAt.IsZero() || open.Incident.ResolvingComment != "" || open.AlertStatus != nil {
		t.Errorf("reopened: %+v %v", open.Incident, err)
	}
}

func TestHandingNameAndSeverityBack(t *testing.T) {
	edited, err := Apply(sampleIncident(), Patch{Name: ptr("mine"), Severity: ptr("high")}, epoch, mara)
	if err != nil {
		t.Fatal(err)
	}
	grown := edited.Incident
	Grow(&grown, Growth{Added: []Member{{ID: "c", Title: "x", Severity: "informational"}}, At: epoch, Actor: Correlation})
	if grown.Name != "mine" || grown.Severity != "high" {
		t.Errorf("growth overwrote what a person set: %q %s", grown.Name, grown.Severity)
	}
	back, err := Apply(grown, Patch{Name: ptr(""), Severity: ptr("")}, epoch, mara)
	if err != nil || back.Incident.NameEdited || back.Incident.SeverityEdited || back.Incident.Severity != alert.SeverityMedium || back.Incident.Name == "mine" {
		t.Errorf("%+v %v", back.Incident, err)
	}
}
