package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/entity/inventory"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// maxInventory bounds the body of an inventory, before and after unpacking.
const maxInventory = 256 << 20

// importInventoryInput keeps the body as a stream.
type importInventoryInput struct {
	InWorkspace
	Origin  string `query:"origin" maxLength:"256" doc:"File name, shown where an identifier was learnt; the sender's address when left out."`
	Replace bool   `query:"replace" doc:"Forget the inventory that is held first."`

	request *http.Request
}

// Resolve implements huma.Resolver.
func (i *importInventoryInput) Resolve(hc huma.Context) []error {
	i.request, _ = humago.Unwrap(hc)
	return nil
}

type listConflictsInput struct {
	InWorkspace
	InPage
}

func (s *service) inventoryOperations() {
	add(s, operation{
		id: "importInventory", tag: "entities", route: "POST /inventory", summary: "Tell of users and devices", need: auth.Write,
		errors: []int{409, 413, 415, 507},
		doc: `The body is an inventory in JSON (an object with the lists users and devices, an array of rows, or one row per line) or in CSV with a line of column names; plain or gzip.

Columns are recognised by the names that directories use: userPrincipalName, sid, objectId, samAccountName with ntDomain, mail; hostName, fqdn, deviceId, azureAdDeviceId, leases (address@from/to), criticality. Any other column is kept as a fact of the asset. A row brings up to date what it states of an asset and leaves the rest. A bad row is rejected alone and kept with the reason (GET /rejects).`,
		adjust: func(op *huma.Operation) {
			text := &huma.Schema{Type: huma.TypeString, Format: "binary"}
			op.RequestBody = &huma.RequestBody{Required: true, Description: "An inventory.", Content: map[string]*huma.MediaType{
				"application/json":         {Example: map[string]any{"users": []any{map[string]any{"userPrincipalName": "mara@harbor.example", "department": "Finance"}}}},
				"text/csv":                 {Schema: text},
				"application/octet-stream": {Schema: text},
			}}
		},
	}, s.importInventory)
	add(s, operation{id: "getInventory", tag: "entities", route: "GET /inventory", summary: "What the inventory holds, and its latest imports", need: auth.Read}, s.getInventory)
	add(s, operation{id: "listConflicts", tag: "entities", route: "GET /inventory/conflicts", summary: "Identifiers that contradict each other, latest first", need: auth.Read,
		doc: "Those that alerts brought too. Where joined is false, the two were kept apart; otherwise one entity holds both, until a split settles it."}, s.listConflicts)
}

func (s *service) getInventory(ctx context.Context, in *InWorkspace) (*Output[store.InventoryState], error) {
	return output(s.Store.InventoryState(ctx, in.Workspace))
}

func (s *service) listConflicts(ctx context.Context, in *listConflictsInput) (*ListOutput[entity.Conflict], error) {
	return listed(s.Store.Conflicts(ctx, store.ConflictQuery{Workspace: in.Workspace, Paging: in.paging()}))
}

func (s *service) importInventory(ctx context.Context, in *importInventoryInput) (*Output[workspace.InventoryReceipt], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	if e := strings.ToLower(in.request.Header.Get("Content-Encoding")); e != "" && e != "identity" && e != "gzip" && e != "x-gzip" {
		return nil, problemOf(415, "encoding", "The content encoding is not understood.", "Send the body plain or with gzip.")
	}
	if in.request.ContentLength > maxInventory {
		return nil, fmt.Errorf("%d bytes are announced: %w", in.request.ContentLength, errTooMuch)
	}
	select {
	case s.ingests <- struct{}{}:
		defer func() { <-s.ingests }()
	default:
		return nil, fmt.Errorf("%d ingest requests are under way: %w", cap(s.ingests), workspace.ErrBusy)
	}
	origin := in.Origin
	if origin == "" {
		origin = request.From(ctx).Address.String()
	}
	body := &bounded{from: bufio.NewReader(in.request.Body), left: maxInventory}
	rows := inventory.Read(body, inventory.Options{Name: origin, MaxBytes: maxInventory})
	receipt, err := w.ImportInventory(ctx, actor(ctx), workspace.InventoryBatch{Origin: origin, Replace: in.Replace, Rows: rows})
	if err != nil {
		return nil, unreadInventory(err, body.err, receipt)
	}
	return &Output[workspace.InventoryReceipt]{Body: receipt}, nil
}

// unreadInventory says why an inventory was not read to its end, and how much of
// it was taken.
func unreadInventory(err, body error, r workspace.InventoryReceipt) error {
	var bad *inventory.RowError
	switch {
	case body != nil && !errors.Is(body, io.EOF):
		return body
	case errors.Is(err, inventory.ErrTooLarge):
		return fmt.Errorf("%w: %w", err, errTooMuch)
	case errors.As(err, &bad):
		text := "The inventory could not be read: " + bad.Error() + "."
		if r.Received > 0 {
			text = fmt.Sprintf("The inventory could not be read to its end: %s. %d rows before it were taken.", bad.Error(), r.Received)
		}
		return problemOf(400, "unreadable", text, "Send CSV with a line of column names, or JSON with the lists users and devices; plain or gzip.")
	}
	return err
}
