package storetest

import (
	"testing"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func partingOf(a, b correlate.IncidentID) store.Parting {
	return store.Parting{Pair: correlate.Pair{A: a, B: b}, NowA: a, NowB: b}
}

// merged is the head of an incident that was merged away.
func merged(id, into correlate.IncidentID) incident.Incident {
	i := incident.New(id, at(0))
	i.Status, i.RedirectTo = incident.Redirected, into
	return i
}

func partings(t *testing.T, s store.Store) {
	b := newBook(t, s)
	write := func(heads []incident.Incident, all ...store.Parting) {
		c := b.next()
		c.Incidents, c.Partings = heads, all
		b.commit(c)
	}
	of := func(id correlate.IncidentID) []store.Parting { return must1(s.Partings(t.Context(), home, id)) }
	equal(t, "before anything", []store.Parting{}, of(0))
	x, y, z := partingOf(1, 2), partingOf(2, 3), partingOf(3, 4)
	write(nil, z, y, x)
	equal(t, "all", []store.Parting{x, y, z}, of(0))
	equal(t, "of incident 3", []store.Parting{y, z}, of(3))
	equal(t, "of incident 9", []store.Parting{}, of(9))
	equal(t, "of another workspace", []store.Parting{}, must1(s.Partings(t.Context(), "other", 0)))

	// They follow merges, those of a chain in one change too.
	write([]incident.Incident{merged(2, 7), merged(7, 8), merged(9, 1)})
	x.NowB, y.NowA = 8, 8
	equal(t, "after a merge", []store.Parting{x, y}, of(8))
	equal(t, "of what was merged away", []store.Parting{}, of(2))
	write([]incident.Incident{merged(3, 8)})
	y.NowB, z.NowA = 8, 8
	equal(t, "both sides in one", []store.Parting{x, y, z}, of(8))

	// What stands on its own again is written with it; the last word counts.
	x.NowB = 2
	ended := z
	ended.Ended = true
	write([]incident.Incident{incident.New(2, at(1))}, z, x, ended, partingOf(2, 8))
	equal(t, "after undoing", []store.Parting{x, y, partingOf(2, 8)}, of(0))
	write(nil, ended, z)
	equal(t, "parted again", []store.Parting{x, y, partingOf(2, 8), z}, of(0))
}

// WriteWords writes commands by which people part incidents and take that back, and
// gives the pairs that are parted in the end. Backends test with it that a migration
// finds in the log what was decided before there was a table for it.
func WriteWords(t testing.TB, s store.Store) []store.Parting {
	t.Helper()
	b := newBook(t, s)
	ids := func(all ...correlate.IncidentID) []correlate.IncidentID { return all }
	for _, c := range []correlate.Command{
		{Kind: correlate.CommandReject, Incident: 1, Sources: ids(2)},
		{Kind: correlate.CommandReject, Incident: 4, Sources: ids(3)},
		{Kind: correlate.CommandUnreject, Incident: 4, Sources: ids(3)},
		{Kind: correlate.CommandUndoMerge, Incident: 6, Sources: ids(5), Alerts: []string{"a"}},
		{Kind: correlate.CommandMove, Incident: 7, Sources: ids(9, 8), Alerts: []string{`x","kind":"merge`}},
		{Kind: correlate.CommandMove, Sources: ids(1), Alerts: []string{"a\x00\"", "b"}, Recorded: &correlate.Recorded{Incident: 10, Created: true}},
		{Kind: correlate.CommandMove, Incident: 11, Alerts: []string{"without sources"}},
		{Kind: correlate.CommandKeep, Incident: 12, Sources: ids(13), Alerts: []string{"a"}},
		{Kind: correlate.CommandState, Incident: 1, State: correlate.State{Owner: `"kind":"reject"`}},
		{Kind: correlate.CommandMerge, Incident: 5, Sources: ids(6)},
		{Kind: correlate.CommandReject, Incident: 5, Sources: ids(6)},
		{Kind: correlate.CommandMerge, Incident: 8, Sources: ids(7)},
	} {
		change := b.next()
		change.Commands = []correlate.Command{c}
		b.commit(change)
	}
	return []store.Parting{partingOf(1, 2), partingOf(1, 10), partingOf(5, 6), partingOf(7, 9)}
}

// CheckWords compares what a migration found with what WriteWords gave.
func CheckWords(t testing.TB, s store.Store, want []store.Parting) {
	t.Helper()
	equal(t, "what people parted", want, must1(s.Partings(t.Context(), home, 0)))
}
