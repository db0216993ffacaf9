package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/clew-sec/clew/server/api"
	"github.com/clew-sec/clew/server/request"
)

// wrap puts what holds for every request around the routes.
func (s *Server) wrap(routes http.Handler) (http.Handler, error) {
	guard := http.NewCrossOriginProtection()
	for _, o := range origins(s.opt.PublicURL) {
		if err := guard.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("public URL: %w", err)
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.WriteProblem(w, r, http.StatusForbidden, "cross-origin", "The request comes from a page of another site.", "Use the portal itself, or an API token outside of a browser.")
	}))
	pack, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.RandomJitter(32, 0, false), gzhttp.ContentTypes([]string{
		"application/json", "application/problem+json", "application/openapi+json", "text/html", "text/plain",
	}))
	if err != nil {
		return nil, fmt.Errorf("setting up compression: %w", err)
	}
	packed := pack(routes)
	inner := guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == api.Base+"/events" {
			routes.ServeHTTP(w, r)
			return
		}
		packed.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(inner, w, r) }), nil
}

// serve runs one request inside its limits, and accounts for it.
func (s *Server) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	info := request.Describe(r, s.opt.TrustedProxies)
	r = r.WithContext(request.With(r.Context(), info))
	control := http.NewResponseController(w)
	out := &answer{ResponseWriter: w, control: control}
	body := limitBody(r, control)
	_ = control.SetWriteDeadline(time.Time{}) // of the request before on this connection
	setHeaders(w.Header(), info)
	defer func() {
		s.recovered(out, r, recover())
		body.finish()
		took := time.Since(began)
		s.metrics.request(r.Pattern, out.code(), took)
		s.opt.Log.DebugContext(r.Context(), "request", "request", info.ID, "method", r.Method, "path", r.URL.Path,
			"route", r.Pattern, "status", out.code(), "bytes", out.bytes, "took", took, "address", info.Address)
	}()
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		api.WriteProblem(out, r, http.StatusBadRequest, "query", "The query of the address can't be read.", "Percent-encode it.")
		return
	}
	next.ServeHTTP(out, r)
}

// recovered ends a request whose handler panicked.
func (s *Server) recovered(out *answer, r *http.Request, p any) {
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	s.opt.Log.ErrorContext(r.Context(), "request panicked", "request", request.From(r.Context()).ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if out.status == 0 {
		api.WriteProblem(out, r, http.StatusInternalServerError, "internal", "Something went wrong inside the server.", "Try again. If it stays, give the request id to the operator: the log tells more.")
	}
}

// setHeaders sets the security headers of every answer. The portal's page has a
// policy of its own; nothing else that the server sends is ever a document.
func setHeaders(h http.Header, info request.Info) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Request-Id", info.ID)
	if info.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// answer notes what was sent, and gives each write a deadline, so that a client
// that does not read can't hold a connection for ever.
type answer struct {
	http.ResponseWriter
	control *http.ResponseController
	status  int
	bytes   int64
	until   time.Time
}

const (
	writeWithin  = 60 * time.Second
	deadlineStep = 5 * time.Second
)

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.extend()
	a.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	a.extend()
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}

func (a *answer) extend() {
	if now := time.Now(); now.Add(writeWithin - deadlineStep).After(a.until) {
		a.until = now.Add(writeWithin)
		_ = a.control.SetWriteDeadline(a.until) // not every writer has one
	}
}

func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// timedBody gives each read of a request body a deadline, and the whole of it
// another, so that a sender that trickles can't hold a connection for ever.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
	end     time.Time
	done    bool
}

const (
	readWithin   = 30 * time.Second // one read, and a body that is not ingested
	ingestWithin = 15 * time.Minute
	drainWithin  = 5 * time.Second // what the handler left unread
)

func limitBody(r *http.Request, control *http.ResponseController) *timedBody {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	within := readWithin
	if strings.HasPrefix(r.URL.Path, api.Base+"/ingest/") {
		within = ingestWithin
	}
	b := &timedBody{ReadCloser: r.Body, control: control, end: time.Now().Add(within)}
	r.Body = b
	return b
}

// Read implements io.Reader.
func (b *timedBody) Read(p []byte) (int, error) {
	until := time.Now().Add(readWithin)
	if b.end.Before(until) {
		until = b.end
	}
	_ = b.control.SetReadDeadline(until)
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.done = true
		// The deadline must not outlive the body: it would cancel the handler.
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// finish bounds the time in which what is left of the body is thrown away.
func (b *timedBody) finish() {
	if b != nil && !b.done {
		_ = b.control.SetReadDeadline(time.Now().Add(drainWithin))
	}
}
