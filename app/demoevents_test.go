package app

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry/hunt"
)

// TestDemoEvents loads the default company twice, and runs its saved hunts: each
// finds something, and each attack is found by one.
func TestDemoEvents(t *testing.T) {
	now := time.Date(2026, 3, 14, 15, 30, 0, 0, time.UTC)
	cfg := Config{Data: t.TempDir(), Now: func() time.Time { return now }}
	opt := DemoOptions{Seed: 1, Days: 14, Alerts: 1000, Events: 20_000}
	var told bytes.Buffer
	for range 2 {
		told.Reset()
		if err := Demo(t.Context(), cfg, IO{Out: io.Discard, Err: &told}, opt); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(told.String(), "already") {
		t.Errorf("loaded twice: %s", told.String())
	}
	cfg.complete()
	st, err := openStore(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	events, err := openTelemetry(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	stats, err := events.Stats(t.Context(), DefaultWorkspace)
	if err != nil {
		t.Fatal(err)
	}
	rows, newest := int64(0), int64(0)
	copied := []string{"AlertInfo", "AlertEvidence", "SecurityAlert", "SecurityIncident", progress.Name}
	for _, s := range stats {
		if i := slices.Index(copied, s.Table); i >= 0 {
			copied = slices.Delete(copied, i, i+1)
			continue
		}
		rows, newest = rows+s.Rows, max(newest, s.Newest)
	}
	if rows < 19_000 || rows > 21_000 || newest > value.TicksOf(now) {
		t.Errorf("%d rows until %v, want about 20,000 until %v", rows, value.TimeOf(newest), now)
	}
	if len(copied) > 0 {
		t.Errorf("the company's alerts are not in %v", copied)
	}
	saved, err := st.Queries(t.Context(), DefaultWorkspace)
	if err != nil || len(saved) != len(demo.Hunts()) {
		t.Fatalf("%d saved queries, want %d: %v", len(saved), len(demo.Hunts()), err)
	}
	h := newHunter(cfg, events, st, nil)
	start := now.Truncate(time.Hour).AddDate(0, 0, -opt.Days).Add(time.Hour)
	s := demo.Generate(demo.Options{Seed: opt.Seed, Start: start, Days: opt.Days, Alerts: opt.Alerts})
	found := map[string]bool{}
	for _, q := range saved {
		r, err := h.ask(t.Context(), DefaultWorkspace, q.Query)
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
			continue
		}
		if len(r.Rows) == 0 || len(r.Rows) > 400 {
			t.Errorf("%s finds %d rows", q.Name, len(r.Rows))
		}
		for _, a := range s.Attacks {
			found[a.Kind] = found[a.Kind] || strings.Contains(q.Description, a.Kind) && tracesOf(s, a, r)
		}
	}
	for _, kind := range demo.Kinds() {
		if !found[kind] {
			t.Errorf("no saved hunt finds the attack %s", kind)
		}
	}
}

// tracesOf tells whether a row of the result lies within the attack and names
// something that its alerts name.
func tracesOf(s *demo.Scenario, a demo.Attack, r *hunt.Result) bool {
	named := map[string]bool{}
	for d := range s.Alerts() {
		if s.Truth[d.Alert.ID].Attack == a.Name {
			for _, ev := range d.Alert.Evidence {
				name(named, ev)
			}
		}
	}
	for _, row := range r.Rows {
		within, hit := false, false
		for _, v := range row {
			if v.Type == value.DateTime {
				at := value.TimeOf(v.Num)
				within = within || at.After(a.Start.Add(-time.Hour)) && at.Before(a.End.Add(time.Hour))
			}
			hit = hit || named[v.Text]
		}
		if within && hit {
			return true
		}
	}
	return false
}

func name(into map[string]bool, ev alert.Evidence) {
	switch e := ev.(type) {
	case *alert.UserEvidence:
		into[e.UserAccount.UserPrincipalName] = true
	case *alert.DeviceEvidence:
		into[e.DeviceDNSName] = true
	case *alert.IPEvidence:
		into[e.IPAddress] = true
	}
	delete(into, "")
}
