package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// AlertRow is an alert as lists show it.
type AlertRow struct {
	ID              string               `json:"id"`
	Source          string               `json:"source"`
	Title           string               `json:"title" doc:"Foreign text."`
	Severity        string               `json:"severity"`
	Status          string               `json:"status"`
	Classification  string               `json:"classification"`
	Determination   string               `json:"determination"`
	Owner           string               `json:"owner"`
	Category        string               `json:"category"`
	Tactics         []string             `json:"tactics"`
	Techniques      []string             `json:"techniques"`
	Product         string               `json:"product"`
	ServiceSource   string               `json:"serviceSource"`
	DetectionSource string               `json:"detectionSource"`
	Rule            string               `json:"rule"`
	FirstActivity   time.Time            `json:"firstActivity"`
	LastActivity    time.Time            `json:"lastActivity"`
	Received        time.Time            `json:"received"`
	Incident        correlate.IncidentID `json:"incident"`
	Link            correlate.Link       `json:"link"`
	Why             string               `json:"why,omitempty" doc:"Why it is in its incident, in a sentence. Foreign names inside. Only with an incident's alerts, one alert, and explanations."`
	Excluded        bool                 `json:"excluded,omitempty" doc:"Its rule was excluded from correlation when it came."`
	Entities        []EntityMention      `json:"entities,omitempty" doc:"The most important ones, impacted first."`
}

// EntityMention is an entity as one alert mentions it.
type EntityMention struct {
	ID       entity.ID   `json:"id"`
	Kind     entity.Kind `json:"kind"`
	Label    string      `json:"label" doc:"Foreign text."`
	Impacted bool        `json:"impacted"`
	Critical bool        `json:"critical,omitempty"`
	Roles    []string    `json:"roles,omitempty"`
	Verdict  string      `json:"verdict,omitempty"`
	Evidence int         `json:"evidence" doc:"Index into the alert's evidence; -1 when it is only named inside another item."`
}

// AlertDetail is everything about one alert.
type AlertDetail struct {
	Row      AlertRow        `json:"row"`
	Alert    json.RawMessage `json:"alert" doc:"The normal form: the alert resource of Microsoft Graph security."`
	Raw      string          `json:"raw,omitempty" doc:"The record as it was received, when it differs."`
	Entities []EntityMention `json:"entities"`
}

type listAlertsInput struct {
	AlertFilter
	InAlertOrder
	InPage
}

// InAlert names an alert.
type InAlert struct {
	InWorkspace
	ID string `path:"id" minLength:"1" maxLength:"512" doc:"The alert's id."`
}

// AlertPatch changes the case work of alerts; fields that are left out stay.
type AlertPatch struct {
	Status         *string `json:"status,omitempty" enum:"new,inProgress,resolved"`
	Classification *string `json:"classification,omitempty" enum:"unknown,truePositive,falsePositive,informationalExpectedActivity"`
	Determination  *string `json:"determination,omitempty" maxLength:"64"`
	Owner          *string `json:"owner,omitempty" maxLength:"64" doc:"A user name, \"me\", or empty for nobody."`
	Comment        *string `json:"comment,omitempty" maxLength:"30000"`
}

type patchAlertInput struct {
	InAlert
	Body AlertPatch
}

type updateAlertsInput struct {
	InWorkspace
	Body struct {
		IDs   []string   `json:"ids" minItems:"1" maxItems:"1000" maxLength:"512"`
		Patch AlertPatch `json:"patch"`
	}
}

// Count says how many were changed.
type Count struct {
	Updated int `json:"updated"`
}

func (s *service) alertOperations() {
	tag := "alerts"
	add(s, operation{id: "listAlerts", tag: tag, route: "GET /alerts", summary: "Alerts", need: auth.Read}, s.listAlerts)
	add(s, operation{id: "alertFacets", tag: tag, route: "GET /alerts/facets", summary: "How many alerts have which value", need: auth.Read}, s.alertFacets)
	add(s, operation{id: "getAlert", tag: tag, route: "GET /alerts/{id}", summary: "One alert with its evidence", need: auth.Read}, s.getAlert)
	add(s, operation{id: "updateAlert", tag: tag, route: "PATCH /alerts/{id}", summary: "Change an alert's case work", need: auth.Write, errors: []int{409}}, s.updateAlert)
	add(s, operation{id: "updateAlerts", tag: tag, route: "POST /alerts/update", summary: "Change many alerts alike, all or none", need: auth.Write, errors: []int{404, 409}}, s.updateAlerts)
	add(s, operation{id: "explainAlert", tag: tag, route: "GET /alerts/{id}/explain", summary: "Why an alert is in its incident", need: auth.Read}, s.explainAlert)
}

func (s *service) listAlerts(ctx context.Context, in *listAlertsInput) (*ListOutput[AlertRow], error) {
	q := in.AlertFilter.query(ctx)
	q.Paging, q.Sort, q.Asc = in.paging(), store.AlertSort(in.Sort), in.Asc
	return s.rows(ctx, q)
}

func (s *service) alertFacets(ctx context.Context, in *AlertFilter) (*Output[store.Facets], error) {
	return output(s.Store.AlertFacets(ctx, in.query(ctx)))
}

// rows reads a page of alerts with their most important entities.
func (s *service) rows(ctx context.Context, q store.AlertQuery) (*ListOutput[AlertRow], error) {
	q.Brief = true
	page, err := s.Store.Alerts(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.withEntities(ctx, q.Workspace, page.Items)
	return listed(store.Page[AlertRow]{Items: rows, Next: page.Next}, err)
}

const topEntities = 6

func (s *service) withEntities(ctx context.Context, workspace string, alerts []store.Alert) ([]AlertRow, error) {
	rows := make([]AlertRow, 0, len(alerts))
	ids := make([]string, 0, len(alerts))
	for i := range alerts {
		rows = append(rows, row(&alerts[i]))
		ids = append(ids, alerts[i].ID)
	}
	mentions, err := s.mentions(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		m := distinct(mentions[rows[i].ID])
		rows[i].Entities = m[:min(len(m), topEntities)]
	}
	return rows, nil
}

func row(a *store.Alert) AlertRow {
	return AlertRow{
		ID: a.ID, Source: a.Source, Title: a.Title, Severity: a.Severity, Status: a.Status, Classification: a.Classification,
		Determination: a.Determination, Owner: a.Owner, Category: a.Category, Tactics: a.Tactics, Techniques: a.Techniques,
		Product: a.Product, ServiceSource: a.ServiceSource, DetectionSource: a.DetectionSource, Rule: a.Rule,
		FirstActivity: a.FirstActivity, LastActivity: a.LastActivity, Received: a.Received, Incident: a.Incident, Link: a.Link, Excluded: a.Excluded,
	}
}

// mentions gives the entities of alerts by alert: impacted first, assets first.
func (s *service) mentions(ctx context.Context, workspace string, alerts []string) (map[string][]EntityMention, error) {
	if len(alerts) == 0 {
		return nil, nil
	}
	rows, err := s.Store.AlertEntities(ctx, workspace, alerts)
	if err != nil {
		return nil, fmt.Errorf("reading the entities of alerts: %w", err)
	}
	known, err := s.entitiesOf(ctx, workspace, rows)
	if err != nil {
		return nil, err
	}
	out := map[string][]EntityMention{}
	for _, r := range rows {
		e := known[r.Entity]
		out[r.Alert] = append(out[r.Alert], EntityMention{
			ID: r.Entity, Kind: r.Kind, Label: e.Label, Impacted: r.Impacted, Critical: e.Critical,
			Roles: r.Roles, Verdict: r.Verdict, Evidence: r.Evidence,
		})
	}
	for _, m := range out {
		slices.SortStableFunc(m, byImportance)
	}
	return out, nil
}

func (s *service) entitiesOf(ctx context.Context, workspace string, rows []store.AlertEntity) (map[entity.ID]store.Entity, error) {
	var ids []entity.ID
	for _, r := range rows {
		ids = append(ids, r.Entity)
	}
	slices.Sort(ids)
	list, err := s.Store.EntitiesByID(ctx, workspace, slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("reading entities: %w", err)
	}
	out := make(map[entity.ID]store.Entity, len(list))
	for _, e := range list {
		out[e.ID] = e
	}
	return out, nil
}

func byImportance(a, b EntityMention) int {
	rank := func(m EntityMention) int {
		switch {
		case m.Impacted:
			return 0
		case m.Kind.Asset():
			return 1
		}
		return 2
	}
	return cmp.Or(rank(a)-rank(b), cmp.Compare(a.Evidence, b.Evidence), cmp.Compare(a.ID, b.ID))
}

// distinct keeps the first mention of each entity.
func distinct(list []EntityMention) []EntityMention {
	seen := map[entity.ID]bool{}
	var out []EntityMention
	for _, m := range list {
		if !seen[m.ID] {
			seen[m.ID] = true
			out = append(out, m)
		}
	}
	return out
}

func (s *service) getAlert(ctx context.Context, in *InAlert) (*Output[AlertDetail], error) {
	return output(s.detail(ctx, in.Workspace, in.ID))
}

func (s *service) detail(ctx context.Context, workspace, id string) (AlertDetail, error) {
	a, err := s.Store.Alert(ctx, workspace, id)
	if err != nil {
		return AlertDetail{}, err
	}
	mentions, err := s.mentions(ctx, workspace, []string{id})
	if err != nil {
		return AlertDetail{}, err
	}
	d := AlertDetail{Row: row(&a), Alert: a.Normal, Raw: strings.ToValidUTF8(string(a.Raw), "\uFFFD"), Entities: mentions[id]}
	top := distinct(d.Entities)
	d.Row.Entities = top[:min(len(top), topEntities)]
	d.Row.Why, err = s.why(ctx, workspace, &a)
	return d, err
}

func (s *service) alertPatch(ctx context.Context, p AlertPatch) (workspace.AlertPatch, error) {
	owner, err := s.owner(ctx, p.Owner)
	return workspace.AlertPatch{Status: p.Status, Owner: owner, Classification: p.Classification, Determination: p.Determination, Comment: p.Comment}, err
}

func (s *service) change(ctx context.Context, name string, ids []string, patch AlertPatch) (int, error) {
	w, err := s.of(name)
	if err != nil {
		return 0, err
	}
	p, err := s.alertPatch(ctx, patch)
	if err != nil {
		return 0, err
	}
	slices.Sort(ids)
	return w.UpdateAlerts(ctx, actor(ctx), slices.Compact(ids), p)
}

func (s *service) updateAlert(ctx context.Context, in *patchAlertInput) (*Output[AlertDetail], error) {
	if _, err := s.change(ctx, in.Workspace, []string{in.ID}, in.Body); err != nil {
		return nil, err
	}
	return output(s.detail(ctx, in.Workspace, in.ID))
}

func (s *service) updateAlerts(ctx context.Context, in *updateAlertsInput) (*Output[Count], error) {
	n, err := s.change(ctx, in.Workspace, in.Body.IDs, in.Body.Patch)
	return output(Count{Updated: n}, err)
}
