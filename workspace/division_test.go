package workspace_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// taken is a workspace in which a wrong row of the inventory has made one user of
// amy and bo: alerts a1 to a3 are amy's, b1 and b2 bo's, all in one incident.
func taken(t *testing.T) *bench {
	b := newBench(t, realEngine)
	b.stock("upn,sid\namy@x.example," + boSID + "\n")
	pc := func(n int) alert.Evidence { return &alert.DeviceEvidence{MDEDeviceID: fmt.Sprintf("%040d", n)} }
	b.ingest(
		about("a1", 0, person("amy@x.example", ""), pc(1)), about("a2", 2, person("amy@x.example", ""), pc(1)), about("a3", 4, person("amy@x.example", ""), pc(1)),
		about("b1", 5, person("", boSID), pc(2)), about("b2", 6, person("", boSID), pc(2)),
	)
	if got := b.where("a1", "a2", "a3", "b1", "b2"); !cmp.Equal(got, []correlate.IncidentID{1, 1, 1, 1, 1}) {
		t.Fatalf("placed in %v", got)
	}
	return b
}

func names(ids ...string) []entity.Identifier {
	var out []entity.Identifier
	for i := 0; i+1 < len(ids); i += 2 {
		out = append(out, entity.Identifier{Kind: entity.User, Type: ids[i], Value: ids[i+1]})
	}
	return out
}

func (b *bench) mentions(id entity.ID) int {
	b.t.Helper()
	return must(b.st.Entity(b.ctx, "default", id)).Alerts
}

func TestSplittingAWrongAlias(t *testing.T) {
	t.Parallel()
	b := taken(t)
	one := b.named("amy@x.example")
	preview := must(b.w.PreviewSplit(b.ctx, one.ID, names("sid", boSID)))
	want := store.EntitySplit{Entity: one.ID, Identifiers: names("sid", boSID), Alerts: 2, Moves: []store.SplitMove{},
		Incidents: []store.SplitIncident{{ID: 1, Name: b.incident(1).Name, Alerts: 2, Both: true}}}
	if diff := cmp.Diff(want, preview); diff != "" {
		t.Error(diff)
	}
	before := b.position()
	s := must(b.w.SplitEntity(b.ctx, ada, one.ID, names("sid", boSID), "two people"))
	if before+1 != b.position() || s.Part == one.ID || s.Alerts != 2 || len(s.Moves) != 2 {
		t.Errorf("split: %+v", s)
	}
	amy, bo := b.named("amy@x.example"), b.named(boSID)
	if amy.ID != one.ID || bo.ID != s.Part || amy.Alerts != 3 || bo.Alerts != 2 || len(amy.Identifiers) != 1 || len(bo.Identifiers) != 1 || bo.Identifiers[0].Inventory == "" {
		t.Errorf("amy %+v, bo %+v", amy, bo)
	}
	if got := b.where("a1", "a2", "a3", "b1", "b2"); !cmp.Equal(got, []correlate.IncidentID{1, 1, 1, 2, 2}) {
		t.Errorf("afterwards in %v", got)
	}
	if b.logged(1, incident.EntityChanged) != 1 || b.logged(1, incident.Split) != 1 || b.logged(2, incident.Created) != 1 {
		t.Errorf("logs: %+v", b.activities(1))
	}
	if l := b.alert("b2").Link; len(l.Facts) == 0 || l.Facts[len(l.Facts)-1].Feature != "entity.divided" {
		t.Errorf("link of b2: %+v", l)
	}
	b.check()
	b.restart()
	b.check()

	// They stay apart: by what alerts say, by the same row again, and by an alert
	// that carries both.
	b.stock("upn,sid,department\namy@x.example," + boSID + ",Finance\n")
	b.ingest(about("c1", 7, person("amy@x.example", "")), about("c2", 8, person("", boSID)), about("c3", 9, person("amy@x.example", boSID)))
	if amy, bo := b.named("amy@x.example"), b.named(boSID); amy.ID != one.ID || bo.ID != s.Part || amy.Alerts != 4 || bo.Alerts != 4 {
		t.Errorf("after more alerts: amy %+v, bo %+v", amy, bo)
	}
	b.check()

	undone := must(b.w.UndoSplit(b.ctx, ada, s.ID, "one after all"))
	if undone.UndoneBy != "ada" || b.named(boSID).ID != one.ID || b.mentions(one.ID) != 8 {
		t.Errorf("undone: %+v", undone)
	}
	if got := b.where("a1", "b1", "b2"); !cmp.Equal(got, []correlate.IncidentID{1, 1, 1}) {
		t.Errorf("after the undo in %v", got)
	}
	if b.logged(1, incident.EntityChanged) != 2 {
		t.Errorf("logs: %+v", b.activities(1))
	}
	b.check()
	b.restart()
	b.check()
	if _, err := b.w.UndoSplit(b.ctx, ada, s.ID, ""); err == nil {
		t.Error("undone twice")
	}
}

func TestSplitsKeepWhatPeopleDecided(t *testing.T) {
	t.Parallel()
	b := taken(t)
	one := b.named("amy@x.example")
	if _, err := b.w.Move(b.ctx, ada, []string{"b1"}, 0, workspace.Reason{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.w.Move(b.ctx, ada, []string{"b1"}, 1, workspace.Reason{}); err != nil {
		t.Fatal(err)
	}
	s := must(b.w.SplitEntity(b.ctx, ada, one.ID, names("sid", boSID), ""))
	if got := b.where("b1"); got[0] != 1 {
		t.Errorf("the alert that a person placed is in %v", got)
	}
	b.check()
	if len(s.Moves) > 0 {
		// Somebody moves one on: it does not come back with the undo.
		if _, err := b.w.Move(b.ctx, ada, []string{s.Moves[0].Alert}, 0, workspace.Reason{}); err != nil && !errors.Is(err, workspace.ErrInvalid) {
			t.Fatal(err)
		}
	}
	must(b.w.UndoSplit(b.ctx, ada, s.ID, ""))
	b.check()
}

func TestResolvedIncidentsKeepTheirAlerts(t *testing.T) {
	t.Parallel()
	b := taken(t)
	one := b.named("amy@x.example")
	b.patch(1, workspace.Patch{Status: ref("resolved")})
	s := must(b.w.SplitEntity(b.ctx, ada, one.ID, names("sid", boSID), ""))
	if len(s.Moves) != 0 || !s.Incidents[0].Closed || b.incident(1).Tally.Alerts != 5 || b.logged(1, incident.EntityChanged) != 1 {
		t.Errorf("%+v", s)
	}
	if b.mentions(s.Part) != 2 {
		t.Error("the mentions did not go")
	}
	b.check()
}

func TestSplitsThatAreRefused(t *testing.T) {
	t.Parallel()
	b := taken(t)
	one := b.named("amy@x.example")
	before := b.image()
	for name, ids := range map[string][]entity.Identifier{
		"none": nil, "all": names("sid", boSID, "upn", "amy@x.example"), "unknown": names("sid", "S-1-5-21-9"),
		"one unknown": names("sid", boSID, "upn", "zoe@x.example"),
	} {
		if _, err := b.w.SplitEntity(b.ctx, ada, one.ID, ids, ""); !errors.Is(err, workspace.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.w.SplitEntity(b.ctx, ada, 999, names("sid", boSID), ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no entity: %v", err)
	}
	if _, err := b.w.UndoSplit(b.ctx, ada, 999, ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no split: %v", err)
	}
	if diff := cmp.Diff(before, b.image()); diff != "" {
		t.Error(diff)
	}
}

// split takes some entity of the workspace apart, or takes such a split back.
func (r *random) split() {
	page, err := r.bench.st.Entities(r.bench.ctx, store.EntityQuery{Workspace: r.bench.opt.Name, Kinds: []entity.Kind{entity.User, entity.Device}})
	if err != nil {
		r.rt.Fatal(err)
	}
	if len(page.Items) == 0 {
		return
	}
	e, err := r.bench.st.Entity(r.bench.ctx, r.bench.opt.Name, page.Items[rapid.IntRange(0, len(page.Items)-1).Draw(r.rt, "entity")].ID)
	if err != nil {
		r.rt.Fatal(err)
	}
	splits, err := r.bench.st.EntitySplits(r.bench.ctx, r.bench.opt.Name, e.ID)
	if err != nil {
		r.rt.Fatal(err)
	}
	if len(splits) > 0 && rapid.Bool().Draw(r.rt, "take back") {
		_, err := r.bench.w.UndoSplit(r.bench.ctx, ada, splits[rapid.IntRange(0, len(splits)-1).Draw(r.rt, "split")].ID, "")
		r.allow("undoing a split", err)
		return
	}
	if len(e.Identifiers) < 2 {
		return
	}
	n := rapid.IntRange(1, len(e.Identifiers)-1).Draw(r.rt, "identifiers")
	var ids []entity.Identifier
	for _, l := range rapid.Permutation(e.Identifiers).Draw(r.rt, "which")[:n] {
		ids = append(ids, l.Identifier)
	}
	s, err := r.bench.w.SplitEntity(r.bench.ctx, ada, e.ID, ids, "")
	r.allow("splitting", err)
	if err == nil {
		r.apart(s)
	}
}

// apart holds a split that was just made against what must be true: no entity has
// identifiers of both sides.
func (r *random) apart(s store.EntitySplit) {
	part, err := r.bench.st.Entity(r.bench.ctx, r.bench.opt.Name, s.Part)
	if err != nil {
		r.rt.Fatal(err)
	}
	if len(part.Identifiers) != len(s.Identifiers) || part.ID != s.Part {
		r.rt.Errorf("the part of %+v is %+v", s, part)
	}
}
