package incident

import (
	"time"

	"github.com/clew-sec/clew/correlate"
)

// Inventoried is the actor of what an inventory changed.
var Inventoried = Actor{Kind: BySystem, Name: "Inventory"}

// CriticalityChanged tells that an asset of an incident matters more or less from
// now on. The head is brought up to date by a growth.
func CriticalityChanged(i *Incident, label string, level correlate.Criticality, at time.Time) Activity {
	return entry(i.ID, at, Inventoried, EntityChanged, "By the inventory the criticality of %s is %s now.", plain(label, maxLabel), string(level))
}

// DivisionEntry tells an incident that an entity was taken apart, or is one again.
type DivisionEntry struct {
	Entity, Part string // names
	Alerts       int    // of the incident, that mention the part now
	Moved        int    // that leave the incident for it, or come back
	Closed       bool   // the incident is resolved and keeps its alerts
	Undone       bool
	Split        int64
	At           time.Time
	Actor        Actor
	Reason       string
}

// DivisionLog is the entry for the log of an incident.
func DivisionLog(id correlate.IncidentID, d DivisionEntry) Activity {
	reason, why := because(d.Reason)
	whole, part := plain(d.Entity, maxLabel), plain(d.Part, maxLabel)
	var a Activity
	switch {
	case d.Undone:
		a = entry(id, d.At, d.Actor, EntityChanged, "%s and %s are one entity again.%s", whole, part, why)
	case d.Closed:
		a = entry(id, d.At, d.Actor, EntityChanged, "%s was taken apart: %s mention %s now. A resolved incident keeps its alerts.%s", whole, counted(d.Alerts, "alert"), part, why)
	case d.Moved == 0:
		a = entry(id, d.At, d.Actor, EntityChanged, "%s was taken apart: %s mention %s now. Every alert still belongs here.%s", whole, counted(d.Alerts, "alert"), part, why)
	default:
		a = entry(id, d.At, d.Actor, EntityChanged, "%s was taken apart: %s mention %s now, and %s left.%s", whole, counted(d.Alerts, "alert"), part, counted(d.Moved, "alert"), why)
	}
	return withDetails(a, "split", d.Split, "reason", reason)
}
