package invariant_test

import (
	"testing"
	"time"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/app/invariant"
)

// TestDemoHoldsInvariants loads the demo company and reads everything back.
func TestDemoHoldsInvariants(t *testing.T) {
	t.Parallel()
	cfg := app.Config{Data: t.TempDir(), Now: func() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) }}
	if err := app.Demo(t.Context(), cfg, app.IO{Out: t.Output(), Err: t.Output()}, app.DemoOptions{Seed: 3, Days: 10, Alerts: 3000}); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop(t.Context())
	report, err := invariant.Check(t.Context(), a.Store(), app.DefaultWorkspace)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		t.Error(p)
	}
	if len(report.AlertIDs) < 2500 || report.Incidents < 100 {
		t.Errorf("only %d alerts in %d incidents", len(report.AlertIDs), report.Incidents)
	}
	t.Logf("%d alerts, %d incidents, %d merges", len(report.AlertIDs), report.Incidents, report.Merges)
}
