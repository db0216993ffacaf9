package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func emptyStore(t *testing.T, s store.Store) {
	ctx := t.Context()
	if n := must1(s.Position(ctx, home)); n != 0 {
		t.Errorf("position %d", n)
	}
	if _, err := s.Alert(ctx, home, "x"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("alert: %v", err)
	}
	if _, err := s.Incident(ctx, home, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("incident: %v", err)
	}
	if _, err := s.Entity(ctx, home, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("entity: %v", err)
	}
	if _, err := s.Merge(ctx, home, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("merge: %v", err)
	}
	if v := must1(s.CorrelationSettings(ctx, home)); v.Version != 0 || v.Settings.Default != correlate.RuleEnabled {
		t.Errorf("settings %+v", v)
	}
	if _, err := s.CorrelationVersion(ctx, home, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("version of settings: %v", err)
	}
	if _, err := s.Suggestion(ctx, home, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("suggestion: %v", err)
	}
	equal(t, "tasks", []incident.Task{}, must1(s.Tasks(ctx, home, 1)))
	equal(t, "rules", []store.RuleCount{}, must1(s.Rules(ctx, home)))
	equal(t, "suggestions", []store.Suggestion{}, must1(s.Suggestions(ctx, home, 1, nil)))
	if _, _, err := s.Checkpoint(ctx, home); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("checkpoint: %v", err)
	}
	equal(t, "alerts", []string{}, listAlerts(t, s, store.AlertQuery{}))
	equal(t, "incidents", []int{}, listIncidents(t, s, store.IncidentQuery{}))
	f := must1(s.IncidentFacets(ctx, store.IncidentQuery{Workspace: home}))
	if f.Total != 0 || len(f.Fields) != 11 {
		t.Errorf("facets %+v", f)
	}
	for e, err := range s.Replay(ctx, home, 0) {
		t.Errorf("log entry %+v, %v", e, err)
	}
	for p, err := range s.Placements(ctx, home) {
		t.Errorf("placement %+v, %v", p, err)
	}
	if n := must1(s.LastEntity(ctx, home)); n != 0 {
		t.Errorf("last entity %d", n)
	}
	equal(t, "workspaces", []string{}, must1(s.Workspaces(ctx)))
}

// must1 lets a call with two results be one argument.
func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// full is a change with something of everything.
func full(prev int64) *store.Change {
	in := headOf(1, 1)
	return &store.Change{
		Workspace: home, PrevSeq: prev, Seq: prev + 2, At: epoch,
		Alerts:           []store.Alert{func() store.Alert { a := alertOf("a", 1, 1); a.Seq = prev + 1; return a }()},
		Entities:         []store.Entity{entityOf(1, entity.Device, "d1")},
		AlertEntities:    []store.AlertEntity{{Alert: "a", Entity: 1, Kind: entity.Device}},
		Incidents:        []incident.Incident{in},
		IncidentEntities: []store.IncidentEntity{{Incident: 1, Entity: 1, Kind: entity.Device, Alerts: 1}},
		Activities:       []incident.Activity{{Incident: 1, At: epoch, Kind: incident.Created, Actor: incident.Correlation}},
		Merges:           []incident.Merge{{ID: 7, Source: 2, Target: 1, At: epoch}},
		Tasks:            []incident.Task{taskOf(5, 1, 1)},
		Commands:         []correlate.Command{{Seq: prev + 2, Kind: correlate.CommandState, Incident: 1}},
		Rejects:          []store.Reject{{At: epoch, Source: "graph", Reason: "broken"}},
		Intake:           map[string]store.Intake{"graph": {Received: 1, New: 1}},
		Settings:         &store.SettingsVersion{Version: 1, At: epoch},
		Suggestions:      []store.Suggestion{suggestionOf(1, 1, 2, 0.5)},
		Jobs:             []store.Job{{Kind: "test", Args: []byte(`{"n":1}`), At: epoch}},
	}
}

// commitIsAtomic breaks the last parts of a change and looks for the first ones.
func commitIsAtomic(t *testing.T, s store.Store) {
	ctx := t.Context()
	for name, spoil := range map[string]func(*store.Change){
		"move of an unknown alert": func(c *store.Change) { c.Moves = []store.AlertMove{{ID: "none", To: 1}} },
		"edit of an unknown alert": func(c *store.Change) { c.AlertEdits = []store.AlertEdit{{ID: "none"}} },
		"mention by an unknown alert": func(c *store.Change) {
			c.AlertEntities = append(c.AlertEntities, store.AlertEntity{Alert: "none", Entity: 1})
		},
		"command twice":      func(c *store.Change) { c.Commands = append(c.Commands, c.Commands[0]) },
		"job without a kind": func(c *store.Change) { c.Jobs = append(c.Jobs, store.Job{Args: []byte("{")}) },
	} {
		c := full(0)
		spoil(c)
		if err := s.Commit(ctx, c); err == nil {
			t.Fatalf("%s: accepted", name)
		}
		nothingOf(t, s, name)
	}
	if err := s.Commit(ctx, full(0)); err != nil {
		t.Fatalf("after the failures: %v", err)
	}
	if n := must1(s.Position(ctx, home)); n != 2 {
		t.Errorf("position %d", n)
	}
	if a := must1(s.Activities(ctx, store.ActivityQuery{Workspace: home, Incident: 1})).Items; len(a) != 1 || a[0].ID != 1 {
		t.Errorf("activities %+v", a)
	}
}

func nothingOf(t *testing.T, s store.Store, name string) {
	t.Helper()
	ctx := t.Context()
	if n := must1(s.Position(ctx, home)); n != 0 {
		t.Errorf("%s: position %d", name, n)
	}
	if _, err := s.Alert(ctx, home, "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%s: alert: %v", name, err)
	}
	if _, err := s.Incident(ctx, home, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%s: incident: %v", name, err)
	}
	if n := len(must1(s.Tasks(ctx, home, 1))); n != 0 {
		t.Errorf("%s: %d tasks", name, n)
	}
	if n := len(must1(s.Rejects(ctx, home, store.Paging{})).Items); n != 0 {
		t.Errorf("%s: %d rejects", name, n)
	}
	if n := len(must1(s.Intake(ctx, home))); n != 0 {
		t.Errorf("%s: %d counters", name, n)
	}
	if v := must1(s.CorrelationSettings(ctx, home)); v.Version != 0 {
		t.Errorf("%s: settings %+v", name, v)
	}
	if _, err := s.Suggestion(ctx, home, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%s: suggestion: %v", name, err)
	}
}

func commitConflicts(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	b.alerts(alertOf("a", 1, 1))
	for name, c := range map[string]*store.Change{
		"planned on an older position": {Workspace: home, PrevSeq: 0, Seq: 5},
		"planned on a newer position":  {Workspace: home, PrevSeq: 5, Seq: 6},
		"new alert with a held id":     {Workspace: home, PrevSeq: 1, Seq: 2, Alerts: []store.Alert{{ID: "a", Seq: 2}}},
		"replaces a wrong version":     {Workspace: home, PrevSeq: 1, Seq: 9, Alerts: []store.Alert{{ID: "a", Seq: 9, Replaces: 8}}},
		"replaces what is not held":    {Workspace: home, PrevSeq: 1, Seq: 2, Alerts: []store.Alert{{ID: "b", Seq: 2, Replaces: 1}}},
	} {
		if err := s.Commit(ctx, c); !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.alerts(alertOf("b", 2, 1))
}

func commitAfterCancelledContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Commit(ctx, full(0)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	nothingOf(t, s, "cancelled")
}
