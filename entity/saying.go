package entity

import "slices"

// saying is a list of identifiers as alerts give it, all of which name one entity.
// Most mentions say word for word what an earlier one said: that takes one look-up,
// where resolving takes one for each identifier. It holds as long as the entity does,
// for what names an entity is taken away only when that entity is forgotten, joined
// into another, or taken apart.
type saying struct {
	rec   *record
	ids   []Identifier // shared with what was seen, never changed
	key   digest       // of ids
	alias digest       // of what ids are known to imply, which names the entity too
	next  *saying      // another of the same entity
}

// maxSayings bounds the sayings kept of one entity.
const maxSayings = 8

// recalled is what was said before in the words of a mention.
type recalled struct {
	key    digest   // of the mention's identifiers
	ids    []digest // of each of them
	saying *saying
	unsaid int // of the resolver when it was looked up
}

// recall looks up what was said before in the words of mentions. It looks for all
// before it reads one: what lies far away in the memory comes at once, where each
// would be waited for by itself.
func (r *Resolver) recall(seen []Seen) {
	out, all := r.recalled[:0], r.digests[:0]
	for i := range seen {
		ids, from := seen[i].Mention.Identifiers, len(all)
		var key digest
		for k := range ids {
			all = append(all, digestOf(&ids[k]))
			key = key.then(all[from+k])
		}
		out = append(out, recalled{key: key, ids: all[from:len(all):len(all)], unsaid: r.unsaid})
	}
	r.digests = all
	for i := range out {
		out[i].saying = r.sayings.get(out[i].key)
	}
	for i := range out {
		if s := out[i].saying; s != nil {
			r.fetched += s.rec.last
			continue
		}
		for _, d := range out[i].ids {
			r.fetched += int64(r.ids.fetch(d))
		}
	}
	r.recalled = out
}

// said gives what was said before, nil when that does not settle whom a mention
// names. implied is what follows from its identifiers; without a type it is nothing.
func (r *Resolver) said(known *recalled, implied *Identifier) *saying {
	s := known.saying
	if s == nil || known.unsaid != r.unsaid {
		s = r.sayings.get(known.key) // another mention of the alert may have changed it
	}
	switch {
	case s == nil:
		return nil
	case implied.Type == "":
		return s
	}
	alias := digestOf(implied)
	if s.alias != alias {
		if r.ids.get(alias) != s.rec {
			return nil
		}
		s.alias = alias
	}
	return s
}

// keep remembers that identifiers name an entity, and gives them in memory of their
// own.
func (r *Resolver) keep(rec *record, key digest, ids []Identifier) []Identifier {
	own := slices.Clone(ids)
	if rec.sayings < maxSayings {
		rec.said = &saying{rec: rec, ids: own, key: key, next: rec.said}
		rec.sayings++
		r.sayings.set(key, rec.said)
	}
	return own
}

// unsay forgets what was said of an entity.
func (r *Resolver) unsay(rec *record) {
	for s := rec.said; s != nil; s = s.next {
		r.sayings.remove(s.key)
	}
	rec.said, rec.sayings = nil, 0
	r.unsaid++
}

// unsayAll forgets all that was said: a person has decided whom identifiers name.
func (r *Resolver) unsayAll() {
	for _, rec := range r.records.All() {
		r.unsay(rec)
	}
}
