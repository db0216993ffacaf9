package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/api"
	"github.com/clew-sec/clew/workspace"
)

// TestMirror copies a small company into the telemetry: whole, once, and again
// only what has changed.
func TestMirror(t *testing.T) {
	ctx := t.Context()
	cfg := Config{Data: t.TempDir()}
	cfg.complete()
	if err := Demo(ctx, cfg, IO{Out: io.Discard, Err: io.Discard}, DemoOptions{Seed: 3, Days: 3, Alerts: 700}); err != nil {
		t.Fatal(err)
	}
	st, err := openStore(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	w, err := openWorkspace(ctx, cfg, st, DefaultWorkspace)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close(ctx)
	tele, err := openTelemetry(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer tele.Close()
	m := &mirror{workspace: DefaultWorkspace, cases: st, telemetry: tele, now: cfg.Now, log: cfg.Log}
	h := newHunter(cfg, tele, st, nil)
	count := func(query string) int64 {
		t.Helper()
		r, err := h.Run(ctx, api.Hunt{Workspace: DefaultWorkspace, User: "test", Text: query, MaxRows: 10})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return r.Rows[0][0].Num
	}
	position, err := st.Position(ctx, DefaultWorkspace)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.copy(ctx); err != nil {
			t.Fatal(err)
		}
		if n := count("AlertInfo | count"); n != position {
			t.Errorf("%d rows of AlertInfo for %d arrivals", n, position)
		}
	}
	incidents := count("SecurityIncident | summarize arg_max(LastModifiedTime, *) by IncidentNumber | count")
	if incidents == 0 || incidents != count("SecurityIncident | count") {
		t.Errorf("%d incidents in %d rows", incidents, count("SecurityIncident | count"))
	}
	if lost := count("SecurityIncident | mv-expand AlertId = AlertIds | extend AlertId = tostring(AlertId) | join kind=leftanti AlertInfo on AlertId | count"); lost != 0 {
		t.Errorf("%d alerts of incidents are not in AlertInfo", lost)
	}
	if count("AlertEvidence | where EntityType =~ 'Machine' or EntityType =~ 'User' | count") == 0 {
		t.Error("no evidence")
	}

	people := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(people, []byte("type,upn,sid,department\nuser,zoe@corp.example,S-1-5-21-1-2-3-4711,Finance\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the same rows again change nothing
		send := inventoryToWorkspace(w)
		if _, err := send(ctx, IO{Err: io.Discard}, InventoryOptions{}, people); err != nil {
			t.Fatal(err)
		}
		if err := m.copy(ctx); err != nil {
			t.Fatal(err)
		}
		if n := count("IdentityInfo | where AccountUpn == 'zoe@corp.example' and Department == 'Finance' | count"); n != 1 {
			t.Errorf("%d rows of a user of the inventory", n)
		}
	}

	mara := incident.Actor{Kind: incident.ByUser, Name: "mara"}
	for _, title := range []string{"Isolate the device", "Ask the user"} {
		if _, err := w.AddTask(ctx, mara, 1, incident.TaskDraft{Title: title}); err != nil {
			t.Fatal(err)
		}
	}
	name := "Renamed"
	if _, err := w.UpdateIncident(ctx, mara, 1, workspace.Patch{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if err := m.copy(ctx); err != nil {
		t.Fatal(err)
	}
	if n := count(fmt.Sprintf("SecurityIncident | where IncidentNumber == 1 and Title == %q | count", name)); n != 1 {
		t.Errorf("%d rows of the renamed incident", n)
	}
	if n := count("SecurityIncident | where IncidentNumber == 1 and Tasks[1]['title'] == 'Ask the user' and Tasks[0]['status'] == 'New' | count"); n != 1 {
		t.Errorf("%d rows with the tasks of the incident", n)
	}
	if n := count("SecurityIncident | count"); n != incidents+1 {
		t.Errorf("%d rows of incidents after one change, there were %d", n, incidents)
	}
}

// TestMirrorFollows: what arrives while the product runs is copied by itself.
func TestMirrorFollows(t *testing.T) {
	ctx := t.Context()
	data := t.TempDir()
	if err := Demo(ctx, Config{Data: data}, IO{Out: io.Discard, Err: io.Discard}, DemoOptions{Seed: 3, Days: 1, Alerts: 40}); err != nil {
		t.Fatal(err)
	}
	a, err := New(ctx, Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop(ctx)
	for limit := time.Now().Add(time.Minute); ; {
		stats, err := a.Telemetry().Stats(ctx, DefaultWorkspace)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range stats {
			if s.Table == "AlertInfo" && s.Rows > 0 {
				return
			}
		}
		if time.Now().After(limit) {
			t.Fatal("nothing was copied within a minute")
		}
	}
}
