package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/clew-sec/clew/workspace"
)

// tokenVariable names the environment variable that holds the API token.
const tokenVariable = "CLEW_TOKEN"

// maxAnswer bounds what is read of a server's answer.
const maxAnswer = 4 << 20

// importToServer sends one file to a running server as it is: the server reads
// the same formats. Busy answers are repeated, a broken file is reported.
func importToServer(ctx context.Context, o IO, opt ImportOptions, name string) (workspace.Receipt, error) {
	token := os.Getenv(tokenVariable)
	if token == "" {
		return workspace.Receipt{}, fmt.Errorf("%w: put an API token with scope ingest into %s", ErrUsage, tokenVariable)
	}
	for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
		r, err := send(ctx, o, opt, name, token)
		var busy *busyError
		if !errors.As(err, &busy) || name == "-" {
			return r, err
		}
		fmt.Fprintf(o.Err, "%s: the server is busy, again in %s\n", name, wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return r, ended(ctx)
		}
	}
}

// busyError is an answer that asks to come again.
type busyError struct{ status string }

func (e *busyError) Error() string { return "the server is busy: " + e.status }

func send(ctx context.Context, o IO, opt ImportOptions, name, token string) (workspace.Receipt, error) {
	var receipt workspace.Receipt
	f, err := o.open(name)
	if err != nil {
		return receipt, err
	}
	defer f.Close()
	source := opt.Source
	if source == "" {
		source = "auto"
	}
	target, err := url.JoinPath(opt.Server, "api/v1/ingest", source)
	if err != nil {
		return receipt, fmt.Errorf("%w: --server: %w", ErrUsage, err)
	}
	query := url.Values{"origin": {filepath.Base(name)}, "workspace": {opt.Workspace}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target+"?"+query.Encode(), f)
	if err != nil {
		return receipt, fmt.Errorf("%w: --server: %w", ErrUsage, err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return receipt, fmt.Errorf("sending %s: %w", name, err)
	}
	defer resp.Body.Close()
	err = readAnswer(resp, &receipt)
	return receipt, err
}

func readAnswer(resp *http.Response, receipt *workspace.Receipt) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	switch resp.StatusCode {
	case http.StatusAccepted:
		if err := json.Unmarshal(body, receipt); err != nil {
			return fmt.Errorf("reading the server's answer: %w", err)
		}
		return nil
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return &busyError{resp.Status}
	}
	return refusal(resp.Status, body)
}
