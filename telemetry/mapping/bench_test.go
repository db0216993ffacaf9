package mapping

import (
	"bytes"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/clew-sec/clew/telemetry"
)

// BenchmarkProcessEvents maps Sysmon's process event as a collector sends it.
// "device" keeps the device tables only, "all" every table that the event feeds.
func BenchmarkProcessEvents(b *testing.B) {
	data, err := os.ReadFile("windows/testdata/sysmon-nxlog.ndjson")
	if err != nil {
		b.Fatal(err)
	}
	event, _, _ := bytes.Cut(data, []byte("\n"))
	device := func(table string) bool { return table == "Event" || table == "WindowsEvent" }
	for name, skip := range map[string]func(string) bool{"device": device, "all": nil} {
		b.Run(name, func(b *testing.B) {
			m := NewAuto(Options{Skip: skip})
			var batch telemetry.Batch
			b.SetBytes(int64(len(event)))
			b.ReportAllocs()
			started := processorTime(b)
			for i := range b.N {
				if i%1000 == 0 {
					batch.Reset()
				}
				if err := m.Map(event, &batch); err != nil {
					b.Fatal(err)
				}
			}
			// Processor time counts: other work on the machine must not.
			b.ReportMetric(float64(b.N)/(processorTime(b)-started).Seconds(), "events/cpu-s")
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
