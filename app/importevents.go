package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/catalog"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/telemetry/mapping"
)

// eventSender imports one file of events.
type eventSender func(ctx context.Context, o IO, opt ImportOptions, name string) (ingest.Receipt, error)

// What is looked at to tell events from alerts.
const (
	sniffBytes   = 1 << 20
	sniffRecords = 50
)

// kind tells whether a file holds events. It gives the input back, of which
// standard input has lost nothing.
func (i *importing) kind(ctx context.Context, name string) (IO, bool, error) {
	o := i.io
	if i.opt.Events || i.opt.Source != "" {
		return o, i.opt.Events, nil
	}
	if name != "-" {
		f, err := o.open(name)
		if err != nil {
			return o, false, err
		}
		defer f.Close()
		return o, holdsEvents(ctx, f, name), nil
	}
	head, err := io.ReadAll(io.LimitReader(o.In, sniffBytes))
	if err != nil {
		return o, false, fmt.Errorf("reading standard input: %w", err)
	}
	o.In = io.MultiReader(bytes.NewReader(head), o.In)
	return o, holdsEvents(ctx, bytes.NewReader(head), name), nil
}

// holdsEvents looks at the first records: those that a source of alerts reads
// make it a file of alerts, others that a mapping reads one of events.
func holdsEvents(ctx context.Context, r io.Reader, name string) bool {
	seen := false
	n := 0
	for rec, err := range reader.Records(ctx, r, reader.Options{Name: filepath.Base(name), Text: true}) {
		if n++; n > sniffRecords {
			break
		}
		if err != nil {
			continue
		}
		if s, _ := source.Recognise(catalog.All(), rec.Raw); s != nil {
			return false
		}
		if _, ok := mapping.Recognise(rec.Raw, mapping.Options{}); ok {
			seen = true
		}
	}
	return seen
}

// eventFolder is the telemetry of the data folder, opened when the first file of
// events comes.
type eventFolder struct {
	cfg       Config
	workspace string
	store     telemetry.Store
	service   *ingest.Service
}

func (f *eventFolder) send(ctx context.Context, o IO, opt ImportOptions, name string) (ingest.Receipt, error) {
	if err := f.open(ctx); err != nil {
		return ingest.Receipt{}, err
	}
	in, err := o.open(name)
	if err != nil {
		return ingest.Receipt{}, err
	}
	defer in.Close()
	base := filepath.Base(name)
	return f.service.Deliver(ctx, f.workspace, in, ingest.Delivery{Format: opt.Source, Origin: base, File: reader.Options{Name: base}})
}

func (f *eventFolder) open(ctx context.Context) (err error) {
	if f.service != nil {
		return nil
	}
	if f.cfg.Telemetry == TelemetryOff {
		return fmt.Errorf("%w: events are kept nowhere with --telemetry off", ErrUsage)
	}
	if f.store, err = telemetryStore(ctx, f.cfg); err != nil {
		return err
	}
	f.service = newIngest(f.cfg, f.store)
	return nil
}

func (f *eventFolder) close() error {
	if f.service == nil {
		return nil
	}
	f.service.Close()
	return f.store.Close()
}

// eventsToServer sends one file to a running server as it is. It is sent once:
// events have no id by which the server could tell a repeat.
func eventsToServer(ctx context.Context, o IO, opt ImportOptions, name string) (ingest.Receipt, error) {
	c, err := newClient(opt.Server, opt.Workspace, "the scope ingest")
	if err != nil {
		return ingest.Receipt{}, err
	}
	var r ingest.Receipt
	err = c.sendFile(ctx, o, []string{"telemetry", cmp.Or(opt.Source, "auto")}, name, nil, &r)
	var busy *busyError
	if errors.As(err, &busy) {
		err = fmt.Errorf("%w; send it again later", err)
	}
	return r, err
}

// printEvents prints what became of a file of events.
func printEvents(o IO, r FileReceipt, took time.Duration) {
	e := r.Events
	fmt.Fprintf(o.Out, "%s: %d events received, %d stored as %d rows, %d rejected (%.1f s, %.0f/s)\n",
		r.File, e.Received, e.Stored, e.Rows, e.Rejected, took.Seconds(), float64(e.Received)/max(took.Seconds(), 1e-9))
	var names []string
	for name := range e.Tables {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(o.Out, "  %-32s %d\n", name, e.Tables[name])
	}
	for n, reject := range e.Rejects {
		if n == shownProblems {
			fmt.Fprintf(o.Err, "  … and more; all are in the table RejectedEvents\n")
			break
		}
		fmt.Fprintf(o.Err, "  record %d%s: %s\n", reject.Record, inField(reject.Field), reject.Reason)
	}
	if r.Error != "" {
		fmt.Fprintf(o.Err, "  %s: %s\n", r.File, r.Error)
	}
}
