package storetest

import (
	"strconv"
	"testing"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

// placements holds where alerts are against what was committed, and the numbers of
// entities, in more alerts than one step of reading takes.
func placements(t *testing.T, s store.Store) {
	ctx := t.Context()
	other := &book{t: t, s: s, workspace: "other"}
	other.alerts(alertOf("elsewhere", 1, 7))
	b := newBook(t, s)
	c := b.next()
	for n := range 5 {
		c.Alerts = append(c.Alerts, alertOf(strconv.Itoa(n), n, 1))
	}
	c.Entities = []store.Entity{entityOf(3, entity.User, "c"), entityOf(8, entity.User, "h"), entityOf(2, entity.User, "b")}
	b.commit(c)
	equal(t, "the last entity", entity.ID(8), must1(s.LastEntity(ctx, home)))
	equal(t, "the last entity of a workspace without one", entity.ID(0), must1(s.LastEntity(ctx, other.workspace)))

	c = b.next()
	v2 := alertOf("1", 1, 1)
	v2.Seq, v2.Replaces = 6, 2
	c.Seq, c.Alerts = 6, []store.Alert{v2}
	c.Moves = []store.AlertMove{{ID: "3", To: 2}}
	c.Entities = []store.Entity{{ID: 9, RedirectTo: 3}}
	b.commit(c)
	equal(t, "the last entity after a join", entity.ID(9), must1(s.LastEntity(ctx, home)))
	want := []store.Placement{{AlertID: "0", Incident: 1}, {AlertID: "1", Incident: 1}, {AlertID: "2", Incident: 1}, {AlertID: "3", Incident: 2}, {AlertID: "4", Incident: 1}}

	const more = 2500
	for from := 0; from < more; from += 1000 {
		c = b.next()
		for n := from; n < min(from+1000, more); n++ {
			a := alertOf("m"+strconv.Itoa(n), n, 5)
			c.Alerts = append(c.Alerts, a)
			want = append(want, store.Placement{AlertID: a.ID, Incident: 5})
		}
		b.commit(c)
	}
	var got []store.Placement
	for p, err := range s.Placements(ctx, home) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	equal(t, "placements", want, got)
	n := 0
	for range s.Placements(ctx, home) {
		if n++; n == 3 {
			break
		}
	}
}
