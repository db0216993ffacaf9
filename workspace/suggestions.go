package workspace

import (
	"context"
	"errors"
	"fmt"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/store"
)

// AcceptSuggestion merges the two incidents of an open suggestion. The merge can
// be undone like any other.
func (w *Workspace) AcceptSuggestion(ctx context.Context, actor incident.Actor, id int64, why Reason) (store.Suggestion, incident.Merge, error) {
	var out store.Suggestion
	var merge incident.Merge
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		s, err := p.decide(ctx, id, store.SuggestionOpen)
		if err != nil {
			return err
		}
		target, sources, err := p.direct(ctx, []correlate.IncidentID{s.A, s.B})
		if err != nil {
			return err
		}
		if err := p.mergeByHand(ctx, target, sources); err != nil {
			return err
		}
		if why.Text == "" {
			why.Text = "Accepted the suggestion that the two are related."
		}
		link := s.Link
		if merge, err = p.merge(ctx, target, sources[0], note{actor: actor, reason: why, link: &link, cause: correlate.LinkedAlert{ID: s.Alert, Score: link.Score}}); err != nil {
			return err
		}
		s.State, s.DecidedAt, s.DecidedBy, s.Reason, s.Merge = store.SuggestionAccepted, p.at, actor.Name, why.Text, merge.ID
		out = p.putSuggestion(s)
		return nil
	})
	return out, merge, err
}

// RejectSuggestion says that the two incidents of an open suggestion are not
// related: the engine neither merges nor suggests them again.
func (w *Workspace) RejectSuggestion(ctx context.Context, actor incident.Actor, id int64, reason string) (store.Suggestion, error) {
	return w.settleSuggestion(ctx, actor, id, reason, false)
}

// ReopenSuggestion takes a rejection back.
func (w *Workspace) ReopenSuggestion(ctx context.Context, actor incident.Actor, id int64, reason string) (store.Suggestion, error) {
	return w.settleSuggestion(ctx, actor, id, reason, true)
}

func (w *Workspace) settleSuggestion(ctx context.Context, actor incident.Actor, id int64, reason string, back bool) (store.Suggestion, error) {
	from, to, kind := store.SuggestionOpen, store.SuggestionRejected, correlate.CommandReject
	if back {
		from, to, kind = store.SuggestionRejected, store.SuggestionOpen, correlate.CommandUnreject
	}
	var out store.Suggestion
	err := w.do(ctx, func(ctx context.Context, p *plan) error {
		s, err := p.decide(ctx, id, from)
		if err != nil {
			return err
		}
		a, b, err := p.heads(ctx, s.Pair)
		if err != nil {
			return err
		}
		if err := incident.CanReject(a, b); err != nil {
			return err
		}
		if _, err := p.command(ctx, correlate.Command{Kind: kind, Incident: s.A, Sources: []correlate.IncidentID{s.B}}); err != nil {
			return err
		}
		if !back {
			p.part(s.A, s.B)
		} else if err := p.unpart(ctx, s.A, s.B); err != nil {
			return err
		}
		p.log(incident.RejectionLog(incident.Rejection{A: a, B: b, Back: back, At: p.at, Actor: actor, Reason: reason})...)
		s.State, s.DecidedAt, s.DecidedBy, s.Reason, s.Merge = to, p.at, actor.Name, reason, 0
		out = p.putSuggestion(s)
		return nil
	})
	return out, err
}

// decide reads a suggestion that must be in a state.
func (p *plan) decide(ctx context.Context, id int64, state store.SuggestionState) (store.Suggestion, error) {
	s, err := p.w.opt.Store.Suggestion(ctx, p.w.opt.Name, id)
	if err != nil {
		return s, err
	}
	if s.State != state {
		return s, incident.Undecided(string(s.State), string(state))
	}
	return s, nil
}

// heads reads both incidents of a pair without entering them into the change.
func (p *plan) heads(ctx context.Context, pair correlate.Pair) (a, b incident.Incident, err error) {
	fa, err := p.load(ctx, pair.A)
	if err != nil {
		return a, b, err
	}
	fb, err := p.load(ctx, pair.B)
	if err != nil {
		return a, b, err
	}
	return fa.head, fb.head, nil
}

// command hands a command to the engine and takes over what it says of suggestions.
func (p *plan) command(ctx context.Context, c correlate.Command) (correlate.Outcome, error) {
	out, err := p.apply(ctx, c)
	if err != nil {
		return out, err
	}
	return out, p.suggest(ctx, &out)
}

// suggest takes over which pairs the engine suggests and which no longer.
func (p *plan) suggest(ctx context.Context, out *correlate.Outcome) error {
	for _, pair := range out.Withdrawn {
		if err := p.withdraw(ctx, pair); err != nil {
			return err
		}
	}
	for _, s := range out.Suggestions {
		both, err := p.exist(ctx, s.Pair)
		if err != nil {
			return err
		}
		if both {
			p.told++
			p.putSuggestion(store.Suggestion{ID: p.change.Seq<<8 | p.told&0xff, Suggestion: s, State: store.SuggestionOpen, At: p.at})
		}
	}
	return nil
}

// exist says whether both incidents were ever kept. One that the engine made for
// an alert which did not stay there never was.
func (p *plan) exist(ctx context.Context, pair correlate.Pair) (bool, error) {
	for _, id := range []correlate.IncidentID{pair.A, pair.B} {
		if p.touched[id] != nil {
			continue
		}
		if _, err := p.load(ctx, id); errors.Is(err, store.ErrNotFound) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return true, nil
}

// putSuggestion enters a suggestion into the change; the last word about a pair
// counts. The store keeps the id that the pair had.
func (p *plan) putSuggestion(s store.Suggestion) store.Suggestion {
	if _, planned := p.suggestions[s.Pair]; !planned {
		p.suggested = append(p.suggested, s.Pair)
	}
	p.suggestions[s.Pair] = s
	return s
}

// suggestionOf is the suggestion of a pair as this plan leaves it.
func (p *plan) suggestionOf(ctx context.Context, pair correlate.Pair) (store.Suggestion, bool, error) {
	if s, ok := p.suggestions[pair]; ok {
		return s, true, nil
	}
	if p.behind != nil {
		if s, ok := p.behind.plan.suggestions[pair]; ok {
			return s, true, nil
		}
	}
	s, err := p.w.opt.Store.SuggestionOf(ctx, p.w.opt.Name, pair)
	if errors.Is(err, store.ErrNotFound) {
		return s, false, nil
	}
	return s, err == nil, err
}

// withdraw ends an open suggestion.
func (p *plan) withdraw(ctx context.Context, pair correlate.Pair) error {
	s, known, err := p.suggestionOf(ctx, pair)
	if err != nil {
		return err
	}
	if known && s.State == store.SuggestionOpen {
		s.State = store.SuggestionWithdrawn
		p.putSuggestion(s)
	}
	return nil
}

// withdrawAll ends the open suggestions of incidents that were closed or merged
// away. The engine does so too for those that it remembers.
func (p *plan) withdrawAll(ctx context.Context) error {
	for _, id := range p.order {
		if s := p.touched[id].head.Status; p.created[id] || s != incident.Resolved && s != incident.Redirected {
			continue
		}
		open, err := p.w.opt.Store.Suggestions(ctx, p.w.opt.Name, id, []store.SuggestionState{store.SuggestionOpen})
		if err != nil {
			return fmt.Errorf("reading the suggestions of incident %d: %w", id, err)
		}
		for _, s := range append(open, p.plannedSuggestions(id)...) {
			if err := p.withdraw(ctx, s.Pair); err != nil {
				return err
			}
		}
	}
	return nil
}

// plannedSuggestions lists those of an incident in this plan and in the batch that
// it stands on.
func (p *plan) plannedSuggestions(id correlate.IncidentID) []store.Suggestion {
	var out []store.Suggestion
	of := func(from *plan) {
		for _, pair := range from.suggested {
			if pair.A == id || pair.B == id {
				out = append(out, from.suggestions[pair])
			}
		}
	}
	of(p)
	if p.behind != nil {
		of(p.behind.plan)
	}
	return out
}

// finish makes the change whole. Nothing is added to it afterwards.
func (p *plan) finish(ctx context.Context) error {
	p.complete()
	if err := p.withdrawAll(ctx); err != nil {
		return err
	}
	for _, pair := range p.suggested {
		p.change.Suggestions = append(p.change.Suggestions, p.suggestions[pair])
	}
	return nil
}

// unaccept marks the suggestion of a merge that was undone as rejected: that is
// what the engine holds it for.
func (p *plan) unaccept(ctx context.Context, actor incident.Actor, m incident.Merge, reason string) error {
	pair := correlate.Pair{A: min(m.Source, m.Target), B: max(m.Source, m.Target)}
	s, known, err := p.suggestionOf(ctx, pair)
	if err != nil || !known || s.State != store.SuggestionAccepted || s.Merge != m.ID {
		return err
	}
	s.State, s.DecidedAt, s.DecidedBy, s.Reason, s.Merge = store.SuggestionRejected, p.at, actor.Name, reason, 0
	p.putSuggestion(s)
	return nil
}
