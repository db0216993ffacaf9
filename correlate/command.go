package correlate

import (
	"fmt"
	"slices"
)

// Apply implements Correlator.
func (e *Engine) Apply(c Command) (Outcome, error) {
	first := e.resolver.Next()
	if e.past != nil {
		return e.applyAgain(c)
	}
	out, err := e.apply(c)
	out.FirstEntity = first
	return out, err
}

func (e *Engine) apply(c Command) (Outcome, error) {
	e.recalled = c.Recalled
	defer func() { e.recalled = nil }()
	switch c.Kind {
	case CommandState:
		return e.applyState(c)
	case CommandMerge:
		return e.applyMerge(c)
	case CommandUndoMerge:
		return e.applyUndo(c)
	case CommandMove, CommandKeep:
		return e.applyMove(c)
	case CommandSettings:
		return e.applySettings(c)
	case CommandReject, CommandUnreject:
		return e.applyRejection(c)
	case CommandInventory:
		return e.applyInventory(c)
	case CommandDivide:
		return e.applyDivision(c)
	case CommandRejoin:
		return e.applyRejoin(c)
	}
	return Outcome{}, fmt.Errorf("%w: unknown command %q", ErrRefused, c.Kind)
}

// known checks that an incident was made at some time.
func (e *Engine) known(id IncidentID) error {
	if id < 1 || id >= e.next {
		return fmt.Errorf("incident %d: %w", id, ErrNoIncident)
	}
	return nil
}

// live gives the incident that id stands for now. One that was forgotten is made
// known again.
func (e *Engine) live(id IncidentID) *incident {
	root := e.root(id)
	if i := e.incidents.Get(root); i != nil {
		return i
	}
	return e.revive(root)
}

// glimpse is live of an incident that may stay forgotten: a command that is refused
// changes nothing.
func (e *Engine) glimpse(id IncidentID) *incident {
	root := e.root(id)
	if i := e.incidents.Get(root); i != nil {
		return i
	}
	return e.forgotten(root)
}

func (e *Engine) applyState(c Command) (Outcome, error) {
	if err := e.known(c.Incident); err != nil {
		return Outcome{}, err
	}
	i := e.live(c.Incident)
	i.state = c.State
	i.touched = e.clock
	out := Outcome{Incident: i.id}
	if i.state.Closed {
		e.suggestions.withdraw(i.id, &out)
	}
	return out, nil
}

func set(v string) bool { return v != "" && v != "unknown" }

// refusal says why the engine may not merge two incidents, nil when it may.
func (e *Engine) refusal(a, b *incident) error {
	if err := refuseMerge(a, b); err != nil {
		return err
	}
	if a.alone || b.alone {
		return &refusalError{what: "excluded", text: "one holds alerts of a rule that is excluded from correlation"}
	}
	if e.parted(a, b) {
		return &refusalError{what: "parted", text: "an analyst parted them"}
	}
	return nil
}

// refuseMerge holds the refusals that bind everyone.
func refuseMerge(a, b *incident) error {
	differ := func(x, y string) bool { return set(x) && set(y) && x != y }
	switch {
	case a.state.Closed || b.state.Closed:
		return &refusalError{what: "closed", text: "a closed incident is not merged"}
	case differ(a.state.Owner, b.state.Owner):
		return &refusalError{what: "owner", settled: true, text: "they are assigned to different people"}
	case differ(a.state.Classification, b.state.Classification):
		return &refusalError{what: "classification", settled: true, text: "their classifications differ"}
	case differ(a.state.Determination, b.state.Determination):
		return &refusalError{what: "determination", settled: true, text: "their determinations differ"}
	}
	return nil
}

func (e *Engine) applyMerge(c Command) (Outcome, error) {
	for _, id := range append([]IncidentID{c.Incident}, c.Sources...) {
		if err := e.known(id); err != nil {
			return Outcome{}, err
		}
	}
	all := []*incident{e.glimpse(c.Incident)}
	for _, id := range c.Sources {
		s := e.glimpse(id)
		if slices.ContainsFunc(all, func(o *incident) bool { return o.id == s.id }) {
			return Outcome{}, fmt.Errorf("%w: incident %d is part of it already", ErrRefused, id)
		}
		for _, o := range all {
			if err := refuseMerge(o, s); err != nil {
				return Outcome{}, fmt.Errorf("incidents %d and %d: %w", o.id, s.id, err)
			}
		}
		all = append(all, s)
	}
	for _, i := range all {
		e.bringBack(i)
	}
	into := all[0]
	out := Outcome{Incident: into.id}
	for _, s := range all[1:] {
		// The analyst's word replaces an earlier one that parted them.
		e.reconcile(into, s)
		e.suggestions.withdraw(s.id, &out)
		e.merge(s, into)
		out.Merges = append(out.Merges, Merge{From: s.id, Into: into.id, Link: Link{Manual: true, Score: 1}})
	}
	return out, nil
}

func (e *Engine) withoutRoot(list []IncidentID, root IncidentID) []IncidentID {
	return slices.DeleteFunc(slices.Clone(list), func(id IncidentID) bool { return e.root(id) == root })
}

// applyUndo takes a merge back: the source stands on its own again with the
// alerts that the command names.
func (e *Engine) applyUndo(c Command) (Outcome, error) {
	if len(c.Sources) != 1 {
		return Outcome{}, fmt.Errorf("%w: undoing a merge takes one source", ErrRefused)
	}
	for _, id := range []IncidentID{c.Incident, c.Sources[0]} {
		if err := e.known(id); err != nil {
			return Outcome{}, err
		}
	}
	target, source := e.glimpse(c.Incident), c.Sources[0]
	merged := e.redirects.Get(source) != 0
	if merged && e.root(source) != target.id {
		return Outcome{}, fmt.Errorf("%w: incident %d is not part of incident %d", ErrRefused, source, c.Incident)
	} else if !merged && e.incidents.Get(source) != nil && len(e.incidents.Get(source).own) > 0 {
		return Outcome{}, fmt.Errorf("%w: incident %d was not merged", ErrRefused, source)
	}
	if err := e.holds(c.Alerts); err != nil {
		return Outcome{}, err
	}
	e.bringBack(target)
	s := e.detach(source, target)
	e.send(c.Alerts, s, true)
	e.part(s, target)
	e.recount(target)
	e.recount(s)
	return Outcome{Incident: target.id}, nil
}

// detach cuts the redirect of a source. What the command does not name stays
// with the target.
func (e *Engine) detach(source IncidentID, target *incident) *incident {
	if parent := e.incidents.Get(e.redirects.Get(source)); parent != nil {
		parent.absorbed = slices.DeleteFunc(slices.Clone(parent.absorbed), func(id IncidentID) bool { return id == source })
	}
	s := e.incidents.Get(source)
	if s == nil {
		s = e.revive(source)
	}
	e.redirects.Delete(source)
	s.gone = false
	stay := s.own
	s.own = nil
	for _, id := range stay {
		if p := e.alerts[id]; p != nil && p.inc == source {
			p.inc = target.id
			target.own = append(target.own, id)
		}
	}
	for _, id := range s.absorbed {
		// Incidents merged into the source earlier go where their alerts go.
		e.redirects.Set(id, target.id)
		target.absorbed = append(target.absorbed, id)
	}
	s.absorbed = nil
	return s
}

// holds checks that the engine knows the alerts. Once something has been
// forgotten an unknown alert may be an old one.
func (e *Engine) holds(ids []string) error {
	for _, id := range ids {
		if e.alerts[id] == nil && !e.forgot {
			return fmt.Errorf("alert %q: %w", id, ErrNoAlert)
		}
	}
	return nil
}

// send puts alerts into an incident and lets their repeats follow them; manual says
// that people decided so.
func (e *Engine) send(ids []string, to *incident, manual bool) {
	for _, id := range ids {
		p := e.alerts[id]
		if p == nil {
			p = &placed{start: e.clock}
			e.alerts[id] = p
			e.aged.push(id, e.clock)
		}
		p.inc, p.manual = to.id, manual
		to.own = append(to.own, id)
		if p.group != nil {
			p.group.inc = to.id
		}
	}
}

// part keeps two incidents apart from now on.
func (e *Engine) part(a, b *incident) {
	if a.id == b.id {
		return
	}
	if !slices.Contains(a.apart, b.id) {
		a.apart = append(a.apart, b.id)
	}
	if !slices.Contains(b.apart, a.id) {
		b.apart = append(b.apart, a.id)
	}
}

// applyMove puts alerts into another incident, or into a new one. A move parts what
// the alerts leave from where they come to; that they were there all along says
// nothing about where the engine had placed them.
func (e *Engine) applyMove(c Command) (Outcome, error) {
	for _, id := range c.Sources {
		if err := e.known(id); err != nil {
			return Outcome{}, err
		}
	}
	if c.Incident != 0 || c.Kind == CommandKeep {
		if err := e.known(c.Incident); err != nil {
			return Outcome{}, err
		}
	}
	if err := e.holds(c.Alerts); err != nil {
		return Outcome{}, err
	}
	judged := c.Kind == CommandMove
	out := Outcome{}
	var to *incident
	if c.Incident == 0 {
		to = e.open(false)
		out.Created = true
	} else {
		to = e.live(c.Incident)
	}
	out.Incident = to.id
	left := e.leave(c, to, &out)
	for _, id := range c.Emptied {
		to.partFrom(e.withoutRoot(e.glimpse(id).apart, to.id))
	}
	e.send(c.Alerts, to, judged || c.Manual)
	for _, from := range left {
		if judged {
			e.part(from, to)
			e.suggestions.end(pairOf(from.id, to.id), &out)
		}
		e.recount(from)
		e.vacate(from, &out)
	}
	e.recount(to)
	return out, nil
}

// leave notes what the alerts of a move leave, and gives the incidents: those where
// the engine has the alerts, and those that the command names because the alerts
// are forgotten.
func (e *Engine) leave(c Command, to *incident, out *Outcome) []*incident {
	var left []*incident
	link := Link{Manual: true, Score: 1}
	if c.Kind == CommandKeep {
		link = Link{} // the earlier one holds
	}
	enter := func(id IncidentID) *incident {
		from := e.incidents.Get(e.root(id))
		if from == nil || from == to {
			return nil
		}
		if !slices.Contains(left, from) {
			left = append(left, from)
		}
		return from
	}
	for _, id := range c.Alerts {
		p := e.alerts[id]
		if p == nil {
			continue
		}
		if from := enter(p.inc); from != nil {
			out.Moves = append(out.Moves, Move{AlertID: id, From: from.id, To: to.id, Created: out.Created, Link: link})
		}
	}
	for _, id := range c.Sources {
		enter(id)
	}
	return left
}

// vacate ends the suggestions of an incident when no alert of it is known any more:
// nothing is compared with it then, and others need the room.
func (e *Engine) vacate(i *incident, out *Outcome) {
	if i.alerts == 0 {
		e.suggestions.withdraw(i.id, out)
	}
}

// recount builds the facts of an incident from its alerts anew. How often its
// entities and rules appear stays as it is: nothing has come.
func (e *Engine) recount(i *incident) {
	kept := map[*presence]habits{}
	for _, id := range i.ents.ids() {
		if p := e.index.Get(id); p != nil {
			kept[p] = p.habits(e.clock)
			p.leave(i.id, e.clock)
		}
	}
	for _, r := range i.rules {
		p := e.rules.presence(r.rule)
		kept[p] = p.habits(e.clock)
		p.leave(i.id, e.clock)
	}
	defer func() {
		for p, h := range kept {
			p.groups, p.routine = h.groups, h.routine
		}
	}()
	i.clear()
	i.touched = e.clock
	seen := map[*group]int{}
	var order []*group
	e.gather(i, i.id, map[*placed]bool{}, func(p *placed) {
		if p.group == nil {
			i.alerts++
			return
		}
		if seen[p.group]++; seen[p.group] == 1 {
			order = append(order, p.group)
		}
	})
	for _, g := range order {
		for k := range g.marks {
			g.marks[k].id = e.resolver.Find(g.marks[k].id)
		}
		g.marks = distinctMarks(g.marks)
		i.add(g, seen[g])
		e.reindex(g, i)
	}
}

// gather visits the alerts of an incident and of all merged into it.
func (e *Engine) gather(i *incident, root IncidentID, seen map[*placed]bool, visit func(*placed)) {
	own := i.own[:0:0]
	for _, id := range i.own {
		if p := e.alerts[id]; p != nil && p.inc == i.id && !seen[p] {
			seen[p] = true
			own = append(own, id)
			visit(p)
		}
	}
	i.own = own
	for _, id := range i.absorbed {
		if a := e.incidents.Get(id); a != nil && e.root(id) == root {
			e.gather(a, root, seen, visit)
		}
	}
}

func (e *Engine) reindex(g *group, i *incident) {
	when := e.moment(g.rule)
	e.rules.touch(g.rule, i.id, g, when)
	for _, m := range g.marks {
		p := e.index.Get(m.id)
		if p == nil {
			p = &presence{since: e.clock}
			e.index.Set(m.id, p)
		}
		p.touch(i.id, g, m, when)
	}
}
