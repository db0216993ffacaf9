package correlate_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
)

var begin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// finding makes an alert of a small company: who, on which device, from where.
type finding struct {
	id, rule string
	at       time.Time
	user     int // 0: none
	device   int
	ip       string
	hash     int
	category string
	title    string
}

func (f finding) alert() *alert.Alert {
	a := &alert.Alert{
		ID: f.id, Title: f.rule, DetectorID: "det-" + f.rule, Severity: alert.SeverityMedium, Category: f.category,
		ServiceSource:         alert.ServiceSourceMicrosoftDefenderForEndpoint,
		FirstActivityDateTime: f.at, LastActivityDateTime: f.at.Add(time.Minute), CreatedDateTime: f.at.Add(5 * time.Minute),
	}
	if f.title != "" {
		a.Title = f.title
	}
	if f.user > 0 {
		a.Evidence = append(a.Evidence, &alert.UserEvidence{UserAccount: &alert.UserAccount{
			UserPrincipalName: fmt.Sprintf("user%d@contoso.example", f.user), AccountName: fmt.Sprintf("user%d", f.user), DomainName: "CONTOSO",
			UserSID: fmt.Sprintf("S-1-5-21-7-7-7-%d", 1000+f.user),
		}})
	}
	if f.device > 0 {
		d := &alert.DeviceEvidence{MDEDeviceID: fmt.Sprintf("%040d", f.device), DeviceDNSName: fmt.Sprintf("pc%d.contoso.example", f.device), LastIPAddress: fmt.Sprintf("10.0.%d.%d", f.device/250, 1+f.device%250)}
		d.Roles = []alert.Role{alert.RoleAttacked}
		a.Evidence = append(a.Evidence, d)
	}
	if f.ip != "" {
		a.Evidence = append(a.Evidence, &alert.IPEvidence{IPAddress: f.ip})
	}
	if f.hash > 0 {
		a.Evidence = append(a.Evidence, &alert.FileEvidence{FileDetails: &alert.FileDetails{SHA256: fmt.Sprintf("%064x", f.hash), FileName: "f.exe"}})
	}
	return a
}

var rules = []string{"Malware was prevented", "Unfamiliar sign-in", "Suspicious script", "Mass download", "Port scan", "Unwanted software", "Phish delivered", "New service"}
var categories = []string{"Malware", "InitialAccess", "Execution", "Exfiltration", "Discovery", "Execution", "InitialAccess", "Persistence"}

// company makes n alerts of everyday noise with a few attacks in it: a user's
// device, the same file elsewhere, the same address. Seeded, so always the same.
func company(seed uint64, n int) []*alert.Alert {
	r := rand.New(rand.NewPCG(seed, 9))
	out := make([]*alert.Alert, 0, n)
	at := begin
	for i := range n {
		at = at.Add(time.Duration(r.IntN(120)) * time.Second)
		k := r.IntN(len(rules))
		f := finding{id: fmt.Sprintf("a%06d", i), rule: rules[k], category: categories[k], at: at.Add(-time.Duration(r.IntN(600)) * time.Second)}
		switch r.IntN(5) {
		case 0: // an attack: one of few users and devices, one file
			who := 1 + i/400
			f.user, f.device, f.hash, f.ip = who, who, 5000+who, fmt.Sprintf("203.0.113.%d", 1+who%200)
		case 1:
			f.user, f.ip = 1+r.IntN(400), "198.51.100.1" // the shared exit
		default:
			f.user, f.device = 1+r.IntN(400), 1+r.IntN(300)
			if r.IntN(3) == 0 {
				f.hash = 1 + r.IntN(60)
			}
		}
		out = append(out, f.alert())
	}
	return out
}

// flow feeds alerts to an engine and keeps where each of them is.
type flow struct {
	engine *correlate.Engine
	seq    int64
	where  map[string]correlate.IncidentID
	into   map[correlate.IncidentID]correlate.IncidentID
	outs   []correlate.Outcome
}

func newFlow(opt correlate.Options) *flow {
	return &flow{engine: correlate.New(opt), where: map[string]correlate.IncidentID{}, into: map[correlate.IncidentID]correlate.IncidentID{}}
}

func (f *flow) add(a *alert.Alert) correlate.Outcome {
	f.seq++
	out := f.engine.Add(correlate.Arrival{Seq: f.seq, Source: "test", Received: a.CreatedDateTime, Alert: a})
	f.take(out)
	return out
}

func (f *flow) take(out correlate.Outcome) {
	if out.AlertID != "" {
		f.where[out.AlertID] = out.Incident
	}
	for _, m := range out.Merges {
		f.into[m.From] = m.Into
	}
	for _, m := range out.Moves {
		f.where[m.AlertID] = m.To
	}
	f.outs = append(f.outs, out)
}

func (f *flow) apply(c correlate.Command) (correlate.Outcome, error) {
	f.seq++
	c.Seq = f.seq
	out, err := f.engine.Apply(c)
	if err == nil {
		if c.Kind == correlate.CommandUndoMerge {
			delete(f.into, c.Sources[0])
			for _, id := range c.Alerts {
				f.where[id] = c.Sources[0]
			}
		}
		f.take(out)
		if c.Kind == correlate.CommandMove {
			for _, id := range c.Alerts { // those that the engine forgot, too
				f.where[id] = out.Incident
			}
		}
	}
	return out, err
}

// home follows merges.
func (f *flow) home(id string) correlate.IncidentID {
	at := f.where[id]
	for {
		to, ok := f.into[at]
		if !ok {
			return at
		}
		at = to
	}
}

func (f *flow) all(as []*alert.Alert) *flow {
	for _, a := range as {
		f.add(a)
	}
	return f
}
