package entity

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Image is the whole state of a resolver in a form that encodes the same way
// each time.
type Image struct {
	Next     ID
	Entities []EntityImage
	Names    []NameImage
	Domains  []DomainImage
	Queue    []ID
	Assets   []AssetImage
	Apart    []Separation
}

// AssetImage is one asset of the inventory.
type AssetImage struct {
	Asset
	At   time.Time
	Owns []bool // which of Identifiers name this asset
}

// EntityImage is one entity of an Image.
type EntityImage struct {
	ID     ID
	Kind   Kind
	Known  []Known
	Merged []ID
	Last   int64
	Firm   bool
	Owns   []bool // which of Known resolve to this entity

	Level Criticality
}

// NameImage says who answers to a bare name.
type NameImage struct {
	Kind    Kind
	Name    string
	Holders [2]ID
}

// DomainImage is what was learnt of a domain name.
type DomainImage struct {
	Domain, SIDDomain string
	Yes, Others       int
}

// Image gives the state of the resolver.
func (r *Resolver) Image() Image {
	out := Image{Next: r.next, Queue: slices.Clone(r.queue[r.head:])}
	for id, rec := range r.records.All() {
		e := EntityImage{ID: id, Kind: rec.kind, Known: rec.known, Merged: rec.merged, Last: rec.last, Firm: rec.firm, Level: rec.level}
		for _, k := range rec.known {
			e.Owns = append(e.Owns, r.ids.of(&k.Identifier) == rec)
		}
		out.Entities = append(out.Entities, e)
	}
	for key, h := range r.names {
		out.Names = append(out.Names, NameImage{key.kind, key.name, h})
	}
	slices.SortFunc(out.Names, func(a, b NameImage) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	for _, d := range slices.Sorted(maps.Keys(r.domains)) {
		v := r.domains[d]
		out.Domains = append(out.Domains, DomainImage{d, v.sidDomain, v.yes, v.others})
	}
	out.Assets, out.Apart = r.dir.image(), r.Separations()
	return out
}

func (d *directory) image() []AssetImage {
	out := make([]AssetImage, len(d.assets))
	for i, a := range d.assets {
		im := AssetImage{Asset: Asset{Kind: a.kind, Label: a.label, Identifiers: a.ids, Leases: a.leases, Criticality: a.level, Place: a.place}, At: a.at}
		for _, id := range a.ids {
			im.Owns = append(im.Owns, weakType(id) || d.ids[id] == i+1)
		}
		out[i] = im
	}
	return out
}

func (d *directory) load(all []AssetImage) {
	for i, im := range all {
		d.assets = append(d.assets, &asset{im.Kind, im.Label, im.Identifiers, im.Leases, im.Criticality, im.Place, im.At})
		for k, id := range im.Identifiers {
			if k < len(im.Owns) && im.Owns[k] {
				d.own(id, i+1)
			}
		}
		for _, l := range im.Leases {
			d.hold(l, i+1)
		}
	}
}

// FromImage gives a resolver that continues where the image was taken.
func FromImage(in Image) *Resolver {
	r := NewResolver()
	for _, s := range in.Apart {
		r.separate(s)
	}
	r.next, r.queue = max(in.Next, 1), slices.Clone(in.Queue)
	for _, e := range in.Entities {
		rec := &record{id: e.ID, kind: e.Kind, known: e.Known, merged: e.Merged, last: e.Last, firm: e.Firm, level: e.Level}
		r.records.Set(e.ID, rec)
		for i, k := range e.Known {
			if i < len(e.Owns) && e.Owns[i] {
				r.ids.give(&k.Identifier, rec)
			}
		}
		for _, m := range e.Merged {
			r.parent.Set(m, e.ID)
		}
	}
	for _, n := range in.Names {
		r.names[nameKey{n.Kind, n.Name}] = n.Holders
	}
	for _, d := range in.Domains {
		r.domains[d.Domain] = &domainVotes{d.SIDDomain, d.Yes, d.Others}
	}
	r.dir.load(in.Assets)
	return r
}
