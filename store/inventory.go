package store

import (
	"context"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
)

// Inventory reads what the organisation says of its users and devices, where that
// or the evidence of alerts contradicts itself, and what people took apart.
type Inventory interface {
	InventoryState(ctx context.Context, workspace string) (InventoryState, error)
	// AssetsNamed lists the assets that any of the identifiers names, by number.
	AssetsNamed(ctx context.Context, workspace string, ids []entity.Identifier) ([]InventoryAsset, error)
	// AssetsByNumber returns those that exist, by number.
	AssetsByNumber(ctx context.Context, workspace string, numbers []int64) ([]InventoryAsset, error)
	// HeldRows tells which digests are those of assets as they are held.
	HeldRows(ctx context.Context, workspace string, digests [][]byte) (map[string]bool, error)
	// Conflicts lists contradictions that no split has settled, latest first.
	Conflicts(ctx context.Context, q ConflictQuery) (Page[entity.Conflict], error)
	// EntitySplits lists the splits in which an entity had a part, latest first,
	// undone ones too; at most 100.
	EntitySplits(ctx context.Context, workspace string, id entity.ID) ([]EntitySplit, error)
	EntitySplit(ctx context.Context, workspace string, id int64) (EntitySplit, error)
}

// InventoryAsset is a user or device of the inventory as it is kept.
type InventoryAsset struct {
	entity.Asset
	Number int64     `json:"number"`
	At     time.Time `json:"at"` // of the import that changed it last
	Digest []byte    `json:"-"`  // of the row that changed it last
}

// InventoryImport is the balance of one import:
// Received = New + Updated + Unchanged + Rejected.
type InventoryImport struct {
	ID        int64          `json:"id"` // log position of its first command
	At        time.Time      `json:"at"`
	Actor     incident.Actor `json:"actor"`
	Origin    string         `json:"origin"`
	Received  int            `json:"received"`
	New       int            `json:"new"`
	Updated   int            `json:"updated"`
	Unchanged int            `json:"unchanged"`
	Rejected  int            `json:"rejected"`
	Joined    int            `json:"joined"`    // entities that it proved to be one
	Conflicts int            `json:"conflicts"` // contradictions that it met
}

// InventoryState counts what the inventory holds.
type InventoryState struct {
	Users     int               `json:"users"`
	Devices   int               `json:"devices"`
	Critical  int               `json:"critical"`
	Leases    int               `json:"leases"`
	Conflicts int               `json:"conflicts"` // not settled, those of alerts too
	Imports   []InventoryImport `json:"imports"`   // latest first, at most 20
}

// ConflictQuery selects contradictions. Entity selects those of one entity: that
// name it, or that are about an identifier of it.
type ConflictQuery struct {
	Workspace string
	Entity    entity.ID
	Paging
}

// Division moves identifiers of an entity to another.
type Division struct {
	From, Into  entity.ID
	Identifiers []entity.Identifier
	// Split is the EntitySplit that this belongs to; contradictions between what
	// goes and what stays are settled by it.
	Split int64
}

// EntitySplit is the record that makes taking an entity apart reversible.
type EntitySplit struct {
	ID          int64               `json:"id"` // log position
	Entity      entity.ID           `json:"entity"`
	Part        entity.ID           `json:"part"` // the entity that the identifiers became
	Identifiers []entity.Identifier `json:"identifiers"`
	At          time.Time           `json:"at"`
	Actor       incident.Actor      `json:"actor"`
	Reason      string              `json:"reason,omitempty"`
	Alerts      int                 `json:"alerts"` // whose mentions went to the part
	Moves       []SplitMove         `json:"moves"`  // that the engine made for it
	// Incidents are those that mentioned the entity, each with what was decided.
	Incidents []SplitIncident `json:"incidents"`
	UndoneAt  time.Time       `json:"undoneAt,omitzero"`
	UndoneBy  string          `json:"undoneBy,omitempty"`
}

// SplitMove is an alert that left its incident because the link rested on the
// alias that was taken apart.
type SplitMove struct {
	Alert string               `json:"alert"`
	From  correlate.IncidentID `json:"from"`
	To    correlate.IncidentID `json:"to"`
	Link  correlate.Link       `json:"link"` // that it had before
}

// SplitIncident is an incident that mentioned an entity that was taken apart.
type SplitIncident struct {
	ID     correlate.IncidentID `json:"id"`
	Name   string               `json:"name"`
	Alerts int                  `json:"alerts"` // whose mentions go to the part
	// Both says that the incident mentions what goes and what stays: its alerts
	// are weighed anew.
	Both   bool `json:"both"`
	Closed bool `json:"closed"` // a resolved incident keeps its alerts
	Moved  int  `json:"moved"`  // alerts that left it
}
