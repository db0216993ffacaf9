package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clew-sec/clew/store"
)

// write runs single statements in a transaction and adds up the rows they touch.
func (s *Store) write(ctx context.Context, what string, statements ...statement) (int64, error) {
	var touched int64
	err := s.db.Write(ctx, func(tx Tx) error {
		for _, st := range statements {
			n, err := tx.Exec(ctx, st.query, st.args...)
			if err != nil {
				return err
			}
			touched += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return touched, nil
}

type statement struct {
	query string
	args  []any
}

func stmt(query string, args ...any) statement { return statement{query, args} }

const userColumns = "name, display_name, role, password, disabled, created, last_sign_in, settings"

func scanUser(r Rows) (store.User, error) {
	var u store.User
	var disabled, created, last int64
	err := r.Scan(&u.Name, &u.DisplayName, &u.Role, &u.Password, &disabled, &created, &last, &u.Settings)
	u.Disabled, u.CreatedAt, u.LastSignIn = disabled != 0, moment(created), moment(last)
	return u, err
}

// Users implements store.Accounts, by name.
func (s *Store) Users(ctx context.Context) ([]store.User, error) {
	return collect(ctx, s.db, scanUser, "SELECT "+userColumns+" FROM account ORDER BY name")
}

func collect[T any](ctx context.Context, q Querier, scan func(Rows) (T, error), query string, args ...any) ([]T, error) {
	out := []T{}
	err := each(ctx, q, func(r Rows) error {
		v, err := scan(r)
		out = append(out, v)
		return err
	}, query, args...)
	return out, err
}

func single[T any](ctx context.Context, q Querier, what string, scan func(Rows) (T, error), query string, args ...any) (T, error) {
	all, err := collect(ctx, q, scan, query, args...)
	if err == nil && len(all) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		var none T
		return none, fmt.Errorf("%s: %w", what, err)
	}
	return all[0], nil
}

// User implements store.Accounts.
func (s *Store) User(ctx context.Context, name string) (store.User, error) {
	return single(ctx, s.db, "user", scanUser, "SELECT "+userColumns+" FROM account WHERE name = ?", clean(name))
}

const maxSettings = 64 << 10

var errSettings = errors.New("settings are longer than 64 KiB")

// PutUser implements store.Accounts.
func (s *Store) PutUser(ctx context.Context, u store.User, insert bool) error {
	if len(u.Settings) > maxSettings {
		return errSettings
	}
	query := "INSERT INTO account (" + userColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING"
	if !insert {
		query = "INSERT INTO account (" + userColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
			display_name = excluded.display_name, role = excluded.role, password = excluded.password, disabled = excluded.disabled,
			created = excluded.created, last_sign_in = excluded.last_sign_in, settings = excluded.settings`
	}
	n, err := s.write(ctx, "saving a user", stmt(query, clean(u.Name), clean(u.DisplayName), clean(u.Role), clean(u.Password),
		flag(u.Disabled), micros(u.CreatedAt), micros(u.LastSignIn), clean(u.Settings)))
	if err == nil && n == 0 {
		return fmt.Errorf("user %q exists: %w", u.Name, store.ErrConflict)
	}
	return err
}

// DeleteUser implements store.Accounts. Sessions, tokens and invitations of the
// user go with it.
func (s *Store) DeleteUser(ctx context.Context, name string) error {
	name = clean(name)
	err := s.db.Write(ctx, func(tx Tx) error {
		n, err := tx.Exec(ctx, "DELETE FROM account WHERE name = ?", name)
		if err := missing(err, n, 1, "user", name); err != nil {
			return err
		}
		for _, table := range []string{"session", "token", "invitation"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE account = ?", name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("deleting a user: %w", err)
	}
	return nil
}

// PutSession implements store.Accounts.
func (s *Store) PutSession(ctx context.Context, x store.Session) error {
	_, err := s.write(ctx, "saving a session", stmt(`INSERT INTO session (hash, account, created, expires, last_seen, address, agent)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET account = excluded.account, created = excluded.created,
		expires = excluded.expires, last_seen = excluded.last_seen, address = excluded.address, agent = excluded.agent`,
		x.Hash, clean(x.User), micros(x.CreatedAt), micros(x.ExpiresAt), micros(x.LastSeen), clean(x.Address), clean(x.Agent)))
	return err
}

// Session implements store.Accounts.
func (s *Store) Session(ctx context.Context, hash []byte) (store.Session, error) {
	return single(ctx, s.db, "session", func(r Rows) (store.Session, error) {
		var x store.Session
		var created, expires, seen int64
		err := r.Scan(&x.Hash, &x.User, &created, &expires, &seen, &x.Address, &x.Agent)
		x.CreatedAt, x.ExpiresAt, x.LastSeen = moment(created), moment(expires), moment(seen)
		return x, err
	}, "SELECT hash, account, created, expires, last_seen, address, agent FROM session WHERE hash = ?", hash)
}

// DeleteSession implements store.Accounts; one that is gone already is no error.
func (s *Store) DeleteSession(ctx context.Context, hash []byte) error {
	_, err := s.write(ctx, "deleting a session", stmt("DELETE FROM session WHERE hash = ?", hash))
	return err
}

// DeleteSessionsOf implements store.Accounts.
func (s *Store) DeleteSessionsOf(ctx context.Context, user string) error {
	_, err := s.write(ctx, "deleting sessions", stmt("DELETE FROM session WHERE account = ?", clean(user)))
	return err
}

// DeleteExpired implements store.Accounts.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time) (int, error) {
	n, err := s.write(ctx, "deleting what has expired",
		stmt("DELETE FROM session WHERE expires <= ?", micros(now)),
		stmt("DELETE FROM invitation WHERE expires <= ?", micros(now)))
	return int(n), err
}

const tokenColumns = "id, name, hash, account, scopes, created, expires, last_used"

func scanToken(r Rows) (store.Token, error) {
	var t store.Token
	var scopes string
	var created, expires, used int64
	err := r.Scan(&t.ID, &t.Name, &t.Hash, &t.User, &scopes, &created, &expires, &used)
	t.Scopes, t.CreatedAt, t.ExpiresAt, t.LastUsed = unlist(scopes), moment(created), moment(expires), moment(used)
	return t, err
}

// Tokens implements store.Accounts, newest first.
func (s *Store) Tokens(ctx context.Context) ([]store.Token, error) {
	return collect(ctx, s.db, scanToken, "SELECT "+tokenColumns+" FROM token ORDER BY created DESC, id")
}

// Token implements store.Accounts.
func (s *Store) Token(ctx context.Context, hash []byte) (store.Token, error) {
	return single(ctx, s.db, "token", scanToken, "SELECT "+tokenColumns+" FROM token WHERE hash = ?", hash)
}

// PutToken implements store.Accounts.
func (s *Store) PutToken(ctx context.Context, t store.Token) error {
	_, err := s.write(ctx, "saving a token", stmt("INSERT INTO token ("+tokenColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, hash = excluded.hash, account = excluded.account, scopes = excluded.scopes,
		created = excluded.created, expires = excluded.expires, last_used = excluded.last_used`,
		clean(t.ID), clean(t.Name), t.Hash, clean(t.User), list(t.Scopes), micros(t.CreatedAt), micros(t.ExpiresAt), micros(t.LastUsed)))
	return err
}

// DeleteToken implements store.Accounts.
func (s *Store) DeleteToken(ctx context.Context, id string) error {
	n, err := s.write(ctx, "deleting a token", stmt("DELETE FROM token WHERE id = ?", clean(id)))
	return missing(err, n, 1, "token", id)
}

// TouchToken implements store.Accounts.
func (s *Store) TouchToken(ctx context.Context, id string, at time.Time) error {
	n, err := s.write(ctx, "touching a token", stmt("UPDATE token SET last_used = ? WHERE id = ?", micros(at), clean(id)))
	return missing(err, n, 1, "token", id)
}

// PutInvitation implements store.Accounts.
func (s *Store) PutInvitation(ctx context.Context, i store.Invitation) error {
	_, err := s.write(ctx, "saving an invitation", stmt(`INSERT INTO invitation (hash, account, role, expires) VALUES (?, ?, ?, ?)
		ON CONFLICT (hash) DO UPDATE SET account = excluded.account, role = excluded.role, expires = excluded.expires`,
		i.Hash, clean(i.User), clean(i.Role), micros(i.ExpiresAt)))
	return err
}

// Invitation implements store.Accounts.
func (s *Store) Invitation(ctx context.Context, hash []byte, now time.Time) (store.Invitation, error) {
	return single(ctx, s.db, "invitation", scanInvitation,
		"SELECT hash, account, role, expires FROM invitation WHERE hash = ? AND expires > ?", hash, micros(now))
}

// TakeInvitation implements store.Accounts. An expired one is not given out.
func (s *Store) TakeInvitation(ctx context.Context, hash []byte, now time.Time) (store.Invitation, error) {
	var out store.Invitation
	err := s.db.Write(ctx, func(tx Tx) (err error) {
		out, err = single(ctx, tx, "invitation", scanInvitation,
			"DELETE FROM invitation WHERE hash = ? AND expires > ? RETURNING hash, account, role, expires", hash, micros(now))
		return err
	})
	return out, err
}

func scanInvitation(r Rows) (store.Invitation, error) {
	var i store.Invitation
	var expires int64
	err := r.Scan(&i.Hash, &i.User, &i.Role, &expires)
	i.ExpiresAt = moment(expires)
	return i, err
}

// DeleteRejects removes dead letters from before a time and tells how many.
func (s *Store) DeleteRejects(ctx context.Context, before time.Time) (int, error) {
	n, err := s.write(ctx, "deleting old dead letters", stmt("DELETE FROM reject WHERE at < ?", micros(before)))
	return int(n), err
}
