package app_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/correlate/backtest"
)

// The verbs that talk to a running server do there what they do on a data folder.
func TestVerbsOnARunningServer(t *testing.T) {
	p := serve(t, t.TempDir())
	p.becomeAdministrator()
	t.Setenv("CLEW_TOKEN", call[struct{ Secret string }](p, 201, "POST", "/api/v1/tokens",
		map[string]any{"name": "all", "scopes": []string{"ingest", "read", "write"}}).Secret)
	var out, progress bytes.Buffer
	o := app.IO{Out: &out, Err: &progress}
	where := app.DefaultWorkspace

	file := write(t, demoLines(t, 120))
	if err := app.Import(t.Context(), app.Config{}, o, app.ImportOptions{Server: p.url, Workspace: where, Files: []string{file}}); err != nil {
		t.Fatalf("%v %s", err, &progress)
	}
	if !strings.Contains(out.String(), " new") || strings.Contains(out.String(), " 0 received") {
		t.Errorf("import: %s", &out)
	}
	people := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(people, []byte("type,upn,sid\nuser,zoe@corp.example,S-1-5-21-1-2-3-4711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := app.ImportInventory(t.Context(), app.Config{}, o, app.InventoryOptions{Server: p.url, Workspace: where, Files: []string{people}}); err != nil {
		t.Fatalf("%v %s", err, &progress)
	}
	if !strings.Contains(out.String(), "1 new") {
		t.Errorf("inventory: %s", &out)
	}
	out.Reset()
	if err := app.Backtest(t.Context(), app.Config{}, o, app.BacktestOptions{Server: p.url, Workspace: where, Days: 365, Join: 4, Merge: 4, JSON: true}); err != nil {
		t.Fatal(err)
	}
	var found backtest.Findings
	if err := json.Unmarshal(out.Bytes(), &found); err != nil || found.Alerts == 0 || found.Splitting == 0 {
		t.Errorf("%v: %+v", err, found)
	}

	t.Setenv("CLEW_TOKEN", "clew_wrong_token")
	err := app.Import(t.Context(), app.Config{}, o, app.ImportOptions{Server: p.url, Workspace: where, Files: []string{file}})
	if err == nil || !strings.Contains(progress.String()+out.String(), "refused") {
		t.Errorf("a wrong token: %v %s", err, &progress)
	}
}
