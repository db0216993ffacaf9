package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/store"
)

// CookieName is the name of the session cookie.
const CookieName = "clew_session"

// touchEvery is how often the last use of a session or token is written.
const touchEvery = time.Minute

// Signed is a person who has just signed in.
type Signed struct {
	User   store.User
	Cookie *http.Cookie
}

// SignIn checks a name and a password and opens a session. Old is the cookie
// that the browser sent, if any: its session ends, so a planted one is worthless.
func (s *Service) SignIn(ctx context.Context, name, password, old string) (Signed, error) {
	name = normalName(name)
	from := request.From(ctx).Address
	if err := s.gate.attempt(s.now(), from, name); err != nil {
		s.audit(ctx, "signInLimited", name)
		return Signed{}, err
	}
	u, err := s.verified(ctx, name, password)
	if err != nil {
		if errors.Is(err, ErrCredentials) {
			s.audit(ctx, "signInFailed", name)
		}
		return Signed{}, err
	}
	s.gate.succeeded(from, name)
	return s.open(ctx, u.Name, old)
}

// verified gives the user when the password is right. Unknown and disabled names
// cost as much time as real ones.
func (s *Service) verified(ctx context.Context, name, password string) (store.User, error) {
	u, err := s.opt.Store.User(ctx, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.User{}, fmt.Errorf("reading a user: %w", err)
	}
	if len(password) > maxPassword {
		password = password[:maxPassword] + "\x00" // can't match, costs the same
	}
	ok, err := s.hasher.verify(ctx, password, u.Password)
	if err != nil {
		return store.User{}, fmt.Errorf("checking a password: %w", err)
	}
	if !ok || u.Disabled {
		return store.User{}, ErrCredentials
	}
	return u, nil
}

// open starts a session for a user whose right to it was proved.
func (s *Service) open(ctx context.Context, name, old string) (Signed, error) {
	if old != "" {
		if err := s.opt.Store.DeleteSession(ctx, digest(old)); err != nil && !errors.Is(err, store.ErrNotFound) {
			return Signed{}, fmt.Errorf("ending the former session: %w", err)
		}
	}
	secret, now, i := newSecret(), s.now(), request.From(ctx)
	u, err := s.edit(ctx, name, func(u *store.User) error {
		if u.Disabled {
			return ErrCredentials
		}
		u.LastSignIn = now
		return nil
	})
	if err != nil {
		return Signed{}, fmt.Errorf("noting the sign-in: %w", err)
	}
	err = s.opt.Store.PutSession(ctx, store.Session{
		Hash: digest(secret), User: u.Name, CreatedAt: now, LastSeen: now,
		ExpiresAt: now.Add(s.opt.Absolute), Address: i.Address.String(), Agent: i.Agent,
	})
	if err != nil {
		return Signed{}, fmt.Errorf("opening a session: %w", err)
	}
	s.audit(ctx, "signIn", u.Name)
	return Signed{User: u, Cookie: cookie(secret, i.Secure, int(s.opt.Absolute/time.Second))}, nil
}

func cookie(secret string, secure bool, age int) *http.Cookie {
	return &http.Cookie{
		Name: CookieName, Value: secret, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode,
	}
}

// SignOut ends the session of the request and gives the cookie that clears it.
func (s *Service) SignOut(ctx context.Context) (*http.Cookie, error) {
	id := From(ctx)
	if id.session == nil {
		return nil, ErrUnauthenticated
	}
	if err := s.opt.Store.DeleteSession(ctx, id.session); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("ending the session: %w", err)
	}
	s.audit(ctx, "signOut", id.User)
	return cookie("", request.From(ctx).Secure, -1), nil
}

// Identify tells who sends r. An Authorization header decides alone: a wrong
// token is never rescued by a cookie.
func (s *Service) Identify(ctx context.Context, r *http.Request) (Identity, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return Identity{}, ErrUnauthenticated
		}
		return s.byToken(ctx, strings.TrimSpace(token))
	}
	c, err := r.Cookie(CookieName)
	if err != nil || c.Value == "" {
		return Identity{}, ErrUnauthenticated
	}
	return s.bySession(ctx, digest(c.Value))
}

func (s *Service) bySession(ctx context.Context, hash []byte) (Identity, error) {
	se, err := s.opt.Store.Session(ctx, hash)
	if errors.Is(err, store.ErrNotFound) {
		return Identity{}, ErrUnauthenticated
	} else if err != nil {
		return Identity{}, fmt.Errorf("reading a session: %w", err)
	}
	now := s.now()
	if !now.Before(se.ExpiresAt) || now.Sub(se.LastSeen) > s.opt.Idle {
		return Identity{}, ErrUnauthenticated
	}
	u, err := s.active(ctx, se.User)
	if err != nil {
		return Identity{}, err
	}
	if now.Sub(se.LastSeen) >= touchEvery {
		se.LastSeen = now
		if err := s.opt.Store.PutSession(ctx, se); err != nil {
			return Identity{}, fmt.Errorf("noting the use of a session: %w", err)
		}
	}
	return person(u, hash), nil
}

// Person is the identity of a user, as it is right after signing in.
func Person(u store.User) Identity { return person(u, nil) }

func person(u store.User, session []byte) Identity {
	return Identity{User: u.Name, DisplayName: u.DisplayName, Role: u.Role, permissions: granted[u.Role], session: session}
}

// active gives a user who exists and is not disabled, else ErrUnauthenticated.
func (s *Service) active(ctx context.Context, name string) (store.User, error) {
	u, err := s.opt.Store.User(ctx, name)
	if errors.Is(err, store.ErrNotFound) || (err == nil && u.Disabled) {
		return store.User{}, ErrUnauthenticated
	} else if err != nil {
		return store.User{}, fmt.Errorf("reading a user: %w", err)
	}
	return u, nil
}

// ChangePassword replaces the caller's own password. Every session of the user
// ends, and a new one is opened for the caller.
func (s *Service) ChangePassword(ctx context.Context, old, new string) (Signed, error) {
	id := From(ctx)
	if err := s.gate.attempt(s.now(), request.From(ctx).Address, id.User); err != nil {
		return Signed{}, err
	}
	u, err := s.verified(ctx, id.User, old)
	if errors.Is(err, ErrCredentials) {
		s.audit(ctx, "passwordChangeFailed", id.User)
		return Signed{}, &PolicyError{Field: "old", Reason: "is not the current password"}
	} else if err != nil {
		return Signed{}, err
	}
	return s.setPassword(ctx, u.Name, new, "", "passwordChanged", func(*store.User) {})
}

// setPassword stores a password, ends every session of the user and opens one.
func (s *Service) setPassword(ctx context.Context, name, password, old, event string, also func(*store.User)) (Signed, error) {
	if err := checkPassword(name, password); err != nil {
		return Signed{}, err
	}
	form, err := s.hasher.hash(ctx, password)
	if err != nil {
		return Signed{}, fmt.Errorf("hashing a password: %w", err)
	}
	_, err = s.edit(ctx, name, func(u *store.User) error {
		u.Password = form
		also(u)
		return nil
	})
	if err != nil {
		return Signed{}, fmt.Errorf("storing a password: %w", err)
	}
	if err := s.opt.Store.DeleteSessionsOf(ctx, name); err != nil {
		return Signed{}, fmt.Errorf("ending the user's sessions: %w", err)
	}
	s.audit(ctx, event, name)
	return s.open(ctx, name, old)
}

// digest is what is kept of a secret. The secrets have 256 random bits, so one
// round of SHA-256 is enough.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
