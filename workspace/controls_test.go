package workspace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// found is an alert of a rule on a device, for the real engine.
func found(id, rule, device string) *alert.Alert {
	a := made(id, "")
	a.DetectorID, a.Title = rule, rule
	d := &alert.DeviceEvidence{DeviceDNSName: device}
	d.Roles = []alert.Role{alert.RoleAttacked}
	a.Evidence = []alert.Evidence{d}
	return a
}

func off(rule string) correlate.Settings {
	return correlate.Settings{Rules: []correlate.RuleControl{{Rule: rule, State: correlate.RuleDisabled, Grouping: &correlate.Grouping{Window: 600, Match: correlate.MatchAny}}}}
}

// trail lists the audit entries about settings, oldest first.
func (b *bench) trail() []incident.Activity {
	b.t.Helper()
	p := must(b.st.Activities(b.ctx, store.ActivityQuery{Workspace: b.opt.Name, Kinds: []string{string(incident.SettingsChanged)}, Paging: store.Paging{Limit: 500}}))
	slices.Reverse(p.Items)
	return p.Items
}

func TestSettingsAreVersionedAuditedAndRestored(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	first, err := b.w.SetCorrelation(b.ctx, ada, off("scan"), workspace.SettingsChange{Reason: "too loud"})
	if err != nil || first.Version != 1 || first.Actor != ada || first.Settings.Default != correlate.RuleEnabled {
		t.Fatalf("%+v %v", first, err)
	}
	if same, err := b.w.SetCorrelation(b.ctx, ada, off("scan"), workspace.SettingsChange{}); err != nil || same.Version != 1 {
		t.Errorf("the same again: %+v %v", same, err)
	}
	second, err := b.w.SetRule(b.ctx, ada, correlate.RuleControl{Rule: "export", State: correlate.RuleEnabled}, workspace.SettingsChange{Version: ref(int64(1))})
	if err != nil || second.Version != 2 || len(second.Settings.Rules) != 2 {
		t.Fatalf("%+v %v", second, err)
	}
	_, err = b.w.SetRule(b.ctx, ada, correlate.RuleControl{Rule: "export"}, workspace.SettingsChange{Version: ref(int64(1))})
	wantError(t, err, incident.ErrStale)
	_, err = b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Default: "x"}, workspace.SettingsChange{})
	wantError(t, err, incident.ErrInvalid)
	_, err = b.w.RestoreCorrelation(b.ctx, ada, 7, workspace.SettingsChange{})
	wantError(t, err, store.ErrNotFound)
	third, err := b.w.RestoreCorrelation(b.ctx, ada, 1, workspace.SettingsChange{Reason: "as before"})
	if err != nil || third.Version != 3 || third.Restored != 1 {
		t.Fatalf("%+v %v", third, err)
	}
	if diff := cmp.Diff(first.Settings, third.Settings); diff != "" {
		t.Error(diff)
	}
	var texts []string
	for _, a := range b.trail() {
		texts = append(texts, a.Text)
	}
	want := []string{
		"The correlation settings were changed (version 1): rule scan: excluded from correlation; grouped by the rule alone within 10 minutes. Reason: too loud",
		"The correlation settings were changed (version 2): rule export: correlated.",
		"The correlation settings were put back (version 3): rule export: no longer correlated. Reason: as before",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Error(diff)
	}
	b.restart()
	if now := must(b.st.CorrelationSettings(b.ctx, "default")); now.Version != 3 || !cmp.Equal(now.Settings, first.Settings) {
		t.Errorf("%+v", now)
	}
	b.check()
}

// The audit trail names a rule as people know it once it has raised an alert.
func TestTheTrailNamesRulesByTheirTitles(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	a := found("a", "scan", "pc-1")
	a.Title = "Port scan"
	b.ingest(a)
	must(b.w.SetRule(b.ctx, ada, correlate.RuleControl{Rule: "scan", State: correlate.RuleDisabled}, workspace.SettingsChange{}))
	must(b.w.SetRule(b.ctx, ada, correlate.RuleControl{Rule: "unheard", State: correlate.RuleDisabled}, workspace.SettingsChange{}))
	var texts []string
	for _, a := range b.trail() {
		texts = append(texts, a.Text)
	}
	want := []string{
		"The correlation settings were changed (version 1): rule Port scan: excluded from correlation.",
		"The correlation settings were changed (version 2): rule unheard: excluded from correlation.",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Error(diff)
	}
}

// TestSettingsHoldAfterARestart: the log carries them, with and without a checkpoint.
func TestSettingsHoldAfterARestart(t *testing.T) {
	t.Parallel()
	for _, checkpoint := range []bool{true, false} {
		b := newBench(t, realEngine, func(o *workspace.Options) {
			if !checkpoint {
				o.RestoreEngine = func([]byte) (correlate.Correlator, error) { return nil, correlate.ErrSnapshot }
			}
		})
		if _, err := b.w.SetCorrelation(b.ctx, ada, off("scan"), workspace.SettingsChange{}); err != nil {
			t.Fatal(err)
		}
		b.ingest(found("a", "scan", "pc1.corp.example"))
		b.restart()
		b.ingest(found("b", "scan", "pc2.corp.example"), found("c", "other", "pc1.corp.example"))
		if w := b.where("a", "b", "c"); w[0] != w[1] || w[2] == w[0] {
			t.Errorf("checkpoint %v: %v", checkpoint, w)
		}
		if !b.alert("b").Excluded || b.alert("c").Excluded {
			t.Errorf("checkpoint %v: stamps %v %v", checkpoint, b.alert("b").Excluded, b.alert("c").Excluded)
		}
		b.check()
	}
}

// TestStampStays: what is set later changes nothing about alerts that are there.
func TestStampStays(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	must(b.w.SetCorrelation(b.ctx, ada, off("scan"), workspace.SettingsChange{}))
	b.ingest(found("a", "scan", "pc1.corp.example"))
	was := b.alert("a").Incident
	must(b.w.RestoreCorrelation(b.ctx, ada, 0, workspace.SettingsChange{}))
	b.ingest(newer(found("a", "scan", "pc1.corp.example"), func(a *alert.Alert) { a.Severity = alert.SeverityHigh }), found("b", "scan", "pc1.corp.example"))
	if a := b.alert("a"); !a.Excluded || a.Incident != was || b.alert("b").Excluded || b.alert("b").Incident == was {
		t.Errorf("%v in %d, %v in %d", a.Excluded, a.Incident, b.alert("b").Excluded, b.alert("b").Incident)
	}
	b.check()
}

func factor(i incident.Incident, name string) int {
	for _, f := range i.PriorityFactors {
		if f.Name == name {
			return f.Points
		}
	}
	return 0
}

// TestCriticalityScoresIncidentsAnew: those that are open, at once.
func TestCriticalityScoresIncidentsAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	b.ingest(found("b", "r2", "dc1.corp.example"))
	b.patch(1, workspace.Patch{Status: ref("resolved")})
	b.ingest(found("a", "r1", "dc1.corp.example"))
	ids := b.where("a", "b")
	before, closed := b.incident(ids[0]), b.incident(ids[1])
	for _, c := range []struct {
		level  correlate.Criticality
		points int
	}{{correlate.CriticalityCritical, 12}, {correlate.CriticalityHigh, 6}, {correlate.CriticalityLow, -6}} {
		must(b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Assets: []correlate.AssetCriticality{{Value: "dc1.corp.example", Level: c.level}}}, workspace.SettingsChange{}))
		i := b.incident(ids[0])
		if factor(i, "criticalAsset") != c.points || i.TopAssets[0].Critical != (c.points == 12) || i.TopAssets[0].Criticality != string(c.level) {
			t.Errorf("%s: %+v %+v", c.level, i.PriorityFactors, i.TopAssets)
		}
		if slices.Contains(i.SystemTags, incident.CriticalAssetTag) != (c.points == 12) {
			t.Errorf("%s: tags %v", c.level, i.SystemTags)
		}
		if e := must(b.st.Entity(b.ctx, "default", 1)); e.Critical != (c.points == 12) || e.Label == "" {
			t.Errorf("%s: entity %+v", c.level, e)
		}
	}
	must(b.w.RestoreCorrelation(b.ctx, ada, 1, workspace.SettingsChange{}))
	must(b.w.RestoreCorrelation(b.ctx, ada, 0, workspace.SettingsChange{}))
	if i := b.incident(ids[0]); i.Priority != before.Priority || factor(i, "criticalAsset") != 0 {
		t.Errorf("priority %d, before %d", i.Priority, before.Priority)
	}
	if ids[0] == ids[1] || b.incident(ids[1]).Version != closed.Version {
		t.Errorf("incidents %v; a resolved incident was changed", ids)
	}
	b.check()
}

// suggesting gives a bench with incidents 1 and 2 and an open suggestion.
func suggesting(t *testing.T) (*bench, store.Suggestion) {
	t.Helper()
	b := newBench(t)
	b.ingest(made("a", "new; see 1"), made("b", "new; see 2"), made("c", "into 1; see 1; suggest 1+2"))
	return b, b.suggestion()
}

func (b *bench) suggestion() store.Suggestion {
	b.t.Helper()
	s, err := b.st.SuggestionOf(b.ctx, "default", correlate.Pair{A: 1, B: 2})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func TestAcceptedSuggestionIsAMergeThatCanBeUndone(t *testing.T) {
	t.Parallel()
	b, s := suggesting(t)
	if s.State != store.SuggestionOpen || s.Alert != "c" || s.Score != 0.6 {
		t.Errorf("%+v", s)
	}
	one, two := b.incident(1), b.incident(2)
	done, merge, err := b.w.AcceptSuggestion(b.ctx, ada, s.ID, workspace.Reason{})
	if err != nil || done.State != store.SuggestionAccepted || done.Merge != merge.ID || merge.Target != 1 || merge.Source != 2 {
		t.Fatalf("%+v %+v %v", done, merge, err)
	}
	if merge.Actor != ada || merge.Reason == "" || b.logged(1, incident.Merged) != 1 || b.alert("b").Incident != 1 || b.suggestion().State != store.SuggestionAccepted {
		t.Errorf("%+v", merge)
	}
	_, _, err = b.w.AcceptSuggestion(b.ctx, ada, s.ID, workspace.Reason{})
	wantError(t, err, correlate.ErrRefused)
	b.check()
	if _, _, err := b.w.UndoMerge(b.ctx, ada, merge.ID, "not the same"); err != nil {
		t.Fatal(err)
	}
	same := cmp.FilterPath(func(p cmp.Path) bool {
		return slices.Contains([]string{"Version", "UpdatedAt", "UpdatedBy"}, p.Last().String()[1:])
	}, cmp.Ignore())
	if diff := cmp.Diff([]incident.Incident{one, two}, []incident.Incident{b.incident(1), b.incident(2)}, same); diff != "" {
		t.Error(diff)
	}
	if got := b.suggestion(); got.State != store.SuggestionRejected || got.DecidedBy != "ada" || got.Merge != 0 {
		t.Errorf("after the undo: %+v", got)
	}
	b.check()
}

func TestRejectedSuggestionCanBeReopened(t *testing.T) {
	t.Parallel()
	b, s := suggesting(t)
	_, err := b.w.ReopenSuggestion(b.ctx, ada, s.ID, "")
	wantError(t, err, correlate.ErrRefused)
	got, err := b.w.RejectSuggestion(b.ctx, ada, s.ID, "other shift")
	if err != nil || got.State != store.SuggestionRejected || got.Reason != "other shift" || got.DecidedBy != "ada" {
		t.Fatalf("%+v %v", got, err)
	}
	for id := range correlate.IncidentID(2) {
		if b.logged(id+1, incident.SuggestionRejected) != 1 {
			t.Errorf("log of %d: %+v", id+1, b.activities(id+1))
		}
	}
	if text := b.activities(1)[0].Text; !strings.Contains(text, "other shift") {
		t.Error(text)
	}
	_, _, err = b.w.AcceptSuggestion(b.ctx, ada, s.ID, workspace.Reason{})
	wantError(t, err, correlate.ErrRefused)
	if got, err = b.w.ReopenSuggestion(b.ctx, ada, s.ID, ""); err != nil || got.State != store.SuggestionOpen || b.logged(2, incident.SuggestionReopened) != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	_, err = b.w.RejectSuggestion(b.ctx, ada, 12345, "")
	wantError(t, err, store.ErrNotFound)
	b.check()
}

func TestSuggestionsEndWithTheirIncidents(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*bench) error{
		"resolved": func(b *bench) error {
			_, err := b.w.UpdateIncident(b.ctx, ada, 2, workspace.Patch{Status: ref("resolved")})
			return err
		},
		"merged by hand": func(b *bench) error {
			_, _, err := b.w.Merge(b.ctx, ada, []correlate.IncidentID{1, 2}, workspace.Reason{})
			return err
		},
		"merged by the engine": func(b *bench) error { b.ingest(made("d", "into 1; merge 2>1")); return nil },
		"emptied": func(b *bench) error {
			_, err := b.w.Move(b.ctx, ada, []string{"b"}, 1, workspace.Reason{})
			return err
		},
	} {
		b, s := suggesting(t)
		if err := end(b); err != nil {
			t.Fatal(err)
		}
		if got := b.suggestion(); got.State != store.SuggestionWithdrawn || got.ID != s.ID {
			t.Errorf("%s: %+v", name, got)
		}
		b.check()
	}
}

// A refused acceptance changes nothing.
func TestAcceptanceIsRefusedLikeAMerge(t *testing.T) {
	t.Parallel()
	b, s := suggesting(t)
	b.patch(1, workspace.Patch{Owner: ref("grace")})
	b.patch(2, workspace.Patch{Owner: ref("linus")})
	before := b.image()
	_, _, err := b.w.AcceptSuggestion(b.ctx, ada, s.ID, workspace.Reason{})
	wantError(t, err, correlate.ErrRefused)
	if diff := cmp.Diff(before, b.image()); diff != "" || b.suggestion().State != store.SuggestionOpen {
		t.Error(diff)
	}
	b.check()
}

// TestSuggestionOfAnIncidentThatWasNeverKept: it is left out.
func TestSuggestionOfAnIncidentThatWasNeverKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ingest(made("a", "new; see 1"), made("b", "into 1; see 1; suggest 1+2"))
	if all := must(b.st.Suggestions(b.ctx, "default", 1, nil)); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	b.check()
}

func TestSuggestionsKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	b, s := suggesting(t)
	b.ingest(made("d", "new; see 3"), made("e", "into 1; suggest 1+2; suggest 1+3"), made("f", "into 1; suggest 1+2; suggest 2+3"))
	all := must(b.st.Suggestions(b.ctx, "default", 1, nil))
	numbers := map[string]bool{}
	for _, x := range append(all, must(b.st.Suggestions(b.ctx, "default", 3, nil))...) {
		numbers[fmt.Sprint(x.ID)] = true
	}
	if got := b.suggestion(); got.ID != s.ID || got.Alert != "f" || len(all) != 2 || len(numbers) != 3 {
		t.Errorf("%+v of %d, %v", got, len(all), numbers)
	}
	b.check()
}
