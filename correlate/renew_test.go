package correlate_test

import (
	"fmt"
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
