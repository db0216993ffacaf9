package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clew-sec/clew/store"
)

const (
	tokenPrefix  = "clew_"
	maxTokens    = 1000
	maxTokenName = 100
)

// NewToken is what a caller asks for.
type NewToken struct {
	Name      string
	Scopes    []string
	ExpiresAt time.Time // zero: never
}

// CreateToken makes an API token and gives its secret, which is shown once and
// not kept. Its power is its scopes, never more than its maker may at the time
// of use; it dies with its maker's account. User "" is the server's own command
// line: such a token depends on nobody.
func (s *Service) CreateToken(ctx context.Context, user string, n NewToken) (store.Token, string, error) {
	t := store.Token{Name: strings.TrimSpace(n.Name), User: user, CreatedAt: s.now(), ExpiresAt: n.ExpiresAt}
	if err := s.checkToken(ctx, t, n.Scopes); err != nil {
		return store.Token{}, "", err
	}
	t.Scopes = slices.Compact(slices.Sorted(slices.Values(n.Scopes)))
	var id, secret [32]byte
	_, _ = rand.Read(id[:])
	_, _ = rand.Read(secret[:])
	t.ID = hex.EncodeToString(id[:8])
	full := tokenPrefix + t.ID + "_" + hex.EncodeToString(secret[:])
	t.Hash = digest(full)
	if err := s.opt.Store.PutToken(ctx, t); err != nil {
		return store.Token{}, "", fmt.Errorf("storing a token: %w", err)
	}
	s.audit(ctx, "tokenCreated", user, "token", t.ID, "scopes", t.Scopes)
	return t, full, nil
}

func (s *Service) checkToken(ctx context.Context, t store.Token, scopes []string) error {
	switch {
	case t.Name == "" || utf8.RuneCountInString(t.Name) > maxTokenName || !printable(t.Name):
		return &PolicyError{Field: "name", Reason: fmt.Sprintf("needs 1 to %d printable characters", maxTokenName)}
	case len(scopes) == 0:
		return &PolicyError{Field: "scopes", Reason: "needs at least one of ingest, read, write, admin"}
	case !t.ExpiresAt.IsZero() && !t.ExpiresAt.After(t.CreatedAt):
		return &PolicyError{Field: "expiresAt", Reason: "lies in the past"}
	}
	for _, sc := range scopes {
		if !slices.Contains(Scopes(), Permission(sc)) {
			return &PolicyError{Field: "scopes", Reason: "knows only ingest, read, write, admin"}
		}
	}
	have, err := s.opt.Store.Tokens(ctx)
	if err != nil {
		return fmt.Errorf("listing tokens: %w", err)
	}
	if len(have) >= maxTokens {
		return &PolicyError{Field: "name", Reason: fmt.Sprintf("there are %d tokens already; remove some that are not used", maxTokens)}
	}
	return nil
}

// DeleteToken ends a token at once.
func (s *Service) DeleteToken(ctx context.Context, id string) error {
	if err := s.opt.Store.DeleteToken(ctx, id); err != nil {
		return fmt.Errorf("removing a token: %w", err)
	}
	s.audit(ctx, "tokenDeleted", From(ctx).User, "token", id)
	return nil
}

func (s *Service) deleteTokensOf(ctx context.Context, user string) error {
	tokens, err := s.opt.Store.Tokens(ctx)
	if err != nil {
		return fmt.Errorf("listing tokens: %w", err)
	}
	for _, t := range tokens {
		if t.User == user {
			if err := s.DeleteToken(ctx, t.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) byToken(ctx context.Context, full string) (Identity, error) {
	if !strings.HasPrefix(full, tokenPrefix) || len(full) > 200 {
		return Identity{}, ErrUnauthenticated
	}
	hash := digest(full)
	t, err := s.opt.Store.Token(ctx, hash)
	if errors.Is(err, store.ErrNotFound) {
		return Identity{}, ErrUnauthenticated
	} else if err != nil {
		return Identity{}, fmt.Errorf("reading a token: %w", err)
	}
	now := s.now()
	if subtle.ConstantTimeCompare(hash, t.Hash) != 1 || (!t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)) {
		return Identity{}, ErrUnauthenticated
	}
	id := Identity{User: t.User, DisplayName: t.Name, Token: t.Name}
	if id.permissions, err = s.power(ctx, t); err != nil {
		return Identity{}, err
	}
	if now.Sub(t.LastUsed) >= touchEvery {
		if err := s.opt.Store.TouchToken(ctx, t.ID, now); err != nil {
			return Identity{}, fmt.Errorf("noting the use of a token: %w", err)
		}
	}
	return id, nil
}

// power is what a token may do now: its scopes, as far as its maker's role goes.
func (s *Service) power(ctx context.Context, t store.Token) ([]Permission, error) {
	limit := Scopes()
	if t.User != "" {
		u, err := s.active(ctx, t.User)
		if err != nil {
			return nil, err
		}
		limit = granted[u.Role]
	}
	var out []Permission
	for _, sc := range t.Scopes {
		if p := Permission(sc); slices.Contains(Scopes(), p) && slices.Contains(limit, p) {
			out = append(out, p)
		}
	}
	return out, nil
}
