package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/view"
	"github.com/clew-sec/clew/workspace"
)

// mirror copies what Clew knows itself into the telemetry, so that queries can
// join it with events: alerts (AlertInfo, AlertEvidence, SecurityAlert),
// incidents (SecurityIncident), users and devices of the inventory (IdentityInfo,
// DeviceInfo). The store of cases stays the truth. How far the copy has come is
// a row of the telemetry too, appended together with the rows that it counts, so
// that after a kill at any instant nothing is missing and nothing doubled.
type mirror struct {
	workspace string
	cases     store.Store
	telemetry telemetry.Store
	view      view.Options
	now       func() time.Time
	log       *slog.Logger

	imported imported // up to where the inventory was copied, as far as this process knows
}

func newMirror(cfg Config, workspace string, cases store.Store, into telemetry.Store) *mirror {
	return &mirror{
		workspace: workspace, cases: cases, telemetry: into, view: view.Options{BaseURL: cfg.URL}, now: cfg.Now, log: cfg.Log.With("component", "mirror"),
	}
}

// progress is the table of how far the copy has come.
var progress = mustTable("ClewMirror", "How far Clew's own data has been copied into the telemetry.",
	telemetry.Column{Name: telemetry.TimeGenerated, Type: value.DateTime, Doc: "When the rows before were copied."},
	telemetry.Column{Name: "Position", Type: value.Long, Doc: "Position in the log of alerts up to which they are copied."},
	telemetry.Column{Name: "Incidents", Type: value.DateTime, Doc: "Up to which change incidents are copied."},
	telemetry.Column{Name: "Inventory", Type: value.DateTime, Doc: "Up to which import users and devices are copied."},
)

func mustTable(name, doc string, columns ...telemetry.Column) *telemetry.Table {
	t, err := telemetry.NewTable(name, "internal", doc, columns)
	if err != nil {
		panic(err) // the table is written down above
	}
	return t
}

// reached is where the copy stands.
type reached struct {
	position             int64
	incidents, inventory int64 // datetimes in ticks
}

// mirrorBatch is how many alerts, incidents or assets are copied at once.
const mirrorBatch = 500

// mirrorPause is how long the mirror waits for more changes before it copies.
const mirrorPause = 2 * time.Second

// run copies what is there, and then what changes, until the context ends.
func (m *mirror) run(ctx context.Context, changes *workspace.Subscription) {
	defer changes.Close()
	pause := time.NewTimer(0)
	defer pause.Stop()
	waiting := true
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-changes.C:
			if !open {
				return
			}
			if !waiting {
				waiting = true
				pause.Reset(mirrorPause)
			}
		case <-pause.C:
			waiting = false
			if err := m.copy(ctx); err != nil && ctx.Err() == nil {
				m.log.WarnContext(ctx, "alerts and incidents could not be copied into the telemetry; it is tried again", "error", err)
				waiting = true
				pause.Reset(time.Minute)
			}
		}
	}
}

// copy brings the telemetry up to date.
func (m *mirror) copy(ctx context.Context) error {
	at, err := m.reached(ctx)
	if err != nil {
		return err
	}
	if at, err = m.alerts(ctx, at); err != nil {
		return fmt.Errorf("copying alerts: %w", err)
	}
	if at, err = m.incidents(ctx, at); err != nil {
		return fmt.Errorf("copying incidents: %w", err)
	}
	if err = m.inventory(ctx, at); err != nil {
		return fmt.Errorf("copying the inventory: %w", err)
	}
	return nil
}

// reached reads where the copy stands.
func (m *mirror) reached(ctx context.Context) (reached, error) {
	if err := m.telemetry.Ensure(ctx, m.workspace, []*telemetry.Table{progress}); err != nil {
		return reached{}, err
	}
	columns := make([]telemetry.ResultColumn, 3)
	for i := range columns {
		columns[i] = telemetry.ResultColumn{Name: "c", Type: value.Long}
	}
	rows, err := m.telemetry.Query(ctx, telemetry.Statement{
		SQL:     `SELECT coalesce(max("Position"), 0), coalesce(max("Incidents"), 0), coalesce(max("Inventory"), 0) FROM ` + m.telemetry.TableSQL(m.workspace, progress.Name),
		Columns: columns,
	}, telemetry.Limits{})
	if err != nil {
		return reached{}, fmt.Errorf("reading how far the copy is: %w", err)
	}
	defer rows.Close()
	var at reached
	for row, err := range rows.All() {
		if err != nil {
			return at, fmt.Errorf("reading how far the copy is: %w", err)
		}
		at = reached{row[0].Num, row[1].Num, row[2].Num}
	}
	return at, nil
}

// append stores rows together with how far they bring the copy.
func (m *mirror) append(ctx context.Context, b *telemetry.Batch, at reached) error {
	b.Begin(progress)
	b.Set(0, value.DateTimeOf(value.TicksOf(m.now())))
	b.Set(1, value.LongOf(at.position))
	b.Set(2, value.DateTimeOf(at.incidents))
	b.Set(3, value.DateTimeOf(at.inventory))
	b.End()
	defer b.Reset()
	return telemetry.Making{Store: m.telemetry}.Append(ctx, m.workspace, b.Rows)
}

// alerts copies every version of every alert that the log has got since.
func (m *mirror) alerts(ctx context.Context, at reached) (reached, error) {
	var b telemetry.Batch
	held := 0
	next := at
	for entry, err := range m.cases.Replay(ctx, m.workspace, at.position) {
		if err != nil {
			return at, err
		}
		next.position = entry.Seq
		if entry.Command != nil {
			continue
		}
		a, err := alert.Decode(entry.Normal, alert.Limits{})
		if err != nil {
			return at, fmt.Errorf("reading alert %q at position %d: %w", entry.AlertID, entry.Seq, err)
		}
		view.Alert(a, &b, m.view)
		if held++; held < mirrorBatch {
			continue
		}
		if err := m.append(ctx, &b, next); err != nil {
			return at, err
		}
		at, held = next, 0
	}
	if next == at {
		return at, nil
	}
	return next, m.append(ctx, &b, next)
}
