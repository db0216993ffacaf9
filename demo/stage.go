package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// plot is one kind of attack. Its script starts on some day at about hour (UTC).
type plot struct {
	kind string
	hour int
	work bool // needs people at work
	run  func(*script)
}

var plots = []plot{
	{"phishing-fraud", 8, true, phishingFraud},
	{"ransomware", 22, false, ransomware},
	{"web-shell", 3, false, webShell},
	{"password-spray", 5, false, passwordSpray},
	{"insider", 16, false, insiderTheft},
	{"supply-chain", 9, true, supplyChain},
	{"cloud-key", 20, false, cloudKey},
	{"identity", 12, true, identityAttack},
	{"infostealer", 10, true, infostealer},
	{"container-escape", 14, false, containerEscape},
}

// Kinds lists the kinds of attack that Generate knows.
func Kinds() []string {
	out := make([]string, len(plots))
	for i, p := range plots {
		out[i] = p.kind
	}
	return out
}

// stage plays the attacks and files their alerts by arrival.
func (s *Scenario) stage() {
	ids := &idMaker{seed: mix(s.Options.Seed)}
	d := newDice(s.Options.Seed, 2)
	order := d.Perm(s.Options.Attacks)
	for i := range s.Options.Attacks {
		p := plots[i%len(plots)]
		label := Label{Attack: fmt.Sprintf("%s-%d", p.kind, i/len(plots)+1), Kind: p.kind}
		start, slow := s.schedule(p, d, i, order[i])
		out := s.play(p, i, start, slow, label, ids, &s.started)
		s.file(label, out)
	}
	slices.SortStableFunc(s.raised, func(a, b Delivery) int { return a.Received.Compare(b.Received) })
	slices.SortStableFunc(s.Attacks, func(a, b Attack) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Name, b.Name))
	})
}

func (s *Scenario) play(p plot, i int, start time.Time, slow float64, label Label, ids *idMaker, started *[]*process) []Delivery {
	sc := &script{Company: s.Company, d: newDice(s.Options.Seed, uint64(100+i)), at: start, slow: slow, label: label, ids: ids, end: s.end(), started: started}
	p.run(sc)
	return sc.out
}

// schedule spreads the attacks over the scenario, starts each at its hour of
// the day, and makes sure that the whole attack lies inside. In a scenario
// shorter than the attack the pauses shrink.
func (s *Scenario) schedule(p plot, d *dice, i, place int) (start time.Time, slow float64) {
	whole := time.Duration(s.Options.Days) * 24 * time.Hour
	trial := s.play(p, i, s.Options.Start, 1, Label{}, &idMaker{}, nil)
	length := trial[len(trial)-1].Alert.LastActivityDateTime.Sub(s.Options.Start) + 2*time.Hour
	if length > whole {
		return s.Options.Start, 0.8 * float64(whole) / float64(length)
	}
	at := time.Duration((float64(place) + d.Float64()) / float64(s.Options.Attacks) * float64(whole-length))
	start = s.Options.Start.Add(at.Truncate(24*time.Hour) + time.Duration(p.hour)*time.Hour + d.span(0, 90*time.Minute))
	for i := 0; i < 2 && p.work && (start.Weekday() == time.Saturday || start.Weekday() == time.Sunday); i++ {
		if earlier := start.Add(-24 * time.Hour); !earlier.Before(s.Options.Start) {
			start = earlier
		}
	}
	if latest := s.Options.Start.Add(whole - length); start.After(latest) {
		start = latest
	}
	return start, 1
}

func (s *Scenario) file(label Label, out []Delivery) {
	a := Attack{Name: label.Attack, Kind: label.Kind, Start: out[0].Alert.FirstActivityDateTime}
	for _, d := range out {
		if d.Alert.LastActivityDateTime.After(a.End) {
			a.End = d.Alert.LastActivityDateTime
		}
		if !d.Update {
			a.Alerts++
		}
		label.Phase = d.Alert.Category
		s.Truth[d.Alert.ID] = label
	}
	s.Attacks = append(s.Attacks, a)
	s.raised = append(s.raised, out...)
}
