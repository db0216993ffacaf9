package queue

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// Filter selects incidents. Values of one field are alternatives, fields are
// combined. Times are microseconds; zero does not restrict.
type Filter struct {
	Values      map[Field][]string
	Redirected  bool  // take redirected incidents too
	ActiveFrom  int64 // last activity not before
	ActiveTo    int64 // first activity before
	UpdatedFrom int64
	CreatedFrom int64
	// Among, if not nil, names the only incidents that may be selected.
	Among []int64
}

// Key is what incidents are sorted by: a number or a text, and the id.
type Key struct {
	Number int64
	Text   string
	ID     int64
}

func (k Key) compare(o Key) int {
	if c := cmp.Compare(k.Number, o.Number); c != 0 {
		return c
	}
	if c := strings.Compare(k.Text, o.Text); c != 0 {
		return c
	}
	return cmp.Compare(k.ID, o.ID)
}

// Order sorts incidents; ties are broken by id in the same direction.
type Order struct {
	By  string // a value of store.IncidentSort
	Asc bool
}

// Count is how many incidents have a value.
type Count struct {
	Value string
	Count int
}

// base is the set that everything but the fields in Values selects.
func (x *Index) base(f *Filter) *roaring.Bitmap {
	set := x.all.Clone()
	if f.Redirected {
		set.Or(x.moved)
	}
	if f.Among != nil {
		among := roaring.New()
		for _, id := range f.Among {
			if slot, ok := x.slots[id]; ok {
				among.Add(slot)
			}
		}
		set.And(among)
	}
	if f.ActiveFrom == 0 && f.ActiveTo == 0 && f.UpdatedFrom == 0 && f.CreatedFrom == 0 {
		return set
	}
	return x.within(set, f)
}

func (x *Index) within(set *roaring.Bitmap, f *Filter) *roaring.Bitmap {
	keep := make([]uint32, 0, set.GetCardinality())
	for it := set.Iterator(); it.HasNext(); {
		slot := it.Next()
		e := &x.entries[slot]
		if (f.ActiveFrom == 0 || e.last >= f.ActiveFrom) && (f.ActiveTo == 0 || e.first < f.ActiveTo) &&
			(f.UpdatedFrom == 0 || e.updated >= f.UpdatedFrom) && (f.CreatedFrom == 0 || e.created >= f.CreatedFrom) {
			keep = append(keep, slot)
		}
	}
	return roaring.BitmapOf(keep...)
}

// matching is the set of those that have one of the values.
func (x *Index) matching(field Field, values []string) *roaring.Bitmap {
	f, set := &x.facets[field], roaring.New()
	for _, v := range values {
		if n, ok := f.number[v]; ok {
			set.Or(f.sets[n])
		}
	}
	return set
}

// combine gives base restricted by every field but one.
func (x *Index) combine(base *roaring.Bitmap, f *Filter, except Field) *roaring.Bitmap {
	set := base.Clone()
	for field := range fieldCount {
		if values := f.Values[field]; len(values) > 0 && field != except {
			set.And(x.matching(field, values))
		}
	}
	return set
}

// Select gives the first incidents of the order that come after a key (nil: from
// the start), at most limit, with their keys.
func (x *Index) Select(f *Filter, o Order, after *Key, limit int) []Key {
	x.mu.RLock()
	defer x.mu.RUnlock()
	set := x.combine(x.base(f), f, fieldCount)
	top := &best{asc: o.Asc}
	key := x.keyOf(o.By)
	for it := set.Iterator(); it.HasNext(); {
		k := key(&x.entries[it.Next()])
		if after != nil && !top.before(*after, k) {
			continue
		}
		if len(top.keys) < limit {
			heap.Push(top, k)
		} else if top.before(k, top.keys[0]) {
			top.keys[0] = k
			heap.Fix(top, 0)
		}
	}
	slices.SortFunc(top.keys, func(a, b Key) int {
		if o.Asc {
			return a.compare(b)
		}
		return b.compare(a)
	})
	return top.keys
}

// best is a heap whose root is the last of the kept keys.
type best struct {
	keys []Key
	asc  bool
}

func (b *best) before(x, y Key) bool {
	if b.asc {
		return x.compare(y) < 0
	}
	return x.compare(y) > 0
}

func (b *best) Len() int           { return len(b.keys) }
func (b *best) Less(i, j int) bool { return b.before(b.keys[j], b.keys[i]) }
func (b *best) Swap(i, j int)      { b.keys[i], b.keys[j] = b.keys[j], b.keys[i] }
func (b *best) Push(k any)         { b.keys = append(b.keys, k.(Key)) }
func (b *best) Pop() any           { panic("never taken out one by one") }

func (x *Index) keyOf(by string) func(*entry) Key {
	number := func(n func(*entry) int64) func(*entry) Key {
		return func(e *entry) Key { return Key{Number: n(e), ID: e.id} }
	}
	switch by {
	case "created":
		return number(func(e *entry) int64 { return e.created })
	case "priority":
		return number(func(e *entry) int64 { return int64(e.score) })
	case "severity":
		return number(func(e *entry) int64 { return int64(e.rank) })
	case "status":
		return number(func(e *entry) int64 { return int64(e.life) })
	case "alerts":
		return number(func(e *entry) int64 { return int64(e.alerts) })
	case "lastActivity":
		return number(func(e *entry) int64 { return e.last })
	case "id":
		return number(func(e *entry) int64 { return e.id })
	case "name":
		return func(e *entry) Key { return Key{Text: e.name, ID: e.id} }
	case "owner":
		return func(e *entry) Key { return Key{Text: x.ownerOf(e), ID: e.id} }
	}
	return number(func(e *entry) int64 { return e.updated })
}

func (x *Index) ownerOf(e *entry) string {
	for _, t := range e.terms {
		if t.field == Owner {
			return x.facets[Owner].values[t.value]
		}
	}
	return ""
}

// Facets counts each field over what the filter selects without that field, at
// most limit values each, most frequent first; the first result is how many
// incidents the whole filter selects.
func (x *Index) Facets(f *Filter, limit int) (int, map[Field][]Count) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	base := x.base(f)
	whole := x.combine(base, f, fieldCount)
	out := map[Field][]Count{}
	for field := range fieldCount {
		set := whole
		if len(f.Values[field]) > 0 {
			set = x.combine(base, f, field)
		}
		out[field] = x.facets[field].counts(set, limit)
	}
	return int(whole.GetCardinality()), out
}

func (f *facet) counts(set *roaring.Bitmap, limit int) []Count {
	out := []Count{}
	for n, v := range f.values {
		if c := int(set.AndCardinality(f.sets[n])); c > 0 {
			out = append(out, Count{v, c})
		}
	}
	slices.SortFunc(out, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return out[:min(len(out), limit)]
}

// CreatedPerHour counts the incidents created in [from, to) by hour since 1970.
func (x *Index) CreatedPerHour(from, to, hour int64) map[int64]int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := map[int64]int{}
	for i := range x.entries {
		if c := x.entries[i].created; c >= from && c < to {
			out[floorDiv(c, hour)]++
		}
	}
	return out
}

func floorDiv(a, b int64) int64 {
	if a < 0 && a%b != 0 {
		return a/b - 1
	}
	return a / b
}
