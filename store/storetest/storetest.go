// Package storetest is the conformance suite of the persistence contract. Every
// backend runs the whole of it, so that they can't differ.
package storetest

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// Run puts a backend through the suite. open gives an empty store and closes it
// when the test ends.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"EmptyStore", emptyStore},
		{"CommitIsAtomic", commitIsAtomic},
		{"CommitConflicts", commitConflicts},
		{"CommitAfterCancelledContext", commitAfterCancelledContext},
		{"AlertComesBackWhole", alertComesBackWhole},
		{"ReplacedAlerts", replacedAlerts},
		{"MovesAndEdits", movesAndEdits},
		{"AlertFilters", alertFilters},
		{"AlertOrders", alertOrders},
		{"AlertFacets", alertFacets},
		{"IncidentComesBackWhole", incidentComesBackWhole},
		{"IncidentFilters", incidentFilters},
		{"IncidentOrders", incidentOrders},
		{"IncidentFacets", incidentFacets},
		{"Search", search},
		{"Cursors", cursors},
		{"HostileText", hostileText},
		{"TextOrderIsByBytes", textOrderIsByBytes},
		{"Times", times},
		{"Entities", entities},
		{"Joins", joins},
		{"IncidentEntities", incidentEntities},
		{"Inventory", inventory},
		{"Conflicts", conflicts},
		{"Divisions", divisions},
		{"EntitySplits", entitySplits},
		{"Activities", activities},
		{"Merges", merges},
		{"Tasks", tasks},
		{"ExcludedAlerts", excludedAlerts},
		{"RuleCounts", ruleCounts},
		{"LongRules", longRules},
		{"RulePages", rulePages},
		{"CorrelationSettings", correlationSettings},
		{"Suggestions", suggestions},
		{"Partings", partings},
		{"Replay", replay},
		{"Placements", placements},
		{"Checkpoints", checkpoints},
		{"RejectsAndIntake", rejectsAndIntake},
		{"Histogram", histogram},
		{"Backtests", backtests},
		{"Models", models},
		{"SavedQueries", savedQueries},
		{"HuntingRuns", huntingRuns},
		{"Watchlists", watchlists},
		{"WorkspacesAreApart", workspacesAreApart},
		{"Users", users},
		{"Sessions", sessions},
		{"Tokens", tokens},
		{"Invitations", invitations},
		{"ReadersWhileWriting", readersWhileWriting},
		{"RandomChangesAgreeWithModel", randomChangesAgreeWithModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

const home = "home"

var epoch = time.Date(2025, 5, 6, 7, 8, 9, 123456000, time.UTC)

func at(minutes int) time.Time { return epoch.Add(time.Duration(minutes) * time.Minute) }

// same compares what was written with what was read: empty and missing are one.
var same = cmp.Options{cmpopts.EquateEmpty()}

func equal(t testing.TB, what string, want, got any, more ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, append(more, same)...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// book writes changes to a workspace one after the other.
type book struct {
	t         testing.TB
	s         store.Store
	workspace string
	seq       int64
}

func newBook(t testing.TB, s store.Store) *book { return &book{t: t, s: s, workspace: home} }

// next is a change after everything that was written.
func (b *book) next() *store.Change {
	return &store.Change{Workspace: b.workspace, PrevSeq: b.seq, Seq: b.seq, At: epoch}
}

// commit gives alerts and commands without position the next ones, and writes.
func (b *book) commit(c *store.Change) *store.Change {
	b.t.Helper()
	for i := range c.Alerts {
		if c.Alerts[i].Seq == 0 {
			c.Seq++
			c.Alerts[i].Seq = c.Seq
		}
	}
	for i := range c.Commands {
		if c.Commands[i].Seq == 0 {
			c.Seq++
			c.Commands[i].Seq = c.Seq
		}
	}
	if err := b.s.Commit(b.t.Context(), c); err != nil {
		b.t.Fatal(err)
	}
	b.seq = c.Seq
	return c
}

func (b *book) alerts(all ...store.Alert) *store.Change {
	b.t.Helper()
	c := b.next()
	c.Alerts = all
	return b.commit(c)
}

func (b *book) incidents(all ...incident.Incident) {
	b.t.Helper()
	c := b.next()
	c.Incidents = all
	b.commit(c)
}

// alertOf is a small alert; n makes it differ from others.
func alertOf(id string, n int, in correlate.IncidentID) store.Alert {
	return store.Alert{
		ID: id, Source: "graph", Received: at(n), Updated: at(n), Incident: in, Normal: []byte(`{"id":"` + strconv.Itoa(n) + `"}`),
		Title: "Alert " + strconv.Itoa(n), Severity: "medium", Status: "new", FirstActivity: at(n), LastActivity: at(n + 1),
	}
}

// headOf is an incident; n makes it differ from others.
func headOf(id correlate.IncidentID, n int) incident.Incident {
	i := incident.New(id, at(n))
	i.Name = "Incident " + strconv.Itoa(n)
	i.FirstActivity, i.LastActivity = at(n), at(n+1)
	return i
}

func entityOf(id entity.ID, kind entity.Kind, label string) store.Entity {
	return store.Entity{ID: id, Kind: kind, Label: label, FirstSeen: at(int(id)), LastSeen: at(int(id) + 1)}
}

// all reads every page, with pages of the given size, and checks that they are full.
func all[T any](t testing.TB, limit int, list func(store.Paging) (store.Page[T], error)) []T {
	t.Helper()
	var out []T
	p := store.Paging{Limit: limit}
	for {
		page := must2(t, list, p)
		out = append(out, page.Items...)
		if page.Next == "" {
			return out
		}
		if len(page.Items) != limit {
			t.Fatalf("a page of %d with more to come, the limit is %d", len(page.Items), limit)
		}
		p.Cursor = page.Next
	}
}

func must2[T any](t testing.TB, list func(store.Paging) (store.Page[T], error), p store.Paging) store.Page[T] {
	t.Helper()
	page, err := list(p)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func alertIDs(all []store.Alert) []string {
	out := make([]string, len(all))
	for i, a := range all {
		out[i] = a.ID
	}
	return out
}

func incidentIDs(all []incident.Incident) []int {
	out := make([]int, len(all))
	for i, x := range all {
		out[i] = int(x.ID)
	}
	return out
}

func listAlerts(t testing.TB, s store.Store, q store.AlertQuery) []string {
	t.Helper()
	q.Workspace = home
	return alertIDs(all(t, 2, func(p store.Paging) (store.Page[store.Alert], error) {
		q.Paging = p
		return s.Alerts(t.Context(), q)
	}))
}

func listIncidents(t testing.TB, s store.Store, q store.IncidentQuery) []int {
	t.Helper()
	q.Workspace = home
	return incidentIDs(all(t, 2, func(p store.Paging) (store.Page[incident.Incident], error) {
		q.Paging = p
		return s.Incidents(t.Context(), q)
	}))
}
