package storetest

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func isBadCursor(err error) bool { return errors.Is(err, store.ErrBadCursor) }

// hostileText puts text that breaks careless databases everywhere it can go.
func hostileText(t *testing.T, s store.Store) {
	for n, text := range []string{
		"nul\x00inside", "\xff\xfe broken", "'; DROP TABLE alert; --", `\u0000`, "\x1funit\x1f", strings.Repeat("long ", 20_000), "\U0001F600\u202e", "?$1%s", "\ufeff",
	} {
		kept := string([]rune(strings.ReplaceAll(text, "\x00", "\ufffd"))) // a wrong byte is one U+FFFD
		b := &book{t: t, s: s, workspace: "w" + text[:min(len(text), 40)]}
		c := b.next()
		a := wholeAlert()
		a.ID, a.Source, a.Title, a.Owner, a.Product, a.Rule, a.Category = text, text, text, text, text, text, text
		a.Tactics, a.Link.Model = []string{text, "Impact"}, text
		i := wholeIncident()
		i.Name, i.Owner, i.Tags = text, text, []string{text}
		i.Tally.Products = map[string]int{text: 1}
		i.TopAssets[0].Label = text
		c.Alerts, c.Incidents = []store.Alert{a}, []incident.Incident{i}
		c.Entities = []store.Entity{{ID: 1, Kind: entity.File, Label: text, Identifiers: []store.LearntIdentifier{{
			Identifier: entity.Identifier{Kind: entity.File, Type: "path", Scope: text, Value: text}, Alert: text, At: epoch}}}}
		c.AlertEntities = []store.AlertEntity{{Alert: text, Entity: 1, Kind: entity.File, Roles: []string{text}, Verdict: text}}
		c.IncidentEntities = []store.IncidentEntity{{Incident: 5, Entity: 1, Kind: entity.File, Verdict: text, Roles: []string{text}, Alerts: 1}}
		c.Activities = []incident.Activity{{Incident: 5, At: epoch, Text: text, Actor: incident.Actor{Kind: incident.ByUser, Name: text}, Details: map[string]any{text: text}}}
		c.Merges = []incident.Merge{{ID: 1, Source: 2, Target: 5, At: epoch, Reason: text, Alerts: []string{text}}}
		c.Commands = []correlate.Command{{Kind: correlate.CommandMove, Alerts: []string{text}}}
		c.Rejects = []store.Reject{{At: epoch, Source: text, Origin: text, Field: text, Reason: text, Raw: []byte(text)}}
		c.Intake = map[string]store.Intake{text: {Received: 1, Rejected: 1}}
		c.Jobs = []store.Job{{Kind: "test", Args: []byte(`{}`), At: epoch}}
		b.commit(c)

		got := must1(s.Alert(t.Context(), b.workspace, text))
		if got.Title != kept || got.ID != kept || got.Product != kept || !utf8.ValidString(got.Link.Model) || len(got.Tactics) != 2 {
			t.Errorf("%d: alert came back as %.100q %.100q", n, got.Title, got.Product)
		}
		if got := must1(s.Incident(t.Context(), b.workspace, 5)); got.Tags[0] != kept && !strings.Contains(text, "\x00") {
			t.Errorf("%d: incident came back as %.100q", n, got.Name)
		}
		if p := must1(s.Incidents(t.Context(), store.IncidentQuery{Workspace: b.workspace, Products: []string{text}, Tags: []string{text}, Owners: []string{text}})); len(p.Items) != 1 {
			t.Errorf("%d: not found by its own product, tag and owner", n)
		}
		if p := must1(s.Alerts(t.Context(), store.AlertQuery{Workspace: b.workspace, Products: []string{text}, Tactics: []string{text}, Rule: text})); len(p.Items) != 1 {
			t.Errorf("%d: alert not found by its own product, tactic and rule", n)
		}
		if got := must1(s.Rejects(t.Context(), b.workspace, store.Paging{})).Items; len(got) != 1 || string(got[0].Raw) != text[:min(len(text), 64<<10)] {
			t.Errorf("%d: the dead letter is not what came in", n)
		}
	}
	if n := len(must1(s.Workspaces(t.Context()))); n != 9 {
		t.Errorf("%d workspaces", n)
	}
}

func workspacesAreApart(t *testing.T, s store.Store) {
	for _, name := range []string{"one", "two"} {
		b := &book{t: t, s: s, workspace: name}
		c := full(0)
		c.Workspace = name
		c.Incidents[0].Name = name
		b.commit(c)
	}
	for _, name := range []string{"one", "two"} {
		if i := must1(s.Incident(t.Context(), name, 1)); i.Name != name {
			t.Errorf("%s has the incident of %s", name, i.Name)
		}
		if n := len(must1(s.Alerts(t.Context(), store.AlertQuery{Workspace: name})).Items); n != 1 {
			t.Errorf("%s has %d alerts", name, n)
		}
		if n := len(must1(s.Activities(t.Context(), store.ActivityQuery{Workspace: name})).Items); n != 1 {
			t.Errorf("%s has %d activities", name, n)
		}
		if n := len(must1(s.Rejects(t.Context(), name, store.Paging{})).Items); n != 1 {
			t.Errorf("%s has %d rejects", name, n)
		}
		if n := must1(s.Incidents(t.Context(), store.IncidentQuery{Workspace: name})); len(n.Items) != 1 {
			t.Errorf("%s has %d incidents", name, len(n.Items))
		}
		count := 0
		for range s.Replay(t.Context(), name, 0) {
			count++
		}
		if count != 2 {
			t.Errorf("%s has %d log entries", name, count)
		}
	}
	equal(t, "workspaces", []string{"one", "two"}, must1(s.Workspaces(t.Context())))
}
