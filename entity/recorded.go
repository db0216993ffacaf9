package entity

import (
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Entities are numbered in order of first sight, and those numbers stand in the
// store. A replay by a version that reads other names, or joins others, would
// count differently. So the numbers that were given are kept with what made them,
// and a replay gives them out again by what the entities are called.

// Digest is a short form of an identifier by which a replay finds it again. It may
// be that of another identifier too: then two entities of one alert change numbers.
func (id *Identifier) Digest() uint64 {
	d := xxhash.New()
	for _, part := range [...]string{string(id.Kind), id.Type, id.Scope, id.Value} {
		_, _ = d.WriteString(part)
		_, _ = d.Write([]byte{0})
	}
	return d.Sum64()
}

// Next is the number that the next entity gets.
func (r *Resolver) Next() ID { return r.next }

// Made tells which entities something made: the number of the first, which those
// of the others follow, and the digest of an identifier of each, in the order of
// making.
type Made struct {
	First   ID       `json:"first"`
	Digests []uint64 `json:"digests"`
}

// replaying is what a resolver that repeats its past keeps of it.
type replaying struct {
	made   *Made         // by what is being read; nil when nobody kept it
	taken  []bool        // which of them were found again
	left   map[uint64]ID // those that were not: a later alert may bring them up
	next   ID            // above all numbers that were ever given
	extras []ID
}

// Replay makes the resolver repeat its past, until EndReplay. Last is the largest
// number that any entity ever got: one that is made now and was not then gets a
// larger one.
func (r *Resolver) Replay(last ID) {
	r.past = &replaying{next: max(last+1, r.next), left: map[uint64]ID{}}
}

// Expect tells what was made by what is read next, nil when nobody kept that: then
// entities are numbered in order of first sight.
func (r *Resolver) Expect(m *Made) {
	p := r.past
	for k, taken := range p.taken {
		if !taken {
			p.left[p.made.Digests[k]] = p.made.First + ID(k)
		}
	}
	p.made, p.taken = m, nil
	if m != nil {
		p.taken = make([]bool, len(m.Digests))
	}
}

// EndReplay lets the resolver go on by itself, and gives the entities that were
// made by the replay and not before, ascending.
func (r *Resolver) EndReplay() []ID {
	p := r.past
	r.past = nil
	if len(p.extras) > 0 {
		r.next = max(r.next, p.next)
	}
	return slices.DeleteFunc(p.extras, func(id ID) bool { return r.records.Get(id) == nil })
}

// number gives a new entity its number.
func (r *Resolver) number(ids []Identifier) ID {
	id := r.next
	if r.past == nil || r.past.made == nil {
		r.next++
		return id
	}
	if id = r.past.number(r, ids); id != 0 {
		r.next = max(r.next, id+1)
		return id
	}
	id = r.past.next
	r.past.next++
	r.past.extras = append(r.past.extras, id)
	return id
}

// number finds the number that the entity of some identifiers had, 0 when there
// was none or another one has it.
func (p *replaying) number(r *Resolver, ids []Identifier) ID {
	free := func(id ID) bool { return r.records.Get(id) == nil && r.parent.Get(id) == 0 }
	for i := range ids {
		d := ids[i].Digest()
		for k := range p.taken {
			if id := p.made.First + ID(k); p.made.Digests[k] == d && !p.taken[k] && free(id) {
				p.taken[k] = true
				return id
			}
		}
		if id, ok := p.left[d]; ok && free(id) {
			delete(p.left, d)
			return id
		}
	}
	return 0
}

// Rejoined carries out a join of the past that the replay did not come to by
// itself, and says whether there was anything to join.
func (r *Resolver) Rejoined(from, into ID) (Join, bool) {
	from, into = r.Find(from), r.Find(into)
	from, into = max(from, into), min(from, into)
	if from == into || r.records.Get(from) == nil || r.records.Get(into) == nil {
		return Join{}, false
	}
	r.unite(from, into)
	return Join{From: from, Into: into}, true
}
