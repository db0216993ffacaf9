// Package correlate decides which incident an alert belongs to, how sure that
// is, and why.
//
// The engine is pure and deterministic: no clock, no I/O, no goroutine of its
// own, no map order. Given the same arrivals and the same analyst commands in
// the same order it gives the same outcomes, byte for byte, whether they come
// one by one, in batches, or after a restart from a snapshot. One engine serves
// one workspace and is not safe for concurrent use: its owner calls it from one
// goroutine.
package correlate

import (
	"errors"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// IncidentID numbers the incidents of one workspace from 1 in order of creation.
type IncidentID int64

// Reason is a member of Graph's correlationReason enumeration.
type Reason string

// The members of correlationReason, in the order of their bits.
const (
	RepeatedAlertOccurrence Reason = "repeatedAlertOccurrence"
	SameGeography           Reason = "sameGeography"
	SimilarArtifacts        Reason = "similarArtifacts"
	SameTargetedAsset       Reason = "sameTargetedAsset"
	SameNetworkSegment      Reason = "sameNetworkSegment"
	EventSequence           Reason = "eventSequence"
	TimeFrame               Reason = "timeFrame"
	SameThreatSource        Reason = "sameThreatSource"
	SimilarTTPsOrBehavior   Reason = "similarTTPsOrBehavior"
	SameActor               Reason = "sameActor"
	SameCampaign            Reason = "sameCampaign"
	SharedIndicators        Reason = "sharedIndicators"
	SameAsset               Reason = "sameAsset"
	NetworkProximity        Reason = "networkProximity"
	EventCasualSequence     Reason = "eventCasualSequence" // spelled so in the enumeration
	TemporalProximity       Reason = "temporalProximity"
	LateralMovementPath     Reason = "lateralMovementPath"
)

// Arrival is one alert handed to the engine. Seq is its position in the
// workspace's log, strictly increasing over arrivals and commands. The alert
// is only read during the call.
type Arrival struct {
	Seq      int64
	Source   string
	Received time.Time
	Alert    *alert.Alert
	// Recorded is what was decided about the alert when it came, nil when it comes
	// now. It counts between Follow and Followed only.
	Recorded *Recorded
}

// Outcome is everything that one arrival or command changed. The owner writes
// it to the store in one transaction together with the alert.
type Outcome struct {
	AlertID  string
	Incident IncidentID
	Created  bool // the incident was made for this alert
	Update   bool // the alert id was known: this is a new version of it
	Folded   bool // the alert repeats an occurrence and was counted there
	Link     Link // why the alert is in Incident; empty on an update, the earlier link holds
	// Entities are what the alert mentions. The slice holds until the next Add.
	Entities []entity.Seen
	Joins    []entity.Join
	Merges   []Merge
	Moves    []Move
	// Excluded is stamped on a new alert whose rule was excluded from correlation.
	Excluded bool
	// Tag is the state that the rule's description asks for, empty when none.
	Tag RuleState
	// Suggestions are new or have changed; Withdrawn names pairs whose suggestion
	// no longer holds. See Suggestion.
	Suggestions []Suggestion
	Withdrawn   []Pair
	// Relevelled lists the entities whose criticality changed, by settings.
	Relevelled []entity.ID
	// Conflicts are identifiers that were seen to contradict each other.
	Conflicts []entity.Conflict
	// Imported says what an inventory changed.
	Imported entity.Imported
	// Placed is where the alert was put, before Merges; 0 when that is Incident.
	Placed IncidentID
	// FirstEntity is the number of the first entity that was made, if any was.
	FirstEntity entity.ID
}

// Link says why an alert is in its incident. A first alert of an incident has a
// link with Score 0 and no peers.
type Link struct {
	// Score is the calibrated probability, 0 to 1, that the alert belongs.
	Score    float64        `json:"score"`
	Alerts   []LinkedAlert  `json:"alerts,omitempty"`   // strongest first, at most 5
	Entities []SharedEntity `json:"entities,omitempty"` // most telling first, at most 8
	Reasons  []Reason       `json:"reasons,omitempty"`
	Facts    []Fact         `json:"facts,omitempty"` // what decided, strongest first, at most 5
	// Gap is the time in seconds between the alert's activity and the time in which
	// the incident's alerts had what both share, of all of that the least; 0 within. By the grouping of
	// an excluded rule it is the time since the alert before.
	Gap int64 `json:"gapSeconds,omitempty"`
	// TacticFrom and TacticTo are the kill-chain step, empty when unknown.
	TacticFrom string `json:"tacticFrom,omitempty"`
	TacticTo   string `json:"tacticTo,omitempty"`
	// Manual says that an analyst put the alert here.
	Manual bool `json:"manual,omitempty"`
	// Through is set where the alert opened an incident that was merged into this one:
	// the link is then that of the alert that tied the two together.
	Through *LinkedAlert `json:"through,omitempty"`
	Model   string       `json:"model,omitempty"` // version of the model that scored
}

// LinkedAlert is an alert that a link rests on.
type LinkedAlert struct {
	ID    string  `json:"id"`
	Title string  `json:"title"`
	Score float64 `json:"score"`
}

// SharedEntity is an entity that both sides of a link mention. Rarity counts how
// far it spreads: Alerts of the last Total alerts of the workspace mention it.
type SharedEntity struct {
	ID     entity.ID   `json:"id"`
	Kind   entity.Kind `json:"kind"`
	Label  string      `json:"label"`
	Alerts int         `json:"alerts"`
	Total  int         `json:"total"`
}

// Fact is one named feature with its contribution in log-odds and its meaning
// in words. Text holds foreign names and must be escaped where it is shown.
type Fact struct {
	Feature string  `json:"feature"`
	Weight  float64 `json:"weight"`
	Text    string  `json:"text"`
}

// Merge empties From into Into. Redirects are followed by the owner.
type Merge struct {
	From, Into IncidentID
	Link       Link // why, seen from the alert that caused it
}

// Move puts an alert that was placed earlier into another incident.
type Move struct {
	AlertID  string
	From, To IncidentID
	Created  bool // To was made by this move
	Link     Link
}

// State is what the engine must know of an incident's case work: refusals of
// the specification depend on it (a closed incident is not fed; incidents with
// different owners, classifications or determinations are not merged).
type State struct {
	Closed         bool   `json:"closed,omitempty"`
	Owner          string `json:"owner,omitempty"`
	Classification string `json:"classification,omitempty"` // empty or "unknown" when not set
	Determination  string `json:"determination,omitempty"`
}

// CommandKind names what an analyst decided.
type CommandKind string

// The commands.
const (
	CommandState     CommandKind = "state"     // Incident has State now
	CommandMerge     CommandKind = "merge"     // Sources into Incident
	CommandUndoMerge CommandKind = "undoMerge" // Alerts of Sources[0] leave Incident again
	CommandMove      CommandKind = "move"      // Alerts of Sources into Incident, 0 = a new one
	CommandKeep      CommandKind = "keep"      // Alerts are in Incident, where they were before they were forgotten
	CommandSettings  CommandKind = "settings"  // Settings hold for what comes from now on
	CommandReject    CommandKind = "reject"    // Incident and Sources[0] do not belong together
	CommandUnreject  CommandKind = "unreject"  // takes such a rejection back
	CommandInventory CommandKind = "inventory" // Inventory is known from now on
	CommandDivide    CommandKind = "divide"    // Division takes an entity apart
	CommandRejoin    CommandKind = "rejoin"    // Division is taken back
)

// Command is an analyst's decision. It is a constraint from then on: the engine
// never undoes it. Alerts moved or split away from an incident are never put
// back into it by the engine, and incidents whose merge was undone are never
// merged by it again. What becomes of it when the engine forgets an incident is said
// at Recalled. CommandKeep is no decision and no constraint: the engine
// forgot an alert and placed an update of it like a new one.
type Command struct {
	Seq      int64        `json:"seq"`
	Kind     CommandKind  `json:"kind"`
	Incident IncidentID   `json:"incident,omitempty"`
	Sources  []IncidentID `json:"sources,omitempty"`
	Alerts   []string     `json:"alerts,omitempty"`
	// Manual says that people had put the Alerts there. For CommandKeep.
	Manual bool `json:"manual,omitempty"`
	// Emptied are those of Sources that have no alerts any more after a move: what
	// people parted from them is parted from Incident.
	Emptied []IncidentID `json:"emptied,omitempty"`
	// Recalled is what people decided about those incidents that the command names
	// and the engine has forgotten, see Knows.
	Recalled []Recalled `json:"recalled,omitempty"`
	State    State      `json:"state,omitzero"`
	Settings *Settings  `json:"settings,omitempty"`
	// Model is the file of the model that decides from now on, where Settings
	// change it.
	Model []byte `json:"model,omitempty"`

	Inventory *entity.Inventory `json:"inventory,omitempty"`
	Division  *Division         `json:"division,omitempty"`

	// Recorded is how the command came out, see Keep. It counts as that of an Arrival.
	Recorded *Recorded `json:"recorded,omitempty"`
}

// Division is a person's word that identifiers of an entity are another one's.
type Division struct {
	entity.Separation
	Entity entity.ID   `json:"entity"`
	Kind   entity.Kind `json:"kind"`
	// Alerts mention the entity by what goes alone, Both by what goes and by what
	// stays. For CommandDivide.
	Alerts []string `json:"alerts,omitempty"`
	Both   []string `json:"both,omitempty"`
	// Part is the entity that the identifiers became, Back the moves to take back.
	// For CommandRejoin.
	Part entity.ID `json:"part,omitempty"`
	Back []Return  `json:"back,omitempty"`
}

// Return brings an alert back into the incident that it left.
type Return struct {
	Alert string     `json:"alert"`
	From  IncidentID `json:"from"` // where it is
	To    IncidentID `json:"to"`
}

// Errors of Apply.
var (
	ErrNoIncident = errors.New("no such incident")
	ErrNoAlert    = errors.New("no such alert")
	ErrRefused    = errors.New("refused") // wrapped with the rule that refuses
)

// Correlator is the engine as its owner uses it.
type Correlator interface {
	// Add places one alert. It never fails: an alert with nothing to link by
	// gets an incident of its own.
	Add(Arrival) Outcome
	// Apply carries out an analyst's command. On an error nothing changed.
	Apply(Command) (Outcome, error)
	// Snapshot is the whole state in a versioned binary form; Restore of it
	// gives an engine that continues exactly where this one stands.
	Snapshot() ([]byte, error)
}
