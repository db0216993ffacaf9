package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/catalog"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/workspace"
)

// ImportOptions says what to import and where to.
type ImportOptions struct {
	Server    string // URL of a running server instead of a data folder
	Source    string // format, recognised when empty
	Workspace string
	JSON      bool // print the receipts as JSON
	Files     []string
}

// importGCPercent lets the heap of an import grow further between collections: it
// is a short run whose speed counts, and its heap is bounded by the batches.
const importGCPercent = 300

// FileReceipt is what became of one file.
type FileReceipt struct {
	File string `json:"file"`
	workspace.Receipt
	Error string `json:"error,omitempty"`
}

// Import reads files into a data folder or a running server. It returns
// ErrProblems when a record was rejected or a file could not be read to its end;
// what could be read is accepted all the same.
func Import(ctx context.Context, cfg Config, o IO, opt ImportOptions) error {
	send := importToServer
	if opt.Server == "" {
		if _, err := sourcesOf(opt.Source); err != nil {
			return err
		}
		cfg.complete()
		defer debug.SetGCPercent(debug.SetGCPercent(importGCPercent))
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
		send = importToWorkspace(w)
	}
	var receipts []FileReceipt
	bad := false
	for _, name := range opt.Files {
		started := time.Now()
		r, err := send(ctx, o, opt, name)
		if errors.Is(err, ErrUsage) {
			return err
		}
		fr := FileReceipt{File: name, Receipt: r}
		if err != nil {
			fr.Error = err.Error()
		}
		bad = bad || err != nil || r.Rejected > 0
		receipts = append(receipts, fr)
		if !opt.JSON {
			printReceipt(o, fr, time.Since(started))
		}
		if errors.Is(err, context.Canceled) {
			break
		}
	}
	if opt.JSON {
		if err := o.printJSON(receipts); err != nil {
			return err
		}
	}
	if bad {
		return ErrProblems
	}
	return nil
}

// sender imports one file.
type sender func(ctx context.Context, o IO, opt ImportOptions, name string) (workspace.Receipt, error)

func importToWorkspace(w *workspace.Workspace) sender {
	return func(ctx context.Context, o IO, opt ImportOptions, name string) (workspace.Receipt, error) {
		f, err := o.open(name)
		if err != nil {
			return workspace.Receipt{}, err
		}
		defer f.Close()
		results, err := readAlerts(ctx, opt.Source, name, f, onlyAlerts)
		if err != nil {
			return workspace.Receipt{}, err
		}
		return w.Ingest(ctx, workspace.Batch{Source: opt.Source, Origin: filepath.Base(name), Results: o.progress(name, results)})
	}
}

// What readAlerts gives of records that are no alerts.
const (
	onlyAlerts = false
	everything = true
)

// readAlerts reads the alerts of one file. An unknown source name is wrong use.
func readAlerts(ctx context.Context, named, name string, r io.Reader, all bool) (iter.Seq2[reader.Result, error], error) {
	sources, err := sourcesOf(named)
	if err != nil {
		return nil, err
	}
	conv := reader.Conversion{Sources: sources, Options: source.Options{Everything: all}}
	return reader.Alerts(ctx, r, conv, reader.Options{Name: filepath.Base(name)}), nil
}

// sourcesOf gives the source of that name, or all of them when it is empty.
func sourcesOf(name string) ([]source.Source, error) {
	if name == "" {
		return catalog.All(), nil
	}
	s, ok := catalog.Named(name)
	if !ok {
		return nil, fmt.Errorf("%w: there is no source %q; known are %s", ErrUsage, name, strings.Join(catalog.Names(), ", "))
	}
	return []source.Source{s}, nil
}

// progress passes results on and tells on standard error how far it is.
func (o IO) progress(name string, results iter.Seq2[reader.Result, error]) iter.Seq2[reader.Result, error] {
	return func(yield func(reader.Result, error) bool) {
		n, last := 0, time.Now()
		for r, err := range results {
			if n++; n%1000 == 0 && time.Since(last) > 2*time.Second {
				last = time.Now()
				fmt.Fprintf(o.Err, "%s: %d records\n", name, n)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

const shownProblems = 20

func printReceipt(o IO, r FileReceipt, took time.Duration) {
	rate := float64(r.Received) / max(took.Seconds(), 1e-9)
	fmt.Fprintf(o.Out, "%s: %d received, %d new (%d of them repeats), %d updated, %d unchanged, %d rejected, %d without an alert (%.1f s, %.0f/s)\n",
		r.File, r.Received, r.New, r.Folded, r.Updated, r.Unchanged, r.Rejected, r.Skipped, took.Seconds(), rate)
	shown := 0
	for _, rec := range r.Records {
		if rec.Status != workspace.StatusRejected {
			continue
		}
		if shown++; shown > shownProblems {
			fmt.Fprintf(o.Err, "  … and more; all are in the dead letters\n")
			break
		}
		fmt.Fprintf(o.Err, "  record %d%s: %s\n", rec.Record, inField(rec.Field), rec.Reason)
	}
	if r.Error != "" {
		fmt.Fprintf(o.Err, "  %s: %s\n", r.File, r.Error)
	}
}

func inField(field string) string {
	if field == "" {
		return ""
	}
	return ", field " + field
}
