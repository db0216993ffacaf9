// Package memory is a store in memory for the tests of the server: enough of the
// contract that handlers can be tried against known rows, without a database.
package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/clew-sec/clew/store"
)

// Accounts keeps people in memory.
type Accounts struct {
	mu          sync.Mutex
	users       map[string]store.User
	sessions    map[string]store.Session
	tokens      map[string]store.Token
	invitations map[string]store.Invitation
	// Err, when set, is what every call gives.
	Err error
	// Puts counts the writes of sessions.
	Puts int
}

// NewAccounts makes an empty one.
func NewAccounts() *Accounts {
	return &Accounts{
		users: map[string]store.User{}, sessions: map[string]store.Session{},
		tokens: map[string]store.Token{}, invitations: map[string]store.Invitation{},
	}
}

var _ store.Accounts = (*Accounts)(nil)

// Fail makes every call fail from now on; nil heals it.
func (a *Accounts) Fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Err = err
}

// Users implements store.Accounts.
func (a *Accounts) Users(context.Context) ([]store.User, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return sorted(a.users, func(u store.User) string { return u.Name }), a.Err
}

func sorted[V any](m map[string]V, key func(V) string) []V {
	var out []V
	for _, v := range m {
		out = append(out, v)
	}
	slices.SortFunc(out, func(x, y V) int { return cmp.Compare(key(x), key(y)) })
	return out
}

func get[V any](a *Accounts, m map[string]V, key string) (V, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	v, ok := m[key]
	if a.Err == nil && !ok {
		return v, store.ErrNotFound
	}
	return v, a.Err
}

func (a *Accounts) change(do func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.Err != nil {
		return a.Err
	}
	return do()
}

func remove[V any](m map[string]V, key string) error {
	if _, ok := m[key]; !ok {
		return store.ErrNotFound
	}
	delete(m, key)
	return nil
}

// User implements store.Accounts.
func (a *Accounts) User(_ context.Context, name string) (store.User, error) {
	return get(a, a.users, name)
}

// PutUser implements store.Accounts.
func (a *Accounts) PutUser(_ context.Context, u store.User, insert bool) error {
	return a.change(func() error {
		if _, ok := a.users[u.Name]; ok && insert {
			return store.ErrConflict
		}
		a.users[u.Name] = u
		return nil
	})
}

// DeleteUser implements store.Accounts.
func (a *Accounts) DeleteUser(_ context.Context, name string) error {
	return a.change(func() error { return remove(a.users, name) })
}

// PutSession implements store.Accounts.
func (a *Accounts) PutSession(_ context.Context, s store.Session) error {
	return a.change(func() error {
		a.Puts++
		a.sessions[string(s.Hash)] = s
		return nil
	})
}

// Session implements store.Accounts.
func (a *Accounts) Session(_ context.Context, hash []byte) (store.Session, error) {
	return get(a, a.sessions, string(hash))
}

// DeleteSession implements store.Accounts.
func (a *Accounts) DeleteSession(_ context.Context, hash []byte) error {
	return a.change(func() error { return remove(a.sessions, string(hash)) })
}

// DeleteSessionsOf implements store.Accounts.
func (a *Accounts) DeleteSessionsOf(_ context.Context, user string) error {
	return a.change(func() error {
		for k, s := range a.sessions {
			if s.User == user {
				delete(a.sessions, k)
			}
		}
		return nil
	})
}

// DeleteExpired implements store.Accounts.
func (a *Accounts) DeleteExpired(_ context.Context, now time.Time) (int, error) {
	n := 0
	return n, a.change(func() error {
		for k, s := range a.sessions {
			if !now.Before(s.ExpiresAt) {
				delete(a.sessions, k)
				n++
			}
		}
		for k, i := range a.invitations {
			if !now.Before(i.ExpiresAt) {
				delete(a.invitations, k)
				n++
			}
		}
		return nil
	})
}

// Held tells how many sessions and invitations there are.
func (a *Accounts) Held() (sessions, invitations int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.sessions), len(a.invitations)
}

// Tokens implements store.Accounts.
func (a *Accounts) Tokens(context.Context) ([]store.Token, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return sorted(a.tokens, func(t store.Token) string { return t.Name + t.ID }), a.Err
}

// Token implements store.Accounts.
func (a *Accounts) Token(_ context.Context, hash []byte) (store.Token, error) {
	return get(a, a.tokens, string(hash))
}

// PutToken implements store.Accounts.
func (a *Accounts) PutToken(_ context.Context, t store.Token) error {
	return a.change(func() error {
		a.tokens[string(t.Hash)] = t
		return nil
	})
}

// DeleteToken implements store.Accounts.
func (a *Accounts) DeleteToken(_ context.Context, id string) error {
	return a.change(func() error {
		for k, t := range a.tokens {
			if t.ID == id {
				return remove(a.tokens, k)
			}
		}
		return store.ErrNotFound
	})
}

// TouchToken implements store.Accounts.
func (a *Accounts) TouchToken(_ context.Context, id string, at time.Time) error {
	return a.change(func() error {
		for k, t := range a.tokens {
			if t.ID == id {
				t.LastUsed = at
				a.tokens[k] = t
			}
		}
		return nil
	})
}

// PutInvitation implements store.Accounts.
func (a *Accounts) PutInvitation(_ context.Context, i store.Invitation) error {
	return a.change(func() error {
		a.invitations[string(i.Hash)] = i
		return nil
	})
}

// Invitation implements store.Accounts.
func (a *Accounts) Invitation(_ context.Context, hash []byte, now time.Time) (store.Invitation, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i, ok := a.invitations[string(hash)]
	switch {
	case a.Err != nil:
		return store.Invitation{}, a.Err
	case !ok || !now.Before(i.ExpiresAt):
		return store.Invitation{}, store.ErrNotFound
	}
	return i, nil
}

// TakeInvitation implements store.Accounts.
func (a *Accounts) TakeInvitation(_ context.Context, hash []byte, now time.Time) (i store.Invitation, err error) {
	return i, a.change(func() error {
		var ok bool
		if i, ok = a.invitations[string(hash)]; !ok || !now.Before(i.ExpiresAt) {
			return store.ErrNotFound
		}
		return remove(a.invitations, string(hash))
	})
}
