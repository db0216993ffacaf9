// Package demo makes up a company, its daily stream of security alerts and
// several multi-stage attacks in the middle of it. It feeds `clew demo`, the
// benchmarks and the tests.
//
// Everything is invented and safe to show: names lie under the reserved domains
// .example and .test, public addresses come from the documentation ranges
// (RFC 5737, RFC 3849) and the benchmarking range 198.18.0.0/15. The package is
// pure: the same Options give the same alerts, byte for byte, with no clock and
// no I/O.
package demo

import (
	"iter"
	"time"

	"github.com/clew-sec/clew/alert"
)

// Options says what to make up. The zero value is usable: Start is then
// 2025-03-03T00:00:00Z.
type Options struct {
	Seed   uint64
	Start  time.Time // first instant of the scenario, taken in UTC
	Days   int       // length, 1 to 366; 0 means 14
	Alerts int       // deliveries in all, updates included; 0 means 5,000. Never fewer than the attacks need
	// Users is the size of the company, 300 to 2,000; 0 means 800.
	Users int
	// Attacks is the number of attacks, at most 1,000. They take turns through
	// Kinds. 0 means one of each and one more for each 25,000 alerts.
	Attacks int
}

func (o Options) orDefaults() Options {
	if o.Start.IsZero() {
		o.Start = time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC)
	}
	o.Start = o.Start.UTC().Truncate(time.Second)
	o.Days = within(o.Days, 14, 1, 366)
	o.Alerts = within(o.Alerts, 5000, 1, 1<<31-1)
	o.Users = within(o.Users, 800, 300, 2000)
	o.Attacks = within(o.Attacks, len(Kinds())+o.Alerts/25000, 1, 1000)
	return o
}

func within(v, whenZero, least, most int) int {
	if v == 0 {
		v = whenZero
	}
	return min(max(v, least), most)
}

// Delivery is one alert on its way in. A repeated alert id is an update of the
// earlier delivery.
type Delivery struct {
	Received time.Time
	Alert    *alert.Alert // shared with other deliveries of the scenario: read only
	Update   bool
}

// Label is the truth about one alert of an attack.
type Label struct {
	Attack string // unique in the scenario, e.g. "ransomware-2"
	Kind   string // a member of Kinds
	Phase  string // the alert's category
}

// Attack describes one attack of the scenario.
type Attack struct {
	Name   string
	Kind   string
	Start  time.Time // first activity
	End    time.Time // last activity
	Alerts int       // distinct alerts
}

// Scenario is a made-up stretch of time in a made-up company.
type Scenario struct {
	Options Options // with the defaults filled in
	Company *Company
	// Truth labels the alerts of the attacks by id. Every other alert is
	// background.
	Truth   map[string]Label
	Attacks []Attack

	raised  []Delivery // of the attacks, by arrival
	started []*process // by the attacks
}

// Generate makes the company and the attacks. The background is made while
// Alerts is read, so memory does not grow with the number of alerts.
func Generate(o Options) *Scenario {
	o = o.orDefaults()
	s := &Scenario{Options: o, Company: newCompany(o.Seed, o.Users), Truth: map[string]Label{}}
	s.stage()
	return s
}

// Alerts yields every delivery by the time it is received. Each call gives the
// same sequence.
func (s *Scenario) Alerts() iter.Seq[Delivery] {
	return func(yield func(Delivery) bool) {
		b := newBackground(s)
		next := 0
		for d := range b.deliveries() {
			for next < len(s.raised) && s.raised[next].Received.Before(d.Received) {
				if !yield(s.raised[next]) {
					return
				}
				next++
			}
			if !yield(d) {
				return
			}
		}
		for _, d := range s.raised[next:] {
			if !yield(d) {
				return
			}
		}
	}
}

// Count is the number of deliveries that Alerts yields.
func (s *Scenario) Count() int { return max(s.Options.Alerts, len(s.raised)) }

// end is the instant after which nothing arrives.
func (s *Scenario) end() time.Time {
	return s.Options.Start.Add(time.Duration(s.Options.Days) * 24 * time.Hour)
}
