package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clew-sec/clew/server/internal/memory"
	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/store"
)

// cheap makes tests quick; what it costs is checked on DefaultCost.
var cheap = Cost{Memory: 64, Time: 1, Parallel: 4}

const phrase = "correct horse battery"

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

type bench struct {
	*Service
	accounts *memory.Accounts
	clock    *clock
}

func newBench(t *testing.T) *bench {
	t.Helper()
	c := &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	a := memory.NewAccounts()
	return &bench{Service: New(Options{Store: a, Now: c.now, Cost: cheap}), accounts: a, clock: c}
}

func from(addr string) context.Context {
	return request.With(context.Background(), request.Info{ID: "t", Address: netip.MustParseAddr(addr)})
}

func here() context.Context { return from("192.0.2.1") }

// person adds a user with a password and gives the session's cookie.
func (b *bench) person(t *testing.T, name, role string) *http.Cookie {
	t.Helper()
	if _, err := b.CreateUser(here(), name, "", role); err != nil {
		t.Fatal(err)
	}
	secret, _, err := b.Invite(here(), name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Accept(here(), Acceptance{Secret: secret, Password: phrase})
	if err != nil {
		t.Fatal(err)
	}
	b.clock.pass(time.Second)
	return s.Cookie
}

func with(c *http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	if c != nil {
		r.AddCookie(c)
	}
	return r
}

func bearer(token string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

func (b *bench) who(r *http.Request) (Identity, error) { return b.Identify(here(), r) }

func TestFirstAdministrator(t *testing.T) {
	b := newBench(t)
	first, needed, err := EnsureAdministrator(here(), b.accounts, b.clock.now())
	if err != nil || !needed {
		t.Fatal(needed, err)
	}
	second, _, err := EnsureAdministrator(here(), b.accounts, b.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	i, err := b.Invitation(here(), first)
	if err != nil || i.User != "admin" || i.Role != Administrator {
		t.Fatalf("%+v %v", i, err)
	}
	if _, err := b.Accept(here(), Acceptance{Secret: first, Name: "ada", Password: "short"}); !isPolicy(err, "password") {
		t.Fatalf("a short password: %v", err)
	}
	s, err := b.Accept(here(), Acceptance{Secret: first, Name: "Ada", DisplayName: "Ada L", Password: phrase})
	if err != nil || s.User.Name != "ada" || s.User.Role != Administrator || s.User.DisplayName != "Ada L" {
		t.Fatalf("%+v %v", s.User, err)
	}
	if id, err := b.who(with(s.Cookie)); err != nil || !id.May(Admin) {
		t.Fatalf("%+v %v", id, err)
	}
	if _, err := b.Accept(here(), Acceptance{Secret: first, Password: phrase}); !errors.Is(err, ErrInvitation) {
		t.Errorf("the link worked twice: %v", err)
	}
	if _, err := b.Accept(here(), Acceptance{Secret: second, Password: phrase}); !errors.Is(err, ErrInvitation) {
		t.Errorf("an older start's link still makes administrators: %v", err)
	}
	if _, needed, _ := EnsureAdministrator(here(), b.accounts, b.clock.now()); needed {
		t.Error("an administrator exists, yet another is invited")
	}
}

func isPolicy(err error, field string) bool {
	var p *PolicyError
	return errors.As(err, &p) && p.Field == field
}

func TestInvitationEnds(t *testing.T) {
	b := newBench(t)
	if _, err := b.CreateUser(here(), "bob", "", Viewer); err != nil {
		t.Fatal(err)
	}
	secret, until, err := b.Invite(here(), "bob")
	if err != nil || until.Sub(b.clock.now()) != 24*time.Hour {
		t.Fatal(until, err)
	}
	b.clock.pass(24*time.Hour - time.Second)
	if _, err := b.Invitation(here(), secret); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	b.clock.pass(time.Second)
	if _, err := b.Accept(here(), Acceptance{Secret: secret, Password: phrase}); !errors.Is(err, ErrInvitation) {
		t.Errorf("at its end: %v", err)
	}
}

func TestInvitationIsOvertakenBySigningIn(t *testing.T) {
	b := newBench(t)
	b.person(t, "bob", Viewer)
	secret, _, err := b.Invite(here(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	b.clock.pass(time.Second)
	if _, err := b.SignIn(here(), "bob", phrase, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Accept(here(), Acceptance{Secret: secret, Password: phrase}); !errors.Is(err, ErrInvitation) {
		t.Errorf("a reset link outlived a sign-in: %v", err)
	}
}

func TestInvitationForAnotherName(t *testing.T) {
	b := newBench(t)
	b.person(t, "ada", Administrator)
	if _, err := b.CreateUser(here(), "bob", "", Viewer); err != nil {
		t.Fatal(err)
	}
	secret, _, _ := b.Invite(here(), "bob")
	if _, err := b.Accept(here(), Acceptance{Secret: secret, Name: "ada", Password: phrase}); !isPolicy(err, "user") {
		t.Errorf("bob's link set ada's password: %v", err)
	}
	if _, err := b.Accept(here(), Acceptance{Secret: secret, Password: phrase}); err != nil {
		t.Errorf("the refused attempt burnt the link: %v", err)
	}
}

func TestSessionEnds(t *testing.T) {
	for name, end := range map[string]func(*bench, *http.Cookie){
		"idle": func(b *bench, _ *http.Cookie) { b.clock.pass(12*time.Hour + time.Second) },
		"absolute": func(b *bench, c *http.Cookie) {
			for range 7*24 + 1 {
				b.clock.pass(time.Hour)
				_, _ = b.who(with(c))
			}
		},
		"signed out": func(b *bench, c *http.Cookie) {
			id, _ := b.who(with(c))
			if _, err := b.SignOut(WithIdentity(here(), id)); err != nil {
				panic(err)
			}
		},
		"disabled": func(b *bench, _ *http.Cookie) {
			yes := true
			if _, err := b.UpdateUser(here(), "bob", UserPatch{Disabled: &yes}); err != nil {
				panic(err)
			}
		},
		"removed": func(b *bench, _ *http.Cookie) {
			if err := b.DeleteUser(here(), "bob"); err != nil {
				panic(err)
			}
		},
		"signed in again": func(b *bench, c *http.Cookie) {
			if _, err := b.SignIn(here(), "bob", phrase, c.Value); err != nil {
				panic(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.person(t, "bob", Analyst)
			if id, err := b.who(with(c)); err != nil || id.User != "bob" || !id.May(Write) || id.May(Admin) {
				t.Fatalf("%+v %v", id, err)
			}
			end(b, c)
			if _, err := b.who(with(c)); !errors.Is(err, ErrUnauthenticated) {
				t.Errorf("the session still holds: %v", err)
			}
		})
	}
}

func TestCookie(t *testing.T) {
	b := newBench(t)
	c := b.person(t, "bob", Viewer)
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Secure || c.MaxAge != 7*24*3600 {
		t.Errorf("%+v", c)
	}
	tls := request.With(context.Background(), request.Info{Secure: true})
	s, err := b.SignIn(tls, "bob", phrase, "")
	if err != nil || !s.Cookie.Secure {
		t.Errorf("over TLS: %+v %v", s.Cookie, err)
	}
	if len(c.Value) != 43 || c.Value == s.Cookie.Value {
		t.Errorf("secrets %q %q", c.Value, s.Cookie.Value)
	}
}

func TestLastUseIsWrittenOnceAMinute(t *testing.T) {
	b := newBench(t)
	c := b.person(t, "bob", Viewer)
	before := b.accounts.Puts
	for range 120 {
		b.clock.pass(time.Second)
		if _, err := b.who(with(c)); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.accounts.Puts - before; n != 2 {
		t.Errorf("%d writes in two minutes", n)
	}
}

func TestWrongCredentialsLookAlike(t *testing.T) {
	b := newBench(t)
	b.person(t, "bob", Viewer)
	b.person(t, "gone", Viewer)
	if _, err := b.CreateUser(here(), "pending", "", Viewer); err != nil {
		t.Fatal(err)
	}
	yes := true
	if _, err := b.UpdateUser(here(), "gone", UserPatch{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"bob", "wrong wrong wrong"}, {"nobody", phrase}, {"gone", phrase}, {"pending", ""}, {"pending", phrase}, {"bob", ""},
		{"bob", phrase + strings.Repeat("x", 600)}, {"", phrase}} {
		if _, err := b.SignIn(here(), c[0], c[1], ""); err == nil || err.Error() != ErrCredentials.Error() {
			t.Errorf("%q %q: %v", c[0], c[1], err)
		}
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	b := newBench(t)
	b.person(t, "bob", Viewer)
	tries := func(addr, name string) (n int) {
		for ; n < 1000; n++ {
			var limit *LimitError
			if _, err := b.SignIn(from(addr), name, "wrong wrong wrong", ""); errors.As(err, &limit) {
				if limit.After <= 0 || limit.After > userEvery {
					t.Errorf("wait %s", limit.After)
				}
				break
			}
		}
		return n
	}
	if n := tries("203.0.113.1", "x1"); n != addressBurst {
		t.Errorf("%d attempts from one address", n)
	}
	if n := tries("2001:db8::1", "x2") + tries("2001:db8::2", "x2"); n != addressBurst {
		t.Errorf("%d attempts from one IPv6 subscriber", n)
	}
	all := 0
	for i := range 10 {
		all += tries(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String(), "bob")
	}
	if all != userBurst {
		t.Errorf("%d attempts on one name", all)
	}
	if _, err := b.SignIn(here(), "bob", phrase, ""); err != nil {
		t.Errorf("bob is locked out at his own address: %v", err)
	}
	if _, err := b.SignIn(from("198.51.100.200"), "bob", phrase, ""); err == nil {
		t.Error("the limit on the name does not hold at a new address")
	}
	b.clock.pass(userEvery)
	if _, err := b.SignIn(from("198.51.100.200"), "bob", phrase, ""); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestGateIsBounded(t *testing.T) {
	g := newGate()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 3 * maxGated {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		_ = g.attempt(now, a, a.String())
		g.succeeded(a, a.String())
	}
	for i := range 3 * maxGated {
		_ = g.attempt(now, netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), "")
	}
	if len(g.addresses.items) > maxGated || len(g.users.items) > maxGated || len(g.familiar.items) > maxGated {
		t.Errorf("%d %d %d remembered", len(g.addresses.items), len(g.users.items), len(g.familiar.items))
	}
}

func TestChangePassword(t *testing.T) {
	b := newBench(t)
	old := b.person(t, "bob", Viewer)
	id, _ := b.who(with(old))
	ctx := WithIdentity(here(), id)
	if _, err := b.ChangePassword(ctx, "wrong wrong wrong", "another good phrase"); !isPolicy(err, "old") {
		t.Errorf("wrong old password: %v", err)
	}
	if _, err := b.ChangePassword(ctx, phrase, "bob"); !isPolicy(err, "password") {
		t.Errorf("weak new password: %v", err)
	}
	s, err := b.ChangePassword(ctx, phrase, "another good phrase")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.who(with(old)); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("the old session holds: %v", err)
	}
	if _, err := b.who(with(s.Cookie)); err != nil {
		t.Error(err)
	}
	if _, err := b.SignIn(here(), "bob", phrase, ""); !errors.Is(err, ErrCredentials) {
		t.Errorf("the old password holds: %v", err)
	}
}

func TestTokens(t *testing.T) {
	b := newBench(t)
	b.person(t, "ada", Administrator)
	b.person(t, "bob", Analyst)
	tok, secret, err := b.CreateToken(here(), "ada", NewToken{Name: "forwarder", Scopes: []string{"ingest", "read", "ingest"}, ExpiresAt: b.clock.now().Add(time.Hour)})
	if err != nil || !slices.Equal(tok.Scopes, []string{"ingest", "read"}) || !strings.HasPrefix(secret, "clew_"+tok.ID+"_") {
		t.Fatalf("%+v %q %v", tok, secret, err)
	}
	id, err := b.who(bearer(secret))
	if err != nil || !id.May(Ingest) || !id.May(Read) || id.May(Write) || id.May(Admin) || id.May(Self) || id.Token != "forwarder" {
		t.Fatalf("%+v %v", id, err)
	}
	for name, bad := range map[string]string{"cut": secret[:len(secret)-1], "other": secret[:len(secret)-1] + "!", "empty": "", "cookie": "x"} {
		if _, err := b.who(bearer(bad)); !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, limited, err := b.CreateToken(here(), "bob", NewToken{Name: "bob's", Scopes: []string{"admin", "read"}})
	if err != nil {
		t.Fatal(err)
	}
	if id, err := b.who(bearer(limited)); err != nil || id.May(Admin) || !id.May(Read) {
		t.Errorf("a token may more than its maker: %+v %v", id, err)
	}
	if err := b.DeleteUser(here(), "bob"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateUser(here(), "bob", "", Administrator); err != nil {
		t.Fatal(err)
	}
	if _, err := b.who(bearer(limited)); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("the token of a removed user came back with the name: %v", err)
	}
	b.clock.pass(time.Hour)
	if _, err := b.who(bearer(secret)); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("expired: %v", err)
	}
}

func TestTokenOfTheCommandLine(t *testing.T) {
	b := newBench(t)
	tok, secret, err := b.CreateToken(here(), "", NewToken{Name: "cli", Scopes: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	if id, err := b.who(bearer(secret)); err != nil || !id.May(Admin) || id.May(Self) {
		t.Fatalf("%+v %v", id, err)
	}
	if err := b.DeleteToken(here(), tok.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.who(bearer(secret)); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("removed: %v", err)
	}
}

func TestTokenRules(t *testing.T) {
	b := newBench(t)
	for field, n := range map[string]NewToken{
		"name":      {Scopes: []string{"read"}},
		"scopes":    {Name: "a"},
		"expiresAt": {Name: "a", Scopes: []string{"read"}, ExpiresAt: b.clock.now()},
	} {
		if _, _, err := b.CreateToken(here(), "", n); !isPolicy(err, field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, _, err := b.CreateToken(here(), "", NewToken{Name: "a", Scopes: []string{"self"}}); !isPolicy(err, "scopes") {
		t.Error("a token with a person's permission")
	}
}

// A wrong token must not fall back to the cookie beside it.
func TestAuthorizationDecidesAlone(t *testing.T) {
	b := newBench(t)
	c := b.person(t, "bob", Viewer)
	for _, h := range []string{"Bearer nonsense", "Basic Ym9iOng=", "Bearer", "x"} {
		r := with(c)
		r.Header.Set("Authorization", h)
		if _, err := b.who(r); !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("%q: %v", h, err)
		}
	}
}

func TestSomebodyCanAlwaysAdminister(t *testing.T) {
	b := newBench(t)
	b.person(t, "ada", Administrator)
	yes, viewer := true, Viewer
	if _, err := b.CreateUser(here(), "pending", "", Administrator); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"disable": second(b.UpdateUser(here(), "ada", UserPatch{Disabled: &yes})),
		"demote":  second(b.UpdateUser(here(), "ada", UserPatch{Role: &viewer})),
		"remove":  b.DeleteUser(here(), "ada"),
	} {
		if !errors.Is(err, ErrLastAdministrator) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.person(t, "bob", Administrator)
	if _, err := b.UpdateUser(here(), "ada", UserPatch{Role: &viewer}); err != nil {
		t.Errorf("with another administrator: %v", err)
	}
}

func second[A any](_ A, err error) error { return err }

func TestAccountRules(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct{ name, display, role, field string }{
		{"", "", Viewer, "name"}, {"a b", "", Viewer, "name"}, {"-a", "", Viewer, "name"}, {"me", "", Viewer, "name"}, {"none", "", Viewer, "name"},
		{strings.Repeat("a", 65), "", Viewer, "name"}, {"<script>", "", Viewer, "name"},
		{"a", "x\u202Ey", Viewer, "displayName"}, {"a", strings.Repeat("x", 101), Viewer, "displayName"}, {"a", "", "owner", "role"},
	} {
		if _, err := b.CreateUser(here(), c.name, c.display, c.role); !isPolicy(err, c.field) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := b.CreateUser(here(), " Bob@Example.com ", "", Viewer); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateUser(here(), "bob@example.com", "", Viewer); !errors.Is(err, store.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
}

func TestSettings(t *testing.T) {
	b := newBench(t)
	id, _ := b.who(with(b.person(t, "bob", Viewer)))
	ctx := WithIdentity(here(), id)
	if got, err := b.Settings(ctx); err != nil || got != "{}" {
		t.Fatal(got, err)
	}
	if err := b.PutSettings(ctx, `{"dark":true}`); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Settings(ctx); err != nil || got != `{"dark":true}` {
		t.Fatal(got, err)
	}
	if err := b.PutSettings(ctx, strings.Repeat(" ", maxSettings+1)); !isPolicy(err, "") {
		t.Errorf("too large: %v", err)
	}
}

func TestSweep(t *testing.T) {
	b := newBench(t)
	b.person(t, "bob", Viewer)
	_, _, _ = b.Invite(here(), "bob")
	b.clock.pass(8 * 24 * time.Hour)
	if err := b.Sweep(here()); err != nil {
		t.Fatal(err)
	}
	if s, i := b.accounts.Held(); s+i != 0 {
		t.Errorf("%d sessions, %d invitations stay", s, i)
	}
}

// A store that fails must never let anybody in, nor look like a wrong password.
func TestStoreFails(t *testing.T) {
	b := newBench(t)
	c := b.person(t, "bob", Viewer)
	broken := errors.New("disk on fire")
	b.accounts.Fail(broken)
	_, errSession := b.who(with(c))
	_, errToken := b.who(bearer("clew_0_0"))
	_, errSignIn := b.SignIn(here(), "bob", phrase, "")
	_, _, errFirst := EnsureAdministrator(here(), b.accounts, b.clock.now())
	for name, err := range map[string]error{"session": errSession, "token": errToken, "sign in": errSignIn, "first": errFirst} {
		if !errors.Is(err, broken) || errors.Is(err, ErrUnauthenticated) || errors.Is(err, ErrCredentials) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A sign-in that is under way while the account is disabled must not undo that.
func TestSignInDoesNotUndoDisabling(t *testing.T) {
	b := newBench(t)
	b.person(t, "bob", Viewer)
	yes := true
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { _, _ = b.SignIn(here(), "bob", phrase, "") })
	}
	wait.Go(func() {
		if _, err := b.UpdateUser(here(), "bob", UserPatch{Disabled: &yes}); err != nil {
			t.Error(err)
		}
	})
	wait.Wait()
	if u, err := b.accounts.User(here(), "bob"); err != nil || !u.Disabled {
		t.Errorf("%+v %v", u, err)
	}
}
