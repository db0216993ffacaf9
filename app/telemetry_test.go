package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

const sysmonEvent = `{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"host.corp.example","UtcTime":"2026-11-01 10:00:00.000","ProcessId":4,"Image":"C:\\a.exe","CommandLine":"a.exe"}` + "\n"

const oneAlert = `{"@odata.type":"#microsoft.graph.security.alert","id":"a1","title":"An alert","severity":"high","createdDateTime":"2026-03-04T10:00:00Z","evidence":[]}` + "\n"

// TestImportTellsEventsFromAlerts imports files of both into a data folder.
func TestImportTellsEventsFromAlerts(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cfg := Config{Data: filepath.Join(dir, "data")}
	run := func(opt ImportOptions, in string) ([]FileReceipt, error) {
		var out, errs bytes.Buffer
		opt.Workspace, opt.JSON = DefaultWorkspace, true
		err := Import(t.Context(), cfg, IO{In: strings.NewReader(in), Out: &out, Err: &errs}, opt)
		var got []FileReceipt
		if out.Len() > 0 {
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatalf("%v: %s", err, out.String())
			}
		}
		return got, err
	}
	got, err := run(ImportOptions{Files: []string{write("events.json", strings.Repeat(sysmonEvent, 3)), write("alerts.json", oneAlert)}}, "")
	if err != nil || len(got) != 2 || got[0].Events == nil || got[0].Events.Stored != 3 || got[1].Events != nil || got[1].New != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	got, err = run(ImportOptions{Files: []string{"-"}}, sysmonEvent)
	if err != nil || got[0].Events == nil || got[0].Events.Stored != 1 {
		t.Errorf("from standard input: %+v, %v", got, err)
	}
	got, err = run(ImportOptions{Files: []string{"-"}, Events: true}, "{\"nothing\":\"known\"}\n"+sysmonEvent)
	if !errors.Is(err, ErrProblems) || got[0].Events.Rejected != 1 || got[0].Events.Stored != 1 {
		t.Errorf("with one that is no event: %+v, %v", got, err)
	}
	if _, err = run(ImportOptions{Files: []string{"-"}, Source: "nonsense"}, ""); !errors.Is(err, ErrUsage) {
		t.Errorf("an unknown format: %v", err)
	}
	cfg.Telemetry = TelemetryOff
	if _, err = run(ImportOptions{Files: []string{"-"}, Source: "windows"}, sysmonEvent); !errors.Is(err, ErrUsage) {
		t.Errorf("with telemetry off: %v", err)
	}
	cfg.Telemetry = ""
	cfg.complete()
	st, err := openTelemetry(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if n := rowsIn(t, st, "DeviceProcessEvents"); n != 5 {
		t.Errorf("%d rows of processes, want 5", n)
	}
	if n := rowsIn(t, st, "Event"); n != 5 {
		t.Errorf("%d rows of events, want 5", n)
	}
	checkRetention(t, cfg, st)
}

// checkRetention lets a year pass over five events in two tables.
func checkRetention(t *testing.T, cfg Config, st telemetry.Store) {
	t.Helper()
	cfg.Now = func() time.Time { return time.Date(2027, 11, 1, 0, 0, 0, 0, time.UTC) }
	old := telemetry.Row{Table: progress, Cells: []telemetry.Cell{{Column: 0, Value: value.DateTimeOf(value.UnixEpoch)}, {Column: 1, Value: value.LongOf(7)}}}
	if err := (telemetry.Making{Store: st}).Append(t.Context(), DefaultWorkspace, []telemetry.Row{old}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		all       time.Duration
		tables    map[string]time.Duration
		processes int64
		events    int64
	}{
		{0, nil, 5, 5},
		{0, map[string]time.Duration{"event": 10 * 365 * 24 * time.Hour}, 5, 5},
		{24 * time.Hour, map[string]time.Duration{"DeviceProcessEvents": 0}, 5, 0},
		{24 * time.Hour, nil, 0, 0},
	} {
		cfg.Retention, cfg.TableRetention = step.all, step.tables
		kept, err := newRetention(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := removeOld(t.Context(), cfg, kept, st, DefaultWorkspace); err != nil {
			t.Fatal(err)
		}
		if p, e := rowsIn(t, st, "DeviceProcessEvents"), rowsIn(t, st, "Event"); p != step.processes || e != step.events {
			t.Errorf("kept for %v, %v: %d rows of processes and %d of events, want %d and %d", step.all, step.tables, p, e, step.processes, step.events)
		}
	}
	if n := rowsIn(t, st, progress.Name); n != 1 {
		t.Errorf("%d rows say how far the copy of alerts stands, want the last one", n)
	}
	for _, wrong := range []map[string]time.Duration{{"DeviceProcesEvents": time.Hour}, {"Event": -time.Hour}} {
		cfg.TableRetention = wrong
		if _, err := newRetention(cfg); !errors.Is(err, ErrUsage) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

func rowsIn(t *testing.T, st telemetry.Store, table string) int64 {
	t.Helper()
	q := telemetry.Statement{SQL: "SELECT count(*) FROM " + st.TableSQL(DefaultWorkspace, table), Columns: []telemetry.ResultColumn{{Name: "n", Type: value.Long}}}
	rows, err := st.Query(context.Background(), q, telemetry.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for r, err := range rows.All() {
		if err != nil {
			t.Fatal(err)
		}
		return r[0].Num
	}
	return -1
}
