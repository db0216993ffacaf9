package workspace_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// altered is a store whose checkpoints are lost and whose log reads otherwise.
type altered struct {
	workspace.Store
	alter func(*store.LogEntry)
	model []byte // in place of every kept one
}

// Checkpoint implements store.Log.
func (a *altered) Checkpoint(ctx context.Context, ws string) (int64, []byte, error) {
	if a.alter != nil {
		return 0, nil, store.ErrNotFound
	}
	return a.Store.Checkpoint(ctx, ws)
}

// Replay implements store.Log.
func (a *altered) Replay(ctx context.Context, ws string, after int64) iter.Seq2[store.LogEntry, error] {
	return func(yield func(store.LogEntry, error) bool) {
		for e, err := range a.Store.Replay(ctx, ws, after) {
			if a.alter != nil {
				a.alter(&e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// ModelFile implements store.Models.
func (a *altered) ModelFile(ctx context.Context, ws string, id int64) ([]byte, error) {
	if a.model != nil {
		return a.model, nil
	}
	return a.Store.ModelFile(ctx, ws, id)
}

// alteredBench is a bench with the real engine on such a store, and what it logs.
func alteredBench(t *testing.T) (*bench, *altered, *bytes.Buffer) {
	log, st := &bytes.Buffer{}, &altered{}
	b := newBench(t, realEngine, func(o *workspace.Options) {
		st.Store, o.Store = o.Store, st
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	return b, st, log
}

// sample is some days of a company.
func sample(b *bench, n int) (out []*alert.Alert) {
	for d := range demo.Generate(demo.Options{Seed: 6, Days: 6, Alerts: n}).Alerts() {
		out = append(out, d.Alert)
	}
	b.clock.set(out[len(out)-1].CreatedDateTime)
	return out
}

// running is the engine as it stands.
func (b *bench) running() *correlate.Engine {
	b.t.Helper()
	if err := b.w.Checkpoint(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	_, snapshot, err := b.st.Checkpoint(b.ctx, b.opt.Name)
	if err != nil {
		b.t.Fatal(err)
	}
	return must(correlate.Restore(snapshot, correlate.Options{}))
}

// placements is where the store has each alert.
func (b *bench) placements() map[string]correlate.IncidentID {
	b.t.Helper()
	out := map[string]correlate.IncidentID{}
	for p, err := range b.st.Placements(b.ctx, b.opt.Name) {
		if err != nil {
			b.t.Fatal(err)
		}
		out[p.AlertID] = p.Incident
	}
	return out
}

func (b *bench) whole() {
	b.t.Helper()
	report, err := invariant.Check(b.ctx, b.st, b.opt.Name)
	if err != nil || len(report.Problems) > 0 {
		b.t.Error(err, report.Problems)
	}
}

func otherwise(by float64) *correlate.Model {
	m := *correlate.BuiltIn()
	m.Version, m.Join, m.Consider, m.Merge = "otherwise", m.Join+by, m.Consider+by, m.Merge+by
	return &m
}

// Of a log from before decisions were recorded another version makes other
// incidents. The store is right, the engine takes over what it has, and it is told.
func TestUnrecordedLogEndsAsTheStoreHasIt(t *testing.T) {
	t.Parallel()
	for _, by := range []float64{-5, 5} {
		t.Run(fmt.Sprint(by), func(t *testing.T) {
			t.Parallel()
			b, st, log := alteredBench(t)
			all := sample(b, 500)
			b.ingest(all[:400]...)
			before := b.placements()
			closed := b.alert(all[10].ID).Incident
			status := "resolved"
			must(b.w.UpdateIncident(b.ctx, ada, closed, workspace.Patch{Status: &status}))
			b.close()
			st.alter = func(e *store.LogEntry) { e.Record = nil }
			engineOf(otherwise(by))(&b.opt)
			b.open()
			st.alter = nil
			if diff := cmp.Diff(before, b.placements()); diff != "" {
				t.Fatal(diff)
			}
			if n := b.running().Settle(maps.All(before)); n > 0 {
				t.Errorf("the engine has %d alerts elsewhere", n)
			}
			if !strings.Contains(log.String(), "another result") || strings.Contains(log.String(), "alerts=0 ") {
				t.Errorf("the log says %s", log)
			}
			again := *all[10]
			again.ID = "again"
			b.ingest(append(all[400:], &again)...)
			if b.alert("again").Incident == closed {
				t.Error("a closed incident was fed")
			}
			b.whole()
		})
	}
}

// A version that reads more, and finds that two are one, brings the store up to
// date: what alerts to come mention is there.
func TestOtherEntitiesAreAdopted(t *testing.T) {
	t.Parallel()
	b, st, log := alteredBench(t)
	sid := &alert.UserEvidence{UserAccount: &alert.UserAccount{UserSID: "S-1-5-21-1-2-3-1001"}}
	upn := &alert.UserEvidence{UserAccount: &alert.UserAccount{UserPrincipalName: "ann@corp.example"}}
	both := &alert.UserEvidence{UserAccount: &alert.UserAccount{UserSID: "S-1-5-21-1-2-3-1001", UserPrincipalName: "ann@corp.example"}}
	with := func(id string, day int, e ...alert.Evidence) *alert.Alert {
		a := seenOn(id, "Rule "+id, "host"+id, 0)
		a.FirstActivityDateTime = a.FirstActivityDateTime.AddDate(0, 0, day)
		a.Evidence = append(a.Evidence, e...)
		return a
	}
	b.ingest(with("1", 0, sid), with("2", 1, upn), with("3", 2))
	b.close()
	st.alter = func(e *store.LogEntry) {
		if e.AlertID == "3" {
			e.Normal = must(with("3", 2, both, &alert.IPEvidence{IPAddress: "203.0.113.77"}).MarshalJSON())
		}
	}
	b.open()
	st.alter = nil
	if !strings.Contains(log.String(), "entities=1 joins=1") {
		t.Errorf("the log says %s", log)
	}
	b.ingest(with("4", 3, &alert.IPEvidence{IPAddress: "203.0.113.77"}), with("5", 3, upn))
	address, user := b.mentioned("4", entity.IP), b.mentioned("5", entity.User)
	if len(address.Identifiers) != 1 || address.Identifiers[0].Alert != "3" || address.Alerts != 1 {
		t.Errorf("%+v", address)
	}
	if len(user.Identifiers) != 2 || user.Alerts != 3 {
		t.Errorf("%+v", user)
	}
	b.whole()
}

// mentioned is the entity of a kind that an alert mentions.
func (b *bench) mentioned(id string, kind entity.Kind) store.Entity {
	b.t.Helper()
	for _, m := range must(b.st.AlertEntities(b.ctx, b.opt.Name, []string{id})) {
		if m.Kind == kind {
			return must(b.st.Entity(b.ctx, b.opt.Name, m.Entity))
		}
	}
	b.t.Fatalf("alert %s mentions no %s", id, kind)
	return store.Entity{}
}

// A command of the past that this version refuses does not keep the workspace shut.
func TestRefusedPastIsTold(t *testing.T) {
	t.Parallel()
	b, st, log := alteredBench(t)
	all := sample(b, 120)
	b.ingest(all...)
	to := b.placements()[all[0].ID]
	for _, a := range all {
		if to == b.placements()[all[0].ID] {
			to = b.alert(a.ID).Incident
		}
	}
	moved := must(b.w.Move(b.ctx, ada, []string{all[0].ID}, to, workspace.Reason{}))
	before := b.placements()
	b.close()
	st.alter = func(e *store.LogEntry) {
		if e.Command != nil && e.Command.Kind == correlate.CommandMove {
			e.Command.Kind = "no longer known"
		}
	}
	b.open()
	st.alter = nil
	if text := log.String(); strings.Count(text, "refused by this version") != 1 || !strings.Contains(text, "alerts=1 refused=1") {
		t.Errorf("the log says %s", text)
	}
	if n := b.running().Settle(maps.All(before)); n > 0 || before[all[0].ID] != moved.ID {
		t.Errorf("the engine has %d alerts elsewhere", n)
	}
	b.whole()
}

// Each start tells once that the chosen model can't be read, and what to do.
func TestUnreadableModelIsTold(t *testing.T) {
	t.Parallel()
	b, st, log := alteredBench(t)
	b.keep("strict")
	must(b.w.SetCorrelation(b.ctx, ada, correlate.Settings{Model: 1}, workspace.SettingsChange{}))
	b.restart()
	if log.Len() > 0 {
		t.Errorf("a model that can be read: %s", log)
	}
	b.ingest(sample(b, 50)...)
	b.close()
	st.model = []byte(`{"form":"of another time"}`)
	st.alter = func(e *store.LogEntry) {
		if e.Command != nil && e.Command.Model != nil {
			e.Command.Model = st.model
		}
	}
	b.open()
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "choose another one under Settings") || !strings.Contains(text, "model=1") {
		t.Errorf("the log says %s", text)
	}
	b.whole()
}
