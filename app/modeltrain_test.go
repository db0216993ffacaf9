package app_test

import (
	"io"
	"os"
	"path/filepath"
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
	if err := app.ModelTrain(ctx, quiet, app.ModelTrainOptions{FromData: data, Workspace: app.DefaultWorkspace, Name: "own", Out: out}); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	m, err := correlate.ParseModel(file)
	if err != nil || m.Version != "own" || m.Trained != app.DefaultWorkspace || len(m.Link.Trees) == 0 {
		t.Fatalf("%v: version %q, trained on %q", err, m.Version, m.Trained)
	}
	late := write(t, []byte(good("late")))
	if err := app.Import(ctx, app.Config{Data: data, Model: out, Now: time.Now}, quiet, app.ImportOptions{Workspace: app.DefaultWorkspace, Files: []string{late}}); err != nil {
		t.Errorf("under the new model: %v", err)
	}
	checkData(t, data)
}
