package correlate

import (
	"fmt"
	"slices"

	"github.com/clew-sec/clew/entity"
)

// Bounds of looking at incidents again after an entity was taken apart.
const (
	maxReconsidered = 256 // groups of an incident whose other alerts may follow
	maxFollowers    = 32
)

// applyDivision takes an entity apart: the alerts that named it by what goes
// mention the new entity, and incidents that hold alerts of both are looked at
// again, because what tied those alerts together may have been the wrong alias.
func (e *Engine) applyDivision(c Command) (Outcome, error) {
	x := c.Division
	if x == nil || len(x.Going) == 0 || len(x.Staying) == 0 {
		return Outcome{}, fmt.Errorf("%w: a division needs identifiers that go and some that stay", ErrRefused)
	}
	s := x.Separation
	s.Number = c.Seq
	whole := e.resolver.Find(x.Entity)
	part, learnt := e.resolver.Split(whole, x.Kind, s)
	out := Outcome{Entities: []entity.Seen{{
		ID: part, New: true, Learnt: learnt, Mention: entity.Mention{Kind: x.Kind, Identifiers: s.Going, Evidence: -1},
	}}}
	e.recognise([]entity.Seen{{ID: part, Learnt: learnt}, {ID: whole, Learnt: learnt}}, nil)
	touched := e.reattribute(x, whole, part)
	for _, id := range touched {
		e.recount(e.incidents.Get(id))
	}
	for _, id := range touched {
		e.reconsider(e.incidents.Get(id), whole, part, &out)
	}
	return out, nil
}

// reattribute lets the groups of alerts mention the part, and gives the incidents
// that hold them, ascending.
func (e *Engine) reattribute(x *Division, whole, part entity.ID) []IncidentID {
	goes, both := map[*group][]string{}, map[*group][]string{}
	var order []*group
	var touched []IncidentID
	enter := func(ids []string, to map[*group][]string) {
		for _, id := range ids {
			p := e.alerts[id]
			if p == nil || p.group == nil {
				continue
			}
			if root := e.root(p.inc); e.incidents.Get(root) != nil {
				touched = append(touched, root)
			}
			if goes[p.group] == nil && both[p.group] == nil {
				order = append(order, p.group)
			}
			to[p.group] = append(to[p.group], id)
		}
	}
	enter(x.Alerts, goes)
	enter(x.Both, both)
	for _, g := range order {
		e.remark(e.carve(g, goes[g]), whole, part, false)
		e.remark(e.carve(g, both[g]), whole, part, true)
	}
	e.share(whole, part, len(x.Alerts), len(x.Both))
	slices.Sort(touched)
	return slices.Compact(touched)
}

// share divides how many alerts mention an entity.
func (e *Engine) share(whole, part entity.ID, goes, both int) {
	if p := e.index.Get(whole); p != nil {
		p.alerts = max(0, p.alerts-int64(goes))
		e.index.Set(part, &presence{since: p.since, at: p.at, alerts: int64(goes + both)})
	}
}

// carve makes a group of their own of some alerts of a group, unless they are all
// of it. Further repeats of neither go into it: they are placed anew.
func (e *Engine) carve(g *group, ids []string) *group {
	if len(ids) == 0 {
		return nil
	}
	if e.groups[g.key] == g {
		delete(e.groups, g.key)
	}
	if len(ids) > g.n {
		return g
	}
	own := *g
	own.marks, own.n, own.peer = slices.Clone(g.marks), len(ids)-1, &peer{ids[0], g.title}
	g.n -= len(ids)
	for _, id := range ids {
		e.alerts[id].group = &own
	}
	if slices.Contains(ids, g.alert) {
		g.peer = &peer{e.another(g), g.title}
	}
	return &own
}

// another is an alert of a group.
func (e *Engine) another(g *group) string {
	if i := e.incidents.Get(e.root(g.inc)); i != nil {
		for _, id := range e.members(i) {
			if e.alerts[id].group == g {
				return id
			}
		}
	}
	return g.alert
}

// remark lets a group mention the part in place of the whole, or beside it.
func (e *Engine) remark(g *group, whole, part entity.ID, keep bool) {
	if g == nil {
		return
	}
	for k := range g.marks {
		m := &g.marks[k]
		if e.resolver.Find(m.id) != whole {
			continue
		}
		if !keep {
			m.id = part
			continue
		}
		if len(g.marks) < maxTraces {
			g.marks = append(g.marks, mark{part, m.class, m.impacted})
		}
		return
	}
}

// members lists the alerts of an incident and of those merged into it.
func (e *Engine) members(i *incident) []string {
	var out []string
	for _, id := range i.own {
		if p := e.alerts[id]; p != nil && p.inc == i.id && !slices.Contains(out[max(0, len(out)-1):], id) {
			out = append(out, id)
		}
	}
	for _, id := range i.absorbed {
		if a := e.incidents.Get(id); a != nil && e.root(id) == e.root(i.id) {
			out = append(out, e.members(a)...)
		}
	}
	return out
}

// holding is a group of an incident with its alerts.
type holding struct {
	g           *group
	ids         []string
	manual      bool // a person placed one of them
	whole, part bool // which of the two it mentions
}

func (e *Engine) holdings(i *incident, whole, part entity.ID) []*holding {
	at := map[*group]*holding{}
	var out []*holding
	for _, id := range e.members(i) {
		p := e.alerts[id]
		if p.group == nil {
			continue
		}
		h := at[p.group]
		if h == nil {
			h = &holding{g: p.group}
			for _, m := range p.group.marks {
				h.whole, h.part = h.whole || m.id == whole, h.part || m.id == part
			}
			at[p.group] = h
			out = append(out, h)
		}
		h.ids = append(h.ids, id)
		h.manual = h.manual || p.manual
	}
	return out
}

// reconsider weighs the alerts of one of the two entities against the rest of the
// incident. Those that no longer belong leave it for a new one together, and what
// fits better to them than to the rest follows. What a person placed stays.
func (e *Engine) reconsider(i *incident, whole, part entity.ID, out *Outcome) {
	if i == nil || i.state.Closed || i.alone {
		return
	}
	all := e.holdings(i, whole, part)
	leaving := lesser(all)
	if len(leaving) == 0 {
		return
	}
	x := e.open(false)
	e.carry(leaving, x)
	e.recount(i)
	e.recount(x)
	leaving = slices.DeleteFunc(leaving, func(h *holding) bool {
		stays := e.fits(h, i, x)
		if stays {
			e.carry([]*holding{h}, i)
		}
		return stays
	})
	e.recount(i)
	e.recount(x)
	if len(leaving) == 0 {
		e.incidents.Delete(x.id)
		e.next--
		return
	}
	leaving = append(leaving, e.followers(all, i, x)...)
	e.settle(leaving, i, x, out)
}

// lesser picks those that leave: of the alerts that mention one of the two
// entities alone, the smaller side.
func lesser(all []*holding) []*holding {
	var parts, wholes []*holding
	np, nw := 0, 0
	for _, h := range all {
		switch {
		case h.part && !h.whole:
			parts, np = append(parts, h), np+len(h.ids)
		case h.whole && !h.part:
			wholes, nw = append(wholes, h), nw+len(h.ids)
		}
	}
	if len(parts) == 0 || len(wholes) == 0 {
		return nil
	}
	if nw < np {
		parts = wholes
	}
	return slices.DeleteFunc(parts, func(h *holding) bool { return h.manual })
}

// carry puts groups into an incident without counting them.
func (e *Engine) carry(list []*holding, to *incident) {
	for _, h := range list {
		h.g.inc = to.id
		for _, id := range h.ids {
			e.alerts[id].inc = to.id
			to.own = append(to.own, id)
		}
	}
}

// fits says whether a group would join the incident by itself.
func (e *Engine) fits(h *holding, i, not *incident) bool {
	c := e.against(e.signalOf(h.g), i, not.id)
	return c != nil && c.logOdds >= e.joinAt()
}

// against weighs a signal and gives the candidate of one incident.
func (e *Engine) against(s *signal, i *incident, not IncidentID) *candidate {
	found := e.weigh(s, not)
	if at := slices.IndexFunc(found, func(c *candidate) bool { return c.inc == i }); at >= 0 {
		found[at].recall(s)
		return found[at]
	}
	return nil
}

// signalOf is a group as if it came as an alert.
func (e *Engine) signalOf(g *group) *signal {
	s := &signal{
		id: g.alert, title: g.title, rule: g.rule, start: g.first, end: g.last, severity: g.severity, tactics: g.tactics, service: g.service,
		excluded: g.excluded,
	}
	for _, m := range g.marks {
		kind, name := e.resolver.Describe(m.id)
		s.ents = append(s.ents, trace{
			id: m.id, class: m.class, impacted: m.impacted, context: m.class >= classContextUser && m.class <= classContext,
			kind: kind, label: name, private: m.class == classPrivateIP,
		})
	}
	return s
}

// followers are the other groups that fit the new incident better than the rest.
func (e *Engine) followers(all []*holding, i, x *incident) []*holding {
	var out []*holding
	if len(all) > maxReconsidered {
		return nil
	}
	looked := 0
	for _, h := range all {
		tied := slices.ContainsFunc(h.g.marks, func(m mark) bool { return x.ents.get(m.id) != nil })
		if h.whole || h.part || h.manual || !tied || looked >= maxFollowers {
			continue
		}
		looked++
		e.carry([]*holding{h}, &incident{})
		e.recount(i)
		s := e.signalOf(h.g)
		there, here := noLinkOdds, noLinkOdds
		for _, c := range e.weigh(s, 0) {
			switch c.inc {
			case x:
				there = c.logOdds
			case i:
				here = c.logOdds
			}
		}
		if there >= e.joinAt() && there > here {
			e.carry([]*holding{h}, x)
			out = append(out, h)
		} else {
			e.carry([]*holding{h}, i)
		}
		e.recount(i)
		e.recount(x)
	}
	return out
}

const noLinkOdds = -1e9

// settle enters the groups into the new incident one by one, so that each has the
// link that it would have got.
func (e *Engine) settle(list []*holding, from, x *incident, out *Outcome) {
	slices.SortStableFunc(list, func(a, b *holding) int { return int(min(max(a.g.first-b.g.first, -1), 1)) })
	e.carry(list, &incident{})
	e.recount(x)
	for n, h := range list {
		link := Link{Model: e.opt.Model.Version}
		if n > 0 {
			if c := e.against(e.signalOf(h.g), x, from.id); c != nil {
				link = e.explain(e.signalOf(h.g), c)
			}
		}
		link.Facts = append(link.Facts, Fact{Feature: "entity.divided", Text: fmt.Sprintf("It left incident %d when an entity was taken apart: what tied it there was another one's.", from.id)})
		e.carry([]*holding{h}, x)
		e.recount(x)
		for _, id := range h.ids {
			out.Moves = append(out.Moves, Move{AlertID: id, From: from.id, To: x.id, Created: len(out.Moves) == 0 || out.Moves[len(out.Moves)-1].To != x.id, Link: link})
		}
	}
	from.touched = e.clock
}

// applyRejoin takes a division back. Alerts that left an incident for it return,
// unless a person has decided otherwise since.
func (e *Engine) applyRejoin(c Command) (Outcome, error) {
	x := c.Division
	if x == nil {
		return Outcome{}, fmt.Errorf("%w: there is no division in the command", ErrRefused)
	}
	joins, err := e.resolver.Rejoin(x.Entity, x.Part, x.Kind, x.Number)
	if err != nil {
		return Outcome{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	out := Outcome{Joins: joins}
	e.follow(joins)
	e.recognise(nil, joins)
	var touched []IncidentID
	for _, r := range x.Back {
		from, to := e.incidents.Get(e.root(r.From)), e.incidents.Get(e.root(r.To))
		p := e.alerts[r.Alert]
		if p == nil || from == nil || to == nil || from == to || e.root(p.inc) != from.id || p.manual {
			continue
		}
		if from.state.Closed || to.state.Closed || slices.Contains(from.apart, to.id) {
			continue
		}
		p.inc = to.id
		if p.group != nil {
			p.group.inc = to.id
		}
		to.own = append(to.own, r.Alert)
		out.Moves = append(out.Moves, Move{AlertID: r.Alert, From: from.id, To: to.id})
		touched = append(touched, from.id, to.id)
	}
	slices.Sort(touched)
	for _, id := range slices.Compact(touched) {
		i := e.incidents.Get(id)
		e.recount(i)
		e.vacate(i, &out)
	}
	return out, nil
}

// distinctMarks drops marks of entities that turned out to be one.
func distinctMarks(marks []mark) []mark {
	out := marks[:0]
	for _, m := range marks {
		if !slices.ContainsFunc(out, func(o mark) bool { return o.id == m.id }) {
			out = append(out, m)
		}
	}
	return out
}

// habits is how often an entity or rule appears, beside where.
type habits struct {
	groups  float64
	routine routines
}

func (p *presence) habits(now int64) habits {
	p.age(now)
	return habits{p.groups, p.routine}
}
