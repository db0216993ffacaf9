// Package auth answers "who is asking, and may they?": passwords, sessions, API
// tokens, one-time invitations, roles, and the limits on guessing.
//
// Secrets are never kept: passwords as argon2id, session cookies, tokens and
// invitations as SHA-256 of 256 random bits. Everything that could tell a
// guesser whether a name exists takes the same time and gives the same answer.
package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/store"
)

// Permission is what an operation asks of its caller. The four that tokens can
// carry are the names of their scopes.
type Permission string

// The permissions.
const (
	Public Permission = "public" // nobody needs to be signed in
	Self   Permission = "self"   // any person who is signed in, for their own account
	Ingest Permission = "ingest" // deliver alerts
	Read   Permission = "read"   // see everything in the workspace
	Write  Permission = "write"  // case work
	Admin  Permission = "admin"  // people, tokens
)

// Scopes lists what a token can carry.
func Scopes() []Permission { return []Permission{Ingest, Read, Write, Admin} }

// Roles lists the roles of people, least powerful first.
func Roles() []string { return []string{Viewer, Analyst, Administrator} }

// The roles of people.
const (
	Viewer        = "viewer"
	Analyst       = "analyst"
	Administrator = "admin"
)

var granted = map[string][]Permission{
	Viewer:        {Self, Read},
	Analyst:       {Self, Read, Write},
	Administrator: {Self, Read, Write, Ingest, Admin},
}

// Errors that callers tell apart.
var (
	// ErrUnauthenticated: nobody, or a session or token that does not hold.
	ErrUnauthenticated = errors.New("not signed in")
	// ErrForbidden: known, but without the permission.
	ErrForbidden = errors.New("permission missing")
	// ErrCredentials: the name or the password is wrong; never says which.
	ErrCredentials = errors.New("wrong user name or password")
	// ErrInvitation: the link was used, has expired or never existed.
	ErrInvitation = errors.New("invitation used or expired")
	// ErrLastAdministrator: the change would leave nobody who can administer.
	ErrLastAdministrator = errors.New("last administrator")
	// ErrBusy: too many passwords are being checked.
	ErrBusy = errors.New("too many sign-ins at the same time")
)

// PolicyError says what is wrong with a name, password, role or scope.
type PolicyError struct {
	Field  string // the JSON name of what was sent
	Reason string // for a person
}

// Error implements error.
func (e *PolicyError) Error() string { return e.Field + ": " + e.Reason }

// LimitError refuses an attempt because there were too many.
type LimitError struct{ After time.Duration }

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("too many attempts, wait %s", e.After.Round(time.Second))
}

// Identity is who asks.
type Identity struct {
	User        string // empty for a token that was made on the server
	DisplayName string
	Role        string // empty for tokens
	Token       string // the token's name, empty for a person
	permissions []Permission
	session     []byte
}

// May tells whether the identity has a permission.
func (i Identity) May(p Permission) bool {
	return p == Public || slices.Contains(i.permissions, p)
}

// Permissions lists what the identity may do, sorted.
func (i Identity) Permissions() []Permission {
	return slices.Sorted(slices.Values(i.permissions))
}

type identityKey struct{}

// WithIdentity puts an identity into a context.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// From gives the identity in a context, the zero value when nobody is known.
func From(ctx context.Context) Identity {
	id, _ := ctx.Value(identityKey{}).(Identity)
	return id
}

// Options configures a Service. Store is required.
type Options struct {
	Store    store.Accounts
	Now      func() time.Time // time.Now when nil
	Log      *slog.Logger     // audit lines; discarded when nil
	Idle     time.Duration    // a session ends when unused for so long, 12 h when 0
	Absolute time.Duration    // and in any case after so long, 7 days when 0
	Cost     Cost             // of password hashes; DefaultCost when zero
}

// Service is the accounts of one installation. Safe for concurrent use.
type Service struct {
	opt    Options
	hasher *hasher
	gate   *gate
	// invitations serialises the use of invitations: of two that make the first
	// administrator only one may.
	invitations sync.Mutex
	// accounts serialises changes that must leave an administrator.
	accounts sync.Mutex
}

// New makes a service.
func New(opt Options) *Service {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Idle == 0 {
		opt.Idle = 12 * time.Hour
	}
	if opt.Absolute == 0 {
		opt.Absolute = 7 * 24 * time.Hour
	}
	if opt.Cost == (Cost{}) {
		opt.Cost = DefaultCost()
	}
	return &Service{opt: opt, hasher: newHasher(opt.Cost), gate: newGate()}
}

func (s *Service) now() time.Time { return s.opt.Now().UTC().Truncate(time.Microsecond) }

// audit writes one line about an account. Names are foreign text; slog quotes them.
func (s *Service) audit(ctx context.Context, event, user string, attrs ...any) {
	i := request.From(ctx)
	attrs = append([]any{"event", event, "user", user, "by", From(ctx).User, "address", i.Address, "request", i.ID}, attrs...)
	s.opt.Log.InfoContext(ctx, "audit", attrs...)
}

// Sweep removes sessions and invitations that have expired.
func (s *Service) Sweep(ctx context.Context) error {
	if _, err := s.opt.Store.DeleteExpired(ctx, s.now()); err != nil {
		return fmt.Errorf("removing expired sessions: %w", err)
	}
	return nil
}
