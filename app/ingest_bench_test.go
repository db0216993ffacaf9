package app_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/clew-sec/clew/app"
)

// Shape of BenchmarkIngest.
const (
	eventSenders = 4
	eventsEach   = 5_000 // in one request
	eventBodies  = 8     // different ones, sent again and again
)

// BenchmarkIngest sends process events over HTTP with a token to the product as
// `clew serve` starts it, from several senders at a time. An event counts when
// the answer came, that is, when it is durable. The processor time is that of
// the whole process: senders, server, database. Run it with
// -benchtime 400000x, which is the number of events.
func BenchmarkIngest(b *testing.B) {
	for _, kind := range []struct {
		name   string
		event  func(i int) string
		skip   []string // nil: as by default
		tables []string
	}{
		{"sysmon", sysmonProcess, nil, []string{"DeviceProcessEvents", "Event"}},
		{"security", securityProcess, nil, []string{"DeviceProcessEvents", "SecurityEvent"}},
		{"rows", processRow, nil, []string{"DeviceProcessEvents"}},
		{"sysmon without Event", sysmonProcess, []string{"WindowsEvent", "Event"}, []string{"DeviceProcessEvents"}},
	} {
		bodies := eventBodiesOf(kind.event)
		for _, packed := range []bool{false, true} {
			name := kind.name + "/plain"
			if packed {
				name = kind.name + "/gzip"
			}
			b.Run(name, func(b *testing.B) { benchIngest(b, bodies, packed, kind.skip, kind.tables) })
		}
	}
}

func benchIngest(b *testing.B, bodies [][]byte, packed bool, skip, tables []string) {
	p := serveAs(b, app.Config{Data: b.TempDir(), SkipTables: skip})
	defer p.stop()
	p.becomeAdministrator()
	p.http.Transport = manyConnections()
	b.SetBytes(int64(len(bodies[0]) / eventsEach))
	if packed {
		bodies = packedBodies(b, bodies)
	}
	if _, err := p.sendEvents(bodies[0], tables); err != nil { // makes the tables
		b.Fatal(err)
	}
	b.ResetTimer()
	before := cpuTime()
	var g errgroup.Group
	g.SetLimit(eventSenders)
	sent := 0
	for ; sent < b.N; sent += eventsEach {
		body := bodies[sent/eventsEach%len(bodies)]
		g.Go(func() error {
			_, err := p.sendEvents(body, tables)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric((cpuTime()-before).Seconds()/float64(sent)*1e6, "cpu-s/Mevents")
}

// eventReceipt is the answer to a delivery of events.
type eventReceipt struct {
	Received, Stored, Rejected, Rows int
	Tables                           map[string]int
}

// sendEvents delivers a body and checks that all of it was stored in these tables.
func (p *product) sendEvents(body []byte, tables []string) (r eventReceipt, err error) {
	req, err := http.NewRequestWithContext(p.t.Context(), "POST", p.url+"/api/v1/telemetry/auto", bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := p.http.Do(req)
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || resp.StatusCode != http.StatusAccepted || r.Stored != eventsEach {
		return r, fmt.Errorf("%s, %v: %s", resp.Status, err, text)
	}
	for _, t := range tables {
		if r.Tables[t] != eventsEach {
			return r, fmt.Errorf("the table %s got %d rows: %s", t, r.Tables[t], text)
		}
	}
	delete(r.Tables, "DeviceInfo") // a row of each device an hour
	if len(r.Tables) != len(tables) {
		return r, fmt.Errorf("rows went to %v", r.Tables)
	}
	return r, nil
}

func packedBodies(b *testing.B, bodies [][]byte) (out [][]byte) {
	for _, body := range bodies {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(body); err != nil {
			b.Fatal(err)
		}
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
		out = append(out, packed.Bytes())
	}
	return out
}

func eventBodiesOf(event func(int) string) (out [][]byte) {
	for n := range eventBodies {
		var body bytes.Buffer
		for i := range eventsEach {
			body.WriteString(event(n*eventsEach + i))
			body.WriteByte('\n')
		}
		out = append(out, body.Bytes())
	}
	return out
}

// program is what starts on the hosts of the benchmark, with a format for the
// command line that takes a number.
type program struct{ folder, file, command, company, product, version, about string }

var programs = []program{
	{`C:\\Windows\\System32`, "svchost.exe", `C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Svc%d`, "Microsoft Corporation", `Microsoft® Windows® Operating System`, "10.0.19041.1806", "Host Process for Windows Services"},
	{`C:\\Windows\\System32\\WindowsPowerShell\\v1.0`, "powershell.exe", `powershell.exe -NoProfile -ExecutionPolicy Bypass -File \"C:\\Scripts\\inventory-%d.ps1\"`, "Microsoft Corporation", `Microsoft® Windows® Operating System`, "10.0.19041.3996", "Windows PowerShell"},
	{`C:\\Program Files\\Google\\Chrome\\Application`, "chrome.exe", `\"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe\" --type=renderer --lang=en-US --device-scale-factor=1 --num-raster-threads=4 --renderer-client-id=%d --time-ticks-at-unix-epoch=-1710230000000000 --mojo-platform-channel-handle=4104 /prefetch:1`, "Google LLC", "Google Chrome", "122.0.6261.112", "Google Chrome"},
	{`C:\\Windows\\System32`, "conhost.exe", `\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV%d`, "Microsoft Corporation", `Microsoft® Windows® Operating System`, "10.0.19041.4355", "Console Window Host"},
	{`C:\\Windows\\System32`, "cmd.exe", `C:\\Windows\\system32\\cmd.exe /c \"wmic computersystem get domain & echo %d\"`, "Microsoft Corporation", `Microsoft® Windows® Operating System`, "10.0.19041.4046", "Windows Command Processor"},
	{`C:\\Program Files\\Microsoft Office\\root\\Office16`, "WINWORD.EXE", `\"C:\\Program Files\\Microsoft Office\\Root\\Office16\\WINWORD.EXE\" /n \"C:\\Users\\u\\Documents\\Offer %d.docx\" /o \"\"`, "Microsoft Corporation", "Microsoft Office", "16.0.16731.20636", "Microsoft Word"},
	{`C:\\Windows\\System32`, "taskhostw.exe", `taskhostw.exe {222A245B-E637-4AE9-A93F-A59CA119A75E} %d`, "Microsoft Corporation", `Microsoft® Windows® Operating System`, "10.0.19041.3636", "Host Process for Windows Tasks"},
	{`C:\\Program Files\\Agent\\bin`, "collector.exe", `\"C:\\Program Files\\Agent\\bin\\collector.exe\" --config C:\\ProgramData\\Agent\\conf.d\\%d.toml --once`, "Example Software", "Agent", "4.7.1", "Collects"},
}

func programOf(i int) (p, parent program) {
	return programs[i*7%len(programs)], programs[i*3/2%len(programs)]
}

// at is when an event of the benchmark happened.
func at(i int) time.Time {
	return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * 1_300_000)
}

// hash makes digits that look like those of a file: the same for the same program.
func hash(program, digits int) string {
	text := fmt.Sprintf("%016X", uint64(program+1)*0x9E3779B97F4A7C15)
	return string(bytes.Repeat([]byte(text), digits/16+1)[:digits])
}

// sysmonProcess is event 1 of Sysmon as a collector writes it, flat, without the
// rendered message.
func sysmonProcess(i int) string {
	p, parent := programOf(i)
	t := at(i).Format("2006-01-02 15:04:05.000")
	n := i * 7 % len(programs)
	return fmt.Sprintf(`{"@timestamp":"%s","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":1,"Version":5,"Task":1,"Level":4,"RecordNumber":%d,`+
		`"Computer":"ws-%03d.corp.example","ExecutionProcessID":2912,"ThreadID":4400,"UserID":"S-1-5-18","RuleName":"-","UtcTime":"%s","ProcessGuid":"{b34f1a2c-%04x-65e2-%04x-000000001500}","ProcessId":"%d",`+
		`"Image":"%s\\%s","FileVersion":"%s","Description":"%s","Product":"%s","Company":"%s","OriginalFileName":"%s","CommandLine":"`+p.command+`","CurrentDirectory":"C:\\Windows\\system32\\",`+
		`"User":"CORP\\user%d","LogonGuid":"{b34f1a2c-9999-65e2-22a6-2b0000000000}","LogonId":"0x%x","TerminalSessionId":"%d","IntegrityLevel":"%s","Hashes":"SHA1=%s,MD5=%s,SHA256=%s,IMPHASH=%s",`+
		`"ParentProcessGuid":"{b34f1a2c-%04x-65e2-%04x-000000001500}","ParentProcessId":"%d","ParentImage":"%s\\%s","ParentCommandLine":"%s\\%s","ParentUser":"NT AUTHORITY\\SYSTEM"}`,
		at(i).Format("2006-01-02T15:04:05.000Z"), i, i%700, t, i%65536, i/65536, 1000+i%30000,
		p.folder, p.file, p.version, p.about, p.product, p.company, p.file, i%5000,
		i%900, 0x1000+i%900, i%4, []string{"Medium", "High", "System"}[i%3], hash(n, 40), hash(n, 32), hash(n, 64), hash(n, 32),
		(i+11)%65536, i/65536, 1000+(i+11)%30000, parent.folder, parent.file, parent.folder, parent.file)
}

// securityProcess is event 4688 of the security log in the same form.
func securityProcess(i int) string {
	p, parent := programOf(i)
	return fmt.Sprintf(`{"@timestamp":"%s","Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","EventID":4688,"Version":2,"Task":13312,"Level":0,"RecordNumber":%d,`+
		`"Computer":"ws-%03d.corp.example","ExecutionProcessID":4,"ThreadID":320,"Keywords":"0x8020000000000000","SubjectUserSid":"S-1-5-21-1004336348-1177238915-682003330-%d","SubjectUserName":"user%d","SubjectDomainName":"CORP",`+
		`"SubjectLogonId":"0x%x","NewProcessId":"0x%x","NewProcessName":"%s\\%s","TokenElevationType":"%%%%1936","ProcessId":"0x%x","CommandLine":"`+p.command+`","TargetUserSid":"S-1-0-0","TargetUserName":"-",`+
		`"TargetDomainName":"-","TargetLogonId":"0x0","ParentProcessName":"%s\\%s","MandatoryLabel":"S-1-16-8192"}`,
		at(i).Format("2006-01-02T15:04:05.000Z"), i, i%700, 1000+i%900, i%900,
		0x1000+i%900, 0x400+i%30000*4, p.folder, p.file, 0x400+(i+11)%30000*4, i%5000, parent.folder, parent.file)
}

// processRow is a row of the table itself, as Defender XDR streams it.
func processRow(i int) string {
	p, parent := programOf(i)
	t := at(i).Format("2006-01-02T15:04:05.0000000Z")
	n := i * 7 % len(programs)
	return fmt.Sprintf(`{"time":"%s","tenantId":"0f1e2d3c-0000-4000-8000-000000000001","operationName":"Publish","category":"AdvancedHunting-DeviceProcessEvents","properties":{`+
		`"Timestamp":"%s","DeviceId":"%s","DeviceName":"ws-%03d.corp.example","ActionType":"ProcessCreated","FileName":"%s","FolderPath":"%s\\%s","SHA1":"%s","SHA256":"%s","MD5":"%s","FileSize":%d,`+
		`"ProcessVersionInfoCompanyName":"%s","ProcessVersionInfoProductName":"%s","ProcessVersionInfoProductVersion":"%s","ProcessVersionInfoOriginalFileName":"%s","ProcessVersionInfoFileDescription":"%s",`+
		`"ProcessId":%d,"ProcessCommandLine":"`+p.command+`","ProcessIntegrityLevel":"Medium","ProcessTokenElevation":"TokenElevationTypeDefault","ProcessCreationTime":"%s","AccountDomain":"corp","AccountName":"user%d",`+
		`"AccountSid":"S-1-5-21-1004336348-1177238915-682003330-%d","LogonId":%d,"InitiatingProcessAccountDomain":"corp","InitiatingProcessAccountName":"user%d","InitiatingProcessFileName":"%s","InitiatingProcessFolderPath":"%s\\%s",`+
		`"InitiatingProcessId":%d,"InitiatingProcessCommandLine":"%s","InitiatingProcessCreationTime":"%s","InitiatingProcessParentId":%d,"InitiatingProcessParentFileName":"explorer.exe","ReportId":%d,"AdditionalFields":null}}`,
		t, t, hash(i%700, 40), i%700, p.file, p.folder, p.file, hash(n, 40), hash(n, 64), hash(n, 32), 100_000+n*977,
		p.company, p.product, p.version, p.file, p.about,
		1000+i%30000, i%5000, t, i%900, 1000+i%900, 0x1000+i%900, i%900, parent.file, parent.folder, parent.file,
		1000+(i+11)%30000, parent.file, t, 1000+i%700, i)
}
