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
	rec   *record
	next  *saying // another that begins with the same value
	other *saying // another of the same entity
}

// maxSayings bounds the sayings kept of one entity, and those that begin with one
// value.
const maxSayings = 8

// said gives the saying with these identifiers, nil when there is none.
func (r *Resolver) said(ids []Identifier) *saying {
	if len(ids) == 0 {
		return nil
	}
	for s := r.sayings[ids[0].Value]; s != nil; s = s.next {
		if slices.Equal(s.ids, ids) {
			return s
		}
	}
	return nil
}

// repeated gives what was said with these identifiers before, nil when that does
// not settle whom they name. implied is what follows from them; without a type it
// is nothing.
func (r *Resolver) repeated(ids []Identifier, implied *Identifier) *saying {
	if len(r.sides) > 0 {
		return nil
	}
	s := r.said(ids)
	if s == nil || implied.Type == "" || s.alias != nil && *s.alias == *implied {
		return s
	}
	if r.ids[*implied] != s.rec {
		return nil
	}
	s.alias = new(*implied)
	return s
}

// keep remembers that identifiers name an entity, and gives them in memory of their
// own.
func (r *Resolver) keep(ids []Identifier, rec *record) []Identifier {
	own := slices.Clone(ids)
	if len(own) == 0 || rec.sayings >= maxSayings || len(r.sides) > 0 {
		return own
	}
	first := own[0].Value
	row, n := r.sayings[first], 0
	for s := row; s != nil; s = s.next {
		n++
	}
	if n >= maxSayings {
		return own
	}
	s := &saying{ids: own, rec: rec, next: row, other: rec.said}
	r.sayings[first] = s
	rec.said = s
	rec.sayings++
	return own
}

// unsay forgets what was said of an entity.
func (r *Resolver) unsay(rec *record) {
	for s := rec.said; s != nil; s = s.other {
		first := s.ids[0].Value
		if left := without(r.sayings[first], s); left != nil {
			r.sayings[first] = left
		} else {
			delete(r.sayings, first)
		}
	}
	rec.said, rec.sayings = nil, 0
}

// without takes one out of a row of sayings.
func without(row, s *saying) *saying {
	if row == s {
		return s.next
	}
	for at := row; at != nil; at = at.next {
		if at.next == s {
			at.next = s.next
			break
		}
	}
	return row
}

// unsayAll forgets all sayings: a person has decided whom identifiers name.
func (r *Resolver) unsayAll() {
	for _, rec := range r.records.All() {
		rec.said, rec.sayings = nil, 0
	}
	clear(r.sayings)
}
