package entity

import (
	"slices"
	"time"
)

// Bounds of the inventory of one workspace.
const (
	MaxAssets      = 200_000
	MaxAssetLeases = 512 // of one device; the oldest go first
	maxAddressHeld = 8   // earlier leases of an address that a look-up considers
)

// Asset is what an inventory says of one user or device. Identifiers are in
// normal form, as the evidence of alerts gives them.
type Asset struct {
	Kind        Kind         `json:"kind"`
	Label       string       `json:"label,omitempty"`
	Identifiers []Identifier `json:"identifiers"`
	Leases      []Lease      `json:"leases,omitempty"` // of a device, by From
	// Criticality may be empty, which says nothing: an asset keeps what an
	// earlier row said.
	Criticality Criticality `json:"criticality,omitempty"`
	// Facts are what people want to see of the asset, by name: department, os,
	// owner. The engine does not use them.
	Facts map[string]string `json:"facts,omitempty"`
	Place string            `json:"place"` // file and row, for the proof
}

// Criticality is how much depends on an asset.
type Criticality string

// The degrees of criticality. Nothing is normal.
const (
	CriticalityLow      Criticality = "low"
	CriticalityNormal   Criticality = "normal"
	CriticalityHigh     Criticality = "high"
	CriticalityCritical Criticality = "critical"
)

// Lease says that a device held an address from From up to, not including, To.
type Lease struct {
	Address string    `json:"address"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
}

// Inventory is a part of an import as it is handed to the resolver.
type Inventory struct {
	At     time.Time `json:"at"`
	Reset  bool      `json:"reset,omitempty"` // forget every asset first
	Assets []Asset   `json:"assets,omitempty"`
}

// Entry says what became of one asset of an Inventory: Asset is what the
// directory holds now, without facts.
type Entry struct {
	Asset
	Number int64 // of the asset in the directory, from 1, the same over imports
	New    bool
}

// Imported is what an import changed.
type Imported struct {
	Entries []Entry // one for each asset, in order
	// Seen are the entities whose names the import changed; their mentions hold
	// no evidence.
	Seen  []Seen
	Joins []Join
	// Relevelled are the entities whose criticality changed, in no useful order.
	Relevelled []ID
}

// Assets is the number of assets that the directory holds.
func (r *Resolver) Assets() int { return len(r.dir.assets) }

// Criticality is what the inventory says of an entity, empty when nothing.
func (r *Resolver) Criticality(id ID) Criticality {
	if rec := r.records.Get(r.Find(id)); rec != nil {
		return rec.level
	}
	return ""
}

// Import enters assets into the directory. An asset that it holds already, told
// by an identifier that resolves on its own, is brought up to date: what the row
// states replaces what was known of the same kind, the rest stays; leases add up.
// Entities that alerts named before are joined where the inventory proves it.
func (r *Resolver) Import(in Inventory) Imported {
	var out Imported
	if in.Reset {
		out.Relevelled = r.resetDirectory()
	}
	for i := range in.Assets {
		n, fresh := r.dir.put(&in.Assets[i], in.At, r.conflict)
		a := r.dir.assets[n-1]
		out.Entries = append(out.Entries, Entry{
			Asset:  Asset{Kind: a.kind, Label: a.label, Identifiers: slices.Clone(a.ids), Leases: slices.Clone(a.leases), Criticality: a.level, Place: a.place},
			Number: int64(n), New: fresh,
		})
		r.adopt(a, &out)
	}
	return out
}

// nameOnly finds the entities of which nothing is known but a bare name that the
// identifiers hold.
func (r *Resolver) nameOnly(ids []Identifier) []hit {
	var out []hit
	for _, id := range ids {
		key, ok := bareName(id)
		if !ok || !weakType(id) {
			continue
		}
		if e := r.holder(key); e != 0 && !r.records.Get(e).firm {
			out = append(out, hit{e, id})
		}
	}
	return out
}

func (r *Resolver) resetDirectory() []ID {
	var cleared []ID
	for id, rec := range r.records.All() {
		if rec.level != "" {
			rec.level = ""
			cleared = append(cleared, id)
		}
	}
	slices.Sort(cleared)
	r.dir = newDirectory()
	return cleared
}

// adopt brings the entity that an asset stands for up to date, when alerts have
// named it already. An asset that no alert named waits in the directory.
func (r *Resolver) adopt(a *asset, out *Imported) {
	ids := r.dir.names(a)
	if r.opposed(ids, ids) {
		return // a person said that the row is wrong
	}
	if len(r.firm(ids, nil)) == 0 {
		if id, _ := r.byName(a.kind, ids); id == 0 {
			return
		}
	}
	bare := r.nameOnly(ids)
	by := Proof{Inventory: a.place, At: a.at}
	s := Seen{Mention: Mention{Kind: a.kind, Label: a.label, Identifiers: ids, Evidence: -1}}
	joins := r.settle(&s, claim{ids: ids, own: len(ids), by: by})
	for _, h := range bare {
		if h.id == s.ID || r.records.Get(h.id) == nil || !r.mayJoin(s.ID, h.id) {
			continue
		}
		from, into := max(h.id, s.ID), min(h.id, s.ID)
		r.unite(from, into)
		joins = append(joins, Join{From: from, Into: into, By: h.by, Inventory: by.Inventory, At: by.At})
		s.ID = into
	}
	rec := r.records.Get(s.ID)
	if rec.level != a.level {
		rec.level = a.level
		out.Relevelled = append(out.Relevelled, s.ID)
	}
	out.Joins = append(out.Joins, joins...)
	if len(s.Learnt) > 0 {
		out.Seen = append(out.Seen, s)
	}
}

// directory is the inventory as the resolver uses it.
type directory struct {
	assets []*asset
	ids    map[Identifier]int // firm identifiers by the number of the asset
	bare   map[nameKey][]int  // bare names by the numbers of all assets that have one
	held   map[string][]tenancy
}

type asset struct {
	kind   Kind
	label  string
	ids    []Identifier
	leases []Lease
	level  Criticality
	place  string
	at     time.Time
}

// tenancy is a lease seen from its address.
type tenancy struct {
	from, to int64
	asset    int
}

func newDirectory() *directory {
	return &directory{ids: map[Identifier]int{}, bare: map[nameKey][]int{}, held: map[string][]tenancy{}}
}

// put enters an asset and gives its number.
func (d *directory) put(in *Asset, at time.Time, clash func(Conflict)) (n int, fresh bool) {
	n = d.same(in, at, clash)
	if fresh = n == 0; fresh {
		d.assets = append(d.assets, &asset{kind: in.Kind})
		n = len(d.assets)
	}
	a := d.assets[n-1]
	a.place, a.at = in.Place, at
	if in.Label != "" {
		a.label = in.Label
	}
	if in.Criticality != "" {
		a.level = in.Criticality
	}
	d.rename(n, a, in.Identifiers)
	d.lease(n, a, in.Leases)
	return n, fresh
}

// same finds the asset that a row is about. One that an immutable identifier
// tells apart is another one, and that it shares a name is a conflict.
func (d *directory) same(in *Asset, at time.Time, clash func(Conflict)) int {
	for pass := range 2 {
		for _, id := range in.Identifiers {
			if immutable(id) != (pass == 0) || weakType(id) {
				continue
			}
			n := d.ids[id]
			if n <= 0 {
				continue
			}
			has, says, differ := contradiction(d.assets[n-1].ids, in.Identifiers)
			if !differ {
				return n
			}
			clash(Conflict{By: id, Has: has, Says: says, Inventory: in.Place, At: at})
		}
	}
	return 0
}

// rename gives an asset the identifiers of a row. Of the types that the row
// names only the row's own stay; those that another asset owns stay with it.
func (d *directory) rename(n int, a *asset, ids []Identifier) {
	keep := a.ids[:0:0]
	for _, old := range a.ids {
		stated := slices.ContainsFunc(ids, func(id Identifier) bool { return id.Type == old.Type })
		if !stated || slices.Contains(ids, old) {
			keep = append(keep, old)
			continue
		}
		if d.ids[old] == n {
			delete(d.ids, old)
		}
		if key, ok := assetName(old); ok {
			d.disown(key, n)
		}
	}
	a.ids = keep
	for _, id := range keep {
		d.own(id, n) // another name of it may be the same for short
	}
	for _, id := range ids[:min(len(ids), MaxIdentifiers)] {
		if !slices.Contains(a.ids, id) {
			a.ids = append(a.ids, id)
		}
		d.own(id, n)
	}
}

// own says that an identifier names asset n, unless it names another.
func (d *directory) own(id Identifier, n int) {
	if !weakType(id) && d.ids[id] == 0 {
		d.ids[id] = n
	}
	if key, ok := assetName(id); ok {
		if at, there := slices.BinarySearch(d.bare[key], n); !there {
			d.bare[key] = slices.Insert(d.bare[key], at, n)
		}
	}
}

func (d *directory) disown(key nameKey, n int) {
	if at, there := slices.BinarySearch(d.bare[key], n); there {
		d.bare[key] = slices.Delete(d.bare[key], at, at+1)
	}
	if len(d.bare[key]) == 0 {
		delete(d.bare, key)
	}
}

// only is the one asset that has a bare name, 0 when none or several do.
func (d *directory) only(key nameKey) int {
	if list := d.bare[key]; len(list) == 1 {
		return list[0]
	}
	return 0
}

// assetName is the bare name by which an asset may be meant. The local part of a
// mail address is none: people of other companies share it.
func assetName(id Identifier) (nameKey, bool) {
	if id.Type == "upn" {
		return nameKey{}, false
	}
	return bareName(id)
}

// names are the identifiers by which an asset can be meant: not those that
// another asset owns, nor bare names of several.
func (d *directory) names(a *asset) []Identifier {
	out := make([]Identifier, 0, len(a.ids))
	for _, id := range a.ids {
		n := d.ids[id]
		if weakType(id) {
			key, _ := assetName(id)
			n = d.only(key)
		}
		if n > 0 && d.assets[n-1] == a {
			out = append(out, id)
		}
	}
	return out
}

// lease adds leases to a device. Those that touch are one.
func (d *directory) lease(n int, a *asset, more []Lease) {
	if len(more) == 0 {
		return
	}
	for _, l := range a.leases {
		d.release(l.Address, n)
	}
	a.leases = mergeLeases(append(slices.Clone(a.leases), more...))
	a.leases = a.leases[max(0, len(a.leases)-MaxAssetLeases):]
	for _, l := range a.leases {
		d.hold(l, n)
	}
}

// mergeLeases sorts by time and unites those of one address that overlap or touch.
func mergeLeases(all []Lease) []Lease {
	slices.SortFunc(all, func(a, b Lease) int {
		if c := compareText(a.Address, b.Address); c != 0 {
			return c
		}
		return a.From.Compare(b.From)
	})
	out := all[:0]
	for _, l := range all {
		if k := len(out) - 1; k >= 0 && out[k].Address == l.Address && !l.From.After(out[k].To) {
			if l.To.After(out[k].To) {
				out[k].To = l.To
			}
			continue
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Lease) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return compareText(a.Address, b.Address)
	})
	return out
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (d *directory) release(address string, n int) {
	list := slices.DeleteFunc(d.held[address], func(t tenancy) bool { return t.asset == n })
	if len(list) == 0 {
		delete(d.held, address)
		return
	}
	d.held[address] = list
}

func (d *directory) hold(l Lease, n int) {
	t := tenancy{l.From.Unix(), l.To.Unix(), n}
	list := d.held[l.Address]
	at, _ := slices.BinarySearchFunc(list, t, compareTenancy)
	d.held[l.Address] = slices.Insert(list, at, t)
}

func compareTenancy(a, b tenancy) int {
	switch {
	case a.from != b.from:
		return int(min(max(a.from-b.from, -1), 1))
	case a.to != b.to:
		return int(min(max(a.to-b.to, -1), 1))
	}
	return a.asset - b.asset
}

// holder gives the device that held an address at a time, nil when none or
// several did.
func (d *directory) holder(address string, at time.Time) *asset {
	list, t := d.held[address], at.Unix()
	after, _ := slices.BinarySearchFunc(list, t, func(x tenancy, t int64) int {
		if x.from <= t {
			return -1
		}
		return 1
	})
	found := 0
	for k := after - 1; k >= max(0, after-maxAddressHeld); k-- {
		switch {
		case list[k].to <= t || list[k].asset == found:
		case found != 0:
			return nil
		default:
			found = list[k].asset
		}
	}
	if found == 0 {
		return nil
	}
	return d.assets[found-1]
}

// match gives the asset that identifiers name, by the strongest of them. A bare
// name counts only where the alert gives nothing stronger; weak tells so.
func (d *directory) match(ids []Identifier) (a *asset, by Identifier, weak bool) {
	best, bestRank, firm := 0, 2, false
	for _, id := range ids {
		if weakType(id) {
			continue
		}
		firm = true
		if n, k := d.ids[id], rank(id); n > 0 && k < bestRank {
			best, bestRank, by = n, k, id
		}
	}
	if best == 0 && !firm {
		best, by = d.byBareName(ids)
		weak = true
	}
	if best == 0 {
		return nil, by, false
	}
	return d.assets[best-1], by, weak
}

func (d *directory) byBareName(ids []Identifier) (int, Identifier) {
	for _, id := range ids {
		key, ok := assetName(id)
		n := d.only(key)
		if !ok || n == 0 {
			continue
		}
		elsewhere := slices.ContainsFunc(d.assets[n-1].ids, func(o Identifier) bool {
			return o.Type == id.Type && o.Value == id.Value && o.Scope != "" && id.Scope != "" && o.Scope != id.Scope
		})
		if !elsewhere {
			return n, id
		}
	}
	return 0, Identifier{}
}

// byInventory resolves a mention of a user or device that the directory knows,
// with every name that it has there. done is false when the directory says
// nothing, or contradicts what alerts said.
func (r *Resolver) byInventory(s *Seen, ids []Identifier, by Proof) (joins []Join, done bool) {
	kind := s.Mention.Kind
	if kind != User && kind != Device {
		return nil, false
	}
	a, key, weak := r.dir.match(ids)
	if a == nil || a.kind != kind {
		return nil, false
	}
	proof := Proof{Inventory: a.place, At: a.at}
	names := r.dir.names(a)
	if has, says, differ := contradiction(names, ids); differ {
		r.conflict(Conflict{Entity: r.Lookup(says), By: key, Has: has, Says: says, Alert: by.Alert, At: by.At})
		return nil, false
	}
	if r.opposed(names, names) || r.opposed(names, ids) {
		return nil, false
	}
	for _, h := range r.firm(ids, nil) {
		if r.barred(h.id, names) {
			return nil, false
		}
		if !r.compatible(h.id, names, false) {
			r.report(h.id, 0, key, names, proof)
			return nil, false
		}
	}
	c := claim{ids: slices.Clip(ids), own: len(ids), by: by, row: proof}
	for _, id := range names {
		if !slices.Contains(ids, id) {
			c.ids = append(c.ids, id)
		}
	}
	joins = r.settle(s, c)
	s.Weak = s.Weak || weak
	r.records.Get(s.ID).level = a.level
	return joins, true
}

// maxTenants bounds the devices that are told from the addresses of one alert.
const maxTenants = 16

// tenants adds the devices that held the private addresses of an alert when it
// happened, unless the alert names them itself. They stand beside the matter: a
// lease tells where an address was, not what was done there.
func (r *Resolver) tenants(seen []Seen, by Proof) ([]Seen, []Join) {
	var joins []Join
	end := len(seen)
	for i := 0; i < end && len(seen)-end < maxTenants; i++ {
		m := &seen[i].Mention
		if m.Kind != IP || len(m.Identifiers) == 0 {
			continue
		}
		a := r.dir.holder(m.Identifiers[0].Value, by.At)
		if a == nil {
			continue
		}
		names := r.dir.names(a)
		if len(names) == 0 || r.opposed(names, names) || r.named(seen, names) {
			continue
		}
		c := claim{ids: names, by: Proof{Inventory: a.place, At: a.at}}
		c.row = c.by
		s := Seen{Mention: Mention{Kind: Device, Label: a.label, Identifiers: names, Roles: contextRole, Evidence: -1}}
		j := r.settle(&s, c)
		rec := r.records.Get(s.ID)
		rec.last, rec.level = by.At.Unix(), a.level
		s.Weak, s.Leased, s.Critical = true, true, rec.level == CriticalityCritical
		seen, joins = append(seen, s), append(joins, j...)
	}
	return seen, joins
}

// named says whether one of the entities seen is the device of these names.
func (r *Resolver) named(seen []Seen, names []Identifier) bool {
	for i := range seen {
		if seen[i].Mention.Kind != Device {
			continue
		}
		id := r.Find(seen[i].ID)
		for _, n := range names {
			if !weakType(n) && r.Lookup(n) == id {
				return true
			}
		}
	}
	return false
}
