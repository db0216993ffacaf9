package entity

import (
	"slices"
	"time"
)

// Conflict records that two strong identifiers contradict each other: By is what
// both claim, Has what was known and Says what contradicts it. The same
// contradiction may be reported again; Key tells it.
type Conflict struct {
	// Entity and Other are the entities that it is about. Other is 0 when the
	// contradiction stands on one entity or in the inventory alone, Entity too
	// when only the inventory holds it.
	Entity ID `json:"entity,omitempty"`
	Other  ID `json:"other,omitempty"`
	// Joined says that the entity holds both values; otherwise they were kept
	// apart.
	Joined bool       `json:"joined"`
	By     Identifier `json:"by"`
	Has    Identifier `json:"has"`
	Says   Identifier `json:"says"`
	// Alert or Inventory names what brought the contradiction.
	Alert     string    `json:"alert,omitempty"`
	Inventory string    `json:"inventory,omitempty"`
	At        time.Time `json:"at"`
}

// Key tells the contradiction, whichever of the two values came first.
func (c Conflict) Key() [3]Identifier {
	if c.Has.Value > c.Says.Value || c.Has.Value == c.Says.Value && c.Has.Type > c.Says.Type {
		return [3]Identifier{c.By, c.Says, c.Has}
	}
	return [3]Identifier{c.By, c.Has, c.Says}
}

// TakeConflicts gives the conflicts that were met since the last call.
func (r *Resolver) TakeConflicts() []Conflict {
	out := r.conflicts
	r.conflicts = nil
	return out
}

// maxConflicts bounds what one call can report.
const maxConflicts = 64

func (r *Resolver) conflict(c Conflict) {
	if k := c.By.Kind; (k == User || k == Device) && len(r.conflicts) < maxConflicts {
		r.conflicts = append(r.conflicts, c)
	}
}

// contradiction finds an immutable type of which both lists have values, and
// none in common.
func contradiction(have, says []Identifier) (has, other Identifier, found bool) {
	for _, id := range says {
		if !immutable(id) {
			continue
		}
		var differs Identifier
		same := false
		for _, k := range have {
			if k.Type == id.Type && k.Scope == id.Scope {
				if same = k.Value == id.Value; same {
					break
				}
				differs = k
			}
		}
		if !same && differs.Type != "" {
			return differs, id, true
		}
	}
	return has, other, false
}

func known(rec *record) []Identifier {
	out := make([]Identifier, len(rec.known))
	for i := range rec.known {
		out[i] = rec.known[i].Identifier
	}
	return out
}

// report tells of a contradiction between an entity and identifiers that by
// claims for it.
func (r *Resolver) report(e, other ID, by Identifier, ids []Identifier, p Proof) {
	has, says, found := contradiction(known(r.records.Get(e)), ids)
	if found {
		r.conflict(Conflict{Entity: e, Other: other, By: by, Has: has, Says: says, Alert: p.Alert, Inventory: p.Inventory, At: p.At})
	}
}

// secondName reports a device that gets another full name. It keeps both: which
// one is wrong only a person can tell.
func (r *Resolver) secondName(e ID, rec *record, id Identifier, p Proof) {
	if id.Kind != Device || id.Type != "fqdn" {
		return
	}
	at := slices.IndexFunc(rec.known, func(k Known) bool { return k.Type == "fqdn" && k.Value != id.Value })
	if at < 0 {
		return
	}
	by := rec.known[0].Identifier
	for i := range rec.known {
		if immutable(rec.known[i].Identifier) {
			by = rec.known[i].Identifier
			break
		}
	}
	r.conflict(Conflict{Entity: e, Joined: true, By: by, Has: rec.known[at].Identifier, Says: id, Alert: p.Alert, Inventory: p.Inventory, At: p.At})
}
