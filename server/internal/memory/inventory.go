package memory

import (
	"context"
	"slices"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
)

var _ store.Inventory = (*Store)(nil)

// Inventory holds what the reads of an inventory give.
type Inventory struct {
	State     store.InventoryState
	Assets    []store.InventoryAsset
	Conflicts []entity.Conflict
	Splits    []store.EntitySplit
}

// InventoryState implements store.Inventory.
func (s *Store) InventoryState(_ context.Context, workspace string) (store.InventoryState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.in(workspace) {
		return store.InventoryState{Imports: []store.InventoryImport{}}, s.Broken
	}
	return s.Stock.State, s.Broken
}

// AssetsNamed implements store.Inventory.
func (s *Store) AssetsNamed(_ context.Context, workspace string, ids []entity.Identifier) ([]store.InventoryAsset, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []store.InventoryAsset
	for _, a := range s.Stock.Assets {
		if s.in(workspace) && slices.ContainsFunc(ids, func(id entity.Identifier) bool { return slices.Contains(a.Identifiers, id) }) {
			out = append(out, a)
		}
	}
	return out, s.Broken
}

// AssetsByNumber implements store.Inventory.
func (s *Store) AssetsByNumber(_ context.Context, workspace string, numbers []int64) ([]store.InventoryAsset, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []store.InventoryAsset
	for _, a := range s.Stock.Assets {
		if s.in(workspace) && slices.Contains(numbers, a.Number) {
			out = append(out, a)
		}
	}
	return out, s.Broken
}

// HeldRows implements store.Inventory.
func (s *Store) HeldRows(_ context.Context, _ string, digests [][]byte) (map[string]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]bool{}
	for _, a := range s.Stock.Assets {
		if slices.ContainsFunc(digests, func(d []byte) bool { return string(d) == string(a.Digest) }) {
			out[string(a.Digest)] = true
		}
	}
	return out, s.Broken
}

// Conflicts implements store.Inventory.
func (s *Store) Conflicts(_ context.Context, q store.ConflictQuery) (store.Page[entity.Conflict], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []entity.Conflict
	for _, c := range s.Stock.Conflicts {
		if q.Entity == 0 || c.Entity == q.Entity || c.Other == q.Entity {
			rows = append(rows, c)
		}
	}
	return page(s, q.Workspace, rows, q.Paging)
}

// EntitySplits implements store.Inventory.
func (s *Store) EntitySplits(_ context.Context, workspace string, id entity.ID) ([]store.EntitySplit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []store.EntitySplit
	for _, x := range s.Stock.Splits {
		if s.in(workspace) && (x.Entity == id || x.Part == id) {
			out = append(out, x)
		}
	}
	return out, s.Broken
}

// EntitySplit implements store.Inventory.
func (s *Store) EntitySplit(_ context.Context, workspace string, id int64) (store.EntitySplit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.Stock.Splits {
		if s.in(workspace) && x.ID == id {
			return x, s.Broken
		}
	}
	return store.EntitySplit{}, store.ErrNotFound
}
