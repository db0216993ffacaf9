package app_test

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/demo"
)

// Pace of BenchmarkLatency.
const (
	alertsPerSecond = 200
	senders         = 32
	preloaded       = 20_000
)

// BenchmarkLatency sends alerts one by one over HTTP, 200 in a second, to a
// product that holds 20,000 already, and measures from the moment at which an
// alert is due until its incident is read back over the API. A sender that lags
// behind makes the figure worse, not the pace slower. Run it with
// -benchtime 3000x.
func BenchmarkLatency(b *testing.B) {
	data := b.TempDir()
	file := os.Getenv("CLEW_BENCH_FILE")
	if file == "" {
		file = demoFile(b, preloaded)
	}
	err := app.Import(b.Context(), app.Config{Data: data}, app.IO{Out: io.Discard, Err: io.Discard}, app.ImportOptions{Workspace: app.DefaultWorkspace, Files: []string{file}})
	if err != nil {
		b.Fatal(err)
	}
	p := serve(b, data)
	defer p.stop()
	p.becomeAdministrator()
	p.http.Transport = manyConnections()

	var wg sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	due := make(chan delivery, 1_000_000)
	for range senders {
		wg.Go(func() {
			for d := range due {
				r := p.deliver(202, d.body)
				h := call[head](p, 200, "GET", fmt.Sprintf("/api/v1/incidents/%d", r.Records[0].IncidentID), nil)
				if h.Tally.Alerts == 0 && h.RedirectTo == 0 { // a later alert may have merged it
					b.Errorf("incident %d counts no alert", h.ID)
				}
				mu.Lock()
				took = append(took, time.Since(d.due))
				mu.Unlock()
			}
		})
	}
	next, stop := iter.Pull(freshAlerts(b))
	defer stop()
	at := time.Now()
	for b.Loop() {
		body, _ := next()
		at = at.Add(time.Second / alertsPerSecond)
		<-time.After(time.Until(at))
		due <- delivery{at, body}
	}
	close(due)
	wg.Wait()
	slices.Sort(took)
	for _, percent := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*percent/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", percent))
	}
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}

type delivery struct {
	due  time.Time
	body []byte
}

// freshAlerts are alerts of another time of the sample company than the one that
// is loaded, so that they meet entities that are known.
func freshAlerts(b *testing.B) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for seed := uint64(100); ; seed++ {
			for d := range demo.Generate(demo.Options{Seed: seed, Start: time.Now().AddDate(0, 0, -3), Days: 3, Alerts: 5000}).Alerts() {
				text, err := d.Alert.MarshalJSON()
				if err != nil {
					b.Fatal(err)
				}
				if !yield(text) {
					return
				}
			}
		}
	}
}

// manyConnections keeps a connection for each sender open.
func manyConnections() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = senders
	return t
}
