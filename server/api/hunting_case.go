package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry/link"
	"github.com/clew-sec/clew/telemetry/pivot"
	"github.com/clew-sec/clew/workspace"
)

type linkInput struct {
	InWorkspace
	Body struct {
		IncidentID  int64             `json:"incidentId,omitempty" minimum:"1" doc:"The incident that the alerts go into; a new one when left out."`
		Title       string            `json:"title" minLength:"1" maxLength:"500" doc:"Of the alerts, and of a new incident."`
		Description string            `json:"description,omitempty" maxLength:"4000"`
		Severity    alert.Severity    `json:"severity" enum:"informational,low,medium,high"`
		Category    string            `json:"category,omitempty" maxLength:"64"`
		Techniques  []string          `json:"techniques,omitempty" maxItems:"20" doc:"ATT&CK ids." example:"[\"T1003.001\"]"`
		Query       string            `json:"query" maxLength:"1048576" doc:"The query that found the rows; kept with the alerts."`
		Columns     []string          `json:"columns" minItems:"1" maxItems:"1000"`
		Rows        []LinkedRow       `json:"rows" minItems:"1" maxItems:"10000" doc:"Cells as the query gave them."`
		Impacted    map[string]string `json:"impacted" minProperties:"1" maxProperties:"8" doc:"Which column holds an entity, by its kind: device, user, mailbox, ip, file, process, url, mail." example:"{\"device\":\"DeviceName\"}"`
		Preview     bool              `json:"preview,omitempty" doc:"Only count the alerts; nothing changes."`
	}
}

// LinkedRow is one row of a result.
type LinkedRow []any

// Linked is what linking made.
type Linked struct {
	IncidentID correlate.IncidentID `json:"incidentId,omitempty"`
	Alerts     int                  `json:"alerts"`
	AlertIDs   []string             `json:"alertIds"`
}

func (s *service) huntingCaseOperations() {
	tag := "hunting"
	add(s, operation{id: "linkRows", tag: tag, route: "POST /hunting/link", summary: "Make alerts of rows, in an incident", need: auth.Write, maxBody: 64 << 20, errors: []int{404, 409, 422},
		doc: "One alert for each distinct combination of the marked entities, at most 500, with detection source \"manual\". Linking the same rows again updates the alerts. POST /alerts/move takes them elsewhere."}, s.linkRows)
	add(s, operation{id: "goHunt", tag: tag, route: "GET /hunting/go", summary: "Queries to start from about an entity", need: auth.Read, errors: []int{404}}, s.goHunt)
	add(s, operation{id: "entityTimeline", tag: tag, route: "GET /entities/{id}/timeline", summary: "The query behind an entity's timeline", need: auth.Read}, s.entityTimeline)
}

func (s *service) linkRows(ctx context.Context, in *linkInput) (*Output[Linked], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	if in.Body.IncidentID > 0 {
		if _, err := s.Store.Incident(ctx, in.Workspace, correlate.IncidentID(in.Body.IncidentID)); err != nil {
			return nil, err
		}
	}
	alerts, err := s.linked(ctx, in)
	if err != nil {
		return nil, err
	}
	out := Linked{Alerts: len(alerts), AlertIDs: make([]string, len(alerts))}
	for i, a := range alerts {
		out.AlertIDs[i] = a.ID
	}
	if in.Body.Preview {
		return &Output[Linked]{Body: out}, nil
	}
	if _, err := w.Ingest(ctx, workspace.Batch{Source: handMade{}.Name(), Origin: actor(ctx).Name, Results: results(alerts)}); err != nil {
		return nil, err
	}
	out.IncidentID, err = s.gather(ctx, w, in, out.AlertIDs)
	return output(out, err)
}

// linked makes the alerts of a request.
func (s *service) linked(ctx context.Context, in *linkInput) ([]*alert.Alert, error) {
	b := in.Body
	r := link.Request{
		Title: b.Title, Description: b.Description, Severity: b.Severity, Category: b.Category, Techniques: b.Techniques, Query: b.Query,
		Columns: b.Columns, Marked: map[link.Kind]int{}, Time: timeColumn(b.Columns), By: actor(ctx).Name, Now: s.Now().UTC(),
	}
	for kind, column := range b.Impacted {
		at := slices.Index(b.Columns, column)
		if at < 0 || !slices.Contains(link.Kinds(), link.Kind(kind)) {
			return nil, invalid("body.impacted."+kind, "want a kind of entity and one of the columns")
		}
		r.Marked[link.Kind(kind)] = at
	}
	for _, row := range b.Rows {
		r.Rows = append(r.Rows, texts(row))
	}
	alerts, err := link.Alerts(r)
	if err != nil {
		return nil, invalid("body.rows", err.Error())
	}
	return alerts, nil
}

// timeColumn finds the column that says when a row happened.
func timeColumn(columns []string) int {
	for _, name := range []string{"Timestamp", "TimeGenerated", "At"} {
		if i := slices.Index(columns, name); i >= 0 {
			return i
		}
	}
	return -1
}

// texts writes the cells of a row as texts.
func texts(row LinkedRow) []string {
	out := make([]string, len(row))
	for i, cell := range row {
		switch c := cell.(type) {
		case nil:
		case string:
			out[i] = c
		default:
			if text, err := json.Marshal(c); err == nil {
				out[i] = string(text)
			}
		}
	}
	return out
}

// gather brings the alerts into the incident that was asked for, or into one of
// their own.
func (s *service) gather(ctx context.Context, w Workspace, in *linkInput, ids []string) (correlate.IncidentID, error) {
	held, err := s.Store.AlertsByID(ctx, in.Workspace, ids)
	if err != nil {
		return 0, err
	}
	if len(held) == 0 {
		return 0, fmt.Errorf("linking rows: %w", workspace.ErrInvalid)
	}
	target := correlate.IncidentID(in.Body.IncidentID)
	var astray []string
	for _, a := range held {
		if a.Incident != target {
			astray = append(astray, a.ID)
		}
	}
	if len(astray) == 0 {
		return target, nil
	}
	why := Why{Reason: "Linked from a hunting query."}.reason()
	if target == 0 {
		if own, err := s.ownIncident(ctx, in.Workspace, held[0].Incident, astray); err != nil || own {
			return held[0].Incident, errors.Join(err, s.entitle(ctx, w, held[0].Incident, in.Body.Title))
		}
	}
	moved, err := w.Move(ctx, actor(ctx), astray, target, why)
	if err == nil && target == 0 {
		err = s.entitle(ctx, w, moved.ID, in.Body.Title)
	}
	return moved.ID, err
}

// ownIncident tells whether an incident consists of exactly these alerts.
func (s *service) ownIncident(ctx context.Context, ws string, id correlate.IncidentID, alerts []string) (bool, error) {
	all, err := s.Store.AlertIDs(ctx, ws, id)
	if err != nil || len(all) != len(alerts) {
		return false, err
	}
	return !slices.ContainsFunc(all, func(a string) bool { return !slices.Contains(alerts, a) }), nil
}

func (s *service) entitle(ctx context.Context, w Workspace, id correlate.IncidentID, title string) error {
	_, err := w.UpdateIncident(ctx, actor(ctx), id, workspace.Patch{Name: &title})
	return err
}

// handMade is the source of alerts that people make of what they found.
type handMade struct{}

// Name implements source.Source.
func (handMade) Name() string { return "hunting" }

// Recognise implements source.Source: no record comes this way.
func (handMade) Recognise(jsontext.Value) int { return 0 }

// Alerts implements source.Source: no record comes this way.
func (handMade) Alerts(jsontext.Value, source.Options) ([]*alert.Alert, error) { return nil, nil }

func results(alerts []*alert.Alert) iter.Seq2[reader.Result, error] {
	return func(yield func(reader.Result, error) bool) {
		for i, a := range alerts {
			if !yield(reader.Result{Record: reader.Record{Number: i + 1}, Source: handMade{}, Alerts: []*alert.Alert{a}}, nil) {
				return
			}
		}
	}
}

type goHuntInput struct {
	InWorkspace
	Entity int64     `query:"entity" minimum:"1" doc:"The entity's number; else kind, type and value."`
	Kind   string    `query:"kind" maxLength:"32" example:"device"`
	Type   string    `query:"type" maxLength:"64" doc:"Of the identifier." example:"fqdn"`
	Value  string    `query:"value" maxLength:"600"`
	At     time.Time `query:"at" doc:"The moment to look around; when the entity was last seen, or now, when left out."`
}

func (s *service) goHunt(ctx context.Context, in *goHuntInput) (*ListOutput[pivot.Query], error) {
	subject := pivot.Subject{Kind: in.Kind, Identifiers: []pivot.Identifier{{Type: in.Type, Value: in.Value}}}
	at := in.At
	if in.Entity > 0 {
		e, err := s.Store.Entity(ctx, in.Workspace, entity.ID(in.Entity))
		if err != nil {
			return nil, err
		}
		subject = subjectOf(e.Kind, e.Identifiers)
		if at.IsZero() {
			at = e.LastSeen
		}
	}
	if at.IsZero() {
		at = s.Now()
	}
	held, err := s.heldTables(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	subject.Held = held
	return &ListOutput[pivot.Query]{Body: List[pivot.Query]{Items: pivot.Queries(subject, at)}}, nil
}

type timelineInput struct {
	InEntity
	From  time.Time `query:"from" doc:"A week before to when left out."`
	To    time.Time `query:"to" doc:"Now when left out."`
	Limit int       `query:"limit" minimum:"1" maximum:"10000" default:"1000"`
}

// TimelineQuery is the query that gives an entity's timeline.
type TimelineQuery struct {
	Query string    `json:"query" doc:"Empty when no table can name such an entity, or none holds rows."`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

func (s *service) entityTimeline(ctx context.Context, in *timelineInput) (*Output[TimelineQuery], error) {
	e, err := s.Store.Entity(ctx, in.Workspace, entity.ID(in.ID))
	if err != nil {
		return nil, err
	}
	out := TimelineQuery{From: in.From, To: in.To}
	if out.To.IsZero() {
		out.To = s.Now().UTC()
	}
	if out.From.IsZero() {
		out.From = out.To.AddDate(0, 0, -7)
	}
	subject := subjectOf(e.Kind, e.Identifiers)
	if subject.Held, err = s.heldTables(ctx, in.Workspace); err != nil {
		return nil, err
	}
	out.Query = pivot.Timeline(subject, out.From, out.To, in.Limit)
	return &Output[TimelineQuery]{Body: out}, nil
}

// heldTables tells which tables hold rows.
func (s *service) heldTables(ctx context.Context, ws string) (func(string) bool, error) {
	h, err := s.hunter(ws)
	if err != nil {
		return nil, err
	}
	_, stats, err := h.Tables(ctx, ws)
	held := map[string]bool{}
	for _, t := range stats {
		held[t.Table] = t.Rows > 0
	}
	return func(table string) bool { return held[table] }, err
}

func subjectOf(kind entity.Kind, known []store.LearntIdentifier) pivot.Subject {
	out := pivot.Subject{Kind: string(kind)}
	for _, id := range known {
		out.Identifiers = append(out.Identifiers, pivot.Identifier{Type: id.Type, Value: strings.TrimSpace(id.Value)})
	}
	return out
}
