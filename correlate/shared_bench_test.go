//go:build conformance

package correlate_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

// BenchmarkSharedCompanies places the alerts of three labelled companies, read
// beforehand. One operation is one alert. On a busy machine the rate by processor
// time is the one to look at; garbage collection counts in it, but not that of what
// reading the files left behind.
func BenchmarkSharedCompanies(b *testing.B) {
	shared := os.Getenv("CLEW_SHARED")
	if shared == "" {
		b.Fatal("CLEW_SHARED names no folder with labelled alerts")
	}
	var companies [][]*alert.Alert
	for _, name := range []string{"fernhill-a", "fernhill-b", "stonebridge"} {
		companies = append(companies, readAlerts(b, filepath.Join(shared, "data", "correlation", "dev", "enterprise-"+name+".alerts.jsonl.gz")))
	}
	runtime.GC()
	b.ReportAllocs()
	var e *correlate.Engine
	company, at := 0, 0
	began := processorTime()
	for b.Loop() {
		if at == 0 {
			e = correlate.New(correlate.Options{})
		}
		a := companies[company][at]
		e.Add(correlate.Arrival{Seq: int64(at + 1), Received: a.CreatedDateTime, Alert: a})
		if at++; at == len(companies[company]) {
			company, at = (company+1)%len(companies), 0
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "alerts/s")
	b.ReportMetric(float64(b.N)/(processorTime()-began).Seconds(), "alerts/cpu-s")
}
