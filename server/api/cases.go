package api

import (
	"context"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/workspace"
)

// Why is a person's reason for a merge or a move.
type Why struct {
	Reason  string             `json:"reason,omitempty" maxLength:"1000" doc:"In one's own words."`
	Reasons []correlate.Reason `json:"reasons,omitempty" maxItems:"17"`
}

func (w Why) reason() workspace.Reason { return workspace.Reason{Text: w.Reason, Reasons: w.Reasons} }

type mergeInput struct {
	InWorkspace
	Body struct {
		Why
		IDs []correlate.IncidentID `json:"ids" minItems:"2" maxItems:"5"`
	}
}

// MergeResult is what a merge made.
type MergeResult struct {
	Target correlate.IncidentID `json:"target" doc:"The incident that the others went into."`
	Merges []incident.Merge     `json:"merges"`
}

type undoInput struct {
	InWorkspace
	MergeID int64 `path:"mergeId" minimum:"1"`
	Body    *struct {
		Reason string `json:"reason,omitempty" maxLength:"1000"`
	}
}

// Undone is both incidents after a merge was undone.
type Undone struct {
	Source incident.Incident `json:"source"`
	Target incident.Incident `json:"target"`
}

type moveInput struct {
	InWorkspace
	Body struct {
		Why
		AlertIDs []string             `json:"alertIds" minItems:"1" maxItems:"1000" maxLength:"512"`
		Incident correlate.IncidentID `json:"incident,omitempty" minimum:"0" doc:"Into which incident; a new one when left out."`
	}
}

// Moved is the incident that alerts were moved into.
type Moved struct {
	Incident incident.Incident `json:"incident"`
}

func (s *service) caseOperations() {
	tag := "incidents"
	add(s, operation{id: "mergeIncidents", tag: tag, route: "POST /incidents/merge", summary: "Merge incidents", need: auth.Write, errors: []int{404, 409},
		doc: "Two to five. Each merge can be undone."}, s.merge)
	add(s, operation{id: "listMerges", tag: tag, route: "GET /incidents/{id}/merges", summary: "What was merged into an incident", need: auth.Read}, s.listMerges)
	add(s, operation{id: "undoMerge", tag: tag, route: "POST /merges/{mergeId}/undo", summary: "Undo a merge", need: auth.Write, errors: []int{409},
		doc: "The engine will not merge the two again."}, s.undoMerge)
	add(s, operation{id: "moveAlerts", tag: tag, route: "POST /alerts/move", summary: "Move alerts to another or a new incident", need: auth.Write, errors: []int{404, 409},
		doc: "The engine will not put them back."}, s.move)
}

func (s *service) merge(ctx context.Context, in *mergeInput) (*Output[MergeResult], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	target, merges, err := w.Merge(ctx, actor(ctx), in.Body.IDs, in.Body.reason())
	return output(MergeResult{Target: target, Merges: merges}, err)
}

func (s *service) listMerges(ctx context.Context, in *InIncident) (*ListOutput[incident.Merge], error) {
	if err := s.exists(ctx, *in); err != nil {
		return nil, err
	}
	merges, err := s.Store.MergesInto(ctx, in.Workspace, in.id())
	if err != nil {
		return nil, err
	}
	return &ListOutput[incident.Merge]{Body: List[incident.Merge]{Items: merges}}, nil
}

func (s *service) undoMerge(ctx context.Context, in *undoInput) (*Output[Undone], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	source, target, err := w.UndoMerge(ctx, actor(ctx), in.MergeID, reason)
	return output(Undone{Source: source, Target: target}, err)
}

func (s *service) move(ctx context.Context, in *moveInput) (*Output[Moved], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	i, err := w.Move(ctx, actor(ctx), in.Body.AlertIDs, in.Body.Incident, in.Body.reason())
	return output(Moved{Incident: i}, err)
}
