package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/clew-sec/clew/workspace"
)

// importToServer sends one file to a running server as it is: the server reads
// the same formats. Busy answers are repeated, a broken file is reported.
func importToServer(ctx context.Context, o IO, opt ImportOptions, name string) (workspace.Receipt, error) {
	c, err := newClient(opt.Server, opt.Workspace, "the scope ingest")
	if err != nil {
		return workspace.Receipt{}, err
	}
	for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
		var r workspace.Receipt
		err := c.sendFile(ctx, o, []string{"ingest", cmp.Or(opt.Source, "auto")}, name, nil, &r)
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

// sendFile posts a file as it is.
func (c *client) sendFile(ctx context.Context, o IO, path []string, name string, query url.Values, out any) error {
	f, err := o.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if query == nil {
		query = url.Values{}
	}
	query.Set("origin", filepath.Base(name))
	err = c.send(ctx, sending{method: http.MethodPost, path: path, query: query, kind: "application/octet-stream", body: f}, out)
	if err != nil {
		return fmt.Errorf("sending %s: %w", name, err)
	}
	return nil
}
