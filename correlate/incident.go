package correlate

import (
	"slices"

	"github.com/clew-sec/clew/entity"
)

// incident is what the engine keeps of one incident: enough to score an alert
// against the whole of it.
type incident struct {
	// What every candidate is asked for comes first, side by side.
	id          IncidentID
	gone        bool // merged into another
	alone       bool // holds alerts of an excluded rule: nothing else is linked to it
	severity    uint8
	tactics     uint32
	first, last int64
	state       State
	alerts      int // alerts, repeats included
	groups      int
	ents        shares
	rules       []ruleShare
	services    []string
	touched     int64        // clock at the last change
	watched     int64        // clock at which it came on the agenda
	recent      []entity.ID  // of ents, those that came last, at most maxRecent
	ties        []tie        // to incidents that alerts of this one fitted too
	own         []string     // alerts that were placed here, in order
	absorbed    []IncidentID // incidents merged into this one
	apart       []IncidentID // incidents an analyst parted from this one
	left        []groupKey   // groups that outlived an alert here
	room        incidentRoom
}

// incidentRoom is memory for the first of what an incident holds.
type incidentRoom struct {
	ents   [5]held
	recent [5]entity.ID
	rules  [1]ruleShare
}

// tie counts the alerts that fitted two incidents which were not merged.
type tie struct {
	with IncidentID
	n    int
	best float64 // greatest log-odds of such an alert with the other incident
}

// maxTies bounds the ties kept of one incident.
const maxTies = 12

// tied gives the tie to another incident, nil when there is none.
func (i *incident) tied(with IncidentID) *tie {
	for k := range i.ties {
		if i.ties[k].with == with {
			return &i.ties[k]
		}
	}
	return nil
}

// tie notes n alerts that fitted another incident too. The weakest tie gives way.
func (i *incident) tie(with IncidentID, n int, odds float64) {
	if t := i.tied(with); t != nil {
		t.n, t.best = t.n+n, max(t.best, odds)
		return
	}
	if len(i.ties) < maxTies {
		i.ties = append(i.ties, tie{with, n, odds})
		return
	}
	weakest := 0
	for k := range i.ties {
		if i.ties[k].n < i.ties[weakest].n {
			weakest = k
		}
	}
	i.ties[weakest] = tie{with, n, odds}
}

// untie forgets the tie to an incident and gives what it was.
func (i *incident) untie(with IncidentID) tie {
	for k, t := range i.ties {
		if t.with == with {
			i.ties = slices.Delete(i.ties, k, k+1)
			return t
		}
	}
	return tie{}
}

// share is what an entity has to do with an incident.
type share struct {
	first, last int64
	n           int
	impacted    bool
	class       class
	rule        int32
	*peer       // the latest alert that mentions it
}

// peer is an alert that a link can name.
type peer struct{ alert, title string }

// ruleShare counts the groups of one rule in an incident.
type ruleShare struct {
	rule  int32
	n     int
	last  int64
	*peer // of the latest of them
}

// Bounds of what one incident keeps for scoring. Beyond them alerts still join
// and are counted; the first comers describe the incident.
const (
	maxShares = 4096
	maxRules  = 256
)

func newIncident(id IncidentID) *incident {
	i := &incident{id: id}
	i.ents.list, i.recent, i.rules = i.room.ents[:0], i.room.recent[:0], i.room.rules[:0]
	return i
}

// add counts n alerts of a group. n is 0 when only the facts have changed.
func (i *incident) add(g *group, n int) {
	if i.alerts == 0 || i.first == 0 {
		i.first, i.last = g.first, g.last
	}
	i.first, i.last = min(i.first, g.first), max(i.last, g.last)
	i.alerts += n
	i.severity = max(i.severity, g.severity)
	i.tactics |= g.tactics
	if g.service != "" && !slices.Contains(i.services, g.service) && len(i.services) < 32 {
		i.services = append(i.services, g.service)
	}
	if n > 0 {
		i.groups++
		i.countRule(g)
	}
	var room []share
	if i.ents.len() == 0 {
		room = make([]share, min(len(g.marks), maxShares))
		i.recent = slices.Grow(i.recent, min(len(g.marks), maxRecent))
		i.ents.list = slices.Grow(i.ents.list, len(room))
	}
	for k, m := range g.marks {
		s := i.ents.get(m.id)
		if s == nil {
			if i.ents.len() >= maxShares {
				continue
			}
			if len(room) == 0 {
				room = make([]share, min(len(g.marks)-k, roomAtOnce))
			}
			s, room = i.hold(g, m, &room[0]), room[1:]
		}
		s.note(g, m, n)
	}
}

// roomAtOnce is for how many entities an incident makes room when a further one comes.
const roomAtOnce = 3

func (i *incident) countRule(g *group) {
	at := slices.IndexFunc(i.rules, func(r ruleShare) bool { return r.rule == g.rule })
	switch {
	case at >= 0:
		r := &i.rules[at]
		if r.n++; g.last >= r.last {
			r.last, r.peer = g.last, g.peer
		}
	case len(i.rules) < maxRules:
		i.rules = append(i.rules, ruleShare{g.rule, 1, g.last, g.peer})
	}
}

// hold makes an entity part of the incident, with a share in the memory given.
func (i *incident) hold(g *group, m mark, s *share) *share {
	*s = share{first: g.first, last: g.first, class: m.class}
	i.ents.put(m.id, s)
	i.remember(m.id)
	return s
}

// note counts n alerts of a group that mention the entity.
func (s *share) note(g *group, m mark, n int) {
	s.first, s.n, s.impacted = min(s.first, g.first), s.n+n, s.impacted || m.impacted
	if g.last >= s.last {
		s.last, s.rule, s.peer = g.last, g.rule, g.peer
	}
}

// maxRecent bounds the entities by which two incidents are compared.
const maxRecent = 64

func (i *incident) remember(id entity.ID) {
	if len(i.recent) >= maxRecent {
		i.recent = append(i.recent[:0], i.recent[maxRecent/4:]...)
	}
	i.recent = append(i.recent, id)
}

// rename follows a join of two entities.
func (i *incident) rename(from, into entity.ID) {
	f := i.ents.get(from)
	if f == nil {
		return
	}
	i.ents.remove(from)
	t := i.ents.get(into)
	if t == nil {
		i.ents.put(into, f)
		i.remember(into)
		return
	}
	i.mix(t, f)
}

func (i *incident) mix(t, f *share) {
	t.first, t.n, t.impacted = min(t.first, f.first), t.n+f.n, t.impacted || f.impacted
	if f.last > t.last {
		t.last, t.rule, t.peer = f.last, f.rule, f.peer
	}
}

// absorb adds the facts of another incident.
func (i *incident) absorb(o *incident) {
	i.first, i.last = min(i.first, o.first), max(i.last, o.last)
	i.alerts += o.alerts
	i.groups += o.groups
	i.severity, i.tactics = max(i.severity, o.severity), i.tactics|o.tactics
	for _, s := range o.services {
		if !slices.Contains(i.services, s) && len(i.services) < 32 {
			i.services = append(i.services, s)
		}
	}
	for _, r := range o.rules {
		at := slices.IndexFunc(i.rules, func(x ruleShare) bool { return x.rule == r.rule })
		switch {
		case at >= 0:
			own := &i.rules[at]
			if own.n += r.n; r.last > own.last {
				own.last, own.peer = r.last, r.peer
			}
		case len(i.rules) < maxRules:
			i.rules = append(i.rules, r)
		}
	}
	for _, id := range o.ents.ids() {
		f := o.ents.get(id)
		if t := i.ents.get(id); t != nil {
			i.mix(t, f)
		} else if i.ents.len() < maxShares {
			c := *f
			i.ents.put(id, &c)
			i.remember(id)
		}
	}
}

// clear forgets the facts, keeping identity and case work.
func (i *incident) clear() {
	*i = incident{id: i.id, state: i.state, alone: i.alone, own: i.own, absorbed: i.absorbed, apart: i.apart, watched: i.watched, left: i.left}
}

// group is a counted set of repeats: alerts of one rule about the same entities.
type group struct {
	key         groupKey
	rule        int32
	tactics     uint32
	severity    uint8
	excluded    bool
	service     string
	*peer       // the first alert
	first, last int64
	n           int // repeats folded into it
	inc         IncidentID
	heir        IncidentID // that lists it among those that outlived an alert
	marks       []mark
}

// mark is an entity of a group.
type mark struct {
	id       entity.ID
	class    class
	impacted bool
}

// appendMarks appends the entities of an alert.
func appendMarks(dst []mark, ts []trace) []mark {
	for i := range ts {
		dst = append(dst, mark{ts[i].id, ts[i].class, ts[i].impacted})
	}
	return dst
}

// entry is an alert that makes a group of its own, with room for the marks of most.
type entry struct {
	group  group
	placed placed
	peer   peer
	room   [6]mark
}

// placed is where an alert is.
type placed struct {
	group  *group
	inc    IncidentID
	start  int64
	manual bool
}
