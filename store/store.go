// Package store is the persistence contract. Two backends keep it: store/sqlite
// (the embedded default) and store/postgres; store/storetest is the one
// conformance suite that both must pass.
//
// What holds for every backend: text compares and sorts by bytes; times are UTC
// with microseconds; an empty text and a missing one are the same; a byte that is
// not UTF-8 comes back as U+FFFD, and so may a NUL; lists are
// ordered as documented with the id as last key, so that pages never overlap.
// Commit is atomic and durable: when it returns nil, everything in the change
// survives a kill of the process at any instant, and when it returns an error,
// nothing of it happened.
package store

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
)

// Errors of the contract.
var (
	ErrNotFound = errors.New("not found")
	// ErrConflict: the workspace's log moved on since the change was planned
	// (another writer), or a unique name is taken.
	ErrConflict = errors.New("conflict")
	// ErrNewerSchema: the data was written by a newer version of Clew.
	ErrNewerSchema = errors.New("data written by a newer version")
	// ErrLocked: another process uses the data folder.
	ErrLocked = errors.New("data folder in use by another process")
	// ErrFull: the disk or the quota is exhausted. Nothing was changed.
	ErrFull = errors.New("no space left")
	// ErrReadOnly: the data folder or database can't be written.
	ErrReadOnly = errors.New("read only")
	// ErrBadCursor: a page cursor that this query did not give out.
	ErrBadCursor = errors.New("bad cursor")
)

// Store is one database. Safe for concurrent use.
type Store interface {
	Writer
	Cases
	Controls
	Inventory
	Log
	Accounts
	Backtests
	Models
	Hunting
	Close() error
}

// Writer takes whole changes.
type Writer interface {
	// Commit writes the change in one transaction. It fails with ErrConflict
	// when the workspace's log position is not c.PrevSeq.
	Commit(ctx context.Context, c *Change) error
}

// Change is everything that one accepted batch or one command alters in one
// workspace. The writer fills only what it needs. A backend applies the fields in
// the order in which they stand here.
type Change struct {
	Workspace string
	PrevSeq   int64 // the log position this change was planned on
	Seq       int64 // the position after it
	At        time.Time

	Alerts     []Alert           // inserted, or replaced when Alert.Replaces > 0
	Moves      []AlertMove       // after Alerts
	AlertEdits []AlertEdit       // after Moves
	Entities   []Entity          // inserted or updated by id: Identifiers are added, sights widened
	Divisions  []Division        // after Entities
	Joins      []entity.Join     // From redirects to Into; its rows follow
	Conflicts  []entity.Conflict // one that is known stays as it is
	// Remention names alerts whose AlertEntities rows are removed before those
	// of this change are added, as it is done for an alert that is replaced.
	Remention     []string
	AlertEntities []AlertEntity       // replaces all rows of an alert that is replaced
	Incidents     []incident.Incident // inserted or replaced by id
	// ResetEntities names incidents whose IncidentEntities rows are removed
	// before those of this change are added.
	ResetEntities    []correlate.IncidentID
	IncidentEntities []IncidentEntity    // added to what is there; rows that reach 0 are removed
	Activities       []incident.Activity // appended; the store sets the ids in place
	Merges           []incident.Merge    // inserted or replaced by id
	ForgetTasks      []int64             // removed; none of them is in Tasks
	Tasks            []incident.Task     // inserted or replaced by id
	EntitySplits     []EntitySplit       // inserted or replaced by id
	ForgetAssets     bool                // empties the inventory before Assets
	Assets           []InventoryAsset    // inserted or replaced by number
	Imports          []InventoryImport   // inserted or replaced by id
	Commands         []correlate.Command // appended to the log
	Rejects          []Reject            // dead letters
	Intake           map[string]Intake   // counters by source, added to what is there
	Settings         *SettingsVersion    // the next version of the correlation settings
	Suggestions      []Suggestion        // inserted, or replaced by pair under the id that is held
	Partings         []Parting           // after Incidents; inserted, replaced or removed by pair
	Jobs             []Job               // enqueued in the same transaction
}

// Alert is an accepted alert as it is kept.
type Alert struct {
	Seq int64 // log position of this version
	// Replaces is the log position of the version it replaces, 0 when new.
	// ErrConflict if that is not the version that is held.
	Replaces int64
	ID       string // alert.Alert.ID, unique in its workspace
	Source   string
	Received time.Time // of the first version
	Updated  time.Time // of this version
	Incident correlate.IncidentID
	Link     correlate.Link
	// Excluded is stamped on the first version: its rule was excluded from
	// correlation then. Later versions keep it.
	Excluded bool
	// Tag is the state that the rule's description asked for, empty when none.
	Tag correlate.RuleState
	// Record is what was decided about this version (correlate.Recorded). Only the
	// log gives it back.
	Record []byte
	// Normal is the normal form as Graph JSON, Raw the record as it was
	// received when it differs from it. Backends compress both.
	Normal, Raw []byte

	// What lists filter and sort by, derived from Normal and from case work.
	Title           string
	Severity        string
	Status          string
	Classification  string
	Determination   string
	Owner           string
	Category        string
	Tactics         []string
	Techniques      []string
	Product         string
	ServiceSource   string
	DetectionSource string
	Rule            string
	FirstActivity   time.Time
	LastActivity    time.Time
}

// AlertMove puts an alert into another incident. A nil Link keeps the alert's.
type AlertMove struct {
	ID   string
	To   correlate.IncidentID
	Link *correlate.Link
}

// AlertEdit changes the case work of one alert, or of every alert of an incident
// that is not resolved yet (Incident set, ID empty). Nil fields stay as they are.
// It is not a new version of the alert: Seq and Normal stay.
type AlertEdit struct {
	ID             string
	Incident       correlate.IncidentID
	Status         *string
	Classification *string
	Determination  *string
	Owner          *string
}

// Entity is a resolved entity as it is kept.
type Entity struct {
	ID          entity.ID          `json:"id"`
	Kind        entity.Kind        `json:"kind"`
	Label       string             `json:"label"`
	Critical    bool               `json:"critical,omitempty"`
	RedirectTo  entity.ID          `json:"redirectTo,omitempty"`
	FirstSeen   time.Time          `json:"firstSeen"`
	LastSeen    time.Time          `json:"lastSeen"`
	Alerts      int                `json:"alerts"` // filled on reading
	Incidents   int                `json:"incidents"`
	Identifiers []LearntIdentifier `json:"identifiers,omitempty"`
}

// LearntIdentifier is an identifier with the alert that proved it, or the row of
// the inventory that did.
type LearntIdentifier struct {
	entity.Identifier
	Alert     string    `json:"alert,omitempty"`
	Inventory string    `json:"inventory,omitempty"`
	At        time.Time `json:"at"`
}

// AlertEntity says that an alert mentions an entity.
type AlertEntity struct {
	Alert    string
	Entity   entity.ID
	Kind     entity.Kind
	Roles    []string
	Verdict  string
	Impacted bool
	Evidence int // index into the alert's evidence
}

// IncidentEntity counts the alerts of an incident that mention an entity. In a
// Change, Alerts is the difference (it may be negative).
type IncidentEntity struct {
	Incident correlate.IncidentID `json:"-"`
	Entity   entity.ID            `json:"id"`
	Kind     entity.Kind          `json:"kind"`
	Label    string               `json:"label"` // filled on reading
	Impacted bool                 `json:"impacted"`
	Verdict  string               `json:"verdict"` // the worst that any alert gave
	Roles    []string             `json:"roles"`   // those that Graph names
	Alerts   int                  `json:"alerts"`
	First    time.Time            `json:"firstSeen"`
	Last     time.Time            `json:"lastSeen"`
}

// Reject is a dead letter: a record that was not accepted.
type Reject struct {
	ID       int64     `json:"id"` // set by the store
	At       time.Time `json:"at"`
	Source   string    `json:"source"`
	Origin   string    `json:"origin"` // file name, or the caller's address
	Record   int       `json:"record"` // 1-based position in what was sent
	Field    string    `json:"field"`  // JSON pointer, empty when none
	Reason   string    `json:"reason"`
	Raw      []byte    `json:"raw"`      // at most 64 KiB of it
	RawBytes int64     `json:"rawBytes"` // its whole size
}

// Intake is the balance of one source. Received = New + Updated + Unchanged +
// Rejected holds in every committed state; Folded counts those of New that were
// folded into an occurrence group (they are kept and counted all the same).
type Intake struct {
	Received  int64     `json:"received"`
	New       int64     `json:"new"`
	Updated   int64     `json:"updated"`
	Unchanged int64     `json:"unchanged"`
	Rejected  int64     `json:"rejected"`
	Folded    int64     `json:"folded"`
	Last      time.Time `json:"last,omitzero"`
}

// Job is background work, run by River on the same database.
type Job struct {
	Kind string
	Args []byte // JSON
	At   time.Time
}

// Log gives back what the engine was fed, to rebuild it after a restart.
type Log interface {
	// Position is the workspace's last log position, 0 when empty.
	Position(ctx context.Context, workspace string) (int64, error)
	// Replay yields every arrival (all versions) and command after seq, in
	// order of Seq.
	Replay(ctx context.Context, workspace string, after int64) iter.Seq2[LogEntry, error]
	// SaveCheckpoint keeps the engine's snapshot taken at seq; only the
	// newest two are kept. Checkpoint returns the newest, ErrNotFound if none.
	SaveCheckpoint(ctx context.Context, workspace string, seq int64, snapshot []byte) error
	Checkpoint(ctx context.Context, workspace string) (seq int64, snapshot []byte, err error)
	Workspaces(ctx context.Context) ([]string, error)
	// Placements yields where every alert is, by the position of its first version.
	Placements(ctx context.Context, workspace string) iter.Seq2[Placement, error]
	// LastEntity is the largest number that an entity has, 0 when there is none.
	LastEntity(ctx context.Context, workspace string) (entity.ID, error)
}

// Placement says where an alert is.
type Placement struct {
	AlertID  string
	Incident correlate.IncidentID
}

// LogEntry is an arrival or a command.
type LogEntry struct {
	Seq     int64
	Command *correlate.Command // nil for an arrival
	Source  string
	// Received is when this version came in: Alert.Received of a first version,
	// Alert.Updated of a later one.
	Received time.Time
	AlertID  string
	Normal   []byte
	// Record is what was decided about the alert then, in the form of
	// correlate.Recorded; nothing where that was not kept. That of a command is in it.
	Record []byte
}
