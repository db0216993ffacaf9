// Package queue answers the incident queue from memory: which incidents match a
// filter, in what order, and how many have each value of each facet. It keeps a
// few dozen bytes and a handful of set memberships an incident, so that counting
// all facets over hundreds of thousands of incidents takes a few milliseconds.
//
// The database stays the truth. An Index remembers up to which revision of its
// workspace it has read, and whoever asks first brings it up to date with the
// incidents that were written since.
package queue

import (
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// Field is one facet of an incident.
type Field uint8

// The facets. Those from Tag on have any number of values.
const (
	Status Field = iota
	Severity
	Owner
	Classification
	Determination
	Priority
	Tag
	Tactic
	Product
	ServiceSource
	DetectionSource
	fieldCount
)

// Fields lists all facets by the name that the contract gives them.
var Fields = map[string]Field{
	"status": Status, "severity": Severity, "owner": Owner, "classification": Classification, "determination": Determination,
	"priority": Priority, "tag": Tag, "tactic": Tactic, "product": Product, "serviceSource": ServiceSource, "detectionSource": DetectionSource,
}

// Row is what the queue knows of an incident. Times are microseconds since 1970.
// The JSON names are short because a database row holds one.
type Row struct {
	ID       int64      `json:"-"`
	Rev      int64      `json:"-"`
	Name     string     `json:"n"`
	Values   [][]string `json:"v"` // by Field
	Rank     int        `json:"r"` // of the severity
	Life     int        `json:"l"` // of the status
	Score    int        `json:"p"` // priority
	Alerts   int        `json:"a"`
	Created  int64      `json:"c"`
	Updated  int64      `json:"u"`
	First    int64      `json:"f"`
	Last     int64      `json:"t"`
	Redirect bool       `json:"x,omitempty"`
}

// entry is a row in memory.
type entry struct {
	id, created, updated, first, last int64
	alerts                            int32
	score                             int16
	rank, life                        int8
	name                              string
	terms                             []term
}

type term struct {
	field Field
	value uint32
}

// facet holds the values of one field and who has them.
type facet struct {
	values []string
	number map[string]uint32
	sets   []*roaring.Bitmap
}

// Index is the queue of one workspace. Safe for concurrent use.
type Index struct {
	mu      sync.RWMutex
	rev     int64
	entries []entry
	slots   map[int64]uint32
	all     *roaring.Bitmap // but for redirected ones
	moved   *roaring.Bitmap // redirected ones
	facets  [fieldCount]facet
}

// New makes an empty index.
func New() *Index {
	x := &Index{slots: map[int64]uint32{}, all: roaring.New(), moved: roaring.New()}
	for f := range x.facets {
		x.facets[f].number = map[string]uint32{}
	}
	return x
}

// Refresh reads what changed after the revision that the index holds. The
// function is called once, with that revision; what it gives back is entered.
func (x *Index) Refresh(changed func(rev int64) ([]Row, error)) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	rows, err := changed(x.rev)
	if err != nil {
		return err
	}
	for i := range rows {
		x.put(&rows[i])
		x.rev = max(x.rev, rows[i].Rev)
	}
	return nil
}

func (x *Index) put(r *Row) {
	slot, known := x.slots[r.ID]
	if !known {
		slot = uint32(len(x.entries))
		x.slots[r.ID] = slot
		x.entries = append(x.entries, entry{id: r.ID})
	}
	e := &x.entries[slot]
	e.created, e.updated, e.first, e.last = r.Created, r.Updated, r.First, r.Last
	e.alerts, e.score, e.rank, e.life, e.name = int32(r.Alerts), int16(r.Score), int8(r.Rank), int8(r.Life), r.Name
	for _, t := range e.terms {
		x.facets[t.field].sets[t.value].Remove(slot)
	}
	e.terms = e.terms[:0]
	for f, values := range r.Values[:min(len(r.Values), int(fieldCount))] {
		for _, v := range values {
			n := x.facets[f].value(v)
			x.facets[f].sets[n].Add(slot)
			e.terms = append(e.terms, term{Field(f), n})
		}
	}
	if r.Redirect {
		x.all.Remove(slot)
		x.moved.Add(slot)
	} else {
		x.moved.Remove(slot)
		x.all.Add(slot)
	}
}

func (f *facet) value(v string) uint32 {
	n, ok := f.number[v]
	if !ok {
		n = uint32(len(f.values))
		f.number[v] = n
		f.values = append(f.values, v)
		f.sets = append(f.sets, roaring.New())
	}
	return n
}
