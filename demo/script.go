package demo

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
)

// script raises the alerts of one attack, or of one stretch of background, in
// order of activity. Its clock stands at the time of the next activity.
type script struct {
	*Company
	d     *dice
	at    time.Time
	end   time.Time // nothing happens or arrives later
	slow  float64   // stretches every pause: 1 is natural
	label Label
	ids   *idMaker
	out   []Delivery
	// started holds the processes of an attack, for their raw events; nil in the
	// background, which forgets them.
	started *[]*process
}

// idMaker numbers the alerts of one scenario. Ids look random and never repeat.
type idMaker struct{ seed, next uint64 }

func (m *idMaker) id() uint64 {
	m.next++
	return mix(m.seed ^ mix(m.next))
}

// later moves the clock.
func (s *script) later(least, most time.Duration) {
	s.at = s.at.Add(time.Duration(float64(s.d.span(least, most)) * s.slow).Truncate(time.Millisecond))
}

// raise makes an alert of r at the clock's time.
func (s *script) raise(r rule, evidence ...alert.Evidence) *alert.Alert {
	id := s.ids.id()
	hex := fmt.Sprintf("%016x", id)
	last := s.before(s.at, s.d.span(0, 4*time.Minute))
	made := s.before(last, s.delay(r.by))
	a := &alert.Alert{
		ID: r.by.prefix + hex + "_1", ProviderAlertID: hex, TenantID: s.TenantID,
		Title: r.title, Description: r.what, RecommendedActions: r.do, Category: r.category,
		MITRETechniques: strings.Fields(r.techniques), Severity: r.severity, Status: alert.StatusNew,
		ServiceSource: r.by.service, DetectionSource: r.by.detection, ProductName: r.by.name, DetectorID: detector(r),
		CreatedDateTime: made, LastUpdateDateTime: made, FirstActivityDateTime: s.at, LastActivityDateTime: last,
		Evidence: evidence,
	}
	s.fill(a)
	for _, ev := range evidence {
		b := ev.Base()
		b.CreatedDateTime = s.at
		b.ODataType = "#microsoft.graph.security." + alert.EvidenceType(ev)
		if b.Verdict == "" {
			b.Verdict = alert.VerdictUnknown
		}
		if b.RemediationStatus == "" {
			b.RemediationStatus = alert.RemediationStatusNone
		}
		trim(r.by, s.d, ev)
	}
	s.out = append(s.out, Delivery{Received: s.before(made, s.d.span(time.Second, 30*time.Second)), Alert: a})
	return a
}

// before is t + span, or half way to the end of the scenario when that comes
// first.
func (s *script) before(t time.Time, span time.Duration) time.Time {
	if left := s.end.Sub(t); span > left {
		return t.Add(max(left/2, 0).Truncate(time.Millisecond))
	}
	return t.Add(span)
}

// fill puts names into the texts.
func (s *script) fill(a *alert.Alert) {
	if !strings.Contains(a.Title, "{") && !strings.Contains(a.Description, "{") {
		return
	}
	user, device, address := "(unnamed account)", "(unnamed device)", "(unnamed address)"
	for _, ev := range slices.Backward(a.Evidence) {
		switch e := ev.(type) {
		case *alert.UserEvidence:
			user = e.UserAccount.DisplayName
			if user == "" {
				user = e.UserAccount.AccountName
			}
		case *alert.DeviceEvidence:
			device = e.HostName
		case *alert.IPEvidence:
			address = e.IPAddress
		}
	}
	r := strings.NewReplacer("{user}", user, "{device}", device, "{address}", address)
	a.Title, a.Description = r.Replace(a.Title), r.Replace(a.Description)
}

// delay is mostly short, sometimes hours.
func (s *script) delay(p *product) time.Duration {
	switch {
	case s.d.chance(0.02):
		return s.d.span(2*time.Hour, 20*time.Hour)
	case s.d.chance(0.15):
		return s.d.span(p.delay, 6*p.delay)
	}
	return s.d.span(p.delay/4, 2*p.delay)
}

// update delivers the alert again: later, with more activity and, where given,
// more evidence.
func (s *script) update(a *alert.Alert, after time.Duration, more ...alert.Evidence) {
	again := *a
	again.LastUpdateDateTime = s.before(a.LastUpdateDateTime, after)
	again.LastActivityDateTime = s.before(a.LastActivityDateTime, again.LastUpdateDateTime.Sub(a.LastUpdateDateTime)/3)
	again.Evidence = append(slices.Clip(a.Evidence), more...)
	for _, ev := range more {
		b := ev.Base()
		b.CreatedDateTime = again.LastActivityDateTime
		b.ODataType = "#microsoft.graph.security." + alert.EvidenceType(ev)
	}
	s.out = append(s.out, Delivery{Received: s.before(again.LastUpdateDateTime, 31*time.Second), Alert: &again, Update: true})
}

func detector(r rule) string {
	h := fnv.New128a()
	h.Write([]byte(r.by.name))
	h.Write([]byte(r.title))
	return asGUID(fmt.Sprintf("%x", h.Sum(nil)))
}

// spawn starts a program of the operating system.
func (s *script) spawn(parent *process, dev *Device, u *User, path, command string) *process {
	return s.start(parent, dev, u, wellKnown(path), command)
}

func (s *script) start(parent *process, dev *Device, u *User, image file, command string) *process {
	p := &process{
		image: image, command: command, pid: int64(s.d.count(900, 32000)), born: s.at, parent: parent, dev: dev, user: u,
	}
	if s.started != nil {
		*s.started = append(*s.started, p)
	}
	return p
}

func (s *script) usr(u *User, roles ...alert.Role) *alert.UserEvidence {
	return userEv(s.Company, u, roles...)
}
func (s *script) dev(v *Device, roles ...alert.Role) *alert.DeviceEvidence {
	return deviceEv(s.Company, v, roles...)
}
func (s *script) ran(p *process, roles ...alert.Role) *alert.ProcessEvidence {
	return p.ev(s.Company, roles...)
}

// stranger is an address outside the company.
func (s *script) stranger() string {
	switch s.d.IntN(4) {
	case 0:
		return fmt.Sprintf("203.0.113.%d", s.d.count(1, 254))
	case 1:
		return fmt.Sprintf("198.51.100.%d", s.d.count(1, 254))
	}
	return fmt.Sprintf("198.18.%d.%d", s.d.count(0, 255), s.d.count(1, 254))
}

func (s *script) person(department string) *User {
	if in := s.byDepartment[department]; len(in) > 0 {
		return pick(s.d, in)
	}
	return pick(s.d, s.people)
}

// windowsPerson is someone with a Windows laptop.
func (s *script) windowsPerson(department string) *User {
	for range 200 {
		if u := s.person(department); u.Device.OS == "Windows11" {
			return u
		}
	}
	return s.people[0]
}
