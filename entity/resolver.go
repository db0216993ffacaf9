package entity

import (
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/entity/numbered"
	"github.com/clew-sec/clew/entity/slab"
)

// MaxIdentifiers bounds the identifiers kept of one entity. Beyond it no further
// alias is learnt; the mention still resolves by those that are known.
const MaxIdentifiers = 64

// Known is an identifier of an entity with its proof: the alert that first said
// so, or the row of the inventory, and when that was.
type Known struct {
	Identifier
	Alert     string
	Inventory string
	At        time.Time
}

// Resolver joins identifiers to entities. The zero value is not ready; use
// NewResolver. It is not safe for concurrent use.
//
// Identifiers fall into three ranks. Immutable ids (security identifier,
// directory id, sensor id, digest) and names that are unique in the workspace
// (principal name, full host name, DOMAIN\name) resolve on their own. Weak ones
// (a bare host or account name) resolve only while one entity alone answers to
// them, and never join two entities that an immutable id tells apart.
type Resolver struct {
	ids     owners // of strong identifiers, and of bare names that are claimed
	sayings byDigest[saying]
	names   map[nameKey]nameHolders
	records numbered.Table[ID, *record]
	parent  numbered.Table[ID, ID] // of ids that were joined into another
	next    ID
	domains map[string]*domainVotes
	queue   []ID // in order of the last look, for forgetting
	head    int
	found   []hit        // used again for each mention
	whole   []Identifier // the same
	told    slab.Of[Identifier]

	recalled []recalled // of the mentions under way
	digests  []digest   // of all their identifiers
	unsaid   int        // how often something was unsaid
	fetched  int64      // means nothing

	dir       *directory
	conflicts []Conflict
	apart     map[int64]Separation
	sides     map[Identifier][]side // of the separations

	past *replaying // nil unless the past is being repeated
}

// record is one entity. After a join the record of the larger id is gone.
type record struct {
	id     ID
	kind   Kind
	known  []Known
	merged []ID // ids that redirect here
	last   int64
	firm   bool // has an identifier that is not weak

	said    *saying
	sayings int

	level Criticality // by the inventory
}

// newRecord gives an entity with room for its n identifiers where that is one.
func newRecord(id ID, kind Kind, n int) *record {
	if n != 1 {
		return &record{id: id, kind: kind}
	}
	r := &struct {
		record
		room [1]Known
	}{record: record{id: id, kind: kind}}
	r.known = r.room[:0]
	return &r.record
}

// nameKey is a bare name in the namespace of its kind.
type nameKey struct {
	kind Kind
	name string
}

// nameHolders are the first entities that answered to a bare name; a third one
// changes nothing, the name is ambiguous with two.
type nameHolders [2]ID

// domainVotes counts which domain identifier the users of a domain name carry.
type domainVotes struct {
	sidDomain   string
	yes, others int
}

// maxDomains bounds the domain names whose security identifier is learnt.
const maxDomains = 4096

// NewResolver gives an empty resolver.
func NewResolver() *Resolver {
	return &Resolver{
		names: map[nameKey]nameHolders{}, domains: map[string]*domainVotes{}, next: 1,
		dir: newDirectory(), apart: map[int64]Separation{}, sides: map[Identifier][]side{},
	}
}

// Proof names the alert whose evidence is being resolved, or the row of the
// inventory.
type Proof struct {
	Alert     string
	Inventory string
	At        time.Time
}

// Resolve gives the entities of an alert's mentions, one Seen for each mention
// in the same order, then the devices that held addresses of the alert by the
// inventory, and the joins that the mentions proved. The memory of the mentions'
// identifiers may be used again afterwards. What was seen shares the memory of its
// identifiers with what is seen later: it must not be changed.
func (r *Resolver) Resolve(mentions []Mention, by Proof) ([]Seen, []Join) {
	seen := make([]Seen, len(mentions))
	for i := range mentions {
		seen[i].Mention = mentions[i]
	}
	return r.ResolveSeen(seen, by)
}

// ResolveSeen is Resolve of mentions that stand where the result goes, as an
// Extractor gives them.
func (r *Resolver) ResolveSeen(seen []Seen, by Proof) ([]Seen, []Join) {
	var joins []Join
	r.recall(seen)
	for i := range seen {
		joins = append(joins, r.resolve(&seen[i], &r.recalled[i], by)...)
	}
	if len(r.dir.held) > 0 {
		var j []Join
		seen, j = r.tenants(seen, by)
		joins = append(joins, j...)
	}
	if len(joins) > 0 {
		for i := range seen {
			seen[i].ID = r.Find(seen[i].ID)
		}
	}
	return seen, joins
}

// Find follows redirects to the id that survived.
func (r *Resolver) Find(id ID) ID {
	for {
		p := r.parent.Get(id)
		if p == 0 {
			return id
		}
		id = p
	}
}

// Identifiers lists what is known of an entity, with the proof of each, in
// order of learning.
func (r *Resolver) Identifiers(id ID) []Known {
	if rec := r.records.Get(r.Find(id)); rec != nil {
		return slices.Clone(rec.known)
	}
	return nil
}

// Lookup gives the entity that an identifier names, 0 when there is none.
func (r *Resolver) Lookup(id Identifier) ID { return r.Find(r.owner(id)) }

func (r *Resolver) owner(id Identifier) ID {
	if rec := r.ids.of(&id); rec != nil {
		return rec.id
	}
	return 0
}

// Len is the number of entities kept.
func (r *Resolver) Len() int { return r.records.Len() }

// resolve finds the entity of a mention.
func (r *Resolver) resolve(s *Seen, known *recalled, by Proof) (joins []Join) {
	m := &s.Mention
	implied := r.domainAlias(m)
	ids := m.Identifiers
	if implied.Type != "" {
		r.whole = append(append(r.whole[:0], ids...), implied)
		ids = r.whole
	}
	done := false
	if len(r.dir.assets) > 0 {
		joins, done = r.byInventory(s, ids, by)
	}
	if done {
		m.Identifiers = r.told.Clone(m.Identifiers)
	} else if rec := r.recognised(m, ids, known, &implied); rec != nil {
		s.ID = rec.id
		rec.seen(s, by)
		return joins
	} else {
		joins = r.settle(s, claim{ids: ids, digests: known.ids, own: len(ids), by: by})
		m.Identifiers = r.told.Clone(m.Identifiers)
	}
	r.records.Get(s.ID).seen(s, by)
	return joins
}

// seen notes that an alert mentions the entity.
func (rec *record) seen(s *Seen, by Proof) {
	rec.last, s.Critical = by.At.Unix(), rec.level == CriticalityCritical
}

// recognised gives the entity of a mention that says nothing new, and the mention's
// identifiers memory of their own.
func (r *Resolver) recognised(m *Mention, ids []Identifier, known *recalled, implied *Identifier) *record {
	if len(r.sides) > 0 || len(ids) == 0 {
		return nil
	}
	if s := r.said(known, implied); s != nil {
		m.Identifiers = s.ids
		return s.rec
	}
	rec := r.familiar(ids, known.ids)
	if rec != nil {
		m.Identifiers = r.keep(rec, known.key, m.Identifiers)
	}
	return rec
}

// familiar gives the entity of a mention that says nothing new, as most do: every
// strong identifier names it, every bare name is known of it. An entity knows what
// names it, so nothing can contradict, and there is nothing to learn.
func (r *Resolver) familiar(ids []Identifier, digests []digest) *record {
	var rec *record
	for i := range ids {
		if weakType(ids[i]) {
			continue
		}
		owner := r.ids.get(digestAt(digests, ids, i))
		if owner == nil || rec != nil && owner != rec {
			return nil
		}
		rec = owner
	}
	for i := range ids {
		if rec == nil || weakType(ids[i]) && !knows(rec, ids[i]) {
			return nil
		}
	}
	return rec
}

// claim is a set of identifiers that are said to name one entity: the first own
// by the alert, the others by a row of the inventory.
type claim struct {
	ids     []Identifier
	digests []digest // of the first ids, as many as there are
	own     int
	by, row Proof
	unknown bool // none of them names an entity, bare names apart
}

// proof is what says identifier n.
func (c *claim) proof(n int) Proof {
	if n < c.own {
		return c.by
	}
	return c.row
}

func (c *claim) proofOf(id Identifier) Proof { return c.proof(slices.Index(c.ids, id)) }

// settle finds or makes the entity of a claim and learns from it.
func (r *Resolver) settle(s *Seen, c claim) (joins []Join) {
	found, kind := r.firm(c.ids, c.digests), s.Mention.Kind
	switch {
	case len(found) == 0:
		c.unknown = true
		s.ID, s.Weak = r.byName(kind, c.ids)
		if s.ID == 0 {
			s.ID, s.New = r.add(kind, &c), true
		}
	case len(found) == 1:
		s.ID = found[0].id
		if !r.compatible(s.ID, c.ids, false) {
			s.ID, s.New = r.part(found[0], kind, &c)
		}
	default:
		s.ID, joins = r.join(found, &c)
	}
	s.Learnt = r.learn(s.ID, &c)
	return joins
}

// hit is an entity that an identifier of the mention names.
type hit struct {
	id ID
	by Identifier
}

// firm finds the entities that the identifiers name, weak ones apart, strongest
// identifier first.
func (r *Resolver) firm(ids []Identifier, digests []digest) []hit {
	found := r.found[:0]
	for n, id := range ids {
		if weakType(id) && !r.claimed(id) {
			continue
		}
		owner := r.ids.get(digestAt(digests, ids, n))
		if owner == nil {
			continue
		}
		e := r.Find(owner.id)
		if !slices.ContainsFunc(found, func(h hit) bool { return h.id == e }) {
			found = append(found, hit{e, id})
		}
	}
	r.found = found
	return found
}

// weakType tells the bare names, which resolve only while they are unambiguous.
func weakType(id Identifier) bool {
	return id.Kind == Device && id.Type == "hostName" || id.Kind == User && id.Type == "name"
}

// immutable types have one value an entity: two values are two entities.
func immutable(id Identifier) bool {
	switch id.Type {
	case "sid", "aadId", "adGuid", "deviceId", "aadDeviceId", "sha256":
		return true
	}
	return false
}

// unique types are names of which an entity may get a second one by a strong
// proof, but never by a weak one.
func unique(id Identifier) bool { return immutable(id) || id.Type == "fqdn" || id.Type == "upn" }

// compatible says whether the identifiers may belong to an entity: none of a
// type that it has with another value.
func (r *Resolver) compatible(e ID, ids []Identifier, weak bool) bool {
	rec := r.records.Get(e)
	for _, id := range ids {
		if !immutable(id) && (!weak || !unique(id)) {
			continue
		}
		same, other := false, false
		for i := range rec.known {
			if k := &rec.known[i].Identifier; k.Type == id.Type && k.Scope == id.Scope {
				same, other = same || k.Value == id.Value, other || k.Value != id.Value
			}
		}
		if other && !same {
			return false
		}
	}
	return true
}

// part handles a mention whose only known name belongs to an entity that an
// immutable id tells apart from it: the name was given to another one. An entity
// that is found by an immutable id itself is kept, and the rest not learnt.
func (r *Resolver) part(h hit, kind Kind, c *claim) (ID, bool) {
	if immutable(h.by) {
		r.report(h.id, 0, h.by, c.ids, c.by)
		return h.id, false
	}
	id := r.add(kind, c)
	r.report(h.id, id, h.by, c.ids, c.by)
	return id, true
}

// join unites the entities found, as far as their immutable ids allow. The one
// that the strongest identifier names decides; the smallest id survives.
func (r *Resolver) join(found []hit, c *claim) (ID, []Join) {
	slices.SortStableFunc(found, func(a, b hit) int { return rank(a.by) - rank(b.by) })
	into := found[0].id
	var joins []Join
	for _, h := range found[1:] {
		if !r.mayJoin(into, h.id) {
			r.report(into, h.id, h.by, known(r.records.Get(h.id)), c.by)
			continue
		}
		from, to, by := max(into, h.id), min(into, h.id), c.proofOf(h.by)
		joins = append(joins, Join{From: from, Into: to, By: h.by, Alert: by.Alert, Inventory: by.Inventory, At: by.At})
		r.unite(from, to)
		into = to
	}
	return into, joins
}

func rank(id Identifier) int {
	if immutable(id) {
		return 0
	}
	return 1
}

func (r *Resolver) mayJoin(a, b ID) bool {
	ra, rb := r.records.Get(a), r.records.Get(b)
	if len(r.sides) > 0 && r.opposed(known(ra), known(rb)) {
		return false
	}
	for i := range rb.known {
		id := rb.known[i].Identifier
		if !immutable(id) {
			continue
		}
		same, other := false, false
		for k := range ra.known {
			if x := &ra.known[k].Identifier; x.Type == id.Type && x.Scope == id.Scope {
				same, other = same || x.Value == id.Value, other || x.Value != id.Value
			}
		}
		if other && !same {
			return false
		}
	}
	return true
}

func (r *Resolver) unite(from, to ID) {
	f, t := r.records.Get(from), r.records.Get(to)
	for _, k := range f.known {
		owned := r.ids.of(&k.Identifier) == f
		switch {
		case knows(t, k.Identifier):
		case len(t.known) < MaxIdentifiers:
			t.known = append(t.known, k)
		case owned:
			r.ids.take(&k.Identifier)
			continue
		}
		if owned {
			r.ids.give(&k.Identifier, t)
		}
	}
	t.merged = append(append(t.merged, from), f.merged...)
	for _, id := range f.merged {
		r.parent.Set(id, to)
	}
	r.parent.Set(from, to)
	t.last, t.firm = max(t.last, f.last), t.firm || f.firm
	if t.level == "" {
		t.level = f.level
	}
	r.unsay(f)
	r.records.Delete(from)
}

func knows(rec *record, id Identifier) bool {
	for i := range rec.known {
		if k := &rec.known[i]; k.Value == id.Value && k.Type == id.Type && k.Scope == id.Scope && k.Kind == id.Kind {
			return true
		}
	}
	return false
}

// byName resolves a mention without a known firm identifier by its bare name.
func (r *Resolver) byName(kind Kind, ids []Identifier) (ID, bool) {
	onlyWeak := !slices.ContainsFunc(ids, func(id Identifier) bool { return !weakType(id) })
	for _, id := range ids {
		key, ok := bareName(id)
		if !ok {
			continue
		}
		e := r.holder(key)
		if e == 0 || !r.compatible(e, ids, true) || r.barred(e, ids) {
			continue
		}
		// A mention with firm identifiers of its own takes over an entity that
		// had nothing but the name; for devices also one with a full name.
		if onlyWeak || !r.records.Get(e).firm || kind == Device && weakType(id) {
			return e, true
		}
	}
	return 0, false
}

// holder is the one entity that answers to a bare name, 0 when none or several do.
func (r *Resolver) holder(key nameKey) ID {
	h, ok := r.names[key]
	if !ok {
		return 0
	}
	a, b := r.alive(h[0]), r.alive(h[1])
	switch {
	case a == b || b == 0:
		return a
	case a == 0:
		return b
	}
	return 0
}

func (r *Resolver) alive(id ID) ID {
	id = r.Find(id)
	if r.records.Get(id) == nil {
		return 0
	}
	return id
}

// bareName is the name by which an identifier can be meant without its scope.
func bareName(id Identifier) (nameKey, bool) {
	switch {
	case id.Kind == Device && id.Type == "hostName":
		return nameKey{Device, id.Value}, true
	case id.Kind == Device && id.Type == "fqdn":
		host, _, _ := strings.Cut(id.Value, ".")
		return nameKey{Device, host}, true
	case id.Kind == User && (id.Type == "name" || id.Type == "sam"):
		return nameKey{User, id.Value}, true
	case id.Kind == User && id.Type == "upn":
		local, _, _ := strings.Cut(id.Value, "@")
		return nameKey{User, local}, true
	}
	return nameKey{}, false
}

func (r *Resolver) add(kind Kind, c *claim) ID {
	id := r.number(c.ids)
	rec := newRecord(id, kind, len(c.ids))
	rec.last = c.by.At.Unix()
	r.records.Set(id, rec)
	r.queue = append(r.queue, id)
	return id
}

// learn adds the identifiers that were not known of the entity. Those that
// belong to another entity, and immutable ones that would be a second value,
// stay away.
func (r *Resolver) learn(e ID, c *claim) []Known {
	rec := r.records.Get(e)
	before := len(rec.known)
	for n, id := range c.ids {
		if !c.unknown && r.taken(id, digestAt(c.digests, c.ids, n)) || !r.mayLearn(rec, id) {
			continue
		}
		by := c.proof(n)
		r.secondName(e, rec, id, by)
		if len(rec.known) == before && len(c.ids)-n > 1 {
			rec.known = slices.Grow(rec.known, len(c.ids)-n)
		}
		rec.known = append(rec.known, Known{id, by.Alert, by.Inventory, by.At})
		if !weakType(id) || r.claimed(id) {
			r.ids.set(digestAt(c.digests, c.ids, n), rec)
			rec.firm = rec.firm || !weakType(id)
		}
		if key, ok := bareName(id); ok {
			r.hold(key, e)
		}
	}
	if len(rec.known) == before {
		return nil
	}
	return slices.Clip(rec.known[before:])
}

// taken says that an identifier names an entity.
func (r *Resolver) taken(id Identifier, d digest) bool {
	if weakType(id) && !r.claimed(id) {
		return false
	}
	owner := r.ids.get(d)
	return owner != nil && r.alive(owner.id) != 0
}

func (r *Resolver) mayLearn(rec *record, id Identifier) bool {
	if len(r.sides) > 0 && len(r.sides[id]) > 0 && r.opposed(known(rec), []Identifier{id}) {
		return false
	}
	if len(rec.known) >= MaxIdentifiers || knows(rec, id) {
		return false
	}
	if immutable(id) {
		return !slices.ContainsFunc(rec.known, func(k Known) bool { return k.Type == id.Type && k.Scope == id.Scope })
	}
	return true
}

func (r *Resolver) hold(key nameKey, e ID) {
	h := r.names[key]
	a, b := r.alive(h[0]), r.alive(h[1])
	switch {
	case a == e || b == e:
	case a == 0:
		a = e
	case b == 0:
		b = e
	}
	r.names[key] = nameHolders{a, b}
}

// domainAlias learns which domain a name stands for from users that carry both, and
// gives the account under the domain's own identifier where that is certain, else
// one without a type.
func (r *Resolver) domainAlias(m *Mention) (none Identifier) {
	if m.Kind != User {
		return none
	}
	var sam, bySID *Identifier
	for i := range m.Identifiers {
		if id := &m.Identifiers[i]; id.Type == "sam" {
			if strings.HasPrefix(id.Scope, "S-1-5-21-") {
				bySID = id
			} else {
				sam = id
			}
		}
	}
	switch {
	case sam == nil:
	case bySID != nil:
		r.vote(sam.Scope, bySID.Scope)
	default:
		if v := r.domains[sam.Scope]; v != nil && v.yes >= 3 && v.others == 0 {
			return Identifier{User, "sam", v.sidDomain, sam.Value}
		}
	}
	return none
}

func (r *Resolver) vote(domain, sidDomain string) {
	v := r.domains[domain]
	switch {
	case v == nil && len(r.domains) < maxDomains:
		r.domains[domain] = &domainVotes{sidDomain: sidDomain, yes: 1}
	case v == nil:
	case v.sidDomain == sidDomain:
		v.yes++
	default:
		v.others++
	}
}

// Forget drops up to n entities that no alert has mentioned since before, in
// turn, and gives their ids. Calling it with every alert keeps the memory in
// step with the horizon at a fixed cost.
func (r *Resolver) Forget(before time.Time, n int) []ID {
	var gone []ID
	for ; n > 0 && r.head < len(r.queue); n-- {
		id := r.queue[r.head]
		r.head++
		rec := r.records.Get(id)
		switch {
		case rec == nil: // joined into another
		case rec.last >= before.Unix():
			r.queue = append(r.queue, id)
		default:
			r.drop(id, rec)
			gone = append(gone, id)
		}
	}
	if r.head > 1024 && r.head > len(r.queue)/2 {
		r.queue = append(r.queue[:0:0], r.queue[r.head:]...)
		r.head = 0
	}
	return gone
}

func (r *Resolver) drop(id ID, rec *record) {
	for _, k := range rec.known {
		if r.ids.of(&k.Identifier) == rec {
			r.ids.take(&k.Identifier)
		}
		key, ok := bareName(k.Identifier)
		if !ok {
			continue
		}
		r.release(key, id)
	}
	for _, m := range rec.merged {
		r.parent.Delete(m)
	}
	r.unsay(rec)
	r.records.Delete(id)
}
