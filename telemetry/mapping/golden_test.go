package mapping

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/rowtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestSamples maps the samples beside each family and compares the rows with
// those that were looked through once. Beside a sample FILE stands FILE.rows.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob("*/testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	samples := slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".rows") || strings.Contains(f, "/fuzz") })
	if len(samples) < 3 {
		t.Fatalf("%d samples", len(samples))
	}
	for _, file := range samples {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkGolden(t, file+".rows", mapAll(t, data))
		})
	}
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", file, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, g[i], strings.Join(w[min(i, len(w)):min(i+1, len(w))], ""))
		}
	}
	return fmt.Sprintf("%d lines are missing", len(w)-len(g))
}

// mapAll maps a file that holds one record a line.
func mapAll(t *testing.T, data []byte) string {
	t.Helper()
	var out strings.Builder
	m := NewAuto(Options{Tenant: "acme", Received: value.UnixEpoch + 20_500*value.Day})
	var batch telemetry.Batch
	for line := range bytes.Lines(data) {
		batch.Reset()
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := m.Map(bytes.TrimRight(line, "\r\n"), &batch); err != nil {
			fmt.Fprintf(&out, "error %v\n\n", err)
			continue
		}
		for _, row := range batch.Rows {
			rowtest.Check(t, row)
			rowtest.Print(&out, m.Name(), row)
		}
	}
	batch.Reset()
	if err := m.Flush(&batch); err != nil {
		t.Error(err)
	}
	for _, row := range batch.Rows {
		rowtest.Check(t, row)
		rowtest.Print(&out, "at the end", row)
	}
	return out.String()
}
