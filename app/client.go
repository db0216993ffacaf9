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

// client talks to a running server with the token of the environment.
type client struct{ base, workspace, token string }

func newClient(server, workspace string) (*client, error) {
	token := os.Getenv(tokenVariable)
	if token == "" {
		return nil, fmt.Errorf("%w: put an API token with the scopes read and write into %s", ErrUsage, tokenVariable)
	}
	base, err := url.JoinPath(server, "api/v1")
	if err != nil {
		return nil, fmt.Errorf("%w: --server: %w", ErrUsage, err)
	}
	return &client{base: base, workspace: workspace, token: token}, nil
}

// maxDocument bounds what is read of an answer.
const maxDocument = 64 << 20

// call sends a request with a JSON body (nil for none) and reads the answer into
// out. A refusal is told in the server's own words.
func (c *client) call(ctx context.Context, method, path string, body, out any) error {
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding the request: %w", err)
		}
		sent = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/"+path+"?"+url.Values{"workspace": {c.workspace}}.Encode(), sent)
	if err != nil {
		return fmt.Errorf("%w: --server: %w", ErrUsage, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking the server: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	if resp.StatusCode >= 300 {
		return refusal(resp.Status, answer)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	return nil
}

// refusal tells of a problem. An answer of something else in between is shown by
// its status.
func refusal(status string, answer []byte) error {
	var problem struct{ Title, Detail, Next string }
	_ = json.Unmarshal(answer, &problem)
	return fmt.Errorf("the server refused: %s %s", status, strings.TrimSpace(problem.Title+". "+problem.Detail+" "+problem.Next))
}
