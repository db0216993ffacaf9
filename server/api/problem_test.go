package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

func TestErrorsBecomeProblems(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		err    error
		status int
		retry  string
		says   string
	}{
		{store.ErrNotFound, 404, "", ""},
		{store.ErrConflict, 409, "", ""},
		{store.ErrFull, 507, "60", "no space left"},
		{store.ErrReadOnly, 503, "60", "can't be written"},
		{store.ErrBadCursor, 400, "", ""},
		{incident.ErrStale, 412, "", ""},
		{&incident.InvalidError{Field: "status", Reason: "can't be that"}, 422, "", "body.status: can't be that"},
		{&incident.RefusedError{Rule: "owner", Reason: "They have different owners."}, 409, "", "They have different owners."},
		{fmt.Errorf("merging: %w", correlate.ErrRefused), 409, "", ""},
		{incident.ErrNoTask, 404, "", "no such task"},
		{correlate.ErrNoIncident, 404, "", ""},
		{correlate.ErrNoAlert, 404, "", ""},
		{workspace.ErrBusy, 429, "5", ""},
		{workspace.ErrClosed, 503, "10", ""},
		{fmt.Errorf("%w: at most 1000", workspace.ErrInvalid), 422, "", "at most 1000"},
		{auth.ErrBusy, 503, "5", ""},
		{&auth.LimitError{After: 1500 * time.Millisecond}, 429, "2", ""},
		{context.DeadlineExceeded, 503, "5", ""},
		{&http.MaxBytesError{Limit: 5}, 413, "", ""},
		{errors.New("pq: password authentication failed for user clew at /var/lib"), 500, "", ""},
	} {
		b.log.Reset()
		b.desk.fail(fmt.Errorf("deep inside: %w", c.err))
		w := b.call("analyst", "PATCH /incidents/1", `{"comment":"x"}`)
		p := problemIn(t, w)
		if w.Code != c.status || w.Header().Get("Retry-After") != c.retry || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%v: %d, Retry-After %q, %q", c.err, w.Code, w.Header().Get("Retry-After"), p.Detail)
		}
		if p.Next == "" && c.status != 409 {
			t.Errorf("%v: says nothing of what to do", c.err)
		}
		if strings.Contains(w.Body.String(), "deep inside") && c.status >= 500 || strings.Contains(w.Body.String(), "/var/lib") {
			t.Errorf("%v: shows what is inside: %s", c.err, w.Body)
		}
		logged := strings.Contains(b.log.String(), "deep inside") && strings.Contains(b.log.String(), p.RequestID)
		if logged != (c.status >= 500) || strings.Count(b.log.String(), "\n") > 1 {
			t.Errorf("%v: logged %q", c.err, b.log)
		}
	}
}

// Every read that fails answers with a problem that shows nothing.
func TestStoreFailsEverywhere(t *testing.T) {
	b := newBench(t)
	b.store.Break(errors.New("secret path"))
	for _, route := range []string{"/incidents", "/incidents/1", "/incidents/facets", "/incidents/histogram", "/incidents/1/alerts", "/incidents/1/story",
		"/incidents/1/explain", "/incidents/1/merges", "/alerts", "/alerts/a2", "/alerts/facets", "/alerts/a2/explain", "/entities", "/entities/1",
		"/entities/1/alerts", "/entities/1/incidents", "/search?q=x", "/search?q=1", "/sources", "/rejects", "/activity"} {
		w := b.call("viewer", "GET "+route, "")
		if p := problemIn(t, w); p.Status != 500 || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %s", route, w.Body)
		}
	}
}

func TestAccountsFail(t *testing.T) {
	b := newBench(t)
	b.store.Fail(errors.New("secret path"))
	for _, route := range []string{"GET /session", "GET /incidents", "GET /users", "GET /tokens", "DELETE /session"} {
		w := b.call("admin", route, "")
		if p := problemIn(t, w); p.Status != 500 || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %s", route, w.Body)
		}
	}
}
