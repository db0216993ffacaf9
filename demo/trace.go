package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
)

// tracer writes the raw events behind the alerts of the attacks: first what
// every alert's evidence says by itself, then the deeds of its rule.
type tracer struct {
	*recorder
	started  []*process
	raised   []Delivery
	users    map[string]*User   // by UPN and by account name
	byName   map[string]*Device // by host name
	bySensor map[string]*Device
	byIP     map[string]*Device
	byPID    map[pidOn]*process
	done     map[string]bool // files, messages and logons that have their rows
}

type pidOn struct {
	sensor string
	pid    int64
}

func newTracer(r *recorder, s *Scenario) *tracer {
	t := &tracer{recorder: r, started: s.started, raised: s.raised, users: map[string]*User{}, byName: map[string]*Device{}, bySensor: map[string]*Device{},
		byIP: map[string]*Device{}, byPID: map[pidOn]*process{}, done: map[string]bool{}}
	for _, u := range s.Company.Users {
		t.users[u.UPN], t.users[u.SAM] = u, u
	}
	for _, d := range s.Company.Devices {
		t.byName[strings.ToLower(d.Name)], t.bySensor[d.SensorID] = d, d
		if d.Address != "" {
			t.byIP[d.Address] = d
		}
	}
	return t
}

func (t *tracer) attacks() {
	for _, p := range t.started {
		t.byPID[pidOn{p.dev.SensorID, p.pid}] = p
		t.recorder.started(p)
	}
	for _, d := range t.raised {
		if !d.Update {
			t.one(d.Alert)
		}
	}
}

// once reports whether key is new.
func (t *tracer) once(key ...string) bool {
	k := strings.Join(key, "\x00")
	was := t.done[k]
	t.done[k] = true
	return !was
}

// trace is what one alert names.
type trace struct {
	*tracer
	at       time.Time
	users    []*User
	from, to *Device // source, and destination or the one attacked
	inner    *Device // the device of an inner address
	address  string  // outside, of the attacker
	urls     []string
	domains  []string
	procs    []*process
	files    []*alert.FileEvidence
	mails    []*alert.AnalyzedMessageEvidence
	flows    []*alert.NetworkConnectionEvidence
	things   []string // resources at cloud providers
}

func (t *tracer) one(a *alert.Alert) {
	s := &trace{tracer: t, at: a.FirstActivityDateTime}
	for _, ev := range a.Evidence {
		s.meet(ev)
	}
	s.mailRows()
	s.fileRows()
	s.networkRows()
	if a.DetectionSource == alert.DetectionSourceMicrosoftDefenderForIdentity {
		s.logonRows()
	}
	for _, do := range deeds[a.Title] {
		do(s)
	}
}

func (s *trace) meet(ev alert.Evidence) {
	switch e := ev.(type) {
	case *alert.UserEvidence:
		for _, name := range []string{e.UserAccount.UserPrincipalName, e.UserAccount.AccountName} {
			if u := s.tracer.users[name]; u != nil {
				s.users = append(s.users, u)
				break
			}
		}
	case *alert.DeviceEvidence:
		s.meetDevice(s.byName[strings.ToLower(e.HostName)], e.Roles)
	case *alert.IPEvidence:
		s.meetAddress(e.IPAddress)
	case *alert.URLEvidence:
		s.urls = append(s.urls, e.URL)
	case *alert.DNSEvidence:
		s.domains = append(s.domains, e.DomainName)
	case *alert.ProcessEvidence:
		if p := s.byPID[pidOn{e.MDEDeviceID, e.ProcessID}]; p != nil {
			s.procs = append(s.procs, p)
		}
	default:
		s.meetThing(ev)
	}
}

func (s *trace) meetThing(ev alert.Evidence) {
	switch e := ev.(type) {
	case *alert.FileEvidence:
		s.files = append(s.files, e)
	case *alert.AnalyzedMessageEvidence:
		s.mails = append(s.mails, e)
	case *alert.NetworkConnectionEvidence:
		s.flows = append(s.flows, e)
	case *alert.AmazonResourceEvidence:
		s.things = append(s.things, e.ResourceName)
	}
}

func (s *trace) meetDevice(d *Device, roles []alert.Role) {
	switch {
	case d == nil:
	case slices.Contains(roles, source):
		s.from = d
	case s.to == nil:
		s.to = d
	}
}

func (s *trace) meetAddress(a string) {
	if outside(a) && s.address == "" {
		s.address = a
	}
	if d := s.byIP[a]; d != nil && s.inner == nil {
		s.inner = d
	}
}

// device is where the alert's activity was.
func (s *trace) device() *Device {
	switch {
	case len(s.procs) > 0:
		return s.procs[0].dev
	case s.to != nil:
		return s.to
	case s.from != nil:
		return s.from
	case s.inner != nil:
		return s.inner
	case len(s.users) > 0 && s.users[0].Device != nil:
		return s.users[0].Device
	}
	return s.byRole["web"]
}

// user is the account that the alert is about; nobody is an account of the web
// service.
func (s *trace) user() *User {
	if len(s.users) > 0 {
		return s.users[0]
	}
	return s.service("svc-web")
}

// by is the process that did it, nil when the alert names none.
func (s *trace) by() *process {
	if len(s.procs) > 0 {
		return s.procs[0]
	}
	return nil
}

func (s *trace) mailRows() {
	for _, e := range s.mails {
		if !s.once("mail", e.NetworkMessageID) {
			continue
		}
		direction := "Inbound"
		if strings.HasSuffix(e.P1Sender.EmailAddress, "@"+s.Domain) {
			direction = "Outbound"
			if strings.HasSuffix(e.RecipientEmailAddress, "@"+s.Domain) {
				direction = "Intra-org"
			}
		}
		m := message{subject: e.Subject, sender: e.P1Sender.EmailAddress, senderName: e.P1Sender.DisplayName, senderIP: e.SenderIP, urls: e.Urls,
			received: e.ReceivedDateTime, outcome: e.DeliveryAction, place: e.DeliveryLocation}
		row := mail{message: m, to: e.RecipientEmailAddress, network: e.NetworkMessageID, internet: e.InternetMessageID, direction: direction}
		if len(s.files) > 0 {
			row.attachment = asFile(s.files[0])
		}
		s.mailed(row)
	}
}

func asFile(e *alert.FileEvidence) file {
	f := e.FileDetails
	return file{path: f.FilePath, name: f.FileName, sha256: f.SHA256, signer: f.Signer}
}

func (s *trace) fileRows() {
	for _, e := range s.files {
		dev, f := s.bySensor[e.MDEDeviceID], asFile(e)
		if dev == nil || !s.once("file", dev.SensorID, f.full()) {
			continue
		}
		action := "FileCreated"
		if slices.Contains(e.Roles, edited) {
			action = "FileModified"
		}
		by, at := s.by(), s.at
		if by != nil && by.image.full() == f.full() {
			// A program lies there before it runs, put there by its parent.
			by, at = by.parent, by.born.Add(-s.d.span(time.Second, 40*time.Second))
		}
		s.filed(at, dev, action, f, by)
	}
}

// name is how the outside is called.
func (s *trace) name() string {
	switch {
	case len(s.domains) > 0:
		return s.domains[0]
	case len(s.urls) > 0:
		return hostOf(s.urls[0])
	}
	return ""
}

// networkRows: flows, and the connections of processes to the outside.
func (s *trace) networkRows() {
	name := s.name()
	for _, f := range s.flows {
		from, to := f.SourceAddress.IPAddress, f.DestinationAddress.IPAddress
		s.passed(s.at, traffic{from: from, to: to, url: name, port: int(f.DestinationPort), activity: "Connection matched a signature", severity: "8", sent: s.d.count(2000, 90000), received: s.d.count(1000, 40000)})
		if dev := s.byIP[from]; dev != nil {
			s.connected(s.at, dev, connection{remote: to, url: name, port: int(f.DestinationPort), by: s.last(dev)})
		} else if dev := s.byIP[to]; dev != nil {
			s.connected(s.at, dev, connection{action: "InboundConnectionAccepted", remote: from, port: int(f.DestinationPort)})
		}
	}
	if p := s.by(); p != nil && (s.address != "" || len(s.urls) > 0) {
		at := s.at.Add(s.d.span(time.Second, 20*time.Second))
		address := s.address
		if address == "" {
			address = "198.18.4.44"
		}
		s.connected(at, p.dev, connection{remote: address, url: name, port: 443, by: p})
	}
	for _, d := range s.domains {
		s.resolved(s.at.Add(-time.Second), s.device(), d, s.address)
	}
}

// last is the process that an attack started last on a device before that,
// as far as one is known.
func (s *trace) last(dev *Device) *process {
	var found *process
	for _, p := range s.started {
		if p.dev == dev && !p.born.After(s.at) && (found == nil || !p.born.Before(found.born)) {
			found = p
		}
	}
	return found
}

// logonRows: the directory saw an account go from one device to another.
func (s *trace) logonRows() {
	if s.from == nil || s.to == nil || len(s.users) == 0 {
		return
	}
	s.loggedOn(s.at, s.to, s.users[0], logon{kind: "Network", from: s.from})
	s.authenticated(s.at, s.users[0], s.from, s.to, "Resource access", "")
}
