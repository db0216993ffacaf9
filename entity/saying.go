package entity

import "slices"

// saying is a list of identifiers as alerts give it, all of which name one entity.
// Most mentions say word for word what an earlier one said: comparing the lists
// takes one look-up, where resolving takes one for each identifier. It holds as
// long as the entity does, for what names an entity is taken away only when that
// entity is forgotten, joined into another, or taken apart.
type saying struct {
	ids   []Identifier // shared with what was seen, never changed
	alias *Identifier  // names the entity too: what ids are known to imply
	next  *saying      // another of the same entity
}

// maxSayings bounds the sayings kept of one entity.
const maxSayings = 8

// repeated gives whom identifiers name that were said before, with the saying; nil
// when that does not settle it. implied is what follows from them; without a type it
// is nothing.
func (r *Resolver) repeated(ids []Identifier, implied *Identifier) (*record, *saying) {
	if len(r.sides) > 0 || len(ids) == 0 {
		return nil, nil
	}
	rec := r.ids.get(&ids[0])
	if rec == nil {
		return nil, nil
	}
	s := rec.said
	for s != nil && !slices.Equal(s.ids, ids) {
		s = s.next
	}
	if s == nil || implied.Type == "" || s.alias != nil && *s.alias == *implied {
		return rec, s
	}
	if r.ids.get(implied) != rec {
		return nil, nil
	}
	s.alias = new(*implied)
	return rec, s
}

// keep remembers that identifiers name an entity, and gives them in memory of their
// own.
func (rec *record) keep(ids []Identifier) []Identifier {
	own := slices.Clone(ids)
	if rec.sayings < maxSayings {
		rec.said = &saying{ids: own, next: rec.said}
		rec.sayings++
	}
	return own
}

// unsay forgets all that was said: a person has decided whom identifiers name.
func (r *Resolver) unsay() {
	for _, rec := range r.records.All() {
		rec.said, rec.sayings = nil, 0
	}
}
