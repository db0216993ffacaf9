package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/request"
)

// operation declares one operation.
type operation struct {
	id, tag string
	route   string // "GET /incidents/{id}"
	summary string
	doc     string
	need    auth.Permission
	status  int   // of success, when neither 200 nor 204
	errors  []int // beside those that every operation can give
	maxBody int64 // 1 MiB when 0
	adjust  func(*huma.Operation)
}

// add registers an operation: its route, its permission, its documentation, and
// the translation of errors into problems.
func add[I, O any](s *service, o operation, handle func(context.Context, *I) (*O, error)) {
	op := o.described()
	op.Middlewares = huma.Middlewares{s.authorise(o.need)}
	if o.adjust != nil {
		o.adjust(&op)
	}
	s.allowed[o.id] = o.need
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

func (o operation) described() huma.Operation {
	method, path, _ := strings.Cut(o.route, " ")
	op := huma.Operation{
		OperationID: o.id, Method: method, Path: Base + path, Summary: o.summary, Description: o.doc,
		Tags: []string{o.tag}, DefaultStatus: o.status, MaxBodyBytes: o.maxBody,
		BodyReadTimeout: -1, // the server's own, which does not outlive the body
		Extensions:      map[string]any{"x-clew-permission": string(o.need)},
	}
	op.Errors = append([]int{http.StatusBadRequest, http.StatusTooManyRequests, http.StatusServiceUnavailable}, o.errors...)
	op.Security = []map[string][]string{}
	if o.need != auth.Public {
		op.Security = append(op.Security, map[string][]string{"session": {}})
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
	}
	if slices.Contains(auth.Scopes(), o.need) {
		op.Security = append(op.Security, map[string][]string{"token": {}})
	}
	if strings.Contains(path, "{") {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	slices.Sort(op.Errors)
	op.Errors = slices.Compact(op.Errors)
	return op
}

// authorise lets a request pass when its sender has the permission. A public
// operation learns who asks when that is known.
func (s *service) authorise(need auth.Permission) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		r, _ := humago.Unwrap(hc)
		ctx := hc.Context()
		id, err := s.Auth.Identify(ctx, r)
		if need == auth.Public && errors.Is(err, auth.ErrUnauthenticated) {
			err = nil
		}
		if err == nil && !id.May(need) {
			err = auth.ErrForbidden
		}
		if err != nil {
			s.refuse(hc, s.problem(ctx, err))
			return
		}
		next(huma.WithContext(hc, auth.WithIdentity(ctx, id)))
	}
}

// refuse answers with a problem in place of the handler.
func (s *service) refuse(hc huma.Context, p *Problem) {
	_, w := humago.Unwrap(hc)
	p.write(w)
}

// actor is who the log names for what a request does.
func actor(ctx context.Context) incident.Actor {
	id := auth.From(ctx)
	if id.Token != "" {
		return incident.Actor{Kind: incident.ByAutomation, Name: id.Token}
	}
	return incident.Actor{Kind: incident.ByUser, Name: id.User}
}

// unknown answers for paths and methods that no operation has.
func (s *service) unknown(mux *http.ServeMux) http.HandlerFunc {
	methods := []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut}
	return func(w http.ResponseWriter, r *http.Request) {
		var allow []string
		for _, m := range methods {
			probe := r.Clone(r.Context())
			probe.Method = m
			if _, pattern := mux.Handler(probe); pattern != "/api/" && pattern != "" {
				allow = append(allow, m)
			}
		}
		p := problemOf(http.StatusNotFound, "no-operation", "The API has nothing at this path.", "Look the path up in /api/openapi.json.")
		if len(allow) > 0 {
			p = problemOf(http.StatusMethodNotAllowed, "method", "The path does not take this method.", "Use "+strings.Join(allow, " or ")+".")
			p.header("Allow", strings.Join(allow, ", "))
		}
		p.RequestID = request.From(r.Context()).ID
		p.write(w)
	}
}
