package sqlstore

import (
	"context"
	"fmt"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

const maxImportsShown = 20

// InventoryState implements store.Inventory.
func (s *Store) InventoryState(ctx context.Context, workspace string) (store.InventoryState, error) {
	out := store.InventoryState{Imports: []store.InventoryImport{}}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return out, err
	}
	err = each(ctx, s.db, func(r Rows) error {
		var kind string
		var n, critical, leases int
		if err := r.Scan(&kind, &n, &critical, &leases); err != nil {
			return err
		}
		switch entity.Kind(kind) {
		case entity.User:
			out.Users += n
		case entity.Device:
			out.Devices += n
		}
		out.Critical += critical
		out.Leases += leases
		return nil
	}, "SELECT kind, COUNT(*), CAST(SUM(critical) AS BIGINT), CAST(SUM(leases) AS BIGINT) FROM inventory_asset WHERE ws = ? GROUP BY kind", ws)
	if err != nil {
		return out, fmt.Errorf("counting the inventory: %w", err)
	}
	err = each(ctx, s.db, func(r Rows) error { return r.Scan(&out.Conflicts) }, "SELECT COUNT(*) FROM entity_conflict WHERE ws = ? AND settled = 0", ws)
	if err != nil {
		return out, fmt.Errorf("counting contradictions: %w", err)
	}
	err = each(ctx, s.db, func(r Rows) error {
		var doc string
		var m store.InventoryImport
		if err := r.Scan(&doc); err != nil {
			return err
		}
		err := decode([]byte(doc), &m)
		out.Imports = append(out.Imports, m)
		return err
	}, fmt.Sprintf("SELECT doc FROM inventory_import WHERE key > ? AND key < ? ORDER BY at DESC, key DESC LIMIT %d", maxImportsShown), key(ws, 0)-1, key(ws+1, 0))
	if err != nil {
		return out, fmt.Errorf("listing the imports of the inventory: %w", err)
	}
	return out, nil
}

// AssetsNamed implements store.Inventory.
func (s *Store) AssetsNamed(ctx context.Context, workspace string, ids []entity.Identifier) ([]store.InventoryAsset, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return nil, err
	}
	seen := map[int64]bool{}
	var numbers []int64
	err = inLists(hashesOf(ids), func(marks string, args []any) error {
		return each(ctx, s.db, func(r Rows) error {
			var k int64
			err := r.Scan(&k)
			if !seen[k] {
				seen[k] = true
				numbers = append(numbers, number(k))
			}
			return err
		}, "SELECT asset FROM inventory_name WHERE ws = ? AND hash IN "+marks+" ORDER BY asset", append([]any{ws}, args...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("looking for assets by name: %w", err)
	}
	return s.AssetsByNumber(ctx, workspace, numbers)
}

// AssetsByNumber implements store.Inventory.
func (s *Store) AssetsByNumber(ctx context.Context, workspace string, numbers []int64) ([]store.InventoryAsset, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return nil, err
	}
	keys := make([]int64, len(numbers))
	for i, n := range numbers {
		keys[i] = key(ws, n)
	}
	var out []store.InventoryAsset
	err = inLists(keys, func(marks string, args []any) error {
		return each(ctx, s.db, func(r Rows) error {
			var digest, doc []byte
			if err := r.Scan(&digest, &doc); err != nil {
				return err
			}
			raw, err := unpack(doc)
			if err != nil {
				return err
			}
			a := store.InventoryAsset{Digest: digest}
			if err := decode(raw, &a); err != nil {
				return err
			}
			out = append(out, a)
			return nil
		}, "SELECT digest, doc FROM inventory_asset WHERE key IN "+marks+" ORDER BY key", args...)
	})
	if err != nil {
		return nil, fmt.Errorf("reading assets: %w", err)
	}
	return out, nil
}

// HeldRows implements store.Inventory.
func (s *Store) HeldRows(ctx context.Context, workspace string, digests [][]byte) (map[string]bool, error) {
	held := map[string]bool{}
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return held, err
	}
	err = inLists(digests, func(marks string, args []any) error {
		return each(ctx, s.db, func(r Rows) error {
			var d []byte
			err := r.Scan(&d)
			held[string(d)] = true
			return err
		}, "SELECT digest FROM inventory_asset WHERE ws = ? AND digest IN "+marks, append([]any{ws}, args...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("looking for rows that are held: %w", err)
	}
	return held, nil
}

// Conflicts implements store.Inventory.
func (s *Store) Conflicts(ctx context.Context, q store.ConflictQuery) (store.Page[entity.Conflict], error) {
	none := store.Page[entity.Conflict]{Items: []entity.Conflict{}}
	shape := q
	shape.Paging = store.Paging{}
	cur := cursorsOf("conflicts", shape)
	at, err := cur.numbered(q.Cursor, 1)
	if err != nil {
		return none, err
	}
	ws, ok, err := s.known(ctx, q.Workspace)
	if err != nil || !ok {
		return none, err
	}
	f := &filter{}
	f.add("c.ws = ? AND c.settled = 0", ws)
	if q.Entity != 0 {
		k, err := s.standing(ctx, ws, q.Entity)
		if err != nil {
			return none, err
		}
		f.add(`(c.entity = ? OR c.other = ? OR c.entity = 0 AND EXISTS (SELECT 1 FROM entity_identifier i WHERE i.entity = ?
			AND (i.hash = c.by_hash OR i.hash = c.has_hash OR i.hash = c.says_hash)))`, k, k, k)
	}
	if at != nil {
		f.add("(c.at < ? OR c.at = ? AND c.hash > ?)", at.numbers[0], at.numbers[0], []byte(at.text))
	}
	limit := pageSize(q.Paging)
	rows := []conflictRow{}
	err = each(ctx, s.db, func(r Rows) error {
		c, err := scanConflict(r)
		rows = append(rows, c)
		return err
	}, fmt.Sprintf("SELECT c.entity, c.other, c.at, c.hash, c.doc FROM entity_conflict c%s ORDER BY c.at DESC, c.hash LIMIT %d", f.where(), limit+1), f.args...)
	if err != nil {
		return none, fmt.Errorf("listing contradictions: %w", err)
	}
	full := page(rows, limit, cur, func(c conflictRow) position { return position{numbers: []int64{c.at}, text: string(c.hash)} })
	out := store.Page[entity.Conflict]{Items: make([]entity.Conflict, len(full.Items)), Next: full.Next}
	for i, c := range full.Items {
		out.Items[i] = c.Conflict
	}
	return out, nil
}

type conflictRow struct {
	entity.Conflict
	at   int64
	hash []byte
}

func scanConflict(r Rows) (conflictRow, error) {
	var c conflictRow
	var e, other int64
	var doc string
	if err := r.Scan(&e, &other, &c.at, &c.hash, &doc); err != nil {
		return c, err
	}
	err := decode([]byte(doc), &c.Conflict)
	c.Entity, c.Other = entity.ID(number(e)), entity.ID(number(other))
	return c, err
}

const maxSplitsShown = 100

// EntitySplits implements store.Inventory.
func (s *Store) EntitySplits(ctx context.Context, workspace string, id entity.ID) ([]store.EntitySplit, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return []store.EntitySplit{}, err
	}
	k, err := s.standing(ctx, ws, id)
	if err != nil {
		return nil, err
	}
	return s.readSplits(ctx, fmt.Sprintf("s.entity = ? OR s.part = ? OR e.redirect_to = ? OR p.redirect_to = ? ORDER BY s.key DESC LIMIT %d", maxSplitsShown), k, k, k, k)
}

// EntitySplit implements store.Inventory.
func (s *Store) EntitySplit(ctx context.Context, workspace string, id int64) (store.EntitySplit, error) {
	ws, ok, err := s.known(ctx, workspace)
	if err != nil || !ok {
		return store.EntitySplit{}, orNotFound(err, "split", id)
	}
	all, err := s.readSplits(ctx, "s.key = ?", key(ws, id))
	if err != nil || len(all) == 0 {
		return store.EntitySplit{}, orNotFound(err, "split", id)
	}
	return all[0], nil
}

func (s *Store) readSplits(ctx context.Context, where string, args ...any) ([]store.EntitySplit, error) {
	out := []store.EntitySplit{}
	err := each(ctx, s.db, func(r Rows) error {
		var doc []byte
		if err := r.Scan(&doc); err != nil {
			return err
		}
		raw, err := unpack(doc)
		if err != nil {
			return err
		}
		var x store.EntitySplit
		if err := decode(raw, &x); err != nil {
			return err
		}
		out = append(out, x)
		return nil
	}, `SELECT s.doc FROM entity_split s LEFT JOIN entity e ON e.key = s.entity AND e.redirect_to <> 0
		LEFT JOIN entity p ON p.key = s.part AND p.redirect_to <> 0 WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading splits: %w", err)
	}
	return out, nil
}
