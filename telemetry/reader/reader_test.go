package reader

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry/mapping"
)

// summary reads a stream and counts what became of it.
func summary(t *testing.T, data []byte, opt Options) string {
	t.Helper()
	opt.Mapper = mapping.NewAuto(mapping.Options{Received: value.UnixEpoch + 20_500*value.Day})
	tables := map[string]int{}
	var order []string
	records, batches := 0, 0
	var refused []string
	for b, err := range Batches(context.Background(), bytes.NewReader(data), opt) {
		if err != nil {
			t.Fatal(err)
		}
		batches++
		records += b.Records
		for _, row := range b.Rows {
			if tables[row.Table.Name]++; tables[row.Table.Name] == 1 {
				order = append(order, row.Table.Name)
			}
		}
		for _, e := range b.Refused {
			refused = append(refused, fmt.Sprintf("record %d line %d: %v", e.Record, e.Line, e.Err))
		}
	}
	var out []string
	for _, name := range order {
		out = append(out, fmt.Sprintf("%s %d", name, tables[name]))
	}
	return fmt.Sprintf("%d records in %d batches: %s; %s", records, batches, strings.Join(out, ", "), strings.Join(refused, "; "))
}

const (
	trail = `{"eventTime":"2026-03-02T07:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","userIdentity":{},"eventID":"%d"}`
	event = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Tool"/><EventID>7</EventID>
<TimeCreated SystemTime="2026-03-02T11:06:00Z"/><Channel>Application</Channel><Computer>srv</Computer></System></Event>`
)

func gzipped(t *testing.T, data string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestForms(t *testing.T) {
	one, two := fmt.Sprintf(trail, 1), fmt.Sprintf(trail, 2)
	for name, c := range map[string]struct{ data, want string }{
		"lines":      {one + "\n" + two + "\n", "2 records in 1 batches: AWSCloudTrail 2, CloudAuditEvents 2; "},
		"array":      {"[" + one + ",\n" + two + "]", "2 records in 1 batches: AWSCloudTrail 2, CloudAuditEvents 2; "},
		"Records":    {`{"Records":[` + one + "," + two + "]}", "2 records in 1 batches: AWSCloudTrail 2, CloudAuditEvents 2; "},
		"XML":        {"<?xml version='1.0'?>\n<Events>\n" + event + "\n" + event + "</Events>", "2 records in 1 batches: Event 2, WindowsEvent 2, DeviceInfo 1; "},
		"XML cut":    {event + event[:80], "2 records in 1 batches: Event 1, WindowsEvent 1, DeviceInfo 1; record 2 line 2: after 1 whole records: the file ends inside a record"},
		"other XML":  {"<html><body>", "0 records in 1 batches: ; record 0 line 1: XML without a Windows event: neither JSON nor compressed JSON"},
		"syslog":     {"<34>Mar  2 07:14:07 h sshd[1]: hello\n<34>Mar  2 07:14:08 h sshd[1]: there\n", "2 records in 1 batches: Syslog 2; "},
		"brackets":   {"[1772435648] unbound[1:0] info: 10.0.0.9 a.example. A IN\n", "1 records in 1 batches: DnsEvents 1, ASimDnsActivityLogs 1; "},
		"mixed":      {one + "\n<34>Mar  2 07:14:07 h sshd[1]: hello\nwhat\n{\"a\":\n", "4 records in 1 batches: AWSCloudTrail 1, CloudAuditEvents 1, Syslog 1; record 3 line 3: no event format recognises the record; record 4 line 4: no JSON: cannot parse JSON: cannot parse object: cannot parse object value: cannot parse empty string; unparsed tail: \"\""},
		"held event": {"type=SYSCALL msg=audit(1772435646.518:1): syscall=59 success=yes pid=1 exe=\"/bin/a\"\n", "1 records in 1 batches: LinuxAuditLog 1, DeviceProcessEvents 1; "},
		"empty":      {"", "0 records in 0 batches: ; "},
	} {
		if got := summary(t, []byte(c.data), Options{}); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
		if c.data != "" {
			if got := summary(t, gzipped(t, c.data), Options{}); got != c.want {
				t.Errorf("%s, compressed:\n got %s\nwant %s", name, got, c.want)
			}
		}
	}
}

func TestBatchesEndWithRecords(t *testing.T) {
	var b strings.Builder
	for i := range 25 {
		fmt.Fprintf(&b, trail+"\n", i)
	}
	if got := summary(t, []byte(b.String()), Options{BatchRows: 9}); got != "25 records in 5 batches: AWSCloudTrail 25, CloudAuditEvents 25; " {
		t.Error(got)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	opt := Options{Mapper: mapping.NewAuto(mapping.Options{})}
	var last error
	for _, err := range Batches(ctx, strings.NewReader(fmt.Sprintf(trail, 1)), opt) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("got %v", last)
	}
}

// FuzzBatches: whatever a file holds, reading ends, and each record is either in
// rows or refused.
func FuzzBatches(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(trail, 1)))
	f.Add([]byte("<Events>" + event + "</Events>"))
	f.Add([]byte("<34>Mar  2 07:14:07 h sshd[1]: hello\n"))
	f.Add([]byte("[1] x\n{\"Records\":[{}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		opt := Options{Mapper: mapping.NewAuto(mapping.Options{Received: value.UnixEpoch}), BatchRows: 3}
		for b, err := range Batches(context.Background(), bytes.NewReader(data), opt) {
			if err != nil {
				t.Fatal(err)
			}
			if b.Records == 0 && len(b.Rows) == 0 && len(b.Refused) == 0 {
				t.Fatal("an empty batch")
			}
		}
	})
}
