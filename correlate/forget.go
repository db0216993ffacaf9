package correlate

import "time"

// agenda is a queue of alerts by the clock at which they came.
type agenda struct {
	items []due
	head  int
}

type due struct {
	ID string
	At int64
}

func (a *agenda) push(id string, at int64) { a.items = append(a.items, due{id, at}) }

func (a *agenda) pop() {
	a.items[a.head] = due{}
	if a.head++; a.head > 1024 && a.head > len(a.items)/2 {
		a.items = append(a.items[:0:0], a.items[a.head:]...)
		a.head = 0
	}
}

// forgetStep is how many things are looked at for forgetting with each alert:
// more than one alert brings in, so that memory follows the horizon.
const forgetStep = 16

// forget drops what has been quiet for longer than the horizon.
func (e *Engine) forget() {
	before := e.clock - int64(e.opt.Horizon/time.Second)
	for range forgetStep {
		if e.aged.head >= len(e.aged.items) {
			break
		}
		d := e.aged.items[e.aged.head]
		if d.At >= before {
			break
		}
		e.forgetAlert(d, before)
	}
	if before > e.start {
		for _, id := range e.resolver.Forget(time.Unix(before, 0), forgetStep) {
			e.index.Delete(id)
			delete(e.controls.muted, id)
			delete(e.controls.levels, id)
		}
	}
}

// forgetAlert drops an alert, and its group and incident when they are quiet.
func (e *Engine) forgetAlert(d due, before int64) {
	e.aged.pop()
	p := e.alerts[d.ID]
	if p == nil {
		return
	}
	e.forgot = true
	delete(e.alerts, d.ID)
	if g := p.group; g != nil && g.last < before && e.groups[g.key] == g {
		delete(e.groups, g.key)
	}
	if home := e.incidents.Get(p.inc); home != nil {
		home.own = e.stillHere(home)
	}
	root := e.root(p.inc)
	if inc := e.incidents.Get(root); inc != nil && inc.touched < before {
		e.forgetIncident(root)
	}
}

// stillHere drops forgotten and moved alerts from the front of the list.
func (e *Engine) stillHere(i *incident) []string {
	n := 0
	for n < len(i.own) {
		if p := e.alerts[i.own[n]]; p != nil && p.inc == i.id {
			break
		}
		n++
	}
	return i.own[n:]
}

// forgetIncident drops a quiet incident with all that was merged into it, and with
// its alerts: without it nobody could tell any more where they are.
func (e *Engine) forgetIncident(id IncidentID) {
	inc := e.incidents.Get(id)
	if inc == nil {
		return
	}
	for _, ent := range inc.ents.ids() {
		if p := e.index.Get(ent); p != nil {
			p.leave(id, e.clock)
		}
	}
	for _, r := range inc.rules {
		e.rules.presence(r.rule).leave(id, e.clock)
	}
	e.suggestions.forget(id)
	e.drop(id)
}

// drop removes an incident with its alerts, and those merged into it.
func (e *Engine) drop(id IncidentID) {
	if inc := e.incidents.Get(id); inc != nil {
		e.dropAlerts(inc)
		for _, a := range inc.absorbed {
			e.drop(a)
		}
	}
	e.dropBucket(id)
	e.incidents.Delete(id)
	e.redirects.Delete(id)
}

// dropAlerts removes the alerts of an incident that are still known, and where
// repeats of them would go. The agenda passes over them later.
func (e *Engine) dropAlerts(inc *incident) {
	for _, id := range inc.own {
		p := e.alerts[id]
		if p == nil || p.inc != inc.id {
			continue
		}
		delete(e.alerts, id)
		if g := p.group; g != nil && e.groups[g.key] == g && e.root(g.inc) == e.root(inc.id) {
			delete(e.groups, g.key)
		}
	}
}
