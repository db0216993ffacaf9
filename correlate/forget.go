package correlate

import (
	"math"
	"slices"
	"time"
)

// forgetStep is how many things of each kind are looked at for forgetting with each
// alert: more than one alert brings in, so that memory follows the horizon.
const forgetStep = 16

// forget drops what has been quiet for longer than the horizon.
func (e *Engine) forget() {
	before := e.clock - int64(e.opt.Horizon/time.Second)
	for range forgetStep {
		d, ok := e.aged.take(before)
		if !ok {
			break
		}
		e.forgetAlert(d.ID, before)
	}
	for range forgetStep {
		d, ok := e.watched.take(before)
		if !ok {
			break
		}
		e.lookAt(d, before)
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
func (e *Engine) forgetAlert(id string, before int64) {
	p := e.alerts[id]
	if p == nil {
		return
	}
	e.forgot = true
	delete(e.alerts, id)
	if g := p.group; g != nil && e.groups[g.key] == g {
		e.outlive(g, before)
	}
	if home := e.incidents.Get(p.inc); home != nil {
		home.own = e.stillHere(home)
	}
	root := e.root(p.inc)
	if inc := e.incidents.Get(root); inc != nil && inc.touched < before {
		e.forgetIncident(root)
	}
}

// outlive drops a quiet group of which an alert is forgotten. One that an update
// has touched since still takes repeats; its incident sees to it that it ends.
func (e *Engine) outlive(g *group, before int64) {
	i := e.incidents.Get(g.inc)
	switch {
	case g.last < before || i == nil:
		delete(e.groups, g.key)
	case g.heir != i.id:
		g.heir = i.id
		i.left = append(i.left, g.key)
	}
}

// watch has an incident looked at a horizon from now. Every incident is always on
// that agenda: one that was touched after its alerts came would not be looked at
// again when the last of them is forgotten.
func (e *Engine) watch(i *incident) {
	i.watched = e.clock
	e.watched.push(i.id, e.clock)
}

// lookAt forgets an incident that has been quiet for the horizon, and looks at it
// again later else. What was merged goes with what it was merged into.
func (e *Engine) lookAt(d due[IncidentID], before int64) {
	i := e.incidents.Get(d.ID)
	switch {
	case i == nil || i.watched != d.At: // made anew since
	case !i.gone && i.touched < before:
		e.forgot = true
		e.forgetIncident(i.id)
	default:
		e.dropLeft(i, before)
		e.watch(i)
	}
}

// dropLeft drops the groups that outlived their alerts in an incident and have
// been quiet since before a time.
func (e *Engine) dropLeft(i *incident, before int64) {
	i.left = slices.DeleteFunc(i.left, func(key groupKey) bool {
		g := e.groups[key]
		if g == nil || g.heir != i.id {
			return true
		}
		if g.inc == i.id && g.last >= before {
			return false
		}
		if g.heir = 0; g.inc == i.id {
			delete(e.groups, key)
		}
		return true
	})
}

// loadAgenda restores what is to be looked at. A snapshot of an earlier version has
// no agenda of incidents, and may hold groups of which every alert is forgotten.
func (e *Engine) loadAgenda(im *image, groups []*group) {
	e.aged.load(im.Aged)
	e.watched.load(im.Watched)
	for _, d := range im.Watched {
		if i := e.incidents.Get(d.ID); i != nil {
			i.watched = d.At
		}
	}
	if len(im.Watched) == 0 {
		for _, i := range e.incidents.All() {
			e.watch(i)
		}
		e.findHeirs(im, groups)
	}
	for _, g := range groups {
		if i := e.incidents.Get(g.heir); i != nil && e.groups[g.key] == g {
			i.left = append(i.left, g.key)
		}
	}
}

// findHeirs gives groups that outlived their alerts to their incidents.
func (e *Engine) findHeirs(im *image, groups []*group) {
	held := make([]bool, len(groups)+1)
	for _, a := range im.Alerts {
		held[a.Group] = true
	}
	for k, g := range groups {
		if held[k+1] || e.groups[g.key] != g {
			continue
		}
		if g.heir = g.inc; e.incidents.Get(g.inc) == nil {
			delete(e.groups, g.key)
		}
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
		e.dropLeft(inc, math.MaxInt64)
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
