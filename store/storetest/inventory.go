package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

func identifier(kind entity.Kind, typ, value string) entity.Identifier {
	return entity.Identifier{Kind: kind, Type: typ, Value: value}
}

func assetOf(n int64, kind entity.Kind, names ...entity.Identifier) store.InventoryAsset {
	return store.InventoryAsset{
		Asset: entity.Asset{Kind: kind, Label: fmt.Sprint("asset ", n), Identifiers: names, Place: fmt.Sprint("file, row ", n),
			Facts: map[string]string{"department": "Finance", "hostile\x00": "<b>\xff"}},
		Number: n, At: at(int(n)), Digest: []byte{byte(n), 0, 255},
	}
}

func inventory(t *testing.T, s store.Store) {
	ctx := t.Context()
	empty := must1(s.InventoryState(ctx, "nowhere"))
	equal(t, "no workspace", store.InventoryState{}, empty)
	b := newBook(t, s)
	upn, sid, fqdn := identifier(entity.User, "upn", "mara@harbor.example"), identifier(entity.User, "sid", "S-1-5"), identifier(entity.Device, "fqdn", "wks-1.harbor.example")
	mara, wks := assetOf(1, entity.User, upn, sid), assetOf(2, entity.Device, fqdn)
	wks.Criticality = entity.CriticalityCritical
	wks.Leases = []entity.Lease{{Address: "10.0.0.1", From: at(1), To: at(2)}, {Address: "10.0.0.2", From: at(2), To: at(3)}}
	c := b.next()
	c.Assets = []store.InventoryAsset{assetOf(1, entity.User), mara, wks}
	c.Imports = []store.InventoryImport{{ID: 3, At: at(3), Origin: "old"}, {ID: 3, At: at(3), Origin: "people.csv", Received: 4, New: 2, Rejected: 2, Actor: incident.Actor{Kind: incident.ByUser, Name: "ada"}}}
	b.commit(c)

	clean := map[string]string{"department": "Finance", "hostile\ufffd": "<b>\ufffd"}
	named := must1(s.AssetsNamed(ctx, home, []entity.Identifier{sid, upn, fqdn, sid}))
	if len(named) != 2 {
		t.Fatalf("%d assets are named", len(named))
	}
	for i, want := range []store.InventoryAsset{mara, wks} {
		got := named[i]
		if len(got.Facts) != len(clean) || got.Facts["department"] != "Finance" {
			t.Errorf("facts: %q", got.Facts)
		}
		got.Facts, want.Facts = nil, nil
		equal(t, "asset", want, got)
	}
	if got := must1(s.AssetsByNumber(ctx, home, []int64{2, 9, 2})); len(got) != 1 || got[0].Number != 2 {
		t.Errorf("by number: %+v", got)
	}
	held := must1(s.HeldRows(ctx, home, [][]byte{mara.Digest, {9}}))
	equal(t, "held rows", map[string]bool{string(mara.Digest): true}, held)
	state := must1(s.InventoryState(ctx, home))
	if len(state.Imports) != 1 || state.Imports[0].Origin != "people.csv" || !state.Imports[0].At.Equal(at(3)) {
		t.Errorf("imports: %+v", state.Imports)
	}
	state.Imports = nil
	equal(t, "state", store.InventoryState{Users: 1, Devices: 1, Critical: 1, Leases: 2}, state)

	c = b.next()
	renamed := assetOf(1, entity.User, sid)
	c.Assets = []store.InventoryAsset{renamed}
	b.commit(c)
	if got := must1(s.AssetsNamed(ctx, home, []entity.Identifier{upn})); len(got) != 0 {
		t.Errorf("a name that was given up finds %+v", got)
	}
	if got := must1(s.AssetsNamed(ctx, "elsewhere", []entity.Identifier{sid})); len(got) != 0 {
		t.Errorf("another workspace sees %+v", got)
	}

	c = b.next()
	c.ForgetAssets, c.Assets = true, []store.InventoryAsset{assetOf(1, entity.Device, fqdn)}
	b.commit(c)
	state = must1(s.InventoryState(ctx, home))
	state.Imports = nil
	equal(t, "state after forgetting", store.InventoryState{Devices: 1}, state)
}

func conflictOf(n int, e, other entity.ID) entity.Conflict {
	return entity.Conflict{
		Entity: e, Other: other, By: identifier(entity.User, "upn", fmt.Sprint("u", n)), Has: identifier(entity.User, "sid", fmt.Sprint("a", n)),
		Says: identifier(entity.User, "sid", fmt.Sprint("b", n)), Alert: fmt.Sprint("alert ", n), At: at(n),
	}
}

func conflicts(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	list := func(e entity.ID) (out string) {
		for _, c := range all(t, 2, func(p store.Paging) (store.Page[entity.Conflict], error) {
			return s.Conflicts(ctx, store.ConflictQuery{Workspace: home, Entity: e, Paging: p})
		}) {
			out += fmt.Sprintf("%s:%d,%d ", c.By.Value, c.Entity, c.Other)
		}
		return out
	}
	if got := list(0); got != "" {
		t.Errorf("an empty store lists %q", got)
	}
	c := b.next()
	c.Entities = []store.Entity{entityOf(1, entity.User, "one"), entityOf(2, entity.User, "two"), entityOf(3, entity.User, "three")}
	c.Entities[2].Identifiers = []store.LearntIdentifier{learnt(entity.User, "upn", "u4")}
	later := conflictOf(1, 1, 2)
	later.At = at(99)
	c.Conflicts = []entity.Conflict{conflictOf(1, 1, 2), conflictOf(2, 2, 0), conflictOf(3, 3, 1), conflictOf(4, 0, 0), later}
	b.commit(c)
	for e, want := range map[entity.ID]string{0: "u4:0,0 u3:3,1 u2:2,0 u1:1,2 ", 1: "u3:3,1 u1:1,2 ", 2: "u2:2,0 u1:1,2 ", 3: "u4:0,0 u3:3,1 "} {
		if got := list(e); got != want {
			t.Errorf("of entity %d: %q, want %q", e, got, want)
		}
	}
	c = b.next()
	c.Joins = []entity.Join{{From: 2, Into: 1, At: epoch}}
	b.commit(c)
	if got := list(2); got != "u3:3,1 u2:1,0 u1:1,1 " {
		t.Errorf("after a join: %q", got)
	}
	if n := must1(s.InventoryState(ctx, home)).Conflicts; n != 4 {
		t.Errorf("%d conflicts are counted", n)
	}
	got := must1(s.Conflicts(ctx, store.ConflictQuery{Workspace: home, Entity: 3})).Items
	equal(t, "whole", conflictOf(3, 3, 1), got[1])
}

func divisions(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	c := b.next()
	c.Alerts = []store.Alert{alertOf("a", 1, 1), alertOf("b", 2, 1)}
	c.Entities = []store.Entity{entityOf(1, entity.Device, "wks-1")}
	c.Entities[0].Identifiers = []store.LearntIdentifier{learnt(entity.Device, "fqdn", "wks-1.a.example"), learnt(entity.Device, "fqdn", "wks-1.b.example"), learnt(entity.Device, "deviceId", "d")}
	c.Entities[0].Identifiers[1].Alert, c.Entities[0].Identifiers[1].Inventory = "", "devices.csv, row 7"
	c.AlertEntities = []store.AlertEntity{{Alert: "a", Entity: 1, Kind: entity.Device}, {Alert: "b", Entity: 1, Kind: entity.Device, Evidence: 1}}
	conflict := conflictOf(1, 1, 0)
	conflict.Joined, conflict.By, conflict.Has, conflict.Says = true, identifier(entity.Device, "deviceId", "d"), identifier(entity.Device, "fqdn", "wks-1.a.example"), identifier(entity.Device, "fqdn", "wks-1.b.example")
	c.Conflicts = []entity.Conflict{conflict, conflictOf(2, 1, 0)}
	b.commit(c)

	c = b.next()
	part := entityOf(2, entity.Device, "wks-1.b.example")
	c.Entities = []store.Entity{part}
	c.Divisions = []store.Division{{From: 1, Into: 2, Identifiers: []entity.Identifier{identifier(entity.Device, "fqdn", "wks-1.b.example"), identifier(entity.Device, "fqdn", "unknown")}, Split: 77}}
	c.Remention = []string{"b"}
	c.AlertEntities = []store.AlertEntity{{Alert: "b", Entity: 2, Kind: entity.Device, Evidence: 1, Verdict: "malicious"}}
	b.commit(c)
	one, two := must1(s.Entity(ctx, home, 1)), must1(s.Entity(ctx, home, 2))
	if len(one.Identifiers) != 2 || len(two.Identifiers) != 1 || two.Identifiers[0].Inventory != "devices.csv, row 7" || one.Alerts != 1 || two.Alerts != 1 {
		t.Errorf("divided into %+v and %+v", one, two)
	}
	equal(t, "mentions", []store.AlertEntity{{Alert: "b", Entity: 2, Kind: entity.Device, Evidence: 1, Verdict: "malicious"}}, must1(s.AlertEntities(ctx, home, []string{"b"})))
	search := func(q string) []store.Entity {
		return must1(s.Entities(ctx, store.EntityQuery{Workspace: home, Search: q})).Items
	}
	if found := search("wks-1.b"); len(found) != 1 || found[0].ID != 2 {
		t.Errorf("the name that went finds %+v", found)
	}
	if found := search("wks-1.a"); len(found) != 1 || found[0].ID != 1 {
		t.Errorf("the name that stayed finds %+v", found)
	}
	open := func() int { return len(must1(s.Conflicts(ctx, store.ConflictQuery{Workspace: home})).Items) }
	if open() != 1 {
		t.Errorf("%d contradictions stand after the split of one of two", open())
	}

	c = b.next()
	c.Joins = []entity.Join{{From: 2, Into: 1, At: epoch}}
	c.EntitySplits = []store.EntitySplit{{ID: 77, Entity: 1, Part: 2, UndoneAt: at(1)}}
	b.commit(c)
	if one := must1(s.Entity(ctx, home, 2)); one.ID != 1 || len(one.Identifiers) != 3 || one.Alerts != 2 || open() != 2 {
		t.Errorf("joined again: %+v, %d contradictions", one, open())
	}
	c = b.next()
	c.Remention = []string{"nobody"}
	if err := s.Commit(ctx, c); err == nil {
		t.Error("mentions of an unknown alert were replaced")
	}
}

func entitySplits(t *testing.T, s store.Store) {
	ctx := t.Context()
	b := newBook(t, s)
	if got := must1(s.EntitySplits(ctx, home, 1)); len(got) != 0 {
		t.Errorf("an empty store has splits: %+v", got)
	}
	split := store.EntitySplit{
		ID: 5, Entity: 1, Part: 3, Identifiers: []entity.Identifier{identifier(entity.User, "upn", "x")}, At: at(1), Actor: incident.Actor{Kind: incident.ByUser, Name: "ada"},
		Reason: "two people", Alerts: 4, Moves: []store.SplitMove{{Alert: "a", From: 1, To: 2}}, Incidents: []store.SplitIncident{{ID: 1, Name: "n", Alerts: 2, Both: true, Moved: 1}},
	}
	c := b.next()
	c.Entities = []store.Entity{entityOf(1, entity.User, "one"), entityOf(2, entity.User, "two"), entityOf(3, entity.User, "three"), entityOf(4, entity.User, "four")}
	c.EntitySplits = []store.EntitySplit{split, {ID: 9, Entity: 4, Part: 2}}
	b.commit(c)
	for id, want := range map[entity.ID]int{1: 1, 3: 1, 2: 1, 4: 1, 7: 0} {
		if got := must1(s.EntitySplits(ctx, home, id)); len(got) != want {
			t.Errorf("entity %d has %d splits", id, len(got))
		}
	}
	equal(t, "split", split, must1(s.EntitySplit(ctx, home, 5)))
	c = b.next()
	split.UndoneAt, split.UndoneBy = time.Time(at(9)), "bob"
	c.EntitySplits = []store.EntitySplit{split}
	c.Joins = []entity.Join{{From: 3, Into: 2, At: epoch}}
	b.commit(c)
	equal(t, "undone", split, must1(s.EntitySplit(ctx, home, 5)))
	if got := must1(s.EntitySplits(ctx, home, 2)); len(got) != 2 || got[0].ID != 9 {
		t.Errorf("the part joined another: %+v", got)
	}
	for _, id := range []int64{6, 1 << 50} {
		if _, err := s.EntitySplit(ctx, home, id); err == nil {
			t.Errorf("split %d is there", id)
		}
	}
}
