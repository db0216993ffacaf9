package storetest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// BenchmarkCommit measures batches of 500 alerts of about 5 KB with 6 entities
// each, 50 incidents and their activities.
func BenchmarkCommit(b *testing.B, s store.Store) {
	const batch = 500
	bk := newBook(b, s)
	r := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	var cpu time.Duration
	for b.Loop() {
		b.StopTimer()
		c := benchChange(r, bk.seq, batch, 5000)
		begin := cpuTime()
		b.StartTimer()
		if err := s.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		cpu += cpuTime() - begin
		bk.seq = c.Seq
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "alerts/s")
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N*batch), "cpu-µs/alert")
}

// cpuTime is what this process used of the processors: unlike the elapsed time
// it says the same on a busy machine.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var benchTactics = []string{"InitialAccess", "Execution", "Persistence", "CredentialAccess", "LateralMovement", "Impact"}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// benchChange is one batch; its incidents are numbered by the batch's position.
func benchChange(r *rand.Rand, seq int64, size, bytes int) *store.Change {
	c := &store.Change{Workspace: home, PrevSeq: seq, Seq: seq + int64(size), At: at(int(seq))}
	const perIncident = 10
	for n := range size {
		a := benchAlert(r, seq+int64(n)+1, bytes)
		a.Incident = correlate.IncidentID((seq+int64(n))/perIncident + 1)
		c.Alerts = append(c.Alerts, a)
		for e := range 6 {
			id := entity.ID(1 + r.IntN(20_000))
			kind := []entity.Kind{entity.User, entity.Device, entity.IP, entity.File, entity.Process, entity.URL}[e]
			c.AlertEntities = append(c.AlertEntities, store.AlertEntity{Alert: a.ID, Entity: id, Kind: kind, Evidence: e, Roles: []string{"attacked"}, Verdict: "suspicious"})
			c.IncidentEntities = append(c.IncidentEntities, store.IncidentEntity{Incident: a.Incident, Entity: id, Kind: kind, Alerts: 1, Verdict: "suspicious", First: a.FirstActivity, Last: a.LastActivity})
			if r.IntN(6) == 0 {
				value := "name-" + strconv.Itoa(int(id))
				c.Entities = append(c.Entities, store.Entity{ID: id, Kind: kind, Label: value, FirstSeen: a.FirstActivity, LastSeen: a.LastActivity,
					Identifiers: []store.LearntIdentifier{{Identifier: entity.Identifier{Kind: kind, Type: "name", Value: value}, Alert: a.ID, At: a.Received}}})
			}
		}
		if n%perIncident == perIncident-1 {
			i := benchIncident(r, a.Incident, c.Alerts[len(c.Alerts)-perIncident:])
			c.Incidents = append(c.Incidents, i)
			c.Activities = append(c.Activities, incident.Activity{Incident: i.ID, At: c.At, Kind: incident.Created, Actor: incident.Correlation, Text: "The incident was created with 10 alerts.", Count: perIncident})
		}
	}
	c.Intake = map[string]store.Intake{"graph": {Received: int64(size), New: int64(size)}}
	return c
}

func benchAlert(r *rand.Rand, seq int64, bytes int) store.Alert {
	first := epoch.Add(time.Duration(seq) * time.Second)
	a := store.Alert{
		Seq: seq, ID: fmt.Sprintf("da%016x-%016x", r.Uint64(), r.Uint64()), Source: "graph", Received: first, Updated: first,
		Title: "Suspicious " + pick(r, benchTactics) + " activity was observed", Severity: pick(r, []string{"high", "medium", "low", "informational"}),
		Status: pick(r, []string{"new", "inProgress", "resolved"}), Classification: "unknown", Determination: "unknown", Category: pick(r, benchTactics),
		Tactics: []string{pick(r, benchTactics)}, Techniques: []string{"T1059.001"}, Product: pick(r, []string{"Endpoint", "Identity", "Mail", "Cloud"}),
		ServiceSource: pick(r, []string{"s1", "s2", "s3"}), DetectionSource: pick(r, []string{"d1", "d2"}), Rule: "rule-" + strconv.Itoa(r.IntN(300)),
		FirstActivity: first, LastActivity: first.Add(time.Minute),
		Link: correlate.Link{Score: 0.93, Reasons: []correlate.Reason{correlate.SameAsset, correlate.TimeFrame}, Model: "m1", Gap: 30,
			Alerts:   []correlate.LinkedAlert{{ID: "da-0", Title: "Suspicious activity", Score: 0.93}},
			Entities: []correlate.SharedEntity{{ID: 7, Kind: entity.Device, Label: "wks-7", Alerts: 3, Total: 10_000}},
			Facts:    []correlate.Fact{{Feature: "surprise", Weight: 2.5, Text: "the device is in few alerts"}}},
	}
	a.Normal = benchBody(r, bytes)
	return a
}

// benchBody is JSON with the mix of repetition and noise that alerts have.
func benchBody(r *rand.Rand, size int) []byte {
	var b strings.Builder
	b.WriteString(`{"@odata.type":"#microsoft.graph.security.alert","evidence":[`)
	for b.Len() < size {
		fmt.Fprintf(&b, `{"@odata.type":"#microsoft.graph.security.processEvidence","createdDateTime":"2025-05-06T07:08:%02d.123Z","verdict":"suspicious","remediationStatus":"none","processId":%d,"processCommandLine":"powershell.exe -enc %016x%016x","imageFile":{"sha256":"%016x%016x%016x%016x","fileName":"powershell.exe","filePath":"C:\\Windows\\System32"}},`,
			r.IntN(60), r.IntN(30_000), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
	}
	b.WriteString(`null]}`)
	return []byte(b.String())
}

func benchIncident(r *rand.Rand, id correlate.IncidentID, alerts []store.Alert) incident.Incident {
	i := incident.New(id, alerts[0].Received)
	var members []incident.Member
	for _, a := range alerts {
		members = append(members, incident.Member{ID: a.ID, Title: a.Title, Severity: a.Severity, Status: a.Status, Tactics: a.Tactics, Techniques: a.Techniques,
			Product: a.Product, ServiceSource: a.ServiceSource, DetectionSource: a.DetectionSource, First: a.FirstActivity, Last: a.LastActivity, LinkScore: 0.9})
	}
	assets := []incident.Involved{
		{ID: entity.ID(1 + r.IntN(20_000)), Kind: entity.Device, Label: "wks-" + strconv.Itoa(r.IntN(5000)), Impacted: true, Alerts: 5},
		{ID: entity.ID(1 + r.IntN(20_000)), Kind: entity.User, Label: "user-" + strconv.Itoa(r.IntN(5000)) + "@harbor.example", Impacted: true, Alerts: 3},
	}
	incident.Grow(&i, incident.Growth{Added: members, Involved: slices.Values(assets), At: alerts[len(alerts)-1].Received, Actor: incident.Correlation})
	i.Status = incident.Status(pick(r, []string{"active", "active", "inProgress", "resolved"}))
	i.Owner = pick(r, []string{"", "", "mara", "noor", "ines"})
	i.Severity = alert.Severity(pick(r, []string{"high", "medium", "low", "informational"}))
	i.Tags = []string{pick(r, []string{"vip", "lab", "phishing", "follow-up"})}
	return i
}

// QueueSize is the number of incidents for BenchmarkQueue: 100,000, or what the
// environment variable CLEW_BENCH_INCIDENTS says.
func QueueSize() int {
	if n, err := strconv.Atoi(os.Getenv("CLEW_BENCH_INCIDENTS")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// BenchmarkQueue measures what the portal asks: the first page of the queue with
// its counters, over incidents of 10 alerts each, and opening an incident of
// 10,000 alerts. Building the data is not measured.
func BenchmarkQueue(b *testing.B, s store.Store, incidents int) {
	begin := time.Now()
	seq := fill(b, s, incidents*10)
	big := correlate.IncidentID(incidents + 1)
	fillBig(b, s, seq, big, 10_000)
	b.Logf("%d alerts in %d incidents written in %v", incidents*10+10_000, incidents+1, time.Since(begin).Round(time.Millisecond))
	queue := func(q store.IncidentQuery) func() error {
		q.Workspace = home
		return func() error {
			page, err := s.Incidents(b.Context(), q)
			if err == nil && len(page.Items) == 0 {
				err = fmt.Errorf("nothing found")
			}
			if err == nil {
				_, err = s.IncidentFacets(b.Context(), q)
			}
			return err
		}
	}
	open := []string{"active", "inProgress"}
	for _, c := range []struct {
		name string
		ask  func() error
	}{
		{"first page and facets", queue(store.IncidentQuery{Statuses: open, Severities: []string{"high", "medium", "low"}})},
		{"no filter", queue(store.IncidentQuery{})},
		{"by name", queue(store.IncidentQuery{Sort: store.ByName, Asc: true})},
		{"rare tag and week", queue(store.IncidentQuery{Tags: []string{"vip"}, Tactics: []string{"Impact"}, ActiveFrom: at(60), Statuses: open})},
		{"search", queue(store.IncidentQuery{Search: "wks-77", Statuses: open})},
		{"while a change arrives", changing(b, s, queue(store.IncidentQuery{Statuses: open}))},
		{"open an incident of 10000 alerts", func() error { return openIncident(b, s, big) }},
		{"alert queue", func() error {
			_, err := s.Alerts(b.Context(), store.AlertQuery{Workspace: home, Statuses: []string{"new"}, Brief: true})
			return err
		}},
		{"rules while a change arrives", changing(b, s, func() error {
			rules, err := s.Rules(b.Context(), home)
			if err == nil && len(rules) == 0 {
				err = fmt.Errorf("no rules")
			}
			return err
		})},
		// After a change the counts can't be the kept ones.
		{"alert facets of an incident", changing(b, s, func() error {
			_, err := s.AlertFacets(b.Context(), store.AlertQuery{Workspace: home, Incident: big})
			return err
		})},
		{"alert facets, no filter", changing(b, s, func() error {
			_, err := s.AlertFacets(b.Context(), store.AlertQuery{Workspace: home})
			return err
		})},
	} {
		b.Run(c.name, func(b *testing.B) { percentiles(b, c.ask) })
	}
}

func percentiles(b *testing.B, ask func() error) {
	if err := ask(); err != nil { // the first one reads the queue into memory
		b.Fatal(err)
	}
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

func fill(b *testing.B, s store.Store, alerts int) int64 {
	r := rand.New(rand.NewPCG(3, 4))
	var seq int64
	for seq < int64(alerts) {
		c := benchChange(r, seq, 1000, 300)
		if err := s.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		seq = c.Seq
	}
	return seq
}

func fillBig(b *testing.B, s store.Store, seq int64, id correlate.IncidentID, alerts int) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := 0; n < alerts; n += 1000 {
		c := benchChange(r, seq, 1000, 1000)
		for k := range c.Alerts {
			c.Alerts[k].Incident = id
		}
		for k := range c.IncidentEntities {
			c.IncidentEntities[k].Incident = id
		}
		for k := range c.Activities {
			c.Activities[k].Incident = id
		}
		head := benchIncident(r, id, c.Alerts)
		c.Incidents = []incident.Incident{head}
		if err := s.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		seq = c.Seq
	}
}

// changing commits a small change before each question, as live intake does.
func changing(b *testing.B, s store.Store, ask func() error) func() error {
	return func() error {
		seq, err := s.Position(b.Context(), home)
		if err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(7, uint64(seq))) // new ids each time
		c := benchChange(r, seq, 10, 300)
		c.Incidents[0].ID = 5
		if err := s.Commit(b.Context(), c); err != nil {
			return err
		}
		return ask()
	}
}

func openIncident(b *testing.B, s store.Store, id correlate.IncidentID) error {
	ctx := b.Context()
	if _, err := s.Incident(ctx, home, id); err != nil {
		return err
	}
	if _, err := s.Alerts(ctx, store.AlertQuery{Workspace: home, Incident: id, Sort: store.AlertsByStart, Asc: true, Brief: true, Paging: store.Paging{Limit: 200}}); err != nil {
		return err
	}
	if _, err := s.IncidentEntities(ctx, home, id, nil, store.Paging{Limit: 200}); err != nil {
		return err
	}
	if _, _, err := s.IncidentAlertEntities(ctx, home, id, 20_000); err != nil {
		return err
	}
	_, err := s.Activities(ctx, store.ActivityQuery{Workspace: home, Incident: id})
	return err
}
