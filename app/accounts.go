package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
)

// withAccounts opens the database for one verb on accounts.
func withAccounts(ctx context.Context, cfg Config, do func(*auth.Service, store.Store) error) error {
	cfg.complete()
	st, err := openStore(ctx, cfg)
	if err != nil {
		if errors.Is(err, store.ErrLocked) {
			return fmt.Errorf("%w; stop the server first, or use its portal (Settings)", err)
		}
		return err
	}
	defer st.Close()
	return do(auth.New(auth.Options{Store: st, Now: cfg.Now}), st)
}

// ListUsers prints the users.
func ListUsers(ctx context.Context, cfg Config, o IO, asJSON bool) error {
	return withAccounts(ctx, cfg, func(_ *auth.Service, st store.Store) error {
		users, err := st.Users(ctx)
		if err != nil {
			return fmt.Errorf("listing users: %w", err)
		}
		if asJSON {
			return o.printJSON(users)
		}
		return o.table("NAME\tROLE\tSTATE\tLAST SIGN-IN", func(row func(string, ...any)) {
			for _, u := range users {
				row("%s\t%s\t%s\t%s", u.Name, u.Role, stateOf(u), when(u.LastSignIn))
			}
		})
	})
}

func stateOf(u store.User) string {
	switch {
	case u.Disabled:
		return "disabled"
	case u.Password == "":
		return "invited"
	}
	return "active"
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.RFC3339)
}

// AddUser adds a user and prints a one-time link with which to set a password.
func AddUser(ctx context.Context, cfg Config, o IO, name, role string) error {
	return withAccounts(ctx, cfg, func(a *auth.Service, _ store.Store) error {
		u, err := a.CreateUser(ctx, name, "", role)
		if err != nil {
			return fmt.Errorf("adding user %q: %w", name, err)
		}
		return printInvitation(ctx, a, cfg, o, u.Name)
	})
}

// ResetUser prints a one-time link with which a user sets a new password.
func ResetUser(ctx context.Context, cfg Config, o IO, name string) error {
	return withAccounts(ctx, cfg, func(a *auth.Service, _ store.Store) error {
		return printInvitation(ctx, a, cfg, o, name)
	})
}

func printInvitation(ctx context.Context, a *auth.Service, cfg Config, o IO, name string) error {
	secret, until, err := a.Invite(ctx, name)
	if err != nil {
		return fmt.Errorf("inviting user %q: %w", name, err)
	}
	base := strings.TrimSuffix(cfg.URL, "/")
	_, err = fmt.Fprintf(o.Out, "%s/setup/%s\nOpen this path of the portal once, before %s, to set the password of %s.\n", base, secret, until.Format(time.RFC3339), name)
	return err
}

// RemoveUser removes a user with sessions and tokens.
func RemoveUser(ctx context.Context, cfg Config, o IO, name string) error {
	return withAccounts(ctx, cfg, func(a *auth.Service, _ store.Store) error {
		if err := a.DeleteUser(ctx, name); err != nil {
			return fmt.Errorf("removing user %q: %w", name, err)
		}
		_, err := fmt.Fprintf(o.Out, "removed %s\n", name)
		return err
	})
}

// ListTokens prints the API tokens.
func ListTokens(ctx context.Context, cfg Config, o IO, asJSON bool) error {
	return withAccounts(ctx, cfg, func(_ *auth.Service, st store.Store) error {
		tokens, err := st.Tokens(ctx)
		if err != nil {
			return fmt.Errorf("listing tokens: %w", err)
		}
		if asJSON {
			return o.printJSON(tokens)
		}
		return o.table("ID\tNAME\tUSER\tSCOPES\tEXPIRES\tLAST USED", func(row func(string, ...any)) {
			for _, t := range tokens {
				row("%s\t%s\t%s\t%s\t%s\t%s", t.ID, t.Name, t.User, strings.Join(t.Scopes, ","), when(t.ExpiresAt), when(t.LastUsed))
			}
		})
	})
}

// TokenOptions says what token to make.
type TokenOptions struct {
	Name    string
	User    string // empty: the server's own command line
	Scopes  []string
	Expires time.Duration // 0: never
}

// AddToken makes a token and prints its secret, the only time that it is shown.
func AddToken(ctx context.Context, cfg Config, o IO, opt TokenOptions) error {
	return withAccounts(ctx, cfg, func(a *auth.Service, _ store.Store) error {
		n := auth.NewToken{Name: opt.Name, Scopes: opt.Scopes}
		if opt.Expires > 0 {
			n.ExpiresAt = time.Now().UTC().Add(opt.Expires)
		}
		_, secret, err := a.CreateToken(ctx, opt.User, n)
		if err != nil {
			return fmt.Errorf("making token %q: %w", opt.Name, err)
		}
		_, err = fmt.Fprintln(o.Out, secret)
		return err
	})
}

// RevokeToken makes a token useless at once.
func RevokeToken(ctx context.Context, cfg Config, o IO, id string) error {
	return withAccounts(ctx, cfg, func(a *auth.Service, _ store.Store) error {
		if err := a.DeleteToken(ctx, id); err != nil {
			return fmt.Errorf("revoking token %q: %w", id, err)
		}
		_, err := fmt.Fprintf(o.Out, "revoked %s\n", id)
		return err
	})
}
