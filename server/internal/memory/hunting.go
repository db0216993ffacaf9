package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/clew-sec/clew/store"
)

// Lodge keeps what people hunt with, of one workspace.
type Lodge struct {
	mu      sync.Mutex
	Saved   []store.SavedQuery // by number
	History []store.Run        // oldest first
	Lists   map[string]store.Watchlist
}

var _ store.Hunting = (*Lodge)(nil)

func (l *Lodge) find(id int64) (int, error) {
	at := slices.IndexFunc(l.Saved, func(q store.SavedQuery) bool { return q.ID == id })
	if at < 0 {
		return 0, store.ErrNotFound
	}
	return at, nil
}

// CreateQuery implements store.Hunting.
func (l *Lodge) CreateQuery(_ context.Context, _ string, q store.SavedQuery) (store.SavedQuery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q.ID, q.Version = int64(len(l.Saved)+1), 1
	l.Saved = append(l.Saved, q)
	return q, nil
}

// UpdateQuery implements store.Hunting.
func (l *Lodge) UpdateQuery(_ context.Context, _ string, q store.SavedQuery) (store.SavedQuery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, err := l.find(q.ID)
	if err == nil && l.Saved[at].Version != q.Version {
		err = store.ErrConflict
	}
	if err != nil {
		return store.SavedQuery{}, err
	}
	q.Version++
	l.Saved[at] = q
	return q, nil
}

// Query implements store.Hunting.
func (l *Lodge) Query(_ context.Context, _ string, id int64) (store.SavedQuery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, err := l.find(id)
	if err != nil {
		return store.SavedQuery{}, err
	}
	return l.Saved[at], nil
}

// Queries implements store.Hunting.
func (l *Lodge) Queries(context.Context, string) ([]store.SavedQuery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]store.SavedQuery{}, l.Saved...), nil
}

// DeleteQuery implements store.Hunting.
func (l *Lodge) DeleteQuery(_ context.Context, _ string, id int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, err := l.find(id)
	if err == nil {
		l.Saved = slices.Delete(l.Saved, at, at+1)
	}
	return err
}

// AddRun implements store.Hunting.
func (l *Lodge) AddRun(_ context.Context, _ string, r store.Run) (store.Run, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.ID = int64(len(l.History) + 1)
	l.History = append(l.History, r)
	return r, nil
}

// Runs implements store.Hunting.
func (l *Lodge) Runs(_ context.Context, _ string, f store.RunFilter) ([]store.Run, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []store.Run{}
	for _, r := range slices.Backward(l.History) {
		if (f.User == "" || r.User == f.User) && (f.Before == 0 || r.ID < f.Before) && len(out) < f.Limit {
			out = append(out, r)
		}
	}
	return out, nil
}

// PutWatchlist implements store.Hunting.
func (l *Lodge) PutWatchlist(_ context.Context, _ string, w store.Watchlist) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Lists == nil {
		l.Lists = map[string]store.Watchlist{}
	}
	w.Count = len(w.Items)
	l.Lists[w.Name] = w
	return nil
}

// Watchlist implements store.Hunting.
func (l *Lodge) Watchlist(_ context.Context, _, name string) (store.Watchlist, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, ok := l.Lists[name]
	if !ok {
		return w, store.ErrNotFound
	}
	return w, nil
}

// Watchlists implements store.Hunting.
func (l *Lodge) Watchlists(context.Context, string) ([]store.Watchlist, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []store.Watchlist{}
	for _, w := range l.Lists {
		w.Items = nil
		out = append(out, w)
	}
	return out, nil
}

// DeleteWatchlist implements store.Hunting.
func (l *Lodge) DeleteWatchlist(_ context.Context, _, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.Lists[name]; !ok {
		return store.ErrNotFound
	}
	delete(l.Lists, name)
	return nil
}
