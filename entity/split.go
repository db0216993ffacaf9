package entity

import (
	"cmp"
	"errors"
	"maps"
	"slices"
)

// ErrContradict says that two entities can't be joined: immutable identifiers or
// another separation tell them apart.
var ErrContradict = errors.New("their identifiers contradict each other")

// Separation is a person's word that Going and Staying do not name one entity.
// While it stands, no entity gets identifiers of both sides, and a bare name among
// those that go names their entity alone.
type Separation struct {
	Number  int64        `json:"number"` // tells it from others, ascending
	Going   []Identifier `json:"going"`
	Staying []Identifier `json:"staying"`
}

// side is one end of a separation.
type side struct {
	number int64
	going  bool
}

// Split takes identifiers away from an entity and makes another one of them. It
// works on entities that were forgotten too. Identifiers that the entity does not
// have are only kept apart. It gives the new entity and what it knows.
func (r *Resolver) Split(e ID, kind Kind, s Separation) (ID, []Known) {
	r.unsayAll()
	e = r.Find(e)
	rec := r.records.Get(e)
	part := r.number(s.Going)
	own := &record{id: part, kind: kind}
	r.records.Set(part, own)
	r.queue = append(r.queue, part)
	if rec != nil {
		own.last = rec.last
		for _, k := range rec.known {
			if slices.Contains(s.Going, k.Identifier) {
				own.known = append(own.known, k)
			}
		}
		rec.known = slices.DeleteFunc(slices.Clone(rec.known), func(k Known) bool { return slices.Contains(s.Going, k.Identifier) })
	}
	r.separate(s)
	r.rename(e, part, own)
	r.renew(own)
	if rec != nil {
		r.renew(rec)
	}
	return part, slices.Clone(own.known)
}

// rename lets the identifiers of the part name it, and no longer the entity that
// they were taken from.
func (r *Resolver) rename(e, part ID, own *record) {
	for _, k := range own.known {
		if !weakType(k.Identifier) || r.claimed(k.Identifier) {
			r.ids.give(&k.Identifier, own)
		}
		key, ok := bareName(k.Identifier)
		if !ok {
			continue
		}
		if rec := r.records.Get(e); rec == nil || !slices.ContainsFunc(rec.known, func(o Known) bool { k, ok := bareName(o.Identifier); return ok && k == key }) {
			r.release(key, e)
		}
		r.hold(key, part)
	}
}

// release takes an entity from those that answer to a bare name.
func (r *Resolver) release(key nameKey, e ID) {
	h, ok := r.names[key]
	if !ok {
		return
	}
	switch e {
	case r.Find(h[0]):
		h = nameHolders{h[1], 0}
	case r.Find(h[1]):
		h[1] = 0
	}
	if h[0] == 0 {
		delete(r.names, key)
		return
	}
	r.names[key] = h
}

// renew derives what follows from an entity's identifiers.
func (r *Resolver) renew(rec *record) {
	rec.firm = slices.ContainsFunc(rec.known, func(k Known) bool { return !weakType(k.Identifier) })
	rec.level = ""
	if a, _, _ := r.dir.match(known(rec)); a != nil && a.kind == rec.kind {
		rec.level = a.level
	}
}

// separate puts a separation in force.
func (r *Resolver) separate(s Separation) {
	r.apart[s.Number] = s
	for _, id := range s.Going {
		r.sides[id] = append(r.sides[id], side{s.Number, true})
	}
	for _, id := range s.Staying {
		r.sides[id] = append(r.sides[id], side{s.Number, false})
	}
}

// Rejoin takes a separation back and makes one entity of the two again. It fails
// with ErrContradict, and changes nothing, when they contradict each other by now.
func (r *Resolver) Rejoin(e, part ID, kind Kind, number int64) ([]Join, error) {
	r.unsayAll()
	s, stands := r.apart[number]
	if stands {
		r.reunite(s)
	}
	e, part = r.Find(e), r.Find(part)
	from, into := max(e, part), min(e, part)
	for _, id := range []ID{from, into} {
		if r.records.Get(id) == nil {
			r.records.Set(id, &record{id: id, kind: kind})
			r.queue = append(r.queue, id)
		}
	}
	if from == into {
		return nil, nil
	}
	if !r.mayJoin(into, from) {
		if stands {
			r.separate(s)
		}
		return nil, ErrContradict
	}
	j := Join{From: from, Into: into}
	if len(s.Going) > 0 {
		j.By = s.Going[0]
	}
	r.unite(from, into)
	r.renew(r.records.Get(into))
	return []Join{j}, nil
}

// reunite ends a separation.
func (r *Resolver) reunite(s Separation) {
	delete(r.apart, s.Number)
	for _, id := range slices.Concat(s.Going, s.Staying) {
		left := slices.DeleteFunc(slices.Clone(r.sides[id]), func(x side) bool { return x.number == s.Number })
		if len(left) == 0 {
			delete(r.sides, id)
		} else {
			r.sides[id] = left
		}
	}
}

// claimed says that a separation makes an identifier name one entity alone.
func (r *Resolver) claimed(id Identifier) bool {
	return len(r.sides) > 0 && slices.ContainsFunc(r.sides[id], func(s side) bool { return s.going })
}

// opposed says that identifiers of both lists are on different sides of a
// separation.
func (r *Resolver) opposed(a, b []Identifier) bool {
	if len(r.sides) == 0 {
		return false
	}
	var of map[int64]bool
	for _, id := range a {
		for _, s := range r.sides[id] {
			if of == nil {
				of = map[int64]bool{}
			}
			of[s.number] = s.going
		}
	}
	for _, id := range b {
		for _, s := range r.sides[id] {
			if going, there := of[s.number]; there && going != s.going {
				return true
			}
		}
	}
	return false
}

// barred says that a separation keeps identifiers from an entity.
func (r *Resolver) barred(e ID, ids []Identifier) bool {
	return len(r.sides) > 0 && r.opposed(known(r.records.Get(e)), ids)
}

// Goes says to which side of a separation a mention belongs: that of its strongest
// identifier, as resolving does it. What names neither side stays.
func (s Separation) Goes(ids []Identifier) bool {
	byRank := slices.Clone(ids)
	slices.SortStableFunc(byRank, func(a, b Identifier) int { return cmp.Compare(strength(a), strength(b)) })
	for _, id := range byRank {
		switch {
		case slices.Contains(s.Going, id):
			return true
		case slices.Contains(s.Staying, id):
			return false
		}
	}
	return false
}

func strength(id Identifier) int {
	if weakType(id) {
		return 2
	}
	return rank(id)
}

// Separations lists those that stand, by number.
func (r *Resolver) Separations() []Separation {
	var out []Separation
	for _, n := range slices.Sorted(maps.Keys(r.apart)) {
		out = append(out, r.apart[n])
	}
	return out
}

// Describe gives the kind of an entity and a name to show.
func (r *Resolver) Describe(id ID) (Kind, string) {
	rec := r.records.Get(r.Find(id))
	if rec == nil {
		return Other, ""
	}
	if len(rec.known) == 0 {
		return rec.kind, ""
	}
	return rec.kind, rec.known[0].Value
}
