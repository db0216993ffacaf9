package store

import (
	"context"
	"time"
)

// Accounts keeps people, their sessions and API tokens. Secrets are never
// stored: only their hashes are.
type Accounts interface {
	Users(ctx context.Context) ([]User, error)
	User(ctx context.Context, name string) (User, error)
	// PutUser inserts or replaces by name; ErrConflict when insert is set and
	// the name is taken.
	PutUser(ctx context.Context, u User, insert bool) error
	// DeleteUser removes the user's sessions, tokens and invitations too.
	DeleteUser(ctx context.Context, name string) error

	// PutSession, Session: keyed by the SHA-256 of the cookie's secret.
	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash []byte) (Session, error)
	DeleteSession(ctx context.Context, hash []byte) error
	DeleteSessionsOf(ctx context.Context, user string) error
	DeleteExpired(ctx context.Context, now time.Time) (int, error) // sessions and invitations

	Tokens(ctx context.Context) ([]Token, error)
	Token(ctx context.Context, hash []byte) (Token, error)
	PutToken(ctx context.Context, t Token) error
	DeleteToken(ctx context.Context, id string) error
	TouchToken(ctx context.Context, id string, at time.Time) error

	// Invitations are one-time links to set a password.
	PutInvitation(ctx context.Context, i Invitation) error
	// Invitation looks at one without using it; ErrNotFound once it is expired.
	Invitation(ctx context.Context, hash []byte, now time.Time) (Invitation, error)
	// TakeInvitation removes and returns it; ErrNotFound the second time, and
	// for an expired one.
	TakeInvitation(ctx context.Context, hash []byte, now time.Time) (Invitation, error)
}

// User is a person. Role is "admin", "analyst" or "viewer".
type User struct {
	Name        string    `json:"name"`
	DisplayName string    `json:"displayName"`
	Role        string    `json:"role"`
	Password    string    `json:"-"` // argon2id in PHC form, empty before the first sign-in
	Disabled    bool      `json:"disabled,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
	LastSignIn  time.Time `json:"lastSignIn,omitzero"`
	Settings    string    `json:"-"` // the portal's preferences, JSON, at most 64 KiB
}

// Session is a signed-in browser.
type Session struct {
	Hash      []byte
	User      string
	CreatedAt time.Time
	ExpiresAt time.Time
	LastSeen  time.Time
	Address   string
	Agent     string
}

// Token is an API token. Scopes: "ingest", "read", "write", "admin".
type Token struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Hash      []byte    `json:"-"`
	User      string    `json:"user"` // who made it
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	LastUsed  time.Time `json:"lastUsed,omitzero"`
}

// Invitation lets someone set the password of a user once.
type Invitation struct {
	Hash      []byte
	User      string
	Role      string
	ExpiresAt time.Time
}
