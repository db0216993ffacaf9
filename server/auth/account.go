package auth

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/store"
)

// InvitationLife is how long a one-time link holds.
const InvitationLife = 24 * time.Hour

const (
	maxDisplayName = 100
	maxSettings    = 64 << 10
	maxUsers       = 10_000
	firstName      = "admin"
)

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)

// normalName is the form in which names are kept and compared.
func normalName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func checkName(name string) error {
	if !nameForm.MatchString(name) {
		return &PolicyError{Field: "name", Reason: "needs 1 to 64 of a-z, 0-9, dot, dash, underscore, @, and begins with a letter or digit"}
	}
	if name == "me" || name == "none" {
		return &PolicyError{Field: "name", Reason: "is a word of the queue's owner filter"}
	}
	return nil
}

func checkRole(role string) error {
	if !slices.Contains(Roles(), role) {
		return &PolicyError{Field: "role", Reason: "must be one of viewer, analyst, admin"}
	}
	return nil
}

func checkDisplayName(s string) error {
	if utf8.RuneCountInString(s) > maxDisplayName || !printable(s) {
		return &PolicyError{Field: "displayName", Reason: fmt.Sprintf("takes at most %d printable characters", maxDisplayName)}
	}
	return nil
}

func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// EnsureAdministrator makes an invitation for the first administrator when
// nobody can administer yet, and gives the secret of its link, /setup/<secret>.
// The caller prints it. The link holds for 24 hours and until someone used one;
// each start makes a new one.
func EnsureAdministrator(ctx context.Context, accounts store.Accounts, now time.Time) (secret string, needed bool, err error) {
	have, err := hasAdministrator(ctx, accounts)
	if err != nil || have {
		return "", false, err
	}
	secret = newSecret()
	err = accounts.PutInvitation(ctx, store.Invitation{
		Hash: digest(secret), Role: Administrator, ExpiresAt: now.UTC().Truncate(time.Microsecond).Add(InvitationLife),
	})
	if err != nil {
		return "", false, fmt.Errorf("inviting the first administrator: %w", err)
	}
	return secret, true, nil
}

func hasAdministrator(ctx context.Context, accounts store.Accounts) (bool, error) {
	users, err := accounts.Users(ctx)
	if err != nil {
		return false, fmt.Errorf("listing users: %w", err)
	}
	return slices.ContainsFunc(users, administers), nil
}

func administers(u store.User) bool {
	return u.Role == Administrator && !u.Disabled && u.Password != ""
}

// SetupNeeded tells whether nobody can administer yet.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	have, err := hasAdministrator(ctx, s.opt.Store)
	return !have, err
}

// Invite makes a one-time link with which a user sets a password; it gives the
// secret of the link and its end.
func (s *Service) Invite(ctx context.Context, name string) (string, time.Time, error) {
	u, err := s.opt.Store.User(ctx, normalName(name))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("reading a user: %w", err)
	}
	i := store.Invitation{User: u.Name, Role: u.Role, ExpiresAt: s.now().Add(InvitationLife)}
	secret := newSecret()
	i.Hash = digest(secret)
	if err := s.opt.Store.PutInvitation(ctx, i); err != nil {
		return "", time.Time{}, fmt.Errorf("storing an invitation: %w", err)
	}
	s.audit(ctx, "invited", u.Name)
	return secret, i.ExpiresAt, nil
}

// Invitation shows what a link is for, without using it.
func (s *Service) Invitation(ctx context.Context, secret string) (store.Invitation, error) {
	if err := s.gate.attempt(s.now(), request.From(ctx).Address, ""); err != nil {
		return store.Invitation{}, err
	}
	i, err := s.valid(ctx, secret, s.opt.Store.Invitation)
	if err != nil {
		return store.Invitation{}, err
	}
	if i.User == "" {
		i.User = firstName
	}
	return i, nil
}

// valid reads an invitation in one way or the other and checks that it still holds.
func (s *Service) valid(ctx context.Context, secret string, read func(context.Context, []byte, time.Time) (store.Invitation, error)) (store.Invitation, error) {
	i, err := read(ctx, digest(secret), s.now())
	if errors.Is(err, store.ErrNotFound) || (err == nil && !s.now().Before(i.ExpiresAt)) {
		return store.Invitation{}, ErrInvitation
	} else if err != nil {
		return store.Invitation{}, fmt.Errorf("reading an invitation: %w", err)
	}
	return i, s.stillHolds(ctx, i)
}

// stillHolds refuses a link that was overtaken: a first administrator exists, or
// the user has signed in since it was made. Otherwise a link that is forgotten
// in a log or mailbox could take the account over.
func (s *Service) stillHolds(ctx context.Context, i store.Invitation) error {
	if i.User == "" {
		have, err := hasAdministrator(ctx, s.opt.Store)
		if err == nil && have {
			err = ErrInvitation
		}
		return err
	}
	u, err := s.opt.Store.User(ctx, i.User)
	if errors.Is(err, store.ErrNotFound) || (err == nil && (u.Disabled || u.LastSignIn.After(i.ExpiresAt.Add(-InvitationLife)))) {
		return ErrInvitation
	} else if err != nil {
		return fmt.Errorf("reading a user: %w", err)
	}
	return nil
}

func (s *Service) restore(ctx context.Context, i store.Invitation) error {
	if err := s.opt.Store.PutInvitation(context.WithoutCancel(ctx), i); err != nil {
		return fmt.Errorf("keeping an invitation: %w", err)
	}
	return nil
}

// Acceptance is what a person answers to an invitation.
type Acceptance struct {
	Secret      string
	Name        string // only the first administrator chooses; else empty or the invited name
	DisplayName string // empty keeps what is there
	Password    string
	OldCookie   string
}

// Accept uses an invitation: it sets the password and signs in. When that fails
// the invitation stays.
func (s *Service) Accept(ctx context.Context, a Acceptance) (Signed, error) {
	if err := s.gate.attempt(s.now(), request.From(ctx).Address, ""); err != nil {
		return Signed{}, err
	}
	s.invitations.Lock()
	defer s.invitations.Unlock()
	i, err := s.valid(ctx, a.Secret, s.opt.Store.TakeInvitation)
	if err != nil {
		return Signed{}, err
	}
	signed, err := s.accepted(ctx, i, a)
	if err != nil {
		return Signed{}, errors.Join(err, s.restore(ctx, i))
	}
	s.gate.succeeded(request.From(ctx).Address, signed.User.Name)
	return signed, nil
}

func (s *Service) accepted(ctx context.Context, i store.Invitation, a Acceptance) (Signed, error) {
	name, err := invitedName(i, normalName(a.Name))
	if err != nil {
		return Signed{}, err
	}
	display := strings.TrimSpace(a.DisplayName)
	if err := firstError(checkName(name), checkDisplayName(display), checkPassword(name, a.Password)); err != nil {
		return Signed{}, err
	}
	if i.User == "" {
		if err := s.raise(ctx, name); err != nil {
			return Signed{}, err
		}
	}
	return s.setPassword(ctx, name, a.Password, a.OldCookie, "invitationUsed", func(u *store.User) {
		if display != "" {
			u.DisplayName = display
		}
	})
}

// invitedName is the account that an invitation is for; only the first
// administrator chooses a name.
func invitedName(i store.Invitation, name string) (string, error) {
	switch {
	case i.User == "" && name == "":
		return firstName, nil
	case i.User == "":
		return name, nil
	case name != "" && name != i.User:
		return "", &PolicyError{Field: "user", Reason: "the invitation is for another user"}
	}
	return i.User, nil
}

// raise makes sure that the first administrator's account exists and has the role.
func (s *Service) raise(ctx context.Context, name string) error {
	_, err := s.edit(ctx, name, func(u *store.User) error {
		u.Role, u.Disabled = Administrator, false
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		_, err = s.CreateUser(ctx, name, "", Administrator)
	}
	return err
}

// edit changes one account. Accounts are replaced whole in the store, so every
// change reads the row again under the lock: a sign-in that is under way must
// never bring back what an administrator took away meanwhile.
func (s *Service) edit(ctx context.Context, name string, change func(*store.User) error) (store.User, error) {
	s.accounts.Lock()
	defer s.accounts.Unlock()
	u, err := s.opt.Store.User(ctx, name)
	if err != nil {
		return store.User{}, fmt.Errorf("reading a user: %w", err)
	}
	if err := change(&u); err != nil {
		return store.User{}, err
	}
	if err := s.opt.Store.PutUser(ctx, u, false); err != nil {
		return store.User{}, fmt.Errorf("storing a user: %w", err)
	}
	return u, nil
}

// CreateUser adds a user without a password; Invite gives the link to set one.
func (s *Service) CreateUser(ctx context.Context, name, displayName, role string) (store.User, error) {
	u := store.User{Name: normalName(name), DisplayName: strings.TrimSpace(displayName), Role: role, CreatedAt: s.now()}
	if u.DisplayName == "" {
		u.DisplayName = u.Name
	}
	if err := firstError(checkName(u.Name), checkDisplayName(u.DisplayName), checkRole(role)); err != nil {
		return store.User{}, err
	}
	s.accounts.Lock()
	defer s.accounts.Unlock()
	have, err := s.opt.Store.Users(ctx)
	if err != nil {
		return store.User{}, fmt.Errorf("listing users: %w", err)
	}
	if len(have) >= maxUsers {
		return store.User{}, &PolicyError{Field: "name", Reason: fmt.Sprintf("there are %d users already", maxUsers)}
	}
	if err := s.opt.Store.PutUser(ctx, u, true); err != nil {
		return store.User{}, fmt.Errorf("adding a user: %w", err)
	}
	s.audit(ctx, "userCreated", u.Name, "role", role)
	return u, nil
}

// UserPatch changes a user; nil fields stay.
type UserPatch struct {
	DisplayName, Role *string
	Disabled          *bool
}

// UpdateUser changes a user. A role holds from the next request on; being
// disabled ends the user's sessions.
func (s *Service) UpdateUser(ctx context.Context, name string, p UserPatch) (store.User, error) {
	u, err := s.edit(ctx, normalName(name), func(u *store.User) error {
		before := *u
		p.apply(u)
		return firstError(checkDisplayName(u.DisplayName), checkRole(u.Role), s.keepAdministrator(ctx, before, administers(*u)))
	})
	if err != nil {
		return store.User{}, err
	}
	if u.Disabled {
		if err := s.opt.Store.DeleteSessionsOf(ctx, u.Name); err != nil {
			return store.User{}, fmt.Errorf("ending the user's sessions: %w", err)
		}
	}
	s.audit(ctx, "userChanged", u.Name, "role", u.Role, "disabled", u.Disabled)
	return u, nil
}

func (p UserPatch) apply(u *store.User) {
	if p.DisplayName != nil {
		u.DisplayName = strings.TrimSpace(*p.DisplayName)
	}
	if p.Role != nil {
		u.Role = *p.Role
	}
	if p.Disabled != nil {
		u.Disabled = *p.Disabled
	}
}

// keepAdministrator refuses a change that takes the right to administer from the
// last who has it.
func (s *Service) keepAdministrator(ctx context.Context, before store.User, stays bool) error {
	if stays || !administers(before) {
		return nil
	}
	users, err := s.opt.Store.Users(ctx)
	if err != nil {
		return fmt.Errorf("listing users: %w", err)
	}
	for _, u := range users {
		if u.Name != before.Name && administers(u) {
			return nil
		}
	}
	return ErrLastAdministrator
}

// DeleteUser removes a user with all sessions and tokens of theirs.
func (s *Service) DeleteUser(ctx context.Context, name string) error {
	s.accounts.Lock()
	defer s.accounts.Unlock()
	u, err := s.opt.Store.User(ctx, normalName(name))
	if err != nil {
		return fmt.Errorf("reading a user: %w", err)
	}
	if err := s.keepAdministrator(ctx, u, false); err != nil {
		return err
	}
	if err := s.opt.Store.DeleteSessionsOf(ctx, u.Name); err != nil {
		return fmt.Errorf("ending the user's sessions: %w", err)
	}
	if err := s.deleteTokensOf(ctx, u.Name); err != nil {
		return err
	}
	if err := s.opt.Store.DeleteUser(ctx, u.Name); err != nil {
		return fmt.Errorf("removing a user: %w", err)
	}
	s.audit(ctx, "userDeleted", u.Name)
	return nil
}

// Settings gives the portal's preferences of the caller: JSON, "{}" when none.
func (s *Service) Settings(ctx context.Context) (string, error) {
	u, err := s.active(ctx, From(ctx).User)
	if err != nil {
		return "", err
	}
	if u.Settings == "" {
		return "{}", nil
	}
	return u.Settings, nil
}

// PutSettings keeps the portal's preferences of the caller, a JSON object.
func (s *Service) PutSettings(ctx context.Context, object string) error {
	if len(object) > maxSettings {
		return &PolicyError{Field: "", Reason: fmt.Sprintf("settings take at most %d bytes", maxSettings)}
	}
	_, err := s.edit(ctx, From(ctx).User, func(u *store.User) error {
		u.Settings = object
		return nil
	})
	return err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
