package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

func events(t *testing.T, s *Scenario, n int, until time.Time) []telemetry.Row {
	t.Helper()
	var b telemetry.Batch
	if err := s.Telemetry(n, until, &b); err != nil {
		t.Fatal(err)
	}
	return b.Rows
}

func hash(rows []telemetry.Row) string {
	h := sha256.New()
	for _, r := range rows {
		fmt.Fprintf(h, "%s %v\n", r.Table.Name, r.Cells)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameOptionsSameEvents(t *testing.T) {
	t.Parallel()
	o := Options{Seed: 7, Days: 6}
	s := Generate(o)
	until := s.end().Add(-90 * time.Minute)
	rows := events(t, s, 12_000, until)
	if len(rows) < 11_900 || len(rows) > 12_100 {
		t.Errorf("%d rows, want about 12,000", len(rows))
	}
	for i, r := range rows {
		at := r.Cells[0].Value.Num
		if r.Cells[0].Column != r.Table.TimeColumn() || at > value.TicksOf(until) || i > 0 && at < rows[i-1].Cells[0].Value.Num {
			t.Fatalf("row %d of %s: %v is out of order or later than %v", i, r.Table.Name, value.TimeOf(at), until)
		}
	}
	if hash(rows) != hash(events(t, Generate(o), 12_000, until)) {
		t.Error("the same options give other rows")
	}
	if o.Seed++; hash(rows) == hash(events(t, Generate(o), 12_000, until)) {
		t.Error("another seed gives the same rows")
	}
}

// TestEventsLieBehindAlerts wants, for every alert of an attack that names a
// device, an account, an address or a message, rows from half an hour around
// it that name the same.
func TestEventsLieBehindAlerts(t *testing.T) {
	t.Parallel()
	s := Generate(Options{Seed: 3})
	rows := events(t, s, 1, s.end())
	const around = 30 * 60 * 10_000_000
	bare := map[string]bool{}
	for _, d := range s.raised {
		names := map[string]bool{}
		for _, ev := range d.Alert.Evidence {
			nameOf(names, ev)
		}
		if d.Update || len(names) == 0 {
			continue
		}
		at, hit := value.TicksOf(d.Alert.FirstActivityDateTime), false
		for _, r := range rows {
			if t := r.Cells[0].Value.Num; t >= at-around && t <= at+around && !hit {
				for _, c := range r.Cells {
					hit = hit || names[strings.ToLower(c.Value.Text)]
				}
			}
		}
		if !hit {
			bare[d.Alert.Title] = true
		}
	}
	for title := range bare {
		t.Errorf("no raw event lies behind %q", title)
	}
}

func nameOf(into map[string]bool, ev alert.Evidence) {
	switch e := ev.(type) {
	case *alert.UserEvidence:
		into[strings.ToLower(e.UserAccount.UserPrincipalName)], into[strings.ToLower(e.UserAccount.AccountName)] = true, true
	case *alert.DeviceEvidence:
		into[e.DeviceDNSName], into[e.MDEDeviceID] = true, true
	case *alert.IPEvidence:
		into[e.IPAddress] = true
	case *alert.AnalyzedMessageEvidence:
		into[e.NetworkMessageID] = true
	}
	delete(into, "")
}

// TestDeedsHaveRules: no deed waits for a title that no rule has any more.
func TestDeedsHaveRules(t *testing.T) {
	t.Parallel()
	raised := map[string]bool{}
	for _, d := range Generate(Options{Seed: 1}).raised {
		raised[d.Alert.Title] = true
	}
	for title := range deeds {
		if !raised[title] {
			t.Errorf("no attack raises %q", title)
		}
	}
}
