package api

import (
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
)

// QueryContent is what people write of a saved query.
type QueryContent struct {
	Name        string `json:"name" minLength:"1" maxLength:"200"`
	Description string `json:"description,omitempty" maxLength:"4000"`
	Folder      string `json:"folder,omitempty" maxLength:"200"`
	Query       string `json:"query" minLength:"1" maxLength:"262144"`
	Function    string `json:"function,omitempty" maxLength:"64" doc:"Other queries can call it by this name when it is shared."`
	Parameters  string `json:"parameters,omitempty" maxLength:"2000" doc:"As in a let statement; \"()\" when left out." example:"(host:string, n:long=10)"`
	Shared      bool   `json:"shared,omitempty" doc:"Everybody of the workspace sees it."`
}

type createQueryInput struct {
	InWorkspace
	Body QueryContent
}

// InQuery names a saved query.
type InQuery struct {
	InWorkspace
	QueryID int64 `path:"queryId" minimum:"1"`
}

type updateQueryInput struct {
	InQuery
	Body struct {
		QueryContent
		Version int64 `json:"version" minimum:"1" doc:"The version that was read."`
	}
}

type runsInput struct {
	InWorkspace
	InPage
	All bool `query:"all" doc:"Everybody's runs, for administrators; else the caller's own."`
}

func (s *service) savedQueryOperations() {
	tag := "hunting"
	add(s, operation{id: "listQueries", tag: tag, route: "GET /hunting/queries", summary: "Saved queries: one's own and the shared ones", need: auth.Read}, s.listQueries)
	add(s, operation{id: "createQuery", tag: tag, route: "POST /hunting/queries", summary: "Save a query", need: auth.Write, status: 201, errors: []int{409, 422}}, s.createQuery)
	add(s, operation{id: "getQuery", tag: tag, route: "GET /hunting/queries/{queryId}", summary: "One saved query", need: auth.Read}, s.getQuery)
	add(s, operation{id: "updateQuery", tag: tag, route: "PUT /hunting/queries/{queryId}", summary: "Change a saved query", need: auth.Write, errors: []int{409, 422},
		doc: "Its owner and administrators may; of a shared one everybody who may write may."}, s.updateQuery)
	add(s, operation{id: "deleteQuery", tag: tag, route: "DELETE /hunting/queries/{queryId}", summary: "Remove a saved query", need: auth.Write,
		doc: "Its owner and administrators may."}, s.deleteQuery)
	add(s, operation{id: "huntingHistory", tag: tag, route: "GET /hunting/history", summary: "Runs of queries, newest first", need: auth.Read}, s.huntingHistory)
}

// visible tells whether the sender of a request may see a query.
func visible(ctx context.Context, q store.SavedQuery) bool {
	return q.Shared || owned(ctx, q)
}

func owned(ctx context.Context, q store.SavedQuery) bool {
	return q.Owner == actor(ctx).Name || auth.From(ctx).May(auth.Admin)
}

func (s *service) listQueries(ctx context.Context, in *InWorkspace) (*ListOutput[store.SavedQuery], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	all, err := s.Store.Queries(ctx, in.Workspace)
	all = slices.DeleteFunc(all, func(q store.SavedQuery) bool { return !visible(ctx, q) })
	return listed(store.Page[store.SavedQuery]{Items: all}, err)
}

var functionName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (c QueryContent) check() error {
	if c.Function != "" && !functionName.MatchString(c.Function) {
		return invalid("body.function", "want a letter or underscore, then letters, digits and underscores")
	}
	if c.Parameters != "" && c.Function == "" {
		return invalid("body.parameters", "only functions have parameters")
	}
	return nil
}

func (c QueryContent) into(q store.SavedQuery) store.SavedQuery {
	q.Name, q.Description, q.Folder, q.Query = c.Name, c.Description, c.Folder, c.Query
	q.Function, q.Parameters, q.Shared = c.Function, c.Parameters, c.Shared
	return q
}

func (s *service) createQuery(ctx context.Context, in *createQueryInput) (*Output[store.SavedQuery], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	return output(s.Store.CreateQuery(ctx, in.Workspace, in.Body.into(store.SavedQuery{Owner: actor(ctx).Name, CreatedAt: now, UpdatedAt: now})))
}

// savedQuery reads a query that the sender of the request may see.
func (s *service) savedQuery(ctx context.Context, in InQuery) (store.SavedQuery, error) {
	q, err := s.Store.Query(ctx, in.Workspace, in.QueryID)
	if err == nil && !visible(ctx, q) {
		err = store.ErrNotFound
	}
	return q, err
}

func (s *service) getQuery(ctx context.Context, in *InQuery) (*Output[store.SavedQuery], error) {
	return output(s.savedQuery(ctx, *in))
}

func (s *service) updateQuery(ctx context.Context, in *updateQueryInput) (*Output[store.SavedQuery], error) {
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	q, err := s.savedQuery(ctx, in.InQuery)
	if err != nil {
		return nil, err
	}
	if q.Shared != in.Body.Shared && !owned(ctx, q) {
		return nil, auth.ErrForbidden
	}
	q = in.Body.into(q)
	q.Version, q.UpdatedAt = in.Body.Version, s.Now().UTC()
	return output(s.Store.UpdateQuery(ctx, in.Workspace, q))
}

func (s *service) deleteQuery(ctx context.Context, in *InQuery) (*Empty, error) {
	q, err := s.savedQuery(ctx, *in)
	if err == nil && !owned(ctx, q) {
		err = auth.ErrForbidden
	}
	if err == nil {
		err = s.Store.DeleteQuery(ctx, in.Workspace, in.QueryID)
	}
	if err != nil {
		return nil, err
	}
	return &Empty{}, nil
}

// functions lists the saved functions that every query of a workspace can call.
func (s *service) functions(ctx context.Context, workspace string) ([]HuntingFunction, error) {
	all, err := s.Store.Queries(ctx, workspace)
	var out []HuntingFunction
	for _, q := range all {
		if q.Function != "" && q.Shared {
			out = append(out, HuntingFunction{Name: q.Function, Kind: "saved", Signature: q.Function + orEmpty(q.Parameters), Description: q.Description})
		}
	}
	return out, err
}

func orEmpty(parameters string) string {
	if parameters == "" {
		return "()"
	}
	return parameters
}

func (s *service) huntingHistory(ctx context.Context, in *runsInput) (*ListOutput[store.Run], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	f := store.RunFilter{User: actor(ctx).Name, Limit: in.Limit + 1}
	if in.All {
		if !auth.From(ctx).May(auth.Admin) {
			return nil, auth.ErrForbidden
		}
		f.User = ""
	}
	if in.Cursor != "" {
		before, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || before <= 0 {
			return nil, store.ErrBadCursor
		}
		f.Before = before
	}
	runs, err := s.Store.Runs(ctx, in.Workspace, f)
	page := store.Page[store.Run]{Items: runs}
	if len(runs) > in.Limit {
		page.Items = runs[:in.Limit]
		page.Next = strconv.FormatInt(page.Items[in.Limit-1].ID, 10)
	}
	return listed(page, err)
}
