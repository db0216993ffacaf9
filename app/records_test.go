package app_test

import (
	"bytes"
	"database/sql"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/sqlite"
)

// A program that decides otherwise starts on data whose checkpoint is lost: the
// incidents, and where alerts are, stay what people have seen, the engine goes on
// from there, and the log says what happened.
func TestLostCheckpointAndAnotherVersion(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	data := t.TempDir()
	cfg := app.Config{Data: data, Telemetry: app.TelemetryOff, Now: func() time.Time { return noon }}
	if err := app.Demo(t.Context(), cfg, app.IO{Out: io.Discard, Err: io.Discard}, app.DemoOptions{Seed: 4, Days: 4, Alerts: 700}); err != nil {
		t.Fatal(err)
	}
	for name, by := range map[string]float64{"strict": 5, "lax": -5} {
		t.Run(name, func(t *testing.T) {
			loseCheckpoints(t, data)
			var log bytes.Buffer
			cfg := cfg
			cfg.Model, cfg.Log = modelFile(t, name, by), slog.New(slog.NewTextHandler(&log, nil))
			before := placesIn(t, data)
			last := newestAlert(t, data)
			again := write(t, repeat(t, last, name))
			if err := app.Import(t.Context(), cfg, app.IO{Out: io.Discard, Err: io.Discard}, app.ImportOptions{Workspace: app.DefaultWorkspace, Files: []string{again}}); err != nil {
				t.Fatal(err)
			}
			after := placesIn(t, data)
			if at := after[last.ID+" "+name]; at != before[last.ID] || at == 0 {
				t.Errorf("a repeat of an alert in incident %d is in incident %d", before[last.ID], at)
			}
			delete(after, last.ID+" "+name)
			if diff := cmp.Diff(before, after); diff != "" {
				t.Error(diff)
			}
			if text := log.String(); !strings.Contains(text, "would have decided otherwise") || strings.Contains(text, "level=WARN") || strings.Contains(text, "level=ERROR") {
				t.Errorf("the log says:\n%s", text)
			}
		})
	}
	st := openData(t, data)
	if report, err := invariant.Check(t.Context(), st, app.DefaultWorkspace); err != nil || len(report.Problems) > 0 {
		t.Error(err, report.Problems)
	}
}

// loseCheckpoints takes away what the engine would start from.
func loseCheckpoints(t *testing.T, data string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(data, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "DELETE FROM checkpoint"); err != nil {
		t.Fatal(err)
	}
}

// modelFile writes a model that decides otherwise.
func modelFile(t *testing.T, name string, by float64) string {
	t.Helper()
	m := *correlate.BuiltIn()
	m.Version, m.Join, m.Consider, m.Merge = name, m.Join+by, m.Consider+by, m.Merge+by
	file, err := m.File()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.json")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openData(t *testing.T, data string) store.Store {
	t.Helper()
	st, err := sqlite.Open(t.Context(), sqlite.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

func placesIn(t *testing.T, data string) map[string]correlate.IncidentID {
	t.Helper()
	st := openData(t, data)
	defer st.Close()
	out := map[string]correlate.IncidentID{}
	for p, err := range st.Placements(t.Context(), app.DefaultWorkspace) {
		if err != nil {
			t.Fatal(err)
		}
		out[p.AlertID] = p.Incident
	}
	return out
}

func newestAlert(t *testing.T, data string) store.Alert {
	t.Helper()
	st := openData(t, data)
	defer st.Close()
	page, err := st.Alerts(t.Context(), store.AlertQuery{Workspace: app.DefaultWorkspace, Sort: store.AlertsByReceived, Paging: store.Paging{Limit: 50}})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range page.Items {
		if in, err := st.Incident(t.Context(), app.DefaultWorkspace, a.Incident); err == nil && !in.State().Closed && !strings.Contains(a.ID, " ") {
			return a
		}
	}
	t.Fatal("no alert in an open incident")
	return store.Alert{}
}

// repeat is an alert once more, under an id of its own.
func repeat(t *testing.T, of store.Alert, name string) []byte {
	t.Helper()
	a, err := alert.Decode(of.Normal, alert.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c := *a
	c.ID += " " + name
	out, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}
