package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/correlate/backtest"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/entity/inventory"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/internal/memory"
	"github.com/clew-sec/clew/server/live"
	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/source/catalog"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

const phrase = "correct horse battery"

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// desk is a workspace that notes what it is asked, and answers as it is told.
type desk struct {
	mu      sync.Mutex
	calls   []string
	err     error
	entered chan struct{} // when set, Ingest tells that it began,
	block   chan struct{} // and waits for this
}

func (d *desk) note(what string, args ...any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, err := json.Marshal(args)
	if err != nil {
		return err
	}
	d.calls = append(d.calls, what+" "+string(text))
	return d.err
}

func (d *desk) taken() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.calls
	d.calls = nil
	return c
}

func (d *desk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *desk) Name() string { return "default" }

func (d *desk) Ingest(_ context.Context, b workspace.Batch) (workspace.Receipt, error) {
	if d.block != nil {
		d.entered <- struct{}{}
		<-d.block
	}
	r := workspace.Receipt{}
	for res, err := range b.Results {
		switch {
		case err != nil:
			r.Received++
			r.Rejected++
			r.Records = append(r.Records, workspace.RecordResult{Record: r.Received, Status: workspace.StatusRejected, Reason: err.Error()})
		case res.Skipped != "":
			r.Skipped++
		default:
			for _, a := range res.Alerts {
				r.Received++
				r.New++
				r.Records = append(r.Records, workspace.RecordResult{Record: res.Record.Number, AlertID: a.ID, Incident: 1, Status: workspace.StatusNew})
			}
		}
	}
	return r, d.note("Ingest", b.Source, b.Origin)
}

func (d *desk) ImportInventory(_ context.Context, a incident.Actor, b workspace.InventoryBatch) (workspace.InventoryReceipt, error) {
	r := workspace.InventoryReceipt{}
	for row, err := range b.Rows {
		var bad *inventory.RowError
		switch {
		case errors.As(err, &bad) && bad.Fatal:
			return r, err
		case err != nil:
			r.Received, r.Rejected = r.Received+1, r.Rejected+1
			r.Rejects = append(r.Rejects, workspace.RecordResult{Record: bad.Row, Status: workspace.StatusRejected, Field: bad.Field, Reason: bad.Err.Error()})
		default:
			r.Received, r.New = r.Received+1, r.New+1
			_ = d.note("Asset", row.Asset)
		}
	}
	return r, d.note("ImportInventory", a, b.Origin, b.Replace)
}

func (d *desk) PreviewSplit(_ context.Context, id entity.ID, ids []entity.Identifier) (store.EntitySplit, error) {
	return store.EntitySplit{Entity: id, Identifiers: ids, Alerts: 2}, d.note("PreviewSplit", id, ids)
}

func (d *desk) SplitEntity(_ context.Context, a incident.Actor, id entity.ID, ids []entity.Identifier, reason string) (store.EntitySplit, error) {
	return store.EntitySplit{ID: 7, Entity: id, Part: 9, Identifiers: ids, At: noon, Actor: a, Reason: reason, Alerts: 2,
		Incidents: []store.SplitIncident{{ID: 1, Name: "<b>", Alerts: 2, Both: true, Moved: 1}}, Moves: []store.SplitMove{{Alert: "a1", From: 1, To: 3}}}, d.note("SplitEntity", a, id, ids, reason)
}

func (d *desk) UndoSplit(_ context.Context, a incident.Actor, split int64, reason string) (store.EntitySplit, error) {
	return store.EntitySplit{ID: split, Entity: 1, Part: 9, At: noon, UndoneAt: noon, UndoneBy: a.Name}, d.note("UndoSplit", a, split, reason)
}

func (d *desk) UpdateIncident(_ context.Context, a incident.Actor, id correlate.IncidentID, p workspace.Patch) (incident.Incident, error) {
	return incident.Incident{ID: id, Version: 8}, d.note("UpdateIncident", a, id, p, p.Version)
}

func (d *desk) Comment(_ context.Context, a incident.Actor, id correlate.IncidentID, text string) (incident.Activity, error) {
	return incident.Activity{ID: 9, Incident: id, At: noon, Actor: a, Kind: incident.Commented, Text: text}, d.note("Comment", a, id, text)
}

func (d *desk) AddTask(_ context.Context, a incident.Actor, id correlate.IncidentID, t incident.TaskDraft) (incident.Task, error) {
	return incident.Task{ID: 31, Incident: id, Title: t.Title, Description: t.Description, Status: incident.TaskNew, Position: 3, CreatedAt: noon, CreatedBy: a, UpdatedAt: noon, UpdatedBy: a, Version: 1}, d.note("AddTask", a, id, t)
}

func (d *desk) UpdateTask(_ context.Context, a incident.Actor, id correlate.IncidentID, task int64, p incident.TaskPatch) (incident.Task, error) {
	return incident.Task{ID: task, Incident: id, Title: "t", Status: incident.TaskCompleted, Position: 1, CreatedAt: noon, CreatedBy: a, UpdatedAt: noon, UpdatedBy: a, CompletedAt: noon, CompletedBy: a, Version: 2},
		d.note("UpdateTask", a, id, task, p, p.Version)
}

func (d *desk) DeleteTask(_ context.Context, a incident.Actor, id correlate.IncidentID, task int64, version *int64) error {
	return d.note("DeleteTask", a, id, task, version)
}

func (d *desk) UpdateAlerts(_ context.Context, a incident.Actor, ids []string, p workspace.AlertPatch) (int, error) {
	return len(ids), d.note("UpdateAlerts", a, ids, p)
}

func (d *desk) Merge(_ context.Context, a incident.Actor, ids []correlate.IncidentID, why workspace.Reason) (correlate.IncidentID, []incident.Merge, error) {
	return ids[0], []incident.Merge{{ID: 1, Source: ids[1], Target: ids[0], At: noon, Actor: a}}, d.note("Merge", a, ids, why)
}

func (d *desk) UndoMerge(_ context.Context, a incident.Actor, merge int64, reason string) (source, target incident.Incident, err error) {
	return incident.Incident{ID: 2}, incident.Incident{ID: 1}, d.note("UndoMerge", a, merge, reason)
}

func (d *desk) Move(_ context.Context, a incident.Actor, alerts []string, to correlate.IncidentID, why workspace.Reason) (incident.Incident, error) {
	return incident.Incident{ID: 3}, d.note("Move", a, alerts, to, why)
}

func settingsVersion(version int64, a incident.Actor, s correlate.Settings, reason string) store.SettingsVersion {
	return store.SettingsVersion{Version: version, At: noon, Actor: a, Reason: reason, Changes: []store.SettingChange{{What: "rule r1", After: "excluded from correlation"}}, Settings: s}
}

func (d *desk) SetCorrelation(_ context.Context, a incident.Actor, s correlate.Settings, c workspace.SettingsChange) (store.SettingsVersion, error) {
	s, err := s.Complete()
	var bad *correlate.SettingError
	if errors.As(err, &bad) {
		return store.SettingsVersion{}, &incident.InvalidError{Field: bad.Field, Reason: bad.Reason}
	}
	return settingsVersion(4, a, s, c.Reason), d.note("SetCorrelation", a, s, c.Version, c.Reason)
}

func (d *desk) SetRule(_ context.Context, a incident.Actor, r correlate.RuleControl, c workspace.SettingsChange) (store.SettingsVersion, error) {
	return settingsVersion(4, a, correlate.Settings{Rules: []correlate.RuleControl{r}}, c.Reason), d.note("SetRule", a, r, c.Version, c.Reason)
}

func (d *desk) RestoreCorrelation(_ context.Context, a incident.Actor, version int64, c workspace.SettingsChange) (store.SettingsVersion, error) {
	return settingsVersion(4, a, correlate.Settings{Default: correlate.RuleEnabled}, c.Reason), d.note("RestoreCorrelation", a, version, c.Version)
}

func (d *desk) DeleteModel(_ context.Context, id int64) error { return d.note("DeleteModel", id) }

func (d *desk) AcceptSuggestion(_ context.Context, a incident.Actor, id int64, why workspace.Reason) (store.Suggestion, incident.Merge, error) {
	return store.Suggestion{ID: id, State: store.SuggestionAccepted, Merge: 1}, incident.Merge{ID: 1, Source: 2, Target: 1, At: noon, Actor: a}, d.note("AcceptSuggestion", a, id, why)
}

func (d *desk) RejectSuggestion(_ context.Context, a incident.Actor, id int64, reason string) (store.Suggestion, error) {
	return store.Suggestion{ID: id, State: store.SuggestionRejected, Reason: reason}, d.note("RejectSuggestion", a, id, reason)
}

func (d *desk) ReopenSuggestion(_ context.Context, a incident.Actor, id int64, reason string) (store.Suggestion, error) {
	return store.Suggestion{ID: id, State: store.SuggestionOpen}, d.note("ReopenSuggestion", a, id, reason)
}

// bench is the API over known rows, with someone of each role.
type bench struct {
	t       *testing.T
	handler http.Handler
	store   *memory.Store
	desk    *desk
	auth    *auth.Service
	hub     *live.Hub
	cookies map[string]*http.Cookie
	tokens  map[string]string // by scope
	log     *bytes.Buffer
	mu      sync.Mutex
	seen    map[string]workspace.Receipt
}

// small is a model that fits on a page.
func small(version string) *correlate.Model {
	m, err := correlate.ParseModel([]byte(smallModel(version)))
	if err != nil {
		panic(err)
	}
	return m
}

func smallModel(version string) string {
	return `{"version":"` + version + `","trained":"set","join":-0.6,"consider":-2,"merge":1.5,"growth":0.4,"link":{"base":-1,"trees":[{"feature":["surprise.total","",""],"at":[0.5,0,0],"left":[1,0,0],"value":[0,-1,1]}],"calibration":{"slope":1.1,"offset":0,"bins":[{"said":0.5,"right":0.4,"samples":9}]}},"pair":{"base":-2,"weights":{"surprise.total":0.4}}}`
}

func newBench(t *testing.T, change ...func(*Options)) *bench {
	t.Helper()
	now := func() time.Time { return noon }
	b := &bench{t: t, store: memory.New("default"), desk: &desk{}, hub: live.NewHub("default"), log: &bytes.Buffer{},
		cookies: map[string]*http.Cookie{}, tokens: map[string]string{}, seen: map[string]workspace.Receipt{}}
	fill(b.store)
	b.auth = auth.New(auth.Options{Store: b.store, Now: now, Cost: auth.Cost{Memory: 64, Time: 1, Parallel: 4}})
	opt := Options{
		Store: b.store, Workspaces: map[string]Workspace{"default": b.desk}, Auth: b.auth, Live: map[string]*live.Hub{"default": b.hub},
		Model: small("own"), ModelOrigin: store.ModelShipped, Telemetry: oneEvent{}, Sources: catalog.All(), Now: now, Version: "1.2.3", Log: slog.New(slog.NewTextHandler(b.log, nil)),
		Counted: func(s string, r workspace.Receipt) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.seen[s] = r
		},
	}
	for _, c := range change {
		c(&opt)
	}
	mux := http.NewServeMux()
	if err := Register(mux, opt); err != nil {
		t.Fatal(err)
	}
	b.handler = mux
	for _, role := range auth.Roles() {
		b.person(role)
	}
	for _, scope := range auth.Scopes() {
		_, secret, err := b.auth.CreateToken(context.Background(), "", auth.NewToken{Name: "the " + string(scope) + " token", Scopes: []string{string(scope)}})
		if err != nil {
			t.Fatal(err)
		}
		b.tokens[string(scope)] = secret
	}
	return b
}

// person adds a user named after the role.
func (b *bench) person(role string) {
	b.t.Helper()
	ctx := request.With(context.Background(), request.Info{Address: netip.MustParseAddr("192.0.2.9")})
	if _, err := b.auth.CreateUser(ctx, "the-"+role, "The "+role, role); err != nil {
		b.t.Fatal(err)
	}
	secret, _, err := b.auth.Invite(ctx, "the-"+role)
	if err != nil {
		b.t.Fatal(err)
	}
	signed, err := b.auth.Accept(ctx, auth.Acceptance{Secret: secret, Password: phrase})
	if err != nil {
		b.t.Fatal(err)
	}
	b.cookies[role] = signed.Cookie
}

// call sends a request as someone: a role, "token:<scope>", or nobody.
func (b *bench) call(who, route, body string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	r := httptest.NewRequest(method, Base+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if scope, ok := strings.CutPrefix(who, "token:"); ok {
		r.Header.Set("Authorization", "Bearer "+b.tokens[scope])
	} else if who != "" {
		r.AddCookie(b.cookies[who])
	}
	r = r.WithContext(request.With(r.Context(), request.Info{ID: "00000000deadbeef", Address: netip.MustParseAddr("192.0.2.1")}))
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func problemIn(t *testing.T, w *httptest.ResponseRecorder) Problem {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%d is no problem but %s: %s", w.Code, got, w.Body)
	}
	var p Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if p.Status != w.Code || p.Type == "" || p.Title == "" || p.Detail == "" || p.RequestID != "00000000deadbeef" {
		t.Errorf("an incomplete problem: %s", w.Body)
	}
	return p
}

// fill puts a small case into the store; its texts are what an attacker would write.
func fill(s *memory.Store) {
	const hostile = "<img src=x onerror=alert(1)> ${7*7} \u202Etxt.exe"
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	link := correlate.Link{
		Score: 0.93, Gap: 3600, TacticFrom: "initial-access", TacticTo: "execution", Model: "1",
		Alerts:   []correlate.LinkedAlert{{ID: "a1", Title: hostile, Score: 0.9}},
		Entities: []correlate.SharedEntity{{ID: 1, Kind: entity.Device, Label: "fin-01", Alerts: 3, Total: 500}, {ID: 3, Kind: entity.CloudResource, Label: "vm", Alerts: 1}},
		Reasons:  []correlate.Reason{correlate.SameAsset},
		Facts:    []correlate.Fact{{Feature: "rarity", Weight: 2.5, Text: "Few alerts mention the device."}},
	}
	s.Rows = []incident.Incident{
		{ID: 1, Name: "Multi-stage incident on fin-01", Status: incident.Active, Severity: alert.SeverityHigh, Classification: alert.ClassificationUnknown,
			Determination: alert.DeterminationUnknown, CreatedAt: at(-3), UpdatedAt: at(-1), FirstActivity: at(-4), LastActivity: at(-1), Version: 7,
			Priority: 90, Tally: incident.Tally{Alerts: 2, Severities: map[string]int{"high": 2}}, TopAssets: []incident.AssetRef{{ID: 1, Kind: "device", Label: "fin-01"}}},
		{ID: 2, Name: hostile, Status: incident.Redirected, RedirectTo: 1, Owner: "the-analyst", CreatedAt: at(-3), UpdatedAt: at(-1), FirstActivity: at(-4), LastActivity: at(-4)},
	}
	s.Alarms = []store.Alert{
		{Seq: 1, ID: "a1", Source: "graph", Received: at(-3), Incident: 1, Title: hostile, Severity: "high", Status: "new", FirstActivity: at(-4), LastActivity: at(-4),
			Normal: []byte(`{"id":"a1","title":"x"}`), Tactics: []string{"initial-access"}},
		{Seq: 2, ID: "a2", Source: "wazuh", Received: at(-1), Incident: 1, Title: "Script started", Severity: "high", Status: "new", FirstActivity: at(-1), LastActivity: at(-1),
			Normal: []byte(`{"id":"a2","title":"Script started"}`), Raw: []byte("raw \xff bytes"), Link: link},
	}
	upn := entity.Identifier{Kind: entity.User, Type: "upn", Value: "mara@harbor.example"}
	s.Stock.State = store.InventoryState{Users: 1, Devices: 2, Critical: 1, Leases: 3, Conflicts: 1, Imports: []store.InventoryImport{
		{ID: 4, At: noon, Actor: incident.Actor{Kind: incident.ByUser, Name: "the-analyst"}, Origin: "people.csv", Received: 3, New: 3},
	}}
	s.Stock.Assets = []store.InventoryAsset{{Asset: entity.Asset{Kind: entity.User, Label: "Mara", Identifiers: []entity.Identifier{upn},
		Facts: map[string]string{"department": "<b>"}, Place: "people.csv, row 1"}, Number: 1, At: noon}}
	s.Stock.Conflicts = []entity.Conflict{{Entity: 1, Other: 2, By: upn, Has: entity.Identifier{Kind: entity.User, Type: "sid", Value: "S-1"},
		Says: entity.Identifier{Kind: entity.User, Type: "sid", Value: "S-2"}, Alert: "a1", At: noon}}
	s.Things = []store.Entity{
		{ID: 1, Kind: entity.Device, Label: "fin-01", Critical: true, FirstSeen: at(-4), LastSeen: at(-1)},
		{ID: 2, Kind: entity.File, Label: hostile, FirstSeen: at(-1), LastSeen: at(-1)},
		{ID: 3, Kind: entity.User, Label: "ada", FirstSeen: at(-1), LastSeen: at(-1)},
	}
	s.Mentions = []store.AlertEntity{
		{Alert: "a2", Entity: 2, Kind: entity.File, Verdict: "malicious", Evidence: 0},
		{Alert: "a2", Entity: 3, Kind: entity.User, Evidence: 1},
		{Alert: "a2", Entity: 1, Kind: entity.Device, Impacted: true, Roles: []string{"compromised"}, Evidence: 2},
		{Alert: "a2", Entity: 1, Kind: entity.Device, Impacted: true, Evidence: 3},
		{Alert: "a1", Entity: 1, Kind: entity.Device, Evidence: 0},
	}
	s.Entries = []incident.Activity{{ID: 1, Incident: 1, At: at(-3), Actor: incident.Correlation, Kind: incident.Created, Text: "Created."}}
	s.Chores = []incident.Task{
		{ID: 30, Incident: 1, Title: "Ask <b>Ada</b>", Description: "by phone", Status: incident.TaskNew, Position: 1, CreatedAt: at(-3), CreatedBy: incident.Actor{Kind: incident.ByUser, Name: "the-analyst"},
			UpdatedAt: at(-3), UpdatedBy: incident.Actor{Kind: incident.ByUser, Name: "the-analyst"}, Version: 1},
		{ID: 29, Incident: 1, Title: "Isolate the device", Status: incident.TaskCompleted, Position: 2, CreatedAt: at(-4), CreatedBy: incident.Actor{Kind: incident.ByAutomation, Name: "playbook"},
			UpdatedAt: at(-1), UpdatedBy: incident.Actor{Kind: incident.ByUser, Name: "the-analyst"}, CompletedAt: at(-1), CompletedBy: incident.Actor{Kind: incident.ByUser, Name: "the-analyst"}, Version: 2},
	}
	s.Merged = []incident.Merge{{ID: 1, Source: 2, Target: 1, At: at(-2), Actor: incident.Correlation}}
	s.Dead = []store.Reject{{ID: 1, At: at(-2), Source: "graph", Origin: "192.0.2.7", Record: 3, Field: "/title", Reason: "too large", Raw: []byte("{}"), RawBytes: 2}}
	s.Balance = map[string]store.Intake{"graph": {Received: 3, New: 1, Updated: 1, Rejected: 1}, "wazuh": {Received: 2, New: 1}}
	s.Versions = []store.SettingsVersion{
		settingsVersion(2, incident.Actor{Kind: incident.ByUser, Name: "the-admin"}, correlate.Settings{
			Default: correlate.RuleEnabled,
			Rules: []correlate.RuleControl{
				{Rule: "r1", State: correlate.RuleDisabled, Grouping: &correlate.Grouping{Window: 600, Match: correlate.MatchAny}}, {Rule: "unseen scan", State: correlate.RuleDisabled},
			},
			Exclude: []correlate.Exclusion{{Kind: correlate.ExcludeDomain, Value: "scanner.example", Note: hostile}},
			Assets:  []correlate.AssetCriticality{{Value: "fin-01", Level: correlate.CriticalityCritical}},
		}, hostile),
		settingsVersion(1, incident.Actor{Kind: incident.ByUser, Name: "the-admin"}, correlate.Settings{Default: correlate.RuleDisabled}, ""),
	}
	s.Counts = []store.RuleCount{
		{Rule: "r1", Title: "Port scan", Product: "P", Alerts: 9, Incidents: 2, Excluded: 3, First: at(-9), Last: at(-1)},
		{Rule: "r2", Title: hostile, Alerts: 2, Incidents: 1, Tag: correlate.RuleDisabled, First: at(-9), Last: at(-2)},
		{Rule: "r3", Title: "Sign-in", Alerts: 1, Incidents: 1, First: at(-9), Last: at(-9)},
	}
	s.Pairs = []store.Suggestion{{ID: 5, State: store.SuggestionOpen, At: at(-1), Suggestion: correlate.Suggestion{
		Pair: correlate.Pair{A: 1, B: 2}, Kind: correlate.SuggestNear, Score: 0.62, Alert: "a2", Link: link,
	}}}
	s.Hours = []store.HourCount{{Hour: at(-3), Alerts: 1, Incidents: 1}, {Hour: at(-100), Alerts: 5}}
	s.Past = []store.Backtest{{ID: 1, State: store.BacktestDone, By: "the-analyst", CreatedAt: at(-2), EndedAt: at(-1), Proposal: backtest.Proposal{Days: 7}, Done: 9, Total: 9,
		Findings: &backtest.Findings{From: at(-100), To: at(-1), InForce: backtest.Judgement{Decided: 2, Confirmed: 1, BestF1: 0.5}, Difference: backtest.Difference{
			Alerts: 2, Before: backtest.Shape{Incidents: 2, Single: 2, Largest: 1}, After: backtest.Shape{Incidents: 1, Largest: 2}, Elsewhere: 1, Merging: 1, Vanished: 1,
			Merges: []backtest.Regrouping{{Whole: backtest.AlertSet{Incident: 1, Alerts: 2, Sample: []string{"a1", "a2"}}, Count: 2,
				Parts: []backtest.AlertSet{{Incident: 1, Alerts: 1, Sample: []string{"a1"}}, {Incident: 2, Alerts: 1, Sample: []string{"a2"}}}}}}}}}
	s.Kept = []store.Model{
		{ID: 1, Version: hostile, Origin: store.ModelUploaded, State: store.ModelReady, Trained: hostile, By: "the-analyst", CreatedAt: at(-9), Size: 2, Digest: "00ff"},
		{ID: 2, Version: "ours", Origin: store.ModelTrained, State: store.ModelTraining, By: "the-analyst", CreatedAt: at(-1), Done: 3, Total: 11},
	}
	s.Files = map[int64][]byte{1: []byte(smallModel("first"))}
	s.Facets = store.Facets{Total: 2, Fields: map[string][]store.Facet{"status": {{Value: "active", Count: 2}}}}
}
