package app_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/demo"
)

// BenchmarkImport measures a file of JSON lines, packed, to committed incidents
// on the embedded database. CLEW_BENCH_FILE names another file.
func BenchmarkImport(b *testing.B) {
	file := os.Getenv("CLEW_BENCH_FILE")
	if file == "" {
		file = demoFile(b, 20_000)
	}
	alerts, before := 0, cpuTime()
	for b.Loop() {
		var out bytes.Buffer
		cfg := app.Config{Data: b.TempDir()}
		err := app.Import(b.Context(), cfg, app.IO{Out: &out, Err: io.Discard}, app.ImportOptions{Workspace: app.DefaultWorkspace, Files: []string{file}})
		if err != nil {
			b.Fatal(err, out.String())
		}
		alerts += received(b, out.String())
	}
	b.ReportMetric(float64(alerts)/b.Elapsed().Seconds(), "alerts/s")
	b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(alerts), "cpu-µs/alert")
}

// cpuTime is what this process used of the processors: a busy machine changes it
// less than the elapsed time.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func demoFile(b *testing.B, alerts int) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "alerts.jsonl.gz")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z := gzip.NewWriter(f)
	s := demo.Generate(demo.Options{Seed: 1, Start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Alerts: alerts})
	if err := s.WriteNDJSON(z); err != nil {
		b.Fatal(err)
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	return name
}

var receivedPattern = regexp.MustCompile(`: (\d+) received`)

func received(b *testing.B, out string) int {
	b.Helper()
	m := receivedPattern.FindStringSubmatch(out)
	if m == nil {
		b.Fatalf("no receipt in %q", out)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}
