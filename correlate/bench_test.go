package correlate_test

import (
	"testing"

	"github.com/clew-sec/clew/correlate"
)

// BenchmarkEngine places alerts of a made-up company. One operation is one alert.
func BenchmarkEngine(b *testing.B) {
	as := company(8, 20_000)
	b.ReportAllocs()
	var e *correlate.Engine
	i := 0
	for b.Loop() {
		if i%len(as) == 0 {
			e = correlate.New(correlate.Options{})
		}
		a := as[i%len(as)]
		e.Add(correlate.Arrival{Seq: int64(i + 1), Received: a.CreatedDateTime, Alert: a})
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "alerts/s")
}
