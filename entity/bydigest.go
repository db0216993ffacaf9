package entity

// byDigest holds things by digests. A digest is a keyed hash already, so its bits say
// where to look: there is nothing to hash and one place of the memory to wait for,
// where a map has three. The zero value is empty and ready.
type byDigest[V any] struct{ shards [shards]shard[V] }

// shards is how many parts a table has. Each grows by itself, so that no alert waits
// for all of a large one to be moved.
const shards = 64

// shard is one part: slots, a power of two of them, a thing in the first free one from
// where its digest points to. A slot that holds nil is free.
type shard[V any] struct {
	slots []slot[V]
	n     int
}

type slot[V any] struct {
	key  digest
	held *V
}

// leastSlots is how many slots a part begins with.
const leastSlots = 8

func (t *byDigest[V]) part(d digest) *shard[V] { return &t.shards[d[1]%shards] }

// get gives what is held by a digest, nil when nothing is.
func (t *byDigest[V]) get(d digest) *V {
	s := t.part(d)
	if s.n == 0 {
		return nil
	}
	return s.slots[s.find(d)].held
}

// fetch looks at where a digest points to, so that it is there when it is asked for.
// What it gives means nothing.
func (t *byDigest[V]) fetch(d digest) uint64 {
	s := t.part(d)
	if s.n == 0 {
		return 0
	}
	return s.slots[d[0]&uint64(len(s.slots)-1)].key[0]
}

// set holds a thing that is not nil, in place of what was there.
func (t *byDigest[V]) set(d digest, v *V) {
	s := t.part(d)
	if 4*s.n >= 3*len(s.slots) {
		s.grow()
	}
	at := &s.slots[s.find(d)]
	if at.held == nil {
		s.n++
	}
	*at = slot[V]{d, v}
}

// remove takes away what is held by a digest.
func (t *byDigest[V]) remove(d digest) {
	s := t.part(d)
	if s.n == 0 {
		return
	}
	if at := s.find(d); s.slots[at].held != nil {
		s.n--
		s.free(at)
	}
}

// find gives the slot of a digest, or the free one where it would go.
func (s *shard[V]) find(d digest) uint64 {
	last := uint64(len(s.slots) - 1)
	at := d[0] & last
	for s.slots[at].held != nil && s.slots[at].key != d {
		at = (at + 1) & last
	}
	return at
}

// grow makes room for as much again.
func (s *shard[V]) grow() {
	old := s.slots
	s.slots = make([]slot[V], max(2*len(old), leastSlots))
	for i := range old {
		if old[i].held != nil {
			s.slots[s.find(old[i].key)] = old[i]
		}
	}
}

// free empties a slot, and moves up what stands behind it only because it was taken.
func (s *shard[V]) free(gap uint64) {
	last := uint64(len(s.slots) - 1)
	for at := (gap + 1) & last; s.slots[at].held != nil; at = (at + 1) & last {
		wanted := s.slots[at].key[0] & last
		if (at-wanted)&last >= (at-gap)&last {
			s.slots[gap] = s.slots[at]
			gap = at
		}
	}
	s.slots[gap] = slot[V]{}
}

// len is how many things are held.
func (t *byDigest[V]) len() int {
	n := 0
	for i := range t.shards {
		n += t.shards[i].n
	}
	return n
}
