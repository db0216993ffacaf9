package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/live"
	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/workspace"
)

// Problem is the body of every error (RFC 9457).
type Problem struct {
	Type      string    `json:"type" doc:"Which kind of problem, for programs." example:"urn:clew:problem:not-found"`
	Title     string    `json:"title" doc:"The kind in words." example:"Not Found"`
	Status    int       `json:"status" doc:"The HTTP status." example:"404"`
	Detail    string    `json:"detail" doc:"What is wrong this time." example:"There is nothing with this id."`
	Next      string    `json:"next,omitempty" doc:"What the caller can do." example:"Check the id."`
	Errors    []Invalid `json:"errors,omitempty" doc:"The fields and parameters that are wrong."`
	RequestID string    `json:"requestId,omitempty" doc:"Names the request in the server's log." example:"9f86d081884c7d65"`
	// SetupNeeded is set when signing in is impossible because nobody can.
	SetupNeeded bool `json:"setupNeeded,omitempty" doc:"No administrator exists yet: use the link that the server printed at its start."`
	// Receipt is what was accepted before an ingest request failed.
	Receipt *Receipt `json:"receipt,omitempty" doc:"What was accepted before the request failed; it stays accepted, and sending it again does no harm."`

	// Events is what was stored before a delivery of events failed.
	Events *EventReceipt `json:"events,omitempty" doc:"What was stored before the delivery of events failed: the first records of it. Send only the rest again."`

	headers http.Header
	logged  bool
}

// Invalid is one wrong field or parameter.
type Invalid struct {
	Location string `json:"location" doc:"Where: body.…, query.…, path.…" example:"query.limit"`
	Message  string `json:"message" doc:"What is wrong." example:"expected number <= 500"`
	// Of a query, where it is wrong.
	Start       *int     `json:"start,omitempty" doc:"Of a query: from which byte."`
	End         *int     `json:"end,omitempty" doc:"Of a query: up to which byte."`
	Code        string   `json:"code,omitempty" doc:"Of a query: the kind of error, for programs."`
	Suggestions []string `json:"suggestions,omitempty" doc:"Of a query: what could stand there."`
}

// Error implements error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func (p *Problem) header(name, value string) {
	if p.headers == nil {
		p.headers = http.Header{}
	}
	p.headers.Set(name, value)
}

// write sends the problem outside of an operation.
func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = jsonFormat.Marshal(w, p) // the client is gone when this fails
}

// WriteProblem answers a request that failed before it reached an operation.
func WriteProblem(w http.ResponseWriter, r *http.Request, status int, code, detail, next string) {
	p := problemOf(status, code, detail, next)
	p.RequestID = request.From(r.Context()).ID
	p.write(w)
}

func problemOf(status int, code, detail, next string) *Problem {
	return &Problem{
		Type: "urn:clew:problem:" + code, Title: http.StatusText(status), Status: status, Detail: detail, Next: next,
	}
}

// rule says how one kind of error is answered.
type rule struct {
	is     error
	status int
	code   string
	detail string // empty: the text of the error itself, which is made to be shown
	next   string
	retry  int // seconds, for Retry-After
}

// rules is the one table from domain errors to answers; the first that fits counts.
var rules = []rule{
	{is: auth.ErrUnauthenticated, status: 401, code: "not-signed-in", detail: "Nobody is signed in, or the session or token does not hold any more.", next: "Sign in, or send a valid API token."},
	{is: auth.ErrCredentials, status: 401, code: "credentials", detail: "The user name or the password is wrong.", next: "Try again, or ask an administrator for a new link to set a password."},
	{is: auth.ErrForbidden, status: 403, code: "forbidden", detail: "Your role or token does not permit this.", next: "Ask an administrator for the role or for a token with the scope."},
	{is: auth.ErrInvitation, status: 404, code: "invitation", detail: "The link was used already or has expired.", next: "Ask an administrator for a new link; for the first administrator, start the server again and use the link that it prints."},
	{is: auth.ErrLastAdministrator, status: 409, code: "last-administrator", detail: "Nobody could administer Clew any more.", next: "Make another user administrator first."},
	{is: auth.ErrBusy, status: 503, code: "busy", detail: "Too many people sign in at the same time.", next: "Try again in a few seconds.", retry: 5},
	{is: incident.ErrStale, status: 412, code: "changed", detail: "It was changed since you read it.", next: "Read it again and repeat the change."},
	{is: incident.ErrNoTask, status: 404, code: "not-found", detail: "The incident has no such task.", next: "Read its tasks again: it was deleted, or a merge or its undo put it elsewhere."},
	{is: correlate.ErrRefused, status: 409, code: "refused"},
	{is: correlate.ErrNoIncident, status: 404, code: "not-found", detail: "There is no such incident.", next: "Check the id."},
	{is: correlate.ErrNoAlert, status: 404, code: "not-found", detail: "There is no such alert.", next: "Check the id."},
	{is: workspace.ErrBacktestRuns, status: 409, code: "backtest-runs", detail: "A back-test is under way.", next: "Wait until it has ended, or delete it."},
	{is: workspace.ErrTrainingRuns, status: 409, code: "training-runs", detail: "A training is under way.", next: "Wait until it has ended, or delete the model that is being trained."},
	{is: workspace.ErrTooLittle, status: 409, code: "too-little"},
	{is: store.ErrTooMany, status: 409, code: "too-many", detail: "As many are kept as there may be.", next: "Delete one first."},
	{is: workspace.ErrBusy, status: 429, code: "busy", detail: "Too much is waiting to be written.", next: "Send it again after the time in Retry-After; repeating does no harm.", retry: 5},
	{is: workspace.ErrClosed, status: 503, code: "stopping", detail: "The server is stopping.", next: "Send it again when the server is back; repeating does no harm.", retry: 10},
	{is: live.ErrFull, status: 503, code: "busy", detail: "Too many live connections are open.", next: "Close some, or poll instead.", retry: 30},
	{is: live.ErrClosed, status: 503, code: "stopping", detail: "The server is stopping.", next: "Connect again when it is back.", retry: 10},
	{is: store.ErrNotFound, status: 404, code: "not-found", detail: "There is nothing with this id.", next: "Check the id."},
	{is: store.ErrConflict, status: 409, code: "conflict", detail: "The name is taken, or someone else changed the same thing at the same time.", next: "Choose another name, or read it again and repeat."},
	{is: store.ErrBadCursor, status: 400, code: "cursor", detail: "The cursor does not belong to this list.", next: "Start again without a cursor."},
	{is: store.ErrFull, status: 507, code: "full", detail: "There is no space left; nothing was changed.", next: "Free space in the data folder, then send it again.", retry: 60},
	{is: store.ErrReadOnly, status: 503, code: "read-only", detail: "The data can't be written; nothing was changed.", next: "Ask the operator to look at the data folder, then send it again.", retry: 60},
	{is: errTooMuch, status: 413, code: "too-large", detail: "The request is larger than this server takes.", next: "Send it in smaller parts."},
	{is: errBrokenOff, status: 400, code: "broken-off", detail: "The body broke off, or came too slowly.", next: "Send it again; repeating does no harm."},
	{is: errNoTelemetry, status: 503, code: "no-telemetry", detail: "This server keeps no telemetry.", next: "Ask the operator to start it with a telemetry store."},
	{is: telemetry.ErrBusy, status: 429, code: "busy", detail: "Too much is waiting already.", next: "Try again after the time in Retry-After.", retry: 5},
	{is: telemetry.ErrNoTable, status: 404, code: "not-found", detail: "There is no such table.", next: "GET /api/v1/hunting/schema lists the tables."},
	{is: ingest.ErrTableExists, status: 409, code: "conflict", detail: "There is a table of this name.", next: "Choose another name; upper and lower case count as one."},
	{is: ingest.ErrTooManyTables, status: 409, code: "too-many", next: "Remove one that is not needed any more."},
	{is: telemetry.ErrConflict, status: 409, code: "conflict", detail: "The table was changed meanwhile.", next: "Look at its columns, then send the rest again."},
	{is: telemetry.ErrClosed, status: 503, code: "stopping", detail: "The server is stopping.", next: "Try again when it is back.", retry: 10},
	{is: context.DeadlineExceeded, status: 503, code: "slow", detail: "It took too long.", next: "Try again, or ask for less at a time.", retry: 5},
	{is: context.Canceled, status: 503, code: "cancelled", detail: "The request was given up.", next: "Try again.", retry: 1},
}

// problem translates an error into its answer and logs what is the server's
// fault, once, with the id that the answer carries.
func (s *service) problem(ctx context.Context, err error) *Problem {
	p := translate(err)
	if p.logged {
		return p
	}
	p.RequestID, p.logged = request.From(ctx).ID, true
	if p.Status == http.StatusUnauthorized {
		p.header("WWW-Authenticate", `Bearer realm="Clew"`)
	}
	switch {
	case errors.Is(err, context.Canceled):
	case p.Status >= 500:
		s.Log.ErrorContext(ctx, "request failed", "request", p.RequestID, "status", p.Status, "error", err)
	default:
		s.Log.DebugContext(ctx, "request refused", "request", p.RequestID, "status", p.Status, "error", err)
	}
	return p
}

func translate(err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	if p := translateTyped(err); p != nil {
		return p
	}
	for _, r := range rules {
		if !errors.Is(err, r.is) {
			continue
		}
		p := problemOf(r.status, r.code, r.detail, r.next)
		if p.Detail == "" {
			p.Detail = shown(err)
		}
		if r.retry > 0 {
			p.header("Retry-After", strconv.Itoa(r.retry))
		}
		return p
	}
	return problemOf(http.StatusInternalServerError, "internal", "Something went wrong inside the server.",
		"Try again. If it stays, give the request id to the operator: the log tells more.")
}

// translateTyped handles the errors that carry a field or a time.
func translateTyped(err error) *Problem {
	var bad *incident.InvalidError
	var policy *auth.PolicyError
	var limit *auth.LimitError
	var setting *correlate.SettingError
	var model *correlate.ModelError
	var large *http.MaxBytesError
	var cut *telemetry.LimitError
	var query *QueryError
	switch {
	case errors.As(err, &query):
		return wrong(query)
	case errors.As(err, &cut):
		return limited(cut)
	case errors.As(err, &bad):
		return invalid("body."+bad.Field, bad.Reason)
	case errors.As(err, &setting):
		return invalid("body.settings."+setting.Field, setting.Reason)
	case errors.As(err, &model):
		return invalid(strings.TrimSuffix("body."+model.Field, "."), model.Reason)
	case errors.As(err, &policy):
		return invalid("body."+policy.Field, policy.Reason)
	case errors.As(err, &limit):
		p := problemOf(http.StatusTooManyRequests, "too-many-attempts", "There were too many attempts.", "Wait, then try again.")
		p.header("Retry-After", strconv.Itoa(int((limit.After+time.Second-1)/time.Second)))
		return p
	case errors.As(err, &large):
		return problemOf(http.StatusRequestEntityTooLarge, "too-large",
			fmt.Sprintf("The request is larger than %d bytes.", large.Limit), "Send it in smaller parts.")
	case errors.Is(err, workspace.ErrInvalid):
		return problemOf(http.StatusUnprocessableEntity, "invalid", shown(err), "Correct the request and send it again.")
	}
	return nil
}

// invalid is the answer to one wrong field.
func invalid(location, reason string) *Problem {
	p := problemOf(http.StatusUnprocessableEntity, "invalid", "The request is not valid: "+location+": "+reason+".", "Correct what is listed in errors and send it again.")
	p.Errors = []Invalid{{Location: location, Message: reason}}
	return p
}

// shown is the text of a refusal that is made for people.
func shown(err error) string {
	var r *incident.RefusedError
	if errors.As(err, &r) {
		return r.Reason
	}
	return err.Error()
}

// The framework makes its own errors for requests that do not fit the document;
// they take the same form. It knows only this one, process-wide, way to say so;
// the same goes for lists, which are never null here.
func init() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError { return misfit(status, msg, errs) }
	huma.NewErrorWithContext = func(hc huma.Context, status int, msg string, errs ...error) huma.StatusError {
		p := misfit(status, msg, errs)
		if hc != nil {
			p.RequestID = request.From(hc.Context()).ID
		}
		return p
	}
}

const maxMisfits = 20

// misfit never repeats what was sent: a body can hold a password.
func misfit(status int, msg string, errs []error) *Problem {
	p := problemOf(status, "invalid", "The request is not valid: "+msg+".", "Correct what is listed in errors and send it again.")
	if status >= 500 {
		p.Detail = "Something went wrong inside the server."
		p.Type, p.Next = "urn:clew:problem:internal", "Try again. If it stays, give the request id to the operator: the log tells more."
		return p
	}
	for _, err := range errs[:min(len(errs), maxMisfits)] {
		if i, ok := misfitOf(err); ok {
			p.Errors = append(p.Errors, i)
		}
	}
	if len(p.Errors) > 0 {
		p.Detail = "The request is not valid: " + p.Errors[0].Location + ": " + p.Errors[0].Message + "."
	}
	return p
}

func misfitOf(err error) (Invalid, bool) {
	if err == nil {
		return Invalid{}, false
	}
	i := Invalid{Location: "request", Message: err.Error()}
	var d huma.ErrorDetailer
	if errors.As(err, &d) {
		i = Invalid{Location: d.ErrorDetail().Location, Message: d.ErrorDetail().Message}
	}
	for _, prefix := range []string{"jsontext: ", "json: "} {
		i.Message = strings.TrimPrefix(i.Message, prefix)
	}
	if strings.HasPrefix(i.Message, "invalid date/time") {
		i.Message = "must be a time such as 2026-01-31T12:00:00Z"
	}
	return i, true
}
