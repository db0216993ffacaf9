package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/clew-sec/clew/store"
)

func missing(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%s: %v, want not found", what, err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func users(t *testing.T, s store.Store) {
	ctx := t.Context()
	u := store.User{Name: "mara", DisplayName: "Mara <b>", Role: "admin", Password: "$argon2id$x", CreatedAt: at(1), LastSignIn: at(2), Settings: `{"theme":"dark"}`}
	ok(t, s.PutUser(ctx, u, true))
	if err := s.PutUser(ctx, u, true); !errors.Is(err, store.ErrConflict) {
		t.Errorf("taken name: %v", err)
	}
	ok(t, s.PutUser(ctx, store.User{Name: "Mara", Role: "viewer", CreatedAt: at(1)}, true)) // another one: case counts
	equal(t, "user", u, must1(s.User(ctx, "mara")))
	u.Disabled, u.Role, u.Settings = true, "viewer", strings.Repeat("x", 64<<10)
	ok(t, s.PutUser(ctx, u, false))
	equal(t, "replaced", u, must1(s.User(ctx, "mara")))
	u.Settings += "x"
	if err := s.PutUser(ctx, u, false); err == nil {
		t.Error("settings over the limit were taken")
	}
	if list := must1(s.Users(ctx)); len(list) != 2 || list[0].Name != "Mara" {
		t.Errorf("users %+v", list)
	}
	ok(t, s.PutSession(ctx, store.Session{Hash: []byte{1}, User: "mara", ExpiresAt: at(9)}))
	ok(t, s.PutToken(ctx, store.Token{ID: "t", Hash: []byte{2}, User: "mara"}))
	ok(t, s.PutInvitation(ctx, store.Invitation{Hash: []byte{3}, User: "mara", ExpiresAt: at(9)}))
	ok(t, s.DeleteUser(ctx, "mara"))
	missing(t, "user", second(s.User(ctx, "mara")))
	missing(t, "session of a deleted user", second(s.Session(ctx, []byte{1})))
	missing(t, "token of a deleted user", second(s.Token(ctx, []byte{2})))
	missing(t, "invitation of a deleted user", second(s.TakeInvitation(ctx, []byte{3}, at(1))))
	missing(t, "deleting again", s.DeleteUser(ctx, "mara"))
}

func sessions(t *testing.T, s store.Store) {
	ctx := t.Context()
	x := store.Session{Hash: []byte("h1\x00\xff"), User: "mara", CreatedAt: at(1), ExpiresAt: at(10), LastSeen: at(2), Address: "192.0.2.1", Agent: "Browser"}
	y := store.Session{Hash: []byte("h2"), User: "mara", ExpiresAt: at(20)}
	z := store.Session{Hash: []byte("h3"), User: "noor", ExpiresAt: at(30)}
	for _, one := range []store.Session{x, y, z} {
		ok(t, s.PutSession(ctx, one))
	}
	x.LastSeen = at(3)
	ok(t, s.PutSession(ctx, x))
	equal(t, "session", x, must1(s.Session(ctx, x.Hash)))
	missing(t, "unknown", second(s.Session(ctx, []byte("h"))))
	ok(t, s.PutInvitation(ctx, store.Invitation{Hash: []byte("i"), ExpiresAt: at(5)}))
	if n := must1(s.DeleteExpired(ctx, at(10))); n != 2 {
		t.Errorf("%d expired", n)
	}
	missing(t, "expired", second(s.Session(ctx, x.Hash)))
	ok(t, s.DeleteSessionsOf(ctx, "mara"))
	missing(t, "of a user", second(s.Session(ctx, y.Hash)))
	equal(t, "of another user", z, must1(s.Session(ctx, z.Hash)))
	ok(t, s.DeleteSession(ctx, z.Hash))
	ok(t, s.DeleteSession(ctx, z.Hash))
	missing(t, "signed out", second(s.Session(ctx, z.Hash)))
}

func tokens(t *testing.T, s store.Store) {
	ctx := t.Context()
	x := store.Token{ID: "t1", Name: "pusher", Hash: []byte{9, 0, 9}, User: "mara", Scopes: []string{"ingest", "read"}, CreatedAt: at(1), ExpiresAt: at(90)}
	y := store.Token{ID: "t2", Name: "other", Hash: []byte{8}, User: "noor", CreatedAt: at(2)}
	ok(t, s.PutToken(ctx, x))
	ok(t, s.PutToken(ctx, y))
	equal(t, "token", x, must1(s.Token(ctx, x.Hash)))
	equal(t, "list", []store.Token{y, x}, must1(s.Tokens(ctx)))
	ok(t, s.TouchToken(ctx, "t1", at(50)))
	if got := must1(s.Token(ctx, x.Hash)); !got.LastUsed.Equal(at(50)) {
		t.Errorf("last used %v", got.LastUsed)
	}
	if err := s.PutToken(ctx, store.Token{ID: "t3", Hash: x.Hash}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the same secret twice: %v", err)
	}
	missing(t, "touching none", s.TouchToken(ctx, "none", at(1)))
	ok(t, s.DeleteToken(ctx, "t1"))
	missing(t, "deleted", second(s.Token(ctx, x.Hash)))
	missing(t, "deleting again", s.DeleteToken(ctx, "t1"))
}

func invitations(t *testing.T, s store.Store) {
	ctx := t.Context()
	x := store.Invitation{Hash: []byte{1, 2}, User: "mara", Role: "admin", ExpiresAt: at(10)}
	ok(t, s.PutInvitation(ctx, x))
	missing(t, "looking at none", second(s.Invitation(ctx, []byte{3}, at(1))))
	missing(t, "looking at an expired one", second(s.Invitation(ctx, x.Hash, at(10))))
	for range 2 {
		equal(t, "looked at", x, must1(s.Invitation(ctx, x.Hash, at(9))))
	}
	missing(t, "expired", second(s.TakeInvitation(ctx, x.Hash, at(10))))
	equal(t, "taken", x, must1(s.TakeInvitation(ctx, x.Hash, at(9))))
	missing(t, "looking at a taken one", second(s.Invitation(ctx, x.Hash, at(9))))
	missing(t, "taken twice", second(s.TakeInvitation(ctx, x.Hash, at(9))))
	ok(t, s.PutInvitation(ctx, x))
	first := make(chan error, 8)
	for range 8 {
		go func() { first <- second(s.TakeInvitation(ctx, x.Hash, at(9))) }()
	}
	won := 0
	for range 8 {
		if <-first == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of 8 took the same invitation", won)
	}
}
