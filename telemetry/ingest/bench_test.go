package ingest_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/ingest"
)

// processEvents are n events of Sysmon's process creation, as JSON lines.
func processEvents(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"host%d.corp.example","UtcTime":"2026-11-01 10:%02d:%02d.%03d",`+
			`"ProcessGuid":"{b34f1a2c-%04x-6350-%04x-000000001500}","ProcessId":%d,"Image":"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",`+
			`"FileVersion":"10.0.19041.1","Description":"Windows PowerShell","Company":"Microsoft Corporation","OriginalFileName":"PowerShell.EXE",`+
			`"CommandLine":"powershell.exe -NoProfile -ExecutionPolicy Bypass -File C:\\Scripts\\job%d.ps1","CurrentDirectory":"C:\\Windows\\","User":"CORP\\user%d",`+
			`"LogonId":"0x%x","IntegrityLevel":"High","Hashes":"SHA1=%040x,MD5=%032x,SHA256=%064x","ParentProcessId":%d,`+
			`"ParentImage":"C:\\Windows\\System32\\svchost.exe","ParentCommandLine":"C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule"}`+"\n",
			i%500, i/60%60, i%60, i%1000, i%65536, i%65536, i%30000, i%977, i%300, i, i%7919, i%7919, i%7919, i%3000)
	}
	return b.Bytes()
}

// BenchmarkDeliver takes process events in until they are durable, from four
// senders at a time, without HTTP: into the three tables that hold them, the two
// that are kept by default, and the one of process events alone.
func BenchmarkDeliver(b *testing.B) {
	b.Run("three tables", func(b *testing.B) { benchDeliver(b, nil) })
	b.Run("two tables", func(b *testing.B) { benchDeliver(b, func(table string) bool { return table == "WindowsEvent" }) })
	b.Run("one table", func(b *testing.B) { benchDeliver(b, func(table string) bool { return table != "DeviceProcessEvents" }) })
}

func benchDeliver(b *testing.B, skip func(string) bool) {
	store, err := duckdb.Open(b.Context(), duckdb.Options{File: filepath.Join(b.TempDir(), "t.duckdb")})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	s := &ingest.Service{Store: store, Now: time.Now, Skip: skip}
	defer s.Close()
	const each = 10_000
	body := processEvents(each)
	b.SetBytes(int64(len(body) / each))
	b.ResetTimer()
	before := cpuTime()
	var g errgroup.Group
	g.SetLimit(4)
	n := 0
	for ; n < b.N; n += each {
		g.Go(func() error {
			r, err := s.Deliver(b.Context(), "default", bytes.NewReader(body), ingest.Delivery{})
			if err == nil && r.Stored != each {
				err = fmt.Errorf("%+v", r)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/1000/float64(n), "cpu-us/event")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

// cpuTime is what the process used so far, which on a busy machine tells more
// than the clock does.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
