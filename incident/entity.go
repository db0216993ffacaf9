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
