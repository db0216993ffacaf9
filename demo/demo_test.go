package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
)

var update = flag.Bool("update", false, "write the golden files")

func text(t *testing.T, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Generate(o).WriteNDJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSameOptionsSameBytes(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(text(t, Options{Seed: 7, Days: 5, Alerts: 2000}))
	got := hex.EncodeToString(sum[:]) + "\n"
	golden := filepath.Join("testdata", "seed7.sha256")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("hash of the alerts is %s, want %s (run with -update after an intended change)", got, want)
	}
	if other := sha256.Sum256(text(t, Options{Seed: 8, Days: 5, Alerts: 2000})); other == sum {
		t.Error("another seed gives the same alerts")
	}
}

func TestAlertsCanBeReadTwice(t *testing.T) {
	t.Parallel()
	s := Generate(Options{Seed: 3, Alerts: 1500})
	var a, b bytes.Buffer
	if err := s.WriteNDJSON(&a); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteNDJSON(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the second reading differs from the first")
	}
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{Seed: 1}, {Seed: 2, Days: 1, Alerts: 600}, {Seed: 3, Days: 30, Alerts: 20000, Users: 2000}, {Seed: 4, Alerts: 1}, {Seed: 5, Days: 7, Attacks: 30, Alerts: 4000},
	} {
		checkDeliveries(t, Generate(o))
	}
}

func checkDeliveries(t *testing.T, s *Scenario) {
	t.Helper()
	first, last := s.Options.Start, s.end()
	seen, n, updates, late := map[string]time.Time{}, 0, 0, 0
	previous, newest := first, first
	for d := range s.Alerts() {
		n++
		a := d.Alert
		if d.Received.Before(previous) {
			t.Fatalf("%s arrives at %s, after one at %s", a.ID, d.Received, previous)
		}
		previous = d.Received
		if _, known := seen[a.ID]; known != d.Update {
			t.Fatalf("%s: update is %t, known before is %t", a.ID, d.Update, known)
		}
		seen[a.ID] = d.Received
		if d.Update {
			updates++
		}
		if a.FirstActivityDateTime.Before(newest) {
			late++
		}
		newest = a.FirstActivityDateTime
		if a.FirstActivityDateTime.Before(first) || a.LastActivityDateTime.Before(a.FirstActivityDateTime) ||
			a.CreatedDateTime.Before(a.LastActivityDateTime) && !d.Update || d.Received.Before(a.LastUpdateDateTime) || d.Received.After(last) {
			t.Fatalf("times of %s are out of order: %s %s %s %s", a.ID, a.FirstActivityDateTime, a.LastActivityDateTime, a.CreatedDateTime, d.Received)
		}
		checkTexts(t, a)
	}
	if n != s.Count() || s.Options.Alerts >= len(s.raised) && n != s.Options.Alerts {
		t.Errorf("%d deliveries, want %d (asked for %d)", n, s.Count(), s.Options.Alerts)
	}
	if updates == 0 || late == 0 {
		t.Errorf("%d updates and %d out of order, want some of each", updates, late)
	}
	for id := range s.Truth {
		if _, ok := seen[id]; !ok {
			t.Errorf("attack alert %s is not delivered", id)
		}
	}
}

var leftOver = regexp.MustCompile(`[{}]|\(unnamed`)

func checkTexts(t *testing.T, a *alert.Alert) {
	t.Helper()
	for _, text := range []string{a.ID, a.Title, a.Description, a.RecommendedActions, a.Category, a.ProductName, a.DetectorID} {
		if text == "" || alert.Visible(text) != text {
			t.Fatalf("text %q of %s is empty or has hidden characters", text, a.Title)
		}
	}
	if leftOver.MatchString(a.Description) {
		t.Fatalf("a name is missing in %q", a.Description)
	}
	if len(a.Evidence) == 0 || !a.Severity.Known() || !a.ServiceSource.Known() || !a.DetectionSource.Known() {
		t.Fatalf("%s (%s) lacks evidence or has an unknown member", a.ID, a.Title)
	}
}

func TestEveryAlertSurvivesARoundTrip(t *testing.T) {
	t.Parallel()
	for i, line := range bytes.Split(bytes.TrimSpace(text(t, Options{Seed: 9, Alerts: 3000})), []byte("\n")) {
		a, err := alert.Decode(line, alert.Limits{})
		if err != nil {
			t.Fatalf("alert %d: %v", i, err)
		}
		again, err := a.AppendJSON(nil)
		if err != nil || !bytes.Equal(again, line) {
			t.Fatalf("alert %d changed on a round trip (%v)\n%s\n%s", i, err, line, again)
		}
	}
}

// ours are the ranges that may appear as addresses.
var ours = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
}

var (
	addressLike = regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b`)
	hostLike    = regexp.MustCompile(`(?:[a-z0-9]@|https?://)([a-z0-9.-]+)`)
)

func TestOnlyReservedNamesAndAddresses(t *testing.T) {
	t.Parallel()
	all := string(text(t, Options{Seed: 11, Alerts: 6000}))
	for _, found := range addressLike.FindAllString(all, -1) {
		addr, err := netip.ParseAddr(found)
		if err != nil {
			t.Fatalf("address %s: %v", found, err)
		}
		inside := false
		for _, p := range ours {
			inside = inside || p.Contains(addr)
		}
		if !inside {
			t.Fatalf("address %s is not reserved", found)
		}
	}
	for _, m := range hostLike.FindAllStringSubmatch(all, -1) {
		if name := m[1]; !strings.HasSuffix(name, ".example") && !strings.HasSuffix(name, ".test") && !addressLike.MatchString(name) {
			t.Fatalf("name %s is not reserved", name)
		}
	}
}

func TestEachAttackIsWhole(t *testing.T) {
	t.Parallel()
	s := Generate(Options{Seed: 12, Attacks: 20})
	phases, count := map[string]map[string]bool{}, map[string]int{}
	for _, l := range s.Truth {
		if phases[l.Attack] == nil {
			phases[l.Attack] = map[string]bool{}
		}
		phases[l.Attack][l.Phase] = true
		count[l.Attack]++
	}
	if len(s.Attacks) != 20 || len(phases) != 20 {
		t.Fatalf("%d attacks, %d in the truth, want 20", len(s.Attacks), len(phases))
	}
	for _, a := range s.Attacks {
		if a.Alerts < 8 || a.Alerts > 64 || count[a.Name] != a.Alerts || len(phases[a.Name]) < 3 {
			t.Errorf("%s has %d alerts (%d in the truth) in %d phases", a.Name, a.Alerts, count[a.Name], len(phases[a.Name]))
		}
		if !a.Start.Before(a.End) || a.Start.Before(s.Options.Start) || a.End.After(s.end()) {
			t.Errorf("%s lasts from %s to %s", a.Name, a.Start, a.End)
		}
	}
}

func TestMemoryDoesNotGrowWithTheStream(t *testing.T) {
	s := Generate(Options{Seed: 1, Alerts: 150000})
	runtime.GC()
	var before, during runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	for range s.Alerts() {
		if n++; n == 100000 {
			runtime.GC()
			runtime.ReadMemStats(&during)
		}
	}
	if grown := int64(during.HeapAlloc) - int64(before.HeapAlloc); grown > 48<<20 {
		t.Errorf("heap grew by %d MiB while 100,000 alerts were read", grown>>20)
	}
}

func BenchmarkAlerts(b *testing.B) {
	s := Generate(Options{Seed: 1, Alerts: max(b.N, 1000)})
	b.ResetTimer()
	n := 0
	for range s.Alerts() {
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "alerts/s")
}
