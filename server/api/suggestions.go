package api

import (
	"context"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/story"
)

type listSuggestionsInput struct {
	InIncident
	State []store.SuggestionState `query:"state,explode" maxItems:"4" doc:"open when left out."`
}

// Suggested is a suggestion as one of its incidents shows it.
type Suggested struct {
	store.Suggestion
	Other incident.Incident `json:"other" doc:"The incident that may be related."`
	Why   []string          `json:"why" doc:"What speaks for it, in words. Foreign names inside."`
	Facts []string          `json:"facts" doc:"What decided the score, in words, the strongest first. Foreign names inside."`
	Kept  string            `json:"keptApart" doc:"Why the two were not simply merged, in words."`
}

type suggestionInput struct {
	InWorkspace
	ID   int64 `path:"id" minimum:"1"`
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"1000"`
	}
}

func (in *suggestionInput) reason() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Reason
}

// Accepted is what accepting a suggestion made.
type Accepted struct {
	Suggestion store.Suggestion     `json:"suggestion"`
	Target     correlate.IncidentID `json:"target" doc:"The incident that the other went into."`
	Merge      incident.Merge       `json:"merge" doc:"POST /merges/{mergeId}/undo takes it back."`
}

func (s *service) suggestionOperations() {
	tag := "correlation"
	add(s, operation{id: "listSuggestions", tag: tag, route: "GET /incidents/{id}/suggestions", summary: "Which other incidents may be related", need: auth.Read,
		doc: "By score. Each says why, and why the two were not merged."}, s.listSuggestions)
	add(s, operation{id: "acceptSuggestion", tag: tag, route: "POST /suggestions/{id}/accept", summary: "Merge the two incidents of a suggestion", need: auth.Write, errors: []int{409}}, s.acceptSuggestion)
	add(s, operation{id: "rejectSuggestion", tag: tag, route: "POST /suggestions/{id}/reject", summary: "Say that the two incidents of a suggestion are not related", need: auth.Write, errors: []int{409},
		doc: "The engine neither merges nor suggests them again."}, s.rejectSuggestion)
	add(s, operation{id: "reopenSuggestion", tag: tag, route: "POST /suggestions/{id}/reopen", summary: "Take the rejection of a suggestion back", need: auth.Write, errors: []int{409}}, s.reopenSuggestion)
}

func (s *service) listSuggestions(ctx context.Context, in *listSuggestionsInput) (*ListOutput[Suggested], error) {
	if err := s.exists(ctx, in.InIncident); err != nil {
		return nil, err
	}
	states := in.State
	if len(states) == 0 {
		states = []store.SuggestionState{store.SuggestionOpen}
	}
	found, err := s.Store.Suggestions(ctx, in.Workspace, in.id(), states)
	if err != nil {
		return nil, err
	}
	out := &ListOutput[Suggested]{Body: List[Suggested]{Items: []Suggested{}}}
	for _, x := range found {
		row, err := s.suggested(ctx, in.InIncident, x)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, row)
	}
	return out, nil
}

func (s *service) suggested(ctx context.Context, in InIncident, x store.Suggestion) (Suggested, error) {
	id := x.A
	if id == in.id() {
		id = x.B
	}
	other, err := s.Store.Incident(ctx, in.Workspace, id)
	if err != nil {
		return Suggested{}, err
	}
	row := Suggested{Suggestion: x, Other: other, Kept: keptApart(x.Suggestion)}
	alerts, err := s.Store.AlertsByID(ctx, in.Workspace, append([]string{x.Alert}, peersOf(x.Link)...))
	if err != nil {
		return Suggested{}, err
	}
	for _, a := range alerts {
		if a.ID == x.Alert {
			tying := storyAlert(&a)
			tying.Link = x.Link
			row.Why = story.Because(tying, peersIn(alerts))
		}
	}
	for _, f := range x.Link.Facts {
		if f.Text != "" {
			row.Facts = append(row.Facts, f.Text)
		}
	}
	return row, nil
}

func peersOf(l correlate.Link) []string {
	out := make([]string, 0, len(l.Alerts)+1)
	if l.Through != nil {
		out = append(out, l.Through.ID)
	}
	for _, a := range l.Alerts {
		out = append(out, a.ID)
	}
	return out
}

func keptApart(s correlate.Suggestion) string {
	switch {
	case s.Refusal == "owner":
		return "They are assigned to different people."
	case s.Refusal != "":
		return "Their " + s.Refusal + " differs."
	case s.Kind == correlate.SuggestRival:
		return "An alert would have fitted both."
	}
	return "They fit, but not well enough to merge them unasked."
}

func (s *service) acceptSuggestion(ctx context.Context, in *suggestionInput) (*Output[Accepted], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	done, merge, err := w.AcceptSuggestion(ctx, actor(ctx), in.ID, Why{Reason: in.reason()}.reason())
	return output(Accepted{Suggestion: done, Target: merge.Target, Merge: merge}, err)
}

func (s *service) rejectSuggestion(ctx context.Context, in *suggestionInput) (*Output[store.Suggestion], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	return output(w.RejectSuggestion(ctx, actor(ctx), in.ID, in.reason()))
}

func (s *service) reopenSuggestion(ctx context.Context, in *suggestionInput) (*Output[store.Suggestion], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	return output(w.ReopenSuggestion(ctx, actor(ctx), in.ID, in.reason()))
}
