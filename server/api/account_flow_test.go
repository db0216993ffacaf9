package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clew-sec/clew/server/auth"
)

func read[T any](t *testing.T, w *httptest.ResponseRecorder, status int) T {
	t.Helper()
	var v T
	if w.Code != status {
		t.Fatalf("%d instead of %d: %s", w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return v
}

// cookieOf takes the session cookie out of an answer.
func cookieOf(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	for _, c := range w.Result().Cookies() {
		if c.Name == auth.CookieName {
			return c
		}
	}
	t.Fatalf("no session cookie in %v", w.Header())
	return nil
}

func TestFromInvitationToSigningOut(t *testing.T) {
	b := newBench(t)
	made := read[Welcome](t, b.call("admin", "POST /users", `{"name":"Grace","displayName":"Grace H","role":"analyst"}`), 201)
	if made.User.Name != "grace" || !made.User.Pending || !strings.HasPrefix(made.Invitation.Link, "/setup/") {
		t.Fatalf("%+v", made)
	}
	if i := read[Invited](t, b.call("", "GET "+made.Invitation.Link, ""), 200); i.User != "grace" || i.Role != "analyst" {
		t.Errorf("%+v", i)
	}
	if p := problemIn(t, b.call("", "POST "+made.Invitation.Link, `{"password":"grace"}`)); p.Status != 422 || p.Errors[0].Location != "body.password" {
		t.Errorf("%+v", p)
	}
	w := b.call("", "POST "+made.Invitation.Link, `{"password":"`+phrase+`"}`)
	if s := read[Session](t, w, 200); s.User.Name != "grace" || s.User.Role != "analyst" || s.Version != "1.2.3" {
		t.Errorf("%+v", s)
	}
	b.cookies["grace"] = cookieOf(t, w)
	if s := read[Session](t, b.call("grace", "GET /session", ""), 200); s.User.DisplayName != "Grace H" || s.Workspaces[0] != "default" {
		t.Errorf("%+v", s)
	}
	if p := problemIn(t, b.call("", "POST "+made.Invitation.Link, `{"password":"`+phrase+`"}`)); p.Status != 404 {
		t.Errorf("the link works twice: %+v", p)
	}
	w = b.call("grace", "PUT /session/password", `{"old":"`+phrase+`","new":"even better phrase"}`)
	read[Session](t, w, 200)
	if p := problemIn(t, b.call("grace", "GET /incidents", "")); p.Status != 401 {
		t.Errorf("the session before the change of password: %+v", p)
	}
	b.cookies["grace"] = cookieOf(t, w)
	if w := b.call("grace", "DELETE /session", ""); w.Code != 204 || cookieOf(t, w).MaxAge >= 0 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if p := problemIn(t, b.call("grace", "GET /session", "")); p.Status != 401 {
		t.Errorf("%+v", p)
	}
	w = b.call("grace", "POST /session", `{"user":"GRACE","password":"even better phrase"}`)
	read[Session](t, w, 200)
	again := read[Invitation](t, b.call("admin", "POST /users/grace/invitation", ""), 201)
	if again.Link == made.Invitation.Link {
		t.Error("the same link twice")
	}
	if w := b.call("admin", "DELETE /users/grace", ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSetupNeededIsTold(t *testing.T) {
	b := newBench(t)
	users, _ := b.store.Users(t.Context())
	for _, u := range users {
		if err := b.store.DeleteUser(t.Context(), u.Name); err != nil {
			t.Fatal(err)
		}
	}
	if p := problemIn(t, b.call("", "GET /session", "")); p.Status != 401 || !p.SetupNeeded {
		t.Errorf("%+v", p)
	}
}

func TestTokenIsShownOnce(t *testing.T) {
	b := newBench(t)
	made := read[MadeToken](t, b.call("admin", "POST /tokens", `{"name":"forwarder","scopes":["ingest"],"expiresAt":"2027-01-01T00:00:00Z"}`), 201)
	b.tokens["new"] = made.Secret
	if w := b.call("token:new", "POST /ingest/auto", "{}"); w.Code != 202 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	list := b.call("admin", "GET /tokens", "")
	if n := len(read[List[any]](t, list, 200).Items); n != 5 || strings.Contains(list.Body.String(), made.Secret) || strings.Contains(list.Body.String(), "hash") {
		t.Errorf("%d tokens: %s", n, list.Body)
	}
	if w := b.call("admin", "DELETE /tokens/"+made.Token.ID, ""); w.Code != 204 {
		t.Errorf("%d", w.Code)
	}
	if p := problemIn(t, b.call("token:new", "POST /ingest/auto", "{}")); p.Status != 401 {
		t.Errorf("%+v", p)
	}
	if p := problemIn(t, b.call("admin", "POST /tokens", `{"name":"x","scopes":["root"]}`)); p.Status != 422 {
		t.Errorf("%+v", p)
	}
}

func TestSettingsRoundTrip(t *testing.T) {
	b := newBench(t)
	if w := b.call("viewer", "GET /session/settings", ""); w.Body.String() != "{}" {
		t.Errorf("%s", w.Body)
	}
	const text = `{"columns":["a",1,null],"dark":true}`
	if w := b.call("viewer", "PUT /session/settings", text); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := b.call("viewer", "GET /session/settings", ""); w.Body.String() != text {
		t.Errorf("%s", w.Body)
	}
	for _, bad := range []string{`[]`, `"x"`, `{"a":1,"a":2}`, `{`, `{"x":"` + strings.Repeat("x", 65<<10) + `"}`} {
		if w := b.call("viewer", "PUT /session/settings", bad); w.Code < 400 || w.Code >= 500 {
			t.Errorf("%.20s: %d", bad, w.Code)
		}
	}
}

func TestSignInIsLimited(t *testing.T) {
	b := newBench(t)
	for range 100 {
		w := b.call("", "POST /session", `{"user":"the-admin","password":"wrong wrong wrong"}`)
		if w.Code == 429 {
			if w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			problemIn(t, w)
			return
		}
	}
	t.Error("a hundred guesses were answered")
}
