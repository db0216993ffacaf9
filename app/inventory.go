package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/clew-sec/clew/entity/inventory"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/workspace"
)

// InventoryOptions says which inventory to import and where to.
type InventoryOptions struct {
	Server    string // URL of a running server instead of a data folder
	Workspace string
	Replace   bool // forget what is held before the first file
	JSON      bool // print the receipts as JSON
	Files     []string
}

// InventoryFile is what became of one file.
type InventoryFile struct {
	File string `json:"file"`
	workspace.InventoryReceipt
	Error string `json:"error,omitempty"`
}

// inventorySender imports one file.
type inventorySender func(ctx context.Context, o IO, opt InventoryOptions, name string) (workspace.InventoryReceipt, error)

// ImportInventory reads users and devices into a data folder or a running
// server. It returns ErrProblems when a row was rejected or a file could not be
// read to its end; what could be read is taken all the same.
func ImportInventory(ctx context.Context, cfg Config, o IO, opt InventoryOptions) error {
	send := inventorySender(inventoryToServer)
	if opt.Server == "" {
		cfg.complete()
		st, err := openStore(ctx, cfg)
		if err != nil {
			return err
		}
		defer st.Close()
		w, err := openWorkspace(ctx, cfg, st, opt.Workspace)
		if err != nil {
			return err
		}
		defer w.Close(context.WithoutCancel(ctx))
		send = inventoryToWorkspace(w)
	}
	var files []InventoryFile
	bad := false
	for _, name := range opt.Files {
		r, err := send(ctx, o, opt, name)
		if errors.Is(err, ErrUsage) {
			return err
		}
		f := InventoryFile{File: name, InventoryReceipt: r}
		if err != nil {
			f.Error = err.Error()
		}
		bad = bad || err != nil || r.Rejected > 0
		files = append(files, f)
		opt.Replace = false
		if !opt.JSON {
			printInventory(o, f)
		}
		if errors.Is(err, context.Canceled) {
			break
		}
	}
	if opt.JSON {
		if err := o.printJSON(files); err != nil {
			return err
		}
	}
	if bad {
		return ErrProblems
	}
	return nil
}

func inventoryToWorkspace(w *workspace.Workspace) inventorySender {
	return func(ctx context.Context, o IO, opt InventoryOptions, name string) (workspace.InventoryReceipt, error) {
		f, err := o.open(name)
		if err != nil {
			return workspace.InventoryReceipt{}, err
		}
		defer f.Close()
		base := filepath.Base(name)
		return w.ImportInventory(ctx, incident.Actor{Kind: incident.ByAutomation, Name: "clew inventory import"}, workspace.InventoryBatch{
			Origin: base, Replace: opt.Replace, Rows: inventory.Read(f, inventory.Options{Name: base}),
		})
	}
}

func inventoryToServer(ctx context.Context, o IO, opt InventoryOptions, name string) (workspace.InventoryReceipt, error) {
	var receipt workspace.InventoryReceipt
	c, err := newClient(opt.Server, opt.Workspace, "the scope write")
	if err != nil {
		return receipt, err
	}
	query := url.Values{}
	if opt.Replace {
		query.Set("replace", "true")
	}
	err = c.sendFile(ctx, o, []string{"inventory"}, name, query, &receipt)
	return receipt, err
}

func printInventory(o IO, f InventoryFile) {
	fmt.Fprintf(o.Out, "%s: %d rows, %d new, %d updated, %d unchanged, %d rejected; %d entities joined, %d contradictions\n",
		f.File, f.Received, f.New, f.Updated, f.Unchanged, f.Rejected, f.Joined, f.Conflicts)
	for i, r := range f.Rejects {
		if i == shownProblems {
			fmt.Fprintf(o.Err, "  … and more; all are in the dead letters\n")
			break
		}
		fmt.Fprintf(o.Err, "  row %d%s: %s\n", r.Record, inField(r.Field), r.Reason)
	}
	if f.Error != "" {
		fmt.Fprintf(o.Err, "  %s: %s\n", f.File, f.Error)
	}
}
