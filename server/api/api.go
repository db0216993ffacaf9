// Package api is the native HTTP API: /api/v1, described by an OpenAPI 3.1
// document that is generated from the Go types of the operations, so the two
// can't disagree.
//
// An operation is declared once, with the permission that it needs; the
// declaration makes the route, the check, the document and the errors. Whatever
// goes wrong comes back as a problem (RFC 9457) that says what to do next and
// never shows what is inside.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/live"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/workspace"
)

// Base is where the operations live.
const Base = "/api/v1"

// Store is what the API reads by itself. Everything that changes cases goes
// through a Workspace.
type Store interface {
	store.Cases
	store.Inventory
	store.Controls
	store.Accounts
	store.Backtests
	store.Models
	store.Hunting
}

// Workspace takes alerts and commands of one workspace; *workspace.Workspace is one.
type Workspace interface {
	Name() string
	Ingest(ctx context.Context, b workspace.Batch) (workspace.Receipt, error)
	ImportInventory(ctx context.Context, actor incident.Actor, b workspace.InventoryBatch) (workspace.InventoryReceipt, error)
	PreviewSplit(ctx context.Context, id entity.ID, ids []entity.Identifier) (store.EntitySplit, error)
	SplitEntity(ctx context.Context, actor incident.Actor, id entity.ID, ids []entity.Identifier, reason string) (store.EntitySplit, error)
	UndoSplit(ctx context.Context, actor incident.Actor, split int64, reason string) (store.EntitySplit, error)
	UpdateIncident(ctx context.Context, actor incident.Actor, id correlate.IncidentID, p workspace.Patch) (incident.Incident, error)
	Comment(ctx context.Context, actor incident.Actor, id correlate.IncidentID, text string) (incident.Activity, error)
	AddTask(ctx context.Context, actor incident.Actor, id correlate.IncidentID, d incident.TaskDraft) (incident.Task, error)
	UpdateTask(ctx context.Context, actor incident.Actor, id correlate.IncidentID, task int64, p incident.TaskPatch) (incident.Task, error)
	DeleteTask(ctx context.Context, actor incident.Actor, id correlate.IncidentID, task int64, version *int64) error
	UpdateAlerts(ctx context.Context, actor incident.Actor, ids []string, p workspace.AlertPatch) (int, error)
	Merge(ctx context.Context, actor incident.Actor, ids []correlate.IncidentID, why workspace.Reason) (correlate.IncidentID, []incident.Merge, error)
	UndoMerge(ctx context.Context, actor incident.Actor, merge int64, reason string) (source, target incident.Incident, err error)
	Move(ctx context.Context, actor incident.Actor, alerts []string, to correlate.IncidentID, why workspace.Reason) (incident.Incident, error)
	SetCorrelation(ctx context.Context, actor incident.Actor, s correlate.Settings, c workspace.SettingsChange) (store.SettingsVersion, error)
	SetRule(ctx context.Context, actor incident.Actor, r correlate.RuleControl, c workspace.SettingsChange) (store.SettingsVersion, error)
	RestoreCorrelation(ctx context.Context, actor incident.Actor, version int64, c workspace.SettingsChange) (store.SettingsVersion, error)
	DeleteModel(ctx context.Context, id int64) error
	AcceptSuggestion(ctx context.Context, actor incident.Actor, id int64, why workspace.Reason) (store.Suggestion, incident.Merge, error)
	RejectSuggestion(ctx context.Context, actor incident.Actor, id int64, reason string) (store.Suggestion, error)
	ReopenSuggestion(ctx context.Context, actor incident.Actor, id int64, reason string) (store.Suggestion, error)
}

// Options is what the API works with. All but Log and Now are required, unless
// only the document is wanted.
type Options struct {
	Store      Store
	Workspaces map[string]Workspace // by name; one is named "default"
	Auth       *auth.Service
	Live       map[string]*live.Hub // by workspace
	// Model is the one that the server starts with, the built-in one when nil, and
	// ModelOrigin where it comes from.
	Model       *correlate.Model
	ModelOrigin store.ModelOrigin
	Hunter      Hunter          // nil: no telemetry is kept
	Telemetry   Telemetry       // nil: no events are taken in
	Tables      UserTables      // nil likewise
	Sources     []source.Source // that ingest knows, as catalog.All lists them
	Counted     func(source string, r workspace.Receipt)
	// CountedEvents is told of each delivery of events, by the format of the address.
	CountedEvents func(format string, r ingest.Receipt)
	Now           func() time.Time
	Log           *slog.Logger
	Version       string
	PublicURL     string // without a slash at the end; empty: links are paths

	MaxCompressed, MaxRaw int64 // of one ingest request, in bytes
	MaxIngests            int   // at the same time, small ones apart
}

func (o *Options) complete() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Model == nil {
		o.Model, o.ModelOrigin = correlate.BuiltIn(), store.ModelShipped
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Counted == nil {
		o.Counted = func(string, workspace.Receipt) {}
	}
	if o.CountedEvents == nil {
		o.CountedEvents = func(string, ingest.Receipt) {}
	}
	if o.MaxCompressed == 0 {
		o.MaxCompressed = 64 << 20
	}
	if o.MaxRaw == 0 {
		o.MaxRaw = 512 << 20
	}
	if o.MaxIngests == 0 {
		o.MaxIngests = 16
	}
}

// service holds what the handlers share.
type service struct {
	Options
	api          huma.API
	ingests      chan struct{}
	smallIngests chan struct{}
	allowed      map[string]auth.Permission // by operation id
	document     func() ([]byte, error)
}

// Register adds every operation and /api/openapi.json to mux.
func Register(mux *http.ServeMux, opt Options) error {
	s := build(mux, opt)
	doc, err := s.document()
	if err != nil {
		return err
	}
	mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(doc)
	})
	mux.HandleFunc("/api/", s.unknown(mux))
	return nil
}

// Document gives the OpenAPI document, indented, the same bytes for the same code.
func Document() ([]byte, error) {
	return build(http.NewServeMux(), Options{}).document()
}

func build(mux *http.ServeMux, opt Options) *service {
	opt.complete()
	s := &service{
		Options: opt, ingests: make(chan struct{}, opt.MaxIngests), smallIngests: make(chan struct{}, opt.MaxIngests*smallPerLarge),
		allowed: map[string]auth.Permission{},
	}
	s.api = humago.New(mux, configuration())
	nameEnumerations(s.api.OpenAPI().Components.Schemas)
	s.sessionOperations()
	s.accountOperations()
	s.ingestOperations()
	s.telemetryOperations()
	s.incidentOperations()
	s.caseOperations()
	s.taskOperations()
	s.alertOperations()
	s.entityOperations()
	s.backtestOperations()
	s.inventoryOperations()
	s.overviewOperations()
	s.correlationOperations()
	s.modelOperations()
	s.huntingOperations()
	s.document = func() ([]byte, error) {
		doc, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
		if err != nil {
			return nil, fmt.Errorf("writing the API document: %w", err)
		}
		return append(doc, '\n'), nil
	}
	return s
}

const description = `The API of Clew: alerts in, incidents out. The portal uses nothing else.

Sign in with POST /api/v1/session (a cookie) or send ` + "`Authorization: Bearer clew_…`" + ` with an API token.
Times are RFC 3339 in UTC. Lists come in pages: pass ` + "`next`" + ` of one page as ` + "`cursor`" + ` of the next.
Errors are problem details (RFC 9457); ` + "`next`" + ` says what to do.
Names, titles and texts in alerts are written by whoever raised them, attackers included: show them as text only.`

func configuration() huma.Config {
	c := huma.DefaultConfig("Clew", "1")
	c.Info.Description = description
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks, c.Transformers = nil, nil
	c.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}
	c.DefaultFormat = "application/json"
	c.RejectUnknownQueryParameters = true
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: auth.CookieName, Description: "The cookie that POST /session sets."},
		"token":   {Type: "http", Scheme: "bearer", BearerFormat: "clew_<id>_<secret>", Description: "An API token."},
	}
	for _, t := range [][2]string{
		{"session", "Signing in, one's own account"}, {"accounts", "People and API tokens"},
		{"ingest", "Delivering alerts and events"}, {"incidents", "The queue and the case files"}, {"alerts", "Alerts"},
		{"entities", "Users, devices, addresses and everything else that alerts mention"},
		{"backtests", "What other settings would have made of the past"},
		{"correlation", "Controls over correlation, and what it suggests"},
		{"hunting", "Queries over the telemetry, and what people hunt with"},
		{"overview", "Counters, search, live updates"},
	} {
		c.Tags = append(c.Tags, &huma.Tag{Name: t[0], Description: t[1]})
	}
	return c
}

// jsonFormat reads strictly (no duplicate names, valid UTF-8, exact case) and
// writes missing lists as [], so that clients never meet null.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		return jsonv2.MarshalWrite(w, v, jsonv1.OmitEmptyWithLegacySemantics(true), jsonv2.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	},
	Unmarshal: func(data []byte, v any) error { return jsonv2.Unmarshal(data, v) },
}
