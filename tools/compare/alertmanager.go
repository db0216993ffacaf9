package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/provider/mem"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"

	clewalert "github.com/clew-sec/clew/alert"
)

// batch is how many alerts are handed over at once.
const batch = 64

// alertmanager groups by equal labels, with the dispatcher that Alertmanager runs.
func alertmanager(by ...model.LabelName) grouper {
	return func(ctx context.Context, alerts []*clewalert.Alert, start func()) (map[string]string, any, error) {
		labelled := labelledAlerts(alerts)
		quiet := slog.New(slog.DiscardHandler)
		store, err := mem.NewAlerts(ctx, time.Hour, 0, nil, quiet, eventrecorder.NopRecorder(), prometheus.NewRegistry(), nil)
		if err != nil {
			return nil, nil, err
		}
		defer store.Close()
		far := model.Duration(time.Hour)
		route := dispatch.NewRoute(&config.Route{Receiver: "nobody", GroupBy: by, GroupWait: &far, GroupInterval: &far, RepeatInterval: &far}, nil)
		d := dispatch.NewDispatcher(store, route, silent{}, nil, func(d time.Duration) time.Duration { return d }, time.Hour, nil, quiet,
			eventrecorder.NopRecorder(), dispatch.NewDispatcherMetrics(false, prometheus.NewRegistry(), nil), nil)
		go d.Run(time.Now())
		defer d.Stop()
		<-d.LoadingDone()
		start()
		for i := 0; i < len(labelled); i += batch {
			if err := store.Put(ctx, labelled[i:min(i+batch, len(labelled))]...); err != nil {
				return nil, nil, err
			}
		}
		groups, err := settled(ctx, d, len(labelled))
		return groups, []any{d, store}, err
	}
}

// settled waits until the dispatcher, which works beside, has placed every alert.
func settled(ctx context.Context, d *dispatch.Dispatcher, want int) (map[string]string, error) {
	for {
		found, _, err := d.Groups(ctx, func(*dispatch.Route) bool { return true },
			func(*alert.Alert, time.Time) (alert.AlertStatus, bool) { return alert.AlertStatus{}, true })
		if err != nil {
			return nil, err
		}
		out := make(map[string]string, want)
		for _, g := range found {
			for _, a := range g.Alerts {
				out[string(a.Labels["id"])] = g.Labels.String()
			}
		}
		if len(out) >= want {
			return out, nil
		}
		time.Sleep(time.Millisecond)
	}
}

// labelledAlerts puts each alert into labels, repeats once.
func labelledAlerts(alerts []*clewalert.Alert) []*alert.Alert {
	now := time.Now()
	seen := map[string]bool{}
	var out []*alert.Alert
	for _, a := range alerts {
		if seen[a.ID] {
			continue
		}
		seen[a.ID] = true
		labels := model.LabelSet{
			"id": model.LabelValue(a.ID), "alertname": model.LabelValue(a.Title), "rule": model.LabelValue(a.Rule()),
			"entity": model.LabelValue(mainEntity(a)), "day": model.LabelValue(a.Start().Format(time.DateOnly)),
		}
		out = append(out, alert.New(model.Alert{Labels: labels, StartsAt: now, EndsAt: now.Add(24 * time.Hour)}, now, false))
	}
	return out
}

// silent notifies nobody.
type silent struct{}

// Exec implements notify.Stage.
func (silent) Exec(ctx context.Context, _ *slog.Logger, alerts ...*alert.Alert) (context.Context, []*alert.Alert, error) {
	return ctx, alerts, nil
}
