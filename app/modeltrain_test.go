package app_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// What people close is learnt from: the model that comes out can take over the
// workspace.
func TestModelLearnsFromPeople(t *testing.T) {
	t.Parallel()
	data, out := t.TempDir(), filepath.Join(t.TempDir(), "own.json")
	quiet := app.IO{Out: io.Discard, Err: io.Discard}
	ctx := t.Context()
	if err := app.Demo(ctx, app.Config{Data: data}, quiet, app.DemoOptions{Seed: 2, Days: 6, Alerts: 900}); err != nil {
		t.Fatal(err)
	}
	closeLargest(t, data)
	var said bytes.Buffer
	if err := app.ModelTrain(ctx, app.IO{Out: io.Discard, Err: &said}, app.ModelTrainOptions{FromData: data, Workspace: app.DefaultWorkspace, Name: "own", Out: out, Without: []string{"rule.pair"}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "left out: rule.pair (how much more often than by chance") {
		t.Errorf("what was left out is not told: %s", said.String())
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	m, err := correlate.ParseModel(file)
	if err != nil {
		t.Fatalf("the model that was trained is refused: %v", err)
	}
	if m.Version != "own" || m.Trained != app.DefaultWorkspace || len(m.Link.Trees) == 0 {
		t.Fatalf("version %q, trained on %q", m.Version, m.Trained)
	}
	late := write(t, []byte(good("late")))
	if err := app.Import(ctx, app.Config{Data: data, Model: out, Now: time.Now}, quiet, app.ImportOptions{Workspace: app.DefaultWorkspace, Files: []string{late}}); err != nil {
		t.Errorf("under the new model: %v", err)
	}
	checkData(t, data)
}

// closeLargest closes the largest incidents of a data folder, ten as attacks.
func closeLargest(t *testing.T, data string) {
	t.Helper()
	ctx := t.Context()
	a, err := app.New(ctx, app.Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	list, err := a.Store().Incidents(ctx, store.IncidentQuery{Workspace: app.DefaultWorkspace, Sort: store.ByAlerts, Paging: store.Paging{Limit: 40}})
	if err != nil {
		t.Fatal(err)
	}
	resolved, ada := "resolved", incident.Actor{Kind: incident.ByUser, Name: "ada"}
	for i, inc := range list.Items {
		class := "truePositive"
		if i >= 10 {
			class = "falsePositive"
		}
		if _, err := a.Workspace().UpdateIncident(ctx, ada, inc.ID, workspace.Patch{Status: &resolved, Classification: &class}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

// A running server trains a model in the background and lets it decide from then
// on, and what it decided before stays.
func TestServerTrainsAModel(t *testing.T) {
	data := t.TempDir()
	quiet := app.IO{Out: io.Discard, Err: io.Discard}
	if err := app.Demo(t.Context(), app.Config{Data: data}, quiet, app.DemoOptions{Seed: 2, Days: 6, Alerts: 900}); err != nil {
		t.Fatal(err)
	}
	closeLargest(t, data)
	p := serve(t, data)
	p.becomeAdministrator()
	if l := call[workspace.Learnable](p, 200, "GET", "/api/v1/correlation/learnable", nil); !l.Enough || l.Confirmed != 10 {
		t.Errorf("%+v", l)
	}
	m := call[store.Model](p, 202, "POST", "/api/v1/correlation/models/train", map[string]any{"version": "ours"})
	for m.State == store.ModelQueued || m.State == store.ModelTraining {
		<-time.After(50 * time.Millisecond)
		m = call[store.Model](p, 200, "GET", fmt.Sprintf("/api/v1/correlation/models/%d", m.ID), nil)
	}
	if m.State != store.ModelReady || m.Version != "ours" || m.Size == 0 {
		t.Fatalf("%+v", m)
	}
	file := call[map[string]any](p, 200, "GET", fmt.Sprintf("/api/v1/correlation/models/%d/file", m.ID), nil)
	if file["version"] != "ours" {
		t.Errorf("the file is of %v", file["version"])
	}
	call[map[string]any](p, 200, "PUT", "/api/v1/correlation/settings", map[string]any{"settings": map[string]any{
		"default": "enabled", "rules": []any{}, "excludedEntities": []any{}, "assetCriticality": []any{}, "model": m.ID}})
	call[map[string]any](p, 409, "DELETE", fmt.Sprintf("/api/v1/correlation/models/%d", m.ID), nil)
	p.stop()
	late := write(t, []byte(good("late")))
	if err := app.Import(t.Context(), app.Config{Data: data}, quiet, app.ImportOptions{Workspace: app.DefaultWorkspace, Files: []string{late}}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := app.Explain(t.Context(), app.Config{Data: data}, app.IO{Out: &out, Err: io.Discard}, app.ExplainOptions{Workspace: app.DefaultWorkspace, What: "late", JSON: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"model": "ours"`) {
		t.Errorf("another model decided about the late alert: %s", &out)
	}
	checkData(t, data)
}
