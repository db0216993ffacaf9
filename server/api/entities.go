package api

import (
	"context"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
)

type listEntitiesInput struct {
	InWorkspace
	InPage
	Kind []entity.Kind `query:"kind,explode" maxItems:"20" doc:"Only these kinds."`
	Q    string        `query:"q" maxLength:"200" doc:"Part of a label or identifier. Never a pattern."`
}

// InEntity names an entity.
type InEntity struct {
	InWorkspace
	ID int64 `path:"id" minimum:"1" doc:"The entity's number."`
}

type entityAlertsInput struct {
	InEntity
	InAlertOrder
	InPage
}

type entityIncidentsInput struct {
	InEntity
	InPage
}

func (s *service) entityOperations() {
	tag := "entities"
	add(s, operation{id: "listEntities", tag: tag, route: "GET /entities", summary: "Entities, latest seen first", need: auth.Read}, s.listEntities)
	add(s, operation{id: "getEntity", tag: tag, route: "GET /entities/{id}", summary: "One entity with its identifiers and where each was learnt", need: auth.Read,
		doc: "An entity that was found to be the same as another answers as that one."}, s.getEntity)
	add(s, operation{id: "splitEntity", tag: tag, route: "POST /entities/{id}/split", summary: "Make an entity of its own of some identifiers", need: auth.Write, errors: []int{409},
		doc: "For a wrong alias. The two are kept apart from then on, alerts mention whom they named, and open incidents that held alerts of both are weighed again: what no longer belongs leaves for a new incident, with entries in the logs. What people placed stays, and so do resolved incidents. POST /splits/{splitId}/undo takes it back."}, s.splitEntity)
	add(s, operation{id: "undoSplit", tag: tag, route: "POST /splits/{splitId}/undo", summary: "Make one entity again of one that was taken apart", need: auth.Write, errors: []int{409},
		doc: "Alerts that left their incident for the split return, unless somebody has decided otherwise since."}, s.undoSplit)
	add(s, operation{id: "entityAlerts", tag: tag, route: "GET /entities/{id}/alerts", summary: "The alerts that mention an entity", need: auth.Read}, s.entityAlerts)
	add(s, operation{id: "entityIncidents", tag: tag, route: "GET /entities/{id}/incidents", summary: "The incidents that mention an entity", need: auth.Read}, s.entityIncidents)
}

type splitEntityInput struct {
	InEntity
	Body struct {
		Identifiers []SplitIdentifier `json:"identifiers" minItems:"1" maxItems:"64" doc:"Those that are another one's, as the entity lists them."`
		Reason      string            `json:"reason,omitempty" maxLength:"2000"`
		Preview     bool              `json:"preview,omitempty" doc:"Only say what it would concern; nothing changes."`
	}
}

// SplitIdentifier names an identifier of an entity.
type SplitIdentifier struct {
	Type  string `json:"type" minLength:"1" maxLength:"64"`
	Scope string `json:"scope,omitempty" maxLength:"600"`
	Value string `json:"value" minLength:"1" maxLength:"600"`
}

type undoSplitInput struct {
	InWorkspace
	ID   int64 `path:"splitId" minimum:"1" doc:"The split's number."`
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	}
}

func (s *service) splitEntity(ctx context.Context, in *splitEntityInput) (*Output[store.EntitySplit], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	e, err := s.Store.Entity(ctx, in.Workspace, entity.ID(in.ID))
	if err != nil {
		return nil, err
	}
	ids := make([]entity.Identifier, len(in.Body.Identifiers))
	for i, id := range in.Body.Identifiers {
		ids[i] = entity.Identifier{Kind: e.Kind, Type: id.Type, Scope: id.Scope, Value: id.Value}
	}
	if in.Body.Preview {
		return output(w.PreviewSplit(ctx, e.ID, ids))
	}
	return output(w.SplitEntity(ctx, actor(ctx), e.ID, ids, in.Body.Reason))
}

func (s *service) undoSplit(ctx context.Context, in *undoSplitInput) (*Output[store.EntitySplit], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	return output(w.UndoSplit(ctx, actor(ctx), in.ID, reason))
}

func (s *service) listEntities(ctx context.Context, in *listEntitiesInput) (*ListOutput[store.Entity], error) {
	return listed(s.Store.Entities(ctx, store.EntityQuery{Workspace: in.Workspace, Kinds: in.Kind, Search: in.Q, Paging: in.paging()}))
}

func (s *service) getEntity(ctx context.Context, in *InEntity) (*Output[EntityDetail], error) {
	e, err := s.Store.Entity(ctx, in.Workspace, entity.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return output(s.entityDetail(ctx, in.Workspace, e))
}

// EntityDetail is an entity with what the inventory says of it, and where what is
// known contradicts itself.
type EntityDetail struct {
	store.Entity
	Assets    []store.InventoryAsset `json:"assets" doc:"What the inventory says; several when it names the entity more than once."`
	Conflicts []entity.Conflict      `json:"conflicts" doc:"The latest 50."`
	Splits    []store.EntitySplit    `json:"splits" doc:"Latest first, undone ones too."`
}

func (s *service) entityDetail(ctx context.Context, workspace string, e store.Entity) (EntityDetail, error) {
	out := EntityDetail{Entity: e}
	var names []entity.Identifier
	for _, l := range e.Identifiers {
		if !l.Weak() {
			names = append(names, l.Identifier)
		}
	}
	assets, err := s.Store.AssetsNamed(ctx, workspace, names)
	if err != nil {
		return out, err
	}
	for _, a := range assets {
		if a.Kind == e.Kind {
			out.Assets = append(out.Assets, a)
		}
	}
	page, err := s.Store.Conflicts(ctx, store.ConflictQuery{Workspace: workspace, Entity: e.ID})
	if err != nil {
		return out, err
	}
	out.Conflicts = page.Items
	out.Splits, err = s.Store.EntitySplits(ctx, workspace, e.ID)
	return out, err
}

func (s *service) entityAlerts(ctx context.Context, in *entityAlertsInput) (*ListOutput[AlertRow], error) {
	e, err := s.Store.Entity(ctx, in.Workspace, entity.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return s.rows(ctx, store.AlertQuery{
		Workspace: in.Workspace, Entity: e.ID, Sort: store.AlertSort(in.Sort), Asc: in.Asc, Paging: in.paging(),
	})
}

func (s *service) entityIncidents(ctx context.Context, in *entityIncidentsInput) (*ListOutput[incident.Incident], error) {
	e, err := s.Store.Entity(ctx, in.Workspace, entity.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return listed(s.Store.Incidents(ctx, store.IncidentQuery{Workspace: in.Workspace, Entity: e.ID, Sort: store.ByLastActivity, Paging: in.paging()}))
}
