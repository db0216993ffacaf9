package api

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/ingest"
)

const sysmonLine = `{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"host.corp.example","UtcTime":"2026-11-01 10:00:00.000","ProcessId":4,"Image":"C:\\a.exe","CommandLine":"a.exe"}` + "\n"

// withTelemetry keeps events in memory.
func withTelemetry(t *testing.T) (func(*Options), *duckdb.Store) {
	t.Helper()
	store, err := duckdb.Open(t.Context(), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	service := &ingest.Service{Store: store, Now: time.Now}
	t.Cleanup(func() {
		service.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return func(o *Options) { o.Telemetry, o.Tables = service, service }, store
}

func TestEventsAreStored(t *testing.T) {
	with, store := withTelemetry(t)
	counted := map[string]int{}
	b := newBench(t, with, func(o *Options) {
		o.CountedEvents = func(format string, r ingest.Receipt) { counted[format] += r.Received }
	})
	array := "[" + strings.TrimSuffix(strings.ReplaceAll(strings.Repeat(sysmonLine, 3), "\n", ","), ",") + "]"
	for name, c := range map[string]struct{ body, encoding, format string }{
		"lines": {strings.Repeat(sysmonLine, 3), "", "auto"}, "array": {array, "", "windows"}, "gzip": {packed(array), "gzip", "auto"}, "zip": {zipped(array), "", "windows"},
	} {
		r := read[EventReceipt](t, b.call("token:ingest", "POST /telemetry/"+c.format, c.body, "Content-Encoding", c.encoding), 202)
		if r.Received != 3 || r.Stored != 3 || r.Rejected != 0 || r.Tables["DeviceProcessEvents"] != 3 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	r := read[EventReceipt](t, b.call("token:ingest", "POST /telemetry/auto", sysmonLine+"{bad\n"+sysmonLine), 202)
	if r.Received != 3 || r.Stored != 2 || r.Rejected != 1 || len(r.Rejects) != 1 || r.Rejects[0].Record != 2 || r.Rejects[0].Reason == "" {
		t.Errorf("with a bad record: %+v", r)
	}
	stats, err := store.Stats(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int64{}
	for _, s := range stats {
		held[s.Table] = s.Rows
	}
	if held["DeviceProcessEvents"] != 14 || held["RejectedEvents"] != 1 {
		t.Errorf("stored are %v", held)
	}
	if counted["auto"] != 9 || counted["windows"] != 6 {
		t.Errorf("counted are %v", counted)
	}
}

func TestEventsThatAreRefused(t *testing.T) {
	with, _ := withTelemetry(t)
	b := newBench(t, with)
	for _, c := range []struct {
		who, path, body string
		status          int
	}{
		{"token:ingest", "/telemetry/nonsense", sysmonLine, 404},
		{"token:ingest", "/telemetry/auto?workspace=other", sysmonLine, 404},
		{"token:ingest", "/telemetry/auto", "", 400},
		{"token:read", "/telemetry/auto", sysmonLine, 403},
		{"", "/telemetry/auto", sysmonLine, 401},
	} {
		if w := b.call(c.who, "POST "+c.path, c.body); w.Code != c.status {
			t.Errorf("%s %s: %d, want %d: %s", c.who, c.path, w.Code, c.status, w.Body)
		}
	}
	none := newBench(t, func(o *Options) { o.Telemetry = nil })
	if w := none.call("token:ingest", "POST /telemetry/auto", sysmonLine); w.Code != 503 {
		t.Errorf("without telemetry: %d", w.Code)
	}
}

// oneEvent takes any delivery for one event.
type oneEvent struct{}

func (oneEvent) Deliver(_ context.Context, _ string, body io.Reader, d ingest.Delivery) (ingest.Receipt, error) {
	_, err := io.Copy(io.Discard, body)
	return ingest.Receipt{Received: 1, Stored: 1, Rows: 1, Tables: map[string]int{"SecurityEvent": 1}, Rejects: []ingest.RejectedRecord{}}, err
}

func (oneEvent) DeliverRecords(_ context.Context, _, _ string, records [][]byte) (ingest.Receipt, error) {
	return ingest.Receipt{Received: len(records), Stored: len(records)}, nil
}

// halfway stores some and then fails.
type halfway struct{ err error }

func (f halfway) Deliver(_ context.Context, _ string, body io.Reader, _ ingest.Delivery) (ingest.Receipt, error) {
	_, err := io.Copy(io.Discard, body)
	return ingest.Receipt{Received: 7, Stored: 7}, errors.Join(f.err, err)
}

func TestPartOfTheEvents(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
	}{{telemetry.ErrBusy, 429}, {telemetry.ErrClosed, 503}} {
		b := newBench(t, func(o *Options) { o.Telemetry = halfway{c.err} })
		w := b.call("token:ingest", "POST /telemetry/auto", sysmonLine)
		p := read[Problem](t, w, c.status)
		if p.Events == nil || p.Events.Stored != 7 || w.Header().Get("Retry-After") == "" {
			t.Errorf("%v: %s %v", c.err, w.Body, w.Header())
		}
	}
}

func (f halfway) DeliverRecords(context.Context, string, string, [][]byte) (ingest.Receipt, error) {
	return ingest.Receipt{}, f.err
}

// TestOTLP takes logs of OpenTelemetry in as events and as lines of syslog.
func TestOTLP(t *testing.T) {
	with, store := withTelemetry(t)
	b := newBench(t, with)
	const logs = `{"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"web"}}]},"scopeLogs":[{"logRecords":[` +
		`{"timeUnixNano":"1793527200000000000","severityNumber":17,"body":{"stringValue":"it broke"}},{"body":{"stringValue":"{\"what\":1}"}}]}]}]}`
	for _, encoding := range []string{"", "gzip"} {
		body := logs
		if encoding != "" {
			body = packed(logs)
		}
		w := b.call("token:ingest", "POST /telemetry/otlp/v1/logs", body, "Content-Encoding", encoding)
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"rejectedLogRecords":"1"`) {
			t.Errorf("%q: %d %s", encoding, w.Code, w.Body)
		}
	}
	if w := b.call("token:ingest", "POST /telemetry/otlp/v1/logs", "{}"); w.Code != 400 {
		t.Errorf("without logs: %d %s", w.Code, w.Body)
	}
	if w := b.call("token:ingest", "POST /telemetry/otlp/v1/logs", "", "Content-Type", "application/x-protobuf"); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("no logs as protobuf: %d %s", w.Code, w.Body)
	}
	stats, err := store.Stats(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int64{}
	for _, s := range stats {
		held[s.Table] = s.Rows
	}
	if held["Syslog"] != 2 || held["RejectedEvents"] != 2 {
		t.Errorf("stored are %v", held)
	}
}
