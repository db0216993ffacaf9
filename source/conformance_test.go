//go:build conformance

package source_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/catalog"
	"github.com/clew-sec/clew/source/reader"
)

// sharedFiles lists files below the folder that CLEW_SHARED names.
func sharedFiles(t *testing.T, patterns ...string) []string {
	t.Helper()
	root := os.Getenv("CLEW_SHARED")
	if root == "" {
		t.Fatal("set CLEW_SHARED to the folder with the samples")
	}
	var out []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(root, p))
		if err != nil || len(found) == 0 {
			t.Fatalf("no files for %s: %v", p, err)
		}
		out = append(out, found...)
	}
	return out
}

// figures count what a file became.
type figures struct {
	records, alerts, evidence, unknown, bare int
}

func normalise(t *testing.T, path string, each func(reader.Result)) figures {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var n figures
	conv := reader.Conversion{Sources: catalog.All(), Options: source.Options{Everything: true}}
	for res, err := range reader.Alerts(context.Background(), f, conv, reader.Options{Name: filepath.Base(path)}) {
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if res.Skipped != "" {
			t.Errorf("record %d: %s", res.Record.Number, res.Skipped)
		}
		n.records++
		n.add(t, res.Alerts)
		each(res)
	}
	return n
}

func (n *figures) add(t *testing.T, alerts []*alert.Alert) {
	t.Helper()
	for _, a := range alerts {
		n.alerts++
		n.evidence += len(a.Evidence)
		if len(a.Evidence) == 0 {
			n.bare++
		}
		for _, ev := range a.Evidence {
			if _, ok := ev.(*alert.UnknownEvidence); ok {
				n.unknown++
			}
		}
		if a.ID == "" || a.Title == "" {
			t.Errorf("alert %q without id or title", a.ID)
		}
		text, err := a.AppendJSON(nil)
		if err != nil {
			t.Errorf("alert %s: %v", a.ID, err)
		}
		if _, err := alert.Decode(text, alert.Limits{}); err != nil {
			t.Errorf("alert %s does not read back: %v", a.ID, err)
		}
	}
}

// bareFiles are the samples of which no alert names an entity.
var bareFiles = map[string]bool{
	"sentinel-scheduled.json": true, "xdr-manual.json": true,
	"incident-107.securityincident.json": true, "incident-483.securityincident.json": true,
}

func TestSamplesBecomeAlertsWithEntities(t *testing.T) {
	for _, path := range sharedFiles(t, "samples/ms-graph-*/*", "samples/ms-sentinel-securityalert/*", "samples/suricata-eve/*",
		"data/correlation/dev/excytin.sentinel-securityalert.jsonl.gz", "data/correlation/dev/excytin*.alerts.jsonl.gz", "data/correlation/dev/cptc17-t2.alerts.jsonl.gz") {
		n := normalise(t, path, func(reader.Result) {})
		t.Logf("%s: %+v", filepath.Base(path), n)
		if n.alerts == 0 || n.unknown > 0 || n.evidence == 0 && !bareFiles[filepath.Base(path)] {
			t.Errorf("%s: %+v", path, n)
		}
	}
}

func TestGraphSetsComeBackByteForByte(t *testing.T) {
	for _, path := range sharedFiles(t, "data/correlation/dev/enterprise-*.alerts.jsonl.gz") {
		differ := 0
		n := normalise(t, path, func(res reader.Result) {
			if len(res.Alerts) != 1 {
				t.Fatalf("record %d gave %d alerts", res.Record.Number, len(res.Alerts))
			}
			text, err := res.Alerts[0].AppendJSON(nil)
			if err != nil || !bytes.Equal(text, res.Record.Raw) {
				if differ++; differ < 4 {
					t.Errorf("record %d differs (%v):\n%s\n%s", res.Record.Number, err, res.Record.Raw, text)
				}
			}
		})
		t.Logf("%s: %+v, %d differ", filepath.Base(path), n, differ)
		if n.unknown > 0 || n.bare > n.alerts/100 {
			t.Errorf("%s: %+v", path, n)
		}
	}
}

func TestSentinelRowsKeepTheIDsOfTheLabelledForm(t *testing.T) {
	ids := map[string]bool{}
	for _, path := range sharedFiles(t, "data/correlation/dev/excytin.alerts.jsonl.gz") {
		normalise(t, path, func(res reader.Result) { ids[res.Alerts[0].ID] = true })
	}
	for _, path := range sharedFiles(t, "data/correlation/dev/excytin.sentinel-securityalert.jsonl.gz") {
		normalise(t, path, func(res reader.Result) {
			if a := res.Alerts[0]; !ids[a.ID] || strings.TrimSpace(a.DetectorID) == "" {
				t.Errorf("row %d: id %s", res.Record.Number, a.ID)
			}
		})
	}
}

func BenchmarkEnterprise(b *testing.B) {
	root := os.Getenv("CLEW_SHARED")
	data, err := os.ReadFile(filepath.Join(root, "data/correlation/dev/enterprise-fernhill-a.alerts.jsonl.gz"))
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n = 0
		for res, err := range reader.Alerts(context.Background(), bytes.NewReader(data), reader.Conversion{Sources: catalog.All()}, reader.Options{}) {
			if err != nil {
				b.Fatal(err)
			}
			n += len(res.Alerts)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "alerts/s")
}
