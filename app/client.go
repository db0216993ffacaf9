package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// tokenVariable names the environment variable that holds the API token.
const tokenVariable = "CLEW_TOKEN"

// maxAnswer bounds what is read of a server's answer.
const maxAnswer = 64 << 20

// client talks to a running server with the token of the environment.
type client struct{ server, workspace, token string }

// newClient fails with ErrUsage without a token; scopes tells which it needs.
func newClient(server, workspace, scopes string) (*client, error) {
	token := os.Getenv(tokenVariable)
	if token == "" {
		return nil, fmt.Errorf("%w: put an API token with %s into %s", ErrUsage, scopes, tokenVariable)
	}
	return &client{server: server, workspace: workspace, token: token}, nil
}

// sending is one request.
type sending struct {
	method string
	path   []string // below /api/v1
	query  url.Values
	kind   string // media type of body
	body   io.Reader
}

// busyError is an answer that asks to come again.
type busyError struct{ status string }

func (e *busyError) Error() string { return "the server is busy: " + e.status }

// send sends a request and reads the answer, which is JSON, into out. A refusal is
// told in the server's own words; one that asks to come again is a *busyError.
func (c *client) send(ctx context.Context, s sending, out any) error {
	target, err := url.JoinPath(c.server, append([]string{"api/v1"}, s.path...)...)
	if err != nil {
		return fmt.Errorf("%w: --server: %w", ErrUsage, err)
	}
	query := url.Values{"workspace": {c.workspace}}
	for name, values := range s.query {
		query[name] = values
	}
	req, err := http.NewRequestWithContext(ctx, s.method, target+"?"+query.Encode(), s.body)
	if err != nil {
		return fmt.Errorf("%w: --server: %w", ErrUsage, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if s.body != nil {
		req.Header.Set("Content-Type", s.kind)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking the server: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return fmt.Errorf("reading the server's answer: %w", err)
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable:
		return &busyError{resp.Status}
	case resp.StatusCode >= 300:
		return refusal(resp.Status, answer)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	return nil
}

// call is send with a body of JSON, nil for none.
func (c *client) call(ctx context.Context, method, path string, body, out any) error {
	s := sending{method: method, path: []string{path}, kind: "application/json"}
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding the request: %w", err)
		}
		s.body = bytes.NewReader(data)
	}
	return c.send(ctx, s, out)
}

// refusal tells of a problem. An answer of something else in between is shown by
// its status.
func refusal(status string, answer []byte) error {
	var problem struct{ Title, Detail, Next string }
	_ = json.Unmarshal(answer, &problem)
	return fmt.Errorf("the server refused: %s %s", status, strings.TrimSpace(problem.Title+". "+problem.Detail+" "+problem.Next))
}
