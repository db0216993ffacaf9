package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/entity/inventory"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// InventorySource is what dead letters of an inventory are kept under.
const InventorySource = "inventory"

// InventoryBatch is an inventory as a sender hands it over.
type InventoryBatch struct {
	Origin string // file name or address
	// Replace forgets the inventory that is held before the first row.
	Replace bool
	// Rows yields the rows in order, as inventory.Read does. A bad row becomes a
	// dead letter and reading goes on; a fatal error ends the batch, what came
	// before it stays.
	Rows iter.Seq2[inventory.Row, error]
}

// InventoryReceipt is the balance of an import:
// Received = New + Updated + Unchanged + Rejected.
type InventoryReceipt struct {
	Received  int `json:"received"`
	New       int `json:"new"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`
	// Joined counts entities that it proved to be one, Conflicts what it says in
	// contradiction to itself or to alerts.
	Joined    int            `json:"joined"`
	Conflicts int            `json:"conflicts"`
	Rejects   []RecordResult `json:"rejects"` // at most 1,000; all are in the dead letters
}

// assetsPerChange bounds the assets of one transaction: alerts wait that long.
const assetsPerChange = 500

// ImportInventory takes over what the organisation knows of its users and
// devices. Each part is a command in the log. The error tells why the rest was
// not taken; the receipt holds what was.
func (w *Workspace) ImportInventory(ctx context.Context, actor incident.Actor, b InventoryBatch) (InventoryReceipt, error) {
	in := &inventoryIntake{w: w, actor: actor, origin: b.Origin, reset: b.Replace}
	var broken error
	for row, err := range b.Rows {
		var bad *inventory.RowError
		switch {
		case errors.As(err, &bad) && !bad.Fatal:
			in.reject(bad)
		case err != nil:
			broken = err
		default:
			in.rows = append(in.rows, row)
		}
		if broken != nil {
			break
		}
		if len(in.rows)+len(in.rejects) >= assetsPerChange {
			if err := in.flush(ctx); err != nil {
				return in.receipt(), err
			}
		}
	}
	if err := in.flush(ctx); err != nil {
		return in.receipt(), err
	}
	return in.receipt(), broken
}

// inventoryIntake is the work of one import.
type inventoryIntake struct {
	w       *Workspace
	actor   incident.Actor
	origin  string
	reset   bool
	rows    []inventory.Row
	rejects []store.Reject
	results []RecordResult
	record  *store.InventoryImport // nil before the first commit
}

func (in *inventoryIntake) receipt() InventoryReceipt {
	out := InventoryReceipt{Rejects: in.results}
	if r := in.record; r != nil {
		out.Received, out.New, out.Updated, out.Unchanged, out.Rejected = r.Received, r.New, r.Updated, r.Unchanged, r.Rejected
		out.Joined, out.Conflicts = r.Joined, r.Conflicts
	}
	return out
}

func (in *inventoryIntake) reject(e *inventory.RowError) {
	in.rejects = append(in.rejects, store.Reject{
		At: in.w.now(), Source: InventorySource, Origin: in.origin, Record: e.Row, Field: e.Field, Reason: e.Err.Error(),
		Raw: e.Raw[:min(len(e.Raw), maxRawKept)], RawBytes: max(e.Size, int64(len(e.Raw))),
	})
	if len(in.results) < maxResults {
		in.results = append(in.results, RecordResult{Record: e.Row, Status: StatusRejected, Field: e.Field, Reason: e.Err.Error()})
	}
}

func (in *inventoryIntake) flush(ctx context.Context) error {
	if len(in.rows)+len(in.rejects) == 0 && !(in.reset && in.record == nil) {
		return nil
	}
	var after store.InventoryImport
	err := in.w.do(ctx, func(ctx context.Context, p *plan) (err error) {
		after, err = p.inventory(ctx, in)
		return err
	})
	if err != nil {
		return err
	}
	in.record, in.rows, in.rejects, in.reset = &after, in.rows[:0], nil, false
	return nil
}

// inventory takes a part of an import into the plan and gives the import's
// balance afterwards.
func (p *plan) inventory(ctx context.Context, in *inventoryIntake) (store.InventoryImport, error) {
	rec := store.InventoryImport{At: p.at, Actor: in.actor, Origin: in.origin}
	if in.record != nil {
		rec = *in.record
	}
	rows, digests, err := p.freshRows(ctx, in)
	if err != nil {
		return rec, err
	}
	rec.Received += len(in.rows) + len(in.rejects)
	rec.Unchanged += len(in.rows) - len(rows)
	rec.Rejected += len(in.rejects)
	p.change.Rejects = append(p.change.Rejects, in.rejects...)
	p.change.ForgetAssets = in.reset
	if len(rows) > 0 || in.record == nil { // the first command numbers the import, even when it says nothing new
		if err := p.teach(ctx, in, rows, digests, &rec); err != nil {
			return rec, err
		}
	}
	if rec.ID == 0 {
		rec.ID = p.change.Seq
	}
	p.change.Imports = append(p.change.Imports, rec)
	return rec, nil
}

// freshRows leaves out rows that are held exactly as they come.
func (p *plan) freshRows(ctx context.Context, in *inventoryIntake) ([]inventory.Row, [][]byte, error) {
	digests := make([][]byte, len(in.rows))
	for i := range in.rows {
		d, err := digestOf(in.rows[i].Asset)
		if err != nil {
			return nil, nil, err
		}
		digests[i] = d
	}
	held := map[string]bool{}
	if !in.reset {
		var err error
		if held, err = p.w.opt.Store.HeldRows(ctx, p.w.opt.Name, digests); err != nil {
			return nil, nil, err
		}
	}
	var rows []inventory.Row
	var left [][]byte
	for i, row := range in.rows {
		if !held[string(digests[i])] {
			rows, left = append(rows, row), append(left, digests[i])
		}
	}
	return rows, left, nil
}

// digestOf is a short name of what a row says, whatever file it stands in.
func digestOf(a entity.Asset) ([]byte, error) {
	a.Place = ""
	doc, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encoding a row of the inventory: %w", err)
	}
	sum := sha256.Sum256(doc)
	return sum[:16], nil
}

// teach hands rows to the engine and takes over what they change.
func (p *plan) teach(ctx context.Context, in *inventoryIntake, rows []inventory.Row, digests [][]byte, rec *store.InventoryImport) error {
	part := &entity.Inventory{At: p.at, Reset: in.reset, Assets: make([]entity.Asset, len(rows))}
	for i := range rows {
		part.Assets[i] = rows[i].Asset
		part.Assets[i].Facts = nil
	}
	out, err := p.apply(ctx, correlate.Command{Kind: correlate.CommandInventory, Inventory: part})
	if err != nil {
		return err
	}
	fresh := map[int64]bool{}
	for _, e := range out.Imported.Entries {
		if e.New {
			rec.New++
			fresh[e.Number] = true
		} else {
			rec.Updated++
		}
	}
	rec.Joined += len(out.Joins)
	p.clash(out.Conflicts)
	rec.Conflicts += len(p.change.Conflicts)
	if err := p.keepAssets(ctx, out.Imported.Entries, rows, digests, fresh); err != nil {
		return err
	}
	if err := p.joinAll(ctx, out.Joins); err != nil {
		return err
	}
	for _, s := range out.Imported.Seen {
		if err := p.enlighten(ctx, s); err != nil {
			return err
		}
	}
	return p.relevel(ctx, out.Relevelled)
}

// keepAssets writes the assets as the directory holds them, with the facts of
// this and earlier rows.
func (p *plan) keepAssets(ctx context.Context, entries []entity.Entry, rows []inventory.Row, digests [][]byte, fresh map[int64]bool) error {
	var old []int64
	for _, e := range entries {
		if !fresh[e.Number] {
			old = append(old, e.Number)
		}
	}
	held, err := p.w.opt.Store.AssetsByNumber(ctx, p.w.opt.Name, old)
	if err != nil {
		return err
	}
	facts := map[int64]map[string]string{}
	for _, a := range held {
		facts[a.Number] = a.Facts
	}
	for i, e := range entries {
		a := store.InventoryAsset{Asset: e.Asset, Number: e.Number, At: p.at, Digest: digests[i]}
		all := maps.Clone(facts[e.Number])
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, rows[i].Asset.Facts)
		a.Facts, facts[e.Number] = all, all
		p.change.Assets = append(p.change.Assets, a)
	}
	return nil
}

// enlighten takes over what an inventory says of an entity that alerts named.
func (p *plan) enlighten(ctx context.Context, s entity.Seen) error {
	id := p.renamed(s.ID)
	rows, err := p.w.opt.Store.EntitiesByID(ctx, p.w.opt.Name, []entity.ID{id})
	if err != nil || len(rows) == 0 {
		return err
	}
	was := rows[0]
	e := p.entities[id]
	if e == nil {
		e = &store.Entity{ID: id, Kind: was.Kind, FirstSeen: was.FirstSeen, LastSeen: was.LastSeen}
		p.entities[id] = e
		p.entityOrder = append(p.entityOrder, id)
	}
	e.Critical = p.w.criticality(id) == correlate.CriticalityCritical
	for _, l := range s.Learnt {
		e.Identifiers = append(e.Identifiers, store.LearntIdentifier{Identifier: l.Identifier, Inventory: l.Inventory, At: l.At})
	}
	return nil
}

// relevel brings the open incidents of assets up to date whose criticality
// changed, and tells them so.
func (p *plan) relevel(ctx context.Context, changed []entity.ID) error {
	for _, id := range changed {
		delete(p.w.critical, id)
	}
	if err := p.rescore(ctx, changed); err != nil {
		return err
	}
	for _, id := range changed {
		for _, i := range p.order {
			if f := p.touched[i]; f.rescope && f.entities[id] != nil {
				p.log(incident.CriticalityChanged(&f.head, f.entities[id].Label, p.w.criticality(id), p.at))
			}
		}
	}
	return nil
}
