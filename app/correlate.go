package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/entity/inventory"
)

// CorrelateOptions says what to correlate.
type CorrelateOptions struct {
	In        []string
	Inventory []string // files of users and devices that the engine is told first
	Out       string
	Source    string // format, recognised when empty
	Explain   bool   // print the links too
}

// Assignment is where an alert ended up.
type Assignment struct {
	AlertID    string               `json:"alertId"`
	IncidentID correlate.IncidentID `json:"incidentId"`
	Link       *correlate.Link      `json:"link,omitzero"`
}

// Correlate runs the engine over alert files in order of arrival, without a
// database, and prints where each alert is in the end: merges and moves that
// came later are applied. It is the engine that serve and import use.
func Correlate(ctx context.Context, o IO, opt CorrelateOptions) error {
	b := &rehearsal{engine: correlate.New(correlate.Options{}), links: map[string]correlate.Link{}, explain: opt.Explain}
	started := time.Now()
	for _, name := range opt.Inventory {
		if err := b.inventory(o, name); err != nil {
			return err
		}
	}
	for _, name := range opt.In {
		if err := b.file(ctx, o, opt.Source, name); err != nil {
			return err
		}
	}
	fmt.Fprintf(o.Err, "%d alerts in %d incidents, %.1f s\n", len(b.placed.Alerts()), b.placed.Incidents(), time.Since(started).Seconds())
	if err := b.write(o, opt.Out); err != nil {
		return err
	}
	if b.problems > 0 {
		return fmt.Errorf("%w: %d records could not be read", ErrProblems, b.problems)
	}
	return nil
}

// rehearsal follows where the engine puts each alert, and why.
type rehearsal struct {
	engine   *correlate.Engine
	seq      int64
	placed   backtest.Grouping
	links    map[string]correlate.Link
	explain  bool
	problems int
}

func (b *rehearsal) file(ctx context.Context, o IO, source, name string) error {
	f, err := o.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	results, err := readAlerts(ctx, source, name, f, onlyAlerts)
	if err != nil {
		return err
	}
	for r, err := range results {
		if err != nil {
			if stop := ended(ctx); stop != nil {
				return stop
			}
			b.problems++
			fmt.Fprintf(o.Err, "%s: %v\n", name, err)
			continue
		}
		for _, a := range r.Alerts {
			b.seq++
			b.enter(b.engine.Add(correlate.Arrival{Seq: b.seq, Source: r.Source.Name(), Received: arrivalTime(a), Alert: a}))
		}
	}
	return nil
}

// inventory tells the engine what a file knows of users and devices.
func (b *rehearsal) inventory(o IO, name string) error {
	f, err := o.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := &entity.Inventory{}
	for row, err := range inventory.Read(f, inventory.Options{Name: filepath.Base(name)}) {
		var re *inventory.RowError
		switch {
		case errors.As(err, &re) && re.Fatal:
			return fmt.Errorf("reading the inventory %s: %w", name, err)
		case err != nil:
			b.problems++
			fmt.Fprintf(o.Err, "%s: %v\n", name, err)
		default:
			in.Assets = append(in.Assets, row.Asset)
		}
	}
	b.seq++
	out, err := b.engine.Apply(correlate.Command{Seq: b.seq, Kind: correlate.CommandInventory, Inventory: in})
	if err != nil {
		return fmt.Errorf("using the inventory %s: %w", name, err)
	}
	fmt.Fprintf(o.Err, "%s: %d users and devices, %d contradictions\n", name, len(in.Assets), len(out.Conflicts))
	return nil
}

func (b *rehearsal) enter(out correlate.Outcome) {
	b.placed.Enter(out)
	b.keep(out.AlertID, out.Link)
	for _, m := range out.Moves {
		b.keep(m.AlertID, m.Link)
	}
}

func (b *rehearsal) keep(id string, l correlate.Link) {
	if b.explain {
		b.links[id] = l
	}
}

func (b *rehearsal) write(o IO, name string) error {
	f, err := o.create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for _, id := range b.placed.Alerts() {
		a := Assignment{AlertID: id, IncidentID: b.placed.Incident(id)}
		if b.explain {
			l := b.links[id]
			a.Link = &l
		}
		line, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("encoding the assignment of alert %q: %w", id, err)
		}
		w.Write(append(line, '\n'))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the assignment: %w", err)
	}
	return f.Close()
}

// arrivalTime is when an alert of a file came in, as far as the file tells: its
// creation at the source, else its activity.
func arrivalTime(a *alert.Alert) time.Time {
	if !a.CreatedDateTime.IsZero() {
		return a.CreatedDateTime
	}
	return a.End()
}
