package correlate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

// A restored engine decides as it did before, with the model of the snapshot, until
// it is told that everything has been replayed. From then on the new model decides,
// and a snapshot taken then says so.
func TestModelIsKeptUntilRenewed(t *testing.T) {
	t.Parallel()
	strict := *correlate.BuiltIn()
	strict.Version, strict.Join, strict.Consider = "strict", strict.Join+3, strict.Consider+3
	stream := company(21, 1200)
	place := func(e *correlate.Engine, from, to int) (links []string) {
		for i, a := range stream[from:to] {
			out := e.Add(correlate.Arrival{Seq: int64(from + i + 1), Received: a.CreatedDateTime, Alert: a})
			links = append(links, fmt.Sprint(out.AlertID, out.Incident, out.Link.Model))
		}
		return links
	}
	first := correlate.New(correlate.Options{})
	place(first, 0, 400)
	snapshot, err := first.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	want := place(first, 400, 800)

	second, err := correlate.Restore(snapshot, correlate.Options{Model: &strict})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, place(second, 400, 800)); diff != "" {
		t.Fatalf("replayed with another model:\n%s", diff)
	}
	if !second.Renew() || second.Renew() {
		t.Error("the new model takes over once")
	}
	old, fresh := incidentsOf(first, stream[800:]), incidentsOf(second, stream[800:])
	if fresh <= old {
		t.Errorf("the stricter model makes %d new incidents, the old one %d", fresh, old)
	}
	if snapshot, err = second.Snapshot(); err != nil {
		t.Fatal(err)
	}
	third, err := correlate.Restore(snapshot, correlate.Options{Model: &strict})
	if err != nil {
		t.Fatal(err)
	}
	if third.Renew() {
		t.Error("it is the same model now")
	}
}

func incidentsOf(e *correlate.Engine, as []*alert.Alert) (created int) {
	for i, a := range as {
		if e.Add(correlate.Arrival{Seq: int64(10_000 + i), Received: a.CreatedDateTime, Alert: a}).Created {
			created++
		}
	}
	return created
}

// A model that people chose decides from the command on that carries it. A replay
// without a snapshot changes over at the same place, one with a snapshot goes on with
// it, and the model that a later start brings does not take its place.
func TestChosenModelDecides(t *testing.T) {
	t.Parallel()
	strict := *correlate.BuiltIn()
	strict.Version, strict.Join, strict.Consider = "strict", strict.Join+3, strict.Consider+3
	data, err := strict.File()
	if err != nil {
		t.Fatal(err)
	}
	own, err := correlate.BuiltIn().File()
	if err != nil {
		t.Fatal(err)
	}
	stream := company(22, 900)
	place := func(e *correlate.Engine, from, to int) (links []string) {
		for i, a := range stream[from:to] {
			out := e.Add(correlate.Arrival{Seq: int64(from + i + 1), Received: a.CreatedDateTime, Alert: a})
			links = append(links, fmt.Sprint(out.AlertID, out.Incident, out.Link.Model))
		}
		return links
	}
	choose := func(e *correlate.Engine, id int64, file []byte) {
		t.Helper()
		if _, err := e.Apply(correlate.Command{Kind: correlate.CommandSettings, Settings: &correlate.Settings{Model: id}, Model: file}); err != nil {
			t.Fatal(err)
		}
	}
	versions := func(links []string) (n int) {
		for _, l := range links {
			if strings.Contains(l, "strict") {
				n++
			}
		}
		return n
	}
	first := correlate.New(correlate.Options{})
	want := place(first, 0, 300)
	choose(first, 3, data)
	snapshot, err := first.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	chosen := place(first, 300, 600)
	if versions(want) > 0 || versions(chosen) == 0 {
		t.Fatalf("%d and %d links say strict", versions(want), versions(chosen))
	}
	choose(first, 0, own)
	rest := place(first, 600, 900)
	if versions(rest) > 0 {
		t.Errorf("%d links say strict after it was taken back", versions(rest))
	}

	second := correlate.New(correlate.Options{})
	got := place(second, 0, 300)
	choose(second, 3, data)
	got = append(got, place(second, 300, 600)...)
	if second.Renew() {
		t.Error("the model of the start took the place of the chosen one")
	}
	choose(second, 0, own)
	got = append(got, place(second, 600, 900)...)
	if diff := cmp.Diff(append(append(want, chosen...), rest...), got); diff != "" {
		t.Errorf("replayed from the beginning:\n%s", diff)
	}
	if second.Renew() {
		t.Error("it is the model of the start already")
	}

	third, err := correlate.Restore(snapshot, correlate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(chosen, place(third, 300, 600)); diff != "" {
		t.Errorf("replayed from a snapshot:\n%s", diff)
	}
	if third.Renew() {
		t.Error("the model of the start took the place of the chosen one")
	}
	choose(third, 3, []byte("{}"))
	place(third, 600, 601)
	if third.Renew() {
		t.Error("a file that can't be read any more leaves the engine its own model")
	}
}
