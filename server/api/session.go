package api

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clew-sec/clew/server/auth"
)

// Caller is who is signed in.
type Caller struct {
	Name        string            `json:"name" doc:"The user name; for a token, the name of its maker." example:"ada"`
	DisplayName string            `json:"displayName" example:"Ada Lovelace"`
	Role        string            `json:"role" enum:"viewer,analyst,admin," doc:"Empty for API tokens."`
	Permissions []auth.Permission `json:"permissions" doc:"self, read, write, ingest, admin."`
	Token       string            `json:"token,omitempty" doc:"The token's name, when an API token asks."`
}

// Session is what the portal needs to begin.
type Session struct {
	User       Caller   `json:"user"`
	Workspace  string   `json:"workspace" example:"default"`
	Workspaces []string `json:"workspaces"`
	Version    string   `json:"version"`
}

// Cookied is an answer that sets or clears the session cookie.
type Cookied[T any] struct {
	SetCookie string `header:"Set-Cookie"`
	Body      T
}

type cleared struct {
	SetCookie string `header:"Set-Cookie"`
}

// oldCookie catches the session cookie that came with a request.
type oldCookie struct{ value string }

// Resolve implements huma.Resolver.
func (o *oldCookie) Resolve(hc huma.Context) []error {
	r, _ := humago.Unwrap(hc)
	if c, err := r.Cookie(auth.CookieName); err == nil {
		o.value = c.Value
	}
	return nil
}

type signInInput struct {
	Old  oldCookie
	Body struct {
		User     string `json:"user" minLength:"1" maxLength:"64" example:"ada"`
		Password string `json:"password" minLength:"1" maxLength:"1024"`
	}
}

// InSecret names an invitation.
type InSecret struct {
	Secret string `path:"secret" minLength:"20" maxLength:"100" doc:"The last part of the link."`
}

// Invited is what an invitation is for.
type Invited struct {
	User      string    `json:"user" doc:"The user name; the first administrator may choose another."`
	Role      string    `json:"role" enum:"viewer,analyst,admin"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type acceptInput struct {
	InSecret
	Old  oldCookie
	Body struct {
		User        string `json:"user,omitempty" maxLength:"64" doc:"Only the first administrator chooses a name."`
		DisplayName string `json:"displayName,omitempty" maxLength:"100"`
		Password    string `json:"password" maxLength:"1024" doc:"At least 12 characters."`
	}
}

type passwordInput struct {
	Body struct {
		Old string `json:"old" maxLength:"1024"`
		New string `json:"new" maxLength:"1024" doc:"At least 12 characters."`
	}
}

type settingsBody map[string]any

func (s *service) sessionOperations() {
	tag := "session"
	add(s, operation{id: "getSession", tag: tag, route: "GET /session", summary: "Who is signed in", need: auth.Public, errors: []int{401},
		doc: "401 when nobody is; setupNeeded in that answer says that no administrator exists yet."}, s.getSession)
	add(s, operation{id: "signIn", tag: tag, route: "POST /session", summary: "Sign in", need: auth.Public, errors: []int{401}, maxBody: 8 << 10,
		doc: "Sets the cookie. Attempts are limited by address and by user."}, s.signIn)
	add(s, operation{id: "signOut", tag: tag, route: "DELETE /session", summary: "Sign out", need: auth.Self, status: 204}, s.signOut)
	add(s, operation{id: "getInvitation", tag: tag, route: "GET /setup/{secret}", summary: "What an invitation link is for", need: auth.Public}, s.getInvitation)
	add(s, operation{id: "acceptInvitation", tag: tag, route: "POST /setup/{secret}", summary: "Set a password by an invitation link", need: auth.Public, maxBody: 8 << 10,
		doc: "Creates the first administrator, or sets the password of the invited user; signs in. The link works once."}, s.acceptInvitation)
	add(s, operation{id: "changePassword", tag: tag, route: "PUT /session/password", summary: "Change one's password", need: auth.Self, maxBody: 8 << 10,
		doc: "Ends all other sessions of the user."}, s.changePassword)
	add(s, operation{id: "getSettings", tag: tag, route: "GET /session/settings", summary: "The portal's preferences of the caller", need: auth.Self}, s.getSettings)
	add(s, operation{id: "putSettings", tag: tag, route: "PUT /session/settings", summary: "Keep the portal's preferences of the caller", need: auth.Self, maxBody: 65 << 10,
		doc: "Any JSON object of at most 64 KiB."}, s.putSettings)
}

func (s *service) getSession(ctx context.Context, in *InWorkspace) (*Output[Session], error) {
	id := auth.From(ctx)
	if id.User == "" && id.Token == "" {
		p := translate(auth.ErrUnauthenticated)
		needed, err := s.Auth.SetupNeeded(ctx)
		if err != nil {
			return nil, err
		}
		p.SetupNeeded = needed
		return nil, p
	}
	return &Output[Session]{Body: s.session(id, in.Workspace)}, nil
}

func (s *service) session(id auth.Identity, workspace string) Session {
	out := Session{Workspace: workspace, Version: s.Version, User: Caller{
		Name: id.User, DisplayName: id.DisplayName, Role: id.Role, Permissions: id.Permissions(), Token: id.Token,
	}}
	for name := range s.Workspaces {
		out.Workspaces = append(out.Workspaces, name)
	}
	slices.Sort(out.Workspaces)
	return out
}

func (s *service) signed(signed auth.Signed, err error) (*Cookied[Session], error) {
	if err != nil {
		return nil, err
	}
	id := auth.Person(signed.User)
	return &Cookied[Session]{SetCookie: signed.Cookie.String(), Body: s.session(id, "default")}, nil
}

func (s *service) signIn(ctx context.Context, in *signInInput) (*Cookied[Session], error) {
	return s.signed(s.Auth.SignIn(ctx, in.Body.User, in.Body.Password, in.Old.value))
}

func (s *service) signOut(ctx context.Context, _ *Empty) (*cleared, error) {
	c, err := s.Auth.SignOut(ctx)
	if err != nil {
		return nil, err
	}
	return &cleared{SetCookie: c.String()}, nil
}

func (s *service) getInvitation(ctx context.Context, in *InSecret) (*Output[Invited], error) {
	i, err := s.Auth.Invitation(ctx, in.Secret)
	return output(Invited{User: i.User, Role: i.Role, ExpiresAt: i.ExpiresAt}, err)
}

func (s *service) acceptInvitation(ctx context.Context, in *acceptInput) (*Cookied[Session], error) {
	return s.signed(s.Auth.Accept(ctx, auth.Acceptance{
		Secret: in.Secret, Name: in.Body.User, DisplayName: in.Body.DisplayName, Password: in.Body.Password, OldCookie: in.Old.value,
	}))
}

func (s *service) changePassword(ctx context.Context, in *passwordInput) (*Cookied[Session], error) {
	return s.signed(s.Auth.ChangePassword(ctx, in.Body.Old, in.Body.New))
}

func (s *service) getSettings(ctx context.Context, _ *Empty) (*Output[settingsBody], error) {
	text, err := s.Auth.Settings(ctx)
	if err != nil {
		return nil, err
	}
	out := settingsBody{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, err
	}
	return &Output[settingsBody]{Body: out}, nil
}

func (s *service) putSettings(ctx context.Context, in *struct{ Body settingsBody }) (*Output[settingsBody], error) {
	text, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	return output(in.Body, s.Auth.PutSettings(ctx, string(text)))
}
