package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
)

// demoOwner owns the saved queries of the demo.
const demoOwner = "demo"

// loadDemoEvents stores the raw events behind the sample company's alerts and the
// queries that hunt in them. A company whose events are there is left alone:
// they are stored all at once, so that one row of them stands for all. Without a
// place for telemetry nothing is stored.
func loadDemoEvents(ctx context.Context, cfg Config, o IO, st store.Store, s *demo.Scenario, n int) (err error) {
	if n <= 0 {
		return nil
	}
	events, err := openTelemetry(ctx, cfg)
	if errors.Is(err, errNoFolder) || events == nil && err == nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, events.Close()) }()
	known, err := demoEventsKnown(ctx, newHunter(cfg, events, st, nil), s.Company.TenantID)
	if err != nil {
		return fmt.Errorf("looking for events of the demo company: %w", err)
	}
	if known {
		fmt.Fprintln(o.Err, "its events for hunting are there already")
	} else if err := appendDemoEvents(ctx, cfg, o, events, s, n); err != nil {
		return err
	}
	// The server would do this at its start, before the first hunt finds alerts.
	if err := newMirror(cfg, DefaultWorkspace, st, events).copy(ctx); err != nil {
		return fmt.Errorf("copying the demo company's alerts for hunting: %w", err)
	}
	return saveDemoHunts(ctx, cfg, st)
}

func appendDemoEvents(ctx context.Context, cfg Config, o IO, events telemetry.Store, s *demo.Scenario, n int) error {
	var b telemetry.Batch
	if err := s.Telemetry(n, cfg.Now(), &b); err != nil {
		return fmt.Errorf("making events of the demo company: %w", err)
	}
	if err := (telemetry.Making{Store: events}).Append(ctx, DefaultWorkspace, b.Rows); err != nil {
		return fmt.Errorf("storing events of the demo company: %w", err)
	}
	fmt.Fprintf(o.Err, "%d events for hunting\n", len(b.Rows))
	return nil
}

// demoEventsKnown looks for a made-up row of this company, whose tenant no other
// seed has.
func demoEventsKnown(ctx context.Context, h *hunter, tenant string) (bool, error) {
	for _, table := range []string{"DeviceProcessEvents", "IdentityInfo"} {
		r, err := h.ask(ctx, DefaultWorkspace, fmt.Sprintf("%s | where TenantId == '%s' and SourceSystem == '%s' | take 1", table, tenant, demo.EventSource))
		if err != nil || len(r.Rows) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// saveDemoHunts keeps the hunts among the shared queries, those that are not
// there by their name.
func saveDemoHunts(ctx context.Context, cfg Config, st store.Store) error {
	kept, err := st.Queries(ctx, DefaultWorkspace)
	if err != nil {
		return fmt.Errorf("reading the saved queries: %w", err)
	}
	there := map[string]bool{}
	for _, q := range kept {
		if q.Folder == demo.HuntFolder {
			there[q.Name] = true
		}
	}
	now := cfg.Now().UTC()
	for _, h := range demo.Hunts() {
		if there[h.Name] {
			continue
		}
		about := h.Description + " For the attack: " + strings.Join(h.Kinds, ", ") + "."
		q := store.SavedQuery{Name: h.Name, Folder: demo.HuntFolder, Description: about, Query: h.Query, Shared: true, Owner: demoOwner, CreatedAt: now, UpdatedAt: now}
		if _, err := st.CreateQuery(ctx, DefaultWorkspace, q); err != nil {
			return fmt.Errorf("saving the query %q: %w", h.Name, err)
		}
	}
	return nil
}
