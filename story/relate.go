package story

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// Verb is what one entity did to another. The names travel in the API.
type Verb string

// The verbs of edges.
const (
	Started    Verb = "started"    // process → process
	Ran        Verb = "ran"        // device → process, file → process
	Wrote      Verb = "wrote"      // process → file, registry entry
	Holds      Verb = "holds"      // device → file, container
	Active     Verb = "active"     // user → device, process
	SignedIn   Verb = "logon"      // user → device; address → user
	Tried      Verb = "tried"      // address → user: no success is reported
	Moved      Verb = "lateral"    // device → device
	Connected  Verb = "connected"  // anything → address, domain, URL; address → device
	Sent       Verb = "sent"       // address, user → mail
	Received   Verb = "received"   // mail → mailbox, user
	Contains   Verb = "contains"   // mail → URL, file
	Clicked    Verb = "clicked"    // user → URL
	Owns       Verb = "owns"       // user → mailbox, device → address
	Used       Verb = "used"       // user → app, session
	Read       Verb = "read"       // app → mailbox, user
	Accessed   Verb = "accessed"   // user, address, identity → cloud resource, mailbox, container
	Changed    Verb = "changed"    // identity → what it made or edited
	Identified Verb = "identified" // file, process → malware
	Mentioned  Verb = "mentioned"  // nothing better is known
)

var verbLabels = map[Verb]string{
	Started: "started", Ran: "ran", Wrote: "wrote", Holds: "holds", Active: "was active on", SignedIn: "signed in to",
	Tried: "tried to sign in as", Moved: "moved on to", Connected: "connected to", Sent: "sent", Received: "reached", Contains: "contains",
	Clicked: "opened", Owns: "owns", Used: "used", Read: "read", Accessed: "accessed", Changed: "changed",
	Identified: "identified as", Mentioned: "mentioned together",
}

// words is how the verb reads on an edge to a thing of this kind.
func (v Verb) words(to entity.Kind) string {
	switch {
	case v == SignedIn && to == entity.User:
		return "signed in as"
	case v == Owns && to == entity.IP:
		return "has address"
	case v == Active && to == entity.Process:
		return "ran"
	}
	return verbLabels[v]
}

// tie is an edge between two things before nodes are grouped.
type tie struct {
	from, to int32
	verb     Verb
}

// proof is what a tie rests on.
type proof struct {
	alerts []int32 // ascending
	first  time.Time
}

// web holds the ties of an incident and what reading the evidence has shown.
type web struct {
	*reading
	ties   map[tie]*proof
	order  []tie   // by first sight
	main   []int32 // by item: the asset that it is about, -1 when it mentions nothing
	byItem map[int]*findings
	child  map[int32]bool // processes whose parent is known
}

// findings is what the evidence of an item says beyond its mentions.
type findings struct {
	stopped []int32 // things blocked, prevented or remediated
	family  string  // of malware, foreign text
}

// relate reads every item and collects the ties.
func (r *reading) relate(cut *Truncated) *web {
	w := &web{reading: r, ties: map[tie]*proof{}, byItem: map[int]*findings{}, child: map[int32]bool{}, main: make([]int32, len(r.items))}
	decode := r.toDecode()
	for i := range r.items {
		w.main[i] = -1
		for k, st := range r.items[i].strands {
			if k >= decode[i] {
				cut.Undecoded++
				w.part(i, st, nil)
				continue
			}
			a, ok := r.decode(st.alerts[0])
			if !ok {
				cut.Unreadable++
			}
			w.part(i, st, a)
		}
	}
	return w
}

// toDecode says of how many strands of each item the evidence is read: within
// the limit, every item before a second strand of any, the severe first.
func (r *reading) toDecode() []int {
	out, left := make([]int, len(r.items)), r.lim.Decode
	for _, i := range r.mostSevere(left) {
		out[i] = 1
		left--
	}
	for i := range r.items {
		more := min(left, len(r.items[i].strands)-1)
		if out[i] == 1 && more > 0 {
			out[i] += more
			left -= more
		}
	}
	return out
}

// decode gives an alert's evidence; ok is false when it was given but can't be
// read.
func (r *reading) decode(i int32) (a *alert.Alert, ok bool) {
	in := &r.alerts[i]
	if in.Decoded != nil || len(in.Normal) == 0 {
		return in.Decoded, true
	}
	a, err := alert.Decode(in.Normal, alert.Limits{})
	return a, err == nil
}

func (w *web) part(i int, st strand, a *alert.Alert) {
	all := w.drawn(st.alerts[0])
	if len(all) == 0 {
		return
	}
	sc := &scene{web: w, at: i, same: st, a: a, ms: all[:min(len(all), maxRelated)], tied: map[int32]bool{}}
	if a != nil {
		sc.evidence = a.Evidence[:min(len(a.Evidence), maxRelated)]
	}
	sc.main = sc.mainThing()
	if w.main[i] < 0 {
		w.main[i] = sc.main
	}
	if a != nil {
		sc.typed()
	}
	sc.byRole()
	sc.rest(all)
}

// drawn lists the mentions of things that the graph shows.
func (w *web) drawn(i int32) []mention {
	out := make([]mention, 0, len(w.mentions[i]))
	for _, m := range w.mentions[i] {
		if !w.reading.things[m.thing].context() {
			out = append(out, m)
		}
	}
	return out
}

// maxRelated is how many mentions of one alert are looked at for typed ties.
// What comes beyond is tied to the main asset only.
const maxRelated = 200

// scene is one item while its ties are collected.
type scene struct {
	*web
	same strand
	at   int          // the item
	a    *alert.Alert // nil when not read
	ms   []mention

	evidence []alert.Evidence
	main     int32 // the asset that it is about
	tied     map[int32]bool

	signedFrom bool // an address is tied to the accounts already
}

// mainThing is the asset that the alert is about: an impacted one before
// another, a device before a user and so on.
func (s *scene) mainThing() int32 {
	best, rank := s.ms[0].thing, -1
	for _, m := range s.ms {
		v := assetRank(m.kind)
		if m.kind == entity.IP {
			v = s.addressRank(m)
		}
		if m.impacted {
			v += 10
		}
		if m.has(alert.RoleSource, alert.RoleContextual) {
			v -= 2
		}
		if v > rank {
			best, rank = m.thing, v
		}
	}
	return best
}

// addressRank prefers the own side of a connection.
func (s *scene) addressRank(m mention) int {
	addr, err := netip.ParseAddr(s.things[m.thing].Label)
	switch {
	case m.has(alert.RoleAttacker, alert.RoleCommandAndControl):
		return 0
	case err == nil && addr.IsPrivate():
		return 4
	}
	return 1
}

func assetRank(k entity.Kind) int {
	switch k {
	case entity.Device:
		return 9
	case entity.User:
		return 8
	case entity.Mailbox:
		return 7
	case entity.CloudResource:
		return 6
	case entity.App, entity.Container:
		return 5
	}
	return 0
}

// tie adds an edge for all alerts of the item. Unknown ends (-1) and loops are
// ignored.
func (s *scene) tie(from, to int32, v Verb) {
	if from < 0 || to < 0 || from == to {
		return
	}
	s.tied[from], s.tied[to] = true, true
	if v == Started {
		s.child[to] = true
	}
	t := tie{from, to, v}
	p := s.ties[t]
	if p == nil {
		p = &proof{first: s.head().First}
		s.ties[t] = p
		s.order = append(s.order, t)
	}
	if at := s.head().First; at.Before(p.first) {
		p.first = at
	}
	if n := len(p.alerts); n > 0 && p.alerts[n-1] >= s.same.alerts[0] {
		p.alerts = merged(p.alerts, s.same.alerts)
		return
	}
	p.alerts = append(p.alerts, s.same.alerts...)
}

// head is the alert that stands for the strand.
func (s *scene) head() *Alert { return &s.alerts[s.same.alerts[0]] }

// merged is the sorted union of two sorted lists.
func merged(a, b []int32) []int32 {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// of lists the things of these kinds, those with a role first where roles are
// given and no others.
func (s *scene) of(kind entity.Kind, roles ...alert.Role) []int32 {
	var out []int32
	for _, m := range s.ms {
		if m.kind == kind && (len(roles) == 0 || m.has(roles...)) && !slices.Contains(out, m.thing) {
			out = append(out, m.thing)
		}
	}
	return out
}

// own is of, without what is only named inside an item.
func (s *scene) own(kind entity.Kind) []int32 {
	var out []int32
	for _, m := range s.ms {
		if m.kind == kind && m.evidence >= 0 && !slices.Contains(out, m.thing) {
			out = append(out, m.thing)
		}
	}
	return out
}

// without is a less b.
func without(a, b []int32) []int32 {
	var out []int32
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

func firstOf(lists ...[]int32) int32 {
	for _, l := range lists {
		if len(l) > 0 {
			return l[0]
		}
	}
	return -1
}

// in is the first thing of a kind that evidence i names, or -1.
func (s *scene) in(i int, kind entity.Kind) int32 {
	for _, m := range s.ms {
		if m.evidence == i && m.kind == kind {
			return m.thing
		}
	}
	return -1
}

// called is the thing of a kind whose label is text, or -1.
func (s *scene) called(kind entity.Kind, text string) int32 {
	if text == "" {
		return -1
	}
	for _, m := range s.ms {
		if m.kind == kind && strings.EqualFold(s.things[m.thing].Label, text) {
			return m.thing
		}
	}
	return -1
}

// rest ties what has no tie yet to the main asset.
func (s *scene) rest(all []mention) {
	for _, m := range all {
		if !s.tied[m.thing] {
			s.tie(s.main, m.thing, Mentioned)
		}
	}
}

func (w *web) sortedTies() []tie {
	out := slices.Clone(w.order)
	slices.SortStableFunc(out, func(a, b tie) int {
		return cmp.Or(w.ties[a].first.Compare(w.ties[b].first), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.verb, b.verb))
	})
	return out
}
