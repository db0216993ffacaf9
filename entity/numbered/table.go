// Package numbered holds things by numbers that are given in order from 1, as the
// ids of entities and incidents are. Looking one up takes no hashing, and most of
// those that are asked for together were numbered together and lie together.
package numbered

import "iter"

// onPage is how many numbers share a page. A page is dropped with its last thing:
// one old thing that stays keeps half a kilobyte, not all that came with it.
const onPage = 64

type page[V comparable] struct {
	things [onPage]V
	n      int // of them are there
}

// Table holds things of type V by number. The zero value of V stands for nothing,
// and the zero Table is empty and ready. Beside its pages it takes an eighth of a
// byte for each number from the smallest to the largest that is held.
type Table[K ~int64, V comparable] struct {
	pages []*page[V]
	first uint64 // number of the first page
	n     int
}

// Len is how many things are held.
func (t *Table[K, V]) Len() int { return t.n }

// Get gives the thing with a number, the zero value when there is none.
func (t *Table[K, V]) Get(k K) (v V) {
	at := uint64(k)/onPage - t.first
	if at >= uint64(len(t.pages)) || t.pages[at] == nil {
		return v
	}
	return t.pages[at].things[uint64(k)%onPage]
}

// Set holds a thing under a number that is not negative, in place of what was
// there. The zero value takes away.
func (t *Table[K, V]) Set(k K, v V) {
	var none V
	if v == none {
		t.Delete(k)
		return
	}
	p := t.reach(uint64(k) / onPage)
	slot := &p.things[uint64(k)%onPage]
	if *slot == none {
		p.n++
		t.n++
	}
	*slot = v
}

// reach gives a page, made when it is not there.
func (t *Table[K, V]) reach(number uint64) *page[V] {
	switch {
	case len(t.pages) == 0:
		t.first = number
	case number < t.first:
		t.pages = append(make([]*page[V], t.first-number), t.pages...)
		t.first = number
	}
	for uint64(len(t.pages)) <= number-t.first {
		t.pages = append(t.pages, nil)
	}
	at := number - t.first
	if t.pages[at] == nil {
		t.pages[at] = &page[V]{}
	}
	return t.pages[at]
}

// Delete takes away what is held under a number.
func (t *Table[K, V]) Delete(k K) {
	var none V
	at := uint64(k)/onPage - t.first
	if at >= uint64(len(t.pages)) || t.pages[at] == nil {
		return
	}
	p := t.pages[at]
	slot := &p.things[uint64(k)%onPage]
	if *slot == none {
		return
	}
	*slot = none
	t.n--
	if p.n--; p.n > 0 {
		return
	}
	t.pages[at] = nil
	for len(t.pages) > 0 && t.pages[0] == nil {
		t.pages, t.first = t.pages[1:], t.first+1
	}
}

// All yields what is held, by ascending number. Things may be changed meanwhile,
// but not set or deleted.
func (t *Table[K, V]) All() iter.Seq2[K, V] {
	var none V
	return func(yield func(K, V) bool) {
		for at, p := range t.pages {
			if p == nil {
				continue
			}
			for i, v := range p.things {
				if v != none && !yield(K((t.first+uint64(at))*onPage+uint64(i)), v) {
					return
				}
			}
		}
	}
}
