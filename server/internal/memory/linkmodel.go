package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/clew-sec/clew/store"
)

// Shelf keeps models of one workspace.
type Shelf struct {
	mu     sync.Mutex
	Kept   []store.Model // by number
	Files  map[int64][]byte
	Orders []store.Job
}

var _ store.Models = (*Shelf)(nil)

func (b *Shelf) model(id int64) (int, error) {
	at := slices.IndexFunc(b.Kept, func(m store.Model) bool { return m.ID == id })
	if at < 0 {
		return 0, store.ErrNotFound
	}
	return at, nil
}

func (b *Shelf) taken(m store.Model) bool {
	return slices.ContainsFunc(b.Kept, func(o store.Model) bool { return o.Version == m.Version && o.ID != m.ID })
}

func (b *Shelf) put(id int64, file []byte) {
	if b.Files == nil {
		b.Files = map[int64][]byte{}
	}
	if file != nil {
		b.Files[id] = file
	}
}

// CreateModel implements store.Models.
func (b *Shelf) CreateModel(_ context.Context, _ string, m store.Model, file []byte, jobs ...store.Job) (store.Model, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.Kept) >= store.MaxModels {
		return m, store.ErrTooMany
	}
	if b.taken(m) {
		return m, store.ErrConflict
	}
	m.ID = 1
	if n := len(b.Kept); n > 0 {
		m.ID = b.Kept[n-1].ID + 1
	}
	b.Kept, b.Orders = append(b.Kept, m), append(b.Orders, jobs...)
	b.put(m.ID, file)
	return m, nil
}

// UpdateModel implements store.Models.
func (b *Shelf) UpdateModel(_ context.Context, _ string, m store.Model, file []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, err := b.model(m.ID)
	if err != nil {
		return err
	}
	if b.taken(m) {
		return store.ErrConflict
	}
	b.Kept[at] = m
	b.put(m.ID, file)
	return nil
}

// Model implements store.Models.
func (b *Shelf) Model(_ context.Context, _ string, id int64) (store.Model, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, err := b.model(id)
	if err != nil {
		return store.Model{}, err
	}
	return b.Kept[at], nil
}

// ModelFile implements store.Models.
func (b *Shelf) ModelFile(_ context.Context, _ string, id int64) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if file, ok := b.Files[id]; ok {
		return file, nil
	}
	return nil, store.ErrNotFound
}

// Models implements store.Models.
func (b *Shelf) Models(context.Context, string) ([]store.Model, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.Kept)
	slices.Reverse(out)
	return out, nil
}

// DeleteModel implements store.Models.
func (b *Shelf) DeleteModel(_ context.Context, _ string, id int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, err := b.model(id)
	if err == nil {
		b.Kept = slices.Delete(b.Kept, at, at+1)
		delete(b.Files, id)
	}
	return err
}
