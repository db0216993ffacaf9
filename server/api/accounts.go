package api

import (
	"context"
	"time"

	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
)

// Account is a person who may sign in.
type Account struct {
	store.User
	Pending bool `json:"pending" doc:"Has not set a password yet."`
}

// Invitation is a one-time link to set a password.
type Invitation struct {
	Link      string    `json:"link" doc:"Hand it to the user; it works once." example:"/setup/Jf3…"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// Welcome is a user with the link to set a password.
type Welcome struct {
	User       Account    `json:"user"`
	Invitation Invitation `json:"invitation"`
}

// Person is someone to whom incidents can be assigned.
type Person struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

// InUser names a user.
type InUser struct {
	Name string `path:"name" minLength:"1" maxLength:"64" example:"ada"`
}

type newUserInput struct {
	Body struct {
		Name        string `json:"name" minLength:"1" maxLength:"64" example:"ada"`
		DisplayName string `json:"displayName,omitempty" maxLength:"100" example:"Ada Lovelace"`
		Role        string `json:"role" enum:"viewer,analyst,admin"`
	}
}

type patchUserInput struct {
	Name string `path:"name" minLength:"1" maxLength:"64"`
	Body struct {
		DisplayName *string `json:"displayName,omitempty" maxLength:"100"`
		Role        *string `json:"role,omitempty" enum:"viewer,analyst,admin"`
		Disabled    *bool   `json:"disabled,omitempty" doc:"A disabled user can't sign in; running sessions end."`
	}
}

type newTokenInput struct {
	Body struct {
		Name      string    `json:"name" minLength:"1" maxLength:"100" example:"SIEM forwarder"`
		Scopes    []string  `json:"scopes" enum:"ingest,read,write,admin" minItems:"1" maxItems:"4" example:"[\"ingest\"]"`
		ExpiresAt time.Time `json:"expiresAt,omitzero" doc:"Never when left out."`
	}
}

// MadeToken is a new token with its secret.
type MadeToken struct {
	Token  store.Token `json:"token"`
	Secret string      `json:"secret" doc:"Shown this once." example:"clew_1f2e3d4c5b6a7988_…"`
}

func (s *service) accountOperations() {
	tag := "accounts"
	add(s, operation{id: "listPeople", tag: tag, route: "GET /people", summary: "To whom incidents can be assigned", need: auth.Read}, s.listPeople)
	add(s, operation{id: "listUsers", tag: tag, route: "GET /users", summary: "All users", need: auth.Admin}, s.listUsers)
	add(s, operation{id: "createUser", tag: tag, route: "POST /users", summary: "Add a user", need: auth.Admin, status: 201, errors: []int{409},
		doc: "Gives a link with which the user sets a password."}, s.createUser)
	add(s, operation{id: "updateUser", tag: tag, route: "PATCH /users/{name}", summary: "Change a user", need: auth.Admin, errors: []int{409}}, s.updateUser)
	add(s, operation{id: "deleteUser", tag: tag, route: "DELETE /users/{name}", summary: "Remove a user with sessions and tokens", need: auth.Admin, status: 204, errors: []int{409}}, s.deleteUser)
	add(s, operation{id: "inviteUser", tag: tag, route: "POST /users/{name}/invitation", summary: "Make a new link to set a password", need: auth.Admin, status: 201}, s.inviteUser)
	add(s, operation{id: "listTokens", tag: tag, route: "GET /tokens", summary: "All API tokens, without secrets", need: auth.Admin}, s.listTokens)
	add(s, operation{id: "createToken", tag: tag, route: "POST /tokens", summary: "Make an API token", need: auth.Admin, status: 201,
		doc: "The secret is in the answer and nowhere else. A token may never more than its maker, and ends with its maker's account."}, s.createToken)
	add(s, operation{id: "deleteToken", tag: tag, route: "DELETE /tokens/{id}", summary: "End an API token", need: auth.Admin, status: 204}, s.deleteToken)
}

func account(u store.User) Account { return Account{User: u, Pending: u.Password == ""} }

func (s *service) listPeople(ctx context.Context, _ *Empty) (*ListOutput[Person], error) {
	users, err := s.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	out := &ListOutput[Person]{}
	for _, u := range users {
		if !u.Disabled {
			out.Body.Items = append(out.Body.Items, Person{Name: u.Name, DisplayName: u.DisplayName})
		}
	}
	return out, nil
}

func (s *service) listUsers(ctx context.Context, _ *Empty) (*ListOutput[Account], error) {
	users, err := s.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	out := &ListOutput[Account]{}
	for _, u := range users {
		out.Body.Items = append(out.Body.Items, account(u))
	}
	return out, nil
}

func (s *service) createUser(ctx context.Context, in *newUserInput) (*Output[Welcome], error) {
	u, err := s.Auth.CreateUser(ctx, in.Body.Name, in.Body.DisplayName, in.Body.Role)
	if err != nil {
		return nil, err
	}
	i, err := s.invite(ctx, u.Name)
	return output(Welcome{User: account(u), Invitation: i}, err)
}

func (s *service) invite(ctx context.Context, name string) (Invitation, error) {
	secret, until, err := s.Auth.Invite(ctx, name)
	if err != nil {
		return Invitation{}, err
	}
	return Invitation{Link: s.PublicURL + "/setup/" + secret, ExpiresAt: until}, nil
}

func (s *service) updateUser(ctx context.Context, in *patchUserInput) (*Output[Account], error) {
	u, err := s.Auth.UpdateUser(ctx, in.Name, auth.UserPatch{DisplayName: in.Body.DisplayName, Role: in.Body.Role, Disabled: in.Body.Disabled})
	return output(account(u), err)
}

func (s *service) deleteUser(ctx context.Context, in *InUser) (*Empty, error) {
	return &Empty{}, s.Auth.DeleteUser(ctx, in.Name)
}

func (s *service) inviteUser(ctx context.Context, in *InUser) (*Output[Invitation], error) {
	return output(s.invite(ctx, in.Name))
}

func (s *service) listTokens(ctx context.Context, _ *Empty) (*ListOutput[store.Token], error) {
	tokens, err := s.Store.Tokens(ctx)
	return listed(store.Page[store.Token]{Items: tokens}, err)
}

func (s *service) createToken(ctx context.Context, in *newTokenInput) (*Output[MadeToken], error) {
	t, secret, err := s.Auth.CreateToken(ctx, auth.From(ctx).User, auth.NewToken{
		Name: in.Body.Name, Scopes: in.Body.Scopes, ExpiresAt: in.Body.ExpiresAt.UTC(),
	})
	return output(MadeToken{Token: t, Secret: secret}, err)
}

func (s *service) deleteToken(ctx context.Context, in *struct {
	ID string `path:"id" minLength:"1" maxLength:"64"`
}) (*Empty, error) {
	return &Empty{}, s.Auth.DeleteToken(ctx, in.ID)
}
