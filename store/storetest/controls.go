package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func excludedAlerts(t *testing.T, s store.Store) {
	b := newBook(t, s)
	out, in := alertOf("out", 1, 1), alertOf("in", 2, 2)
	out.Excluded, out.Tag, in.Tag = true, correlate.RuleDisabled, correlate.RuleEnabled
	first := b.alerts(out, in)
	for id, want := range map[string]bool{"out": true, "in": false} {
		if got := must1(s.Alert(t.Context(), home, id)); got.Excluded != want || (got.Tag == correlate.RuleDisabled) != want || (got.Tag == correlate.RuleEnabled) == want {
			t.Errorf("%s: excluded %v, tag %q", id, got.Excluded, got.Tag)
		}
	}
	// The stamp is that of the first version, whatever a later one says.
	out.Replaces, out.Seq, out.Excluded = first.Alerts[0].Seq, 0, false
	in.Replaces, in.Seq, in.Excluded = first.Alerts[1].Seq, 0, true
	b.alerts(out, in)
	for _, a := range must1(s.Alerts(t.Context(), store.AlertQuery{Workspace: home, Brief: true})).Items {
		if a.Excluded != (a.ID == "out") {
			t.Errorf("second version of %s: excluded %v", a.ID, a.Excluded)
		}
	}
}

func wholeSettings() correlate.Settings {
	return correlate.Settings{
		Default: correlate.RuleDisabled,
		Rules: []correlate.RuleControl{{Rule: "r\u00e9", State: correlate.RuleDisabled, Grouping: &correlate.Grouping{
			Window: 600, Match: correlate.MatchSelected, Kinds: []entity.Kind{entity.User}, Details: []correlate.Detail{correlate.DetailTitle},
		}}},
		Exclude: []correlate.Exclusion{{Kind: correlate.ExcludeCIDR, Value: "10.0.0.0/8", Note: "scanner"}},
		Assets:  []correlate.AssetCriticality{{Value: "dc1", Level: correlate.CriticalityCritical, Note: "n"}},
	}
}

func correlationSettings(t *testing.T, s store.Store) {
	b := newBook(t, s)
	var want []store.SettingsVersion
	for n := range 5 {
		v := store.SettingsVersion{
			Version: int64(n + 1), At: at(n), Actor: incident.Actor{Kind: incident.ByUser, Name: "mara"}, Reason: "because", Restored: int64(n / 4),
			Changes: []store.SettingChange{{What: "rule", Before: "on", After: "off"}}, Settings: wholeSettings(),
		}
		v.Settings.Assets[0].Note = string(rune('a' + n))
		c := b.next()
		c.Settings = &v
		c.Commands = []correlate.Command{{Kind: correlate.CommandSettings, Settings: &v.Settings}}
		b.commit(c)
		want = append([]store.SettingsVersion{v}, want...)
	}
	equal(t, "what holds", want[0], must1(s.CorrelationSettings(t.Context(), home)))
	equal(t, "version 2", want[3], must1(s.CorrelationVersion(t.Context(), home, 2)))
	got := all(t, 2, func(p store.Paging) (store.Page[store.SettingsVersion], error) {
		return s.CorrelationHistory(t.Context(), home, p)
	})
	equal(t, "history", want, got, cmpopts.IgnoreFields(store.SettingsVersion{}, "Settings"))
	if _, err := s.CorrelationVersion(t.Context(), home, 6); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("version 6: %v", err)
	}
	if v := must1(s.CorrelationSettings(t.Context(), "other")); v.Version != 0 {
		t.Errorf("another workspace has version %d", v.Version)
	}
	n := 0
	for e, err := range s.Replay(t.Context(), home, 0) {
		if n++; err != nil || e.Command == nil {
			t.Fatalf("%+v %v", e, err)
		}
		equal(t, "settings in the log", &want[5-n].Settings, e.Command.Settings)
	}
	c := b.next()
	c.Settings = &store.SettingsVersion{Version: 5}
	if err := s.Commit(t.Context(), c); err == nil {
		t.Error("a version was written twice")
	}
}

func suggestionOf(id int64, a, b correlate.IncidentID, score float64) store.Suggestion {
	return store.Suggestion{ID: id, State: store.SuggestionOpen, At: at(int(id)), Suggestion: correlate.Suggestion{
		Pair: correlate.Pair{A: a, B: b}, Kind: correlate.SuggestNear, Score: score, Alert: "x",
		Link: correlate.Link{Score: score, Facts: []correlate.Fact{{Feature: "f", Text: "same user <b>\u0000"}}},
	}}
}

func suggestions(t *testing.T, s store.Store) {
	b := newBook(t, s)
	put := func(all ...store.Suggestion) {
		c := b.next()
		c.Suggestions = all
		b.commit(c)
	}
	list := func(id correlate.IncidentID, states ...store.SuggestionState) []store.Suggestion {
		return must1(s.Suggestions(t.Context(), home, id, states))
	}
	low, high, other := suggestionOf(11, 1, 2, 0.4), suggestionOf(12, 2, 3, 0.6), suggestionOf(13, 3, 4, 0.5)
	put(low, high, other)
	equal(t, "of incident 2", []store.Suggestion{high, low}, list(2))
	equal(t, "of incident 4", []store.Suggestion{other}, list(4))
	equal(t, "of incident 9", []store.Suggestion{}, list(9))
	equal(t, "by id", low, must1(s.Suggestion(t.Context(), home, 11)))
	equal(t, "by pair", low, must1(s.SuggestionOf(t.Context(), home, correlate.Pair{A: 1, B: 2})))
	for _, err := range []error{
		second(s.Suggestion(t.Context(), home, 14)), second(s.SuggestionOf(t.Context(), home, correlate.Pair{A: 2, B: 1})), second(s.Suggestion(t.Context(), "other", 11)),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
	}
	// A pair keeps its id; the last word of a change counts.
	again := suggestionOf(20, 1, 2, 0.7)
	decided := again
	decided.State, decided.DecidedAt, decided.DecidedBy, decided.Reason, decided.Merge = store.SuggestionRejected, at(9), "mara", "no", 77
	put(again, decided)
	decided.ID = 11
	equal(t, "told anew and decided", decided, must1(s.Suggestion(t.Context(), home, 11)))
	equal(t, "open ones", []store.Suggestion{high}, list(2, store.SuggestionOpen))
	equal(t, "open or rejected ones", []store.Suggestion{decided, high}, list(2, store.SuggestionOpen, store.SuggestionRejected))
}
