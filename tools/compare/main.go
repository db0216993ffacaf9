// Compare runs the same alerts through Clew's correlation engine and through the
// grouping of Prometheus Alertmanager, in one process, one after the other, and
// prints rate, memory and, with labels, how good the groups are.
//
// Alertmanager is what many would pick to make few things of many alerts. It groups
// by equal labels; here they are an alert's main entity, also with its rule or its day,
// which is the best that can be said in its words.
package main

import (
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/evaluate"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/source/catalog"
	"github.com/clew-sec/clew/source/reader"
)

func main() {
	in := flag.String("in", "", "file of alerts; the demo company when empty")
	truth := flag.String("truth", "", "labels of the alerts")
	flag.Parse()
	if err := run(context.Background(), *in, *truth); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in, truth string) error {
	alerts, err := load(ctx, in)
	if err != nil {
		return err
	}
	labels, err := loadTruth(truth)
	if err != nil {
		return err
	}
	fmt.Printf("%d alerts, %d processors\n", len(alerts), runtime.GOMAXPROCS(0))
	fmt.Printf("%-42s %10s %10s %10s %8s %8s\n", "", "alerts/s", "heap MiB", "groups", "best F1", "contam.")
	for _, c := range []struct {
		name  string
		group grouper
	}{
		{"Clew, one core, every link explained", clew},
		{"Alertmanager, group_by entity", alertmanager("entity")},
		{"Alertmanager, group_by entity and day", alertmanager("entity", "day")},
		{"Alertmanager, group_by entity and rule", alertmanager("entity", "rule")},
	} {
		if err := measure(ctx, c.name, c.group, alerts, labels); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// grouper puts alerts into groups. Preparation that is not its own work is done
// before it calls start; hold keeps its memory alive until that is measured.
type grouper func(ctx context.Context, alerts []*alert.Alert, start func()) (groups map[string]string, hold any, err error)

func measure(ctx context.Context, name string, group grouper, alerts []*alert.Alert, labels evaluate.Truth) error {
	var began time.Time
	var before, after runtime.MemStats
	groups, hold, err := group(ctx, alerts, func() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		began = time.Now()
	})
	took := time.Since(began)
	if err != nil {
		return err
	}
	size := map[string]int{}
	for _, g := range groups {
		size[g]++
	}
	quality := [2]string{"-", "-"}
	if labels != nil {
		r := evaluate.Score(labels, groups)
		quality = [2]string{fmt.Sprintf("%.3f", r.BestF1), fmt.Sprintf("%.3f", r.Contamination)}
	}
	groups = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(hold)
	heap := float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / (1 << 20)
	fmt.Printf("%-42s %10.0f %10.0f %10d %8s %8s\n", name, float64(len(alerts))/took.Seconds(), heap, len(size), quality[0], quality[1])
	return nil
}

// clew runs the engine as it is shipped, on one goroutine.
func clew(_ context.Context, alerts []*alert.Alert, start func()) (map[string]string, any, error) {
	incident, redirect := make(map[string]correlate.IncidentID, len(alerts)), map[correlate.IncidentID]correlate.IncidentID{}
	e := correlate.New(correlate.Options{})
	start()
	for i, a := range alerts {
		out := e.Add(correlate.Arrival{Seq: int64(i + 1), Received: a.CreatedDateTime, Alert: a})
		for _, m := range out.Merges {
			redirect[m.From] = m.Into
		}
		incident[out.AlertID] = out.Incident
		for _, m := range out.Moves {
			incident[m.AlertID] = m.To
		}
	}
	groups := make(map[string]string, len(incident))
	for id, inc := range incident {
		for into, ok := redirect[inc]; ok; into, ok = redirect[inc] {
			inc = into
		}
		groups[id] = strconv.FormatInt(int64(inc), 10)
	}
	return groups, e, nil
}

// mainEntity is what an alert is mostly about: a device, else a user, else whatever
// it names first.
func mainEntity(a *alert.Alert) string {
	mentions := entity.Extract(a)
	for _, kind := range []entity.Kind{entity.Device, entity.User, ""} {
		for _, m := range mentions {
			if kind == "" || m.Kind == kind {
				return string(m.Kind) + " " + strings.ToLower(m.Label)
			}
		}
	}
	return a.ID
}

func load(ctx context.Context, name string) ([]*alert.Alert, error) {
	if name == "" {
		var out []*alert.Alert
		company := demo.Generate(demo.Options{Seed: 1, Days: 14, Alerts: 20_000, Start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
		for d := range company.Alerts() {
			out = append(out, d.Alert)
		}
		return out, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []*alert.Alert
	for r, err := range reader.Alerts(ctx, f, reader.Conversion{Sources: catalog.All()}, reader.Options{Name: name}) {
		if err != nil {
			return nil, err
		}
		out = append(out, r.Alerts...)
	}
	return out, nil
}

func loadTruth(name string) (evaluate.Truth, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return evaluate.ReadTruth(z)
}
