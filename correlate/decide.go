package correlate

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/entity/slab"
)

// scratch is memory used again for each alert.
type scratch struct {
	extract entity.Extractor
	seen    []entity.Seen
	traces  []trace
	found   []*candidate
	pool    []*candidate // those of found come from here
	// presences holds what is known of each entity of the alert, nil when nothing.
	presences []*presence
	fetched   int64 // means nothing
	met       []met // what is known of the alert's rule beside others
	parts     []float64
	key       []byte
	words     []byte
	elapsed   int64 // what span was reckoned for
	span      float64
	own       candidate
	near      []Suggestion
	reasons   []Reason
	linked    []LinkedAlert
	told      []Fact
	// What outcomes are made of.
	entities slab.Of[SharedEntity]
	peers    slab.Of[LinkedAlert]
	given    slab.Of[Reason]
	facts    slab.Of[Fact]
	texts    slab.Texts
}

// weigh scores the incidents that the alert may belong to, best first.
func (e *Engine) weigh(s *signal, not IncidentID) []*candidate {
	if s.excluded {
		return nil
	}
	found := e.collect(s, not)
	slices.SortFunc(found, func(a, b *candidate) int {
		if x, y := a.total+a.best[classRule]/2, b.total+b.best[classRule]/2; x != y {
			return cmp.Compare(y, x)
		}
		return cmp.Compare(a.inc.id, b.inc.id)
	})
	if len(found) == 0 {
		return nil
	}
	scored := found[:min(len(found), maxScored)]
	common := e.common(s, len(found))
	e.scratch.met = e.pairs.row(s.rule)
	e.recallTop(s, scored)
	lowest := min(e.considerAt(), e.joinAt())
	for i, c := range scored {
		c.x = common
		e.describe(s, c, found, i)
		c.logOdds = e.opt.Model.Link.ScoreAbove(c.x[:], lowest)
		if c.logOdds >= lowest {
			c.recall(s)
		}
	}
	slices.SortFunc(scored, func(a, b *candidate) int {
		if a.logOdds != b.logOdds {
			return cmp.Compare(b.logOdds, a.logOdds)
		}
		return cmp.Compare(a.inc.id, b.inc.id)
	})
	return scored
}

// choose gives the candidate that the alert joins, nil for none.
func (e *Engine) choose(found []*candidate) *candidate {
	if len(found) == 0 || found[0].logOdds < e.joinAt() {
		return nil
	}
	return found[0]
}

// telling is the surprise from which a shared entity counts as evidence of its
// own.
const telling = 1.0

// unite merges the incidents that the alert ties together, where the two as a
// whole fit well enough.
func (e *Engine) unite(s *signal, own *candidate, found []*candidate, out *Outcome) {
	out.Placed = out.Incident
	for _, c := range found {
		if c.inc == own.inc || c.logOdds < e.considerAt() {
			continue
		}
		a, b := e.incidents.Get(e.root(own.inc.id)), e.incidents.Get(e.root(c.inc.id))
		if a == nil || b == nil || a == b {
			continue
		}
		refusal := e.refusal(a, b)
		what, open := contested(refusal)
		if refusal != nil && !open {
			continue
		}
		x := e.compare(s, a, b, own, c)
		odds := e.opt.Model.Pair.Score(x[:])
		a.tie(b.id, 1, c.logOdds)
		b.tie(a.id, 1, c.logOdds)
		if e.opt.TracePair != nil {
			e.opt.TracePair(&PairDecision{AlertID: s.id, A: a.id, B: b.id, Features: x, LogOdds: odds})
		}
		from, into, fit := e.toMerge(s, near{a, b, odds, what}, refusal == nil, out)
		if !fit {
			e.consider(s, c, near{a, b, odds, what})
			continue
		}
		link := e.explain(s, c)
		link.Score = e.opt.Model.Pair.Probability(odds)
		e.suggestions.withdraw(from.id, out)
		e.merge(from, into)
		out.Merges = append(out.Merges, Merge{From: from.id, Into: into.id, Link: link})
		out.Incident = into.id
	}
	e.suggest(out)
}

// toMerge says whether two incidents that were compared are merged, and which of
// them stays.
func (e *Engine) toMerge(s *signal, n near, allowed bool, out *Outcome) (from, into *incident, fit bool) {
	fit = allowed && n.odds >= e.mergeAt(n.a, n.b)
	if s.kept != nil {
		return e.mergedThen(s, n, fit, out)
	}
	if fit {
		from, into = direct(n.a, n.b)
	}
	return from, into, fit
}

// direct chooses the direction of a merge: the incident with an owner, else the
// larger, else the older is kept.
func direct(a, b *incident) (from, into *incident) {
	keepA := cmp.Or(
		compareBool(a.state.Owner != "", b.state.Owner != ""),
		compareBool(set(a.state.Classification), set(b.state.Classification)),
		cmp.Compare(a.groups, b.groups),
		cmp.Compare(a.alerts, b.alerts),
		cmp.Compare(b.id, a.id),
	)
	if keepA > 0 {
		return b, a
	}
	return a, b
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// merge empties from into into.
func (e *Engine) merge(from, into *incident) {
	into.absorb(from)
	into.inherit(from)
	for _, id := range from.ents.ids() {
		if p := e.index.Get(id); p != nil {
			p.redirect(from.id, into.id, e.clock)
		}
	}
	for _, r := range from.rules {
		e.rules.presence(r.rule).redirect(from.id, into.id, e.clock)
	}
	e.retie(from, into)
	e.redirects.Set(from.id, into.id)
	into.absorbed = append(into.absorbed, from.id)
	into.touched = e.clock
	from.clear()
	from.gone = true
}

// retie hands the ties of a merged incident on.
func (e *Engine) retie(from, into *incident) {
	into.untie(from.id)
	for _, t := range from.ties {
		o := e.incidents.Get(t.with)
		if t.with == into.id || o == nil || o.gone {
			continue
		}
		o.untie(from.id)
		o.tie(into.id, t.n, t.best)
		into.tie(t.with, t.n, t.best)
	}
}

// groupKey names a set of repeats.
type groupKey [2]uint64

// keyOf is the digest of rule and entities.
func keyOf(s *signal) groupKey {
	ids := make([]entity.ID, 0, maxTraces)
	for i := range s.ents {
		if m := &s.ents[i]; !m.context {
			ids = append(ids, m.id)
		}
	}
	slices.Sort(ids)
	b := make([]byte, 0, 8*maxTraces+16)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.rule))
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint64(b, uint64(id))
	}
	a := xxhash.Sum64(b)
	b = append(b, 1)
	return groupKey{a, xxhash.Sum64(b)}
}

// foldWindow is the time within which an alert counts as a repeat, in seconds
// since the last one.
const foldWindow = 3600

// repeats gives the group that the alert repeats.
func (e *Engine) repeats(s *signal) *group {
	g := e.groups[s.key]
	if g == nil || g.inc == 0 || g.excluded {
		return nil
	}
	if s.start-g.last > foldWindow || g.first-s.end > foldWindow {
		return nil
	}
	inc := e.incidents.Get(e.root(g.inc))
	if inc == nil || inc.alerts == 0 || inc.state.Closed || len(s.ents) == 0 {
		return nil
	}
	return g
}

// fold counts a repeat where the first of its kind is.
func (e *Engine) fold(g *group, s *signal, out *Outcome) {
	inc := e.incidents.Get(e.root(g.inc))
	e.trace(s, nil, inc.id, nil)
	g.n++
	g.first, g.last = min(g.first, s.start), max(g.last, s.end)
	e.alerts[s.id] = &placed{group: g, inc: inc.id, start: s.start}
	e.aged.push(s.id, e.clock)
	inc.own = append(inc.own, s.id)
	inc.alerts++
	inc.touched = e.clock
	inc.first, inc.last = min(inc.first, g.first), max(inc.last, g.last)
	for _, m := range g.marks {
		e.repeat(g, m, inc)
	}
	out.Incident, out.Folded = inc.id, true
	out.Link = e.explainFold(g, s)
}

func (e *Engine) repeat(g *group, m mark, inc *incident) {
	id := e.resolver.Find(m.id)
	if h := inc.ents.get(id); h != nil {
		h.n++
		h.first, h.last = min(h.first, g.first), max(h.last, g.last)
	}
	p := e.index.Get(id)
	if p == nil {
		return
	}
	p.alerts++
	for k := range p.touches {
		if t := &p.touches[k]; t.inc == inc.id {
			t.first, t.last = min(t.first, g.first), max(t.last, g.last)
		}
	}
}
