package workspace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/entity/inventory"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

func (b *bench) stock(text string) workspace.InventoryReceipt {
	b.t.Helper()
	r, err := b.w.ImportInventory(b.ctx, ada, workspace.InventoryBatch{Origin: "list", Rows: inventory.Read(strings.NewReader(text), inventory.Options{Name: "list"})})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// about is an alert with evidence, n minutes after the epoch.
func about(id string, n int, evidence ...alert.Evidence) *alert.Alert {
	at := epoch.Add(time.Duration(n) * time.Minute)
	return &alert.Alert{
		ID: id, Title: "Detection " + id, DetectorID: "rule-" + id, Severity: alert.SeverityMedium, Category: "Execution", ProductName: "One",
		CreatedDateTime: at, LastUpdateDateTime: at, FirstActivityDateTime: at, LastActivityDateTime: at, Evidence: evidence,
	}
}

func person(upn, sid string) alert.Evidence {
	return &alert.UserEvidence{UserAccount: &alert.UserAccount{UserPrincipalName: upn, UserSID: sid}}
}

// named finds the one entity with an identifier that holds the text.
func (b *bench) named(text string) store.Entity {
	b.t.Helper()
	page, err := b.st.Entities(b.ctx, store.EntityQuery{Workspace: "default", Search: text})
	if err != nil || len(page.Items) != 1 {
		b.t.Fatalf("%q finds %+v (%v)", text, page.Items, err)
	}
	return must(b.st.Entity(b.ctx, "default", page.Items[0].ID))
}

const (
	amySID = "S-1-5-21-1-2-3-1104"
	boSID  = "S-1-5-21-1-2-3-1105"
)

func TestInventoryJoinsEntitiesAndKeepsItsProof(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	b.ingest(about("a", 0, person("amy@x.example", "")), about("b", 1, person("", amySID)))
	if b.named("amy@x.example").ID == b.named(amySID).ID {
		t.Fatal("one entity already")
	}
	r := b.stock("upn,sid,department\namy@x.example," + amySID + ",Finance\nbroken,,\nbo@x.example," + boSID + ",Sales\n")
	want := workspace.InventoryReceipt{Received: 3, New: 2, Rejected: 1, Joined: 1, Rejects: []workspace.RecordResult{
		{Record: 2, Status: workspace.StatusRejected, Field: "upn", Reason: "not an address of the form name@domain"},
	}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if dead := b.rejects(); len(dead) != 1 || dead[0].Source != workspace.InventorySource || dead[0].Field != "upn" || string(dead[0].Raw) != "broken,," {
		t.Errorf("dead letters: %+v", dead)
	}
	b.check()
	amy := b.named("amy@x.example")
	if amy.Alerts != 2 || b.named(amySID).ID != amy.ID {
		t.Errorf("after the import: %+v", amy)
	}
	b.restart()
	b.check()
	b.ingest(about("c", 2, person("bo@x.example", "")), about("d", 3, person("", boSID)))
	bo := b.named(boSID)
	if bo.Alerts != 2 {
		t.Errorf("bo: %+v", bo)
	}
	for _, l := range bo.Identifiers {
		if l.Type == "sid" && (l.Inventory != "list, row 3" || l.Alert != "") || l.Type == "upn" && l.Alert != "c" {
			t.Errorf("proof of %+v", l)
		}
	}
	if r := b.stock("upn,sid,department\namy@x.example," + amySID + ",Finance\n"); r.Unchanged != 1 || r.New+r.Updated != 0 {
		t.Errorf("the same again: %+v", r)
	}
	if r := b.stock("sid,title\n" + amySID + ",Head\n"); r.Updated != 1 {
		t.Errorf("another fact: %+v", r)
	}
	assets := must(b.st.AssetsNamed(b.ctx, "default", []entity.Identifier{{Kind: entity.User, Type: "upn", Value: "amy@x.example"}}))
	if len(assets) != 1 || assets[0].Facts["department"] != "Finance" || assets[0].Facts["title"] != "Head" {
		t.Errorf("facts: %+v", assets)
	}
	state := must(b.st.InventoryState(b.ctx, "default"))
	if state.Users != 2 || len(state.Imports) != 3 || state.Imports[2].Received != 3 || state.Imports[2].Actor != ada {
		t.Errorf("state: %+v", state)
	}
	b.check()
}

func TestCriticalAssetsRaiseTheirIncidents(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	b.ingest(about("a", 0, person("amy@x.example", "")))
	before := b.incident(1)
	b.stock("upn,criticality\namy@x.example,critical\n")
	i := b.incident(1)
	if !slices.Contains(i.SystemTags, incident.CriticalAssetTag) || i.Priority <= before.Priority || !i.TopAssets[0].Critical || b.logged(1, incident.EntityChanged) != 1 {
		t.Errorf("the incident of a critical asset: %+v", i)
	}
	b.restart()
	b.ingest(about("b", 1, person("amy@x.example", "")))
	if i := b.incident(1); i.Tally.Alerts != 2 || !slices.Contains(i.SystemTags, incident.CriticalAssetTag) {
		t.Errorf("after a restart: %+v", i)
	}
	b.ingest(about("c", 2, person("bo@x.example", "")))
	b.patch(1, workspace.Patch{Status: ref("resolved")})
	closed := b.incident(1)
	r, err := b.w.ImportInventory(b.ctx, ada, workspace.InventoryBatch{Replace: true, Rows: inventory.Read(strings.NewReader("upn,criticality\nbo@x.example,critical\n"), inventory.Options{})})
	if err != nil || r.New != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	if diff := cmp.Diff(closed, b.incident(1)); diff != "" {
		t.Errorf("a resolved incident changed: %s", diff)
	}
	if b.named("amy@x.example").Critical || !b.named("bo@x.example").Critical {
		t.Error("criticality of the entities")
	}
	if i := b.incident(b.where("c")[0]); !slices.Contains(i.SystemTags, incident.CriticalAssetTag) {
		t.Errorf("%+v", i)
	}
	b.check()
}

func TestContradictionsAreKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	b.ingest(about("a", 0, person("amy@x.example", amySID)), about("b", 1, person("amy@x.example", boSID)), about("c", 2, person("amy@x.example", boSID)))
	r := b.stock("upn,sid\nzoe@x.example,S-1-5-21-1-2-3-1\nzoe@x.example,S-1-5-21-1-2-3-2\n")
	if r.Conflicts != 1 || r.New != 2 {
		t.Errorf("%+v", r)
	}
	page := must(b.st.Conflicts(b.ctx, store.ConflictQuery{Workspace: "default"}))
	if len(page.Items) != 2 {
		t.Fatalf("contradictions: %+v", page.Items)
	}
	for _, e := range []string{amySID, boSID} {
		of := must(b.st.Conflicts(b.ctx, store.ConflictQuery{Workspace: "default", Entity: b.named(e).ID}))
		if len(of.Items) != 1 || of.Items[0].By.Value != "amy@x.example" || of.Items[0].Alert != "b" || of.Items[0].Joined {
			t.Errorf("of %s: %+v", e, of.Items)
		}
	}
	b.check()
}

func TestBrokenInventoryKeepsWhatCameBefore(t *testing.T) {
	t.Parallel()
	b := newBench(t, realEngine)
	r, err := b.w.ImportInventory(b.ctx, ada, workspace.InventoryBatch{Origin: "x", Rows: inventory.Read(strings.NewReader(`{"users":[{"upn":"amy@x.example"},{"upn":`), inventory.Options{})})
	if err == nil || r.Received != 1 || r.New != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if state := must(b.st.InventoryState(b.ctx, "default")); state.Users != 1 {
		t.Errorf("%+v", state)
	}
	var many strings.Builder
	many.WriteString("upn\n")
	for n := range 1201 {
		fmt.Fprintf(&many, "u%d@x.example\n", n)
	}
	before := b.position()
	if r := b.stock(many.String()); r.New != 1201 || b.position() != before+3 {
		t.Errorf("%+v, position %d after %d", r, b.position(), before)
	}
	b.check()
}

// inventory imports a few rows about the users and devices of the alerts, right
// and wrong ones.
func (r *random) inventory() {
	var text strings.Builder
	text.WriteString("upn,sid,fqdn,deviceId,criticality\n")
	for range rapid.IntRange(0, 3).Draw(r.rt, "rows") {
		n := rapid.IntRange(1, 4).Draw(r.rt, "who")
		m := pick(r, "also", n, n, n, 1, 2)
		if pick(r, "what", "user", "device") == "user" {
			fmt.Fprintf(&text, "user%d@corp.example,S-1-5-21-1-2-3-%d,,,%s\n", n, 1000+m, pick(r, "criticality", "", "low", "critical"))
		} else {
			fmt.Fprintf(&text, ",,host%d.corp.example,%040d,%s\n", n, m, pick(r, "criticality", "", "low", "critical"))
		}
	}
	_, err := r.bench.w.ImportInventory(r.bench.ctx, ada, workspace.InventoryBatch{
		Origin: "list", Replace: rapid.IntRange(0, 5).Draw(r.rt, "replace") == 0, Rows: inventory.Read(strings.NewReader(text.String()), inventory.Options{Name: "list"}),
	})
	r.allow("importing an inventory", err)
}
