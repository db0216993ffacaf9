package app

import (
	"cmp"
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
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/telemetry/mapping"
	"github.com/clew-sec/clew/workspace"
)

// ImportOptions says what to import and where to.
type ImportOptions struct {
	Server    string // URL of a running server instead of a data folder
	Source    string // format of alerts or events, recognised when empty
	Workspace string
	Events    bool // read the files as events, also where they look like alerts
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
	// Events is the balance of a file of events, which has no alerts.
	Events *ingest.Receipt `json:"events,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// Import reads files into a data folder or a running server. It returns
// ErrProblems when a record was rejected or a file could not be read to its end;
// what could be read is accepted all the same.
func Import(ctx context.Context, cfg Config, o IO, opt ImportOptions) error {
	if err := opt.check(); err != nil {
		return err
	}
	i := &importing{opt: opt, io: o, alerts: importToServer, events: eventsToServer}
	if opt.Server == "" {
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
		folder := &eventFolder{cfg: cfg, workspace: opt.Workspace}
		defer folder.close()
		i.alerts, i.events = importToWorkspace(w), folder.send
	}
	return i.all(ctx)
}

// check refuses a format that neither alerts nor events have.
func (opt *ImportOptions) check() error {
	if opt.Source == "" {
		return nil
	}
	_, events := mapping.Lookup(opt.Source)
	_, err := sourcesOf(opt.Source)
	switch {
	case opt.Events && !events, err != nil && !events:
		return fmt.Errorf("%w; formats of events are %s", cmp.Or(err, fmt.Errorf("%w: %q is no format of events", ErrUsage, opt.Source)), strings.Join(eventFormats(), ", "))
	case err != nil:
		opt.Events = true
	}
	return nil
}

func eventFormats() []string {
	var out []string
	for _, f := range mapping.Formats() {
		out = append(out, f.Name)
	}
	return out
}

// importing is one run of Import.
type importing struct {
	opt    ImportOptions
	io     IO
	alerts sender
	events eventSender
}

func (i *importing) all(ctx context.Context) error {
	var receipts []FileReceipt
	bad := false
	for _, name := range i.opt.Files {
		started := time.Now()
		r, err := i.file(ctx, name)
		if errors.Is(err, ErrUsage) {
			return err
		}
		if err != nil {
			r.Error = err.Error()
		}
		bad = bad || err != nil || r.Rejected > 0 || r.Events != nil && len(r.Events.Rejects) > 0
		receipts = append(receipts, r)
		if !i.opt.JSON {
			printReceipt(i.io, r, time.Since(started))
		}
		if errors.Is(err, context.Canceled) {
			break
		}
	}
	if i.opt.JSON {
		if err := i.io.printJSON(receipts); err != nil {
			return err
		}
	}
	if bad {
		return ErrProblems
	}
	return nil
}

// file imports one file, as what it holds.
func (i *importing) file(ctx context.Context, name string) (FileReceipt, error) {
	r := FileReceipt{File: name}
	o, events, err := i.kind(ctx, name)
	if err != nil {
		return r, err
	}
	if !events {
		r.Receipt, err = i.alerts(ctx, o, i.opt, name)
		return r, err
	}
	got, err := i.events(ctx, o, i.opt, name)
	r.Events = &got
	return r, err
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
	if r.Events != nil {
		printEvents(o, r, took)
		return
	}
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
