package correlate

import (
	"cmp"
	"iter"
	"slices"

	"github.com/clew-sec/clew/entity"
)

// A replay repeats what was decided. Everything is weighed as if the alert came
// now, because the engine learns from that; but where the alert goes, what is
// merged, and what things are called is taken from the record. With the version
// that decided then, both are the same.

// past is what an engine keeps of the past that it repeats.
type past struct {
	out   Followed
	last  entity.ID // the largest number of an entity that is kept
	joins []entity.Join
}

// Followed says how a replay went.
type Followed struct {
	// Recorded counts the entries whose outcome was kept, Unrecorded those that had
	// to be decided anew.
	Recorded, Unrecorded int
	// Otherwise counts the entries that would have come out otherwise now, in what
	// incident an alert is or which are one.
	Otherwise int
	// Made are entities that were not made then, Joins what was not known to be one.
	// The store does not have them.
	Made  []entity.Seen
	Joins []entity.Join
}

// Follow makes the engine repeat the past as it is recorded, until Followed. Last
// is the largest number that any entity ever got.
func (e *Engine) Follow(last entity.ID) {
	e.past = &past{last: last}
	e.resolver.Replay(last)
}

// Followed ends the repeating and says how it went.
func (e *Engine) Followed() Followed {
	p := e.past
	e.past = nil
	for _, id := range e.resolver.EndReplay() {
		kind, label := e.resolver.Describe(id)
		known := e.resolver.Identifiers(id)
		p.out.Made = append(p.out.Made, entity.Seen{ID: id, New: true, Learnt: known, Mention: entity.Mention{Kind: kind, Label: label, Evidence: -1}})
	}
	for _, j := range p.joins {
		if j.Into = e.resolver.Find(j.From); j.From <= p.last && j.Into != j.From {
			p.out.Joins = append(p.out.Joins, j)
		}
	}
	return p.out
}

// begin tells the resolver what is read next, and gives the record where it is to
// be followed.
func (e *Engine) begin(k *Recorded) *Recorded {
	if e.past == nil {
		return nil
	}
	if k == nil {
		e.past.out.Unrecorded++
		e.resolver.Expect(nil)
		return nil
	}
	e.past.out.Recorded++
	e.resolver.Expect(&k.Made)
	return k
}

// differs counts an entry that would have come out otherwise now.
func (e *Engine) differs(is bool) {
	if is {
		e.past.out.Otherwise++
	}
}

// rejoin makes the entities of an alert those that they were found to be.
func (e *Engine) rejoin(s *signal, k *Recorded) {
	s.kept = k
	more := e.joinAgain(s.joins, k)
	if len(more) == 0 {
		return
	}
	s.joins = append(slices.Clip(s.joins), more...)
	e.recognise(nil, more)
	ents := s.ents[:0]
	for _, t := range s.ents {
		t.id = e.resolver.Find(t.id)
		at := slices.IndexFunc(ents, func(o trace) bool { return o.id == t.id })
		if at < 0 {
			ents = append(ents, t)
			continue
		}
		ents[at].impacted, ents[at].context = ents[at].impacted || t.impacted, ents[at].context && t.context
	}
	s.ents = ents
	s.key = keyOf(s)
}

// joinAgain carries out the joins that are recorded and did not come by themselves,
// and notes those that came and are not recorded.
func (e *Engine) joinAgain(came []entity.Join, k *Recorded) (more []entity.Join) {
	for _, j := range came {
		if !slices.Contains(k.Joins, Joined{j.From, j.Into}) {
			e.past.joins = append(e.past.joins, j)
		}
	}
	for _, want := range k.Joins {
		j, done := e.resolver.Rejoined(want.From, want.Into)
		if !done {
			continue
		}
		more = append(more, j)
		if (Joined{j.From, j.Into}) != want {
			e.past.joins = append(e.past.joins, j)
		}
	}
	return more
}

// placeAgain puts an alert where it was put.
func (e *Engine) placeAgain(known *placed, s *signal, out *Outcome) {
	before := e.past.out.Otherwise
	switch k := s.kept; {
	case k.Update && known != nil:
		e.update(known, s, out)
		e.differs(cmp.Or(out.Placed, out.Incident) != k.Incident)
	case k.Update: // it was not forgotten then
		out.Update, out.Incident = true, e.live(k.Incident).id
		e.enter(s, e.live(k.Incident))
		e.differs(true)
	default:
		delete(e.alerts, s.id) // it was forgotten then
		e.total++
		e.differs(known != nil || s.excluded != k.Excluded)
		if s.excluded = k.Excluded; k.Excluded {
			e.groupAgain(s, out)
		} else {
			e.decideAgain(s, out)
		}
	}
	for _, m := range s.kept.Merges[min(len(out.Merges), len(s.kept.Merges)):] {
		e.mergeAgain(m, out)
	}
	if len(s.kept.Moves) > 0 {
		out.Moves = e.moveAgain(nil, s.kept.Moves)
	}
	e.past.out.Otherwise = min(e.past.out.Otherwise, before+1) // once for each
}

// decideAgain is place, but for the choice.
func (e *Engine) decideAgain(s *signal, out *Outcome) {
	k, g := s.kept, e.repeats(s)
	folds := g != nil && e.root(g.inc) == k.Incident
	if e.differs(k.Folded != (g != nil)); k.Folded && folds {
		e.fold(g, s, out)
		return
	}
	var found []*candidate
	if !k.Folded {
		found = e.weigh(s, 0)
	}
	into, target := e.goal(k, found)
	if target != nil {
		out.Link = e.explain(s, target)
	}
	out.Incident, out.Created, out.Folded = into.id, k.Created, k.Folded
	e.enter(s, into)
	if k.Folded {
		return
	}
	if target == nil {
		target = e.newcomer(into)
	}
	e.unite(s, target, found, out)
}

// goal is the incident that the alert was put into, and its candidate where it is
// one now.
func (e *Engine) goal(k *Recorded, found []*candidate) (*incident, *candidate) {
	chosen := e.choose(found)
	if k.Created {
		e.differs(chosen != nil)
		return e.openAs(k.Incident, false), nil
	}
	e.differs(!k.Folded && (chosen == nil || chosen.inc.id != k.Incident))
	if at := slices.IndexFunc(found, func(c *candidate) bool { return c.inc.id == k.Incident }); at >= 0 {
		return found[at].inc, found[at]
	}
	return e.live(k.Incident), nil
}

// openAs makes an incident with the number that it had.
func (e *Engine) openAs(id IncidentID, alone bool) *incident {
	e.remember(newIncident(id))
	i := e.incidents.Get(id)
	i.alone = alone
	e.next = max(e.next, id+1)
	return i
}

// groupAgain is placeExcluded, but for the choice.
func (e *Engine) groupAgain(s *signal, out *Outcome) {
	k, like := s.kept, likeness(s)
	out.Excluded, out.Created = true, k.Created
	var b *bucket
	if like != nil {
		b = e.buckets[like.key()]
	}
	into := e.standing(b)
	takes := into != nil && b.takes(s)
	if k.Created {
		e.differs(takes)
		into, b = e.openAs(k.Incident, true), like
		e.keep(b, into)
	} else if e.differs(!takes || into.id != k.Incident); into == nil || into.id != k.Incident {
		into = e.live(k.Incident)
		b = e.bucketOf[into.id]
	}
	if g := e.groups[s.key]; k.Folded && g != nil && g.excluded && e.root(g.inc) == into.id {
		e.fold(g, s, out)
	} else {
		e.enter(s, into)
	}
	out.Incident = into.id
	b.count(s)
}

// mergedThen is toMerge of an alert whose merges are recorded: the next of them is
// carried out when it comes up, and nothing else.
func (e *Engine) mergedThen(s *signal, n near, fit bool, out *Outcome) (from, into *incident, merged bool) {
	if done := len(out.Merges); done < len(s.kept.Merges) {
		m := s.kept.Merges[done]
		switch {
		case m.From == n.a.id && m.Into == n.b.id:
			from, into = n.a, n.b
		case m.From == n.b.id && m.Into == n.a.id:
			from, into = n.b, n.a
		}
	}
	merged = from != nil
	e.differs(merged != fit)
	return from, into, merged
}

// mergeAgain carries out a merge that did not come up by itself.
func (e *Engine) mergeAgain(m Merged, out *Outcome) {
	from, into := e.live(m.From), e.live(m.Into)
	if e.differs(true); from == into {
		return
	}
	e.suggestions.withdraw(from.id, out)
	e.merge(from, into)
	out.Merges = append(out.Merges, Merge{From: from.id, Into: into.id})
	if out.Incident == from.id {
		out.Incident = into.id
	}
}

// applyAgain is Apply of a command whose outcome is recorded.
func (e *Engine) applyAgain(c Command) (Outcome, error) {
	k := c.Recorded
	if k == nil && !c.unkept() {
		k = &Recorded{} // it follows from the command
	}
	k = e.begin(k)
	next := e.next
	if k != nil && k.Created && e.incidents.Get(k.Incident) == nil {
		e.next = k.Incident
	}
	out, err := e.apply(c)
	if err != nil || k == nil {
		return out, err
	}
	more := e.joinAgain(out.Joins, k)
	out.Joins = append(slices.Clip(out.Joins), more...)
	e.follow(more)
	e.recognise(nil, more)
	switch c.Kind {
	case CommandMove:
		e.next = max(e.next, next)
	case CommandDivide, CommandRejoin:
		if !slices.Equal(out.moved(), k.Moves) {
			e.differs(true)
			e.next = next
			out.Moves = e.moveAgain(out.Moves, k.Moves)
		}
	}
	return out, nil
}

// moveAgain takes back moves that were not made then, and makes and gives those
// that were.
func (e *Engine) moveAgain(now []Move, then []Moved) (made []Move) {
	m := mover{e: e, touched: map[IncidentID]bool{}}
	for _, x := range now {
		m.put(x.AlertID, x.From)
	}
	for _, x := range then {
		if x.Created {
			e.openAs(x.To, false)
		}
		if p := e.alerts[x.Alert]; p != nil {
			made = append(made, Move{AlertID: x.Alert, From: e.root(p.inc), To: x.To, Created: x.Created})
		}
		m.put(x.Alert, x.To)
	}
	m.recount()
	for _, x := range now {
		if i := e.incidents.Get(x.To); x.Created && x.To >= e.next && i != nil && i.alerts == 0 {
			e.incidents.Delete(x.To)
		}
	}
	return made
}

// mover puts alerts elsewhere and counts the incidents anew once.
type mover struct {
	e       *Engine
	touched map[IncidentID]bool
	moved   int
}

// put puts an alert into an incident, unless it is there.
func (m *mover) put(id string, to IncidentID) {
	p := m.e.alerts[id]
	if p == nil {
		return
	}
	from, into := m.e.root(p.inc), m.e.live(to)
	if from == into.id {
		return
	}
	p.inc = into.id
	if p.group != nil {
		p.group.inc = into.id
	}
	into.own = append(into.own, id)
	m.touched[from], m.touched[into.id] = true, true
	m.moved++
}

func (m *mover) recount() {
	ids := make([]IncidentID, 0, len(m.touched))
	for id := range m.touched {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if i := m.e.incidents.Get(id); i != nil {
			m.e.recount(i)
		}
	}
}

// Settle puts alerts where the store has them, those that the engine still knows,
// and says how many were elsewhere. It is for what nobody recorded.
func (e *Engine) Settle(where iter.Seq2[string, IncidentID]) int {
	m := mover{e: e, touched: map[IncidentID]bool{}}
	for id, in := range where {
		p := e.alerts[id]
		if p == nil || e.root(p.inc) == in {
			continue
		}
		if e.incidents.Get(in) == nil {
			e.openAs(in, false)
			e.told = false
		}
		if root := e.root(in); root != in {
			e.detach(in, e.live(root))
			m.touched[root], m.touched[in] = true, true
		}
		m.put(id, in)
	}
	m.recount()
	return m.moved
}

// Restate tells what the case work of an incident is, where the engine knows it.
func (e *Engine) Restate(id IncidentID, s State) {
	if i := e.incidents.Get(id); i != nil {
		i.state = s
	}
	e.next = max(e.next, id+1)
}
