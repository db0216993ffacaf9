package correlate

import "slices"

// What people decided about an incident lives in the engine as long as the incident
// does, and then with the owner of the engine. Every merge hands it on. An incident
// that the engine has forgotten can only come back by a command that names it, and
// that command brings along what people decided about it (Command.Recalled): so a
// log is enough to repeat it all, and memory follows the horizon.

// Recalled is what people decided about an incident that the engine has forgotten.
type Recalled struct {
	Incident IncidentID `json:"incident"`
	State    State      `json:"state,omitzero"`
	// Alone says that it holds alerts of excluded rules only.
	Alone bool `json:"alone,omitempty"`
	// Apart are the incidents that people parted from it and from what was merged
	// into it, as they stand now.
	Apart []IncidentID `json:"apart,omitempty"`
}

// Knows says whether the engine knows what an incident stands for. A command that
// names one which it does not know has to bring it along in Recalled.
func (e *Engine) Knows(id IncidentID) bool { return e.incidents.Get(e.root(id)) != nil }

// recall gives a forgotten incident what a command says that people decided about it.
func (e *Engine) recall(i *incident) {
	if r := e.recalledOf(i.id); r != nil {
		i.state, i.alone, i.apart = r.State, r.Alone, slices.Clone(r.Apart)
	}
}

func (e *Engine) recalledOf(id IncidentID) *Recalled {
	at := slices.IndexFunc(e.recalled, func(r Recalled) bool { return r.Incident == id })
	if at < 0 {
		return nil
	}
	return &e.recalled[at]
}

// bringBack makes a forgotten incident known, unless it is. One about which nobody
// said what people had decided makes the engine one that was not told everything.
func (e *Engine) bringBack(i *incident) {
	if e.incidents.Get(i.id) == nil && e.recalledOf(i.id) == nil {
		e.told = false
	}
	e.remember(i)
}

// inherit hands on what people decided about an incident that is merged away. What
// only one side has holds for both together.
func (i *incident) inherit(from *incident) {
	i.state = i.state.with(from.state)
	i.partFrom(from.apart)
}

func (i *incident) partFrom(ids []IncidentID) {
	for _, id := range ids {
		if id != i.id && !slices.Contains(i.apart, id) {
			i.apart = append(i.apart, id)
		}
	}
}

// with fills what is not set with what another state says.
func (s State) with(o State) State {
	if !set(s.Owner) {
		s.Owner = o.Owner
	}
	if !set(s.Classification) {
		s.Classification = o.Classification
	}
	if !set(s.Determination) {
		s.Determination = o.Determination
	}
	return s
}

// reconcile forgets that people parted two incidents, or anything that was merged
// into them: their later word replaces the earlier one.
func (e *Engine) reconcile(a, b *incident) {
	for _, pair := range [][2]*incident{{a, b}, {b, a}} {
		for _, i := range e.tree(pair[0], nil) {
			i.apart = e.withoutRoot(i.apart, pair[1].id)
		}
	}
}

// tree appends an incident and those that were merged into it.
func (e *Engine) tree(i *incident, all []*incident) []*incident {
	all = append(all, i)
	for _, id := range i.absorbed {
		if a := e.incidents.Get(id); a != nil && e.redirects.Get(id) == i.id {
			all = e.tree(a, all)
		}
	}
	return all
}

// Told says whether the engine was told everything that people decided about the
// incidents which it knows. It was not when an earlier version, which forgot that
// with the incidents, wrote its snapshot or the log that it repeats. Then Part and
// Restate make up for it.
func (e *Engine) Told() bool { return e.told }

// Part tells that people parted two incidents, where the engine knows both.
func (e *Engine) Part(a, b IncidentID) {
	x, y := e.incidents.Get(e.root(a)), e.incidents.Get(e.root(b))
	if x != nil && y != nil && x != y && !e.parted(x, y) {
		e.part(x, y)
	}
}

// Caught up says that Part and Restate have told everything.
func (e *Engine) CaughtUp() { e.told = true }

// parted says whether people parted two incidents.
func (e *Engine) parted(a, b *incident) bool {
	from := func(list []IncidentID, other IncidentID) bool {
		return slices.ContainsFunc(list, func(id IncidentID) bool { return e.root(id) == other })
	}
	return from(a.apart, b.id) || from(b.apart, a.id)
}

// handOn gives an older snapshot's merged incidents to what they were merged into:
// the version that wrote it left with them that people had parted them from others.
func (e *Engine) handOn() {
	for _, i := range e.incidents.All() {
		if root := e.incidents.Get(e.root(i.id)); i.gone && root != nil && root != i {
			root.partFrom(i.apart)
		}
	}
}
